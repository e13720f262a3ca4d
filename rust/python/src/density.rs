//! The dense density matrix of a few qubits.

use ebit_quantum::{DensityMatrix as Matrix, Gate, Rotation};
use ebit_random::{Purpose, Stream};
use num_complex::Complex64;
use numpy::{PyArray1, PyArray2, PyArrayMethods};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyType};

use crate::arguments::{instance, integer, matrix, qubit, qubits, real};
use crate::channel::{self, Channel};
use crate::circuit::Circuit;
use crate::dense::{self, circuit_bits, ok, outcome, root, word};
use crate::errors::quantum_error;

const OBJECT: &str = "DensityMatrix";
/// From here on an operation takes longer than letting other threads run.
const HEAVY_QUBITS: usize = 8;

fn angle(parameter: &str, value: &Bound<'_, PyAny>) -> PyResult<f64> {
    dense::angle(OBJECT, parameter, value)
}

/// Density matrix of n <= 13 qubits; qubit 0 is the least significant bit.
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
        Ok(Self::seeded(inner, root(py, rng, OBJECT)?))
    }

    /// From a (2^n, 2^n) complex array.
    #[classmethod]
    #[pyo3(signature = (a, rng=None, *, endian="little"))]
    fn from_numpy(cls: &Bound<'_, PyType>, a: &Bound<'_, PyAny>, rng: Option<Bound<'_, PyAny>>, endian: &str) -> PyResult<Self> {
        let big = dense::is_big(OBJECT, endian)?;
        let mut inner = ok(Matrix::from_matrix(matrix(OBJECT, "a", a)?))?;
        if big {
            inner = ok(inner.partial_trace(&dense::reversed(inner.qubits())))?;
        }
        Ok(Self::seeded(inner, root(cls.py(), rng, OBJECT)?))
    }
    /// Bell state "phi+", "phi-", "psi+" or "psi-".
    #[classmethod]
    #[pyo3(signature = (name="phi+", rng=None))]
    fn bell(cls: &Bound<'_, PyType>, name: &str, rng: Option<Bound<'_, PyAny>>) -> PyResult<Self> {
        Ok(Self::seeded(ok(Matrix::bell(name))?, root(cls.py(), rng, OBJECT)?))
    }
    /// (|0...0> + |1...1>)/sqrt 2.
    #[classmethod]
    #[pyo3(signature = (qubits, rng=None))]
    fn ghz(cls: &Bound<'_, PyType>, qubits: &Bound<'_, PyAny>, rng: Option<Bound<'_, PyAny>>) -> PyResult<Self> {
        let number = integer(OBJECT, "qubits", qubits, "a small integer >= 1", "memory grows as 4^n")?;
        Ok(Self::seeded(ok(Matrix::ghz(usize::try_from(number).unwrap_or(0)))?, root(cls.py(), rng, OBJECT)?))
    }

    /// The matrix as a (2^n, 2^n) complex array.
    #[pyo3(signature = (*, endian="little"))]
    fn to_numpy<'py>(&self, py: Python<'py>, endian: &str) -> PyResult<Bound<'py, PyArray2<Complex64>>> {
        let n = self.inner.dimension();
        let matrix = if dense::is_big(OBJECT, endian)? {
            ok(self.inner.partial_trace(&dense::reversed(self.inner.qubits())))?.matrix()
        } else {
            self.inner.matrix()
        };
        PyArray1::from_vec(py, matrix).reshape([n, n])
    }

    #[getter]
    fn num_qubits(&self) -> usize {
        self.inner.qubits()
    }

    /// U rho U^dagger, the first target the matrix's least significant bit; or a prepared channel, which knows its targets.
    #[pyo3(signature = (unitary, targets=None))]
    fn apply(&mut self, py: Python<'_>, unitary: &Bound<'_, PyAny>, targets: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        if let (Ok(channel), None) = (unitary.cast::<Channel>(), targets) {
            let channel = &channel.get().inner;
            return ok(self.change(py, |rho| rho.apply_channel(channel)));
        }
        let targets = self.targets(dense::given(OBJECT, targets)?)?;
        let matrix = matrix(OBJECT, "unitary", unitary)?;
        ok(self.change(py, |rho| rho.apply(&matrix, &targets)))
    }

    /// Sum of K rho K^dagger over a complete set.
    fn apply_kraus(&mut self, py: Python<'_>, kraus: &Bound<'_, PyAny>, targets: &Bound<'_, PyAny>) -> PyResult<()> {
        let kraus = channel::kraus(OBJECT, kraus)?;
        let targets = self.targets(targets)?;
        ok(self.change(py, |rho| rho.apply_kraus(&kraus, &targets)))
    }

    /// rho -> (1-p) rho + p I/d on the targets together.
    fn depolarize(&mut self, py: Python<'_>, p: &Bound<'_, PyAny>, targets: &Bound<'_, PyAny>) -> PyResult<()> {
        let (p, targets) = (real(OBJECT, "p", p)?, self.targets(targets)?);
        ok(self.change(py, |rho| rho.depolarize(p, &targets)))
    }
    /// rho -> (1-p) rho + p Z rho Z on each target.
    fn dephase(&mut self, py: Python<'_>, p: &Bound<'_, PyAny>, targets: &Bound<'_, PyAny>) -> PyResult<()> {
        let (p, targets) = (real(OBJECT, "p", p)?, self.targets(targets)?);
        ok(self.change(py, |rho| rho.dephase(p, &targets)))
    }
    /// Exchange of energy with a bath, with probability gamma, on each target: |1> -> |0> for a cold one.
    #[pyo3(signature = (gamma, targets, *, excited_population=None))]
    fn amplitude_damp(
        &mut self,
        py: Python<'_>,
        gamma: &Bound<'_, PyAny>,
        targets: &Bound<'_, PyAny>,
        excited_population: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let excited = excited_population.map_or(Ok(0.0), |x| real(OBJECT, "excited_population", x))?;
        let (gamma, targets) = (real(OBJECT, "gamma", gamma)?, self.targets(targets)?);
        ok(self.change(py, |rho| rho.amplitude_damp_towards(gamma, excited, &targets)))
    }
    /// A memory for a time: T1 and T2 on each target.
    #[pyo3(signature = (time_s, targets, *, t1_s, t2_s, excited_population=None))]
    fn thermal_relax(
        &mut self,
        py: Python<'_>,
        time_s: &Bound<'_, PyAny>,
        targets: &Bound<'_, PyAny>,
        t1_s: &Bound<'_, PyAny>,
        t2_s: &Bound<'_, PyAny>,
        excited_population: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let excited = excited_population.map_or(Ok(0.0), |x| real(OBJECT, "excited_population", x))?;
        let (time, t1, t2) = (real(OBJECT, "time_s", time_s)?, real(OBJECT, "t1_s", t1_s)?, real(OBJECT, "t2_s", t2_s)?);
        let targets = self.targets(targets)?;
        ok(self.change(py, |rho| rho.thermal_relax(time, t1, t2, excited, &targets)))
    }
    /// Pauli errors on one or two qubits: 4 or 16 probabilities, digit k in base 4 the Pauli (I X Y Z) on target k.
    fn pauli_channel(&mut self, py: Python<'_>, probabilities: Vec<f64>, targets: &Bound<'_, PyAny>) -> PyResult<()> {
        let targets = self.targets(targets)?;
        ok(self.change(py, |rho| rho.pauli_channel(&probabilities, &targets)))
    }

    /// A Clifford gate by Stim's name.
    fn gate(&mut self, py: Python<'_>, name: &str, targets: &Bound<'_, PyAny>) -> PyResult<()> {
        let (gate, targets) = (dense::gate(OBJECT, name)?, self.targets(targets)?);
        ok(self.change(py, |rho| rho.gate(gate, &targets)))
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
        circuit_bits(py, &circuit.inner, 1 << (2 * self.inner.qubits()), &mut self.inner, &mut self.stream)
    }

    /// Measures Z: 0 or 1, and the state collapses.
    fn measure(&mut self, py: Python<'_>, qubit: &Bound<'_, PyAny>) -> PyResult<u8> {
        let qubit = self.qubit("qubit", qubit)?;
        let one = ok(self.inner.measure_probability(qubit))?;
        let outcome = self.stream.next_f64() < one;
        ok(self.change(py, |rho| rho.collapse(qubit, outcome)))?;
        Ok(u8::from(outcome))
    }
    /// Measures Z on each target and forgets the outcome.
    fn measure_nonselective(&mut self, py: Python<'_>, targets: &Bound<'_, PyAny>) -> PyResult<()> {
        let targets = self.targets(targets)?;
        ok(self.change(py, |rho| rho.measure_nonselective(&targets)))
    }
    /// Forgets a qubit and prepares |0>.
    fn reset(&mut self, py: Python<'_>, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
        let qubit = self.qubit("qubit", qubit)?;
        ok(self.change(py, |rho| rho.reset(qubit)))
    }
    /// Probability that a Z measurement gives 1; the state is left alone.
    fn measure_probability(&self, qubit: &Bound<'_, PyAny>) -> PyResult<f64> {
        ok(self.inner.measure_probability(self.qubit("qubit", qubit)?))
    }
    /// Probabilities of all 2^n outcomes.
    fn probabilities<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_vec(py, self.inner.probabilities())
    }
    /// Projects on an outcome, 0 or 1, and returns its probability.
    fn postselect(&mut self, py: Python<'_>, qubit: &Bound<'_, PyAny>, outcome: &Bound<'_, PyAny>) -> PyResult<f64> {
        let (qubit, one) = (self.qubit("qubit", qubit)?, self::outcome(OBJECT, outcome)?);
        ok(self.change(py, |rho| rho.collapse(qubit, one)))
    }

    /// The state of the kept qubits; keep[k] becomes qubit k.
    fn partial_trace(&self, py: Python<'_>, keep: &Bound<'_, PyAny>) -> PyResult<Self> {
        let keep = qubits(OBJECT, "keep", keep, self.inner.qubits())?;
        let inner = ok(self.read(py, |rho| rho.partial_trace(&keep)))?;
        Ok(Self { inner, root: self.root, stream: self.stream.clone() })
    }
    /// Expectation of a Pauli string: character k acts on qubit k.
    fn expectation(&self, paulis: &Bound<'_, PyAny>) -> PyResult<f64> {
        ok(self.inner.expectation(&word(OBJECT, "paulis", paulis)?))
    }
    /// <psi|rho|psi> for a pure state, Uhlmann's in general (not its root).
    fn fidelity(&self, py: Python<'_>, other: &Bound<'_, PyAny>) -> PyResult<f64> {
        ok(self.with_other(other, |other| self.read(py, |rho| rho.fidelity(other)))?)
    }
    /// Half the trace norm of the difference.
    fn trace_distance(&self, py: Python<'_>, other: &Bound<'_, PyAny>) -> PyResult<f64> {
        ok(self.with_other(other, |other| self.read(py, |rho| rho.trace_distance(other)))?)
    }
    fn purity(&self) -> f64 {
        self.inner.purity()
    }
    fn trace(&self) -> f64 {
        self.inner.trace()
    }
    /// Von Neumann entropy in bits.
    fn entropy(&self, py: Python<'_>) -> f64 {
        self.read(py, Matrix::entropy)
    }
    /// Wootters's concurrence of two qubits.
    fn concurrence(&self) -> PyResult<f64> {
        ok(self.inner.concurrence())
    }
    /// Negativity of the cut between the targets and the rest.
    fn negativity(&self, py: Python<'_>, targets: &Bound<'_, PyAny>) -> PyResult<f64> {
        let targets = self.targets(targets)?;
        ok(self.read(py, |rho| rho.negativity(&targets)))
    }
    /// Logarithmic negativity of that cut, in bits.
    fn log_negativity(&self, py: Python<'_>, targets: &Bound<'_, PyAny>) -> PyResult<f64> {
        let targets = self.targets(targets)?;
        ok(self.read(py, |rho| rho.log_negativity(&targets)))
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
