//! E91: pairs from a source anywhere; three directions each, of which two pairs agree, and CHSH from four others.
//!
//! Alice measures at 0, 45 and 90 degrees, Bob at 45, 90 and 135 (Ekert 1991, doi:10.1103/PhysRevLett.67.661): of nine pairs
//! of directions two agree and make key, four make S. With pairs of visibility 1 - 2E, S = 2 sqrt2 (1 - 2E). Eve is bounded
//! by the phase error that S leaves qubits, e_S = (1 - S/(2 sqrt2))/2:
//!
//! ```text
//!     R = 2/9 Q [1 - f h(E) - h(e_S)]
//! ```
//!
//! Finite keys count games that are lost ([`crate::finite::ekert`]); `block` is the number of key bits.
//!
//! Limits: trusted receivers that measure qubits; clicks are a fair sample. S = 2 at E = 14.64 %, where no key is left since
//! E = 11 %. For receivers that are not trusted see [`super::device_independent`].

use ebit_spec::check::{At, Check};
use ebit_spec::{Channel, PerSide, Real, SpecError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bb84::why_none;
use super::bbm92::none;
use super::fields;
use super::key_rate::{KeyRate, NOTHING_CLICKS, pulses_of};
use super::pair_source::{self, PairSource};
use super::protocol::{Knob, Protocol};
use super::protocol_macros::on_fiber;
use crate::entropy::binary_entropy;
use crate::finite::{Finite, ekert};

/// Of nine pairs of directions two agree.
pub const KEY_SHARE: f64 = 2.0 / 9.0;
/// The greatest S of quantum mechanics (Tsirelson).
pub const TSIRELSON: f64 = 2.0 * std::f64::consts::SQRT_2;

/// S of pairs with this error rate in every direction.
#[must_use]
pub fn chsh(qber: f64) -> f64 {
    TSIRELSON * (1.0 - 2.0 * qber)
}

/// E91 with down-conversion.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct E91 {
    pub fiber: Channel,
    pub receiver_efficiency: PerSide,
    #[serde(default = "none")]
    pub background_probability: PerSide,
    #[serde(default)]
    pub misalignment: Real,
    #[serde(default = "fields::error_correction")]
    pub error_correction: Real,
    #[serde(default = "fields::tenth")]
    pub mean_pairs: Real,
    #[serde(default = "fields::half")]
    pub source: Real,
    #[serde(default = "fields::repetition_rate")]
    pub repetition_rate_hz: Real,
}

impl Check for E91 {
    const NAME: &'static str = "E91";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        at.within("fiber", |at| self.fiber.check(at))?;
        pair_source::check(at, self.source.0, self.mean_pairs.0, self.receiver_efficiency, self.background_probability)?;
        fields::check_misalignment(at, self.misalignment)?;
        fields::check_error_correction(at, self.error_correction)?;
        fields::check_repetition(at, self.repetition_rate_hz)
    }
}

impl E91 {
    fn coincidences(&self) -> (f64, f64) {
        PairSource::on(
            &self.fiber,
            self.source.0,
            self.mean_pairs.0,
            self.receiver_efficiency,
            self.background_probability,
            self.misalignment.0,
        )
        .coincidences()
    }

    fn asymptotic(&self) -> KeyRate {
        let (gain, qber) = self.coincidences();
        let s = chsh(qber);
        let phase = 0.5 * (1.0 - s / TSIRELSON);
        let fraction = 1.0 - self.error_correction.0 * binary_entropy(qber) - binary_entropy(phase);
        let parts = vec![("gain", gain), ("qber", qber), ("chsh", s), ("phase_error", phase)];
        KeyRate::new(KEY_SHARE * gain * fraction, parts, || {
            if gain > 0.0 && s <= 2.0 {
                return format!("S = {s:.4} does not exceed 2: the pairs violate no Bell inequality");
            }
            why_none(gain, qber, "11.00 %")
        })
    }

    fn finite(&self, finite: &Finite) -> KeyRate {
        let (gain, qber) = self.coincidences();
        let pairs = finite.block.0 / KEY_SHARE;
        let Some(pulses) = pulses_of(pairs, gain) else { return KeyRate::unfilled(gain, NOTHING_CLICKS) };
        let lost = pairs / 9.0 * (0.5 - chsh(qber) / 8.0);
        let leak = self.error_correction.0 * finite.block.0 * binary_entropy(qber);
        let rounds = ekert::Rounds { pairs, key: finite.block.0, lost: [lost; 3] };
        let (bits, secrecy, phase) = ekert::length(&rounds, leak, &finite.epsilon);
        let parts = vec![
            ("pulses", pulses),
            ("qber", qber),
            ("chsh", chsh(qber)),
            ("lost_games", 3.0 * lost),
            ("phase_error", phase),
            ("disclosed_bits", leak),
            ("key_bits", bits.max(0.0)),
        ];
        let mut rate = KeyRate::new(bits * gain / pairs, parts, || {
            if phase >= 0.5 {
                return "lost games do not bound the phase error below 1/2: a longer block, or fewer errors".into();
            }
            format!("QBER {qber:.4} and phase error {phase:.4}: error correction and what Eve may know take every bit")
        });
        rate.epsilon = ekert::parts(secrecy, finite.epsilon.correctness.0);
        rate
    }
}

impl Protocol for E91 {
    on_fiber!();

    fn key_rate(&self, finite: Option<&Finite>) -> Result<KeyRate, SpecError> {
        Ok(finite.map_or_else(|| self.asymptotic(), |finite| self.finite(finite)))
    }

    fn knobs(&self, _finite: bool) -> (Vec<Knob>, Vec<f64>) {
        (vec![Knob::logarithmic("mean_pairs", 1e-6, 3.0)], vec![0.1])
    }

    fn turned(&self, values: &[f64], _finite: bool) -> Self {
        Self { mean_pairs: values.first().map_or(self.mean_pairs, |mu| Real(*mu)), ..self.clone() }
    }

    fn security(&self, finite: bool) -> &'static str {
        if finite {
            return "general attacks on trusted receivers of qubits, finite key; uncertainty relation of Tomamichel et al. 2012 (doi:10.1038/ncomms1631)";
        }
        "general attacks on trusted receivers of qubits, asymptotic; Ekert 1991 (doi:10.1103/PhysRevLett.67.661), Ma, Fung and Lo 2007 (doi:10.1103/PhysRevA.76.012307)"
    }

    fn assumptions(&self, finite: bool) -> Vec<String> {
        let (eta, y0) = (self.receiver_efficiency, self.background_probability);
        let mut said = fields::ideal_line(eta.a.max(eta.b), y0.a.min(y0.b), self.misalignment.0, self.error_correction.0);
        said.push("directions are chosen evenly; the error rate is the same in all".into());
        said.push("clicks are a fair sample: S is that of the coincidences".into());
        if finite {
            said.push("lost games are as many as expected".into());
        }
        said
    }
}
