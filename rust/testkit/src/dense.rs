//! Dense states by brute force: every operator is written out on the whole register, every product by the book.
//!
//! Shares no loop and no formula with the engines it checks. Matrices are rows of complex numbers; qubit 0 is the least
//! significant bit of an index, the first target that of a small matrix.

use ebit_random::Stream;
use num_complex::Complex64;

pub type Matrix = Vec<Vec<Complex64>>;

const ZERO: Complex64 = Complex64::new(0.0, 0.0);

pub fn zeros(n: usize) -> Matrix {
    vec![vec![ZERO; n]; n]
}

pub fn product(a: &Matrix, b: &Matrix) -> Matrix {
    let n = a.len();
    let mut out = zeros(n);
    for i in 0..n {
        for k in (0..n).filter(|k| a[i][*k] != ZERO) {
            for j in 0..n {
                out[i][j] += a[i][k] * b[k][j];
            }
        }
    }
    out
}

pub fn dagger(a: &Matrix) -> Matrix {
    (0..a.len()).map(|i| (0..a.len()).map(|j| a[j][i].conj()).collect()).collect()
}

pub fn sum(terms: impl IntoIterator<Item = Matrix>) -> Matrix {
    let mut terms = terms.into_iter();
    let mut out = terms.next().unwrap_or_default();
    for term in terms {
        for (row, other) in out.iter_mut().zip(term) {
            row.iter_mut().zip(other).for_each(|(x, y)| *x += y);
        }
    }
    out
}

/// A small row-major matrix on these targets, as an operator of the whole register.
pub fn embed(small: &[Complex64], targets: &[usize], qubits: usize) -> Matrix {
    let n = 1usize << qubits;
    let d = 1usize << targets.len();
    let value = |index: usize| targets.iter().enumerate().map(|(k, t)| (index >> t & 1) << k).sum::<usize>();
    let rest = |index: usize| (0..qubits).filter(|q| !targets.contains(q)).map(|q| index & 1 << q).sum::<usize>();
    let entry = |i: usize, j: usize| if rest(i) == rest(j) { small[value(i) * d + value(j)] } else { ZERO };
    (0..n).map(|i| (0..n).map(|j| entry(i, j)).collect()).collect()
}

/// sum K rho K^dagger.
pub fn channel(rho: &Matrix, kraus: &[Matrix]) -> Matrix {
    sum(kraus.iter().map(|k| product(&product(k, rho), &dagger(k))))
}

/// U psi.
pub fn act(operator: &Matrix, psi: &[Complex64]) -> Vec<Complex64> {
    operator.iter().map(|row| row.iter().zip(psi).map(|(a, b)| a * b).sum()).collect()
}

/// A complex number with both parts uniform in [-1, 1).
pub fn number(stream: &mut Stream) -> Complex64 {
    let mut part = || 2.0 * stream.next_f64() - 1.0;
    Complex64::new(part(), part())
}

/// A mixed state of full rank.
pub fn random_state(qubits: usize, stream: &mut Stream) -> Matrix {
    let n = 1usize << qubits;
    let a: Matrix = (0..n).map(|_| (0..n).map(|_| number(stream)).collect()).collect();
    let mut rho = product(&a, &dagger(&a));
    let trace: f64 = (0..n).map(|k| rho[k][k].re).sum();
    rho.iter_mut().flatten().for_each(|x| *x /= trace);
    rho
}

pub fn random_vector(length: usize, stream: &mut Stream) -> Vec<Complex64> {
    let raw: Vec<Complex64> = (0..length).map(|_| number(stream)).collect();
    let norm = raw.iter().map(Complex64::norm_sqr).sum::<f64>().sqrt();
    raw.into_iter().map(|x| x / norm).collect()
}

/// `count` Kraus operators of dimension `d`, complete: the columns of one random isometry, cut into blocks.
pub fn random_kraus(d: usize, count: usize, stream: &mut Stream) -> Vec<Vec<Complex64>> {
    let mut columns: Vec<Vec<Complex64>> = Vec::new();
    for _ in 0..d {
        let mut column = random_vector(d * count, stream);
        // Twice, because once leaves rounding times the condition number.
        for _ in 0..2 {
            for other in &columns {
                let overlap: Complex64 = other.iter().zip(&column).map(|(a, b)| a.conj() * b).sum();
                column.iter_mut().zip(other).for_each(|(x, y)| *x -= overlap * y);
            }
        }
        let norm = column.iter().map(Complex64::norm_sqr).sum::<f64>().sqrt();
        columns.push(column.into_iter().map(|x| x / norm).collect());
    }
    (0..count).map(|k| (0..d * d).map(|e| columns[e % d][k * d + e / d]).collect()).collect()
}
