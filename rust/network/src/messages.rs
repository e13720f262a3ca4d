//! Classical messages: light time, loss, forwarding, and what an end knows.
//!
//! A message names a pair, never a slot. It is sent to where the pair's half was when it was sent; a node that has since
//! swapped that half passes the news on to the far end of what it became part of. Each end counts what it still waits
//! for; an end-to-end pair is delivered when neither end waits for anything.

use ebit_kernel::Tick;
use ebit_quantum::Pauli;

use crate::engine::{ARRIVALS, Engine, Payload};
use crate::error::RunError;
use crate::formalism::Formalism;
use crate::recorder::Kind;
use crate::registry::{LEFT, Phase, Place, RIGHT};
use crate::request::Stage;

impl<F: Formalism> Engine<'_, F> {
    /// Sends news about `place` at `when` from a position on the route to the pair's end on `side`.
    pub(crate) fn send(&mut self, place: Place, from: u32, side: usize, pauli: Pauli, when: Tick) -> Result<(), RunError> {
        let pair = self.registry.get(place);
        let (request, to, id) = (pair.request, pair.ends[side], pair.id);
        let spec = &self.world.requests[request as usize];
        let (node, light) = (spec.nodes[from as usize], &spec.light);
        let distance = (light[from as usize] - light[to as usize]).abs();
        if self.is_lost(node, id) {
            return Ok(());
        }
        self.registry.get_mut(place).references += 1;
        let time = when.checked_add(distance).ok_or_else(|| self.overflow("simulate"))?;
        self.push(time, ARRIVALS, self.node_origin(node), Payload::Message { pair: place, side: side as u8, pauli })
    }

    /// Counts a message about pair `id` that `node` sends, and draws whether it is lost on the way.
    pub(crate) fn is_lost(&mut self, node: u32, id: u64) -> bool {
        self.counts.messages += 1;
        let lost = self.world.message_loss > 0.0 && self.loss_streams[node as usize].bernoulli(self.world.message_loss);
        if lost {
            self.counts.lost_messages += 1;
            self.log(Kind::LostMessage, node, id);
        }
        lost
    }

    /// News about `place` arrives where its half on `side` was.
    pub(crate) fn arrive(&mut self, place: Place, side: usize, pauli: Pauli) -> Result<(), RunError> {
        let here = self.registry.get(place).ends[side];
        let root = self.registry.root(place);
        let end = self.registry.get(root).ends[side];
        let gone = self.registry.get(root).phase == Phase::Gone || !self.registry.get(root).held[side];
        let node = self.node_at(self.registry.get(place).request, here);
        let id = self.registry.get(place).id;
        if gone {
            self.counts.stale_messages += 1;
            self.log(Kind::StaleMessage, node, id);
            self.registry.release(place);
            return Ok(());
        }
        self.log(Kind::Message, node, id);
        if end != here {
            let told = match self.registry.get(place).phase {
                Phase::Merged(into) => self.registry.get(into).told,
                _ => self.now,
            };
            self.send(root, here, side, pauli, told.max(self.now))?;
            self.registry.release(place);
            return Ok(());
        }
        self.heard(root, side, pauli)?;
        self.registry.release(place);
        Ok(())
    }

    /// The end on `side` takes in one message about its pair.
    fn heard(&mut self, place: Place, side: usize, pauli: Pauli) -> Result<(), RunError> {
        if side == RIGHT && pauli != Pauli::I {
            self.age(place, RIGHT, self.now);
            let mut state = self.registry.get(place).state;
            self.formalism.correct(&mut state, pauli);
            self.registry.get_mut(place).state = state;
        }
        let pair = self.registry.get_mut(place);
        pair.pending[side] -= 1;
        let busy = matches!(pair.phase, Phase::Swapping { .. });
        let (request, position, settled) = (pair.request, pair.ends[side], pair.pending[side] == 0);
        if pair.dead && settled && !busy {
            return self.let_go(place, side);
        }
        if settled && self.world.requests[request as usize].span[position as usize][0] > 0 {
            // A node that swaps by length may only now know how long its pair has become.
            self.dirty.push((request, position));
        }
        self.deliver_if_known(place)
    }

    /// Delivers an end-to-end pair that both ends know of.
    pub(crate) fn deliver_if_known(&mut self, place: Place) -> Result<(), RunError> {
        let pair = self.registry.get(place);
        let last = self.world.requests[pair.request as usize].last();
        let whole = pair.ends == [0, last] && pair.phase == Phase::Waiting && !pair.dead && pair.held == [true; 2];
        if whole && pair.pending == [0; 2] { self.deliver(place) } else { Ok(()) }
    }

    /// Who waits for what, when nothing will ever happen again.
    pub(crate) fn stuck(&self) -> RunError {
        let mut waits = Vec::new();
        for (r, (state, spec)) in self.requests.iter().zip(&self.world.requests).enumerate() {
            if state.stage == Stage::Finished {
                continue;
            }
            let mut reasons = Vec::new();
            for place in self.registry.of_request(r as u32) {
                let pair = self.registry.get(place);
                let name = |side: usize| &self.world.nodes[spec.nodes[pair.ends[side] as usize] as usize].name;
                for side in [LEFT, RIGHT] {
                    if pair.held[side] && pair.pending[side] > 0 {
                        reasons.push(format!("node '{}' for a message about pair {}", name(side), pair.id));
                    }
                }
                if pair.pending == [0; 2] && pair.ends != [0, spec.last()] {
                    let place = [LEFT, RIGHT].into_iter().find(|&s| pair.ends[s] != 0 && pair.ends[s] != spec.last());
                    let at = place.map_or_else(|| name(LEFT), name);
                    reasons.push(format!("node '{at}' for a neighbour of pair {} ({}-{})", pair.id, name(LEFT), name(RIGHT)));
                }
            }
            if let Some(tree) = spec.tree {
                self.waits_of_tree(tree.root, &mut reasons);
            }
            if spec.blocks.is_some() {
                self.waits_of_blocks(r as u32, &mut reasons);
            }
            if reasons.is_empty() {
                reasons.push("no link has a free slot at both ends".into());
            }
            let more = if reasons.len() > 6 { format!(" and {} more", reasons.len() - 6) } else { String::new() };
            reasons.truncate(6);
            waits.push(format!("{} waits: {}{more}", spec.label, reasons.join(", ")));
        }
        RunError::Stuck { replica: self.replica, time_s: self.world.scale.seconds(self.now), waits: waits.join("; ") }
    }
}
