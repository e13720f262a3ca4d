//! The density matrix of a small register: exact, general, exponential in its size.
//!
//! Owns the storage, its checks, and reading: measurement, marginals, expectations. Gates and channels are in `channel`,
//! the distance between states in `fidelity`. Qubit 0 is the least significant bit of an index.

use num_complex::Complex64;

use crate::eigen;
use crate::error::{QuantumError, number};
use crate::operator::{ONE, ZERO, for_each_base, offsets};

pub(crate) const OBJECT: &str = "DensityMatrix";
/// The largest register: 4^10 amplitudes are 16 MB.
pub const MAX_QUBITS: usize = 10;
/// Largest error of a trace, a unitary or a positive matrix that rounding explains.
pub(crate) const TOLERANCE: f64 = 1e-9;
const TARGET_HINT: &str = "qubits are counted from 0, each named once";

/// The state of up to [`MAX_QUBITS`] qubits.
#[derive(Debug, Clone, PartialEq)]
pub struct DensityMatrix {
    qubits: usize,
    /// Row-major, 2^n x 2^n.
    pub(crate) data: Vec<Complex64>,
}

impl DensityMatrix {
    /// |0...0><0...0| on `qubits` qubits.
    ///
    /// # Errors
    /// A number of qubits outside [1, 10].
    pub fn new(qubits: usize) -> Result<Self, QuantumError> {
        if !(1..=MAX_QUBITS).contains(&qubits) {
            let range = format!("an integer in [1, {MAX_QUBITS}]");
            return Err(QuantumError::new(
                OBJECT,
                "qubits",
                range,
                qubits,
                "memory grows as 4^n; larger registers: StabilizerState",
            ));
        }
        let mut data = vec![ZERO; 1 << (2 * qubits)];
        data[0] = ONE;
        Ok(Self { qubits, data })
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
                    return Err(QuantumError::new(
                        OBJECT,
                        parameter,
                        range,
                        self.data[i * n + j],
                        "a density matrix is Hermitian",
                    ));
                }
            }
        }
        let trace = self.trace();
        if (trace - 1.0).abs() > TOLERANCE {
            return Err(QuantumError::new(
                OBJECT,
                "matrix",
                "of trace 1",
                format!("a trace of {}", number(trace)),
                "divide it by its trace",
            ));
        }
        if !eigen::is_positive(&self.data, n, TOLERANCE) {
            return Err(QuantumError::new(
                OBJECT,
                "matrix",
                "positive",
                "a negative eigenvalue",
                "probabilities cannot be negative",
            ));
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

    /// The row-major matrix.
    pub fn matrix(&self) -> &[Complex64] {
        &self.data
    }

    pub fn trace(&self) -> f64 {
        self.data.iter().step_by(self.dimension() + 1).map(|x| x.re).sum()
    }

    /// Tr(rho^2): 1 for a pure state, 2^-n for white noise.
    pub fn purity(&self) -> f64 {
        self.data.iter().map(Complex64::norm_sqr).sum()
    }

    /// Qubits inside the register, each at most once.
    pub(crate) fn check_targets(&self, targets: &[usize]) -> Result<(), QuantumError> {
        if targets.is_empty() {
            return Err(QuantumError::new(OBJECT, "targets", "at least one qubit", "none", TARGET_HINT));
        }
        for (k, target) in targets.iter().enumerate() {
            if *target >= self.qubits {
                let range = format!("in [0, {}]", self.qubits - 1);
                return Err(QuantumError::new(OBJECT, format!("targets[{k}]"), range, target, TARGET_HINT));
            }
            if targets[..k].contains(target) {
                return Err(QuantumError::new(OBJECT, format!("targets[{k}]"), "a qubit not named before", target, TARGET_HINT));
            }
        }
        Ok(())
    }

    /// The index bits of the targets in a row and in a column.
    pub(crate) fn row_bits(&self, targets: &[usize]) -> Vec<usize> {
        targets.iter().map(|t| t + self.qubits).collect()
    }

    /// The probability that a measurement of this qubit in the Z basis gives 1.
    ///
    /// # Errors
    /// A qubit outside the register.
    pub fn measure_probability(&self, qubit: usize) -> Result<f64, QuantumError> {
        self.check_targets(&[qubit])?;
        Ok(self.probability_of(qubit, true))
    }

    fn probability_of(&self, qubit: usize, outcome: bool) -> f64 {
        let diagonal = self.data.iter().step_by(self.dimension() + 1).enumerate();
        diagonal.filter(|(k, _)| ((k >> qubit) & 1 == 1) == outcome).map(|(_, x)| x.re).sum()
    }

    /// Projects this qubit on |outcome>, renormalizes, and returns the probability of that outcome.
    ///
    /// # Errors
    /// A qubit outside the register, or an outcome of probability zero.
    pub fn collapse(&mut self, qubit: usize, outcome: bool) -> Result<f64, QuantumError> {
        self.check_targets(&[qubit])?;
        let probability = self.probability_of(qubit, outcome);
        if probability.is_nan() || probability <= 0.0 {
            return Err(QuantumError::new(OBJECT, "outcome", "possible", u8::from(outcome), "its probability is zero"));
        }
        let wanted = usize::from(outcome);
        for (k, x) in self.data.iter_mut().enumerate() {
            let matches = (k >> qubit) & 1 == wanted && (k >> (qubit + self.qubits)) & 1 == wanted;
            *x = if matches { *x / probability } else { ZERO };
        }
        Ok(probability)
    }

    /// The state of the kept qubits; `keep[k]` becomes qubit k.
    ///
    /// # Errors
    /// A qubit outside the register or named twice, or none.
    pub fn partial_trace(&self, keep: &[usize]) -> Result<Self, QuantumError> {
        self.check_targets(keep)?;
        let rows = offsets(&self.row_bits(keep));
        let columns = offsets(keep);
        let n = self.dimension();
        let mut data = vec![ZERO; rows.len() * columns.len()];
        for_each_base(n, keep, |traced| {
            let base = traced * (n + 1);
            for (i, row) in rows.iter().enumerate() {
                for (j, column) in columns.iter().enumerate() {
                    data[i * columns.len() + j] += self.data[base + row + column];
                }
            }
        });
        Ok(Self { qubits: keep.len(), data })
    }

    /// The expectation value of a Pauli string: character k acts on qubit k; "_" and "I" read alike.
    ///
    /// # Errors
    /// A string of another length, or another letter.
    pub fn expectation(&self, paulis: &str) -> Result<f64, QuantumError> {
        let hint = "one of I, _, X, Y, Z for each qubit";
        if paulis.chars().count() != self.qubits {
            let range = format!("{} characters", self.qubits);
            return Err(QuantumError::new(OBJECT, "paulis", range, format!("'{paulis}'"), hint));
        }
        let (mut flip, mut phase) = (0usize, 0usize);
        let mut count_y = 0;
        for (k, letter) in paulis.chars().enumerate() {
            let bit = 1 << k;
            match letter {
                'I' | '_' => {}
                'X' => flip |= bit,
                'Z' => phase |= bit,
                'Y' => {
                    flip |= bit;
                    phase |= bit;
                    count_y += 1;
                }
                _ => return Err(QuantumError::new(OBJECT, "paulis", "of the letters I _ X Y Z", format!("'{letter}'"), hint)),
            }
        }
        // Y = i X Z, so P|k> = i^y (-1)^(k.phase) |k ^ flip>, and Tr(rho P) = sum_k rho[k][k ^ flip] <k ^ flip|P|k>.
        let n = self.dimension();
        let sum: Complex64 = (0..n)
            .map(|k| {
                let entry = self.data[k * n + (k ^ flip)];
                if (k & phase).count_ones() % 2 == 1 { -entry } else { entry }
            })
            .sum();
        Ok((sum * Complex64::i().powu(count_y)).re)
    }
}
