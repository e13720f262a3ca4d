//! From actions, measurements and conditions to a [`Circuit`]: Paulis under one parity become Stim's feedback, everything
//! else under a condition an `IF`.

use super::action::{Form, Placed};
use super::error::{Place, QasmError, Result};
use super::value::{Condition, Parity};
use crate::circuit::{Circuit, INDEX_LIMIT, Instruction, Operation, Target};
use crate::error::QuantumError;
use crate::gate::Gate;
use crate::pauli::Pauli;

/// The most conjunctions of outcomes into which one condition is taken apart.
const MAX_BRANCHES: usize = 64;

#[derive(Debug, Default)]
pub(super) struct Builder {
    circuit: Circuit,
    measurements: usize,
    /// Operations under one condition, until something else comes.
    pending: Option<(Condition, Place, Circuit)>,
}

fn lowered(place: Place) -> impl Fn(QuantumError) -> QasmError {
    move |e| QasmError::unsupported(place, format!("{} {}", e.parameter, e.range), &e.value, e.hint)
}

impl Builder {
    pub(super) fn apply(&mut self, placed: &Placed, condition: Option<&Condition>, place: Place) -> Result<()> {
        let Some(form) = placed.action.form() else {
            let hint = "a circuit carries unitaries of up to 6 qubits";
            return Err(QasmError::unsupported(place, "a gate on at most 6 qubits", &placed.action.name, hint));
        };
        match form {
            Form::Clifford(gates) => {
                for (gate, operands) in gates {
                    let qubits: Vec<u32> = operands.iter().map(|k| placed.qubits[*k]).collect();
                    self.gate(*gate, &qubits, condition, place)?;
                }
                Ok(())
            }
            Form::Other(unitary) => {
                let targets = placed.qubits.iter().map(|q| Target::qubit(*q)).collect();
                let instruction = Instruction::new(Operation::Unitary(unitary.clone()), Vec::new(), targets, "");
                self.push(instruction.map_err(lowered(place))?, condition, place)
            }
        }
    }

    fn gate(&mut self, gate: Gate, qubits: &[u32], condition: Option<&Condition>, place: Place) -> Result<()> {
        let targets = qubits.iter().map(|q| Target::qubit(*q)).collect();
        if let Some(condition) = condition
            && self.pending.as_ref().is_none_or(|(pending, _, _)| pending != condition)
            && let [parity] = condition.all.as_slice()
            && let ([qubit], Some(controlled)) = (qubits, feedback(gate))
        {
            return self.feedback(controlled, gate, parity, *qubit, place);
        }
        let instruction = Instruction::new(Operation::Gate(gate), Vec::new(), targets, "").map_err(lowered(place))?;
        self.push(instruction, condition, place)
    }

    /// P to the power of a parity is a product of powers.
    fn feedback(&mut self, controlled: Gate, gate: Gate, parity: &Parity, qubit: u32, place: Place) -> Result<()> {
        if parity.flip {
            self.gate(gate, &[qubit], None, place)?;
        }
        for record in &parity.records {
            let targets = vec![Target::Record(self.lookback(*record, place)?), Target::qubit(qubit)];
            let instruction = Instruction::new(Operation::Gate(controlled), Vec::new(), targets, "").map_err(lowered(place))?;
            self.push(instruction, None, place)?;
        }
        Ok(())
    }

    fn lookback(&self, record: usize, place: Place) -> Result<u32> {
        u32::try_from(self.measurements - record).ok().filter(|k| *k <= INDEX_LIMIT).ok_or_else(|| {
            QasmError::too_large(
                place,
                "an outcome at most 2^24 measurements back",
                format!("{}", self.measurements - record),
                "",
            )
        })
    }

    fn push(&mut self, instruction: Instruction, condition: Option<&Condition>, place: Place) -> Result<()> {
        let Some(condition) = condition else {
            self.flush()?;
            self.circuit.push(instruction);
            return Ok(());
        };
        if self.pending.as_ref().is_none_or(|(pending, _, _)| pending != condition) {
            self.flush()?;
            self.pending = Some((condition.clone(), place, Circuit::new()));
        }
        if let Some((_, _, body)) = &mut self.pending {
            body.push(instruction);
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        let Some((condition, place, body)) = self.pending.take() else { return Ok(()) };
        for branch in branches(&condition, place)? {
            let terms: Result<Vec<(u32, bool)>> =
                branch.iter().map(|(r, wanted)| Ok((self.lookback(*r, place)?, *wanted))).collect();
            self.circuit.push_if(terms?, body.clone()).map_err(lowered(place))?;
        }
        Ok(())
    }

    /// Returns the number of the outcome in the record.
    pub(super) fn measure(&mut self, qubit: u32, place: Place) -> Result<usize> {
        self.plain(Operation::Measure(Pauli::Z), Some(qubit), None, place)?;
        self.measurements += 1;
        Ok(self.measurements - 1)
    }

    pub(super) fn reset(&mut self, qubit: u32, condition: Option<&Condition>, place: Place) -> Result<()> {
        self.plain(Operation::Reset(Pauli::Z), Some(qubit), condition, place)
    }

    /// A barrier across all qubits is the end of a time step.
    pub(super) fn tick(&mut self, place: Place) -> Result<()> {
        self.plain(Operation::Tick, None, None, place)
    }

    fn plain(&mut self, operation: Operation, qubit: Option<u32>, condition: Option<&Condition>, place: Place) -> Result<()> {
        let targets = qubit.into_iter().map(Target::qubit).collect();
        let instruction = Instruction::new(operation, Vec::new(), targets, "").map_err(lowered(place))?;
        self.push(instruction, condition, place)
    }

    /// The circuit; an idle gate keeps declared qubits that nothing else names.
    pub(super) fn finish(mut self, qubits: usize, place: Place) -> Result<Circuit> {
        self.flush()?;
        if let Some(last) = qubits.checked_sub(1)
            && self.circuit.num_qubits() < qubits
        {
            let last = u32::try_from(last).unwrap_or(u32::MAX);
            self.gate(Gate::I, &[last], None, place)?;
        }
        Ok(self.circuit)
    }
}

/// The gate whose control may be a measurement record, control first.
fn feedback(gate: Gate) -> Option<Gate> {
    match gate {
        Gate::X => Some(Gate::CX),
        Gate::Y => Some(Gate::CY),
        Gate::Z => Some(Gate::CZ),
        _ => None,
    }
}

type Branch = Vec<(usize, bool)>;

/// A condition as conjunctions of outcomes that exclude each other.
fn branches(condition: &Condition, place: Place) -> Result<Vec<Branch>> {
    let mut out = Vec::new();
    if condition.negated {
        // Not (a and b and c): not a; a, not b; a, b, not c.
        for k in 0..condition.all.len() {
            let mut all = condition.all[..k].to_vec();
            all.push(condition.all[k].not());
            conjunctions(&all, place, &mut out)?;
        }
    } else {
        conjunctions(&condition.all, place, &mut out)?;
    }
    Ok(out)
}

fn conjunctions(all: &[Parity], place: Place, out: &mut Vec<Branch>) -> Result<()> {
    let mut partial: Vec<Branch> = vec![Vec::new()];
    for parity in all {
        let mut next = Vec::new();
        for branch in &partial {
            // Records that are settled already take part with their value.
            let mut bit = !parity.flip;
            let mut free = Vec::new();
            for record in &parity.records {
                match branch.iter().find(|(r, _)| r == record) {
                    Some((_, value)) => bit ^= value,
                    None => free.push(*record),
                }
            }
            let Some((last, free)) = free.split_last() else {
                if !bit {
                    next.push(branch.clone());
                }
                continue;
            };
            if free.len() > 16 || next.len() + (1usize << free.len()) + out.len() > MAX_BRANCHES {
                let hint = "conditional Paulis on a parity have no such limit";
                let expected = format!("a condition of at most {MAX_BRANCHES} conjunctions of outcomes");
                return Err(QasmError::too_large(place, expected, "more", hint));
            }
            for choice in 0..1usize << free.len() {
                let mut branch = branch.clone();
                let mut rest = bit;
                for (k, record) in free.iter().enumerate() {
                    let value = choice >> k & 1 == 1;
                    rest ^= value;
                    branch.push((*record, value));
                }
                branch.push((*last, rest));
                next.push(branch);
            }
        }
        partial = next;
    }
    out.extend(partial);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(parity: &Parity, outcomes: usize) -> bool {
        parity.records.iter().fold(parity.flip, |bit, r| bit ^ (outcomes >> r & 1 == 1))
    }

    #[test]
    fn branches_cover_a_condition_once() -> Result<()> {
        for code in 0..4096usize {
            let parity = |k: usize| Parity {
                flip: code >> (4 * k) & 1 == 1,
                records: (0..3).filter(|r| code >> (4 * k + 1 + r) & 1 == 1).collect(),
            };
            let all: Vec<Parity> = (0..3).map(parity).filter(|p| !p.records.is_empty()).collect();
            for negated in [false, true] {
                let condition = Condition { all: all.clone(), negated };
                let branches = branches(&condition, Place::default())?;
                for outcomes in 0..8usize {
                    let wanted = negated ^ all.iter().all(|p| value(p, outcomes));
                    let holding = branches.iter().filter(|b| b.iter().all(|(r, v)| (outcomes >> r & 1 == 1) == *v)).count();
                    assert_eq!(holding, usize::from(wanted), "{condition:?} {outcomes}");
                }
            }
        }
        Ok(())
    }
}
