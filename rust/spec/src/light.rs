//! Light beside the quantum channel, and what changes a photon's colour.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::{At, Check, Range};
use crate::error::SpecError;
use crate::real::Real;

/// Which way the classical light travels, seen from the quantum signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Direction {
    /// With the quantum signal.
    #[serde(rename = "co")]
    Co,
    /// Against it.
    #[serde(rename = "counter")]
    Counter,
}

/// A classical channel in the same fibre.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClassicalLight {
    pub power_dbm: Real,
    /// Effective Raman cross section rho from its wavelength to the quantum one, per km of fibre and nm of filter.
    pub raman_per_km_nm: Real,
    pub loss_db_per_km: Real,
    pub direction: Direction,
}

impl Check for ClassicalLight {
    const NAME: &'static str = "ClassicalLight";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        at.real("power_dbm", self.power_dbm, Range::Between(-300.0, 60.0), "launched into the fibre; 0 dBm is 1 mW")?;
        at.real("raman_per_km_nm", self.raman_per_km_nm, Range::NonNegative, "some 1e-9 per km and nm within the C band")?;
        at.real("loss_db_per_km", self.loss_db_per_km, Range::NonNegative, "of the fibre at the classical wavelength")
    }
}

/// Quantum frequency conversion between an emitter and its fibre.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FrequencyConverter {
    pub efficiency: Real,
    pub noise_photon_rate_hz: Real,
}

impl Check for FrequencyConverter {
    const NAME: &'static str = "FrequencyConverter";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        at.real("efficiency", self.efficiency, Range::Probability, "from the emitter's fibre into the long one")?;
        at.real("noise_photon_rate_hz", self.noise_photon_rate_hz, Range::NonNegative, "noise photons per second at its output")
    }
}
