//! Noise as Kraus operators, Pauli probabilities, an action on Bell weights, lines for Stim.

use num_complex::Complex64;
use numpy::{PyArray1, PyArray2, PyArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::words::dictionary;
use super::{Noise, OBJECT, halves};
use crate::errors::ok;

#[pymethods]
impl Noise {
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
    pub(super) fn kraus_operators<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyArray2<Complex64>>>> {
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
}
