//! Noise: one object, projected on Kraus operators, Pauli errors and Bell weights.

use ebit_quantum::{Halves, Noise as Inner, NoiseKind, QuantumError};
use num_complex::Complex64;
use numpy::{PyArray1, PyArray2, PyArrayMethods};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple, PyType};

use crate::arguments::{instance, integer, matrix, real, shown};
use crate::errors::{ok, range_error, type_error};

const OBJECT: &str = "Noise";

/// "left", "right" or "both"; without one, both for a noise on two qubits.
pub fn halves(object: &str, noise: &Inner, on: Option<&Bound<'_, PyAny>>) -> PyResult<Halves> {
    let range = "one of left, right, both";
    let Some(value) = on else {
        if noise.qubits() == 1 {
            return Err(range_error(object, "on", range, "None", "a noise on one qubit acts on one half, or on each"));
        }
        return Ok(Halves::Both);
    };
    match value.extract::<String>().as_deref() {
        Ok("left") => Ok(Halves::Left),
        Ok("right") => Ok(Halves::Right),
        Ok("both") => Ok(Halves::Both),
        Ok(_) => Err(range_error(object, "on", range, shown(value), "the left half is qubit 0")),
        Err(_) => Err(type_error(object, "on", range, shown(value), "the left half is qubit 0")),
    }
}

/// A noise from Python.
pub fn noise<'a>(object: &str, parameter: &str, value: &'a Bound<'_, PyAny>) -> PyResult<&'a Inner> {
    Ok(&instance::<Noise>(object, parameter, "a Noise", value)?.get().inner)
}

/// Index of a Pauli word: digit k in base 4 for character k.
fn word_index(word: &str) -> Option<usize> {
    word.chars().rev().try_fold(0, |index, letter| {
        let digit = match letter {
            'I' | '_' => 0,
            'X' => 1,
            'Y' => 2,
            'Z' => 3,
            _ => return None,
        };
        Some(4 * index + digit)
    })
}

fn word(index: usize, qubits: usize) -> String {
    (0..qubits).map(|k| ['I', 'X', 'Y', 'Z'][(index >> (2 * k)) & 3]).collect()
}

/// Noise on one to four qubits: one object for every formalism; immutable, made by its class methods.
///
/// Raises
/// ------
/// RangeError
///     A probability outside [0, 1], a number of qubits outside [1, 4], a matrix or set that is not complete within 1e-9.
/// WrongTypeError
///     An argument of another type.
///
/// Notes
/// -----
/// A completely positive, trace-preserving map with three projections. ``kraus_operators()`` is for density matrices and
/// state vectors, and always exists. ``pauli_twirl()`` is for stabilizer states and circuits: exact for Pauli channels,
/// otherwise an approximation that is asked for by ``twirled()``. ``bell_action()`` is for Bell-diagonal pairs and exists if
/// they stay so. Nothing is twirled in silence.
///
/// ``dephase(p)`` is (1-p) rho + p Z rho Z, ``depolarize(p)`` (1-p) rho + p I/d. Noises compare by value and pickle.
///
/// Examples
/// --------
/// >>> flips = Noise.dephase(0.1).then(Noise.bit_flip(0.2))
/// >>> {word: round(p, 12) for word, p in flips.pauli_twirl().items()}
/// {'I': 0.72, 'X': 0.18, 'Y': 0.02, 'Z': 0.08}
/// >>> pair = BellDiagonal.werner(fidelity=1.0).apply(flips, on="left")
/// >>> round(pair.fidelity, 12)
/// 0.72
#[pyclass(frozen, module = "ebit", eq)]
#[derive(Clone, PartialEq)]
pub struct Noise {
    pub inner: Inner,
}

fn made(inner: Result<Inner, QuantumError>) -> PyResult<Noise> {
    Ok(Noise { inner: ok(inner)? })
}

#[pymethods]
impl Noise {
    /// Return a phase flip: (1-p) rho + p Z rho Z.
    ///
    /// Parameters
    /// ----------
    /// p : float
    ///     Probability of the flip, in [0, 1]; 1/2 leaves no coherence.
    ///
    /// Returns
    /// -------
    /// Noise
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     p outside [0, 1].
    ///
    /// Examples
    /// --------
    /// >>> Noise.dephase(0.1).to_stim()
    /// 'Z_ERROR(0.1) 0'
    #[classmethod]
    fn dephase(_cls: &Bound<'_, PyType>, p: &Bound<'_, PyAny>) -> PyResult<Self> {
        made(Inner::dephase(real(OBJECT, "p", p)?))
    }

    /// Return a bit flip: (1-p) rho + p X rho X.
    ///
    /// Parameters
    /// ----------
    /// p : float
    ///     Probability of the flip, in [0, 1].
    ///
    /// Returns
    /// -------
    /// Noise
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     p outside [0, 1].
    ///
    /// Examples
    /// --------
    /// >>> Noise.bit_flip(0.1).to_stim()
    /// 'X_ERROR(0.1) 0'
    #[classmethod]
    fn bit_flip(_cls: &Bound<'_, PyType>, p: &Bound<'_, PyAny>) -> PyResult<Self> {
        made(Inner::bit_flip(real(OBJECT, "p", p)?))
    }

    /// Return white noise on all its qubits together: (1-p) rho + p I/d.
    ///
    /// Parameters
    /// ----------
    /// p : float
    ///     Weight of the noise, in [0, 1]. Stim's DEPOLARIZE1(q) has p = 4q/3, DEPOLARIZE2(q) p = 16q/15.
    /// qubits : int
    ///     In [1, 4]; d = 2^qubits.
    ///
    /// Returns
    /// -------
    /// Noise
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     A number outside these ranges.
    ///
    /// Examples
    /// --------
    /// >>> Noise.depolarize(0.01, qubits=2).to_stim([4, 7])
    /// 'DEPOLARIZE2(0.009375) 4 7'
    #[classmethod]
    #[pyo3(signature = (p, qubits=None), text_signature = "($type, p, qubits=1)")]
    fn depolarize(_cls: &Bound<'_, PyType>, p: &Bound<'_, PyAny>, qubits: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let qubits = qubits.map_or(Ok(1), |q| integer(OBJECT, "qubits", q, "an integer in [1, 4]", ""))?;
        let p = real(OBJECT, "p", p)?;
        // None of the sizes below 1 is a register's; the message shows the one that was typed.
        made(Inner::depolarize(p, usize::try_from(qubits).unwrap_or(0)).map_err(|mut error| {
            if error.parameter == "qubits" {
                error.value = qubits.to_string();
            }
            error
        }))
    }

    /// Return random Pauli errors.
    ///
    /// Parameters
    /// ----------
    /// probabilities : dict of str to float
    ///     Words of one to four letters, all of one length; character k acts on target k. They sum to 1; the identity gets the
    ///     rest unless it is named.
    ///
    /// Returns
    /// -------
    /// Noise
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     A probability outside [0, 1], another sum, no words, or words of other letters or of several lengths.
    ///
    /// Examples
    /// --------
    /// >>> Noise.pauli({"X": 0.25, "Z": 0.25}).pauli_twirl()
    /// {'I': 0.5, 'X': 0.25, 'Y': 0.0, 'Z': 0.25}
    #[classmethod]
    fn pauli(_cls: &Bound<'_, PyType>, probabilities: &Bound<'_, PyAny>) -> PyResult<Self> {
        made(Inner::pauli(probabilities_of(probabilities)?))
    }

    /// Return the exchange of energy with a bath: |1> falls to |0> with probability gamma if the bath is cold.
    ///
    /// Parameters
    /// ----------
    /// gamma : float
    ///     Probability of the exchange, in [0, 1]: 1 - e^(-t/T1) after a time t; 1 leaves the bath's state.
    /// excited_population : float
    ///     Weight of |1> in equilibrium, in [0, 1].
    ///
    /// Returns
    /// -------
    /// Noise
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     A number outside [0, 1].
    ///
    /// Notes
    /// -----
    /// Nielsen and Chuang, doi:10.1017/CBO9780511976667, section 8.3.5.
    ///
    /// Examples
    /// --------
    /// >>> [k.real.round(12).tolist() for k in Noise.amplitude_damp(0.36).kraus_operators()]
    /// [[[1.0, 0.0], [0.0, 0.8]], [[0.0, 0.6], [0.0, 0.0]]]
    #[classmethod]
    #[pyo3(signature = (gamma, excited_population=None), text_signature = "($type, gamma, excited_population=0.0)")]
    fn amplitude_damp(
        _cls: &Bound<'_, PyType>,
        gamma: &Bound<'_, PyAny>,
        excited_population: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        made(Inner::amplitude_damp(real(OBJECT, "gamma", gamma)?, excited(excited_population)?))
    }

    /// Return what a memory does in a time: Bloch x, y shrink as e^(-t/T2), z goes to its equilibrium as e^(-t/T1).
    ///
    /// Parameters
    /// ----------
    /// time_s : float
    ///     Seconds, finite and >= 0.
    /// t1_s, t2_s : float
    ///     Relaxation time and total coherence time in seconds, > 0, T2 <= 2 T1; infinite for no decay.
    /// excited_population : float
    ///     Weight of |1> in equilibrium, in [0, 1].
    ///
    /// Returns
    /// -------
    /// Noise
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     A number outside these ranges.
    ///
    /// Examples
    /// --------
    /// >>> noise = Noise.thermal_relaxation(0.5, t1_s=float("inf"), t2_s=1.0)
    /// >>> round(noise.pauli_twirl()["Z"], 6)  # (1 - e^(-0.5))/2
    /// 0.196735
    #[classmethod]
    #[pyo3(
        signature = (time_s, t1_s, t2_s, excited_population=None),
        text_signature = "($type, time_s, t1_s, t2_s, excited_population=0.0)"
    )]
    fn thermal_relaxation(
        _cls: &Bound<'_, PyType>,
        time_s: &Bound<'_, PyAny>,
        t1_s: &Bound<'_, PyAny>,
        t2_s: &Bound<'_, PyAny>,
        excited_population: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let [time, t1, t2] = [("time_s", time_s), ("t1_s", t1_s), ("t2_s", t2_s)].map(|(name, x)| real(OBJECT, name, x));
        made(Inner::thermal_relaxation(time?, t1?, t2?, excited(excited_population)?))
    }

    /// Return a coherent error: U rho U^dagger.
    ///
    /// Parameters
    /// ----------
    /// matrix : array_like of shape (2^k, 2^k)
    ///     Unitary within 1e-9, k in [1, 4]; its least significant bit is the first target.
    ///
    /// Returns
    /// -------
    /// Noise
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Another shape, or a matrix that is not unitary.
    ///
    /// Examples
    /// --------
    /// >>> Noise.unitary([[1, 0], [0, -1]]).pauli_twirl()["Z"]
    /// 1.0
    #[classmethod]
    fn unitary(_cls: &Bound<'_, PyType>, matrix: &Bound<'_, PyAny>) -> PyResult<Self> {
        made(Inner::unitary(self::matrix(OBJECT, "matrix", matrix)?))
    }

    /// Return any channel: sum of K rho K^dagger.
    ///
    /// Parameters
    /// ----------
    /// operators : iterable of array_like of shape (2^k, 2^k)
    ///     Complete set: sum of K^dagger K = I within 1e-9, k in [1, 4]; the least significant bit is the first target.
    ///
    /// Returns
    /// -------
    /// Noise
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     No matrices, other shapes, or a set that is not complete.
    ///
    /// Examples
    /// --------
    /// >>> forget = Noise.kraus([[[1, 0], [0, 0]], [[0, 0], [0, 1]]])
    /// >>> forget.pauli_twirl()
    /// {'I': 0.5, 'X': 0.0, 'Y': 0.0, 'Z': 0.5}
    #[classmethod]
    fn kraus(_cls: &Bound<'_, PyType>, operators: &Bound<'_, PyAny>) -> PyResult<Self> {
        let wrong = || type_error(OBJECT, "kraus", "a list of matrices", shown(operators), "");
        let items = operators.try_iter().map_err(|_| wrong())?;
        let list: PyResult<Vec<_>> = items.enumerate().map(|(k, x)| matrix(OBJECT, &format!("kraus[{k}]"), &x?)).collect();
        made(Inner::from_kraus(list?))
    }

    /// Return this noise, then another on the same qubits.
    ///
    /// Parameters
    /// ----------
    /// next : Noise
    ///     On as many qubits.
    ///
    /// Returns
    /// -------
    /// Noise
    ///     A Pauli channel if both are, otherwise one of Kraus operators.
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Another number of qubits.
    ///
    /// Examples
    /// --------
    /// >>> round(Noise.dephase(0.1).then(Noise.dephase(0.1)).pauli_twirl()["Z"], 12)
    /// 0.18
    fn then(&self, next: &Bound<'_, PyAny>) -> PyResult<Self> {
        made(self.inner.then(noise(OBJECT, "next", next)?))
    }

    /// Number of qubits, 1 to 4.
    #[getter]
    fn num_qubits(&self) -> usize {
        self.inner.qubits()
    }
    /// Whether this is a Pauli channel, so that its twirl is the noise itself.
    #[getter]
    fn is_pauli(&self) -> bool {
        self.inner.is_pauli()
    }

    /// Return the Kraus operators.
    ///
    /// Returns
    /// -------
    /// list of complex arrays of shape (2^k, 2^k)
    ///     Complete set; the least significant bit is the first target.
    ///
    /// Examples
    /// --------
    /// >>> [k.real.round(6).tolist() for k in Noise.dephase(0.36).kraus_operators()]
    /// [[[0.8, 0.0], [0.0, 0.8]], [[0.6, 0.0], [0.0, -0.6]]]
    fn kraus_operators<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyArray2<Complex64>>>> {
        let n = 1 << self.inner.qubits();
        self.inner.kraus().iter().map(|k| PyArray1::from_slice(py, k).reshape([n, n])).collect()
    }

    /// Return the probabilities of Pauli words after a twirl; exact for a Pauli channel.
    ///
    /// Returns
    /// -------
    /// dict of str to float
    ///     4^k words, character j for target j; the probability of P is the sum over K of |Tr(P K)/2^k|^2.
    ///
    /// Examples
    /// --------
    /// >>> {word: round(p, 12) for word, p in Noise.amplitude_damp(0.36).pauli_twirl().items()}
    /// {'I': 0.81, 'X': 0.09, 'Y': 0.09, 'Z': 0.01}
    fn pauli_twirl<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        dictionary(py, &self.inner.pauli_twirl(), self.inner.qubits())
    }

    /// Return the Pauli channel of ``pauli_twirl()``: the average over a random Pauli before and the same after.
    ///
    /// Returns
    /// -------
    /// Noise
    ///     It forgets coherence and the direction of relaxation.
    ///
    /// Examples
    /// --------
    /// >>> noise = Noise.amplitude_damp(0.36)
    /// >>> noise.is_pauli, noise.twirled().is_pauli
    /// (False, True)
    fn twirled(&self) -> Self {
        Self { inner: self.inner.twirled() }
    }

    /// Return the matrix that takes Bell weights to Bell weights.
    ///
    /// Parameters
    /// ----------
    /// on : {"left", "right", "both"}, optional
    ///     Where a noise on one qubit acts. Not needed for a noise on two qubits, whose target 0 is the left half.
    ///
    /// Returns
    /// -------
    /// array of shape (4, 4)
    ///     new = action @ old, for weights of (Phi+, Phi-, Psi+, Psi-).
    ///
    /// Raises
    /// ------
    /// FormalismError
    ///     The pair would not stay Bell-diagonal.
    /// RangeError
    ///     More than two qubits, or a noise on one qubit without ``on``.
    ///
    /// Examples
    /// --------
    /// >>> Noise.dephase(0.1).bell_action("left")[:, 0].tolist()
    /// [0.9, 0.1, 0.0, 0.0]
    #[pyo3(signature = (on=None))]
    fn bell_action<'py>(&self, py: Python<'py>, on: Option<&Bound<'py, PyAny>>) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let action = ok(self.inner.bell_action(halves(OBJECT, &self.inner, on)?))?;
        PyArray1::from_slice(py, action.as_flattened()).reshape([4, 4])
    }

    /// Return Stim's instruction for a Pauli channel.
    ///
    /// Parameters
    /// ----------
    /// targets : sequence of int, optional
    ///     As many different qubits as the noise acts on; 0, 1, ... unless given.
    ///
    /// Returns
    /// -------
    /// str
    ///
    /// Raises
    /// ------
    /// FormalismError
    ///     Not a Pauli channel, or one that no instruction of Stim's holds.
    /// RangeError
    ///     Another number of targets, or equal ones.
    ///
    /// Examples
    /// --------
    /// >>> Noise.pauli({"X": 0.25, "Z": 0.125}).to_stim([3])
    /// 'PAULI_CHANNEL_1(0.25, 0, 0.125) 3'
    #[pyo3(signature = (targets=None))]
    fn to_stim(&self, targets: Option<&Bound<'_, PyAny>>) -> PyResult<String> {
        let targets = match targets {
            None => (0..self.inner.qubits()).collect(),
            // Any register: Stim's has no end below 2^24.
            Some(list) => crate::arguments::qubits(OBJECT, "targets", list, 1 << 24)?,
        };
        ok(self.inner.to_stim(&targets))
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let (py, class, inner) = (slf.py(), slf.get_type(), &slf.get().inner);
        let (name, arguments) = match inner.kind() {
            NoiseKind::Dephase { p } => ("dephase", (*p,).into_pyobject(py)?),
            NoiseKind::BitFlip { p } => ("bit_flip", (*p,).into_pyobject(py)?),
            NoiseKind::Depolarize { p } => ("depolarize", (*p, inner.qubits()).into_pyobject(py)?),
            NoiseKind::Pauli { probabilities } => ("pauli", (dictionary(py, probabilities, inner.qubits())?,).into_pyobject(py)?),
            NoiseKind::AmplitudeDamp { gamma, excited_population } => {
                ("amplitude_damp", (*gamma, *excited_population).into_pyobject(py)?)
            }
            NoiseKind::ThermalRelaxation { time_s, t1_s, t2_s, excited_population } => {
                ("thermal_relaxation", (*time_s, *t1_s, *t2_s, *excited_population).into_pyobject(py)?)
            }
            NoiseKind::Unitary { .. } => ("unitary", (slf.get().kraus_operators(py)?.swap_remove(0),).into_pyobject(py)?),
            NoiseKind::Kraus { .. } => ("kraus", (slf.get().kraus_operators(py)?,).into_pyobject(py)?),
        };
        Ok((class.getattr(name)?, arguments))
    }
    fn __repr__(&self) -> String {
        match self.inner.kind() {
            NoiseKind::Unitary { .. } | NoiseKind::Kraus { .. } => format!("<Noise: {}>", self.inner),
            _ => format!("Noise.{}", self.inner),
        }
    }
}

fn excited(value: Option<&Bound<'_, PyAny>>) -> PyResult<f64> {
    value.map_or(Ok(0.0), |x| real(OBJECT, "excited_population", x))
}

fn dictionary<'py>(py: Python<'py>, probabilities: &[f64], qubits: usize) -> PyResult<Bound<'py, PyDict>> {
    let out = PyDict::new(py);
    for (k, p) in probabilities.iter().enumerate() {
        out.set_item(word(k, qubits), p)?;
    }
    Ok(out)
}

fn probabilities_of(value: &Bound<'_, PyAny>) -> PyResult<Vec<f64>> {
    let (range, hint) = ("a dictionary of Pauli words and probabilities", "as {'X': 0.01, 'Z': 0.02}");
    let wrong = || type_error(OBJECT, "probabilities", range, shown(value), hint);
    let dictionary = value.cast::<PyDict>().map_err(|_| wrong())?;
    let mut qubits = 0;
    let mut found: Vec<(usize, f64)> = Vec::with_capacity(dictionary.len());
    for (key, p) in dictionary {
        let text = key.cast::<PyString>().map_err(|_| wrong())?.to_string();
        let length = text.chars().count();
        let bad = |range: String| Err(range_error(OBJECT, "probabilities", &range, shown(&key), "character k acts on target k"));
        if !(1..=4).contains(&length) {
            return bad("words of one to four of the letters I _ X Y Z".into());
        }
        if !found.is_empty() && length != qubits {
            return bad(format!("words of the same length, {qubits}"));
        }
        qubits = length;
        match word_index(&text) {
            Some(index) if found.iter().any(|(k, _)| *k == index) => return bad("different words".into()),
            Some(index) => found.push((index, real(OBJECT, &format!("probabilities[{}]", shown(&key)), &p)?)),
            None => return bad("words of the letters I _ X Y Z".into()),
        }
    }
    if found.is_empty() {
        return Err(range_error(OBJECT, "probabilities", "at least one Pauli word", "{}", hint));
    }
    let mut out = vec![0.0; 1 << (2 * qubits)];
    for (index, p) in &found {
        out[*index] = *p;
    }
    if found.iter().all(|(index, _)| *index != 0) {
        let sum: f64 = out.iter().sum();
        // What exceeds 1 by more than rounding is the judge's to name.
        out[0] = if sum > 1.0 { 0.0 } else { 1.0 - sum };
    }
    Ok(out)
}
