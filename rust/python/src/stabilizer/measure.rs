//! Measurements, resets and postselection of a stabilizer state.

use ebit_quantum::{Pauli, QuantumError};
use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::{OBJECT, StabilizerState};
use crate::arguments::shown;
use crate::dense::outcome;
use crate::errors::ok;
use crate::errors::{range_error, type_error};
use crate::pauli_string::pauli_string;

/// A letter X, Y or Z.
pub(super) fn axis(value: Option<&Bound<'_, PyAny>>) -> PyResult<Pauli> {
    let Some(value) = value else { return Ok(Pauli::Z) };
    match value.extract::<&str>() {
        Ok("X") => Ok(Pauli::X),
        Ok("Y") => Ok(Pauli::Y),
        Ok("Z") => Ok(Pauli::Z),
        Ok(_) => Err(range_error(OBJECT, "basis", "'X', 'Y' or 'Z'", shown(value), "")),
        Err(_) => Err(type_error(OBJECT, "basis", "'X', 'Y' or 'Z'", shown(value), "")),
    }
}

#[pymethods]
impl StabilizerState {
    /// Measure a qubit in Z; the state collapses.
    ///
    /// Parameters
    /// ----------
    /// qubit : int
    ///     In [0, n-1].
    ///
    /// Returns
    /// -------
    /// int
    ///     0 or 1; where it is not certain a fair bit of the state's random stream.
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     A qubit outside the register.
    ///
    /// Examples
    /// --------
    /// >>> s = StabilizerState(2, rng=7)
    /// >>> s.h(0)
    /// >>> s.cx(0, 1)
    /// >>> s.measure(0) == s.measure(1)
    /// True
    fn measure(&mut self, py: Python<'_>, qubit: &Bound<'_, PyAny>) -> PyResult<u8> {
        self.measured(py, qubit, Pauli::Z)
    }

    /// Measure a qubit in X: 0 for |+>, 1 for |->; the state collapses.
    ///
    /// Parameters
    /// ----------
    /// qubit : int
    ///     In [0, n-1].
    ///
    /// Returns
    /// -------
    /// int
    ///
    /// Examples
    /// --------
    /// >>> s = StabilizerState(1)
    /// >>> s.h(0)
    /// >>> s.measure_x(0)
    /// 0
    fn measure_x(&mut self, py: Python<'_>, qubit: &Bound<'_, PyAny>) -> PyResult<u8> {
        self.measured(py, qubit, Pauli::X)
    }

    /// Measure a qubit in Y: 0 for the +1 eigenstate, 1 for the other; the state collapses.
    ///
    /// Parameters
    /// ----------
    /// qubit : int
    ///     In [0, n-1].
    ///
    /// Returns
    /// -------
    /// int
    ///
    /// Examples
    /// --------
    /// >>> s = StabilizerState(1)
    /// >>> s.sqrt_x(0)
    /// >>> s.measure_y(0)
    /// 1
    fn measure_y(&mut self, py: Python<'_>, qubit: &Bound<'_, PyAny>) -> PyResult<u8> {
        self.measured(py, qubit, Pauli::Y)
    }

    /// Measure several qubits in Z, in the order in which they are named.
    ///
    /// Parameters
    /// ----------
    /// *targets : int, or sequences or integer arrays of int
    ///     Qubits in [0, n-1].
    ///
    /// Returns
    /// -------
    /// bool array
    ///     One outcome for each target.
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     A qubit outside the register; those named before it are measured.
    ///
    /// Examples
    /// --------
    /// >>> s = StabilizerState(3)
    /// >>> s.x(2)
    /// >>> s.measure_many(0, [1, 2]).tolist()
    /// [False, False, True]
    #[pyo3(signature = (*targets))]
    fn measure_many<'py>(&mut self, py: Python<'py>, targets: &Bound<'py, PyTuple>) -> PyResult<Bound<'py, PyArray1<bool>>> {
        let targets = self.many(targets.iter())?;
        let bits: Result<Vec<bool>, QuantumError> =
            py.detach(|| targets.iter().map(|&qubit| self.inner.measure(qubit)).collect());
        Ok(PyArray1::from_vec(py, ok(bits)?))
    }

    /// Measure a product of Paulis and none of its factors; the state collapses.
    ///
    /// Parameters
    /// ----------
    /// pauli : str or PauliString
    ///     A letter for every qubit, with sign + or -.
    ///
    /// Returns
    /// -------
    /// int
    ///     0 for +1, 1 for -1; where it is not certain a fair bit of the state's random stream.
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Another number of letters, or a phase i.
    ///
    /// Examples
    /// --------
    /// >>> s = StabilizerState(2, rng=7)
    /// >>> s.h(0)
    /// >>> s.cx(0, 1)
    /// >>> s.measure_pauli("XX"), s.measure_pauli("-ZZ"), s.peek(0)
    /// (0, 1, None)
    fn measure_pauli(&mut self, py: Python<'_>, pauli: &Bound<'_, PyAny>) -> PyResult<u8> {
        let string = pauli_string(OBJECT, "pauli", pauli)?;
        ok(py.detach(|| self.inner.measure_pauli(&string))).map(u8::from)
    }

    /// Bring each target to |0>, whatever it was entangled with.
    ///
    /// Parameters
    /// ----------
    /// qubit, *more : int, or sequences or integer arrays of int
    ///     Qubits in [0, n-1].
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     A qubit outside the register.
    ///
    /// Examples
    /// --------
    /// >>> s = StabilizerState.from_stabilizers(["XX", "ZZ"])
    /// >>> s.reset(0, 1)
    /// >>> s.stabilizers()
    /// ['+Z_', '+_Z']
    #[pyo3(signature = (qubit, /, *more))]
    fn reset(&mut self, py: Python<'_>, qubit: &Bound<'_, PyAny>, more: &Bound<'_, PyTuple>) -> PyResult<()> {
        let targets = self.many(std::iter::once(qubit.clone()).chain(more.iter()))?;
        ok(py.detach(|| targets.iter().try_for_each(|&qubit| self.inner.reset(qubit))))
    }

    /// Project a qubit on an outcome.
    ///
    /// Parameters
    /// ----------
    /// qubit : int
    ///     In [0, n-1].
    /// outcome : {0, 1}
    /// basis : {"X", "Y", "Z"}, optional
    ///     Z unless given.
    ///
    /// Returns
    /// -------
    /// float
    ///     Probability of the outcome, 1 or 1/2.
    ///
    /// Raises
    /// ------
    /// ImpossibleOutcomeError
    ///     The other outcome is certain; the state is left as it was.
    /// RangeError
    ///     A qubit outside the register, another outcome or basis.
    ///
    /// Examples
    /// --------
    /// >>> s = StabilizerState(2)
    /// >>> s.h(0)
    /// >>> s.cx(0, 1)
    /// >>> s.postselect(0, 1), s.measure(1)
    /// (0.5, 1)
    #[pyo3(signature = (qubit, outcome, basis=None))]
    fn postselect(
        &mut self,
        qubit: &Bound<'_, PyAny>,
        outcome: &Bound<'_, PyAny>,
        basis: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<f64> {
        let (qubit, axis, outcome) = (self.one("qubit", qubit)?, axis(basis)?, self::outcome(OBJECT, outcome)?);
        ok(self.inner.postselect(qubit, axis, outcome))
    }

    /// Project on an outcome of a product of Paulis.
    ///
    /// Parameters
    /// ----------
    /// pauli : str or PauliString
    ///     A letter for every qubit, with sign + or -.
    /// outcome : {0, 1}
    ///     0 for +1, 1 for -1.
    ///
    /// Returns
    /// -------
    /// float
    ///     Probability of the outcome, 1 or 1/2.
    ///
    /// Raises
    /// ------
    /// ImpossibleOutcomeError
    ///     The other outcome is certain; the state is left as it was.
    /// RangeError
    ///     Another number of letters, a phase i, or another outcome.
    ///
    /// Examples
    /// --------
    /// >>> s = StabilizerState(2)
    /// >>> s.postselect_pauli("XX", 0), s.stabilizers()
    /// (0.5, ['+XX', '+ZZ'])
    fn postselect_pauli(&mut self, pauli: &Bound<'_, PyAny>, outcome: &Bound<'_, PyAny>) -> PyResult<f64> {
        ok(self.inner.postselect_pauli(&pauli_string(OBJECT, "pauli", pauli)?, self::outcome(OBJECT, outcome)?))
    }
}
