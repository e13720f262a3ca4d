//! The one conversion from Rust errors to the exceptions of `ebit.errors`.

use ebit_network::RunError;
use ebit_quantum::{Complaint, QasmError, QasmErrorKind, QuantumError};
use ebit_spec::SpecError;
use ebit_spec::error::Kind;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

pub fn exception(name: &str, message: String, fields: &[(&str, &str)]) -> PyErr {
    Python::attach(|py| {
        let build = || -> PyResult<PyErr> {
            let class = py.import("ebit.errors")?.getattr(name)?;
            let kwargs = PyDict::new(py);
            for (key, value) in fields {
                kwargs.set_item(key, value)?;
            }
            Ok(PyErr::from_value(class.call((message.clone(),), Some(&kwargs))?))
        };
        build().unwrap_or_else(|_| PyRuntimeError::new_err(message.clone()))
    })
}

pub fn spec_error(error: &SpecError) -> PyErr {
    let name = match error.kind {
        Kind::Range => "RangeError",
        Kind::UnknownField => "UnknownFieldError",
        Kind::WrongType => "WrongTypeError",
        Kind::NoRoute => "NoRouteError",
        Kind::NeverSucceeds => "NeverSucceedsError",
        Kind::TooLarge => "TooLargeError",
    };
    described(name, error)
}

fn described(name: &str, error: &SpecError) -> PyErr {
    let fields = [
        ("object", error.object.as_str()),
        ("parameter", error.parameter.as_str()),
        ("range", error.range.as_str()),
        ("value", error.value.as_str()),
        ("hint", error.hint.as_str()),
    ];
    exception(name, error.to_string(), &fields)
}

pub fn run_error(error: &RunError) -> PyErr {
    match error {
        RunError::Spec(error) => spec_error(error),
        RunError::Stuck { .. } => exception("StuckError", error.to_string(), &[]),
        RunError::Gone { .. } => exception("PairGoneError", error.to_string(), &[]),
        RunError::TimeOverflow { .. } => exception("TimeOverflowError", error.to_string(), &[]),
    }
}

/// The same complaint, made where a Python argument meets a Rust type.
pub fn range_error(object: &str, parameter: &str, range: &str, value: impl ToString, hint: &str) -> PyErr {
    spec_error(&SpecError::new(Kind::Range, object, parameter, range, value.to_string(), hint))
}

/// A value of a type that cannot be read.
pub fn type_error(object: &str, parameter: &str, range: &str, value: impl ToString, hint: &str) -> PyErr {
    spec_error(&SpecError::new(Kind::WrongType, object, parameter, range, value.to_string(), hint))
}

/// The result, its error as Python's.
#[inline]
pub fn ok<T>(result: Result<T, QuantumError>) -> PyResult<T> {
    result.map_err(|e| quantum_error(&e))
}

pub fn quantum_error(error: &QuantumError) -> PyErr {
    let fields = [
        ("object", error.object.to_string()),
        ("parameter", error.parameter.to_string()),
        ("range", error.range.to_string()),
        ("value", error.value.to_string()),
        ("hint", error.hint.to_string()),
    ];
    let fields = fields.each_ref().map(|(k, v)| (*k, v.as_str()));
    let name = match error.complaint {
        Complaint::Range => "RangeError",
        Complaint::Unsupported => "FormalismError",
        Complaint::TooLarge => "TooLargeError",
        Complaint::Impossible => "ImpossibleOutcomeError",
    };
    exception(name, error.to_string(), &fields)
}

/// What is wrong with an OpenQASM text, or with a circuit that should become one; names the place.
pub fn qasm_error(error: &QasmError) -> PyErr {
    let place = error.place.to_string();
    let (line, column) = (error.place.line.to_string(), error.place.column.to_string());
    let mut fields = vec![
        ("object", place.as_str()),
        ("parameter", "the text"),
        ("range", error.expected.as_str()),
        ("value", error.found.as_str()),
        ("hint", error.hint.as_str()),
    ];
    if error.kind == QasmErrorKind::TooLarge {
        return exception("TooLargeError", error.to_string(), &fields);
    }
    fields.extend([("line", line.as_str()), ("column", column.as_str())]);
    exception(if error.kind == QasmErrorKind::Wrong { "QasmError" } else { "UnsupportedQasmError" }, error.to_string(), &fields)
}
