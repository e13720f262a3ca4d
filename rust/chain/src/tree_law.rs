//! A tree of swaps, exactly: from the law of the links to that of the chain, swap by swap.
//!
//! ```text
//!   an attempt at a swap waits for both halves, then swaps (or distils); one that fails, or is cut off, starts both anew:
//!
//!       law = S / (1 - D),   S: attempts that succeed, D: those that do not
//! ```
//!
//! The quotient is one of power series, by FFT (`series`). The same recursion is in Brand, Coopmans, Elkouss,
//! doi:10.1109/JSAC.2020.2969037, and with cut-offs in Li, Coopmans, Elkouss, doi:10.1109/TQE.2021.3099003; here the state
//! is carried exactly as sums of correlations instead of an average Werner parameter. Where the right half begins when the
//! left one is there, S is a product of series: left, and right with the decay of left while it was made.
//!
//! Equal segments are solved once, and a law is dropped after its last use: doubling equal links holds two laws at a time.

use std::collections::HashMap;

use ebit_random::math;

use crate::link::link_law;
use crate::numbers::{Numbers, Quad, distillation_form};
use crate::series::Arithmetic;
use crate::tree::{Operation, Tree};
use crate::waiting::{Law, add_shifted, both_there, decayed_sum, given_up, kept};

/// A segment that differs from all others: by which operation it is made, from which.
#[derive(Debug, Clone, Copy)]
struct Step {
    operation: usize,
    halves: [usize; 2],
}

/// The different segments of a chain, each after its halves; the last is the chain.
#[derive(Debug, Clone)]
pub struct Steps {
    steps: Vec<Step>,
    /// For each step the laws that are not needed after it.
    last_uses: Vec<Vec<usize>>,
    /// Most laws held at a time.
    pub held: usize,
}

impl Steps {
    pub fn new(numbers: &Numbers, tree: &Tree) -> Self {
        let mut known: HashMap<Vec<u64>, usize> = HashMap::new();
        let mut steps: Vec<Step> = Vec::new();
        let mut stack: Vec<usize> = Vec::new();
        for (k, operation) in tree.operations.iter().enumerate() {
            let (key, halves) = match operation {
                Operation::Link(link) => (link_key(numbers, *link), [usize::MAX; 2]),
                Operation::Distil { from, to, .. } => {
                    let copy = stack.pop().unwrap_or_default();
                    let mut key = vec![1, copy as u64];
                    key.extend(storage(numbers, *from, *to));
                    (key, [copy; 2])
                }
                Operation::Swap { from, at, to, cutoff, .. } => {
                    let (right, left) = (stack.pop().unwrap_or_default(), stack.pop().unwrap_or_default());
                    let swap = numbers.swaps[*at as usize - 1];
                    let mut key = vec![2, left as u64, right as u64, cutoff.map_or(u64::MAX, |c| c)];
                    key.extend([swap.success.to_bits(), swap.visibility.to_bits(), swap.duration]);
                    for (a, b) in [(from, at), (at, to), (from, to)] {
                        key.extend(storage(numbers, *a, *b));
                    }
                    (key, [left, right])
                }
            };
            let next = steps.len();
            let class = *known.entry(key).or_insert(next);
            if class == next {
                steps.push(Step { operation: k, halves });
            }
            stack.push(class);
        }
        let mut last_use = vec![usize::MAX; steps.len()];
        for (k, step) in steps.iter().enumerate() {
            for half in step.halves.into_iter().filter(|h| *h != usize::MAX) {
                last_use[half] = k;
            }
        }
        let mut last_uses = vec![Vec::new(); steps.len()];
        for (half, k) in last_use.iter().enumerate().filter(|(_, k)| **k != usize::MAX) {
            last_uses[*k].push(half);
        }
        let (mut now, mut held) = (0usize, 0);
        for done in &last_uses {
            now += 1;
            held = held.max(now);
            now -= done.len();
        }
        Self { steps, last_uses, held }
    }

    pub fn len(&self) -> usize {
        self.steps.len()
    }

    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
}

fn link_key(numbers: &Numbers, link: u32) -> Vec<u64> {
    let link = &numbers.links[link as usize];
    let mut key = vec![0, link.success.to_bits(), link.long, link.short, link.long_if_failed.to_bits()];
    key.extend(link.pair.map(f64::to_bits));
    key
}

/// Bits of everything about the storage of a pair between two nodes.
fn storage(numbers: &Numbers, left: u32, right: u32) -> [u64; 4] {
    numbers.pair_rates(left as usize, right as usize).map(f64::to_bits)
}

/// The law of a chain over `len` steps; None if `stop`, asked between swaps, said so.
pub fn law(numbers: &Numbers, tree: &Tree, steps: &Steps, len: usize, entries: usize, stop: &dyn Fn() -> bool) -> Option<Law> {
    let mut solver =
        Solver { numbers, tree, len, entries, form: distillation_form(tree.protocol), arithmetic: Arithmetic::new() };
    let mut laws: Vec<Option<Law>> = vec![None; steps.len()];
    for (k, step) in steps.steps.iter().enumerate() {
        if stop() {
            return None;
        }
        let half = |side: usize| laws.get(step.halves[side]).and_then(Option::as_ref);
        let law = match tree.operations[step.operation] {
            Operation::Link(link) => link_law(&numbers.links[link as usize], len, entries, &mut solver.arithmetic),
            Operation::Distil { from, to, .. } => solver.round(half(0)?, &numbers.pair_rates(from as usize, to as usize)),
            Operation::Swap { from, at, to, cutoff, .. } => solver.swap(half(0)?, half(1)?, [from, at, to], cutoff),
        };
        laws[k] = Some(law);
        for done in &steps.last_uses[k] {
            laws[*done] = None;
        }
    }
    laws.pop().flatten()
}

struct Solver<'a> {
    numbers: &'a Numbers,
    tree: &'a Tree,
    len: usize,
    /// Series per law: 1, 2 or 4.
    entries: usize,
    form: [[Quad; 4]; 4],
    arithmetic: Arithmetic,
}

impl Solver<'_> {
    fn swap(&mut self, left: &Law, right: &Law, [from, at, to]: [u32; 3], cutoff: Option<u64>) -> Law {
        let [from, at, to] = [from, at, to].map(|n| n as usize);
        let swap = self.numbers.swaps[at - 1];
        let rates = [self.numbers.pair_rates(from, at), self.numbers.pair_rates(at, to)];
        let outer = kept(&self.numbers.pair_rates(from, to), swap.duration);
        let shift = usize::try_from(swap.duration).unwrap_or(usize::MAX);
        let mut success = Vec::with_capacity(self.entries);
        let mut restarts = vec![0.0; self.len];
        for k in 0..self.entries {
            let (l, r) = (left.entry(k), right.entry(k));
            let both = if self.tree.one_after_another {
                self.in_a_row(l, r, rates[0][k], cutoff)
            } else {
                let l_sum = decayed_sum(l, rates[0][k], cutoff, self.len);
                let r_sum = decayed_sum(r, rates[1][k], cutoff, self.len);
                both_there(l, r, &l_sum, &r_sum)
            };
            if k == 0 {
                add_shifted(&mut restarts, &both, shift, 1.0 - swap.success);
            }
            let factor = swap.success * outer[k] * if k == 0 { 1.0 } else { swap.visibility };
            let mut there = vec![0.0; self.len];
            add_shifted(&mut there, &both, shift, factor);
            success.push(there);
        }
        if let Some(cutoff) = cutoff {
            let (l, r) = (left.probability(), right.probability());
            if self.tree.one_after_another {
                let cutoff = usize::try_from(cutoff).unwrap_or(usize::MAX);
                let in_time: f64 = r.iter().take(cutoff.saturating_add(1)).sum();
                add_shifted(&mut restarts, l, cutoff, (1.0 - in_time).max(0.0));
            } else {
                add_shifted(&mut restarts, &given_up(l, r, cutoff, self.len), 0, 1.0);
            }
        }
        self.repeated(success, &restarts)
    }

    /// The left pair waits, and decays at `rate`, for as long as the right one takes.
    fn in_a_row(&mut self, left: &[f64], right: &[f64], rate: f64, cutoff: Option<u64>) -> Vec<f64> {
        let window = cutoff.and_then(|c| usize::try_from(c).ok()).map_or(usize::MAX, |c| c.saturating_add(1));
        let waited = |(u, p): (usize, &f64)| if rate == 0.0 { *p } else { p * math::exp(-rate * u as f64) };
        let right: Vec<f64> = right.iter().take(window).enumerate().map(waited).collect();
        self.arithmetic.product(left, &right, self.len)
    }

    /// One round: two equal inputs, the earlier one waits; a failure restarts both.
    fn round(&mut self, law: &Law, rates: &Quad) -> Law {
        let sums: Vec<Vec<f64>> = (0..4).map(|k| decayed_sum(law.entry(k), rates[k], None, self.len)).collect();
        let mut out = vec![vec![0.0; self.len]; 4];
        let mut both_of_any = vec![0.0; self.len];
        for a in 0..4 {
            for b in 0..4 {
                let weights: Quad = std::array::from_fn(|k| self.form[k][a][b]);
                if weights == [0.0; 4] && (a, b) != (0, 0) {
                    continue;
                }
                let both = both_there(law.entry(a), law.entry(b), &sums[a], &sums[b]);
                if (a, b) == (0, 0) {
                    add_shifted(&mut both_of_any, &both, 0, 1.0);
                }
                for (series, weight) in out.iter_mut().zip(weights).filter(|(_, w)| *w != 0.0) {
                    add_shifted(series, &both, 0, weight);
                }
            }
        }
        let restarts: Vec<f64> = both_of_any.iter().zip(&out[0]).map(|(all, good)| (all - good).max(0.0)).collect();
        self.repeated(out, &restarts)
    }

    /// S / (1 - D).
    fn repeated(&mut self, success: Vec<Vec<f64>>, restarts: &[f64]) -> Law {
        let mut law = Law { entries: success };
        if restarts.iter().any(|d| *d != 0.0) {
            let starts = self.arithmetic.renewal(restarts, self.len);
            for series in &mut law.entries {
                *series = self.arithmetic.product(series, &starts, self.len);
            }
        }
        law.trim();
        law
    }
}
