//! A key rate with what it rests on.

/// Secret bits per signal sent, and the numbers behind it.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyRate {
    /// Before it is cut off at 0: how far from a key.
    pub raw: f64,
    /// Named intermediate results, in the order they are made.
    pub parts: Vec<(&'static str, f64)>,
    /// Why there is no key; empty where there is one.
    pub why: String,
    /// The parts of epsilon, which add up to it; empty when asymptotic.
    pub epsilon: Vec<(&'static str, f64)>,
}

impl KeyRate {
    /// An asymptotic rate; `why` is asked only where there is no key.
    pub fn new(raw: f64, parts: Vec<(&'static str, f64)>, why: impl FnOnce() -> String) -> Self {
        let why = if raw > 0.0 { String::new() } else { why() };
        Self { raw, parts, why, epsilon: Vec::new() }
    }

    /// Secret bits per signal, never below 0.
    #[must_use]
    pub fn value(&self) -> f64 {
        if self.raw > 0.0 { self.raw } else { 0.0 }
    }

    /// A named intermediate result.
    #[must_use]
    pub fn part(&self, name: &str) -> Option<f64> {
        self.parts.iter().find(|(each, _)| *each == name).map(|(_, value)| *value)
    }
}
