//! A source of photon pairs between two memories.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::channel::Channel;
use crate::check::{At, Check, Range};
use crate::device::{Detector, one};
use crate::error::SpecError;
use crate::link::{Photonic, both_one, half, one_mode};
use crate::real::{PerSide, Real};

/// How a memory takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub enum MemoryKind {
    /// It emits a photon entangled with it, which meets the source's photon in a Bell measurement at the node.
    #[default]
    #[serde(rename = "emissive")]
    Emissive,
    /// It stores the source's photon and announces that it did.
    #[serde(rename = "absorptive")]
    Absorptive,
}

/// The brightest source of pairs: far above any that entangles, and what bounds the work of a sum over photon numbers.
pub const MAX_MEAN_PAIRS: f64 = 100.0;

/// A pair source between the nodes (Jones et al. 2016, doi:10.1088/1367-2630/18/8/083015).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MidpointSource {
    pub fiber: Channel,
    pub detector: Detector,
    /// Mean pairs per attempt and mode of a down-conversion source, both polarisations together.
    #[serde(default)]
    pub mean_pairs: Option<Real>,
    #[serde(default)]
    pub memory: MemoryKind,
    #[serde(default = "both_one")]
    pub memory_efficiency: PerSide,
    #[serde(default = "both_one")]
    pub source_efficiency: PerSide,
    #[serde(default = "one")]
    pub visibility: Real,
    /// Share of the fibre's decibels on side A.
    #[serde(default = "half")]
    pub station: Real,
    #[serde(default)]
    pub local_time_s: Real,
    #[serde(default = "one_mode")]
    pub modes: i64,
    /// Probability of the one pair of a source that never emits two.
    #[serde(default)]
    pub pair_probability: Option<Real>,
    /// Fidelity of the source's pairs, taken as Werner.
    #[serde(default = "one")]
    pub pair_fidelity: Real,
}

impl Check for MidpointSource {
    const NAME: &'static str = "MidpointSource";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        match (self.mean_pairs, self.pair_probability) {
            (Some(mean), None) => {
                let hint = "of both polarisations together; 0.05 is usual";
                at.real("mean_pairs", mean, Range::Between(0.0, MAX_MEAN_PAIRS), hint)?;
            }
            (None, Some(p)) => at.real("pair_probability", p, Range::Probability, "of the one pair of an attempt")?,
            (mean, _) => {
                let value = mean.map_or_else(|| "neither".into(), |mean| format!("{mean} and pair_probability too"));
                let hint = "a source is a down-conversion source or emits single pairs";
                return Err(at.error("mean_pairs", "given, or pair_probability instead", value, hint));
            }
        }
        at.per_side("memory_efficiency", self.memory_efficiency, Range::Probability, "that a photon is emitted or stored")?;
        at.real("pair_fidelity", self.pair_fidelity, Range::Between(0.25, 1.0), "0.25 is white noise")?;
        if self.memory == MemoryKind::Absorptive && self.visibility.0 != 1.0 {
            let hint = "nothing interferes there";
            return Err(at.error("visibility", "1 with memory=\"absorptive\"", self.visibility, hint));
        }
        Photonic {
            fiber: &self.fiber,
            detector: &self.detector,
            source_efficiency: self.source_efficiency,
            visibility: self.visibility,
            emission_fidelity: Real(1.0),
            double_excitation_probability: Real(0.0),
            station: self.station,
            local_time_s: self.local_time_s,
            modes: self.modes,
        }
        .check(at)
    }
}
