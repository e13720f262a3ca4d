//! Nested doubling, exactly: from the law of the links to that of the chain, level by level.
//!
//! ```text
//!   level 2            [0 1 2 3]          an attempt at a level waits for both halves, then swaps (or distils);
//!   level 1       [0 1]         [2 3]     one that fails, or is cut off, starts both halves anew:
//!   links        0     1       2     3        law = S / (1 - D),   S: attempts that succeed, D: those that do not
//! ```
//!
//! The quotient is one of power series, by FFT (`series`). The same recursion is in Brand, Coopmans, Elkouss,
//! doi:10.1109/JSAC.2020.2969037, and with cut-offs in Li, Coopmans, Elkouss, doi:10.1109/TQE.2021.3099003; here the state
//! is carried exactly as sums of correlations instead of an average Werner parameter.

use std::collections::HashMap;

use ebit_quantum::Distillation;

use crate::link::link_law;
use crate::numbers::{Numbers, Quad, distillation_form};
use crate::series::Arithmetic;
use crate::waiting::{Law, add_shifted, both_there, decayed_sum, given_up, kept};

/// What happens at each level of a nested chain; index 0 is the lowest.
#[derive(Debug, Clone, PartialEq)]
pub struct Levels {
    /// Steps that one half waits for the other at most.
    pub cutoffs: Vec<Option<u64>>,
    /// Rounds of distillation of each half before the swap.
    pub distill: Vec<u32>,
    pub protocol: Distillation,
}

/// The law of a nested chain over `len` steps; `stop` is asked between levels.
pub fn law(numbers: &Numbers, levels: &Levels, len: usize, entries: usize, stop: &dyn Fn() -> bool) -> Option<Law> {
    let form = distillation_form(levels.protocol);
    Solver {
        numbers,
        levels,
        len,
        entries,
        form,
        arithmetic: Arithmetic::new(),
        known: HashMap::new(),
        classes: HashMap::new(),
        stop,
    }
    .segment(0, numbers.segments())
    .map(|(_, law)| law)
}

struct Solver<'a> {
    numbers: &'a Numbers,
    levels: &'a Levels,
    len: usize,
    /// Series per law: 1, 2 or 4.
    entries: usize,
    form: [[Quad; 4]; 4],
    arithmetic: Arithmetic,
    /// Laws by class: equal segments are solved once.
    known: HashMap<usize, Law>,
    classes: HashMap<Vec<u64>, usize>,
    stop: &'a dyn Fn() -> bool,
}

impl Solver<'_> {
    fn class(&mut self, key: Vec<u64>) -> usize {
        let next = self.classes.len();
        *self.classes.entry(key).or_insert(next)
    }

    /// Bits of everything about the storage of a pair between two nodes.
    fn storage(&self, left: usize, right: usize) -> Vec<u64> {
        self.numbers.pair_rates(left, right).map(f64::to_bits).to_vec()
    }

    /// The law of links `from .. to` and its class.
    fn segment(&mut self, from: usize, to: usize) -> Option<(usize, Law)> {
        if (self.stop)() {
            return None;
        }
        if to - from == 1 {
            let numbers = self.numbers;
            let link = &numbers.links[from];
            let mut key = vec![0, link.success.to_bits(), link.long, link.short, link.long_if_failed.to_bits()];
            key.extend(link.pair.map(f64::to_bits));
            let class = self.class(key);
            let law = match self.known.get(&class) {
                Some(law) => law.clone(),
                None => link_law(link, self.len, self.entries, &mut self.arithmetic),
            };
            self.known.insert(class, law.clone());
            return Some((class, law));
        }
        let middle = (from + to) / 2;
        let level = (to - from).ilog2() as usize - 1;
        let rounds = self.levels.distill.get(level).copied().unwrap_or(0);
        let halves = [(from, middle), (middle, to)];
        let mut laws = Vec::with_capacity(2);
        for (a, b) in halves {
            let (class, law) = self.segment(a, b)?;
            laws.push(self.distilled(class, law, a, b, rounds)?);
        }
        let swap = self.numbers.swaps[middle - 1];
        let mut key = vec![2, laws[0].0 as u64, laws[1].0 as u64, level as u64, swap.success.to_bits()];
        key.extend([swap.visibility.to_bits(), swap.duration]);
        for (a, b) in [halves[0], halves[1], (from, to)] {
            key.extend(self.storage(a, b));
        }
        let class = self.class(key);
        if let Some(law) = self.known.get(&class) {
            return Some((class, law.clone()));
        }
        let (left, right) = (&laws[0].1, &laws[1].1);
        let cutoff = self.levels.cutoffs.get(level).copied().flatten();
        let rates = halves.map(|(a, b)| self.numbers.pair_rates(a, b));
        let outer = kept(&self.numbers.pair_rates(from, to), swap.duration);
        let shift = usize::try_from(swap.duration).unwrap_or(usize::MAX);
        let mut success = Vec::with_capacity(self.entries);
        let mut restarts = vec![0.0; self.len];
        for k in 0..self.entries {
            let (l, r) = (left.entry(k), right.entry(k));
            let l_sum = decayed_sum(l, rates[0][k], cutoff, self.len);
            let r_sum = decayed_sum(r, rates[1][k], cutoff, self.len);
            let both = both_there(l, r, &l_sum, &r_sum);
            if k == 0 {
                add_shifted(&mut restarts, &both, shift, 1.0 - swap.success);
            }
            let factor = swap.success * outer[k] * if k == 0 { 1.0 } else { swap.visibility };
            let mut there = vec![0.0; self.len];
            add_shifted(&mut there, &both, shift, factor);
            success.push(there);
        }
        if let Some(cutoff) = cutoff {
            let lost = given_up(left.probability(), right.probability(), cutoff, self.len);
            add_shifted(&mut restarts, &lost, 0, 1.0);
        }
        let law = self.repeated(success, &restarts);
        self.known.insert(class, law.clone());
        Some((class, law))
    }

    /// 2^rounds copies made side by side and combined in a binary tree.
    fn distilled(&mut self, mut class: usize, mut law: Law, from: usize, to: usize, rounds: u32) -> Option<(usize, Law)> {
        for _ in 0..rounds {
            if (self.stop)() {
                return None;
            }
            let mut key = vec![1, class as u64];
            key.extend(self.storage(from, to));
            class = self.class(key);
            law = match self.known.get(&class) {
                Some(known) => known.clone(),
                None => self.round(&law, &self.numbers.pair_rates(from, to)),
            };
            self.known.insert(class, law.clone());
        }
        Some((class, law))
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
