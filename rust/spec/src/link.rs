//! Ways to herald a pair over one link.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::channel::Channel;
use crate::check::{At, Check, Range};
use crate::device::{Detector, one};
use crate::error::SpecError;
use crate::midpoint_source::MidpointSource;
use crate::real::{PerSide, Real};
use crate::sender_receiver::SenderReceiver;

/// A link described by its outcome: probability, time, delivered pair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HeraldedLink {
    pub success_probability: Real,
    pub attempt_time_s: Real,
    /// Weights of (Phi+, Phi-, Psi+, Psi-).
    #[serde(default = "phi_plus")]
    pub pair: [Real; 4],
    #[serde(default)]
    pub herald_age_s: Real,
}

fn phi_plus() -> [Real; 4] {
    [Real(1.0), Real(0.0), Real(0.0), Real(0.0)]
}

/// Largest error of a sum of weights that rounding explains.
pub const WEIGHT_TOLERANCE: f64 = 1e-9;

/// Bell weights: four probabilities that sum to one.
///
/// # Errors
/// Names the first weight outside [0, 1], or the sum.
pub fn check_weights(at: &At<'_>, parameter: &str, weights: &[Real; 4]) -> Result<(), SpecError> {
    for (k, w) in weights.iter().enumerate() {
        at.real(&format!("{parameter}[{k}]"), *w, Range::Probability, "weights of (Phi+, Phi-, Psi+, Psi-)")?;
    }
    let sum: f64 = weights.iter().map(|w| w.0).sum();
    if (sum - 1.0).abs() > WEIGHT_TOLERANCE {
        return Err(at.error(
            parameter,
            "four weights that sum to 1",
            format!("a sum of {}", Real(sum)),
            "divide them by their sum",
        ));
    }
    Ok(())
}

impl Check for HeraldedLink {
    const NAME: &'static str = "HeraldedLink";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        at.real("success_probability", self.success_probability, Range::Probability, "per attempt")?;
        at.real("attempt_time_s", self.attempt_time_s, Range::Positive, "seconds from the start of an attempt to its herald")?;
        check_weights(at, "pair", &self.pair)?;
        at.real("herald_age_s", self.herald_age_s, Range::NonNegative, "how long a half is stored before its herald")
    }
}

/// How the two nodes of a double click learn the outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub enum Negotiation {
    /// Both bins in one attempt; the herald travels back from the station.
    #[default]
    #[serde(rename = "herald")]
    Herald,
    /// SeQUeNCe's: 4L/c when round 1 fails, 7L/c otherwise.
    #[serde(rename = "two-round")]
    TwoRound,
}

/// Two-photon heralding (Barrett-Kok 2005, doi:10.1103/PhysRevA.71.060310).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DoubleClick {
    pub fiber: Channel,
    pub detector: Detector,
    #[serde(default = "both_one")]
    pub source_efficiency: PerSide,
    #[serde(default = "one")]
    pub visibility: Real,
    #[serde(default = "one")]
    pub emission_fidelity: Real,
    #[serde(default)]
    pub double_excitation_probability: Real,
    /// Share of the fibre on side A.
    #[serde(default = "half")]
    pub station: Real,
    #[serde(default)]
    pub local_time_s: Real,
    #[serde(default = "one_mode")]
    pub modes: i64,
    #[serde(default)]
    pub negotiation: Negotiation,
}

/// Single-photon heralding (Cabrillo 1999, doi:10.1103/PhysRevA.59.1025).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SingleClick {
    pub fiber: Channel,
    pub detector: Detector,
    pub bright_state_population: PerSide,
    #[serde(default = "both_one")]
    pub source_efficiency: PerSide,
    #[serde(default = "one")]
    pub visibility: Real,
    #[serde(default)]
    pub phase_std_rad: Real,
    #[serde(default)]
    pub double_excitation_probability: Real,
    #[serde(default = "half")]
    pub station: Real,
    #[serde(default)]
    pub local_time_s: Real,
    #[serde(default = "one_mode")]
    pub modes: i64,
}

pub(crate) fn both_one() -> PerSide {
    PerSide::both(1.0)
}
pub(crate) fn half() -> Real {
    Real(0.5)
}
pub(crate) fn one_mode() -> i64 {
    1
}

/// The most modes of one attempt: 1-(1-p)^M stays exact in a double far beyond it.
pub const MAX_MODES: i64 = 1_000_000_000;

/// What the photonic schemes share; a scheme without one of these gives its ideal value.
pub(crate) struct Photonic<'a> {
    pub fiber: &'a Channel,
    pub detector: &'a Detector,
    pub source_efficiency: PerSide,
    pub visibility: Real,
    pub emission_fidelity: Real,
    pub double_excitation_probability: Real,
    pub station: Real,
    pub local_time_s: Real,
    pub modes: i64,
}

impl Photonic<'_> {
    pub fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        at.within("fiber", |at| self.fiber.check(at))?;
        at.within("detector", |at| self.detector.check(at))?;
        at.per_side("source_efficiency", self.source_efficiency, Range::Probability, "from emission into the fibre")?;
        at.real("visibility", self.visibility, Range::Probability, "Hong-Ou-Mandel visibility of the two photons")?;
        at.real("emission_fidelity", self.emission_fidelity, Range::Between(0.25, 1.0), "0.25 is white noise")?;
        at.real("double_excitation_probability", self.double_excitation_probability, Range::Probability, "of a second photon")?;
        at.real("station", self.station, Range::Probability, "share of the fibre on side A; 0.5 is the middle")?;
        self.fiber.check_station(at, self.station)?;
        at.real("local_time_s", self.local_time_s, Range::NonNegative, "preparation time per attempt in seconds")?;
        if !(1..=MAX_MODES).contains(&self.modes) {
            return Err(at.error(
                "modes",
                format!("an integer in [1, {MAX_MODES}]"),
                self.modes,
                "multiplexed modes per attempt",
            ));
        }
        if self.local_time_s.0 == 0.0 && !self.fiber.has_length() {
            return Err(at.error(
                "local_time_s",
                "> 0 when the fibre has no length",
                self.local_time_s,
                "an attempt must take time",
            ));
        }
        Ok(())
    }
}

impl Check for DoubleClick {
    const NAME: &'static str = "DoubleClick";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        Photonic {
            fiber: &self.fiber,
            detector: &self.detector,
            source_efficiency: self.source_efficiency,
            visibility: self.visibility,
            emission_fidelity: self.emission_fidelity,
            double_excitation_probability: self.double_excitation_probability,
            station: self.station,
            local_time_s: self.local_time_s,
            modes: self.modes,
        }
        .check(at)?;
        if self.negotiation == Negotiation::TwoRound {
            let hint = "SeQUeNCe's negotiation is defined for that case only";
            if self.modes != 1 {
                return Err(at.error("modes", "1 with negotiation=\"two-round\"", self.modes, hint));
            }
            if self.station.0 != 0.5 {
                return Err(at.error("station", "0.5 with negotiation=\"two-round\"", self.station, hint));
            }
            if self.double_excitation_probability.0 != 0.0 {
                let value = self.double_excitation_probability;
                return Err(at.error("double_excitation_probability", "0 with negotiation=\"two-round\"", value, hint));
            }
            let length = if let Channel::Fiber(fiber) = &self.fiber { fiber.length_km } else { Real(0.0) };
            if length.0 == 0.0 {
                return Err(at.error("fiber.length_km", "> 0, of a Fiber, with negotiation=\"two-round\"", length, hint));
            }
        }
        Ok(())
    }
}

impl Check for SingleClick {
    const NAME: &'static str = "SingleClick";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        at.per_side("bright_state_population", self.bright_state_population, Range::Probability, "0.05 is usual")?;
        at.real("phase_std_rad", self.phase_std_rad, Range::NonNegative, "of the total phase between A and B, in radians")?;
        Photonic {
            fiber: &self.fiber,
            detector: &self.detector,
            source_efficiency: self.source_efficiency,
            visibility: self.visibility,
            emission_fidelity: Real(1.0),
            double_excitation_probability: self.double_excitation_probability,
            station: self.station,
            local_time_s: self.local_time_s,
            modes: self.modes,
        }
        .check(at)
    }
}

/// Any link model; externally tagged, so that an error keeps its path.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub enum LinkModel {
    HeraldedLink(HeraldedLink),
    DoubleClick(DoubleClick),
    SingleClick(SingleClick),
    MidpointSource(MidpointSource),
    SenderReceiver(SenderReceiver),
}

impl LinkModel {
    /// What the photons of a photonic model cross.
    pub fn channel(&self) -> Option<&Channel> {
        match self {
            Self::HeraldedLink(_) => None,
            Self::DoubleClick(m) => Some(&m.fiber),
            Self::SingleClick(m) => Some(&m.fiber),
            Self::MidpointSource(m) => Some(&m.fiber),
            Self::SenderReceiver(m) => Some(&m.fiber),
        }
    }

    /// The same devices on a fibre of another length; other channels have a length of their own.
    #[must_use]
    pub fn with_length_km(&self, length_km: f64) -> Self {
        let mut model = self.clone();
        let channel = match &mut model {
            Self::HeraldedLink(_) => return model,
            Self::DoubleClick(m) => &mut m.fiber,
            Self::SingleClick(m) => &mut m.fiber,
            Self::MidpointSource(m) => &mut m.fiber,
            Self::SenderReceiver(m) => &mut m.fiber,
        };
        if let Some(fiber) = channel.fiber_mut() {
            fiber.length_km = Real(length_km);
        }
        model
    }
}

impl Check for LinkModel {
    const NAME: &'static str = "LinkModel";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        match self {
            Self::HeraldedLink(m) => m.check(at),
            Self::DoubleClick(m) => m.check(at),
            Self::SingleClick(m) => m.check(at),
            Self::MidpointSource(m) => m.check(at),
            Self::SenderReceiver(m) => m.check(at),
        }
    }
}
