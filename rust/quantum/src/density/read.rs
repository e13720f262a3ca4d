//! What is read from a density matrix: probabilities, marginals, expectations; and the collapse that reading causes.

use num_complex::Complex64;

use super::qubit_map::QubitMap;
use super::{DensityMatrix, OBJECT};
use crate::error::QuantumError;
use crate::operator::{PauliWord, ZERO, for_each_base, offsets, parse_paulis};

impl DensityMatrix {
    pub fn trace(&self) -> f64 {
        self.data.iter().step_by(self.dimension() + 1).map(|x| x.re).sum()
    }

    /// Tr(rho^2): 1 for a pure state, 2^-n for white noise.
    pub fn purity(&self) -> f64 {
        self.upper().map(|(diagonal, x)| if diagonal { x.norm_sqr() } else { 2.0 * x.norm_sqr() }).sum()
    }

    /// Tr(rho sigma).
    ///
    /// # Errors
    /// States of different sizes.
    pub fn overlap(&self, other: &Self) -> Result<f64, QuantumError> {
        self.check_same_size(other)?;
        let terms = self.upper().zip(other.upper());
        Ok(terms.map(|((diagonal, x), (_, y))| (x * y.conj()).re * if diagonal { 1.0 } else { 2.0 }).sum())
    }

    /// The probabilities of the 2^n outcomes of measuring all qubits in the Z basis.
    pub fn probabilities(&self) -> Vec<f64> {
        self.data.iter().step_by(self.dimension() + 1).map(|x| x.re).collect()
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
        let step = self.dimension() + 1;
        let (from, run) = (usize::from(outcome) << qubit, 1usize << qubit);
        let starts = (from..self.dimension()).step_by(2 * run);
        starts.map(|k| self.data[k * step..].iter().step_by(step).take(run).map(|x| x.re).sum::<f64>()).sum()
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
        let (gone, kept) = (0.0, 1.0 / probability);
        let p = if outcome { [gone, 0.0, 0.0, kept] } else { [kept, 0.0, 0.0, gone] };
        self.map_qubit(qubit, QubitMap::Split { p, e: 0.0 });
        Ok(probability)
    }

    /// Measures these qubits in the Z basis and forgets the outcomes: coherence between 0 and 1 is lost.
    ///
    /// # Errors
    /// Targets outside the register.
    pub fn measure_nonselective(&mut self, targets: &[usize]) -> Result<(), QuantumError> {
        self.check_targets(targets)?;
        for target in targets {
            self.map_qubit(*target, QubitMap::phase(0.0));
        }
        Ok(())
    }

    /// Forgets this qubit and prepares it in |0>.
    ///
    /// # Errors
    /// A qubit outside the register.
    pub fn reset(&mut self, qubit: usize) -> Result<(), QuantumError> {
        self.check_targets(&[qubit])?;
        self.map_qubit(qubit, QubitMap::Split { p: [1.0, 1.0, 0.0, 0.0], e: 0.0 });
        Ok(())
    }

    /// The state of the kept qubits; `keep[k]` becomes qubit k.
    ///
    /// # Errors
    /// A qubit outside the register or named twice, or none.
    pub fn partial_trace(&self, keep: &[usize]) -> Result<Self, QuantumError> {
        self.check_targets(keep)?;
        let kept = offsets(keep);
        let mut data = vec![ZERO; kept.len() * kept.len()];
        for_each_base(self.dimension(), keep, |traced| {
            for (i, row) in kept.iter().enumerate() {
                for (j, column) in kept.iter().enumerate() {
                    data[i * kept.len() + j] += self.entry(traced + row, traced + column);
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
        Ok(self.expectation_of(parse_paulis(OBJECT, paulis, self.qubits)?))
    }

    pub(crate) fn expectation_of(&self, word: PauliWord) -> f64 {
        // Y = i X Z, so P|k> = i^y (-1)^(k.phase) |k ^ flip>, and Tr(rho P) = sum_k rho[k][k ^ flip] <k ^ flip|P|k>.
        let sum: Complex64 = (0..self.dimension())
            .map(|k| {
                let entry = self.entry(k, k ^ word.flip);
                if (k & word.phase).count_ones() % 2 == 1 { -entry } else { entry }
            })
            .sum();
        (sum * Complex64::i().powu(word.count_y)).re
    }
}
