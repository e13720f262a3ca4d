//! Matrices and noise on a state vector.

use pyo3::prelude::*;

use super::{OBJECT, StateVector};
use crate::arguments::{matrix, real};
use crate::channel::{self, Channel};
use crate::dense;
use crate::errors::ok;

#[pymethods]
impl StateVector {
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
}
