//! BB84 with weak coherent pulses and no decoys: every pulse of two photons and more may be Eve's.
//!
//! Gottesman, Lo, Lutkenhaus and Preskill 2004 (Quantum Inf. Comput. 4, 325): with Delta = P(n >= 2)/Q the share of clicks
//! that may be tagged,
//!
//! ```text
//!     R = q Q {(1 - Delta)[1 - h(E/(1 - Delta))] - f h(E)}
//! ```
//!
//! Finite: as [`crate::finite::tagged`], the key basis chosen with probability sqrt(q) by both.
//!
//! Limits: random phases. At small transmittance the best mu is near eta and R goes with eta^2.

use ebit_hardware::channel::Crossing;
use ebit_spec::check::{At, Check};
use ebit_spec::{Channel, Real, SpecError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fields::{self, check_intensity};
use super::key_rate::{KeyRate, NOTHING_CLICKS, pulses_of};
use super::line::{Gain, Line};
use super::protocol::{Knob, Protocol};
use super::protocol_macros::on_fiber;
use crate::entropy::binary_entropy;
use crate::finite::{Finite, tagged};
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

const SPLITTING: &str = "photon-number splitting: there are more pulses of several photons than clicks; send weaker ones";

impl WeakBb84 {
    /// Clicks per pulse and the share of wrong ones.
    fn clicks(&self) -> (f64, f64) {
        let eta = self.receiver_efficiency.0 * Crossing::of(&self.fiber).transmittance();
        let line = Line {
            eta,
            background: self.background_probability.0,
            misalignment: self.misalignment.0,
            afterpulse: 0.0,
            gain: Gain::Union,
        };
        let gain = line.gain(self.signal.0);
        (gain, if gain > 0.0 { (line.wrong(self.signal.0) / gain).min(0.5) } else { 0.5 })
    }

    fn asymptotic(&self) -> KeyRate {
        let (gain, qber) = self.clicks();
        if gain <= 0.0 {
            return KeyRate::new(0.0, vec![("gain", gain)], || "nothing clicks".into());
        }
        let tagged = (tagged::several(self.signal.0) / gain).min(1.0);
        let untagged = 1.0 - tagged;
        let error = if untagged > 0.0 { (qber / untagged).min(0.5) } else { 0.5 };
        let share = untagged * (1.0 - binary_entropy(error)) - self.error_correction.0 * binary_entropy(qber);
        let raw = self.sifting.0 * gain * share;
        let parts = vec![("gain", gain), ("qber", qber), ("tagged", tagged), ("single_photon_error", error)];
        KeyRate::new(raw, parts, || {
            if tagged >= 1.0 {
                return SPLITTING.into();
            }
            format!("QBER {qber:.4} with {tagged:.3} of the clicks perhaps Eve's: no bit is left")
        })
    }

    fn finite(&self, finite: &Finite) -> KeyRate {
        let (gain, qber) = self.clicks();
        let (block, key_basis) = (finite.block.0, math::sqrt(self.sifting.0));
        let Some(pulses) = pulses_of(block, self.sifting.0 * gain) else { return KeyRate::unfilled(gain, NOTHING_CLICKS) };
        let test = pulses * (1.0 - key_basis) * (1.0 - key_basis) * gain;
        let leak = self.error_correction.0 * block * binary_entropy(qber);
        let counts = tagged::Counts { pulses, signal: self.signal.0, key_basis, key: block, test, test_wrong: test * qber };
        let length = tagged::length(&counts, qber, leak, &finite.epsilon);
        let parts = vec![
            ("signal", self.signal.0),
            ("key_basis_probability", key_basis),
            ("pulses", pulses),
            ("qber", qber),
            ("test_bits", test),
            ("untagged_clicks", length.single),
            ("phase_error", length.phase_error),
            ("disclosed_bits", leak),
            ("key_bits", length.bits.max(0.0)),
        ];
        let mut rate = KeyRate::new(length.bits / pulses, parts, || {
            if length.single <= 0.0 { SPLITTING.into() } else { length.why_none("clicks of one photon") }
        });
        rate.epsilon = tagged::parts(length.secrecy, finite.epsilon.correctness.0);
        rate
    }
}

impl Protocol for WeakBb84 {
    on_fiber!();

    fn key_rate(&self, finite: Option<&Finite>) -> Result<KeyRate, SpecError> {
        let Some(finite) = finite else { return Ok(self.asymptotic()) };
        if self.sifting.0 >= 1.0 {
            let hint = "its square root is the probability of the key basis; the other basis is needed to test";
            return Err(At(&|| Self::NAME.to_owned()).error("sifting", "< 1 for a finite key", self.sifting, hint));
        }
        Ok(self.finite(finite))
    }

    fn knobs(&self, finite: bool) -> (Vec<Knob>, Vec<f64>) {
        let start = (0.5 * self.receiver_efficiency.0 * Crossing::of(&self.fiber).transmittance()).clamp(1e-9, 1.0);
        let (mut knobs, mut start) = (vec![Knob::logarithmic("signal", 1e-10, 1.5)], vec![start]);
        if finite {
            knobs.push(Knob::linear("key_basis_probability", 0.05, 1.0 - 1e-6));
            start.push(0.9);
        }
        (knobs, start)
    }

    fn turned(&self, values: &[f64], _finite: bool) -> Self {
        let signal = values.first().map_or(self.signal, |mu| Real(*mu));
        let sifting = values.get(1).map_or(self.sifting, |p| Real(p * p));
        Self { signal, sifting, ..self.clone() }
    }

    fn security(&self, finite: bool) -> &'static str {
        if finite {
            return "general attacks, finite key; tagged pulses of Gottesman, Lo, Lutkenhaus and Preskill 2004 (arXiv:quant-ph/0212066), booked as by Lim et al. 2014 (doi:10.1103/PhysRevA.89.022307)";
        }
        "general attacks, asymptotic; Gottesman, Lo, Lutkenhaus and Preskill 2004 (arXiv:quant-ph/0212066)"
    }

    fn assumptions(&self, finite: bool) -> Vec<String> {
        let mut said = fields::ideal_line(
            self.receiver_efficiency.0,
            self.background_probability.0,
            self.misalignment.0,
            self.error_correction.0,
        );
        said.push("phases of the pulses are random".into());
        said.push("every pulse of two photons and more may be Eve's".into());
        if finite {
            said.push("counts are the expected ones".into());
        }
        said
    }
}
