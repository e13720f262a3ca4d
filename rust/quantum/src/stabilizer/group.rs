//! The stabilizer group of a state in reduced form, and what is read from it.
//!
//! A mixed stabilizer state of n qubits is the state of n qubits out of n + e in a pure one; its stabilizers are those
//! generators that act on the n alone. With the columns of the qubits to be ignored in front, the rows of the reduced
//! echelon form that have no bit there generate exactly that subgroup:
//!
//! ```text
//!     columns   ignored   kept
//!     rows      1 * * *   * * *
//!               . 1 * *   * * *
//!               . . . .   1 * *     <- the stabilizers of what is kept
//! ```

use ebit_bits::{PhasedRows, Plane, RowOperations};

use super::OBJECT;
use super::state::StabilizerState;
use super::tableau::{Tableau, rows, too_large};
use crate::error::QuantumError;
use crate::pauli_string::PauliString;

/// Generators of a state's stabilizer group in reduced echelon form, columns in an order of choice.
pub(super) struct Group {
    rows: PhasedRows,
    /// How many columns are ignored, and how many rows have bits there.
    ignored: usize,
    first: usize,
}

impl Group {
    /// The group of the qubits `kept`, in this order; `ignored` are all others.
    pub fn of(inverse: &Tableau, ignored: &[usize], kept: &[usize]) -> Result<Self, QuantumError> {
        let order: Vec<usize> = ignored.iter().chain(kept).copied().collect();
        let mut rows = generators(inverse, &order)?;
        rows.reduce();
        let starts_ignored = |row: usize| {
            [Plane::X, Plane::Z].iter().any(|&plane| rows.first_bit(row, plane).is_some_and(|bit| bit < ignored.len()))
        };
        let first = (0..rows.rows()).position(|row| !starts_ignored(row)).unwrap_or(rows.rows());
        Ok(Self { rows, ignored: ignored.len(), first })
    }

    /// How many independent stabilizers the kept qubits have.
    pub fn rank(&self) -> usize {
        self.rows.rows() - self.first
    }

    /// The stabilizers of the kept qubits: Stim's canonical form, for it is the reduced echelon form.
    pub fn strings(&self) -> Vec<PauliString> {
        (self.first..self.rows.rows()).map(|row| behind(&self.rows, row, self.ignored)).collect()
    }
}

/// A row from a column on.
fn behind(rows: &PhasedRows, row: usize, first: usize) -> PauliString {
    let qubits = rows.bits() - first;
    let (skip, shift) = (first / 64, first % 64);
    let plane = |plane| {
        let read = |k: usize| if k < rows.words() { rows.word(row, plane, k) } else { 0 };
        let joined = |k: usize| read(k) >> shift | if shift == 0 { 0 } else { read(k + 1) << (64 - shift) };
        (skip..skip + qubits.div_ceil(64)).map(joined).collect()
    };
    PauliString::from_xz(qubits, plane(Plane::X), plane(Plane::Z), rows.phase(row))
}

/// The generators U Z_k U^dagger of a state, columns in `order`.
fn generators(inverse: &Tableau, order: &[usize]) -> Result<PhasedRows, QuantumError> {
    let natural: Vec<usize> = (0..order.len()).collect();
    let mut out = turned_over(inverse, &natural)?;
    // U^dagger (U Z_k U^dagger) U must be Z_k: a row whose image has a sign must have had it.
    let images = inverse.rows.images(&out).map_err(|refused| too_large(OBJECT, order.len(), refused))?;
    let phases: Vec<u8> = (0..out.rows()).map(|row| 4 - images.phase(row)).collect();
    if order != natural {
        out = turned_over(inverse, order)?;
    }
    phases.into_iter().enumerate().for_each(|(row, phase)| out.turn(row, phase));
    Ok(out)
}

/// The generators' bits, without phases.
fn turned_over(inverse: &Tableau, order: &[usize]) -> Result<PhasedRows, QuantumError> {
    let n = order.len();
    let mut out = rows(OBJECT, n, n)?;
    let of_z: Vec<usize> = order.iter().map(|q| n + q).collect();
    // A generator has X on q where it anticommutes with Z_q.
    out.transpose_from(0, Plane::X, &inverse.rows, &of_z, Plane::X);
    out.transpose_from(0, Plane::Z, &inverse.rows, order, Plane::X);
    Ok(out)
}

impl StabilizerState {
    /// The kept qubits' complement, hidden ones included.
    fn others(&self, kept: &[usize]) -> Vec<usize> {
        let mut is_kept = vec![false; self.total()];
        kept.iter().for_each(|&q| is_kept[q] = true);
        (0..self.total()).filter(|&q| !is_kept[q]).collect()
    }

    pub(super) fn group(&self, kept: &[usize]) -> Result<Group, QuantumError> {
        Group::of(&self.inverse, &self.others(kept), kept)
    }

    /// The canonical generators of the stabilizer group, those of Stim's `canonical_stabilizers`.
    ///
    /// The reduced echelon form for columns X0 Z0 X1 Z1 ...: equal for equal states. A mixed state has fewer than n.
    pub fn stabilizers(&self) -> Result<Vec<PauliString>, QuantumError> {
        Ok(self.group(&(0..self.qubits()).collect::<Vec<_>>())?.strings())
    }

    /// Entropy of the qubits' reduced state in bits: their number less the number of their own stabilizers.
    ///
    /// For a pure state this is the entanglement between them and the rest (Fattal et al., arXiv:quant-ph/0406168).
    pub fn entanglement_entropy(&self, qubits: &[usize]) -> Result<usize, QuantumError> {
        self.check_distinct("qubits", qubits)?;
        Ok(qubits.len() - self.group(qubits)?.rank())
    }

    /// log2 of the rank of the density matrix: 0 for a pure state.
    pub fn entropy(&self) -> Result<usize, QuantumError> {
        if self.hidden() == 0 { Ok(0) } else { self.entanglement_entropy(&(0..self.qubits()).collect::<Vec<_>>()) }
    }

    /// The state of the kept qubits, `keep[k]` becoming qubit k; mixed where they were entangled with others.
    pub fn partial_trace(&self, keep: &[usize]) -> Result<Self, QuantumError> {
        self.check_distinct("keep", keep)?;
        let strings = self.group(keep)?.strings();
        let mut out = Self::from_independent(keep.len(), &strings, self.root())?;
        out.set_stream_of(self);
        Ok(out)
    }
}
