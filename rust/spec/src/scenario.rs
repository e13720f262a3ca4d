//! A scenario file: which network, which hardware side by side, which requests, how to run.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::{At, Check, Range};
use crate::error::SpecError;
use crate::real::Real;
use crate::request::{Assign, Formalism, MAX_REPLICAS, Match, Method, Request};
use crate::seed::Seed;

/// Where the network comes from: exactly one of `topohub` and `file`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NetworkSource {
    /// Name of a topology in the package topohub, as `topozoo/Surfnet`.
    #[serde(default)]
    pub topohub: Option<String>,
    /// A network file (TOML or JSON), relative to the scenario.
    #[serde(default)]
    pub file: Option<String>,
    /// Fibre length over great-circle distance; absent: 1.5 below 1000 km, 1500 km to 1200 km, 1.25 above.
    #[serde(default)]
    pub fiber_length_factor: Option<Real>,
}

/// One hardware to run the requests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HardwareChoice {
    /// Name of a cited preset.
    pub preset: String,
    /// How tables and plots call it; absent: the preset's name.
    #[serde(default)]
    pub label: Option<String>,
    /// Other values for single fields, as `"memory.t2_s" = 1.0`.
    #[serde(default, rename = "override")]
    pub overrides: BTreeMap<String, serde_json::Value>,
}

/// How to run every request, unless it says otherwise itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScenarioRun {
    /// Pairs per request and replica.
    #[serde(default)]
    pub pairs: Option<i64>,
    #[serde(default)]
    pub until_s: Option<Real>,
    #[serde(default = "one")]
    pub replicas: i64,
    #[serde(default)]
    pub seed: Option<Seed>,
    /// Cut-off age of the swap-asap schedule.
    #[serde(default)]
    pub cutoff_s: Option<Real>,
    #[serde(default)]
    pub classical_delay: Option<bool>,
    /// All requests at once on one network, competing for its memories; else each alone.
    #[serde(default = "yes")]
    pub together: bool,
    #[serde(default)]
    pub method: Method,
    #[serde(default)]
    pub formalism: Formalism,
    #[serde(default)]
    pub assign: Assign,
    #[serde(default, rename = "match")]
    pub matching: Match,
}

fn one() -> i64 {
    1
}
fn yes() -> bool {
    true
}

/// Where `ebit run` leaves its results.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScenarioOutput {
    /// Folder for the JSON, the CSV and the picture, relative to where the command runs.
    pub directory: String,
}

/// The contents of a scenario file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    #[serde(default)]
    pub title: String,
    pub network: NetworkSource,
    /// Empty only with a network file, which has its own devices.
    #[serde(default)]
    pub hardware: Vec<HardwareChoice>,
    pub run: ScenarioRun,
    pub requests: Vec<Request>,
    /// Absent: only the table.
    #[serde(default)]
    pub output: Option<ScenarioOutput>,
}

impl Check for Scenario {
    const NAME: &'static str = "scenario";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        at.within("network", |at| self.check_source(at))?;
        self.check_hardware(at)?;
        if self.requests.is_empty() {
            return Err(at.error("requests", "at least one [[requests]] table", "none", "source and target are node names"));
        }
        at.within("run", |at| self.run.check(at))?;
        for (k, request) in self.requests.iter().enumerate() {
            let place = || crate::request::request_label(k, request);
            let at = At(&place);
            request.check(&at)?;
            if request.pairs.or(self.run.pairs).is_none() && self.run.until_s.is_none() {
                let hint = "run.pairs or run.until_s would do for every request: a run needs an end";
                return Err(at.error("pairs", "given when run.until_s is not", "nothing", hint));
            }
        }
        Ok(())
    }
}

impl Scenario {
    fn check_source(&self, at: &At<'_>) -> Result<(), SpecError> {
        let source = &self.network;
        if source.topohub.is_some() == source.file.is_some() {
            let value = if source.file.is_some() { "both" } else { "neither" };
            return Err(at.error("topohub", "given, or file instead of it", value, "topohub = \"topozoo/Surfnet\""));
        }
        if let Some(factor) = source.fiber_length_factor {
            if source.file.is_some() {
                return Err(at.error("fiber_length_factor", "absent with file", factor, "a network file knows its lengths"));
            }
            at.real("fiber_length_factor", factor, FIBER_LENGTH_FACTOR, "fibre is never shorter than the great circle")?;
        }
        Ok(())
    }

    fn check_hardware(&self, at: &At<'_>) -> Result<(), SpecError> {
        if self.hardware.is_empty() && self.network.topohub.is_some() {
            return Err(at.error("hardware", "at least one [[hardware]] table", "none", "ebit hardware lists the presets"));
        }
        if !self.hardware.is_empty() && self.network.file.is_some() {
            let value = format!("{} tables", self.hardware.len());
            return Err(at.error("hardware", "absent with network.file", value, "a network file has its own devices"));
        }
        let mut seen = BTreeMap::new();
        for (k, row) in self.hardware.iter().enumerate() {
            let label = row.label.as_ref().unwrap_or(&row.preset);
            if let Some(first) = seen.insert(label, k) {
                let (value, hint) = (format!("'{label}'"), format!("hardware[{first}] has the same one"));
                return at.within(&format!("hardware[{k}]"), |at| Err(at.error("label", "unique", value, &hint)));
            }
        }
        Ok(())
    }
}

/// Fibre length over great-circle distance.
pub const FIBER_LENGTH_FACTOR: Range = Range::Between(1.0, 100.0);

impl Check for ScenarioRun {
    const NAME: &'static str = "run";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        if let Some(pairs) = self.pairs.filter(|p| *p < 1) {
            return Err(at.error("pairs", "an integer >= 1", pairs, "pairs per request and replica"));
        }
        if !(1..=MAX_REPLICAS).contains(&self.replicas) {
            let range = format!("an integer in [1, {MAX_REPLICAS}]");
            return Err(at.error("replicas", range, self.replicas, "independent repetitions"));
        }
        for (name, value) in [("until_s", self.until_s), ("cutoff_s", self.cutoff_s)] {
            if let Some(t) = value {
                at.real(name, t, Range::Positive, "leave it out for none")?;
            }
        }
        Ok(())
    }
}
