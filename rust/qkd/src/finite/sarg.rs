//! SARG04 with two decoys, finite keys against general attacks: single photons alone make key.
//!
//! Every conclusive click is compared in public with probability p. Of the others n(k) came from intensity k, of those
//! compared m(k) were wrong:
//!
//! ```text
//!     l = s [1 - h(M/s)] - leak - 4 log2(12/eps_sec) - log2(2/eps_cor)
//!     s >= tau1 mu1 [n-(2) - n+(3) - (mu2^2 - mu3^2)/mu1^2 n+(1)]/(mu1 (mu2 - mu3) - mu2^2 + mu3^2)
//!     w <= tau1 (m+(2) - m-(3))/(mu2 - mu3)                     n+-, m+- as of Lim et al. 2014 ([`super::lim2014`])
//!     M = min over x of {t w + ln(1/eps)}/x,   r = (1 - p)(e^x - 1),   p (1 - e^-t) = 3r/2
//! ```
//!
//! Why: whatever is done to one photon, and whatever happened before, it errs in phase at most 3/2 as often as in its bit,
//! for nobody knows which of the four pairs of states it is from until it was measured (Tamaki and Lo 2006,
//! doi:10.1103/PhysRevA.73.010302). With M phase errors of single photons in the key and w wrong bits of them among those
//! compared, e^(x M - t w) grows by 1 + r [P(phase) - 3/2 P(wrong)] <= 1 in every round: by Markov's inequality M is above the
//! bound with probability eps at most. x must not depend on the counts, so [`SLOPES`] of them share eps. With a1^2 = eps the
//! uncertainty relation, or complementarity (Koashi 2009, doi:10.1088/1367-2630/11/4/045018), leaves s [1 - h(M/s)]; the rest of
//! the key, entropy 0 or more, costs one chain rule: eps_sec = 2 (2 a1 + a2) + nu + 5 e, all equal, as of Lim et al.
//!
//! Decoys and keys as of Nian, Nie, Zhang and Lu 2024 (Commun. Theor. Phys. 76, 065101, one decoy); bound and constants are
//! derived here. Limits: random phases; mu1 > mu2 + mu3; two photons are Eve's, though asymptotically they make key; what is
//! wrong tells nothing of phases, so that single photons err in phase by 3/2 of their bits where H(Z|X) is less.

use super::budget::Budget;
use super::counts::{Intensities, Length, MOST_PHASE, deviation};
use super::slopes::SLOPES;
use ebit_random::math;

/// Equal parts of the secrecy.
pub const PARTS: f64 = 12.0;
/// Phase errors of one photon over its bit errors, at most.
pub const PHASE_OVER_BIT: f64 = 1.5;
/// The least slope, of endless blocks.
const LEAST: f64 = 1e-8;

/// Conclusive clicks by intensity, the signal first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Clicks {
    /// Chance of a click to be compared.
    pub compared: f64,
    /// Those that make key.
    pub key: [f64; 3],
    /// Wrong ones of those compared.
    pub test_wrong: [f64; 3],
}

/// How the parts are spent, in words.
#[must_use]
pub fn parts(secrecy: f64, correctness: f64) -> Vec<(&'static str, f64)> {
    let each = secrecy / PARTS;
    vec![
        ("correctness", correctness),
        ("smoothing_and_phase_error", 6.0 * each),
        ("privacy_amplification", each),
        ("detection_counts", 3.0 * each),
        ("error_counts", 2.0 * each),
    ]
}

/// The most phase errors of single photons in the key, of which this many wrong bits were compared.
#[must_use]
pub fn phase_errors(wrong: f64, compared: f64, log_inverse: f64) -> f64 {
    let log = log_inverse + math::ln(SLOPES as f64);
    // Next to where t is infinite, which is the best slope where nothing is wrong.
    let most = math::ln_1p(0.999_999 * compared / PHASE_OVER_BIT / (1.0 - compared));
    let step = math::ln(most / LEAST) / (SLOPES - 1) as f64;
    let bound = |k: usize| {
        let x = LEAST * math::exp(step * k as f64);
        let t = -math::ln_1p(-PHASE_OVER_BIT * (1.0 - compared) * math::exp_m1(x) / compared);
        (t * wrong + log) / x
    };
    (0..SLOPES).map(bound).fold(f64::INFINITY, f64::min)
}

/// Key length of a block with this error rate; `disclosed` is what error correction tells.
#[must_use]
pub fn length(sent: &Intensities<3>, clicks: &Clicks, qber: f64, disclosed: f64, budget: &Budget) -> Length {
    let ([_, tau1], scale) = sent.weights();
    let [mu1, mu2, mu3] = sent.mean;
    let (block, all_wrong): (f64, f64) = (clicks.key.iter().sum(), clicks.test_wrong.iter().sum());
    Length::of_single_photons(budget, block, qber, disclosed, PARTS, |secrecy| {
        let log = math::ln(PARTS / secrecy);
        let spread = deviation(block, log);
        let lower = |k: usize| scale[k] * (clicks.key[k] - spread).max(0.0);
        let upper = |k: usize| scale[k] * (clicks.key[k] + spread);
        let squares = mu2 * mu2 - mu3 * mu3;
        let inside = lower(1) - upper(2) - squares / (mu1 * mu1) * upper(0);
        let single = tau1 * mu1 * inside / (mu1 * (mu2 - mu3) - squares);
        if single <= 0.0 {
            return (single, MOST_PHASE);
        }
        let spread = deviation(all_wrong, log);
        let (most, least) = (clicks.test_wrong[1] + spread, (clicks.test_wrong[2] - spread).max(0.0));
        let wrong = (tau1 * (scale[1] * most - scale[2] * least) / (mu2 - mu3)).max(0.0);
        (single, (phase_errors(wrong, clicks.compared, 2.0 * log) / single).min(MOST_PHASE))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ebit_random::{Purpose, Stream};

    /// Weights of phase and bit errors of one photon to which this was done, over the four pairs of states.
    fn errors(done: [[f64; 2]; 2]) -> (f64, f64) {
        let (c, s) = (math::cos(std::f64::consts::PI / 8.0), math::sin(std::f64::consts::PI / 8.0));
        let times = |a: [[f64; 2]; 2], b: [[f64; 2]; 2]| -> [[f64; 2]; 2] {
            std::array::from_fn(|i| std::array::from_fn(|j| a[i][0] * b[0][j] + a[i][1] * b[1][j]))
        };
        let turn = |angle: f64| [[math::cos(angle), -math::sin(angle)], [math::sin(angle), math::cos(angle)]];
        let (mut phase, mut bit) = (0.0, 0.0);
        for pair in 0..4 {
            let angle = f64::from(pair) * std::f64::consts::FRAC_PI_4;
            let e = times(turn(-angle), times(done, turn(angle)));
            phase += math::pow(c, 4.0) * e[1][0] * e[1][0] + math::pow(s, 4.0) * e[0][1] * e[0][1];
            // Bob excludes what she sent: |<not sent|E|sent>|^2/4 of either bit.
            for sign in [1.0, -1.0] {
                let out = [e[0][0] * c + sign * e[0][1] * s, e[1][0] * c + sign * e[1][1] * s];
                let against = s * out[0] - sign * c * out[1];
                bit += 0.25 * against * against;
            }
        }
        (phase, bit)
    }

    /// No operation on one photon errs more in phase than 3/2 of its bits, and some do that much.
    #[test]
    fn phases_err_at_most_three_halves_of_bits() {
        let mut stream = Stream::new(4, 0, 0, Purpose::Benchmark);
        let mut worst = 0.0f64;
        for _ in 0..20_000 {
            let done = std::array::from_fn(|_| std::array::from_fn(|_| 2.0 * stream.next_f64() - 1.0));
            let (phase, bit) = errors(done);
            assert!(phase <= PHASE_OVER_BIT * bit + 1e-12, "{done:?}: {phase} {bit}");
            worst = worst.max(phase / bit);
        }
        assert!(worst > 1.4, "{worst}");
        let (phase, bit) = errors([[0.0, -1.0], [1.0, 0.0]]);
        let (nothing, fine) = errors([[1.0, 0.0], [0.0, 1.0]]);
        assert!(nothing.abs() < 1e-15 && fine.abs() < 1e-15 && phase <= 1.5 * bit + 1e-12, "{phase} {bit}");
    }

    #[test]
    fn phase_errors_go_to_three_halves() {
        for compared in [0.1, 0.5] {
            let mut last = f64::INFINITY;
            for wrong in [1.0, 1e2, 1e4, 1e6, 1e9, 1e12] {
                let expected = 1.5 * wrong * (1.0 - compared) / compared;
                let excess = phase_errors(wrong, compared, 50.0) / expected - 1.0;
                assert!(excess > 0.0 && excess < last, "{compared} {wrong}: {excess}");
                last = excess;
            }
            assert!(last < 2e-4, "{last}");
        }
        let none = phase_errors(0.0, 0.5, 50.0);
        assert!(none > 50.0 && none < 120.0, "{none}");
    }

    /// Eve errs wherever it costs her least, by what happened so far: the bound fails no more often than it may.
    #[test]
    fn bound_covers_an_eve_who_remembers() {
        let (compared, log) = (0.3, math::ln(20.0));
        let mut failed = 0;
        for seed in 0..2000 {
            let mut stream = Stream::new(11, seed, 0, Purpose::Benchmark);
            let (mut phase, mut wrong) = (0.0, 0.0);
            for _ in 0..400 {
                // Bolder where few of her errors were compared.
                let bit = if wrong * 3.5 <= phase { 0.2 } else { 0.02 };
                let test = stream.next_f64() < compared;
                let u = stream.next_f64();
                if test && u < bit {
                    wrong += 1.0;
                } else if !test && u < PHASE_OVER_BIT * bit {
                    phase += 1.0;
                }
            }
            failed += i32::from(phase > phase_errors(wrong, compared, log));
        }
        // 100 of 2,000 are allowed; slopes share eps, so that it is far fewer.
        assert!(failed <= 100, "{failed}");
    }

    #[test]
    fn parts_add_up_and_nothing_is_no_key() {
        let sum: f64 = parts(0.25, 1e-3).iter().map(|(_, p)| p).sum();
        assert!((sum - 0.251).abs() < 1e-15);
        let sent = Intensities { mean: [0.3, 0.1, 0.0], probability: [0.5, 0.3, 0.2] };
        let clicks = Clicks { compared: 0.5, key: [0.0; 3], test_wrong: [0.0; 3] };
        let found = length(&sent, &clicks, 0.5, 0.0, &Budget::halves(1e-10));
        assert!(found.bits < 0.0 && found.single == 0.0 && found.phase_error == 0.5, "{found:?}");
    }
}
