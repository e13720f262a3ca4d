//! BB84 with two decoys, finite keys against general attacks: Lim, Curty, Walenta, Xu and Zbinden 2014,
//! doi:10.1103/PhysRevA.89.022307.
//!
//! ```text
//!     l = s0 + s1 (1 - h(phi)) - leak - 6 log2(21/eps_sec) - log2(2/eps_cor)                                  (1)
//!     s0 >= tau0 (mu2 n-(3) - mu3 n+(2))/(mu2 - mu3)                                                          (2)
//!     s1 >= tau1 mu1 [n-(2) - n+(3) - (mu2^2 - mu3^2)/mu1^2 (n+(1) - s0/tau0)]/(mu1(mu2 - mu3) - mu2^2 + mu3^2) (3)
//!     v1 <= tau1 (m+(2) - m-(3))/(mu2 - mu3)                                                                  (4)
//!     phi <= v1/s1' + gamma(eps_sec, v1/s1', s1', s1),  primed: the test basis                                (5)
//!     n+-(k) = e^k/p_k [n_k +- sqrt(n/2 ln(21/eps_sec))]
//! ```
//!
//! eps_sec = 2(2 a1 + a2 + a3) + nu + 10 e1 + 2 e2, all equal (B4). A lower count below 0 is 0: an expected count cannot be
//! negative. Limits: mu1 > mu2 + mu3, mu2 > mu3 >= 0; detection does not depend on the basis; phases are random.

use super::budget::Budget;
use super::counts::{Counts, Intensities, Length, MOST_PHASE, deviation};
use super::sampling::sampling_excess;
use ebit_random::math;

/// Equal parts of the secrecy.
pub const PARTS: f64 = 21.0;

/// How the parts are spent, in words.
#[must_use]
pub fn parts(secrecy: f64, correctness: f64) -> Vec<(&'static str, f64)> {
    let each = secrecy / PARTS;
    vec![
        ("correctness", correctness),
        ("smoothing_and_phase_error", 8.0 * each),
        ("privacy_amplification", each),
        ("detection_counts", 10.0 * each),
        ("error_counts", 2.0 * each),
    ]
}

/// Key length of a block; `disclosed` is what error correction tells.
#[must_use]
pub fn length(sent: &Intensities<3>, counts: &Counts<3>, disclosed: f64, budget: &Budget) -> Length {
    let block: f64 = counts.key.iter().sum();
    let wrong: f64 = counts.key_wrong.iter().sum();
    let ([tau0, tau1], scale) = sent.weights();
    let sums = Sums { tau0, tau1, scale, key: block, test: counts.test.iter().sum(), test_wrong: counts.test_wrong.iter().sum() };
    let mut found = Length {
        bits: 0.0,
        secrecy: 0.0,
        vacuum: 0.0,
        single: 0.0,
        phase_error: 0.5,
        qber: if block > 0.0 { wrong / block } else { 0.5 },
        leak: disclosed,
    };
    let tag = math::log2(2.0 / budget.correctness.0);
    let (bits, secrecy) = budget.settle(block, |secrecy| {
        let log = math::ln(PARTS / secrecy);
        let (vacuum, single, phase) = bounds(sent, counts, &sums, log);
        (found.vacuum, found.single, found.phase_error) = (vacuum, single.max(0.0), phase.min(0.5));
        let fixed = 6.0 * log / std::f64::consts::LN_2 + tag;
        Length::with_singles(vacuum - disclosed - fixed, single, phase)
    });
    Length { bits, secrecy, ..found }
}

/// What does not depend on epsilon.
struct Sums {
    tau0: f64,
    tau1: f64,
    scale: [f64; 3],
    key: f64,
    test: f64,
    test_wrong: f64,
}

/// Vacuum and single-photon clicks in the key basis, and the latter's phase error rate; without single photons, how many
/// are lacking.
fn bounds(sent: &Intensities<3>, counts: &Counts<3>, sums: &Sums, log: f64) -> (f64, f64, f64) {
    let [_, mu2, mu3] = sent.mean;
    let (vacuum, single) = photons(sent, sums, &counts.key, deviation(sums.key, log));
    let (_, test_single) = photons(sent, sums, &counts.test, deviation(sums.test, log));
    if single <= 0.0 {
        return (vacuum, single + test_single.min(0.0), MOST_PHASE);
    }
    if test_single <= 0.0 {
        return (vacuum, single, MOST_PHASE - test_single / single);
    }
    let spread = deviation(sums.test_wrong, log);
    let upper = sums.scale[1] * (counts.test_wrong[1] + spread);
    let lower = sums.scale[2] * (counts.test_wrong[2] - spread).max(0.0);
    let rate = (sums.tau1 * (upper - lower) / (mu2 - mu3) / test_single).max(0.0);
    if rate >= 0.5 {
        return (vacuum, single, rate.min(MOST_PHASE));
    }
    let phase = rate + sampling_excess(log, rate, test_single, single);
    (vacuum, single, phase)
}

/// Equations 2 and 3; the second below 0 where it bounds nothing.
fn photons(sent: &Intensities<3>, sums: &Sums, n: &[f64; 3], spread: f64) -> (f64, f64) {
    let [mu1, mu2, mu3] = sent.mean;
    let lower = |k: usize| sums.scale[k] * (n[k] - spread).max(0.0);
    let upper = |k: usize| sums.scale[k] * (n[k] + spread);
    let vacuum = (sums.tau0 * (mu2 * lower(2) - mu3 * upper(1)) / (mu2 - mu3)).max(0.0);
    let squares = mu2 * mu2 - mu3 * mu3;
    let rest = squares / (mu1 * mu1) * (upper(0) - vacuum / sums.tau0);
    let single = sums.tau1 * mu1 * (lower(1) - upper(2) - rest) / (mu1 * (mu2 - mu3) - squares);
    (vacuum, single)
}
