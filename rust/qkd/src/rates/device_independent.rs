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
//! Q = 7.15 %. A finite key, [`crate::finite::nadlinger2022`], counts rounds, and tests a share of them.

use ebit_hardware::channel::Crossing;
use ebit_spec::check::{At, Check, Range};
use ebit_spec::{Channel, PerSide, Real, SpecError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fields;
use super::key_rate::KeyRate;
use super::protocol::{Knob, Protocol};
use super::protocol_macros::on_fiber;
use crate::entropy::binary_entropy;
use crate::finite::{Finite, nadlinger2022};
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
    /// gamma: how often a round is a test. Only finite keys ask.
    #[serde(default = "twentieth")]
    pub test_probability: Real,
    #[serde(default = "fields::repetition_rate")]
    pub repetition_rate_hz: Real,
}

/// As in the first experiment (Nadlinger et al. 2022: 13/256).
fn twentieth() -> Real {
    Real(0.05)
}

impl Check for DeviceIndependent {
    const NAME: &'static str = "DeviceIndependent";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        at.within("fiber", |at| self.fiber.check(at))?;
        at.per_side("receiver_efficiency", self.receiver_efficiency, Range::Probability, "a click per photon that arrives")?;
        at.real("visibility", self.visibility, Range::Probability, "of the pairs, Werner")?;
        fields::check_error_correction(at, self.error_correction)?;
        at.real("source", self.source, Range::Probability, "share of the fibre on Alice's side")?;
        let test = self.test_probability;
        if !(test.0 >= 1e-9 && test.0 < 1.0) {
            let hint = "how often a round of a finite key is a test, near 0.05";
            return Err(at.error("test_probability", "in [1e-9, 1)", test, hint));
        }
        fields::check_repetition(at, self.repetition_rate_hz)
    }
}

/// Honest boxes: heralds per pair, clicks of either side, S and the error rate.
struct Honest {
    heralds: f64,
    clicks: [f64; 2],
    chsh: f64,
    qber: f64,
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

    fn honest(&self) -> Honest {
        let [a, b] = Crossing::arms(&self.fiber, self.source.0);
        let (ta, tb) = (a.transmittance(), b.transmittance());
        let (ea, eb) = (self.receiver_efficiency.a, self.receiver_efficiency.b);
        // A herald says that both photons arrived: their loss costs rate, not clicks.
        let (heralds, a, b) = if self.heralded { (ta * tb, ea, eb) } else { (1.0, ea * ta, eb * tb) };
        let v = self.visibility.0;
        let chsh = super::e91::TSIRELSON * v * a * b + 2.0 * (1.0 - a) * (1.0 - b);
        let qber = 0.5 * a * b * (1.0 - v) + 0.5 * (a * (1.0 - b) + b * (1.0 - a));
        Honest { heralds, clicks: [a, b], chsh, qber }
    }

    fn asymptotic(&self) -> KeyRate {
        let Honest { heralds, clicks: [a, b], chsh: s, qber } = self.honest();
        let fraction = 1.0 - self.error_correction.0 * binary_entropy(qber.min(0.5)) - eve_of_chsh(s);
        let parts = vec![("heralds", heralds), ("chsh", s), ("qber", qber), ("clicks_a", a), ("clicks_b", b)];
        KeyRate::new(heralds * fraction, parts, || Self::why_none(s, qber, self.visibility.0, [a, b]))
    }

    fn why_none(s: f64, qber: f64, v: f64, [a, b]: [f64; 2]) -> String {
        if s > 2.0 {
            return format!("S = {s:.4} violates CHSH, but not enough for QBER {qber:.4}");
        }
        if v * a * b < v * LEAST_CLICKS * LEAST_CLICKS {
            return format!(
                "the detection loophole is open: clicks of {a:.4} and {b:.4}, of which 0.8284 each would just do, give S = {s:.4}"
            );
        }
        format!("S = {s:.4} does not exceed 2: the pairs are too noisy")
    }

    fn finite(&self, finite: &Finite) -> KeyRate {
        let Honest { heralds, clicks, chsh, qber } = self.honest();
        let mut rate =
            nadlinger2022::rate(finite, heralds, self.test_probability.0, chsh, qber.min(0.5), self.error_correction.0);
        if heralds > 0.0 && rate.raw <= 0.0 && chsh <= 2.0 {
            rate.why = Self::why_none(chsh, qber, self.visibility.0, clicks);
        }
        rate
    }
}

impl Protocol for DeviceIndependent {
    on_fiber!();

    fn key_rate(&self, finite: Option<&Finite>) -> Result<KeyRate, SpecError> {
        Ok(finite.map_or_else(|| self.asymptotic(), |finite| self.finite(finite)))
    }

    /// Finite: how much is tested.
    fn knobs(&self, finite: bool) -> (Vec<Knob>, Vec<f64>) {
        if finite { (vec![Knob::logarithmic("test_probability", 1e-5, 0.9)], vec![0.05]) } else { (vec![], vec![]) }
    }

    fn turned(&self, values: &[f64], _finite: bool) -> Self {
        Self { test_probability: values.first().map_or(self.test_probability, |p| Real(*p)), ..self.clone() }
    }

    fn security(&self, finite: bool) -> &'static str {
        if finite {
            return "untrusted devices, general attacks, finite key by entropy accumulation; Nadlinger et al. 2022 \
                    (doi:10.1038/s41586-022-04941-5)";
        }
        "untrusted devices, collective attacks, asymptotic; Acin et al. 2007 (doi:10.1103/PhysRevLett.98.230501)"
    }

    fn assumptions(&self, finite: bool) -> Vec<String> {
        let eta = self.receiver_efficiency;
        let mut said = fields::ideal_line(eta.a.max(eta.b), 1.0, 1.0, self.error_correction.0);
        if self.visibility.0 == 1.0 {
            said.push("perfect pairs (visibility 1)".into());
        }
        said.push("a missing click is read as 0: nothing is thrown away".into());
        said.push("nothing leaves the laboratories; settings are random".into());
        if finite {
            said.push("boxes are asked one round after the other; the test allows three standard deviations".into());
        }
        said
    }
}
