//! BBM92: pairs from a source anywhere, measured in two bases by both.
//!
//! ```text
//!     R = q Q [1 - f h(E) - h(E)]           Ma, Fung and Lo 2007, doi:10.1103/PhysRevA.76.012307
//! ```
//!
//! with Q and E of [`super::pair_source`]. Finite keys: the uncertainty relation, [`crate::finite::tomamichel2012`]. The
//! source may be Eve's: what is bounded is what the two see. Limits: detection does not depend on the basis.

use ebit_spec::check::{At, Check};
use ebit_spec::{Channel, PerSide, Real, SpecError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bb84::{Bb84, why_none};
use super::fields;
use super::key_rate::{KeyRate, NOTHING_CLICKS, pulses_of};
use super::pair_source::{self, PairSource};
use super::protocol::{Knob, Protocol};
use super::protocol_macros::on_fiber;
use crate::entropy::binary_entropy;
use crate::finite::{Finite, tomamichel2012};
use ebit_random::math;

/// BBM92 with down-conversion.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename = "BBM92")]
pub struct Bbm92 {
    pub fiber: Channel,
    pub receiver_efficiency: PerSide,
    #[serde(default = "none")]
    pub background_probability: PerSide,
    #[serde(default)]
    pub misalignment: Real,
    #[serde(default = "fields::error_correction")]
    pub error_correction: Real,
    #[serde(default = "fields::half")]
    pub sifting: Real,
    #[serde(default = "fields::tenth")]
    pub mean_pairs: Real,
    #[serde(default = "fields::half")]
    pub source: Real,
    #[serde(default = "fields::repetition_rate")]
    pub repetition_rate_hz: Real,
}

pub(super) fn none() -> PerSide {
    PerSide::both(0.0)
}

impl Check for Bbm92 {
    const NAME: &'static str = "BBM92";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        at.within("fiber", |at| self.fiber.check(at))?;
        pair_source::check(at, self.source.0, self.mean_pairs.0, self.receiver_efficiency, self.background_probability)?;
        fields::check_misalignment(at, self.misalignment)?;
        fields::check_error_correction(at, self.error_correction)?;
        fields::check_sifting(at, self.sifting)?;
        fields::check_repetition(at, self.repetition_rate_hz)
    }
}

impl Bbm92 {
    fn coincidences(&self) -> (f64, f64) {
        PairSource::on(
            &self.fiber,
            self.source.0,
            self.mean_pairs.0,
            self.receiver_efficiency,
            self.background_probability,
            self.misalignment.0,
        )
        .coincidences()
    }
}

impl Protocol for Bbm92 {
    on_fiber!();

    fn key_rate(&self, finite: Option<&Finite>) -> Result<KeyRate, SpecError> {
        let (gain, qber) = self.coincidences();
        let Some(finite) = finite else {
            let raw = self.sifting.0 * gain * Bb84::fraction(qber, self.error_correction.0);
            return Ok(KeyRate::new(raw, vec![("gain", gain), ("qber", qber)], || why_none(gain, qber, "11.00 %")));
        };
        if self.sifting.0 >= 1.0 {
            let hint = "its square root is the probability of the key basis; the other basis is needed to test";
            return Err(At(&|| Self::NAME.to_owned()).error("sifting", "< 1 for a finite key", self.sifting, hint));
        }
        let basis = math::sqrt(self.sifting.0);
        let Some(pulses) = pulses_of(finite.block.0, self.sifting.0 * gain) else {
            return Ok(KeyRate::unfilled(gain, NOTHING_CLICKS));
        };
        let test = pulses * (1.0 - basis) * (1.0 - basis) * gain;
        let leak = self.error_correction.0 * finite.block.0 * binary_entropy(qber);
        Ok(tomamichel2012::rate(finite, test, [qber, qber], leak, pulses, basis))
    }

    fn knobs(&self, finite: bool) -> (Vec<Knob>, Vec<f64>) {
        let mut knobs = vec![Knob::logarithmic("mean_pairs", 1e-6, 3.0)];
        let mut start = vec![0.1];
        if finite {
            knobs.push(Knob::linear("key_basis_probability", 0.05, 1.0 - 1e-6));
            start.push(0.9);
        }
        (knobs, start)
    }

    fn turned(&self, values: &[f64], _finite: bool) -> Self {
        let mean_pairs = values.first().map_or(self.mean_pairs, |mu| Real(*mu));
        let sifting = values.get(1).map_or(self.sifting, |p| Real(p * p));
        Self { mean_pairs, sifting, ..self.clone() }
    }

    fn security(&self, finite: bool) -> &'static str {
        if finite {
            "general attacks, any source, finite key; Tomamichel et al. 2012 (doi:10.1038/ncomms1631)"
        } else {
            "general attacks, any source, asymptotic; Ma, Fung and Lo 2007 (doi:10.1103/PhysRevA.76.012307)"
        }
    }

    fn assumptions(&self, finite: bool) -> Vec<String> {
        let (eta, y0) = (self.receiver_efficiency, self.background_probability);
        let mut said = fields::ideal_line(eta.a.max(eta.b), y0.a.min(y0.b), self.misalignment.0, self.error_correction.0);
        said.push("detection does not depend on the basis; a double click is a random bit".into());
        if finite {
            said.push("the error rate is the expected one".into());
        }
        said
    }
}
