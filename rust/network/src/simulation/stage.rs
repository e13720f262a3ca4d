//! The compiled network for protocols: all nodes and links, who is whose neighbour, how long light takes.

use std::collections::HashMap;

use ebit_hardware::LinkPhysics;
use ebit_kernel::{Tick, TickScale};
use ebit_spec::check::{At, Check};
use ebit_spec::error::Kind;
use ebit_spec::{Assign, Formalism, Match, Names, SimulationDoc, SpecError};

use crate::compile::{heralded_state, light_time_s, link_spec, node_spec, ticks};
use crate::world::World;

/// A link's end, as one number: 2 link + (0 for its end a, 1 for b). A half sits in a slot there.
pub type LinkEnd = u32;

#[derive(Debug, Clone)]
pub struct Stage {
    /// Nodes and links as the built-in engine knows them; no requests, and one row of fresh pairs: one per link.
    pub world: World,
    pub replica: u64,
    pub delay: bool,
    pub restart: bool,
    pub readout_error: Vec<f64>,
    /// Links that can never succeed; asking for a pair there is refused.
    pub hopeless: Vec<bool>,
    /// One-way light time of each link.
    pub light: Vec<Tick>,
    /// The link ends at each node.
    pub ends_at: Vec<Vec<LinkEnd>>,
    names: HashMap<String, u32>,
}

impl Stage {
    /// # Errors
    /// Whatever is wrong with the document.
    pub fn compile(doc: &SimulationDoc) -> Result<Self, SpecError> {
        doc.check(&At(&|| SimulationDoc::NAME.to_owned()))?;
        let network = &doc.network;
        let horizon = doc.horizon_s.map_or(0.0, |h| h.0);
        let scale = TickScale::for_horizon_s(horizon).map_err(|e| {
            let range = "within representable time";
            SpecError::new(Kind::TooLarge, SimulationDoc::NAME, "horizon_s", range, horizon.to_string(), e.to_string())
        })?;
        let delay = doc.classical_delay();
        let mut stage = Self {
            world: empty_world(scale, doc.root()?, network.message_loss_probability.0, doc.trace),
            replica: doc.replica as u64,
            delay,
            restart: doc.restart,
            readout_error: network.nodes.readout_error.iter().map(|e| e.0).collect(),
            hopeless: Vec::new(),
            light: Vec::new(),
            ends_at: vec![Vec::new(); network.nodes_len()],
            names: network.nodes.name.iter().enumerate().map(|(k, n)| (n.clone(), k as u32)).collect(),
        };
        for node in 0..network.nodes_len() as u32 {
            stage.world.nodes.push(node_spec(network, node, scale)?);
        }
        let mut fresh = Vec::new();
        for link in 0..network.links_len() {
            let model = network.link_model(link);
            let physics = LinkPhysics::of(&model).map_err(|e| SpecError { object: network.link_label(link), ..e })?;
            let hopeless = physics.success_probability <= 0.0;
            let mut spec = link_spec(network, link, (!hopeless).then_some(&physics), scale)?;
            if doc.restart {
                spec.slots = [1; 2];
            }
            let decays = spec.nodes.map(|n| &stage.world.nodes[n as usize].decay);
            fresh.push(heralded_state(&physics, false, decays));
            let light = if delay { light_time_s(network, link, &physics) } else { 0.0 };
            stage.light.push(ticks(scale, &spec.label, "light time", light)?);
            stage.hopeless.push(hopeless);
            for (end, &node) in spec.nodes.iter().enumerate() {
                stage.ends_at[node as usize].push(2 * link as u32 + end as u32);
            }
            stage.world.links.push(spec);
        }
        stage.world.fresh = vec![fresh];
        stage.world.density_matrix = stage.formalism(doc)?;
        stage.world.assumptions = stage.assumptions();
        Ok(stage)
    }

    fn formalism(&self, doc: &SimulationDoc) -> Result<bool, SpecError> {
        let relaxing = self.world.nodes.iter().position(|n| !n.decay.is_pauli());
        match (doc.formalism, relaxing) {
            (Formalism::DensityMatrix, _) | (Formalism::Auto, Some(_)) => Ok(true),
            (Formalism::Auto | Formalism::BellDiagonal, None) => Ok(false),
            (Formalism::BellDiagonal, Some(node)) => {
                let value = format!("'bell-diagonal' with finite t1_s at {}", doc.network.node_label(node));
                let hint = "relaxation (T1) leaves the Bell-diagonal family: use 'auto' or 'density-matrix'";
                let range = "exact for the memories of the network";
                Err(SpecError::new(Kind::Range, SimulationDoc::NAME, "formalism", range, value, hint))
            }
        }
    }

    fn assumptions(&self) -> Vec<String> {
        let mut found = Vec::new();
        let nodes = &self.world.nodes;
        let mut note = |yes: bool, text: &str| {
            if yes {
                found.push(text.to_owned());
            }
        };
        note(self.world.message_loss == 0.0, "classical messages always arrive");
        note(!self.delay, "knowledge is instant (classical_delay False)");
        note(nodes.iter().any(|n| n.decay.is_none()), "memories never decay");
        note(self.readout_error.contains(&0.0), "readout is perfect (readout_error 0)");
        note(nodes.iter().any(|n| n.swap_visibility == 1.0), "swaps are perfect (fidelity 1)");
        note(nodes.iter().any(|n| n.swap_success == 1.0), "swaps always succeed (success_probability 1)");
        note(nodes.iter().any(|n| n.swap_duration == 0), "swaps take no time (duration_s 0)");
        found.sort_unstable();
        found
    }

    /// The node of this name.
    ///
    /// # Errors
    /// No node has it.
    pub fn find(&self, object: &str, parameter: &str, name: &str) -> Result<u32, SpecError> {
        self.names.get(name).copied().ok_or_else(|| {
            let known: Vec<String> = self.world.nodes.iter().map(|n| n.name.clone()).collect();
            Names::complain(object, parameter, name, &known)
        })
    }

    pub fn node_of(&self, end: LinkEnd) -> u32 {
        self.world.links[end as usize / 2].nodes[end as usize % 2]
    }

    pub fn name(&self, node: u32) -> &str {
        &self.world.nodes[node as usize].name
    }

    /// The end at `node` of the link to `peer`.
    pub fn end_toward(&self, node: u32, peer: u32) -> Option<LinkEnd> {
        self.ends_at[node as usize].iter().copied().find(|&end| self.node_of(end ^ 1) == peer)
    }

    pub fn neighbours(&self, node: u32) -> impl Iterator<Item = &str> {
        self.ends_at[node as usize].iter().map(|&end| self.name(self.node_of(end ^ 1)))
    }
}

fn empty_world(scale: TickScale, root: u128, message_loss: f64, trace: bool) -> World {
    World {
        scale,
        root,
        links: Vec::new(),
        nodes: Vec::new(),
        requests: Vec::new(),
        parts: Vec::new(),
        users: Vec::new(),
        fresh: Vec::new(),
        until: None,
        per_attempt: false,
        density_matrix: false,
        assign: Assign::default(),
        matching: Match::default(),
        message_loss,
        trace,
        assumptions: Vec::new(),
    }
}
