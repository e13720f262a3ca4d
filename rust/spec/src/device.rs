//! Devices: fibre, detector, memory, entanglement swap. Defaults are written here and nowhere else.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::{At, Check, Range};
use crate::error::SpecError;
use crate::real::Real;

/// Attenuation of standard single-mode fibre at 1550 nm, dB/km (ITU-T G.652, typical link value).
pub const STANDARD_LOSS_DB_PER_KM: f64 = 0.2;
/// Light in silica fibre, m/s: c / 1.5, the convention of the field.
pub const FIBER_SPEED_M_PER_S: f64 = 2e8;
/// Speed of light in vacuum, m/s (exact by definition of the metre).
pub const C_M_PER_S: f64 = 299_792_458.0;
/// Loss of one mated pair of connectors, dB (IEC 61755-1, grade B: at most this in 97 of 100 random matings).
pub const CONNECTOR_LOSS_DB: f64 = 0.25;
/// More connectors than any fibre has.
pub const MAX_CONNECTORS: i64 = 1_000_000;

/// A fibre from one node to the other, station included.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fiber {
    pub length_km: Real,
    #[serde(default = "standard_loss")]
    pub loss_db_per_km: Real,
    #[serde(default)]
    pub insertion_loss_db: Real,
    #[serde(default = "fiber_speed")]
    pub speed_m_per_s: Real,
    #[serde(default)]
    pub connectors: i64,
    #[serde(default = "connector_loss")]
    pub connector_loss_db: Real,
}

fn standard_loss() -> Real {
    Real(STANDARD_LOSS_DB_PER_KM)
}
fn fiber_speed() -> Real {
    Real(FIBER_SPEED_M_PER_S)
}
fn connector_loss() -> Real {
    Real(CONNECTOR_LOSS_DB)
}

impl Fiber {
    /// Loss of the whole fibre in dB, insertion loss and connectors included.
    pub fn loss_db(&self) -> f64 {
        let fixed = self.insertion_loss_db.0 + self.connectors as f64 * self.connector_loss_db.0;
        self.length_km.0 * self.loss_db_per_km.0 + fixed
    }
    /// One-way light time of the whole fibre in seconds.
    pub fn light_time_s(&self) -> f64 {
        self.length_km.0 * 1e3 / self.speed_m_per_s.0
    }
}

impl Check for Fiber {
    const NAME: &'static str = "Fiber";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        at.real("length_km", self.length_km, Range::NonNegative, "fibre length in kilometres")?;
        at.real("loss_db_per_km", self.loss_db_per_km, Range::NonNegative, "a loss is a positive number of dB/km")?;
        at.real("insertion_loss_db", self.insertion_loss_db, Range::NonNegative, "a loss is a positive number of dB")?;
        at.real("speed_m_per_s", self.speed_m_per_s, Range::Between(1.0, C_M_PER_S), "light in silica: 2e8 m/s")?;
        if !(0..=MAX_CONNECTORS).contains(&self.connectors) {
            let range = format!("an integer in [0, {MAX_CONNECTORS}]");
            return Err(at.error("connectors", range, self.connectors, "mated pairs along the fibre"));
        }
        at.real("connector_loss_db", self.connector_loss_db, Range::NonNegative, "a loss is a positive number of dB")
    }
}

/// A single-photon detector and the window in which a click counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Detector {
    pub efficiency: Real,
    #[serde(default)]
    pub dark_count_rate_hz: Real,
    #[serde(default = "one_nanosecond")]
    pub window_s: Real,
    #[serde(default)]
    pub number_resolving: bool,
}

fn one_nanosecond() -> Real {
    Real(1e-9)
}

impl Check for Detector {
    const NAME: &'static str = "Detector";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        at.real("efficiency", self.efficiency, Range::Probability, "system detection efficiency")?;
        at.real("dark_count_rate_hz", self.dark_count_rate_hz, Range::NonNegative, "per detector, in counts per second")?;
        at.real("window_s", self.window_s, Range::NonNegative, "length of one detection window in seconds")
    }
}

/// Quantum memory of a node: slots per link end and how a stored qubit decays.
///
/// A time that is absent means that decay does not happen; results list that as an assumption.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Memory {
    #[serde(default = "one_slot")]
    pub slots: i64,
    #[serde(default)]
    pub t1_s: Option<Real>,
    #[serde(default)]
    pub t2_s: Option<Real>,
    #[serde(default)]
    pub depolarizing_time_s: Option<Real>,
}

fn one_slot() -> i64 {
    1
}

/// The most slots one link end may have: far above any hardware, far below the slab's range.
pub const MAX_SLOTS: i64 = 65_536;

impl Memory {
    pub fn perfect(slots: i64) -> Self {
        Self { slots, t1_s: None, t2_s: None, depolarizing_time_s: None }
    }
    /// T1 in seconds, infinite when the memory does not relax.
    pub fn t1(&self) -> f64 {
        self.t1_s.map_or(f64::INFINITY, |t| t.0)
    }
    /// T2 in seconds; with T1 alone given, the relaxation limit T2 = 2 T1.
    pub fn t2(&self) -> f64 {
        self.t2_s.map_or(2.0 * self.t1(), |t| t.0)
    }
    pub fn depolarizing_time(&self) -> f64 {
        self.depolarizing_time_s.map_or(f64::INFINITY, |t| t.0)
    }
}

impl Check for Memory {
    const NAME: &'static str = "Memory";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        if !(1..=MAX_SLOTS).contains(&self.slots) {
            return Err(at.error("slots", format!("an integer in [1, {MAX_SLOTS}]"), self.slots, "slots per link end"));
        }
        for (name, value) in [("t1_s", self.t1_s), ("t2_s", self.t2_s), ("depolarizing_time_s", self.depolarizing_time_s)] {
            if let Some(t) = value {
                at.real(name, t, Range::PositiveOrInfinite, "leave it out for a memory without that decay")?;
            }
        }
        if self.depolarizing_time_s.is_some() && (self.t1_s.is_some() || self.t2_s.is_some()) {
            return Err(at.error(
                "depolarizing_time_s",
                "given alone, without t1_s and t2_s",
                Real(self.depolarizing_time()),
                "a memory decays by T1/T2 or depolarizes, not both",
            ));
        }
        if self.t2() > 2.0 * self.t1() {
            return Err(at.error(
                "t2_s",
                format!("<= 2 t1_s = {}", Real(2.0 * self.t1())),
                Real(self.t2()),
                "T2 is the total coherence time, which relaxation bounds",
            ));
        }
        Ok(())
    }
}

/// Entanglement swap (Bell measurement) of a node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Swap {
    #[serde(default = "one")]
    pub success_probability: Real,
    #[serde(default = "one")]
    pub fidelity: Real,
    #[serde(default)]
    pub duration_s: Real,
}

pub(crate) fn one() -> Real {
    Real(1.0)
}

impl Swap {
    pub fn perfect() -> Self {
        Self { success_probability: Real(1.0), fidelity: Real(1.0), duration_s: Real(0.0) }
    }
    /// v of rho -> v rho + (1-v) I/4, from the fidelity of the swap of two perfect pairs.
    pub fn visibility(&self) -> f64 {
        (4.0 * self.fidelity.0 - 1.0) / 3.0
    }
}

impl Check for Swap {
    const NAME: &'static str = "Swap";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        at.real("success_probability", self.success_probability, Range::Probability, "0.5 for linear optics without ancillas")?;
        at.real(
            "fidelity",
            self.fidelity,
            Range::Between(0.25, 1.0),
            "fidelity of the swap of two perfect pairs; 0.25 is white noise",
        )?;
        at.real("duration_s", self.duration_s, Range::NonNegative, "seconds from start to outcome")
    }
}
