//! Named states and NumPy's arrays as a density matrix, and back.

use ebit_quantum::DensityMatrix as Matrix;
use num_complex::Complex64;
use numpy::{PyArray1, PyArray2, PyArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyType;

use super::{DensityMatrix, OBJECT};
use crate::arguments::root;
use crate::arguments::{integer, matrix};
use crate::dense;
use crate::errors::ok;

#[pymethods]
impl DensityMatrix {
    /// Return the state of a matrix.
    ///
    /// Parameters
    /// ----------
    /// a : array_like of shape (2^n, 2^n)
    ///     Hermitian, positive and of trace 1, within rounding.
    /// rng : int, SeedSequence, Generator or None
    ///     Root of the random stream of measurements; an int repeats them.
    /// endian : {"little", "big"}
    ///     Whether qubit 0 is the least or the most significant bit of an index.
    ///
    /// Returns
    /// -------
    /// DensityMatrix
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Another shape, or a matrix that is no state; the message says which condition fails.
    ///
    /// Examples
    /// --------
    /// >>> round(DensityMatrix.from_numpy([[0.75, 0.25], [0.25, 0.25]]).expectation("X"), 12)
    /// 0.5
    #[classmethod]
    #[pyo3(signature = (a, rng=None, *, endian="little"))]
    fn from_numpy(cls: &Bound<'_, PyType>, a: &Bound<'_, PyAny>, rng: Option<Bound<'_, PyAny>>, endian: &str) -> PyResult<Self> {
        let big = dense::is_big(OBJECT, endian)?;
        let mut inner = ok(Matrix::from_matrix(matrix(OBJECT, "a", a)?))?;
        if big {
            inner = ok(inner.partial_trace(&dense::reversed(inner.qubits())))?;
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
    /// DensityMatrix
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Another name.
    ///
    /// Examples
    /// --------
    /// >>> bell = DensityMatrix.bell("psi-")
    /// >>> [round(bell.expectation(word), 12) for word in ("XX", "YY", "ZZ")]
    /// [-1.0, -1.0, -1.0]
    #[classmethod]
    #[pyo3(signature = (name="phi+", rng=None))]
    fn bell(cls: &Bound<'_, PyType>, name: &str, rng: Option<Bound<'_, PyAny>>) -> PyResult<Self> {
        Ok(Self::seeded(ok(Matrix::bell(name))?, root(cls.py(), OBJECT, rng.as_ref())?))
    }

    /// Return the state (|0...0> + |1...1>)/sqrt 2.
    ///
    /// Parameters
    /// ----------
    /// qubits : int
    ///     In [1, 13].
    /// rng : int, SeedSequence, Generator or None
    ///     Root of the random stream of measurements; an int repeats them.
    ///
    /// Returns
    /// -------
    /// DensityMatrix
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Another number of qubits.
    ///
    /// Examples
    /// --------
    /// >>> round(DensityMatrix.ghz(3).expectation("XXX"), 12)
    /// 1.0
    #[classmethod]
    #[pyo3(signature = (qubits, rng=None))]
    fn ghz(cls: &Bound<'_, PyType>, qubits: &Bound<'_, PyAny>, rng: Option<Bound<'_, PyAny>>) -> PyResult<Self> {
        let number = integer(OBJECT, "qubits", qubits, "a small integer >= 1", "memory grows as 4^n")?;
        Ok(Self::seeded(ok(Matrix::ghz(usize::try_from(number).unwrap_or(0)))?, root(cls.py(), OBJECT, rng.as_ref())?))
    }

    /// Return the matrix as a new array.
    ///
    /// Parameters
    /// ----------
    /// endian : {"little", "big"}
    ///     Whether qubit 0 is the least or the most significant bit of an index.
    ///
    /// Returns
    /// -------
    /// complex array of shape (2^n, 2^n)
    ///
    /// Examples
    /// --------
    /// >>> rho = DensityMatrix(2)
    /// >>> rho.x(0)
    /// >>> rho.to_numpy().real.diagonal().tolist(), rho.to_numpy(endian="big").real.diagonal().tolist()
    /// ([0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0])
    #[pyo3(signature = (*, endian="little"))]
    pub(super) fn to_numpy<'py>(&self, py: Python<'py>, endian: &str) -> PyResult<Bound<'py, PyArray2<Complex64>>> {
        let n = self.inner.dimension();
        let matrix = if dense::is_big(OBJECT, endian)? {
            ok(self.inner.partial_trace(&dense::reversed(self.inner.qubits())))?.matrix()
        } else {
            self.inner.matrix()
        };
        PyArray1::from_vec(py, matrix).reshape([n, n])
    }
}
