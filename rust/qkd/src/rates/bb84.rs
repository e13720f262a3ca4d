//! BB84 with single photons.
//!
//! ```text
//!     R = q Y1 [1 - h(e) - f h(e)]                                                asymptotic, Shor and Preskill 2000
//!     l = n [1 - h(e + mu)] - leak - log2(2/(eps_sec^2 eps_cor))                  finite, Tomamichel et al. 2012
//! ```
//!
//! (doi:10.1103/PhysRevLett.85.441; doi:10.1038/ncomms1631.) Limits: exactly one photon per pulse; detection does not depend
//! on the basis. The key vanishes at e = 11.0 % with f = 1.

use ebit_hardware::channel::Crossing;
use ebit_spec::check::{At, Check};
use ebit_spec::{Channel, Real, SpecError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fields;
use super::key_rate::{KeyRate, NOTHING_CLICKS, pulses_of};
use super::line::{Gain, Line};
use super::protocol::{Knob, Protocol};
use super::protocol_macros::on_fiber;
use crate::entropy::binary_entropy;
use crate::finite::{Finite, tomamichel2012};
use ebit_random::math;

/// BB84 with single photons on one line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename = "BB84")]
pub struct Bb84 {
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
    #[serde(default = "fields::repetition_rate")]
    pub repetition_rate_hz: Real,
}

impl Check for Bb84 {
    const NAME: &'static str = "BB84";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        at.within("fiber", |at| self.fiber.check(at))?;
        fields::check_efficiency(at, self.receiver_efficiency)?;
        fields::check_background(at, self.background_probability)?;
        fields::check_misalignment(at, self.misalignment)?;
        fields::check_error_correction(at, self.error_correction)?;
        fields::check_sifting(at, self.sifting)?;
        fields::check_repetition(at, self.repetition_rate_hz)
    }
}

/// Click probability and error rate of one photon.
#[must_use]
pub fn one_photon(channel: &Channel, efficiency: f64, background: f64, misalignment: f64) -> (f64, f64) {
    let eta = efficiency * Crossing::of(channel).transmittance();
    let line = Line { eta, background, misalignment, afterpulse: 0.0, gain: Gain::Union };
    let (clicks, wrong) = (line.yields(1), line.wrong_of(1));
    (clicks, if clicks > 0.0 { (wrong / clicks).min(0.5) } else { 0.5 })
}

/// What takes every bit, in words.
#[must_use]
pub fn why_none(clicks: f64, qber: f64, threshold: &str) -> String {
    if clicks <= 0.0 {
        return NOTHING_CLICKS.into();
    }
    format!("QBER {qber:.4} is above what this protocol bears ({threshold}; less with error correction above the Shannon limit)")
}

impl Bb84 {
    fn clicks(&self) -> (f64, f64) {
        one_photon(&self.fiber, self.receiver_efficiency.0, self.background_probability.0, self.misalignment.0)
    }

    /// Secret bits per sifted bit.
    #[must_use]
    pub fn fraction(qber: f64, error_correction: f64) -> f64 {
        1.0 - (1.0 + error_correction) * binary_entropy(qber)
    }

    fn finite(&self, finite: &Finite) -> KeyRate {
        let (clicks, qber) = self.clicks();
        let (key, other) = (self.sifting.0, 1.0 - math::sqrt(self.sifting.0));
        let Some(pulses) = pulses_of(finite.block.0, key * clicks) else { return KeyRate::unfilled(clicks, NOTHING_CLICKS) };
        let test = pulses * other * other * clicks;
        let leak = self.error_correction.0 * finite.block.0 * binary_entropy(qber);
        tomamichel2012::rate(finite, test, [qber, qber], leak, pulses, math::sqrt(key))
    }
}

impl Protocol for Bb84 {
    on_fiber!();

    fn key_rate(&self, finite: Option<&Finite>) -> Result<KeyRate, SpecError> {
        if let Some(finite) = finite {
            if self.sifting.0 >= 1.0 {
                let hint = "its square root is the probability of the key basis; the other basis is needed to test";
                return Err(At(&|| Self::NAME.to_owned()).error("sifting", "< 1 for a finite key", self.sifting, hint));
            }
            return Ok(self.finite(finite));
        }
        let (clicks, qber) = self.clicks();
        let raw = self.sifting.0 * clicks * Self::fraction(qber, self.error_correction.0);
        Ok(KeyRate::new(raw, vec![("gain", clicks), ("qber", qber)], || why_none(clicks, qber, "11.00 %")))
    }

    /// Finite: the bias of the bases. Asymptotic: nothing; any bias will do there.
    fn knobs(&self, finite: bool) -> (Vec<Knob>, Vec<f64>) {
        if finite { (vec![Knob::linear("key_basis_probability", 0.05, 1.0 - 1e-6)], vec![0.9]) } else { (vec![], vec![]) }
    }

    fn turned(&self, values: &[f64], _finite: bool) -> Self {
        Self { sifting: values.first().map_or(self.sifting, |p| Real(p * p)), ..self.clone() }
    }

    fn security(&self, finite: bool) -> &'static str {
        if finite {
            "general attacks, finite key; Tomamichel et al. 2012 (doi:10.1038/ncomms1631)"
        } else {
            "general attacks, asymptotic; Shor and Preskill 2000 (doi:10.1103/PhysRevLett.85.441)"
        }
    }

    fn assumptions(&self, finite: bool) -> Vec<String> {
        let mut said = fields::ideal_line(
            self.receiver_efficiency.0,
            self.background_probability.0,
            self.misalignment.0,
            self.error_correction.0,
        );
        said.push("every pulse is exactly one photon".into());
        said.push("detection does not depend on the basis".into());
        if finite {
            said.push("the error rate is the expected one".into());
        }
        said
    }
}
