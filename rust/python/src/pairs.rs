//! Bell-diagonal pairs, one at a time and in batches.

use ebit_quantum::{BellDiagonal as Pair, Distillation, QuantumError};
use numpy::{PyArray1, PyArray2, PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::prelude::*;

use crate::errors::{quantum_error, range_error};

/// Success probabilities (n,) and weights (n, 4).
type Distilled<'py> = (Bound<'py, PyArray1<f64>>, Bound<'py, PyArray2<f64>>);

fn protocol(name: &str) -> PyResult<Distillation> {
    match name {
        "dejmps" => Ok(Distillation::Dejmps),
        "bbpssw" => Ok(Distillation::Bbpssw),
        other => Err(range_error("BellDiagonal", "protocol", "one of dejmps, bbpssw", format!("'{other}'"), "")),
    }
}

fn ok<T>(result: Result<T, QuantumError>) -> PyResult<T> {
    result.map_err(|e| quantum_error(&e))
}

/// A mixture of the four Bell states, given by its weights of (Phi+, Phi-, Psi+, Psi-).
#[pyclass(frozen, module = "ebit", eq)]
#[derive(Clone, PartialEq)]
pub struct BellDiagonal {
    inner: Pair,
}

#[pymethods]
impl BellDiagonal {
    #[new]
    fn new(weights: [f64; 4]) -> PyResult<Self> {
        Ok(Self { inner: ok(Pair::new(weights))? })
    }

    /// The Werner pair of the given fidelity.
    #[staticmethod]
    fn werner(fidelity: f64) -> PyResult<Self> {
        Ok(Self { inner: ok(Pair::werner(fidelity))? })
    }

    #[getter]
    fn weights<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_slice(py, &self.inner.weights())
    }
    #[getter]
    fn fidelity(&self) -> f64 {
        self.inner.fidelity()
    }
    #[getter]
    fn qber_x(&self) -> f64 {
        self.inner.qber_x()
    }
    #[getter]
    fn qber_z(&self) -> f64 {
        self.inner.qber_z()
    }

    /// The pair after a perfect Bell measurement on one half of each.
    fn swap(&self, other: &Self) -> Self {
        Self { inner: self.inner.swap(&other.inner) }
    }
    /// rho -> (1-p) rho + p I/4.
    fn depolarize(&self, p: f64) -> PyResult<Self> {
        Ok(Self { inner: ok(self.inner.depolarize(p))? })
    }
    /// One half: rho -> (1-p) rho + p I/2 (x) Tr(rho).
    fn depolarize_qubit(&self, p: f64) -> PyResult<Self> {
        Ok(Self { inner: ok(self.inner.depolarize_qubit(p))? })
    }
    /// One half: rho -> (1-p) rho + p Z rho Z.
    fn dephase(&self, p: f64) -> PyResult<Self> {
        Ok(Self { inner: ok(self.inner.dephase(p))? })
    }
    /// One round of distillation: success probability and the better pair.
    #[pyo3(signature = (other, protocol="dejmps"))]
    fn distill(&self, other: &Self, protocol: &str) -> PyResult<(f64, Self)> {
        let (probability, inner) = self.inner.distill(&other.inner, self::protocol(protocol)?);
        Ok((probability, Self { inner }))
    }

    /// Many swaps: arrays of weights (n, 4).
    #[staticmethod]
    fn swap_many<'py>(
        py: Python<'py>,
        a: PyReadonlyArray2<'py, f64>,
        b: PyReadonlyArray2<'py, f64>,
    ) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let (a, b) = (rows("a", &a)?, rows("b", &b)?);
        same_length(a.len(), b.len())?;
        weights(py, a.iter().zip(&b).map(|(a, b)| a.swap(b)))
    }

    /// Many distillations: probabilities (n,) and weights (n, 4).
    #[staticmethod]
    #[pyo3(signature = (a, b, protocol="dejmps"))]
    fn distill_many<'py>(
        py: Python<'py>,
        a: PyReadonlyArray2<'py, f64>,
        b: PyReadonlyArray2<'py, f64>,
        protocol: &str,
    ) -> PyResult<Distilled<'py>> {
        let (a, b) = (rows("a", &a)?, rows("b", &b)?);
        same_length(a.len(), b.len())?;
        let protocol = self::protocol(protocol)?;
        let out: Vec<(f64, Pair)> = a.iter().zip(&b).map(|(a, b)| a.distill(b, protocol)).collect();
        let probabilities = PyArray1::from_vec(py, out.iter().map(|(p, _)| *p).collect());
        Ok((probabilities, weights(py, out.into_iter().map(|(_, pair)| pair))?))
    }

    /// Many depolarizations: weights (n, 4).
    #[staticmethod]
    fn depolarize_many<'py>(py: Python<'py>, a: PyReadonlyArray2<'py, f64>, p: f64) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let pairs: Result<Vec<Pair>, QuantumError> = rows("a", &a)?.iter().map(|pair| pair.depolarize(p)).collect();
        weights(py, ok(pairs)?.into_iter())
    }

    fn __reduce__(slf: &Bound<'_, Self>) -> PyResult<(Py<PyAny>, ([f64; 4],))> {
        let class = slf.get_type().into_any().unbind();
        Ok((class, (slf.get().inner.weights(),)))
    }
    fn __hash__(&self) -> u64 {
        self.inner.weights().iter().fold(0, |h, w| h.rotate_left(13) ^ w.to_bits())
    }
    fn __repr__(&self) -> String {
        let [a, b, c, d] = self.inner.weights();
        format!("BellDiagonal([{a}, {b}, {c}, {d}])")
    }
}

fn rows(name: &str, array: &PyReadonlyArray2<'_, f64>) -> PyResult<Vec<Pair>> {
    if array.shape()[1] != 4 {
        return Err(range_error("BellDiagonal", name, "an array of shape (n, 4)", format!("{:?}", array.shape()), ""));
    }
    array.as_array().rows().into_iter().map(|r| ok(Pair::new([r[0], r[1], r[2], r[3]]))).collect()
}

fn same_length(a: usize, b: usize) -> PyResult<()> {
    if a == b { Ok(()) } else { Err(range_error("BellDiagonal", "b", &format!("{a} rows, as many as a"), b, "")) }
}

fn weights<'py>(py: Python<'py>, pairs: impl Iterator<Item = Pair>) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let flat: Vec<f64> = pairs.flat_map(|p| p.weights()).collect();
    let n = flat.len() / 4;
    numpy::PyArrayMethods::reshape(&PyArray1::from_vec(py, flat), [n, 4])
}
