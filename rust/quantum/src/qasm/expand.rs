//! From calls of gates to actions: definitions are expanded, modifiers applied, registers run through.

use std::collections::HashMap;
use std::rc::Rc;

use super::action::{Action, Form, Placed};
use super::ast::{Modifier, Statement};
use super::error::{Place, QasmError, Result, excerpt};
use super::evaluate::evaluate;
use super::library;
use super::program::{Program, Symbol, unknown_gate};
use super::value::Value;
use crate::operator::{ONE, ZERO, apply_to_bits};

/// Definitions that call each other.
const MAX_CALLS: usize = 64;
/// Controls in front of a gate: a circuit carries unitaries of up to 6 qubits.
const MAX_CONTROLS: i64 = 5;
/// Bounds of what is remembered.
const MAX_REMEMBERED: usize = 4096;
const MAX_REMEMBERED_LENGTH: usize = 64;

#[derive(Debug)]
pub(super) struct Definition {
    parameters: Vec<String>,
    qubits: Vec<String>,
    body: Rc<Vec<Statement>>,
    /// Gates defined later with the same name do not change what this one calls.
    order: usize,
}

/// A gate's actions on its operands 0, 1, ..., and how many these are.
pub(super) type Expansion = (Rc<Vec<Placed>>, usize);

#[derive(Debug, Default)]
pub(super) struct Expansions {
    /// By name, whether the text defined it, and arguments.
    known: HashMap<(String, bool, Vec<u64>), Expansion>,
    /// Where the body that is expanded right now puts its actions.
    open: Vec<Vec<Placed>>,
    /// Only gates defined before this one may be called.
    visible: Option<usize>,
}

impl Program {
    pub(super) fn define_gate(
        &mut self,
        name: &str,
        parameters: &[String],
        qubits: &[String],
        body: &Rc<Vec<Statement>>,
        place: Place,
    ) -> Result<()> {
        let taken = |what: &str| QasmError::wrong(place, "a name that is not taken", what, "");
        if self.gates.contains_key(name) || library::find(name, self.version, false).is_some() {
            return Err(taken(&format!("gate '{}', defined above", excerpt(name))));
        }
        let mut names: Vec<&String> = parameters.iter().chain(qubits).collect();
        names.sort();
        if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(taken(&format!("'{}' twice", excerpt(pair[0]))));
        }
        let order = self.gates.len();
        let definition = Definition { parameters: parameters.to_vec(), qubits: qubits.to_vec(), body: body.clone(), order };
        self.gates.insert(name.to_owned(), Rc::new(definition));
        self.expansions.known.clear();
        Ok(())
    }

    /// The actions of a gate without modifiers.
    fn expansion(&mut self, name: &str, arguments: &[f64], place: Place) -> Result<Expansion> {
        let visible = self.expansions.visible.unwrap_or(usize::MAX);
        let own = self.gates.get(name).filter(|d| d.order < visible).cloned();
        let key = (name.to_owned(), own.is_some(), arguments.iter().map(|x| x.to_bits()).collect());
        if let Some(known) = self.expansions.known.get(&key) {
            return Ok(known.clone());
        }
        let expansion = match own {
            Some(definition) => {
                count(name, "parameter", definition.parameters.len(), arguments.len(), place)?;
                let actions = self.open(&definition, arguments, place)?;
                (Rc::new(gathered(actions, definition.qubits.len(), name, arguments)), definition.qubits.len())
            }
            None => {
                let signature = library::find(name, self.version, self.included)
                    .ok_or_else(|| unknown_gate(name, self.version, self.included, place))?;
                count(name, "parameter", signature.parameters, arguments.len(), place)?;
                let action = Rc::new(signature.action(name, arguments, self.version));
                let qubits = (0..action.qubits as u32).collect();
                (Rc::new(vec![Placed { action, qubits }]), signature.qubits)
            }
        };
        if expansion.0.len() <= MAX_REMEMBERED_LENGTH {
            if self.expansions.known.len() >= MAX_REMEMBERED {
                self.expansions.known.clear();
            }
            self.expansions.known.insert(key, expansion.clone());
        }
        Ok(expansion)
    }

    /// Runs the body of a definition on operands 0, 1, ...
    fn open(&mut self, definition: &Definition, arguments: &[f64], place: Place) -> Result<Vec<Placed>> {
        if self.expansions.open.len() == MAX_CALLS {
            let hint = "nesting is bounded so that no text can exhaust the stack";
            let expected = format!("at most {MAX_CALLS} gates that call each other");
            return Err(QasmError::too_large(place, expected, "one more", hint));
        }
        let parameters = definition.parameters.iter().zip(arguments).map(|(n, x)| (n.clone(), Value::Real(*x)));
        let qubits = definition.qubits.iter().zip(0..).map(|(n, q)| (n.clone(), Value::Qubits(vec![q])));
        let frame = parameters.chain(qubits).map(|(n, value)| (n, Symbol { value, of: None, constant: false })).collect();
        let outer = (self.floor, self.expansions.visible, self.frames.len());
        self.floor = self.frames.len();
        self.frames.push(frame);
        self.expansions.open.push(Vec::new());
        self.expansions.visible = Some(definition.order);
        let done = self.gate_body(&definition.body);
        self.frames.truncate(outer.2);
        (self.floor, self.expansions.visible) = (outer.0, outer.1);
        let actions = self.expansions.open.pop().unwrap_or_default();
        done.map(|()| actions)
    }

    /// The actions of a gate under its modifiers.
    ///
    /// A control commutes with powers and inverses, so the gate is inverted and raised first, from the right to the left,
    /// and controlled afterwards; the leftmost control takes the first operand.
    pub(super) fn modified(&mut self, modifiers: &[Modifier], name: &str, arguments: &[f64], place: Place) -> Result<Expansion> {
        let (mut actions, mut operands) = self.expansion(name, arguments, place)?;
        let mut controls = Vec::new();
        for modifier in modifiers.iter().rev() {
            match modifier {
                Modifier::Inverse => actions = Rc::new(inverse(&actions)),
                Modifier::Power(exponent) => {
                    let value = evaluate(exponent, self)?;
                    let exponent = value.real(exponent.place, "the exponent of pow")?;
                    actions = self.power(&actions, operands, exponent, place)?;
                }
                Modifier::Control { count, on } => {
                    let number = match count {
                        None => 1,
                        Some(e) => evaluate(e, self)?.integer(e.place, "the number of controls")?,
                    };
                    if !(1..=MAX_CONTROLS).contains(&number) || controls.len() as i64 + number > MAX_CONTROLS {
                        let expected = format!("1 to {MAX_CONTROLS} controls");
                        let hint = "a circuit carries unitaries of up to 6 qubits";
                        return Err(QasmError::unsupported(place, expected, number.to_string(), hint));
                    }
                    controls.extend((0..number).map(|_| *on));
                }
            }
        }
        for on in controls {
            self.spend(actions.len(), place)?;
            let one = |p: &Placed| -> Result<Placed> {
                if p.action.qubits as i64 > MAX_CONTROLS {
                    let hint = "a circuit carries unitaries of up to 6 qubits";
                    return Err(QasmError::unsupported(
                        place,
                        "a gate on at most 6 qubits with its controls",
                        "a larger one",
                        hint,
                    ));
                }
                let qubits = std::iter::once(0).chain(p.qubits.iter().map(|q| q + 1)).collect();
                Ok(Placed { action: Rc::new(p.action.controlled(on)), qubits })
            };
            let controlled: Result<Vec<Placed>> = actions.iter().map(one).collect();
            (actions, operands) = (Rc::new(controlled?), operands + 1);
        }
        Ok((actions, operands))
    }

    fn power(&mut self, actions: &Rc<Vec<Placed>>, operands: usize, exponent: f64, place: Place) -> Result<Rc<Vec<Placed>>> {
        if exponent.fract() == 0.0 && exponent.abs() < 1e9 {
            let times = exponent.abs() as usize;
            self.spend(times.saturating_mul(actions.len().max(1)), place)?;
            let once = if exponent < 0.0 { inverse(actions) } else { actions.to_vec() };
            return Ok(Rc::new((0..times).flat_map(|_| once.iter().cloned()).collect()));
        }
        let whole = match actions.as_slice() {
            [one] => Some(one.clone()),
            several if operands <= 1 => {
                let action = Rc::new(Action::new("gate", product_of(several, operands)));
                Some(Placed { action, qubits: (0..operands as u32).collect() })
            }
            _ => None,
        };
        let raised = whole.and_then(|p| Some(Placed { action: Rc::new(p.action.power(exponent)?), qubits: p.qubits }));
        raised.map(|p| Rc::new(vec![p])).ok_or_else(|| {
            let hint = "put ctrl in front of pow, not inside the gate";
            QasmError::unsupported(place, "an integer power of a gate on several qubits", exponent.to_string(), hint)
        })
    }

    /// Applies actions to operands; registers are run through side by side, single qubits stay.
    pub(super) fn broadcast(&mut self, gate: &Expansion, name: &str, operands: &[(Place, Vec<u32>)], place: Place) -> Result<()> {
        count(name, "qubit", gate.1, operands.len(), place)?;
        let length = operands.iter().map(|(_, q)| q.len()).find(|n| *n != 1).unwrap_or(1);
        if let Some((place, other)) = operands.iter().find(|(_, q)| q.len() != 1 && q.len() != length) {
            let expected = format!("registers of one length, {length}");
            return Err(QasmError::wrong(*place, expected, other.len().to_string(), ""));
        }
        for k in 0..length {
            let qubits: Vec<u32> = operands.iter().map(|(_, q)| if q.len() == 1 { q[0] } else { q[k] }).collect();
            for (j, qubit) in qubits.iter().enumerate() {
                if qubits[..j].contains(qubit) {
                    let hint = "a gate cannot act twice on one qubit";
                    return Err(QasmError::wrong(operands[j].0, "different qubits", format!("qubit {qubit} twice"), hint));
                }
            }
            for action in gate.0.iter() {
                let qubits = action.qubits.iter().map(|q| qubits[*q as usize]).collect();
                let placed = Placed { action: action.action.clone(), qubits };
                if self.expansions.open.is_empty() {
                    self.emit(&placed, place)?;
                } else {
                    self.spend(1, place)?;
                    if let Some(open) = self.expansions.open.last_mut() {
                        open.push(placed);
                    }
                }
            }
        }
        Ok(())
    }
}

fn count(name: &str, what: &str, expected: usize, found: usize, place: Place) -> Result<()> {
    if expected == found {
        return Ok(());
    }
    let plural = if expected == 1 { "" } else { "s" };
    Err(QasmError::wrong(place, format!("{expected} {what}{plural} of {}", excerpt(name)), found.to_string(), ""))
}

fn inverse(actions: &[Placed]) -> Vec<Placed> {
    actions.iter().rev().map(|p| Placed { action: Rc::new(p.action.inverse()), qubits: p.qubits.clone() }).collect()
}

/// The matrix of actions on a few operands, multiplied out.
fn product_of(actions: &[Placed], operands: usize) -> Vec<num_complex::Complex64> {
    let dimension = 1usize << operands;
    let mut out = vec![ZERO; dimension * dimension];
    (0..dimension).for_each(|k| out[k * (dimension + 1)] = ONE);
    for placed in actions {
        if let [z] = placed.action.matrix.as_slice() {
            out.iter_mut().for_each(|x| *x *= z);
        } else {
            // Columns are the low bits of the index, rows the high ones.
            let bits: Vec<usize> = placed.qubits.iter().map(|q| *q as usize + operands).collect();
            apply_to_bits(&mut out, &placed.action.matrix, &bits);
        }
    }
    out
}

/// One action for a definition that is a Clifford gate in many pieces; other definitions stay what they are.
fn gathered(actions: Vec<Placed>, operands: usize, name: &str, arguments: &[f64]) -> Vec<Placed> {
    if actions.len() < 2 || actions.len() > MAX_REMEMBERED_LENGTH || operands > 2 {
        return actions;
    }
    let whole = Action::new(library::called(name, arguments), product_of(&actions, operands));
    match whole.form() {
        Some(Form::Clifford(gates)) if gates.len() < actions.len() => {
            vec![Placed { action: Rc::new(whole), qubits: (0..operands as u32).collect() }]
        }
        _ => actions,
    }
}
