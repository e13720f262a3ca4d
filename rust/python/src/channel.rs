//! Channels prepared once and applied many times.

use ebit_quantum::Channel as Inner;
use num_complex::Complex64;
use pyo3::prelude::*;

use crate::arguments::{integer, matrix, qubits, shown};
use crate::density::DensityMatrix;
use crate::errors::ok;
use crate::errors::{range_error, type_error};
use crate::state_vector::StateVector;

const OBJECT: &str = "prepare";

/// Kraus operators from a list of matrices.
pub fn kraus(object: &str, value: &Bound<'_, PyAny>) -> PyResult<Vec<Vec<Complex64>>> {
    let items = value.try_iter().map_err(|_| type_error(object, "kraus", "a list of matrices", shown(value), ""))?;
    items.enumerate().map(|(k, item)| matrix(object, &format!("kraus[{k}]"), &item?)).collect()
}

/// Unitary or channel on named qubits of a register, checked and compiled once for many uses; made by ``prepare``.
///
/// Raises
/// ------
/// RangeError
///     From ``apply``: a state of another size.
/// WrongTypeError
///     From ``apply``: neither a DensityMatrix nor a StateVector.
///
/// Examples
/// --------
/// >>> channel = prepare(Noise.dephase(0.1), [1], 2)
/// >>> channel
/// Channel(targets [1] of 2 qubits)
/// >>> rho = DensityMatrix.bell("phi+")
/// >>> channel.apply(rho)
/// >>> round(rho.fidelity(DensityMatrix.bell("phi+")), 12)
/// 0.9
#[pyclass(module = "ebit", frozen)]
pub struct Channel {
    pub inner: Inner,
}

#[pymethods]
impl Channel {
    /// Apply the channel to a state in place, as ``state.apply(channel)`` does.
    ///
    /// Parameters
    /// ----------
    /// state : DensityMatrix or StateVector
    ///     Of ``num_qubits`` qubits; on a state vector one Kraus operator is drawn.
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     A state of another size.
    /// WrongTypeError
    ///     Another state.
    ///
    /// Examples
    /// --------
    /// >>> psi = StateVector(2)
    /// >>> prepare([[0, 1], [1, 0]], [1], 2).apply(psi)
    /// >>> psi.measure(1)
    /// 1
    fn apply(&self, py: Python<'_>, state: &Bound<'_, PyAny>) -> PyResult<()> {
        if let Ok(rho) = state.cast::<DensityMatrix>() {
            return ok(rho.borrow_mut().change(py, |rho| rho.apply_channel(&self.inner)));
        }
        if let Ok(psi) = state.cast::<StateVector>() {
            return ok(psi.borrow_mut().change(py, |psi, stream| psi.apply_channel(&self.inner, stream))).map(|_| ());
        }
        Err(type_error("Channel", "state", "a DensityMatrix or a StateVector", shown(state), ""))
    }
    /// Number of qubits of the register.
    #[getter]
    fn num_qubits(&self) -> usize {
        self.inner.qubits()
    }
    /// Qubits it acts on; the first is the least significant bit of its matrices.
    #[getter]
    fn targets(&self) -> Vec<usize> {
        self.inner.targets().to_vec()
    }
    fn __repr__(&self) -> String {
        format!("Channel(targets {:?} of {} qubits)", self.inner.targets(), self.inner.qubits())
    }
}

/// Check and compile a unitary or channel for a register, for many uses.
///
/// Parameters
/// ----------
/// channel : array_like of shape (2^k, 2^k), iterable of them, or Noise
///     A unitary; Kraus operators of a complete set; or a noise. The least significant bit is the first target.
/// targets : sequence of int
///     k different qubits in [0, num_qubits - 1].
/// num_qubits : int
///     Size of the register, in [1, 28].
///
/// Returns
/// -------
/// Channel
///
/// Raises
/// ------
/// RangeError
///     A matrix that is not unitary or a set that is not complete within 1e-9, another shape, or wrong targets.
/// WrongTypeError
///     Something that is neither a matrix, a list of them, nor a noise.
///
/// Examples
/// --------
/// >>> damping = prepare(Noise.amplitude_damp(0.36), [1], 2)
/// >>> rho = DensityMatrix.bell("phi+")
/// >>> rho.apply(damping)
/// >>> round(rho.measure_probability(1), 12)
/// 0.32
#[pyfunction]
pub fn prepare(channel: &Bound<'_, PyAny>, targets: &Bound<'_, PyAny>, num_qubits: &Bound<'_, PyAny>) -> PyResult<Channel> {
    let hint = "the size of the register it acts on";
    let number = integer(OBJECT, "num_qubits", num_qubits, "an integer in [1, 28]", hint)?;
    let size = usize::try_from(number).unwrap_or(0);
    if !(1..=28).contains(&size) {
        return Err(range_error(OBJECT, "num_qubits", "an integer in [1, 28]", number, hint));
    }
    let targets = qubits(OBJECT, "targets", targets, size)?;
    let operators = if channel.hasattr("kraus_operators")? {
        Some(kraus(OBJECT, &channel.call_method0("kraus_operators")?)?)
    } else {
        list(channel)?
    };
    let inner = match operators {
        Some(operators) => Inner::kraus(&operators, &targets, size),
        None => Inner::unitary(&matrix(OBJECT, "channel", channel)?, &targets, size),
    };
    Ok(Channel { inner: ok(inner)? })
}

/// Kraus operators where the value is a list of matrices and not one matrix.
fn list(value: &Bound<'_, PyAny>) -> PyResult<Option<Vec<Vec<Complex64>>>> {
    let depth = value.py().import("numpy")?.call_method1("ndim", (value,)).and_then(|d| d.extract::<usize>()).unwrap_or(0);
    if depth == 3 { kraus(OBJECT, value).map(Some) } else { Ok(None) }
}
