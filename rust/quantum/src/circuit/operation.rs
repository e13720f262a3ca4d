//! What an instruction does: its name, and which arguments and targets go with it.

use std::sync::Arc;

use num_complex::Complex64;

use crate::circuit::OBJECT;
use crate::error::QuantumError;
use crate::gate::Gate;
use crate::operator::{add_gram, distance_to_identity};
use crate::pauli::Pauli;

/// Largest deviation of a unitary from U^dagger U = I.
const TOLERANCE: f64 = 1e-9;
/// Largest unitary an instruction may carry.
const UNITARY_QUBITS: usize = 6;

/// A unitary that is no Clifford gate of [`Gate`]: it runs on dense states only.
#[derive(Debug, Clone, PartialEq)]
pub struct Unitary {
    /// What it is called where it came from, as `rx(0.3)`: for people, never interpreted.
    pub name: String,
    /// Row-major, 2^n x 2^n; the first target is the least significant bit.
    pub matrix: Vec<Complex64>,
    pub qubits: usize,
}

impl Unitary {
    /// # Errors
    /// A size other than 2^n x 2^n with n in [1, 6], or a matrix that is not unitary within 1e-9.
    pub fn new(name: impl Into<String>, matrix: Vec<Complex64>) -> Result<Self, QuantumError> {
        let qubits = (matrix.len().max(1).ilog2() / 2) as usize;
        if !(1..=UNITARY_QUBITS).contains(&qubits) || matrix.len() != 1 << (2 * qubits) {
            let range = format!("4^n entries for n in [1, {UNITARY_QUBITS}]");
            return Err(QuantumError::new(OBJECT, "unitary", range, format!("{} entries", matrix.len()), "row-major, 2^n x 2^n"));
        }
        let n = 1 << qubits;
        let mut gram = vec![Complex64::default(); n * n];
        add_gram(&mut gram, &matrix, n);
        let distance = distance_to_identity(&gram, n);
        if distance.is_nan() || distance > TOLERANCE {
            let value = format!("U^dagger U off by {distance:.1e}");
            return Err(QuantumError::new(OBJECT, "unitary", "unitary within 1e-9", value, ""));
        }
        Ok(Self { name: name.into(), matrix, qubits })
    }

    #[must_use]
    pub fn inverse(&self) -> Self {
        let n = 1 << self.qubits;
        let matrix = (0..n * n).map(|k| self.matrix[(k % n) * n + k / n].conj()).collect();
        let name = match self.name.strip_prefix("inv @ ") {
            Some(name) => name.to_owned(),
            None => format!("inv @ {}", self.name),
        };
        Self { name, matrix, qubits: self.qubits }
    }
}

/// What an instruction does.
#[derive(Debug, Clone, PartialEq)]
pub enum Operation {
    Gate(Gate),
    /// An arbitrary unitary; printed as `UNITARY`, an extension of Stim's language.
    Unitary(Arc<Unitary>),
    /// `M`, `MX`, `MY`.
    Measure(Pauli),
    /// `MR`, `MRX`, `MRY`.
    MeasureReset(Pauli),
    /// `R`, `RX`, `RY`.
    Reset(Pauli),
    /// `MXX`, `MYY`, `MZZ`.
    MeasurePair(Pauli),
    /// `MPP`.
    MeasureProduct,
    /// `SPP`: the square root of a Pauli product.
    Spp,
    SppDag,
    /// `X_ERROR`, `Y_ERROR`, `Z_ERROR`; `I_ERROR` does nothing.
    PauliError(Pauli),
    /// `II_ERROR` does nothing.
    PairError,
    Depolarize1,
    Depolarize2,
    PauliChannel1,
    PauliChannel2,
    /// `E`.
    CorrelatedError,
    ElseCorrelatedError,
    HeraldedErase,
    HeraldedPauliChannel1,
    /// `MPAD`: constant bits in the record.
    Pad,
    Detector,
    ObservableInclude,
    QubitCoords,
    ShiftCoords,
    Tick,
}

/// What the targets of an operation must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetRule {
    Qubits,
    InvertibleQubits,
    Pairs,
    InvertiblePairs,
    /// Pairs in which one, or both, may be a classical bit that controls.
    PairsOrFeedback,
    /// Groups of this many qubits.
    Groups(usize),
    Products,
    Paulis,
    Bits,
    Records,
    RecordsOrPaulis,
    Nothing,
}

/// What the arguments of an operation must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArgumentRule {
    None,
    /// No argument, or the probability that a result is flipped.
    OptionalProbability,
    /// Probabilities of this many exclusive events.
    Probabilities(usize),
    /// Any number of exclusive probabilities.
    AnyProbabilities,
    Index,
    Numbers,
    /// A unitary's entries: real and imaginary parts, row by row.
    Matrix,
}

/// Canonical names and aliases of everything but gates and unitaries.
const NAMES: &[(&str, Operation)] = &[
    ("M", Operation::Measure(Pauli::Z)),
    ("MZ", Operation::Measure(Pauli::Z)),
    ("MX", Operation::Measure(Pauli::X)),
    ("MY", Operation::Measure(Pauli::Y)),
    ("MR", Operation::MeasureReset(Pauli::Z)),
    ("MRZ", Operation::MeasureReset(Pauli::Z)),
    ("MRX", Operation::MeasureReset(Pauli::X)),
    ("MRY", Operation::MeasureReset(Pauli::Y)),
    ("R", Operation::Reset(Pauli::Z)),
    ("RZ", Operation::Reset(Pauli::Z)),
    ("RX", Operation::Reset(Pauli::X)),
    ("RY", Operation::Reset(Pauli::Y)),
    ("MXX", Operation::MeasurePair(Pauli::X)),
    ("MYY", Operation::MeasurePair(Pauli::Y)),
    ("MZZ", Operation::MeasurePair(Pauli::Z)),
    ("MPP", Operation::MeasureProduct),
    ("SPP", Operation::Spp),
    ("SPP_DAG", Operation::SppDag),
    ("X_ERROR", Operation::PauliError(Pauli::X)),
    ("Y_ERROR", Operation::PauliError(Pauli::Y)),
    ("Z_ERROR", Operation::PauliError(Pauli::Z)),
    ("I_ERROR", Operation::PauliError(Pauli::I)),
    ("II_ERROR", Operation::PairError),
    ("DEPOLARIZE1", Operation::Depolarize1),
    ("DEPOLARIZE2", Operation::Depolarize2),
    ("PAULI_CHANNEL_1", Operation::PauliChannel1),
    ("PAULI_CHANNEL_2", Operation::PauliChannel2),
    ("E", Operation::CorrelatedError),
    ("CORRELATED_ERROR", Operation::CorrelatedError),
    ("ELSE_CORRELATED_ERROR", Operation::ElseCorrelatedError),
    ("HERALDED_ERASE", Operation::HeraldedErase),
    ("HERALDED_PAULI_CHANNEL_1", Operation::HeraldedPauliChannel1),
    ("MPAD", Operation::Pad),
    ("DETECTOR", Operation::Detector),
    ("OBSERVABLE_INCLUDE", Operation::ObservableInclude),
    ("QUBIT_COORDS", Operation::QubitCoords),
    ("SHIFT_COORDS", Operation::ShiftCoords),
    ("TICK", Operation::Tick),
];

impl Operation {
    /// The operation of a name or alias, in either case; unitaries have no names of their own.
    pub fn from_name(name: &str) -> Option<Self> {
        let named = NAMES.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, operation)| operation.clone());
        named.or_else(|| Gate::from_name(name).map(Self::Gate))
    }

    /// Every name there is.
    pub fn all_names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|(name, _)| *name).chain(Gate::ALL.iter().flat_map(|gate| gate.names()))
    }

    /// Stim's canonical name, or `UNITARY`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Gate(gate) => gate.name(),
            Self::Unitary(_) => "UNITARY",
            other => NAMES.iter().find(|(_, operation)| operation == other).map_or("UNITARY", |(name, _)| name),
        }
    }

    pub fn target_rule(&self) -> TargetRule {
        match self {
            Self::Gate(Gate::CX | Gate::CY | Gate::CZ | Gate::XCZ | Gate::YCZ) => TargetRule::PairsOrFeedback,
            Self::Gate(gate) if gate.qubits() == 2 => TargetRule::Pairs,
            Self::PairError | Self::Depolarize2 | Self::PauliChannel2 => TargetRule::Pairs,
            Self::Unitary(unitary) => TargetRule::Groups(unitary.qubits),
            Self::Measure(_) | Self::MeasureReset(_) => TargetRule::InvertibleQubits,
            Self::MeasurePair(_) => TargetRule::InvertiblePairs,
            Self::MeasureProduct | Self::Spp | Self::SppDag => TargetRule::Products,
            Self::CorrelatedError | Self::ElseCorrelatedError => TargetRule::Paulis,
            Self::Pad => TargetRule::Bits,
            Self::Detector => TargetRule::Records,
            Self::ObservableInclude => TargetRule::RecordsOrPaulis,
            Self::ShiftCoords | Self::Tick => TargetRule::Nothing,
            _ => TargetRule::Qubits,
        }
    }

    pub fn argument_rule(&self) -> ArgumentRule {
        match self {
            Self::Unitary(_) => ArgumentRule::Matrix,
            Self::Measure(_) | Self::MeasureReset(_) | Self::MeasurePair(_) | Self::MeasureProduct | Self::Pad => {
                ArgumentRule::OptionalProbability
            }
            Self::PauliError(Pauli::I) | Self::PairError => ArgumentRule::AnyProbabilities,
            Self::PauliError(_)
            | Self::Depolarize1
            | Self::Depolarize2
            | Self::CorrelatedError
            | Self::ElseCorrelatedError
            | Self::HeraldedErase => ArgumentRule::Probabilities(1),
            Self::PauliChannel1 => ArgumentRule::Probabilities(3),
            Self::PauliChannel2 => ArgumentRule::Probabilities(15),
            Self::HeraldedPauliChannel1 => ArgumentRule::Probabilities(4),
            Self::ObservableInclude => ArgumentRule::Index,
            Self::Detector | Self::QubitCoords | Self::ShiftCoords => ArgumentRule::Numbers,
            _ => ArgumentRule::None,
        }
    }

    /// Whether neighbours of this kind, with equal arguments and tags, are one instruction with the targets of both.
    pub fn fuses(&self) -> bool {
        !matches!(
            self,
            Self::Detector
                | Self::ObservableInclude
                | Self::Tick
                | Self::ShiftCoords
                | Self::CorrelatedError
                | Self::ElseCorrelatedError
        )
    }
}
