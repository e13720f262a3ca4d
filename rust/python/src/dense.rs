//! What the bindings of density matrices and state vectors share.

use ebit_bits::prefer_large_pages;
use ebit_kernel::Control;
use ebit_quantum::{Circuit, Engine, Gate, QuantumError, execute_until};
use ebit_random::Stream;
use num_complex::Complex64;
use numpy::{PyReadonlyArray1, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyString};

use crate::arguments::{integer, real, shown};
use crate::errors::{ok, range_error, type_error};
use crate::long_call::{Finished, long_call};
use crate::pauli_string::PauliString;

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

/// The letters of a Pauli string and its sign.
pub fn word(object: &str, parameter: &str, value: &Bound<'_, PyAny>) -> PyResult<(String, f64)> {
    let text = if let Ok(string) = value.cast::<PauliString>() {
        let inner = &string.get().inner;
        if !inner.is_hermitian() {
            return Err(range_error(
                object,
                parameter,
                "a product with sign +1 or -1",
                inner,
                "only these have real expectations",
            ));
        }
        inner.to_string()
    } else {
        let wrong = || type_error(object, parameter, "a PauliString or a string", shown(value), "as '-XX_Z'");
        value.cast::<PyString>().map_err(|_| wrong())?.to_str()?.to_owned()
    };
    let (letters, sign) = match text.strip_prefix('-') {
        Some(letters) => (letters, -1.0),
        None => (text.strip_prefix('+').unwrap_or(&text), 1.0),
    };
    Ok((letters.to_owned(), sign))
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
    let mut data = Vec::with_capacity(array.len());
    prefer_large_pages(data.spare_capacity_mut());
    data.extend(array.as_array().iter().copied());
    Ok(data)
}

/// Runs a circuit on a vector of so many amplitudes without the interpreter's lock.
pub fn circuit_bits<E: Engine + Send>(
    py: Python<'_>,
    circuit: &Circuit,
    amplitudes: u64,
    state: &mut E,
    stream: &mut Stream,
) -> PyResult<Vec<bool>> {
    run_circuit(py, circuit, amplitudes, |watch| execute_until(circuit, state, stream, || watch.should_stop()))
}

/// Targets times their weight below which a circuit is done before anybody could interrupt it.
const SHORT: u64 = 1 << 22;

/// Whom a running circuit asks whether to stop.
#[derive(Clone, Copy)]
pub struct Watch<'a>(Option<&'a Control>);

impl Watch<'_> {
    #[inline]
    pub fn should_stop(self) -> bool {
        self.0.is_some_and(Control::should_stop)
    }
}

/// Runs a circuit; a long one serves Ctrl-C. `weight` is about the nanoseconds of a target.
pub fn run_circuit(
    py: Python<'_>,
    circuit: &Circuit,
    weight: u64,
    work: impl FnOnce(Watch<'_>) -> Result<Vec<bool>, QuantumError> + Send,
) -> PyResult<Vec<bool>> {
    let counts = circuit.counts();
    if counts.targets.saturating_add(counts.instructions).saturating_mul(weight) < SHORT {
        return ok(py.detach(|| work(Watch(None))));
    }
    let control = Control::new();
    let Finished { value, stopped_by } = long_call(py, &control, None, || 0.0, || work(Watch(Some(&control))))?;
    stopped_by.map_or_else(|| ok(value), Err)
}
