//! The swap as a service: success, fidelity, duration, Pauli frame, news. The rules of `crate::protocol::swap_asap`.
//!
//! ```text
//!   far ----A---- node ----B---- far      before: the node holds a half of each
//!   far ---------------C--------- far     after:  one pair; both far ends are told
//! ```
//!
//! Pairs have no left and right of their own in a network, so A is turned until its half at the node is the right one, B
//! until it is the left one, and signposts remember whether their pair was turned.

use ebit_kernel::Tick;
use ebit_quantum::Pauli;

use super::live::{Half, Live, PAIRS, Payload};
use super::outcome::Begun;
use super::readout::Readout;
use super::wait::{Operation, Outcome};
use crate::engine::ARRIVALS;
use crate::error::RunError;
use crate::recorder::Kind;
use crate::registry::{LEFT, Pair, Phase, Place, RIGHT};

impl<F: Readout> Live<F> {
    pub(super) fn begin_swap(
        &mut self,
        node: u32,
        operation: Operation,
        left: (Place, usize),
        right: (Place, usize),
    ) -> Result<Option<Outcome>, RunError> {
        for (place, side) in [left, right] {
            self.withdraw(place, side);
        }
        let duration = self.stage.world.nodes[node as usize].swap_duration;
        let done = self.later(duration)?;
        if duration == 0 || self.stage.delay {
            let outcome = self.bell(node, left, right, self.now, done)?;
            if duration == 0 {
                return Ok(Some(outcome));
            }
            self.begun.insert(operation, Begun::Told { node, outcome });
        } else {
            for ((place, _), (partner, _), lead) in [(left, right, true), (right, left, false)] {
                self.registry.get_mut(place).phase = Phase::Swapping { partner, lead };
            }
            self.begun.insert(operation, Begun::Swapping { node, left, right, started: self.now });
        }
        self.push(done, ARRIVALS, self.node_origin(node), Payload::SwapDone { operation })?;
        Ok(None)
    }

    pub(super) fn swap_done(&mut self, operation: Operation) -> Result<(), RunError> {
        match self.begun.get(&operation).copied() {
            Some(Begun::Told { outcome, .. }) => self.conclude(operation, outcome),
            Some(Begun::Swapping { node, left, right, started }) => {
                for (place, _) in [left, right] {
                    self.registry.get_mut(place).phase = Phase::Waiting;
                }
                let outcome = self.bell(node, left, right, started, self.now)?;
                self.conclude(operation, outcome);
                self.retry()?;
            }
            _ => {}
        }
        Ok(())
    }

    /// The pair with its half on `side` turned to `wanted`.
    fn turned(&self, place: Place, side: usize, wanted: usize) -> Pair<Half<F::State>> {
        let mut pair = *self.registry.get(place);
        if side != wanted {
            pair.ends.reverse();
            pair.held.reverse();
            pair.pending.reverse();
            pair.touched.reverse();
            pair.ticket.reverse();
            pair.state.handle.reverse();
            pair.state.reading.reverse();
            pair.state.state = self.formalism.flip(&pair.state.state);
        }
        pair
    }

    /// The Bell measurement from `started` to `done`, one of which is now.
    fn bell(
        &mut self,
        node: u32,
        left: (Place, usize),
        right: (Place, usize),
        started: Tick,
        done: Tick,
    ) -> Result<Outcome, RunError> {
        for (place, side) in [left, right] {
            self.age(place, side, started);
        }
        if !F::COMMUTES {
            for (place, side) in [left, right] {
                self.age(place, 1 - side, self.now);
            }
        }
        let (a, b) = (self.turned(left.0, left.1, RIGHT), self.turned(right.0, right.1, LEFT));
        let delay = self.stage.delay;
        let (success, visibility) = {
            let spec = &self.stage.world.nodes[node as usize];
            (spec.swap_success, spec.swap_visibility)
        };
        self.counts.swaps += 1;
        if success < 1.0 && !self.swap_streams[node as usize].bernoulli(success) {
            self.log_at(done, Kind::SwapFailed, node, a.id);
            self.swap_failed(node, left, right, done)?;
            return Ok(Outcome::Swap { ok: false, pair: 0 });
        }
        let stream = &mut self.outcome_streams[node as usize];
        let mut draw = || stream.next_f64();
        let (mut state, pauli) = self.formalism.swap(&a.state.state, &b.state.state, visibility, &mut draw, !delay);
        if !delay {
            self.formalism.correct(&mut state, pauli);
        }
        let told = u32::from(delay);
        // A half that was measured before is entangled with nothing any more.
        let measured = a.state.reading[LEFT].is_some() || b.state.reading[RIGHT].is_some();
        let merged = Pair {
            id: 0,
            request: 0,
            ends: [a.ends[LEFT], b.ends[RIGHT]],
            phase: Phase::Waiting,
            dead: a.dead || b.dead || measured,
            held: [a.held[LEFT], b.held[RIGHT]],
            pending: [a.pending[LEFT] + b.pending[LEFT] + told, a.pending[RIGHT] + b.pending[RIGHT] + told],
            touched: [a.touched[LEFT], b.touched[RIGHT]],
            ticket: [a.ticket[LEFT], b.ticket[RIGHT]],
            birth: a.birth.min(b.birth),
            since: [a.since[LEFT], b.since[RIGHT]],
            references: 0,
            turned: false,
            told: done,
            answers: 0,
            state: Half {
                state,
                handle: [a.state.handle[LEFT], b.state.handle[RIGHT]],
                reading: [a.state.reading[LEFT], b.state.reading[RIGHT]],
                ordered: false,
            },
        };
        let place = self.registry.insert(merged);
        let id = self.registry.get(place).id;
        self.log_at(done, Kind::Swap, node, id);
        for handle in merged.state.handle {
            if handle != 0 {
                self.handles.insert(handle, place);
            }
        }
        if self.stage.restart {
            self.circle.swap(a.ends[RIGHT] as usize / 2, b.ends[LEFT] as usize / 2);
        }
        for ((old, side), near) in [(left, RIGHT), (right, LEFT)] {
            for side in [LEFT, RIGHT] {
                let end = self.registry.get(old).ends[side];
                self.waiting[end as usize].retain(|&(p, _)| p != old);
            }
            self.registry.get_mut(old).turned = side != near;
            self.registry.merge(old, place);
        }
        self.wait_at_ends(place, started < self.now)?;
        self.free_slots([a.ends[RIGHT], b.ends[LEFT]], node, done)?;
        if delay {
            for side in [LEFT, RIGHT] {
                if self.is_reached(place, side) {
                    self.send_news(place, node, side, if side == RIGHT { pauli } else { Pauli::I }, done)?;
                }
            }
        }
        if merged.held == [false; 2] {
            self.gone(place)?;
        } else if merged.dead && !delay {
            // Nobody will be told: what is left of it is of no use.
            for side in [LEFT, RIGHT] {
                if merged.held[side] {
                    self.let_go(place, side)?;
                }
            }
        } else {
            self.deliver_if_known(place)?;
        }
        Ok(Outcome::Swap { ok: true, pair: id })
    }

    /// A failed swap empties both pairs; the far ends let go when they hear of it.
    fn swap_failed(&mut self, node: u32, left: (Place, usize), right: (Place, usize), done: Tick) -> Result<(), RunError> {
        let ends = [left, right].map(|(place, near)| self.registry.get(place).ends[near]);
        for (place, near) in [left, right] {
            let far = 1 - near;
            self.registry.get_mut(place).dead = true;
            let far_node = self.node_at(place, far);
            // What waited behind it at the far end may go on; with delay the far end may even swap the dead half.
            self.stir(far_node, PAIRS);
            let held = self.registry.get(place).held[far];
            if self.stage.delay && self.is_reached(place, far) {
                self.registry.get_mut(place).pending[far] += 1;
                self.send_news(place, node, far, Pauli::I, done)?;
            }
            self.registry.get_mut(place).held[near] = false;
            if !held {
                self.gone(place)?;
            } else if !self.stage.delay {
                self.let_go(place, far)?;
            }
        }
        self.free_slots(ends, node, done)
    }

    /// The node's two slots are free when the measurement is done; where links restart together, when the pair is gone.
    fn free_slots(&mut self, ends: [u32; 2], node: u32, done: Tick) -> Result<(), RunError> {
        if self.stage.restart {
            return Ok(());
        }
        if done > self.now {
            return self.push(done, ARRIVALS, self.node_origin(node), Payload::SlotsFree { ends });
        }
        ends.into_iter().try_for_each(|end| self.free_slot(end))
    }
}
