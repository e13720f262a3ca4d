//! Swap-asap on few links, whatever else: swaps that fail, cut-offs, several slots, unequal attempt times, relaxing memories.
//! An absorbing Markov chain over what is there (`occupancy`), in steps of one common length.
//!
//! The table of transitions is found from empty memories on. How large it must become at least is estimated before, and it
//! is given up where it outgrows its bounds.

use std::collections::HashMap;

use crate::compile::AsapPlan;
use crate::labels::{Labels, Weight};
use crate::numbers::Numbers;
use crate::occupancy::{Outcome, Rules};
use crate::relaxation::ENTRIES;
use crate::waiting::Law;

/// Bytes that the table may take.
pub const MAX_BYTES: f64 = 1e9;
/// Branches that may be followed to find it.
const MAX_BRANCHES: f64 = 2e8;
/// Products that may be summed to follow the chain through time.
const MAX_OPERATIONS: f64 = 6e10;
/// Links that a word holds.
const MAX_LINKS: usize = 30;
/// Slots that a place in a queue holds.
const MAX_SLOTS: u32 = 60;
/// A state with its words, its place in the index of known ones and its weights now and then, about.
const BYTES_PER_STATE: f64 = 200.0;

/// Why there is no table or no law.
#[derive(Debug, Clone, PartialEq)]
pub enum Refusal {
    /// Bytes that the table would take at least.
    Bytes(f64),
    /// Branches or products.
    Operations(f64),
    Stopped,
}

/// Whether this route can be tried for the chain.
pub fn applies(numbers: &Numbers, plan: AsapPlan) -> bool {
    numbers.segments() <= MAX_LINKS
        && plan.slots <= MAX_SLOTS
        && numbers.links.iter().all(|l| l.short == l.long && l.long < u64::from(u32::MAX))
        && numbers.swaps.iter().all(|s| s.duration == 0)
        && plan.cutoff.is_none_or(|c| c < u64::from(u32::MAX))
}

/// One chain, solved.
#[derive(Debug)]
pub struct Markov {
    tables: Vec<Table>,
    entries: usize,
}

impl Markov {
    /// The tables of a chain.
    ///
    /// # Errors
    /// They would be too large.
    pub fn new(numbers: &Numbers, plan: AsapPlan, entries: usize, stop: &dyn Fn() -> bool) -> Result<Self, Refusal> {
        let relaxes = entries == ENTRIES;
        let mut tables =
            vec![Table::new(numbers, plan, &Labels::correlations(numbers, if relaxes { 3 } else { entries }), stop)?];
        if relaxes {
            tables.push(Table::new(numbers, plan, &Labels::populations(numbers), stop)?);
        }
        Ok(Self { tables, entries: if relaxes { 4 } else { entries } })
    }

    /// The law, as far as needed to leave no more than `tolerance` beyond it.
    ///
    /// # Errors
    /// Stopped, or it would take too long.
    pub fn law(&self, tolerance: f64, stop: &dyn Fn() -> bool) -> Result<Law, Refusal> {
        let mut law = Law { entries: vec![Vec::new(); self.entries] };
        let mut beyond = tolerance;
        let mut len = usize::MAX;
        for table in &self.tables {
            let mut now = vec![0.0; table.states * table.width];
            now[..table.width].fill(1.0);
            let mut then = now.clone();
            let (mut covered, mut t) = (0.0, 0usize);
            let mut operations = 0.0;
            loop {
                let delivered = if t == 0 { vec![[0.0; 4]; table.tracked] } else { table.step(&now, &mut then) };
                if t > 0 {
                    std::mem::swap(&mut now, &mut then);
                }
                if table.tracked == 1 {
                    law.entries.iter_mut().zip(delivered[0]).take(table.width).for_each(|(series, d)| series.push(d));
                    covered += delivered[0][0];
                } else {
                    law.entries[3].push(delivered.iter().map(|d| d[0]).sum());
                }
                t += 1;
                operations += table.targets.len() as f64 * table.width as f64;
                if t >= len || 1.0 - covered <= beyond {
                    break;
                }
                if operations > MAX_OPERATIONS {
                    return Err(Refusal::Operations(operations / covered.max(1e-3)));
                }
                if stop() {
                    return Err(Refusal::Stopped);
                }
            }
            // The second table goes as far as the first.
            (len, beyond) = (t, -1.0);
        }
        Ok(law)
    }
}

/// Transitions of one step: rows by their origin.
#[derive(Debug)]
struct Table {
    width: usize,
    tracked: usize,
    states: usize,
    /// For each state the range of its transitions.
    rows: Vec<usize>,
    /// Target; from `states` on: delivered, by label.
    targets: Vec<u32>,
    /// Per transition its weights.
    weights: Vec<f64>,
}

const DELIVERED: u32 = u32::MAX - 16;

impl Table {
    fn new(numbers: &Numbers, plan: AsapPlan, labels: &Labels, stop: &dyn Fn() -> bool) -> Result<Self, Refusal> {
        let rules = Rules {
            numbers,
            labels,
            cutoff: plan.cutoff.and_then(|c| u32::try_from(c).ok()),
            on_memory: plan.on_memory,
            slots: plan.slots.min(MAX_SLOTS) as u8,
        };
        let width = labels.width;
        worth_trying(numbers, plan, labels)?;
        let per_transition = 4.0 + 8.0 * width as f64;
        let mut table =
            Self { width, tracked: labels.tracked.into(), states: 0, rows: vec![0], targets: Vec::new(), weights: Vec::new() };
        let start = rules.empty();
        let mut keys = vec![start.clone()];
        let mut known = HashMap::from([(start, 0u32)]);
        let mut row: HashMap<u32, Weight> = HashMap::new();
        let (mut next, mut branches) = (0, 0.0);
        while next < keys.len() {
            let bytes = keys.len() as f64 * BYTES_PER_STATE + table.targets.len() as f64 * per_transition;
            if bytes > MAX_BYTES {
                return Err(Refusal::Bytes(bytes));
            }
            if branches > MAX_BRANCHES {
                return Err(Refusal::Operations(branches));
            }
            if next % 64 == 0 && stop() {
                return Err(Refusal::Stopped);
            }
            let from = std::mem::take(&mut keys[next]);
            rules.step(&from, &mut |outcome, weight| {
                branches += 1.0;
                let target = match outcome {
                    Outcome::Delivered(label) => DELIVERED + u32::from(label),
                    Outcome::Holding(key) => match known.get(key) {
                        Some(index) => *index,
                        None => {
                            let index = keys.len() as u32;
                            keys.push(key.into());
                            known.insert(key.into(), index);
                            index
                        }
                    },
                };
                let sum = row.entry(target).or_insert([0.0; 4]);
                sum.iter_mut().zip(weight).for_each(|(s, w)| *s += w);
            });
            // In the order of targets, so that sums do not depend on a hash.
            let mut sorted: Vec<_> = row.drain().collect();
            sorted.sort_unstable_by_key(|(target, _)| *target);
            for (target, weight) in sorted {
                table.targets.push(target);
                table.weights.extend_from_slice(&weight[..width]);
            }
            table.rows.push(table.targets.len());
            next += 1;
        }
        table.states = keys.len();
        Ok(table)
    }

    /// One step; what is delivered then, by label.
    fn step(&self, now: &[f64], then: &mut [f64]) -> Vec<Weight> {
        match self.width {
            1 => self.step_by::<1>(now, then),
            2 => self.step_by::<2>(now, then),
            3 => self.step_by::<3>(now, then),
            _ => self.step_by::<4>(now, then),
        }
    }

    fn step_by<const W: usize>(&self, now: &[f64], then: &mut [f64]) -> Vec<Weight> {
        then.fill(0.0);
        let mut delivered = vec![[0.0; 4]; self.tracked];
        for (state, from) in now.chunks_exact(W).enumerate().filter(|(_, from)| from.iter().any(|w| *w != 0.0)) {
            for k in self.rows[state]..self.rows[state + 1] {
                let weights = &self.weights[k * W..][..W];
                let target = self.targets[k];
                let sum = if target < DELIVERED {
                    &mut then[target as usize * W..][..W]
                } else {
                    &mut delivered[(target - DELIVERED) as usize - 1][..W]
                };
                for e in 0..W {
                    sum[e] += weights[e] * from[e];
                }
            }
        }
        delivered
    }
}

/// Refuses a table that is too large for certain, before anything is found: states and branches of one slot, with all
/// attempts in step.
fn worth_trying(numbers: &Numbers, plan: AsapPlan, labels: &Labels) -> Result<(), Refusal> {
    let n = numbers.segments();
    let kinds = f64::from(labels.tracked) + 1.0;
    let ages = plan.cutoff.map_or(1.0, |c| c as f64);
    // Ages do not come with every other: half of them, say.
    let states = 0.5 * arrangements(n, kinds * ages, 1.0);
    // From empty memories any number of slots of each link may succeed, and each pair have any label.
    let first: f64 = (0..plan.slots as usize * n).map(|_| kinds).product();
    let branches = 0.5 * arrangements(n, kinds * ages, kinds + 1.0).max(first);
    let bytes = states * BYTES_PER_STATE;
    if bytes > MAX_BYTES {
        return Err(Refusal::Bytes(bytes));
    }
    if branches > MAX_BRANCHES {
        return Err(Refusal::Operations(branches));
    }
    Ok(())
}

/// The sum over all ways to lay segments on n links, none next to another, of a factor per segment and one per empty link.
fn arrangements(n: usize, segment: f64, empty: f64) -> f64 {
    // Ways over the first k links, whose last is empty (or there is none), or in a segment.
    let (mut open, mut closed) = (vec![1.0], vec![0.0]);
    for k in 1..=n {
        let ends: f64 = open.iter().sum::<f64>() * segment;
        open.push((open[k - 1] + closed[k - 1]) * empty);
        closed.push(ends);
    }
    open[n] + closed[n]
}
