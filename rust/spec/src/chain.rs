//! A repeater chain by itself: links in a row, equal memories and swaps, one schedule.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::{At, Check};
use crate::device::{Memory, Swap};
use crate::error::{Kind, SpecError};
use crate::link::LinkModel;
use crate::request::{Nested, Schedule};

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
}

/// Far above any chain, far below what indices hold.
pub const MAX_SEGMENTS: usize = 1 << 24;

impl RepeaterChain {
    fn check_nested(&self, at: &At<'_>, nested: &Nested) -> Result<(), SpecError> {
        let n = self.links.len();
        if !n.is_power_of_two() {
            let hint = "nested doubling joins halves; SwapAsap takes any number";
            return Err(at.error("links", "2^k links for Nested", n, hint));
        }
        let levels = n.ilog2() as usize;
        for (name, len) in [("cutoffs_s", nested.cutoffs_s.len()), ("distill", nested.distill.len())] {
            if len != 0 && len != levels {
                let range = format!("empty or of length {levels}, one entry per level");
                return Err(at.error(
                    &format!("schedule.{name}"),
                    range,
                    format!("{len} entries"),
                    "index 0 is the lowest level",
                ));
            }
        }
        if self.end_memory == EndMemory::Measured && nested.distill.iter().any(|r| *r > 0) {
            let hint = "a measured qubit cannot be distilled";
            return Err(at.error("end_memory", "'store' with distillation", "'measured'", hint));
        }
        let copies = nested.distill.first().map_or(0, |r| *r).clamp(0, 62);
        if 1i64 << copies > self.memory.slots.max(1) && copies > 0 {
            let range = format!(">= {} for distill {:?}", 1i64 << copies, nested.distill);
            return Err(at.error("memory.slots", range, self.memory.slots, "2^r copies of a pair need that many slots"));
        }
        Ok(())
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
        match &self.schedule {
            Schedule::Nested(nested) => self.check_nested(at, nested),
            Schedule::SwapAsap(_) => Ok(()),
        }
    }
}
