//! Entropy and entanglement of a density matrix.

use num_complex::Complex64;

use super::{DensityMatrix, OBJECT};
use crate::eigen;
use crate::error::QuantumError;

impl DensityMatrix {
    /// -Tr(rho log2 rho), in bits: 0 for a pure state, n for white noise.
    pub fn entropy(&self) -> f64 {
        let values = eigen::values(&self.matrix(), self.dimension());
        let sum: f64 = values.into_iter().filter(|v| *v > 0.0).map(|v| v * ebit_random::math::log2(v)).sum();
        (-sum).max(0.0)
    }

    /// Wootters's concurrence of two qubits (doi:10.1103/PhysRevLett.80.2245): 0 for separable states, 1 for Bell states.
    ///
    /// max(0, s1 - s2 - s3 - s4) with the decreasing singular values of A^T (Y (x) Y) A, rho = A A^dagger.
    ///
    /// # Errors
    /// A state of another number of qubits.
    pub fn concurrence(&self) -> Result<f64, QuantumError> {
        if self.qubits != 2 {
            let hint = "negativity takes any number; partial_trace keeps two";
            return Err(QuantumError::new(OBJECT, "qubits", "2 for a concurrence", self.qubits, hint));
        }
        let a = eigen::root(&self.data, 4);
        // Y (x) Y is the antidiagonal (-1, 1, 1, -1); (A^T)_kj = A_jk, so what meets A on the left is conj(A)'s adjoint.
        let flipped = nalgebra::DMatrix::from_fn(4, a.ncols(), |row, column| {
            let sign = if row == 0 || row == 3 { -1.0 } else { 1.0 };
            a[(3 - row, column)] * sign
        });
        let mut values: Vec<f64> = eigen::singular_values(&(a.transpose() * flipped)).collect();
        values.sort_by(|x, y| y.total_cmp(x));
        let rest: f64 = values.iter().skip(1).sum();
        Ok((values.first().copied().unwrap_or(0.0) - rest).max(0.0))
    }

    /// The sum of the negative eigenvalues of the partial transpose over `targets`, without sign: 1/2 for a Bell pair.
    ///
    /// (||rho^T_A||_1 - 1)/2, Vidal and Werner, doi:10.1103/PhysRevA.65.032314.
    ///
    /// # Errors
    /// Targets outside the register.
    pub fn negativity(&self, targets: &[usize]) -> Result<f64, QuantumError> {
        self.check_targets(targets)?;
        let n = self.dimension();
        let mask: usize = targets.iter().map(|t| 1 << t).sum();
        let transposed: Vec<Complex64> = (0..n * n)
            .map(|k| {
                let (row, column) = (k / n, k % n);
                let swapped = (row ^ column) & mask;
                self.entry(row ^ swapped, column ^ swapped)
            })
            .collect();
        Ok(eigen::values(&transposed, n).into_iter().map(|v| (-v).max(0.0)).sum())
    }

    /// log2 ||rho^T_A||_1 = log2(2 N + 1), in bits: 1 for a Bell pair.
    ///
    /// # Errors
    /// Targets outside the register.
    pub fn log_negativity(&self, targets: &[usize]) -> Result<f64, QuantumError> {
        Ok(ebit_random::math::log2(2.0 * self.negativity(targets)? + 1.0))
    }
}
