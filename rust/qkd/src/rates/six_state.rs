//! The six-state protocol with single photons.
//!
//! Errors in three bases fix the Bell-diagonal weights: with the same rate e in each, (1 - 3e/2, e/2, e/2, e/2). What Eve
//! may know of a bit is the entropy of the weights less that of the bit error (Lo 2001, Quantum Inf. Comput. 1, 81; Scarani
//! et al. 2009, doi:10.1103/RevModPhys.81.1301, appendix A):
//!
//! ```text
//!     R = q Y1 {1 - [H(1 - 3e/2, e/2, e/2, e/2) - h(e)] - f h(e)}
//! ```
//!
//! Finite keys, [`crate::finite::nahar2024`], are made in one basis, taken with probability sqrt(q); the others, equally
//! likely, test. Limits: exactly one photon per pulse; the key vanishes at e = 12.62 % with f = 1.

use ebit_spec::check::{At, Check};
use ebit_spec::{Channel, Real, SpecError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bb84::{one_photon, why_none};
use super::fields;
use super::key_rate::KeyRate;
use super::protocol::{Knob, Protocol};
use super::protocol_macros::on_fiber;
use crate::entropy::{binary_entropy, entropy};
use crate::finite::{Finite, nahar2024};
use ebit_random::math;

/// Three bases, each as likely: both choose the same one a third of the time.
fn third() -> Real {
    Real(1.0 / 3.0)
}

/// Six states on one line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SixState {
    pub fiber: Channel,
    pub receiver_efficiency: Real,
    #[serde(default)]
    pub background_probability: Real,
    #[serde(default)]
    pub misalignment: Real,
    #[serde(default = "fields::error_correction")]
    pub error_correction: Real,
    #[serde(default = "third")]
    pub sifting: Real,
    #[serde(default = "fields::repetition_rate")]
    pub repetition_rate_hz: Real,
}

impl Check for SixState {
    const NAME: &'static str = "SixState";
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

impl SixState {
    /// Secret bits per sifted bit.
    #[must_use]
    pub fn fraction(qber: f64, error_correction: f64) -> f64 {
        let q = qber.clamp(0.0, 0.5);
        let eve = entropy(&[1.0 - 1.5 * q, 0.5 * q, 0.5 * q, 0.5 * q]) - binary_entropy(q);
        1.0 - eve - error_correction * binary_entropy(q)
    }

    fn asymptotic(&self) -> KeyRate {
        let (clicks, qber) =
            one_photon(&self.fiber, self.receiver_efficiency.0, self.background_probability.0, self.misalignment.0);
        let raw = self.sifting.0 * clicks * Self::fraction(qber, self.error_correction.0);
        KeyRate::new(raw, vec![("gain", clicks), ("qber", qber)], || why_none(clicks, qber, "12.62 %"))
    }
}

impl Protocol for SixState {
    on_fiber!();

    fn key_rate(&self, finite: Option<&Finite>) -> Result<KeyRate, SpecError> {
        let Some(finite) = finite else { return Ok(self.asymptotic()) };
        let key_basis = math::sqrt(self.sifting.0);
        if !(self.sifting.0 < 1.0 && key_basis * 3.0 > 1.0 + 1e-9) {
            let hint = "its square root is the probability of the key basis; the other two, less likely, test";
            return Err(At(&|| Self::NAME.to_owned()).error("sifting", "in (1/9, 1) for a finite key", self.sifting, hint));
        }
        let (clicks, qber) =
            one_photon(&self.fiber, self.receiver_efficiency.0, self.background_probability.0, self.misalignment.0);
        Ok(nahar2024::rate(finite, clicks, qber, key_basis, self.error_correction.0))
    }

    /// Finite: the bias of the bases. Asymptotic: nothing; any bias will do there.
    fn knobs(&self, finite: bool) -> (Vec<Knob>, Vec<f64>) {
        if finite { (vec![Knob::linear("key_basis_probability", 0.34, 1.0 - 1e-6)], vec![0.8]) } else { (vec![], vec![]) }
    }

    fn turned(&self, values: &[f64], _finite: bool) -> Self {
        Self { sifting: values.first().map_or(self.sifting, |p| Real(p * p)), ..self.clone() }
    }

    fn security(&self, finite: bool) -> &'static str {
        if finite {
            return "general attacks, finite key by postselection; Tupkary, Tan and Lutkenhaus 2024 \
                    (doi:10.48550/arXiv.2311.01600), Nahar et al. 2024 (doi:10.48550/arXiv.2403.11851)";
        }
        "general attacks, asymptotic; Lo 2001 (arXiv:quant-ph/0102138), Scarani et al. 2009 (doi:10.1103/RevModPhys.81.1301)"
    }

    fn assumptions(&self, finite: bool) -> Vec<String> {
        let mut said = fields::ideal_line(
            self.receiver_efficiency.0,
            self.background_probability.0,
            self.misalignment.0,
            self.error_correction.0,
        );
        said.push("every pulse is exactly one photon".into());
        said.push("the error rate is the same in the three bases".into());
        if finite {
            said.push("detection does not depend on the basis".into());
            said.push("the error rate is the expected one".into());
        }
        said
    }
}
