//! A code with its two decoders, and the noise of the circuits that make and join its blocks.

use ebit_quantum::block::{Decoder, Noise};
use ebit_spec::{BinaryCode, Encoding};

/// What evaluators need to know of an encoding.
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
