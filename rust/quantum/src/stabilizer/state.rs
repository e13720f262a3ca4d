//! A stabilizer state with its random stream: gates, measurements, expectation values.
//!
//! Qubits behind the visible ones purify a mixed state; nothing acts on them. A random outcome takes one word of the
//! stream, a certain one none: the outcomes for a seed depend on the circuit alone.

use ebit_bits::Plane;
use ebit_random::{Purpose, Stream};

use super::OBJECT;
use super::collapse::{Scratch, collapse, collapse_row, first_bit};
use super::gates::prepend;
use super::tableau::{Tableau, check_targets};
use crate::error::QuantumError;
use crate::gate::Gate;
use crate::pauli::Pauli;
use crate::pauli_string::PauliString;

/// Targets from which on gates are gathered and run as one list.
const MANY: usize = 16;

/// A stabilizer state of n qubits, pure or mixed, that owns the stream of its outcomes.
///
/// ```
/// use ebit_quantum::{Gate, StabilizerState};
///
/// let mut s = StabilizerState::new(3, 7)?;
/// s.apply(Gate::H, &[0])?;
/// s.apply(Gate::CX, &[0, 1, 1, 2])?;
/// let text: Vec<String> = s.stabilizers()?.iter().map(ToString::to_string).collect();
/// assert_eq!(text, ["+XXX", "+Z_Z", "+_ZZ"]);
/// assert_eq!(s.measure(0)?, s.measure(2)?);
/// # Ok::<(), ebit_quantum::QuantumError>(())
/// ```
#[derive(Debug)]
pub struct StabilizerState {
    qubits: usize,
    /// The tableau of U^dagger, on visible and hidden qubits.
    pub(super) inverse: Tableau,
    root: u128,
    stream: Stream,
    scratch: Scratch,
}

/// Where an outcome comes from if the state leaves it open.
enum Outcome {
    Drawn,
    Wanted(bool),
}

impl StabilizerState {
    /// |0...0> with the outcomes of the seed `root`.
    pub fn new(qubits: usize, root: u128) -> Result<Self, QuantumError> {
        Self::with_hidden(qubits, 0, root)
    }

    pub(super) fn with_hidden(qubits: usize, hidden: usize, root: u128) -> Result<Self, QuantumError> {
        let total = qubits.saturating_add(hidden);
        let inverse = Tableau::identity_of(OBJECT, total)?;
        Ok(Self { qubits, inverse, root, stream: Stream::new(root, 0, 0, Purpose::Measurement), scratch: Scratch::default() })
    }

    /// What an operation makes of |0...0>.
    pub fn from_tableau(tableau: &Tableau, root: u128) -> Result<Self, QuantumError> {
        let mut out = Self::new(0, root)?;
        out.qubits = tableau.qubits();
        out.inverse = tableau.inverse()?;
        Ok(out)
    }

    /// The same state, its stream where it was; an error if it does not fit a second time.
    pub fn try_clone(&self) -> Result<Self, QuantumError> {
        let inverse = self.inverse.try_clone()?;
        let stream = self.stream.clone();
        Ok(Self { qubits: self.qubits, inverse, root: self.root, stream, scratch: Scratch::default() })
    }

    #[inline]
    pub fn qubits(&self) -> usize {
        self.qubits
    }
    /// Visible and hidden qubits.
    #[inline]
    pub(super) fn total(&self) -> usize {
        self.inverse.qubits()
    }
    pub(super) fn hidden(&self) -> usize {
        self.total() - self.qubits
    }
    pub fn root(&self) -> u128 {
        self.root
    }
    /// How many words of its stream were drawn.
    pub fn position(&self) -> u64 {
        self.stream.position()
    }
    pub(super) fn stream(&self) -> &Stream {
        &self.stream
    }
    pub(super) fn stream_mut(&mut self) -> &mut Stream {
        &mut self.stream
    }
    /// Sets the stream of outcomes to a seed's after so many words.
    pub fn set_stream(&mut self, root: u128, position: u64) {
        self.root = root;
        self.stream = Stream::from_position(root, 0, 0, Purpose::Measurement, position);
    }
    pub(super) fn set_stream_of(&mut self, other: &Self) {
        self.root = other.root;
        self.stream = other.stream.clone();
    }

    fn check(&self, qubit: usize) -> Result<(), QuantumError> {
        if qubit < self.qubits {
            return Ok(());
        }
        let range = format!("in [0, {}]", self.qubits as i128 - 1);
        Err(QuantumError::new(OBJECT, "qubit", range, qubit, "qubits are numbered from 0"))
    }

    pub(super) fn check_distinct(&self, parameter: &str, qubits: &[usize]) -> Result<(), QuantumError> {
        let mut seen = vec![false; self.qubits];
        for &q in qubits {
            self.check(q)?;
            if std::mem::replace(&mut seen[q], true) {
                return Err(QuantumError::new(OBJECT, parameter, "different qubits", format!("{q} twice"), ""));
            }
        }
        Ok(())
    }

    /// A gate on one qubit.
    #[inline]
    pub fn apply_one(&mut self, gate: Gate, qubit: usize) -> Result<(), QuantumError> {
        if qubit >= self.qubits || gate.qubits() != 1 {
            return check_targets(OBJECT, self.qubits, gate, &[qubit]);
        }
        let total = self.total();
        prepend(&mut self.inverse.rows, total, gate, qubit, qubit);
        Ok(())
    }

    /// A gate on two qubits.
    #[inline]
    pub fn apply_two(&mut self, gate: Gate, first: usize, second: usize) -> Result<(), QuantumError> {
        if first.max(second) >= self.qubits || first == second || gate.qubits() != 2 {
            return self.apply(gate, &[first, second]);
        }
        let total = self.total();
        prepend(&mut self.inverse.rows, total, gate, first, second);
        Ok(())
    }

    /// A gate on each of the targets, or on each pair of them in turn.
    pub fn apply(&mut self, gate: Gate, targets: &[usize]) -> Result<(), QuantumError> {
        check_targets(OBJECT, self.qubits, gate, targets)?;
        let total = self.total();
        let pairs = targets.chunks_exact(gate.qubits()).map(|t| (t[0], t[t.len() - 1]));
        if targets.len() < MANY {
            pairs.for_each(|(a, b)| prepend(&mut self.inverse.rows, total, gate, a, b));
        } else {
            let mut batch = self.inverse.rows.batch();
            pairs.for_each(|(a, b)| prepend(&mut batch, total, gate, a, b));
        }
        Ok(())
    }

    /// Applies the letters of a string as gates; its phase does nothing to a state.
    pub fn apply_pauli(&mut self, string: &PauliString) -> Result<(), QuantumError> {
        self.check_string(string)?;
        let total = self.total();
        for (q, pauli) in string.paulis().enumerate() {
            let gate = [Gate::I, Gate::X, Gate::Y, Gate::Z][pauli as usize];
            prepend(&mut self.inverse.rows, total, gate, q, q);
        }
        Ok(())
    }

    /// Replaces the state by what an operation makes of it.
    pub fn apply_tableau(&mut self, tableau: &Tableau) -> Result<(), QuantumError> {
        if tableau.qubits() != self.qubits || self.hidden() != 0 {
            let range = format!("on {} qubits, for a pure state", self.qubits);
            return Err(QuantumError::new(OBJECT, "tableau", range, format!("{} qubits", tableau.qubits()), ""));
        }
        self.inverse = tableau.inverse()?.then(&self.inverse)?;
        Ok(())
    }

    fn check_string(&self, string: &PauliString) -> Result<(), QuantumError> {
        if string.qubits() != self.qubits {
            let range = format!("a string of {} letters", self.qubits);
            return Err(QuantumError::new(
                OBJECT,
                "pauli",
                range,
                format!("{} letters", string.qubits()),
                "I or _ where it does not act",
            ));
        }
        if !string.is_hermitian() {
            return Err(QuantumError::new(OBJECT, "pauli", "an observable, with sign + or -", string, ""));
        }
        Ok(())
    }

    fn outcome(&mut self, outcome: &Outcome) -> bool {
        match outcome {
            Outcome::Drawn => self.stream.next_u64() >> 63 != 0,
            Outcome::Wanted(wanted) => *wanted,
        }
    }

    /// Measures the observable of a row; the outcome and whether it was open.
    #[inline]
    fn measure_row(&mut self, row: usize, wanted: &Outcome) -> (bool, bool) {
        match self.inverse.rows.first_bit(row, Plane::X) {
            None => (self.inverse.rows.phase(row) & 2 != 0, false),
            Some(pivot) => {
                let outcome = self.outcome(wanted);
                collapse_row(&mut self.inverse.rows, &mut self.scratch, row, pivot, outcome);
                (outcome, true)
            }
        }
    }

    fn measure_string(&mut self, string: &PauliString, wanted: &Outcome) -> (bool, bool) {
        let (mut x, z, phase) = self.inverse.product(string);
        match first_bit(&x) {
            None => (phase & 2 != 0, false),
            Some(pivot) => {
                let outcome = self.outcome(wanted);
                collapse(&mut self.inverse.rows, &mut x, &z, phase, pivot, outcome);
                (outcome, true)
            }
        }
    }

    #[inline]
    fn measure_axis(&mut self, qubit: usize, axis: Pauli, wanted: &Outcome) -> (bool, bool) {
        match axis {
            Pauli::Z => self.measure_row(self.total() + qubit, wanted),
            Pauli::X => self.measure_row(qubit, wanted),
            _ => self.measure_string(&single(qubit, axis), wanted),
        }
    }

    /// Measures a product given by its factors, on different qubits in range, with outcomes from elsewhere.
    pub(super) fn measure_factors(&mut self, factors: &[(usize, Pauli)], stream: &mut Stream) -> bool {
        std::mem::swap(&mut self.stream, stream);
        let (outcome, _) = match factors {
            [(qubit, axis)] => self.measure_axis(*qubit, *axis, &Outcome::Drawn),
            _ => {
                let last = factors.iter().map(|(qubit, _)| qubit + 1).max().unwrap_or(0);
                let mut string = PauliString::identity(last);
                factors.iter().for_each(|(qubit, pauli)| string.set(*qubit, *pauli));
                self.measure_string(&string, &Outcome::Drawn)
            }
        };
        std::mem::swap(&mut self.stream, stream);
        outcome
    }

    /// Measures Z: false for |0>, and the state collapses.
    #[inline]
    pub fn measure(&mut self, qubit: usize) -> Result<bool, QuantumError> {
        self.measure_in(qubit, Pauli::Z)
    }

    /// Measures X, Y or Z of a qubit: true for the -1 eigenstate. The identity always gives false.
    #[inline]
    pub fn measure_in(&mut self, qubit: usize, axis: Pauli) -> Result<bool, QuantumError> {
        self.check(qubit)?;
        Ok(self.measure_axis(qubit, axis, &Outcome::Drawn).0)
    }

    /// Measures a product of Paulis and nothing about its factors: true for -1.
    pub fn measure_pauli(&mut self, string: &PauliString) -> Result<bool, QuantumError> {
        self.check_string(string)?;
        Ok(self.measure_string(string, &Outcome::Drawn).0)
    }

    /// Brings a qubit to |0>, measuring it on the way.
    pub fn reset(&mut self, qubit: usize) -> Result<(), QuantumError> {
        if self.measure(qubit)? {
            self.apply_one(Gate::X, qubit)?;
        }
        Ok(())
    }

    /// Projects on an outcome; its probability, 1 or 1/2. An impossible one is an error and changes nothing.
    pub fn postselect(&mut self, qubit: usize, axis: Pauli, outcome: bool) -> Result<f64, QuantumError> {
        self.check(qubit)?;
        let measured = self.measure_axis(qubit, axis, &Outcome::Wanted(outcome));
        selected(measured, outcome)
    }

    /// Projects on an outcome of a product of Paulis: `true` for -1.
    pub fn postselect_pauli(&mut self, string: &PauliString, outcome: bool) -> Result<f64, QuantumError> {
        self.check_string(string)?;
        let measured = self.measure_string(string, &Outcome::Wanted(outcome));
        selected(measured, outcome)
    }

    /// What a measurement along an axis would give, if that is certain.
    pub fn peek(&self, qubit: usize, axis: Pauli) -> Result<Option<bool>, QuantumError> {
        self.check(qubit)?;
        let row = match axis {
            Pauli::Z => self.total() + qubit,
            Pauli::X => qubit,
            _ => return Ok(self.value(&single(qubit, axis))),
        };
        let certain = self.inverse.rows.first_bit(row, Plane::X).is_none();
        Ok(certain.then(|| self.inverse.rows.phase(row) & 2 != 0))
    }

    fn value(&self, string: &PauliString) -> Option<bool> {
        let (x, _, phase) = self.inverse.product(string);
        first_bit(&x).is_none().then_some(phase & 2 != 0)
    }

    /// The expectation value of a product of Paulis: -1, 0 or +1.
    pub fn expectation(&self, string: &PauliString) -> Result<i8, QuantumError> {
        self.check_string(string)?;
        Ok(self.value(string).map_or(0, |negative| if negative { -1 } else { 1 }))
    }

    /// The rows of the inverse tableau, for storage.
    pub fn to_words(&self) -> (Vec<u64>, Vec<u8>) {
        self.inverse.to_words()
    }

    /// The state of `to_words`, with so many of its qubits visible.
    pub fn from_words(qubits: usize, words: &[u64], phases: &[u8], root: u128) -> Result<Self, QuantumError> {
        let inverse = Tableau::from_words(words, phases)?;
        if inverse.qubits() < qubits {
            return Err(QuantumError::new(OBJECT, "words", format!("those of {qubits} qubits"), inverse.qubits(), ""));
        }
        let mut out = Self::new(0, root)?;
        out.qubits = qubits;
        out.inverse = inverse;
        Ok(out)
    }
}

fn single(qubit: usize, axis: Pauli) -> PauliString {
    let mut string = PauliString::identity(qubit + 1);
    string.set(qubit, axis);
    string
}

fn selected((found, open): (bool, bool), wanted: bool) -> Result<f64, QuantumError> {
    if found != wanted {
        return Err(QuantumError::impossible(OBJECT, "outcome", u8::from(found).to_string(), u8::from(wanted)));
    }
    Ok(if open { 0.5 } else { 1.0 })
}
