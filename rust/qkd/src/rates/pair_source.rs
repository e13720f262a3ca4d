//! Down-conversion between two receivers: coincidences and their errors, all pairs counted.
//!
//! A pulse makes n pairs with probability (n+1) lambda^n/(1 + lambda)^(n+2), lambda = mu/2 (Ma, Fung and Lo 2007,
//! doi:10.1103/PhysRevA.76.012307, equations 9 and 10):
//!
//! ```text
//!     Q   = 1 - (1 - Y0A)/(1 + etaA l)^2 - (1 - Y0B)/(1 + etaB l)^2
//!           + (1 - Y0A)(1 - Y0B)/(1 + etaA l + etaB l - etaA etaB l)^2
//!     E Q = Q/2 - 2 (1/2 - e_d) s etaA etaB l (1 + l)
//!           /((1 + etaA l)(1 + etaB l)(1 + etaA l + etaB l - etaA etaB l))
//! ```
//!
//! s is 1 in the paper, whose background never meets light. Here a receiver whose two detectors both click takes a random
//! bit, also where one of them clicked by itself: each receiver tells right from wrong only where the other detector,
//! which has half of the background, was silent, s = sqrt((1 - Y0A)(1 - Y0B)).
//!
//! Limits: one polarization mode pair per pulse.

use ebit_hardware::channel::Crossing;
use ebit_random::math;
use ebit_spec::check::{At, Range};
use ebit_spec::{Channel, PerSide, SpecError};

/// A source between two receivers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairSource {
    /// Mean pairs of a pulse, over two.
    pub lambda: f64,
    /// From the source to a click, per side.
    pub eta: [f64; 2],
    pub background: [f64; 2],
    pub misalignment: f64,
}

impl PairSource {
    /// The source at this share of the channel from Alice.
    #[must_use]
    pub fn on(
        channel: &Channel,
        source: f64,
        mean_pairs: f64,
        efficiency: PerSide,
        background: PerSide,
        misalignment: f64,
    ) -> Self {
        let [a, b] = Crossing::arms(channel, source);
        Self {
            lambda: 0.5 * mean_pairs,
            eta: [efficiency.a * a.transmittance(), efficiency.b * b.transmittance()],
            background: [background.a, background.b],
            misalignment,
        }
    }

    /// Coincidences per pulse, and the share of wrong ones.
    #[must_use]
    pub fn coincidences(&self) -> (f64, f64) {
        let ([a, b], l) = (self.eta, self.lambda);
        let [ya, yb] = self.background;
        let (da, db, both) = (1.0 + a * l, 1.0 + b * l, 1.0 + a * l + b * l - a * b * l);
        // Silence of one receiver is rarer where the other is silent, too: (da db/both)^2 = (1 + shared)^2. All terms are
        // positive, so that no digits are lost where nearly nothing clicks.
        let shared = a * b * l * (1.0 + l) / both;
        let silent = |y: f64, d: f64| (1.0 - y) / (d * d);
        let clicks = |y: f64, x: f64| (y + x * (2.0 + x)) / ((1.0 + x) * (1.0 + x));
        let gain = clicks(ya, a * l) * clicks(yb, b * l) + silent(ya, da) * silent(yb, db) * shared * (2.0 + shared);
        if gain <= 0.0 {
            return (0.0, 0.5);
        }
        let right = 2.0 * (0.5 - self.misalignment) * math::sqrt((1.0 - ya) * (1.0 - yb)) * shared / (da * db);
        (gain, (0.5 - right / gain).clamp(0.0, 0.5))
    }
}

/// # Errors
/// A value outside its range.
pub fn check(at: &At<'_>, source: f64, mean_pairs: f64, efficiency: PerSide, background: PerSide) -> Result<(), SpecError> {
    at.real("source", source.into(), Range::Probability, "share of the fibre on Alice's side")?;
    if !(mean_pairs > 0.0 && mean_pairs <= 10.0) {
        return Err(at.error("mean_pairs", "in (0, 10]", ebit_spec::Real(mean_pairs), "pairs per pulse, near 0.1"));
    }
    at.per_side("receiver_efficiency", efficiency, Range::Probability, "detectors and optics at the receiver")?;
    at.per_side("background_probability", background, Range::Between(0.0, 0.5), "clicks per pulse without light, per side")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Coincidences and right minus wrong of n pairs, photon by photon: the second way.
    ///
    /// The state of n pairs is sum over m of |n-m, m> at A and |m, n-m> at B, each with 1/(n+1). A receiver reads 0 where
    /// only its first detector clicks, 1 where only its second does, and tosses a coin where both do.
    fn of_pairs(n: u32, eta: [f64; 2], background: [f64; 2]) -> (f64, f64) {
        let power = |x: f64, k: u32| (0..k).fold(1.0, |p, _| p * x);
        let (mut click, mut correlation) = (0.0, 0.0);
        for m in 0..=n {
            let side = |k: usize, first: u32, second: u32| {
                // Either detector has half of the background.
                let quiet = (1.0 - background[k]).sqrt();
                let (dark1, dark2) = (quiet * power(1.0 - eta[k], first), quiet * power(1.0 - eta[k], second));
                let zero = (1.0 - dark1) * dark2 + 0.5 * (1.0 - dark1) * (1.0 - dark2);
                let one = (1.0 - dark2) * dark1 + 0.5 * (1.0 - dark1) * (1.0 - dark2);
                (zero + one, zero - one)
            };
            let a = side(0, n - m, m);
            let b = side(1, m, n - m);
            click += a.0 * b.0 / f64::from(n + 1);
            // Anticorrelated: right where the two differ.
            correlation -= a.1 * b.1 / f64::from(n + 1);
        }
        (click, correlation)
    }

    #[test]
    fn closed_forms_are_sums_over_pairs() {
        for background in [[0.0, 0.0], [0.01, 0.2]] {
            let source = PairSource { lambda: 0.2, eta: [0.3, 0.15], background, misalignment: 0.02 };
            let (mut gain, mut right) = (0.0, 0.0);
            let mut weight = 1.0 / (1.2 * 1.2);
            for n in 0..60u32 {
                let (click, correlation) = of_pairs(n, source.eta, background);
                gain += f64::from(n + 1) * weight * click;
                right += f64::from(n + 1) * weight * correlation;
                weight *= 0.2 / 1.2;
            }
            let (q, e) = source.coincidences();
            assert!((q - gain).abs() < 1e-14, "{q} {gain}");
            // Misalignment e_d shrinks the correlation by 1 - 2 e_d.
            let expected = 0.5 * (1.0 - (1.0 - 0.04) * right / gain);
            assert!((e - expected).abs() < 1e-12, "{e} {expected}");
        }
    }

    /// Far away a coincidence is a pair, or two pairs that lost a photon each: to first order of a channel that loses nearly
    /// all, (2 l + 6 l^2) etaA etaB of them, l (1 + l) right ones more than wrong.
    #[test]
    fn high_loss_keeps_its_digits() {
        let l = 0.25;
        for eta in [1e-6, 1e-9, 1e-17] {
            let source = PairSource { lambda: l, eta: [eta, eta], background: [0.0, 0.0], misalignment: 0.0 };
            let (gain, error) = source.coincidences();
            let first = eta * eta * (4.0 * l * l + 2.0 * l * (1.0 + l));
            assert!((gain / first - 1.0).abs() < 1e-5 && (error - l / (1.0 + 3.0 * l)).abs() < 1e-5, "{gain} {first} {error}");
        }
    }

    #[test]
    fn weak_pulses_are_single_pairs() {
        let source = PairSource { lambda: 1e-6, eta: [0.3, 0.15], background: [0.0, 0.0], misalignment: 0.02 };
        let (q, e) = source.coincidences();
        assert!((q / (2e-6 * 0.045) - 1.0).abs() < 1e-4);
        assert!((e - 0.02).abs() < 1e-4);
    }

    #[test]
    fn background_alone_is_random() {
        let source = PairSource { lambda: 0.1, eta: [0.0, 0.0], background: [1e-3, 2e-3], misalignment: 0.0 };
        let (q, e) = source.coincidences();
        assert!((q - 2e-6).abs() < 1e-15 && (e - 0.5).abs() < 1e-12);
    }
}
