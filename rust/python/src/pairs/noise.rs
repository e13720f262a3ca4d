//! Noise on one pair.

use ebit_quantum::{Halves, Noise};
use pyo3::prelude::*;

use super::{BellDiagonal, OBJECT};
use crate::arguments::real;
use crate::errors::ok;
use crate::noise::{halves, noise};

#[pymethods]
impl BellDiagonal {
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
}
