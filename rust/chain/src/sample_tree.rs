//! Sampling a tree of swaps: its program, run until the whole chain is there.
//!
//! The times of a segment on the stack count from when its own half began.

use ebit_quantum::Correlations;
use ebit_random::Stream;

use crate::numbers::Numbers;
use crate::sample::Sampler;
use crate::segment::{Segment, Waits};
use crate::state::State;
use crate::tree::{Operation, Tree};

/// Draws pairs of one chain; its memory is reused from pair to pair.
pub struct TreeSampler<'a, S: State> {
    numbers: &'a Numbers,
    tree: &'a Tree,
    rules: &'a S::Rules,
    waits: &'a Waits,
    /// Asked at every restart: a hopeless schedule must not hold the machine.
    stop: &'a (dyn Fn() -> bool + Sync),
    stack: Vec<Segment<S>>,
    /// Per operation: the time its failed tries took; how many copies it has on the stack or has used up, of this try.
    wasted: Vec<u64>,
    copies: Vec<u32>,
}

impl<'a, S: State> TreeSampler<'a, S> {
    pub fn new(
        numbers: &'a Numbers,
        tree: &'a Tree,
        rules: &'a S::Rules,
        waits: &'a Waits,
        stop: &'a (dyn Fn() -> bool + Sync),
    ) -> Self {
        let len = tree.operations.len();
        Self { numbers, tree, rules, waits, stop, stack: Vec::new(), wasted: vec![0; len], copies: vec![0; len] }
    }

    /// The end-to-end pair from empty memories; `touched` is when it is delivered. None: stopped.
    fn whole(&mut self, stream: &mut Stream) -> Option<Segment<S>> {
        let mut at = 0;
        while let Some(operation) = self.tree.operations.get(at) {
            let restart = match *operation {
                Operation::Link(link) => {
                    let there = self.waits.draw(link as usize, stream);
                    self.stack.push(Segment::fresh(link, there, self.rules));
                    None
                }
                Operation::Distil { start, .. } => {
                    self.copies[at] += 1;
                    if self.copies[at] == 1 {
                        at = start as usize;
                        continue;
                    }
                    self.copies[at] = 0;
                    if self.distil(at, stream)? { None } else { Some(start) }
                }
                Operation::Pump { start, rounds, .. } => {
                    self.copies[at] += 1;
                    let kept = self.copies[at] == 1 || self.pump(at, stream)?;
                    if kept && self.copies[at] <= rounds {
                        at = start as usize;
                        continue;
                    }
                    self.copies[at] = 0;
                    if kept {
                        self.pumped(at);
                        None
                    } else {
                        Some(start)
                    }
                }
                Operation::Swap { start, at: node, cutoff, .. } => {
                    if self.swap(at, node, cutoff, stream)? {
                        None
                    } else {
                        Some(start)
                    }
                }
            };
            match restart {
                None => at += 1,
                Some(_) if (self.stop)() => return None,
                Some(start) => at = start as usize,
            }
        }
        self.stack.pop()
    }

    /// The earlier of two copies waits for the other; a failure loses both.
    fn distil(&mut self, at: usize, stream: &mut Stream) -> Option<bool> {
        let (mut b, mut a) = (self.stack.pop()?, self.stack.pop()?);
        let both = a.touched.max(b.touched);
        a.age(self.rules, self.numbers, both);
        b.age(self.rules, self.numbers, both);
        let (probability, state) = S::distill(&a.state, &b.state, self.tree.protocol);
        let done = self.wasted[at].saturating_add(both);
        let ok = stream.bernoulli(probability);
        self.wasted[at] = if ok { 0 } else { done };
        if ok {
            self.stack.push(Segment { touched: done, state, ..a });
        }
        Some(ok)
    }

    /// The stored pair waits for as long as the fresh one took, which began when it was there; a failure loses both.
    fn pump(&mut self, at: usize, stream: &mut Stream) -> Option<bool> {
        let (fresh, mut stored) = (self.stack.pop()?, self.stack.pop()?);
        let both = stored.touched.saturating_add(fresh.touched);
        stored.age(self.rules, self.numbers, both);
        let (probability, state) = S::distill(&stored.state, &fresh.state, self.tree.protocol);
        let ok = stream.bernoulli(probability);
        if ok {
            self.stack.push(Segment { state, ..stored });
        } else {
            self.wasted[at] = self.wasted[at].saturating_add(both);
        }
        Some(ok)
    }

    /// All rounds are done: the pair's time counts from the first try on.
    fn pumped(&mut self, at: usize) {
        let wasted = std::mem::take(&mut self.wasted[at]);
        if let Some(pair) = self.stack.last_mut() {
            pair.touched = pair.touched.saturating_add(wasted);
        }
    }

    fn swap(&mut self, at: usize, node: u32, cutoff: Option<u64>, stream: &mut Stream) -> Option<bool> {
        let (mut right, left) = (self.stack.pop()?, self.stack.pop()?);
        if self.tree.one_after_another {
            right.touched = right.touched.saturating_add(left.touched);
        }
        let (first, last) = (left.touched.min(right.touched), left.touched.max(right.touched));
        if let Some(cutoff) = cutoff.filter(|c| last - first > *c) {
            self.wasted[at] = self.wasted[at].saturating_add(first).saturating_add(cutoff);
            return Some(false);
        }
        let swap = self.numbers.swaps[node as usize - 1];
        let done = last.saturating_add(swap.duration);
        let ready = self.wasted[at].saturating_add(done);
        if swap.success < 1.0 && !stream.bernoulli(swap.success) {
            self.wasted[at] = ready;
            return Some(false);
        }
        let mut joined = Segment::swap(left, right, self.rules, self.numbers, [last, done]);
        joined.touched = ready;
        self.wasted[at] = 0;
        self.stack.push(joined);
        Some(true)
    }
}

impl<S: State> Sampler for TreeSampler<'_, S> {
    fn pair(&mut self, stream: &mut Stream) -> Option<(u64, Correlations)> {
        self.whole(stream).map(|pair| (pair.touched, pair.state.correlations()))
    }
}
