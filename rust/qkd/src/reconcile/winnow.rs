//! Winnow: parities of blocks, and for a block that is wrong the syndrome of a Hamming code; for comparison.
//!
//! Buttler, Lamoreaux, Torgerson, Nickel, Donahue and Peterson, doi:10.1103/PhysRevA.67.052303. A block of 2^m bits with an odd
//! number of errors is known by its parity; m more bits name one place in it (the extended Hamming code): the error, if there
//! is one, and a new error where there were three. Passes with fresh orders follow, their blocks as long as
//! the wrong blocks of the last one suggest, until six in a row find nothing, or forty are done. The original throws away a bit of the key for each bit told; here the ledger counts them instead.

use ebit_random::{Lanes, Purpose as Draw, math};

use super::permutation::{Permutation, Scratch};
use crate::ledger::{Ledger, Purpose};
use crate::reconcile::GoOn;

/// Passes after which one gives up.
const MOST_PASSES: usize = 40;
/// Passes in a row that find nothing, after which one is done: two errors hide in one block of at least four with probability
/// 1/4 in each.
const CLEAN_PASSES: usize = 6;
/// Errors that a block may be expected to have.
const ERRORS_PER_BLOCK: f64 = 0.5;
/// Exponents m of block sizes.
const SHORTEST: u32 = 3;
const LONGEST: u32 = 12;

/// What both sides agree on in public: orders, and the first block size, for keys of one length and error rate.
#[derive(Debug, Clone)]
pub struct Plan {
    bits: usize,
    qber: f64,
    longest: u32,
    orders: Vec<Permutation>,
}

impl Plan {
    pub fn new(bits: usize, qber: f64, root: u128) -> Self {
        let longest = (usize::BITS - bits.leading_zeros()).saturating_sub(3).clamp(SHORTEST, LONGEST);
        let order = |pass| Permutation::random(bits, &mut Lanes::new(root, 1, pass, Draw::Reconciliation));
        Self { bits, qber, longest, orders: (0..MOST_PASSES as u64).map(order).collect() }
    }

    /// The exponent m of blocks of 2^m for an error rate.
    fn exponent(&self, rate: f64) -> u32 {
        (SHORTEST..=self.longest).rev().find(|m| f64::from(1 << m) * rate <= ERRORS_PER_BLOCK).unwrap_or(SHORTEST)
    }

    fn ordered(&self, pass: usize, m: u32, key: &[u64], scratch: &mut Scratch) -> Vec<u64> {
        let mut out = Vec::new();
        self.orders[pass].apply(key, &mut out, scratch);
        // Whole blocks, and whole words.
        out.resize(out.len().next_multiple_of(1 << m.saturating_sub(6)), 0);
        out
    }
}

/// The error rate at which so many of the blocks of 2^m have an odd number of errors: (1 - (1 - 2 rate)^(2^m)) / 2 of them.
fn rate_before(m: u32, odd: usize, blocks: usize) -> f64 {
    let share = (odd as f64 / blocks.max(1) as f64).min(0.45);
    0.5 * (1.0 - math::pow(1.0 - 2.0 * share, 1.0 / f64::from(1 << m)))
}

/// The error rate after a pass over blocks of 2^m bits: blocks with one error lose it, with three or more odd ones gain one.
fn left_after(m: u32, rate: f64) -> f64 {
    let size = f64::from(1 << m);
    // Binomial probabilities by their ratios; beyond 60 errors nothing is left to count.
    let mut probability = math::exp(size * math::ln_1p(-rate.min(0.5)));
    let mut left = 0.0;
    for errors in 0..=60 {
        let k = f64::from(errors);
        left += probability
            * if errors == 1 {
                0.0
            } else if errors % 2 == 1 {
                k + 1.0
            } else {
                k
            };
        probability *= (size - k).max(0.0) / (k + 1.0) * rate / (1.0 - rate.min(0.5));
    }
    left / size
}

/// What goes over the public channel.
pub trait Channel {
    /// The parities of all blocks of 2^m of a pass.
    fn parities(&mut self, pass: usize, m: u32) -> Vec<u8>;

    /// The syndromes of these blocks, of m bits each.
    fn syndromes(&mut self, m: u32, blocks: &[u32]) -> Vec<u32>;
}

/// Alice, who answers.
pub struct Alice<'a> {
    plan: &'a Plan,
    key: &'a [u64],
    ordered: Vec<u64>,
    scratch: Scratch,
}

impl<'a> Alice<'a> {
    pub fn new(plan: &'a Plan, key: &'a [u64]) -> Self {
        Self { plan, key, ordered: Vec::new(), scratch: Scratch::default() }
    }
}

impl Channel for Alice<'_> {
    fn parities(&mut self, pass: usize, m: u32) -> Vec<u8> {
        self.ordered = self.plan.ordered(pass, m, self.key, &mut self.scratch);
        parities(&self.ordered, m)
    }

    fn syndromes(&mut self, m: u32, blocks: &[u32]) -> Vec<u32> {
        blocks.iter().map(|block| syndrome(&self.ordered, m, *block)).collect()
    }
}

/// Parities of the blocks of 2^m bits.
fn parities(words: &[u64], m: u32) -> Vec<u8> {
    if m >= 6 {
        let parity = |block: &[u64]| (block.iter().fold(0, |sum, word| sum ^ word).count_ones() & 1) as u8;
        return words.chunks(1 << (m - 6)).map(parity).collect();
    }
    let parts = 64 >> m;
    let mask = (1 << (1 << m)) - 1;
    words.iter().flat_map(|word| (0..parts).map(move |k| ((word >> (k << m) & mask).count_ones() & 1) as u8)).collect()
}

/// The sum (XOR) of the places, counted in their block of 2^m, at which bits are set.
fn syndrome(words: &[u64], m: u32, block: u32) -> u32 {
    /// Bit b of mask j is bit j of b.
    const MASKS: [u64; 6] = [
        0xAAAA_AAAA_AAAA_AAAA,
        0xCCCC_CCCC_CCCC_CCCC,
        0xF0F0_F0F0_F0F0_F0F0,
        0xFF00_FF00_FF00_FF00,
        0xFFFF_0000_FFFF_0000,
        0xFFFF_FFFF_0000_0000,
    ];
    let low = |word: u64| MASKS.iter().enumerate().fold(0, |sum, (j, mask)| sum | ((word & mask).count_ones() & 1) << j);
    let block = block as usize;
    if m < 6 {
        let word = words[block << m >> 6] >> ((block << m) % 64) & ((1 << (1 << m)) - 1);
        return low(word);
    }
    let many = 1 << (m - 6);
    let (mut fold, mut high) = (0, 0);
    for (k, word) in words[block * many..(block + 1) * many].iter().enumerate() {
        fold ^= word;
        high ^= (k as u32) * (word.count_ones() & 1);
    }
    low(fold) | high << 6
}

/// What Bob has in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Winnowed {
    pub key: Vec<u64>,
    pub ledger: Ledger,
    pub flips: u64,
    /// Whether the last passes found nothing; else he gave up.
    pub found: bool,
}

/// Bob's side: compares, asks where he must, flips. `go_on` is asked once a pass.
pub fn correct(plan: &Plan, bob: &[u64], channel: &mut impl Channel, go_on: &mut GoOn<'_>) -> Winnowed {
    let (mut key, mut ledger, mut flips) = (bob.to_vec(), Ledger::new(), 0);
    let (mut scratch, mut clean) = (Scratch::default(), 0);
    let mut rate = plan.qber;
    for (pass, order) in plan.orders.iter().enumerate() {
        if clean == CLEAN_PASSES || !go_on() {
            break;
        }
        let m = plan.exponent(rate);
        let mine = plan.ordered(pass, m, &key, &mut scratch);
        let hers = channel.parities(pass, m);
        ledger.disclose(Purpose::Parities, hers.len() as u64);
        let wrong: Vec<u32> =
            (0..).zip(hers.iter().zip(parities(&mine, m))).filter(|(_, (hers, his))| **hers != *his).map(|(k, _)| k).collect();
        rate = left_after(m, rate_before(m, wrong.len(), hers.len()));
        if wrong.is_empty() {
            clean += 1;
            continue;
        }
        clean = 0;
        ledger.disclose(Purpose::Syndrome, wrong.len() as u64 * u64::from(m));
        for (block, hers) in wrong.iter().zip(channel.syndromes(m, &wrong)) {
            let cell = ((*block as usize) << m) + (hers ^ syndrome(&mine, m, *block)) as usize;
            // Where there were three errors or more, the place may be an empty cell.
            if cell < order.cells() {
                let bit = order.backward(cell);
                if bit < plan.bits {
                    key[bit / 64] ^= 1 << (bit % 64);
                    flips += 1;
                }
            }
        }
    }
    Winnowed { key, ledger, flips, found: clean == CLEAN_PASSES }
}

/// Both sides in one place.
pub fn winnow(plan: &Plan, alice: &[u64], bob: &[u64], go_on: &mut GoOn<'_>) -> Winnowed {
    correct(plan, bob, &mut Alice::new(plan, alice), go_on)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parities_and_syndromes_are_sums_over_places(words in proptest::collection::vec(any::<u64>(), 64), m in 3u32..=12) {
            let size = 1usize << m;
            let bit = |k: usize| words[k / 64] >> (k % 64) & 1 == 1;
            let sums = parities(&words, m);
            prop_assert_eq!(sums.len(), 4096 / size);
            for (block, parity) in sums.iter().enumerate() {
                let set: Vec<usize> = (0..size).filter(|k| bit(block * size + k)).collect();
                prop_assert_eq!(usize::from(*parity), set.len() % 2);
                let sum = set.iter().fold(0, |sum, k| sum ^ k);
                prop_assert_eq!(syndrome(&words, m, block as u32) as usize, sum);
            }
        }
    }

    #[test]
    fn one_error_in_a_block_goes() {
        assert!(left_after(3, 1e-6) < 1e-11);
        assert!((left_after(3, 0.5) - 0.5).abs() < 0.1);
        assert!(left_after(4, 0.03) < 0.012);
        assert_eq!(rate_before(5, 0, 100), 0.0);
        // One error in each tenth block of 32 is 1/320, nearly.
        assert!((rate_before(5, 100, 1000) * 320.0 - 1.0).abs() < 0.12);
    }
}
