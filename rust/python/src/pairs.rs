//! Bell-diagonal pairs, one at a time and in batches.

use ebit_quantum::{BellDiagonal as Pair, Distillation, QuantumError};
use numpy::{PyArray1, PyArray2};
use pyo3::prelude::*;

use crate::arguments::{instance, real, rows_of_four, shown};
use crate::errors::{quantum_error, range_error, type_error};

const OBJECT: &str = "BellDiagonal";

/// Success probabilities (n,) and weights (n, 4).
type Distilled<'py> = (Bound<'py, PyArray1<f64>>, Bound<'py, PyArray2<f64>>);

fn protocol(name: Option<&Bound<'_, PyAny>>) -> PyResult<Distillation> {
    let Some(name) = name else { return Ok(Distillation::Dejmps) };
    let range = "one of dejmps, bbpssw";
    match name.extract::<String>() {
        Ok(text) if text == "dejmps" => Ok(Distillation::Dejmps),
        Ok(text) if text == "bbpssw" => Ok(Distillation::Bbpssw),
        Ok(text) => {
            let known = ["dejmps".to_owned(), "bbpssw".to_owned()];
            let hint = ebit_spec::parse::suggestion(&text.to_lowercase(), &known);
            Err(range_error(OBJECT, "protocol", range, shown(name), &hint))
        }
        Err(_) => Err(type_error(OBJECT, "protocol", range, shown(name), "")),
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
    fn new(weights: &Bound<'_, PyAny>) -> PyResult<Self> {
        let (range, hint) = ("four weights that sum to 1", "of (Phi+, Phi-, Psi+, Psi-)");
        let items = weights.try_iter().map_err(|_| type_error(OBJECT, "weights", range, shown(weights), hint))?;
        let mut list = Vec::with_capacity(4);
        for (k, item) in items.enumerate() {
            list.push(real(OBJECT, &format!("weights[{k}]"), &item?)?);
        }
        let four: [f64; 4] =
            list.try_into().map_err(|l: Vec<f64>| range_error(OBJECT, "weights", range, format!("{} values", l.len()), hint))?;
        Ok(Self { inner: ok(Pair::new(four))? })
    }

    /// The Werner pair of the given fidelity.
    #[staticmethod]
    fn werner(fidelity: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self { inner: ok(Pair::werner(real(OBJECT, "fidelity", fidelity)?))? })
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
    fn swap(&self, other: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self { inner: self.inner.swap(&pair("other", other)?.inner) })
    }
    /// rho -> (1-p) rho + p I/4.
    fn depolarize(&self, p: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self { inner: ok(self.inner.depolarize(real(OBJECT, "p", p)?))? })
    }
    /// One half: rho -> (1-p) rho + p I/2 (x) Tr(rho).
    fn depolarize_qubit(&self, p: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self { inner: ok(self.inner.depolarize_qubit(real(OBJECT, "p", p)?))? })
    }
    /// One half: rho -> (1-p) rho + p Z rho Z.
    fn dephase(&self, p: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self { inner: ok(self.inner.dephase(real(OBJECT, "p", p)?))? })
    }
    /// One round of distillation: success probability and the better pair.
    #[pyo3(signature = (other, protocol=None), text_signature = "($self, other, protocol='dejmps')")]
    fn distill(&self, other: &Bound<'_, PyAny>, protocol: Option<&Bound<'_, PyAny>>) -> PyResult<(f64, Self)> {
        let (probability, inner) = self.inner.distill(&pair("other", other)?.inner, self::protocol(protocol)?);
        Ok((probability, Self { inner }))
    }

    /// Many swaps: arrays of weights (n, 4).
    #[staticmethod]
    fn swap_many<'py>(py: Python<'py>, a: &Bound<'py, PyAny>, b: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let (a, b) = (rows("a", a)?, rows("b", b)?);
        same_length(a.len(), b.len())?;
        weights(py, a.iter().zip(&b).map(|(a, b)| a.swap(b)))
    }

    /// Many distillations: probabilities (n,) and weights (n, 4).
    #[staticmethod]
    #[pyo3(signature = (a, b, protocol=None), text_signature = "(a, b, protocol='dejmps')")]
    fn distill_many<'py>(
        py: Python<'py>,
        a: &Bound<'py, PyAny>,
        b: &Bound<'py, PyAny>,
        protocol: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Distilled<'py>> {
        let (a, b) = (rows("a", a)?, rows("b", b)?);
        same_length(a.len(), b.len())?;
        let protocol = self::protocol(protocol)?;
        let out: Vec<(f64, Pair)> = a.iter().zip(&b).map(|(a, b)| a.distill(b, protocol)).collect();
        let probabilities = PyArray1::from_vec(py, out.iter().map(|(p, _)| *p).collect());
        Ok((probabilities, weights(py, out.into_iter().map(|(_, pair)| pair))?))
    }

    /// Many depolarizations: weights (n, 4).
    #[staticmethod]
    fn depolarize_many<'py>(
        py: Python<'py>,
        a: &Bound<'py, PyAny>,
        p: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let p = real(OBJECT, "p", p)?;
        let pairs: Result<Vec<Pair>, QuantumError> = rows("a", a)?.iter().map(|pair| pair.depolarize(p)).collect();
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

fn pair<'a>(parameter: &str, value: &'a Bound<'_, PyAny>) -> PyResult<&'a BellDiagonal> {
    Ok(instance::<BellDiagonal>(OBJECT, parameter, "a BellDiagonal", value)?.get())
}

fn rows(name: &str, array: &Bound<'_, PyAny>) -> PyResult<Vec<Pair>> {
    let judge = |(k, row)| {
        Pair::new(row).map_err(|mut error: QuantumError| {
            error.parameter = error.parameter.replacen("weights", &format!("{name}[{k}]"), 1);
            quantum_error(&error)
        })
    };
    rows_of_four(OBJECT, name, array)?.into_iter().enumerate().map(judge).collect()
}

fn same_length(a: usize, b: usize) -> PyResult<()> {
    if a == b { Ok(()) } else { Err(range_error("BellDiagonal", "b", &format!("{a} rows, as many as a"), b, "")) }
}

fn weights<'py>(py: Python<'py>, pairs: impl Iterator<Item = Pair>) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let flat: Vec<f64> = pairs.flat_map(|p| p.weights()).collect();
    let n = flat.len() / 4;
    numpy::PyArrayMethods::reshape(&PyArray1::from_vec(py, flat), [n, 4])
}
