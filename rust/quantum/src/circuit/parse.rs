//! Reads Stim's circuit language.
//!
//! One instruction a line: `NAME[tag](arguments) targets`, `#` starts a comment, `REPEAT n {` and `}` enclose a loop. Ours
//! beyond Stim's: `UNITARY[name](re, im, ...) targets` and `IF rec[-1] !rec[-2] {`.

use core::str::FromStr;
use std::sync::Arc;

use num_complex::Complex64;

use super::{Circuit, INDEX_LIMIT, Instruction, OBJECT, Operation, Target, Unitary};
use crate::error::QuantumError;
use crate::pauli::Pauli;

/// How deep blocks may nest.
const DEEPEST: usize = 100;
/// Longest excerpt of the text in a complaint.
const EXCERPT: usize = 40;

enum Opener {
    Repeat(u64, String),
    If(Vec<(u32, bool)>),
}

impl FromStr for Circuit {
    type Err = QuantumError;

    fn from_str(text: &str) -> Result<Self, QuantumError> {
        // The blocks that are open, each with what it is and where it began; the outermost is the circuit itself.
        let mut open: Vec<(Opener, usize)> = Vec::new();
        let mut circuits = vec![Self::new()];
        for (k, line) in text.lines().enumerate() {
            let at = |mut error: QuantumError| {
                error.parameter = format!("line {}: {}", k + 1, error.parameter);
                error
            };
            let mut line = Line { rest: line };
            line.skip_spaces();
            if line.at_end() {
                continue;
            }
            if line.eat('}') {
                line.end().map_err(at)?;
                let (Some((opener, _)), Some(body)) = (open.pop(), circuits.pop()) else {
                    return Err(at(wrong("}", "behind a block that was opened", "}", "")));
                };
                // `circuits` is one longer than `open` was.
                if let Some(outer) = circuits.last_mut() {
                    match opener {
                        Opener::Repeat(count, tag) => outer.push_repeat(count, body, &tag),
                        Opener::If(terms) => outer.push_if(terms, body),
                    }
                    .map_err(at)?;
                }
                continue;
            }
            match line.statement().map_err(at)? {
                Statement::Instruction(instruction) => {
                    if let Some(circuit) = circuits.last_mut() {
                        circuit.push(instruction);
                    }
                }
                Statement::Opener(opener) => {
                    if open.len() == DEEPEST {
                        return Err(at(wrong("blocks", "at most 100 deep", "one more", "")));
                    }
                    open.push((opener, k + 1));
                    circuits.push(Self::new());
                }
            }
        }
        if let Some((_, line)) = open.last() {
            return Err(wrong(&format!("line {line}: the block"), "closed by a line }", "the end of the text", ""));
        }
        Ok(circuits.pop().unwrap_or_default())
    }
}

fn wrong(parameter: &str, range: impl Into<String>, value: impl ToString, hint: &'static str) -> QuantumError {
    let value = value.to_string();
    let short = if value.chars().count() > EXCERPT { value.chars().take(EXCERPT).chain("...".chars()).collect() } else { value };
    QuantumError::new(OBJECT, parameter, range, short, hint)
}

fn quoted(text: &str) -> String {
    let word: String = text.chars().take_while(|c| !c.is_whitespace()).take(EXCERPT).collect();
    if word.is_empty() { "the end of the line".into() } else { format!("'{word}'") }
}

enum Statement {
    Instruction(Instruction),
    Opener(Opener),
}

/// What is left of a line.
struct Line<'a> {
    rest: &'a str,
}

impl<'a> Line<'a> {
    fn skip_spaces(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\r']);
    }

    fn at_end(&self) -> bool {
        self.rest.is_empty() || self.rest.starts_with('#')
    }

    fn eat(&mut self, c: char) -> bool {
        match self.rest.strip_prefix(c) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// The longest prefix of such characters.
    fn take(&mut self, of: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !of(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    fn end(&mut self) -> Result<(), QuantumError> {
        self.skip_spaces();
        if self.at_end() { Ok(()) } else { Err(wrong("the rest of the line", "empty", quoted(self.rest), "")) }
    }

    fn statement(&mut self) -> Result<Statement, QuantumError> {
        let name = self.take(|c| c.is_ascii_alphanumeric() || c == '_');
        if name.is_empty() {
            return Err(wrong("instruction", "a name, as CX", quoted(self.rest), ""));
        }
        let tag = self.tag()?;
        if name.eq_ignore_ascii_case("REPEAT") {
            return self.repeat(tag);
        }
        if name.eq_ignore_ascii_case("IF") {
            return self.condition();
        }
        let arguments = self.arguments()?;
        if name.eq_ignore_ascii_case("UNITARY") {
            if !arguments.len().is_multiple_of(2) {
                return Err(wrong("UNITARY", "pairs of real and imaginary parts", format!("{} numbers", arguments.len()), ""));
            }
            let matrix = arguments.chunks_exact(2).map(|x| Complex64::new(x[0], x[1])).collect();
            let operation = Operation::Unitary(Arc::new(Unitary::new(tag, matrix)?));
            return Ok(Statement::Instruction(Instruction::new(operation, Vec::new(), self.targets()?, "")?));
        }
        let operation = Operation::named(name)?;
        Ok(Statement::Instruction(Instruction::new(operation, arguments, self.targets()?, &tag)?))
    }

    fn repeat(&mut self, tag: String) -> Result<Statement, QuantumError> {
        self.skip_spaces();
        let digits = self.take(|c| c.is_ascii_digit());
        let count: u64 = match digits.parse() {
            Ok(count) if count > 0 => count,
            _ => {
                let shown = if digits.is_empty() { quoted(self.rest) } else { digits.into() };
                return Err(wrong("REPEAT", "followed by a count of 1 to 2^64 - 1", shown, "as REPEAT 3 {"));
            }
        };
        self.brace()?;
        Ok(Statement::Opener(Opener::Repeat(count, tag)))
    }

    fn condition(&mut self) -> Result<Statement, QuantumError> {
        let mut terms = Vec::new();
        loop {
            self.skip_spaces();
            if self.rest.starts_with('{') || self.at_end() {
                break;
            }
            let wanted = !self.eat('!');
            match self.target()? {
                Target::Record(lookback) => terms.push((lookback, wanted)),
                other => return Err(wrong("IF", "followed by measurement records", other, "as IF rec[-1] !rec[-2] {")),
            }
        }
        self.brace()?;
        Ok(Statement::Opener(Opener::If(terms)))
    }

    fn brace(&mut self) -> Result<(), QuantumError> {
        self.skip_spaces();
        if !self.eat('{') {
            return Err(wrong("the block", "opened by {", quoted(self.rest), "as REPEAT 3 {"));
        }
        self.end()
    }

    fn tag(&mut self) -> Result<String, QuantumError> {
        let mut tag = String::new();
        if !self.eat('[') {
            return Ok(tag);
        }
        let mut chars = self.rest.char_indices();
        while let Some((k, c)) = chars.next() {
            match c {
                ']' => {
                    self.rest = &self.rest[k + 1..];
                    return Ok(tag);
                }
                '\\' => match chars.next() {
                    Some((_, 'B')) => tag.push('\\'),
                    Some((_, 'C')) => tag.push(']'),
                    Some((_, 'n')) => tag.push('\n'),
                    Some((_, 'r')) => tag.push('\r'),
                    other => {
                        let shown = other.map_or("the end of the line".into(), |(_, c)| format!("\\{c}"));
                        return Err(wrong("an escape in a tag", "one of \\B \\C \\n \\r", shown, ""));
                    }
                },
                other => tag.push(other),
            }
        }
        Err(wrong("the tag", "closed by ]", "the end of the line", ""))
    }

    fn arguments(&mut self) -> Result<Vec<f64>, QuantumError> {
        let mut arguments = Vec::new();
        if !self.eat('(') {
            return Ok(arguments);
        }
        loop {
            self.skip_spaces();
            let text = self.take(|c| c.is_ascii_digit() || "+-.eE".contains(c));
            match text.parse::<f64>() {
                Ok(x) => arguments.push(x),
                Err(_) => {
                    let shown = if text.is_empty() { quoted(self.rest) } else { format!("'{text}'") };
                    return Err(wrong("each argument", "a number", shown, ""));
                }
            }
            self.skip_spaces();
            if self.eat(')') {
                return Ok(arguments);
            }
            if !self.eat(',') {
                return Err(wrong("the arguments", "separated by , and closed by )", quoted(self.rest), ""));
            }
        }
    }

    fn targets(&mut self) -> Result<Vec<Target>, QuantumError> {
        let mut targets = Vec::new();
        let mut separated = false;
        loop {
            let before = self.rest.len();
            self.skip_spaces();
            separated |= self.rest.len() < before;
            if self.at_end() {
                return Ok(targets);
            }
            if self.eat('*') {
                targets.push(Target::Combiner);
                separated = true;
                continue;
            }
            if !separated {
                return Err(wrong("targets", "separated by spaces", quoted(self.rest), ""));
            }
            targets.push(self.target()?);
            separated = false;
        }
    }

    fn target(&mut self) -> Result<Target, QuantumError> {
        let whole = self.rest;
        let bad =
            || wrong("each target", "a qubit, a Pauli, rec[-k] or sweep[k]", quoted(whole), "as 3, !3, X3, rec[-1], sweep[0]");
        for (prefix, record) in [("rec[-", true), ("sweep[", false)] {
            if let Some(rest) = self.rest.strip_prefix(prefix) {
                self.rest = rest;
                let index = self.index()?;
                if !self.eat(']') || record && index == 0 {
                    return Err(bad());
                }
                return Ok(if record { Target::Record(index) } else { Target::Sweep(index) });
            }
        }
        let inverted = self.eat('!');
        let pauli = match self.rest.chars().next() {
            Some('X' | 'x') => Some(Pauli::X),
            Some('Y' | 'y') => Some(Pauli::Y),
            Some('Z' | 'z') => Some(Pauli::Z),
            Some('0'..='9') => None,
            _ => return Err(bad()),
        };
        let Some(pauli) = pauli else { return Ok(Target::Qubit { index: self.index()?, inverted }) };
        self.rest = &self.rest[1..];
        if !self.rest.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(bad());
        }
        Ok(Target::Pauli { pauli, index: self.index()?, inverted })
    }

    fn index(&mut self) -> Result<u32, QuantumError> {
        let digits = self.take(|c| c.is_ascii_digit());
        let index = digits.parse::<u32>().ok().filter(|index| *index <= INDEX_LIMIT);
        index.ok_or_else(|| {
            let shown = if digits.is_empty() { quoted(self.rest) } else { digits.into() };
            wrong("each index", "a whole number below 2^24", shown, "")
        })
    }
}

impl Operation {
    /// The operation of a name or alias.
    ///
    /// # Errors
    /// An unknown name, with the nearest known one.
    pub fn named(name: &str) -> Result<Self, QuantumError> {
        Self::from_name(name).ok_or_else(|| {
            let upper = name.to_ascii_uppercase();
            let likeness = |known: &str| strsim::jaro_winkler(known, &upper);
            let nearest = Self::all_names().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
            let range = format!("one of Stim's (did you mean {}?)", nearest.unwrap_or("H"));
            wrong("instruction", range, format!("'{name}'"), "gates that are not Clifford come with OpenQASM")
        })
    }
}

impl FromStr for Target {
    type Err = QuantumError;

    fn from_str(text: &str) -> Result<Self, QuantumError> {
        let mut line = Line { rest: text };
        let target = if line.eat('*') { Self::Combiner } else { line.target()? };
        line.end()?;
        Ok(target)
    }
}
