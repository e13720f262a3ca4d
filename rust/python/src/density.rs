//! The dense density matrix of a few qubits.

use ebit_quantum::{DensityMatrix as Matrix, QuantumError};
use ebit_random::{Purpose, Stream};
use num_complex::Complex64;
use numpy::{PyArray1, PyArray2, PyArrayMethods};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyType};

use crate::arguments::{instance, integer, matrix, qubit, qubits, real, shown};
use crate::errors::{quantum_error, range_error, type_error};

const OBJECT: &str = "DensityMatrix";

fn ok<T>(result: Result<T, QuantumError>) -> PyResult<T> {
    result.map_err(|e| quantum_error(&e))
}

/// Density matrix of n <= 13 qubits; qubit 0 is the least significant bit.
#[pyclass(module = "ebit")]
pub struct DensityMatrix {
    inner: Matrix,
    root: u128,
    stream: Stream,
}

/// What pickle keeps: constructor, arguments, and root and position of the random stream.
type Reduced<'py> = (Bound<'py, PyAny>, (Bound<'py, PyAny>, u8), (u128, u64));

fn root(py: Python<'_>, rng: Option<Bound<'_, PyAny>>) -> PyResult<u128> {
    py.import("ebit._rng")?.call_method1("root_seed", (rng, OBJECT))?.extract()
}

impl DensityMatrix {
    fn seeded(inner: Matrix, root: u128) -> Self {
        Self { inner, root, stream: Stream::new(root, 0, 0, Purpose::Measurement) }
    }
    fn qubit(&self, parameter: &str, value: &Bound<'_, PyAny>) -> PyResult<usize> {
        qubit(OBJECT, parameter, value, self.inner.qubits())
    }
    fn targets(&self, value: &Bound<'_, PyAny>) -> PyResult<Vec<usize>> {
        qubits(OBJECT, "targets", value, self.inner.qubits())
    }
}

#[pymethods]
impl DensityMatrix {
    #[new]
    #[pyo3(signature = (qubits, rng=None))]
    fn new(py: Python<'_>, qubits: &Bound<'_, PyAny>, rng: Option<Bound<'_, PyAny>>) -> PyResult<Self> {
        let number = integer(OBJECT, "qubits", qubits, "a small integer >= 1", "memory grows as 4^n")?;
        let inner = Matrix::new(usize::try_from(number).unwrap_or(0)).map_err(|mut error| {
            error.value = number.to_string();
            quantum_error(&error)
        })?;
        Ok(Self::seeded(inner, root(py, rng)?))
    }

    /// From a (2^n, 2^n) complex array.
    #[classmethod]
    #[pyo3(signature = (a, rng=None))]
    fn from_numpy(cls: &Bound<'_, PyType>, a: &Bound<'_, PyAny>, rng: Option<Bound<'_, PyAny>>) -> PyResult<Self> {
        Ok(Self::seeded(ok(Matrix::from_matrix(matrix(OBJECT, "a", a)?))?, root(cls.py(), rng)?))
    }

    /// The matrix as a (2^n, 2^n) complex array.
    fn to_numpy<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray2<Complex64>>> {
        let n = self.inner.dimension();
        PyArray1::from_vec(py, self.inner.matrix()).reshape([n, n])
    }

    #[getter]
    fn num_qubits(&self) -> usize {
        self.inner.qubits()
    }

    /// U rho U^dagger; the first target is the matrix's least significant bit.
    fn apply(&mut self, unitary: &Bound<'_, PyAny>, targets: &Bound<'_, PyAny>) -> PyResult<()> {
        ok(self.inner.apply(&matrix(OBJECT, "unitary", unitary)?, &self.targets(targets)?))
    }

    /// Sum of K rho K^dagger over a complete set.
    fn apply_kraus(&mut self, kraus: &Bound<'_, PyAny>, targets: &Bound<'_, PyAny>) -> PyResult<()> {
        let items = kraus.try_iter().map_err(|_| type_error(OBJECT, "kraus", "a list of matrices", shown(kraus), ""))?;
        let kraus: PyResult<Vec<Vec<Complex64>>> =
            items.enumerate().map(|(k, item)| matrix(OBJECT, &format!("kraus[{k}]"), &item?)).collect();
        ok(self.inner.apply_kraus(&kraus?, &self.targets(targets)?))
    }

    /// rho -> (1-p) rho + p I/d on the targets together.
    fn depolarize(&mut self, p: &Bound<'_, PyAny>, targets: &Bound<'_, PyAny>) -> PyResult<()> {
        ok(self.inner.depolarize(real(OBJECT, "p", p)?, &self.targets(targets)?))
    }
    /// rho -> (1-p) rho + p Z rho Z on each target.
    fn dephase(&mut self, p: &Bound<'_, PyAny>, targets: &Bound<'_, PyAny>) -> PyResult<()> {
        ok(self.inner.dephase(real(OBJECT, "p", p)?, &self.targets(targets)?))
    }
    /// |1> -> |0> with probability gamma, on each target.
    fn amplitude_damp(&mut self, gamma: &Bound<'_, PyAny>, targets: &Bound<'_, PyAny>) -> PyResult<()> {
        ok(self.inner.amplitude_damp(real(OBJECT, "gamma", gamma)?, &self.targets(targets)?))
    }

    fn h(&mut self, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
        let qubit = self.qubit("qubit", qubit)?;
        ok(self.inner.h(qubit))
    }
    fn x(&mut self, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
        let qubit = self.qubit("qubit", qubit)?;
        ok(self.inner.x(qubit))
    }
    fn y(&mut self, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
        let qubit = self.qubit("qubit", qubit)?;
        ok(self.inner.y(qubit))
    }
    fn z(&mut self, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
        let qubit = self.qubit("qubit", qubit)?;
        ok(self.inner.z(qubit))
    }
    fn s(&mut self, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
        let qubit = self.qubit("qubit", qubit)?;
        ok(self.inner.s(qubit))
    }
    fn s_dag(&mut self, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
        let qubit = self.qubit("qubit", qubit)?;
        ok(self.inner.s_dag(qubit))
    }
    fn cx(&mut self, control: &Bound<'_, PyAny>, target: &Bound<'_, PyAny>) -> PyResult<()> {
        let (control, target) = (self.qubit("control", control)?, self.qubit("target", target)?);
        ok(self.inner.cx(control, target))
    }
    fn cz(&mut self, a: &Bound<'_, PyAny>, b: &Bound<'_, PyAny>) -> PyResult<()> {
        let (a, b) = (self.qubit("a", a)?, self.qubit("b", b)?);
        ok(self.inner.cz(a, b))
    }

    /// Measures Z: 0 or 1, and the state collapses.
    fn measure(&mut self, qubit: &Bound<'_, PyAny>) -> PyResult<u8> {
        let qubit = self.qubit("qubit", qubit)?;
        let one = ok(self.inner.measure_probability(qubit))?;
        let outcome = self.stream.next_f64() < one;
        ok(self.inner.collapse(qubit, outcome))?;
        Ok(u8::from(outcome))
    }
    /// Probability that a Z measurement gives 1; the state is left alone.
    fn measure_probability(&self, qubit: &Bound<'_, PyAny>) -> PyResult<f64> {
        ok(self.inner.measure_probability(self.qubit("qubit", qubit)?))
    }
    /// Projects on an outcome, 0 or 1, and returns its probability.
    fn postselect(&mut self, qubit: &Bound<'_, PyAny>, outcome: &Bound<'_, PyAny>) -> PyResult<f64> {
        let qubit = self.qubit("qubit", qubit)?;
        let one = if let Ok(bit) = outcome.cast::<PyBool>() {
            bit.is_true()
        } else {
            match integer(OBJECT, "outcome", outcome, "0 or 1", "as measure gives it")? {
                0 => false,
                1 => true,
                other => return Err(range_error(OBJECT, "outcome", "0 or 1", other, "as measure gives it")),
            }
        };
        ok(self.inner.collapse(qubit, one))
    }

    /// The state of the kept qubits; keep[k] becomes qubit k.
    fn partial_trace(&self, keep: &Bound<'_, PyAny>) -> PyResult<Self> {
        let keep = qubits(OBJECT, "keep", keep, self.inner.qubits())?;
        Ok(Self { inner: ok(self.inner.partial_trace(&keep))?, root: self.root, stream: self.stream.clone() })
    }
    /// <psi|rho|psi> for a pure state, Uhlmann's in general (not its root).
    fn fidelity(&self, other: &Bound<'_, PyAny>) -> PyResult<f64> {
        let other = instance::<Self>(OBJECT, "other", "a DensityMatrix", other)?;
        // A state compared with itself is borrowed already.
        match other.try_borrow() {
            Ok(other) => ok(self.inner.fidelity(&other.inner)),
            Err(_) => ok(self.inner.fidelity(&self.inner)),
        }
    }
    fn purity(&self) -> f64 {
        self.inner.purity()
    }
    fn trace(&self) -> f64 {
        self.inner.trace()
    }

    fn copy(&self) -> Self {
        Self { inner: self.inner.clone(), root: self.root, stream: self.stream.clone() }
    }
    /// A pickled state goes on with its random stream where it was.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Reduced<'py>> {
        let array = slf.borrow().to_numpy(slf.py())?.into_any();
        let state = (slf.borrow().root, slf.borrow().stream.position());
        Ok((slf.get_type().getattr("from_numpy")?, (array, 0), state))
    }
    fn __setstate__(&mut self, state: (u128, u64)) {
        self.root = state.0;
        self.stream = Stream::from_position(state.0, 0, 0, Purpose::Measurement, state.1);
    }
    fn __repr__(&self) -> String {
        format!("DensityMatrix({} qubits, purity {:.6})", self.inner.qubits(), self.inner.purity())
    }
}
