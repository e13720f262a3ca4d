//! Eigenvalues, singular values and roots of dense matrices, from nalgebra; positivity, by Cholesky.
//!
//! Own Jacobi rotations took minutes from nine qubits on; nalgebra's are Householder's and QL's, in no time.

use nalgebra::DMatrix;
use num_complex::Complex64;

type Matrix = DMatrix<Complex64>;

fn dense(matrix: &[Complex64], n: usize) -> Matrix {
    Matrix::from_row_slice(n, n, matrix)
}

/// Eigenvalues (unsorted) and eigenvectors (column k of the row-major matrix belongs to eigenvalue k) of a Hermitian matrix.
pub(crate) fn hermitian(matrix: &[Complex64], n: usize) -> (Vec<f64>, Vec<Complex64>) {
    let eigen = dense(matrix, n).symmetric_eigen();
    // Columns come first in nalgebra's memory; the transpose's columns are our rows.
    (eigen.eigenvalues.as_slice().to_vec(), eigen.eigenvectors.transpose().as_slice().to_vec())
}

/// Eigenvalues of a Hermitian matrix, unsorted.
pub(crate) fn values(matrix: &[Complex64], n: usize) -> Vec<f64> {
    dense(matrix, n).symmetric_eigenvalues().as_slice().to_vec()
}

/// A with A A^dagger = the positive `matrix`; directions whose eigenvalue is rounding are left out.
pub(crate) fn root(matrix: &[Complex64], n: usize) -> Matrix {
    let (values, vectors) = hermitian(matrix, n);
    let rounding = n as f64 * f64::EPSILON * values.iter().fold(0.0_f64, |a, b| a.max(*b));
    let kept: Vec<usize> = (0..n).filter(|k| values[*k] > rounding).collect();
    Matrix::from_fn(n, kept.len(), |row, k| vectors[row * n + kept[k]] * values[kept[k]].sqrt())
}

/// A^dagger B.
pub(crate) fn adjoint_product(a: &Matrix, b: &Matrix) -> Matrix {
    a.ad_mul(b)
}

pub(crate) fn singular_values(matrix: &Matrix) -> impl Iterator<Item = f64> {
    matrix.singular_values().as_slice().to_vec().into_iter()
}

/// Whether the Hermitian `matrix` + `shift` I is positive definite (Cholesky runs to its end).
pub(crate) fn is_positive(matrix: &[Complex64], n: usize, shift: f64) -> bool {
    let mut l = matrix.to_vec();
    for k in 0..n {
        let (above, below) = l.split_at_mut((k + 1) * n);
        let row = &mut above[k * n..];
        let pivot = row[k].re + shift - row[..k].iter().map(Complex64::norm_sqr).sum::<f64>();
        if pivot.is_nan() || pivot <= 0.0 {
            return false;
        }
        let root = pivot.sqrt();
        row[k] = Complex64::new(root, 0.0);
        for other in below.chunks_exact_mut(n) {
            let done: Complex64 = other[..k].iter().zip(&row[..k]).map(|(x, y)| x * y.conj()).sum();
            other[k] = (other[k] - done) / root;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operator::{ONE, ZERO};

    #[test]
    fn pauli_y_has_eigenvalues_of_one() {
        let i = Complex64::new(0.0, 1.0);
        let (mut values, vectors) = hermitian(&[ZERO, -i, i, ZERO], 2);
        let image = -i * vectors[2];
        assert!((image - vectors[0] * values[0]).norm_sqr() < 1e-30);
        values.sort_by(f64::total_cmp);
        assert!((values[0] + 1.0).abs() < 1e-15 && (values[1] - 1.0).abs() < 1e-15);
    }

    #[test]
    fn positivity_sees_the_smallest_eigenvalue() {
        let matrix = [ONE * 0.5, ONE * 0.5001, ONE * 0.5001, ONE * 0.5];
        assert!(!is_positive(&matrix, 2, 0.9e-4));
        assert!(is_positive(&matrix, 2, 1.1e-4));
    }

    #[test]
    fn a_root_multiplies_back() {
        let i = Complex64::new(0.0, 1.0);
        let matrix = [ONE * 0.7, 0.2 * i, -0.2 * i, ONE * 0.3];
        let a = root(&matrix, 2);
        let back = &a * a.adjoint();
        assert!((0..4).all(|k| (back[(k / 2, k % 2)] - matrix[k]).norm_sqr() < 1e-30));
    }
}
