//! How close two density matrices are.

use num_complex::Complex64;

use super::DensityMatrix;
use crate::eigen;
use crate::error::QuantumError;
use crate::operator::ZERO;

/// Below this distance of a purity from 1 a state is pure up to rounding.
const PURE: f64 = 1e-13;

impl DensityMatrix {
    /// Uhlmann's fidelity (Tr sqrt(sqrt(rho) sigma sqrt(rho)))^2, which is <psi|rho|psi> when one state is pure.
    ///
    /// With rho = A A^dagger and sigma = B B^dagger it is the square of the sum of the singular values of A^dagger B
    /// (Jozsa, doi:10.1080/09500349414552171). Accurate to about 1e-8 where both states are mixed and nearly singular: the
    /// root of a rounding error is that large.
    ///
    /// # Errors
    /// States of different sizes.
    pub fn fidelity(&self, other: &Self) -> Result<f64, QuantumError> {
        if self.check_same_size(other).is_ok() && self.purity().max(other.purity()) > 1.0 - PURE {
            return self.overlap(other);
        }
        self.check_same_size(other)?;
        let n = self.dimension();
        let (a, b) = (eigen::root(&self.matrix(), n), eigen::root(&other.matrix(), n));
        let sum: f64 = eigen::singular_values(&eigen::adjoint_product(&a, &b)).sum();
        Ok(sum * sum)
    }

    /// Half the sum of the absolute eigenvalues of rho - sigma: 0 for equal states, 1 for perfectly distinguishable ones.
    ///
    /// # Errors
    /// States of different sizes.
    pub fn trace_distance(&self, other: &Self) -> Result<f64, QuantumError> {
        self.check_same_size(other)?;
        let n = self.dimension();
        let mut difference: Vec<Complex64> = vec![ZERO; n * n];
        for (k, x) in difference.iter_mut().enumerate() {
            *x = self.entry(k / n, k % n) - other.entry(k / n, k % n);
        }
        Ok(0.5 * eigen::values(&difference, n).iter().map(|v| v.abs()).sum::<f64>())
    }
}
