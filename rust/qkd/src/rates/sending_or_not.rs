//! Twin-field QKD by sending or not sending.
//!
//! Each sends a pulse of random phase with probability eps, or nothing; one click at the relay makes a bit: right where
//! exactly one sent (Wang, Yu and Hu 2018, doi:10.1103/PhysRevA.98.062323):
//!
//! ```text
//!     R = 2 eps (1-eps) mu e^-mu s1 [1 - h(e1)] - S f h(E)
//!     s1    = (1-p_d) [s + 2 p_d (1-s)],    e1 s1 = (1-p_d) [e_d s + p_d (1-s)]
//!     S     = eps^2 S2 + 2 eps (1-eps) S1 + (1-eps)^2 S0,    E S = eps^2 S2 + (1-eps)^2 S0
//! ```
//!
//! S_k: exactly one click when k of the two send, phases random ([`super::relay`]). Limits: infinitely many decoys and a
//! vanishing share of test pulses; the relay halves the loss; no pairing of bits against errors.

use ebit_spec::check::{At, Check};
use ebit_spec::{Channel, Real, SpecError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fields::{self, check_intensity};
use super::key_rate::KeyRate;
use super::mdi::check_dark;
use super::protocol::{Knob, Protocol};
use super::protocol_macros::{asymptotic_only, on_fiber};
use super::relay::one_click;
use super::twin_field::{arm, check_symmetric};
use crate::entropy::binary_entropy;
use ebit_random::math;

/// Twin-field QKD by sending or not sending.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SendingOrNotSending {
    pub fiber: Channel,
    pub receiver_efficiency: Real,
    #[serde(default)]
    pub dark_count_probability: Real,
    #[serde(default)]
    pub misalignment: Real,
    #[serde(default = "fields::error_correction")]
    pub error_correction: Real,
    #[serde(default = "fields::half")]
    pub signal: Real,
    #[serde(default = "seldom")]
    pub sending_probability: Real,
    #[serde(default = "fields::repetition_rate")]
    pub repetition_rate_hz: Real,
}

fn seldom() -> Real {
    Real(0.05)
}

impl Check for SendingOrNotSending {
    const NAME: &'static str = "SendingOrNotSending";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        at.within("fiber", |at| self.fiber.check(at))?;
        fields::check_efficiency(at, self.receiver_efficiency)?;
        check_dark(at, self.dark_count_probability)?;
        fields::check_misalignment(at, self.misalignment)?;
        fields::check_error_correction(at, self.error_correction)?;
        check_intensity(at, "signal", self.signal)?;
        if !(self.sending_probability.0 > 0.0 && self.sending_probability.0 < 1.0) {
            return Err(at.error("sending_probability", "in (0, 1)", self.sending_probability, "near 0.05"));
        }
        check_symmetric(at, &self.fiber)?;
        fields::check_repetition(at, self.repetition_rate_hz)
    }
}

impl SendingOrNotSending {
    fn asymptotic(&self) -> KeyRate {
        let s = arm(&self.fiber, self.receiver_efficiency.0);
        let (p, mu, send) = (self.dark_count_probability.0, self.signal.0, self.sending_probability.0);
        let none = (1.0 - send) * (1.0 - send) * one_click(0.0, 0.0, p);
        let both = send * send * one_click(s * mu, s * mu, p);
        let one = 2.0 * send * (1.0 - send) * one_click(s * mu, 0.0, p);
        let gain = none + one + both;
        if gain <= 0.0 {
            return KeyRate::new(0.0, vec![("gain", gain)], || "nothing clicks at the relay".into());
        }
        let qber = ((none + both) / gain).min(0.5);
        let single = (1.0 - p) * (s + 2.0 * p * (1.0 - s));
        let wrong = (1.0 - p) * (self.misalignment.0 * s + p * (1.0 - s));
        let phase = if single > 0.0 { (wrong / single).min(0.5) } else { 0.5 };
        let secret = 2.0 * send * (1.0 - send) * mu * math::exp(-mu) * single * (1.0 - binary_entropy(phase));
        let raw = secret - gain * self.error_correction.0 * binary_entropy(qber);
        let parts = vec![("gain", gain), ("qber", qber), ("single_photon_yield", single), ("phase_error", phase)];
        KeyRate::new(raw, parts, || {
            format!("QBER {qber:.4} and phase error {phase:.4}: no bit is left; sending less often has fewer errors")
        })
    }
}

impl Protocol for SendingOrNotSending {
    on_fiber!();
    asymptotic_only!();

    fn knobs(&self, _finite: bool) -> (Vec<Knob>, Vec<f64>) {
        (vec![Knob::linear("signal", 0.01, 2.0), Knob::logarithmic("sending_probability", 1e-4, 0.5)], vec![0.5, 0.05])
    }

    fn turned(&self, values: &[f64], _finite: bool) -> Self {
        Self { signal: Real(values[0]), sending_probability: Real(values[1]), ..self.clone() }
    }

    fn security(&self, _finite: bool) -> &'static str {
        "general attacks, any relay, asymptotic; Wang, Yu and Hu 2018 (doi:10.1103/PhysRevA.98.062323)"
    }

    fn assumptions(&self, _finite: bool) -> Vec<String> {
        let mut said = fields::ideal_line(
            self.receiver_efficiency.0,
            self.dark_count_probability.0,
            self.misalignment.0,
            self.error_correction.0,
        );
        said.push("the relay is in the middle; test pulses are a vanishing share".into());
        said.push("as many decoys as it takes; bits are not paired against errors".into());
        said
    }
}
