//! What the bindings of density matrices and state vectors share.

use ebit_quantum::{Circuit, Engine, Gate, QuantumError, execute};
use ebit_random::Stream;
use num_complex::Complex64;
use numpy::{PyReadonlyArray1, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyString};

use crate::arguments::{integer, real, shown};
use crate::errors::{quantum_error, range_error, type_error};

#[inline]
pub fn ok<T>(result: Result<T, QuantumError>) -> PyResult<T> {
    result.map_err(|e| quantum_error(&e))
}

pub fn root(py: Python<'_>, rng: Option<Bound<'_, PyAny>>, object: &str) -> PyResult<u128> {
    py.import("ebit._rng")?.call_method1("root_seed", (rng, object))?.extract()
}

/// A finite angle in radians.
pub fn angle(object: &str, parameter: &str, value: &Bound<'_, PyAny>) -> PyResult<f64> {
    let angle = real(object, parameter, value)?;
    if angle.is_finite() { Ok(angle) } else { Err(range_error(object, parameter, "finite", shown(value), "in radians")) }
}

/// 0 or 1, as a measurement gives it.
pub fn outcome(object: &str, value: &Bound<'_, PyAny>) -> PyResult<bool> {
    if let Ok(bit) = value.cast::<PyBool>() {
        return Ok(bit.is_true());
    }
    match integer(object, "outcome", value, "0 or 1", "as measure gives it")? {
        0 => Ok(false),
        1 => Ok(true),
        other => Err(range_error(object, "outcome", "0 or 1", other, "as measure gives it")),
    }
}

/// True for "big": qubit 0 is the most significant bit.
pub fn is_big(object: &str, endian: &str) -> PyResult<bool> {
    match endian {
        "little" => Ok(false),
        "big" => Ok(true),
        _ => Err(range_error(object, "endian", "'little' or 'big'", format!("'{endian}'"), "little: qubit 0 is the lowest bit")),
    }
}

pub fn reversed(qubits: usize) -> Vec<usize> {
    (0..qubits).rev().collect()
}

pub fn gate(object: &str, name: &str) -> PyResult<Gate> {
    let hint = "as H, CX, SQRT_ZZ; other gates have methods of their own";
    Gate::from_name(name).ok_or_else(|| range_error(object, "name", "a Clifford gate of Stim's", format!("'{name}'"), hint))
}

pub fn word(object: &str, parameter: &str, value: &Bound<'_, PyAny>) -> PyResult<String> {
    let text = value.cast::<PyString>().map_err(|_| type_error(object, parameter, "a string", shown(value), ""))?;
    Ok(text.to_str()?.to_owned())
}

pub fn given<'a, 'py>(object: &str, targets: Option<&'a Bound<'py, PyAny>>) -> PyResult<&'a Bound<'py, PyAny>> {
    targets.ok_or_else(|| type_error(object, "targets", "a list of qubits", "None", "only a prepared channel knows its targets"))
}

/// None: all processors.
pub fn threads(object: &str, value: Option<&Bound<'_, PyAny>>) -> PyResult<usize> {
    let Some(value) = value else { return Ok(std::thread::available_parallelism().map_or(1, usize::from)) };
    let range = "an integer in [1, 1024]";
    let number = integer(object, "threads", value, range, "")?;
    match usize::try_from(number) {
        Ok(threads) if (1..=1024).contains(&threads) => Ok(threads),
        _ => Err(range_error(object, "threads", range, number, "")),
    }
}

/// A one-dimensional complex array.
pub fn amplitudes(object: &str, parameter: &str, value: &Bound<'_, PyAny>) -> PyResult<Vec<Complex64>> {
    let range = "an array of 2^n amplitudes";
    let wrong = || type_error(object, parameter, range, shown(value), "");
    let numpy = value.py().import("numpy")?;
    let raw = numpy.call_method1("asarray", (value,)).map_err(|_| wrong())?;
    let kind: String = raw.getattr("dtype")?.getattr("kind")?.extract()?;
    if !["i", "u", "f", "c"].contains(&kind.as_str()) {
        return Err(wrong());
    }
    let array = raw.call_method1("astype", ("complex128",)).map_err(|_| wrong())?;
    if array.getattr("ndim")?.extract::<usize>()? != 1 {
        return Err(range_error(object, parameter, range, format!("shape {}", array.getattr("shape")?), ""));
    }
    let array: PyReadonlyArray1<'_, Complex64> = array.extract()?;
    debug_assert_eq!(array.ndim(), 1);
    Ok(array.as_array().to_vec())
}

/// Runs a circuit without the interpreter's lock.
pub fn circuit_bits<E: Engine + Send>(
    py: Python<'_>,
    circuit: &Circuit,
    state: &mut E,
    stream: &mut Stream,
) -> PyResult<Vec<bool>> {
    ok(py.detach(|| execute(circuit, state, stream)))
}
