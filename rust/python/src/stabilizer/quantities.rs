//! What a stabilizer state says without a measurement.

use pyo3::prelude::*;

use super::measure::axis;
use super::{OBJECT, StabilizerState};
use crate::arguments::instance;
use crate::errors::ok;
use crate::errors::range_error;
use crate::pauli_string::pauli_string;

#[pymethods]
impl StabilizerState {
    /// Return what a measurement would give if that is certain, else None; the state is left alone.
    ///
    /// Parameters
    /// ----------
    /// qubit : int
    ///     In [0, n-1].
    /// basis : {"X", "Y", "Z"}, optional
    ///     Z unless given.
    ///
    /// Returns
    /// -------
    /// int or None
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     A qubit outside the register, or another basis.
    ///
    /// Examples
    /// --------
    /// >>> s = StabilizerState(1)
    /// >>> s.peek(0), s.peek(0, "X")
    /// (0, None)
    #[pyo3(signature = (qubit, basis=None))]
    fn peek(&self, qubit: &Bound<'_, PyAny>, basis: Option<&Bound<'_, PyAny>>) -> PyResult<Option<u8>> {
        Ok(ok(self.inner.peek(self.one("qubit", qubit)?, axis(basis)?))?.map(u8::from))
    }

    /// Return the expectation of a product of Paulis; the state is left alone.
    ///
    /// Parameters
    /// ----------
    /// pauli : str or PauliString
    ///     A letter for every qubit, with sign + or -.
    ///
    /// Returns
    /// -------
    /// int
    ///     +1 or -1 where a measurement is certain, else 0.
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Another number of letters, or a phase i.
    ///
    /// Examples
    /// --------
    /// >>> s = StabilizerState.from_stabilizers(["XX", "ZZ"])
    /// >>> s.expectation("YY"), s.expectation("Z_")
    /// (-1, 0)
    fn expectation(&self, pauli: &Bound<'_, PyAny>) -> PyResult<i8> {
        ok(self.inner.expectation(&pauli_string(OBJECT, "pauli", pauli)?))
    }

    /// Return the canonical generators of the stabilizer group: those of Stim's ``canonical_stabilizers``.
    ///
    /// Returns
    /// -------
    /// list of str
    ///     n strings with sign; fewer if the state is mixed. Equal states have equal lists.
    ///
    /// Examples
    /// --------
    /// >>> s = StabilizerState(2)
    /// >>> s.h(0)
    /// >>> s.cx(0, 1)
    /// >>> s.stabilizers()
    /// ['+XX', '+ZZ']
    fn stabilizers(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        let strings = py.detach(|| self.inner.stabilizers().map(|all| all.iter().map(ToString::to_string).collect()));
        ok(strings)
    }

    /// Return the entropy of some qubits in bits: of a pure state their entanglement with the rest.
    ///
    /// Parameters
    /// ----------
    /// qubits : int, sequence or integer array of int
    ///     Different qubits in [0, n-1].
    ///
    /// Returns
    /// -------
    /// int
    ///     Number of the qubits less that of their own independent stabilizers.
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     A qubit outside the register, or named twice.
    ///
    /// Notes
    /// -----
    /// Fattal et al., arXiv:quant-ph/0406168.
    ///
    /// Examples
    /// --------
    /// >>> StabilizerState.from_graph([(0, 1), (1, 2), (2, 3)]).entanglement_entropy([0, 2])
    /// 2
    fn entanglement_entropy(&self, py: Python<'_>, qubits: &Bound<'_, PyAny>) -> PyResult<usize> {
        let targets = self.many([qubits.clone()])?;
        ok(py.detach(|| self.inner.entanglement_entropy(&targets)))
    }

    /// Return the entropy of the whole state in bits: 0 if it is pure.
    ///
    /// Returns
    /// -------
    /// int
    ///     Number of qubits less that of independent stabilizers.
    ///
    /// Examples
    /// --------
    /// >>> StabilizerState.from_stabilizers(["ZZ_", "_ZZ"]).entropy()
    /// 1
    fn entropy(&self, py: Python<'_>) -> PyResult<usize> {
        ok(py.detach(|| self.inner.entropy()))
    }

    /// Return the state of some qubits, the others traced out.
    ///
    /// Parameters
    /// ----------
    /// keep : int, sequence or integer array of int
    ///     Different qubits in [0, n-1]; ``keep[k]`` becomes qubit k.
    ///
    /// Returns
    /// -------
    /// StabilizerState
    ///     Mixed where the kept qubits were entangled with the others.
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     No qubits, equal ones, or some outside the register.
    ///
    /// Examples
    /// --------
    /// >>> s = StabilizerState.from_stabilizers(["XXX", "ZZ_", "_ZZ"])
    /// >>> s.partial_trace([0, 2]).stabilizers()
    /// ['+ZZ']
    fn partial_trace(&self, py: Python<'_>, keep: &Bound<'_, PyAny>) -> PyResult<Self> {
        let keep = self.many([keep.clone()])?;
        if keep.is_empty() {
            return Err(range_error(OBJECT, "keep", "at least one qubit", "none", ""));
        }
        Self::wrap(py.detach(|| self.inner.partial_trace(&keep)))
    }

    /// Return the fidelity with a state: <psi|rho|psi> if one is pure, Uhlmann's in general; not its root.
    ///
    /// Parameters
    /// ----------
    /// other : StabilizerState
    ///     Of as many qubits.
    ///
    /// Returns
    /// -------
    /// float
    ///     0 or a power of 1/2.
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     A state of another size.
    ///
    /// Examples
    /// --------
    /// >>> a = StabilizerState.from_stabilizers(["XX", "ZZ"])
    /// >>> a.fidelity(StabilizerState(2)), a.fidelity(StabilizerState.from_stabilizers(["ZZ"]))
    /// (0.5, 0.5)
    fn fidelity(&self, py: Python<'_>, other: &Bound<'_, PyAny>) -> PyResult<f64> {
        let other = instance::<Self>(OBJECT, "other", "a StabilizerState", other)?.try_borrow()?;
        let theirs = &other.inner;
        ok(py.detach(|| self.inner.fidelity(theirs)))
    }
}
