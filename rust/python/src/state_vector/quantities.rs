//! What a state vector says without a measurement.

use ebit_quantum::StateVector as Vector;
use pyo3::prelude::*;

use super::{OBJECT, StateVector};
use crate::arguments::root;
use crate::arguments::{instance, qubits};
use crate::dense::word;
use crate::density::DensityMatrix;
use crate::errors::ok;

#[pymethods]
impl StateVector {
    /// Return the state of some qubits, the others traced out.
    ///
    /// Parameters
    /// ----------
    /// keep : sequence of int
    ///     1 to 13 different qubits in [0, n-1]; ``keep[k]`` becomes qubit k.
    /// rng : int, SeedSequence, Generator or None
    ///     Root of the random stream of the new state, which shares none with this one.
    ///
    /// Returns
    /// -------
    /// DensityMatrix
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     No qubits, too many, equal ones, or some outside the register.
    ///
    /// Examples
    /// --------
    /// >>> round(StateVector.ghz(20).partial_trace([0, 19]).purity(), 12)
    /// 0.5
    #[pyo3(signature = (keep, rng=None))]
    fn partial_trace(&self, py: Python<'_>, keep: &Bound<'_, PyAny>, rng: Option<Bound<'_, PyAny>>) -> PyResult<DensityMatrix> {
        let keep = qubits(OBJECT, "keep", keep, self.inner.qubits())?;
        let inner = ok(self.read(py, |psi| psi.partial_trace(&keep)))?;
        Ok(DensityMatrix::seeded(inner, root(py, OBJECT, rng.as_ref())?))
    }

    /// Return the expectation of a Pauli string, <psi|P|psi>.
    ///
    /// Parameters
    /// ----------
    /// paulis : str or PauliString
    ///     n letters I, X, Y, Z, maybe with a sign; letter k acts on qubit k; "_" and "I" read alike.
    ///
    /// Returns
    /// -------
    /// float
    ///     In [-1, 1].
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Another number of letters, or other letters.
    ///
    /// Examples
    /// --------
    /// >>> round(StateVector.bell("phi+").expectation("YY"), 12)
    /// -1.0
    fn expectation(&self, py: Python<'_>, paulis: &Bound<'_, PyAny>) -> PyResult<f64> {
        let (letters, sign) = word(OBJECT, "paulis", paulis)?;
        ok(self.read(py, |psi| psi.expectation(&letters))).map(|mean| sign * mean)
    }

    /// Return the fidelity with a pure state, |<self|other>|^2; not its root.
    ///
    /// Parameters
    /// ----------
    /// other : StateVector
    ///     Of as many qubits.
    ///
    /// Returns
    /// -------
    /// float
    ///     In [0, 1].
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     A state of another size.
    ///
    /// Examples
    /// --------
    /// >>> round(StateVector(2).fidelity(StateVector.bell("phi+")), 12)
    /// 0.5
    fn fidelity(&self, py: Python<'_>, other: &Bound<'_, PyAny>) -> PyResult<f64> {
        let other = instance::<Self>(OBJECT, "other", "a StateVector", other)?;
        // A state compared with itself may be borrowed already.
        match other.try_borrow() {
            Ok(other) => {
                let other = &other.inner;
                ok(self.read(py, |psi| psi.fidelity(other)))
            }
            Err(_) => ok(self.inner.fidelity(&self.inner)),
        }
    }

    /// Return <psi|psi>: 1 but for rounding.
    fn norm(&self, py: Python<'_>) -> f64 {
        self.read(py, Vector::norm)
    }
}
