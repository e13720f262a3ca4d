//! A chain of processors: one communication qubit and storage qubits per node, one link at a time.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::chain::MAX_SEGMENTS;
use crate::check::{At, Check, Range};
use crate::device::Memory;
use crate::error::{Kind, SpecError};
use crate::link::{LinkModel, check_weights};
use crate::real::Real;

/// Links in a row between nodes that attempt with one neighbour at a time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProcessorChain {
    pub links: Vec<LinkModel>,
    /// How the communication qubit decays.
    pub communication: Memory,
    /// How a storage qubit decays.
    pub storage: Memory,
    /// Probability that an attempt of its node dephases a stored qubit.
    #[serde(default)]
    pub attempt_dephasing: Real,
    /// Storage holds qubits behind a Hadamard gate: its dephasing flips their bits.
    #[serde(default)]
    pub storage_rotated: bool,
    /// Bell weights that are left of Phi+ when one half is moved into storage.
    #[serde(default = "phi_plus")]
    pub store: [Real; 4],
    #[serde(default)]
    pub store_time_s: Real,
    /// Bell weights of the swap of two perfect pairs, one half in storage.
    #[serde(default = "phi_plus")]
    pub swap: [Real; 4],
    #[serde(default)]
    pub swap_time_s: Real,
    #[serde(default)]
    pub classical_delay: bool,
}

fn phi_plus() -> [Real; 4] {
    [Real(1.0), Real(0.0), Real(0.0), Real(0.0)]
}

impl Check for ProcessorChain {
    const NAME: &'static str = "ProcessorChain";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        if self.links.is_empty() {
            return Err(at.error("links", "at least one link model", "none", "a chain of n segments has n links"));
        }
        if self.links.len() > MAX_SEGMENTS {
            let range = format!("at most {MAX_SEGMENTS} links");
            let value = self.links.len().to_string();
            return Err(SpecError::new(Kind::TooLarge, (at.0)(), "links", range, value, "solve a part of it"));
        }
        for (k, link) in self.links.iter().enumerate() {
            at.within(&format!("links[{k}]"), |at| link.check(at))?;
        }
        for (name, memory) in [("communication", &self.communication), ("storage", &self.storage)] {
            at.within(name, |at| memory.check(at))?;
            if memory.t1_s.is_some() {
                let hint = "waits are summed up as Pauli noise, which relaxation is not; give t2_s or depolarizing_time_s";
                return Err(at.error(&format!("{name}.t1_s"), "None", Real(memory.t1()), hint));
            }
        }
        let hint = "1/2 leaves nothing of the phase";
        at.real("attempt_dephasing", self.attempt_dephasing, Range::Between(0.0, 0.5), hint)?;
        check_weights(at, "store", &self.store)?;
        check_weights(at, "swap", &self.swap)?;
        at.real("store_time_s", self.store_time_s, Range::NonNegative, "seconds of moving a qubit into storage")?;
        at.real("swap_time_s", self.swap_time_s, Range::NonNegative, "seconds from start to outcome")
    }
}
