//! Twin-field QKD: one photon from one of two senders at a relay in the middle; the rate goes with the root of the channel.
//!
//! Curty, Azuma and Lo 2019 (doi:10.1038/s41534-019-0175-6): key from coherent states +-alpha, the phase error from yields of
//! photon numbers, p(n, m) of one given detector. With s = sqrt(eta), g = s alpha^2, v = 1 - 2 e_d:
//!
//! ```text
//!     R = 2 p [1 - f h(e) - h(min(1/2, e_p))]
//!     p   = (1-p_d)/2 (e^(-g v) + e^(g v)) e^-g - (1-p_d)^2 e^(-2g)
//!     e p = (1-p_d)/2 [e^(-g v) e^-g - (1-p_d) e^(-2g)]
//!     e_p p = sum over j = 0, 1 of [sum over n, m = j mod 2 of c_n c_m sqrt(p(n, m))]^2
//!     c_n = e^(-alpha^2/2) alpha^n/sqrt(n!)
//! ```
//!
//! Beyond [`PHOTONS`] the yields count as 1. Limits: infinitely many decoys; the relay halves the loss; misalignment is of the
//! phase, which the yields of photon numbers do not feel. Finite keys send windows that test with three intensities
//! ([`crate::finite::twin_field`]).

use ebit_hardware::channel::Crossing;
use ebit_spec::check::{At, Check};
use ebit_spec::{Channel, Real, SpecError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fields::{self, check_intensity};
use super::key_rate::{KeyRate, NOTHING_AT_THE_RELAY};
use super::mdi::check_dark;
use super::protocol::{Knob, Protocol};
use super::protocol_macros::on_fiber;
use super::relay::one_click_of;
use super::test_windows::TestWindows;
use super::twin_finite::{Plan, key_clicks};
use crate::entropy::binary_entropy;
use crate::finite::Finite;
use ebit_random::math;

/// Photon numbers whose yields are computed, per side.
pub const PHOTONS: usize = 12;

/// Twin-field QKD in the version of Curty, Azuma and Lo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TwinField {
    pub fiber: Channel,
    pub receiver_efficiency: Real,
    #[serde(default)]
    pub dark_count_probability: Real,
    #[serde(default)]
    pub misalignment: Real,
    #[serde(default = "fields::error_correction")]
    pub error_correction: Real,
    #[serde(default = "weak")]
    pub signal: Real,
    /// Decoys of test windows; absent: the best. Only finite keys ask for them and for all that follows.
    #[serde(default)]
    pub weak: Option<Real>,
    #[serde(default)]
    pub strong: Option<Real>,
    /// Of test windows; the rest is vacuum.
    #[serde(default)]
    pub weak_probability: Option<Real>,
    #[serde(default)]
    pub strong_probability: Option<Real>,
    #[serde(default)]
    pub key_window_probability: Option<Real>,
    #[serde(default = "fields::repetition_rate")]
    pub repetition_rate_hz: Real,
}

fn weak() -> Real {
    Real(0.05)
}

impl Check for TwinField {
    const NAME: &'static str = "TwinField";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        at.within("fiber", |at| self.fiber.check(at))?;
        fields::check_efficiency(at, self.receiver_efficiency)?;
        check_dark(at, self.dark_count_probability)?;
        fields::check_misalignment(at, self.misalignment)?;
        fields::check_error_correction(at, self.error_correction)?;
        check_intensity(at, "signal", self.signal)?;
        check_symmetric(at, &self.fiber)?;
        let windows = TestWindows {
            weak: self.weak,
            strong: self.strong,
            weak_probability: self.weak_probability,
            strong_probability: self.strong_probability,
            key_window_probability: self.key_window_probability,
        };
        windows.check(at)?;
        fields::check_repetition(at, self.repetition_rate_hz)
    }
}

/// # Errors
/// Two arms of different loss.
pub fn check_symmetric(at: &At<'_>, channel: &Channel) -> Result<(), SpecError> {
    let [a, b] = Crossing::arms(channel, 0.5);
    if (a.loss_db - b.loss_db).abs() > 1e-9 * a.loss_db.max(1.0) {
        let hint = "the relay is in the middle; add loss to the shorter arm";
        return Err(at.error("fiber", "two arms of equal loss", format!("{} and {} dB", Real(a.loss_db), Real(b.loss_db)), hint));
    }
    Ok(())
}

/// From a sender to a click at a relay in the middle, detector within.
#[must_use]
pub fn arm(channel: &Channel, efficiency: f64) -> f64 {
    Crossing::arms(channel, 0.5)[0].transmittance() * efficiency
}

/// Weight of phase errors at one detector, for a mean photon number alpha^2.
fn phase_errors(mean: f64, s: f64, dark: f64) -> f64 {
    // c_n for all n that matter; what is not summed with its yield counts with 1.
    let mut c = [0.0; 3 * PHOTONS];
    c[0] = math::exp(-0.5 * mean);
    for n in 1..c.len() {
        c[n] = c[n - 1] * math::sqrt(mean / n as f64);
    }
    let mut total = 0.0;
    for j in 0..2 {
        let numbers = || (j..PHOTONS).step_by(2);
        let mut sum = 0.0;
        for n in numbers() {
            for m in numbers().take_while(|m| *m <= n) {
                let twice = if m == n { 1.0 } else { 2.0 };
                sum += twice * c[n] * c[m] * math::sqrt(one_click_of(n as u32, m as u32, s, dark));
            }
        }
        let known: f64 = numbers().map(|n| c[n]).sum();
        let all: f64 = (j..c.len()).step_by(2).map(|n| c[n]).sum();
        sum += all * all - known * known;
        total += sum * sum;
    }
    total
}

impl TwinField {
    /// The numbers of a finite key, without words.
    fn plan(&self) -> Plan {
        let number = |value: Option<Real>| value.map(|each| each.0);
        Plan {
            arm: arm(&self.fiber, self.receiver_efficiency.0),
            dark: self.dark_count_probability.0,
            misalignment: self.misalignment.0,
            error_correction: self.error_correction.0,
            signal: self.signal.0,
            weak: number(self.weak),
            strong: number(self.strong),
            shares: number(self.weak_probability).zip(number(self.strong_probability)),
            key: number(self.key_window_probability),
        }
    }

    fn asymptotic(&self) -> KeyRate {
        let s = arm(&self.fiber, self.receiver_efficiency.0);
        let (p, mean) = (self.dark_count_probability.0, self.signal.0);
        let (gain, qber) = key_clicks(s, p, self.misalignment.0, mean);
        if gain <= 0.0 {
            return KeyRate::new(0.0, vec![("gain", 0.0)], || NOTHING_AT_THE_RELAY.into());
        }
        let phase = 2.0 * phase_errors(mean, s, p) / gain;
        let fraction = 1.0 - self.error_correction.0 * binary_entropy(qber) - binary_entropy(phase.min(0.5));
        let parts = vec![("gain", gain), ("qber", qber), ("phase_error", phase.min(0.5))];
        KeyRate::new(gain * fraction, parts, || {
            format!(
                "QBER {qber:.4} and phase error {:.4}: no bit is left; a weaker signal has a smaller phase error",
                phase.min(0.5)
            )
        })
    }
}

impl Protocol for TwinField {
    on_fiber!();
    const RUGGED: bool = true;

    fn key_rate(&self, finite: Option<&Finite>) -> Result<KeyRate, SpecError> {
        let Some(finite) = finite else { return Ok(self.asymptotic()) };
        let plan = self.plan();
        Ok(plan.rate(&plan.settled(finite), finite))
    }

    fn score(&self, finite: Option<&Finite>) -> f64 {
        let Some(finite) = finite else { return self.asymptotic().raw };
        let plan = self.plan();
        plan.score(&plan.settled(finite), finite)
    }

    /// Asymptotic: the signal. Finite: the test windows, too.
    fn knobs(&self, finite: bool) -> (Vec<Knob>, Vec<f64>) {
        if !finite {
            return (vec![Knob::logarithmic("signal", 1e-5, 1.0)], vec![0.05]);
        }
        let knobs = vec![
            Knob::logarithmic("signal", 1e-4, 0.5),
            Knob::logarithmic("weak", 1e-4, 1.0),
            Knob::linear("strong above both", 0.01, 2.5),
            Knob::linear("weak_probability", 1e-3, 1.0 - 1e-3),
            Knob::linear("strong share of the rest", 1e-3, 1.0 - 1e-3),
            Knob::logarithmic("test_window_probability", 1e-4, 0.95),
        ];
        (knobs, vec![0.015, 0.07, 0.3, 0.3, 0.3, 0.2])
    }

    fn turned(&self, values: &[f64], finite: bool) -> Self {
        let new = Self { signal: values.first().map_or(self.signal, |mu| Real(*mu)), ..self.clone() };
        if let (true, [signal, weak, above, share, rest, test]) = (finite, values) {
            return Self {
                weak: Some(Real(*weak)),
                strong: Some(Real(weak.max(*signal) + above)),
                weak_probability: Some(Real(*share)),
                strong_probability: Some(Real((1.0 - share) * rest)),
                key_window_probability: Some(Real(1.0 - test)),
                ..new
            };
        }
        new
    }

    fn security(&self, finite: bool) -> &'static str {
        if finite {
            return "general attacks, any relay, finite key; derived here after Maeda, Sasaki and Koashi 2019 (doi:10.1038/s41467-019-11008-z) and Curras-Lorenzo et al. 2021 (doi:10.1038/s41534-020-00345-3)";
        }
        "general attacks, any relay, asymptotic; Curty, Azuma and Lo 2019 (doi:10.1038/s41534-019-0175-6)"
    }

    fn assumptions(&self, finite: bool) -> Vec<String> {
        let mut said = fields::ideal_line(
            self.receiver_efficiency.0,
            self.dark_count_probability.0,
            self.misalignment.0,
            self.error_correction.0,
        );
        said.push("the relay is in the middle; the senders' lasers are locked but for the misalignment".into());
        if finite {
            said.push("phases of test pulses are random, intensities exact and equal; counts are the expected ones".into());
            return said;
        }
        said.push("as many decoys as it takes, sent with a vanishing share of the pulses".into());
        said
    }
}
