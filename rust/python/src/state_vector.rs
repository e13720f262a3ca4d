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

    /// Return the state of an array of amplitudes.
    ///
    /// Parameters
    /// ----------
    /// a : array_like of shape (2^n,)
    ///     Amplitudes of norm 1, within rounding.
    /// rng : int, SeedSequence, Generator or None
    ///     Root of the random stream of measurements; an int repeats them.
    /// endian : {"little", "big"}
    ///     Whether qubit 0 is the least or the most significant bit of an index.
    /// threads : int, optional
    ///     Threads that may share an operation, in [1, 1024].
    ///
    /// Returns
    /// -------
    /// StateVector
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Another number of amplitudes, or another norm.
    ///
    /// Examples
    /// --------
    /// >>> StateVector.from_numpy([0.6, 0.8j]).probabilities().round(12).tolist()
    /// [0.36, 0.64]
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

    /// Return a Bell state of two qubits.
    ///
    /// Parameters
    /// ----------
    /// name : {"phi+", "phi-", "psi+", "psi-"}
    ///     Phi is (|00> +- |11>)/sqrt 2, Psi (|01> +- |10>)/sqrt 2 with qubit 0 written last.
    /// rng : int, SeedSequence, Generator or None
    ///     Root of the random stream of measurements; an int repeats them.
    ///
    /// Returns
    /// -------
    /// StateVector
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Another name.
    ///
    /// Examples
    /// --------
    /// >>> bell = StateVector.bell("psi-")
    /// >>> [round(bell.expectation(word), 12) for word in ("XX", "YY", "ZZ")]
    /// [-1.0, -1.0, -1.0]
    #[classmethod]
    #[pyo3(signature = (name="phi+", rng=None))]
    fn bell(cls: &Bound<'_, PyType>, name: &str, rng: Option<Bound<'_, PyAny>>) -> PyResult<Self> {
        Ok(Self::seeded(ok(Vector::bell(name))?, root(cls.py(), rng, OBJECT)?))
    }

    /// Return the state (|0...0> + |1...1>)/sqrt 2.
    ///
    /// Parameters
    /// ----------
    /// qubits : int
    ///     In [1, 28].
    /// rng : int, SeedSequence, Generator or None
    ///     Root of the random stream of measurements; an int repeats them.
    ///
    /// Returns
    /// -------
    /// StateVector
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Another number of qubits.
    ///
    /// Examples
    /// --------
    /// >>> round(StateVector.ghz(3).expectation("XXX"), 12)
    /// 1.0
    #[classmethod]
    #[pyo3(signature = (qubits, rng=None))]
    fn ghz(cls: &Bound<'_, PyType>, qubits: &Bound<'_, PyAny>, rng: Option<Bound<'_, PyAny>>) -> PyResult<Self> {
        let number = integer(OBJECT, "qubits", qubits, "a small integer >= 1", "memory grows as 2^n")?;
        Ok(Self::seeded(ok(Vector::ghz(usize::try_from(number).unwrap_or(0)))?, root(cls.py(), rng, OBJECT)?))
    }

    /// Return the amplitudes as a new array.
    ///
    /// Parameters
    /// ----------
    /// endian : {"little", "big"}
    ///     Whether qubit 0 is the least or the most significant bit of an index.
    ///
    /// Returns
    /// -------
    /// complex array of shape (2^n,)
    ///
    /// Examples
    /// --------
    /// >>> psi = StateVector(2)
    /// >>> psi.x(0)
    /// >>> psi.to_numpy().real.tolist(), psi.to_numpy(endian="big").real.tolist()
    /// ([0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0])
    #[pyo3(signature = (*, endian="little"))]
    fn to_numpy<'py>(&self, py: Python<'py>, endian: &str) -> PyResult<Bound<'py, PyArray1<Complex64>>> {
        if dense::is_big(OBJECT, endian)? {
            let mut turned = self.inner.clone();
            turned.reverse_qubits();
            return Ok(PyArray1::from_slice(py, turned.amplitudes()));
        }
        Ok(PyArray1::from_slice(py, self.inner.amplitudes()))
    }

    /// Return |psi><psi|.
    ///
    /// Parameters
    /// ----------
    /// rng : int, SeedSequence, Generator or None
    ///     Root of the random stream of the new state, which shares none with this one.
    ///
    /// Returns
    /// -------
    /// DensityMatrix
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     More than 13 qubits.
    ///
    /// Examples
    /// --------
    /// >>> round(StateVector.ghz(2).to_density_matrix().purity(), 12)
    /// 1.0
    #[pyo3(signature = (rng=None))]
    fn to_density_matrix(&self, py: Python<'_>, rng: Option<Bound<'_, PyAny>>) -> PyResult<DensityMatrix> {
        Ok(DensityMatrix::seeded(ok(self.inner.to_density_matrix())?, root(py, rng, OBJECT)?))
    }

    /// Number of qubits.
    #[getter]
    fn num_qubits(&self) -> usize {
        self.inner.qubits()
    }

    /// Apply a unitary: psi -> U psi; or a prepared channel, of which one Kraus operator is drawn.
    ///
    /// Parameters
    /// ----------
    /// unitary : array_like of shape (2^k, 2^k), or Channel
    ///     Unitary within 1e-9; its least significant bit is the first target. A channel made by ``prepare`` knows its targets.
    /// targets : sequence of int
    ///     k different qubits in [0, n-1]; left out with a channel.
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Another shape, a matrix that is not unitary, equal targets, or targets outside the register.
    /// WrongTypeError
    ///     No targets with a matrix.
    ///
    /// Examples
    /// --------
    /// >>> psi = StateVector(2)
    /// >>> psi.apply([[0, 1], [1, 0]], [1])
    /// >>> psi.to_numpy().real.tolist()
    /// [0.0, 0.0, 1.0, 0.0]
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

    /// Draw one Kraus operator of a channel, with its probability <psi|K^dagger K|psi>, and apply it.
    ///
    /// Parameters
    /// ----------
    /// kraus : iterable of array_like of shape (2^k, 2^k)
    ///     Complete set: sum of K^dagger K = I within 1e-9. The least significant bit is the first target.
    /// targets : sequence of int
    ///     k different qubits in [0, n-1].
    ///
    /// Returns
    /// -------
    /// int
    ///     Index of the operator that was drawn.
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Another shape, a set that is not complete, equal targets, or targets outside the register.
    ///
    /// Notes
    /// -----
    /// Dalibard, Castin and Molmer, doi:10.1103/PhysRevLett.68.580.
    ///
    /// Examples
    /// --------
    /// >>> psi = StateVector(1, rng=7)
    /// >>> psi.x(0)
    /// >>> psi.apply_kraus([[[1, 0], [0, 0]], [[0, 0], [0, 1]]], [0])
    /// 1
    fn apply_kraus(&mut self, py: Python<'_>, kraus: &Bound<'_, PyAny>, targets: &Bound<'_, PyAny>) -> PyResult<usize> {
        let kraus = channel::kraus(OBJECT, kraus)?;
        let targets = self.targets(targets)?;
        ok(self.change(py, |psi, stream| psi.apply_kraus(&kraus, &targets, stream)))
    }

    /// Draw one trajectory of white noise on the targets together: rho -> (1-p) rho + p Tr_targets(rho) (x) I/d, d = 2^k.
    ///
    /// Parameters
    /// ----------
    /// p : float
    ///     Weight of the noise, in [0, 1]. Stim's DEPOLARIZE1(q) has p = 4q/3, DEPOLARIZE2(q) p = 16q/15.
    /// targets : sequence of int
    ///     k different qubits in [0, n-1].
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     p outside [0, 1], equal targets, or targets outside the register.
    ///
    /// Examples
    /// --------
    /// >>> runs = [StateVector(1, rng=k) for k in range(1000)]
    /// >>> for psi in runs:
    /// ...     psi.depolarize(0.4, [0])
    /// >>> 150 < sum(psi.measure(0) for psi in runs) < 250
    /// True
    fn depolarize(&mut self, py: Python<'_>, p: &Bound<'_, PyAny>, targets: &Bound<'_, PyAny>) -> PyResult<()> {
        let (p, targets) = (real(OBJECT, "p", p)?, self.targets(targets)?);
        ok(self.change(py, |psi, stream| psi.depolarize(p, &targets, stream)))
    }

    /// Draw one trajectory of a phase flip of each target by itself: rho -> (1-p) rho + p Z rho Z.
    ///
    /// Parameters
    /// ----------
    /// p : float
    ///     Probability of the flip, in [0, 1]; 1/2 leaves no coherence.
    /// targets : sequence of int
    ///     Different qubits in [0, n-1].
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     p outside [0, 1], equal targets, or targets outside the register.
    ///
    /// Examples
    /// --------
    /// >>> psi = StateVector.ghz(2)
    /// >>> psi.dephase(1.0, [0])
    /// >>> round(psi.fidelity(StateVector.bell("phi-")), 12)
    /// 1.0
    fn dephase(&mut self, py: Python<'_>, p: &Bound<'_, PyAny>, targets: &Bound<'_, PyAny>) -> PyResult<()> {
        let (p, targets) = (real(OBJECT, "p", p)?, self.targets(targets)?);
        ok(self.change(py, |psi, stream| psi.dephase(p, &targets, stream)))
    }

    /// Draw one trajectory of amplitude damping of each target: |1> falls to |0> with probability gamma.
    ///
    /// Parameters
    /// ----------
    /// gamma : float
    ///     Probability of a fall, in [0, 1]: 1 - e^(-t/T1) after a time t.
    /// targets : sequence of int
    ///     Different qubits in [0, n-1].
    /// excited_population : float, optional
    ///     Weight of |1> in equilibrium, in [0, 1]; 0 unless given.
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     A number outside [0, 1], equal targets, or targets outside the register.
    ///
    /// Notes
    /// -----
    /// Nielsen and Chuang, doi:10.1017/CBO9780511976667, section 8.3.5.
    ///
    /// Examples
    /// --------
    /// >>> psi = StateVector(1)
    /// >>> psi.x(0)
    /// >>> psi.amplitude_damp(1.0, [0])
    /// >>> psi.measure(0)
    /// 0
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
        ok(self.change(py, |psi, stream| psi.amplitude_damp_towards(gamma, excited, &targets, stream)))
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
    /// Apply the Hadamard gate.
    fn h(&mut self, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
        self.named(Gate::H, &[("qubit", qubit)])
    }
    /// Apply Pauli X.
    fn x(&mut self, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
        self.named(Gate::X, &[("qubit", qubit)])
    }
    /// Apply Pauli Y.
    fn y(&mut self, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
        self.named(Gate::Y, &[("qubit", qubit)])
    }
    /// Apply Pauli Z.
    fn z(&mut self, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
        self.named(Gate::Z, &[("qubit", qubit)])
    }
    /// Apply diag(1, i).
    fn s(&mut self, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
        self.named(Gate::S, &[("qubit", qubit)])
    }
    /// Apply diag(1, -i).
    fn s_dag(&mut self, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
        self.named(Gate::SDag, &[("qubit", qubit)])
    }
    /// Apply the square root of X, (I - iX)/sqrt 2 up to a phase.
    fn sqrt_x(&mut self, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
        self.named(Gate::SqrtX, &[("qubit", qubit)])
    }
    /// Apply the inverse of ``sqrt_x``.
    fn sqrt_x_dag(&mut self, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
        self.named(Gate::SqrtXDag, &[("qubit", qubit)])
    }
    /// Apply the square root of Y, (I - iY)/sqrt 2 up to a phase.
    fn sqrt_y(&mut self, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
        self.named(Gate::SqrtY, &[("qubit", qubit)])
    }
    /// Apply the inverse of ``sqrt_y``.
    fn sqrt_y_dag(&mut self, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
        self.named(Gate::SqrtYDag, &[("qubit", qubit)])
    }
    /// Apply X to ``target`` if ``control`` is 1.
    fn cx(&mut self, control: &Bound<'_, PyAny>, target: &Bound<'_, PyAny>) -> PyResult<()> {
        self.named(Gate::CX, &[("control", control), ("target", target)])
    }
    /// Apply Y to ``target`` if ``control`` is 1.
    fn cy(&mut self, control: &Bound<'_, PyAny>, target: &Bound<'_, PyAny>) -> PyResult<()> {
        self.named(Gate::CY, &[("control", control), ("target", target)])
    }
    /// Flip the sign if both qubits are 1.
    fn cz(&mut self, a: &Bound<'_, PyAny>, b: &Bound<'_, PyAny>) -> PyResult<()> {
        self.named(Gate::CZ, &[("a", a), ("b", b)])
    }
    /// Exchange two qubits.
    fn swap(&mut self, a: &Bound<'_, PyAny>, b: &Bound<'_, PyAny>) -> PyResult<()> {
        self.named(Gate::Swap, &[("a", a), ("b", b)])
    }
    /// Exchange two qubits, with a factor i on |01> and |10>.
    fn iswap(&mut self, a: &Bound<'_, PyAny>, b: &Bound<'_, PyAny>) -> PyResult<()> {
        self.named(Gate::ISwap, &[("a", a), ("b", b)])
    }
    /// Apply diag(1, e^(i pi/4)).
    fn t(&mut self, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
        self.turned(Rotation::T, &[("qubit", qubit)])
    }
    /// Apply the inverse of ``t``.
    fn t_dag(&mut self, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
        self.turned(Rotation::TDag, &[("qubit", qubit)])
    }
    /// Apply e^(-i angle/2 X), angle in radians.
    fn rx(&mut self, angle: &Bound<'_, PyAny>, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
        self.turned(Rotation::Rx(self::angle("angle", angle)?), &[("qubit", qubit)])
    }
    /// Apply e^(-i angle/2 Y), angle in radians.
    fn ry(&mut self, angle: &Bound<'_, PyAny>, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
        self.turned(Rotation::Ry(self::angle("angle", angle)?), &[("qubit", qubit)])
    }
    /// Apply e^(-i angle/2 Z), angle in radians.
    fn rz(&mut self, angle: &Bound<'_, PyAny>, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
        self.turned(Rotation::Rz(self::angle("angle", angle)?), &[("qubit", qubit)])
    }
    /// Apply diag(1, e^(i angle)), angle in radians.
    fn phase(&mut self, angle: &Bound<'_, PyAny>, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
        self.turned(Rotation::Phase(self::angle("angle", angle)?), &[("qubit", qubit)])
    }
    /// Apply OpenQASM 3's U(theta, phi, lambda), angles in radians (doi:10.1145/3505636).
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
    /// Apply ``rx(angle)`` to ``target`` if ``control`` is 1, angle in radians.
    fn crx(&mut self, angle: &Bound<'_, PyAny>, control: &Bound<'_, PyAny>, target: &Bound<'_, PyAny>) -> PyResult<()> {
        self.turned(Rotation::Crx(self::angle("angle", angle)?), &[("control", control), ("target", target)])
    }
    /// Apply ``ry(angle)`` to ``target`` if ``control`` is 1, angle in radians.
    fn cry(&mut self, angle: &Bound<'_, PyAny>, control: &Bound<'_, PyAny>, target: &Bound<'_, PyAny>) -> PyResult<()> {
        self.turned(Rotation::Cry(self::angle("angle", angle)?), &[("control", control), ("target", target)])
    }
    /// Apply ``rz(angle)`` to ``target`` if ``control`` is 1, angle in radians.
    fn crz(&mut self, angle: &Bound<'_, PyAny>, control: &Bound<'_, PyAny>, target: &Bound<'_, PyAny>) -> PyResult<()> {
        self.turned(Rotation::Crz(self::angle("angle", angle)?), &[("control", control), ("target", target)])
    }
    /// Apply the phase e^(i angle) if both qubits are 1, angle in radians.
    fn cphase(&mut self, angle: &Bound<'_, PyAny>, a: &Bound<'_, PyAny>, b: &Bound<'_, PyAny>) -> PyResult<()> {
        self.turned(Rotation::CPhase(self::angle("angle", angle)?), &[("a", a), ("b", b)])
    }
    /// Apply e^(-i angle/2 XX), angle in radians.
    fn rxx(&mut self, angle: &Bound<'_, PyAny>, a: &Bound<'_, PyAny>, b: &Bound<'_, PyAny>) -> PyResult<()> {
        self.turned(Rotation::Rxx(self::angle("angle", angle)?), &[("a", a), ("b", b)])
    }
    /// Apply e^(-i angle/2 YY), angle in radians.
    fn ryy(&mut self, angle: &Bound<'_, PyAny>, a: &Bound<'_, PyAny>, b: &Bound<'_, PyAny>) -> PyResult<()> {
        self.turned(Rotation::Ryy(self::angle("angle", angle)?), &[("a", a), ("b", b)])
    }
    /// Apply e^(-i angle/2 ZZ), angle in radians.
    fn rzz(&mut self, angle: &Bound<'_, PyAny>, a: &Bound<'_, PyAny>, b: &Bound<'_, PyAny>) -> PyResult<()> {
        self.turned(Rotation::Rzz(self::angle("angle", angle)?), &[("a", a), ("b", b)])
    }
    /// Apply X to ``target`` if ``control`` and ``other`` are 1.
    fn ccx(&mut self, control: &Bound<'_, PyAny>, other: &Bound<'_, PyAny>, target: &Bound<'_, PyAny>) -> PyResult<()> {
        self.turned(Rotation::Ccx, &[("control", control), ("other", other), ("target", target)])
    }
    /// Flip the sign if all three qubits are 1.
    fn ccz(&mut self, a: &Bound<'_, PyAny>, b: &Bound<'_, PyAny>, c: &Bound<'_, PyAny>) -> PyResult<()> {
        self.turned(Rotation::Ccz, &[("a", a), ("b", b), ("c", c)])
    }
    /// Exchange ``a`` and ``b`` if ``control`` is 1.
    fn cswap(&mut self, control: &Bound<'_, PyAny>, a: &Bound<'_, PyAny>, b: &Bound<'_, PyAny>) -> PyResult<()> {
        self.turned(Rotation::Cswap, &[("control", control), ("a", a), ("b", b)])
    }

    /// Run one shot of a circuit.
    ///
    /// Parameters
    /// ----------
    /// circuit : Circuit
    ///     On at most n qubits; its qubits are those of the state. Any unitary and any noise will do; noise draws a trajectory.
    ///
    /// Returns
    /// -------
    /// ndarray of bool, shape (measurements,)
    ///     Measurement record.
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     More qubits than the state has, or a record before the beginning.
    /// KeyboardInterrupt
    ///     Ctrl-C in a long run; the state has seen a part of the circuit.
    ///
    /// Examples
    /// --------
    /// >>> psi = StateVector(2, rng=7)
    /// >>> bits = psi.run(Circuit("H 0\nCX 0 1\nM 0 1"))
    /// >>> bool(bits[0] == bits[1])
    /// True
    fn run<'py>(&mut self, py: Python<'py>, circuit: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyArray1<bool>>> {
        let circuit = instance::<Circuit>(OBJECT, "circuit", "a Circuit", circuit)?.borrow();
        let amplitudes = 1 << self.inner.qubits();
        let bits = circuit_bits(py, &circuit.inner, amplitudes, &mut self.inner, &mut self.stream)?;
        Ok(PyArray1::from_vec(py, bits))
    }

    /// Measure a qubit in Z; the state collapses.
    ///
    /// Parameters
    /// ----------
    /// qubit : int
    ///     In [0, n-1].
    ///
    /// Returns
    /// -------
    /// int
    ///     0 or 1, with the probabilities of the state, drawn from its random stream.
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     A qubit outside the register.
    ///
    /// Examples
    /// --------
    /// >>> psi = StateVector.ghz(3, rng=7)
    /// >>> psi.measure(0) == psi.measure(2)
    /// True
    fn measure(&mut self, py: Python<'_>, qubit: &Bound<'_, PyAny>) -> PyResult<u8> {
        let qubit = self.qubit("qubit", qubit)?;
        let outcome = self.change(py, |psi, stream| {
            let outcome = stream.next_f64() < psi.measure_probability(qubit)?;
            psi.collapse(qubit, outcome).map(|_| outcome)
        });
        Ok(u8::from(ok(outcome)?))
    }

    /// Return the probability that a Z measurement gives 1; the state is left alone.
    ///
    /// Parameters
    /// ----------
    /// qubit : int
    ///     In [0, n-1].
    ///
    /// Returns
    /// -------
    /// float
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     A qubit outside the register.
    ///
    /// Examples
    /// --------
    /// >>> round(StateVector.bell("phi+").measure_probability(0), 12)
    /// 0.5
    fn measure_probability(&self, py: Python<'_>, qubit: &Bound<'_, PyAny>) -> PyResult<f64> {
        let qubit = self.qubit("qubit", qubit)?;
        ok(self.read(py, |psi| psi.measure_probability(qubit)))
    }

    /// Return the probabilities of all outcomes of measuring every qubit in Z.
    ///
    /// Returns
    /// -------
    /// array of shape (2^n,)
    ///     Qubit 0 is the least significant bit of the index.
    ///
    /// Examples
    /// --------
    /// >>> StateVector.bell("psi+").probabilities().round(12).tolist()
    /// [0.0, 0.5, 0.5, 0.0]
    fn probabilities<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_vec(py, self.inner.probabilities())
    }

    /// Project a qubit on an outcome of a Z measurement.
    ///
    /// Parameters
    /// ----------
    /// qubit : int
    ///     In [0, n-1].
    /// outcome : {0, 1}
    ///
    /// Returns
    /// -------
    /// float
    ///     Probability of the outcome; the state is normalized afterwards.
    ///
    /// Raises
    /// ------
    /// ImpossibleOutcomeError
    ///     An outcome of probability 0; the state stays as it was.
    /// RangeError
    ///     Another number than 0 and 1, or a qubit outside the register.
    ///
    /// Examples
    /// --------
    /// >>> psi = StateVector.bell("phi+")
    /// >>> round(psi.postselect(0, 1), 12), psi.measure(1)
    /// (0.5, 1)
    fn postselect(&mut self, py: Python<'_>, qubit: &Bound<'_, PyAny>, outcome: &Bound<'_, PyAny>) -> PyResult<f64> {
        let (qubit, one) = (self.qubit("qubit", qubit)?, self::outcome(OBJECT, outcome)?);
        ok(self.change(py, |psi, _| psi.collapse(qubit, one)))
    }

    /// Return the state of some qubits, the others traced out.
    ///
    /// Parameters
    /// ----------
    /// keep : sequence of int
    ///     1 to 13 different qubits in [0, n-1]; ``keep[k]`` becomes qubit k.
    /// rng : int, SeedSequence, Generator or None
    ///     Root of the random stream of the new state, which shares none with this one.
    ///
    /// Returns
    /// -------
    /// DensityMatrix
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     No qubits, too many, equal ones, or some outside the register.
    ///
    /// Examples
    /// --------
    /// >>> round(StateVector.ghz(20).partial_trace([0, 19]).purity(), 12)
    /// 0.5
    #[pyo3(signature = (keep, rng=None))]
    fn partial_trace(&self, py: Python<'_>, keep: &Bound<'_, PyAny>, rng: Option<Bound<'_, PyAny>>) -> PyResult<DensityMatrix> {
        let keep = qubits(OBJECT, "keep", keep, self.inner.qubits())?;
        let inner = ok(self.read(py, |psi| psi.partial_trace(&keep)))?;
        Ok(DensityMatrix::seeded(inner, root(py, rng, OBJECT)?))
    }

    /// Return the expectation of a Pauli string, <psi|P|psi>.
    ///
    /// Parameters
    /// ----------
    /// paulis : str or PauliString
    ///     n letters I, X, Y, Z, maybe with a sign; letter k acts on qubit k; "_" and "I" read alike.
    ///
    /// Returns
    /// -------
    /// float
    ///     In [-1, 1].
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Another number of letters, or other letters.
    ///
    /// Examples
    /// --------
    /// >>> round(StateVector.bell("phi+").expectation("YY"), 12)
    /// -1.0
    fn expectation(&self, py: Python<'_>, paulis: &Bound<'_, PyAny>) -> PyResult<f64> {
        let (letters, sign) = word(OBJECT, "paulis", paulis)?;
        ok(self.read(py, |psi| psi.expectation(&letters))).map(|mean| sign * mean)
    }

    /// Return the fidelity with a pure state, |<self|other>|^2; not its root.
    ///
    /// Parameters
    /// ----------
    /// other : StateVector
    ///     Of as many qubits.
    ///
    /// Returns
    /// -------
    /// float
    ///     In [0, 1].
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     A state of another size.
    ///
    /// Examples
    /// --------
    /// >>> round(StateVector(2).fidelity(StateVector.bell("phi+")), 12)
    /// 0.5
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
    /// Return <psi|psi>: 1 but for rounding.
    fn norm(&self, py: Python<'_>) -> f64 {
        self.read(py, Vector::norm)
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
