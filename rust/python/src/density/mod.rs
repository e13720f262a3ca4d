//! The dense density matrix of a few qubits.

mod channels;
mod convert;
mod measure;
mod quantities;

use ebit_quantum::{DensityMatrix as Matrix, Gate, Rotation};
use ebit_random::{Purpose, Stream};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arguments::root;
use crate::arguments::{instance, integer, qubit, qubits};
use crate::dense;
use crate::errors::ok;
use crate::errors::quantum_error;

const OBJECT: &str = "DensityMatrix";
/// From here on an operation takes longer than letting other threads run.
const HEAVY_QUBITS: usize = 8;

/// Density matrix of up to 13 qubits: any state, mixed or pure, and any noise, exactly.
///
/// Parameters
/// ----------
/// qubits : int
///     Number n of qubits, in [1, 13]; they start in |0...0>. The matrix takes 16 x 4^n bytes.
/// rng : int, SeedSequence, Generator or None
///     Root of the random stream of measurements; an int repeats them.
///
/// Raises
/// ------
/// RangeError
///     Another number of qubits; from operations: a qubit outside the register, a probability outside [0, 1], a matrix of
///     the wrong shape.
/// TooLargeError
///     More than fits into memory.
/// WrongTypeError
///     An argument of another type.
///
/// Notes
/// -----
/// Qubit 0 is the least significant bit of an index, the first target that of a matrix. Gates and noise change the state in
/// place. ``depolarize(p)`` is (1-p) rho + p I/d on the targets together, ``dephase(p)`` (1-p) rho + p Z rho Z on each.
/// ``fidelity`` is <psi|rho|psi>, not its root. Angles are in radians, entropies in bits.
///
/// States pickle and copy with their random streams where they are: a copy draws what the original will draw.
///
/// Examples
/// --------
/// >>> rho = DensityMatrix(2, rng=7)
/// >>> rho.h(0)
/// >>> rho.cx(0, 1)
/// >>> rho.depolarize(0.2, [0, 1])
/// >>> bell = DensityMatrix.bell("phi+")
/// >>> round(rho.fidelity(bell), 12), round(rho.purity(), 12)
/// (0.85, 0.73)
#[pyclass(module = "ebit")]
pub struct DensityMatrix {
    pub inner: Matrix,
    root: u128,
    stream: Stream,
}

/// What pickle keeps: constructor, arguments, and root and position of the random stream.
type Reduced<'py> = (Bound<'py, PyAny>, (Bound<'py, PyAny>, u8), (u128, u64));

impl DensityMatrix {
    pub fn seeded(inner: Matrix, root: u128) -> Self {
        Self { inner, root, stream: Stream::new(root, 0, 0, Purpose::Measurement) }
    }
    fn qubit(&self, parameter: &str, value: &Bound<'_, PyAny>) -> PyResult<usize> {
        qubit(OBJECT, parameter, value, self.inner.qubits())
    }
    fn targets(&self, value: &Bound<'_, PyAny>) -> PyResult<Vec<usize>> {
        qubits(OBJECT, "targets", value, self.inner.qubits())
    }
    /// Runs `work` on the state, without the interpreter's lock where that pays.
    pub fn change<T: Send>(&mut self, py: Python<'_>, work: impl FnOnce(&mut Matrix) -> T + Send) -> T {
        let inner = &mut self.inner;
        if inner.qubits() < HEAVY_QUBITS { work(inner) } else { py.detach(|| work(inner)) }
    }
    fn read<T: Send>(&self, py: Python<'_>, work: impl FnOnce(&Matrix) -> T + Send) -> T {
        let inner = &self.inner;
        if inner.qubits() < HEAVY_QUBITS - 3 { work(inner) } else { py.detach(|| work(inner)) }
    }
    fn named(&mut self, gate: Gate, qubits: &[(&str, &Bound<'_, PyAny>)]) -> PyResult<()> {
        let py = qubits[0].1.py();
        match *qubits {
            [(name, qubit)] => {
                let target = self.qubit(name, qubit)?;
                ok(self.change(py, |rho| rho.gate(gate, &[target])))
            }
            [(first, a), (second, b)] => {
                let targets = [self.qubit(first, a)?, self.qubit(second, b)?];
                ok(self.change(py, |rho| rho.gate(gate, &targets)))
            }
            _ => Ok(()),
        }
    }
    fn turned(&mut self, rotation: Rotation, qubits: &[(&str, &Bound<'_, PyAny>)]) -> PyResult<()> {
        let targets: PyResult<Vec<usize>> = qubits.iter().map(|(name, qubit)| self.qubit(name, qubit)).collect();
        let targets = targets?;
        ok(self.change(qubits[0].1.py(), |rho| rho.rotate(rotation, &targets)))
    }
    fn with_other<T>(&self, other: &Bound<'_, PyAny>, work: impl FnOnce(&Matrix) -> T) -> PyResult<T> {
        let other = instance::<Self>(OBJECT, "other", "a DensityMatrix", other)?;
        // A state compared with itself may be borrowed already.
        Ok(match other.try_borrow() {
            Ok(other) => work(&other.inner),
            Err(_) => work(&self.inner),
        })
    }
}

gate_methods!(DensityMatrix);

#[pymethods]
impl DensityMatrix {
    #[new]
    #[pyo3(signature = (qubits, rng=None))]
    fn new(py: Python<'_>, qubits: &Bound<'_, PyAny>, rng: Option<Bound<'_, PyAny>>) -> PyResult<Self> {
        let number = integer(OBJECT, "qubits", qubits, "a small integer >= 1", "memory grows as 4^n")?;
        let inner = Matrix::new(usize::try_from(number).unwrap_or(0)).map_err(|mut error| {
            if number < 1 {
                error.value = number.to_string();
            }
            quantum_error(&error)
        })?;
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
    /// >>> rho = DensityMatrix(2)
    /// >>> rho.gate("X", [1])
    /// >>> rho.measure(1)
    /// 1
    fn gate(&mut self, py: Python<'_>, name: &str, targets: &Bound<'_, PyAny>) -> PyResult<()> {
        let (gate, targets) = (dense::gate(OBJECT, name)?, self.targets(targets)?);
        ok(self.change(py, |rho| rho.gate(gate, &targets)))
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
