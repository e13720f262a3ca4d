//! The pure state of a register: 2^n amplitudes.
//!
//! Owns the storage, its checks, and unitary gates. What is read is in `read`; noise, as one drawn Kraus operator at a
//! time, in `trajectory`. Qubit 0 is the least significant bit of an index. Refuses to know mixed states: a channel here is
//! a random choice, and only the average over many runs is the channel.

mod circuit;
mod gates;
mod read;
mod trajectory;

use num_complex::Complex64;

use crate::amplitudes::{Form, Step, apply_form, apply_steps};
use crate::density::{DensityMatrix, MAX_QUBITS as MAX_DENSE};
use crate::error::{QuantumError, number};
use crate::operator::{ONE, check_targets, check_unitary};

pub(crate) const OBJECT: &str = "StateVector";
/// The largest register: 2^28 amplitudes are 4 GiB.
pub const MAX_QUBITS: usize = 28;
/// Largest error of a norm that rounding explains.
const TOLERANCE: f64 = 1e-9;

/// The pure state of up to [`MAX_QUBITS`] qubits.
#[derive(Debug, Clone, PartialEq)]
pub struct StateVector {
    qubits: usize,
    threads: usize,
    data: Vec<Complex64>,
}

impl StateVector {
    /// |0...0> on `qubits` qubits.
    ///
    /// # Errors
    /// A number of qubits outside [1, 28], or more memory than there is.
    pub fn new(qubits: usize) -> Result<Self, QuantumError> {
        if !(1..=MAX_QUBITS).contains(&qubits) {
            let range = format!("an integer in [1, {MAX_QUBITS}]");
            let hint = "memory grows as 2^n; larger registers: StabilizerState";
            return Err(QuantumError::new(OBJECT, "qubits", range, qubits, hint));
        }
        let mut data = crate::memory::zeros(OBJECT, qubits, qubits)?;
        data[0] = ONE;
        Ok(Self { qubits, threads: 1, data })
    }

    /// From 2^n amplitudes.
    ///
    /// # Errors
    /// A number of amplitudes that is no register's, or a norm that is not 1 within 1e-9.
    pub fn from_amplitudes(data: Vec<Complex64>) -> Result<Self, QuantumError> {
        let qubits = data.len().max(1).ilog2() as usize;
        if !(1..=MAX_QUBITS).contains(&qubits) || data.len() != 1 << qubits {
            let range = format!("2^n amplitudes for n in [1, {MAX_QUBITS}]");
            return Err(QuantumError::new(OBJECT, "amplitudes", range, format!("{} of them", data.len()), ""));
        }
        if let Some(bad) = data.iter().find(|x| !(x.re.is_finite() && x.im.is_finite())) {
            return Err(QuantumError::new(OBJECT, "amplitudes", "finite", bad, ""));
        }
        let norm: f64 = data.iter().map(Complex64::norm_sqr).sum();
        if (norm - 1.0).abs() > TOLERANCE {
            let value = format!("a squared norm of {}", number(norm));
            return Err(QuantumError::new(OBJECT, "amplitudes", "of norm 1", value, "divide them by their norm"));
        }
        Ok(Self { qubits, threads: 1, data })
    }

    /// (|0...0> + |1...1>)/sqrt 2.
    ///
    /// # Errors
    /// A number of qubits outside [1, 28].
    pub fn ghz(qubits: usize) -> Result<Self, QuantumError> {
        let mut state = Self::new(qubits)?;
        let root = Complex64::new(core::f64::consts::FRAC_1_SQRT_2, 0.0);
        let last = state.data.len() - 1;
        (state.data[0], state.data[last]) = (root, root);
        Ok(state)
    }

    /// A Bell state: `phi+`, `phi-`, `psi+` or `psi-`; the minus sign is on |11>, or on |10> (qubit 0 in 0, qubit 1 in 1).
    ///
    /// # Errors
    /// Another name.
    pub fn bell(name: &str) -> Result<Self, QuantumError> {
        let (places, sign) = match name.to_ascii_lowercase().as_str() {
            "phi+" => ([0, 3], 1.0),
            "phi-" => ([0, 3], -1.0),
            "psi+" => ([1, 2], 1.0),
            "psi-" => ([1, 2], -1.0),
            _ => {
                let range = "'phi+', 'phi-', 'psi+' or 'psi-'";
                return Err(QuantumError::new(
                    OBJECT,
                    "name",
                    range,
                    format!("'{name}'"),
                    "Phi has equal bits, Psi unequal ones",
                ));
            }
        };
        let mut state = Self::new(2)?;
        let root = core::f64::consts::FRAC_1_SQRT_2;
        state.data[0] = Complex64::new(0.0, 0.0);
        state.data[places[0]] = Complex64::new(root, 0.0);
        state.data[places[1]] = Complex64::new(sign * root, 0.0);
        Ok(state)
    }

    pub fn qubits(&self) -> usize {
        self.qubits
    }

    /// How many threads a gate may use; the state does not depend on it.
    pub fn set_threads(&mut self, threads: usize) {
        self.threads = threads.max(1);
    }

    pub fn threads(&self) -> usize {
        self.threads
    }

    pub fn amplitudes(&self) -> &[Complex64] {
        &self.data
    }

    /// |psi><psi|.
    ///
    /// # Errors
    /// More qubits than a density matrix holds.
    pub fn to_density_matrix(&self) -> Result<DensityMatrix, QuantumError> {
        if self.qubits > MAX_DENSE {
            let range = format!("at most {MAX_DENSE} for a density matrix");
            return Err(QuantumError::new(OBJECT, "qubits", range, self.qubits, "memory grows as 4^n"));
        }
        DensityMatrix::of_pure(self.qubits, &self.data)
    }

    pub(crate) fn check_targets(&self, targets: &[usize]) -> Result<(), QuantumError> {
        check_targets(OBJECT, targets, self.qubits)
    }

    /// psi -> U psi; the first target is the least significant bit of the row-major matrix U.
    ///
    /// # Errors
    /// Targets outside the register, a matrix of another size, or one that is not unitary within 1e-9.
    pub fn apply(&mut self, unitary: &[Complex64], targets: &[usize]) -> Result<(), QuantumError> {
        self.check_targets(targets)?;
        let dimension = check_unitary(OBJECT, unitary, targets)?;
        self.act(&Form::of(unitary, dimension), targets);
        Ok(())
    }

    pub(crate) fn act(&mut self, form: &Form, targets: &[usize]) {
        apply_form(&mut self.data, form, targets, self.threads);
    }

    /// A gate made of steps that move, scale or mix two amplitudes.
    pub(crate) fn steps(&mut self, steps: &[Step], targets: &[usize]) -> Result<(), QuantumError> {
        self.check_targets(targets)?;
        apply_steps(&mut self.data, steps, targets, self.threads);
        Ok(())
    }
}
