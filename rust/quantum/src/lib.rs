//! Quantum states of a network: entangled pairs and small registers.
//!
//! One pair, three depths:
//!
//! - [`Correlations`] and [`BellDiagonal`]: mixtures of the four Bell states, three numbers, the hot path;
//! - [`PairState`]: any two-qubit state as sixteen real Pauli coefficients;
//! - [`DensityMatrix`]: up to 13 qubits, dense, the yardstick for the other two.
//! - [`StateVector`]: up to 28 qubits in a pure state; noise draws one of its Kraus operators.
//!
//! Many qubits, Clifford gates: [`StabilizerState`] and [`Tableau`], up to 100,000 qubits; [`PauliString`] for observables.
//!
//! The target is Phi+ everywhere and a fidelity is its weight, not the root. Refuses to know: time, devices, links.
//!
//! ```
//! use ebit_quantum::BellDiagonal;
//!
//! let link = BellDiagonal::werner(0.95)?;
//! let swapped = link.swap(&link);
//! assert!((swapped.fidelity() - (0.95 * 0.95 + 0.05 * 0.05 / 3.0)).abs() < 1e-15);
//! # Ok::<(), ebit_quantum::QuantumError>(())
//! ```
#![forbid(unsafe_code)]

mod amplitudes;
mod bell;
pub mod block;
mod channel;
mod circuit;
mod correlations;
mod density;
mod eigen;
mod error;
mod gate;
mod memory;
mod noise;
mod noise_bell;
mod noise_kraus;
mod noise_pauli;
mod operator;
mod pair;
mod pair_circuit;
mod pair_distill;
pub mod pair_many;
mod pair_steps;
mod pauli;
mod pauli_string;
mod qasm;
mod rotation;
mod sampler;
mod stabilizer;
mod state_vector;

pub use bell::{BellDiagonal, Distillation};
pub use channel::Channel;
pub use circuit::{
    ArgumentRule, Circuit, Counts, Engine, If, Instruction, Item, Operation, PauliProduct, PauliTerm, Repeat, Target, TargetRule,
    Unitary, execute, execute_until,
};
pub use correlations::Correlations;
pub use density::{DensityMatrix, MAX_QUBITS};
pub use error::{Complaint, QuantumError};
pub use gate::{Gate, Image};
pub use noise::{Kind as NoiseKind, MAX_NOISE_QUBITS, Noise};
pub use noise_bell::{BellAction, Halves};
pub use pair::PairState;
pub use pair_circuit::{MAX_PAIRS, PairStep};
pub use pauli::{Pauli, Side};
pub use pauli_string::PauliString;
pub use qasm::{Place, QasmError, QasmErrorKind};
pub use rotation::Rotation;
pub use sampler::{Layout, Output, Sampler};
pub use stabilizer::{GraphForm, StabilizerState, Tableau};
pub use state_vector::{MAX_QUBITS as MAX_VECTOR_QUBITS, StateVector};
