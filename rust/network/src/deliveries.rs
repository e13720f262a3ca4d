//! A request from its start to its last pair, and what a replica hands back.

use ebit_kernel::Tick;

use crate::engine::Engine;
use crate::error::RunError;
use crate::formalism::Formalism;
use crate::recorder::{Kind, ReplicaResult};
use crate::registry::{LEFT, Place, RIGHT};
use crate::request::{RequestState, Stage};

impl<F: Formalism> Engine<'_, F> {
    pub(crate) fn start(&mut self, request: u32) -> Result<(), RunError> {
        self.requests[request as usize].stage = Stage::Active;
        let world = self.world;
        for hop in &world.requests[request as usize].links {
            self.links[hop.link as usize].demand += 1;
        }
        if let Some(tree) = world.requests[request as usize].tree {
            return self.begin(tree.root);
        }
        if world.requests[request as usize].blocks.is_some() {
            return self.begin_blocks(request);
        }
        for (position, hop) in world.requests[request as usize].links.iter().enumerate() {
            self.try_start(hop.link)?;
            if world.users[hop.link as usize].len() > 1 {
                // A newcomer's first turn may come before turns that hold its links already.
                self.claims.push((request, position as u32, 0));
            }
        }
        Ok(())
    }

    /// Both ends know of the end-to-end pair: it ages to this instant and is handed over.
    pub(crate) fn deliver(&mut self, place: Place) -> Result<(), RunError> {
        let request = self.registry.get(place).request;
        for side in [LEFT, RIGHT] {
            self.age(place, side, self.now);
        }
        let pair = self.registry.get(place);
        let (id, state) = (pair.id, pair.state);
        self.hand_over(request, id, &state)?;
        let spec = &self.world.requests[request as usize];
        if self.requests[request as usize].stage == Stage::Finished {
            return Ok(());
        }
        if spec.restart && spec.all_slots {
            return self.empty(request);
        }
        self.let_go(place, LEFT)?;
        self.let_go(place, RIGHT)
    }

    pub(crate) fn hand_over(&mut self, request: u32, id: u64, state: &F::State) -> Result<(), RunError> {
        let read = self.formalism.read(state);
        self.record(request, id, read)
    }

    /// A row of the results, before readout; with the last one the request is finished.
    pub(crate) fn record(&mut self, request: u32, id: u64, [fidelity, qber_x, qber_z]: [f64; 3]) -> Result<(), RunError> {
        let spec = &self.world.requests[request as usize];
        let flip = |q: f64| q + spec.readout_flip * (1.0 - 2.0 * q);
        self.columns[request as usize].push(self.now, [fidelity, flip(qber_x), flip(qber_z)]);
        self.log(Kind::Delivered, spec.nodes[spec.last() as usize], id);
        let state = &mut self.requests[request as usize];
        state.delivered += 1;
        if state.delivered == spec.pairs { self.finish(request) } else { Ok(()) }
    }

    /// All memories of a chain are empty, and all its links begin anew; it shares them with nobody.
    pub(crate) fn empty(&mut self, request: u32) -> Result<(), RunError> {
        let world = self.world;
        for place in self.registry.of_request(request) {
            self.registry.retire(place);
        }
        self.requests[request as usize].waiting.iter_mut().flatten().for_each(Vec::clear);
        self.dirty.retain(|(r, _)| *r != request);
        for hop in &world.requests[request as usize].links {
            let state = &mut self.links[hop.link as usize];
            state.call_off();
            state.free = world.links[hop.link as usize].slots;
        }
        for hop in &world.requests[request as usize].links {
            self.try_start(hop.link)?;
        }
        Ok(())
    }

    /// Brings one half up to date.
    #[inline]
    pub(crate) fn age(&mut self, place: Place, side: usize, until: Tick) {
        let pair = self.registry.get_mut(place);
        let ticks = until - pair.touched[side];
        if ticks > 0 {
            pair.touched[side] = until;
            if let Some(decay) = self.world.decay_at(pair.request, pair.ends[side]) {
                self.formalism.age(&mut pair.state, side, decay, ticks);
            }
        }
    }

    /// The request has all its pairs: what it still holds goes back to the others.
    pub(crate) fn finish(&mut self, request: u32) -> Result<(), RunError> {
        let state = &mut self.requests[request as usize];
        state.stage = Stage::Finished;
        state.end = self.now;
        self.unfinished -= 1;
        if self.unfinished == 0 {
            return Ok(());
        }
        self.dirty.retain(|(r, _)| *r != request);
        let world = self.world;
        for hop in &world.requests[request as usize].links {
            let link = &mut self.links[hop.link as usize];
            link.demand -= 1;
            if link.demand == 0 {
                link.call_off();
            }
        }
        if let Some(tree) = world.requests[request as usize].tree {
            self.call_off(tree.root, false);
        }
        for place in self.registry.of_request(request) {
            for side in [LEFT, RIGHT] {
                if self.registry.get(place).held[side] {
                    self.let_go(place, side)?;
                }
            }
        }
        Ok(())
    }

    pub(crate) fn finish_replica(mut self, stuck: bool) -> ReplicaResult {
        for tree in self.world.requests.iter().filter_map(|r| r.tree) {
            self.call_off(tree.root, false);
        }
        // Measurements with classical delay are logged for when they are done, which others may precede.
        self.log.sort_by_time();
        let end = |(state, spec): (&RequestState, &crate::world::RequestSpec)| {
            let end = if state.stage == Stage::Finished { state.end } else { self.now };
            (end - spec.start).max(0)
        };
        ReplicaResult {
            replica: self.replica,
            time: self.requests.iter().zip(&self.world.requests).map(end).collect(),
            stuck,
            finished: self.requests.iter().map(|s| s.stage == Stage::Finished).collect(),
            columns: self.columns,
            counts: self.counts,
            log: self.log,
        }
    }
}
