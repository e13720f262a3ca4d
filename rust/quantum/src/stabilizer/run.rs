//! Circuits on a stabilizer state.
//!
//! Gates are gathered between measurements and run as one list; noise is drawn and becomes Pauli gates. Refuses to know
//! the language: `circuit::execute` takes it apart.

use ebit_random::Stream;
use num_complex::Complex64;

use super::OBJECT;
use super::gates::prepend;
use super::state::StabilizerState;
use super::tableau::Tableau;
use crate::circuit::{Circuit, Engine, execute_until};
use crate::error::QuantumError;
use crate::gate::Gate;
use crate::pauli::Pauli;

/// Gates from which on a list is worth its making.
const MANY: usize = 8;

/// A state with gates that are still to be done.
struct Running<'a> {
    state: &'a mut StabilizerState,
    pending: Vec<(Gate, u32, u32)>,
    /// Gates gathered at most.
    most: usize,
}

impl Running<'_> {
    fn flush(&mut self) {
        let total = self.state.total();
        let rows = &mut self.state.inverse.rows;
        if self.pending.len() < MANY {
            for (gate, a, b) in self.pending.drain(..) {
                prepend(rows, total, gate, a as usize, b as usize);
            }
            return;
        }
        let mut batch = rows.batch();
        for (gate, a, b) in self.pending.drain(..) {
            prepend(&mut batch, total, gate, a as usize, b as usize);
        }
    }
}

impl Engine for Running<'_> {
    const OBJECT: &'static str = OBJECT;

    fn num_qubits(&self) -> usize {
        self.state.qubits()
    }

    #[inline]
    fn gate(&mut self, gate: Gate, [a, b]: [usize; 2]) -> Result<(), QuantumError> {
        self.pending.push((gate, a as u32, b as u32));
        if self.pending.len() >= self.most {
            self.flush();
        }
        Ok(())
    }

    fn unitary(&mut self, _: &[Complex64], targets: &[usize]) -> Result<(), QuantumError> {
        let range = "made of Clifford gates, measurements and Pauli noise";
        let value = format!("UNITARY on {targets:?}");
        Err(QuantumError::unsupported(OBJECT, "circuit", range, value, "StateVector and DensityMatrix run any unitary"))
    }

    fn measure(&mut self, product: &[(usize, Pauli)], stream: &mut Stream) -> Result<bool, QuantumError> {
        self.flush();
        Ok(self.state.measure_factors(product, stream))
    }
}

impl StabilizerState {
    /// Runs a circuit with the state's own stream; its measurement record.
    pub fn run(&mut self, circuit: &Circuit) -> Result<Vec<bool>, QuantumError> {
        self.run_until(circuit, || false)
    }

    /// As [`StabilizerState::run`], but asks before each operation whether to stop.
    ///
    /// # Errors
    /// Those of [`StabilizerState::run`], and a complaint that it was stopped; the state has seen a part of the circuit.
    pub fn run_until(&mut self, circuit: &Circuit, stop: impl Fn() -> bool) -> Result<Vec<bool>, QuantumError> {
        let mut stream = self.stream().clone();
        let most = self.inverse.rows.worth_gathering();
        let mut running = Running { state: self, pending: Vec::new(), most };
        let record = execute_until(circuit, &mut running, &mut stream, stop);
        running.flush();
        *self.stream_mut() = stream;
        record
    }
}

impl Tableau {
    /// What a circuit of gates does.
    pub fn from_circuit(circuit: &Circuit, qubits: usize) -> Result<Self, QuantumError> {
        if circuit.num_measurements() > 0 {
            let hint = "an operation has no outcomes";
            return Err(QuantumError::new("Tableau", "circuit", "made of gates only", "a measurement", hint));
        }
        // Its inverse refuses everything but gates.
        circuit.inverse().map_err(|e| {
            let range = "made of gates, SPP, TICK and REPEAT only";
            QuantumError::new("Tableau", "circuit", range, e.value, "an operation has neither outcomes nor noise")
        })?;
        let mut state = StabilizerState::new(qubits.max(circuit.num_qubits()), 0)?;
        state.run(circuit).map_err(|e| QuantumError { range: "made of Clifford gates".into(), ..e.of("Tableau") })?;
        state.inverse.inverse()
    }
}
