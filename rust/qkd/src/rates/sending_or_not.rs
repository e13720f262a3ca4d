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
//! vanishing share of test pulses; the relay halves the loss; no pairing of bits against errors. Finite keys send windows
//! that test ([`crate::finite::sending`]); a misaligned photon in them clicks in the other detector.

use ebit_spec::check::{At, Check};
use ebit_spec::{Channel, Real, SpecError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fields::{self, check_intensity};
use super::key_rate::{KeyRate, NOTHING_AT_THE_RELAY};
use super::mdi::check_dark;
use super::protocol::{Knob, Protocol};
use super::protocol_macros::on_fiber;
use super::sending_finite::{Plan, key_clicks};
use super::test_windows::TestWindows;
use super::twin_field::{arm, check_symmetric};
use crate::entropy::binary_entropy;
use crate::finite::Finite;
use ebit_random::math;
use std::f64::consts::PI;

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
    #[serde(default)]
    pub phase_slice_rad: Option<Real>,
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
        self.check_tests(at)?;
        fields::check_repetition(at, self.repetition_rate_hz)
    }
}

impl SendingOrNotSending {
    fn check_tests(&self, at: &At<'_>) -> Result<(), SpecError> {
        let windows = TestWindows {
            weak: self.weak,
            strong: self.strong,
            weak_probability: self.weak_probability,
            strong_probability: self.strong_probability,
            key_window_probability: self.key_window_probability,
        };
        windows.check(at)?;
        if let Some(slice) = self.phase_slice_rad.filter(|d| !(d.0 > 0.0 && d.0 <= PI)) {
            return Err(at.error("phase_slice_rad", "in (0, pi]", slice, "width of the slice of phase differences, near 0.5"));
        }
        Ok(())
    }

    /// The numbers of a finite key, without words.
    fn plan(&self) -> Plan {
        let number = |value: Option<Real>| value.map(|each| each.0);
        Plan {
            arm: arm(&self.fiber, self.receiver_efficiency.0),
            dark: self.dark_count_probability.0,
            misalignment: self.misalignment.0,
            error_correction: self.error_correction.0,
            signal: self.signal.0,
            sending: self.sending_probability.0,
            weak: number(self.weak),
            strong: number(self.strong),
            shares: number(self.weak_probability).zip(number(self.strong_probability)),
            key: number(self.key_window_probability),
            slice: number(self.phase_slice_rad),
        }
    }

    fn asymptotic(&self) -> KeyRate {
        let s = arm(&self.fiber, self.receiver_efficiency.0);
        let (p, mu, send) = (self.dark_count_probability.0, self.signal.0, self.sending_probability.0);
        let (none, one, both) = key_clicks(s, p, mu, send);
        let gain = none + one + both;
        if gain <= 0.0 {
            return KeyRate::new(0.0, vec![("gain", gain)], || NOTHING_AT_THE_RELAY.into());
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

    /// Asymptotic: the signal and how often it is sent. Finite: the test windows, too.
    fn knobs(&self, finite: bool) -> (Vec<Knob>, Vec<f64>) {
        let mut knobs = vec![Knob::linear("signal", 0.01, 2.0), Knob::logarithmic("sending_probability", 1e-4, 0.5)];
        let mut start = vec![0.5, 0.05];
        if finite {
            knobs.extend([
                Knob::logarithmic("weak", 1e-4, 0.5),
                Knob::linear("strong above weak", 0.01, 1.5),
                Knob::linear("weak_probability", 1e-3, 1.0 - 1e-3),
                Knob::linear("strong share of the rest", 1e-3, 1.0 - 1e-3),
                Knob::logarithmic("test_window_probability", 1e-4, 0.95),
                Knob::logarithmic("phase_slice_rad", 0.01, PI),
            ]);
            start.extend([0.05, 0.4, 0.6, 0.5, 0.15, 0.4]);
        }
        (knobs, start)
    }

    fn turned(&self, values: &[f64], finite: bool) -> Self {
        let new = Self { signal: Real(values[0]), sending_probability: Real(values[1]), ..self.clone() };
        if let (true, [_, _, weak, above, share, rest, test, slice]) = (finite, values) {
            return Self {
                weak: Some(Real(*weak)),
                strong: Some(Real(weak + above)),
                weak_probability: Some(Real(*share)),
                strong_probability: Some(Real((1.0 - share) * rest)),
                key_window_probability: Some(Real(1.0 - test)),
                phase_slice_rad: Some(Real(*slice)),
                ..new
            };
        }
        new
    }

    fn security(&self, finite: bool) -> &'static str {
        if finite {
            return "general attacks, any relay, finite key; Jiang et al. 2019 (doi:10.1103/PhysRevApplied.12.024061), with the bookkeeping of Lim et al. 2014 (doi:10.1103/PhysRevA.89.022307)";
        }
        "general attacks, any relay, asymptotic; Wang, Yu and Hu 2018 (doi:10.1103/PhysRevA.98.062323)"
    }

    fn assumptions(&self, finite: bool) -> Vec<String> {
        let mut said = fields::ideal_line(
            self.receiver_efficiency.0,
            self.dark_count_probability.0,
            self.misalignment.0,
            self.error_correction.0,
        );
        if finite {
            said.push("the relay is in the middle; phases of the pulses are random, intensities exact and equal".into());
            said.push("counts are the expected ones; bits are not paired against errors".into());
            return said;
        }
        said.push("the relay is in the middle; test pulses are a vanishing share".into());
        said.push("as many decoys as it takes; bits are not paired against errors".into());
        said
    }
}
