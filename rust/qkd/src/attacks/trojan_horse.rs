//! Trojan horse: light sent into the sender's modulator brings the setting back out.

use ebit_random::math::{exp, exp_m1};
use ebit_spec::check::{At, Check, Range};
use ebit_spec::{Real, SpecError};
use serde::{Deserialize, Serialize};

use super::{Attack, Branch, Pulse, kept};
use crate::pulses::prepare::PrepareMeasure;

/// Every pulse is accompanied by a back-reflection of `reflected_photons` on average, in the state that was sent.
///
/// Gisin et al. 2006, doi:10.1103/PhysRevA.73.022320; Lucamarini et al. 2015, doi:10.1103/PhysRevX.5.031030. The signal is
/// not touched. She holds a photon of the reflection with probability 1 - exp(-mean). The sender's monitor sees the
/// light that goes in: the mean over the sender's optical isolation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrojanHorse {
    pub reflected_photons: Real,
    /// Of the way in and out of the sender together.
    pub isolation_db: Real,
}

impl Check for TrojanHorse {
    const NAME: &'static str = "TrojanHorse";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        at.real("reflected_photons", self.reflected_photons, Range::NonNegative, "mean photons that come back per pulse")?;
        at.real("isolation_db", self.isolation_db, Range::Between(0.0, 1000.0), "in and out of the sender together")
    }
}

impl Attack for TrojanHorse {
    fn act(&self, pulse: &Pulse, line: &PrepareMeasure) -> Vec<Branch> {
        let mean = self.reflected_photons.0;
        let seen = Branch { note: kept(1), ..pulse.pass(line, -exp_m1(-mean)) };
        vec![pulse.pass(line, exp(-mean)), seen]
    }
}
