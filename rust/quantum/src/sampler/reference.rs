//! The reference shot: one noiseless run on a stabilizer state, from which all shots differ by their frames.

use ebit_random::{Purpose, Stream};
use num_complex::Complex64;

use crate::circuit::{Circuit, Engine, OBJECT, execute};
use crate::error::QuantumError;
use crate::gate::Gate;
use crate::pauli::Pauli;
use crate::pauli_string::PauliString;
use crate::stabilizer::StabilizerState;

/// Its random outcomes are the same for every call: the frames make them random.
pub fn reference(circuit: &Circuit) -> Result<Vec<bool>, QuantumError> {
    let quiet = circuit.without_noise();
    let mut state = Noiseless(StabilizerState::new(quiet.num_qubits().max(1), 0)?);
    execute(&quiet, &mut state, &mut Stream::new(0, 0, 0, Purpose::Frame))
}

struct Noiseless(StabilizerState);

impl Engine for Noiseless {
    const OBJECT: &'static str = OBJECT;

    fn num_qubits(&self) -> usize {
        self.0.qubits()
    }

    fn gate(&mut self, gate: Gate, [first, second]: [usize; 2]) -> Result<(), QuantumError> {
        if gate.qubits() == 1 { self.0.apply_one(gate, first) } else { self.0.apply_two(gate, first, second) }
    }

    fn unitary(&mut self, _matrix: &[Complex64], targets: &[usize]) -> Result<(), QuantumError> {
        let value = format!("a unitary on {targets:?}");
        Err(QuantumError::unsupported(OBJECT, "circuit", "of Clifford gates", value, "run it on a StateVector or DensityMatrix"))
    }

    fn measure(&mut self, product: &[(usize, Pauli)], _stream: &mut Stream) -> Result<bool, QuantumError> {
        if let [(qubit, pauli)] = product {
            return self.0.measure_in(*qubit, *pauli);
        }
        let mut string = PauliString::identity(self.0.qubits());
        product.iter().for_each(|(qubit, pauli)| string.set(*qubit, *pauli));
        self.0.measure_pauli(&string)
    }
}
