//! One shape for every complaint about a state or an operation: object, parameter, allowed range, value, hint.

use thiserror::Error;

/// What kind of complaint: callers choose the exception by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Complaint {
    /// A value outside its allowed range.
    #[default]
    Range,
    /// A formalism that cannot hold the result; the hint names those that can.
    Unsupported,
    /// More memory than there is.
    TooLarge,
    /// An outcome of probability zero was asked for.
    Impossible,
}

/// What is wrong with the arguments of a state or of an operation on it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{object}: {parameter} must be {range}, got {value}{}", hint_text(.hint))]
pub struct QuantumError {
    /// The class users know: `BellDiagonal`, `DensityMatrix`.
    pub object: &'static str,
    pub parameter: String,
    /// The allowed range, read after "must be".
    pub range: String,
    pub value: String,
    /// One sentence that helps, or empty.
    pub hint: &'static str,
    pub complaint: Complaint,
}

fn hint_text(hint: &str) -> String {
    if hint.is_empty() { String::new() } else { format!(" ({hint})") }
}

impl QuantumError {
    pub(crate) fn new(
        object: &'static str,
        parameter: impl Into<String>,
        range: impl Into<String>,
        value: impl ToString,
        hint: &'static str,
    ) -> Self {
        Self {
            object,
            parameter: parameter.into(),
            range: range.into(),
            value: value.to_string(),
            hint,
            complaint: Complaint::Range,
        }
    }

    /// The same complaint, made by another object.
    #[must_use]
    pub(crate) fn of(self, object: &'static str) -> Self {
        Self { object, ..self }
    }

    /// A state that does not fit into memory.
    pub(crate) fn too_large(object: &'static str, parameter: &str, size: impl ToString, bytes: u128, hint: &'static str) -> Self {
        let range = format!("small enough for memory: this takes {bytes} bytes");
        Self { complaint: Complaint::TooLarge, ..Self::new(object, parameter, range, size, hint) }
    }

    /// An outcome that a state cannot give.
    pub(crate) fn impossible(object: &'static str, parameter: &str, possible: impl Into<String>, wanted: impl ToString) -> Self {
        let hint = "the outcome is certain, and it is the other one";
        Self { complaint: Complaint::Impossible, ..Self::new(object, parameter, possible, wanted, hint) }
    }

    /// Something this formalism cannot hold; the hint names the ways on.
    pub(crate) fn unsupported(
        object: &'static str,
        parameter: impl Into<String>,
        range: impl Into<String>,
        value: impl ToString,
        hint: &'static str,
    ) -> Self {
        Self { complaint: Complaint::Unsupported, ..Self::new(object, parameter, range, value, hint) }
    }

    /// Passes a probability through, or names it.
    pub(crate) fn probability(object: &'static str, parameter: &str, value: f64, hint: &'static str) -> Result<f64, Self> {
        if (0.0..=1.0).contains(&value) {
            Ok(value)
        } else {
            Err(Self::new(object, parameter, "a probability in [0, 1]", number(value), hint))
        }
    }
}

/// Python's spelling of a float, so that a message shows what was typed.
pub(crate) fn number(x: f64) -> String {
    if x.is_nan() {
        "nan".into()
    } else if x.is_infinite() {
        if x > 0.0 { "inf".into() } else { "-inf".into() }
    } else if x != 0.0 && (x.abs() < 1e-4 || x.abs() >= 1e16) {
        format!("{x:e}")
    } else {
        format!("{x}")
    }
}
