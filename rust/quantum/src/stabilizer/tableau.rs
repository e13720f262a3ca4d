//! A Clifford operation as the images of X and Z on every qubit.
//!
//! Row q holds U X_q U^dagger, row n + q holds U Z_q U^dagger, as i^phase X^x Z^z. A state keeps the tableau of its
//! inverse operation in this same type; why is said in the module above. Refuses to know states and outcomes.

use ebit_bits::{PhasedRows, Plane, RowOperations};

use super::gates::{conjugated, prepend};
use crate::error::QuantumError;
use crate::gate::Gate;
use crate::pauli_string::PauliString;

pub(super) const OBJECT: &str = "Tableau";

/// A Clifford operation on n qubits: U P U^dagger for every Pauli string P.
#[derive(Debug, PartialEq)]
pub struct Tableau {
    qubits: usize,
    pub(super) rows: PhasedRows,
}

/// Rows for a register, or the complaint that they do not fit.
pub(super) fn rows(object: &'static str, rows: usize, bits: usize) -> Result<PhasedRows, QuantumError> {
    PhasedRows::identity(rows, bits).map_err(|refused| too_large(object, bits, refused))
}

pub(super) fn too_large(object: &'static str, qubits: usize, refused: ebit_bits::OutOfMemory) -> QuantumError {
    QuantumError::too_large(object, "qubits", qubits, refused.bytes, "n qubits take n^2 / 2 bytes")
}

impl Tableau {
    pub fn identity(qubits: usize) -> Result<Self, QuantumError> {
        Self::identity_of(OBJECT, qubits)
    }

    pub(super) fn identity_of(object: &'static str, qubits: usize) -> Result<Self, QuantumError> {
        let mut out = Self { qubits, rows: rows(object, qubits.saturating_mul(2), qubits)? };
        for q in 0..qubits {
            out.rows.set_bit(q, Plane::X, q);
            out.rows.set_bit(qubits + q, Plane::Z, q);
        }
        Ok(out)
    }

    /// The operation of a gate on one or two qubits.
    pub fn from_gate(gate: Gate) -> Result<Self, QuantumError> {
        let mut out = Self::identity(gate.qubits())?;
        // The tableau of G is the inverse tableau of G^dagger.
        prepend(&mut out.rows, gate.qubits(), gate.inverse(), 0, 1);
        Ok(out)
    }

    /// From the images of all X, then of all Z: Hermitian, each pair anticommuting, all else commuting.
    pub fn from_images(xs: &[PauliString], zs: &[PauliString]) -> Result<Self, QuantumError> {
        let qubits = xs.len();
        let wrong = |range: &str, value: String| Err(QuantumError::new(OBJECT, "images", range, value, ""));
        if zs.len() != qubits {
            return wrong("as many images of Z as of X", zs.len().to_string());
        }
        let mut out = Self { qubits, rows: rows(OBJECT, 2 * qubits, qubits)? };
        for (row, image) in xs.iter().chain(zs).enumerate() {
            if image.qubits() != qubits || !image.is_hermitian() {
                return wrong(&format!("strings of {qubits} letters with sign + or -"), image.to_string());
            }
            for (k, (x, z)) in image.x_words().iter().zip(image.z_words()).enumerate() {
                out.rows.set_word(row, Plane::X, k, *x);
                out.rows.set_word(row, Plane::Z, k, *z);
            }
            out.rows.turn(row, image.xz_phase());
        }
        let all: Vec<&PauliString> = xs.iter().chain(zs).collect();
        for (a, left) in all.iter().enumerate() {
            for (b, right) in all.iter().enumerate().skip(a + 1) {
                if left.commutes_with(right) == (b == a + qubits) {
                    return wrong("anticommuting for X and Z of one qubit, commuting otherwise", format!("{left}, {right}"));
                }
            }
        }
        Ok(out)
    }

    pub fn try_clone(&self) -> Result<Self, QuantumError> {
        let rows = self.rows.try_clone().map_err(|refused| too_large(OBJECT, self.qubits, refused))?;
        Ok(Self { qubits: self.qubits, rows })
    }

    #[inline]
    pub fn qubits(&self) -> usize {
        self.qubits
    }

    fn row(&self, row: usize) -> PauliString {
        let words = self.rows.words();
        let plane = |plane| (0..words).map(|k| self.rows.word(row, plane, k)).collect();
        PauliString::from_xz(self.qubits, plane(Plane::X), plane(Plane::Z), self.rows.phase(row))
    }

    fn check(&self, qubit: usize) -> Result<usize, QuantumError> {
        if qubit < self.qubits {
            return Ok(qubit);
        }
        Err(QuantumError::new(
            OBJECT,
            "qubit",
            format!("in [0, {}]", self.qubits as i128 - 1),
            qubit,
            "qubits are numbered from 0",
        ))
    }

    /// U X_q U^dagger.
    pub fn image_of_x(&self, qubit: usize) -> Result<PauliString, QuantumError> {
        Ok(self.row(self.check(qubit)?))
    }
    /// U Z_q U^dagger.
    pub fn image_of_z(&self, qubit: usize) -> Result<PauliString, QuantumError> {
        Ok(self.row(self.qubits + self.check(qubit)?))
    }

    /// U P U^dagger.
    pub fn apply(&self, string: &PauliString) -> Result<PauliString, QuantumError> {
        if string.qubits() != self.qubits {
            let range = format!("a string of {} letters", self.qubits);
            return Err(QuantumError::new(OBJECT, "pauli", range, format!("{} letters", string.qubits()), ""));
        }
        let (x, z, phase) = self.product(string);
        Ok(PauliString::from_xz(self.qubits, x, z, phase))
    }

    /// i^phase X^x Z^z of the image of a string of at most n letters.
    pub(super) fn product(&self, string: &PauliString) -> (Vec<u64>, Vec<u64>, u8) {
        let words = self.rows.words();
        let (mut x, mut z, mut phase) = (vec![0; words], vec![0; words], string.xz_phase());
        for (plane, first) in [(string.x_words(), 0), (string.z_words(), self.qubits)] {
            for (k, &word) in plane.iter().enumerate() {
                let mut left = word;
                while left != 0 {
                    let row = first + 64 * k + left.trailing_zeros() as usize;
                    phase = (phase + self.rows.multiply_into(&mut x, &mut z, row)) & 3;
                    left &= left - 1;
                }
            }
        }
        (x, z, phase)
    }

    /// The operation that does `self` first and then `next`.
    pub fn then(&self, next: &Self) -> Result<Self, QuantumError> {
        if self.qubits != next.qubits {
            return Err(QuantumError::new(OBJECT, "next", format!("on {} qubits", self.qubits), next.qubits, ""));
        }
        let rows = next.rows.images(&self.rows).map_err(|refused| too_large(OBJECT, self.qubits, refused))?;
        Ok(Self { qubits: self.qubits, rows })
    }

    /// The operation that undoes this one.
    ///
    /// Its bits are this one's turned over; a row's sign is what its image under `self` must lack.
    pub fn inverse(&self) -> Result<Self, QuantumError> {
        let n = self.qubits;
        let mut out = Self { qubits: n, rows: rows(OBJECT, 2 * n, n)? };
        let (xs, zs): (Vec<usize>, Vec<usize>) = ((0..n).collect(), (n..2 * n).collect());
        // U^dagger X_q U has X_k where X_q anticommutes with U Z_k U^dagger, and so on.
        out.rows.transpose_from(0, Plane::X, &self.rows, &zs, Plane::Z);
        out.rows.transpose_from(0, Plane::Z, &self.rows, &xs, Plane::Z);
        out.rows.transpose_from(n, Plane::X, &self.rows, &zs, Plane::X);
        out.rows.transpose_from(n, Plane::Z, &self.rows, &xs, Plane::X);
        let images = self.rows.images(&out.rows).map_err(|refused| too_large(OBJECT, n, refused))?;
        for row in 0..2 * n {
            out.rows.turn(row, 4 - images.phase(row));
        }
        Ok(out)
    }

    /// Words of both planes row by row, then the phases: for storage.
    pub fn to_words(&self) -> (Vec<u64>, Vec<u8>) {
        let mut words = Vec::with_capacity(self.rows.rows() * self.rows.words() * 2);
        for row in 0..self.rows.rows() {
            for plane in [Plane::X, Plane::Z] {
                words.extend((0..self.rows.words()).map(|k| self.rows.word(row, plane, k)));
            }
        }
        (words, (0..self.rows.rows()).map(|row| self.rows.phase(row)).collect())
    }

    /// The operation of `to_words`. Its size is checked, not that the rows commute as they must.
    pub fn from_words(words: &[u64], phases: &[u8]) -> Result<Self, QuantumError> {
        let qubits = phases.len() / 2;
        let mut out = Self { qubits, rows: rows(OBJECT, 2 * qubits, qubits)? };
        let plane_words = out.rows.words();
        if !phases.len().is_multiple_of(2) || words.len() != 2 * plane_words * phases.len() {
            return Err(QuantumError::new(OBJECT, "words", "those of a tableau", format!("{} words", words.len()), ""));
        }
        let last = if qubits.is_multiple_of(64) { u64::MAX } else { (1 << (qubits % 64)) - 1 };
        for (row, &phase) in phases.iter().enumerate() {
            for k in 0..plane_words {
                let used = if k + 1 == plane_words { last } else { u64::MAX };
                let at = 2 * plane_words * row + k;
                out.rows.set_word(row, Plane::X, k, words[at] & used);
                out.rows.set_word(row, Plane::Z, k, words[at + plane_words] & used);
            }
            out.rows.turn(row, phase);
        }
        Ok(out)
    }

    /// Does a gate after the operation: U becomes G U.
    pub fn append(&mut self, gate: Gate, targets: &[usize]) -> Result<(), QuantumError> {
        check_targets(OBJECT, self.qubits, gate, targets)?;
        let table: Vec<_> = (0..16).map(|bits| conjugated(gate, bits)).collect();
        for pair in targets.chunks(gate.qubits()) {
            let (a, b) = (pair[0], pair.get(1).copied());
            for row in 0..2 * self.qubits {
                let read =
                    |q: usize| usize::from(self.rows.bit(row, Plane::X, q)) | usize::from(self.rows.bit(row, Plane::Z, q)) << 1;
                let before = read(a) | b.map_or(0, |b| read(b) << 2);
                let (after, phase) = table[before];
                let changed = before ^ after;
                for (q, bits) in [(Some(a), changed & 3), (b, changed >> 2)] {
                    let Some(q) = q else { continue };
                    for (plane, bit) in [(Plane::X, bits & 1), (Plane::Z, bits >> 1)] {
                        let word = self.rows.word(row, plane, q / 64) ^ (bit as u64) << (q % 64);
                        self.rows.set_word(row, plane, q / 64, word);
                    }
                }
                self.rows.turn(row, phase);
            }
        }
        Ok(())
    }
}

/// Targets exist, come in pairs for a two-qubit gate, and the two of a pair differ.
pub(super) fn check_targets(object: &'static str, qubits: usize, gate: Gate, targets: &[usize]) -> Result<(), QuantumError> {
    for (k, &target) in targets.iter().enumerate() {
        if target >= qubits {
            let range = format!("in [0, {}]", qubits as i128 - 1);
            return Err(QuantumError::new(object, format!("targets[{k}]"), range, target, "qubits are numbered from 0"));
        }
    }
    if gate.qubits() == 2 {
        if !targets.len().is_multiple_of(2) {
            return Err(QuantumError::new(
                object,
                "targets",
                "an even number of qubits",
                targets.len(),
                "they are taken in pairs",
            ));
        }
        if let Some(k) = targets.chunks(2).position(|pair| pair[0] == pair[1]) {
            let value = format!("{} and {}", targets[2 * k], targets[2 * k + 1]);
            return Err(QuantumError::new(object, format!("pair {k}"), "two different qubits", value, ""));
        }
    }
    Ok(())
}
