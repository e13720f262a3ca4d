//! Arguments from Python, judged where they arrive, so that every complaint has the one shape of the house.

use num_complex::Complex64;
use numpy::{PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::PyClass;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat};

use crate::errors::{range_error, type_error};

/// What was typed, short enough for a sentence.
pub fn shown(value: &Bound<'_, PyAny>) -> String {
    let text = value.repr().map_or_else(|_| "?".to_owned(), |r| r.to_string_lossy().into_owned());
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if one_line.chars().count() > 60 { one_line.chars().take(57).chain("...".chars()).collect() } else { one_line }
}

/// An integer; True and 1.0 are none. None where it does not fit.
fn whole(value: &Bound<'_, PyAny>) -> Option<Option<i64>> {
    let number = !value.is_instance_of::<PyBool>() && value.hasattr("__index__").unwrap_or(false);
    // Arrays have __index__ too; the extraction tells.
    number.then(|| value.extract::<i64>().ok())
}

pub fn integer(object: &str, parameter: &str, value: &Bound<'_, PyAny>, range: &str, hint: &str) -> PyResult<i64> {
    match whole(value) {
        Some(Some(number)) => Ok(number),
        Some(None) => Err(range_error(object, parameter, range, shown(value), hint)),
        None => Err(type_error(object, parameter, range, shown(value), hint)),
    }
}

pub fn real(object: &str, parameter: &str, value: &Bound<'_, PyAny>) -> PyResult<f64> {
    let number = value.is_instance_of::<PyFloat>() || value.hasattr("__float__")? || value.hasattr("__index__")?;
    if number
        && !value.is_instance_of::<PyBool>()
        && !value.hasattr("__len__")?
        && let Ok(number) = value.extract::<f64>()
    {
        return Ok(number);
    }
    Err(type_error(object, parameter, "a number", shown(value), ""))
}

/// A qubit of a register of `qubits`; negative ones and those beyond get the same answer.
pub fn qubit(object: &str, parameter: &str, value: &Bound<'_, PyAny>, qubits: usize) -> PyResult<usize> {
    let range = format!("in [0, {}]", qubits - 1);
    let hint = "qubits are numbered from 0";
    let number = integer(object, parameter, value, &range, hint)?;
    usize::try_from(number).map_err(|_| range_error(object, parameter, &range, number, hint))
}

pub fn qubits(object: &str, parameter: &str, value: &Bound<'_, PyAny>, qubits: usize) -> PyResult<Vec<usize>> {
    let wrong = || type_error(object, parameter, "a list of qubits", shown(value), "as [0, 1]");
    value
        .try_iter()
        .map_err(|_| wrong())?
        .enumerate()
        .map(|(k, item)| qubit(object, &format!("{parameter}[{k}]"), &item?, qubits))
        .collect()
}

/// An instance of one of our own classes.
pub fn instance<'a, 'py, T: PyClass>(
    object: &str,
    parameter: &str,
    class: &str,
    value: &'a Bound<'py, PyAny>,
) -> PyResult<&'a Bound<'py, T>> {
    value.cast::<T>().map_err(|_| type_error(object, parameter, class, shown(value), ""))
}

/// A two-dimensional array of `dtype`, made of whatever NumPy can read as one.
pub fn array<'py>(
    object: &str,
    parameter: &str,
    range: &str,
    value: &Bound<'py, PyAny>,
    dtype: &str,
) -> PyResult<Bound<'py, PyAny>> {
    let py = value.py();
    let numpy = py.import("numpy")?;
    let options = PyDict::new(py);
    options.set_item("dtype", dtype)?;
    let wrong = || type_error(object, parameter, range, shown(value), "");
    let raw = numpy.call_method1("asarray", (value,)).map_err(|_| wrong())?;
    let kind: String = raw.getattr("dtype")?.getattr("kind")?.extract()?;
    // Strings would be read as numbers, booleans as 0 and 1, and a complex number would lose its imaginary part.
    if !(["i", "u", "f"].contains(&kind.as_str()) || kind == "c" && dtype == "complex128") {
        return Err(wrong());
    }
    let array = numpy.call_method("asarray", (raw,), Some(&options)).map_err(|_| wrong())?;
    let shape = array.getattr("shape")?;
    if shape.len()? != 2 {
        return Err(range_error(object, parameter, range, format!("shape {shape}"), ""));
    }
    Ok(array)
}

/// A square complex matrix; lists and real arrays will do.
pub fn matrix(object: &str, parameter: &str, value: &Bound<'_, PyAny>) -> PyResult<Vec<Complex64>> {
    let range = "a square matrix";
    let array = array(object, parameter, range, value, "complex128")?;
    let array: PyReadonlyArray2<'_, Complex64> = array.extract()?;
    let shape = array.shape();
    if shape[0] != shape[1] {
        return Err(range_error(object, parameter, range, format!("shape ({}, {})", shape[0], shape[1]), ""));
    }
    Ok(array.as_array().iter().copied().collect())
}

/// The root of a random stream.
pub fn root(py: Python<'_>, object: &str, rng: Option<&Bound<'_, PyAny>>) -> PyResult<u128> {
    py.import("ebit._rng")?.call_method1("root_seed", (rng, object))?.extract()
}
