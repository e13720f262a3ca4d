//! From tokens to statements, by recursive descent. Refuses to know whether a name is defined.
//!
//! Nesting is bounded here, once, so that nothing that walks the tree later can exhaust the stack.

use std::rc::Rc;

use super::ast::{Expression, Kind, Modifier, Operator, Scalar, Statement, Type, Version};
use super::error::{Place, QasmError, Result};
use super::lexer::{Lexer, Token};

/// Braces, `else if`, brackets and parentheses inside each other.
pub(super) const MAX_NESTING: usize = 100;

pub(super) struct Parser<'a> {
    lexer: Lexer<'a>,
    token: Token,
    place: Place,
    ahead: Option<(Token, Place)>,
    depth: usize,
    pub(super) version: Version,
}

/// Words that begin something a circuit cannot hold, and what to do about it.
const REFUSED: [(&str, &str); 13] = [
    ("def", "write subroutines as gates, or inline them"),
    ("extern", "there is no classical computer beside a circuit"),
    ("defcal", "calibrations belong to a device"),
    ("defcalgrammar", "calibrations belong to a device"),
    ("cal", "calibrations belong to a device"),
    ("pragma", "pragmas belong to a compiler"),
    ("return", "subroutines are not read"),
    ("input", "assign the parameters before the export"),
    ("array", "bit[n] is the only register of classical values"),
    ("complex", "values are integers, reals, angles and bits"),
    ("duration", "a circuit has no clock"),
    ("stretch", "a circuit has no clock"),
    ("durationof", "a circuit has no clock"),
];

impl<'a> Parser<'a> {
    /// Reads the version line, if there is one.
    pub(super) fn new(text: &'a str) -> Result<Self> {
        let mut lexer = Lexer::new(text);
        let (token, place) = lexer.next()?;
        let mut parser = Self { lexer, token, place, ahead: None, depth: 0, version: Version::Three };
        if parser.is_name("OPENQASM") {
            parser.advance()?;
            parser.version = match &parser.token {
                Token::Real(x) if *x == 2.0 => Version::Two,
                Token::Integer(3) => Version::Three,
                Token::Real(x) if (3.0..4.0).contains(x) => Version::Three,
                Token::Integer(2) => Version::Two,
                _ => return Err(parser.expected("version 2.0 or 3.0", "as OPENQASM 3.0;")),
            };
            parser.advance()?;
            parser.symbol(";")?;
        }
        Ok(parser)
    }

    /// The next statement of the program; None at the end of the text.
    pub(super) fn next(&mut self) -> Result<Option<Statement>> {
        if self.token == Token::End { Ok(None) } else { self.statement().map(Some) }
    }

    fn advance(&mut self) -> Result<Token> {
        let (token, place) = match self.ahead.take() {
            Some(next) => next,
            None => self.lexer.next()?,
        };
        self.place = place;
        Ok(std::mem::replace(&mut self.token, token))
    }

    fn peek(&mut self) -> Result<&Token> {
        if self.ahead.is_none() {
            self.ahead = Some(self.lexer.next()?);
        }
        Ok(self.ahead.as_ref().map_or(&Token::End, |(token, _)| token))
    }

    fn expected(&self, what: &str, hint: &str) -> QasmError {
        QasmError::wrong(self.place, what, self.token.shown(), hint)
    }

    pub(super) fn is(&self, symbol: &str) -> bool {
        matches!(&self.token, Token::Symbol(s) if *s == symbol)
    }

    fn is_name(&self, name: &str) -> bool {
        matches!(&self.token, Token::Name(n) if n == name)
    }

    pub(super) fn take(&mut self, symbol: &str) -> Result<bool> {
        let found = self.is(symbol);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    fn take_name(&mut self, name: &str) -> Result<bool> {
        let found = self.is_name(name);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    pub(super) fn symbol(&mut self, symbol: &'static str) -> Result<()> {
        if self.take(symbol)? { Ok(()) } else { Err(self.expected(&format!("'{symbol}'"), "")) }
    }

    fn name(&mut self, what: &str) -> Result<String> {
        match &self.token {
            Token::Name(_) => match self.advance()? {
                Token::Name(name) => Ok(name),
                _ => Err(self.expected(what, "")),
            },
            _ => Err(self.expected(what, "")),
        }
    }

    /// One level deeper, or a refusal.
    pub(super) fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth == MAX_NESTING {
            let hint = "nesting is bounded so that no text can exhaust the stack";
            return Err(QasmError::too_large(self.place, format!("at most {MAX_NESTING} levels of nesting"), "one more", hint));
        }
        self.depth += 1;
        let out = parse(self);
        self.depth -= 1;
        out
    }

    pub(super) fn here(&self) -> (&Token, Place) {
        (&self.token, self.place)
    }

    pub(super) fn bump(&mut self) -> Result<Token> {
        self.advance()
    }

    pub(super) fn complain(&self, what: &str, hint: &str) -> QasmError {
        self.expected(what, hint)
    }

    fn statement(&mut self) -> Result<Statement> {
        self.nested(|p| {
            // An annotation says nothing about what a circuit does.
            while p.is("@") {
                p.lexer.skip_line();
                p.ahead = None;
                p.advance()?;
            }
            let place = p.place;
            Ok(Statement { place, kind: p.kind()? })
        })
    }

    fn kind(&mut self) -> Result<Kind> {
        match &self.token {
            Token::Symbol("{") => Ok(Kind::Block(self.block()?)),
            Token::Symbol("#") => Err(self.refused("pragma", "pragmas belong to a compiler")),
            Token::Name(name) => {
                let name = name.clone();
                if let Some((_, hint)) = REFUSED.iter().find(|(word, _)| *word == name) {
                    return Err(self.refused(&name, hint));
                }
                self.named(&name)
            }
            _ => Err(self.expected("a statement", "")),
        }
    }

    fn refused(&self, word: &str, hint: &str) -> QasmError {
        QasmError::unsupported(self.place, "gates, measurements and control flow over constants", format!("'{word}'"), hint)
    }

    fn named(&mut self, name: &str) -> Result<Kind> {
        match name {
            "OPENQASM" => Err(self.expected("the version on the first line only", "")),
            "include" => {
                self.advance()?;
                let Token::Text(file) = self.advance()? else {
                    return Err(self.expected("a file name between double quotes", "as \"stdgates.inc\""));
                };
                self.symbol(";")?;
                Ok(Kind::Include(file))
            }
            "qreg" | "creg" => {
                self.advance()?;
                let register = self.name("the name of a register")?;
                let size = self.designator()?;
                self.symbol(";")?;
                Ok(if name == "qreg" {
                    Kind::Qubits { name: register, size }
                } else {
                    let width = match size {
                        None => return Err(self.expected("'[' and a size", "as creg c[2];")),
                        size => size,
                    };
                    Kind::Classical { constant: false, of: Type { scalar: Scalar::Bit, width }, name: register, value: None }
                })
            }
            "qubit" => {
                self.advance()?;
                let size = self.designator()?;
                let register = self.name("the name of a register")?;
                self.symbol(";")?;
                Ok(Kind::Qubits { name: register, size })
            }
            "const" | "output" => {
                self.advance()?;
                self.classical(name == "const")
            }
            "bit" | "bool" | "int" | "uint" | "float" | "angle" => self.classical(false),
            "let" => {
                self.advance()?;
                let alias = self.name("the name of an alias")?;
                self.symbol("=")?;
                let value = self.expression()?;
                self.symbol(";")?;
                Ok(Kind::Alias { name: alias, value })
            }
            "gate" => self.gate(),
            "opaque" => {
                self.advance()?;
                let gate = self.name("the name of a gate")?;
                while !self.is(";") && self.token != Token::End {
                    self.advance()?;
                }
                self.symbol(";")?;
                Ok(Kind::Opaque { name: gate })
            }
            "measure" => {
                self.advance()?;
                let from = self.operand()?;
                let into = if self.take("->")? { Some(self.operand()?) } else { None };
                self.symbol(";")?;
                Ok(Kind::Measure { from, into })
            }
            "reset" => {
                self.advance()?;
                let operand = self.operand()?;
                self.symbol(";")?;
                Ok(Kind::Reset(operand))
            }
            "barrier" | "nop" => {
                self.advance()?;
                let operands = if self.is(";") { Vec::new() } else { self.operands()? };
                self.symbol(";")?;
                Ok(Kind::Barrier(operands))
            }
            "delay" => {
                self.advance()?;
                self.symbol("[")?;
                match self.advance()? {
                    Token::Duration(_) => {}
                    _ => return Err(self.expected("a number with its unit", "as delay[100ns]")),
                }
                self.symbol("]")?;
                let operands = if self.is(";") { Vec::new() } else { self.operands()? };
                self.symbol(";")?;
                Ok(Kind::Delay(operands))
            }
            "box" => {
                self.advance()?;
                if self.take("[")? {
                    self.advance()?;
                    self.symbol("]")?;
                }
                Ok(Kind::Block(self.block()?))
            }
            "if" => self.branch(),
            "for" => {
                self.advance()?;
                self.of()?;
                let variable = self.name("the name of the loop's variable")?;
                if !self.take_name("in")? {
                    return Err(self.expected("'in'", "as for int i in [0:3]"));
                }
                let over = self.iterable()?;
                Ok(Kind::For { variable, over, body: self.body()? })
            }
            "while" => {
                self.advance()?;
                let condition = self.condition()?;
                Ok(Kind::While { condition, body: self.body()? })
            }
            "switch" => self.switch(),
            "end" | "break" | "continue" => {
                self.advance()?;
                self.symbol(";")?;
                Ok(match name {
                    "end" => Kind::End,
                    "break" => Kind::Break,
                    _ => Kind::Continue,
                })
            }
            _ => self.call_or_assignment(name),
        }
    }

    /// `[n]`, or nothing.
    fn designator(&mut self) -> Result<Option<Expression>> {
        if !self.take("[")? {
            return Ok(None);
        }
        let size = self.expression()?;
        self.symbol("]")?;
        Ok(Some(size))
    }

    /// The name of a type, with its width.
    pub(super) fn of(&mut self) -> Result<Type> {
        let (place, shown) = (self.place, self.token.shown());
        let name = self.name("a type")?;
        let scalar = match name.as_str() {
            "bit" => Scalar::Bit,
            "bool" => Scalar::Bool,
            "int" | "uint" => Scalar::Integer,
            "float" | "angle" => Scalar::Real,
            _ => return Err(QasmError::wrong(place, "bit, bool, int, uint, float or angle", shown, "")),
        };
        Ok(Type { scalar, width: self.designator()? })
    }

    fn classical(&mut self, constant: bool) -> Result<Kind> {
        let of = self.of()?;
        let name = self.name("the name of a variable")?;
        let value = if self.take("=")? { Some(self.value()?) } else { None };
        if constant && value.is_none() {
            return Err(self.expected("'=' and a value", "a constant has one from the start"));
        }
        self.symbol(";")?;
        Ok(Kind::Classical { constant, of, name, value })
    }

    fn gate(&mut self) -> Result<Kind> {
        self.advance()?;
        let name = self.name("the name of a gate")?;
        let mut parameters = Vec::new();
        if self.take("(")? {
            while !self.is(")") {
                parameters.push(self.name("the name of a parameter")?);
                if !self.take(",")? {
                    break;
                }
            }
            self.symbol(")")?;
        }
        let mut qubits = vec![self.name("the name of a qubit")?];
        while self.take(",")? {
            qubits.push(self.name("the name of a qubit")?);
        }
        Ok(Kind::Gate { name, parameters, qubits, body: Rc::new(self.block()?) })
    }

    fn block(&mut self) -> Result<Vec<Statement>> {
        self.symbol("{")?;
        let mut out = Vec::new();
        while !self.take("}")? {
            if self.token == Token::End {
                return Err(self.expected("'}'", ""));
            }
            out.push(self.statement()?);
        }
        Ok(out)
    }

    /// A block, or one statement without braces.
    fn body(&mut self) -> Result<Vec<Statement>> {
        if self.is("{") { self.block() } else { Ok(vec![self.statement()?]) }
    }

    fn condition(&mut self) -> Result<Expression> {
        self.symbol("(")?;
        let condition = self.expression()?;
        self.symbol(")")?;
        Ok(condition)
    }

    fn branch(&mut self) -> Result<Kind> {
        self.advance()?;
        let condition = self.condition()?;
        let then = self.body()?;
        let otherwise = if self.take_name("else")? { self.body()? } else { Vec::new() };
        Ok(Kind::If { condition, then, otherwise })
    }

    fn switch(&mut self) -> Result<Kind> {
        self.advance()?;
        let value = self.condition()?;
        self.symbol("{")?;
        let (mut cases, mut default) = (Vec::new(), Vec::new());
        while !self.take("}")? {
            if self.take_name("default")? {
                default = self.block()?;
                self.symbol("}")?;
                break;
            }
            if !self.take_name("case")? {
                return Err(self.expected("'case' or 'default'", ""));
            }
            let mut labels = vec![self.expression()?];
            while self.take(",")? {
                labels.push(self.expression()?);
            }
            cases.push((labels, self.block()?));
        }
        Ok(Kind::Switch { value, cases, default })
    }

    /// What stands right of `=`: a value, or a measurement.
    fn value(&mut self) -> Result<Expression> {
        if !self.is_name("measure") {
            return self.expression();
        }
        let place = self.place;
        self.advance()?;
        let operand = self.operand()?;
        self.node(place, super::ast::ExpressionKind::Measure(Box::new(operand)))
    }

    pub(super) fn operands(&mut self) -> Result<Vec<Expression>> {
        let mut out = vec![self.operand()?];
        while self.take(",")? {
            out.push(self.operand()?);
        }
        Ok(out)
    }

    fn call_or_assignment(&mut self, name: &str) -> Result<Kind> {
        let modifier = ["ctrl", "negctrl", "inv", "pow"].contains(&name);
        let next = self.peek()?;
        let assigned = match next {
            Token::Symbol("[" | "=") => true,
            Token::Symbol(s) => assignment(s).is_some(),
            _ => false,
        };
        if assigned {
            let target = self.operand()?;
            let operator = match &self.token {
                Token::Symbol("=") => None,
                Token::Symbol(s) if assignment(s).is_some() => assignment(s),
                _ => return Err(self.expected("'='", "")),
            };
            self.advance()?;
            let value = self.value()?;
            self.symbol(";")?;
            return Ok(Kind::Assign { target, operator, value });
        }
        let mut modifiers = Vec::new();
        if modifier {
            while let Some(modifier) = self.modifier()? {
                modifiers.push(modifier);
            }
        }
        let name = self.name("the name of a gate")?;
        let mut arguments = Vec::new();
        if self.take("(")? {
            while !self.is(")") {
                arguments.push(self.expression()?);
                if !self.take(",")? {
                    break;
                }
            }
            self.symbol(")")?;
        }
        let operands = if self.is(";") { Vec::new() } else { self.operands()? };
        self.symbol(";")?;
        Ok(Kind::Call { modifiers, name, arguments, operands })
    }

    fn modifier(&mut self) -> Result<Option<Modifier>> {
        let Token::Name(name) = &self.token else { return Ok(None) };
        let name = name.clone();
        if !["ctrl", "negctrl", "inv", "pow"].contains(&name.as_str()) {
            return Ok(None);
        }
        self.advance()?;
        let mut argument = None;
        if self.take("(")? {
            argument = Some(self.expression()?);
            self.symbol(")")?;
        }
        let modifier = match (name.as_str(), argument) {
            ("ctrl", count) => Modifier::Control { count, on: true },
            ("negctrl", count) => Modifier::Control { count, on: false },
            ("pow", Some(power)) => Modifier::Power(power),
            ("inv", None) => Modifier::Inverse,
            _ => return Err(self.expected("inv @ or pow(k) @", "")),
        };
        self.symbol("@")?;
        Ok(Some(modifier))
    }
}

fn assignment(symbol: &str) -> Option<Operator> {
    Some(match symbol {
        "+=" => Operator::Add,
        "-=" => Operator::Subtract,
        "*=" => Operator::Multiply,
        "/=" => Operator::Divide,
        "%=" => Operator::Remainder,
        "&=" => Operator::BitAnd,
        "|=" => Operator::BitOr,
        "^=" => Operator::BitXor,
        "<<=" => Operator::ShiftLeft,
        ">>=" => Operator::ShiftRight,
        "**=" => Operator::Power,
        _ => return None,
    })
}
