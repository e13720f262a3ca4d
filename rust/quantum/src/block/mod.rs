//! Blocks of a code of one logical qubit: their Pauli frames, the errors of the circuits that join them, and their decoders.
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
//! Refuses to know: when anything happens (crates `chain` and `network`).

mod decoder;
mod noise;

pub use decoder::{Decoder, Term};
pub use noise::{Masks, Noise};

use crate::correlations::Correlations;

/// X and Z errors of a block; bit k is qubit k.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Frame {
    pub x: u32,
    pub z: u32,
}

impl Frame {
    /// What a Bell measurement of each qubit with its partner sees of both blocks.
    #[must_use]
    pub fn joined(self, other: Self) -> Self {
        Self { x: self.x ^ other.x, z: self.z ^ other.z }
    }

    /// One more error of a qubit: bit 0 a Z, bit 1 an X.
    #[inline]
    pub fn strike(&mut self, qubit: u32, error: u32) {
        self.z ^= (error & 1) << qubit;
        self.x ^= (error >> 1 & 1) << qubit;
    }
}

/// A law of N errors, to draw from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Law<const N: usize>([f64; N]);

impl<const N: usize> Law<N> {
    /// From probabilities that add up to one.
    pub fn new(probabilities: [f64; N]) -> Self {
        let mut sum = 0.0;
        Self(probabilities.map(|p| {
            sum += p;
            sum
        }))
    }

    /// The first error whose cumulative probability is beyond a number uniform in [0, 1); rounding leaves the last one.
    #[inline]
    pub fn pick(&self, uniform: f64) -> u32 {
        self.0.iter().position(|c| uniform < *c).unwrap_or(N - 1) as u32
    }
}

impl Law<4> {
    /// Errors of a pair of these correlations, all put on one half: none, Z, X, both.
    pub fn of(pair: Correlations) -> Self {
        Self::new(pair.weights())
    }
}

/// The two blocks of a link, given the physical pair and the error of the circuit at each qubit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Blocks {
    pub left: Frame,
    pub right: Frame,
}

impl Blocks {
    /// `pair`: bit 0 a Z error of the physical pair, bit 1 an X error; `circuit`: bits x and z of the left qubit, x and z of
    /// the right one, as in [`Noise::link_errors`].
    #[inline]
    pub fn strike(&mut self, qubit: u32, pair: u32, circuit: u32) {
        // Of the pair, Z goes to the left block and X to the right one.
        self.left.x ^= (circuit & 1) << qubit;
        self.left.z ^= ((circuit >> 1 ^ pair) & 1) << qubit;
        self.right.x ^= ((circuit >> 2 ^ pair >> 1) & 1) << qubit;
        self.right.z ^= (circuit >> 3 & 1) << qubit;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_law_gives_each_error_its_share() {
        let law = Law::new([0.5, 0.0, 0.25, 0.25]);
        let picked: Vec<u32> = [0.0, 0.49, 0.5, 0.74, 0.75, 1.0 - 1e-16].iter().map(|u| law.pick(*u)).collect();
        assert_eq!(picked, [0, 0, 2, 2, 3, 3]);
    }

    #[test]
    fn errors_add_up_in_the_frame() {
        let mut blocks = Blocks::default();
        blocks.strike(2, 0b11, 0b0110);
        // The Z error of the pair and the circuit's cancel on the left, and so do the X errors on the right.
        assert_eq!(blocks, Blocks::default());
        blocks.strike(1, 0b01, 0b1001);
        assert_eq!((blocks.left, blocks.right), (Frame { x: 2, z: 2 }, Frame { x: 0, z: 2 }));
        blocks.left.strike(0, 3);
        assert_eq!(blocks.left.joined(blocks.right), Frame { x: 3, z: 1 });
    }
}
