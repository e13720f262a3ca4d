//! Measurement: whether an outcome is certain, and the pass that makes one so.
//!
//! The row of an observable is R = i^phase X^x Z^z = U^dagger P U. On |0...0> its Z part acts trivially: with x empty the
//! outcome is the phase. Else let p be the first bit of x and T the others. CX from p to all of T leaves |0...0> alone and
//! turns R into +-X_p or +-Y_p times Z's; S makes a Y an X; H makes |0> on p the eigenstate; X picks the sign. Refuses to
//! know where outcomes come from.

use ebit_bits::{Collapse, PhasedRows, Plane};

/// Makes the observable with row i^phase X^x Z^z certain, with this outcome; `pivot` is a bit of x.
pub(super) fn collapse(rows: &mut PhasedRows, x: &mut [u64], z: &[u64], phase: u8, pivot: usize, outcome: bool) {
    let (word, bit) = (pivot / 64, pivot % 64);
    x[word] &= !(1 << bit);
    let crossed = x.iter().zip(z).fold(z[word] & 1 << bit, |sum, (x, z)| sum ^ (x & z));
    // The first term is one bit, counted into the same parity.
    let turn = crossed.count_ones() & 1 != 0;
    // i^phase X_p or, turned, i^phase X_p Z_p -> i^(phase + 1) X_p: even either way.
    let negative = phase.wrapping_add(u8::from(turn)) & 2 != 0;
    rows.collapse(x, Collapse { pivot, turn, flip: negative != outcome });
}

/// Makes the observable of a row certain, with this outcome.
pub(super) fn collapse_row(rows: &mut PhasedRows, scratch: &mut Scratch, row: usize, pivot: usize, outcome: bool) {
    let phase = rows.phase(row);
    if rows.words() == 1 {
        let (mut x, z) = ([rows.word(row, Plane::X, 0)], [rows.word(row, Plane::Z, 0)]);
        return collapse(rows, &mut x, &z, phase, pivot, outcome);
    }
    scratch.load(rows, row);
    collapse(rows, &mut scratch.x, &scratch.z, phase, pivot, outcome);
}

/// The first bit of words.
pub(super) fn first_bit(words: &[u64]) -> Option<usize> {
    words.iter().position(|&word| word != 0).map(|k| 64 * k + words[k].trailing_zeros() as usize)
}

/// A copy of one row, kept between measurements.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    x: Vec<u64>,
    z: Vec<u64>,
}

impl Scratch {
    fn load(&mut self, rows: &PhasedRows, row: usize) {
        for (words, plane) in [(&mut self.x, Plane::X), (&mut self.z, Plane::Z)] {
            words.clear();
            rows.pieces(row, plane).for_each(|piece| words.extend_from_slice(piece));
            words.truncate(rows.words());
        }
    }
}
