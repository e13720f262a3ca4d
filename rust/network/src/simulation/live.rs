//! The network in motion under protocols: time, attempts, who is to go on.
//!
//! Within one instant, as in the built-in engine: attempts that end, messages that arrive, swaps that are done; then the
//! protocols whose waits may be met, in one scan by node and then by the order in which they were started; then cut-offs.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use ebit_kernel::{EventQueue, Tick, Trace};
use ebit_quantum::Pauli;
use ebit_random::{Purpose, Stream};

use super::outcome::Begun;
use super::paths::Paths;
use super::readout::{Reading, Readout};
use super::stage::{LinkEnd, Stage};
use super::wait::{Handle, Operation, Outcome, Wait, Wake};
use crate::attempts::skipped_attempts;
use crate::engine::{ARRIVALS, CUTOFFS};
use crate::error::RunError;
use crate::link::LinkState;
use crate::recorder::{Columns, Counts, Kind};
use crate::registry::{Place, Registry};

/// What an event is about.
#[derive(Debug, Clone, Copy)]
pub enum Payload {
    /// An attempt of this link succeeds.
    Attempt { link: u32 },
    /// News about a pair arrives where its half on this side was.
    News { pair: Place, side: u8, pauli: Pauli },
    /// A message of the user's arrives.
    Letter { from: u32, to: u32, content: u64 },
    /// The swap begun under this name is done.
    SwapDone { operation: Operation },
    /// A measurement at a node is done, others have been told already when it would be; these slots are free.
    SlotsFree { ends: [LinkEnd; 2] },
    /// The time a protocol waits for has come; or a pair it waits for may have reached its age.
    Timer { task: u32 },
}

/// What the registry keeps with a pair, beside the state.
#[derive(Debug, Clone, Copy)]
pub struct Half<S> {
    pub state: S,
    /// The handles of the protocols that hold its halves; 0: none.
    pub handle: [Handle; 2],
    /// What a measurement of each half gave.
    pub reading: [Option<Reading>; 2],
    /// To be delivered as soon as both ends know of it.
    pub ordered: bool,
}

pub struct Task {
    pub node: u32,
    pub label: String,
    pub background: bool,
    /// None while it runs, and when it has ended.
    pub wait: Option<Wait>,
    pub interest: u8,
    pub ended: bool,
}

/// Delivered pairs between two nodes.
#[derive(Debug, Clone)]
pub struct Connection {
    pub source: u32,
    pub target: u32,
    /// Every pair between the two is delivered as soon as both ends know of it.
    pub standing: bool,
    pub start: Tick,
    pub columns: Columns,
}

/// What to do next.
#[derive(Debug)]
pub enum Step {
    /// This protocol's wait is met.
    Resume { task: usize, node: u32, wake: Wake },
    /// Many events passed and nobody had to be told: a moment to look at the world outside.
    Pause,
    /// Everyone that was waited for has ended; or the time is up.
    Finished,
    /// The time is up, and it would have been waited for ever.
    Stuck(String),
}

/// Events between two pauses.
const PAUSE_EVERY: u32 = 4096;

pub struct Live<F: Readout> {
    pub(super) stage: Arc<Stage>,
    pub(super) formalism: F,
    pub(super) now: Tick,
    /// Priority of the last event.
    pub(super) phase: u8,
    pub(super) queue: EventQueue<Payload>,
    pub(super) registry: Registry<Half<F::State>>,
    pub(super) links: Vec<LinkState>,
    /// The links under one pair as a circle: the next one for each. Only where links restart together.
    pub(super) circle: Vec<u32>,
    /// Per link end: halves there that no protocol holds, in the order of their tickets, and their sides.
    pub(super) waiting: Vec<Vec<(Place, u8)>>,
    pub(super) tasks: Vec<Task>,
    pub(super) tasks_at: Vec<Vec<u32>>,
    pub(super) foreground: usize,
    /// Protocols whose waits may be met: node, task.
    pub(super) dirty: Vec<(u32, u32)>,
    scanning: Vec<(u32, u32)>,
    cursor: usize,
    pub(super) handles: HashMap<Handle, Place>,
    pub(super) next_handle: Handle,
    pub(super) begun: HashMap<Operation, Begun>,
    /// Begun, and nobody will ask how it ended.
    pub(super) unwanted: HashSet<Operation>,
    pub(super) next_operation: Operation,
    /// What waits for a swap at the other end of its pair, in the order it was asked for.
    pub(super) postponed: Vec<Operation>,
    pub(super) letters: Vec<VecDeque<(u32, u64)>>,
    /// Contents of messages that were lost: their owner may forget them.
    pub(super) lost_contents: Vec<u64>,
    pub(super) paths: Paths,
    pub(super) connections: Vec<Connection>,
    pub(super) swap_streams: Vec<Stream>,
    pub(super) outcome_streams: Vec<Stream>,
    pub(super) loss_streams: Vec<Stream>,
    pub(super) readout_streams: Vec<Stream>,
    pub(super) counts: Counts,
    log: Trace,
}

impl<F: Readout> Live<F> {
    pub fn new(stage: Arc<Stage>, formalism: F) -> Self {
        let world = &stage.world;
        let nodes = world.nodes.len();
        let streams = |purpose| (0..nodes).map(|n| Stream::new(world.root, stage.replica, n as u64, purpose)).collect();
        let links = world.links.iter().enumerate().map(|(k, l)| LinkState::new(l, world.root, stage.replica, k as u32));
        Self {
            now: 0,
            phase: ARRIVALS,
            queue: EventQueue::new(world.links.len() + nodes),
            registry: Registry::new(),
            links: links.collect(),
            circle: (0..world.links.len() as u32).collect(),
            waiting: vec![Vec::new(); 2 * world.links.len()],
            tasks: Vec::new(),
            tasks_at: vec![Vec::new(); nodes],
            foreground: 0,
            dirty: Vec::new(),
            scanning: Vec::new(),
            cursor: 0,
            handles: HashMap::new(),
            next_handle: 1,
            begun: HashMap::new(),
            unwanted: HashSet::new(),
            next_operation: 1,
            postponed: Vec::new(),
            letters: vec![VecDeque::new(); nodes],
            lost_contents: Vec::new(),
            paths: Paths::of(&stage),
            connections: Vec::new(),
            swap_streams: streams(Purpose::SwapOutcome),
            outcome_streams: streams(Purpose::BellOutcome),
            loss_streams: streams(Purpose::MessageLoss),
            readout_streams: streams(Purpose::Measurement),
            counts: Counts::default(),
            log: Trace::new(),
            formalism,
            stage,
        }
    }

    /// Goes on until a protocol is to be told something, or to the end.
    ///
    /// # Errors
    /// Everyone waits and no time ends it, or time overflows.
    pub fn step(&mut self, until: Option<Tick>) -> Result<Step, RunError> {
        let mut budget = PAUSE_EVERY;
        loop {
            if until.is_none() && self.foreground == 0 {
                return Ok(Step::Finished);
            }
            while let Some(&(node, task)) = self.scanning.get(self.cursor) {
                if let Some(wake) = self.look(task as usize) {
                    return Ok(Step::Resume { task: task as usize, node, wake });
                }
                self.cursor += 1;
            }
            self.scanning.clear();
            self.cursor = 0;
            let next = self.queue.peek_key();
            if !self.dirty.is_empty() && next.is_none_or(|(t, p)| t > self.now || p > ARRIVALS) {
                std::mem::swap(&mut self.dirty, &mut self.scanning);
                self.scanning.sort_unstable();
                self.scanning.dedup();
                continue;
            }
            let Some((time, _)) = next else { return self.quiet(until) };
            if let Some(until) = until.filter(|until| time > *until) {
                self.now = self.now.max(until);
                return Ok(Step::Finished);
            }
            if budget == 0 {
                return Ok(Step::Pause);
            }
            budget -= 1;
            let Some(event) = self.queue.pop() else { continue };
            (self.now, self.phase) = (event.time, event.priority);
            self.counts.events += 1;
            self.handle(event.payload)?;
        }
    }

    /// Nothing is scheduled.
    fn quiet(&mut self, until: Option<Tick>) -> Result<Step, RunError> {
        let waits = (self.foreground > 0).then(|| self.who_waits());
        match (until, waits) {
            (Some(until), waits) => {
                let early = self.now < until;
                self.now = self.now.max(until);
                Ok(waits.filter(|_| early).map_or(Step::Finished, Step::Stuck))
            }
            (None, Some(waits)) => {
                Err(RunError::Stuck { replica: self.stage.replica, time_s: self.stage.world.scale.seconds(self.now), waits })
            }
            (None, None) => Ok(Step::Finished),
        }
    }

    fn handle(&mut self, payload: Payload) -> Result<(), RunError> {
        match payload {
            Payload::Attempt { link } => {
                self.links[link as usize].running -= 1;
                self.herald(link)
            }
            Payload::News { pair, side, pauli } => self.arrive(pair, usize::from(side), pauli),
            Payload::Letter { from, to, content } => {
                self.log(Kind::Message, to, 0);
                self.letters[to as usize].push_back((from, content));
                self.stir(to, LETTERS);
                Ok(())
            }
            Payload::SwapDone { operation } => self.swap_done(operation),
            Payload::SlotsFree { ends } => ends.into_iter().try_for_each(|end| self.free_slot(end)),
            Payload::Timer { task } => {
                self.dirty.push((self.tasks[task as usize].node, task));
                Ok(())
            }
        }
    }

    #[inline]
    pub(super) fn push(&mut self, time: Tick, priority: u8, origin: u32, payload: Payload) -> Result<(), RunError> {
        self.queue.push(time, priority, origin, payload).map_err(|_| self.overflow())
    }

    pub(super) fn node_origin(&self, node: u32) -> u32 {
        self.links.len() as u32 + node
    }

    pub(super) fn overflow(&self) -> RunError {
        RunError::TimeOverflow { object: "Simulation".to_owned(), limit_s: self.stage.world.scale.seconds(Tick::MAX) }
    }

    pub(super) fn later(&self, delay: Tick) -> Result<Tick, RunError> {
        self.now.checked_add(delay).ok_or_else(|| self.overflow())
    }

    pub(super) fn log(&mut self, kind: Kind, place: u32, pair: u64) {
        self.log_at(self.now, kind, place, pair);
    }

    pub(super) fn log_at(&mut self, when: Tick, kind: Kind, place: u32, pair: u64) {
        if self.stage.world.trace {
            self.log.record(when, kind as u8, place, pair);
        }
    }

    /// The log so far, in order of time: measurements with classical delay are logged for when they are done.
    pub fn trace(&self) -> Trace {
        let mut log = self.log.clone();
        log.sort_by_time();
        log
    }

    /// Starts attempts while both ends have a free slot and somebody has asked for a pair.
    pub(super) fn try_start(&mut self, link: u32) -> Result<(), RunError> {
        loop {
            let spec = &self.stage.world.links[link as usize];
            let state = &mut self.links[link as usize];
            if state.demand == 0 || state.free[0] == 0 || state.free[1] == 0 {
                return Ok(());
            }
            state.free[0] -= 1;
            state.free[1] -= 1;
            state.running += 1;
            let attempts = spec.geometric.sample(&mut state.stream);
            self.counts.attempts += attempts;
            let duration = skipped_attempts(attempts, spec.timing, &mut state.stream);
            let time = duration.and_then(|d| self.now.checked_add(d)).ok_or_else(|| self.overflow())?;
            self.push(time, ARRIVALS, link, Payload::Attempt { link })?;
        }
    }

    pub(super) fn free_slot(&mut self, end: LinkEnd) -> Result<(), RunError> {
        self.links[end as usize / 2].free[end as usize % 2] += 1;
        self.try_start(end / 2)
    }

    pub(super) fn connection(&mut self, source: u32, target: u32) -> usize {
        let same = |c: &Connection| (c.source, c.target) == (source, target) || (c.source, c.target) == (target, source);
        if let Some(found) = self.connections.iter().position(same) {
            return found;
        }
        self.connections.push(Connection { source, target, standing: false, start: 0, columns: Columns::default() });
        self.connections.len() - 1
    }

    // -- who is to be told ------------------------------------------------------------------------------------------

    /// Notes that protocols of this node with such an interest may go on.
    pub(super) fn stir(&mut self, node: u32, interest: u8) {
        for k in 0..self.tasks_at[node as usize].len() {
            let task = self.tasks_at[node as usize][k];
            if self.tasks[task as usize].interest & interest != 0 {
                self.dirty.push((node, task));
            }
        }
    }

    /// Starts a protocol, and with it the links at its node.
    pub fn spawn(&mut self, node: u32, label: String, background: bool) -> Result<usize, RunError> {
        let task = self.tasks.len();
        self.foreground += usize::from(!background);
        // A wait that is met at once.
        let wait = Some(Wait::All(Vec::new()));
        self.tasks.push(Task { node, label, background, wait, interest: 0, ended: false });
        self.tasks_at[node as usize].push(task as u32);
        self.dirty.push((node, task as u32));
        for end in self.ends(node, None) {
            self.ask(end / 2)?;
        }
        Ok(task)
    }

    /// Takes in what a protocol waits for next.
    pub fn install(&mut self, task: usize, wait: Wait) -> Result<(), RunError> {
        let node = self.tasks[task].node;
        if wait == Wait::Done {
            self.end(task);
            return Ok(());
        }
        let (mut interest, mut timers) = (0, Vec::new());
        wait.each(&mut |single| match single {
            Wait::Until(time) => timers.push((*time, ARRIVALS)),
            Wait::Message { .. } => interest |= LETTERS,
            Wait::Outcome(_) => interest |= OUTCOMES,
            Wait::Pair(wanted) => {
                let ends = self.ends(node, wanted.end);
                if let Some(age) = wanted.age {
                    interest |= AGES;
                    let halves = ends.iter().flat_map(|&end| &self.waiting[end as usize]);
                    let due = halves.filter_map(|(p, _)| self.registry.get(*p).birth.checked_add(age));
                    timers.extend(due.map(|t| (t.max(self.now), CUTOFFS)));
                } else {
                    interest |= if wanted.far.is_some() { PAIRS | FAR } else { PAIRS };
                }
            }
            Wait::Any(_) | Wait::All(_) | Wait::Done => {}
        });
        self.tasks[task].interest = interest;
        self.tasks[task].wait = Some(wait);
        for (time, priority) in timers {
            if time > self.now || priority > self.phase {
                self.push(time, priority, self.node_origin(node), Payload::Timer { task: task as u32 })?;
            }
        }
        Ok(())
    }

    /// A protocol has ended.
    pub(super) fn end(&mut self, task: usize) {
        let Task { node, background, ended, .. } = self.tasks[task];
        if !ended {
            self.tasks[task].ended = true;
            self.tasks[task].wait = None;
            self.foreground -= usize::from(!background);
            self.tasks_at[node as usize].retain(|&t| t as usize != task);
        }
    }

    /// Somebody may want pairs of this link: it works from now on, if it ever can.
    pub(super) fn ask(&mut self, link: u32) -> Result<(), RunError> {
        if self.links[link as usize].demand == 0 && !self.stage.hopeless[link as usize] {
            self.links[link as usize].demand = 1;
            self.try_start(link)?;
        }
        Ok(())
    }

    pub(super) fn ends(&self, node: u32, end: Option<LinkEnd>) -> Vec<LinkEnd> {
        end.map_or_else(|| self.stage.ends_at[node as usize].clone(), |end| vec![end])
    }

    fn look(&mut self, task: usize) -> Option<Wake> {
        let wait = self.tasks[task].wait.take()?;
        let node = self.tasks[task].node;
        let mut grasp = Grasp::default();
        let Some(wake) = self.met(node, &wait, &mut grasp) else {
            self.tasks[task].wait = Some(wait);
            return None;
        };
        for &(place, side, end) in &grasp.halves {
            let handle = self.next_handle;
            self.next_handle += 1;
            self.handles.insert(handle, place);
            self.registry.get_mut(place).state.handle[side] = handle;
            self.waiting[end as usize].retain(|&(p, s)| (p, usize::from(s)) != (place, side));
        }
        grasp.letters.sort_unstable();
        for &index in grasp.letters.iter().rev() {
            self.letters[node as usize].remove(index);
        }
        for operation in grasp.operations {
            self.begun.remove(&operation);
        }
        Some(wake)
    }

    /// What the wait gives, if it is met; `grasp` collects what would be taken.
    fn met(&self, node: u32, wait: &Wait, grasp: &mut Grasp) -> Option<Wake> {
        match wait {
            Wait::Until(time) => (self.now >= *time).then_some(Wake::Time),
            Wait::Message { from } => {
                let fits =
                    |(k, (sender, _)): &(usize, &(u32, u64))| from.is_none_or(|f| f == *sender) && !grasp.letters.contains(k);
                let (index, &(_, content)) = self.letters[node as usize].iter().enumerate().find(fits)?;
                grasp.letters.push(index);
                Some(Wake::Message(content))
            }
            Wait::Pair(wanted) => {
                let taken = |place, side| grasp.halves.iter().any(|&(p, s, _)| (p, s) == (place, side));
                let (place, side, end) = self.find_pair(node, wanted, &taken)?;
                let handle = self.next_handle + grasp.halves.len() as u64;
                grasp.halves.push((place, side, end));
                Some(Wake::Pair { handle, id: self.registry.get(place).id })
            }
            Wait::Outcome(operation) => {
                let outcome = match self.begun.get(operation) {
                    Some(Begun::Ended(outcome)) => *outcome,
                    Some(_) => return None,
                    None => Outcome::Lost,
                };
                grasp.operations.push(*operation);
                Some(Wake::Outcome(outcome))
            }
            Wait::Any(waits) => waits.iter().enumerate().find_map(|(k, wait)| {
                let before = grasp.sizes();
                let wake = self.met(node, wait, grasp);
                if wake.is_none() {
                    grasp.shrink(before);
                }
                wake.map(|wake| Wake::Any(k, Box::new(wake)))
            }),
            Wait::All(waits) if waits.is_empty() => Some(Wake::Start),
            Wait::All(waits) => waits.iter().map(|wait| self.met(node, wait, grasp)).collect::<Option<_>>().map(Wake::All),
            Wait::Done => None,
        }
    }
}

/// What a protocol is interested in.
pub(super) const PAIRS: u8 = 1;
/// Pairs whose far end it asks for.
pub(super) const FAR: u8 = 2;
pub(super) const LETTERS: u8 = 4;
pub(super) const OUTCOMES: u8 = 8;
/// Pairs of some age.
pub(super) const AGES: u8 = 16;

/// What a wait would take.
#[derive(Default)]
struct Grasp {
    halves: Vec<(Place, usize, LinkEnd)>,
    letters: Vec<usize>,
    operations: Vec<Operation>,
}

impl Grasp {
    fn sizes(&self) -> [usize; 3] {
        [self.halves.len(), self.letters.len(), self.operations.len()]
    }
    fn shrink(&mut self, [halves, letters, operations]: [usize; 3]) {
        self.halves.truncate(halves);
        self.letters.truncate(letters);
        self.operations.truncate(operations);
    }
}
