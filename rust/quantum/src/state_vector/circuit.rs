//! Circuits on a state vector: noise is one drawn error, measurements collapse.

use ebit_random::Stream;
use num_complex::Complex64;

use super::{OBJECT, StateVector};
use crate::circuit::Engine;
use crate::error::QuantumError;
use crate::gate::Gate;
use crate::operator::PauliWord;
use crate::pauli::Pauli;

impl Engine for StateVector {
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
        let probability = if outcome { minus } else { 1.0 - minus };
        if probability.is_nan() || probability <= 0.0 {
            return Err(QuantumError::impossible(OBJECT, "outcome", u8::from(!outcome).to_string(), u8::from(outcome)));
        }
        self.project(word, outcome, 0.5 / probability.sqrt());
        Ok(outcome)
    }
}

impl StateVector {
    /// psi -> scale (1 +- P) psi.
    fn project(&mut self, word: PauliWord, minus: bool, scale: f64) {
        let sign = if minus { -scale } else { scale };
        for k in 0..self.data.len() {
            let other = k ^ word.flip;
            if k > other {
                continue;
            }
            let (x, y): (Complex64, Complex64) = (self.data[k], self.data[other]);
            self.data[k] = x * scale + word.image(k) * y * sign;
            if other != k {
                self.data[other] = y * scale + word.image(other) * x * sign;
            }
        }
    }
}
