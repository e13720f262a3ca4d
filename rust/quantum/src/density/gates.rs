//! Named gates of a density matrix.

use num_complex::Complex64;

use super::DensityMatrix;
use super::qubit_map::QubitMap;
use crate::amplitudes::Step;
use crate::error::QuantumError;
use crate::operator::ONE;

const I: Complex64 = Complex64::new(0.0, 1.0);
const MINUS_I: Complex64 = Complex64::new(0.0, -1.0);
/// Rows X, Y, Z of half the Bloch matrices.
const H: QubitMap = QubitMap::Bloch([[0.0, 0.0, 0.0, 0.5], [0.0, 0.0, -0.5, 0.0], [0.0, 0.5, 0.0, 0.0]]);
const X: QubitMap = QubitMap::Bloch([[0.0, 0.5, 0.0, 0.0], [0.0, 0.0, -0.5, 0.0], [0.0, 0.0, 0.0, -0.5]]);
const Y: QubitMap = QubitMap::Bloch([[0.0, -0.5, 0.0, 0.0], [0.0, 0.0, 0.5, 0.0], [0.0, 0.0, 0.0, -0.5]]);

impl DensityMatrix {
    /// Hadamard gate.
    ///
    /// # Errors
    /// A qubit outside the register; the same for all gates below.
    pub fn h(&mut self, qubit: usize) -> Result<(), QuantumError> {
        self.gate(H, qubit)
    }

    pub fn x(&mut self, qubit: usize) -> Result<(), QuantumError> {
        self.gate(X, qubit)
    }

    pub fn y(&mut self, qubit: usize) -> Result<(), QuantumError> {
        self.gate(Y, qubit)
    }

    pub fn z(&mut self, qubit: usize) -> Result<(), QuantumError> {
        self.gate(QubitMap::phase(-1.0), qubit)
    }

    /// diag(1, i).
    pub fn s(&mut self, qubit: usize) -> Result<(), QuantumError> {
        self.gate(QubitMap::Phase(MINUS_I), qubit)
    }

    pub fn s_dag(&mut self, qubit: usize) -> Result<(), QuantumError> {
        self.gate(QubitMap::Phase(I), qubit)
    }

    fn gate(&mut self, map: QubitMap, qubit: usize) -> Result<(), QuantumError> {
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
        self.steps(&[Step::Exchange(1, 3)], &[control, target]);
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
}
