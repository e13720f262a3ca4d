//! A network of keys as it crosses the boundary.

use ebit_spec::check::{At, Check, Range};
use ebit_spec::{Real, SpecError};
use serde::{Deserialize, Serialize};

/// A link that makes key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyLink {
    pub a: u32,
    pub b: u32,
    pub bits_per_s: Real,
    pub capacity_bits: Real,
    pub initial_bits: Real,
    pub length_km: Real,
}

/// Two sites that want keys.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Demand {
    pub source: u32,
    pub target: u32,
    /// Of each key.
    pub bits: Real,
    /// Mean time between keys.
    pub every_s: Real,
    /// At random times (Poisson) instead of by the clock.
    pub random: bool,
    /// Share of a store's capacity that is left to others.
    pub reserve: Real,
    /// How long a key that cannot be had at once is waited for.
    pub patience_s: Real,
    /// Node-disjoint paths that each carry a share.
    pub paths: u32,
    /// Further sets of paths, tried in order when the first lacks key.
    pub alternatives: u32,
}

/// Something out of order for a while.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    /// A link that makes no key, or a node that relays none.
    pub link: Option<u32>,
    pub node: Option<u32>,
    pub from_s: Real,
    pub to_s: Real,
}

/// The network and its day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyNetworkDocument {
    pub nodes: u32,
    pub links: Vec<KeyLink>,
    pub demands: Vec<Demand>,
    pub failures: Vec<Failure>,
    /// Links fail at random after this long on average, and are repaired after that; infinite: never.
    pub mean_time_to_failure_s: Real,
    pub mean_time_to_repair_s: Real,
    pub horizon_s: Real,
}

/// Longest run: 100 years; times are nanoseconds in 64 bits.
const LONGEST_S: f64 = 3.2e9;

impl Check for KeyNetworkDocument {
    const NAME: &'static str = "KeyNetwork";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        let node = |name: String, value: u32| {
            if value < self.nodes {
                return Ok(());
            }
            Err(at.error(&name, format!("a node in [0, {})", self.nodes), value, ""))
        };
        for (k, link) in self.links.iter().enumerate() {
            node(format!("links[{k}].a"), link.a)?;
            node(format!("links[{k}].b"), link.b)?;
            if link.a == link.b {
                return Err(at.error(&format!("links[{k}]"), "between two nodes", format!("{} twice", link.a), ""));
            }
            at.real(&format!("links[{k}].bits_per_s"), link.bits_per_s, Range::NonNegative, "secret bits per second")?;
            at.real(&format!("links[{k}].capacity_bits"), link.capacity_bits, Range::NonNegative, "of the key store")?;
            at.real(&format!("links[{k}].initial_bits"), link.initial_bits, Range::NonNegative, "in the store at the start")?;
            at.real(&format!("links[{k}].length_km"), link.length_km, Range::NonNegative, "for the choice of paths")?;
        }
        for (k, demand) in self.demands.iter().enumerate() {
            let name = |field: &str| format!("demands[{k}].{field}");
            node(name("source"), demand.source)?;
            node(name("target"), demand.target)?;
            if demand.source == demand.target {
                return Err(at.error(&format!("demands[{k}]"), "between two sites", format!("{} twice", demand.source), ""));
            }
            at.real(&name("bits"), demand.bits, Range::Positive, "of each key")?;
            at.real(&name("every_s"), demand.every_s, Range::Between(1e-6, LONGEST_S), "mean time between keys")?;
            at.real(&name("reserve"), demand.reserve, Range::Between(0.0, 1.0), "share of each store that is left to others")?;
            at.real(&name("patience_s"), demand.patience_s, Range::Between(0.0, LONGEST_S), "how long a key is waited for")?;
            if !(1..=16).contains(&demand.paths) {
                return Err(at.error(&name("paths"), "in [1, 16]", demand.paths, "node-disjoint, each with a share of the key"));
            }
            if demand.alternatives > 16 {
                return Err(at.error(&name("alternatives"), "in [0, 16]", demand.alternatives, ""));
            }
        }
        for (k, failure) in self.failures.iter().enumerate() {
            if failure.link.is_none() == failure.node.is_none() {
                let value = if failure.link.is_none() { "neither" } else { "both" };
                return Err(at.error(&format!("failures[{k}]"), "of a link, or of a node", value, ""));
            }
            if failure.link.is_some_and(|l| l as usize >= self.links.len()) {
                let range = format!("a link in [0, {})", self.links.len());
                return Err(at.error(&format!("failures[{k}].link"), range, failure.link.unwrap_or(0), ""));
            }
            if let Some(n) = failure.node {
                node(format!("failures[{k}].node"), n)?;
            }
            at.real(&format!("failures[{k}].from_s"), failure.from_s, Range::Between(0.0, LONGEST_S), "")?;
            let range = Range::Between(failure.from_s.0, LONGEST_S);
            at.real(&format!("failures[{k}].to_s"), failure.to_s, range, "not before it began")?;
        }
        at.real("mean_time_to_failure_s", self.mean_time_to_failure_s, Range::PositiveOrInfinite, "inf: links never fail")?;
        at.real("mean_time_to_repair_s", self.mean_time_to_repair_s, Range::NonNegative, "of a failed link")?;
        at.real("horizon_s", self.horizon_s, Range::Between(0.0, LONGEST_S), "simulated time")
    }
}
