//! Eigenvalues and eigenvectors of a Hermitian matrix, by Jacobi rotations; positivity, by Cholesky.
//!
//! Jacobi is slow (a few n^3 per sweep, about eight sweeps) and accurate to the last bits, which is what the fidelity
//! between two mixed states needs; nothing hot comes here.

use num_complex::Complex64;

use crate::operator::{ONE, ZERO};

const MAX_SWEEPS: usize = 60;
/// Squared entries below this share of the squared norm are zero: the phase of a subnormal number is not of size 1.
const NEGLIGIBLE: f64 = 1e-40;

/// Eigenvalues (unsorted) and eigenvectors (column k of the row-major matrix belongs to eigenvalue k).
pub(crate) fn hermitian(matrix: &[Complex64], n: usize) -> (Vec<f64>, Vec<Complex64>) {
    let mut a = matrix.to_vec();
    let mut vectors = vec![ZERO; n * n];
    for k in 0..n {
        vectors[k * n + k] = ONE;
    }
    let total: f64 = a.iter().map(Complex64::norm_sqr).sum();
    for _ in 0..MAX_SWEEPS {
        let off: f64 =
            (0..n).flat_map(|i| (0..n).map(move |j| (i, j))).filter(|(i, j)| i != j).map(|(i, j)| a[i * n + j].norm_sqr()).sum();
        if off <= 1e-32 * total {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                rotate(&mut a, &mut vectors, n, p, q, NEGLIGIBLE * total);
            }
        }
    }
    ((0..n).map(|k| a[k * n + k].re).collect(), vectors)
}

/// One rotation that zeroes a[p][q]: a real Jacobi rotation after the phase of a[p][q] has been moved into column q.
fn rotate(a: &mut [Complex64], vectors: &mut [Complex64], n: usize, p: usize, q: usize, negligible: f64) {
    let square = a[p * n + q].norm_sqr();
    if square <= negligible {
        return;
    }
    let size = square.sqrt();
    let phase = a[p * n + q].conj() / size;
    let tau = (a[q * n + q].re - a[p * n + p].re) / (2.0 * size);
    let tangent = if tau >= 0.0 { 1.0 } else { -1.0 } / (tau.abs() + (1.0 + tau * tau).sqrt());
    let cosine = 1.0 / (1.0 + tangent * tangent).sqrt();
    let sine = tangent * cosine;
    for columns in [&mut *a, vectors] {
        for row in columns.chunks_exact_mut(n) {
            let (x, y) = (row[p], row[q] * phase);
            row[p] = x * cosine - y * sine;
            row[q] = x * sine + y * cosine;
        }
    }
    for k in 0..n {
        let (x, y) = (a[p * n + k], a[q * n + k] * phase.conj());
        a[p * n + k] = x * cosine - y * sine;
        a[q * n + k] = x * sine + y * cosine;
    }
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
}
