//! The dense density matrix of a few qubits.

use ebit_quantum::{DensityMatrix as Matrix, QuantumError};
use ebit_random::{Purpose, Stream};
use num_complex::Complex64;
use numpy::{PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyType;

use crate::errors::{quantum_error, range_error};

fn ok<T>(result: Result<T, QuantumError>) -> PyResult<T> {
    result.map_err(|e| quantum_error(&e))
}

fn flat(array: &PyReadonlyArray2<'_, Complex64>, parameter: &str) -> PyResult<Vec<Complex64>> {
    let shape = array.shape();
    if shape[0] != shape[1] {
        return Err(range_error("DensityMatrix", parameter, "a square matrix", format!("shape {shape:?}"), ""));
    }
    Ok(array.as_array().iter().copied().collect())
}

/// Density matrix of n <= 10 qubits; qubit 0 is the least significant bit.
#[pyclass(module = "ebit")]
pub struct DensityMatrix {
    inner: Matrix,
    stream: Stream,
}

fn stream(py: Python<'_>, rng: Option<Bound<'_, PyAny>>) -> PyResult<Stream> {
    let root: u128 = py.import("ebit._rng")?.call_method1("root_seed", (rng,))?.extract()?;
    Ok(Stream::new(root, 0, 0, Purpose::Measurement))
}

#[pymethods]
impl DensityMatrix {
    #[new]
    #[pyo3(signature = (qubits, rng=None))]
    fn new(py: Python<'_>, qubits: i64, rng: Option<Bound<'_, PyAny>>) -> PyResult<Self> {
        let qubits = usize::try_from(qubits).unwrap_or(0);
        Ok(Self { inner: ok(Matrix::new(qubits))?, stream: stream(py, rng)? })
    }

    /// From a (2^n, 2^n) complex array.
    #[classmethod]
    #[pyo3(signature = (a, rng=None))]
    fn from_numpy(cls: &Bound<'_, PyType>, a: PyReadonlyArray2<'_, Complex64>, rng: Option<Bound<'_, PyAny>>) -> PyResult<Self> {
        Ok(Self { inner: ok(Matrix::from_matrix(flat(&a, "a")?))?, stream: stream(cls.py(), rng)? })
    }

    /// The matrix as a (2^n, 2^n) complex array.
    fn to_numpy<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray2<Complex64>>> {
        let n = self.inner.dimension();
        PyArray1::from_slice(py, self.inner.matrix()).reshape([n, n])
    }

    #[getter]
    fn num_qubits(&self) -> usize {
        self.inner.qubits()
    }

    /// U rho U^dagger; the first target is the matrix's least significant bit.
    fn apply(&mut self, unitary: PyReadonlyArray2<'_, Complex64>, targets: Vec<usize>) -> PyResult<()> {
        ok(self.inner.apply(&flat(&unitary, "unitary")?, &targets))
    }

    /// Sum of K rho K^dagger over a complete set.
    fn apply_kraus(&mut self, kraus: Vec<PyReadonlyArray2<'_, Complex64>>, targets: Vec<usize>) -> PyResult<()> {
        let kraus: PyResult<Vec<Vec<Complex64>>> = kraus.iter().map(|k| flat(k, "kraus")).collect();
        ok(self.inner.apply_kraus(&kraus?, &targets))
    }

    /// rho -> (1-p) rho + p I/d on the targets together.
    fn depolarize(&mut self, p: f64, targets: Vec<usize>) -> PyResult<()> {
        ok(self.inner.depolarize(p, &targets))
    }
    /// rho -> (1-p) rho + p Z rho Z on each target.
    fn dephase(&mut self, p: f64, targets: Vec<usize>) -> PyResult<()> {
        ok(self.inner.dephase(p, &targets))
    }
    /// |1> -> |0> with probability gamma, on each target.
    fn amplitude_damp(&mut self, gamma: f64, targets: Vec<usize>) -> PyResult<()> {
        ok(self.inner.amplitude_damp(gamma, &targets))
    }

    fn h(&mut self, qubit: usize) -> PyResult<()> {
        ok(self.inner.h(qubit))
    }
    fn x(&mut self, qubit: usize) -> PyResult<()> {
        ok(self.inner.x(qubit))
    }
    fn y(&mut self, qubit: usize) -> PyResult<()> {
        ok(self.inner.y(qubit))
    }
    fn z(&mut self, qubit: usize) -> PyResult<()> {
        ok(self.inner.z(qubit))
    }
    fn s(&mut self, qubit: usize) -> PyResult<()> {
        ok(self.inner.s(qubit))
    }
    fn s_dag(&mut self, qubit: usize) -> PyResult<()> {
        ok(self.inner.s_dag(qubit))
    }
    fn cx(&mut self, control: usize, target: usize) -> PyResult<()> {
        ok(self.inner.cx(control, target))
    }
    fn cz(&mut self, a: usize, b: usize) -> PyResult<()> {
        ok(self.inner.cz(a, b))
    }

    /// Measures Z: 0 or 1, and the state collapses.
    fn measure(&mut self, qubit: usize) -> PyResult<u8> {
        let one = ok(self.inner.measure_probability(qubit))?;
        let outcome = self.stream.next_f64() < one;
        ok(self.inner.collapse(qubit, outcome))?;
        Ok(u8::from(outcome))
    }
    /// Probability that a Z measurement gives 1; the state is left alone.
    fn measure_probability(&self, qubit: usize) -> PyResult<f64> {
        ok(self.inner.measure_probability(qubit))
    }
    /// Projects on an outcome and returns its probability.
    fn postselect(&mut self, qubit: usize, outcome: bool) -> PyResult<f64> {
        ok(self.inner.collapse(qubit, outcome))
    }

    /// The state of the kept qubits; keep[k] becomes qubit k.
    fn partial_trace(&self, keep: Vec<usize>) -> PyResult<Self> {
        Ok(Self { inner: ok(self.inner.partial_trace(&keep))?, stream: self.stream.clone() })
    }
    /// <psi|rho|psi> for a pure state, Uhlmann's in general (not its root).
    fn fidelity(&self, other: &Self) -> PyResult<f64> {
        ok(self.inner.fidelity(&other.inner))
    }
    fn purity(&self) -> f64 {
        self.inner.purity()
    }
    fn trace(&self) -> f64 {
        self.inner.trace()
    }

    fn copy(&self) -> Self {
        Self { inner: self.inner.clone(), stream: self.stream.clone() }
    }
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyAny>,))> {
        let array = slf.borrow().to_numpy(slf.py())?.into_any();
        Ok((slf.get_type().getattr("from_numpy")?, (array,)))
    }
    fn __repr__(&self) -> String {
        format!("DensityMatrix({} qubits, purity {:.6})", self.inner.qubits(), self.inner.purity())
    }
}
