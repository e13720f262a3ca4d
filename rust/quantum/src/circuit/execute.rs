//! Runs a circuit on any state, by a handful of primitive operations.
//!
//! An [`Engine`] knows gates, Pauli measurements, resets and Pauli noise; everything the language has beyond that (products,
//! `SPP`, feedback, heralds, loops, flipped results) is taken apart here, once. The random stream is the caller's.

use ebit_random::Stream;
use num_complex::Complex64;

use super::{Circuit, Instruction, Item, OBJECT, Operation, PauliProduct, Target};
use crate::error::QuantumError;
use crate::gate::Gate;
use crate::pauli::Pauli;

/// One event of a Pauli channel: with this probability, these Paulis on the targets, one each.
#[derive(Debug, Clone, PartialEq)]
pub struct PauliTerm {
    pub probability: f64,
    pub paulis: Vec<Pauli>,
}

/// A state that circuits run on.
pub trait Engine {
    /// The class users know, for complaints.
    const OBJECT: &'static str;

    fn num_qubits(&self) -> usize;

    /// Asked before each instruction: an error ends the run.
    fn check(&self) -> Result<(), QuantumError> {
        Ok(())
    }

    /// Applies a gate; a one-qubit gate ignores the second target. Targets are in range and differ.
    fn gate(&mut self, gate: Gate, targets: [usize; 2]) -> Result<(), QuantumError>;

    /// Applies a unitary, row-major, first target least significant; refused by states that cannot.
    fn unitary(&mut self, matrix: &[Complex64], targets: &[usize]) -> Result<(), QuantumError>;

    /// Measures a product of one or more Paulis on distinct qubits: true for -1. The state collapses.
    fn measure(&mut self, product: &[(usize, Pauli)], stream: &mut Stream) -> Result<bool, QuantumError>;

    /// Leaves the qubit in the +1 state of the basis, X, Y or Z.
    fn reset(&mut self, qubit: usize, basis: Pauli, stream: &mut Stream) -> Result<(), QuantumError> {
        let outcome = self.measure(&[(qubit, basis)], stream)?;
        if outcome { self.gate(flip(basis), [qubit, qubit]) } else { Ok(()) }
    }

    /// Leaves the whole register in |0...0> if that is shorter than qubit by qubit and draws nothing; says whether it did.
    fn clear(&mut self) -> bool {
        false
    }

    /// Exclusive Pauli errors on the targets together; nothing with the remaining probability. Draws one event and applies
    /// it; a state that holds mixtures overrides this and draws nothing.
    fn noise(&mut self, terms: &[PauliTerm], targets: &[usize], stream: &mut Stream) -> Result<(), QuantumError> {
        let mut left = stream.next_f64();
        for term in terms {
            if left < term.probability {
                return targets.iter().zip(&term.paulis).try_for_each(|(qubit, pauli)| apply(self, *pauli, *qubit));
            }
            left -= term.probability;
        }
        Ok(())
    }

    /// One of the `4^k - 1` Pauli errors of the targets with probability `p`, all alike: the most common noise, which a
    /// state that holds mixtures has a shorter way for.
    fn depolarize(&mut self, p: f64, targets: &[usize], stream: &mut Stream) -> Result<(), QuantumError> {
        self.noise(&even_terms(p, targets.len()), targets, stream)
    }
}

/// The Pauli gate that exchanges the two states of a basis.
fn flip(basis: Pauli) -> Gate {
    if basis == Pauli::Z { Gate::X } else { Gate::Z }
}

fn apply(engine: &mut (impl Engine + ?Sized), pauli: Pauli, qubit: usize) -> Result<(), QuantumError> {
    let gate = match pauli {
        Pauli::I => return Ok(()),
        Pauli::X => Gate::X,
        Pauli::Y => Gate::Y,
        Pauli::Z => Gate::Z,
    };
    engine.gate(gate, [qubit, qubit])
}

/// Runs a circuit and returns its measurement record. Sweep bits are 0.
///
/// # Errors
/// More qubits than the state has, a record larger than memory, a lookback before the beginning, a product that is not Hermitian, or what the state
/// refuses.
pub fn execute<E: Engine>(circuit: &Circuit, engine: &mut E, stream: &mut Stream) -> Result<Vec<bool>, QuantumError> {
    let counts = circuit.counts();
    let (qubits, results) = (counts.qubits, counts.measurements);
    if qubits > engine.num_qubits() {
        let range = format!("on at most {} qubits", engine.num_qubits());
        return Err(QuantumError::new(E::OBJECT, "circuit", range, qubits, "make a larger state"));
    }
    let mut record = Vec::new();
    let reserved = usize::try_from(results).is_ok_and(|results| record.try_reserve_exact(results).is_ok());
    if !reserved {
        let value = format!("{results} measurements");
        return Err(QuantumError::too_large(E::OBJECT, "circuit", value, results.into(), "run a part of it at a time"));
    }
    let mut run = Run { engine, stream, record, error_happened: false };
    circuit.walk(&mut |item| run.item(item))?;
    Ok(run.record)
}

struct Run<'a, E> {
    engine: &'a mut E,
    stream: &'a mut Stream,
    record: Vec<bool>,
    /// Whether an error of the present chain of `E` and `ELSE_CORRELATED_ERROR` happened.
    error_happened: bool,
}

impl<E: Engine> Run<'_, E> {
    fn item(&mut self, item: &Item) -> Result<(), QuantumError> {
        match item {
            Item::Instruction(instruction) => self.instruction(instruction),
            // `walk` runs through loops itself.
            Item::Repeat(repeat) => {
                for _ in 0..repeat.count {
                    repeat.body.walk(&mut |item| self.item(item))?;
                }
                Ok(())
            }
            Item::If(condition) => {
                for (lookback, wanted) in &condition.terms {
                    if self.look_back(*lookback)? != *wanted {
                        return Ok(());
                    }
                }
                condition.body.walk(&mut |item| self.item(item))
            }
        }
    }

    fn look_back(&self, lookback: u32) -> Result<bool, QuantumError> {
        let place = self.record.len().checked_sub(lookback as usize);
        place.map(|k| self.record[k]).ok_or_else(|| {
            let range = format!("a measurement of the {} made before it", self.record.len());
            QuantumError::new(OBJECT, format!("rec[-{lookback}]"), range, "one before the beginning", "")
        })
    }

    /// Appends a result, flipped if inverted and with the instruction's probability.
    fn result(&mut self, outcome: bool, instruction: &Instruction) {
        let flipped = !instruction.arguments().is_empty() && self.stream.bernoulli(instruction.argument());
        self.record.push(outcome ^ flipped);
    }

    fn instruction(&mut self, instruction: &Instruction) -> Result<(), QuantumError> {
        self.engine.check()?;
        let targets = instruction.targets();
        match instruction.operation() {
            Operation::Gate(gate) => self.gates(*gate, targets),
            Operation::Unitary(unitary) => {
                let qubits: Vec<usize> = qubits(targets).collect();
                qubits.chunks_exact(unitary.qubits).try_for_each(|group| self.engine.unitary(&unitary.matrix, group))
            }
            Operation::Measure(basis) | Operation::MeasureReset(basis) => {
                let resets = matches!(instruction.operation(), Operation::MeasureReset(_));
                for target in targets {
                    let Target::Qubit { index, inverted } = *target else { continue };
                    let qubit = index as usize;
                    let outcome = self.engine.measure(&[(qubit, *basis)], self.stream)?;
                    if resets && outcome {
                        self.engine.gate(flip(*basis), [qubit, qubit])?;
                    }
                    self.result(outcome ^ inverted, instruction);
                }
                Ok(())
            }
            Operation::Reset(Pauli::Z) if covers(targets, self.engine.num_qubits()) && self.engine.clear() => Ok(()),
            Operation::Reset(basis) => qubits(targets).try_for_each(|qubit| self.engine.reset(qubit, *basis, self.stream)),
            Operation::MeasurePair(basis) => {
                for pair in targets.chunks_exact(2) {
                    if let [Target::Qubit { index: a, inverted: x }, Target::Qubit { index: b, inverted: y }] = *pair {
                        let outcome = self.engine.measure(&[(a as usize, *basis), (b as usize, *basis)], self.stream)?;
                        self.result(outcome ^ x ^ y, instruction);
                    }
                }
                Ok(())
            }
            Operation::MeasureProduct => {
                for product in instruction.products()? {
                    // A product that is +1 or -1 by itself needs no state.
                    let outcome = !product.factors.is_empty() && self.engine.measure(&product.factors, self.stream)?;
                    self.result(outcome ^ product.negative, instruction);
                }
                Ok(())
            }
            Operation::Spp => instruction.products()?.iter().try_for_each(|product| self.root(product, false)),
            Operation::SppDag => instruction.products()?.iter().try_for_each(|product| self.root(product, true)),
            Operation::CorrelatedError | Operation::ElseCorrelatedError => {
                self.error_happened &= *instruction.operation() == Operation::ElseCorrelatedError;
                // One word, whether the chain goes on or not.
                let happens = self.stream.bernoulli(instruction.argument());
                if happens && !self.error_happened {
                    self.error_happened = true;
                    return instruction.error_product().into_iter().try_for_each(|(q, p)| apply(self.engine, p, q));
                }
                Ok(())
            }
            Operation::HeraldedErase | Operation::HeraldedPauliChannel1 => self.heralded(instruction),
            Operation::Pad => {
                for target in targets {
                    self.result(target.index() == Some(1), instruction);
                }
                Ok(())
            }
            Operation::Depolarize1 => {
                let p = instruction.argument();
                qubits(targets).try_for_each(|qubit| self.engine.depolarize(p, &[qubit], self.stream))
            }
            Operation::Depolarize2 => {
                let p = instruction.argument();
                let whole = |target: &Target| target.index().map_or(0, |q| q as usize);
                let mut pairs = targets.chunks_exact(2).map(|pair| [whole(&pair[0]), whole(&pair[1])]);
                pairs.try_for_each(|pair| self.engine.depolarize(p, &pair, self.stream))
            }
            Operation::PauliError(_) | Operation::PauliChannel1 | Operation::PauliChannel2 | Operation::PairError => {
                let terms = pauli_terms(instruction);
                let size = terms.first().map_or(1, |term| term.paulis.len());
                let qubits: Vec<usize> = qubits(targets).collect();
                if terms.is_empty() {
                    return Ok(());
                }
                qubits.chunks_exact(size).try_for_each(|group| self.engine.noise(&terms, group, self.stream))
            }
            Operation::Detector
            | Operation::ObservableInclude
            | Operation::QubitCoords
            | Operation::ShiftCoords
            | Operation::Tick => Ok(()),
        }
    }

    fn gates(&mut self, gate: Gate, targets: &[Target]) -> Result<(), QuantumError> {
        if gate.qubits() == 1 {
            return qubits(targets).try_for_each(|q| self.engine.gate(gate, [q, q]));
        }
        for pair in targets.chunks_exact(2) {
            match (pair[0], pair[1]) {
                (Target::Qubit { index: a, .. }, Target::Qubit { index: b, .. }) => {
                    self.engine.gate(gate, [a as usize, b as usize])?
                }
                (Target::Record(lookback), Target::Qubit { index, .. })
                | (Target::Qubit { index, .. }, Target::Record(lookback)) => {
                    let pauli = if self.look_back(lookback)? { fed_back(gate) } else { Pauli::I };
                    apply(self.engine, pauli, index as usize)?;
                }
                // Sweep bits are 0; two classical bits give a phase that nobody sees.
                _ => {}
            }
        }
        Ok(())
    }

    /// The square root of a signed Pauli product, by a parity on the first of its qubits.
    fn root(&mut self, product: &PauliProduct, dagger: bool) -> Result<(), QuantumError> {
        let Some(((first, _), others)) = product.factors.split_first() else { return Ok(()) };
        let mut steps: Vec<(Gate, [usize; 2])> = Vec::new();
        for (qubit, pauli) in &product.factors {
            match pauli {
                Pauli::X => steps.push((Gate::H, [*qubit, *qubit])),
                Pauli::Y => steps.push((Gate::Hyz, [*qubit, *qubit])),
                _ => {}
            }
        }
        steps.extend(others.iter().map(|(qubit, _)| (Gate::CX, [*qubit, *first])));
        let middle = if dagger == product.negative { Gate::S } else { Gate::SDag };
        steps.iter().try_for_each(|(gate, targets)| self.engine.gate(*gate, *targets))?;
        self.engine.gate(middle, [*first, *first])?;
        // Every step is its own inverse.
        steps.iter().rev().try_for_each(|(gate, targets)| self.engine.gate(*gate, *targets))
    }

    fn heralded(&mut self, instruction: &Instruction) -> Result<(), QuantumError> {
        let (herald, weights) = heralded_channel(instruction);
        let terms = single(&weights[1..]);
        for qubit in qubits(instruction.targets()) {
            let heralded = self.stream.bernoulli(herald);
            self.record.push(heralded);
            if heralded {
                self.engine.noise(&terms, &[qubit], self.stream)?;
            }
        }
        Ok(())
    }
}

/// The Pauli that a controlled gate leaves when a classical bit controls it.
pub(crate) fn fed_back(gate: Gate) -> Pauli {
    match gate {
        Gate::CX | Gate::XCZ => Pauli::X,
        Gate::CY | Gate::YCZ => Pauli::Y,
        _ => Pauli::Z,
    }
}

/// The plain qubits among targets.
pub(crate) fn qubits(targets: &[Target]) -> impl Iterator<Item = usize> + '_ {
    targets.iter().filter_map(|t| t.index().map(|q| q as usize))
}

/// Whether the targets are all qubits of a small register.
fn covers(targets: &[Target], register: usize) -> bool {
    let mask = |all: u64, qubit: usize| all | 1u64.checked_shl(qubit as u32).unwrap_or(0);
    (1..=64).contains(&register) && qubits(targets).fold(0, mask) == u64::MAX >> (64 - register)
}

/// The probability of a herald, and given it the weights of I, X, Y, Z.
pub(crate) fn heralded_channel(instruction: &Instruction) -> (f64, [f64; 4]) {
    if *instruction.operation() == Operation::HeraldedErase {
        return (instruction.argument(), [0.25; 4]);
    }
    let p = instruction.arguments();
    let sum: f64 = p.iter().sum();
    let mut weights = [0.0; 4];
    for (weight, p) in weights.iter_mut().zip(p) {
        *weight = if sum > 0.0 { p / sum } else { 0.0 };
    }
    (sum.min(1.0), weights)
}

fn single(weights: &[f64]) -> Vec<PauliTerm> {
    Pauli::ALL[1..].iter().zip(weights).map(|(p, w)| PauliTerm { probability: *w, paulis: vec![*p] }).collect()
}

/// All Pauli errors of one or two targets, alike, with probability `p` together.
pub(crate) fn even_terms(p: f64, targets: usize) -> Vec<PauliTerm> {
    if targets == 1 {
        return single(&[p / 3.0; 3]);
    }
    let word = |k: usize| vec![Pauli::ALL[k / 4], Pauli::ALL[k % 4]];
    (1..16).map(|k| PauliTerm { probability: p / 15.0, paulis: word(k) }).collect()
}

/// The exclusive Pauli errors of a noise instruction on one group of its targets; empty if it does nothing.
pub(crate) fn pauli_terms(instruction: &Instruction) -> Vec<PauliTerm> {
    let p = instruction.argument();
    match instruction.operation() {
        Operation::PauliError(Pauli::I) | Operation::PairError => Vec::new(),
        Operation::PauliError(pauli) => vec![PauliTerm { probability: p, paulis: vec![*pauli] }],
        Operation::Depolarize1 => even_terms(p, 1),
        Operation::PauliChannel1 => single(instruction.arguments()),
        Operation::Depolarize2 => even_terms(p, 2),
        Operation::PauliChannel2 => {
            let mut terms = even_terms(0.0, 2);
            terms.iter_mut().zip(instruction.arguments()).for_each(|(term, p)| term.probability = *p);
            terms
        }
        _ => Vec::new(),
    }
}
