//! Sampling nested doubling: the definition, as a recursion.

use ebit_quantum::Distillation;
use ebit_random::Stream;

use crate::nested::Levels;
use crate::numbers::Numbers;
use crate::segment::{Segment, Waits};
use crate::state::State;

/// Draws pairs of one nested chain.
pub struct Nested<'a, S: State> {
    pub numbers: &'a Numbers,
    pub levels: &'a Levels,
    pub rules: &'a S::Rules,
    pub waits: &'a Waits,
    /// Asked at every restart: a hopeless schedule must not hold the machine.
    pub stop: &'a (dyn Fn() -> bool + Sync),
}

impl<S: State> Nested<'_, S> {
    /// A segment over links `from .. to`, started at time 0; `touched` is when it was there. None: stopped.
    pub fn segment(&self, from: usize, to: usize, stream: &mut Stream) -> Option<Segment<S>> {
        if to - from == 1 {
            let there = self.waits.draw(from, stream);
            let state = S::fresh(self.rules, from);
            return Some(Segment { from: from as u32, to: to as u32, born: there, touched: there, state });
        }
        let middle = (from + to) / 2;
        let level = (to - from).ilog2() as usize - 1;
        let rounds = self.levels.distill.get(level).copied().unwrap_or(0);
        let cutoff = self.levels.cutoffs.get(level).copied().flatten();
        let swap = self.numbers.swaps[middle - 1];
        let mut elapsed = 0u64;
        loop {
            let left = self.distilled(from, middle, rounds, stream)?;
            let right = self.distilled(middle, to, rounds, stream)?;
            let (first, last) = (left.touched.min(right.touched), left.touched.max(right.touched));
            if let Some(cutoff) = cutoff.filter(|c| last - first > *c) {
                elapsed = elapsed.saturating_add(first.saturating_add(cutoff));
                if (self.stop)() {
                    return None;
                }
                continue;
            }
            let done = last.saturating_add(swap.duration);
            if swap.success < 1.0 && !stream.bernoulli(swap.success) {
                elapsed = elapsed.saturating_add(done);
                continue;
            }
            let mut joined = Segment::swap(left, right, self.rules, self.numbers, last);
            joined.age(self.rules, self.numbers, done);
            joined.touched = elapsed.saturating_add(done);
            return Some(joined);
        }
    }

    /// 2^rounds copies combined in a binary tree; the earlier of two waits.
    fn distilled(&self, from: usize, to: usize, rounds: u32, stream: &mut Stream) -> Option<Segment<S>> {
        if rounds == 0 {
            return self.segment(from, to, stream);
        }
        let protocol: Distillation = self.levels.protocol;
        let mut elapsed = 0u64;
        loop {
            let mut a = self.distilled(from, to, rounds - 1, stream)?;
            let mut b = self.distilled(from, to, rounds - 1, stream)?;
            let both = a.touched.max(b.touched);
            a.age(self.rules, self.numbers, both);
            b.age(self.rules, self.numbers, both);
            let (probability, state) = S::distill(&a.state, &b.state, protocol);
            elapsed = elapsed.saturating_add(both);
            if stream.bernoulli(probability) {
                return Some(Segment { touched: elapsed, state, ..a });
            }
            if (self.stop)() {
                return None;
            }
        }
    }
}
