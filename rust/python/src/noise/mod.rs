//! Noise: one object, projected on Kraus operators, Pauli errors and Bell weights.

mod make;
mod views;
mod words;

use ebit_quantum::{Halves, Noise as Inner, NoiseKind, QuantumError};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use words::dictionary;

use crate::arguments::{instance, shown};
use crate::errors::{ok, range_error, type_error};

const OBJECT: &str = "Noise";

/// "left", "right" or "both"; without one, both for a noise on two qubits.
pub fn halves(object: &str, noise: &Inner, on: Option<&Bound<'_, PyAny>>) -> PyResult<Halves> {
    let range = "one of left, right, both";
    let Some(value) = on else {
        if noise.qubits() == 1 {
            return Err(range_error(object, "on", range, "None", "a noise on one qubit acts on one half, or on each"));
        }
        return Ok(Halves::Both);
    };
    match value.extract::<String>().as_deref() {
        Ok("left") => Ok(Halves::Left),
        Ok("right") => Ok(Halves::Right),
        Ok("both") => Ok(Halves::Both),
        Ok(_) => Err(range_error(object, "on", range, shown(value), "the left half is qubit 0")),
        Err(_) => Err(type_error(object, "on", range, shown(value), "the left half is qubit 0")),
    }
}

/// A noise from Python.
pub fn noise<'a>(object: &str, parameter: &str, value: &'a Bound<'_, PyAny>) -> PyResult<&'a Inner> {
    Ok(&instance::<Noise>(object, parameter, "a Noise", value)?.get().inner)
}

/// Noise on one to four qubits: one object for every formalism; immutable, made by its class methods.
///
/// Raises
/// ------
/// RangeError
///     A probability outside [0, 1], a number of qubits outside [1, 4], a matrix or set that is not complete within 1e-9.
/// WrongTypeError
///     An argument of another type.
///
/// Notes
/// -----
/// A completely positive, trace-preserving map with three projections. ``kraus_operators()`` is for density matrices and
/// state vectors, and always exists. ``pauli_twirl()`` is for stabilizer states and circuits: exact for Pauli channels,
/// otherwise an approximation that is asked for by ``twirled()``. ``bell_action()`` is for Bell-diagonal pairs and exists if
/// they stay so. Nothing is twirled in silence.
///
/// ``dephase(p)`` is (1-p) rho + p Z rho Z, ``depolarize(p)`` (1-p) rho + p I/d. Noises compare by value and pickle.
///
/// Examples
/// --------
/// >>> flips = Noise.dephase(0.1).then(Noise.bit_flip(0.2))
/// >>> {word: round(p, 12) for word, p in flips.pauli_twirl().items()}
/// {'I': 0.72, 'X': 0.18, 'Y': 0.02, 'Z': 0.08}
/// >>> pair = BellDiagonal.werner(fidelity=1.0).apply(flips, on="left")
/// >>> round(pair.fidelity, 12)
/// 0.72
#[pyclass(frozen, module = "ebit", eq)]
#[derive(Clone, PartialEq)]
pub struct Noise {
    pub inner: Inner,
}

fn made(inner: Result<Inner, QuantumError>) -> PyResult<Noise> {
    Ok(Noise { inner: ok(inner)? })
}

#[pymethods]
impl Noise {
    /// Return this noise, then another on the same qubits.
    ///
    /// Parameters
    /// ----------
    /// next : Noise
    ///     On as many qubits.
    ///
    /// Returns
    /// -------
    /// Noise
    ///     A Pauli channel if both are, otherwise one of Kraus operators.
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Another number of qubits.
    ///
    /// Examples
    /// --------
    /// >>> round(Noise.dephase(0.1).then(Noise.dephase(0.1)).pauli_twirl()["Z"], 12)
    /// 0.18
    fn then(&self, next: &Bound<'_, PyAny>) -> PyResult<Self> {
        made(self.inner.then(noise(OBJECT, "next", next)?))
    }

    /// Number of qubits, 1 to 4.
    #[getter]
    fn num_qubits(&self) -> usize {
        self.inner.qubits()
    }

    /// Whether this is a Pauli channel, so that its twirl is the noise itself.
    #[getter]
    fn is_pauli(&self) -> bool {
        self.inner.is_pauli()
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let (py, class, inner) = (slf.py(), slf.get_type(), &slf.get().inner);
        let (name, arguments) = match inner.kind() {
            NoiseKind::Dephase { p } => ("dephase", (*p,).into_pyobject(py)?),
            NoiseKind::BitFlip { p } => ("bit_flip", (*p,).into_pyobject(py)?),
            NoiseKind::Depolarize { p } => ("depolarize", (*p, inner.qubits()).into_pyobject(py)?),
            NoiseKind::Pauli { probabilities } => ("pauli", (dictionary(py, probabilities, inner.qubits())?,).into_pyobject(py)?),
            NoiseKind::AmplitudeDamp { gamma, excited_population } => {
                ("amplitude_damp", (*gamma, *excited_population).into_pyobject(py)?)
            }
            NoiseKind::ThermalRelaxation { time_s, t1_s, t2_s, excited_population } => {
                ("thermal_relaxation", (*time_s, *t1_s, *t2_s, *excited_population).into_pyobject(py)?)
            }
            NoiseKind::Unitary { .. } => ("unitary", (slf.get().kraus_operators(py)?.swap_remove(0),).into_pyobject(py)?),
            NoiseKind::Kraus { .. } => ("kraus", (slf.get().kraus_operators(py)?,).into_pyobject(py)?),
        };
        Ok((class.getattr(name)?, arguments))
    }

    fn __repr__(&self) -> String {
        match self.inner.kind() {
            NoiseKind::Unitary { .. } | NoiseKind::Kraus { .. } => format!("<Noise: {}>", self.inner),
            _ => format!("Noise.{}", self.inner),
        }
    }
}
