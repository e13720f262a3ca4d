//! What is read from a state vector, and the collapse that reading causes.

use num_complex::Complex64;

use super::{OBJECT, StateVector};
use crate::density::DensityMatrix;
use crate::error::QuantumError;
use crate::operator::{PauliWord, ZERO, for_each_base, offsets, parse_paulis};

/// Sums are taken over blocks of this many amplitudes, then over blocks: errors stay small on long vectors.
const BLOCK: usize = 1 << 12;

fn sum(terms: &[Complex64], weight: impl Fn(usize, Complex64) -> f64) -> f64 {
    let blocks = terms.chunks(BLOCK).enumerate();
    blocks.map(|(b, block)| block.iter().enumerate().map(|(k, x)| weight(b * BLOCK + k, *x)).sum::<f64>()).sum()
}

impl StateVector {
    /// <psi|psi>: 1, up to rounding.
    pub fn norm(&self) -> f64 {
        sum(&self.data, |_, x| x.norm_sqr())
    }

    /// The probabilities of the 2^n outcomes of measuring all qubits in the Z basis.
    pub fn probabilities(&self) -> Vec<f64> {
        self.data.iter().map(Complex64::norm_sqr).collect()
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
        let (from, run) = (usize::from(outcome) << qubit, 1usize << qubit);
        if run >= BLOCK {
            return self.data.chunks_exact(2 * run).map(|block| sum(&block[from..from + run], |_, x| x.norm_sqr())).sum();
        }
        let wanted = usize::from(outcome);
        sum(&self.data, |k, x| if (k >> qubit) & 1 == wanted { x.norm_sqr() } else { 0.0 })
    }

    /// Projects this qubit on |outcome>, renormalizes, and returns the probability of that outcome.
    ///
    /// # Errors
    /// A qubit outside the register, or an outcome of probability zero.
    pub fn collapse(&mut self, qubit: usize, outcome: bool) -> Result<f64, QuantumError> {
        self.check_targets(&[qubit])?;
        let probability = self.probability_of(qubit, outcome);
        if probability.is_nan() || probability <= 0.0 {
            return Err(QuantumError::impossible(OBJECT, "outcome", u8::from(!outcome).to_string(), u8::from(outcome)));
        }
        let scale = 1.0 / probability.sqrt();
        for block in self.data.chunks_exact_mut(2 << qubit) {
            let (zeros, ones) = block.split_at_mut(1 << qubit);
            let (kept, gone) = if outcome { (ones, zeros) } else { (zeros, ones) };
            kept.iter_mut().for_each(|x| *x *= scale);
            gone.fill(ZERO);
        }
        Ok(probability)
    }

    /// <self|other>.
    ///
    /// # Errors
    /// States of different sizes.
    pub fn inner(&self, other: &Self) -> Result<Complex64, QuantumError> {
        if self.qubits != other.qubits {
            let range = format!("a state of {} qubits", self.qubits);
            return Err(QuantumError::new(OBJECT, "other", range, format!("{} qubits", other.qubits), ""));
        }
        let blocks = self.data.chunks(BLOCK).zip(other.data.chunks(BLOCK));
        Ok(blocks.map(|(a, b)| a.iter().zip(b).map(|(x, y)| x.conj() * y).sum::<Complex64>()).sum())
    }

    /// |<self|other>|^2.
    ///
    /// # Errors
    /// States of different sizes.
    pub fn fidelity(&self, other: &Self) -> Result<f64, QuantumError> {
        Ok(self.inner(other)?.norm_sqr())
    }

    /// The expectation value of a Pauli string: character k acts on qubit k; "_" and "I" read alike.
    ///
    /// # Errors
    /// A string of another length, or another letter.
    pub fn expectation(&self, paulis: &str) -> Result<f64, QuantumError> {
        Ok(self.expectation_of(parse_paulis(OBJECT, paulis, self.qubits)?))
    }

    pub(crate) fn expectation_of(&self, word: PauliWord) -> f64 {
        // Y = i X Z, so P|k> = i^y (-1)^(k.phase) |k ^ flip>.
        let turn = Complex64::i().powu(word.count_y);
        sum(&self.data, |k, x| {
            let term = (self.data[k ^ word.flip].conj() * x * turn).re;
            if (k & word.phase).count_ones() % 2 == 1 { -term } else { term }
        })
    }

    /// The state of the kept qubits, the others traced out; `keep[k]` becomes qubit k.
    ///
    /// # Errors
    /// A qubit outside the register or named twice, none, or more than a density matrix holds.
    pub fn partial_trace(&self, keep: &[usize]) -> Result<DensityMatrix, QuantumError> {
        self.check_targets(keep)?;
        let mut out = DensityMatrix::new(keep.len())?;
        out.data.copy_from_slice(&self.reduced(keep));
        Ok(out)
    }

    /// The row-major matrix of the state of these qubits.
    pub(super) fn reduced(&self, keep: &[usize]) -> Vec<Complex64> {
        let kept = offsets(keep);
        let d = kept.len();
        let mut matrix = vec![ZERO; d * d];
        let mut gathered = vec![ZERO; d];
        for_each_base(self.data.len(), keep, |base| {
            for (x, offset) in gathered.iter_mut().zip(&kept) {
                *x = self.data[base + offset];
            }
            for (row, x) in matrix.chunks_exact_mut(d).zip(&gathered) {
                row.iter_mut().zip(&gathered).for_each(|(entry, y)| *entry += x * y.conj());
            }
        });
        matrix
    }
}
