//! BB84 with weak coherent pulses and no decoys: every pulse of two photons and more may be Eve's.
//!
//! Gottesman, Lo, Lutkenhaus and Preskill 2004 (Quantum Inf. Comput. 4, 325): with Delta = P(n >= 2)/Q the share of clicks
//! that may be tagged,
//!
//! ```text
//!     R = q Q {(1 - Delta)[1 - h(E/(1 - Delta))] - f h(E)}
//! ```
//!
//! Limits: random phases. At small transmittance the best mu is near eta and R goes with eta^2.

use ebit_hardware::channel::Crossing;
use ebit_spec::check::{At, Check};
use ebit_spec::{Channel, Real, SpecError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fields::{self, check_intensity};
use super::key_rate::KeyRate;
use super::line::{Gain, Line};
use super::protocol::{Knob, Protocol};
use super::protocol_macros::{asymptotic_only, on_fiber};
use crate::entropy::binary_entropy;
use ebit_random::math;

/// BB84 with weak pulses on one line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename = "WeakBB84")]
pub struct WeakBb84 {
    pub fiber: Channel,
    pub receiver_efficiency: Real,
    #[serde(default)]
    pub background_probability: Real,
    #[serde(default)]
    pub misalignment: Real,
    #[serde(default = "fields::error_correction")]
    pub error_correction: Real,
    #[serde(default = "fields::half")]
    pub sifting: Real,
    pub signal: Real,
    #[serde(default = "fields::repetition_rate")]
    pub repetition_rate_hz: Real,
}

impl Check for WeakBb84 {
    const NAME: &'static str = "WeakBB84";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        at.within("fiber", |at| self.fiber.check(at))?;
        fields::check_efficiency(at, self.receiver_efficiency)?;
        fields::check_background(at, self.background_probability)?;
        fields::check_misalignment(at, self.misalignment)?;
        fields::check_error_correction(at, self.error_correction)?;
        fields::check_sifting(at, self.sifting)?;
        check_intensity(at, "signal", self.signal)?;
        fields::check_repetition(at, self.repetition_rate_hz)
    }
}

impl WeakBb84 {
    fn asymptotic(&self) -> KeyRate {
        let eta = self.receiver_efficiency.0 * Crossing::of(&self.fiber).transmittance();
        let line = Line {
            eta,
            background: self.background_probability.0,
            misalignment: self.misalignment.0,
            afterpulse: 0.0,
            gain: Gain::Union,
        };
        let mu = self.signal.0;
        let gain = line.gain(mu);
        if gain <= 0.0 {
            return KeyRate::new(0.0, vec![("gain", gain)], || "nothing clicks".into());
        }
        let qber = line.wrong(mu) / gain;
        // 1 - e^-mu - mu e^-mu without cancellation.
        let multi = -math::exp_m1(-mu) - mu * math::exp(-mu);
        let tagged = (multi / gain).min(1.0);
        let untagged = 1.0 - tagged;
        let error = if untagged > 0.0 { (qber / untagged).min(0.5) } else { 0.5 };
        let share = untagged * (1.0 - binary_entropy(error)) - self.error_correction.0 * binary_entropy(qber);
        let raw = self.sifting.0 * gain * share;
        let parts = vec![("gain", gain), ("qber", qber), ("tagged", tagged), ("single_photon_error", error)];
        KeyRate::new(raw, parts, || {
            if tagged >= 1.0 {
                return "photon-number splitting: there are more pulses of several photons than clicks; send weaker ones".into();
            }
            format!("QBER {qber:.4} with {tagged:.3} of the clicks perhaps Eve's: no bit is left")
        })
    }
}

impl Protocol for WeakBb84 {
    on_fiber!();
    asymptotic_only!();

    fn knobs(&self, _finite: bool) -> (Vec<Knob>, Vec<f64>) {
        let start = (0.5 * self.receiver_efficiency.0 * Crossing::of(&self.fiber).transmittance()).clamp(1e-9, 1.0);
        (vec![Knob::logarithmic("signal", 1e-10, 1.5)], vec![start])
    }

    fn turned(&self, values: &[f64], _finite: bool) -> Self {
        Self { signal: values.first().map_or(self.signal, |mu| Real(*mu)), ..self.clone() }
    }

    fn security(&self, _finite: bool) -> &'static str {
        "general attacks, asymptotic; Gottesman, Lo, Lutkenhaus and Preskill 2004 (arXiv:quant-ph/0212066)"
    }

    fn assumptions(&self, _finite: bool) -> Vec<String> {
        let mut said = fields::ideal_line(
            self.receiver_efficiency.0,
            self.background_probability.0,
            self.misalignment.0,
            self.error_correction.0,
        );
        said.push("phases of the pulses are random".into());
        said.push("every pulse of two photons and more may be Eve's".into());
        said
    }
}
