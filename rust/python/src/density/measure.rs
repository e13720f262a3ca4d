//! Circuits and measurements on a density matrix.

use numpy::PyArray1;
use pyo3::prelude::*;

use super::{DensityMatrix, OBJECT};
use crate::arguments::instance;
use crate::circuit::Circuit;
use crate::dense::{circuit_bits, outcome};
use crate::errors::ok;

#[pymethods]
impl DensityMatrix {
    /// Run one shot of a circuit.
    ///
    /// Parameters
    /// ----------
    /// circuit : Circuit
    ///     On at most n qubits; its qubits are those of the state. Any unitary and any noise will do; noise is exact.
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
    /// >>> rho = DensityMatrix(2, rng=7)
    /// >>> bits = rho.run(Circuit("H 0\nCX 0 1\nM 0 1"))
    /// >>> bool(bits[0] == bits[1])
    /// True
    fn run<'py>(&mut self, py: Python<'py>, circuit: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyArray1<bool>>> {
        let circuit = instance::<Circuit>(OBJECT, "circuit", "a Circuit", circuit)?.borrow();
        let amplitudes = 1 << (2 * self.inner.qubits());
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
    /// >>> rho = DensityMatrix.bell("phi+", rng=7)
    /// >>> rho.measure(0) == rho.measure(1)
    /// True
    fn measure(&mut self, py: Python<'_>, qubit: &Bound<'_, PyAny>) -> PyResult<u8> {
        let qubit = self.qubit("qubit", qubit)?;
        let one = ok(self.inner.measure_probability(qubit))?;
        let outcome = self.stream.next_f64() < one;
        ok(self.change(py, |rho| rho.collapse(qubit, outcome)))?;
        Ok(u8::from(outcome))
    }

    /// Measure each target in Z and forget the outcome: its coherences vanish, nothing is drawn.
    ///
    /// Parameters
    /// ----------
    /// targets : sequence of int
    ///     Different qubits in [0, n-1].
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Equal targets, or targets outside the register.
    ///
    /// Examples
    /// --------
    /// >>> rho = DensityMatrix.bell("phi+")
    /// >>> rho.measure_nonselective([0])
    /// >>> round(rho.entropy(), 12)
    /// 1.0
    fn measure_nonselective(&mut self, py: Python<'_>, targets: &Bound<'_, PyAny>) -> PyResult<()> {
        let targets = self.targets(targets)?;
        ok(self.change(py, |rho| rho.measure_nonselective(&targets)))
    }

    /// Forget a qubit and prepare it in |0>.
    ///
    /// Parameters
    /// ----------
    /// qubit : int
    ///     In [0, n-1].
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     A qubit outside the register.
    ///
    /// Examples
    /// --------
    /// >>> rho = DensityMatrix.bell("phi+")
    /// >>> rho.reset(0)
    /// >>> rho.probabilities().round(12).tolist()
    /// [0.5, 0.0, 0.5, 0.0]
    fn reset(&mut self, py: Python<'_>, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
        let qubit = self.qubit("qubit", qubit)?;
        ok(self.change(py, |rho| rho.reset(qubit)))
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
    /// >>> round(DensityMatrix.bell("phi+").measure_probability(0), 12)
    /// 0.5
    fn measure_probability(&self, qubit: &Bound<'_, PyAny>) -> PyResult<f64> {
        ok(self.inner.measure_probability(self.qubit("qubit", qubit)?))
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
    /// >>> DensityMatrix.bell("psi+").probabilities().round(12).tolist()
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
    /// >>> rho = DensityMatrix.bell("phi+")
    /// >>> round(rho.postselect(0, 1), 12), rho.measure(1)
    /// (0.5, 1)
    fn postselect(&mut self, py: Python<'_>, qubit: &Bound<'_, PyAny>, outcome: &Bound<'_, PyAny>) -> PyResult<f64> {
        let (qubit, one) = (self.qubit("qubit", qubit)?, self::outcome(OBJECT, outcome)?);
        ok(self.change(py, |rho| rho.collapse(qubit, one)))
    }
}
