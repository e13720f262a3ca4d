//! Encoded pairs: blocks are joined when the last of a link's physical pairs is there, and measured as soon as possible.
//!
//! ```text
//!   station       k - 1           k           k + 1
//!   link k - 1      |=== n pairs ===|                      its blocks are joined with the last of its pairs
//!   link k                          |=== n pairs ===|
//!                                   measures both its blocks when both are there, and tells both ends
//! ```
//!
//! The circuits and their errors are those of [`ebit_quantum::block`]. No station waits for a word: outcomes of circuits and
//! of stations only say how to read the ends' blocks, so every position of the route sends all it has measured to both
//! ends, an end when its link is done and a station when its measurement is. An end that has heard from everybody else can
//! read its block; the pair is delivered when both can, and all links begin anew. Without classical delay all is known at
//! once. A word that is lost is not sent again, and who waits for it waits for ever.

use ebit_kernel::Tick;
use ebit_quantum::Correlations;
use ebit_quantum::block::{Blocks, Frame, Law};
use ebit_random::math;

use crate::blocks::{BlockState, Joined};
use crate::engine::{ARRIVALS, Engine, Payload};
use crate::error::RunError;
use crate::formalism::Formalism;
use crate::recorder::Kind;
use crate::registry::{LEFT, RIGHT};
use crate::request::Stage;

/// What happens to the blocks of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockEvent {
    /// The measurement of the station at this position is done.
    Measured { position: u32 },
    /// The end on this side hears from another position.
    Heard { side: u8 },
}

impl<F: Formalism> Engine<'_, F> {
    /// All links of the route begin, from empty memories.
    pub(crate) fn begin_blocks(&mut self, request: u32) -> Result<(), RunError> {
        let world = self.world;
        let spec = &world.requests[request as usize];
        self.blocks[request as usize] = BlockState::new(self.registry.next_ticket(), spec);
        for hop in &spec.links {
            self.links[hop.link as usize].free = world.links[hop.link as usize].slots;
        }
        spec.links.iter().try_for_each(|hop| self.try_start(hop.link))
    }

    /// One more physical pair of the link at this position; the last one joins its blocks.
    ///
    /// Slots attempt alike, so each of those still empty is as likely to be the one that has it. A code may well tell its
    /// qubits apart: had the first pair to come always been that of the first qubit, a decoder that guesses would gain by it.
    pub(crate) fn block_pair(&mut self, request: u32, position: u32) -> Result<(), RunError> {
        let world = self.world;
        let spec = &world.requests[request as usize];
        let id = self.registry.next_ticket();
        self.log(Kind::Herald, spec.links[position as usize].link, id);
        let there = &mut self.blocks[request as usize].there[position as usize];
        let empty: Vec<usize> = (0..there.len()).filter(|k| there[*k].is_none()).collect();
        let uniform = self.outcome_streams[spec.nodes[position as usize] as usize].next_f64();
        if let Some(slot) = empty.get((uniform * empty.len() as f64) as usize) {
            there[*slot] = Some(self.now);
        }
        if empty.len() > 1 {
            return Ok(());
        }
        let there: Vec<Tick> = there.iter().map(|t| t.unwrap_or(self.now)).collect();
        let joined = self.join_blocks(request, position, &there);
        self.blocks[request as usize].links[position as usize] = Some(joined);
        for end in [position, position + 1] {
            if end == 0 || end == spec.last() {
                self.tell_ends(request, end)?;
            } else {
                self.measure_blocks(request, end)?;
            }
        }
        self.deliver_blocks(request)
    }

    /// The circuit that makes the blocks of a link a pair, on physical pairs that came at these times.
    fn join_blocks(&mut self, request: u32, position: u32, there: &[Tick]) -> Joined {
        let world = self.world;
        let spec = &world.requests[request as usize];
        let mut joined = Blocks::default();
        if let Some(blocks) = &spec.blocks {
            let ends = [position, position + 1].map(|k| spec.nodes[k as usize]);
            for (qubit, came) in (0..).zip(there) {
                // Both halves have waited, also those of ends that measure: the circuit needs them.
                let pair = ends.iter().fold(blocks.pairs[position as usize], |pair, &n| self.rested(pair, n, self.now - came));
                let stream = &mut self.outcome_streams[ends[LEFT] as usize];
                let (pair, circuit) = (Law::of(pair).pick(stream.next_f64()), blocks.circuit.pick(stream.next_f64()));
                joined.strike(qubit, pair, circuit);
            }
        }
        Joined { since: self.now, left: joined.left, right: joined.right }
    }

    /// A pair one half of which rests at a node.
    fn rested(&self, pair: Correlations, node: u32, ticks: Tick) -> Correlations {
        let decay = &self.world.nodes[node as usize].decay;
        let exponent = |rate: f64| -rate * ticks as f64 * self.world.scale.tick_s();
        let coherence = math::exp(exponent(decay.dephasing_rate()));
        pair.dephase_factor(coherence).scale(math::exp(exponent(decay.depolarizing_rate())))
    }

    /// A block waits at a node until now.
    fn store(&mut self, request: u32, block: &mut Frame, node: u32, since: Tick) {
        let world = self.world;
        let Some(blocks) = &world.requests[request as usize].blocks else { return };
        if self.now == since || world.nodes[node as usize].decay.is_none() {
            return;
        }
        let perfect = Correlations { x: 1.0, y: 1.0, z: 1.0 };
        let law = Law::of(self.rested(perfect, node, self.now - since));
        let stream = &mut self.outcome_streams[node as usize];
        (0..blocks.code.size).for_each(|qubit| block.strike(qubit, law.pick(stream.next_f64())));
    }

    /// The station at this position measures its two blocks, if both are there.
    fn measure_blocks(&mut self, request: u32, position: u32) -> Result<(), RunError> {
        let world = self.world;
        let spec = &world.requests[request as usize];
        let links = &self.blocks[request as usize].links;
        let [Some(before), Some(after)] = [position - 1, position].map(|k| links[k as usize]) else { return Ok(()) };
        let Some(blocks) = &spec.blocks else { return Ok(()) };
        let node = spec.nodes[position as usize];
        let (mut left, mut right) = (before.right, after.left);
        self.store(request, &mut left, node, before.since);
        self.store(request, &mut right, node, after.since);
        let mut read = left.joined(right);
        let law = &blocks.stations[position as usize];
        let stream = &mut self.outcome_streams[node as usize];
        (0..blocks.code.size).for_each(|qubit| read.strike(qubit, law.pick(stream.next_f64())));
        let state = &mut self.blocks[request as usize];
        state.wrong_z ^= blocks.code.x_errors.wrong(read.x);
        state.wrong_x ^= blocks.code.z_errors.wrong(read.z);
        self.counts.swaps += 1;
        let duration = world.nodes[node as usize].swap_duration;
        if duration == 0 {
            return self.measured(request, position);
        }
        let time = self.later(duration)?;
        let event = BlockEvent::Measured { position };
        self.push(time, ARRIVALS, self.node_origin(node), Payload::Block { request, event })
    }

    fn measured(&mut self, request: u32, position: u32) -> Result<(), RunError> {
        let id = self.blocks[request as usize].id;
        self.log(Kind::Swap, self.node_at(request, position), id);
        self.tell_ends(request, position)
    }

    /// What has been measured at this position goes to both ends.
    fn tell_ends(&mut self, request: u32, position: u32) -> Result<(), RunError> {
        let spec = &self.world.requests[request as usize];
        let (node, id) = (spec.nodes[position as usize], self.blocks[request as usize].id);
        for (side, end) in [(LEFT, 0), (RIGHT, spec.last())] {
            if end == position {
                continue;
            }
            if !spec.delay {
                self.blocks[request as usize].pending[side] -= 1;
            } else if !self.is_lost(node, id) {
                let time = self.later((spec.light[position as usize] - spec.light[end as usize]).abs())?;
                let event = BlockEvent::Heard { side: side as u8 };
                self.push(time, ARRIVALS, self.node_origin(node), Payload::Block { request, event })?;
            }
        }
        Ok(())
    }

    pub(crate) fn block_happens(&mut self, request: u32, event: BlockEvent) -> Result<(), RunError> {
        if self.requests[request as usize].stage != Stage::Active {
            return Ok(());
        }
        match event {
            BlockEvent::Measured { position } => self.measured(request, position)?,
            BlockEvent::Heard { side } => {
                let spec = &self.world.requests[request as usize];
                let state = &mut self.blocks[request as usize];
                state.pending[usize::from(side)] -= 1;
                let end = if usize::from(side) == LEFT { 0 } else { spec.last() };
                let id = state.id;
                self.log(Kind::Message, spec.nodes[end as usize], id);
            }
        }
        self.deliver_blocks(request)
    }

    /// Hands the pair over if both ends know how to read their blocks, and begins the next one.
    fn deliver_blocks(&mut self, request: u32) -> Result<(), RunError> {
        let world = self.world;
        let spec = &world.requests[request as usize];
        let state = &self.blocks[request as usize];
        let [first, last] = [state.links.first(), state.links.last()].map(|l| l.copied().flatten());
        let (Some(blocks), Some(first), Some(last)) = (&spec.blocks, first, last) else { return Ok(()) };
        if state.pending != [0; 2] {
            return Ok(());
        }
        let (id, mut wrong_x, mut wrong_z) = (state.id, state.wrong_x, state.wrong_z);
        let [source, target] = [0, spec.links.len()].map(|k| spec.nodes[k]);
        for (mut end, node, since) in [(first.left, source, first.since), (last.right, target, last.since)] {
            if !spec.ends_measured {
                self.store(request, &mut end, node, since);
            }
            wrong_z ^= blocks.code.x_errors.wrong(end.x);
            wrong_x ^= blocks.code.z_errors.wrong(end.z);
        }
        let read = [!wrong_x && !wrong_z, wrong_x, wrong_z].map(|yes| f64::from(u8::from(yes)));
        self.record(request, id, read)?;
        if self.requests[request as usize].stage == Stage::Finished { Ok(()) } else { self.begin_blocks(request) }
    }

    /// Who waits for a word that never came.
    pub(crate) fn waits_of_blocks(&self, request: u32, reasons: &mut Vec<String>) {
        let spec = &self.world.requests[request as usize];
        let state = &self.blocks[request as usize];
        for (side, end) in [(LEFT, 0), (RIGHT, spec.links.len())] {
            if state.pending[side] > 0 && state.links.iter().all(Option::is_some) {
                let name = &self.world.nodes[spec.nodes[end] as usize].name;
                reasons.push(format!("node '{name}' for {} messages about pair {}", state.pending[side], state.id));
            }
        }
    }
}
