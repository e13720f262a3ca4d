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

    /// Return the state of a matrix.
    ///
    /// Parameters
    /// ----------
    /// a : array_like of shape (2^n, 2^n)
    ///     Hermitian, positive and of trace 1, within rounding.
    /// rng : int, SeedSequence, Generator or None
    ///     Root of the random stream of measurements; an int repeats them.
    /// endian : {"little", "big"}
    ///     Whether qubit 0 is the least or the most significant bit of an index.
    ///
    /// Returns
    /// -------
    /// DensityMatrix
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Another shape, or a matrix that is no state; the message says which condition fails.
    ///
    /// Examples
    /// --------
    /// >>> round(DensityMatrix.from_numpy([[0.75, 0.25], [0.25, 0.25]]).expectation("X"), 12)
    /// 0.5
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
    /// DensityMatrix
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Another name.
    ///
    /// Examples
    /// --------
    /// >>> bell = DensityMatrix.bell("psi-")
    /// >>> [round(bell.expectation(word), 12) for word in ("XX", "YY", "ZZ")]
    /// [-1.0, -1.0, -1.0]
    #[classmethod]
    #[pyo3(signature = (name="phi+", rng=None))]
    fn bell(cls: &Bound<'_, PyType>, name: &str, rng: Option<Bound<'_, PyAny>>) -> PyResult<Self> {
        Ok(Self::seeded(ok(Matrix::bell(name))?, root(cls.py(), rng, OBJECT)?))
    }

    /// Return the state (|0...0> + |1...1>)/sqrt 2.
    ///
    /// Parameters
    /// ----------
    /// qubits : int
    ///     In [1, 13].
    /// rng : int, SeedSequence, Generator or None
    ///     Root of the random stream of measurements; an int repeats them.
    ///
    /// Returns
    /// -------
    /// DensityMatrix
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Another number of qubits.
    ///
    /// Examples
    /// --------
    /// >>> round(DensityMatrix.ghz(3).expectation("XXX"), 12)
    /// 1.0
    #[classmethod]
    #[pyo3(signature = (qubits, rng=None))]
    fn ghz(cls: &Bound<'_, PyType>, qubits: &Bound<'_, PyAny>, rng: Option<Bound<'_, PyAny>>) -> PyResult<Self> {
        let number = integer(OBJECT, "qubits", qubits, "a small integer >= 1", "memory grows as 4^n")?;
        Ok(Self::seeded(ok(Matrix::ghz(usize::try_from(number).unwrap_or(0)))?, root(cls.py(), rng, OBJECT)?))
    }

    /// Return the matrix as a new array.
    ///
    /// Parameters
    /// ----------
    /// endian : {"little", "big"}
    ///     Whether qubit 0 is the least or the most significant bit of an index.
    ///
    /// Returns
    /// -------
    /// complex array of shape (2^n, 2^n)
    ///
    /// Examples
    /// --------
    /// >>> rho = DensityMatrix(2)
    /// >>> rho.x(0)
    /// >>> rho.to_numpy().real.diagonal().tolist(), rho.to_numpy(endian="big").real.diagonal().tolist()
    /// ([0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0])
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

    /// Number of qubits.
    #[getter]
    fn num_qubits(&self) -> usize {
        self.inner.qubits()
    }

    /// Apply a unitary: rho -> U rho U^dagger; or a prepared channel.
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
    /// >>> rho = DensityMatrix(2)
    /// >>> rho.apply([[0, 1], [1, 0]], [1])
    /// >>> rho.expectation("ZI"), rho.expectation("IZ")
    /// (1.0, -1.0)
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

    /// Apply a channel: rho -> sum of K rho K^dagger.
    ///
    /// Parameters
    /// ----------
    /// kraus : iterable of array_like of shape (2^k, 2^k)
    ///     Complete set: sum of K^dagger K = I within 1e-9. The least significant bit is the first target.
    /// targets : sequence of int
    ///     k different qubits in [0, n-1].
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Another shape, a set that is not complete, equal targets, or targets outside the register.
    ///
    /// Notes
    /// -----
    /// Kraus, doi:10.1007/3-540-12732-1.
    ///
    /// Examples
    /// --------
    /// >>> rho = DensityMatrix(1)
    /// >>> rho.h(0)
    /// >>> rho.apply_kraus(Noise.dephase(0.1).kraus_operators(), [0])
    /// >>> round(rho.expectation("X"), 12)
    /// 0.8
    fn apply_kraus(&mut self, py: Python<'_>, kraus: &Bound<'_, PyAny>, targets: &Bound<'_, PyAny>) -> PyResult<()> {
        let kraus = channel::kraus(OBJECT, kraus)?;
        let targets = self.targets(targets)?;
        ok(self.change(py, |rho| rho.apply_kraus(&kraus, &targets)))
    }

    /// Apply white noise to the targets together: rho -> (1-p) rho + p Tr_targets(rho) (x) I/d, d = 2^k.
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
    /// >>> rho = DensityMatrix.bell("phi+")
    /// >>> rho.depolarize(0.2, [0, 1])
    /// >>> round(rho.fidelity(DensityMatrix.bell("phi+")), 12)
    /// 0.85
    fn depolarize(&mut self, py: Python<'_>, p: &Bound<'_, PyAny>, targets: &Bound<'_, PyAny>) -> PyResult<()> {
        let (p, targets) = (real(OBJECT, "p", p)?, self.targets(targets)?);
        ok(self.change(py, |rho| rho.depolarize(p, &targets)))
    }

    /// Apply a phase flip to each target by itself: rho -> (1-p) rho + p Z rho Z.
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
    /// >>> rho = DensityMatrix.bell("phi+")
    /// >>> rho.dephase(0.1, [0])
    /// >>> round(rho.fidelity(DensityMatrix.bell("phi+")), 12), round(rho.fidelity(DensityMatrix.bell("phi-")), 12)
    /// (0.9, 0.1)
    fn dephase(&mut self, py: Python<'_>, p: &Bound<'_, PyAny>, targets: &Bound<'_, PyAny>) -> PyResult<()> {
        let (p, targets) = (real(OBJECT, "p", p)?, self.targets(targets)?);
        ok(self.change(py, |rho| rho.dephase(p, &targets)))
    }

    /// Let each target exchange energy with a bath: |1> falls to |0> with probability gamma if the bath is cold.
    ///
    /// Parameters
    /// ----------
    /// gamma : float
    ///     Probability of the exchange, in [0, 1]: 1 - e^(-t/T1) after a time t.
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
    /// Coherences shrink by sqrt(1 - gamma). Nielsen and Chuang, doi:10.1017/CBO9780511976667, section 8.3.5.
    ///
    /// Examples
    /// --------
    /// >>> rho = DensityMatrix(1)
    /// >>> rho.x(0)
    /// >>> rho.amplitude_damp(0.36, [0])
    /// >>> rho.probabilities().round(12).tolist()
    /// [0.36, 0.64]
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

    /// Keep each target in a memory for a time.
    ///
    /// Parameters
    /// ----------
    /// time_s : float
    ///     Seconds, >= 0.
    /// targets : sequence of int
    ///     Different qubits in [0, n-1].
    /// t1_s, t2_s : float
    ///     Relaxation time and total coherence time in seconds, > 0, T2 <= 2 T1; infinite for no decay.
    /// excited_population : float, optional
    ///     Weight of |1> in equilibrium, in [0, 1]; 0 unless given.
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Times or a weight outside these ranges, equal targets, or targets outside the register.
    ///
    /// Notes
    /// -----
    /// Bloch x and y shrink as e^(-t/T2), z goes to its equilibrium as e^(-t/T1).
    ///
    /// Examples
    /// --------
    /// >>> rho = DensityMatrix(1)
    /// >>> rho.h(0)
    /// >>> rho.thermal_relax(0.5, [0], t1_s=10.0, t2_s=1.0)
    /// >>> round(rho.expectation("X"), 6)  # e^(-0.5)
    /// 0.606531
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

    /// Apply Pauli errors to the targets together.
    ///
    /// Parameters
    /// ----------
    /// probabilities : sequence of 4^k floats
    ///     Of the Pauli words; digit j of the index in base 4 is the Pauli on target j, in the order I, X, Y, Z. They sum to 1.
    /// targets : sequence of int
    ///     k different qubits in [0, n-1].
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Another number of probabilities, one outside [0, 1], another sum, or wrong targets.
    ///
    /// Examples
    /// --------
    /// >>> rho = DensityMatrix(1)
    /// >>> rho.pauli_channel([0.9, 0.1, 0.0, 0.0], [0])
    /// >>> round(rho.expectation("Z"), 12)
    /// 0.8
    fn pauli_channel(&mut self, py: Python<'_>, probabilities: Vec<f64>, targets: &Bound<'_, PyAny>) -> PyResult<()> {
        let targets = self.targets(targets)?;
        ok(self.change(py, |rho| rho.pauli_channel(&probabilities, &targets)))
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
    ///     On at most n qubits; its qubits are those of the state. Any unitary and any noise will do; noise is exact.
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
    /// >>> rho = DensityMatrix(2, rng=7)
    /// >>> bits = rho.run(Circuit("H 0\nCX 0 1\nM 0 1"))
    /// >>> bool(bits[0] == bits[1])
    /// True
    fn run<'py>(&mut self, py: Python<'py>, circuit: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyArray1<bool>>> {
        let circuit = instance::<Circuit>(OBJECT, "circuit", "a Circuit", circuit)?.borrow();
        let amplitudes = 1 << (2 * self.inner.qubits());
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
    /// >>> rho = DensityMatrix.bell("phi+", rng=7)
    /// >>> rho.measure(0) == rho.measure(1)
    /// True
    fn measure(&mut self, py: Python<'_>, qubit: &Bound<'_, PyAny>) -> PyResult<u8> {
        let qubit = self.qubit("qubit", qubit)?;
        let one = ok(self.inner.measure_probability(qubit))?;
        let outcome = self.stream.next_f64() < one;
        ok(self.change(py, |rho| rho.collapse(qubit, outcome)))?;
        Ok(u8::from(outcome))
    }

    /// Measure each target in Z and forget the outcome: its coherences vanish, nothing is drawn.
    ///
    /// Parameters
    /// ----------
    /// targets : sequence of int
    ///     Different qubits in [0, n-1].
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Equal targets, or targets outside the register.
    ///
    /// Examples
    /// --------
    /// >>> rho = DensityMatrix.bell("phi+")
    /// >>> rho.measure_nonselective([0])
    /// >>> round(rho.entropy(), 12)
    /// 1.0
    fn measure_nonselective(&mut self, py: Python<'_>, targets: &Bound<'_, PyAny>) -> PyResult<()> {
        let targets = self.targets(targets)?;
        ok(self.change(py, |rho| rho.measure_nonselective(&targets)))
    }

    /// Forget a qubit and prepare it in |0>.
    ///
    /// Parameters
    /// ----------
    /// qubit : int
    ///     In [0, n-1].
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     A qubit outside the register.
    ///
    /// Examples
    /// --------
    /// >>> rho = DensityMatrix.bell("phi+")
    /// >>> rho.reset(0)
    /// >>> rho.probabilities().round(12).tolist()
    /// [0.5, 0.0, 0.5, 0.0]
    fn reset(&mut self, py: Python<'_>, qubit: &Bound<'_, PyAny>) -> PyResult<()> {
        let qubit = self.qubit("qubit", qubit)?;
        ok(self.change(py, |rho| rho.reset(qubit)))
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
    /// >>> round(DensityMatrix.bell("phi+").measure_probability(0), 12)
    /// 0.5
    fn measure_probability(&self, qubit: &Bound<'_, PyAny>) -> PyResult<f64> {
        ok(self.inner.measure_probability(self.qubit("qubit", qubit)?))
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
    /// >>> DensityMatrix.bell("psi+").probabilities().round(12).tolist()
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
    /// >>> rho = DensityMatrix.bell("phi+")
    /// >>> round(rho.postselect(0, 1), 12), rho.measure(1)
    /// (0.5, 1)
    fn postselect(&mut self, py: Python<'_>, qubit: &Bound<'_, PyAny>, outcome: &Bound<'_, PyAny>) -> PyResult<f64> {
        let (qubit, one) = (self.qubit("qubit", qubit)?, self::outcome(OBJECT, outcome)?);
        ok(self.change(py, |rho| rho.collapse(qubit, one)))
    }

    /// Return the state of some qubits, the others traced out.
    ///
    /// Parameters
    /// ----------
    /// keep : sequence of int
    ///     Different qubits in [0, n-1]; ``keep[k]`` becomes qubit k.
    ///
    /// Returns
    /// -------
    /// DensityMatrix
    ///     With a copy of the random stream.
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     No qubits, equal ones, or some outside the register.
    ///
    /// Examples
    /// --------
    /// >>> DensityMatrix.bell("phi+").partial_trace(keep=[1]).to_numpy().real.round(12).tolist()
    /// [[0.5, 0.0], [0.0, 0.5]]
    fn partial_trace(&self, py: Python<'_>, keep: &Bound<'_, PyAny>) -> PyResult<Self> {
        let keep = qubits(OBJECT, "keep", keep, self.inner.qubits())?;
        let inner = ok(self.read(py, |rho| rho.partial_trace(&keep)))?;
        Ok(Self { inner, root: self.root, stream: self.stream.clone() })
    }

    /// Return the expectation of a Pauli string, Tr(rho P).
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
    /// >>> round(DensityMatrix.bell("phi+").expectation("YY"), 12)
    /// -1.0
    fn expectation(&self, paulis: &Bound<'_, PyAny>) -> PyResult<f64> {
        let (letters, sign) = word(OBJECT, "paulis", paulis)?;
        ok(self.inner.expectation(&letters)).map(|mean| sign * mean)
    }

    /// Return the fidelity with a state: <psi|rho|psi> if one is pure, Uhlmann's in general; not its root.
    ///
    /// Parameters
    /// ----------
    /// other : DensityMatrix
    ///     Of as many qubits.
    ///
    /// Returns
    /// -------
    /// float
    ///     (Tr sqrt(sqrt(rho) sigma sqrt(rho)))^2, in [0, 1]; right to about 1e-8 where both are mixed and nearly singular.
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     A state of another size.
    ///
    /// Notes
    /// -----
    /// Jozsa, doi:10.1080/09500349414552171.
    ///
    /// Examples
    /// --------
    /// >>> rho = BellDiagonal.werner(fidelity=0.95).to_density_matrix()
    /// >>> round(rho.fidelity(DensityMatrix.bell("phi+")), 12)
    /// 0.95
    fn fidelity(&self, py: Python<'_>, other: &Bound<'_, PyAny>) -> PyResult<f64> {
        ok(self.with_other(other, |other| self.read(py, |rho| rho.fidelity(other)))?)
    }

    /// Return half the trace norm of the difference of two states.
    ///
    /// Parameters
    /// ----------
    /// other : DensityMatrix
    ///     Of as many qubits.
    ///
    /// Returns
    /// -------
    /// float
    ///     In [0, 1]; 1 for states that a measurement tells apart with certainty.
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     A state of another size.
    ///
    /// Examples
    /// --------
    /// >>> round(DensityMatrix.bell("phi+").trace_distance(DensityMatrix.bell("phi-")), 12)
    /// 1.0
    fn trace_distance(&self, py: Python<'_>, other: &Bound<'_, PyAny>) -> PyResult<f64> {
        ok(self.with_other(other, |other| self.read(py, |rho| rho.trace_distance(other)))?)
    }
    /// Return Tr rho^2: 1 for a pure state, 2^-n for white noise.
    fn purity(&self) -> f64 {
        self.inner.purity()
    }
    /// Return Tr rho: 1 but for rounding.
    fn trace(&self) -> f64 {
        self.inner.trace()
    }

    /// Return the von Neumann entropy in bits, -Tr rho log2 rho.
    ///
    /// Returns
    /// -------
    /// float
    ///     In [0, n].
    ///
    /// Examples
    /// --------
    /// >>> rho = DensityMatrix.bell("phi+")
    /// >>> round(rho.partial_trace([0]).entropy(), 12)
    /// 1.0
    fn entropy(&self, py: Python<'_>) -> f64 {
        self.read(py, Matrix::entropy)
    }

    /// Return Wootters's concurrence of two qubits: 0 for separable states, 1 for Bell states.
    ///
    /// Returns
    /// -------
    /// float
    ///     max(0, s1 - s2 - s3 - s4) with s the decreasing roots of the eigenvalues of rho (YY) rho* (YY).
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Not two qubits.
    ///
    /// Notes
    /// -----
    /// Wootters, doi:10.1103/PhysRevLett.80.2245. A Bell-diagonal state has max(0, 2 w - 1), w its largest weight.
    ///
    /// Examples
    /// --------
    /// >>> round(BellDiagonal.werner(fidelity=0.85).to_density_matrix().concurrence(), 6)
    /// 0.7
    fn concurrence(&self) -> PyResult<f64> {
        ok(self.inner.concurrence())
    }

    /// Return the negativity of the cut between the targets and the rest.
    ///
    /// Parameters
    /// ----------
    /// targets : sequence of int
    ///     Different qubits in [0, n-1]: one side of the cut.
    ///
    /// Returns
    /// -------
    /// float
    ///     Minus the sum of the negative eigenvalues of the partial transpose; 1/2 for Bell states.
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     No targets, equal ones, or some outside the register.
    ///
    /// Notes
    /// -----
    /// Vidal and Werner, doi:10.1103/PhysRevA.65.032314.
    ///
    /// Examples
    /// --------
    /// >>> round(BellDiagonal.werner(fidelity=0.85).to_density_matrix().negativity([0]), 12)
    /// 0.35
    fn negativity(&self, py: Python<'_>, targets: &Bound<'_, PyAny>) -> PyResult<f64> {
        let targets = self.targets(targets)?;
        ok(self.read(py, |rho| rho.negativity(&targets)))
    }

    /// Return the logarithmic negativity of a cut in bits, log2(2 N + 1) with N the negativity.
    ///
    /// Parameters
    /// ----------
    /// targets : sequence of int
    ///     Different qubits in [0, n-1]: one side of the cut.
    ///
    /// Returns
    /// -------
    /// float
    ///     1 for Bell states.
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     No targets, equal ones, or some outside the register.
    ///
    /// Notes
    /// -----
    /// Vidal and Werner, doi:10.1103/PhysRevA.65.032314.
    ///
    /// Examples
    /// --------
    /// >>> round(DensityMatrix.bell("phi+").log_negativity([0]), 12)
    /// 1.0
    fn log_negativity(&self, py: Python<'_>, targets: &Bound<'_, PyAny>) -> PyResult<f64> {
        let targets = self.targets(targets)?;
        ok(self.read(py, |rho| rho.log_negativity(&targets)))
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
