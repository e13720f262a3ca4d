//! What every protocol can be asked: its rate, its channel, and which of its parameters may be tuned.

use ebit_spec::check::Check;
use ebit_spec::error::Kind;
use ebit_spec::{Channel, SpecError};

use super::key_rate::KeyRate;
use crate::finite::{Finite, Length};

/// A parameter that a search may turn, and how far.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Knob {
    pub name: &'static str,
    pub low: f64,
    pub high: f64,
    /// Equal steps are equal factors.
    pub logarithmic: bool,
}

impl Knob {
    #[must_use]
    pub const fn linear(name: &'static str, low: f64, high: f64) -> Self {
        Self { name, low, high, logarithmic: false }
    }
    #[must_use]
    pub const fn logarithmic(name: &'static str, low: f64, high: f64) -> Self {
        Self { name, low, high, logarithmic: true }
    }
}

/// One protocol on one line.
pub trait Protocol: Check + Clone {
    /// Secret bits per signal; asymptotic, or of a block.
    ///
    /// # Errors
    /// A finite key where no proof is known, or parameters that the finite key cannot have.
    fn key_rate(&self, finite: Option<&Finite>) -> Result<KeyRate, SpecError>;

    /// A search starts from many places, not only from where it came: there are ridges, or several optima.
    const RUGGED: bool = false;

    /// The same number alone, for searches: no words, no lists; of a block as [`Length::score`].
    fn score(&self, finite: Option<&Finite>) -> f64 {
        let Ok(rate) = self.key_rate(finite) else { return f64::NEG_INFINITY };
        match (finite, rate.part("pulses")) {
            (Some(finite), Some(pulses)) => Length::score(rate.raw * pulses, pulses, finite.block.0),
            _ => rate.raw,
        }
    }

    /// Signals per second.
    fn repetition_rate_hz(&self) -> f64;

    /// What the signals cross; none where the protocol is given by its outcome.
    fn channel(&self) -> Option<&Channel>;

    /// The same on another channel.
    #[must_use]
    fn with_channel(&self, channel: Channel) -> Self;

    /// What a search turns, and where it begins (values within the knobs' ranges).
    fn knobs(&self, finite: bool) -> (Vec<Knob>, Vec<f64>);

    /// The same with the knobs at these values.
    #[must_use]
    fn turned(&self, values: &[f64], finite: bool) -> Self;

    /// What stands behind the number: attack class, method, source.
    fn security(&self, finite: bool) -> &'static str;

    /// Ideal values and simplifications in force.
    fn assumptions(&self, finite: bool) -> Vec<String>;

    /// What a protocol without a finite-key proof answers.
    ///
    /// # Errors
    /// Always.
    fn no_finite_key(&self) -> Result<KeyRate, SpecError> {
        let hint = "all protocols but COW and DPS have finite keys";
        Err(SpecError::new(Kind::Range, Self::NAME, "block", "None: no finite-key bound is implemented", "a block", hint))
    }
}
