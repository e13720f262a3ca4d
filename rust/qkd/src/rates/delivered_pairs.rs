//! BBM92 on pairs that somebody else delivers: a repeater chain, a path of a network, an experiment.
//!
//! ```text
//!     R = q [1 - f h(Q_key) - h(Q_test)]  per pair
//! ```
//!
//! (Shor and Preskill 2000, doi:10.1103/PhysRevLett.85.441.) Finite keys by the uncertainty relation,
//! [`crate::finite::tomamichel2012`], with sqrt(q) the probability of the key basis. Limits: pairs are measured as qubits;
//! detection does not depend on the basis.

use ebit_spec::check::{At, Check, Range};
use ebit_spec::{Channel, Real, SpecError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fields;
use super::key_rate::{KeyRate, pulses_of};
use super::protocol::{Knob, Protocol};
use crate::entropy::binary_entropy;
use crate::finite::{Finite, tomamichel2012};
use ebit_random::math;

/// Pairs by their error rates, so many per second.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeliveredPairs {
    pub qber_x: Real,
    pub qber_z: Real,
    #[serde(default = "fields::one")]
    pub pair_rate_hz: Real,
    #[serde(default = "fields::error_correction")]
    pub error_correction: Real,
    #[serde(default = "fields::half")]
    pub sifting: Real,
}

impl Check for DeliveredPairs {
    const NAME: &'static str = "DeliveredPairs";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        at.real("qber_x", self.qber_x, Range::Probability, "error rate in the X basis")?;
        at.real("qber_z", self.qber_z, Range::Probability, "error rate in the Z basis")?;
        at.real("pair_rate_hz", self.pair_rate_hz, Range::NonNegative, "pairs per second")?;
        fields::check_error_correction(at, self.error_correction)?;
        fields::check_sifting(at, self.sifting)
    }
}

impl Protocol for DeliveredPairs {
    fn key_rate(&self, finite: Option<&Finite>) -> Result<KeyRate, SpecError> {
        // An error rate above 1/2 is one below it with a bit flipped.
        let fold = |q: f64| q.min(1.0 - q);
        let (x, z) = (fold(self.qber_x.0), fold(self.qber_z.0));
        if let Some(finite) = finite {
            if self.sifting.0 >= 1.0 {
                let hint = "its square root is the probability of the key basis; the other basis is needed to test";
                return Err(At(&|| Self::NAME.to_owned()).error("sifting", "< 1 for a finite key", self.sifting, hint));
            }
            let basis = math::sqrt(self.sifting.0);
            let Some(pairs) = pulses_of(finite.block.0, self.sifting.0) else {
                return Ok(KeyRate::unfilled(self.sifting.0, "nothing is kept"));
            };
            let test = pairs * (1.0 - basis) * (1.0 - basis);
            let leak = self.error_correction.0 * finite.block.0 * binary_entropy(z);
            return Ok(tomamichel2012::rate(finite, test, [z, x], leak, pairs, basis));
        }
        let fraction = 1.0 - self.error_correction.0 * binary_entropy(z) - binary_entropy(x);
        let parts = vec![("qber_x", self.qber_x.0), ("qber_z", self.qber_z.0)];
        Ok(KeyRate::new(self.sifting.0 * fraction, parts, || {
            format!("QBER {:.4} in X and {:.4} in Z: together above what BBM92 bears (11.00 % each)", self.qber_x, self.qber_z)
        }))
    }

    fn repetition_rate_hz(&self) -> f64 {
        self.pair_rate_hz.0
    }

    fn channel(&self) -> Option<&Channel> {
        None
    }

    fn with_channel(&self, _channel: Channel) -> Self {
        self.clone()
    }

    fn knobs(&self, finite: bool) -> (Vec<Knob>, Vec<f64>) {
        if finite { (vec![Knob::linear("key_basis_probability", 0.05, 1.0 - 1e-6)], vec![0.9]) } else { (vec![], vec![]) }
    }

    fn turned(&self, values: &[f64], _finite: bool) -> Self {
        Self { sifting: values.first().map_or(self.sifting, |p| Real(p * p)), ..self.clone() }
    }

    fn security(&self, finite: bool) -> &'static str {
        if finite {
            "general attacks, any source, finite key; Tomamichel et al. 2012 (doi:10.1038/ncomms1631)"
        } else {
            "general attacks, any source, asymptotic; Shor and Preskill 2000 (doi:10.1103/PhysRevLett.85.441)"
        }
    }

    fn assumptions(&self, _finite: bool) -> Vec<String> {
        let mut said = Vec::new();
        if self.error_correction.0 == 1.0 {
            said.push("error correction at the Shannon limit (error_correction 1)".into());
        }
        said.push("the key is from Z, tested in X; every pair is measured".into());
        said
    }
}
