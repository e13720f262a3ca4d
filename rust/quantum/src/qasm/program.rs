//! Runs the classical part of a program while it is read: declarations, loops, conditions, gate definitions. What is left
//! goes to the [`Builder`], one operation at a time.
//!
//! Everything that a short text can blow up (loops, definitions that call definitions, registers) is paid from one
//! budget, and definitions nest to a bounded depth.

use std::collections::HashMap;
use std::rc::Rc;

use super::ast::{Expression, ExpressionKind, Kind, Modifier, Operator, Scalar, Statement, Type, Version};
use super::error::{Place, QasmError, Result, excerpt};
use super::evaluate::{MAX_REGISTER, Names, assign_operator, cast, equals, evaluate, positions, size, width};
use super::expand::Definition;
use super::library;
use super::lower::Builder;
use super::parser::Parser;
use super::value::{Condition, Parity, Truth, Value};
use crate::circuit::Circuit;

/// Operations, loop turns, calls and bits that one text may cost.
pub(super) const MAX_WORK: usize = 1 << 24;

/// What one turn of a loop costs beside its statements.
const TURN: usize = 16;

/// What a statement does to the loop around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    Next,
    Break,
    Continue,
    End,
}

#[derive(Debug)]
pub(super) struct Symbol {
    pub value: Value,
    /// None: cannot be assigned.
    pub of: Option<(Scalar, usize)>,
    /// Visible in the bodies of gates.
    pub constant: bool,
}

pub(super) struct Program {
    pub version: Version,
    pub included: bool,
    pub frames: Vec<HashMap<String, Symbol>>,
    /// Inside a gate's body nothing between the first frame and this one is seen.
    pub floor: usize,
    pub gates: HashMap<String, Rc<Definition>>,
    pub expansions: super::expand::Expansions,
    builder: Builder,
    condition: Option<Condition>,
    work: usize,
    qubits: usize,
    physical: bool,
}

impl Names for Program {
    fn value(&self, name: &str) -> Option<&Value> {
        let local = self.frames[self.floor..].iter().rev().find_map(|frame| frame.get(name));
        let global = || self.frames.first()?.get(name).filter(|symbol| symbol.constant);
        local.or_else(|| if self.floor > 0 { global() } else { None }).map(|symbol| &symbol.value)
    }
    fn version(&self) -> Version {
        self.version
    }
}

/// Reads a whole text.
pub(super) fn run(text: &str) -> Result<Circuit> {
    let mut parser = Parser::new(text)?;
    let mut program = Program {
        version: parser.version,
        included: false,
        frames: vec![HashMap::new()],
        floor: 0,
        gates: HashMap::new(),
        expansions: super::expand::Expansions::default(),
        builder: Builder::default(),
        condition: None,
        work: 0,
        qubits: 0,
        physical: false,
    };
    while let Some(statement) = parser.next()? {
        match program.statement(&statement)? {
            Flow::Next => {}
            Flow::End => break,
            _ => return Err(QasmError::wrong(statement.place, "break and continue inside a loop", "none around it", "")),
        }
    }
    let Program { builder, qubits, .. } = program;
    builder.finish(qubits, Place::default())
}

impl Program {
    /// Pays for work.
    pub(super) fn spend(&mut self, work: usize, place: Place) -> Result<()> {
        self.work = self.work.saturating_add(work);
        if self.work <= MAX_WORK {
            return Ok(());
        }
        let hint = "loops, gate definitions and registers are bounded so that no text can exhaust the memory";
        Err(QasmError::too_large(place, "at most 2^24 operations once everything is written out", "more", hint))
    }

    fn in_gate(&self) -> bool {
        self.floor > 0
    }

    fn statements(&mut self, statements: &[Statement]) -> Result<Flow> {
        for statement in statements {
            match self.statement(statement)? {
                Flow::Next => {}
                flow => return Ok(flow),
            }
        }
        Ok(Flow::Next)
    }

    /// Statements with names of their own.
    fn block(&mut self, statements: &[Statement]) -> Result<Flow> {
        self.frames.push(HashMap::new());
        let flow = self.statements(statements);
        self.frames.pop();
        flow
    }

    /// The body of a gate, whose frame is in place.
    pub(super) fn gate_body(&mut self, statements: &[Statement]) -> Result<()> {
        match self.statements(statements)? {
            Flow::Next => Ok(()),
            _ => {
                let place = statements.first().map(|s| s.place).unwrap_or_default();
                Err(QasmError::wrong(place, "gates in the body of a gate", "end, break or continue", ""))
            }
        }
    }

    fn statement(&mut self, statement: &Statement) -> Result<Flow> {
        let place = statement.place;
        self.spend(1, place)?;
        if self.in_gate() && !matches!(statement.kind, Kind::Call { .. } | Kind::Barrier(_) | Kind::For { .. } | Kind::If { .. })
        {
            return Err(QasmError::wrong(place, "gates only in the body of a gate", "another statement", ""));
        }
        match &statement.kind {
            Kind::Include(file) => self.include(file, place)?,
            Kind::Qubits { name, size } => self.declare_qubits(name, size.as_ref(), place)?,
            Kind::Classical { constant, of, name, value } => self.declare(*constant, of, name, value.as_ref(), place)?,
            Kind::Alias { name, value } => {
                let value = evaluate(value, self)?;
                let Value::Qubits(qubits) = &value else {
                    return Err(QasmError::wrong(place, "an alias of qubits", value.shown(), ""));
                };
                self.spend(qubits.len(), place)?;
                self.define(name, Symbol { value, of: None, constant: false }, place)?;
            }
            Kind::Gate { name, parameters, qubits, body } => {
                self.top_level(place, "a gate")?;
                self.define_gate(name, parameters, qubits, body, place)?;
            }
            Kind::Opaque { name } => {
                let hint = "write its unitary as a gate";
                return Err(QasmError::unsupported(
                    place,
                    "gates with a definition",
                    format!("opaque '{}'", excerpt(name)),
                    hint,
                ));
            }
            Kind::Call { modifiers, name, arguments, operands } => {
                self.call(modifiers, name, arguments, operands, place)?;
            }
            Kind::Measure { from, into } => {
                let outcomes = self.measure(from)?;
                if let Some(into) = into {
                    self.store(into, Value::Bits(outcomes))?;
                }
            }
            Kind::Reset(operand) => {
                for qubit in self.operand(operand)? {
                    self.spend(1, place)?;
                    self.builder.reset(qubit, self.condition.as_ref(), place)?;
                }
            }
            Kind::Barrier(operands) => self.barrier(operands, place)?,
            Kind::Delay(operands) => {
                for operand in operands {
                    self.operand(operand)?;
                }
            }
            Kind::Assign { target, operator, value } => self.assign(target, *operator, value, place)?,
            Kind::If { condition, then, otherwise } => return self.branch(condition, then, otherwise),
            Kind::For { variable, over, body } => return self.repeat(variable, over, body),
            Kind::While { condition, body } => return self.repeat_while(condition, body),
            Kind::Switch { value, cases, default } => return self.switch(value, cases, default, place),
            Kind::Block(body) => return self.block(body),
            Kind::End | Kind::Break | Kind::Continue => {
                self.unconditional(place, "end, break or continue")?;
                return Ok(match statement.kind {
                    Kind::End => Flow::End,
                    Kind::Break => Flow::Break,
                    _ => Flow::Continue,
                });
            }
        }
        Ok(Flow::Next)
    }

    fn top_level(&self, place: Place, what: &str) -> Result<()> {
        if self.frames.len() == 1 {
            Ok(())
        } else {
            Err(QasmError::wrong(place, format!("{what} outside of blocks"), "one inside", ""))
        }
    }

    /// Refuses what would make the record depend on outcomes.
    fn unconditional(&self, place: Place, what: &str) -> Result<()> {
        if self.condition.is_none() {
            return Ok(());
        }
        let hint = "do it before or after; gates and resets may stand under a condition";
        Err(QasmError::unsupported(place, format!("{what} that always happens"), "one under a condition on measurements", hint))
    }

    fn include(&mut self, file: &str, place: Place) -> Result<()> {
        self.top_level(place, "include")?;
        let wanted = if self.version == Version::Two { "qelib1.inc" } else { "stdgates.inc" };
        if file != wanted {
            let hint = "the text is read, no files: paste what it holds";
            return Err(QasmError::unsupported(place, format!("\"{wanted}\""), format!("\"{}\"", excerpt(file)), hint));
        }
        self.included = true;
        Ok(())
    }

    pub(super) fn define(&mut self, name: &str, symbol: Symbol, place: Place) -> Result<()> {
        let last = self.frames.len() - 1;
        if self.frames[last].contains_key(name) {
            let found = format!("'{}', declared above", excerpt(name));
            return Err(QasmError::wrong(place, "a name that is not taken", found, ""));
        }
        self.frames[last].insert(name.to_owned(), symbol);
        Ok(())
    }

    fn declare_qubits(&mut self, name: &str, length: Option<&Expression>, place: Place) -> Result<()> {
        self.top_level(place, "a register of qubits")?;
        let length = length.map_or(Ok(1), |e| size(e, self))?;
        if self.physical {
            return Err(mixed(place));
        }
        let end = self.qubits + length;
        if end > MAX_REGISTER {
            return Err(QasmError::too_large(place, format!("at most {MAX_REGISTER} qubits"), end.to_string(), ""));
        }
        self.spend(length, place)?;
        let qubits = (self.qubits..end).map(|q| q as u32).collect();
        self.qubits = end;
        self.define(name, Symbol { value: Value::Qubits(qubits), of: None, constant: false }, place)
    }

    fn declare(&mut self, constant: bool, of: &Type, name: &str, value: Option<&Expression>, place: Place) -> Result<()> {
        let width = if of.scalar == Scalar::Bit { width(of, self)? } else { 1 };
        self.spend(width, place)?;
        let value = match value {
            None if of.scalar == Scalar::Bit => Value::Bits(vec![Parity::default(); width]),
            None => cast(of, &Value::Integer(0), place, self)?,
            Some(Expression { kind: ExpressionKind::Measure(from), .. }) => {
                let outcomes = Value::Bits(self.measure(from)?);
                cast(of, &outcomes, place, self)?
            }
            Some(e) => cast(of, &evaluate(e, self)?, e.place, self)?,
        };
        self.define(name, Symbol { value, of: (!constant).then_some((of.scalar, width)), constant }, place)
    }

    /// The qubits that an operand names.
    pub(super) fn operand(&mut self, e: &Expression) -> Result<Vec<u32>> {
        if let ExpressionKind::Physical(k) = e.kind {
            if self.qubits > 0 && !self.physical {
                return Err(mixed(e.place));
            }
            if self.in_gate() || k as usize >= MAX_REGISTER {
                return Err(QasmError::wrong(
                    e.place,
                    format!("a qubit below ${MAX_REGISTER}, outside of gates"),
                    format!("'${k}'"),
                    "",
                ));
            }
            self.physical = true;
            self.qubits = self.qubits.max(k as usize + 1);
        }
        match evaluate(e, self)? {
            Value::Qubits(qubits) => Ok(qubits),
            other => Err(QasmError::wrong(e.place, "a qubit or a register of qubits", other.shown(), "")),
        }
    }

    fn measure(&mut self, from: &Expression) -> Result<Vec<Parity>> {
        self.unconditional(from.place, "a measurement")?;
        let qubits = self.operand(from)?;
        self.spend(2 * qubits.len(), from.place)?;
        qubits.into_iter().map(|q| Ok(Parity::record(self.builder.measure(q, from.place)?))).collect()
    }

    fn barrier(&mut self, operands: &[Expression], place: Place) -> Result<()> {
        let mut named = vec![false; if operands.is_empty() { 0 } else { self.qubits }];
        self.spend(named.len() / 64, place)?;
        for operand in operands {
            for qubit in self.operand(operand)? {
                if let Some(slot) = named.get_mut(qubit as usize) {
                    *slot = true;
                }
            }
        }
        let everywhere = !self.in_gate() && self.condition.is_none() && self.qubits > 0 && named.iter().all(|n| *n);
        if everywhere { self.builder.tick(place) } else { Ok(()) }
    }

    /// An action on actual qubits.
    pub(super) fn emit(&mut self, placed: &super::action::Placed, place: Place) -> Result<()> {
        self.spend(1, place)?;
        self.builder.apply(placed, self.condition.as_ref(), place)
    }

    fn assign(&mut self, target: &Expression, operator: Option<Operator>, value: &Expression, place: Place) -> Result<()> {
        let value = match (&value.kind, operator) {
            (ExpressionKind::Measure(from), None) => Value::Bits(self.measure(from)?),
            (_, None) => evaluate(value, self)?,
            (_, Some(operator)) => assign_operator(operator, &evaluate(target, self)?, &evaluate(value, self)?, place, self)?,
        };
        self.store(target, value)
    }

    /// Puts a value into a variable, a bit or some bits of a register.
    fn store(&mut self, target: &Expression, value: Value) -> Result<()> {
        let place = target.place;
        self.unconditional(place, "an assignment")?;
        let (name, index) = match &target.kind {
            ExpressionKind::Name(name) => (name, None),
            ExpressionKind::Index(base, index) => match &base.kind {
                ExpressionKind::Name(name) => (name, Some(evaluate(index, self)?)),
                _ => {
                    return Err(QasmError::wrong(
                        place,
                        "a variable, or an element of a register",
                        "an element of an element",
                        "",
                    ));
                }
            },
            _ => return Err(QasmError::wrong(place, "a variable, or an element of a register", "another expression", "")),
        };
        let Some(symbol) = self.frames.iter_mut().rev().find_map(|frame| frame.get_mut(name)) else {
            return Err(QasmError::wrong(place, "a name that is declared above", format!("'{}'", excerpt(name)), ""));
        };
        let Some((scalar, _)) = symbol.of else {
            return Err(QasmError::wrong(place, "a variable or a register of bits", format!("'{}'", excerpt(name)), ""));
        };
        let paid = match (&mut symbol.value, scalar) {
            (Value::Bits(bits), Scalar::Bit) => {
                let positions = match &index {
                    Some(index) => positions(index, bits.len(), place)?,
                    None => (0..bits.len()).collect(),
                };
                let new = value.bits(positions.len()).filter(|new| new.len() == positions.len()).ok_or_else(|| {
                    let plural = if positions.len() == 1 { "" } else { "s" };
                    QasmError::wrong(place, format!("a value of {} bit{plural}", positions.len()), value.shown(), "")
                })?;
                let paid = new.iter().map(|bit| 1 + bit.records.len()).sum();
                positions.into_iter().zip(new).for_each(|(k, bit)| bits[k] = bit);
                paid
            }
            _ if index.is_some() => {
                return Err(QasmError::wrong(place, "a register of bits before '['", symbol.value.shown(), ""));
            }
            (slot, scalar) => {
                let of = Type { scalar, width: None };
                // The width of a number is a precision: no names are needed to cast.
                *slot = cast(&of, &value, place, &super::evaluate::NoNames)?;
                if let Value::Bits(bits) = slot { bits.iter().map(|bit| 1 + bit.records.len()).sum() } else { 1 }
            }
        };
        self.spend(paid, place)
    }

    fn branch(&mut self, condition: &Expression, then: &[Statement], otherwise: &[Statement]) -> Result<Flow> {
        let truth = evaluate(condition, self)?.truth(condition.place)?;
        let place = condition.place;
        match truth {
            Truth::Known(true) => self.block(then),
            Truth::Known(false) => self.block(otherwise),
            measured => {
                let opposite = measured.clone().not();
                self.under(measured, then, place)?;
                self.under(opposite, otherwise, place)?;
                Ok(Flow::Next)
            }
        }
    }

    /// Statements under one more condition.
    fn under(&mut self, truth: Truth, statements: &[Statement], place: Place) -> Result<()> {
        if statements.is_empty() {
            return Ok(());
        }
        if self.in_gate() {
            return Err(QasmError::wrong(place, "a condition known now in the body of a gate", "one on measurements", ""));
        }
        let outer = self.condition.clone();
        let combined = match &outer {
            None => Some(truth),
            Some(outer) => Truth::Measured(outer.clone()).and(truth),
        };
        match combined {
            None => {
                let hint = "a condition may be a conjunction of parities of outcomes, or the opposite of one";
                return Err(QasmError::unsupported(
                    place,
                    "nested conditions of one kind",
                    "an else below another condition",
                    hint,
                ));
            }
            Some(Truth::Known(false)) => return Ok(()),
            Some(Truth::Known(true)) => {}
            Some(Truth::Measured(condition)) => self.condition = Some(condition),
        }
        let flow = self.block(statements);
        self.condition = outer;
        flow.map(|_| ())
    }

    fn repeat(&mut self, variable: &str, over: &Expression, body: &[Statement]) -> Result<Flow> {
        let place = over.place;
        let turn = |program: &mut Self, value: Value| -> Result<Option<Flow>> {
            program.spend(TURN, place)?;
            program.frames.push(HashMap::new());
            let flow = program
                .define(variable, Symbol { value, of: None, constant: false }, place)
                .and_then(|()| program.statements(body));
            program.frames.pop();
            Ok(match flow? {
                Flow::Next | Flow::Continue => None,
                Flow::Break => Some(Flow::Next),
                Flow::End => Some(Flow::End),
            })
        };
        match evaluate(over, self)? {
            Value::Range { start: Some(start), step, stop: Some(stop) } => {
                let mut k = start;
                while if step > 0 { k <= stop } else { k >= stop } {
                    if let Some(flow) = turn(self, Value::Integer(k))? {
                        return Ok(flow);
                    }
                    let Some(next) = k.checked_add(step) else { break };
                    k = next;
                }
            }
            Value::List(items) => {
                for item in items {
                    if let Some(flow) = turn(self, item)? {
                        return Ok(flow);
                    }
                }
            }
            Value::Bits(bits) => {
                for bit in bits {
                    if let Some(flow) = turn(self, Value::Bits(vec![bit]))? {
                        return Ok(flow);
                    }
                }
            }
            other => {
                return Err(QasmError::wrong(
                    place,
                    "a range with both ends, a set or bits",
                    other.shown(),
                    "as [0:3] or {0, 2, 5}",
                ));
            }
        }
        Ok(Flow::Next)
    }

    fn repeat_while(&mut self, condition: &Expression, body: &[Statement]) -> Result<Flow> {
        loop {
            self.spend(TURN, condition.place)?;
            match evaluate(condition, self)?.truth(condition.place)? {
                Truth::Known(false) => return Ok(Flow::Next),
                Truth::Known(true) => match self.block(body)? {
                    Flow::Next | Flow::Continue => {}
                    Flow::Break => return Ok(Flow::Next),
                    Flow::End => return Ok(Flow::End),
                },
                Truth::Measured(_) => {
                    let hint = "the number of operations of a circuit is fixed";
                    let expected = "a loop whose length is known now";
                    return Err(QasmError::unsupported(condition.place, expected, "while on a measurement", hint));
                }
            }
        }
    }

    fn switch(
        &mut self,
        value: &Expression,
        cases: &[(Vec<Expression>, Vec<Statement>)],
        default: &[Statement],
        place: Place,
    ) -> Result<Flow> {
        let value = evaluate(value, self)?;
        let mut rest = Truth::Known(true);
        for (labels, body) in cases {
            for label in labels {
                let truth = equals(&value, &evaluate(label, self)?, label.place)?;
                match truth {
                    Truth::Known(true) => return self.block(body),
                    Truth::Known(false) => {}
                    measured => {
                        self.under(measured.clone(), body, label.place)?;
                        if !default.is_empty() {
                            rest = rest.and(measured.not()).ok_or_else(|| {
                                let hint = "name the values as cases";
                                QasmError::unsupported(place, "cases for measured bits", "a default beside them", hint)
                            })?;
                        }
                    }
                }
            }
        }
        match rest {
            Truth::Known(false) => Ok(Flow::Next),
            Truth::Known(true) => self.block(default),
            measured => self.under(measured, default, place).map(|()| Flow::Next),
        }
    }

    fn call(
        &mut self,
        modifiers: &[Modifier],
        name: &str,
        arguments: &[Expression],
        operands: &[Expression],
        place: Place,
    ) -> Result<()> {
        let arguments: Result<Vec<f64>> =
            arguments.iter().map(|e| evaluate(e, self)?.real(e.place, "the parameter of a gate")).collect();
        let actions = self.modified(modifiers, name, &arguments?, place)?;
        let operands: Result<Vec<(Place, Vec<u32>)>> = operands.iter().map(|e| Ok((e.place, self.operand(e)?))).collect();
        self.broadcast(&actions, name, &operands?, place)
    }
}

fn mixed(place: Place) -> QasmError {
    QasmError::wrong(place, "either declared qubits or physical ones", "both", "as q[0], or $0")
}

/// What to do about a gate that nobody defined.
pub(super) fn unknown_gate(name: &str, version: Version, included: bool, place: Place) -> QasmError {
    let library = if version == Version::Two { "qelib1.inc" } else { "stdgates.inc" };
    let hint = if !included && library::find(name, version, true).is_some() {
        format!("include \"{library}\"; brings it")
    } else if library::exists(name) {
        format!("{library} has no such gate: define it")
    } else {
        "define it with gate".to_owned()
    };
    QasmError::wrong(place, "a gate that is defined above", format!("'{}'", excerpt(name)), hint)
}
