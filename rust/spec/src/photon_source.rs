//! Sources of light that holds about one photon.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::{At, Check, Range};
use crate::error::SpecError;
use crate::real::Real;

/// The brightest pulse: far above any that is weak, and what bounds the work of a sum over photon numbers.
pub const MAX_MEAN_PHOTONS: f64 = 100.0;

/// A laser pulse whose phase nobody knows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WeakCoherentPulse {
    /// Mean number of photons.
    pub mean_photons: Real,
}

impl Check for WeakCoherentPulse {
    const NAME: &'static str = "WeakCoherentPulse";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        at.real("mean_photons", self.mean_photons, Range::Between(0.0, MAX_MEAN_PHOTONS), "0.5 is usual for a signal")
    }
}

/// A quantum dot that is excited once per attempt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuantumDot {
    /// Probability that an emitted photon leaves the source.
    pub efficiency: Real,
    /// Second-order correlation at zero delay.
    #[serde(default)]
    pub g2: Real,
}

impl Check for QuantumDot {
    const NAME: &'static str = "QuantumDot";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        at.real("efficiency", self.efficiency, Range::Probability, "that an emitted photon leaves the source")?;
        at.real("g2", self.g2, Range::Between(0.0, 0.5), "at zero delay; one photon and at most a second give no more than 0.5")
    }
}

/// Any of them; externally tagged, so that an error keeps its path.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub enum PhotonSource {
    WeakCoherentPulse(WeakCoherentPulse),
    QuantumDot(QuantumDot),
}

impl Check for PhotonSource {
    const NAME: &'static str = "PhotonSource";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        match self {
            Self::WeakCoherentPulse(source) => source.check(at),
            Self::QuantumDot(source) => source.check(at),
        }
    }
}
