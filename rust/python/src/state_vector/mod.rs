//! The state vector of a register.

mod channels;
mod convert;
mod measure;
mod quantities;

use ebit_quantum::{Gate, Rotation, StateVector as Vector};
use ebit_random::{Purpose, Stream};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arguments::root;
use crate::arguments::{integer, qubit, qubits};
use crate::dense;
use crate::errors::ok;
use crate::errors::quantum_error;

const OBJECT: &str = "StateVector";
/// From here on an operation takes longer than letting other threads run.
const HEAVY_QUBITS: usize = 15;

/// Pure state of up to 28 qubits, as 2^n amplitudes.
///
/// Parameters
/// ----------
/// qubits : int
///     Number n of qubits, in [1, 28]; they start in |0...0>. The amplitudes take 16 x 2^n bytes.
/// rng : int, SeedSequence, Generator or None
///     Root of the random stream of measurements; an int repeats them.
/// threads : int, optional
///     Threads that may share an operation, in [1, 1024]; all processors unless given. No bit of any result depends on it.
///
/// Raises
/// ------
/// RangeError
///     Another number of qubits or threads; from operations: a qubit outside the register, a probability outside [0, 1], a
///     matrix of the wrong shape.
/// TooLargeError
///     More than fits into memory.
/// WrongTypeError
///     An argument of another type.
///
/// Notes
/// -----
/// Qubit 0 is the least significant bit of an index, the first target that of a matrix. Gates change the state in place.
/// Noise draws one Kraus operator with its probability: a trajectory, whose average over many runs is the channel
/// (Dalibard, Castin and Molmer, doi:10.1103/PhysRevLett.68.580). ``fidelity`` is |<a|b>|^2, not its root. Angles are in
/// radians.
///
/// States pickle and copy with their random streams where they are: a copy draws what the original will draw.
///
/// Examples
/// --------
/// >>> psi = StateVector(3, rng=7)
/// >>> psi.h(0)
/// >>> psi.cx(0, 1)
/// >>> psi.cx(1, 2)
/// >>> round(psi.expectation("XXX"), 12), round(psi.fidelity(StateVector.ghz(3)), 12)
/// (1.0, 1.0)
/// >>> psi.measure(0) == psi.measure(2)
/// True
#[pyclass(module = "ebit")]
pub struct StateVector {
    pub inner: Vector,
    root: u128,
    stream: Stream,
}

/// What pickle keeps: constructor, arguments, and root, position of the random stream, and threads.
type Reduced<'py> = (Bound<'py, PyAny>, (Bound<'py, PyAny>, u8), (u128, u64, usize));

impl StateVector {
    fn seeded(inner: Vector, root: u128) -> Self {
        Self { inner, root, stream: Stream::new(root, 0, 0, Purpose::Measurement) }
    }
    fn qubit(&self, parameter: &str, value: &Bound<'_, PyAny>) -> PyResult<usize> {
        qubit(OBJECT, parameter, value, self.inner.qubits())
    }
    fn targets(&self, value: &Bound<'_, PyAny>) -> PyResult<Vec<usize>> {
        qubits(OBJECT, "targets", value, self.inner.qubits())
    }
    /// Runs `work` on the state, without the interpreter's lock where that pays.
    pub fn change<T: Send>(&mut self, py: Python<'_>, work: impl FnOnce(&mut Vector, &mut Stream) -> T + Send) -> T {
        let (inner, stream) = (&mut self.inner, &mut self.stream);
        if inner.qubits() < HEAVY_QUBITS { work(inner, stream) } else { py.detach(|| work(inner, stream)) }
    }
    fn read<T: Send>(&self, py: Python<'_>, work: impl FnOnce(&Vector) -> T + Send) -> T {
        let inner = &self.inner;
        if inner.qubits() < HEAVY_QUBITS { work(inner) } else { py.detach(|| work(inner)) }
    }
    fn named(&mut self, gate: Gate, qubits: &[(&str, &Bound<'_, PyAny>)]) -> PyResult<()> {
        let targets: PyResult<Vec<usize>> = qubits.iter().map(|(name, qubit)| self.qubit(name, qubit)).collect();
        let targets = targets?;
        ok(self.change(qubits[0].1.py(), |psi, _| psi.gate(gate, &targets)))
    }
    fn turned(&mut self, rotation: Rotation, qubits: &[(&str, &Bound<'_, PyAny>)]) -> PyResult<()> {
        let targets: PyResult<Vec<usize>> = qubits.iter().map(|(name, qubit)| self.qubit(name, qubit)).collect();
        let targets = targets?;
        ok(self.change(qubits[0].1.py(), |psi, _| psi.rotate(rotation, &targets)))
    }
}

gate_methods!(StateVector);

#[pymethods]
impl StateVector {
    #[new]
    #[pyo3(signature = (qubits, rng=None, *, threads=None))]
    fn new(
        py: Python<'_>,
        qubits: &Bound<'_, PyAny>,
        rng: Option<Bound<'_, PyAny>>,
        threads: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let number = integer(OBJECT, "qubits", qubits, "a small integer >= 1", "memory grows as 2^n")?;
        let threads = dense::threads(OBJECT, threads)?;
        let mut inner = Vector::new(usize::try_from(number).unwrap_or(0)).map_err(|mut error| {
            if number < 1 {
                error.value = number.to_string();
            }
            quantum_error(&error)
        })?;
        inner.set_threads(threads);
        Ok(Self::seeded(inner, root(py, OBJECT, rng.as_ref())?))
    }

    /// Number of qubits.
    #[getter]
    fn num_qubits(&self) -> usize {
        self.inner.qubits()
    }

    /// Apply a Clifford gate by its name.
    ///
    /// Parameters
    /// ----------
    /// name : str
    ///     Any of Stim's names, in either case, as ``"SQRT_ZZ"``.
    /// targets : sequence of int
    ///     As many different qubits in [0, n-1] as the gate has.
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Another name, or wrong targets.
    ///
    /// Examples
    /// --------
    /// >>> psi = StateVector(2)
    /// >>> psi.gate("X", [1])
    /// >>> psi.measure(1)
    /// 1
    fn gate(&mut self, py: Python<'_>, name: &str, targets: &Bound<'_, PyAny>) -> PyResult<()> {
        let (gate, targets) = (dense::gate(OBJECT, name)?, self.targets(targets)?);
        ok(self.change(py, |psi, _| psi.gate(gate, &targets)))
    }

    /// Return a state that is changed by itself; it draws what this one will draw.
    fn copy(&self) -> Self {
        Self { inner: self.inner.clone(), root: self.root, stream: self.stream.clone() }
    }

    fn __copy__(&self) -> Self {
        self.copy()
    }

    fn __deepcopy__(&self, _memo: &Bound<'_, PyDict>) -> Self {
        self.copy()
    }

    /// A pickled state goes on with its random stream where it was.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Reduced<'py>> {
        let array = slf.borrow().to_numpy(slf.py(), "little")?.into_any();
        let state = (slf.borrow().root, slf.borrow().stream.position(), slf.borrow().inner.threads());
        Ok((slf.get_type().getattr("from_numpy")?, (array, 0), state))
    }

    fn __setstate__(&mut self, state: (u128, u64, usize)) {
        self.root = state.0;
        self.stream = Stream::from_position(state.0, 0, 0, Purpose::Measurement, state.1);
        self.inner.set_threads(state.2);
    }

    fn __repr__(&self) -> String {
        format!("StateVector({} qubits)", self.inner.qubits())
    }
}
