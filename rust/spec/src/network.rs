//! A network as one document: a table of distinct devices, then columns that point into it.
//!
//! Columns, so that a million nodes cost no objects: row k of every `nodes` column is node k.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::channel::Channel;
use crate::check::{At, Check, Range};
use crate::device::{Memory, Swap};
use crate::error::{Kind, SpecError};
use crate::link::LinkModel;
use crate::parse::suggestion;
use crate::real::Real;

/// Distinct devices; columns hold indices into these lists.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Devices {
    pub memories: Vec<Memory>,
    pub swaps: Vec<Swap>,
    pub links: Vec<LinkModel>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NodeColumns {
    pub name: Vec<String>,
    pub memory: Vec<u32>,
    pub swap: Vec<u32>,
    pub readout_error: Vec<Real>,
    /// Empty, or one position per node (null: unknown).
    #[serde(default)]
    pub longitude_deg: Vec<Option<Real>>,
    #[serde(default)]
    pub latitude_deg: Vec<Option<Real>>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkColumns {
    pub a: Vec<u32>,
    pub b: Vec<u32>,
    pub model: Vec<u32>,
    /// Fibre length; replaces the length in a photonic model. Null: unknown (a `HeraldedLink`).
    pub length_km: Vec<Option<Real>>,
}

/// A network: devices, nodes, links.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NetworkDoc {
    /// Version of this format.
    pub format: u32,
    pub devices: Devices,
    pub nodes: NodeColumns,
    pub links: LinkColumns,
    /// Probability that a classical message never arrives.
    #[serde(default)]
    pub message_loss_probability: Real,
}

/// The format this build reads and writes.
pub const FORMAT: u32 = 1;

impl NetworkDoc {
    pub fn nodes_len(&self) -> usize {
        self.nodes.name.len()
    }
    pub fn links_len(&self) -> usize {
        self.links.a.len()
    }

    /// `links[3] 'Delft-Gouda'`.
    pub fn link_label(&self, link: usize) -> String {
        let name = |column: &[u32]| {
            column.get(link).and_then(|&n| self.nodes.name.get(n as usize)).map_or_else(|| "?".to_owned(), Clone::clone)
        };
        format!("links[{link}] '{}-{}'", name(&self.links.a), name(&self.links.b))
    }

    /// `nodes[2] 'Delft'`.
    pub fn node_label(&self, node: usize) -> String {
        format!("nodes[{node}] '{}'", self.nodes.name.get(node).map_or("?", String::as_str))
    }

    /// The model of one link on its own fibre.
    pub fn link_model(&self, link: usize) -> LinkModel {
        let template = &self.devices.links[self.links.model[link] as usize];
        self.links.length_km[link].map_or_else(|| template.clone(), |km| template.with_length_km(km.0))
    }

    pub fn memory(&self, node: u32) -> &Memory {
        &self.devices.memories[self.nodes.memory[node as usize] as usize]
    }
    pub fn swap(&self, node: u32) -> &Swap {
        &self.devices.swaps[self.nodes.swap[node as usize] as usize]
    }

    fn check_columns(&self) -> Result<(), SpecError> {
        let n = self.nodes_len();
        let optional = |len: usize| if len == 0 { n } else { len };
        for (column, len) in [
            ("memory", self.nodes.memory.len()),
            ("swap", self.nodes.swap.len()),
            ("readout_error", self.nodes.readout_error.len()),
            ("longitude_deg", optional(self.nodes.longitude_deg.len())),
            ("latitude_deg", optional(self.nodes.latitude_deg.len())),
        ] {
            same_length("nodes", column, len, n)?;
        }
        let m = self.links_len();
        for (column, len) in
            [("b", self.links.b.len()), ("model", self.links.model.len()), ("length_km", self.links.length_km.len())]
        {
            same_length("links", column, len, m)?;
        }
        for (object, column, indices, size) in [
            ("nodes", "memory", &self.nodes.memory, self.devices.memories.len()),
            ("nodes", "swap", &self.nodes.swap, self.devices.swaps.len()),
            ("links", "a", &self.links.a, n),
            ("links", "b", &self.links.b, n),
            ("links", "model", &self.links.model, self.devices.links.len()),
        ] {
            if let Some((row, index)) = indices.iter().enumerate().find(|(_, i)| **i as usize >= size) {
                let object = format!("{object}[{row}]");
                let hint = "an index into the table it points to";
                return Err(SpecError::new(Kind::Range, object, column, format!("an index < {size}"), index.to_string(), hint));
            }
        }
        Ok(())
    }

    fn check_nodes(&self) -> Result<(), SpecError> {
        let mut seen: HashMap<&str, usize> = HashMap::with_capacity(self.nodes_len());
        for (k, name) in self.nodes.name.iter().enumerate() {
            if let Some(first) = seen.insert(name, k) {
                let object = self.node_label(k);
                let hint = format!("nodes[{first}] has the same name");
                return Err(SpecError::new(Kind::Range, object, "name", "unique", format!("'{name}'"), hint));
            }
            let place = || self.node_label(k);
            let at = At(&place);
            if name.is_empty() {
                return Err(at.error("name", "at least one letter", "''", "requests and links name their nodes"));
            }
            at.real("readout_error", self.nodes.readout_error[k], Range::Between(0.0, 0.5), "probability of a wrong outcome")?;
            for (parameter, column, most) in
                [("longitude_deg", &self.nodes.longitude_deg, 180.0), ("latitude_deg", &self.nodes.latitude_deg, 90.0)]
            {
                if let Some(angle) = column.get(k).copied().flatten() {
                    at.real(parameter, angle, Range::Between(-most, most), "position is (longitude, latitude) in degrees")?;
                }
            }
        }
        for (k, memory) in self.devices.memories.iter().enumerate() {
            let user = self.nodes.memory.iter().position(|&m| m as usize == k);
            memory.check(&At(&|| user.map_or_else(|| format!("memories[{k}]"), |n| format!("{}.memory", self.node_label(n)))))?;
        }
        for (k, swap) in self.devices.swaps.iter().enumerate() {
            let user = self.nodes.swap.iter().position(|&s| s as usize == k);
            swap.check(&At(&|| user.map_or_else(|| format!("swaps[{k}]"), |n| format!("{}.swap", self.node_label(n)))))?;
        }
        Ok(())
    }

    fn check_links(&self) -> Result<(), SpecError> {
        let mut seen: HashMap<(u32, u32), usize> = HashMap::with_capacity(self.links_len());
        for k in 0..self.links_len() {
            let (a, b) = (self.links.a[k], self.links.b[k]);
            let name = &self.nodes.name[a as usize];
            if a == b {
                let object = self.link_label(k);
                let value = format!("'{name}' twice");
                return Err(SpecError::new(Kind::Range, object, "nodes", "two different nodes", value, "a link joins two nodes"));
            }
            if let Some(first) = seen.insert((a.min(b), a.max(b)), k) {
                let hint = format!("links[{first}] joins them already; use slots or modes for more capacity");
                let value = format!("'{name}' and '{}'", self.nodes.name[b as usize]);
                return Err(SpecError::new(Kind::Range, self.link_label(k), "nodes", "a pair not yet joined", value, hint));
            }
        }
        let mut checked = vec![false; self.devices.links.len()];
        for k in 0..self.links_len() {
            let place = || self.link_label(k);
            let at = At(&place);
            if let Some(length) = self.links.length_km[k] {
                at.real("length_km", length, Range::NonNegative, "fibre length in kilometres")?;
            }
            let index = self.links.model[k] as usize;
            let template = &self.devices.links[index];
            // Only the length differs between links of one template: judge the rest once.
            if !checked[index] || self.links.length_km[k].is_some_and(|l| l.0 == 0.0) {
                self.link_model(k).check(&at)?;
                checked[index] = true;
            }
            if template.channel().is_some_and(Channel::is_fiber) && self.links.length_km[k].is_none() {
                return Err(at.error("length_km", "given for a photonic link", "null", "the fibre length in kilometres"));
            }
        }
        Ok(())
    }
}

fn same_length(object: &str, column: &str, got: usize, want: usize) -> Result<(), SpecError> {
    if got == want {
        return Ok(());
    }
    let range = format!("{want} values, one per row");
    Err(SpecError::new(Kind::Range, object, column, range, format!("{got} values"), "columns have one row per node or link"))
}

impl Check for NetworkDoc {
    const NAME: &'static str = "Network";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        if self.format != FORMAT {
            return Err(at.error("format", format!("{FORMAT}"), self.format, "written by another version of ebit"));
        }
        at.real("message_loss_probability", self.message_loss_probability, Range::Probability, "per message")?;
        self.check_columns()?;
        self.check_nodes()?;
        self.check_links()
    }
}

/// Node indices by name, with a suggestion when a name is unknown.
pub struct Names<'a> {
    index: HashMap<&'a str, u32>,
    names: &'a [String],
}

impl<'a> Names<'a> {
    pub fn of(doc: &'a NetworkDoc) -> Self {
        let index = doc.nodes.name.iter().enumerate().map(|(k, n)| (n.as_str(), k as u32)).collect();
        Self { index, names: &doc.nodes.name }
    }

    /// # Errors
    /// The name is no node of this network.
    pub fn find(&self, object: &str, parameter: &str, name: &str) -> Result<u32, SpecError> {
        self.index.get(name).copied().ok_or_else(|| Self::complain(object, parameter, name, self.names))
    }

    /// What to say about a name that is no node.
    pub fn complain(object: &str, parameter: &str, name: &str, names: &[String]) -> SpecError {
        let few: Vec<&str> = names.iter().take(5).map(String::as_str).collect();
        let more = if names.len() > 5 { ", ..." } else { "" };
        let range = format!("a node of the network ({}{more})", few.join(", "));
        SpecError::new(Kind::Range, object, parameter, range, format!("'{name}'"), suggestion(name, names))
    }
}
