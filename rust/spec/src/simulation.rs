//! A network on which protocols of the user's own run: the network, its seed, and what holds for all of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::{At, Check, Range};
use crate::error::{Kind, SpecError};
use crate::network::NetworkDoc;
use crate::real::Real;
use crate::request::{Formalism, MAX_REPLICAS};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SimulationDoc {
    pub network: NetworkDoc,
    /// The 128-bit root, in decimal.
    pub seed: String,
    #[serde(default)]
    pub replica: i64,
    #[serde(default)]
    pub formalism: Formalism,
    /// Knowledge travels at the speed of light; absent: true, but false with `restart`.
    #[serde(default)]
    pub classical_delay: Option<bool>,
    /// The links under a pair start anew together, when it is gone; one slot per link end.
    #[serde(default)]
    pub restart: bool,
    /// The longest time to be reached, where picoseconds do not count that far; absent: 100 days.
    #[serde(default)]
    pub horizon_s: Option<Real>,
    #[serde(default)]
    pub trace: bool,
}

impl SimulationDoc {
    pub fn classical_delay(&self) -> bool {
        self.classical_delay.unwrap_or(!self.restart)
    }

    /// The root of all random streams.
    ///
    /// # Errors
    /// Not an integer in [0, 2^128).
    pub fn root(&self) -> Result<u128, SpecError> {
        self.seed.parse().map_err(|_| {
            let hint = "an int, a SeedSequence, a Generator or None";
            SpecError::new(Kind::Range, Self::NAME, "rng", "an integer in [0, 2^128)", self.seed.clone(), hint)
        })
    }
}

impl Check for SimulationDoc {
    const NAME: &'static str = "Simulation";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        self.network.check(&At(&|| "Network".to_owned()))?;
        self.root()?;
        if !(0..=MAX_REPLICAS).contains(&self.replica) {
            let range = format!("an integer in [0, {MAX_REPLICAS}]");
            return Err(at.error("replica", range, self.replica, "which independent repetition"));
        }
        self.horizon_s.map_or(Ok(()), |t| at.real("horizon_s", t, Range::Positive, "None for up to 100 days"))
    }
}
