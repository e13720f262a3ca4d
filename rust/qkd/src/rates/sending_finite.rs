//! A finite key of sending or not: the counts that a block is expected to have, and the best test windows.

use super::key_rate::{KeyRate, NOTHING_AT_THE_RELAY, pulses_of};
use super::relay::{one_click, one_click_in_slice};
use super::shares::{open, split};
use super::simplex::{factor, settle};
use crate::entropy::binary_entropy;
use crate::finite::sending::{self, Clicks, Windows};
use crate::finite::{Finite, Length};

/// A finite key in numbers; what is not given is chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plan {
    /// From a sender to a click.
    pub arm: f64,
    pub dark: f64,
    pub misalignment: f64,
    pub error_correction: f64,
    pub signal: f64,
    pub sending: f64,
    pub weak: Option<f64>,
    pub strong: Option<f64>,
    /// Of the weak and the strong decoy in test windows.
    pub shares: Option<(f64, f64)>,
    pub key: Option<f64>,
    pub slice: Option<f64>,
}

impl Plan {
    /// With the choices that a point of the unit cube stands for; as many coordinates as choices are open.
    fn chosen(&self, x: &[f64]) -> Windows {
        let mut next = x.iter().copied();
        let mut draw = || next.next().unwrap_or(0.5);
        let weak = self.weak.unwrap_or_else(|| match self.strong {
            Some(strong) => factor(1e-3, 0.95, draw()) * strong,
            None => factor(1e-4, 0.5, draw()),
        });
        let strong = self.strong.unwrap_or_else(|| 1.02 * weak + 1.5 * open(draw()));
        let (a, b) = self.shares.unwrap_or_else(|| split(draw(), draw()));
        let key = self.key.unwrap_or_else(|| 1.0 - factor(1e-4, 0.95, draw()));
        let slice = self.slice.unwrap_or_else(|| factor(0.01, std::f64::consts::PI, draw()));
        Windows { signal: self.signal, weak, strong, key, sending: self.sending, shares: [a, b], slice }
    }

    /// The windows that give the most key.
    #[must_use]
    pub fn settled(&self, finite: &Finite) -> Windows {
        let choices: [(bool, &[f64]); 5] = [
            (self.weak.is_none(), &[0.75]),
            (self.strong.is_none(), &[0.25]),
            (self.shares.is_none(), &[0.6, 0.5]),
            (self.key.is_none(), &[0.8]),
            (self.slice.is_none(), &[0.65]),
        ];
        self.chosen(&settle(&choices, 0.2, |x| self.score(&self.chosen(x), finite)))
    }

    /// Expected counts of a block and the length they allow, with the pulses it takes. An error: how often something
    /// clicks, where that fills no block.
    fn length(&self, sent: &Windows, finite: &Finite) -> Result<(Length, f64), f64> {
        let (none, one, both) = key_clicks(self.arm, self.dark, self.signal, self.sending);
        let gain = none + one + both;
        let pulses = pulses_of(finite.block.0, sent.both_key() * gain).ok_or(gain)?;
        let (right, wrong) = one_click_in_slice(self.arm * sent.weak, sent.slice, self.dark);
        let turned = self.misalignment * right + (1.0 - self.misalignment) * wrong;
        let decoy = |mean: f64| one_click(self.arm * mean, 0.0, self.dark);
        let clicks = Clicks {
            empty: pulses * sent.empty() * decoy(0.0),
            weak: pulses * sent.one(0) * decoy(sent.weak),
            strong: pulses * sent.one(1) * decoy(sent.strong),
            wrong: pulses * sent.in_slice() * turned,
            key: finite.block.0,
        };
        let qber = ((none + both) / gain).min(0.5);
        let leak = self.error_correction * finite.block.0 * binary_entropy(qber);
        Ok((sending::length(sent, &clicks, qber, leak, &finite.epsilon), pulses))
    }

    /// What a search climbs ([`Length::score`]).
    #[must_use]
    pub fn score(&self, sent: &Windows, finite: &Finite) -> f64 {
        let score = |(length, pulses): (Length, f64)| Length::score(length.bits, pulses, finite.block.0);
        self.length(sent, finite).map_or(f64::NEG_INFINITY, score)
    }

    /// The same with all it rests on.
    #[must_use]
    pub fn rate(&self, sent: &Windows, finite: &Finite) -> KeyRate {
        let (length, pulses) = match self.length(sent, finite) {
            Ok(found) => found,
            Err(gain) => return KeyRate::unfilled(gain, NOTHING_AT_THE_RELAY),
        };
        let parts = vec![
            ("weak", sent.weak),
            ("strong", sent.strong),
            ("key_window_probability", sent.key),
            ("weak_probability", sent.shares[0]),
            ("strong_probability", sent.shares[1]),
            ("phase_slice_rad", sent.slice),
            ("pulses", pulses),
            ("qber", length.qber),
            ("single_photon_clicks", length.single),
            ("phase_error", length.phase_error),
            ("disclosed_bits", length.leak),
            ("key_bits", length.bits.max(0.0)),
        ];
        let mut rate = KeyRate::new(length.bits / pulses, parts, || length.why_none("single photons"));
        rate.epsilon = sending::parts(length.secrecy, finite.epsilon.correctness.0);
        rate
    }
}

/// One click in a key window: neither sent, one did, both did.
#[must_use]
pub fn key_clicks(arm: f64, dark: f64, signal: f64, sending: f64) -> (f64, f64, f64) {
    let none = (1.0 - sending) * (1.0 - sending) * one_click(0.0, 0.0, dark);
    let both = sending * sending * one_click(arm * signal, arm * signal, dark);
    let one = 2.0 * sending * (1.0 - sending) * one_click(arm * signal, 0.0, dark);
    (none, one, both)
}
