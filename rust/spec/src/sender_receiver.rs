//! An emitter at one node, a memory that stores its photon at the other.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::channel::Channel;
use crate::check::{At, Check, Range};
use crate::device::{Detector, one};
use crate::error::SpecError;
use crate::link::{Photonic, one_mode};
use crate::photon_source::PhotonSource;
use crate::real::{PerSide, Real};

/// Emission at A, heralded absorption at B.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SenderReceiver {
    pub fiber: Channel,
    pub detector: Detector,
    #[serde(default = "one")]
    pub source_efficiency: Real,
    #[serde(default = "one")]
    pub memory_efficiency: Real,
    #[serde(default = "one")]
    pub emission_fidelity: Real,
    #[serde(default)]
    pub double_excitation_probability: Real,
    #[serde(default)]
    pub local_time_s: Real,
    #[serde(default = "one_mode")]
    pub modes: i64,
    /// How many photons the sender emits; absent: one, and a second with `double_excitation_probability`.
    #[serde(default)]
    pub source: Option<PhotonSource>,
}

impl Check for SenderReceiver {
    const NAME: &'static str = "SenderReceiver";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        at.real("memory_efficiency", self.memory_efficiency, Range::Probability, "that a photon at B is stored")?;
        if let Some(source) = &self.source {
            at.within("source", |at| source.check(at))?;
            if self.double_excitation_probability.0 != 0.0 {
                let hint = "the source says how many photons there are";
                return Err(at.error(
                    "double_excitation_probability",
                    "0 with a source",
                    self.double_excitation_probability,
                    hint,
                ));
            }
        }
        if let Channel::Arms(_) = self.fiber {
            return Err(at.error("fiber", "one channel", "Arms", "the photon goes all the way from A to B"));
        }
        Photonic {
            fiber: &self.fiber,
            detector: &self.detector,
            source_efficiency: PerSide::both(self.source_efficiency.0),
            visibility: Real(1.0),
            emission_fidelity: self.emission_fidelity,
            double_excitation_probability: self.double_excitation_probability,
            station: Real(1.0),
            local_time_s: self.local_time_s,
            modes: self.modes,
        }
        .check(at)
    }
}
