//! Bell-diagonal pairs, one at a time and in batches.

use ebit_quantum::{
    BellDiagonal as Pair, DensityMatrix, Distillation, Halves, Noise, PairState, PairStep, QuantumError, pair_many,
};
use numpy::{PyArray1, PyArray2, PyArrayMethods, PyUntypedArrayMethods};
use pyo3::prelude::*;

use crate::arguments::{instance, matrix, real, shown};
use crate::circuit::Circuit;
use crate::errors::{quantum_error, range_error, type_error};
use crate::noise::{halves, noise};
use crate::pairs_many::{Out, Share, fresh_vector, rows, vector};

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

    #[getter]
    fn qber_y(&self) -> f64 {
        self.inner.qber_y()
    }
    /// Expectations of XX, YY, ZZ: Phi+ has 1, -1, 1.
    #[getter]
    fn correlations<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        let t = self.inner.correlations();
        PyArray1::from_slice(py, &[t.x, -t.y, t.z])
    }
    /// Joint probabilities [left, right] of the results when both ends measure "X", "Y" or "Z".
    fn outcomes<'py>(&self, py: Python<'py>, basis: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let range = "one of X, Y, Z";
        let name = basis.extract::<String>().map_err(|_| type_error(OBJECT, "basis", range, shown(basis), ""))?;
        let different = match name.as_str() {
            "X" => self.inner.qber_x(),
            "Y" => 1.0 - self.inner.qber_y(),
            "Z" => self.inner.qber_z(),
            _ => return Err(range_error(OBJECT, "basis", range, shown(basis), "the same at both ends")),
        };
        let (equal, different) = (0.5 * (1.0 - different), 0.5 * different);
        PyArray1::from_slice(py, &[equal, different, different, equal]).reshape([2, 2])
    }

    /// From a state of two qubits; with twirl=True what is not Bell-diagonal is dropped.
    #[staticmethod]
    #[pyo3(signature = (rho, twirl=false))]
    fn from_density_matrix(rho: &Bound<'_, PyAny>, twirl: bool) -> PyResult<Self> {
        let array = if rho.hasattr("to_numpy")? { rho.call_method0("to_numpy")? } else { rho.clone() };
        let entries = matrix(OBJECT, "rho", &array)?;
        if entries.len() != 16 {
            let value = format!("{} entries", entries.len());
            return Err(range_error(OBJECT, "rho", "a state of two qubits, 4 x 4", value, "left = qubit 0, right = qubit 1"));
        }
        let state = ok(DensityMatrix::from_matrix(entries))?;
        let m = state.matrix();
        let pair = PairState::from_matrix(&std::array::from_fn(|i| std::array::from_fn(|j| m[4 * i + j])));
        Ok(Self { inner: ok(Pair::from_pair(&pair, twirl))? })
    }
    /// The same state as a DensityMatrix; left is qubit 0, right qubit 1.
    #[pyo3(signature = (rng=None))]
    fn to_density_matrix<'py>(&self, py: Python<'py>, rng: Option<Bound<'py, PyAny>>) -> PyResult<Bound<'py, PyAny>> {
        let entries = PairState::from_weights(self.inner.weights()).to_matrix();
        let array = PyArray1::from_slice(py, entries.as_flattened()).reshape([4, 4])?;
        py.import("ebit._core")?.getattr("DensityMatrix")?.call_method1("from_numpy", (array, rng))
    }
    /// The Werner pair of the same fidelity.
    fn to_werner(&self) -> Self {
        Self { inner: self.inner.to_werner() }
    }

    /// The pair after a Noise on "left", "right" or "both" halves; refused if it would not stay Bell-diagonal.
    #[pyo3(signature = (noise, on=None))]
    fn apply(&self, noise: &Bound<'_, PyAny>, on: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let noise = self::noise(OBJECT, "noise", noise)?;
        Ok(Self { inner: ok(self.inner.apply(noise, halves(OBJECT, noise, on)?))? })
    }
    /// Refused: a damped pair is not Bell-diagonal. The error names two ways on.
    fn amplitude_damp(&self, gamma: &Bound<'_, PyAny>) -> PyResult<Self> {
        let noise = ok(Noise::amplitude_damp(real(OBJECT, "gamma", gamma)?, 0.0))?;
        Ok(Self { inner: ok(self.inner.apply(&noise, Halves::Left))? })
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

    /// Double selection: success probability and the better pair; the second checks this one, the third the second.
    fn double_select(&self, second: &Bound<'_, PyAny>, third: &Bound<'_, PyAny>) -> PyResult<(f64, Self)> {
        let (second, third) = (pair("second", second)?, pair("third", third)?);
        let (probability, inner) = self.inner.double_select(&second.inner, &third.inner);
        Ok((probability, Self { inner }))
    }
    /// A Clifford circuit at both ends, qubit k = pair k; measured pairs must agree, the one left is kept.
    #[staticmethod]
    fn distill_circuit(pairs: &Bound<'_, PyAny>, circuit: &Bound<'_, PyAny>) -> PyResult<(f64, Self)> {
        let wrong = || type_error(OBJECT, "pairs", "a list of BellDiagonal", shown(pairs), "");
        let mut list = Vec::new();
        for (k, item) in pairs.try_iter().map_err(|_| wrong())?.enumerate() {
            list.push(pair(&format!("pairs[{k}]"), &item?)?.inner);
        }
        let circuit = instance::<Circuit>(OBJECT, "circuit", "a Circuit", circuit)?.try_borrow()?;
        let (probability, inner) = ok(PairStep::from_circuit(&circuit.inner).and_then(|s| Pair::distill_by_circuit(&list, &s)))?;
        Ok((probability, Self { inner }))
    }

    /// Many swaps, then depolarize: arrays of weights (n, 4) in, (n, 4) out.
    #[staticmethod]
    #[pyo3(signature = (a, b, depolarize=None, out=None), text_signature = "(a, b, depolarize=0.0, out=None)")]
    fn swap_many<'py>(
        py: Python<'py>,
        a: &Bound<'py, PyAny>,
        b: &Bound<'py, PyAny>,
        depolarize: Option<&Bound<'py, PyAny>>,
        out: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let (a, b, p) = (rows("a", a)?, rows("b", b)?, Share::read("p", depolarize)?);
        let (a, b, p) = (a.as_slice()?, b.as_slice()?, p.per_row()?);
        Out::read(py, a.len() / 4, out)?.filled(py, |out| pair_many::swap_many(a, b, p, out))
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
        let protocol = self::protocol(protocol)?;
        let (a, b) = (rows("a", a)?, rows("b", b)?);
        let (a, b) = (a.as_slice()?, b.as_slice()?);
        let probabilities = fresh_vector(py, a.len() / 4);
        let mut write = probabilities.try_readwrite()?;
        let each = write.as_slice_mut()?;
        let out = Out::read(py, a.len() / 4, None)?.filled(py, |out| pair_many::distill_many(a, b, protocol, each, out))?;
        drop(write);
        Ok((probabilities, out))
    }

    /// Many depolarizations, by one p or one a row: weights (n, 4).
    #[staticmethod]
    #[pyo3(signature = (a, p, out=None))]
    fn depolarize_many<'py>(
        py: Python<'py>,
        a: &Bound<'py, PyAny>,
        p: &Bound<'py, PyAny>,
        out: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let (a, p) = (rows("a", a)?, Share::read("p", Some(p))?);
        let (a, p) = (a.as_slice()?, p.per_row()?);
        Out::read(py, a.len() / 4, out)?.filled(py, |out| pair_many::depolarize_many(a, p, out))
    }

    /// Many phase flips of one half, by one p or one a row: weights (n, 4).
    #[staticmethod]
    #[pyo3(signature = (a, p, out=None))]
    fn dephase_many<'py>(
        py: Python<'py>,
        a: &Bound<'py, PyAny>,
        p: &Bound<'py, PyAny>,
        out: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let (a, p) = (rows("a", a)?, Share::read("p", Some(p))?);
        let (a, p) = (a.as_slice()?, p.per_row()?);
        Out::read(py, a.len() / 4, out)?.filled(py, |out| pair_many::dephase_many(a, p, out))
    }

    /// Werner pairs of these fidelities (n,): weights (n, 4).
    #[staticmethod]
    fn werner_many<'py>(py: Python<'py>, fidelity: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let fidelity = vector("fidelity", "an array of shape (n,)", fidelity)?;
        let each = fidelity.as_slice()?;
        Out::read(py, fidelity.len(), None)?.filled(py, |out| pair_many::werner_many(each, out))
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
