//! Named gates of a state vector.

use num_complex::Complex64;

use super::{OBJECT, StateVector};
use crate::amplitudes::{Form, Step};
use crate::error::QuantumError;
use crate::gate::Gate;
use crate::operator::{ONE, check_count};
use crate::rotation::Rotation;

const MINUS: Complex64 = Complex64::new(-1.0, 0.0);
const I: Complex64 = Complex64::new(0.0, 1.0);
const MINUS_I: Complex64 = Complex64::new(0.0, -1.0);
const ROOT: Complex64 = Complex64::new(core::f64::consts::FRAC_1_SQRT_2, 0.0);
const MINUS_ROOT: Complex64 = Complex64::new(-core::f64::consts::FRAC_1_SQRT_2, 0.0);

impl StateVector {
    /// A Clifford gate.
    ///
    /// # Errors
    /// Another number of targets than the gate has, outside the register, or the same one twice.
    pub fn gate(&mut self, gate: Gate, targets: &[usize]) -> Result<(), QuantumError> {
        check_count(OBJECT, targets, gate.qubits())?;
        match gate {
            Gate::I | Gate::II => self.check_targets(targets),
            Gate::H => self.steps(&[Step::Mix(0, 1, [ROOT, ROOT, ROOT, MINUS_ROOT])], targets),
            Gate::X => self.steps(&[Step::Exchange(0, 1)], targets),
            Gate::Z => self.steps(&[Step::Scale(1, MINUS)], targets),
            Gate::S => self.steps(&[Step::Scale(1, I)], targets),
            Gate::SDag => self.steps(&[Step::Scale(1, MINUS_I)], targets),
            Gate::CX => self.steps(&[Step::Exchange(1, 3)], targets),
            Gate::CZ => self.steps(&[Step::Scale(3, -ONE)], targets),
            Gate::Swap => self.steps(&[Step::Exchange(1, 2)], targets),
            _ => self.unitary_of(&gate.unitary(), targets),
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
        self.act(&Form::of(matrix, 1 << targets.len()), targets);
        Ok(())
    }

    /// Qubit k becomes qubit n - 1 - k.
    pub fn reverse_qubits(&mut self) {
        for k in 0..self.qubits / 2 {
            let pair = [k, self.qubits - 1 - k];
            crate::amplitudes::apply_steps(&mut self.data, &[Step::Exchange(1, 2)], &pair, self.threads);
        }
    }
}
