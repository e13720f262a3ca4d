//! Running a circuit until it is done or somebody wants it to stop.

use ebit_random::Stream;
use num_complex::Complex64;

use super::{Circuit, Engine, OBJECT, PauliTerm, execute};
use crate::error::QuantumError;
use crate::gate::Gate;
use crate::pauli::Pauli;

/// An engine that asks `stop` before each of its operations.
struct Polled<'a, E, S> {
    engine: &'a mut E,
    stop: S,
}

impl<E: Engine, S: Fn() -> bool> Engine for Polled<'_, E, S> {
    const OBJECT: &'static str = E::OBJECT;

    fn num_qubits(&self) -> usize {
        self.engine.num_qubits()
    }
    #[inline]
    fn check(&self) -> Result<(), QuantumError> {
        if (self.stop)() { Err(stopped()) } else { Ok(()) }
    }
    #[inline]
    fn gate(&mut self, gate: Gate, targets: [usize; 2]) -> Result<(), QuantumError> {
        self.check()?;
        self.engine.gate(gate, targets)
    }
    fn unitary(&mut self, matrix: &[Complex64], targets: &[usize]) -> Result<(), QuantumError> {
        self.check()?;
        self.engine.unitary(matrix, targets)
    }
    fn measure(&mut self, product: &[(usize, Pauli)], stream: &mut Stream) -> Result<bool, QuantumError> {
        self.check()?;
        self.engine.measure(product, stream)
    }
    fn reset(&mut self, qubit: usize, basis: Pauli, stream: &mut Stream) -> Result<(), QuantumError> {
        self.check()?;
        self.engine.reset(qubit, basis, stream)
    }
    fn noise(&mut self, terms: &[PauliTerm], targets: &[usize], stream: &mut Stream) -> Result<(), QuantumError> {
        self.check()?;
        self.engine.noise(terms, targets, stream)
    }
    fn depolarize(&mut self, p: f64, targets: &[usize], stream: &mut Stream) -> Result<(), QuantumError> {
        self.check()?;
        self.engine.depolarize(p, targets, stream)
    }
}

#[cold]
fn stopped() -> QuantumError {
    QuantumError::new(OBJECT, "run", "left to its end", "an interruption", "the state has seen a part of the circuit")
}

/// As [`execute`], but asks before each operation whether to stop; the state is then left where it was.
///
/// # Errors
/// Those of [`execute`], and a complaint that it was stopped.
pub fn execute_until<E: Engine>(
    circuit: &Circuit,
    engine: &mut E,
    stream: &mut Stream,
    stop: impl Fn() -> bool,
) -> Result<Vec<bool>, QuantumError> {
    execute(circuit, &mut Polled { engine, stop }, stream)
}

#[cfg(test)]
mod tests {
    use core::cell::Cell;

    use ebit_random::Purpose;

    use super::*;
    use crate::StateVector;

    #[test]
    fn a_loop_of_nothing_can_be_stopped() {
        let polls = Cell::new(0);
        for text in ["REPEAT 1000000000000000 {\n    TICK\n}", "REPEAT 1000000000000000 {\n    H 0\n}"] {
            let circuit: Circuit = text.parse().unwrap();
            let (mut state, mut stream) = (StateVector::new(1).unwrap(), Stream::new(1, 0, 0, Purpose::Measurement));
            polls.set(0);
            let stop = || polls.replace(polls.get() + 1) == 100;
            let complaint = execute_until(&circuit, &mut state, &mut stream, stop).unwrap_err();
            assert_eq!(complaint.value, "an interruption");
            assert_eq!(polls.get(), 101);
        }
    }

    #[test]
    fn a_record_larger_than_memory_is_refused() {
        let circuit: Circuit = "REPEAT 1000000000000000 {\n    M 0\n}".parse().unwrap();
        let (mut state, mut stream) = (StateVector::new(1).unwrap(), Stream::new(1, 0, 0, Purpose::Measurement));
        let complaint = execute(&circuit, &mut state, &mut stream).unwrap_err();
        assert_eq!(complaint.complaint, crate::Complaint::TooLarge);
    }
}
