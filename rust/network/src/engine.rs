//! One replica: its event loop and what it owns. What happens is next door: [`crate::attempts`], [`crate::slots`],
//! [`crate::deliveries`], [`crate::messages`], and the swaps of each protocol.
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
use ebit_random::{Purpose, Stream};

use crate::blocks::BlockState;
use crate::error::RunError;
use crate::formalism::Formalism;
use crate::link::LinkState;
use crate::protocol::{BlockEvent, Part, PartEvent};
use crate::recorder::{Columns, Counts, Kind, ReplicaResult};
use crate::registry::{Place, Registry};
use crate::request::RequestState;
use crate::world::World;

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
    pub(crate) columns: Vec<Columns>,
    pub(crate) counts: Counts,
    pub(crate) log: Trace,
    pub(crate) unfinished: usize,
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
    pub(crate) fn schedule(&mut self, time: Tick, priority: u8, origin: u32, payload: Payload) -> Result<(), RunError> {
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
}
