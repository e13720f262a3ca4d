//! The moving part of a request: what it has, and which pairs wait at which node of its route.

use ebit_kernel::Tick;

use crate::registry::Place;
use crate::world::RequestSpec;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Its start is in the future.
    Pending,
    Active,
    Finished,
}

#[derive(Debug, Clone)]
pub struct RequestState {
    pub stage: Stage,
    /// Pairs taken so far on each link of the route, lost ones not counted: the turn it is at there.
    pub taken: Vec<u64>,
    pub delivered: u64,
    /// When it finished.
    pub end: Tick,
    /// `waiting[position][side]`: pairs with one half at this node that extend to the left (0) or right (1) of it,
    /// oldest herald at this node first. Short: at most the slots of one link end.
    pub waiting: Vec<[Vec<Place>; 2]>,
}

impl RequestState {
    pub fn new(spec: &RequestSpec) -> Self {
        Self {
            stage: Stage::Pending,
            taken: vec![0; spec.links.len()],
            delivered: 0,
            end: 0,
            waiting: (0..spec.nodes.len()).map(|_| [Vec::new(), Vec::new()]).collect(),
        }
    }
}
