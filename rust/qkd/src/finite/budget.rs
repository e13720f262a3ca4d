//! Epsilon: the probability that a key is not what it should be, and how it is spent.
//!
//! A protocol is epsilon-secure with epsilon = correctness + secrecy: the keys differ with at most the first probability,
//! and all else about them is as of an ideal key but with at most the second. Bounds from counts each spend a part of the
//! secrecy.

use ebit_random::math;
use ebit_spec::check::{At, Check};
use ebit_spec::{Real, SpecError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How well a key settled near another is to agree with itself, in its own bits.
const NEAR: f64 = 1e-3;

/// What may go wrong, and how often; exactly one of the two secrecies is given.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename = "Epsilon")]
pub struct Budget {
    pub correctness: Real,
    #[serde(default)]
    pub secrecy: Option<Real>,
    /// Times the length of the key: what one secret bit may leak.
    #[serde(default)]
    pub secrecy_per_bit: Option<Real>,
    /// For searches: a key near which others are settled at once.
    #[serde(skip)]
    pub near: Option<Settled>,
}

/// A key whose length and secrecy fit each other, and by what share of itself it grows with ln secrecy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settled {
    pub bits: f64,
    pub slope: f64,
}

impl Budget {
    /// Half for correctness, half for secrecy.
    #[must_use]
    pub fn halves(epsilon: f64) -> Self {
        Self { correctness: Real(0.5 * epsilon), secrecy: Some(Real(0.5 * epsilon)), secrecy_per_bit: None, near: None }
    }

    /// The longest key whose length is `length(secrecy)`, with the secrecy it has; of no bits, with secrecy 1, where that of
    /// all its bits would be 1 or more.
    pub fn settle(&self, most: f64, length: impl FnMut(f64) -> f64) -> (f64, f64) {
        let (bits, secrecy) = self.settled(most, length);
        if self.secrecy.is_none() && bits > 0.0 && secrecy >= 1.0 { (0.0, 1.0) } else { (bits, secrecy) }
    }

    /// Why there is no key, if that is because bits may leak so much that together nothing of them is secret.
    #[must_use]
    pub fn why_all_leaks(&self, bits: f64, secrecy: f64) -> Option<String> {
        let each = self.secrecy_per_bit.filter(|_| bits == 0.0 && secrecy > 1.0 - 1e-9)?;
        Some(format!("secrecy_per_bit = {each} times the length of the key reaches 1: nothing of it would be secret"))
    }

    /// Per bit, the two depend on each other. The length grows with ln secrecy, by about the same at any: a line through two
    /// rounds, or of a key b0 nearby that is settled, leads to the third.
    fn settled(&self, most: f64, mut length: impl FnMut(f64) -> f64) -> (f64, f64) {
        if let Some(secrecy) = self.secrecy {
            return (length(secrecy.0), secrecy.0);
        }
        let per_bit = self.secrecy_per_bit.map_or(1e-15, |each| each.0);
        let secrecy = |bits: f64| (per_bit * bits).min(1.0);
        if let Some(near) = self.near {
            let grows = near.slope * near.bits;
            let mut from = near.bits;
            for _ in 0..2 {
                let Some(bits) = where_line_is(length(secrecy(from)), from, grows) else { break };
                let apart = bits / from - 1.0;
                if near.slope * apart * apart <= NEAR {
                    return (bits, secrecy(bits));
                }
                from = bits;
            }
        }
        let (mut bits, mut first) = (most, None);
        // Of the last round: where it began, and what came of it.
        let mut last: Option<(f64, f64)> = None;
        for _ in 0..60 {
            let next = length(secrecy(bits));
            let first = *first.get_or_insert(next);
            if next.is_nan() || next <= 1.0 {
                // No key at this epsilon; a shorter one has a smaller epsilon still. For searches, what the first round lacked:
                // of the last, all say the same where a key ends.
                return ((first - most).min(0.0), secrecy(bits));
            }
            let moved = next - bits;
            if moved.abs() <= 1e-13 * next {
                return (next, secrecy(bits));
            }
            let grows = last.map_or(0.0, |(from, before)| ((next - before) / math::ln(bits / from)).max(0.0));
            let drawn = where_line_is(next, bits, grows);
            if drawn.is_some() && last.is_some() && moved.abs() <= 1e-6 * next {
                // The slope is wrong by about as much as its two points were apart: what is left is far below a bit.
                let bits = drawn.unwrap_or(next);
                return (bits, secrecy(bits));
            }
            if drawn.is_none() {
                // By the line, lengths come nearest to what their secrecy is meant for at l = grows; lines bend by less than this.
                let away = math::ln(grows / bits);
                if next + grows * (away - 1.0) < -0.05 * grows * (1.0 + away * away) {
                    return ((first - most).min(0.0), secrecy(bits));
                }
            }
            last = Some((bits, next));
            bits = drawn.unwrap_or(grows.max(1.0));
        }
        (bits, secrecy(bits))
    }
}

/// The greater l > 1 with l = `length` + `grows` ln(l/`from`), where there is one.
fn where_line_is(length: f64, from: f64, grows: f64) -> Option<f64> {
    let mut bits = length.max(from);
    for _ in 0..8 {
        let step = (bits - length - grows * math::ln(bits / from)) / (1.0 - grows / bits);
        bits -= step;
        if bits.is_nan() || bits <= grows.max(1.0) {
            return None;
        }
        if step.abs() <= 1e-7 * bits {
            break;
        }
    }
    Some(bits)
}

impl Check for Budget {
    const NAME: &'static str = "Epsilon";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        let hint = "a probability, as 1e-10: no key is perfectly secret";
        let open = |name: &str, value: Real| {
            if value.0 > 0.0 && value.0 < 1.0 { Ok(()) } else { Err(at.error(name, "in (0, 1)", value, hint)) }
        };
        open("correctness", self.correctness)?;
        match (self.secrecy, self.secrecy_per_bit) {
            (Some(whole), None) => open("secrecy", whole),
            (None, Some(each)) => open("secrecy_per_bit", each),
            (None, None) => Err(at.error("secrecy", "given, or secrecy_per_bit", "neither", hint)),
            (Some(_), Some(_)) => Err(at.error("secrecy", "given, or secrecy_per_bit", "both", "one determines the other")),
        }
    }
}

/// A block and its budget.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Finite {
    /// Sifted bits of the key basis.
    pub block: Real,
    pub epsilon: Budget,
}

/// No block is longer; counts above it are not exact in double precision.
pub const LONGEST_BLOCK: f64 = 1e15;

impl Check for Finite {
    const NAME: &'static str = "key_rate";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        if !(self.block.0 >= 1.0 && self.block.0 <= LONGEST_BLOCK) {
            let range = format!("in [1, {}]", Real(LONGEST_BLOCK));
            return Err(at.error("block", range, self.block, "sifted bits in the key basis, 1e5 to 1e9"));
        }
        at.within("epsilon", |at| self.epsilon.check(at))
    }
}
