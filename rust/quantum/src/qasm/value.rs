//! Values known while a text is read: numbers, and bits as far as they follow from measurements.
//!
//! A bit is a parity: a constant plus (mod 2) outcomes of measurements that have not happened yet. A condition is a
//! conjunction of parities or the opposite of one: all that `==`, `!`, `&&`, `||`, `^` make of registers in one step.

use super::error::{Place, QasmError, Result};

/// A constant plus the sum, mod 2, of measurement outcomes by their number in the record, ascending.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parity {
    pub flip: bool,
    pub records: Vec<usize>,
}

impl Parity {
    pub(super) fn constant(flip: bool) -> Self {
        Self { flip, records: Vec::new() }
    }

    pub(super) fn record(number: usize) -> Self {
        Self { flip: false, records: vec![number] }
    }

    pub(super) fn as_constant(&self) -> Option<bool> {
        self.records.is_empty().then_some(self.flip)
    }

    pub(super) fn not(&self) -> Self {
        Self { flip: !self.flip, records: self.records.clone() }
    }

    pub(super) fn xor(&self, other: &Self) -> Self {
        let mut records = self.records.clone();
        for r in &other.records {
            match records.binary_search(r) {
                Ok(k) => {
                    records.remove(k);
                }
                Err(k) => records.insert(k, *r),
            }
        }
        Self { flip: self.flip ^ other.flip, records }
    }
}

/// Holds if all parities are odd; the other way round if negated. Never holds a constant parity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    pub all: Vec<Parity>,
    pub negated: bool,
}

/// What a condition comes to: known now, or when the measurements are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Truth {
    Known(bool),
    Measured(Condition),
}

impl Truth {
    /// All of these at once.
    pub(super) fn all(parities: impl IntoIterator<Item = Parity>) -> Self {
        let mut all: Vec<Parity> = Vec::new();
        for parity in parities {
            match parity.as_constant() {
                Some(true) => {}
                Some(false) => return Self::Known(false),
                None if all.contains(&parity) => {}
                None if all.contains(&parity.not()) => return Self::Known(false),
                None => all.push(parity),
            }
        }
        if all.is_empty() { Self::Known(true) } else { Self::Measured(Condition { all, negated: false }.tidy()) }
    }

    pub(super) fn not(self) -> Self {
        match self {
            Self::Known(known) => Self::Known(!known),
            Self::Measured(c) => Self::Measured(Condition { all: c.all, negated: !c.negated }.tidy()),
        }
    }

    /// Both; None if that is more than a condition can say.
    pub(super) fn and(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Known(false), _) | (_, Self::Known(false)) => Some(Self::Known(false)),
            (Self::Known(true), other) | (other, Self::Known(true)) => Some(other),
            (Self::Measured(a), Self::Measured(b)) if a == b => Some(Self::Measured(a)),
            (Self::Measured(a), Self::Measured(b)) if !a.negated && !b.negated => Some(Self::all(a.all.into_iter().chain(b.all))),
            _ => None,
        }
    }

    pub(super) fn or(self, other: Self) -> Option<Self> {
        self.not().and(other.not()).map(Self::not)
    }

    /// As one parity, if it is one.
    pub(super) fn parity(&self) -> Option<Parity> {
        match self {
            Self::Known(known) => Some(Parity::constant(*known)),
            Self::Measured(c) => match c.all.as_slice() {
                [one] if !c.negated => Some(one.clone()),
                _ => None,
            },
        }
    }
}

impl Condition {
    /// The opposite of one parity is a parity.
    fn tidy(mut self) -> Self {
        if let ([one], true) = (self.all.as_mut_slice(), self.negated) {
            one.flip = !one.flip;
            self.negated = false;
        }
        self
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Integer(i64),
    Real(f64),
    Truth(Truth),
    /// Least significant first.
    Bits(Vec<Parity>),
    Qubits(Vec<u32>),
    List(Vec<Value>),
    Range {
        start: Option<i64>,
        step: i64,
        stop: Option<i64>,
    },
}

impl Value {
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Integer(k) => k.to_string(),
            Self::Real(x) => x.to_string(),
            Self::Truth(Truth::Known(known)) => known.to_string(),
            Self::Truth(Truth::Measured(_)) => "a condition on measurements".into(),
            Self::Bits(bits) => match self.as_integer() {
                Some(k) => k.to_string(),
                None if bits.len() == 1 => "a measured bit".into(),
                None => format!("{} bits, some of them measured", bits.len()),
            },
            Self::Qubits(qubits) if qubits.len() == 1 => "a qubit".into(),
            Self::Qubits(qubits) => format!("{} qubits", qubits.len()),
            Self::List(items) => format!("a set of {}", items.len()),
            Self::Range { .. } => "a range".into(),
        }
    }

    pub(super) fn as_real(&self) -> Option<f64> {
        match self {
            Self::Real(x) => Some(*x),
            _ => self.as_integer().map(|k| k as f64),
        }
    }

    /// Integers, and what counts as one: known booleans and bits.
    pub(super) fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Integer(k) => Some(*k),
            Self::Truth(Truth::Known(known)) => Some(i64::from(*known)),
            Self::Bits(bits) if bits.len() < 64 => {
                bits.iter().rev().try_fold(0, |sum, bit| Some(2 * sum + i64::from(bit.as_constant()?)))
            }
            _ => None,
        }
    }

    pub(super) fn integer(&self, place: Place, what: &str) -> Result<i64> {
        self.as_integer().ok_or_else(|| QasmError::wrong(place, format!("{what}, an integer known now"), self.shown(), ""))
    }

    pub(super) fn real(&self, place: Place, what: &str) -> Result<f64> {
        self.as_real().ok_or_else(|| QasmError::wrong(place, format!("{what}, a number known now"), self.shown(), ""))
    }

    /// As a condition: bits count as true unless all are 0.
    pub(super) fn truth(&self, place: Place) -> Result<Truth> {
        match self {
            Self::Truth(truth) => Ok(truth.clone()),
            Self::Bits(bits) => Ok(Truth::all(bits.iter().map(Parity::not)).not()),
            Self::Integer(k) => Ok(Truth::Known(*k != 0)),
            Self::Real(x) => Ok(Truth::Known(*x != 0.0)),
            other => Err(QasmError::wrong(place, "a condition", other.shown(), "")),
        }
    }

    /// As bits of a register, least significant first; None if it is none.
    pub(super) fn bits(&self, width: usize) -> Option<Vec<Parity>> {
        match self {
            Self::Bits(bits) => Some(bits.clone()),
            Self::Truth(truth) if width == 1 => Some(vec![truth.parity()?]),
            _ => {
                let k = self.as_integer()?;
                // Beyond the width there must be nothing; a negative number has no end of ones.
                if k < 0 || (width < 63 && k >> width != 0) {
                    return None;
                }
                Some((0..width).map(|bit| Parity::constant(bit < 63 && k >> bit & 1 == 1)).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(parity: &Parity, outcomes: u32) -> bool {
        parity.records.iter().fold(parity.flip, |bit, r| bit ^ (outcomes >> r & 1 == 1))
    }

    fn holds(truth: &Truth, outcomes: u32) -> bool {
        match truth {
            Truth::Known(known) => *known,
            Truth::Measured(c) => c.negated ^ c.all.iter().all(|p| value(p, outcomes)),
        }
    }

    /// All parities of three measurements, their conjunctions of two, and the opposites.
    fn some() -> Vec<Truth> {
        let parities: Vec<Parity> = (0..16u32)
            .map(|k| Parity { flip: k & 1 == 1, records: (0..3).filter(|r| k >> (r + 1) & 1 == 1).collect() })
            .collect();
        let mut out = Vec::new();
        for a in &parities {
            for b in &parities {
                let both = Truth::all([a.clone(), b.clone()]);
                out.push(both.clone().not());
                out.push(both);
            }
        }
        out
    }

    #[test]
    fn logic_is_what_the_outcomes_make_of_it() {
        for a in some().iter().step_by(3) {
            for b in some().iter().step_by(7) {
                for outcomes in 0..8 {
                    let (x, y) = (holds(a, outcomes), holds(b, outcomes));
                    assert_eq!(holds(&a.clone().not(), outcomes), !x);
                    if let Some(both) = a.clone().and(b.clone()) {
                        assert_eq!(holds(&both, outcomes), x && y, "{a:?} and {b:?}");
                    }
                    if let Some(either) = a.clone().or(b.clone()) {
                        assert_eq!(holds(&either, outcomes), x || y, "{a:?} or {b:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn parities_add() {
        let a = Parity { flip: true, records: vec![0, 2] };
        let b = Parity { flip: true, records: vec![1, 2] };
        assert_eq!(a.xor(&b), Parity { flip: false, records: vec![0, 1] });
        assert_eq!(a.xor(&a), Parity::constant(false));
    }

    #[test]
    fn integers_become_bits_if_they_fit() {
        assert_eq!(Value::Integer(5).bits(3).and_then(|b| Value::Bits(b).as_integer()), Some(5));
        assert_eq!(Value::Integer(8).bits(3), None);
        assert_eq!(Value::Integer(-1).bits(70), None);
        assert_eq!(Value::Integer(i64::MAX).bits(63).map(|b| b.len()), Some(63));
        assert_eq!(Value::Integer(1).bits(100).map(|b| b.len()), Some(100));
    }
}
