//! Sliced reconciliation: continuous values become labels, and labels become equal bit by bit, the lowest first.
//!
//! Van Assche, Cardinal and Cerf 2004 (doi:10.1109/TIT.2003.822618), in reverse: Bob's values are the key's.
//!
//! ```text
//!     Bob's value in one of 2^m intervals of equal width, the outer ones without end
//!     label k = sum of b_j 2^j;  slice j = all values' b_j
//!
//!     slice 0   hardly known to Alice: told as it is
//!     slice 1   known with slice 0 ...: a syndrome, decoded with how sure Alice is of each bit
//!     ...
//!     slice m-1 the sign of the value, nearly: Cascade, since short syndromes belong to words a few bits apart, too
//! ```
//!
//! Alice knows the mean of each of Bob's values, and that it is normal about it. Given the lower bits, the odds of the next
//! are sums of what the intervals left hold; the decoder starts from them, value by value. What a slice has to disclose is at
//! least the mean entropy of its bits given all Alice knows; together the slices disclose at least n H(label | mean).
//!
//! Limits: values independent of each other, Gaussian about a known mean with a known spread.

use ebit_random::math;

use super::cascade::{self, Variant};
use super::ldpc::{self, Alice, Decoder, Family, Plan};
use crate::entropy::binary_entropy;
use crate::ledger::{Ledger, Purpose};
use crate::reconcile::GoOn;

/// Slices that disclose more of their bits than this are told as they are: no code has such a rate.
const TOLD: f64 = 0.92;
/// And those that would disclose less are asked for parities: codes of so few checks have words a few bits apart.
const ASKED: f64 = 0.03;
/// Where most bits are in doubt, codes for noisy values decode better.
const DOUBTFUL: f64 = 0.35;
/// Bits of one code word.
pub const MOST_BITS: u32 = 8;

/// Where the intervals lie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cuts {
    /// m: there are 2^m intervals.
    pub bits: u32,
    /// The outer ones begin at this and its negative.
    pub reach: f64,
}

impl Cuts {
    fn count(self) -> usize {
        1 << self.bits
    }

    /// Lower end of interval k > 0.
    fn edge(self, k: usize) -> f64 {
        let inner = (self.count() - 2).max(1) as f64;
        if self.bits == 1 { 0.0 } else { self.reach * (2.0 * (k as f64 - 1.0) / inner - 1.0) }
    }

    /// The interval of a value.
    pub fn label(self, value: f64) -> u8 {
        (1..self.count()).take_while(|k| value >= self.edge(*k)).count() as u8
    }

    /// Entropy in bits of the label of a normal value about 0.
    pub fn entropy(self, spread: f64) -> f64 {
        self.chances(0.0, spread).map(|p| if p > 0.0 { -p * math::log2(p) } else { 0.0 }).sum()
    }

    /// What each interval holds of a normal law.
    fn chances(self, mean: f64, spread: f64) -> impl Iterator<Item = f64> {
        let scale = std::f64::consts::FRAC_1_SQRT_2 / spread;
        let above = move |k: usize| match k {
            0 => 1.0,
            k if k == self.count() => 0.0,
            k => 0.5 * math::erfc((self.edge(k) - mean) * scale),
        };
        let mut last = 1.0;
        (1..=self.count()).map(move |k| {
            let next = above(k);
            let held = last - next;
            last = next;
            held
        })
    }
}

/// What became of one slice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slice {
    /// Mean entropy of its bits given all that Alice knew.
    pub entropy: f64,
    pub disclosed: u64,
}

/// What Alice has in the end.
#[derive(Debug, Clone, PartialEq)]
pub struct Sliced {
    pub labels: Vec<u8>,
    pub ledger: Ledger,
    pub slices: Vec<Slice>,
    /// Whether a word was found for every slice.
    pub found: bool,
}

/// What all blocks of a key have in common.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Terms {
    pub cuts: Cuts,
    /// Standard deviation of Bob's values about what Alice expects of them.
    pub spread: f64,
    /// f: bits that a syndrome discloses over the entropy of its slice; absent: that of the codes.
    pub efficiency: Option<f64>,
    /// Of the codes' hidden bits.
    pub root: u128,
}

/// Block number `block`: `means` is what Alice expects of Bob's values, `labels` are Bob's.
pub fn reconcile(terms: &Terms, means: &[f64], labels: &[u8], block: u64, decoder: &mut Decoder, go_on: &mut GoOn<'_>) -> Sliced {
    let Terms { cuts, spread, efficiency, root } = *terms;
    let (n, count) = (means.len(), cuts.count());
    let mut chances = Vec::with_capacity(n * count);
    for mean in means {
        chances.extend(cuts.chances(*mean, spread).map(|p| p as f32));
    }
    let mut out = Sliced { labels: vec![0; n], ledger: Ledger::new(), slices: Vec::new(), found: true };
    for j in 0..cuts.bits {
        let doubts: Vec<f64> =
            chances.chunks_exact(count).zip(&out.labels).map(|(held, known)| odds(held, usize::from(*known), j)).collect();
        let entropy = doubts.iter().map(|l| binary_entropy(1.0 / (1.0 + math::exp(l.abs())))).sum::<f64>() / n as f64;
        let bob = packed(labels.iter().map(|k| k >> j & 1 == 1));
        let f = efficiency.unwrap_or_else(|| ldpc::usual_efficiency(error_of(entropy)));
        let before = out.ledger.disclosed_bits();
        let mine = if f * entropy >= TOLD {
            out.ledger.disclose(Purpose::Revealed, n as u64);
            bob
        } else if f * entropy < ASKED {
            let wrong = doubts.iter().map(|l| 1.0 / (1.0 + math::exp(l.abs()))).sum::<f64>() / n as f64;
            let guess = packed(doubts.iter().map(|l| *l > 0.0));
            // No more than one is expected: as if it were.
            let plan = cascade::Plan::new(Variant::Option7, n, wrong.max(1.0 / n as f64).min(0.25), root);
            let done = cascade::cascade(&plan, &bob, &guess, go_on);
            out.ledger.then(&done.ledger);
            done.key
        } else {
            let family = if f * entropy < DOUBTFUL { Family::Flips } else { Family::Noise };
            let plan = Plan::for_bits(family, n, f * entropy * n as f64);
            let guess = packed(doubts.iter().map(|l| *l > 0.0));
            let sure: Vec<i16> = doubts.iter().map(|l| family.belief(l.abs())).collect();
            let mut channel = Alice::new(&plan, &bob, root, block * u64::from(MOST_BITS) + u64::from(j));
            let done = ldpc::decode_unevenly(&plan, &guess, &sure, decoder, &mut channel, go_on);
            out.found &= done.found;
            out.ledger.then(&done.ledger);
            done.key
        };
        for (k, label) in out.labels.iter_mut().enumerate() {
            *label |= ((mine[k / 64] >> (k % 64) & 1) as u8) << j;
        }
        out.slices.push(Slice { entropy, disclosed: out.ledger.disclosed_bits() - before });
    }
    out
}

/// ln of the odds of bit j being 1, among the intervals whose lower bits are known.
fn odds(held: &[f32], known: usize, j: u32) -> f64 {
    let step = 1 << j;
    let (mut zero, mut one) = (f64::MIN_POSITIVE, f64::MIN_POSITIVE);
    for (number, k) in (known..held.len()).step_by(step).enumerate() {
        let p = f64::from(held[k]);
        if number % 2 == 0 { zero += p } else { one += p }
    }
    math::ln(one / zero)
}

fn packed(bits: impl Iterator<Item = bool>) -> Vec<u64> {
    let mut out = Vec::new();
    for (k, bit) in bits.enumerate() {
        if k % 64 == 0 {
            out.push(0);
        }
        if let Some(word) = out.last_mut() {
            *word |= u64::from(bit) << (k % 64);
        }
    }
    out
}

/// The error rate of this binary entropy, by bisection.
fn error_of(entropy: f64) -> f64 {
    let (mut low, mut high) = (0.0, 0.5);
    for _ in 0..40 {
        let middle = 0.5 * (low + high);
        if binary_entropy(middle) < entropy { low = middle } else { high = middle }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_intervals_in_order() {
        let cuts = Cuts { bits: 3, reach: 3.0 };
        let labels: Vec<u8> = [-9.0, -3.0, -2.9, -0.1, 0.0, 1.0, 2.9, 3.0, 9.0].iter().map(|v| cuts.label(*v)).collect();
        assert_eq!(labels, [0, 1, 1, 3, 4, 5, 6, 7, 7]);
        assert!(labels.windows(2).all(|w| w[0] <= w[1]));
    }

    #[test]
    fn intervals_hold_all_of_a_normal_law() {
        let cuts = Cuts { bits: 5, reach: 3.0 };
        for (mean, spread) in [(0.0, 1.0), (1.7, 0.4), (-8.0, 2.0)] {
            let held: Vec<f64> = cuts.chances(mean, spread).collect();
            assert_eq!(held.len(), 32);
            assert!((held.iter().sum::<f64>() - 1.0).abs() < 1e-15 && held.iter().all(|p| *p >= 0.0));
        }
        // Fine intervals: entropy of the density plus the width's logarithm.
        let fine = Cuts { bits: 8, reach: 6.0 };
        let density = 0.5 * math::log2(2.0 * std::f64::consts::PI * std::f64::consts::E);
        let width = 12.0 / 254.0;
        assert!((fine.entropy(1.0) - density + math::log2(width)).abs() < 1e-3);
    }

    #[test]
    fn odds_are_those_of_the_intervals_left() {
        let held = [0.1f32, 0.2, 0.3, 0.4];
        assert!((odds(&held, 0, 0) - math::ln(0.6 / 0.4)).abs() < 1e-6);
        assert!((odds(&held, 1, 1) - math::ln(0.4 / 0.2)).abs() < 1e-6);
    }
}
