//! Finite keys from the uncertainty relation of smooth entropies: BB84 with single photons, and BBM92 with any source.
//!
//! Of n key bits and k test bits in the other basis (Tomamichel, Lim, Gisin and Renner 2012, doi:10.1038/ncomms1631):
//!
//! ```text
//!     l = n [1 - h(e + mu)] - leak - log2(2/(eps_sec^2 eps_cor))
//!     mu = sqrt((n + k)/(n k) (k + 1)/k ln(2/eps_sec))
//! ```
//!
//! e: the error rate of the test bits. Half of eps_sec smooths (Serfling's bound on e), half hashes. Limits: complementary
//! bases; the share of the test is fixed beforehand; lost signals are independent of the basis.

use super::budget::{Budget, Finite};
use crate::entropy::binary_entropy;
use crate::rates::KeyRate;
use ebit_random::math;

/// How the parts are spent, in words.
#[must_use]
pub fn parts(secrecy: f64, correctness: f64) -> Vec<(&'static str, f64)> {
    vec![("correctness", correctness), ("smoothing_and_phase_error", 0.5 * secrecy), ("privacy_amplification", 0.5 * secrecy)]
}

/// Upper bound on the excess of the phase error rate over the tested one.
#[must_use]
pub fn excess(n: f64, k: f64, secrecy: f64) -> f64 {
    math::sqrt((n + k) / (n * k) * (k + 1.0) / k * math::ln(2.0 / secrecy))
}

/// Key length in bits (below 0: none), its secrecy, and the bound on the phase error.
#[must_use]
pub fn length(n: f64, k: f64, tested: f64, disclosed: f64, budget: &Budget) -> (f64, f64, f64) {
    let mut phase = 0.5;
    let (bits, secrecy) = budget.settle(n, |secrecy| {
        phase = if k > 0.0 { (tested + excess(n, k, secrecy)).min(0.5) } else { 0.5 };
        let fixed = math::log2(2.0 / budget.correctness.0) - 2.0 * math::log2(secrecy);
        n * (1.0 - binary_entropy(phase)) - disclosed - fixed
    });
    (bits, secrecy, phase)
}

/// A rate per signal; `qbers` of key and test basis.
pub fn rate(finite: &Finite, test: f64, qbers: [f64; 2], disclosed: f64, signals: f64, key_basis: f64) -> KeyRate {
    let n = finite.block.0;
    let (bits, secrecy, phase) = length(n, test, qbers[1], disclosed, &finite.epsilon);
    let parts = vec![
        ("key_basis_probability", key_basis),
        ("pulses", signals),
        ("qber", qbers[0]),
        ("test_bits", test),
        ("phase_error", phase),
        ("disclosed_bits", disclosed),
        ("key_bits", bits.max(0.0)),
    ];
    let mut rate = KeyRate::new(bits / signals, parts, || {
        if phase >= 0.5 {
            return "the test bits do not bound the phase error below 1/2: a longer block, or a larger test".into();
        }
        format!("QBER {:.4} and phase error {phase:.4}: error correction and what Eve may know take every bit", qbers[0])
    });
    rate.epsilon = self::parts(secrecy, finite.epsilon.correctness.0);
    rate
}
