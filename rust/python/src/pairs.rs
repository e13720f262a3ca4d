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

/// Mixture of the four Bell states, given by its weights of (Phi+, Phi-, Psi+, Psi-); immutable.
///
/// Parameters
/// ----------
/// weights : array_like of shape (4,)
///     Probabilities of Phi+, Phi-, Psi+ and Psi-, each in [0, 1], that sum to 1 within 1e-9.
///
/// Raises
/// ------
/// RangeError
///     Not four weights, one outside [0, 1], or another sum.
/// WrongTypeError
///     Something that is no sequence of numbers.
/// FormalismError
///     From operations after which the pair would not be Bell-diagonal; the message names two ways on.
///
/// Notes
/// -----
/// The left half is qubit 0, the right one qubit 1. The target is Phi+ = (|00> + |11>)/sqrt 2: ``fidelity`` is
/// <Phi+|rho|Phi+>, not its root, which is the first weight. Operations return new pairs. A Pauli error on either half
/// permutes the weights in the same way, so that ``dephase`` and ``depolarize_qubit`` need not say which half: Z exchanges
/// Phi+ with Phi- and Psi+ with Psi-, X Phi+ with Psi+ and Phi- with Psi-.
///
/// Pairs compare by value, hash and pickle. Those of the names ``..._many`` do the same to arrays of weights, shape (n, 4).
///
/// Examples
/// --------
/// >>> pair = BellDiagonal([0.9, 0.05, 0.03, 0.02])
/// >>> pair.fidelity
/// 0.9
/// >>> round(pair.qber_x, 12), round(pair.qber_z, 12)
/// (0.07, 0.05)
/// >>> better = pair.distill(pair)[1]
/// >>> better.fidelity > pair.fidelity
/// True
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

    /// Return the Werner pair of a fidelity: the other three Bell states share the rest evenly.
    ///
    /// Parameters
    /// ----------
    /// fidelity : float
    ///     Weight of Phi+, in [0, 1]; 1/4 is white noise.
    ///
    /// Returns
    /// -------
    /// BellDiagonal
    ///     Weights (F, (1-F)/3, (1-F)/3, (1-F)/3).
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     A fidelity outside [0, 1].
    ///
    /// Notes
    /// -----
    /// Werner, doi:10.1103/PhysRevA.40.4277.
    ///
    /// Examples
    /// --------
    /// >>> BellDiagonal.werner(fidelity=0.7).weights.round(12).tolist()
    /// [0.7, 0.1, 0.1, 0.1]
    #[staticmethod]
    fn werner(fidelity: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self { inner: ok(Pair::werner(real(OBJECT, "fidelity", fidelity)?))? })
    }

    /// Weights of (Phi+, Phi-, Psi+, Psi-), a new array of shape (4,).
    #[getter]
    fn weights<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_slice(py, &self.inner.weights())
    }
    /// Weight of Phi+, <Phi+|rho|Phi+>.
    #[getter]
    fn fidelity(&self) -> f64 {
        self.inner.fidelity()
    }
    /// Probability that X measurements at both ends differ: w(Phi-) + w(Psi-).
    #[getter]
    fn qber_x(&self) -> f64 {
        self.inner.qber_x()
    }
    /// Probability that Z measurements at both ends differ: w(Psi+) + w(Psi-).
    #[getter]
    fn qber_z(&self) -> f64 {
        self.inner.qber_z()
    }

    /// Probability that Y measurements at both ends agree, which those of Phi+ never do: w(Phi-) + w(Psi+).
    #[getter]
    fn qber_y(&self) -> f64 {
        self.inner.qber_y()
    }
    /// Expectations of XX, YY and ZZ, an array of shape (3,); those of Phi+ are 1, -1, 1.
    #[getter]
    fn correlations<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        let t = self.inner.correlations();
        PyArray1::from_slice(py, &[t.x, -t.y, t.z])
    }

    /// Return the joint probabilities of the results when both ends measure the same Pauli.
    ///
    /// Parameters
    /// ----------
    /// basis : {"X", "Y", "Z"}
    ///     What both ends measure.
    ///
    /// Returns
    /// -------
    /// array of shape (2, 2)
    ///     Probability of (left, right), results 0 for +1 and 1 for -1.
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Another basis.
    ///
    /// Examples
    /// --------
    /// >>> BellDiagonal([0.9, 0.05, 0.03, 0.02]).outcomes("Z").round(12).tolist()
    /// [[0.475, 0.025], [0.025, 0.475]]
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

    /// Return the pair of a two-qubit state.
    ///
    /// Parameters
    /// ----------
    /// rho : DensityMatrix, or array_like of shape (4, 4)
    ///     The left half is qubit 0, the least significant bit.
    /// twirl : bool
    ///     Drop what is not Bell-diagonal (the average over XX, YY, ZZ and II) instead of refusing it.
    ///
    /// Returns
    /// -------
    /// BellDiagonal
    ///
    /// Raises
    /// ------
    /// FormalismError
    ///     A state that is not Bell-diagonal, without ``twirl``.
    /// RangeError
    ///     A state of another size, or a matrix that is no state.
    ///
    /// Examples
    /// --------
    /// >>> BellDiagonal.from_density_matrix(DensityMatrix.bell("psi-")).weights.round(12).tolist()
    /// [0.0, 0.0, 0.0, 1.0]
    /// >>> BellDiagonal.from_density_matrix(DensityMatrix(2), twirl=True).weights.tolist()
    /// [0.5, 0.5, 0.0, 0.0]
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

    /// Return the same state as a DensityMatrix; left is qubit 0, right qubit 1.
    ///
    /// Parameters
    /// ----------
    /// rng : int, SeedSequence, Generator or None
    ///     Root of the random stream of the new state's measurements.
    ///
    /// Returns
    /// -------
    /// DensityMatrix
    ///
    /// Examples
    /// --------
    /// >>> rho = BellDiagonal.werner(fidelity=0.95).to_density_matrix()
    /// >>> round(rho.fidelity(DensityMatrix.bell("phi+")), 12)
    /// 0.95
    #[pyo3(signature = (rng=None))]
    fn to_density_matrix<'py>(&self, py: Python<'py>, rng: Option<Bound<'py, PyAny>>) -> PyResult<Bound<'py, PyAny>> {
        let entries = PairState::from_weights(self.inner.weights()).to_matrix();
        let array = PyArray1::from_slice(py, entries.as_flattened()).reshape([4, 4])?;
        py.import("ebit._core")?.getattr("DensityMatrix")?.call_method1("from_numpy", (array, rng))
    }
    /// Return the Werner pair of the same fidelity: the twirl over all bilateral unitaries U (x) U*.
    fn to_werner(&self) -> Self {
        Self { inner: self.inner.to_werner() }
    }

    /// Return the pair after a noise on one of its halves or on both.
    ///
    /// Parameters
    /// ----------
    /// noise : Noise
    ///     On one qubit, or on two: then target 0 is the left half.
    /// on : {"left", "right", "both"}, optional
    ///     Where a noise on one qubit acts; ``"both"`` is each half by itself. Not needed for a noise on two qubits.
    ///
    /// Returns
    /// -------
    /// BellDiagonal
    ///
    /// Raises
    /// ------
    /// FormalismError
    ///     The pair would not stay Bell-diagonal, as after amplitude damping. Follow ``to_density_matrix()``, or approximate by
    ///     ``noise.twirled()``.
    /// RangeError
    ///     A noise on more than two qubits, or one on one qubit without ``on``.
    ///
    /// Examples
    /// --------
    /// >>> pair = BellDiagonal.werner(fidelity=1.0)
    /// >>> pair.apply(Noise.dephase(0.1), on="both").weights.round(12).tolist()
    /// [0.82, 0.18, 0.0, 0.0]
    #[pyo3(signature = (noise, on=None))]
    fn apply(&self, noise: &Bound<'_, PyAny>, on: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let noise = self::noise(OBJECT, "noise", noise)?;
        Ok(Self { inner: ok(self.inner.apply(noise, halves(OBJECT, noise, on)?))? })
    }

    /// Refuse, for every gamma: a damped pair is not Bell-diagonal.
    ///
    /// Parameters
    /// ----------
    /// gamma : float
    ///     Probability in [0, 1] that an excited qubit decays.
    ///
    /// Raises
    /// ------
    /// FormalismError
    ///     Always. The message names two ways on: exactly from ``to_density_matrix()``, or by the noise's Pauli twirl.
    ///
    /// Examples
    /// --------
    /// >>> pair, damping = BellDiagonal.werner(fidelity=1.0), Noise.amplitude_damp(0.36)
    /// >>> round(pair.apply(damping.twirled(), on="left").fidelity, 12)
    /// 0.81
    fn amplitude_damp(&self, gamma: &Bound<'_, PyAny>) -> PyResult<Self> {
        let noise = ok(Noise::amplitude_damp(real(OBJECT, "gamma", gamma)?, 0.0))?;
        Ok(Self { inner: ok(self.inner.apply(&noise, Halves::Left))? })
    }

    /// Return the pair after a perfect Bell measurement on one half of each pair, corrected to Phi+.
    ///
    /// Parameters
    /// ----------
    /// other : BellDiagonal
    ///     The pair on the other side of the measuring node.
    ///
    /// Returns
    /// -------
    /// BellDiagonal
    ///     Weights w''(P) = sum over Q of w(Q) w'(PQ), with the Bell states labelled by the Paulis I, Z, X, Y that make them of
    ///     Phi+.
    ///
    /// Notes
    /// -----
    /// Two Werner pairs give one with (4F''-1)/3 = (4F-1)/3 x (4F'-1)/3. Zukowski et al., doi:10.1103/PhysRevLett.71.4287;
    /// with imperfect pairs: Duer, Briegel, Cirac and Zoller, doi:10.1103/PhysRevA.59.169.
    ///
    /// Examples
    /// --------
    /// >>> pair = BellDiagonal.werner(fidelity=0.95)
    /// >>> round(pair.swap(pair).fidelity, 12)
    /// 0.903333333333
    fn swap(&self, other: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self { inner: self.inner.swap(&pair("other", other)?.inner) })
    }

    /// Return the pair after white noise on both halves together: rho -> (1-p) rho + p I/4.
    ///
    /// Parameters
    /// ----------
    /// p : float
    ///     Weight of the noise, in [0, 1]; w -> (1-p) w + p/4. Stim's DEPOLARIZE2(q) has p = 16q/15.
    ///
    /// Returns
    /// -------
    /// BellDiagonal
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     p outside [0, 1].
    ///
    /// Examples
    /// --------
    /// >>> round(BellDiagonal.werner(fidelity=1.0).depolarize(0.2).fidelity, 12)
    /// 0.85
    fn depolarize(&self, p: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self { inner: ok(self.inner.depolarize(real(OBJECT, "p", p)?))? })
    }

    /// Return the pair after white noise on one half: rho -> (1-p) rho + p I/2 (x) Tr(rho), the trace over that half.
    ///
    /// Both halves of a Bell-diagonal pair are white by themselves, so this is ``depolarize(p)``.
    ///
    /// Parameters
    /// ----------
    /// p : float
    ///     Weight of the noise, in [0, 1]. Stim's DEPOLARIZE1(q) has p = 4q/3.
    ///
    /// Returns
    /// -------
    /// BellDiagonal
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     p outside [0, 1].
    ///
    /// Examples
    /// --------
    /// >>> round(BellDiagonal.werner(fidelity=1.0).depolarize_qubit(0.2).fidelity, 12)
    /// 0.85
    fn depolarize_qubit(&self, p: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self { inner: ok(self.inner.depolarize_qubit(real(OBJECT, "p", p)?))? })
    }

    /// Return the pair after a phase flip of one half, either: rho -> (1-p) rho + p Z rho Z.
    ///
    /// Parameters
    /// ----------
    /// p : float
    ///     Probability of the flip, in [0, 1]; 1/2 leaves no coherence.
    ///
    /// Returns
    /// -------
    /// BellDiagonal
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     p outside [0, 1].
    ///
    /// Examples
    /// --------
    /// >>> BellDiagonal.werner(fidelity=1.0).dephase(0.1).weights.tolist()
    /// [0.9, 0.1, 0.0, 0.0]
    fn dephase(&self, p: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self { inner: ok(self.inner.dephase(real(OBJECT, "p", p)?))? })
    }

    /// Return the success probability of one round of distillation, and the better pair.
    ///
    /// Both ends do a CNOT from this pair to the other, measure the other in Z, and keep this one if the results agree.
    ///
    /// Parameters
    /// ----------
    /// other : BellDiagonal
    ///     The pair that is measured and lost.
    /// protocol : {"dejmps", "bbpssw"}
    ///     "dejmps" first rotates about X, which exchanges Phi- and Psi-, and never twirls; "bbpssw" first twirls both inputs to
    ///     Werner.
    ///
    /// Returns
    /// -------
    /// probability : float
    ///     That the results agree.
    /// pair : BellDiagonal
    ///     The pair kept then; white noise where the probability is 0.
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Another protocol.
    ///
    /// Notes
    /// -----
    /// DEJMPS: Deutsch et al., doi:10.1103/PhysRevLett.77.2818. BBPSSW: Bennett et al., doi:10.1103/PhysRevLett.76.722, of two
    /// equal Werner pairs: P = F^2 + 2F(1-F)/3 + 5((1-F)/3)^2, F' = (F^2 + ((1-F)/3)^2)/P.
    ///
    /// Examples
    /// --------
    /// >>> pair = BellDiagonal.werner(fidelity=0.75)
    /// >>> probability, better = pair.distill(pair, protocol="bbpssw")
    /// >>> round(probability, 10), round(better.fidelity, 10)
    /// (0.7222222222, 0.7884615385)
    #[pyo3(signature = (other, protocol=None), text_signature = "($self, other, protocol='dejmps')")]
    fn distill(&self, other: &Bound<'_, PyAny>, protocol: Option<&Bound<'_, PyAny>>) -> PyResult<(f64, Self)> {
        let (probability, inner) = self.inner.distill(&pair("other", other)?.inner, self::protocol(protocol)?);
        Ok((probability, Self { inner }))
    }

    /// Return the success probability of double selection, and the better pair.
    ///
    /// Parameters
    /// ----------
    /// second : BellDiagonal
    ///     Checks this pair for bit flips.
    /// third : BellDiagonal
    ///     Checks the second one for the phase flips that it would hand on.
    ///
    /// Returns
    /// -------
    /// probability : float
    ///     That both checks pass.
    /// pair : BellDiagonal
    ///     The pair kept then; white noise where the probability is 0.
    ///
    /// Notes
    /// -----
    /// Fujii and Yamamoto, doi:10.1103/PhysRevA.80.042308.
    ///
    /// Examples
    /// --------
    /// >>> pair = BellDiagonal.werner(fidelity=0.75)
    /// >>> probability, better = pair.double_select(pair, pair)
    /// >>> round(probability, 6), round(better.fidelity, 6)
    /// (0.509259, 0.840909)
    fn double_select(&self, second: &Bound<'_, PyAny>, third: &Bound<'_, PyAny>) -> PyResult<(f64, Self)> {
        let (second, third) = (pair("second", second)?, pair("third", third)?);
        let (probability, inner) = self.inner.double_select(&second.inner, &third.inner);
        Ok((probability, Self { inner }))
    }

    /// Return the success probability of any bilateral Clifford distillation, and the pair that is left.
    ///
    /// Parameters
    /// ----------
    /// pairs : iterable of BellDiagonal
    ///     Two to ten; pair k is qubit k of the circuit.
    /// circuit : Circuit
    ///     What A does to its halves; B does the complex conjugate. Pauli noise acts at both ends; the argument of a measurement
    ///     flips one end's result. All pairs but one are measured.
    ///
    /// Returns
    /// -------
    /// probability : float
    ///     That the results of every measured pair are those of Phi+.
    /// pair : BellDiagonal
    ///     The pair kept then; white noise where the probability is 0.
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Another number of pairs, qubits that are no pairs, one used after its measurement, not one pair left, or an
    ///     instruction that has no place here.
    ///
    /// Notes
    /// -----
    /// Because C (x) C* leaves perfect pairs as they are, an error P on A's halves becomes C P C^dagger: the 4^n joint weights
    /// are permuted, exactly.
    ///
    /// Examples
    /// --------
    /// >>> pair = BellDiagonal.werner(fidelity=0.75)
    /// >>> probability, better = BellDiagonal.distill_circuit([pair] * 3, Circuit("CX 0 1 2 1\nM 1\nMX 2"))
    /// >>> round(probability, 6), round(better.fidelity, 6)
    /// (0.509259, 0.840909)
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

    /// Return the pairs after many swaps, each followed by ``depolarize``.
    ///
    /// Parameters
    /// ----------
    /// a, b : array_like of shape (n, 4)
    ///     Weights of the pairs left and right of the measuring nodes, a row each.
    /// depolarize : float or array_like of shape (n,)
    ///     Weight in [0, 1] of white noise after the swap: w -> (1-p) w + p/4.
    /// out : array of shape (n, 4), optional
    ///     C-ordered float64 array that takes the result; it may not share memory with the inputs.
    ///
    /// Returns
    /// -------
    /// array of shape (n, 4)
    ///     ``out`` if it is given.
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Other shapes, or a row that is no set of weights; the message names the first.
    ///
    /// Examples
    /// --------
    /// >>> a = BellDiagonal.werner_many([0.9, 0.95, 0.99])
    /// >>> BellDiagonal.swap_many(a, a, depolarize=0.01)[:, 0].round(6).tolist()
    /// [0.8077, 0.8968, 0.972832]
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

    /// Return success probabilities and better pairs of many distillations, as ``distill`` does them.
    ///
    /// Parameters
    /// ----------
    /// a, b : array_like of shape (n, 4)
    ///     Weights of the pairs kept and of those measured, a row each.
    /// protocol : {"dejmps", "bbpssw"}
    ///
    /// Returns
    /// -------
    /// probabilities : array of shape (n,)
    /// weights : array of shape (n, 4)
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Other shapes, a row that is no set of weights, or another protocol.
    ///
    /// Examples
    /// --------
    /// >>> a = BellDiagonal.werner_many([0.75, 0.9])
    /// >>> probabilities, weights = BellDiagonal.distill_many(a, a, protocol="bbpssw")
    /// >>> probabilities.round(6).tolist(), weights[:, 0].round(6).tolist()
    /// ([0.722222, 0.875556], [0.788462, 0.926396])
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

    /// Return many pairs after white noise, as ``depolarize`` makes it.
    ///
    /// Parameters
    /// ----------
    /// a : array_like of shape (n, 4)
    ///     Weights, a row for each pair.
    /// p : float or array_like of shape (n,)
    ///     Weight of the noise, in [0, 1].
    /// out : array of shape (n, 4), optional
    ///     C-ordered float64 array that takes the result; it may not share memory with the inputs.
    ///
    /// Returns
    /// -------
    /// array of shape (n, 4)
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Other shapes, a row that is no set of weights, or a p outside [0, 1].
    ///
    /// Examples
    /// --------
    /// >>> BellDiagonal.depolarize_many([[1.0, 0.0, 0.0, 0.0]] * 2, [0.0, 0.2])[:, 0].round(12).tolist()
    /// [1.0, 0.85]
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

    /// Return many pairs after a phase flip of one half, as ``dephase`` makes it.
    ///
    /// Parameters
    /// ----------
    /// a : array_like of shape (n, 4)
    ///     Weights, a row for each pair.
    /// p : float or array_like of shape (n,)
    ///     Probability of the flip, in [0, 1].
    /// out : array of shape (n, 4), optional
    ///     C-ordered float64 array that takes the result; it may not share memory with the inputs.
    ///
    /// Returns
    /// -------
    /// array of shape (n, 4)
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Other shapes, a row that is no set of weights, or a p outside [0, 1].
    ///
    /// Examples
    /// --------
    /// >>> BellDiagonal.dephase_many([[1.0, 0.0, 0.0, 0.0]] * 2, [0.0, 0.2])[:, :2].tolist()
    /// [[1.0, 0.0], [0.8, 0.2]]
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

    /// Return the weights of many Werner pairs.
    ///
    /// Parameters
    /// ----------
    /// fidelity : array_like of shape (n,)
    ///     Weights of Phi+, each in [0, 1].
    ///
    /// Returns
    /// -------
    /// array of shape (n, 4)
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Another shape, or a fidelity outside [0, 1].
    ///
    /// Examples
    /// --------
    /// >>> BellDiagonal.werner_many([1.0, 0.25]).tolist()
    /// [[1.0, 0.0, 0.0, 0.0], [0.25, 0.25, 0.25, 0.25]]
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
