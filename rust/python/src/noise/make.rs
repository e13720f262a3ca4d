//! Noise by name, by probabilities, by matrices.

use ebit_quantum::Noise as Inner;
use pyo3::prelude::*;
use pyo3::types::PyType;

use super::words::probabilities_of;
use super::{Noise, OBJECT, made};
use crate::arguments::{integer, matrix, real, shown};
use crate::errors::type_error;

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
}

fn excited(value: Option<&Bound<'_, PyAny>>) -> PyResult<f64> {
    value.map_or(Ok(0.0), |x| real(OBJECT, "excited_population", x))
}
