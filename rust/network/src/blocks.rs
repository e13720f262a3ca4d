//! Encoded pairs of a request: what is the same for all of them, and how far the one at hand is.

use ebit_hardware::Encoded;
use ebit_kernel::Tick;
use ebit_quantum::Correlations;
use ebit_quantum::block::{Frame, Law};

use crate::world::{RequestSpec, World};

/// Laws of the errors on a request's route, and its decoders.
#[derive(Debug, Clone)]
pub struct BlockSpec {
    pub code: Encoded,
    /// Errors of the circuit that joins two fresh blocks.
    pub circuit: Law<16>,
    /// Errors of the measurement of two qubits, at each position of the route.
    pub stations: Vec<Law<4>>,
    /// The fresh pair of each link, by its Bell-diagonal part.
    pub pairs: Vec<Correlations>,
}

impl BlockSpec {
    /// For a route over these nodes, whose fresh pairs are given.
    pub fn new(code: Encoded, world: &World, nodes: &[u32], fresh: &[ebit_quantum::PairState]) -> Self {
        let station = |node: &u32| Law::new(code.noise.station_errors(world.nodes[*node as usize].swap_visibility));
        Self {
            circuit: Law::new(code.noise.link_errors()),
            stations: nodes.iter().map(station).collect(),
            pairs: fresh.iter().map(ebit_quantum::PairState::correlations).collect(),
            code,
        }
    }
}

/// The two blocks of a link: what is wrong with them, and since when they are there.
#[derive(Debug, Clone, Copy)]
pub struct Joined {
    pub since: Tick,
    pub left: Frame,
    pub right: Frame,
}

/// The encoded pair that a request is making.
#[derive(Debug, Clone, Default)]
pub struct BlockState {
    pub id: u64,
    /// Of each link: since when each slot has its physical pair.
    pub there: Vec<Vec<Option<Tick>>>,
    pub links: Vec<Option<Joined>>,
    /// Words from other positions of the route that each end still waits for.
    pub pending: [u32; 2],
    /// Whether the Z and the X outcomes of the ends, corrected by the frame, will be wrong so far.
    pub wrong_z: bool,
    pub wrong_x: bool,
}

impl BlockState {
    /// All memories of a request's route are empty.
    pub fn new(id: u64, request: &RequestSpec) -> Self {
        let (links, slots) = (request.links.len(), request.blocks.as_ref().map_or(0, |b| b.code.size as usize));
        let pending = [request.last(); 2];
        Self { id, there: vec![vec![None; slots]; links], links: vec![None; links], pending, ..Self::default() }
    }
}
