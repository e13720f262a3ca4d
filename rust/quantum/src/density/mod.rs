//! The density matrix of a small register: exact, general, exponential in its size.
//!
//! Owns the storage and its checks. What happens to a state is in `apply`, `channel` and `gates`, what is read from it in
//! `read` and `entanglement`. Qubit 0 is the least significant bit of an index.
//!
//! ```text
//!     from HALF_FROM qubits on only the upper triangle means anything:
//!
//!     row r   [ stale | r r r r r r r ]      the rest is its conjugate, written where somebody needs it;
//!                                            loops over half the matrix take half the time
//! ```

mod apply;
mod channel;
mod circuit;
mod entanglement;
mod fidelity;
mod gates;
mod qubit_map;
mod read;
mod small;
mod sweep;
mod work;

use num_complex::Complex64;

pub(crate) use apply::DensityAction;
pub(crate) use qubit_map::QubitMap;

use crate::eigen;
use crate::error::{QuantumError, number};
use crate::operator::ONE;

pub(crate) const OBJECT: &str = "DensityMatrix";
/// The largest register: 4^13 amplitudes are 1 GiB.
pub const MAX_QUBITS: usize = 13;
/// From here on loops run over the upper triangle only; below, a whole row is a few vectors.
pub(crate) const HALF_FROM: usize = 6;
/// Largest error of a trace, a unitary or a positive matrix that rounding explains.
pub(crate) const TOLERANCE: f64 = 1e-9;
/// Rows and columns of a tile when an order of rows meets an order of columns.
const TILE: usize = 16;

/// The state of up to [`MAX_QUBITS`] qubits.
#[derive(Debug, Clone)]
pub struct DensityMatrix {
    qubits: usize,
    /// Row-major, 2^n x 2^n; from [`HALF_FROM`] qubits on the entries below the diagonal are stale.
    pub(crate) data: Vec<Complex64>,
}

/// Equal where both mean something.
impl PartialEq for DensityMatrix {
    fn eq(&self, other: &Self) -> bool {
        self.qubits == other.qubits && self.upper().zip(other.upper()).all(|((_, x), (_, y))| x == y)
    }
}

impl DensityMatrix {
    /// |0...0><0...0| on `qubits` qubits.
    ///
    /// # Errors
    /// A number of qubits outside [1, 13], or more memory than there is.
    pub fn new(qubits: usize) -> Result<Self, QuantumError> {
        let mut data = Self::zeros(qubits)?;
        data[0] = ONE;
        Ok(Self { qubits, data })
    }

    fn zeros(qubits: usize) -> Result<Vec<Complex64>, QuantumError> {
        if !(1..=MAX_QUBITS).contains(&qubits) {
            let range = format!("an integer in [1, {MAX_QUBITS}]");
            let hint = "memory grows as 4^n; larger registers: StateVector, StabilizerState";
            return Err(QuantumError::new(OBJECT, "qubits", range, qubits, hint));
        }
        crate::memory::zeros(OBJECT, qubits, 2 * qubits)
    }

    /// From a row-major 2^n x 2^n matrix.
    ///
    /// # Errors
    /// A size that is no register's, or a matrix that is not Hermitian, of trace 1 and positive, within 1e-9.
    pub fn from_matrix(data: Vec<Complex64>) -> Result<Self, QuantumError> {
        let qubits = (data.len().max(1).ilog2() / 2) as usize;
        if !(1..=MAX_QUBITS).contains(&qubits) || data.len() != 1 << (2 * qubits) {
            let range = format!("4^n entries for n in [1, {MAX_QUBITS}]");
            return Err(QuantumError::new(OBJECT, "matrix", range, format!("{} entries", data.len()), "row-major, 2^n x 2^n"));
        }
        let state = Self { qubits, data };
        state.check()?;
        Ok(state)
    }

    /// |psi><psi| of normalized amplitudes.
    pub(crate) fn of_pure(qubits: usize, amplitudes: &[Complex64]) -> Result<Self, QuantumError> {
        let mut data = Self::zeros(qubits)?;
        for (row, a) in data.chunks_exact_mut(amplitudes.len()).zip(amplitudes) {
            row.iter_mut().zip(amplitudes).for_each(|(x, b)| *x = a * b.conj());
        }
        Ok(Self { qubits, data })
    }

    fn check(&self) -> Result<(), QuantumError> {
        let n = self.dimension();
        if let Some(bad) = self.data.iter().find(|x| !(x.re.is_finite() && x.im.is_finite())) {
            return Err(QuantumError::new(OBJECT, "matrix", "finite", bad, ""));
        }
        for i in 0..n {
            for j in 0..=i {
                let asymmetry = (self.data[i * n + j] - self.data[j * n + i].conj()).norm_sqr().sqrt();
                if asymmetry > TOLERANCE {
                    let parameter = format!("matrix[{i}][{j}]");
                    let range = format!("the conjugate of matrix[{j}][{i}] = {}", self.data[j * n + i]);
                    let value = self.data[i * n + j];
                    return Err(QuantumError::new(OBJECT, parameter, range, value, "a density matrix is Hermitian"));
                }
            }
        }
        let trace = self.trace();
        if (trace - 1.0).abs() > TOLERANCE {
            let value = format!("a trace of {}", number(trace));
            return Err(QuantumError::new(OBJECT, "matrix", "of trace 1", value, "divide it by its trace"));
        }
        if !eigen::is_positive(&self.data, n, TOLERANCE) {
            let hint = "probabilities cannot be negative";
            return Err(QuantumError::new(OBJECT, "matrix", "positive", "a negative eigenvalue", hint));
        }
        Ok(())
    }

    pub fn qubits(&self) -> usize {
        self.qubits
    }

    /// 2^n.
    pub fn dimension(&self) -> usize {
        1 << self.qubits
    }

    /// Whether entries below the diagonal are stale.
    pub(crate) fn is_half(&self) -> bool {
        self.qubits >= HALF_FROM
    }

    /// One entry.
    pub fn entry(&self, row: usize, column: usize) -> Complex64 {
        let n = self.dimension();
        if row <= column { self.data[row * n + column] } else { self.data[column * n + row].conj() }
    }

    /// The row-major matrix, both triangles.
    pub fn matrix(&self) -> Vec<Complex64> {
        let mut whole = self.clone();
        whole.complete();
        whole.data
    }

    /// Writes the lower triangle where it is stale.
    pub(crate) fn complete(&mut self) {
        if !self.is_half() {
            return;
        }
        let n = self.dimension();
        for rows in (0..n).step_by(TILE) {
            for columns in (0..=rows).step_by(TILE) {
                for i in rows..(rows + TILE).min(n) {
                    for j in columns..(columns + TILE).min(i) {
                        self.data[i * n + j] = self.data[j * n + i].conj();
                    }
                }
            }
        }
    }

    /// The entries of the upper triangle, with true for those on the diagonal.
    fn upper(&self) -> impl Iterator<Item = (bool, Complex64)> + '_ {
        let n = self.dimension();
        self.data.chunks_exact(n).enumerate().flat_map(|(r, row)| row[r..].iter().enumerate().map(|(k, x)| (k == 0, *x)))
    }

    /// Qubits inside the register, each at most once.
    pub(crate) fn check_targets(&self, targets: &[usize]) -> Result<(), QuantumError> {
        crate::operator::check_targets(OBJECT, targets, self.qubits)
    }

    /// The index bits of the targets in a row.
    pub(crate) fn row_bits(&self, targets: &[usize]) -> Vec<usize> {
        targets.iter().map(|t| t + self.qubits).collect()
    }

    pub(crate) fn check_same_size(&self, other: &Self) -> Result<(), QuantumError> {
        if self.qubits == other.qubits {
            return Ok(());
        }
        let range = format!("a state of {} qubits", self.qubits);
        Err(QuantumError::new(OBJECT, "other", range, format!("{} qubits", other.qubits), ""))
    }
}
