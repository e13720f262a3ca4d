//! The state vector of a register.

use ebit_quantum::{Gate, Rotation, StateVector as Vector};
use ebit_random::{Purpose, Stream};
use num_complex::Complex64;
use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyType};

use crate::arguments::{instance, integer, matrix, qubit, qubits, real};
use crate::channel::{self, Channel};
use crate::circuit::Circuit;
use crate::dense::{self, circuit_bits, ok, outcome, root, word};
use crate::density::DensityMatrix;
use crate::errors::quantum_error;

const OBJECT: &str = "StateVector";
/// From here on an operation takes longer than letting other threads run.
const HEAVY_QUBITS: usize = 15;

fn angle(parameter: &str, value: &Bound<'_, PyAny>) -> PyResult<f64> {
    dense::angle(OBJECT, parameter, value)
}

/// Pure state of n <= 28 qubits; qubit 0 is the least significant bit.
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
        Ok(Self::seeded(inner, root(py, rng, OBJECT)?))
    }

    /// From 2^n complex amplitudes.
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
        Ok(Self::seeded(inner, root(cls.py(), rng, OBJECT)?))
    }
    /// Bell state "phi+", "phi-", "psi+" or "psi-".
    #[classmethod]
    #[pyo3(signature = (name="phi+", rng=None))]
    fn bell(cls: &Bound<'_, PyType>, name: &str, rng: Option<Bound<'_, PyAny>>) -> PyResult<Self> {
        Ok(Self::seeded(ok(Vector::bell(name))?, root(cls.py(), rng, OBJECT)?))
    }
    /// (|0...0> + |1...1>)/sqrt 2.
    #[classmethod]
    #[pyo3(signature = (qubits, rng=None))]
    fn ghz(cls: &Bound<'_, PyType>, qubits: &Bound<'_, PyAny>, rng: Option<Bound<'_, PyAny>>) -> PyResult<Self> {
        let number = integer(OBJECT, "qubits", qubits, "a small integer >= 1", "memory grows as 2^n")?;
        Ok(Self::seeded(ok(Vector::ghz(usize::try_from(number).unwrap_or(0)))?, root(cls.py(), rng, OBJECT)?))
    }

    /// The 2^n amplitudes as an array.
    #[pyo3(signature = (*, endian="little"))]
    fn to_numpy<'py>(&self, py: Python<'py>, endian: &str) -> PyResult<Bound<'py, PyArray1<Complex64>>> {
        if dense::is_big(OBJECT, endian)? {
            let mut turned = self.inner.clone();
            turned.reverse_qubits();
            return Ok(PyArray1::from_slice(py, turned.amplitudes()));
        }
        Ok(PyArray1::from_slice(py, self.inner.amplitudes()))
    }
    /// |psi><psi|, with a random stream of its own.
    #[pyo3(signature = (rng=None))]
    fn to_density_matrix(&self, py: Python<'_>, rng: Option<Bound<'_, PyAny>>) -> PyResult<DensityMatrix> {
        Ok(DensityMatrix::seeded(ok(self.inner.to_density_matrix())?, root(py, rng, OBJECT)?))
    }

    #[getter]
    fn num_qubits(&self) -> usize {
        self.inner.qubits()
    }

    /// U psi, the first target the matrix's least significant bit; or a prepared channel, which knows its targets.
    #[pyo3(signature = (unitary, targets=None))]
    fn apply(&mut self, py: Python<'_>, unitary: &Bound<'_, PyAny>, targets: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        if let (Ok(channel), None) = (unitary.cast::<Channel>(), targets) {
            let channel = &channel.get().inner;
            return ok(self.change(py, |psi, stream| psi.apply_channel(channel, stream))).map(|_| ());
        }
        let targets = self.targets(dense::given(OBJECT, targets)?)?;
        let matrix = matrix(OBJECT, "unitary", unitary)?;
        ok(self.change(py, |psi, _| psi.apply(&matrix, &targets)))
    }

    /// Draws one Kraus operator of a complete set, applies it, and returns which.
    fn apply_kraus(&mut self, py: Python<'_>, kraus: &Bound<'_, PyAny>, targets: &Bound<'_, PyAny>) -> PyResult<usize> {
        let kraus = channel::kraus(OBJECT, kraus)?;
        let targets = self.targets(targets)?;
        ok(self.change(py, |psi, stream| psi.apply_kraus(&kraus, &targets, stream)))
    }

    /// One trajectory of rho -> (1-p) rho + p I/d on the targets together.
    fn depolarize(&mut self, py: Python<'_>, p: &Bound<'_, PyAny>, targets: &Bound<'_, PyAny>) -> PyResult<()> {
        let (p, targets) = (real(OBJECT, "p", p)?, self.targets(targets)?);
        ok(self.change(py, |psi, stream| psi.depolarize(p, &targets, stream)))
    }
    /// One trajectory of rho -> (1-p) rho + p Z rho Z on each target.
    fn dephase(&mut self, py: Python<'_>, p: &Bound<'_, PyAny>, targets: &Bound<'_, PyAny>) -> PyResult<()> {
        let (p, targets) = (real(OBJECT, "p", p)?, self.targets(targets)?);
        ok(self.change(py, |psi, stream| psi.dephase(p, &targets, stream)))
    }
    /// One trajectory of |1> -> |0> with probability gamma, on each target.
    fn amplitude_damp(&mut self, py: Python<'_>, gamma: &Bound<'_, PyAny>, targets: &Bound<'_, PyAny>) -> PyResult<()> {
        let (gamma, targets) = (real(OBJECT, "gamma", gamma)?, self.targets(targets)?);
        ok(self.change(py, |psi, stream| psi.amplitude_damp(gamma, &targets, stream)))
    }

    /// A Clifford gate by Stim's name.
    fn gate(&mut self, py: Python<'_>, name: &str, targets: &Bound<'_, PyAny>) -> PyResult<()> {
        let (gate, targets) = (dense::gate(OBJECT, name)?, self.targets(targets)?);
        ok(self.change(py, |psi, _| psi.gate(gate, &targets)))
    }
    /// Hadamard.
    fn h(&mut self, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
        self.named(Gate::H, &[("qubit", qubit)])
    }
    /// Pauli X.
    fn x(&mut self, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
        self.named(Gate::X, &[("qubit", qubit)])
    }
    /// Pauli Y.
    fn y(&mut self, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
        self.named(Gate::Y, &[("qubit", qubit)])
    }
    /// Pauli Z.
    fn z(&mut self, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
        self.named(Gate::Z, &[("qubit", qubit)])
    }
    /// diag(1, i).
    fn s(&mut self, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
        self.named(Gate::S, &[("qubit", qubit)])
    }
    /// diag(1, -i).
    fn s_dag(&mut self, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
        self.named(Gate::SDag, &[("qubit", qubit)])
    }
    /// Square root of X.
    fn sqrt_x(&mut self, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
        self.named(Gate::SqrtX, &[("qubit", qubit)])
    }
    /// Its inverse.
    fn sqrt_x_dag(&mut self, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
        self.named(Gate::SqrtXDag, &[("qubit", qubit)])
    }
    /// Square root of Y.
    fn sqrt_y(&mut self, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
        self.named(Gate::SqrtY, &[("qubit", qubit)])
    }
    /// Its inverse.
    fn sqrt_y_dag(&mut self, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
        self.named(Gate::SqrtYDag, &[("qubit", qubit)])
    }
    /// X on `target` if `control` is 1.
    fn cx(&mut self, control: &Bound<'_, PyAny>, target: &Bound<'_, PyAny>) -> PyResult<()> {
        self.named(Gate::CX, &[("control", control), ("target", target)])
    }
    /// Y on `target` if `control` is 1.
    fn cy(&mut self, control: &Bound<'_, PyAny>, target: &Bound<'_, PyAny>) -> PyResult<()> {
        self.named(Gate::CY, &[("control", control), ("target", target)])
    }
    /// A sign if both are 1.
    fn cz(&mut self, a: &Bound<'_, PyAny>, b: &Bound<'_, PyAny>) -> PyResult<()> {
        self.named(Gate::CZ, &[("a", a), ("b", b)])
    }
    /// Exchanges two qubits.
    fn swap(&mut self, a: &Bound<'_, PyAny>, b: &Bound<'_, PyAny>) -> PyResult<()> {
        self.named(Gate::Swap, &[("a", a), ("b", b)])
    }
    /// Exchanges two qubits, i on |01> and |10>.
    fn iswap(&mut self, a: &Bound<'_, PyAny>, b: &Bound<'_, PyAny>) -> PyResult<()> {
        self.named(Gate::ISwap, &[("a", a), ("b", b)])
    }
    /// diag(1, e^(i pi/4)).
    fn t(&mut self, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
        self.turned(Rotation::T, &[("qubit", qubit)])
    }
    /// Its inverse.
    fn t_dag(&mut self, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
        self.turned(Rotation::TDag, &[("qubit", qubit)])
    }
    /// e^(-i angle/2 X).
    fn rx(&mut self, angle: &Bound<'_, PyAny>, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
        self.turned(Rotation::Rx(self::angle("angle", angle)?), &[("qubit", qubit)])
    }
    /// e^(-i angle/2 Y).
    fn ry(&mut self, angle: &Bound<'_, PyAny>, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
        self.turned(Rotation::Ry(self::angle("angle", angle)?), &[("qubit", qubit)])
    }
    /// e^(-i angle/2 Z).
    fn rz(&mut self, angle: &Bound<'_, PyAny>, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
        self.turned(Rotation::Rz(self::angle("angle", angle)?), &[("qubit", qubit)])
    }
    /// diag(1, e^(i angle)).
    fn phase(&mut self, angle: &Bound<'_, PyAny>, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
        self.turned(Rotation::Phase(self::angle("angle", angle)?), &[("qubit", qubit)])
    }
    /// OpenQASM 3's U, in radians.
    fn u(
        &mut self,
        theta: &Bound<'_, PyAny>,
        phi: &Bound<'_, PyAny>,
        lam: &Bound<'_, PyAny>,
        qubit: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        self.turned(
            Rotation::U(self::angle("theta", theta)?, self::angle("phi", phi)?, self::angle("lam", lam)?),
            &[("qubit", qubit)],
        )
    }
    /// Controlled rx.
    fn crx(&mut self, angle: &Bound<'_, PyAny>, control: &Bound<'_, PyAny>, target: &Bound<'_, PyAny>) -> PyResult<()> {
        self.turned(Rotation::Crx(self::angle("angle", angle)?), &[("control", control), ("target", target)])
    }
    /// Controlled ry.
    fn cry(&mut self, angle: &Bound<'_, PyAny>, control: &Bound<'_, PyAny>, target: &Bound<'_, PyAny>) -> PyResult<()> {
        self.turned(Rotation::Cry(self::angle("angle", angle)?), &[("control", control), ("target", target)])
    }
    /// Controlled rz.
    fn crz(&mut self, angle: &Bound<'_, PyAny>, control: &Bound<'_, PyAny>, target: &Bound<'_, PyAny>) -> PyResult<()> {
        self.turned(Rotation::Crz(self::angle("angle", angle)?), &[("control", control), ("target", target)])
    }
    /// e^(i angle) if both are 1.
    fn cphase(&mut self, angle: &Bound<'_, PyAny>, a: &Bound<'_, PyAny>, b: &Bound<'_, PyAny>) -> PyResult<()> {
        self.turned(Rotation::CPhase(self::angle("angle", angle)?), &[("a", a), ("b", b)])
    }
    /// e^(-i angle/2 XX).
    fn rxx(&mut self, angle: &Bound<'_, PyAny>, a: &Bound<'_, PyAny>, b: &Bound<'_, PyAny>) -> PyResult<()> {
        self.turned(Rotation::Rxx(self::angle("angle", angle)?), &[("a", a), ("b", b)])
    }
    /// e^(-i angle/2 YY).
    fn ryy(&mut self, angle: &Bound<'_, PyAny>, a: &Bound<'_, PyAny>, b: &Bound<'_, PyAny>) -> PyResult<()> {
        self.turned(Rotation::Ryy(self::angle("angle", angle)?), &[("a", a), ("b", b)])
    }
    /// e^(-i angle/2 ZZ).
    fn rzz(&mut self, angle: &Bound<'_, PyAny>, a: &Bound<'_, PyAny>, b: &Bound<'_, PyAny>) -> PyResult<()> {
        self.turned(Rotation::Rzz(self::angle("angle", angle)?), &[("a", a), ("b", b)])
    }
    /// X on `target` if both controls are 1.
    fn ccx(&mut self, control: &Bound<'_, PyAny>, other: &Bound<'_, PyAny>, target: &Bound<'_, PyAny>) -> PyResult<()> {
        self.turned(Rotation::Ccx, &[("control", control), ("other", other), ("target", target)])
    }
    /// A sign if all three are 1.
    fn ccz(&mut self, a: &Bound<'_, PyAny>, b: &Bound<'_, PyAny>, c: &Bound<'_, PyAny>) -> PyResult<()> {
        self.turned(Rotation::Ccz, &[("a", a), ("b", b), ("c", c)])
    }
    /// Exchanges `a` and `b` if `control` is 1.
    fn cswap(&mut self, control: &Bound<'_, PyAny>, a: &Bound<'_, PyAny>, b: &Bound<'_, PyAny>) -> PyResult<()> {
        self.turned(Rotation::Cswap, &[("control", control), ("a", a), ("b", b)])
    }

    /// Runs a circuit; its measurement results.
    fn run(&mut self, py: Python<'_>, circuit: &Bound<'_, PyAny>) -> PyResult<Vec<bool>> {
        let circuit = instance::<Circuit>(OBJECT, "circuit", "a Circuit", circuit)?.borrow();
        circuit_bits(py, &circuit.inner, 1 << self.inner.qubits(), &mut self.inner, &mut self.stream)
    }

    /// Measures Z: 0 or 1, and the state collapses.
    fn measure(&mut self, py: Python<'_>, qubit: &Bound<'_, PyAny>) -> PyResult<u8> {
        let qubit = self.qubit("qubit", qubit)?;
        let outcome = self.change(py, |psi, stream| {
            let outcome = stream.next_f64() < psi.measure_probability(qubit)?;
            psi.collapse(qubit, outcome).map(|_| outcome)
        });
        Ok(u8::from(ok(outcome)?))
    }
    /// Probability that a Z measurement gives 1; the state is left alone.
    fn measure_probability(&self, py: Python<'_>, qubit: &Bound<'_, PyAny>) -> PyResult<f64> {
        let qubit = self.qubit("qubit", qubit)?;
        ok(self.read(py, |psi| psi.measure_probability(qubit)))
    }
    /// Probabilities of all 2^n outcomes.
    fn probabilities<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_vec(py, self.inner.probabilities())
    }
    /// Projects on an outcome, 0 or 1, and returns its probability.
    fn postselect(&mut self, py: Python<'_>, qubit: &Bound<'_, PyAny>, outcome: &Bound<'_, PyAny>) -> PyResult<f64> {
        let (qubit, one) = (self.qubit("qubit", qubit)?, self::outcome(OBJECT, outcome)?);
        ok(self.change(py, |psi, _| psi.collapse(qubit, one)))
    }

    /// The state of the kept qubits, the others traced out; keep[k] becomes qubit k.
    #[pyo3(signature = (keep, rng=None))]
    fn partial_trace(&self, py: Python<'_>, keep: &Bound<'_, PyAny>, rng: Option<Bound<'_, PyAny>>) -> PyResult<DensityMatrix> {
        let keep = qubits(OBJECT, "keep", keep, self.inner.qubits())?;
        let inner = ok(self.read(py, |psi| psi.partial_trace(&keep)))?;
        Ok(DensityMatrix::seeded(inner, root(py, rng, OBJECT)?))
    }
    /// Expectation of a Pauli string: character k acts on qubit k.
    fn expectation(&self, py: Python<'_>, paulis: &Bound<'_, PyAny>) -> PyResult<f64> {
        let word = word(OBJECT, "paulis", paulis)?;
        ok(self.read(py, |psi| psi.expectation(&word)))
    }
    /// |<self|other>|^2.
    fn fidelity(&self, py: Python<'_>, other: &Bound<'_, PyAny>) -> PyResult<f64> {
        let other = instance::<Self>(OBJECT, "other", "a StateVector", other)?;
        // A state compared with itself may be borrowed already.
        match other.try_borrow() {
            Ok(other) => {
                let other = &other.inner;
                ok(self.read(py, |psi| psi.fidelity(other)))
            }
            Err(_) => ok(self.inner.fidelity(&self.inner)),
        }
    }
    /// <psi|psi>.
    fn norm(&self, py: Python<'_>) -> f64 {
        self.read(py, Vector::norm)
    }

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
