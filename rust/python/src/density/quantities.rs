//! What a density matrix says without a measurement.

use ebit_quantum::DensityMatrix as Matrix;
use pyo3::prelude::*;

use super::{DensityMatrix, OBJECT};
use crate::arguments::qubits;
use crate::dense::word;
use crate::errors::ok;

#[pymethods]
impl DensityMatrix {
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
}
