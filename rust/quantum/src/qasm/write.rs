//! From a [`Circuit`] to OpenQASM. Loops are written out; measurement number k goes to bit k.
//!
//! Version 2 compares whole registers only, so a circuit with feedback has a register of one bit per measurement there.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::ast::Version;
use super::error::{Place, QasmError, Result};
use super::names;
use crate::circuit::{Circuit, Instruction, Item, Operation, PauliProduct, Target};
use crate::error::QuantumError;
use crate::gate::Gate;
use crate::pauli::Pauli;

/// The most instructions written out.
const MAX_INSTRUCTIONS: u64 = 1 << 24;

struct Writer {
    version: Version,
    /// One register a bit.
    split: bool,
    drop_annotations: bool,
    qubits: usize,
    measured: usize,
    definitions: BTreeMap<String, String>,
    body: String,
    /// In front of every line: indentation, or version 2's condition.
    prefix: String,
    conditional: bool,
}

fn unsupported(what: &str, hint: &str) -> QasmError {
    QasmError::unsupported(Place::default(), "what OpenQASM can say", what, hint)
}

/// Writes a circuit.
pub(super) fn write(circuit: &Circuit, version: Version, drop_annotations: bool) -> Result<String> {
    let counts = circuit.counts();
    if counts.instructions > MAX_INSTRUCTIONS {
        let found = counts.instructions.to_string();
        return Err(QasmError::too_large(Place::default(), "at most 2^24 instructions once loops are written out", found, ""));
    }
    let mut writer = Writer {
        version,
        split: version == Version::Two && has_feedback(circuit),
        drop_annotations,
        qubits: counts.qubits,
        measured: 0,
        definitions: BTreeMap::new(),
        body: String::new(),
        prefix: String::new(),
        conditional: false,
    };
    writer.circuit(circuit)?;
    Ok(writer.finish())
}

fn has_feedback(circuit: &Circuit) -> bool {
    circuit.items().iter().any(|item| match item {
        Item::Instruction(i) => matches!(i.operation(), Operation::Gate(_)) && i.targets().iter().any(|t| t.is_classical()),
        Item::Repeat(repeat) => has_feedback(&repeat.body),
        Item::If(_) => true,
    })
}

impl Writer {
    fn finish(self) -> String {
        let mut out = String::new();
        let two = self.version == Version::Two;
        out += if two { "OPENQASM 2.0;\ninclude \"qelib1.inc\";\n" } else { "OPENQASM 3.0;\ninclude \"stdgates.inc\";\n" };
        for definition in self.definitions.values() {
            out += definition;
            out.push('\n');
        }
        let mut declare = |text: String| {
            out += &text;
            out.push('\n');
        };
        if self.qubits > 0 {
            declare(if two { format!("qreg q[{}];", self.qubits) } else { format!("qubit[{}] q;", self.qubits) });
        }
        if self.split {
            (0..self.measured).for_each(|k| declare(format!("creg m{k}[1];")));
        } else if self.measured > 0 {
            declare(if two { format!("creg m[{}];", self.measured) } else { format!("bit[{}] m;", self.measured) });
        }
        out + &self.body
    }

    fn line(&mut self, text: &str) {
        self.body += &self.prefix;
        self.body += text;
        self.body.push('\n');
    }

    fn circuit(&mut self, circuit: &Circuit) -> Result<()> {
        circuit.walk(&mut |item| match item {
            Item::Instruction(instruction) => self.instruction(instruction),
            Item::If(condition) => self.condition(&condition.terms, &condition.body),
            Item::Repeat(_) => Ok(()),
        })
    }

    /// Bit of the record this far back.
    fn record(&self, lookback: u32) -> Result<usize> {
        self.measured.checked_sub(lookback as usize).ok_or_else(|| {
            unsupported(&format!("rec[-{lookback}]"), "the record is not that long: a circuit is written from its start")
        })
    }

    fn condition(&mut self, terms: &[(u32, bool)], body: &Circuit) -> Result<()> {
        if self.version == Version::Two {
            let [(lookback, wanted)] = terms else {
                return Err(unsupported("IF on several outcomes", "write version 3"));
            };
            if self.conditional {
                return Err(unsupported("IF inside IF", "write version 3"));
            }
            self.prefix = format!("if(m{}=={}) ", self.record(*lookback)?, u8::from(*wanted));
            self.conditional = true;
            let done = self.circuit(body);
            self.prefix.clear();
            self.conditional = false;
            return done;
        }
        let mut parts = Vec::new();
        for (lookback, wanted) in terms {
            parts.push(format!("{}m[{}]", if *wanted { "" } else { "!" }, self.record(*lookback)?));
        }
        self.line(&format!("if ({}) {{", parts.join(" && ")));
        let outer = (self.prefix.clone(), self.conditional);
        self.prefix += "  ";
        self.conditional = true;
        let done = self.circuit(body);
        (self.prefix, self.conditional) = outer;
        self.line("}");
        done
    }

    fn call(&mut self, name: &str, qubits: &[u32]) {
        let mut text = format!("{name} ");
        for (k, qubit) in qubits.iter().enumerate() {
            let _ = write!(text, "{}q[{qubit}]", if k == 0 { "" } else { "," });
        }
        text.push(';');
        self.line(&text);
    }

    fn gate(&mut self, gate: Gate, qubits: &[u32]) {
        if let (Gate::XCZ | Gate::YCZ, [target, control]) = (gate, qubits) {
            return self.gate(if gate == Gate::XCZ { Gate::CX } else { Gate::CY }, &[*control, *target]);
        }
        let (name, definition) = names::gate(gate, self.version);
        if let Some(definition) = definition {
            self.definitions.insert(name.clone(), definition);
        }
        self.call(&name, qubits);
    }

    fn instruction(&mut self, i: &Instruction) -> Result<()> {
        let name = i.operation().name();
        match i.operation() {
            Operation::Gate(gate) => self.gates(*gate, i.targets()),
            Operation::Unitary(unitary) => {
                let Some((name, definition)) = names::unitary(unitary, self.version) else {
                    let what = format!("UNITARY[{}] on {} qubits", unitary.name, unitary.qubits);
                    return Err(unsupported(&what, "decompose it into gates on one qubit and their controlled forms"));
                };
                if let Some((name, definition)) = definition {
                    self.definitions.insert(name.to_owned(), definition.to_owned());
                }
                for group in qubits(i.targets()).chunks_exact(unitary.qubits) {
                    self.call(&name, group);
                }
                Ok(())
            }
            Operation::Measure(_) | Operation::MeasureReset(_) | Operation::MeasurePair(_) | Operation::MeasureProduct
                if i.argument() > 0.0 =>
            {
                Err(unsupported(&format!("{name} with a noisy result"), "OpenQASM has no noise"))
            }
            Operation::Measure(pauli) => self.measure_each(*pauli, i.targets(), false),
            Operation::MeasureReset(pauli) => self.measure_each(*pauli, i.targets(), true),
            Operation::Reset(pauli) => {
                for qubit in qubits(i.targets()) {
                    self.line(&format!("reset q[{qubit}];"));
                    self.leave_basis(*pauli, qubit);
                }
                Ok(())
            }
            Operation::MeasurePair(pauli) => {
                for pair in i.targets().chunks_exact(2) {
                    let factors = qubits(pair).into_iter().map(|q| (q as usize, *pauli)).collect();
                    let negative = inverted(&pair[0]) != inverted(&pair[1]);
                    self.product(&PauliProduct { negative, factors }, None)?;
                }
                Ok(())
            }
            Operation::MeasureProduct | Operation::Spp | Operation::SppDag => {
                let gate = match i.operation() {
                    Operation::Spp => Some(Gate::S),
                    Operation::SppDag => Some(Gate::SDag),
                    _ => None,
                };
                let products = i.products().map_err(|e: QuantumError| unsupported(name, &e.to_string()))?;
                products.iter().try_for_each(|product| self.product(product, gate))
            }
            Operation::Tick => {
                if self.qubits > 0 && !self.conditional {
                    self.line("barrier q;");
                }
                Ok(())
            }
            Operation::Detector | Operation::ObservableInclude | Operation::QubitCoords | Operation::ShiftCoords => {
                if self.drop_annotations {
                    return Ok(());
                }
                Err(unsupported(name, "drop_annotations=True leaves annotations out"))
            }
            Operation::Pad => Err(unsupported(name, "measure a qubit that was reset")),
            _ => Err(unsupported(name, "OpenQASM has no noise")),
        }
    }

    fn gates(&mut self, gate: Gate, targets: &[Target]) -> Result<()> {
        for group in targets.chunks_exact(gate.qubits()) {
            let bits = group.iter().filter(|t| t.is_classical()).count();
            match bits {
                0 => self.gate(gate, &qubits(group)),
                1 => self.feedback(gate, group)?,
                // A phase that depends on outcomes only.
                _ => {}
            }
        }
        Ok(())
    }

    fn feedback(&mut self, gate: Gate, group: &[Target]) -> Result<()> {
        let pauli = match gate {
            Gate::CX | Gate::XCZ => Gate::X,
            Gate::CY | Gate::YCZ => Gate::Y,
            _ => Gate::Z,
        };
        let (Some(qubit), Some(bit)) = (group.iter().find_map(|t| t.index()), group.iter().find(|t| t.is_classical())) else {
            return Ok(());
        };
        let Target::Record(lookback) = bit else {
            return Err(unsupported(&bit.to_string(), "OpenQASM has no bits from outside"));
        };
        let (name, _) = names::gate(pauli, self.version);
        let record = self.record(*lookback)?;
        if self.version == Version::Two {
            if self.conditional {
                return Err(unsupported("feedback inside IF", "write version 3"));
            }
            self.line(&format!("if(m{record}==1) {name} q[{qubit}];"));
        } else {
            self.line(&format!("if (m[{record}]) {{"));
            self.line(&format!("  {name} q[{qubit}];"));
            self.line("}");
        }
        Ok(())
    }

    /// Turns the basis of a Pauli into that of Z.
    fn enter_basis(&mut self, pauli: Pauli, qubit: u32) {
        match pauli {
            Pauli::X => self.gate(Gate::H, &[qubit]),
            Pauli::Y => self.gate(Gate::SqrtX, &[qubit]),
            _ => {}
        }
    }

    fn leave_basis(&mut self, pauli: Pauli, qubit: u32) {
        match pauli {
            Pauli::X => self.gate(Gate::H, &[qubit]),
            Pauli::Y => self.gate(Gate::SqrtXDag, &[qubit]),
            _ => {}
        }
    }

    /// Z into the next bit.
    fn measure(&mut self, qubit: u32, negative: bool) {
        if negative {
            self.gate(Gate::X, &[qubit]);
        }
        let k = self.measured;
        self.measured += 1;
        self.line(&match (self.version, self.split) {
            (Version::Three, _) => format!("m[{k}] = measure q[{qubit}];"),
            (_, false) => format!("measure q[{qubit}] -> m[{k}];"),
            (_, true) => format!("measure q[{qubit}] -> m{k}[0];"),
        });
        if negative {
            self.gate(Gate::X, &[qubit]);
        }
    }

    fn measure_each(&mut self, pauli: Pauli, targets: &[Target], reset: bool) -> Result<()> {
        for target in targets {
            let Some(qubit) = target.index() else { continue };
            self.enter_basis(pauli, qubit);
            self.measure(qubit, inverted(target));
            if reset {
                self.line(&format!("reset q[{qubit}];"));
            }
            self.leave_basis(pauli, qubit);
        }
        Ok(())
    }

    /// Collects the parity of a product on its last qubit; measures it there, or applies a root of Z.
    fn product(&mut self, product: &PauliProduct, root: Option<Gate>) -> Result<()> {
        let factors: Vec<(u32, Pauli)> = product.factors.iter().map(|(q, p)| (*q as u32, *p)).collect();
        let Some((last, _)) = factors.last().copied() else {
            // The root of +-1 is a phase; its measurement is no measurement.
            return if root.is_some() { Ok(()) } else { Err(unsupported("MPP of the identity", "its result is constant")) };
        };
        factors.iter().for_each(|(q, p)| self.enter_basis(*p, *q));
        let others: Vec<u32> = factors[..factors.len() - 1].iter().map(|(q, _)| *q).collect();
        others.iter().for_each(|q| self.gate(Gate::CX, &[*q, last]));
        match root {
            Some(gate) => self.gate(if product.negative { gate.inverse() } else { gate }, &[last]),
            None => self.measure(last, product.negative),
        }
        others.iter().rev().for_each(|q| self.gate(Gate::CX, &[*q, last]));
        factors.iter().for_each(|(q, p)| self.leave_basis(*p, *q));
        Ok(())
    }
}

fn qubits(targets: &[Target]) -> Vec<u32> {
    targets.iter().filter_map(|t| t.index()).collect()
}

fn inverted(target: &Target) -> bool {
    matches!(target, Target::Qubit { inverted: true, .. })
}
