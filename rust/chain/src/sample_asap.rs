//! Sampling swap-asap: what happens to a chain from empty memories to its first end-to-end pair.
//!
//! ```text
//!   within one instant:  attempts and swaps that end | swaps begin, one scan from left to right | cut-offs
//! ```
//!
//! Segments are kept by both of their ends: `left_of[n]` ends at node n, `right_of[n]` begins there.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use ebit_quantum::Correlations;
use ebit_random::Stream;

use crate::compile::AsapPlan;
use crate::numbers::Numbers;
use crate::sample::Sampler;
use crate::segment::{Segment, Waits};
use crate::state::State;

/// What may happen at an instant, in the order in which it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// A link's attempts end in success.
    Herald(u32),
    /// The swap at this node is done; its outcome is known since it began.
    Swapped(u32),
    /// The segment beginning at this node with this serial number may be too old.
    Cutoff(u32, u64),
}

/// A segment where it waits.
#[derive(Clone, Copy)]
struct Waiting<S> {
    segment: Segment<S>,
    serial: u64,
    busy: bool,
}

/// One chain's memories; reused from pair to pair.
pub struct Asap<'a, S: State> {
    numbers: &'a Numbers,
    plan: AsapPlan,
    rules: &'a S::Rules,
    waits: &'a Waits,
    /// When each link's attempts end in success; `NEVER` for one that does not attempt. Searched from end to end, so only
    /// for a chain of few links: others keep their heralds in `events`.
    heralds: Vec<u64>,
    events: BinaryHeap<Reverse<(u64, Event)>>,
    /// The segment that begins at each node, if any.
    begins: Vec<Option<Waiting<S>>>,
    /// Where the segment that ends at each node begins, if there is one.
    ends: Vec<Option<u32>>,
    /// For each node the outcome of its swap in progress.
    outcome: Vec<bool>,
    /// Nodes where a swap may have become possible.
    dirty: Vec<u32>,
    serial: u64,
    /// Asked now and then: a hopeless cut-off must not hold the machine.
    stop: &'a (dyn Fn() -> bool + Sync),
}

/// No time: later than all times that are counted.
const NEVER: u64 = u64::MAX;
/// Links up to which looking at all is cheaper than a heap.
const FEW: usize = 48;

/// Events between two looks at `stop`.
const POLL_EVERY: u64 = 4096;

impl<'a, S: State> Asap<'a, S> {
    pub fn new(
        numbers: &'a Numbers,
        plan: AsapPlan,
        rules: &'a S::Rules,
        waits: &'a Waits,
        stop: &'a (dyn Fn() -> bool + Sync),
    ) -> Self {
        let nodes = numbers.segments() + 1;
        Self {
            numbers,
            plan,
            rules,
            waits,
            heralds: if numbers.segments() <= FEW { vec![NEVER; numbers.segments()] } else { Vec::new() },
            events: BinaryHeap::new(),
            begins: (0..nodes).map(|_| None).collect(),
            ends: vec![None; nodes],
            outcome: vec![false; nodes],
            dirty: Vec::new(),
            serial: 0,
            stop,
        }
    }

    /// The first end-to-end pair from empty memories; `touched` is when it is delivered. None: stopped.
    fn whole(&mut self, stream: &mut Stream) -> Option<Segment<S>> {
        self.events.clear();
        self.heralds.fill(NEVER);
        self.begins.fill(None);
        self.ends.fill(None);
        self.dirty.clear();
        for link in 0..self.numbers.segments() {
            self.start(link, 0, stream);
        }
        let (mut now, mut handled) = (0, 0u64);
        loop {
            let next = self.next();
            if !self.dirty.is_empty() && next.is_none_or(|(t, event)| t > now || matches!(event, Event::Cutoff(..))) {
                if let Some(pair) = self.scan(now, stream) {
                    return Some(pair);
                }
                continue;
            }
            // Every link that is empty has an attempt running, so there is always something next.
            let (time, event) = next?;
            self.remove(event);
            now = time;
            handled += 1;
            if handled % POLL_EVERY == 0 && (self.stop)() {
                return None;
            }
            match event {
                Event::Herald(link) => {
                    self.place(Segment::fresh(link, now, self.rules), now);
                }
                Event::Swapped(node) => self.swap_done(node, now, stream),
                Event::Cutoff(from, serial) => self.cut_off(from, serial, now, stream),
            }
            if let Some(Waiting { segment, busy: false, .. }) = self.begins[0]
                && segment.to as usize == self.numbers.segments()
            {
                return Some(segment);
            }
        }
    }

    /// The next event, and the first in order of those at one instant.
    #[inline]
    fn next(&self) -> Option<(u64, Event)> {
        let other = self.events.peek().map(|Reverse(next)| *next);
        let mut first = (NEVER, 0);
        for (link, time) in self.heralds.iter().enumerate() {
            if *time < first.0 {
                first = (*time, link as u32);
            }
        }
        let herald = (first.0 < NEVER).then_some((first.0, Event::Herald(first.1)));
        match (herald, other) {
            (Some(herald), Some(other)) => Some(herald.min(other)),
            (herald, other) => herald.or(other),
        }
    }

    #[inline]
    fn remove(&mut self, event: Event) {
        match event {
            Event::Herald(link) if !self.heralds.is_empty() => self.heralds[link as usize] = NEVER,
            _ => {
                self.events.pop();
            }
        }
    }

    #[inline]
    fn start(&mut self, link: usize, now: u64, stream: &mut Stream) {
        let time = now.saturating_add(self.waits.draw(link, stream)).min(NEVER - 1);
        match self.heralds.get_mut(link) {
            Some(herald) => *herald = time,
            None => self.events.push(Reverse((time, Event::Herald(link as u32)))),
        }
    }

    fn place(&mut self, segment: Segment<S>, now: u64) {
        let (from, to) = (segment.from, segment.to);
        self.serial += 1;
        self.begins[from as usize] = Some(Waiting { segment, serial: self.serial, busy: false });
        self.ends[to as usize] = Some(from);
        let last = self.numbers.segments() as u32;
        if from == 0 && to == last {
            return;
        }
        self.dirty.extend([from, to].into_iter().filter(|n| *n != 0 && *n != last));
        if let Some(cutoff) = self.plan.cutoff {
            let time = segment.since(self.plan.on_memory, self.numbers).saturating_add(cutoff).max(now);
            self.events.push(Reverse((time, Event::Cutoff(from, self.serial))));
        }
    }

    fn take(&mut self, from: u32) -> Option<Segment<S>> {
        let waiting = self.begins[from as usize].take()?;
        self.ends[waiting.segment.to as usize] = None;
        Some(waiting.segment)
    }

    /// Begins every swap that is possible, from left to right; the delivered pair, if that is what comes of it.
    fn scan(&mut self, now: u64, stream: &mut Stream) -> Option<Segment<S>> {
        let mut nodes = std::mem::take(&mut self.dirty);
        nodes.sort_unstable();
        nodes.dedup();
        for node in &nodes {
            self.try_swap(*node, now, stream);
        }
        // What this scan itself made possible lies to the right, and has been seen.
        self.dirty = nodes;
        self.dirty.clear();
        let whole = self.begins[0].is_some_and(|w| w.segment.to as usize == self.numbers.segments() && !w.busy);
        if whole { self.take(0) } else { None }
    }

    fn try_swap(&mut self, node: u32, now: u64, stream: &mut Stream) {
        let Some(left) = self.ends[node as usize] else { return };
        let free = |w: &Option<Waiting<S>>| w.as_ref().is_some_and(|w| !w.busy);
        if !free(&self.begins[left as usize]) || !free(&self.begins[node as usize]) {
            return;
        }
        let swap = self.numbers.swaps[node as usize - 1];
        let ok = swap.success >= 1.0 || stream.bernoulli(swap.success);
        self.outcome[node as usize] = ok;
        if swap.duration == 0 {
            self.finish(left, node, [now; 2], stream);
            return;
        }
        for from in [left, node] {
            if let Some(waiting) = &mut self.begins[from as usize] {
                waiting.busy = true;
            }
        }
        self.events.push(Reverse((now.saturating_add(swap.duration), Event::Swapped(node))));
    }

    fn swap_done(&mut self, node: u32, now: u64, stream: &mut Stream) {
        if let Some(left) = self.ends[node as usize] {
            let began = now - self.numbers.swaps[node as usize - 1].duration;
            self.finish(left, node, [began, now], stream);
        }
    }

    /// Joins or empties the segments on both sides of a node whose swap took `times`, from its begin until now.
    fn finish(&mut self, left: u32, node: u32, times: [u64; 2], stream: &mut Stream) {
        let now = times[1];
        let (Some(a), Some(b)) = (self.take(left), self.take(node)) else { return };
        if self.outcome[node as usize] {
            let joined = Segment::swap(a, b, self.rules, self.numbers, times);
            self.place(joined, now);
        } else {
            for segment in [a, b] {
                self.restart(segment, now, stream);
            }
        }
    }

    fn restart(&mut self, segment: Segment<S>, now: u64, stream: &mut Stream) {
        for link in segment.from..segment.to {
            self.start(link as usize, now, stream);
        }
    }

    fn cut_off(&mut self, from: u32, serial: u64, now: u64, stream: &mut Stream) {
        if self.begins[from as usize].is_some_and(|w| w.serial == serial && !w.busy)
            && let Some(segment) = self.take(from)
        {
            self.restart(segment, now, stream);
        }
    }
}

impl<S: State> Sampler for Asap<'_, S> {
    fn pair(&mut self, stream: &mut Stream) -> Option<(u64, Correlations)> {
        self.whole(stream).map(|pair| (pair.touched, pair.state.correlations()))
    }
}
