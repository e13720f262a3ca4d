//! How close two density matrices are.

use num_complex::Complex64;

use crate::density::{DensityMatrix, OBJECT};
use crate::eigen;
use crate::error::QuantumError;
use crate::operator::{ZERO, product};

/// Below this distance of a purity from 1 a state is pure up to rounding.
const PURE: f64 = 1e-13;

impl DensityMatrix {
    /// Uhlmann's fidelity (Tr sqrt(sqrt(rho) sigma sqrt(rho)))^2, which is <psi|rho|psi> when one state is pure.
    ///
    /// Accurate to about 1e-8 where both states are mixed and nearly singular: the root of a rounding error is that large.
    ///
    /// # Errors
    /// States of different sizes.
    pub fn fidelity(&self, other: &Self) -> Result<f64, QuantumError> {
        if self.qubits() != other.qubits() {
            let range = format!("a state of {} qubits", self.qubits());
            return Err(QuantumError::new(OBJECT, "other", range, format!("{} qubits", other.qubits()), ""));
        }
        if self.purity().max(other.purity()) > 1.0 - PURE {
            return Ok(self.data.iter().zip(&other.data).map(|(x, y)| (x * y.conj()).re).sum());
        }
        let n = self.dimension();
        let root = square_root(&self.data, n);
        let (values, _) = eigen::hermitian(&product(&product(&root, &other.data, n), &root, n), n);
        let sum: f64 = values.iter().map(|v| v.max(0.0).sqrt()).sum();
        Ok(sum * sum)
    }
}

/// The positive square root of a positive matrix; eigenvalues below zero are rounding.
fn square_root(matrix: &[Complex64], n: usize) -> Vec<Complex64> {
    let (values, vectors) = eigen::hermitian(matrix, n);
    let mut root = vec![ZERO; n * n];
    for (k, value) in values.iter().enumerate() {
        let scale = value.max(0.0).sqrt();
        for i in 0..n {
            let left = vectors[i * n + k] * scale;
            for j in 0..n {
                root[i * n + j] += left * vectors[j * n + k].conj();
            }
        }
    }
    root
}
