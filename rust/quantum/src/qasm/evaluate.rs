//! From expressions to values. Refuses to know gates and qubits' states.

use ebit_random::math;

use super::ast::{Expression, ExpressionKind, Operator, Scalar, Type, Version};
use super::error::{Place, QasmError, Result, excerpt};
use super::value::{Parity, Truth, Value};

/// The most bits of a classical register, and qubits of a circuit.
pub(super) const MAX_REGISTER: usize = 1 << 20;

/// Where names are looked up.
pub(super) trait Names {
    fn value(&self, name: &str) -> Option<&Value>;
    fn version(&self) -> Version;
}

/// Where no names are needed.
pub(super) struct NoNames;

impl Names for NoNames {
    fn value(&self, _: &str) -> Option<&Value> {
        None
    }
    fn version(&self) -> Version {
        Version::Three
    }
}

/// `target operator= value`.
pub(super) fn assign_operator(operator: Operator, a: &Value, b: &Value, place: Place, names: &dyn Names) -> Result<Value> {
    binary(operator, a, b, place, names.version())
}

/// Whether two values are the same.
pub(super) fn equals(a: &Value, b: &Value, place: Place) -> Result<Truth> {
    equal(a, b, place)?.truth(place)
}

pub(super) fn evaluate(e: &Expression, names: &dyn Names) -> Result<Value> {
    let place = e.place;
    match &e.kind {
        ExpressionKind::Integer(k) => Ok(Value::Integer(*k)),
        ExpressionKind::Real(x) => Ok(Value::Real(*x)),
        ExpressionKind::Bits(text) => bit_string(text, place),
        ExpressionKind::Name(name) => named(name, names, place),
        ExpressionKind::Physical(k) => Ok(Value::Qubits(vec![*k])),
        ExpressionKind::Unary(operator, x) => unary(*operator, evaluate(x, names)?, place),
        ExpressionKind::Binary(operator, a, b) => {
            let (a, b) = (evaluate(a, names)?, evaluate(b, names)?);
            binary(*operator, &a, &b, place, names.version())
        }
        ExpressionKind::Call(function, arguments) => {
            let values: Result<Vec<Value>> = arguments.iter().map(|x| evaluate(x, names)).collect();
            call(function, &values?, place)
        }
        ExpressionKind::Cast(of, x) => {
            let value = evaluate(x, names)?;
            cast(of, &value, place, names)
        }
        ExpressionKind::Index(base, index) => {
            let index_value = evaluate(index, names)?;
            // A register stays where it is: its elements are looked up one at a time.
            match &base.kind {
                ExpressionKind::Name(name) => match names.value(name) {
                    Some(base) => element(base, &index_value, place),
                    None => named(name, names, place),
                },
                _ => element(&evaluate(base, names)?, &index_value, place),
            }
        }
        ExpressionKind::Range(start, step, stop) => {
            let part = |x: &Option<Box<Expression>>| -> Result<Option<i64>> {
                x.as_ref().map(|x| evaluate(x, names)?.integer(x.place, "an end of a range")).transpose()
            };
            let step = part(step)?.unwrap_or(1);
            if step == 0 {
                return Err(QasmError::wrong(place, "a step other than 0", "0", ""));
            }
            Ok(Value::Range { start: part(start)?, step, stop: part(stop)? })
        }
        ExpressionKind::Set(items) => {
            let values: Result<Vec<Value>> = items.iter().map(|x| evaluate(x, names)).collect();
            values.map(Value::List)
        }
        ExpressionKind::Measure(_) => {
            let hint = "assign the outcome to a bit first";
            Err(QasmError::unsupported(place, "a measurement that stands alone", "one inside an expression", hint))
        }
    }
}

fn bit_string(text: &str, place: Place) -> Result<Value> {
    let bits: Option<Vec<Parity>> = text
        .chars()
        .rev()
        .filter(|c| *c != '_')
        .map(|c| match c {
            '0' => Some(Parity::constant(false)),
            '1' => Some(Parity::constant(true)),
            _ => None,
        })
        .collect();
    bits.map(Value::Bits).ok_or_else(|| QasmError::wrong(place, "a string of 0 and 1", format!("\"{}\"", excerpt(text)), ""))
}

fn named(name: &str, names: &dyn Names, place: Place) -> Result<Value> {
    if let Some(value) = names.value(name) {
        return Ok(value.clone());
    }
    match name {
        "pi" | "π" => Ok(Value::Real(core::f64::consts::PI)),
        "tau" | "τ" => Ok(Value::Real(core::f64::consts::TAU)),
        "euler" | "ℇ" => Ok(Value::Real(core::f64::consts::E)),
        "true" => Ok(Value::Truth(Truth::Known(true))),
        "false" => Ok(Value::Truth(Truth::Known(false))),
        _ => Err(QasmError::wrong(place, "a name that is declared above", format!("'{}'", excerpt(name)), "")),
    }
}

fn overflow(place: Place) -> QasmError {
    QasmError::wrong(place, "integers below 2^63", "a larger one", "write one of them with a decimal point")
}

fn finite(x: f64, place: Place) -> Result<Value> {
    if x.is_finite() { Ok(Value::Real(x)) } else { Err(QasmError::wrong(place, "a finite number", x.to_string(), "")) }
}

fn unary(operator: Operator, x: Value, place: Place) -> Result<Value> {
    match (operator, x) {
        (Operator::Not, x) => Ok(Value::Truth(x.truth(place)?.not())),
        (Operator::BitNot, Value::Bits(bits)) => Ok(Value::Bits(bits.iter().map(Parity::not).collect())),
        (Operator::BitNot, x) => Ok(Value::Integer(!x.integer(place, "what ~ acts on")?)),
        (_, Value::Real(x)) => Ok(Value::Real(-x)),
        (_, x) => x.integer(place, "what - acts on")?.checked_neg().map(Value::Integer).ok_or_else(|| overflow(place)),
    }
}

fn binary(operator: Operator, a: &Value, b: &Value, place: Place, version: Version) -> Result<Value> {
    use Operator as O;
    match operator {
        O::And => combined(a.truth(place)?.and(b.truth(place)?), place),
        O::Or => combined(a.truth(place)?.or(b.truth(place)?), place),
        O::Equal => equal(a, b, place),
        O::NotEqual => match equal(a, b, place)? {
            Value::Truth(truth) => Ok(Value::Truth(truth.not())),
            other => Ok(other),
        },
        O::BitAnd | O::BitOr | O::BitXor if matches!((a, b), (Value::Bits(_), _) | (_, Value::Bits(_))) => {
            bitwise(operator, a, b, place)
        }
        O::Join => match (a, b) {
            (Value::Qubits(a), Value::Qubits(b)) if a.len() + b.len() <= MAX_REGISTER => {
                Ok(Value::Qubits(a.iter().chain(b).copied().collect()))
            }
            _ => Err(QasmError::wrong(place, "two registers of qubits to join", b.shown(), "")),
        },
        _ => arithmetic(operator, a, b, place, version),
    }
}

fn combined(truth: Option<Truth>, place: Place) -> Result<Value> {
    let hint = "a condition may be a conjunction of parities of outcomes, or the opposite of one; nest or split the if";
    truth
        .map(Value::Truth)
        .ok_or_else(|| QasmError::unsupported(place, "a condition of one kind", "&& and || mixed over measured bits", hint))
}

/// Bit by bit; an integer takes the width of the other side.
fn equal(a: &Value, b: &Value, place: Place) -> Result<Value> {
    if let (Some(a), Some(b)) = (a.as_integer(), b.as_integer()) {
        return Ok(Value::Truth(Truth::Known(a == b)));
    }
    if let (Some(a), Some(b)) = (a.as_real(), b.as_real()) {
        return Ok(Value::Truth(Truth::Known(a == b)));
    }
    let width = |x: &Value| if let Value::Bits(bits) = x { bits.len() } else { 1 };
    let width = width(a).max(width(b));
    match (a.bits(width), b.bits(width)) {
        (Some(a), Some(b)) if a.len() == b.len() => Ok(Value::Truth(Truth::all(a.iter().zip(&b).map(|(a, b)| a.xor(b).not())))),
        // An integer that the register cannot hold.
        (Some(_), None) if b.as_integer().is_some() => Ok(Value::Truth(Truth::Known(false))),
        (None, Some(_)) if a.as_integer().is_some() => Ok(Value::Truth(Truth::Known(false))),
        _ => Err(QasmError::wrong(place, format!("something to compare with {}", a.shown()), b.shown(), "")),
    }
}

fn bitwise(operator: Operator, a: &Value, b: &Value, place: Place) -> Result<Value> {
    let width = |x: &Value| if let Value::Bits(bits) = x { bits.len() } else { 1 };
    let width = width(a).max(width(b));
    let (Some(a), Some(b)) = (a.bits(width), b.bits(width)) else {
        return Err(QasmError::wrong(place, format!("{width} bits on both sides"), b.shown(), ""));
    };
    if a.len() != b.len() {
        return Err(QasmError::wrong(place, format!("{} bits on both sides", a.len()), b.len().to_string(), ""));
    }
    let one = |(a, b): (&Parity, &Parity)| -> Result<Parity> {
        if operator == Operator::BitXor {
            return Ok(a.xor(b));
        }
        let truth = |p: &Parity| Truth::all([p.clone()]);
        let both = if operator == Operator::BitAnd { truth(a).and(truth(b)) } else { truth(a).or(truth(b)) };
        both.and_then(|t| t.parity()).ok_or_else(|| {
            let hint = "use && and || in a condition";
            QasmError::unsupported(place, "bits that are sums of outcomes", "a product of two measured bits", hint)
        })
    };
    let bits: Result<Vec<Parity>> = a.iter().zip(&b).map(one).collect();
    bits.map(Value::Bits)
}

fn arithmetic(operator: Operator, a: &Value, b: &Value, place: Place, version: Version) -> Result<Value> {
    use Operator as O;
    let integers = match (a, b) {
        (Value::Real(_), _) | (_, Value::Real(_)) => None,
        // Version 2 has real numbers only.
        _ if version == Version::Two && matches!(operator, O::Divide | O::Power) => None,
        _ => a.as_integer().zip(b.as_integer()),
    };
    if let Some((a, b)) = integers {
        return whole(operator, a, b, place);
    }
    let (x, y) = (a.real(place, "the left side")?, b.real(place, "the right side")?);
    let truth = |t| Ok(Value::Truth(Truth::Known(t)));
    match operator {
        O::Add => finite(x + y, place),
        O::Subtract => finite(x - y, place),
        O::Multiply => finite(x * y, place),
        O::Divide if y == 0.0 => Err(QasmError::wrong(place, "a divisor other than 0", "0", "")),
        O::Divide => finite(x / y, place),
        O::Remainder if y == 0.0 => Err(QasmError::wrong(place, "a divisor other than 0", "0", "")),
        O::Remainder => finite(x % y, place),
        O::Power => finite(math::pow(x, y), place),
        O::Less => truth(x < y),
        O::LessEqual => truth(x <= y),
        O::Greater => truth(x > y),
        O::GreaterEqual => truth(x >= y),
        _ => Err(QasmError::wrong(place, "integers or bits", "a real number", "")),
    }
}

fn whole(operator: Operator, a: i64, b: i64, place: Place) -> Result<Value> {
    use Operator as O;
    let truth = |t| Ok(Value::Truth(Truth::Known(t)));
    let shift = || u32::try_from(b).ok().filter(|b| *b < 63);
    let result = match operator {
        O::Less => return truth(a < b),
        O::LessEqual => return truth(a <= b),
        O::Greater => return truth(a > b),
        O::GreaterEqual => return truth(a >= b),
        O::Divide | O::Remainder if b == 0 => {
            return Err(QasmError::wrong(place, "a divisor other than 0", "0", ""));
        }
        O::Power if b < 0 => return finite(math::pow(a as f64, b as f64), place),
        O::Power => u32::try_from(b).ok().and_then(|b| a.checked_pow(b)),
        O::Add => a.checked_add(b),
        O::Subtract => a.checked_sub(b),
        O::Multiply => a.checked_mul(b),
        O::Divide => a.checked_div(b),
        O::Remainder => a.checked_rem(b),
        O::BitAnd => Some(a & b),
        O::BitOr => Some(a | b),
        O::BitXor => Some(a ^ b),
        O::ShiftLeft => shift().and_then(|b| a.checked_mul(1i64 << b)),
        O::ShiftRight => shift().map(|b| a >> b),
        _ => None,
    };
    result.map(Value::Integer).ok_or_else(|| overflow(place))
}

fn call(function: &str, arguments: &[Value], place: Place) -> Result<Value> {
    let real = |k: usize| arguments.get(k).map_or(Ok(0.0), |x| x.real(place, &format!("the argument of {}", excerpt(function))));
    let count = if ["pow", "mod"].contains(&function) { 2 } else { 1 };
    let x = real(0)?;
    let y = real(1)?;
    let domain = |good: bool, what: &str| {
        if good { Ok(()) } else { Err(QasmError::wrong(place, format!("{function} of {what}"), x.to_string(), "")) }
    };
    let value = match function {
        "sin" => math::sin(x),
        "cos" => math::cos(x),
        "tan" => math::sin(x) / math::cos(x),
        "arcsin" | "asin" => {
            domain(x.abs() <= 1.0, "a number in [-1, 1]")?;
            math::asin(x)
        }
        "arccos" | "acos" => {
            domain(x.abs() <= 1.0, "a number in [-1, 1]")?;
            math::acos(x)
        }
        "arctan" | "atan" => math::atan(x),
        "exp" => math::exp(x),
        "ln" | "log" => {
            domain(x > 0.0, "a number above 0")?;
            math::ln(x)
        }
        "sqrt" => {
            domain(x >= 0.0, "a number >= 0")?;
            math::sqrt(x)
        }
        "floor" => x.floor(),
        "ceiling" => x.ceil(),
        "pow" => math::pow(x, y),
        "mod" => {
            domain(y != 0.0, "two numbers, the second not 0; first")?;
            x - y * (x / y).floor()
        }
        _ => {
            let known = "sin, cos, tan, arcsin, arccos, arctan, exp, ln, sqrt, floor, ceiling, pow or mod";
            return Err(QasmError::wrong(place, known, format!("'{}'", excerpt(function)), ""));
        }
    };
    if arguments.len() != count {
        let expected = format!("{count} argument{} of {function}", if count == 1 { "" } else { "s" });
        return Err(QasmError::wrong(place, expected, arguments.len().to_string(), ""));
    }
    finite(value, place)
}

/// The width of a register of bits.
pub(super) fn width(of: &Type, names: &dyn Names) -> Result<usize> {
    let Some(width) = &of.width else { return Ok(1) };
    size(width, names)
}

/// A size between brackets.
pub(super) fn size(e: &Expression, names: &dyn Names) -> Result<usize> {
    let size = evaluate(e, names)?.integer(e.place, "a size")?;
    match usize::try_from(size) {
        Ok(size) if (1..=MAX_REGISTER).contains(&size) => Ok(size),
        Ok(size) if size > 0 => {
            Err(QasmError::too_large(e.place, format!("a size of at most {MAX_REGISTER}"), size.to_string(), ""))
        }
        _ => Err(QasmError::wrong(e.place, "a size >= 1", size.to_string(), "")),
    }
}

/// As a value of a type; the width of numbers is a precision that we exceed.
pub(super) fn cast(of: &Type, value: &Value, place: Place, names: &dyn Names) -> Result<Value> {
    let wrong = |what: &str| QasmError::wrong(place, what, value.shown(), "");
    match of.scalar {
        Scalar::Bit => {
            let width = width(of, names)?;
            match value.bits(width) {
                Some(bits) if bits.len() == width => Ok(Value::Bits(bits)),
                _ => Err(wrong(&format!("a value of {width} bit{}", if width == 1 { "" } else { "s" }))),
            }
        }
        Scalar::Bool => Ok(Value::Truth(value.truth(place)?)),
        // Measured bits stay bits: they can be compared.
        Scalar::Integer => match value {
            Value::Bits(_) if value.as_integer().is_none() => Ok(value.clone()),
            Value::Real(x) if x.abs() < 9e18 => Ok(Value::Integer(x.trunc() as i64)),
            _ => value.integer(place, "an integer").map(Value::Integer),
        },
        Scalar::Real => value.real(place, "a number").map(Value::Real),
    }
}

/// Position in a register of `length`; negative ones count from its end.
pub(super) fn position(index: i64, length: usize, place: Place) -> Result<usize> {
    let from_end = if index < 0 { index.checked_add_unsigned(length as u64) } else { Some(index) };
    from_end
        .and_then(|k| usize::try_from(k).ok())
        .filter(|k| *k < length)
        .ok_or_else(|| QasmError::wrong(place, format!("an index below {length}"), index.to_string(), ""))
}

/// The positions that an index, a range or a set names in a register of `length`.
pub(super) fn positions(index: &Value, length: usize, place: Place) -> Result<Vec<usize>> {
    match index {
        Value::List(items) => items.iter().map(|k| position(k.integer(place, "an index")?, length, place)).collect(),
        Value::Range { start, step, stop } => {
            let at = |k: Option<i64>, otherwise: usize| k.map_or(Ok(otherwise), |k| position(k, length, place));
            let last = length.saturating_sub(1);
            let (first, end) = if *step > 0 { (at(*start, 0)?, at(*stop, last)?) } else { (at(*start, last)?, at(*stop, 0)?) };
            let stride = usize::try_from(step.unsigned_abs()).unwrap_or(usize::MAX);
            Ok(if *step > 0 { (first..=end).step_by(stride).collect() } else { (end..=first).rev().step_by(stride).collect() })
        }
        single => Ok(vec![position(single.integer(place, "an index")?, length, place)?]),
    }
}

fn element(base: &Value, index: &Value, place: Place) -> Result<Value> {
    match base {
        Value::Qubits(qubits) => {
            Ok(Value::Qubits(positions(index, qubits.len(), place)?.into_iter().map(|k| qubits[k]).collect()))
        }
        Value::Bits(bits) => Ok(Value::Bits(positions(index, bits.len(), place)?.into_iter().map(|k| bits[k].clone()).collect())),
        other => Err(QasmError::wrong(place, "a register before '['", other.shown(), "")),
    }
}
