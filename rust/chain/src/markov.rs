//! Swap-asap with swaps that may fail, for few links that attempt in step: an absorbing Markov chain.
//!
//! What is there after an instant is a set of segments with gaps between them, since neighbours that touch have swapped. To
//! carry the state along, each elementary pair is labelled at its herald with its fate: *kept* until delivery, or *doomed*
//! to fall to a failed swap. Histories whose labels turn out wrong get weight zero, so exactly one labelling of each history
//! counts, and only kept segments need to be tracked:
//!
//! ```text
//!   entry:  arrival of a kept pair x its correlation, a step of a kept segment x e^(-r), a swap of kept segments x v
//!   swap of kept with kept, or doomed with doomed: q;  failed swap of doomed with doomed: 1 - q;  all else: 0
//! ```
//!
//! The number of labelled sets grows as 2.41^links.

use std::collections::HashMap;

use ebit_random::math;

use crate::numbers::{Numbers, Quad};
use crate::waiting::Law;

/// Links from which on the table of transitions outgrows its use.
pub const MAX_LINKS: usize = 7;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Block {
    from: u8,
    to: u8,
    kept: bool,
}

type Segments = Vec<Block>;

/// Whether this route answers for the chain.
pub fn applies(numbers: &Numbers) -> bool {
    let first = &numbers.links[0];
    numbers.segments() <= MAX_LINKS
        && numbers.links.iter().all(|l| l.long == first.long && l.short == l.long)
        && numbers.swaps.iter().all(|s| s.duration == 0)
}

/// Transitions of one instant after one attempt's time: rows of the table by their origin.
pub struct Markov {
    /// Steps of the lattice per attempt.
    stride: usize,
    entries: usize,
    /// For each state the range of its transitions.
    rows: Vec<usize>,
    /// Target, or `ABSORBED`.
    targets: Vec<u32>,
    /// Per transition its weight for each entry.
    weights: Vec<Quad>,
}

const ABSORBED: u32 = u32::MAX;

struct Builder<'a> {
    numbers: &'a Numbers,
    known: HashMap<Segments, u32>,
    states: Vec<Segments>,
    /// Transitions of the state in hand.
    out: HashMap<u32, Quad>,
}

impl Markov {
    pub fn new(numbers: &Numbers, entries: usize) -> Self {
        let mut builder = Builder { numbers, known: HashMap::new(), states: Vec::new(), out: HashMap::new() };
        builder.state(Vec::new());
        let stride = usize::try_from(numbers.links[0].long).unwrap_or(usize::MAX);
        let mut markov = Self { stride, entries, rows: vec![0], targets: Vec::new(), weights: Vec::new() };
        let mut next = 0;
        while next < builder.states.len() {
            builder.expand(next);
            // In the order of targets, so that sums do not depend on a hash.
            let mut row: Vec<_> = builder.out.drain().collect();
            row.sort_unstable_by_key(|(target, _)| *target);
            for (target, weight) in row {
                markov.targets.push(target);
                markov.weights.push(weight);
            }
            markov.rows.push(markov.targets.len());
            next += 1;
        }
        markov
    }

    /// Products and sums for so many steps.
    pub fn operations(&self, len: usize) -> f64 {
        self.targets.len() as f64 * (len / self.stride.max(1)) as f64 * self.entries as f64
    }

    /// The law over `len` steps; None if `stop` said so.
    pub fn law(&self, len: usize, stop: &dyn Fn() -> bool) -> Option<Law> {
        let states = self.rows.len() - 1;
        let mut law = Law { entries: vec![vec![0.0; len]; self.entries] };
        let mut now = vec![[0.0; 4]; states];
        let mut then = now.clone();
        now[0] = [1.0; 4];
        let mut t = self.stride;
        while t < len {
            if stop() {
                return None;
            }
            then.fill([0.0; 4]);
            let mut delivered = [0.0; 4];
            for (state, weight) in now.iter().enumerate().filter(|(_, w)| w[0] != 0.0) {
                for k in self.rows[state]..self.rows[state + 1] {
                    let sum = match self.targets[k] {
                        ABSORBED => &mut delivered,
                        target => &mut then[target as usize],
                    };
                    for (s, (w, x)) in sum.iter_mut().zip(self.weights[k].iter().zip(weight)) {
                        *s += w * x;
                    }
                }
            }
            for (series, d) in law.entries.iter_mut().zip(delivered) {
                series[t] = d;
            }
            std::mem::swap(&mut now, &mut then);
            t += self.stride;
        }
        Some(law)
    }
}

impl Builder<'_> {
    fn state(&mut self, segments: Segments) -> u32 {
        if let Some(known) = self.known.get(&segments) {
            return *known;
        }
        let index = self.states.len() as u32;
        self.known.insert(segments.clone(), index);
        self.states.push(segments);
        index
    }

    /// All that may come of one state: a step of waiting, arrivals, swaps.
    fn expand(&mut self, state: usize) {
        let segments = self.states[state].clone();
        let mut weight: Quad = [1.0; 4];
        let stride = self.numbers.links[0].long as f64;
        for block in segments.iter().filter(|b| b.kept) {
            let rates = self.numbers.pair_rates(block.from.into(), block.to.into());
            weight.iter_mut().zip(rates).for_each(|(w, r)| *w *= math::exp(-r * stride));
        }
        let taken = |link: usize| segments.iter().any(|b| (b.from as usize..b.to as usize).contains(&link));
        let empty: Vec<usize> = (0..self.numbers.segments()).filter(|l| !taken(*l)).collect();
        self.arrive(&segments, &empty, weight);
    }

    fn arrive(&mut self, segments: &Segments, empty: &[usize], weight: Quad) {
        let Some((link, rest)) = empty.split_first() else {
            let mut sorted = segments.clone();
            sorted.sort_unstable_by_key(|b| b.from);
            self.swap(&sorted, None, Vec::new(), weight);
            return;
        };
        let spec = &self.numbers.links[*link];
        let (p, pair) = (spec.success, spec.pair);
        if p < 1.0 {
            self.arrive(segments, rest, weight.map(|w| w * (1.0 - p)));
        }
        for kept in [true, false] {
            let mut with = segments.clone();
            with.push(Block { from: *link as u8, to: *link as u8 + 1, kept });
            let factor: Quad = std::array::from_fn(|k| p * if kept { pair[k] } else { 1.0 });
            self.arrive(&with, rest, std::array::from_fn(|k| weight[k] * factor[k]));
        }
    }

    /// One scan from left to right.
    fn swap(&mut self, blocks: &[Block], current: Option<Block>, mut done: Segments, weight: Quad) {
        let Some((next, rest)) = blocks.split_first() else {
            done.extend(current);
            return self.settle(done, weight);
        };
        match current {
            Some(left) if left.to == next.from => {
                let swap = self.numbers.swaps[next.from as usize - 1];
                if left.kept == next.kept {
                    let v = if left.kept { swap.visibility } else { 1.0 };
                    let merged = Block { from: left.from, to: next.to, kept: left.kept };
                    let weight = std::array::from_fn(|k| weight[k] * swap.success * if k == 0 { 1.0 } else { v });
                    self.swap(rest, Some(merged), done.clone(), weight);
                }
                if !left.kept && !next.kept && swap.success < 1.0 {
                    self.swap(rest, None, done, weight.map(|w| w * (1.0 - swap.success)));
                }
            }
            _ => {
                done.extend(current);
                self.swap(rest, Some(*next), done, weight);
            }
        }
    }

    fn settle(&mut self, segments: Segments, weight: Quad) {
        let whole = segments.first().is_some_and(|b| b.from == 0 && usize::from(b.to) == self.numbers.segments());
        let target = match segments.first() {
            // The delivered pair was doomed by nobody.
            Some(block) if whole && !block.kept => return,
            Some(_) if whole => ABSORBED,
            _ => self.state(segments),
        };
        let sum = self.out.entry(target).or_insert([0.0; 4]);
        sum.iter_mut().zip(weight).for_each(|(s, w)| *s += w);
    }
}
