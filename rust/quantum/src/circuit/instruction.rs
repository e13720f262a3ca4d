//! One instruction: an operation with its arguments and targets, checked when it is made.

use crate::circuit::operation::{ArgumentRule, Operation, TargetRule, Unitary};
use crate::circuit::target::{INDEX_LIMIT, Target};
use crate::circuit::{OBJECT, QuantumError};
use crate::error::number;
use crate::pauli::Pauli;

/// How far exclusive probabilities may exceed 1 together, for rounding.
const ROUNDING: f64 = 1e-9;

/// An operation with its arguments and targets.
#[derive(Debug, Clone, PartialEq)]
pub struct Instruction {
    operation: Operation,
    arguments: Vec<f64>,
    targets: Vec<Target>,
    tag: Box<str>,
}

/// A signed product of Pauli operators on distinct qubits, in the order in which the qubits first came.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PauliProduct {
    pub negative: bool,
    pub factors: Vec<(usize, Pauli)>,
}

impl Instruction {
    /// # Errors
    /// Arguments or targets that the operation does not take.
    pub fn new(operation: Operation, arguments: Vec<f64>, targets: Vec<Target>, tag: &str) -> Result<Self, QuantumError> {
        let instruction = Self { operation, arguments, targets, tag: tag.into() };
        instruction.check_arguments()?;
        instruction.check_targets()?;
        Ok(instruction)
    }

    /// A unitary on distinct qubits.
    ///
    /// # Errors
    /// Targets that do not fit it.
    pub fn unitary(unitary: Unitary, targets: &[u32]) -> Result<Self, QuantumError> {
        let targets = targets.iter().map(|q| Target::qubit(*q)).collect();
        Self::new(Operation::Unitary(std::sync::Arc::new(unitary)), Vec::new(), targets, "")
    }

    pub fn operation(&self) -> &Operation {
        &self.operation
    }

    pub fn arguments(&self) -> &[f64] {
        &self.arguments
    }

    pub fn targets(&self) -> &[Target] {
        &self.targets
    }

    /// Free text that means nothing to any engine.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// The only or first argument, 0 where there is none.
    pub fn argument(&self) -> f64 {
        self.arguments.first().copied().unwrap_or(0.0)
    }

    /// The measurement results one execution adds to the record.
    pub fn num_measurements(&self) -> u64 {
        let targets = self.targets.len() as u64;
        match self.operation {
            Operation::Measure(_)
            | Operation::MeasureReset(_)
            | Operation::HeraldedErase
            | Operation::HeraldedPauliChannel1
            | Operation::Pad => targets,
            Operation::MeasurePair(_) => targets / 2,
            Operation::MeasureProduct => {
                self.targets.iter().map(|t| if *t == Target::Combiner { -1 } else { 1 }).sum::<i64>() as u64
            }
            _ => 0,
        }
    }

    /// The Pauli products of `MPP`, `SPP` and `SPP_DAG`, multiplied out.
    ///
    /// # Errors
    /// A product that is not Hermitian, as X0*Z0.
    pub fn products(&self) -> Result<Vec<PauliProduct>, QuantumError> {
        let mut products = Vec::new();
        let mut start = 0;
        while start < self.targets.len() {
            let mut end = start + 1;
            while self.targets.get(end) == Some(&Target::Combiner) {
                end += 2;
            }
            products.push(self.product(&self.targets[start..end.min(self.targets.len())])?);
            start = end;
        }
        Ok(products)
    }

    /// The product of all Paulis of an `E`, without its phase.
    pub fn error_product(&self) -> Vec<(usize, Pauli)> {
        multiply(&self.targets).factors
    }

    fn product(&self, targets: &[Target]) -> Result<PauliProduct, QuantumError> {
        let product = multiply(targets);
        if product.phase % 2 == 1 {
            let text: String = targets.iter().map(Target::to_string).collect();
            return Err(self.error("each product", "Hermitian", text, "X0*Z0 is -i Y0: name Y0"));
        }
        Ok(PauliProduct { negative: product.phase == 2, factors: product.factors })
    }

    fn error(&self, parameter: &str, range: impl Into<String>, value: impl ToString, hint: &'static str) -> QuantumError {
        QuantumError::new(OBJECT, format!("{} of {}", parameter, self.operation.name()), range, value, hint)
    }

    fn check_arguments(&self) -> Result<(), QuantumError> {
        let count = self.arguments.len();
        let wrong_count = |range: String| {
            let shown: Vec<_> = self.arguments.iter().map(|x| number(*x)).collect();
            Err(self.error("the arguments", range, format!("({})", shown.join(", ")), ""))
        };
        if let Some(bad) = self.arguments.iter().find(|x| !x.is_finite()) {
            return Err(self.error("the arguments", "finite numbers", number(*bad), ""));
        }
        match self.operation.argument_rule() {
            ArgumentRule::None | ArgumentRule::Matrix if count > 0 => wrong_count("absent".into()),
            ArgumentRule::OptionalProbability if count > 1 => wrong_count("at most one probability".into()),
            ArgumentRule::Probabilities(n) if count != n => {
                wrong_count(format!("{n} {}", if n == 1 { "probability" } else { "probabilities" }))
            }
            ArgumentRule::OptionalProbability | ArgumentRule::Probabilities(_) | ArgumentRule::AnyProbabilities => {
                if let Some(bad) = self.arguments.iter().find(|p| !(0.0..=1.0).contains(*p)) {
                    return Err(self.error("each argument", "a probability in [0, 1]", number(*bad), ""));
                }
                let sum: f64 = self.arguments.iter().sum();
                if sum > 1.0 + ROUNDING {
                    return Err(self.error("the sum of arguments", "at most 1", number(sum), "they are exclusive events"));
                }
                Ok(())
            }
            ArgumentRule::Index => match self.arguments[..] {
                [index] if index >= 0.0 && index.fract() == 0.0 && index < f64::from(u32::MAX) => Ok(()),
                _ => wrong_count("one integer >= 0".into()),
            },
            _ => Ok(()),
        }
    }

    fn check_targets(&self) -> Result<(), QuantumError> {
        let rule = self.operation.target_rule();
        for target in &self.targets {
            let fits = match (rule, target) {
                (TargetRule::Nothing, _) => false,
                (TargetRule::Bits, Target::Qubit { index, inverted }) => *index < 2 && !inverted,
                (TargetRule::InvertibleQubits | TargetRule::InvertiblePairs, Target::Qubit { .. }) => true,
                (
                    TargetRule::Qubits | TargetRule::Pairs | TargetRule::PairsOrFeedback | TargetRule::Groups(_),
                    Target::Qubit { inverted, .. },
                ) => !inverted,
                (TargetRule::PairsOrFeedback, Target::Record(_) | Target::Sweep(_)) => true,
                (TargetRule::Products | TargetRule::Paulis, Target::Pauli { .. } | Target::Combiner) => true,
                (TargetRule::Records | TargetRule::RecordsOrPaulis, Target::Record(_)) => true,
                (TargetRule::RecordsOrPaulis, Target::Pauli { .. }) => true,
                _ => false,
            };
            if !fits {
                return Err(self.error("each target", expected(rule), target, ""));
            }
            let in_range = match target {
                Target::Qubit { index, .. } | Target::Pauli { index, .. } | Target::Sweep(index) => *index < INDEX_LIMIT,
                Target::Record(lookback) => (1..=INDEX_LIMIT).contains(lookback),
                Target::Combiner => true,
            };
            if !in_range {
                return Err(self.error("each target", "a qubit below 2^24, or a lookback of 1 to 2^24", target, ""));
            }
        }
        match rule {
            TargetRule::Pairs | TargetRule::PairsOrFeedback | TargetRule::InvertiblePairs => self.check_pairs(),
            TargetRule::Groups(size) => self.check_groups(size),
            TargetRule::Products | TargetRule::Paulis => self.check_combiners(),
            _ => Ok(()),
        }
    }

    fn check_pairs(&self) -> Result<(), QuantumError> {
        if !self.targets.len().is_multiple_of(2) {
            return Err(self.error("the targets", "pairs", format!("{} targets", self.targets.len()), ""));
        }
        for pair in self.targets.chunks_exact(2) {
            let shown = || format!("{} {}", pair[0], pair[1]);
            if pair[0].index().is_some() && pair[0].index() == pair[1].index() || pair[0] == pair[1] {
                return Err(self.error("each pair of targets", "two different ones", shown(), ""));
            }
            use crate::gate::Gate::{CX, CY, XCZ, YCZ};
            let edited = match self.operation {
                Operation::Gate(CX | CY) => pair[1].is_classical(),
                Operation::Gate(XCZ | YCZ) => pair[0].is_classical(),
                _ => false,
            };
            if edited {
                return Err(self.error(
                    "each pair of targets",
                    "a classical bit that controls a qubit",
                    shown(),
                    "a gate cannot change the record",
                ));
            }
        }
        Ok(())
    }

    fn check_groups(&self, size: usize) -> Result<(), QuantumError> {
        if !self.targets.len().is_multiple_of(size) {
            return Err(self.error("the targets", format!("groups of {size}"), format!("{} targets", self.targets.len()), ""));
        }
        for group in self.targets.chunks_exact(size) {
            for (k, target) in group.iter().enumerate() {
                if group[..k].contains(target) {
                    return Err(self.error("each group of targets", "different qubits", format!("{target} twice"), ""));
                }
            }
        }
        Ok(())
    }

    fn check_combiners(&self) -> Result<(), QuantumError> {
        let combiner = |k: usize| self.targets.get(k).is_none_or(|t| *t == Target::Combiner);
        for (k, target) in self.targets.iter().enumerate() {
            if *target == Target::Combiner && (k == 0 || combiner(k - 1) || combiner(k + 1)) {
                return Err(self.error("each *", "between two Paulis", "* alone", ""));
            }
        }
        Ok(())
    }

    /// The same without its noise, if anything is left of it.
    pub(crate) fn without_noise(&self) -> Option<Self> {
        let with = |operation, targets| Self { operation, arguments: Vec::new(), targets, tag: self.tag.clone() };
        match &self.operation {
            Operation::HeraldedErase | Operation::HeraldedPauliChannel1 => {
                Some(with(Operation::Pad, vec![Target::qubit(0); self.targets.len()]))
            }
            operation => match operation.argument_rule() {
                ArgumentRule::Probabilities(_) | ArgumentRule::AnyProbabilities => None,
                ArgumentRule::OptionalProbability => Some(with(operation.clone(), self.targets.clone())),
                _ => Some(self.clone()),
            },
        }
    }

    /// The same with the targets of another behind its own, if they can be one instruction.
    pub(crate) fn fuse(&mut self, other: &Self) -> bool {
        let same = self.operation.fuses()
            && self.operation == other.operation
            && self.arguments == other.arguments
            && self.tag == other.tag;
        if same {
            self.targets.extend_from_slice(&other.targets);
        }
        same
    }
}

fn expected(rule: TargetRule) -> &'static str {
    match rule {
        TargetRule::Nothing => "absent",
        TargetRule::Bits => "0 or 1",
        TargetRule::InvertibleQubits | TargetRule::InvertiblePairs => "a qubit, as 3 or !3",
        TargetRule::PairsOrFeedback => "a qubit, as 3, or a classical bit, as rec[-1] or sweep[0]",
        TargetRule::Products | TargetRule::Paulis => "a Pauli, as X3, or a * between two",
        TargetRule::Records => "a measurement record, as rec[-1]",
        TargetRule::RecordsOrPaulis => "a measurement record, as rec[-1], or a Pauli, as X3",
        _ => "a qubit, as 3",
    }
}

/// i^phase times Paulis on distinct qubits.
struct Phased {
    phase: u32,
    factors: Vec<(usize, Pauli)>,
}

fn multiply(targets: &[Target]) -> Phased {
    let mut product = Phased { phase: 0, factors: Vec::new() };
    // Long products are looked up by qubit; short ones are scanned.
    let mut place = std::collections::BTreeMap::new();
    for target in targets {
        let Target::Pauli { pauli, index, inverted } = *target else { continue };
        product.phase += if inverted { 2 } else { 0 };
        let qubit = index as usize;
        let slot = *place.entry(qubit).or_insert_with(|| {
            product.factors.push((qubit, Pauli::I));
            product.factors.len() - 1
        });
        let factor = &mut product.factors[slot].1;
        product.phase += match (*factor as u8, pauli as u8) {
            (1, 2) | (2, 3) | (3, 1) => 1,
            (2, 1) | (3, 2) | (1, 3) => 3,
            _ => 0,
        };
        *factor = factor.times(pauli);
    }
    product.phase %= 4;
    product.factors.retain(|(_, pauli)| *pauli != Pauli::I);
    product
}
