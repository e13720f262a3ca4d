//! Swap as soon as possible: a node joins its oldest pair to the left with its oldest pair to the right.
//!
//! ```text
//!   left ----A---- node ----B---- right      before: two pairs wait at the node
//!   left ---------------C--------- right     after:  one pair; both far ends are told
//! ```
//!
//! A swap of some duration keeps both pairs busy until it is done. Without classical delay everybody knows at once; with
//! it, the far ends learn by message (see `messages`), and may in the meantime swap a half that is no longer entangled.

use ebit_kernel::Tick;
use ebit_spec::Match;

use crate::engine::{ARRIVALS, CUTOFFS, Engine, Payload};
use crate::error::RunError;
use crate::formalism::Formalism;
use crate::recorder::Kind;
use crate::registry::{LEFT, Pair, Phase, Place, RIGHT};
use crate::request::Stage;

impl<F: Formalism> Engine<'_, F> {
    /// One scan from left to right over the nodes where something arrived; a merged pair may be swapped again.
    pub(crate) fn scan(&mut self) -> Result<(), RunError> {
        std::mem::swap(&mut self.dirty, &mut self.scanning);
        self.scanning.sort_unstable();
        self.scanning.dedup();
        for k in 0..self.scanning.len() {
            let (request, position) = self.scanning[k];
            while let Some((left, right)) = self.choose(request, position) {
                self.begin_swap(left, right)?;
            }
        }
        self.scanning.clear();
        Ok(())
    }

    fn choose(&self, request: u32, position: u32) -> Option<(Place, Place)> {
        let state = &self.requests[request as usize];
        if state.stage != Stage::Active {
            return None;
        }
        let span = self.world.requests[request as usize].span[position as usize];
        let pick = |toward: usize| {
            let queue = &state.waiting[position as usize][toward];
            let fits = |p: &&Place| span[toward] == 0 || self.spans(**p, span[toward], 1 - toward);
            let chosen = match self.world.matching {
                Match::Oldest => queue.iter().find(fits).copied(),
                Match::Longest => queue.iter().filter(fits).rev().max_by_key(|p| self.length(**p)).copied(),
            };
            // Its other half is being swapped: to pass it over would break the order, and let pairs over overlapping
            // stretches of the route fill the memories for ever.
            let busy = |p: &Place| self.registry.get(*p).phase != Phase::Waiting;
            let waits = match self.world.matching {
                Match::Oldest => chosen.as_ref().is_some_and(busy),
                Match::Longest => queue.iter().any(busy),
            };
            if waits { None } else { chosen }
        };
        pick(LEFT).zip(pick(RIGHT))
    }

    /// Links that a pair spans.
    fn length(&self, place: Place) -> u32 {
        let ends = self.registry.get(place).ends;
        ends[RIGHT] - ends[LEFT]
    }

    /// Whether a pair spans this many links and its end on `side` knows it.
    fn spans(&self, place: Place, links: u32, side: usize) -> bool {
        let pair = self.registry.get(place);
        self.length(place) == links && pair.pending[side] == 0
    }

    fn begin_swap(&mut self, left: Place, right: Place) -> Result<(), RunError> {
        let pair = self.registry.get(left);
        let node = self.node_at(pair.request, pair.ends[RIGHT]);
        let spec = &self.world.requests[pair.request as usize];
        let handshake = spec.handshake;
        let duration = self.world.nodes[node as usize].swap_duration;
        if (duration == 0 || spec.delay) && !handshake {
            return self.measure(left, right, self.now, self.later(duration)?);
        }
        for (place, partner, lead) in [(left, right, true), (right, left, false)] {
            self.leave_queue(place, if lead { RIGHT } else { LEFT });
            self.registry.get_mut(place).phase = Phase::Swapping { partner, lead };
        }
        if handshake { self.ask(left) } else { self.carry_out(left, right) }
    }

    /// The measurement itself, on two pairs that were set aside.
    pub(crate) fn carry_out(&mut self, left: Place, right: Place) -> Result<(), RunError> {
        let pair = self.registry.get(left);
        let (id, node) = (pair.id, self.node_at(pair.request, pair.ends[RIGHT]));
        let duration = self.world.nodes[node as usize].swap_duration;
        let time = self.later(duration)?;
        if duration == 0 || self.world.requests[pair.request as usize].delay {
            self.registry.get_mut(left).phase = Phase::Waiting;
            self.registry.get_mut(right).phase = Phase::Waiting;
            return self.measure(left, right, self.now, time);
        }
        self.push(time, ARRIVALS, self.node_origin(node), Payload::SwapDone { pair: left, id })
    }

    pub(crate) fn swap_done(&mut self, left: Place, id: u64) -> Result<(), RunError> {
        let pair = self.registry.get(left);
        let Phase::Swapping { partner, lead: true } = pair.phase else { return Ok(()) };
        if pair.id != id {
            return Ok(());
        }
        let node = self.node_at(pair.request, pair.ends[RIGHT]);
        let started = self.now - self.world.nodes[node as usize].swap_duration;
        self.registry.get_mut(left).phase = Phase::Waiting;
        self.registry.get_mut(partner).phase = Phase::Waiting;
        self.measure(left, partner, started, self.now)
    }

    /// The Bell measurement from `started` to `done`, one of which is now.
    ///
    /// With instant knowledge it is carried out when it is done. With classical delay nobody else knows of it before
    /// that: it is carried out when it starts, so that neighbours go on as they would, and told when it is done.
    fn measure(&mut self, left: Place, right: Place, started: Tick, done: Tick) -> Result<(), RunError> {
        self.age(left, RIGHT, started);
        self.age(right, LEFT, started);
        if !F::COMMUTES {
            // Relaxation of the outer halves commutes neither with the correction nor with the white noise of a swap.
            self.age(left, LEFT, self.now);
            self.age(right, RIGHT, self.now);
        }
        let (a, b) = (*self.registry.get(left), *self.registry.get(right));
        let (request, position) = (a.request, a.ends[RIGHT]);
        let spec = &self.world.requests[request as usize];
        let node = spec.nodes[position as usize];
        let node_spec = &self.world.nodes[node as usize];
        self.counts.swaps += 1;
        if node_spec.swap_success < 1.0 && !self.swap_streams[node as usize].bernoulli(node_spec.swap_success) {
            self.log_at(done, Kind::SwapFailed, node, a.id);
            return self.swap_failed(left, right, done);
        }
        let stream = &mut self.outcome_streams[node as usize];
        let mut draw = || stream.next_f64();
        let (mut state, pauli) = self.formalism.swap(&a.state, &b.state, node_spec.swap_visibility, &mut draw, !spec.delay);
        if !spec.delay {
            self.formalism.correct(&mut state, pauli);
        }
        let told = u32::from(spec.delay);
        let news = started < self.now || spec.handshake || spec.span[0][0] > 0;
        let merged = Pair {
            id: 0,
            request,
            ends: [a.ends[LEFT], b.ends[RIGHT]],
            phase: Phase::Waiting,
            dead: a.dead || b.dead,
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
            state,
        };
        let (held, dead, ends) = (merged.held, merged.dead, merged.ends);
        let place = self.registry.insert(merged);
        self.log_at(done, Kind::Swap, node, self.registry.get(place).id);
        for old in [left, right] {
            self.leave_queue(old, LEFT);
            self.leave_queue(old, RIGHT);
            self.registry.merge(old, place);
        }
        let end_to_end = ends == [0, spec.last()];
        // Pairs that were not set aside have no neighbour waiting at their outer ends: it would have been swapped.
        self.wait_at_ends(place, news);
        self.free_slots(request, position, done)?;
        if spec.delay {
            for side in [LEFT, RIGHT] {
                if held[side] {
                    self.send(place, position, side, pauli, done)?;
                }
            }
        }
        if held == [false; 2] {
            return self.gone(place);
        }
        if dead {
            return Ok(());
        }
        if end_to_end {
            return self.deliver_if_known(place);
        }
        self.arm_cutoff(place)
    }

    /// A failed swap empties both pairs; the far ends let go when they hear of it.
    fn swap_failed(&mut self, left: Place, right: Place, done: Tick) -> Result<(), RunError> {
        let pair = self.registry.get(left);
        let (request, position) = (pair.request, pair.ends[RIGHT]);
        let delay = self.world.requests[request as usize].delay;
        for (place, near) in [(left, RIGHT), (right, LEFT)] {
            let far = 1 - near;
            let pair = self.registry.get_mut(place);
            pair.dead = true;
            let (held, pair_far) = (pair.held[far], pair.ends[far]);
            // What waited behind it at the far end may go on; with delay the far end may even swap the dead half.
            self.dirty.push((request, pair_far));
            if delay && held {
                let pair = self.registry.get_mut(place);
                pair.pending[far] += 1;
                self.send(place, position, far, ebit_quantum::Pauli::I, done)?;
            }
            self.leave_queue(place, near);
            self.registry.get_mut(place).held[near] = false;
            if !held {
                self.gone(place)?;
            } else if !delay {
                self.let_go(place, far)?;
            }
        }
        self.free_slots(request, position, done)
    }

    /// The node's two slots are free when the measurement is done; in a chain, when its pair is gone.
    fn free_slots(&mut self, request: u32, position: u32, done: Tick) -> Result<(), RunError> {
        if self.world.requests[request as usize].restart {
            return Ok(());
        }
        if done > self.now {
            let origin = self.node_origin(self.node_at(request, position));
            return self.push(done, ARRIVALS, origin, Payload::SlotsFree { request, position });
        }
        self.free_slot(request, position, LEFT)?;
        self.free_slot(request, position, RIGHT)
    }

    /// Schedules the drop of a pair at the cut-off age of its oldest elementary pair.
    pub(crate) fn arm_cutoff(&mut self, place: Place) -> Result<(), RunError> {
        let pair = self.registry.get(place);
        let Some(cutoff) = self.world.requests[pair.request as usize].cutoff else { return Ok(()) };
        let (id, node) = (pair.id, self.node_at(pair.request, pair.ends[LEFT]));
        let Some(time) = self.since(pair).checked_add(cutoff) else { return Ok(()) };
        self.push(time.max(self.now), CUTOFFS, self.node_origin(node), Payload::Cutoff { pair: place, id })
    }

    /// When the time began that the cut-off limits.
    fn since(&self, pair: &Pair<F::State>) -> Tick {
        if !self.world.requests[pair.request as usize].cutoff_on_memory {
            return pair.birth;
        }
        // A measured end is in no memory.
        let stored = |side: usize| pair.held[side] && self.world.decay_at(pair.request, pair.ends[side]).is_some();
        let held = |side: usize| if stored(side) { pair.since[side] } else { Tick::MAX };
        held(LEFT).min(held(RIGHT))
    }

    pub(crate) fn cutoff(&mut self, place: Place, id: u64) -> Result<(), RunError> {
        let pair = self.registry.get(place);
        // A pair taken over by another request answers to that one's cut-off.
        let due = self.world.requests[pair.request as usize].cutoff.is_some_and(|c| self.now - self.since(pair) >= c);
        if pair.id != id || pair.phase != Phase::Waiting || pair.dead || !due {
            return Ok(());
        }
        self.drop_pair(place)
    }

    /// Gives a waiting pair up; an end that has not yet heard all about it lets go when it has.
    pub(crate) fn drop_pair(&mut self, place: Place) -> Result<(), RunError> {
        let pair = self.registry.get_mut(place);
        pair.dead = true;
        let (request, pending, held, at, id) = (pair.request, pair.pending, pair.held, pair.ends[LEFT], pair.id);
        let node = self.node_at(request, at);
        self.counts.dropped += 1;
        self.log(Kind::Dropped, node, id);
        for side in [LEFT, RIGHT] {
            if held[side] && pending[side] == 0 {
                self.let_go(place, side)?;
            }
        }
        Ok(())
    }

    pub(crate) fn later(&self, delay: Tick) -> Result<Tick, RunError> {
        self.now.checked_add(delay).ok_or_else(|| self.overflow("simulate"))
    }
}
