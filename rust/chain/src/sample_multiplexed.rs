//! Sampling swap-asap with several slots per link end: each link makes as many pairs side by side.
//!
//! ```text
//!   node k-1        node k          node k+1      a node joins its oldest pair to the left with its oldest to the right;
//!      o==slot 1======o o===slot 1====o           whose half came to the node first is oldest there
//!      o==slot 2======o o===slot 2====o
//! ```
//!
//! A pair keeps the slots of all links under it until it is delivered or lost; the first end-to-end pair ends it all, and
//! the next one starts from empty memories. Within one instant: arrivals, swaps from left to right, cut-offs.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use ebit_quantum::Correlations;
use ebit_random::Stream;

use crate::compile::AsapPlan;
use crate::numbers::Numbers;
use crate::sample::Sampler;
use crate::segment::{Segment, Waits};
use crate::state::State;

/// What may happen at an instant, in the order in which it does. Pairs are named by place and serial number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Herald(u32),
    /// Of two at one node the one that began first comes first.
    Swapped {
        node: u32,
        begun: u64,
        left: u32,
        right: u32,
        ok: bool,
    },
    Cutoff(u32, u64),
}

#[derive(Clone, Copy)]
struct Pair<S> {
    segment: Segment<S>,
    serial: u64,
    /// Its place in the queues at both ends: the number of the herald that came there.
    tickets: [u64; 2],
    busy: bool,
}

/// One chain's memories; reused from pair to pair.
pub struct Multiplexed<'a, S: State> {
    numbers: &'a Numbers,
    plan: AsapPlan,
    rules: &'a S::Rules,
    waits: &'a Waits,
    events: BinaryHeap<Reverse<(u64, Event)>>,
    pairs: Vec<Option<Pair<S>>>,
    free: Vec<u32>,
    /// `waiting[node][0]`: pairs that reach from here to the left, `[1]` to the right; the oldest here first.
    waiting: Vec<[Vec<u32>; 2]>,
    dirty: Vec<u32>,
    serial: u64,
    stop: &'a (dyn Fn() -> bool + Sync),
}

/// Events between two looks at `stop`.
const POLL_EVERY: u64 = 4096;

impl<'a, S: State> Multiplexed<'a, S> {
    pub fn new(
        numbers: &'a Numbers,
        plan: AsapPlan,
        rules: &'a S::Rules,
        waits: &'a Waits,
        stop: &'a (dyn Fn() -> bool + Sync),
    ) -> Self {
        Self {
            numbers,
            plan,
            rules,
            waits,
            events: BinaryHeap::new(),
            pairs: Vec::new(),
            free: Vec::new(),
            waiting: (0..=numbers.segments()).map(|_| [Vec::new(), Vec::new()]).collect(),
            dirty: Vec::new(),
            serial: 0,
            stop,
        }
    }

    fn last(&self) -> u32 {
        self.numbers.segments() as u32
    }

    /// The first end-to-end pair from empty memories. None: stopped.
    fn whole(&mut self, stream: &mut Stream) -> Option<Segment<S>> {
        self.events.clear();
        self.pairs.clear();
        self.free.clear();
        self.dirty.clear();
        self.waiting.iter_mut().flatten().for_each(Vec::clear);
        for link in 0..self.last() {
            for _ in 0..self.plan.slots {
                self.start(link, 0, stream);
            }
        }
        let (mut now, mut handled) = (0, 0u64);
        loop {
            let next = self.events.peek().map(|Reverse((t, e))| (*t, matches!(e, Event::Cutoff(..))));
            if !self.dirty.is_empty() && next.is_none_or(|(t, cutoff)| t > now || cutoff) {
                if let Some(pair) = self.scan(now, stream) {
                    return Some(pair);
                }
                continue;
            }
            let Reverse((time, event)) = self.events.pop()?;
            now = time;
            handled += 1;
            if handled % POLL_EVERY == 0 && (self.stop)() {
                return None;
            }
            match event {
                Event::Herald(link) => {
                    let segment = Segment::fresh(link, now, self.rules);
                    if self.last() == 1 {
                        return Some(segment);
                    }
                    self.serial += 1;
                    self.place(segment, [self.serial; 2], now);
                }
                Event::Swapped { node, left, right, ok, .. } => {
                    let began = now - self.numbers.swaps[node as usize - 1].duration;
                    if let Some(pair) = self.finish(left, right, ok, [began, now], stream) {
                        return Some(pair);
                    }
                }
                Event::Cutoff(place, serial) => {
                    let due = self.pairs[place as usize].is_some_and(|p| p.serial == serial && !p.busy);
                    if due && let Some(pair) = self.take(place) {
                        self.restart(&pair.segment, now, stream);
                    }
                }
            }
        }
    }

    fn start(&mut self, link: u32, now: u64, stream: &mut Stream) {
        let time = now.saturating_add(self.waits.draw(link as usize, stream));
        self.events.push(Reverse((time, Event::Herald(link))));
    }

    fn restart(&mut self, segment: &Segment<S>, now: u64, stream: &mut Stream) {
        for link in segment.from..segment.to {
            self.start(link, now, stream);
        }
    }

    /// The pair waits at its inner ends, among the others there in the order of tickets.
    fn place(&mut self, segment: Segment<S>, tickets: [u64; 2], now: u64) {
        self.serial += 1;
        let pair = Some(Pair { segment, serial: self.serial, tickets, busy: false });
        let place = self.free.pop().unwrap_or(self.pairs.len() as u32);
        match self.pairs.get_mut(place as usize) {
            Some(free) => *free = pair,
            None => self.pairs.push(pair),
        }
        for (side, node) in [segment.from, segment.to].into_iter().enumerate() {
            if node == 0 || node == self.last() {
                continue;
            }
            let before = |p: &u32| self.pairs[*p as usize].is_some_and(|p| p.tickets[side] < tickets[side]);
            let queue = &self.waiting[node as usize][1 - side];
            let index = queue.iter().rposition(before).map_or(0, |k| k + 1);
            self.waiting[node as usize][1 - side].insert(index, place);
            self.dirty.push(node);
        }
        if let Some(cutoff) = self.plan.cutoff {
            let time = segment.since(self.plan.on_memory, self.numbers).saturating_add(cutoff).max(now);
            self.events.push(Reverse((time, Event::Cutoff(place, self.serial))));
        }
    }

    fn take(&mut self, place: u32) -> Option<Pair<S>> {
        let pair = self.pairs[place as usize].take()?;
        self.free.push(place);
        for (side, node) in [pair.segment.from, pair.segment.to].into_iter().enumerate() {
            self.waiting[node as usize][1 - side].retain(|p| *p != place);
        }
        Some(pair)
    }

    /// Begins every swap that is possible, from left to right; the delivered pair, if that is what comes of it.
    fn scan(&mut self, now: u64, stream: &mut Stream) -> Option<Segment<S>> {
        let mut nodes = std::mem::take(&mut self.dirty);
        nodes.sort_unstable();
        nodes.dedup();
        let mut whole = None;
        for node in &nodes {
            while whole.is_none()
                && let Some((left, right)) = self.choose(*node)
            {
                whole = self.begin(*node, left, right, now, stream);
            }
        }
        nodes.clear();
        // Swaps at once may have made others possible to the left.
        nodes.append(&mut self.dirty);
        self.dirty = nodes;
        whole
    }

    /// The oldest on either side; one that is busy is waited for.
    fn choose(&self, node: u32) -> Option<(u32, u32)> {
        let [left, right] = &self.waiting[node as usize];
        let (left, right) = (*left.first()?, *right.first()?);
        let free = |place: u32| self.pairs[place as usize].is_some_and(|p| !p.busy);
        (free(left) && free(right)).then_some((left, right))
    }

    fn begin(&mut self, node: u32, left: u32, right: u32, now: u64, stream: &mut Stream) -> Option<Segment<S>> {
        let swap = self.numbers.swaps[node as usize - 1];
        let ok = swap.success >= 1.0 || stream.bernoulli(swap.success);
        if swap.duration == 0 {
            return self.finish(left, right, ok, [now; 2], stream);
        }
        for (place, toward) in [(left, 0), (right, 1)] {
            self.waiting[node as usize][toward].retain(|p| *p != place);
            if let Some(pair) = &mut self.pairs[place as usize] {
                pair.busy = true;
            }
        }
        self.serial += 1;
        let event = Event::Swapped { node, begun: self.serial, left, right, ok };
        self.events.push(Reverse((now.saturating_add(swap.duration), event)));
        None
    }

    /// Joins or empties two pairs whose swap took `times`, from its begin until now.
    fn finish(&mut self, left: u32, right: u32, ok: bool, times: [u64; 2], stream: &mut Stream) -> Option<Segment<S>> {
        let now = times[1];
        let (a, b) = (self.take(left)?, self.take(right)?);
        if !ok {
            for pair in [a, b] {
                self.restart(&pair.segment, now, stream);
            }
            // What waited behind them may go on.
            self.dirty
                .extend([a.segment.from, b.segment.to].into_iter().filter(|n| *n != 0 && *n != self.numbers.segments() as u32));
            return None;
        }
        let joined = Segment::swap(a.segment, b.segment, self.rules, self.numbers, times);
        if joined.from == 0 && joined.to == self.last() {
            return Some(joined);
        }
        self.place(joined, [a.tickets[0], b.tickets[1]], now);
        None
    }
}

impl<S: State> Sampler for Multiplexed<'_, S> {
    fn pair(&mut self, stream: &mut Stream) -> Option<(u64, Correlations)> {
        self.whole(stream).map(|pair| (pair.touched, pair.state.correlations()))
    }
}
