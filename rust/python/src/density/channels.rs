//! Matrices and noise on a density matrix.

use pyo3::prelude::*;

use super::{DensityMatrix, OBJECT};
use crate::arguments::{matrix, real};
use crate::channel::{self, Channel};
use crate::dense;
use crate::errors::ok;

#[pymethods]
impl DensityMatrix {
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
}
