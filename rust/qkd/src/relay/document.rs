//! A network of keys as it crosses the boundary.

use ebit_spec::check::{At, Check, Range};
use ebit_spec::error::Kind;
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
    pub outages: Vec<Failure>,
    /// Links fail at random after this long on average, and are repaired after that; infinite: never.
    pub mean_time_to_failure_s: Real,
    pub mean_time_to_repair_s: Real,
    pub until_s: Real,
}

/// Longest run: 100 years; times are nanoseconds in 64 bits.
const LONGEST_S: f64 = 3.2e9;

/// Keys that a run may deliver, by their mean: a column of 24 bytes each.
const MOST_KEYS: f64 = 1e8;

/// Random failures of a run, by their mean: each is held, in 24 bytes.
const MOST_FAILURES: f64 = 1e7;

impl Check for Demand {
    const NAME: &'static str = "KeyDemand";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        if self.source == self.target {
            return Err(at.error("target", "another site than the source", self.target, "a key is between two sites"));
        }
        at.real("bits", self.bits, Range::Positive, "of each key")?;
        at.real("every_s", self.every_s, Range::Between(1e-6, LONGEST_S), "mean time between keys")?;
        at.real("reserve", self.reserve, Range::Between(0.0, 1.0), "share of each store that is left to others")?;
        at.real("patience_s", self.patience_s, Range::Between(0.0, LONGEST_S), "how long a key is waited for")?;
        if !(1..=16).contains(&self.paths) {
            return Err(at.error("paths", "in [1, 16]", self.paths, "node-disjoint, each with a share of the key"));
        }
        if self.alternatives > 16 {
            return Err(at.error("alternatives", "in [0, 16]", self.alternatives, ""));
        }
        Ok(())
    }
}

impl Check for Failure {
    const NAME: &'static str = "Outage";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        if self.link.is_none() == self.node.is_none() {
            let value = if self.link.is_none() { "neither" } else { "both" };
            return Err(at.error("link or node", "given, one of the two: an outage is of a link, or of a node", value, ""));
        }
        at.real("from_s", self.from_s, Range::Between(0.0, LONGEST_S), "")?;
        at.real("to_s", self.to_s, Range::Between(self.from_s.0, LONGEST_S), "not before it began")
    }
}

impl Check for KeyNetworkDocument {
    const NAME: &'static str = "KeyNetwork.simulate";
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
            node(format!("demands[{k}].source"), demand.source)?;
            node(format!("demands[{k}].target"), demand.target)?;
            at.within(&format!("demands[{k}]"), |at| demand.check(at))?;
        }
        for (k, outage) in self.outages.iter().enumerate() {
            if outage.link.is_some_and(|l| l as usize >= self.links.len()) {
                let range = format!("a link in [0, {})", self.links.len());
                return Err(at.error(&format!("outages[{k}].link"), range, outage.link.unwrap_or(0), ""));
            }
            if let Some(n) = outage.node {
                node(format!("outages[{k}].node"), n)?;
            }
            at.within(&format!("outages[{k}]"), |at| outage.check(at))?;
        }
        let (work, repair) = (self.mean_time_to_failure_s, self.mean_time_to_repair_s);
        // NaN is none.
        if work.0.is_nan() || work.0 <= 0.0 {
            return Err(at.error("mean_time_to_failure_s", "> 0", work, "math.inf: links never fail"));
        }
        at.real("mean_time_to_repair_s", repair, Range::NonNegative, "of a failed link")?;
        at.real("until_s", self.until_s, Range::Between(0.0, LONGEST_S), "simulated time")?;
        let keys: f64 = self.demands.iter().map(|d| self.until_s.0 / d.every_s.0).sum();
        if keys > MOST_KEYS {
            return Err(at.error("demands", "fewer than 100000000 keys in all", format!("{keys:.3e}"), "ask less often"));
        }
        let failures = if repair.0 > 0.0 { self.links.len() as f64 * self.until_s.0 / (work.0 + repair.0) } else { 0.0 };
        if failures <= MOST_FAILURES {
            return Ok(());
        }
        let object = (at.0)();
        let range = format!("long enough for at most {MOST_FAILURES:e} failures of all links");
        let value = format!("{work}: {failures:.3e} of them");
        let hint = "links that fail so often make bits_per_s x mean_time_to_failure_s / (both mean times) on average";
        Err(SpecError::new(Kind::TooLarge, object, "mean_time_to_failure_s", range, value, hint))
    }
}
