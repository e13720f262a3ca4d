//! Device-independent QKD: the key's secrecy from a Bell violation alone.
//!
//! Devetak and Winter's rate with Eve bounded by S (Acin et al. 2007, doi:10.1103/PhysRevLett.98.230501):
//!
//! ```text
//!     R = 1 - f h(Q) - h((1 + sqrt((S/2)^2 - 1))/2)
//! ```
//!
//! No click may be thrown away: one that fails to come is read as 0. With visibility v and clicks of probability a and b,
//!
//! ```text
//!     S = 2 sqrt2 v a b + 2 (1-a)(1-b)
//!     Q = a b (1-v)/2 + [a (1-b) + b (1-a)]/2
//! ```
//!
//! so that S > 2 asks for clicks of at least 2/(1 + sqrt2) = 82.8 % at v = 1: below, the detection loophole is open. Limits:
//! maximally entangled pairs, made and announced without loss (heralded) or lost as given; collective attacks, which suffice
//! asymptotically (Arnon-Friedman, Renner and Vidick 2019, SIAM J. Comput. 48, 181, arXiv:1607.01797). The threshold is
//! Q = 7.15 %.

use ebit_hardware::channel::Crossing;
use ebit_spec::check::{At, Check, Range};
use ebit_spec::{Channel, PerSide, Real, SpecError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fields;
use super::key_rate::KeyRate;
use super::protocol::{Knob, Protocol};
use super::protocol_macros::{asymptotic_only, on_fiber};
use crate::entropy::binary_entropy;
use ebit_random::math;

/// Clicks that a maximally entangled pair needs for a violation: 2/(1 + sqrt2).
pub const LEAST_CLICKS: f64 = 0.828_427_124_746_190_1;

/// Pairs between two boxes that nobody trusts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceIndependent {
    pub fiber: Channel,
    pub receiver_efficiency: PerSide,
    #[serde(default = "fields::one")]
    pub visibility: Real,
    #[serde(default = "fields::error_correction")]
    pub error_correction: Real,
    #[serde(default)]
    pub heralded: bool,
    #[serde(default = "fields::half")]
    pub source: Real,
    #[serde(default = "fields::repetition_rate")]
    pub repetition_rate_hz: Real,
}

impl Check for DeviceIndependent {
    const NAME: &'static str = "DeviceIndependent";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        at.within("fiber", |at| self.fiber.check(at))?;
        at.per_side("receiver_efficiency", self.receiver_efficiency, Range::Probability, "a click per photon that arrives")?;
        at.real("visibility", self.visibility, Range::Probability, "of the pairs, Werner")?;
        fields::check_error_correction(at, self.error_correction)?;
        at.real("source", self.source, Range::Probability, "share of the fibre on Alice's side")?;
        fields::check_repetition(at, self.repetition_rate_hz)
    }
}

/// What Eve may know of a bit where CHSH is S, in bits; all of it at 2 and below.
#[must_use]
pub fn eve_of_chsh(s: f64) -> f64 {
    let excess = 0.25 * s * s - 1.0;
    if excess <= 0.0 {
        return 1.0;
    }
    binary_entropy(0.5 * (1.0 + math::sqrt(excess.min(1.0))))
}

impl DeviceIndependent {
    /// Secret bits per pair of error rate Q and S = 2 sqrt2 (1 - 2Q).
    #[must_use]
    pub fn fraction(qber: f64, error_correction: f64) -> f64 {
        1.0 - error_correction * binary_entropy(qber) - eve_of_chsh(super::e91::chsh(qber))
    }

    fn asymptotic(&self) -> KeyRate {
        let [a, b] = Crossing::arms(&self.fiber, self.source.0);
        let (ta, tb) = (a.transmittance(), b.transmittance());
        let (ea, eb) = (self.receiver_efficiency.a, self.receiver_efficiency.b);
        // A herald says that both photons arrived: their loss costs rate, not clicks.
        let (share, a, b) = if self.heralded { (ta * tb, ea, eb) } else { (1.0, ea * ta, eb * tb) };
        let v = self.visibility.0;
        let s = super::e91::TSIRELSON * v * a * b + 2.0 * (1.0 - a) * (1.0 - b);
        let qber = 0.5 * a * b * (1.0 - v) + 0.5 * (a * (1.0 - b) + b * (1.0 - a));
        let fraction = 1.0 - self.error_correction.0 * binary_entropy(qber.min(0.5)) - eve_of_chsh(s);
        let parts = vec![("heralds", share), ("chsh", s), ("qber", qber), ("clicks_a", a), ("clicks_b", b)];
        KeyRate::new(share * fraction, parts, || {
            if s > 2.0 {
                return format!("S = {s:.4} violates CHSH, but not enough for QBER {qber:.4}");
            }
            if v * a * b < v * LEAST_CLICKS * LEAST_CLICKS {
                return format!(
                    "the detection loophole is open: clicks of {a:.4} and {b:.4}, of which 0.8284 each would just do, give S = {s:.4}"
                );
            }
            format!("S = {s:.4} does not exceed 2: the pairs are too noisy")
        })
    }
}

impl Protocol for DeviceIndependent {
    on_fiber!();
    asymptotic_only!();

    fn knobs(&self, _finite: bool) -> (Vec<Knob>, Vec<f64>) {
        (vec![], vec![])
    }

    fn turned(&self, _values: &[f64], _finite: bool) -> Self {
        self.clone()
    }

    fn security(&self, _finite: bool) -> &'static str {
        "untrusted devices, collective attacks, asymptotic; Acin et al. 2007 (doi:10.1103/PhysRevLett.98.230501)"
    }

    fn assumptions(&self, _finite: bool) -> Vec<String> {
        let eta = self.receiver_efficiency;
        let mut said = fields::ideal_line(eta.a.max(eta.b), 1.0, 1.0, self.error_correction.0);
        if self.visibility.0 == 1.0 {
            said.push("perfect pairs (visibility 1)".into());
        }
        said.push("a missing click is read as 0: nothing is thrown away".into());
        said.push("nothing leaves the laboratories; settings are random".into());
        said
    }
}
