//! Counts of a block with decoys, and what two ways of bounding them share.
//!
//! Intensities are sorted: the signal first. Counts are of clicks and of wrong clicks per intensity, in the key basis and
//! in the test basis. Hoeffding's inequality puts the expected count n* within
//!
//! ```text
//!     |n* - n| <= sqrt(n_total/2 ln(1/eps))
//! ```
//!
//! of what was counted, except with probability eps per side; expected counts are linear in what n-photon pulses gave.

use ebit_random::math;

use super::budget::Budget;
use crate::entropy::binary_entropy;

/// Mean photon numbers and how often each is sent; as many as there are intensities.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Intensities<const N: usize> {
    pub mean: [f64; N],
    pub probability: [f64; N],
}

/// Clicks and wrong clicks per intensity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Counts<const N: usize> {
    pub key: [f64; N],
    pub key_wrong: [f64; N],
    pub test: [f64; N],
    pub test_wrong: [f64; N],
}

/// A key length and what it rests on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Length {
    /// Secret bits; below 0 where there is no key.
    pub bits: f64,
    pub secrecy: f64,
    /// Lower bound on clicks of empty pulses in the key basis.
    pub vacuum: f64,
    /// Lower bound on clicks of single photons in the key basis.
    pub single: f64,
    /// Upper bound on their phase error rate.
    pub phase_error: f64,
    pub qber: f64,
    /// Bits disclosed by error correction.
    pub leak: f64,
}

/// No single photon more is lacking for the greater phase error rate: where there are none the two meet.
pub const MOST_PHASE: f64 = 1.5;

/// Secret bits of single photons with this phase error rate. Where they are none the slope goes on, for searches.
fn secret(single: f64, phase: f64) -> f64 {
    if single <= 0.0 {
        single
    } else if phase >= 0.5 {
        single * (0.5 - phase)
    } else {
        single * (1.0 - binary_entropy(phase))
    }
}

impl Length {
    /// Secret bits of single photons and of all else, which may be a key without them.
    #[must_use]
    pub fn with_singles(rest: f64, single: f64, phase: f64) -> f64 {
        let secret = secret(single, phase);
        if secret < 0.0 && rest > 0.0 { rest } else { rest + secret }
    }

    /// The key of a block that rests on single photons; `leak` is what error correction tells of it.
    ///
    /// For a secrecy of so many `parts`, `bounds` says how many of the block's bits are theirs at least, and the most of their
    /// phase error rate; without any, how many are lacking. Smoothing and privacy amplification take 4 log2(parts/secrecy).
    pub fn of_single_photons(
        budget: &Budget,
        block: f64,
        qber: f64,
        leak: f64,
        parts: f64,
        mut bounds: impl FnMut(f64) -> (f64, f64),
    ) -> Self {
        let (mut least, mut most) = (0.0, 0.5);
        let tag = math::log2(2.0 / budget.correctness.0);
        let (bits, secrecy) = budget.settle(block, |secrecy| {
            let (single, phase) = bounds(secrecy);
            (least, most) = (single.max(0.0), phase.min(0.5));
            secret(single, phase) - leak - (4.0 * math::log2(parts / secrecy) + tag)
        });
        Self { bits, secrecy, vacuum: 0.0, single: least, phase_error: most, qber, leak }
    }

    /// For searches: secret bits per pulse. Without a key, what is lacking per bit of the block: per pulse that would be the
    /// least where the least is seen, in the dimmest light, and a search would go there.
    #[must_use]
    pub fn score(bits: f64, pulses: f64, block: f64) -> f64 {
        bits / if bits > 0.0 { pulses } else { block }
    }

    /// Why there is no key from these `singles`.
    #[must_use]
    pub fn why_none(&self, singles: &str) -> String {
        if self.single <= 0.0 {
            return format!("the decoys bound the {singles} by nothing at this block size: a longer block, or other decoys");
        }
        if self.phase_error >= 0.5 {
            return "the phase error of single photons is not bounded below 1/2 at this block size".into();
        }
        format!(
            "QBER {:.4} and phase error {:.4} of single photons: error correction and what Eve may know take every bit",
            self.qber, self.phase_error
        )
    }
}

impl<const N: usize> Intensities<N> {
    /// Probabilities that a pulse has no photon and one, and e^k/p_k of each intensity.
    #[must_use]
    pub fn weights(&self) -> ([f64; 2], [f64; N]) {
        let (mut none, mut one) = (0.0, 0.0);
        let mut scale = [0.0; N];
        for (at, (k, p)) in scale.iter_mut().zip(self.mean.iter().zip(&self.probability)) {
            let e = math::exp(*k);
            none += p / e;
            one += p * k / e;
            *at = e / p;
        }
        ([none, one], scale)
    }
}

/// Half-width of Hoeffding's interval.
#[must_use]
pub fn deviation(total: f64, log_inverse: f64) -> f64 {
    math::sqrt(0.5 * total * log_inverse)
}
