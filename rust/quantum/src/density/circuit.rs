//! Circuits on a density matrix: noise is exact and draws nothing, measurements collapse.

use ebit_random::Stream;
use num_complex::Complex64;

use super::{DensityMatrix, OBJECT};
use crate::circuit::{Engine, PauliTerm, even_terms};
use crate::error::QuantumError;
use crate::gate::Gate;
use crate::operator::{self, PauliWord};
use crate::pauli::Pauli;

impl Engine for DensityMatrix {
    const OBJECT: &'static str = OBJECT;

    fn num_qubits(&self) -> usize {
        self.qubits()
    }

    fn gate(&mut self, gate: Gate, targets: [usize; 2]) -> Result<(), QuantumError> {
        self.gate(gate, &targets[..gate.qubits()])
    }

    fn unitary(&mut self, matrix: &[Complex64], targets: &[usize]) -> Result<(), QuantumError> {
        self.apply(matrix, targets)
    }

    fn measure(&mut self, product: &[(usize, Pauli)], stream: &mut Stream) -> Result<bool, QuantumError> {
        if let [(qubit, Pauli::Z)] = *product {
            let outcome = stream.bernoulli(self.measure_probability(qubit)?);
            return self.collapse(qubit, outcome).map(|_| outcome);
        }
        let word = PauliWord::of(product);
        let minus = 0.5 * (1.0 - self.expectation_of(word));
        let outcome = stream.bernoulli(minus);
        self.project(word, outcome, if outcome { minus } else { 1.0 - minus })?;
        Ok(outcome)
    }

    fn reset(&mut self, qubit: usize, basis: Pauli, _: &mut Stream) -> Result<(), QuantumError> {
        self.reset(qubit)?;
        match basis {
            Pauli::X => self.h(qubit),
            Pauli::Y => self.gate(Gate::Hyz, &[qubit]),
            _ => Ok(()),
        }
    }

    fn clear(&mut self) -> bool {
        self.data.fill(operator::ZERO);
        self.data[0] = operator::ONE;
        true
    }

    fn depolarize(&mut self, p: f64, targets: &[usize], stream: &mut Stream) -> Result<(), QuantumError> {
        // An even choice of all 4^k words with I among them is I/d; more errors than that are no mixture with it.
        let words = (1 << (2 * targets.len())) as f64;
        let weight = p * words / (words - 1.0);
        if weight > 1.0 {
            return self.noise(&even_terms(p, targets.len()), targets, stream);
        }
        self.depolarize(weight, targets)
    }

    fn noise(&mut self, terms: &[PauliTerm], targets: &[usize], _: &mut Stream) -> Result<(), QuantumError> {
        let mut probabilities = vec![0.0; 1 << (2 * targets.len())];
        for term in terms {
            let digit = |p: &Pauli| Pauli::ALL.iter().position(|q| q == p).unwrap_or(0);
            let word: usize = term.paulis.iter().enumerate().map(|(k, p)| digit(p) << (2 * k)).sum();
            probabilities[word] += term.probability;
        }
        probabilities[0] = 0.0;
        probabilities[0] = (1.0 - probabilities.iter().sum::<f64>()).max(0.0);
        self.pauli_channel(&probabilities, targets)
    }
}

impl DensityMatrix {
    /// Projects on the eigenspace of a Pauli word, -1 if `minus`, whose probability is given.
    fn project(&mut self, word: PauliWord, minus: bool, probability: f64) -> Result<(), QuantumError> {
        if probability.is_nan() || probability <= 0.0 {
            return Err(QuantumError::impossible(OBJECT, "outcome", u8::from(!minus).to_string(), u8::from(minus)));
        }
        // (1 +- P) rho (1 +- P)/4 = (rho + P rho P +- (P rho + rho P))/4.
        let n = self.dimension();
        let sign = if minus { -1.0 } else { 1.0 };
        let scale = 0.25 / probability;
        let mut out = vec![operator::ZERO; n * n];
        for row in 0..n {
            let (left, other_row) = (word.image(row), row ^ word.flip);
            for column in row..n {
                // P|k ^ flip> = phase(k)|k>: <row|P = phase <row ^ flip|.
                let (right, other_column) = (word.image(column).conj(), column ^ word.flip);
                let both = left * right * self.entry(other_row, other_column);
                let one = left * self.entry(other_row, column) + right * self.entry(row, other_column);
                let x = (self.entry(row, column) + both + sign * one) * scale;
                out[row * n + column] = x;
                out[column * n + row] = x.conj();
            }
        }
        self.data = out;
        Ok(())
    }
}
