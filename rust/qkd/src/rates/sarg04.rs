//! SARG04: the four states of BB84, sifted by pairs of states that are not orthogonal, with weak pulses and decoys.
//!
//! Pulses of one photon and of two make key (Tamaki and Lo 2006, doi:10.1103/PhysRevA.73.010302; Fung, Tamaki and Lo 2006,
//! doi:10.1103/PhysRevA.73.012337, equations 9, 10 and 39 to 43):
//!
//! ```text
//!     R = Q1 [1 - H(Z|X)(e1)] + Q2 [1 - h(e_p2)] - Q f h(E),   Q_n = P(n) Y_n
//!     H(Z|X): weights (1 - 5e/2 + a, e - a, a, 3e/2 - a), the worst a in [e/2, e]; phase error 3e/2
//!     e_p2 = min over x of x e2 + (3 - 2x + sqrt(6 - 6 sqrt2 x + 4 x^2))/6
//!     Y_n = eta_n (e_d/2 + 1/4) + (1 - eta_n) Y0/2,   e_n Y_n = eta_n e_d/2 + (1 - eta_n) Y0/4
//! ```
//!
//! Gains are of conclusive clicks, so sifting is within. The minimum has a closed form, with w = 1/3 - e2:
//! e_p2 = 1/2 + sqrt(3/2 (1 - 9 w^2))/6 - 3 sqrt2/4 w, which is sin^2(pi/8) without errors. Limits: infinitely many decoys,
//! random phases; e1 < 1/3 and e2 < 1/6, beyond which a part counts for nothing. One photon bears 9.69 %, two 2.71 %.

use ebit_hardware::channel::Crossing;
use ebit_spec::check::{At, Check};
use ebit_spec::{Channel, Real, SpecError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fields::{self, check_intensity};
use super::key_rate::KeyRate;
use super::protocol::{Knob, Protocol};
use super::protocol_macros::{asymptotic_only, on_fiber};
use crate::entropy::{binary_entropy, entropy};
use ebit_random::math;

/// SARG04 with infinitely many decoys on one line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename = "SARG04")]
pub struct Sarg04 {
    pub fiber: Channel,
    pub receiver_efficiency: Real,
    #[serde(default)]
    pub background_probability: Real,
    #[serde(default)]
    pub misalignment: Real,
    #[serde(default = "fields::error_correction")]
    pub error_correction: Real,
    #[serde(default = "fields::half")]
    pub signal: Real,
    #[serde(default = "fields::repetition_rate")]
    pub repetition_rate_hz: Real,
}

impl Check for Sarg04 {
    const NAME: &'static str = "SARG04";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        at.within("fiber", |at| self.fiber.check(at))?;
        fields::check_efficiency(at, self.receiver_efficiency)?;
        fields::check_background(at, self.background_probability)?;
        fields::check_misalignment(at, self.misalignment)?;
        fields::check_error_correction(at, self.error_correction)?;
        check_intensity(at, "signal", self.signal)?;
        fields::check_repetition(at, self.repetition_rate_hz)
    }
}

/// What Eve may know of a bit sent as one photon, at bit error e.
#[must_use]
pub fn eve_of_one(e: f64) -> f64 {
    if e >= 1.0 / 3.0 {
        return 1.0;
    }
    let a = (1.5 * e * e).clamp(0.5 * e, e);
    entropy(&[1.0 - 2.5 * e + a, e - a, a, 1.5 * e - a]) - binary_entropy(e)
}

/// Phase error of a bit sent as two photons, at bit error e.
#[must_use]
pub fn phase_of_two(e: f64) -> f64 {
    if e >= 1.0 / 6.0 {
        return 0.5;
    }
    let w = 1.0 / 3.0 - e;
    0.5 + math::sqrt((1.5 * (1.0 - 9.0 * w * w)).max(0.0)) / 6.0 - 0.75 * std::f64::consts::SQRT_2 * w
}

impl Sarg04 {
    /// Secret bits per sifted bit of single photons.
    #[must_use]
    pub fn fraction(qber: f64, error_correction: f64) -> f64 {
        1.0 - eve_of_one(qber) - error_correction * binary_entropy(qber)
    }

    /// Conclusive clicks and wrong ones of pulses of which this share is seen.
    fn conclusive(&self, seen: f64) -> (f64, f64) {
        let (y0, ed) = (self.background_probability.0, self.misalignment.0);
        let clicks = seen * (0.5 * ed + 0.25) + (1.0 - seen) * 0.5 * y0;
        (clicks, seen * 0.5 * ed + (1.0 - seen) * 0.25 * y0)
    }

    fn asymptotic(&self) -> KeyRate {
        let eta = self.receiver_efficiency.0 * Crossing::of(&self.fiber).transmittance();
        let mu = self.signal.0;
        let (gain, wrong) = self.conclusive(-math::exp_m1(-eta * mu));
        if gain <= 0.0 {
            return KeyRate::new(0.0, vec![("gain", gain)], || "nothing clicks".into());
        }
        let qber = (wrong / gain).min(0.5);
        let (y1, w1) = self.conclusive(eta);
        let (y2, w2) = self.conclusive(eta * (2.0 - eta));
        let rate = |clicks: f64, wrong: f64| if clicks > 0.0 { (wrong / clicks).min(0.5) } else { 0.5 };
        let (e1, e2) = (rate(y1, w1), rate(y2, w2));
        let none = math::exp(-mu);
        let one = mu * none * y1 * (1.0 - eve_of_one(e1));
        let two = 0.5 * mu * mu * none * y2 * (1.0 - binary_entropy(phase_of_two(e2)));
        let raw = one + two - gain * self.error_correction.0 * binary_entropy(qber);
        let parts = vec![
            ("gain", gain),
            ("qber", qber),
            ("single_photon_yield", y1),
            ("single_photon_error", e1),
            ("two_photon_yield", y2),
            ("two_photon_error", e2),
        ];
        KeyRate::new(raw, parts, || {
            format!("QBER {qber:.4}: above what one photon (9.69 % without pulses of several) or two (2.71 %) bear here")
        })
    }
}

impl Protocol for Sarg04 {
    on_fiber!();
    asymptotic_only!();

    fn knobs(&self, _finite: bool) -> (Vec<Knob>, Vec<f64>) {
        (vec![Knob::linear("signal", 0.005, 2.0)], vec![0.3])
    }

    fn turned(&self, values: &[f64], _finite: bool) -> Self {
        Self { signal: values.first().map_or(self.signal, |mu| Real(*mu)), ..self.clone() }
    }

    fn security(&self, _finite: bool) -> &'static str {
        "general attacks, asymptotic; Fung, Tamaki and Lo 2006 (doi:10.1103/PhysRevA.73.012337)"
    }

    fn assumptions(&self, _finite: bool) -> Vec<String> {
        let mut said = fields::ideal_line(
            self.receiver_efficiency.0,
            self.background_probability.0,
            self.misalignment.0,
            self.error_correction.0,
        );
        said.push("phases of the pulses are random, intensities exact".into());
        said.push("as many decoys as it takes, sent with a vanishing share of the pulses".into());
        said
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The second way: the closed form against its definition as a minimum.
    #[test]
    fn phase_error_of_two_photons_is_the_minimum() {
        for e in [0.001, 0.0271, 0.08, 0.15] {
            let least = (0..400_000).map(|k| f64::from(k) * 5e-5).fold(f64::INFINITY, |best, x| {
                let f = (3.0 - 2.0 * x + math::sqrt(6.0 - 6.0 * std::f64::consts::SQRT_2 * x + 4.0 * x * x)) / 6.0;
                best.min(x * e + f)
            });
            assert!((least - phase_of_two(e)).abs() < 1e-6, "{e}: {least}");
        }
        let eighth = math::sin(std::f64::consts::PI / 8.0);
        assert!((phase_of_two(0.0) - eighth * eighth).abs() < 1e-15);
    }

    /// Tamaki and Lo 2006: 9.68 % and 2.71 %.
    #[test]
    fn thresholds() {
        assert!(Sarg04::fraction(0.0968, 1.0) > 0.0 && Sarg04::fraction(0.0970, 1.0) < 0.0);
        let two = |e: f64| 1.0 - binary_entropy(e) - binary_entropy(phase_of_two(e));
        assert!(two(0.0271) > 0.0 && two(0.02715) < 0.0);
    }

    /// The second way: the worst a found by trying.
    #[test]
    fn worst_weights_are_the_worst() {
        for e in [0.02, 0.0969, 0.2, 0.3] {
            let worst = (0..=1000)
                .map(|k| 0.5 * e + f64::from(k) * 5e-4 * e)
                .fold(0.0f64, |best, a| best.max(entropy(&[1.0 - 2.5 * e + a, e - a, a, 1.5 * e - a]) - binary_entropy(e)));
            assert!((worst - eve_of_one(e)).abs() < 1e-6, "{e}: {worst}");
        }
    }
}
