//! Range checks that know how to complain.

use crate::error::{Kind, SpecError};
use crate::real::{PerSide, Real};

/// The allowed values of a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Range {
    /// Finite and >= 0.
    NonNegative,
    /// Finite and > 0.
    Positive,
    /// 0 <= x <= 1.
    Probability,
    /// lo <= x <= hi.
    Between(f64, f64),
    /// > 0; infinity allowed (a time constant of a process that does not happen).
    PositiveOrInfinite,
}

impl Range {
    pub fn contains(self, x: f64) -> bool {
        match self {
            Self::NonNegative => x.is_finite() && x >= 0.0,
            Self::Positive => x.is_finite() && x > 0.0,
            Self::Probability => (0.0..=1.0).contains(&x),
            Self::Between(lo, hi) => x >= lo && x <= hi,
            Self::PositiveOrInfinite => x > 0.0,
        }
    }

    pub fn words(self) -> String {
        match self {
            Self::NonNegative => "finite and >= 0".into(),
            Self::Positive => "finite and > 0".into(),
            Self::Probability => "a probability in [0, 1]".into(),
            Self::Between(lo, hi) => format!("in [{}, {}]", Real(lo), Real(hi)),
            Self::PositiveOrInfinite => "> 0 (inf: never decays)".into(),
        }
    }
}

/// Where a value stands: the object's name, built only when there is something to complain about.
pub struct At<'a>(pub &'a dyn Fn() -> String);

impl At<'_> {
    pub fn error(&self, parameter: &str, range: impl Into<String>, value: impl ToString, hint: &str) -> SpecError {
        SpecError::new(Kind::Range, (self.0)(), parameter, range, value.to_string(), hint)
    }

    pub fn real(&self, parameter: &str, value: Real, range: Range, hint: &str) -> Result<(), SpecError> {
        if range.contains(value.0) { Ok(()) } else { Err(self.error(parameter, range.words(), value, hint)) }
    }

    pub fn per_side(&self, parameter: &str, value: PerSide, range: Range, hint: &str) -> Result<(), SpecError> {
        for (side, x) in [("A", value.a), ("B", value.b)] {
            if !range.contains(x) {
                let name = if value.a.to_bits() == value.b.to_bits() {
                    parameter.to_owned()
                } else {
                    format!("{parameter} of side {side}")
                };
                return Err(self.error(&name, range.words(), Real(x), hint));
            }
        }
        Ok(())
    }

    /// The same place, one field deeper: `DoubleClick.fiber`.
    pub fn within<T>(&self, field: &str, check: impl FnOnce(&At<'_>) -> Result<T, SpecError>) -> Result<T, SpecError> {
        check(&At(&|| format!("{}.{field}", (self.0)())))
    }
}

/// A specification that can judge itself.
pub trait Check {
    /// The class name users know it by.
    const NAME: &'static str;

    /// # Errors
    /// The first value outside its range.
    fn check(&self, at: &At<'_>) -> Result<(), SpecError>;
}
