//! When a repeater swaps: schedules are data that chains solve and networks execute.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::{At, Check, Range};
use crate::error::{Kind, SpecError};
use crate::real::Real;
use crate::tree::{self, MAX_DEPTH, PerSwap, SwapRow, SwapTree};

/// Whose time the cut-off of swap-asap limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub enum CutoffOn {
    /// The oldest elementary pair of a segment.
    #[default]
    #[serde(rename = "segment")]
    Segment,
    /// Each memory that holds an end of it.
    #[serde(rename = "memory")]
    Memory,
}

/// How many pairs a link of a chain makes and holds at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub enum SlotsUsed {
    #[default]
    #[serde(rename = "one")]
    One,
    /// As many as a link end has slots.
    #[serde(rename = "all")]
    All,
}

/// Swap as soon as both neighbours are there.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SwapAsap {
    /// A segment unswapped at this age is dropped; absent: never.
    #[serde(default)]
    pub cutoff_s: Option<Real>,
    #[serde(default)]
    pub cutoff_on: CutoffOn,
    /// Of a chain, which starts each pair from empty memories; other requests use all slots.
    #[serde(default)]
    pub slots_used: SlotsUsed,
}

impl Check for SwapAsap {
    const NAME: &'static str = "SwapAsap";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        self.cutoff_s.map_or(Ok(()), |c| at.real("cutoff_s", c, Range::Positive, "None for no cut-off"))
    }
}

/// Two-to-one distillation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub enum DistillProtocol {
    /// Deutsch et al. 1996; never twirls.
    #[default]
    #[serde(rename = "dejmps")]
    Dejmps,
    /// Bennett et al. 1996; first twirls both inputs to Werner.
    #[serde(rename = "bbpssw")]
    Bbpssw,
}

/// Which two pairs a round of distillation takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub enum DistillScheme {
    /// Two equal ones: r rounds make one of 2^r copies, all begun together.
    #[default]
    #[serde(rename = "recurrence")]
    Recurrence,
    /// The stored one, and a fresh one begun when that is there (Briegel et al. 1998).
    #[serde(rename = "pumping")]
    Pumping,
}

impl DistillScheme {
    /// What its rounds take, in words.
    pub fn takes(self) -> &'static str {
        match self {
            Self::Recurrence => "2^r copies of a pair need that many slots",
            Self::Pumping => "pumping holds a stored pair and makes a fresh one",
        }
    }
}

/// The most rounds of distillation before one swap: 2^30 copies are beyond any memory, and pumping has long ceased to gain.
pub const MAX_ROUNDS: i64 = 30;

/// Swap the halves of 2^k links when both are there, from the smallest up.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Nested {
    /// Before it swaps, a node asks both far ends and waits for their answers.
    #[serde(default)]
    pub handshake: bool,
    /// Per level, the lowest first: seconds that one half waits for the other at most; empty: for ever.
    #[serde(default)]
    pub cutoffs_s: Vec<Real>,
    /// Per level, the lowest first: rounds of distillation before its swap; empty: none.
    #[serde(default)]
    pub distill: Vec<i64>,
    #[serde(default)]
    pub protocol: DistillProtocol,
    #[serde(default)]
    pub scheme: DistillScheme,
}

impl Check for Nested {
    const NAME: &'static str = "Nested";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        check_values(at, (0u32..).zip(&self.cutoffs_s), (0u32..).zip(&self.distill), self.scheme)
    }
}

fn check_values<'a>(
    at: &At<'_>,
    cutoffs_s: impl Iterator<Item = (u32, &'a Real)>,
    distill: impl Iterator<Item = (u32, &'a i64)>,
    scheme: DistillScheme,
) -> Result<(), SpecError> {
    for (k, cutoff) in cutoffs_s {
        at.real(&format!("cutoffs_s[{k}]"), *cutoff, Range::PositiveOrInfinite, "math.inf for no cut-off at that level")?;
    }
    for (k, rounds) in distill {
        if !(0..=MAX_ROUNDS).contains(rounds) {
            let range = format!("an integer in [0, {MAX_ROUNDS}]");
            let hint = match scheme {
                DistillScheme::Recurrence => "r rounds take 2^r copies of the pair",
                DistillScheme::Pumping => "r rounds in a row take r fresh pairs, and gain less and less",
            };
            return Err(at.error(&format!("distill[{k}]"), range, rounds, hint));
        }
    }
    Ok(())
}

/// Whether there is one value per level, or each node given has a swap.
fn check_places<T>(at: &At<'_>, name: &str, values: &PerSwap<T>, links: usize, levels: usize) -> Result<(), SpecError> {
    match values {
        PerSwap::Levels(values) => check_levels(at, name, values.len(), levels),
        PerSwap::Nodes(values) => match values.keys().find(|k| !(1..links as u32).contains(*k)) {
            None => Ok(()),
            Some(node) if links < 2 => Err(at.error(name, "empty: one link has no swap", format!("node {node}"), "")),
            Some(node) => {
                let range = format!("a table of nodes 1 to {}", links - 1);
                Err(at.error(name, range, format!("node {node}"), "a swap is named by its node; link k joins nodes k and k + 1"))
            }
        },
    }
}

fn check_levels(at: &At<'_>, name: &str, len: usize, levels: usize) -> Result<(), SpecError> {
    if len == 0 || len == levels {
        return Ok(());
    }
    let range = format!("empty or of length {levels}, one entry per level");
    Err(at.error(name, range, format!("{len} entries"), "index 0 is the lowest level"))
}

/// When the right half of a swap begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub enum Start {
    /// With the left one.
    #[default]
    #[serde(rename = "all-at-once")]
    AllAtOnce,
    /// When the left one is there.
    #[serde(rename = "one-after-another")]
    OneAfterAnother,
}

/// Swap link after link from the left: (((0, 1), 2), 3) and so on.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sequential {
    /// Per level, which is node 1, 2, ..., or by node: seconds that one half waits for the other at most; empty: for ever.
    #[serde(default)]
    pub cutoffs_s: PerSwap<Real>,
    /// Per level or by node: rounds of distillation of each half before the swap; empty: none.
    #[serde(default)]
    pub distill: PerSwap<i64>,
    #[serde(default)]
    pub protocol: DistillProtocol,
    #[serde(default)]
    pub start: Start,
    #[serde(default)]
    pub scheme: DistillScheme,
}

impl Check for Sequential {
    const NAME: &'static str = "Sequential";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        check_values(at, self.cutoffs_s.values(), self.distill.values(), self.scheme)
    }
}

/// Swap in the order of a binary tree: two halves are joined when both are there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tree {
    pub tree: SwapTree,
    /// Per level, the lowest first, or by node: seconds that one half waits for the other at most; empty: for ever.
    #[serde(default)]
    pub cutoffs_s: PerSwap<Real>,
    /// Per level or by node: rounds of distillation of each half before the swap; empty: none.
    #[serde(default)]
    pub distill: PerSwap<i64>,
    #[serde(default)]
    pub protocol: DistillProtocol,
    #[serde(default)]
    pub start: Start,
    #[serde(default)]
    pub scheme: DistillScheme,
}

impl Check for Tree {
    const NAME: &'static str = "Tree";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        if let Some((link, wanted)) = self.tree.misplaced() {
            let value = format!("link {link} where link {wanted} belongs");
            return Err(at.error("tree", "links 0, 1, 2, ... in order", value, "each link once, from left to right"));
        }
        let (links, levels) = (self.tree.links(), self.tree.rows().last().map_or(0, |top| top.level as usize + 1));
        if levels > MAX_DEPTH {
            let hint = "Sequential() has any number of levels";
            let range = format!("at most {MAX_DEPTH} levels");
            return Err(SpecError::new(Kind::TooLarge, (at.0)(), "tree", range, format!("{levels} levels"), hint));
        }
        check_values(at, self.cutoffs_s.values(), self.distill.values(), self.scheme)?;
        check_places(at, "cutoffs_s", &self.cutoffs_s, links, levels)?;
        check_places(at, "distill", &self.distill, links, levels)
    }
}

/// A schedule is data: `chain` solves it, `network` executes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub enum Schedule {
    SwapAsap(SwapAsap),
    Nested(Nested),
    Sequential(Sequential),
    Tree(Tree),
}

/// What a tree of swaps does at each of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Swaps {
    /// Each after those of its halves.
    pub rows: Vec<SwapRow>,
    /// Seconds; infinite for none.
    pub cutoffs_s: Vec<f64>,
    pub distill: Vec<u32>,
    pub protocol: DistillProtocol,
    pub scheme: DistillScheme,
    pub start: Start,
}

/// What a swap joins: the pair of another swap, by its row, or that of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Half {
    Swap(usize),
    Link(u32),
}

impl Swaps {
    /// The left and the right half of each row.
    pub fn halves(&self) -> Vec<[Half; 2]> {
        let mut waiting: Vec<usize> = Vec::new();
        let mut out = Vec::with_capacity(self.rows.len());
        for (k, row) in self.rows.iter().enumerate() {
            let mut half = |from: u32, to: u32| {
                if to - from == 1 { Half::Link(from) } else { waiting.pop().map_or(Half::Link(from), Half::Swap) }
            };
            let right = half(row.at, row.to);
            let left = half(row.from, row.at);
            out.push([left, right]);
            waiting.push(k);
        }
        out
    }

    /// Slots per link end that the halves of this row take to be distilled.
    pub fn slots(&self, row: usize) -> i64 {
        match (self.scheme, self.distill[row]) {
            (DistillScheme::Pumping, 1..) => 2,
            (_, rounds) => 1i64 << rounds,
        }
    }

    /// What the whole tree makes: its last swap, or the one link.
    pub fn top(&self) -> Half {
        self.rows.len().checked_sub(1).map_or(Half::Link(0), Half::Swap)
    }
}

impl Schedule {
    /// Whether the schedule can be carried out on a route of so many links.
    ///
    /// # Errors
    /// A tree over another number of links; values for another number of levels.
    pub fn check_links(&self, at: &At<'_>, links: usize) -> Result<(), SpecError> {
        let levels = links.saturating_sub(1);
        match self {
            Self::SwapAsap(_) => Ok(()),
            Self::Nested(_) if !links.is_power_of_two() => {
                let hint = "nested doubling joins halves; SwapAsap and Sequential take any number";
                Err(at.error("links", "2^k links for Nested", links, hint))
            }
            Self::Nested(nested) => {
                let levels = links.ilog2() as usize;
                check_levels(at, "schedule.cutoffs_s", nested.cutoffs_s.len(), levels)?;
                check_levels(at, "schedule.distill", nested.distill.len(), levels)
            }
            Self::Sequential(sequential) => {
                check_places(at, "schedule.cutoffs_s", &sequential.cutoffs_s, links, levels)?;
                check_places(at, "schedule.distill", &sequential.distill, links, levels)
            }
            Self::Tree(tree) if tree.tree.links() != links => {
                let range = format!("{} links, as the tree has", tree.tree.links());
                Err(at.error("links", range, links, "each link is a leaf of the tree"))
            }
            Self::Tree(_) => Ok(()),
        }
    }

    /// The tree of swaps over links that the schedule fits; None for swap-asap, which has none.
    pub fn swaps(&self, links: usize) -> Option<Swaps> {
        let count = links as u32;
        let (rows, cutoffs_s, distill, protocol, scheme, start) = match self {
            Self::SwapAsap(_) => return None,
            Self::Nested(nested) => {
                let levels = (PerSwap::Levels(nested.cutoffs_s.clone()), PerSwap::Levels(nested.distill.clone()));
                (tree::doubling(count), levels.0, levels.1, nested.protocol, nested.scheme, Start::AllAtOnce)
            }
            Self::Sequential(s) => {
                (tree::sequential(count), s.cutoffs_s.clone(), s.distill.clone(), s.protocol, s.scheme, s.start)
            }
            Self::Tree(t) => (t.tree.rows(), t.cutoffs_s.clone(), t.distill.clone(), t.protocol, t.scheme, t.start),
        };
        let cutoffs_s = rows.iter().map(|row| cutoffs_s.get(row).map_or(f64::INFINITY, |c| c.0)).collect();
        let distill = rows.iter().map(|row| distill.get(row).map_or(0, |r| u32::try_from(*r).unwrap_or(0))).collect();
        Some(Swaps { rows, cutoffs_s, distill, protocol, scheme, start })
    }

    /// Whether pairs are distilled before any swap.
    pub fn distils(&self) -> bool {
        match self {
            Self::SwapAsap(_) => false,
            Self::Nested(nested) => nested.distill.iter().any(|r| *r > 0),
            Self::Sequential(sequential) => sequential.distill.values().any(|(_, r)| *r > 0),
            Self::Tree(tree) => tree.distill.values().any(|(_, r)| *r > 0),
        }
    }

    /// Whether the cut-off limits the time of each memory.
    pub fn cutoff_on_memory(&self) -> bool {
        matches!(self, Self::SwapAsap(asap) if asap.cutoff_on == CutoffOn::Memory)
    }

    /// Whether a chain uses all slots of its link ends.
    pub fn all_slots(&self) -> bool {
        matches!(self, Self::SwapAsap(asap) if asap.slots_used == SlotsUsed::All)
    }

    /// Whether a node asks both far ends before it swaps.
    pub fn handshake(&self) -> bool {
        matches!(self, Self::Nested(nested) if nested.handshake)
    }
}

impl Default for Schedule {
    fn default() -> Self {
        Self::SwapAsap(SwapAsap::default())
    }
}

impl Check for Schedule {
    const NAME: &'static str = "Schedule";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        match self {
            Self::SwapAsap(asap) => asap.check(at),
            Self::Nested(nested) => nested.check(at),
            Self::Sequential(sequential) => sequential.check(at),
            Self::Tree(tree) => tree.check(at),
        }
    }
}
