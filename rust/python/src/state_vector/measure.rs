//! Circuits and measurements on a state vector.

use numpy::PyArray1;
use pyo3::prelude::*;

use super::{OBJECT, StateVector};
use crate::arguments::instance;
use crate::circuit::Circuit;
use crate::dense::{circuit_bits, outcome};
use crate::errors::ok;

#[pymethods]
impl StateVector {
    /// Run one shot of a circuit.
    ///
    /// Parameters
    /// ----------
    /// circuit : Circuit
    ///     On at most n qubits; its qubits are those of the state. Any unitary and any noise will do; noise draws a trajectory.
    ///
    /// Returns
    /// -------
    /// ndarray of bool, shape (measurements,)
    ///     Measurement record.
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     More qubits than the state has, or a record before the beginning.
    /// KeyboardInterrupt
    ///     Ctrl-C in a long run; the state has seen a part of the circuit.
    ///
    /// Examples
    /// --------
    /// >>> psi = StateVector(2, rng=7)
    /// >>> bits = psi.run(Circuit("H 0\nCX 0 1\nM 0 1"))
    /// >>> bool(bits[0] == bits[1])
    /// True
    fn run<'py>(&mut self, py: Python<'py>, circuit: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyArray1<bool>>> {
        let circuit = instance::<Circuit>(OBJECT, "circuit", "a Circuit", circuit)?.borrow();
        let amplitudes = 1 << self.inner.qubits();
        let bits = circuit_bits(py, &circuit.inner, amplitudes, &mut self.inner, &mut self.stream)?;
        Ok(PyArray1::from_vec(py, bits))
    }

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
    ///     0 or 1, with the probabilities of the state, drawn from its random stream.
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     A qubit outside the register.
    ///
    /// Examples
    /// --------
    /// >>> psi = StateVector.ghz(3, rng=7)
    /// >>> psi.measure(0) == psi.measure(2)
    /// True
    fn measure(&mut self, py: Python<'_>, qubit: &Bound<'_, PyAny>) -> PyResult<u8> {
        let qubit = self.qubit("qubit", qubit)?;
        let outcome = self.change(py, |psi, stream| {
            let outcome = stream.next_f64() < psi.measure_probability(qubit)?;
            psi.collapse(qubit, outcome).map(|_| outcome)
        });
        Ok(u8::from(ok(outcome)?))
    }

    /// Return the probability that a Z measurement gives 1; the state is left alone.
    ///
    /// Parameters
    /// ----------
    /// qubit : int
    ///     In [0, n-1].
    ///
    /// Returns
    /// -------
    /// float
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     A qubit outside the register.
    ///
    /// Examples
    /// --------
    /// >>> round(StateVector.bell("phi+").measure_probability(0), 12)
    /// 0.5
    fn measure_probability(&self, py: Python<'_>, qubit: &Bound<'_, PyAny>) -> PyResult<f64> {
        let qubit = self.qubit("qubit", qubit)?;
        ok(self.read(py, |psi| psi.measure_probability(qubit)))
    }

    /// Return the probabilities of all outcomes of measuring every qubit in Z.
    ///
    /// Returns
    /// -------
    /// array of shape (2^n,)
    ///     Qubit 0 is the least significant bit of the index.
    ///
    /// Examples
    /// --------
    /// >>> StateVector.bell("psi+").probabilities().round(12).tolist()
    /// [0.0, 0.5, 0.5, 0.0]
    fn probabilities<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_vec(py, self.inner.probabilities())
    }

    /// Project a qubit on an outcome of a Z measurement.
    ///
    /// Parameters
    /// ----------
    /// qubit : int
    ///     In [0, n-1].
    /// outcome : {0, 1}
    ///
    /// Returns
    /// -------
    /// float
    ///     Probability of the outcome; the state is normalized afterwards.
    ///
    /// Raises
    /// ------
    /// ImpossibleOutcomeError
    ///     An outcome of probability 0; the state stays as it was.
    /// RangeError
    ///     Another number than 0 and 1, or a qubit outside the register.
    ///
    /// Examples
    /// --------
    /// >>> psi = StateVector.bell("phi+")
    /// >>> round(psi.postselect(0, 1), 12), psi.measure(1)
    /// (0.5, 1)
    fn postselect(&mut self, py: Python<'_>, qubit: &Bound<'_, PyAny>, outcome: &Bound<'_, PyAny>) -> PyResult<f64> {
        let (qubit, one) = (self.qubit("qubit", qubit)?, self::outcome(OBJECT, outcome)?);
        ok(self.change(py, |psi, _| psi.collapse(qubit, one)))
    }
}
