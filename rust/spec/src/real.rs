//! Numbers as they cross the boundary: JSON has no NaN and no infinity, so those come as strings
//! and are judged by the range checks instead of being lost on the way.

use std::fmt;
use std::ops::Deref;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A floating-point number that keeps NaN and the infinities through JSON.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Real(pub f64);

impl Deref for Real {
    type Target = f64;
    fn deref(&self) -> &f64 {
        &self.0
    }
}

impl From<f64> for Real {
    fn from(value: f64) -> Self {
        Self(value)
    }
}

impl fmt::Display for Real {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_number(self.0, f)
    }
}

/// Python's spelling, so that a message shows what was typed.
fn write_number(x: f64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if x.is_nan() {
        f.write_str("nan")
    } else if x.is_infinite() {
        f.write_str(if x > 0.0 { "inf" } else { "-inf" })
    } else if x != 0.0 && (x.abs() < 1e-4 || x.abs() >= 1e16) {
        write!(f, "{x:e}")
    } else {
        write!(f, "{x}")
    }
}

impl Serialize for Real {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_finite() {
            serializer.serialize_f64(self.0)
        } else {
            serializer.serialize_str(match self.0 {
                x if x.is_nan() => "NaN",
                x if x > 0.0 => "Infinity",
                _ => "-Infinity",
            })
        }
    }
}

struct RealVisitor;

impl Visitor<'_> for RealVisitor {
    type Value = Real;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }
    fn visit_f64<E: de::Error>(self, v: f64) -> Result<Real, E> {
        Ok(Real(v))
    }
    fn visit_i64<E: de::Error>(self, v: i64) -> Result<Real, E> {
        Ok(Real(v as f64))
    }
    fn visit_u64<E: de::Error>(self, v: u64) -> Result<Real, E> {
        Ok(Real(v as f64))
    }
    fn visit_str<E: de::Error>(self, v: &str) -> Result<Real, E> {
        match v {
            "NaN" => Ok(Real(f64::NAN)),
            "Infinity" => Ok(Real(f64::INFINITY)),
            "-Infinity" => Ok(Real(f64::NEG_INFINITY)),
            _ => Err(E::invalid_type(de::Unexpected::Str(v), &self)),
        }
    }
}

impl<'de> Deserialize<'de> for Real {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RealVisitor)
    }
}

impl JsonSchema for Real {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Real".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [{ "type": "number" }, { "enum": ["NaN", "Infinity", "-Infinity"] }] })
    }
    fn inline_schema() -> bool {
        true
    }
}

/// One number for both ends of a link, or one for each: `(A, B)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PerSide {
    pub a: f64,
    pub b: f64,
}

impl PerSide {
    pub fn both(value: f64) -> Self {
        Self { a: value, b: value }
    }

    /// Whether an end has this value.
    pub fn is_any(self, value: f64) -> bool {
        self.a == value || self.b == value
    }
}

impl Serialize for PerSide {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.a.to_bits() == self.b.to_bits() {
            Real(self.a).serialize(serializer)
        } else {
            (Real(self.a), Real(self.b)).serialize(serializer)
        }
    }
}

struct PerSideVisitor;

impl<'de> Visitor<'de> for PerSideVisitor {
    type Value = PerSide;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, or a pair of numbers (A, B)")
    }
    fn visit_f64<E: de::Error>(self, v: f64) -> Result<PerSide, E> {
        Ok(PerSide::both(v))
    }
    fn visit_i64<E: de::Error>(self, v: i64) -> Result<PerSide, E> {
        Ok(PerSide::both(v as f64))
    }
    fn visit_u64<E: de::Error>(self, v: u64) -> Result<PerSide, E> {
        Ok(PerSide::both(v as f64))
    }
    fn visit_str<E: de::Error>(self, v: &str) -> Result<PerSide, E> {
        RealVisitor.visit_str(v).map(|r| PerSide::both(r.0))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<PerSide, A::Error> {
        let a: Real = seq.next_element()?.ok_or_else(|| de::Error::invalid_length(0, &self))?;
        let b: Real = seq.next_element()?.ok_or_else(|| de::Error::invalid_length(1, &self))?;
        if seq.next_element::<Real>()?.is_some() {
            return Err(de::Error::invalid_length(3, &self));
        }
        Ok(PerSide { a: a.0, b: b.0 })
    }
}

impl<'de> Deserialize<'de> for PerSide {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PerSideVisitor)
    }
}

impl JsonSchema for PerSide {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PerSide".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let real = Real::json_schema(generator);
        json_schema!({ "anyOf": [real, { "type": "array", "items": real, "minItems": 2, "maxItems": 2 }] })
    }
    fn inline_schema() -> bool {
        true
    }
}
