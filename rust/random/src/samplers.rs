//! Waiting times: attempts until the first success, and time until the next event of a Poisson process.
//!
//! Both are one uniform word and one logarithm, so a stream's position after n samples is n, whatever the parameters.
//!
//! The word is used at its full 64 bits. A uniform multiple of 2^-53 would do for the bulk, but waiting times far below
//! the mean come from uniforms near 1, where a float has no more than 53 bits; there `ln_1p` of the complement keeps
//! all 64. The distribution function is therefore right to 2^-64 near 0 and to about 2^-53 elsewhere, and the longest
//! time is 64 ln 2 = 44.4 means (the mass beyond, 2^-64, sits there).

use crate::error::SamplerError;
use crate::math::{ln, ln_1p};
use crate::stream::Stream;

/// 2^-64.
const WORD: f64 = 1.0 / 18_446_744_073_709_551_616.0;

/// Exponential with mean 1 from one uniform word: -ln(1 - word / 2^64).
#[inline]
fn unit_exponential(word: u64) -> f64 {
    if word >> 60 == 0 {
        -ln_1p(-(word as f64 * WORD))
    } else {
        // 2^64 - word, exact in the integers.
        -ln(word.wrapping_neg() as f64 * WORD)
    }
}

/// The number of attempts up to and including the first success.
///
/// P(K = k) = p (1 - p)^(k - 1), k >= 1, sampled by inversion as ceil(E / -ln(1 - p)) with E exponential.
///
/// Below p = 2^-64 / k single values of k near k can no longer be told apart (the grid of K is 2^-64 / p wide near
/// 0); the distribution function stays right. Values beyond `u64::MAX` saturate there.
///
/// ```
/// use ebit_random::{Geometric, Purpose, Stream};
///
/// let geometric = Geometric::new(1.0)?;
/// assert_eq!(geometric.sample(&mut Stream::new(7, 0, 0, Purpose::LinkAttempt)), 1);
/// # Ok::<(), ebit_random::SamplerError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Geometric {
    p: f64,
    /// -1 / ln(1 - p): 0 for p = 1, infinite for p below 1e-308.
    scale: f64,
}

impl Geometric {
    /// A sampler for success probability `p` in (0, 1] per attempt.
    pub fn new(p: f64) -> Result<Geometric, SamplerError> {
        if p > 0.0 && p <= 1.0 { Ok(Geometric { p, scale: -1.0 / ln_1p(-p) }) } else { Err(SamplerError::SuccessProbability(p)) }
    }

    /// The success probability per attempt.
    pub fn p(&self) -> f64 {
        self.p
    }

    /// The number of attempts up to and including the first success; always exactly one word.
    #[inline]
    pub fn sample(&self, stream: &mut Stream) -> u64 {
        // The cast saturates, and takes the 0 * infinity of a denormal p to 0.
        ((unit_exponential(stream.next_u64()) * self.scale).ceil() as u64).max(1)
    }
}

/// The time to the next event of a Poisson process, in the inverse unit of `rate`; one word.
///
/// Exponential with mean 1 / `rate`; `rate` must be positive and finite.
#[inline]
pub fn exponential(stream: &mut Stream, rate: f64) -> Result<f64, SamplerError> {
    if rate > 0.0 && rate.is_finite() { Ok(unit_exponential(stream.next_u64()) / rate) } else { Err(SamplerError::Rate(rate)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_ends_of_the_exponential_keep_64_bits() {
        assert_eq!(unit_exponential(0), 0.0);
        assert_eq!(unit_exponential(1), WORD);
        assert_eq!(unit_exponential(3), 3.0 * WORD);
        assert_eq!(unit_exponential(u64::MAX), 64.0 * core::f64::consts::LN_2);
    }

    proptest! {
        /// Inversion keeps order, also where the two logarithms meet at 2^60.
        #[test]
        fn a_larger_word_is_a_longer_time(word in prop_oneof![any::<u64>(), (1u64 << 60) - 9..(1 << 60) + 9], step in 0u64..99) {
            prop_assert!(unit_exponential(word) <= unit_exponential(word.saturating_add(step)));
        }
    }
}
