//! One shape for every complaint about input: object, parameter, allowed range, value, hint.

use thiserror::Error;

/// What is wrong with a specification, in the words of the person who wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{object}: {parameter} must be {range}, got {value}{}", hint_text(.hint))]
pub struct SpecError {
    pub kind: Kind,
    /// The thing that was being described: `Fiber`, `links[3] 'Delft-Gouda'`.
    pub object: String,
    pub parameter: String,
    /// The allowed range, read after "must be".
    pub range: String,
    pub value: String,
    /// One sentence that helps, or empty.
    pub hint: String,
}

/// Which Python exception the complaint becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A value outside its range.
    Range,
    /// A name that no type knows.
    UnknownField,
    /// A number where a string belongs, and its like; a missing field.
    WrongType,
    /// No path between the ends of a request.
    NoRoute,
    /// A link that can never deliver, or not within representable time.
    NeverSucceeds,
    /// More memory or time than there is.
    TooLarge,
}

fn hint_text(hint: &str) -> String {
    if hint.is_empty() { String::new() } else { format!(" ({hint})") }
}

impl SpecError {
    pub fn new(
        kind: Kind,
        object: impl Into<String>,
        parameter: impl Into<String>,
        range: impl Into<String>,
        value: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        let mut value = value.into();
        if value.is_empty() {
            // An empty word, which would end the sentence after "got".
            value.push_str("''");
        }
        Self { kind, object: object.into(), parameter: parameter.into(), range: range.into(), value, hint: hint.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_word_is_seen() {
        let error = SpecError::new(Kind::Range, "cascade", "variant", "one of original", "", "");
        assert_eq!(error.to_string(), "cascade: variant must be one of original, got ''");
    }
}
