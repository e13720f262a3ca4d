//! Finite keys of E91 with receivers that measure qubits, from games that are lost: any source, general attacks.
//!
//! Of N pairs, directions drawn evenly (Alice 0, 45, 90 degrees on the sphere, Bob 45, 90, 135), n have equal ones and make key.
//! L1 and L3 count different answers at (0, 45) and (90, 135), L2 equal ones at (0, 135):
//!
//! ```text
//!     l = n [1 - h(M/n)] - leak - 2 log2(3/(2 eps_sec)) - log2(2/eps_cor)
//!     M = min over s of {t1 (L1 + L3) + t2 L2 + N ln[1 - (sqrt2 - 1) r/9] + ln(1/eps)}/s
//!     r = e^s - 1,   1 - e^-t1 = r/sqrt2,   1 - e^-t2 = sqrt2 r
//! ```
//!
//! Why: a bit made at 90 errs in phase where both, asked for 0 instead, answer differently; one made at 45 where they do at
//! 135. A direction between two others is their sum over sqrt2 (sigma_0 = [sigma_45 - sigma_135]/sqrt2 for Bob, sigma_135 =
//! [sigma_90 - sigma_0]/sqrt2 for Alice), so that whatever pair arrives, the chances in its round obey
//!
//! ```text
//!     P(phase error) = (1 - sqrt2)/9 + [P(L1) + 2 P(L2) + P(L3)]/sqrt2
//! ```
//!
//! One of these at most happens in a round, and with t1 and t2 as above e^(s M - t1 (L1 + L3) - t2 L2) grows by the very same
//! factor, 1 - (sqrt2 - 1) r/9, on average in every round, whatever happened before. By Markov's inequality M is above the bound
//! with probability eps at most; s must not depend on the counts, so [`SLOPES`] of them share eps. With a1^2 = eps the
//! uncertainty relation (Tomamichel et al. 2012, doi:10.1038/ncomms1631) leaves n [1 - h(M/n)], smoothed by a1; with privacy
//! amplification nu, eps_sec = 2 a1 + nu, all three equal. The identities are those by which S = 2 sqrt2 asks for anticommuting
//! directions (Ekert 1991, doi:10.1103/PhysRevLett.67.661); bound and constants are derived here.
//!
//! Limits: receivers that measure qubits in these very directions; clicks are a fair sample; directions evenly drawn.

use super::budget::Budget;
use super::slopes::SLOPES;
use crate::entropy::binary_entropy;
use ebit_random::math;
use std::f64::consts::SQRT_2;

/// Equal parts of the secrecy.
pub const PARTS: f64 = 3.0;
/// Slopes between these, in equal factors, as in [`super::slopes`].
const LEAST: f64 = 1e-8;
/// Where 1 - e^-t2 is not yet 1.
const MOST: f64 = 0.5;

/// Pairs that both received.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rounds {
    /// N, whatever the directions.
    pub pairs: f64,
    /// Of equal directions.
    pub key: f64,
    /// L1, L2, L3.
    pub lost: [f64; 3],
}

/// How the parts are spent, in words.
#[must_use]
pub fn parts(secrecy: f64, correctness: f64) -> Vec<(&'static str, f64)> {
    let each = secrecy / PARTS;
    vec![("correctness", correctness), ("smoothing_and_phase_error", 2.0 * each), ("privacy_amplification", each)]
}

/// Upper bound on the phase errors; `log_inverse` is ln(1/eps).
#[must_use]
pub fn phase_errors(rounds: &Rounds, log_inverse: f64) -> f64 {
    let [first, twice, third] = rounds.lost;
    let step = math::ln(MOST / LEAST) / (SLOPES - 1) as f64;
    let log = log_inverse + math::ln(SLOPES as f64);
    let bound = |k: usize| {
        let s = LEAST * math::exp(step * k as f64);
        let rise = math::exp_m1(s);
        let (once, double) = (-math::ln_1p(-rise / SQRT_2), -math::ln_1p(-rise * SQRT_2));
        let drift = rounds.pairs * math::ln_1p((1.0 - SQRT_2) / 9.0 * rise);
        (once * (first + third) + double * twice + drift + log) / s
    };
    (0..SLOPES).map(bound).fold(f64::INFINITY, f64::min).max(0.0)
}

/// Key length in bits (below 0: none), its secrecy, and the bound on the phase error.
#[must_use]
pub fn length(rounds: &Rounds, disclosed: f64, budget: &Budget) -> (f64, f64, f64) {
    let mut phase = 0.5;
    let (bits, secrecy) = budget.settle(rounds.key, |secrecy| {
        let each = secrecy / PARTS;
        let errors = phase_errors(rounds, -2.0 * math::ln(each));
        phase = if rounds.key > 0.0 { (errors / rounds.key).min(0.5) } else { 0.5 };
        let fixed = math::log2(2.0 / budget.correctness.0) - 2.0 * math::log2(2.0 * each);
        rounds.key * (1.0 - binary_entropy(phase)) - disclosed - fixed
    });
    (bits, secrecy, phase)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected(pairs: f64, error: f64) -> Rounds {
        let lost = pairs / 9.0 * 0.5 * (1.0 - (1.0 - 2.0 * error) / SQRT_2);
        Rounds { pairs, key: pairs * 2.0 / 9.0, lost: [lost; 3] }
    }

    #[test]
    fn phase_errors_go_to_the_errors_of_the_pairs() {
        for error in [0.0, 0.02, 0.1] {
            let mut last = f64::INFINITY;
            for pairs in [1e4, 1e6, 1e8, 1e10, 1e12] {
                let rounds = expected(pairs, error);
                let excess = phase_errors(&rounds, 50.0) / rounds.key - error;
                assert!(excess > 0.0 && excess < last, "{error} {pairs}: {excess}");
                // Near the best slope: a variance of M - (L1 + L3)/sqrt2 - sqrt2 L2 in every round.
                let lost = rounds.lost[0] / pairs;
                let variance = error * 2.0 / 9.0 + lost * (0.5 + 2.0 + 0.5) - math::pow((1.0 - SQRT_2) / 9.0, 2.0);
                let width = math::sqrt(2.0 * pairs * variance * (50.0 + math::ln(SLOPES as f64))) / rounds.key;
                assert!(pairs < 1e6 || (excess > 0.9 * width && excess < 1.15 * width), "{error} {pairs}: {excess} {width}");
                last = excess;
            }
            assert!(last < 1e-4);
        }
    }

    /// The chances of a round on any two qubits, from a density matrix of 16 numbers that is none in particular.
    #[test]
    fn whatever_arrives_obeys_the_identity() {
        let direction = |degrees: f64| [math::sin(degrees.to_radians()), math::cos(degrees.to_radians())];
        // A real operator: correlations in the plane are a matrix of four numbers.
        let t = [[0.31, -0.12], [0.44, 0.57]];
        let product = |a: f64, b: f64| {
            let (x, y) = (direction(a), direction(b));
            (0..2).map(|i| (0..2).map(|j| x[i] * t[i][j] * y[j]).sum::<f64>()).sum::<f64>()
        };
        let differ = |a: f64, b: f64| 0.5 * (1.0 - product(a, b)) / 9.0;
        let phase = differ(0.0, 0.0) + differ(135.0, 135.0);
        let lost = [differ(0.0, 45.0), 1.0 / 9.0 - differ(0.0, 135.0), differ(90.0, 135.0)];
        let found = (1.0 - SQRT_2) / 9.0 + (lost[0] + 2.0 * lost[1] + lost[2]) / SQRT_2;
        assert!((found - phase).abs() < 1e-15, "{found} {phase}");
    }

    #[test]
    fn parts_add_up_and_nothing_is_no_key() {
        let sum: f64 = parts(0.25, 1e-3).iter().map(|(_, p)| p).sum();
        assert!((sum - 0.251).abs() < 1e-15);
        let nothing = Rounds { pairs: 0.0, key: 0.0, lost: [0.0; 3] };
        let (bits, _, phase) = length(&nothing, 0.0, &Budget::halves(1e-10));
        assert!(bits <= 0.0 && phase == 0.5);
    }
}
