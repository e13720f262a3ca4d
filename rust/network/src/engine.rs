//! One replica: the event loop, and the four things that happen to a link and a pair outside a swap.
//!
//! ```text
//!   attempt ends -> herald -> (swap | wait) -> end to end -> delivered, when both ends know
//!        ^                         |
//!        +---- slots free again ---+
//! ```
//!
//! Within one instant: attempts that end and messages that arrive, then swaps in one scan from left to right, then
//! cut-offs. The scan is not an event: it runs when the next event is later, or of lower priority.

use ebit_kernel::{Control, EventQueue, POLL_EVERY, Tick, Trace};
use ebit_random::{Purpose, Stream, binomial};

use crate::blocks::BlockState;
use crate::error::RunError;
use crate::formalism::Formalism;
use crate::link::LinkState;
use crate::protocol::{BlockEvent, Part, PartEvent};
use crate::recorder::{Columns, Counts, Kind, ReplicaResult};
use crate::registry::{LEFT, Pair, Phase, Place, RIGHT, Registry};
use crate::request::{RequestState, Stage};
use crate::world::{Timing, World};

/// Attempts that end, messages that arrive, swaps that finish, requests that start.
pub const ARRIVALS: u8 = 0;
/// After that instant's swaps.
pub const CUTOFFS: u8 = 2;

/// Units of progress that one replica adds up to.
pub const PROGRESS_PER_REPLICA: u64 = 1000;

/// What an event is about; 16 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payload {
    /// An attempt of this link ends, or has this many messages to go before it does.
    Attempt { link: u32, generation: u32, success: bool, legs: u8 },
    /// News about a pair arrives where its half on this side was.
    Message { pair: Place, side: u8, pauli: ebit_quantum::Pauli },
    /// A node asks the far end on this side whether it may swap, or has its answer.
    Ask { pair: Place, side: u8, answer: bool, id: u64 },
    /// The swap led by this pair is done.
    SwapDone { pair: Place, id: u64 },
    /// A measurement at this position is done; others have been told already when it would be.
    SlotsFree { request: u32, position: u32 },
    /// The pair has reached the cut-off age.
    Cutoff { pair: Place, id: u64 },
    /// The request starts.
    Start { request: u32 },
    /// Something happens to a part of a tree, as it was at this epoch.
    Part { part: u32, epoch: u32, event: PartEvent },
    /// Something happens to the blocks of a request.
    Block { request: u32, event: BlockEvent },
}

const _: () = assert!(size_of::<Payload>() <= 16);

pub struct Engine<'w, F: Formalism> {
    pub(crate) world: &'w World,
    pub(crate) formalism: F,
    pub(crate) replica: u64,
    pub(crate) now: Tick,
    pub(crate) queue: EventQueue<Payload>,
    pub(crate) registry: Registry<F::State>,
    pub(crate) links: Vec<LinkState>,
    pub(crate) requests: Vec<RequestState>,
    /// Positions where a swap may have become possible in this instant.
    pub(crate) dirty: Vec<(u32, u32)>,
    /// Links that a request lost and may have to take back from a later turn: request, position, turn.
    pub(crate) claims: Vec<(u32, u32, u64)>,
    /// The ones being scanned: two buffers, so that a scan allocates nothing.
    pub(crate) scanning: Vec<(u32, u32)>,
    /// The trees of all requests, part by part; parts whose halves may have come; the ones being looked at.
    pub(crate) parts: Vec<Part<F::State>>,
    pub(crate) dirty_parts: Vec<u32>,
    pub(crate) scanning_parts: Vec<u32>,
    /// The encoded pair of each request that makes such.
    pub(crate) blocks: Vec<BlockState>,
    /// Per node: does a swap succeed; what is its outcome; is a message lost.
    pub(crate) swap_streams: Vec<Stream>,
    pub(crate) outcome_streams: Vec<Stream>,
    pub(crate) loss_streams: Vec<Stream>,
    /// Per left end of the pairs: do the bits of a distillation agree. Only where there are trees.
    pub(crate) distillation_streams: Vec<Stream>,
    columns: Vec<Columns>,
    pub(crate) counts: Counts,
    log: Trace,
    unfinished: usize,
    /// Progress told so far.
    reported: u64,
}

impl<'w, F: Formalism> Engine<'w, F> {
    pub fn new(world: &'w World, formalism: F, replica: u64) -> Self {
        let some = |count: usize, purpose| (0..count).map(|n| Stream::new(world.root, replica, n as u64, purpose)).collect();
        let streams = |purpose| some(world.nodes.len(), purpose);
        let distilling = if world.parts.is_empty() { 0 } else { world.nodes.len() };
        let links = world.links.iter().enumerate().map(|(k, l)| LinkState::new(l, world.root, replica, k as u32)).collect();
        Self {
            world,
            formalism,
            replica,
            now: 0,
            queue: EventQueue::new(world.links.len() + world.nodes.len() + world.requests.len()),
            registry: Registry::new(),
            links,
            requests: world.requests.iter().map(RequestState::new).collect(),
            dirty: Vec::new(),
            claims: Vec::new(),
            scanning: Vec::new(),
            parts: world.parts.iter().map(|_| Part::default()).collect(),
            dirty_parts: Vec::new(),
            scanning_parts: Vec::new(),
            blocks: vec![BlockState::default(); world.requests.len()],
            swap_streams: streams(Purpose::SwapOutcome),
            outcome_streams: streams(Purpose::BellOutcome),
            loss_streams: streams(Purpose::MessageLoss),
            distillation_streams: some(distilling, Purpose::Distillation),
            columns: world.requests.iter().map(|_| Columns::default()).collect(),
            counts: Counts::default(),
            log: Trace::new(),
            unfinished: world.requests.len(),
            reported: 0,
        }
    }

    /// Runs the replica to its end; `None` when it was stopped from outside.
    ///
    /// # Errors
    /// Everyone waits, or time overflows.
    pub fn run(mut self, control: &Control) -> Result<Option<ReplicaResult>, RunError> {
        for r in 0..self.requests.len() as u32 {
            let start = self.world.requests[r as usize].start;
            if start == 0 {
                self.start(r)?;
            } else {
                let origin = self.request_origin(r);
                self.push(start, ARRIVALS, origin, Payload::Start { request: r })?;
            }
        }
        let mut stuck = false;
        while self.unfinished > 0 {
            let dirty = !self.dirty.is_empty() || !self.dirty_parts.is_empty();
            if dirty && self.queue.peek_key().is_none_or(|(t, p)| t > self.now || p > ARRIVALS) {
                self.scan()?;
                self.scan_parts()?;
                if !self.claims.is_empty() {
                    self.press_claims()?;
                }
                continue;
            }
            let Some(event) = self.queue.pop() else {
                // With a horizon the wait has an end, and the time until then counts.
                self.now = self.world.until.ok_or_else(|| self.stuck())?;
                stuck = true;
                break;
            };
            if self.world.until.is_some_and(|until| event.time > until) {
                self.now = self.world.until.unwrap_or(event.time);
                break;
            }
            self.now = event.time;
            self.counts.events += 1;
            if self.counts.events.is_multiple_of(POLL_EVERY) {
                if control.should_stop() {
                    return Ok(None);
                }
                self.report(control);
            }
            self.handle(event.payload)?;
            if !self.claims.is_empty() {
                self.press_claims()?;
            }
        }
        control.advance(PROGRESS_PER_REPLICA - self.reported);
        Ok(Some(self.finish_replica(stuck)))
    }

    /// Progress: the pairs that are there, or the time that has passed, whichever is nearer its end.
    fn report(&mut self, control: &Control) {
        let share = |(state, spec): (&RequestState, &crate::world::RequestSpec)| state.delivered as f64 / spec.pairs as f64;
        let pairs: f64 = self.requests.iter().zip(&self.world.requests).map(share).sum::<f64>() / self.requests.len() as f64;
        let time = self.world.until.map_or(0.0, |until| self.now as f64 / until as f64);
        let reached = (pairs.max(time).clamp(0.0, 1.0) * PROGRESS_PER_REPLICA as f64) as u64;
        if reached > self.reported {
            control.advance(reached - self.reported);
            self.reported = reached;
        }
    }

    fn handle(&mut self, payload: Payload) -> Result<(), RunError> {
        match payload {
            Payload::Attempt { link, generation, success, legs } => self.attempt_ends(link, generation, success, legs),
            Payload::Message { pair, side, pauli } => self.arrive(pair, usize::from(side), pauli),
            Payload::Ask { pair, side, answer, id } => self.asked(pair, usize::from(side), answer, id),
            Payload::SwapDone { pair, id } => self.swap_done(pair, id),
            Payload::SlotsFree { request, position } => {
                self.free_slot(request, position, 0)?;
                self.free_slot(request, position, 1)
            }
            Payload::Cutoff { pair, id } => self.cutoff(pair, id),
            Payload::Start { request } => self.start(request),
            Payload::Part { part, epoch, event } => self.part_happens(part, epoch, event),
            Payload::Block { request, event } => self.block_happens(request, event),
        }
    }

    /// Schedules an event; one past the horizon is dropped, since nothing will look at it.
    #[inline]
    pub(crate) fn push(&mut self, time: Tick, priority: u8, origin: u32, payload: Payload) -> Result<(), RunError> {
        if self.world.until.is_some_and(|until| time > until) && !matches!(payload, Payload::Start { .. }) {
            // Kept as an event just beyond the horizon, so that waiting for it is not mistaken for a deadlock.
            return self.schedule(self.world.until.map_or(time, |u| u + 1), priority, origin, payload);
        }
        self.schedule(time, priority, origin, payload)
    }

    #[inline]
    fn schedule(&mut self, time: Tick, priority: u8, origin: u32, payload: Payload) -> Result<(), RunError> {
        self.queue.push(time, priority, origin, payload).map_err(|_| self.overflow("simulate"))
    }

    pub(crate) fn overflow(&self, object: &str) -> RunError {
        RunError::TimeOverflow { object: object.to_owned(), limit_s: self.world.scale.seconds(Tick::MAX) }
    }

    pub(crate) fn node_origin(&self, node: u32) -> u32 {
        self.world.links.len() as u32 + node
    }
    fn request_origin(&self, request: u32) -> u32 {
        (self.world.links.len() + self.world.nodes.len()) as u32 + request
    }

    /// Position's node.
    #[inline]
    pub(crate) fn node_at(&self, request: u32, position: u32) -> u32 {
        self.world.requests[request as usize].nodes[position as usize]
    }

    #[inline]
    pub(crate) fn log(&mut self, kind: Kind, place: u32, pair: u64) {
        self.log_at(self.now, kind, place, pair);
    }

    #[inline]
    pub(crate) fn log_at(&mut self, when: Tick, kind: Kind, place: u32, pair: u64) {
        if self.world.trace {
            self.log.record(when, kind as u8, place, pair);
        }
    }

    fn start(&mut self, request: u32) -> Result<(), RunError> {
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

    /// Starts attempts while both ends have a free slot and somebody wants a pair.
    #[inline]
    pub(crate) fn try_start(&mut self, link: u32) -> Result<(), RunError> {
        loop {
            let state = &mut self.links[link as usize];
            if state.demand == 0 || state.free[0] == 0 || state.free[1] == 0 {
                return Ok(());
            }
            state.free[0] -= 1;
            state.free[1] -= 1;
            state.running += 1;
            self.start_attempt(link)?;
        }
    }

    fn start_attempt(&mut self, link: u32) -> Result<(), RunError> {
        let spec = &self.world.links[link as usize];
        let state = &mut self.links[link as usize];
        let generation = state.generation;
        let (duration, success, legs) = if self.world.per_attempt {
            one_attempt(spec.geometric.p(), spec.timing, &mut state.stream)
        } else {
            let attempts = spec.geometric.sample(&mut state.stream);
            self.counts.attempts += attempts;
            (skipped_attempts(attempts, spec.timing, &mut state.stream), true, 0)
        };
        self.push_success(link, duration, Payload::Attempt { link, generation, success, legs })
    }

    /// Schedules the end of attempts after `duration`; None: beyond what ticks can count.
    pub(crate) fn push_success(&mut self, link: u32, duration: Option<Tick>, attempt: Payload) -> Result<(), RunError> {
        let Some(time) = duration.and_then(|d| self.now.checked_add(d)) else {
            if let Some(until) = self.world.until {
                return self.schedule(until + 1, ARRIVALS, link, attempt);
            }
            return Err(self.overflow(&self.world.links[link as usize].label));
        };
        self.push(time, ARRIVALS, link, attempt)
    }

    fn attempt_ends(&mut self, link: u32, generation: u32, success: bool, legs: u8) -> Result<(), RunError> {
        if self.links[link as usize].generation != generation {
            return Ok(());
        }
        if legs > 0 {
            let time = self.later(self.world.links[link as usize].timing.leg())?;
            return self.push(time, ARRIVALS, link, Payload::Attempt { link, generation, success, legs: legs - 1 });
        }
        if self.world.per_attempt {
            self.counts.attempts += 1;
        }
        if !success {
            self.log(Kind::AttemptFailed, link, 0);
            return self.start_attempt(link);
        }
        self.links[link as usize].running -= 1;
        self.herald(link)
    }

    /// A fresh pair: who gets it, and what it can be joined with.
    fn herald(&mut self, link: u32) -> Result<(), RunError> {
        let Some((request, position)) = self.claimant(link) else { return Ok(()) };
        let spec = &self.world.requests[request as usize];
        if spec.blocks.is_some() {
            return self.block_pair(request, position);
        }
        let (now, last) = (self.now, spec.last());
        let place = self.registry.insert(Pair {
            id: 0,
            request,
            ends: [position, position + 1],
            phase: Phase::Waiting,
            dead: false,
            held: [true; 2],
            pending: [0; 2],
            touched: [now; 2],
            ticket: [0; 2],
            birth: now,
            since: [now; 2],
            references: 0,
            turned: false,
            told: now,
            answers: 0,
            state: self.formalism.fresh(request, position),
        });
        self.log(Kind::Herald, link, self.registry.get(place).id);
        self.requests[request as usize].taken[position as usize] += 1;
        if last == 1 {
            return self.deliver(place);
        }
        self.wait_at_ends(place, true);
        self.arm_cutoff(place)
    }

    /// Queues the pair at each interior end, in order of arrival there; `news` if a swap may become possible there.
    pub(crate) fn wait_at_ends(&mut self, place: Place, news: bool) {
        let pair = self.registry.get(place);
        let (request, ends, ticket, held) = (pair.request, pair.ends, pair.ticket, pair.held);
        let last = self.world.requests[request as usize].last();
        for side in [LEFT, RIGHT] {
            let position = ends[side];
            if position == 0 || position == last || !held[side] {
                continue;
            }
            // A pair whose left half is here extends to the right.
            let queue = &self.requests[request as usize].waiting[position as usize][1 - side];
            let before = |p: &Place| self.registry.get(*p).ticket[side] < ticket[side];
            let index = queue.iter().rposition(before).map_or(0, |k| k + 1);
            self.requests[request as usize].waiting[position as usize][1 - side].insert(index, place);
            if news {
                self.dirty.push((request, position));
            }
        }
    }

    /// Takes the pair off the queue at one of its ends.
    pub(crate) fn leave_queue(&mut self, place: Place, side: usize) {
        let pair = self.registry.get(place);
        let queue = &mut self.requests[pair.request as usize].waiting[pair.ends[side] as usize][1 - side];
        queue.retain(|p| *p != place);
    }

    /// Frees the slot under the half at `position` that belongs to the link on the given side of it.
    pub(crate) fn free_slot(&mut self, request: u32, position: u32, toward: usize) -> Result<(), RunError> {
        let spec = &self.world.requests[request as usize];
        let (hop, end) = if toward == LEFT {
            let hop = spec.links[position as usize - 1];
            (hop, hop.right_end())
        } else {
            let hop = spec.links[position as usize];
            (hop, hop.left_end())
        };
        self.links[hop.link as usize].free[end] += 1;
        self.try_start(hop.link)
    }

    /// One end lets go of its half; the pair is gone when both have.
    pub(crate) fn let_go(&mut self, place: Place, side: usize) -> Result<(), RunError> {
        let pair = self.registry.get_mut(place);
        pair.held[side] = false;
        let (request, position, held) = (pair.request, pair.ends[side], pair.held);
        self.leave_queue(place, side);
        let restart = self.world.requests[request as usize].restart;
        if !restart {
            self.free_slot(request, position, 1 - side)?;
        }
        if !held[1 - side] {
            self.gone(place)?;
        }
        Ok(())
    }

    /// Nobody holds a half any more. A chain's links start anew only now.
    pub(crate) fn gone(&mut self, place: Place) -> Result<(), RunError> {
        let pair = self.registry.get(place);
        let (request, ends, dead) = (pair.request, pair.ends, pair.dead);
        self.registry.retire(place);
        if dead {
            self.lost(request, ends);
        }
        if !self.world.requests[request as usize].restart {
            return Ok(());
        }
        for position in ends[LEFT]..ends[RIGHT] {
            let link = self.world.requests[request as usize].links[position as usize].link;
            self.links[link as usize].free[0] += 1;
            self.links[link as usize].free[1] += 1;
        }
        for position in ends[LEFT]..ends[RIGHT] {
            self.try_start(self.world.requests[request as usize].links[position as usize].link)?;
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
    fn empty(&mut self, request: u32) -> Result<(), RunError> {
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
    fn finish(&mut self, request: u32) -> Result<(), RunError> {
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

    fn finish_replica(mut self, stuck: bool) -> ReplicaResult {
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

/// Time to the first event of one attempt, its outcome (one Bernoulli draw), and how many more messages follow.
///
/// A negotiation in two rounds is 4 or 7 one-way trips, each an event of its own here.
pub(crate) fn one_attempt(p: f64, timing: Timing, stream: &mut Stream) -> (Option<Tick>, bool, u8) {
    let u = stream.next_f64();
    let success = u < p;
    match timing {
        Timing::Fixed(t) => (Some(t), success, 0),
        Timing::TwoRound { short, long, long_given_failure } => {
            let long_attempt = success || u < p + (1.0 - p) * long_given_failure;
            let (total, legs) = if long_attempt { (long, 6) } else { (short, 3) };
            (Some(total - i64::from(legs) * timing.leg()), success, legs)
        }
    }
}

/// Duration of `attempts` attempts, the last of which succeeds; `None` beyond what ticks can count.
#[inline]
pub(crate) fn skipped_attempts(attempts: u64, timing: Timing, stream: &mut Stream) -> Option<Tick> {
    let count = i64::try_from(attempts).ok()?;
    match timing {
        Timing::Fixed(t) => count.checked_mul(t),
        Timing::TwoRound { short, long, long_given_failure } => {
            let failures = count - 1;
            let long_ones = binomial(stream, failures as u64, long_given_failure).ok()? as i64;
            let wasted = (failures - long_ones).checked_mul(short)?.checked_add(long_ones.checked_mul(long)?)?;
            wasted.checked_add(long)
        }
    }
}
