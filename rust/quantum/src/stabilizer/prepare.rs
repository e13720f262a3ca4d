//! A state from its stabilizers.
//!
//! Gates are looked for that turn the i-th generator into Z_i times Z's before it; run backwards from |0...0> they make the
//! state. Qubits that no generator fixes are halves of Bell pairs with hidden qubits: maximally mixed. A sign that comes
//! out wrong is put right by X on the input. Refuses to know where the strings come from.

use ebit_bits::{PhasedRows, Plane, RowOperations};

use super::OBJECT;
use super::gates::prepend;
use super::state::StabilizerState;
use super::tableau::{rows, too_large};
use crate::error::QuantumError;
use crate::gate::Gate;
use crate::pauli_string::PauliString;

type Step = (Gate, usize, usize);

impl StabilizerState {
    /// The state with these stabilizers; mixed if they are fewer than the qubits.
    ///
    /// They must commute, have signs + or -, and not contradict each other; dependent ones are left out.
    pub fn from_stabilizers(strings: &[PauliString], root: u128) -> Result<Self, QuantumError> {
        let qubits = strings.first().map_or(0, PauliString::qubits);
        let wrong = |range: String, value: String| QuantumError::new(OBJECT, "stabilizers", range, value, "");
        for string in strings {
            if string.qubits() != qubits || !string.is_hermitian() {
                return Err(wrong(format!("strings of {qubits} letters with sign + or -"), string.to_string()));
            }
        }
        for (k, left) in strings.iter().enumerate() {
            if let Some(right) = strings[k + 1..].iter().find(|right| !left.commutes_with(right)) {
                return Err(wrong("commuting".into(), format!("{left} and {right}")));
            }
        }
        let mut reduced = stacked(qubits, strings)?;
        let rank = reduced.reduce();
        if (rank..strings.len()).any(|row| reduced.phase(row) != 0) {
            return Err(wrong("free of contradictions".into(), "strings whose product is -1".into()));
        }
        let strings: Vec<PauliString> = (0..rank)
            .map(|row| {
                let plane = |plane| (0..reduced.words()).map(|k| reduced.word(row, plane, k)).collect();
                PauliString::from_xz(qubits, plane(Plane::X), plane(Plane::Z), reduced.phase(row))
            })
            .collect();
        Self::from_independent(qubits, &strings, root)
    }

    /// As `from_stabilizers`, for strings known to commute and to be independent.
    pub(super) fn from_independent(qubits: usize, strings: &[PauliString], root: u128) -> Result<Self, QuantumError> {
        let rank = strings.len();
        let steps = sweep(qubits, strings)?;
        let mut out = Self::with_hidden(qubits, qubits - rank, root)?;
        let total = out.total();
        let mut batch = out.inverse.rows.batch();
        for (k, qubit) in (rank..qubits).enumerate() {
            prepend(&mut batch, total, Gate::H, qubit, 0);
            prepend(&mut batch, total, Gate::CX, qubit, qubits + k);
        }
        for (gate, a, b) in steps.into_iter().rev() {
            prepend(&mut batch, total, gate.inverse(), a, b);
        }
        drop(batch);
        for (k, string) in strings.iter().enumerate() {
            if out.expectation(string)? == -1 {
                out.flip_generator(k);
            }
        }
        Ok(out)
    }

    /// U X_k in place of U: the k-th generator changes sign.
    fn flip_generator(&mut self, k: usize) {
        for row in 0..self.inverse.rows.rows() {
            if self.inverse.rows.bit(row, Plane::Z, k) {
                self.inverse.rows.turn(row, 2);
            }
        }
    }
}

fn stacked(qubits: usize, strings: &[PauliString]) -> Result<PhasedRows, QuantumError> {
    let mut out = rows(OBJECT, strings.len(), qubits)?;
    for (row, string) in strings.iter().enumerate() {
        for (k, (x, z)) in string.x_words().iter().zip(string.z_words()).enumerate() {
            out.set_word(row, Plane::X, k, *x);
            out.set_word(row, Plane::Z, k, *z);
        }
        out.turn(row, string.xz_phase());
    }
    Ok(out)
}

/// Gates after which generator i is Z_i times Z's on qubits before i, up to sign.
fn sweep(qubits: usize, strings: &[PauliString]) -> Result<Vec<Step>, QuantumError> {
    let stacked = stacked(qubits, strings)?;
    // As in a state: row q says which generators anticommute with X_q, row n + q which do with Z_q.
    let mut turned = PhasedRows::identity(2 * qubits, strings.len()).map_err(|refused| too_large(OBJECT, qubits, refused))?;
    let all: Vec<usize> = (0..strings.len()).collect();
    turned.transpose_from(qubits, Plane::X, &stacked, &all, Plane::X);
    let mut of_x = PhasedRows::identity(qubits, strings.len()).map_err(|refused| too_large(OBJECT, qubits, refused))?;
    of_x.transpose_from(0, Plane::X, &stacked, &all, Plane::Z);
    for q in 0..qubits {
        for word in 0..of_x.words() {
            turned.set_word(q, Plane::X, word, of_x.word(q, Plane::X, word));
        }
    }
    let mut steps = Vec::new();
    for i in 0..strings.len() {
        let mut support = Vec::new();
        let mut act = |rows: &mut PhasedRows, gate, a, b| {
            prepend(rows, qubits, gate, a, b);
            steps.push((gate, a, b));
        };
        for q in i..qubits {
            let (x, z) = (turned.bit(qubits + q, Plane::X, i), turned.bit(q, Plane::X, i));
            if x && z {
                act(&mut turned, Gate::S, q, 0);
            }
            if x {
                act(&mut turned, Gate::H, q, 0);
            }
            if x || z {
                support.push(q);
            }
        }
        if support.first().is_some_and(|&q| q != i) {
            act(&mut turned, Gate::Swap, i, support[0]);
        }
        for &q in support.iter().skip(1) {
            act(&mut turned, Gate::CX, q, i);
        }
    }
    Ok(steps)
}
