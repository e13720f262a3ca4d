//! What is wrong with a text: where, what was expected, what was found, and a hint.

use core::fmt;

use thiserror::Error;

/// Where in the text: line and column, both from 1, columns in characters. Line 0: nowhere, a circuit is being written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Place {
    pub line: u32,
    pub column: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 { write!(f, "OpenQASM") } else { write!(f, "OpenQASM line {}, column {}", self.line, self.column) }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QasmErrorKind {
    /// The text is not OpenQASM, or says something that cannot be.
    Wrong,
    /// Valid OpenQASM that a circuit cannot hold.
    Unsupported,
    /// A limit on nesting, sizes or the number of operations.
    TooLarge,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}: expected {expected}, found {found}{}", .place, tail(.hint))]
pub struct QasmError {
    pub kind: QasmErrorKind,
    pub place: Place,
    pub expected: String,
    pub found: String,
    pub hint: String,
}

fn tail(hint: &str) -> String {
    if hint.is_empty() { String::new() } else { format!(" ({hint})") }
}

pub(super) type Result<T> = std::result::Result<T, QasmError>;

/// The longest excerpt of a hostile text that a message repeats.
const EXCERPT: usize = 40;

pub(super) fn excerpt(text: &str) -> String {
    if text.chars().count() <= EXCERPT {
        return text.to_owned();
    }
    text.chars().take(EXCERPT - 3).chain("...".chars()).collect()
}

impl QasmError {
    fn new(kind: QasmErrorKind, place: Place, expected: &str, found: &str, hint: &str) -> Self {
        Self { kind, place, expected: expected.to_owned(), found: found.to_owned(), hint: hint.to_owned() }
    }

    pub(super) fn wrong(place: Place, expected: impl AsRef<str>, found: impl AsRef<str>, hint: impl AsRef<str>) -> Self {
        Self::new(QasmErrorKind::Wrong, place, expected.as_ref(), found.as_ref(), hint.as_ref())
    }

    pub(super) fn unsupported(place: Place, expected: impl AsRef<str>, found: impl AsRef<str>, hint: impl AsRef<str>) -> Self {
        Self::new(QasmErrorKind::Unsupported, place, expected.as_ref(), found.as_ref(), hint.as_ref())
    }

    pub(super) fn too_large(place: Place, expected: impl AsRef<str>, found: impl AsRef<str>, hint: impl AsRef<str>) -> Self {
        Self::new(QasmErrorKind::TooLarge, place, expected.as_ref(), found.as_ref(), hint.as_ref())
    }
}
