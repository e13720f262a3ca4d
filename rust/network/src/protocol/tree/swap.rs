//! A swap of a tree: when its halves are known, how long one waits for the other, what becomes of them.

use ebit_kernel::Tick;
use ebit_quantum::Pauli;

use super::{Doing, Made, PartEvent};
use crate::engine::{ARRIVALS, CUTOFFS, Engine};
use crate::error::RunError;
use crate::formalism::Formalism;
use crate::parts::{PartKind, halves_of};
use crate::recorder::Kind;
use crate::registry::{LEFT, RIGHT};

impl<F: Formalism> Engine<'_, F> {
    fn halves(&self, part: u32) -> [u32; 2] {
        halves_of(&self.world.parts, part).unwrap_or([part; 2])
    }

    fn position(&self, part: u32) -> u32 {
        match self.world.parts[part as usize].kind {
            PartKind::Swap { at, .. } => at,
            PartKind::Link | PartKind::Distil | PartKind::Pump => self.world.parts[part as usize].ends[LEFT],
        }
    }

    fn swap_node(&self, part: u32) -> u32 {
        self.node_at(self.world.parts[part as usize].request, self.position(part))
    }

    /// A half has come, as the node knows.
    pub(super) fn look_at_halves(&mut self, part: u32, cutoff: Option<Tick>) -> Result<(), RunError> {
        let [left, right] = self.halves(part);
        let in_vain = self.parts[part as usize].in_vain;
        let known = [self.knows(left, RIGHT) && !in_vain[LEFT], self.knows(right, LEFT) && !in_vain[RIGHT]];
        if known == [true; 2] {
            return self.ready(part);
        }
        if known == [false; 2] || self.parts[part as usize].since.is_some() {
            return Ok(());
        }
        self.parts[part as usize].since = Some(self.now);
        if let Some(time) = cutoff.and_then(|c| self.now.checked_add(c)) {
            let origin = self.node_origin(self.swap_node(part));
            self.push(time, CUTOFFS, origin, self.part_event(part, PartEvent::Cutoff))?;
        }
        if known[LEFT] && self.one_by_one(part) {
            if self.delayed(part) {
                let to = self.world.parts[part as usize].ends[RIGHT];
                let id = self.name_of(left);
                return self.tell(part, self.position(part), to, self.now, id, PartEvent::Begin);
            }
            return self.begin_right(part);
        }
        Ok(())
    }

    /// The left half is there: the right one begins.
    pub(super) fn begin_right(&mut self, part: u32) -> Result<(), RunError> {
        let [_, right] = self.halves(part);
        self.parts[part as usize].in_vain[RIGHT] = false;
        self.begin(right)
    }

    fn ready(&mut self, part: u32) -> Result<(), RunError> {
        let spec = &self.world.parts[part as usize];
        if !self.world.requests[spec.request as usize].handshake {
            return self.join(part);
        }
        self.parts[part as usize].doing = Doing::Asking(0);
        let id = self.name_of(self.halves(part)[LEFT]);
        for side in [LEFT, RIGHT] {
            let event = PartEvent::Ask { side: side as u8, answer: false };
            self.tell(part, self.position(part), spec.ends[side], self.now, id, event)?;
        }
        Ok(())
    }

    /// A question reaches a far end, which answers at once; or an answer reaches the node.
    pub(super) fn asked_for(&mut self, part: u32, side: usize, answer: bool) -> Result<(), RunError> {
        let Doing::Asking(answers) = self.parts[part as usize].doing else { return Ok(()) };
        let id = self.name_of(self.halves(part)[LEFT]);
        if !answer {
            let event = PartEvent::Ask { side: side as u8, answer: true };
            return self.tell(part, self.world.parts[part as usize].ends[side], self.position(part), self.now, id, event);
        }
        self.log(Kind::Message, self.swap_node(part), id);
        self.parts[part as usize].doing = Doing::Asking(answers + 1);
        if answers == 1 { self.join(part) } else { Ok(()) }
    }

    fn join(&mut self, part: u32) -> Result<(), RunError> {
        let node = self.swap_node(part);
        let duration = self.world.nodes[node as usize].swap_duration;
        let done = self.later(duration)?;
        if duration == 0 || self.delayed(part) {
            return self.measure_halves(part, self.now, done);
        }
        self.parts[part as usize].doing = Doing::Measuring;
        self.push(done, ARRIVALS, self.node_origin(node), self.part_event(part, PartEvent::SwapDone))
    }

    pub(super) fn part_swap_done(&mut self, part: u32) -> Result<(), RunError> {
        let duration = self.world.nodes[self.swap_node(part) as usize].swap_duration;
        self.measure_halves(part, self.now - duration, self.now)
    }

    /// The Bell measurement from `started` to `done`, one of which is now; as `Engine::measure`.
    fn measure_halves(&mut self, part: u32, started: Tick, done: Tick) -> Result<(), RunError> {
        let [left, right] = self.halves(part);
        self.age_part(left, RIGHT, started);
        self.age_part(right, LEFT, started);
        if !F::COMMUTES {
            self.age_part(left, LEFT, self.now);
            self.age_part(right, RIGHT, self.now);
        }
        let (Some(a), Some(b)) = (self.spend(left), self.spend(right)) else { return Ok(()) };
        let (node, delay) = (self.swap_node(part), self.delayed(part));
        let spec = &self.world.nodes[node as usize];
        self.counts.swaps += 1;
        if spec.swap_success < 1.0 && !self.swap_streams[node as usize].bernoulli(spec.swap_success) {
            self.log_at(done, Kind::SwapFailed, node, a.id);
            return self.halves_lost(part, done, [a.id, b.id]);
        }
        let stream = &mut self.outcome_streams[node as usize];
        let mut draw = || stream.next_f64();
        let (mut state, pauli) = self.formalism.swap(&a.state, &b.state, spec.swap_visibility, &mut draw, !delay);
        if !delay {
            self.formalism.correct(&mut state, pauli);
        }
        let id = self.registry.next_ticket();
        self.log_at(done, Kind::Swap, node, id);
        let told = u32::from(delay);
        let pending = [a.pending[LEFT] + told, b.pending[RIGHT] + told];
        self.here(part, Made { id, pending, touched: [a.touched[LEFT], b.touched[RIGHT]], state })?;
        if !delay {
            return Ok(());
        }
        for (side, pauli) in [(LEFT, Pauli::I), (RIGHT, pauli)] {
            let event = PartEvent::Heard { side: side as u8, pauli };
            self.tell(part, self.position(part), self.world.parts[part as usize].ends[side], done, id, event)?;
        }
        Ok(())
    }

    pub(super) fn cut_off(&mut self, part: u32, cutoff: Tick) -> Result<(), RunError> {
        let this = &self.parts[part as usize];
        // The same part may have waited before, since when it lost both halves.
        if this.doing != Doing::Waiting || this.since.and_then(|s| s.checked_add(cutoff)) != Some(self.now) {
            return Ok(());
        }
        let [left, right] = self.halves(part);
        self.halves_lost(part, self.now, [self.name_of(left), self.name_of(right)])
    }

    /// Both halves are lost, as the node finds at `when`: they begin anew when their far ends have heard.
    fn halves_lost(&mut self, part: u32, when: Tick, ids: [u64; 2]) -> Result<(), RunError> {
        let this = &mut self.parts[part as usize];
        (this.doing, this.since) = (Doing::Waiting, None);
        let in_vain = this.in_vain;
        for side in [LEFT, RIGHT] {
            if !self.delayed(part) {
                self.anew(part, side)?;
            } else if !in_vain[side] {
                // One that is still to hear of the last time will start anew then.
                self.parts[part as usize].in_vain[side] = true;
                let event = PartEvent::Anew { side: side as u8 };
                self.tell(part, self.position(part), self.world.parts[part as usize].ends[side], when, ids[side], event)?;
            }
        }
        Ok(())
    }

    /// All of one half begins anew; a right half that follows the left one waits for it.
    pub(super) fn anew(&mut self, part: u32, side: usize) -> Result<(), RunError> {
        self.parts[part as usize].in_vain[side] = false;
        let half = self.halves(part)[side];
        if side == RIGHT && self.one_by_one(part) {
            self.call_off(half, true);
            return Ok(());
        }
        self.begin(half)
    }

    /// The identity of the part's pair, or 0.
    pub(super) fn name_of(&self, part: u32) -> u64 {
        self.parts[part as usize].made.as_ref().map_or(0, |m| m.id)
    }
}
