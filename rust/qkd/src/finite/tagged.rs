//! BB84 with weak pulses and no decoys: every pulse of two photons and more may be Eve's, and of the others she sees none.
//!
//! The tagging argument of Gottesman, Lo, Lutkenhaus and Preskill 2004 (Quantum Inf. Comput. 4, 325) with counts, booked as by
//! Lim et al. 2014 (doi:10.1103/PhysRevA.89.022307). Of N pulses, n clicks with both in the key basis (chosen with probability
//! p each), k in the other with m wrong ones:
//!
//! ```text
//!     l = s [1 - h(phi)] - leak - 4 log2(9/eps_sec) - log2(2/eps_cor)
//!     s = n - N+(p^2),   s' = k - N+((1-p)^2),   N+(q): the most pulses of two and more at an expectation of N q P(n >= 2)
//!     phi: the most that m/s' leaves possible of s others ([`super::sampling`]), but with probability a1^2
//! ```
//!
//! Why: what has one photon, or none, looks the same in either basis, so the test basis is a random sample of it, whatever
//! the channel lets through; how many pulses have more is chance alone. All errors may be in what counts. The rest of the key,
//! entropy 0 or more, costs one chain rule; with privacy amplification nu, eps_sec = 2 (2 a1 + a2) + nu + 2 e, all equal.
//!
//! Limits: random phases, an exact intensity; detection does not depend on the basis.

use super::budget::Budget;
use super::chernoff::most_counted;
use super::counts::Length;
use super::sampling::most_in_rest;
use ebit_random::math;

/// Equal parts of the secrecy.
pub const PARTS: f64 = 9.0;

/// What was sent and what clicked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Counts {
    pub pulses: f64,
    pub signal: f64,
    /// Of the key basis, on either side.
    pub key_basis: f64,
    pub key: f64,
    pub test: f64,
    pub test_wrong: f64,
}

/// Probability of two photons and more, without cancellation.
#[must_use]
pub fn several(mean: f64) -> f64 {
    -math::exp_m1(-mean) - mean * math::exp(-mean)
}

/// How the parts are spent, in words.
#[must_use]
pub fn parts(secrecy: f64, correctness: f64) -> Vec<(&'static str, f64)> {
    let each = secrecy / PARTS;
    vec![
        ("correctness", correctness),
        ("smoothing_and_phase_error", 6.0 * each),
        ("privacy_amplification", each),
        ("several_photons", 2.0 * each),
    ]
}

/// Key length of a block with this error rate; `single` counts clicks of one photon or none.
#[must_use]
pub fn length(counts: &Counts, qber: f64, disclosed: f64, budget: &Budget) -> Length {
    Length::of_single_photons(budget, counts.key, qber, disclosed, PARTS, |secrecy| {
        let log = math::ln(PARTS / secrecy);
        let tagged = |share: f64| most_counted(counts.pulses * share * several(counts.signal), log);
        let other = 1.0 - counts.key_basis;
        let (single, test) = (counts.key - tagged(counts.key_basis * counts.key_basis), counts.test - tagged(other * other));
        let rate = if test > 0.0 { counts.test_wrong / test } else { 0.5 };
        let sampled = single > 0.0 && rate < 0.5;
        let part = secrecy / PARTS;
        (single, if sampled { most_in_rest(part * part, rate, test, single) } else { 0.5 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_add_up() {
        let sum: f64 = parts(0.25, 1e-3).iter().map(|(_, p)| p).sum();
        assert!((sum - 0.251).abs() < 1e-15);
    }

    #[test]
    fn several_is_all_but_none_and_one() {
        assert!((several(0.5) - (1.0 - 1.5 * math::exp(-0.5))).abs() < 1e-15);
        assert!((several(1e-6) / 5e-13 - 1.0).abs() < 1e-6);
    }

    #[test]
    fn nothing_counted_is_no_key() {
        let counts = Counts { pulses: 0.0, signal: 0.1, key_basis: 0.9, key: 0.0, test: 0.0, test_wrong: 0.0 };
        let found = length(&counts, 0.5, 0.0, &Budget::halves(1e-10));
        assert!(found.bits < 0.0 && found.single == 0.0 && found.phase_error == 0.5, "{found:?}");
    }
}
