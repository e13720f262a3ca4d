//! B92: two states that are not orthogonal, single photons.
//!
//! The states are b|0> +- a|1> in the X basis, b^2 - a^2 = c their overlap. Bob projects on what is orthogonal to one of
//! them, half the time each; a hit tells the other. As entanglement (Tamaki, Koashi and Imoto 2003,
//! doi:10.1103/PhysRevLett.90.167904; with loss Tamaki and Lutkenhaus 2004, doi:10.1103/PhysRevA.69.032316): Alice holds half
//! of b|00> + a|11>, Bob's hit is the filter a|0><0| + b|1><1|. With P_ij the weights after the channel in the X basis and
//! V_i those of Alice's half where nothing arrived (V0 + V1 the loss),
//!
//! ```text
//!     P00 + P01 = b^2 - V0          P10 + P11 = a^2 - V1
//!     hits       G = a^2 (P00 + P10) + b^2 (P01 + P11)
//!     bit errors W:  G - 2 W <= 2 a b (sqrt(P00 P11) + sqrt(P01 P10))       (positivity)
//!     phase errors   a^2 P10 + b^2 P01
//! ```
//!
//! Two unknowns are left, V0 and P10; the phase error is the greatest that they allow. Rate: R = G [1 - f h(W/G) - h(e_p)].
//! Finite keys, [`crate::finite::b92`], compare each hit with `test_probability`; `block` is the number of key bits.
//!
//! Limits: single photons. With loss c and no noise Eve tells the states apart without error and nothing is left; depolarizing
//! thresholds 3.38, 2.31 and 1.21 % at loss 0, 1/5 and 1/2.

use ebit_hardware::channel::Crossing;
use ebit_spec::check::{At, Check};
use ebit_spec::{Channel, Real, SpecError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fields;
use super::key_rate::{KeyRate, NOTHING_CLICKS, pulses_of};
use super::protocol::{Knob, Protocol};
use super::protocol_macros::on_fiber;
use crate::entropy::binary_entropy;
use crate::finite::{Finite, b92};
use ebit_random::math;

/// B92 with single photons on one line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct B92 {
    pub fiber: Channel,
    pub receiver_efficiency: Real,
    #[serde(default)]
    pub background_probability: Real,
    #[serde(default)]
    pub misalignment: Real,
    #[serde(default = "fields::error_correction")]
    pub error_correction: Real,
    #[serde(default = "fields::half")]
    pub overlap: Real,
    #[serde(default = "fields::repetition_rate")]
    pub repetition_rate_hz: Real,
    #[serde(default = "fields::tenth")]
    pub test_probability: Real,
}

impl Check for B92 {
    const NAME: &'static str = "B92";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        at.within("fiber", |at| self.fiber.check(at))?;
        fields::check_efficiency(at, self.receiver_efficiency)?;
        fields::check_background(at, self.background_probability)?;
        fields::check_misalignment(at, self.misalignment)?;
        fields::check_error_correction(at, self.error_correction)?;
        if !(self.overlap.0 > 0.0 && self.overlap.0 < 1.0) {
            return Err(at.error("overlap", "in (0, 1)", self.overlap, "of the two states; 0 would be orthogonal"));
        }
        fields::check_test_probability(at, self.test_probability)?;
        fields::check_repetition(at, self.repetition_rate_hz)
    }
}

/// What Bob sees: the share of loss, of hits, and of wrong hits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Seen {
    pub loss: f64,
    pub hits: f64,
    pub wrong: f64,
}

/// A channel of which this much arrives, shrunk to this visibility.
#[must_use]
pub fn seen(overlap: f64, arrived: f64, visibility: f64) -> Seen {
    // Bloch vectors of the two states: their product is 2 c^2 - 1.
    let product = 2.0 * overlap * overlap - 1.0;
    let right = 0.25 * (1.0 - visibility * product);
    let wrong = 0.25 * (1.0 - visibility);
    Seen { loss: 1.0 - arrived, hits: arrived * (right + wrong), wrong: arrived * wrong }
}

/// The greatest phase error rate that what Bob sees allows.
#[must_use]
pub fn phase_error(overlap: f64, seen: &Seen) -> f64 {
    if seen.loss >= overlap {
        // Eve may tell the states apart without error, and drop the rest.
        return 0.5;
    }
    let (a2, b2) = (0.5 * (1.0 - overlap), 0.5 * (1.0 + overlap));
    let (low, high) = ((seen.loss - a2).max(0.0), seen.loss.min(b2));
    let worst = |v0: f64| worst_at(overlap, seen, v0).unwrap_or(-1.0);
    let count = if high > low { 64 } else { 0 };
    let place = |k: f64| low + (high - low) * k / 64.0;
    let best = (0..=count).max_by(|x, y| worst(place(f64::from(*x))).total_cmp(&worst(place(f64::from(*y))))).unwrap_or(0);
    // Between the neighbours of the best of the grid, by thirds.
    let (mut left, mut right) = (place(f64::from(best) - 1.0).max(low), place(f64::from(best) + 1.0).min(high));
    let mut most = worst(place(f64::from(best)));
    for _ in 0..60 {
        let (x, y) = (left + (right - left) / 3.0, right - (right - left) / 3.0);
        let (at_x, at_y) = (worst(x), worst(y));
        most = most.max(at_x).max(at_y);
        (left, right) = if at_x < at_y { (x, right) } else { (left, y) };
    }
    if most < 0.0 { 0.5 } else { (most / seen.hits).clamp(0.0, 0.5) }
}

/// The greatest weight of phase errors with this much loss on Alice's |0>; None where it cannot have been so.
fn worst_at(overlap: f64, seen: &Seen, v0: f64) -> Option<f64> {
    let (a2, b2) = (0.5 * (1.0 - overlap), 0.5 * (1.0 + overlap));
    let (first, second) = (b2 - v0, a2 - (seen.loss - v0));
    // P01 - P10 from the hits.
    let more = (seen.hits - a2 * first - b2 * second) / overlap;
    let (low, high) = ((-more).max(0.0), second.min(first - more));
    if high < low {
        return None;
    }
    let coherent = |p10: f64| {
        let p01 = p10 + more;
        let root = |x: f64, y: f64| math::sqrt((x * y).max(0.0));
        2.0 * math::sqrt(a2 * b2) * (root(first - p01, second - p10) + root(p01, p10))
    };
    let asked = seen.hits - 2.0 * seen.wrong;
    // Concave in P10: its top, then outwards to where it falls below what was seen.
    let (mut left, mut right) = (low, high);
    for _ in 0..100 {
        let (x, y) = (left + (right - left) / 3.0, right - (right - left) / 3.0);
        (left, right) = if coherent(x) < coherent(y) { (x, right) } else { (left, y) };
    }
    let top = 0.5 * (left + right);
    // Without errors the two only touch.
    if coherent(top) < asked - 1e-10 * seen.hits {
        return None;
    }
    let (mut inside, mut outside) = (top, high);
    if coherent(high) >= asked {
        inside = high;
    } else {
        for _ in 0..60 {
            let middle = 0.5 * (inside + outside);
            (inside, outside) = if coherent(middle) >= asked { (middle, outside) } else { (inside, middle) };
        }
    }
    Some(a2 * inside + b2 * (inside + more))
}

impl B92 {
    /// Probability of a click.
    fn arrived(&self) -> f64 {
        let eta = self.receiver_efficiency.0 * Crossing::of(&self.fiber).transmittance();
        eta + (1.0 - eta) * self.background_probability.0
    }

    /// What is seen, and the error rate of hits; None where nothing clicks.
    fn seen(&self) -> Option<(Seen, f64)> {
        let eta = self.receiver_efficiency.0 * Crossing::of(&self.fiber).transmittance();
        // A click without light is a photon of no polarization.
        let arrived = self.arrived();
        if arrived <= 0.0 {
            return None;
        }
        let visibility = eta * (1.0 - 2.0 * self.misalignment.0) / arrived;
        let seen = seen(self.overlap.0, arrived, visibility);
        Some((seen, (seen.wrong / seen.hits).min(0.5)))
    }

    fn asymptotic(&self) -> KeyRate {
        let Some((seen, qber)) = self.seen() else { return KeyRate::new(0.0, Vec::new(), || "nothing clicks".into()) };
        let phase = phase_error(self.overlap.0, &seen);
        let raw = seen.hits * (1.0 - self.error_correction.0 * binary_entropy(qber) - binary_entropy(phase));
        let parts = vec![("gain", seen.hits), ("qber", qber), ("phase_error", phase), ("loss", seen.loss)];
        KeyRate::new(raw, parts, || {
            self.told_apart(&seen).unwrap_or_else(|| {
                format!("QBER {qber:.4} and loss {:.4} allow a phase error of {phase:.4}: no bit is left", seen.loss)
            })
        })
    }

    /// Why there is no key, if that is for the loss.
    fn told_apart(&self, seen: &Seen) -> Option<String> {
        let (loss, overlap) = (seen.loss, self.overlap.0);
        (loss >= overlap).then(|| {
            format!("loss {loss:.4} is not below the overlap {overlap:.4}: Eve may tell the states apart and drop the rest")
        })
    }

    fn finite(&self, finite: &Finite) -> KeyRate {
        let Some((expected, qber)) = self.seen() else { return KeyRate::unfilled(0.0, NOTHING_CLICKS) };
        let (block, test) = (finite.block.0, self.test_probability.0);
        let Some(pulses) = pulses_of(block, (1.0 - test) * expected.hits) else {
            return KeyRate::unfilled(expected.hits, NOTHING_CLICKS);
        };
        let plan = b92::Plan { overlap: self.overlap.0, test_probability: test, expected };
        let rounds = b92::Rounds { key: block, ..plan.rounds(pulses) };
        let leak = self.error_correction.0 * block * binary_entropy(qber);
        let (bits, secrecy, phase) = b92::length(&plan, &rounds, leak, &finite.epsilon);
        let parts = vec![
            ("test_probability", test),
            ("pulses", pulses),
            ("qber", qber),
            ("loss", expected.loss),
            ("test_bits", rounds.test),
            ("phase_error", phase),
            ("disclosed_bits", leak),
            ("key_bits", bits.max(0.0)),
        ];
        let mut rate = KeyRate::new(bits / pulses, parts, || {
            self.told_apart(&expected).unwrap_or_else(|| {
                if phase >= 0.5 {
                    return "loss, hits and errors do not bound the phase error below 1/2: a longer block, or fewer errors"
                        .into();
                }
                format!("QBER {qber:.4} and phase error {phase:.4}: error correction and what Eve may know take every bit")
            })
        });
        rate.epsilon = b92::parts(secrecy, finite.epsilon.correctness.0);
        rate
    }
}

impl Protocol for B92 {
    on_fiber!();

    fn key_rate(&self, finite: Option<&Finite>) -> Result<KeyRate, SpecError> {
        Ok(finite.map_or_else(|| self.asymptotic(), |finite| self.finite(finite)))
    }

    fn knobs(&self, finite: bool) -> (Vec<Knob>, Vec<f64>) {
        // An overlap not above the loss has no key: only those above are looked at.
        let (mut knobs, mut start) = (vec![Knob::linear("1 - overlap, of what arrives", 0.01, 0.99)], vec![0.5]);
        if finite {
            knobs.push(Knob::logarithmic("test_probability", 1e-5, 0.9));
            start.push(0.1);
        }
        (knobs, start)
    }

    fn turned(&self, values: &[f64], _finite: bool) -> Self {
        let apart = values.first().map_or(1.0 - self.overlap.0, |share| share * self.arrived());
        let test_probability = values.get(1).map_or(self.test_probability, |p| Real(*p));
        // Where nothing arrives, an overlap all the same.
        Self { overlap: Real(1.0 - apart.max(1e-12)), test_probability, ..self.clone() }
    }

    fn security(&self, finite: bool) -> &'static str {
        if finite {
            return "general attacks on a receiver of qubits, finite key; phase errors of Tamaki, Koashi and Imoto 2003 (doi:10.1103/PhysRevLett.90.167904), uncertainty relation of Tomamichel et al. 2012 (doi:10.1038/ncomms1631)";
        }
        "general attacks, asymptotic; Tamaki and Lutkenhaus 2004 (doi:10.1103/PhysRevA.69.032316)"
    }

    fn assumptions(&self, finite: bool) -> Vec<String> {
        let mut said = fields::ideal_line(
            self.receiver_efficiency.0,
            self.background_probability.0,
            self.misalignment.0,
            self.error_correction.0,
        );
        said.push("every pulse is exactly one photon".into());
        said.push("a click without light is a photon of random polarization".into());
        if finite {
            said.push("the receiver gets one photon or none, detectors alike".into());
            said.push("counts are the expected ones".into());
        }
        said
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(overlap: f64, loss: f64, depolarized: f64) -> f64 {
        let seen = seen(overlap, 1.0 - loss, 1.0 - 4.0 * depolarized / 3.0);
        let phase = phase_error(overlap, &seen);
        seen.hits * (1.0 - binary_entropy(seen.wrong / seen.hits) - binary_entropy(phase))
    }

    /// Tamaki and Lutkenhaus 2004: depolarizing channels of 0.0338, 0.0231 and 0.0121 at loss 0, 1/5, 1/2.
    #[test]
    fn published_thresholds() {
        for (loss, threshold) in [(0.0, 0.03379), (0.2, 0.02313), (0.5, 0.01215)] {
            let best = |p: f64| (1..100).map(|k| rate(f64::from(k) / 100.0, loss, p)).fold(f64::NEG_INFINITY, f64::max);
            assert!(best(threshold - 1e-4) > 0.0, "{loss}");
            assert!(best(threshold + 1e-4) < 0.0, "{loss}");
        }
    }

    #[test]
    fn no_noise_and_no_loss_leave_everything() {
        let seen = seen(0.6, 1.0, 1.0);
        assert!((seen.hits - 0.5 * (1.0 - 0.36)).abs() < 1e-15 && seen.wrong == 0.0);
        assert!(phase_error(0.6, &seen) < 1e-4);
    }

    /// Eve tells the states apart with probability 1 - c and drops the rest.
    #[test]
    fn loss_of_the_overlap_ends_it() {
        assert!(phase_error(0.5, &seen(0.5, 0.5, 1.0)) > 0.4999);
        assert!(phase_error(0.5, &seen(0.5, 0.6, 1.0)) < 0.45);
    }
}
