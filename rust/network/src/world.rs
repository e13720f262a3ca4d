//! The compiled network: dense tables, in ticks, immutable, shared by all replicas and threads.

use ebit_hardware::Decay;
use ebit_kernel::{Tick, TickScale};
use ebit_random::Geometric;
use ebit_spec::{Assign, Match};

use crate::blocks::BlockSpec;
use crate::parts::{PartSpec, TreeSpec};

/// How long one attempt takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Timing {
    Fixed(Tick),
    /// Short when round one fails, long otherwise; the last number is P(long | the attempt failed).
    TwoRound {
        short: Tick,
        long: Tick,
        long_given_failure: f64,
    },
}

impl Timing {
    /// One message of a negotiation in two rounds: a quarter of the short one.
    pub fn leg(self) -> Tick {
        match self {
            Self::Fixed(_) => 0,
            Self::TwoRound { short, .. } => short / 4,
        }
    }
}

#[derive(Debug, Clone)]
pub struct LinkSpec {
    pub label: String,
    pub nodes: [u32; 2],
    pub geometric: Geometric,
    pub timing: Timing,
    /// Slots at either end.
    pub slots: [u32; 2],
}

#[derive(Debug, Clone)]
pub struct NodeSpec {
    pub name: String,
    pub swap_success: f64,
    /// v of rho -> v rho + (1-v) I/4.
    pub swap_visibility: f64,
    pub swap_duration: Tick,
    pub decay: Decay,
}

/// One link of a route: which, and whether the route runs from its end b to its end a.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RouteLink {
    pub link: u32,
    pub flipped: bool,
}

impl RouteLink {
    /// The link's own name (0 or 1) for its end on the route's left.
    pub fn left_end(self) -> usize {
        usize::from(self.flipped)
    }
    pub fn right_end(self) -> usize {
        usize::from(!self.flipped)
    }
}

#[derive(Debug, Clone)]
pub struct RequestSpec {
    pub label: String,
    /// Node at each position of the route, source first.
    pub nodes: Vec<u32>,
    /// Link between positions k and k + 1.
    pub links: Vec<RouteLink>,
    /// Light time from the source to each position; all zero without classical delay.
    pub light: Vec<Tick>,
    /// `u64::MAX`: as many as come.
    pub pairs: u64,
    pub start: Tick,
    pub restart: bool,
    pub delay: bool,
    pub cutoff: Option<Tick>,
    /// The cut-off limits the time of each memory, not the age of the oldest elementary pair.
    pub cutoff_on_memory: bool,
    /// A chain that uses all slots: a delivery empties them.
    pub all_slots: bool,
    /// Links that pairs to the left and right of each position must span to be swapped there; 0: any number.
    pub span: Vec<[u32; 2]>,
    /// A tree with cut-offs, distillation or links that wait for others, carried out part by part; None: by `span`.
    pub tree: Option<TreeSpec>,
    /// Pairs between stations are encoded ones.
    pub blocks: Option<BlockSpec>,
    /// A node asks both far ends before it swaps.
    pub handshake: bool,
    /// Each end is measured at its own herald and ages no further.
    pub ends_measured: bool,
    /// Probability that exactly one of the two end readouts is wrong.
    pub readout_flip: f64,
}

impl RequestSpec {
    pub fn last(&self) -> u32 {
        self.links.len() as u32
    }

    /// What results need to know of a path that no request asked for.
    pub fn of_route(world: &World, nodes: &[u32], links: &[u32], start: Tick) -> Self {
        let hop = |(&link, &from): (&u32, &u32)| RouteLink { link, flipped: world.links[link as usize].nodes[0] != from };
        Self {
            label: String::new(),
            nodes: nodes.to_vec(),
            links: links.iter().zip(nodes).map(hop).collect(),
            light: Vec::new(),
            pairs: u64::MAX,
            start,
            restart: false,
            delay: false,
            cutoff: None,
            cutoff_on_memory: false,
            all_slots: false,
            span: Vec::new(),
            tree: None,
            blocks: None,
            handshake: false,
            ends_measured: false,
            readout_flip: 0.0,
        }
    }
}

/// Everything a replica needs to run, and nothing that changes while it does.
#[derive(Debug, Clone)]
pub struct World {
    pub scale: TickScale,
    pub root: u128,
    pub links: Vec<LinkSpec>,
    pub nodes: Vec<NodeSpec>,
    pub requests: Vec<RequestSpec>,
    /// The trees of all requests that have one.
    pub parts: Vec<PartSpec>,
    /// For each link: (request, position on its route).
    pub users: Vec<Vec<(u32, u32)>>,
    /// For each request and position: the fresh pair as the route sees it, aged until its herald.
    pub fresh: Vec<Vec<ebit_quantum::PairState>>,
    pub until: Option<Tick>,
    pub per_attempt: bool,
    pub density_matrix: bool,
    pub assign: Assign,
    pub matching: Match,
    pub message_loss: f64,
    pub trace: bool,
    /// Every ideal default in force, in words.
    pub assumptions: Vec<String>,
}

impl World {
    /// How a half at this position of a route decays; None: it was measured at its herald.
    #[inline]
    pub fn decay_at(&self, request: u32, position: u32) -> Option<&Decay> {
        let spec = &self.requests[request as usize];
        let measured = spec.ends_measured && (position == 0 || position == spec.last());
        (!measured).then(|| &self.nodes[spec.nodes[position as usize] as usize].decay)
    }
}
