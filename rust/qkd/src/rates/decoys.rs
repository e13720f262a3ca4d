//! Decoy states: which there are, and what they say about single photons when statistics are perfect.
//!
//! With gains Q and wrong clicks W = E Q of the signal mu and the decoys nu1 > nu2 >= 0 (Ma, Qi, Zhao and Lo 2005,
//! doi:10.1103/PhysRevA.72.012326, equations 18 to 25):
//!
//! ```text
//!     Y0 >= (nu1 Q(nu2) e^nu2 - nu2 Q(nu1) e^nu1)/(nu1 - nu2)
//!     Y1 >= mu/(mu(nu1 - nu2) - nu1^2 + nu2^2)
//!           [Q(nu1) e^nu1 - Q(nu2) e^nu2 - (nu1^2 - nu2^2)/mu^2 (Q(mu) e^mu - Y0)]
//!     e1 <= (W(nu1) e^nu1 - W(nu2) e^nu2)/((nu1 - nu2) Y1)
//! ```
//!
//! One decoy nu: an upper bound on Y0 takes the place of the vacuum, Y0 <= 2 W(k) e^k for both intensities (a click of the
//! background is wrong half the time), nu2 = 0 with Q(0) = that bound, and e1 the smaller of W(nu) e^nu/(nu Y1) and
//! (W(mu) e^mu - W(nu) e^nu)/((mu - nu) Y1).
//!
//! Limits: phases are random, intensities exact, mu > nu1 + nu2.

use std::fmt;

use ebit_random::math;
use ebit_spec::Real;
use ebit_spec::SpecError;
use ebit_spec::check::At;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::fields::check_intensity;
use super::line::Line;

/// Which decoys are sent beside the signal.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Decoys {
    /// As many as it takes to know every yield.
    #[default]
    Infinite,
    /// One weak decoy.
    One(f64),
    /// A weak one and one that is weaker still, or vacuum.
    Two(f64, f64),
}

/// What the decoys say about single photons.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SinglePhotons {
    /// Lower bound on the yield.
    pub yields: f64,
    /// Upper bound on the error rate, at most 1/2.
    pub error: f64,
}

impl Decoys {
    /// # Errors
    /// An intensity outside its range, or a decoy that is not weaker than what it is a decoy for.
    pub fn check(self, at: &At<'_>, signal: f64) -> Result<(), SpecError> {
        let (weak, weaker) = match self {
            Self::Infinite => return Ok(()),
            Self::One(weak) => (weak, 0.0),
            Self::Two(weak, weaker) => (weak, weaker),
        };
        check_intensity(at, "decoys", Real(weak))?;
        if !(weaker >= 0.0 && weaker < weak) {
            let hint = "(weak, vacuum): the vacuum decoy is the weaker one, often 0";
            return Err(at.error("decoys", format!("with a second intensity in [0, {})", Real(weak)), Real(weaker), hint));
        }
        if weak + weaker >= signal {
            let hint = "decoys are weaker than the signal, together too";
            return Err(at.error("decoys", format!("weaker than the signal, {}", Real(signal)), Real(weak + weaker), hint));
        }
        Ok(())
    }

    /// Bounds from perfect statistics on a line.
    #[must_use]
    pub fn bounds(self, line: &Line, mu: f64) -> SinglePhotons {
        self.seen(mu, |k| line.gain_and_wrong(k), || (line.yields(1), line.wrong_of(1)))
    }

    /// Bounds from clicks and wrong clicks of an intensity, and what single photons really give of both.
    pub fn seen(self, mu: f64, clicks: impl Fn(f64) -> (f64, f64), single: impl FnOnce() -> (f64, f64)) -> SinglePhotons {
        let at = |k: f64| {
            let ((gain, wrong), e) = (clicks(k), math::exp(k));
            (gain * e, wrong * e)
        };
        let (y1, w1) = match self {
            Self::Infinite => single(),
            Self::Two(nu1, nu2) => {
                let ((q1, w1), (q2, w2)) = (at(nu1), at(nu2));
                let y0 = ((nu1 * q2 - nu2 * q1) / (nu1 - nu2)).max(0.0);
                let squares = nu1 * nu1 - nu2 * nu2;
                let rest = at(mu).0 - y0;
                let y1 = mu / (mu * (nu1 - nu2) - squares) * (q1 - q2 - squares / (mu * mu) * rest);
                (y1, (w1 - w2) / (nu1 - nu2))
            }
            Self::One(nu) => {
                let ((q_mu, w_mu), (q_nu, w_nu)) = (at(mu), at(nu));
                let most = 2.0 * w_nu.min(w_mu);
                let share = nu * nu / (mu * mu);
                let y1 = mu / (nu * (mu - nu)) * (q_nu - q_mu * share - (1.0 - share) * most);
                (y1, (w_nu / nu).min((w_mu - w_nu) / (mu - nu)))
            }
        };
        let error = if y1 > 0.0 { (w1 / y1).clamp(0.0, 0.5) } else { 0.5 };
        SinglePhotons { yields: y1.max(0.0), error }
    }
}

impl Serialize for Decoys {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Infinite => serializer.serialize_str("infinite"),
            Self::One(weak) => Real(*weak).serialize(serializer),
            Self::Two(weak, weaker) => (Real(*weak), Real(*weaker)).serialize(serializer),
        }
    }
}

struct DecoysVisitor;

impl<'de> Visitor<'de> for DecoysVisitor {
    type Value = Decoys;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("'infinite', one intensity, or a pair (weak, vacuum)")
    }
    fn visit_f64<E: de::Error>(self, v: f64) -> Result<Decoys, E> {
        Ok(Decoys::One(v))
    }
    fn visit_i64<E: de::Error>(self, v: i64) -> Result<Decoys, E> {
        Ok(Decoys::One(v as f64))
    }
    fn visit_u64<E: de::Error>(self, v: u64) -> Result<Decoys, E> {
        Ok(Decoys::One(v as f64))
    }
    fn visit_str<E: de::Error>(self, v: &str) -> Result<Decoys, E> {
        match v {
            "infinite" => Ok(Decoys::Infinite),
            "NaN" => Ok(Decoys::One(f64::NAN)),
            "Infinity" => Ok(Decoys::One(f64::INFINITY)),
            "-Infinity" => Ok(Decoys::One(f64::NEG_INFINITY)),
            _ => Err(E::invalid_value(de::Unexpected::Str(v), &self)),
        }
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Decoys, A::Error> {
        let weak: Real = seq.next_element()?.ok_or_else(|| de::Error::invalid_length(0, &self))?;
        let Some(weaker) = seq.next_element::<Real>()? else { return Ok(Decoys::One(weak.0)) };
        if seq.next_element::<Real>()?.is_some() {
            return Err(de::Error::invalid_length(3, &self));
        }
        Ok(Decoys::Two(weak.0, weaker.0))
    }
}

impl<'de> Deserialize<'de> for Decoys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DecoysVisitor)
    }
}

impl JsonSchema for Decoys {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Decoys".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let real = Real::json_schema(generator);
        json_schema!({ "anyOf": [{ "const": "infinite" }, real, { "type": "array", "items": real, "minItems": 1, "maxItems": 2 }] })
    }
    fn inline_schema() -> bool {
        true
    }
}
