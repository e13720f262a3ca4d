//! A unitary or a channel on named qubits of a register, checked and compiled once, applied many times.

use num_complex::Complex64;

use crate::amplitudes::Form;
use crate::density::DensityAction;
use crate::error::QuantumError;
use crate::operator::{ZERO, add_gram, check_kraus, check_targets, check_unitary};

pub(crate) const OBJECT: &str = "Channel";

/// A prepared operation, for a [`DensityMatrix`](crate::DensityMatrix) and a [`StateVector`](crate::StateVector) alike.
#[derive(Debug, Clone, PartialEq)]
pub struct Channel {
    qubits: usize,
    targets: Vec<usize>,
    density: DensityAction,
    vector: VectorAction,
}

/// The same map, compiled for a state vector.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum VectorAction {
    Unitary(Form),
    /// One of these is drawn.
    Trajectory(Vec<Branch>),
    /// Nothing with this probability left over, else a Pauli word drawn evenly.
    Depolarize(f64),
}

/// One Kraus operator.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Branch {
    pub matrix: Vec<Complex64>,
    /// K^dagger K, whose expectation is the probability.
    pub gram: Vec<Complex64>,
}

impl VectorAction {
    pub(crate) fn kraus(kraus: &[Vec<Complex64>], dimension: usize) -> Self {
        if let [unitary] = kraus {
            return Self::Unitary(Form::of(unitary, dimension));
        }
        let branch = |matrix: &Vec<Complex64>| {
            let mut gram = vec![ZERO; dimension * dimension];
            add_gram(&mut gram, matrix, dimension);
            Branch { matrix: matrix.clone(), gram }
        };
        Self::Trajectory(kraus.iter().map(branch).collect())
    }
}

impl Channel {
    /// rho -> U rho U^dagger; the first target is the least significant bit of the row-major matrix U.
    ///
    /// # Errors
    /// Targets outside a register of `qubits`, a matrix of another size, or one that is not unitary within 1e-9.
    pub fn unitary(matrix: &[Complex64], targets: &[usize], qubits: usize) -> Result<Self, QuantumError> {
        Self::check(targets, qubits)?;
        let dimension = check_unitary(OBJECT, matrix, targets)?;
        let (density, vector) = (DensityAction::unitary(matrix, dimension), VectorAction::Unitary(Form::of(matrix, dimension)));
        Ok(Self { qubits, targets: targets.to_vec(), density, vector })
    }

    /// rho -> sum_k K_k rho K_k^dagger, in the same order of bits.
    ///
    /// # Errors
    /// Targets outside a register of `qubits`, a matrix of another size, or sum K^dagger K that is not I within 1e-9.
    pub fn kraus(kraus: &[Vec<Complex64>], targets: &[usize], qubits: usize) -> Result<Self, QuantumError> {
        Self::check(targets, qubits)?;
        check_kraus(OBJECT, kraus, targets)?;
        let density = DensityAction::kraus(kraus, targets.len());
        Ok(Self { qubits, targets: targets.to_vec(), density, vector: VectorAction::kraus(kraus, 1 << targets.len()) })
    }

    /// rho -> (1-p) rho + p I/d on all targets together.
    ///
    /// # Errors
    /// `p` outside [0, 1], or targets outside a register of `qubits`.
    pub fn depolarize(p: f64, targets: &[usize], qubits: usize) -> Result<Self, QuantumError> {
        let p = QuantumError::probability(OBJECT, "p", p, "the weight of I/d; Stim's DEPOLARIZE1(q) has p = 4q/3")?;
        Self::check(targets, qubits)?;
        let density = match targets {
            [_] => DensityAction::One(crate::density::QubitMap::depolarize(p)),
            _ => DensityAction::Depolarize(p),
        };
        Ok(Self { qubits, targets: targets.to_vec(), density, vector: VectorAction::Depolarize(p) })
    }

    fn check(targets: &[usize], qubits: usize) -> Result<(), QuantumError> {
        if qubits == 0 || qubits > crate::state_vector::MAX_QUBITS {
            let range = format!("an integer in [1, {}]", crate::state_vector::MAX_QUBITS);
            return Err(QuantumError::new(OBJECT, "num_qubits", range, qubits, "the size of the register it acts on"));
        }
        check_targets(OBJECT, targets, qubits)
    }

    /// The size of the register it is prepared for.
    pub fn qubits(&self) -> usize {
        self.qubits
    }

    pub fn targets(&self) -> &[usize] {
        &self.targets
    }

    pub(crate) fn density(&self) -> &DensityAction {
        &self.density
    }

    pub(crate) fn vector(&self) -> &VectorAction {
        &self.vector
    }

    #[inline]
    pub(crate) fn check_register(&self, object: &'static str, qubits: usize) -> Result<(), QuantumError> {
        if self.qubits == qubits {
            return Ok(());
        }
        let range = format!("prepared for {qubits} qubits");
        Err(QuantumError::new(object, "operation", range, format!("one for {}", self.qubits), "prepare it with num_qubits"))
    }
}
