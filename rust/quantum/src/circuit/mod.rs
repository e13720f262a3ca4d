//! Circuits: instructions, loops and conditions in Stim's language.
//!
//! - [`Operation`], [`Target`], [`Instruction`]: one line, checked when it is made;
//! - [`Circuit`]: a list of [`Item`]s, counted, joined, inverted; REPEAT blocks stay folded;
//! - [`Engine`] and [`execute`]: how any state runs a circuit, by a handful of primitive operations.
//!
//! Refuses to know: how a state is stored.

pub(crate) mod execute;
mod instruction;
mod interrupt;
mod operation;
mod parse;
mod print;
mod target;

pub(crate) use execute::even_terms;
pub use execute::{Engine, PauliTerm, execute};
pub use instruction::{Instruction, PauliProduct};
pub use interrupt::execute_until;
pub use operation::{ArgumentRule, Operation, TargetRule, Unitary};
pub use target::{INDEX_LIMIT, Target};

use crate::error::QuantumError;
use crate::gate::Gate;

pub(crate) const OBJECT: &str = "Circuit";
/// The most instructions `flattened` will write out.
const FLAT_LIMIT: u64 = 100_000_000;

/// A quantum circuit.
///
/// ```
/// use ebit_quantum::Circuit;
///
/// let circuit: Circuit = "H 0\nCX 0 1\nREPEAT 3 {\n    M 0 1\n}".parse()?;
/// assert_eq!(circuit.num_measurements(), 6);
/// # Ok::<(), ebit_quantum::QuantumError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Circuit {
    items: Vec<Item>,
}

/// One element of a circuit.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    Instruction(Instruction),
    Repeat(Repeat),
    If(If),
}

/// `REPEAT count { body }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Repeat {
    /// At least 1.
    pub count: u64,
    pub body: Circuit,
    pub tag: Box<str>,
}

/// `IF rec[-1] !rec[-2] { body }`: the body is run if every named record has the wanted value. Not of Stim's language:
/// OpenQASM's conditions on general gates. The body measures nothing, so that lookbacks behind it have one meaning.
#[derive(Debug, Clone, PartialEq)]
pub struct If {
    /// Lookback (1 is the last measurement) and the wanted value.
    pub terms: Vec<(u32, bool)>,
    pub body: Circuit,
}

impl Circuit {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// Items at the top level; a REPEAT block counts as one.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Appends an instruction, joining it to the last one where both are one, as Stim does.
    pub fn push(&mut self, instruction: Instruction) {
        if let Some(Item::Instruction(last)) = self.items.last_mut()
            && last.fuse(&instruction)
        {
            return;
        }
        self.items.push(Item::Instruction(instruction));
    }

    /// Appends a gate on plain qubits, repeated over groups of targets.
    ///
    /// # Errors
    /// Targets that do not fit the gate.
    pub fn gate(&mut self, gate: Gate, qubits: &[u32]) -> Result<(), QuantumError> {
        self.operation(Operation::Gate(gate), &[], qubits)
    }

    /// Appends an operation on plain qubits.
    ///
    /// # Errors
    /// Arguments or targets that do not fit it.
    pub fn operation(&mut self, operation: Operation, arguments: &[f64], qubits: &[u32]) -> Result<(), QuantumError> {
        let targets = qubits.iter().map(|q| Target::qubit(*q)).collect();
        self.push(Instruction::new(operation, arguments.to_vec(), targets, "")?);
        Ok(())
    }

    /// Appends a loop.
    ///
    /// # Errors
    /// A count of 0.
    pub fn push_repeat(&mut self, count: u64, body: Self, tag: &str) -> Result<(), QuantumError> {
        if count == 0 {
            return Err(QuantumError::new(OBJECT, "REPEAT", "at least 1 time", 0, ""));
        }
        self.items.push(Item::Repeat(Repeat { count, body, tag: tag.into() }));
        Ok(())
    }

    /// Appends a condition: `terms` are lookbacks, 1 for the last measurement, with the wanted values.
    ///
    /// # Errors
    /// No term, a lookback of 0, or a body that measures.
    pub fn push_if(&mut self, terms: Vec<(u32, bool)>, body: Self) -> Result<(), QuantumError> {
        if terms.is_empty() || terms.iter().any(|(lookback, _)| !(1..=INDEX_LIMIT).contains(lookback)) {
            let value = format!("{terms:?}");
            return Err(QuantumError::new(OBJECT, "the terms of IF", "measurement records, as rec[-1] or !rec[-1]", value, ""));
        }
        let counts = body.counts();
        if counts.measurements > 0 || counts.detectors > 0 {
            let value = format!("{} measurements", counts.measurements);
            return Err(QuantumError::new(
                OBJECT,
                "the body of IF",
                "without measurements and detectors",
                value,
                "measure behind it",
            ));
        }
        self.items.push(Item::If(If { terms, body }));
        Ok(())
    }

    /// Appends all of another circuit.
    pub fn extend(&mut self, other: &Self) {
        for item in &other.items {
            match item {
                Item::Instruction(instruction) => self.push(instruction.clone()),
                other => self.items.push(other.clone()),
            }
        }
    }

    /// The circuit `count` times over, as a REPEAT block; 0 times is empty, once is itself.
    #[must_use]
    pub fn repeated(&self, count: u64) -> Self {
        match count {
            0 => Self::new(),
            1 => self.clone(),
            _ => Self { items: vec![Item::Repeat(Repeat { count, body: self.clone(), tag: "".into() })] },
        }
    }

    /// Calls `visit` for every instruction and condition in the order of execution; loops are run through, not written out.
    ///
    /// # Errors
    /// The first one of `visit`.
    pub fn walk<'a, E>(&'a self, visit: &mut impl FnMut(&'a Item) -> Result<(), E>) -> Result<(), E> {
        for item in &self.items {
            match item {
                Item::Repeat(repeat) => {
                    for _ in 0..repeat.count {
                        repeat.body.walk(visit)?;
                    }
                }
                other => visit(other)?,
            }
        }
        Ok(())
    }

    /// Everything that is counted, saturating at `u64::MAX`.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for item in &self.items {
            match item {
                Item::Instruction(instruction) => counts.instruction(instruction),
                Item::Repeat(repeat) => counts.add(&repeat.body.counts(), repeat.count),
                Item::If(condition) => counts.add(&condition.body.counts(), 1),
            }
        }
        counts
    }

    /// One more than the largest qubit.
    pub fn num_qubits(&self) -> usize {
        self.counts().qubits
    }

    /// Measurement results of one shot.
    pub fn num_measurements(&self) -> u64 {
        self.counts().measurements
    }

    pub fn num_detectors(&self) -> u64 {
        self.counts().detectors
    }

    /// One more than the largest observable.
    pub fn num_observables(&self) -> u64 {
        self.counts().observables
    }

    pub fn num_ticks(&self) -> u64 {
        self.counts().ticks
    }

    /// The same without loops; coordinates shifted where SHIFT_COORDS says so.
    ///
    /// # Errors
    /// More than 10^8 instructions.
    pub fn flattened(&self) -> Result<Self, QuantumError> {
        let instructions = self.counts().instructions;
        if instructions > FLAT_LIMIT {
            return Err(QuantumError::new(
                OBJECT,
                "flattened",
                "at most 10^8 instructions",
                instructions,
                "keep the REPEAT blocks",
            ));
        }
        let mut flat = Self::new();
        let mut shift: Vec<f64> = Vec::new();
        self.walk(&mut |item| {
            match item {
                Item::Instruction(i) if *i.operation() == Operation::ShiftCoords => {
                    shift.resize(shift.len().max(i.arguments().len()), 0.0);
                    shift.iter_mut().zip(i.arguments()).for_each(|(s, x)| *s += x);
                }
                Item::Instruction(i) if matches!(i.operation(), Operation::Detector | Operation::QubitCoords) => {
                    let moved = i.arguments().iter().enumerate().map(|(k, x)| x + shift.get(k).unwrap_or(&0.0)).collect();
                    flat.push(Instruction::new(i.operation().clone(), moved, i.targets().to_vec(), i.tag())?);
                }
                Item::Instruction(i) => flat.push(i.clone()),
                other => flat.items.push(other.clone()),
            }
            Ok(())
        })?;
        Ok(flat)
    }

    /// The same without errors and flipped results; heralds become constant bits of 0.
    #[must_use]
    pub fn without_noise(&self) -> Self {
        let mut quiet = Self::new();
        for item in &self.items {
            match item {
                Item::Instruction(instruction) => {
                    if let Some(instruction) = instruction.without_noise() {
                        quiet.push(instruction);
                    }
                }
                Item::Repeat(repeat) => {
                    let body = repeat.body.without_noise();
                    quiet.items.push(Item::Repeat(Repeat { count: repeat.count, body, tag: repeat.tag.clone() }));
                }
                Item::If(condition) => {
                    quiet.items.push(Item::If(If { terms: condition.terms.clone(), body: condition.body.without_noise() }));
                }
            }
        }
        quiet
    }

    /// The circuit that undoes this one.
    ///
    /// # Errors
    /// Anything but gates, unitaries, `SPP`, `TICK` and loops of them.
    pub fn inverse(&self) -> Result<Self, QuantumError> {
        let mut inverse = Self::new();
        for item in self.items.iter().rev() {
            match item {
                Item::Instruction(instruction) => inverse.push(inverse_instruction(instruction)?),
                Item::Repeat(repeat) => inverse.push_repeat(repeat.count, repeat.body.inverse()?, &repeat.tag)?,
                Item::If(_) => return Err(not_invertible("IF")),
            }
        }
        Ok(inverse)
    }
}

fn not_invertible(name: &str) -> QuantumError {
    QuantumError::new(
        OBJECT,
        "inverse",
        "of gates, SPP, TICK and REPEAT only",
        name,
        "measurements, noise and feedback have no inverse",
    )
}

fn inverse_instruction(instruction: &Instruction) -> Result<Instruction, QuantumError> {
    let (operation, group) = match instruction.operation() {
        Operation::Gate(gate) => (Operation::Gate(gate.inverse()), gate.qubits()),
        Operation::Unitary(unitary) => (Operation::Unitary(std::sync::Arc::new(unitary.inverse())), unitary.qubits),
        Operation::Spp => (Operation::SppDag, 1),
        Operation::SppDag => (Operation::Spp, 1),
        Operation::Tick => (Operation::Tick, 1),
        other => return Err(not_invertible(other.name())),
    };
    if instruction.targets().iter().any(|t| t.is_classical()) {
        return Err(not_invertible("feedback"));
    }
    // A product read backwards is its own adjoint, so single targets may be turned around with their combiners.
    let targets = instruction.targets().chunks_exact(group).rev().flatten().copied().collect();
    Instruction::new(operation, instruction.arguments().to_vec(), targets, instruction.tag())
}

/// What one execution of a circuit contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// One more than the largest qubit.
    pub qubits: usize,
    pub measurements: u64,
    pub detectors: u64,
    /// One more than the largest observable.
    pub observables: u64,
    pub ticks: u64,
    /// One more than the largest sweep bit.
    pub sweep_bits: u64,
    pub instructions: u64,
    pub targets: u64,
}

impl Counts {
    fn instruction(&mut self, instruction: &Instruction) {
        self.instructions = self.instructions.saturating_add(1);
        self.targets = self.targets.saturating_add(instruction.targets().len() as u64);
        self.measurements = self.measurements.saturating_add(instruction.num_measurements());
        match instruction.operation() {
            Operation::Detector => self.detectors = self.detectors.saturating_add(1),
            Operation::ObservableInclude => self.observables = self.observables.max(instruction.argument() as u64 + 1),
            Operation::Tick => self.ticks = self.ticks.saturating_add(1),
            // Its targets are bits.
            Operation::Pad => return,
            _ => {}
        }
        for target in instruction.targets() {
            match target {
                Target::Qubit { index, .. } | Target::Pauli { index, .. } => self.qubits = self.qubits.max(*index as usize + 1),
                Target::Sweep(index) => self.sweep_bits = self.sweep_bits.max(u64::from(*index) + 1),
                _ => {}
            }
        }
    }

    fn add(&mut self, other: &Self, times: u64) {
        let many = |own: &mut u64, other: u64| *own = own.saturating_add(other.saturating_mul(times));
        many(&mut self.measurements, other.measurements);
        many(&mut self.detectors, other.detectors);
        many(&mut self.ticks, other.ticks);
        many(&mut self.instructions, other.instructions);
        many(&mut self.targets, other.targets);
        self.qubits = self.qubits.max(other.qubits);
        self.observables = self.observables.max(other.observables);
        self.sweep_bits = self.sweep_bits.max(other.sweep_bits);
    }
}
