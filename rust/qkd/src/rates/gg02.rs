//! GG02: Gaussian-modulated coherent states, homodyne or heterodyne detection, reverse reconciliation.
//!
//! ```text
//!     R = q (beta I_AB - chi_BE)                                                             asymptotic
//!     R = q (1 - s) p_ec [beta I_AB - max chi_BE - Delta_AEP/sqrt(n) + Theta/n]              finite
//! ```
//!
//! I_AB and chi_BE are those of [`super::gaussian`]; a finite key (Mountogiannakis et al. 2022,
//! [`crate::finite::mountogiannakis2022`]) tells a share s of the sifted signals in public to bound the channel.
//!
//! A detector that is not trusted is Eve's: T becomes T eta and its noise is added to xi. Limits: collective attacks, of a
//! finite key Gaussian ones; the excess noise xi is at the channel's input.

use ebit_hardware::channel::Crossing;
use ebit_spec::check::{At, Check, Range};
use ebit_spec::{Channel, Real, SpecError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fields;
use super::gaussian::{Gaussian, Information};
use super::key_rate::KeyRate;
use super::protocol::{Knob, Protocol};
use super::protocol_macros::on_fiber;
use crate::finite::Finite;
use crate::finite::mountogiannakis2022::{self, Terms};

/// How Bob measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub enum Quadratures {
    /// One of the two, at random.
    #[default]
    #[serde(rename = "homodyne")]
    Homodyne,
    /// Both, each with half the light.
    #[serde(rename = "heterodyne")]
    Heterodyne,
}

/// The most modulation and noise: beyond it Holevo's bound runs out of digits, and no instrument gets there.
const MOST_VARIANCE: f64 = 1e6;

/// Of what is sent, no detector sees a smaller share; the squares of its inverse are no numbers any more.
const LEAST_LIGHT: f64 = 1e-100;

/// Gaussian modulation on one line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename = "GG02")]
pub struct Gg02 {
    pub fiber: Channel,
    pub receiver_efficiency: Real,
    #[serde(default = "four")]
    pub modulation_variance: Real,
    #[serde(default)]
    pub excess_noise: Real,
    #[serde(default)]
    pub electronic_noise: Real,
    #[serde(default = "reconciliation")]
    pub reconciliation_efficiency: Real,
    #[serde(default)]
    pub detection: Quadratures,
    #[serde(default = "yes")]
    pub trusted_detector: bool,
    /// Of the sifted signals, compared in public. Only finite keys ask, as for the next two.
    #[serde(default = "fields::half")]
    pub estimation_share: Real,
    /// Per quadrature.
    #[serde(default = "seven")]
    pub digitization_bits: i64,
    #[serde(default = "fields::one")]
    pub frame_success_probability: Real,
    #[serde(default = "fields::one")]
    pub sifting: Real,
    #[serde(default = "megahertz")]
    pub repetition_rate_hz: Real,
}

fn four() -> Real {
    Real(4.0)
}
fn reconciliation() -> Real {
    Real(0.95)
}
/// Mountogiannakis et al. 2022 need that many where the signal stands well above the noise.
fn seven() -> i64 {
    7
}
fn yes() -> bool {
    true
}
fn megahertz() -> Real {
    Real(1e6)
}

impl Check for Gg02 {
    const NAME: &'static str = "GG02";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        at.within("fiber", |at| self.fiber.check(at))?;
        at.real("receiver_efficiency", self.receiver_efficiency, Range::Probability, "eta of the homodyne detector")?;
        let variance = self.modulation_variance;
        if !(variance.0 > 0.0 && variance.0 <= MOST_VARIANCE) {
            let range = format!("in (0, {}]", Real(MOST_VARIANCE));
            return Err(at.error("modulation_variance", range, variance, "V_A in shot-noise units, near 4"));
        }
        let noise = Range::Between(0.0, MOST_VARIANCE);
        at.real("excess_noise", self.excess_noise, noise, "xi at the channel's input, in shot-noise units")?;
        at.real("electronic_noise", self.electronic_noise, noise, "v_el in shot-noise units")?;
        at.real("reconciliation_efficiency", self.reconciliation_efficiency, Range::Probability, "beta, 0.95 and above")?;
        self.check_finite(at)?;
        fields::check_sifting(at, self.sifting)?;
        fields::check_repetition(at, self.repetition_rate_hz)
    }
}

impl Gg02 {
    fn check_finite(&self, at: &At<'_>) -> Result<(), SpecError> {
        let share = self.estimation_share;
        if !(share.0 > 0.0 && share.0 < 1.0) {
            let hint = "share of the sifted signals that is compared to estimate the channel; the rest makes key";
            return Err(at.error("estimation_share", "in (0, 1)", share, hint));
        }
        if !(1..=16).contains(&self.digitization_bits) {
            let hint = "bits to which an outcome is rounded, per quadrature";
            return Err(at.error("digitization_bits", "an integer in [1, 16]", self.digitization_bits, hint));
        }
        let success = self.frame_success_probability;
        if !(success.0 > 0.0 && success.0 <= 1.0) {
            let hint = "how often a block is reconciled and verified";
            return Err(at.error("frame_success_probability", "in (0, 1]", success, hint));
        }
        Ok(())
    }

    fn line(&self) -> Gaussian {
        let t = Crossing::of(&self.fiber).transmittance();
        let heterodyne = self.detection == Quadratures::Heterodyne;
        let line = Gaussian {
            variance: self.modulation_variance.0,
            transmittance: t,
            excess: self.excess_noise.0,
            efficiency: self.receiver_efficiency.0,
            electronic: self.electronic_noise.0,
            heterodyne,
        };
        if self.trusted_detector {
            return line;
        }
        // All the detector does is the channel's.
        let t = t * line.efficiency;
        let noise = if heterodyne { 2.0 * line.electronic } else { line.electronic };
        Gaussian { transmittance: t, excess: line.excess + noise / t, efficiency: 1.0, electronic: 0.0, ..line }
    }

    fn terms(&self) -> Terms {
        Terms {
            reconciliation_efficiency: self.reconciliation_efficiency.0,
            estimation_share: self.estimation_share.0,
            digitization_bits: self.digitization_bits as f64,
            success: self.frame_success_probability.0,
            sifting: self.sifting.0,
        }
    }

    fn asymptotic(&self, line: &Gaussian) -> KeyRate {
        let Information { mutual, holevo } = line.information();
        let raw = self.sifting.0 * (self.reconciliation_efficiency.0 * mutual - holevo);
        KeyRate::new(raw, vec![("mutual_information", mutual), ("holevo", holevo)], || {
            format!(
                "Eve may know {holevo:.4} bits of each pulse, reconciliation shares {:.4}: less excess noise, or a larger beta",
                self.reconciliation_efficiency.0 * mutual
            )
        })
    }
}

impl Protocol for Gg02 {
    on_fiber!();
    const RUGGED: bool = true;

    fn key_rate(&self, finite: Option<&Finite>) -> Result<KeyRate, SpecError> {
        let line = self.line();
        if line.gain() < LEAST_LIGHT {
            return Ok(KeyRate::new(f64::NEG_INFINITY, Vec::new(), || "no light arrives".into()));
        }
        Ok(match finite {
            Some(finite) => mountogiannakis2022::rate(finite, &line, &self.terms()),
            None => self.asymptotic(&line),
        })
    }

    /// Finite: the share compared, too.
    fn knobs(&self, finite: bool) -> (Vec<Knob>, Vec<f64>) {
        let mut knobs = vec![Knob::logarithmic("modulation_variance", 0.01, MOST_VARIANCE)];
        let mut start = vec![4.0];
        if finite {
            // Few signals that make key are as far from none as few that are compared.
            knobs.push(Knob::logarithmic("compared over kept", 1e-6, 1e3));
            start.push(0.25);
        }
        (knobs, start)
    }

    fn turned(&self, values: &[f64], _finite: bool) -> Self {
        let modulation_variance = values.first().map_or(self.modulation_variance, |variance| Real(*variance));
        let estimation_share = values.get(1).map_or(self.estimation_share, |ratio| Real(ratio / (1.0 + ratio)));
        Self { modulation_variance, estimation_share, ..self.clone() }
    }

    fn security(&self, finite: bool) -> &'static str {
        if finite {
            return "collective Gaussian attacks, composable finite key, reverse reconciliation; Mountogiannakis et al. 2022 \
                    (doi:10.48550/arXiv.2103.16589, doi:10.48550/arXiv.2205.10142), Eve's information at its greatest in the \
                    confidence region";
        }
        "collective attacks, asymptotic, reverse reconciliation; Lodewyck et al. 2007 (doi:10.1103/PhysRevA.76.042305), Fossier et al. 2009 (doi:10.1088/0953-4075/42/11/114014)"
    }

    fn assumptions(&self, finite: bool) -> Vec<String> {
        let mut said = Vec::new();
        let mut note = |ideal: bool, words: &str| {
            if ideal {
                said.push(words.to_owned());
            }
        };
        note(self.receiver_efficiency.0 == 1.0, "the receiver detects all light (receiver_efficiency 1)");
        note(self.excess_noise.0 == 0.0, "the channel adds no noise (excess_noise 0)");
        note(self.electronic_noise.0 == 0.0, "the detector adds no noise (electronic_noise 0)");
        note(self.reconciliation_efficiency.0 == 1.0, "reconciliation at the Shannon limit (reconciliation_efficiency 1)");
        note(self.trusted_detector, "Eve has no access to the detector's loss and noise (trusted_detector)");
        if finite {
            note(self.frame_success_probability.0 == 1.0, "every block is reconciled (frame_success_probability 1)");
            note(true, "the modulation is Gaussian and exact; the detector's parameters are known exactly");
            note(true, "the estimates of transmittance and noise are the expected ones");
        } else {
            note(true, "the modulation is Gaussian; parameters are known exactly");
        }
        said
    }
}
