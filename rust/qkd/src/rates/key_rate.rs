//! A key rate with what it rests on.

/// Blocks that take more pulses are never full: no clock counts as many, and squares of what they bring are still numbers.
pub const MOST_PULSES: f64 = 1e150;

/// The pulses that a block takes, where so many bits of each go into it; None beyond [`MOST_PULSES`].
#[must_use]
pub fn pulses_of(block: f64, bits_per_pulse: f64) -> Option<f64> {
    let pulses = block / bits_per_pulse;
    (pulses <= MOST_PULSES).then_some(pulses)
}

/// Of a line from a sender to a receiver.
pub const NOTHING_CLICKS: &str = "nothing clicks: the channel lets no light through and there is no background";
/// Of two senders and a relay.
pub const NOTHING_AT_THE_RELAY: &str = "nothing clicks at the relay";

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

    /// No key, for no number of pulses fills the block ([`pulses_of`]); `nothing` says why where nothing clicks at all.
    #[must_use]
    pub fn unfilled(gain: f64, nothing: &str) -> Self {
        Self::new(f64::NEG_INFINITY, vec![("gain", gain)], || {
            if gain > 0.0 {
                return format!("clicks are so seldom that a block takes more than {MOST_PULSES:e} pulses: less loss");
            }
            nothing.into()
        })
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
