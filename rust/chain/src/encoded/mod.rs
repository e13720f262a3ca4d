//! Encoded memories: each pair between stations is one of two encoded qubits, swapped and decoded block by block.
//!
//! Jiang, Taylor, Nemoto, Munro, Van Meter and Lukin, "Quantum repeater with encoding", doi:10.1103/PhysRevA.79.032325.
//!
//! ```text
//!   station i                                   station i+1
//!   |+>_L  a ---*---------------- Z if m2         a, b: blocks of n qubits, prepared at the stations
//!               |                                 c, d: n physical pairs, waited for
//!          c ---X--- M_Z = m1                     qubit by qubit the circuit is a CNOT from a to b over c and d,
//!          :                                      which makes the two blocks a pair Phi+ of encoded qubits
//!          d ------------*---- M_X = m2
//!                        |
//!   |0>_L  b ------------X------ X if m1
//! ```
//!
//! When both its links are done, a station measures each qubit of its left block together with its partner of the right
//! block in the Bell basis: n outcomes of XX and n of ZZ, each type a word of a classical code with flipped letters. A table
//! of the lightest error of each syndrome corrects them; their products are the logical outcomes, which go to the Pauli frame
//! of the ends. Nothing is measured twice and no qubit is corrected.
//!
//! - [`code`]: the table and its Fourier transform; [`noise`]: the errors of one link and one station;
//! - [`exact`]: all patterns of errors and all waiting times; [`sample`]: frames drawn one by one.
//!
//! Refuses to know: how the code was written (crate `spec`), coherent errors (pairs are taken by their Bell-diagonal part).

pub mod code;
pub mod exact;
pub mod noise;
pub mod sample;

use ebit_spec::{BinaryCode, Encoding};

pub use code::Decoder;
pub use noise::Noise;

/// A code with its two decoders, and the noise of its circuits.
#[derive(Debug, Clone, PartialEq)]
pub struct Encoded {
    /// Qubits of a block.
    pub size: u32,
    /// Reads Z outcomes, which X errors flip.
    pub x_errors: Decoder,
    /// Reads X outcomes, which Z errors flip.
    pub z_errors: Decoder,
    pub noise: Noise,
}

impl Encoded {
    pub fn new(code: &BinaryCode, encoding: &Encoding) -> Self {
        Self {
            size: code.size,
            x_errors: Decoder::new(code.size, &code.z_checks, code.logical_z),
            z_errors: Decoder::new(code.size, &code.x_checks, code.logical_x),
            noise: Noise {
                preparation: encoding.preparation_error.0,
                gate: encoding.gate_error.0,
                measurement: encoding.measurement_error.0,
            },
        }
    }
}
