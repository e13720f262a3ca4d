//! A repeater chain by itself: links in a row, equal memories and swaps, one schedule.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::{At, Check};
use crate::device::{Memory, Swap};
use crate::encoding::Encoding;
use crate::error::{Kind, SpecError};
use crate::link::LinkModel;
use crate::schedule::Schedule;

/// What happens to the end qubits between their herald and delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub enum EndMemory {
    /// They age until delivery.
    #[default]
    #[serde(rename = "store")]
    Store,
    /// Each is measured at its own herald and ages no further.
    #[serde(rename = "measured")]
    Measured,
}

/// Links in a row; memory and swap are the same at every node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RepeaterChain {
    pub links: Vec<LinkModel>,
    pub memory: Memory,
    #[serde(default = "Swap::perfect")]
    pub swap: Swap,
    #[serde(default)]
    pub schedule: Schedule,
    #[serde(default)]
    pub end_memory: EndMemory,
    #[serde(default)]
    pub classical_delay: bool,
    /// Each pair between stations is one of encoded qubits, made of as many physical pairs as the block has qubits.
    #[serde(default)]
    pub encoding: Option<Encoding>,
}

/// Far above any chain, far below what indices hold.
pub const MAX_SEGMENTS: usize = 1 << 24;

impl RepeaterChain {
    fn check_tree(&self, at: &At<'_>) -> Result<(), SpecError> {
        let Some(swaps) = self.schedule.swaps(self.links.len()) else { return Ok(()) };
        let Some((row, rounds)) = swaps.distill.iter().enumerate().max_by_key(|(_, r)| **r).filter(|(_, r)| **r > 0) else {
            return Ok(());
        };
        if self.end_memory == EndMemory::Measured {
            let hint = "a measured qubit cannot be distilled";
            return Err(at.error("end_memory", "'store' with distillation", "'measured'", hint));
        }
        let slots = swaps.slots(row);
        if slots > self.memory.slots {
            let range = format!(">= {slots} for {rounds} rounds of distillation at node {}", swaps.rows[row].at);
            return Err(at.error("memory.slots", range, self.memory.slots, swaps.scheme.takes()));
        }
        Ok(())
    }
}

impl RepeaterChain {
    fn check_encoding(&self, at: &At<'_>, encoding: &Encoding) -> Result<(), SpecError> {
        at.within("encoding", |at| encoding.check(at))?;
        encoding.check_schedule(at, &self.schedule)?;
        encoding.check_memory(at, &self.memory)?;
        encoding.check_swap(at, &self.swap)
    }
}

impl Check for RepeaterChain {
    const NAME: &'static str = "RepeaterChain";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        if self.links.is_empty() {
            return Err(at.error("links", "at least one link model", "none", "a chain of n segments has n links"));
        }
        if self.links.len() > MAX_SEGMENTS {
            let hint = "solve a part of it";
            let range = format!("at most {MAX_SEGMENTS} links");
            return Err(SpecError::new(Kind::TooLarge, (at.0)(), "links", range, self.links.len().to_string(), hint));
        }
        for (k, link) in self.links.iter().enumerate() {
            at.within(&format!("links[{k}]"), |at| link.check(at))?;
        }
        at.within("memory", |at| self.memory.check(at))?;
        at.within("swap", |at| self.swap.check(at))?;
        at.within("schedule", |at| self.schedule.check(at))?;
        self.schedule.check_links(at, self.links.len())?;
        self.check_tree(at)?;
        self.encoding.as_ref().map_or(Ok(()), |encoding| self.check_encoding(at, encoding))
    }
}
