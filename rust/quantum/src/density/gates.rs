//! Named gates of a density matrix.

use num_complex::Complex64;

use super::apply::DensityAction;
use super::qubit_map::QubitMap;
use super::{DensityMatrix, OBJECT, small};
use crate::amplitudes::Step;
use crate::error::QuantumError;
use crate::gate::Gate;
use crate::operator::{ONE, check_count};
use crate::rotation::Rotation;

const I: Complex64 = Complex64::new(0.0, 1.0);
const MINUS_I: Complex64 = Complex64::new(0.0, -1.0);

impl DensityMatrix {
    /// Hadamard gate.
    ///
    /// # Errors
    /// A qubit outside the register; the same for all gates below.
    pub fn h(&mut self, qubit: usize) -> Result<(), QuantumError> {
        self.map_named(QubitMap::Hadamard, qubit)
    }

    pub fn x(&mut self, qubit: usize) -> Result<(), QuantumError> {
        self.map_named(QubitMap::Flip(1.0), qubit)
    }

    pub fn y(&mut self, qubit: usize) -> Result<(), QuantumError> {
        self.map_named(QubitMap::Flip(-1.0), qubit)
    }

    pub fn z(&mut self, qubit: usize) -> Result<(), QuantumError> {
        self.map_named(QubitMap::phase(-1.0), qubit)
    }

    /// diag(1, i).
    pub fn s(&mut self, qubit: usize) -> Result<(), QuantumError> {
        self.map_named(QubitMap::Phase(MINUS_I), qubit)
    }

    pub fn s_dag(&mut self, qubit: usize) -> Result<(), QuantumError> {
        self.map_named(QubitMap::Phase(I), qubit)
    }

    fn map_named(&mut self, map: QubitMap, qubit: usize) -> Result<(), QuantumError> {
        self.check_targets(&[qubit])?;
        self.map_qubit(qubit, map);
        Ok(())
    }

    /// X on `target` if `control` is 1.
    ///
    /// # Errors
    /// Qubits outside the register, or the same one twice.
    pub fn cx(&mut self, control: usize, target: usize) -> Result<(), QuantumError> {
        self.check_targets(&[control, target])?;
        if self.is_half() {
            self.steps(&[Step::Exchange(1, 3)], &[control, target]);
        } else {
            let n = self.dimension();
            small::cx(&mut self.data, n, 1 << control, 1 << target);
        }
        Ok(())
    }

    /// A sign if both qubits are 1.
    ///
    /// # Errors
    /// Qubits outside the register, or the same one twice.
    pub fn cz(&mut self, a: usize, b: usize) -> Result<(), QuantumError> {
        self.check_targets(&[a, b])?;
        self.steps(&[Step::Scale(3, -ONE)], &[a, b]);
        Ok(())
    }

    /// A Clifford gate.
    ///
    /// # Errors
    /// Another number of targets than the gate has, outside the register, or the same one twice.
    pub fn gate(&mut self, gate: Gate, targets: &[usize]) -> Result<(), QuantumError> {
        match (gate, targets) {
            (Gate::H, [q]) => self.h(*q),
            (Gate::X, [q]) => self.x(*q),
            (Gate::Y, [q]) => self.y(*q),
            (Gate::Z, [q]) => self.z(*q),
            (Gate::S, [q]) => self.s(*q),
            (Gate::SDag, [q]) => self.s_dag(*q),
            (Gate::CX, [c, t]) => self.cx(*c, *t),
            (Gate::CZ, [a, b]) => self.cz(*a, *b),
            _ => {
                check_count(OBJECT, targets, gate.qubits())?;
                self.unitary_of(&gate.unitary(), targets)
            }
        }
    }

    /// A gate beyond the Clifford group.
    ///
    /// # Errors
    /// Another number of targets than the gate has, outside the register, or the same one twice.
    pub fn rotate(&mut self, rotation: Rotation, targets: &[usize]) -> Result<(), QuantumError> {
        check_count(OBJECT, targets, rotation.qubits())?;
        self.unitary_of(&rotation.unitary(), targets)
    }

    fn unitary_of(&mut self, matrix: &[Complex64], targets: &[usize]) -> Result<(), QuantumError> {
        self.check_targets(targets)?;
        self.act(&DensityAction::unitary(matrix, 1 << targets.len()), targets);
        Ok(())
    }

    /// A Bell state, as [`StateVector::bell`](crate::StateVector::bell) names them.
    ///
    /// # Errors
    /// Another name.
    pub fn bell(name: &str) -> Result<Self, QuantumError> {
        crate::StateVector::bell(name).map_err(|e| e.of(OBJECT))?.to_density_matrix()
    }

    /// The projector on (|0...0> + |1...1>)/sqrt 2.
    ///
    /// # Errors
    /// A number of qubits outside [1, 13].
    pub fn ghz(qubits: usize) -> Result<Self, QuantumError> {
        let mut state = Self::new(qubits)?;
        let n = state.dimension();
        for corner in [0, n - 1, n * (n - 1), n * n - 1] {
            state.data[corner] = 0.5 * ONE;
        }
        Ok(state)
    }
}
