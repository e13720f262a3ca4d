//! News about pairs: light time, loss, forwarding, and what an end knows. The rules of `crate::messages`, on a network.

use ebit_kernel::Tick;
use ebit_quantum::Pauli;

use super::live::{FAR, Live, OUTCOMES, Payload};
use super::outcome::Begun;
use super::readout::Readout;
use super::wait::{Operation, Outcome};
use crate::engine::ARRIVALS;
use crate::error::RunError;
use crate::recorder::Kind;
use crate::registry::{LEFT, Phase, Place};

impl<F: Readout> Live<F> {
    /// Sends news about `place` at `when` from a node to the pair's end on `side`.
    pub(super) fn send_news(&mut self, place: Place, from: u32, side: usize, pauli: Pauli, when: Tick) -> Result<(), RunError> {
        let id = self.registry.get(place).id;
        let light = self.paths.light(from, self.node_at(place, side)).unwrap_or(0);
        if self.is_lost(from, id) {
            return Ok(());
        }
        self.registry.get_mut(place).references += 1;
        let time = when.checked_add(light).ok_or_else(|| self.overflow())?;
        self.push(time, ARRIVALS, self.node_origin(from), Payload::News { pair: place, side: side as u8, pauli })
    }

    /// Counts a message that `node` sends, and draws whether it is lost on the way.
    pub(super) fn is_lost(&mut self, node: u32, id: u64) -> bool {
        self.counts.messages += 1;
        let loss = self.stage.world.message_loss;
        let lost = loss > 0.0 && self.loss_streams[node as usize].bernoulli(loss);
        if lost {
            self.counts.lost_messages += 1;
            self.log(Kind::LostMessage, node, id);
        }
        lost
    }

    /// News about `place` arrives where its half on `side` was.
    pub(super) fn arrive(&mut self, place: Place, side: usize, pauli: Pauli) -> Result<(), RunError> {
        let (root, root_side) = self.registry.root_side(place, side);
        let node = self.node_at(place, side);
        let id = self.registry.get(place).id;
        if !self.is_reached(root, root_side) {
            self.counts.stale_messages += 1;
            self.log(Kind::StaleMessage, node, id);
            self.registry.release(place);
            return Ok(());
        }
        let (old, new) = (self.registry.get(place), self.registry.get(root));
        // The ticket names the half: it is the number of the elementary pair it came with.
        let here = old.ticket[side] == new.ticket[root_side] && old.ends[side] == new.ends[root_side];
        let told = match old.phase {
            Phase::Merged(into) => self.registry.get(into).told,
            _ => self.now,
        };
        self.log(Kind::Message, node, id);
        if here {
            self.heard(root, root_side, pauli)?;
        } else {
            self.send_news(root, node, root_side, pauli, told.max(self.now))?;
        }
        self.registry.release(place);
        Ok(())
    }

    /// The end on `side` takes in one piece of news about its pair.
    fn heard(&mut self, place: Place, side: usize, pauli: Pauli) -> Result<(), RunError> {
        let measured = self.registry.get(place).state.reading[side].is_some();
        if pauli != Pauli::I && !measured {
            self.age(place, side, self.now);
            self.correct(place, side, pauli);
        }
        let pair = self.registry.get_mut(place);
        pair.pending[side] -= 1;
        let settled = pair.pending[side] == 0;
        let (dead, busy, held) = (pair.dead, matches!(pair.phase, Phase::Swapping { .. }), pair.held[side]);
        if let Some(reading) = &mut pair.state.reading[side] {
            let flips = !pauli.commutes_with(reading.basis);
            reading.bit ^= flips;
            reading.shown ^= flips;
            let (shown, operation) = (reading.shown, reading.operation);
            if settled {
                reading.operation = 0;
                self.conclude(operation, if dead { Outcome::Lost } else { Outcome::Bit(shown) });
            }
            return Ok(());
        }
        if dead && settled && !busy && held {
            return self.let_go(place, side);
        }
        if settled {
            // Only now it may know how far its pair reaches.
            let node = self.node_at(place, side);
            self.stir(node, FAR);
        }
        self.deliver_if_known(place)?;
        Ok(())
    }

    /// What was begun is done; its node may go on.
    pub(super) fn conclude(&mut self, operation: Operation, outcome: Outcome) {
        if self.unwanted.remove(&operation) {
            self.begun.remove(&operation);
        } else if let Some(begun) = self.begun.get_mut(&operation) {
            let node = begun.node();
            *begun = Begun::Ended(outcome);
            if let Some(node) = node {
                self.stir(node, OUTCOMES);
            }
        }
    }

    /// Applies a Pauli to the half on a side.
    pub(super) fn correct(&mut self, place: Place, side: usize, pauli: Pauli) {
        let mut state = self.registry.get(place).state.state;
        if side == LEFT {
            state = self.formalism.flip(&state);
        }
        self.formalism.correct(&mut state, pauli);
        if side == LEFT {
            state = self.formalism.flip(&state);
        }
        self.registry.get_mut(place).state.state = state;
    }
}
