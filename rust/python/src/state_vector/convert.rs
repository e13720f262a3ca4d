//! Named states and NumPy's arrays as a state vector, and back.

use ebit_quantum::StateVector as Vector;
use num_complex::Complex64;
use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::PyType;

use super::{OBJECT, StateVector};
use crate::arguments::integer;
use crate::arguments::root;
use crate::dense;
use crate::density::DensityMatrix;
use crate::errors::ok;

#[pymethods]
impl StateVector {
    /// Return the state of an array of amplitudes.
    ///
    /// Parameters
    /// ----------
    /// a : array_like of shape (2^n,)
    ///     Amplitudes of norm 1, within rounding.
    /// rng : int, SeedSequence, Generator or None
    ///     Root of the random stream of measurements; an int repeats them.
    /// endian : {"little", "big"}
    ///     Whether qubit 0 is the least or the most significant bit of an index.
    /// threads : int, optional
    ///     Threads that may share an operation, in [1, 1024].
    ///
    /// Returns
    /// -------
    /// StateVector
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Another number of amplitudes, or another norm.
    ///
    /// Examples
    /// --------
    /// >>> StateVector.from_numpy([0.6, 0.8j]).probabilities().round(12).tolist()
    /// [0.36, 0.64]
    #[classmethod]
    #[pyo3(signature = (a, rng=None, *, endian="little", threads=None))]
    fn from_numpy(
        cls: &Bound<'_, PyType>,
        a: &Bound<'_, PyAny>,
        rng: Option<Bound<'_, PyAny>>,
        endian: &str,
        threads: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let (big, threads) = (dense::is_big(OBJECT, endian)?, dense::threads(OBJECT, threads)?);
        let mut inner = ok(Vector::from_amplitudes(dense::amplitudes(OBJECT, "a", a)?))?;
        inner.set_threads(threads);
        if big {
            inner.reverse_qubits();
        }
        Ok(Self::seeded(inner, root(cls.py(), OBJECT, rng.as_ref())?))
    }

    /// Return a Bell state of two qubits.
    ///
    /// Parameters
    /// ----------
    /// name : {"phi+", "phi-", "psi+", "psi-"}
    ///     Phi is (|00> +- |11>)/sqrt 2, Psi (|01> +- |10>)/sqrt 2 with qubit 0 written last.
    /// rng : int, SeedSequence, Generator or None
    ///     Root of the random stream of measurements; an int repeats them.
    ///
    /// Returns
    /// -------
    /// StateVector
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Another name.
    ///
    /// Examples
    /// --------
    /// >>> bell = StateVector.bell("psi-")
    /// >>> [round(bell.expectation(word), 12) for word in ("XX", "YY", "ZZ")]
    /// [-1.0, -1.0, -1.0]
    #[classmethod]
    #[pyo3(signature = (name="phi+", rng=None))]
    fn bell(cls: &Bound<'_, PyType>, name: &str, rng: Option<Bound<'_, PyAny>>) -> PyResult<Self> {
        Ok(Self::seeded(ok(Vector::bell(name))?, root(cls.py(), OBJECT, rng.as_ref())?))
    }

    /// Return the state (|0...0> + |1...1>)/sqrt 2.
    ///
    /// Parameters
    /// ----------
    /// qubits : int
    ///     In [1, 28].
    /// rng : int, SeedSequence, Generator or None
    ///     Root of the random stream of measurements; an int repeats them.
    ///
    /// Returns
    /// -------
    /// StateVector
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Another number of qubits.
    ///
    /// Examples
    /// --------
    /// >>> round(StateVector.ghz(3).expectation("XXX"), 12)
    /// 1.0
    #[classmethod]
    #[pyo3(signature = (qubits, rng=None))]
    fn ghz(cls: &Bound<'_, PyType>, qubits: &Bound<'_, PyAny>, rng: Option<Bound<'_, PyAny>>) -> PyResult<Self> {
        let number = integer(OBJECT, "qubits", qubits, "a small integer >= 1", "memory grows as 2^n")?;
        Ok(Self::seeded(ok(Vector::ghz(usize::try_from(number).unwrap_or(0)))?, root(cls.py(), OBJECT, rng.as_ref())?))
    }

    /// Return the amplitudes as a new array.
    ///
    /// Parameters
    /// ----------
    /// endian : {"little", "big"}
    ///     Whether qubit 0 is the least or the most significant bit of an index.
    ///
    /// Returns
    /// -------
    /// complex array of shape (2^n,)
    ///
    /// Examples
    /// --------
    /// >>> psi = StateVector(2)
    /// >>> psi.x(0)
    /// >>> psi.to_numpy().real.tolist(), psi.to_numpy(endian="big").real.tolist()
    /// ([0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0])
    #[pyo3(signature = (*, endian="little"))]
    pub(super) fn to_numpy<'py>(&self, py: Python<'py>, endian: &str) -> PyResult<Bound<'py, PyArray1<Complex64>>> {
        if dense::is_big(OBJECT, endian)? {
            let mut turned = self.inner.clone();
            turned.reverse_qubits();
            return Ok(PyArray1::from_slice(py, turned.amplitudes()));
        }
        Ok(PyArray1::from_slice(py, self.inner.amplitudes()))
    }

    /// Return |psi><psi|.
    ///
    /// Parameters
    /// ----------
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
    ///     More than 13 qubits.
    ///
    /// Examples
    /// --------
    /// >>> round(StateVector.ghz(2).to_density_matrix().purity(), 12)
    /// 1.0
    #[pyo3(signature = (rng=None))]
    fn to_density_matrix(&self, py: Python<'_>, rng: Option<Bound<'_, PyAny>>) -> PyResult<DensityMatrix> {
        Ok(DensityMatrix::seeded(ok(self.inner.to_density_matrix())?, root(py, OBJECT, rng.as_ref())?))
    }
}
