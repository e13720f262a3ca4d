//! What is asked of a network: requests, and how to run them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::chain::EndMemory;
use crate::check::{At, Check, Range};
use crate::encoding::Encoding;
use crate::error::{Kind, SpecError};
use crate::network::NetworkDoc;
use crate::parse::suggestion;
use crate::real::Real;
use crate::schedule::Schedule;

/// Entangled pairs wanted between two nodes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Request {
    pub source: String,
    pub target: String,
    /// Pairs per replica; absent: as many as come until `until_s`.
    #[serde(default)]
    pub pairs: Option<i64>,
    /// Node names from source to target; absent: the shortest path.
    #[serde(default)]
    pub route: Option<Vec<String>>,
    #[serde(default)]
    pub start_s: Real,
    /// Start every pair from empty memories, as a repeater chain does.
    #[serde(default)]
    pub restart: bool,
    /// Knowledge travels at the speed of light; absent: true, but false with `restart`.
    #[serde(default)]
    pub classical_delay: Option<bool>,
    #[serde(default)]
    pub schedule: Schedule,
    /// Of the ends of a chain, which `restart` makes: whether they age until delivery.
    #[serde(default)]
    pub end_memory: EndMemory,
    /// Of a chain, too: each pair between stations is one of encoded qubits.
    #[serde(default)]
    pub encoding: Option<Encoding>,
}

impl Request {
    pub fn classical_delay(&self) -> bool {
        self.classical_delay.unwrap_or(!self.restart)
    }
    pub fn cutoff_s(&self) -> Option<f64> {
        match &self.schedule {
            Schedule::SwapAsap(asap) => asap.cutoff_s.map(|c| c.0),
            Schedule::Nested(_) | Schedule::Sequential(_) | Schedule::Tree(_) => None,
        }
    }
}

impl Check for Request {
    const NAME: &'static str = "Request";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        if self.source == self.target {
            return Err(at.error("target", "another node than source", format!("'{}'", self.target), "a pair has two ends"));
        }
        if let Some(pairs) = self.pairs.filter(|p| *p < 1) {
            return Err(at.error("pairs", "an integer >= 1", pairs, "pairs to deliver in each replica"));
        }
        if let Some(route) = &self.route {
            let ends = (route.first(), route.last());
            if ends != (Some(&self.source), Some(&self.target)) {
                let range = format!("a path from '{}' to '{}'", self.source, self.target);
                return Err(at.error("route", range, format!("{route:?}"), "node names, both ends included"));
            }
        }
        at.real("start_s", self.start_s, Range::NonNegative, "seconds from the start of the run")?;
        if self.end_memory == EndMemory::Measured {
            if !self.restart {
                let hint = "restart=True starts each pair from empty memories";
                return Err(at.error("end_memory", "'store' without restart", "'measured'", hint));
            }
            if self.schedule.distils() {
                let hint = "a measured qubit cannot be distilled";
                return Err(at.error("end_memory", "'store' with distillation", "'measured'", hint));
            }
        }
        at.within("schedule", |at| self.schedule.check(at))?;
        let Some(encoding) = &self.encoding else { return Ok(()) };
        if !self.restart {
            let hint = "restart=True starts each pair from empty memories";
            return Err(at.error("encoding", "None without restart", "an Encoding", hint));
        }
        at.within("encoding", |at| encoding.check(at))?;
        encoding.check_schedule(at, &self.schedule)
    }
}

/// How failures are simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub enum Method {
    /// The cheapest that is exact for the question: today, `skip`.
    #[default]
    #[serde(rename = "auto")]
    Auto,
    /// The number of failed attempts is drawn at once; only the success is an event.
    #[serde(rename = "skip")]
    Skip,
    /// One Bernoulli event per attempt: the oracle.
    #[serde(rename = "per-attempt")]
    PerAttempt,
}

/// How the state of a pair is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub enum Formalism {
    /// Bell-diagonal where that is exact, else the density matrix.
    #[default]
    #[serde(rename = "auto")]
    Auto,
    #[serde(rename = "bell-diagonal")]
    BellDiagonal,
    #[serde(rename = "density-matrix")]
    DensityMatrix,
}

/// Which request gets a fresh pair of a shared link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub enum Assign {
    /// The oldest unfinished request; equally old ones take turns, the one with fewest pairs first.
    #[default]
    #[serde(rename = "oldest")]
    Oldest,
    /// The unfinished request with fewest pairs, whatever its age.
    #[serde(rename = "fewest-pairs")]
    FewestPairs,
}

/// Which waiting pair is swapped first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub enum Match {
    #[default]
    #[serde(rename = "oldest")]
    Oldest,
    /// The one that spans most links; among equals the oldest. (Taking the newest would let pairs over overlapping
    /// stretches of a route fill the memories for ever.)
    #[serde(rename = "longest")]
    Longest,
}

/// How to run: seeds, replicas, horizon, options.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RunOptions {
    /// The 128-bit root, in decimal.
    pub seed: String,
    #[serde(default = "one_replica")]
    pub replicas: i64,
    /// Index of the first replica: a run can be split over machines without changing a bit.
    #[serde(default)]
    pub first_replica: i64,
    #[serde(default)]
    pub until_s: Option<Real>,
    #[serde(default)]
    pub method: Method,
    #[serde(default)]
    pub formalism: Formalism,
    #[serde(default)]
    pub assign: Assign,
    #[serde(default, rename = "match")]
    pub matching: Match,
    /// Record every event of every replica.
    #[serde(default)]
    pub trace: bool,
}

fn one_replica() -> i64 {
    1
}

/// Enough for any study, and far below where a replica index would meet another stream.
pub const MAX_REPLICAS: i64 = 1 << 32;

impl RunOptions {
    /// The root of all random streams.
    ///
    /// # Errors
    /// Not an integer in [0, 2^128).
    pub fn root(&self) -> Result<u128, SpecError> {
        self.seed.parse().map_err(|_| {
            let hint = "an int, a SeedSequence, a Generator or None";
            SpecError::new(Kind::Range, "simulate", "rng", "an integer in [0, 2^128)", self.seed.clone(), hint)
        })
    }
}

impl Check for RunOptions {
    const NAME: &'static str = "simulate";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        self.root()?;
        if !(1..=MAX_REPLICAS).contains(&self.replicas) {
            return Err(at.error(
                "replicas",
                format!("an integer in [1, {MAX_REPLICAS}]"),
                self.replicas,
                "independent repetitions",
            ));
        }
        if !(0..=MAX_REPLICAS).contains(&self.first_replica) {
            let range = format!("an integer in [0, {MAX_REPLICAS}]");
            return Err(at.error("first_replica", range, self.first_replica, "index of the first replica"));
        }
        self.until_s.map_or(Ok(()), |t| at.real("until_s", t, Range::Positive, "None to run until all pairs are there"))
    }
}

/// Everything `simulate` needs, in one document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RunDoc {
    pub network: NetworkDoc,
    pub requests: Vec<Request>,
    pub options: RunOptions,
}

impl Check for RunDoc {
    const NAME: &'static str = "simulate";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        self.network.check(&At(&|| "Network".to_owned()))?;
        self.options.check(at)?;
        if self.requests.is_empty() {
            return Err(at.error("requests", "at least one Request", "none", "ask for pairs between two nodes"));
        }
        for (k, request) in self.requests.iter().enumerate() {
            let place = || request_label(k, request);
            let at = At(&place);
            request.check(&at)?;
            if request.pairs.is_none() && self.options.until_s.is_none() {
                return Err(at.error("pairs", "given when until_s is not", "None", "a run needs an end"));
            }
        }
        Ok(())
    }
}

/// `requests[0] 'Delft'-'Gouda'`.
pub fn request_label(index: usize, request: &Request) -> String {
    format!("requests[{index}] '{}-{}'", request.source, request.target)
}

/// A known name near the given one, for hints written outside this crate.
pub fn near(got: &str, known: &[String]) -> String {
    suggestion(got, known)
}
