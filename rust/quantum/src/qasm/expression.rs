//! The part of the parser that reads expressions: precedence, indices, ranges, casts.

use super::ast::{Expression, ExpressionKind, Operator, Version};
use super::error::{Place, QasmError, Result};
use super::lexer::Token;
use super::parser::Parser;

/// Operators above each other in one expression: what evaluates it recurses as deep.
const MAX_HEIGHT: u32 = 500;

/// Unary operators bind between `*` and the power.
const UNARY: u8 = 12;

impl Expression {
    fn below(&self) -> u32 {
        let tallest = |items: &[Self]| items.iter().map(|x| x.height).max().unwrap_or(0);
        let of = |x: &Option<Box<Self>>| x.as_ref().map_or(0, |x| x.height);
        match &self.kind {
            ExpressionKind::Integer(_)
            | ExpressionKind::Real(_)
            | ExpressionKind::Bits(_)
            | ExpressionKind::Name(_)
            | ExpressionKind::Physical(_) => 0,
            ExpressionKind::Unary(_, x) | ExpressionKind::Cast(_, x) | ExpressionKind::Measure(x) => x.height,
            ExpressionKind::Binary(_, a, b) | ExpressionKind::Index(a, b) => a.height.max(b.height),
            ExpressionKind::Call(_, items) | ExpressionKind::Set(items) => tallest(items),
            ExpressionKind::Range(a, b, c) => of(a).max(of(b)).max(of(c)),
        }
    }
}

impl Parser<'_> {
    /// One node of the tree, unless the tree is too tall.
    pub(super) fn node(&self, place: Place, kind: ExpressionKind) -> Result<Expression> {
        let mut out = Expression { place, height: 0, kind };
        out.height = out.below() + 1;
        if out.height > MAX_HEIGHT {
            let hint = "split the expression, or name its parts with const";
            return Err(QasmError::too_large(
                place,
                format!("at most {MAX_HEIGHT} operators above each other"),
                "one more",
                hint,
            ));
        }
        Ok(out)
    }

    pub(super) fn expression(&mut self) -> Result<Expression> {
        self.above(0)
    }

    /// An expression of operators that bind tighter than `floor`.
    fn above(&mut self, floor: u8) -> Result<Expression> {
        self.nested(|p| {
            let mut left = p.prefix()?;
            while let Token::Symbol(symbol) = p.here().0
                && let Some((operator, power, right)) = binary(symbol, p.version)
                && power > floor
            {
                let place = p.here().1;
                p.bump()?;
                let other = p.above(if right { power - 1 } else { power })?;
                left = p.node(place, ExpressionKind::Binary(operator, Box::new(left), Box::new(other)))?;
            }
            Ok(left)
        })
    }

    fn prefix(&mut self) -> Result<Expression> {
        let (token, place) = self.here();
        let operator = match token {
            Token::Symbol("-") => Operator::Negate,
            Token::Symbol("!") => Operator::Not,
            Token::Symbol("~") => Operator::BitNot,
            Token::Symbol("+") => {
                self.bump()?;
                return self.above(UNARY);
            }
            _ => return self.operand(),
        };
        self.bump()?;
        let inner = self.above(UNARY)?;
        self.node(place, ExpressionKind::Unary(operator, Box::new(inner)))
    }

    /// A primary with its indices: what a gate acts on, what a measurement goes to.
    pub(super) fn operand(&mut self) -> Result<Expression> {
        let mut out = self.primary()?;
        while self.is("[") {
            let place = self.here().1;
            self.bump()?;
            let index = self.index()?;
            if self.is(",") {
                return Err(self.complain("']'", "registers have one dimension"));
            }
            self.symbol("]")?;
            out = self.node(place, ExpressionKind::Index(Box::new(out), Box::new(index)))?;
        }
        Ok(out)
    }

    fn primary(&mut self) -> Result<Expression> {
        let (token, place) = self.here();
        let kind = match token {
            Token::Integer(k) => ExpressionKind::Integer(*k),
            Token::Real(x) => ExpressionKind::Real(*x),
            Token::Text(bits) => ExpressionKind::Bits(bits.clone()),
            Token::Physical(k) => ExpressionKind::Physical(*k),
            Token::Symbol("(") => {
                self.bump()?;
                let inner = self.expression()?;
                self.symbol(")")?;
                return Ok(inner);
            }
            Token::Name(name) => {
                let name = name.clone();
                return self.word(name, place);
            }
            Token::Duration(_) => {
                let hint = "a circuit has no clock";
                return Err(QasmError::unsupported(place, "a number", token.shown(), hint));
            }
            _ => return Err(self.complain("a value", "")),
        };
        self.bump()?;
        self.node(place, kind)
    }

    /// A variable, a function with its arguments, or a cast.
    fn word(&mut self, name: String, place: Place) -> Result<Expression> {
        if ["bit", "bool", "int", "uint", "float", "angle"].contains(&name.as_str()) {
            let of = self.of()?;
            self.symbol("(")?;
            let value = self.expression()?;
            self.symbol(")")?;
            return self.node(place, ExpressionKind::Cast(Box::new(of), Box::new(value)));
        }
        self.bump()?;
        if !self.take("(")? {
            return self.node(place, ExpressionKind::Name(name));
        }
        let mut arguments = Vec::new();
        while !self.is(")") {
            arguments.push(self.expression()?);
            if !self.take(",")? {
                break;
            }
        }
        self.symbol(")")?;
        self.node(place, ExpressionKind::Call(name, arguments))
    }

    /// What a loop runs over: `[a:b]`, `[a:step:b]`, `{a, b, c}` or a register.
    pub(super) fn iterable(&mut self) -> Result<Expression> {
        if !self.take("[")? {
            return if self.is("{") { self.set() } else { self.operand() };
        }
        let range = self.index()?;
        self.symbol("]")?;
        Ok(range)
    }

    fn set(&mut self) -> Result<Expression> {
        let place = self.here().1;
        self.symbol("{")?;
        let mut items = Vec::new();
        while !self.is("}") {
            items.push(self.expression()?);
            if !self.take(",")? {
                break;
            }
        }
        self.symbol("}")?;
        self.node(place, ExpressionKind::Set(items))
    }

    /// Between brackets: a value, a range or a set.
    fn index(&mut self) -> Result<Expression> {
        if self.is("{") {
            return self.set();
        }
        let place = self.here().1;
        let mut parts: Vec<Option<Box<Expression>>> = Vec::new();
        loop {
            parts.push(if self.is(":") || self.is("]") { None } else { Some(Box::new(self.expression()?)) });
            if parts.len() == 3 || !self.take(":")? {
                break;
            }
        }
        let mut parts = parts.into_iter();
        match (parts.next().flatten(), parts.next(), parts.next()) {
            (Some(value), None, _) => Ok(*value),
            (None, None, _) => Err(self.complain("an index", "")),
            (start, Some(stop), None) => self.node(place, ExpressionKind::Range(start, None, stop)),
            (start, Some(step), Some(stop)) => self.node(place, ExpressionKind::Range(start, step, stop)),
        }
    }
}

/// Operator, how tightly it binds, and whether it groups to the right.
fn binary(symbol: &str, version: Version) -> Option<(Operator, u8, bool)> {
    use Operator as O;
    Some(match symbol {
        "++" => (O::Join, 1, false),
        "||" => (O::Or, 2, false),
        "&&" => (O::And, 3, false),
        "|" => (O::BitOr, 4, false),
        // Version 2 writes the power so.
        "^" if version == Version::Two => (O::Power, 14, true),
        "^" => (O::BitXor, 5, false),
        "&" => (O::BitAnd, 6, false),
        "==" => (O::Equal, 7, false),
        "!=" => (O::NotEqual, 7, false),
        "<" => (O::Less, 8, false),
        "<=" => (O::LessEqual, 8, false),
        ">" => (O::Greater, 8, false),
        ">=" => (O::GreaterEqual, 8, false),
        "<<" => (O::ShiftLeft, 9, false),
        ">>" => (O::ShiftRight, 9, false),
        "+" => (O::Add, 10, false),
        "-" => (O::Subtract, 10, false),
        "*" => (O::Multiply, 11, false),
        "/" => (O::Divide, 11, false),
        "%" => (O::Remainder, 11, false),
        "**" => (O::Power, 14, true),
        _ => return None,
    })
}
