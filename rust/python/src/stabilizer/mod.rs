//! Stabilizer states: gates as methods, measurements, what is known without measuring.
//!
//! A call with one or two plain integers is the hot path: no allocation, the GIL kept. Long work lets go of it.

mod convert;
mod gates;
mod measure;
mod quantities;

use ebit_quantum::{Gate, Pauli, QuantumError, StabilizerState as Inner};
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyInt, PyString, PyTuple, PyType};

use crate::arguments::root;
use crate::arguments::{integer, shown};
use crate::errors::ok;
use crate::errors::{range_error, type_error};
use crate::tableau::{bytes_to_words, register, words_to_bytes};

const OBJECT: &str = "StabilizerState";
/// Words to be touched from which on the GIL is let go: some 20 microseconds.
const LONG: usize = 1 << 18;

/// Stabilizer state of up to 100,000 qubits: what Clifford gates, Pauli measurements and Pauli noise make of |0...0>.
///
/// Parameters
/// ----------
/// qubits : int
///     Number n of qubits, >= 1; they start in |0...0>. The state takes n^2 / 2 bytes.
/// rng : int, SeedSequence, Generator or None
///     Root of the random stream of measurements; an int repeats them.
///
/// Raises
/// ------
/// RangeError
///     No qubits; from operations: a qubit outside the register, a Pauli string of another length.
/// TooLargeError
///     More than fits into memory.
/// WrongTypeError
///     An argument of another type.
///
/// Notes
/// -----
/// Gates are methods under Stim's names and take a qubit (or a pair), several, or integer arrays of them:
/// ``s.cx(0, 1, 1, 2)`` does two. In a Pauli string character k acts on qubit k, "_" and "I" read alike. ``fidelity`` is
/// <psi|rho|psi>, not its root; entropies are in bits. A state is mixed where ``partial_trace`` or ``from_stabilizers``
/// left fewer stabilizers than qubits.
///
/// ``len(s)`` counts qubits. States pickle and copy with their random streams where they are. Aaronson and Gottesman,
/// doi:10.1103/PhysRevA.70.052328; the inverse tableau is Gidney's, doi:10.22331/q-2021-07-06-497.
///
/// Examples
/// --------
/// >>> s = StabilizerState(3, rng=7)
/// >>> s.h(0)
/// >>> s.cx(0, 1, 1, 2)
/// >>> s.stabilizers()
/// ['+XXX', '+Z_Z', '+_ZZ']
/// >>> s.measure_pauli("XXX"), s.expectation("ZZI"), s.entanglement_entropy([0])
/// (0, 1, 1)
/// >>> s.measure(0) == s.measure(2)
/// True
#[pyclass(module = "ebit")]
pub struct StabilizerState {
    inner: Inner,
}

/// What pickle keeps: the class, its arguments, and stream, rows and phases.
type Reduced<'py> = (Bound<'py, PyType>, (usize, u8), Bound<'py, PyTuple>);

/// A plain int, quickly; None for everything else and for negative ones.
#[inline]
fn plain(value: &Bound<'_, PyAny>) -> Option<usize> {
    if !value.is_exact_instance_of::<PyInt>() {
        return None;
    }
    // The one integer type that Python hands over without a detour.
    value.extract::<i64>().ok().and_then(|number| usize::try_from(number).ok())
}

impl StabilizerState {
    fn wrap(inner: Result<Inner, QuantumError>) -> PyResult<Self> {
        Ok(Self { inner: ok(inner)? })
    }

    fn one(&self, parameter: &str, value: &Bound<'_, PyAny>) -> PyResult<usize> {
        if let Some(qubit) = plain(value) {
            return Ok(qubit);
        }
        let range = format!("in [0, {}]", self.inner.qubits() as i64 - 1);
        let hint = "qubits are numbered from 0";
        let number = integer(OBJECT, parameter, value, &range, hint)?;
        usize::try_from(number).map_err(|_| range_error(OBJECT, parameter, &range, number, hint))
    }

    /// Targets given one by one, or as arrays and lists of them.
    fn many<'py>(&self, values: impl IntoIterator<Item = Bound<'py, PyAny>>) -> PyResult<Vec<usize>> {
        let mut targets = Vec::new();
        for value in values {
            if plain(&value).is_none() && !value.is_instance_of::<PyString>() && value.hasattr("__len__")? {
                self.array(&value, &mut targets)?;
            } else {
                targets.push(self.one("targets", &value)?);
            }
        }
        Ok(targets)
    }

    fn array(&self, value: &Bound<'_, PyAny>, targets: &mut Vec<usize>) -> PyResult<()> {
        let py = value.py();
        let wrong = || type_error(OBJECT, "targets", "qubits, or arrays of qubits", shown(value), "as 0, 1 or [0, 1]");
        let array = py.import("numpy")?.call_method1("asarray", (value,)).map_err(|_| wrong())?;
        let kind: String = array.getattr("dtype")?.getattr("kind")?.extract()?;
        if array.getattr("size")?.extract::<usize>()? == 0 {
            return Ok(());
        }
        if kind != "i" && kind != "u" {
            return Err(wrong());
        }
        let options = PyDict::new(py);
        options.set_item("casting", "unsafe")?;
        let flat = array.call_method0("ravel")?.call_method("astype", ("int64",), Some(&options))?;
        let flat: PyReadonlyArray1<'_, i64> = flat.extract()?;
        for &number in flat.as_array() {
            let range = || format!("in [0, {}]", self.inner.qubits() as i64 - 1);
            let target = usize::try_from(number)
                .map_err(|_| range_error(OBJECT, "targets", &range(), number, "qubits are numbered from 0"))?;
            targets.push(target);
        }
        Ok(())
    }

    #[inline]
    fn gate1(&mut self, py: Python<'_>, gate: Gate, qubit: &Bound<'_, PyAny>, more: &Bound<'_, PyTuple>) -> PyResult<()> {
        if let Some(qubit) = plain(qubit)
            && more.is_empty()
        {
            return ok(self.inner.apply_one(gate, qubit));
        }
        let targets = self.many(std::iter::once(qubit.clone()).chain(more.iter()))?;
        self.apply_all(py, gate, &targets)
    }

    #[inline]
    fn gate2(
        &mut self,
        py: Python<'_>,
        gate: Gate,
        first: &Bound<'_, PyAny>,
        second: Option<&Bound<'_, PyAny>>,
        more: &Bound<'_, PyTuple>,
    ) -> PyResult<()> {
        if let (Some(a), Some(b)) = (plain(first), second.and_then(plain))
            && more.is_empty()
        {
            return ok(self.inner.apply_two(gate, a, b));
        }
        let targets = self.many([Some(first.clone()), second.cloned()].into_iter().flatten().chain(more.iter()))?;
        self.apply_all(py, gate, &targets)
    }

    fn apply_all(&mut self, py: Python<'_>, gate: Gate, targets: &[usize]) -> PyResult<()> {
        if self.is_long(targets.len()) {
            return ok(py.detach(|| self.inner.apply(gate, targets)));
        }
        ok(self.inner.apply(gate, targets))
    }

    fn is_long(&self, rows: usize) -> bool {
        rows.saturating_mul(self.inner.qubits() / 32 + 1) > LONG
    }

    #[inline]
    fn measured(&mut self, py: Python<'_>, qubit: &Bound<'_, PyAny>, axis: Pauli) -> PyResult<u8> {
        let qubit = self.one("qubit", qubit)?;
        // A certain outcome is only looked up.
        if self.is_long(2 * self.inner.qubits()) && ok(self.inner.peek(qubit, axis))?.is_none() {
            return ok(py.detach(|| self.inner.measure_in(qubit, axis))).map(u8::from);
        }
        ok(self.inner.measure_in(qubit, axis)).map(u8::from)
    }
}

#[pymethods]
impl StabilizerState {
    #[new]
    #[pyo3(signature = (qubits, rng=None))]
    fn new(py: Python<'_>, qubits: &Bound<'_, PyAny>, rng: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        Self::wrap(Inner::new(register(OBJECT, qubits)?, root(py, OBJECT, rng)?))
    }

    /// Number of qubits.
    #[getter]
    fn num_qubits(&self) -> usize {
        self.inner.qubits()
    }

    /// Return a state that is changed by itself; it draws what this one will draw.
    fn copy(&self) -> PyResult<Self> {
        Self::wrap(self.inner.try_clone())
    }

    fn __copy__(&self) -> PyResult<Self> {
        self.copy()
    }

    fn __deepcopy__(&self, _memo: &Bound<'_, PyDict>) -> PyResult<Self> {
        self.copy()
    }

    fn __len__(&self) -> usize {
        self.inner.qubits()
    }

    fn __repr__(&self) -> String {
        format!("StabilizerState({} qubits)", self.inner.qubits())
    }

    /// A pickled state goes on with its random stream where it was.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Reduced<'py>> {
        let (py, this) = (slf.py(), slf.try_borrow()?);
        let (words, phases) = this.inner.to_words();
        let place = (this.inner.root(), this.inner.position());
        let state = (place, words_to_bytes(py, &words), PyBytes::new(py, &phases)).into_pyobject(py)?;
        Ok((slf.get_type(), (this.inner.qubits(), 0), state))
    }

    fn __setstate__(&mut self, state: ((u128, u64), Vec<u8>, Vec<u8>)) -> PyResult<()> {
        let ((root, position), words, phases) = state;
        self.inner = ok(Inner::from_words(self.inner.qubits(), &bytes_to_words(&words), &phases, root))?;
        self.inner.set_stream(root, position);
        Ok(())
    }
}
