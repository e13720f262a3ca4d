//! A tree of swaps, exactly: from the law of the links to that of the chain, swap by swap.
//!
//! ```text
//!   an attempt at a swap waits for both halves, then swaps (or distils); one that fails, or is cut off, starts both anew:
//!
//!       law = S / (1 - D),   S: attempts that succeed, D: those that do not
//! ```
//!
//! The quotient is one of power series, by FFT (`series`), over as many steps as each part needs by itself: its mean is known
//! before its law, and after 37 means nothing is left that could wrap around. The same recursion is in Brand, Coopmans, Elkouss,
//! doi:10.1109/JSAC.2020.2969037, and with cut-offs in Li, Coopmans, Elkouss, "Efficient optimization of cut-offs in quantum
//! repeater chains"; here the state is carried exactly as sums of correlations instead of an average Werner parameter. Where
//! the right half begins when the left one is there, S is a product of series: left, and right with the decay of left while
//! it was made.
//!
//! Equal segments are solved once, and a law is dropped after its last use: doubling equal links holds two laws at a time.

use std::collections::HashMap;

use ebit_random::math;

use crate::numbers::{Numbers, Quad, distillation_form};
use crate::pumping::{self, Stored};
use crate::relaxation;
use crate::series::{Arithmetic, Repeated, transform_size};
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
    /// Steps, each round of pumping counted.
    pub work: usize,
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
                Operation::Pump { from, to, rounds, .. } => {
                    let fresh = stack.pop().unwrap_or_default();
                    let mut key = vec![3, fresh as u64, u64::from(*rounds)];
                    key.extend(storage(numbers, *from, *to));
                    (key, [fresh; 2])
                }
                Operation::Swap { from, at, to, cutoff, .. } => {
                    let (right, left) = (stack.pop().unwrap_or_default(), stack.pop().unwrap_or_default());
                    let swap = numbers.swaps[*at as usize - 1];
                    let mut key = vec![2, left as u64, right as u64, cutoff.map_or(u64::MAX, |c| c)];
                    key.extend([swap.success.to_bits(), swap.visibility.to_bits(), swap.duration]);
                    key.extend(storage(numbers, *from, *at).chain(storage(numbers, *at, *to)));
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
        let rounds = |step: &Step| match tree.operations[step.operation] {
            Operation::Pump { rounds, .. } => rounds as usize,
            _ => 1,
        };
        let work = steps.iter().map(rounds).sum();
        Self { steps, last_uses, held, work }
    }

    pub fn len(&self) -> usize {
        self.steps.len()
    }

    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
}

fn link_key(numbers: &Numbers, link: u32) -> Vec<u64> {
    let tilt = numbers.tilts.as_ref().map_or([0.0; 2], |tilts| tilts[link as usize]);
    let link = &numbers.links[link as usize];
    let mut key = vec![0, link.success.to_bits(), link.long, link.short, link.long_if_failed.to_bits()];
    key.extend(link.pair.into_iter().chain(tilt).map(f64::to_bits));
    key
}

/// Bits of everything about the storage of a pair between two nodes.
fn storage(numbers: &Numbers, left: u32, right: u32) -> impl Iterator<Item = u64> {
    let [left, right] = [left, right].map(|node| numbers.rates_at(node as usize).map(f64::to_bits));
    left.into_iter().chain(right)
}

/// How far to go, and what to carry.
#[derive(Debug, Clone, Copy)]
pub struct Reach {
    /// Mass of the chain's law that may lie beyond its end.
    pub tolerance: f64,
    /// The same for the laws of its parts.
    pub negligible: f64,
    /// Series per law: 1, 2 or 4; 6 where memories relax.
    pub entries: usize,
    /// Steps that there is room for.
    pub most: usize,
}

/// The law of a chain.
#[derive(Debug, Clone)]
pub struct Solved {
    pub law: Law,
    /// Mass behind its end; what else is missing, the parts have lost.
    pub cut: f64,
}

/// Why there is no law.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsolved {
    Stopped,
    /// A law would take so many steps.
    TooLong(usize),
}

/// The law of a chain.
///
/// # Errors
/// `stop`, asked between swaps, said so; a law that would not fit.
pub fn law(numbers: &Numbers, tree: &Tree, steps: &Steps, reach: Reach, stop: &dyn Fn() -> bool) -> Result<Solved, Unsolved> {
    let (form, arithmetic) = (distillation_form(tree.protocol), Arithmetic::new());
    let mut solver = Solver { numbers, tree, reach, form, arithmetic, cut: 0.0 };
    let mut laws: Vec<Option<Law>> = vec![None; steps.len()];
    for (k, step) in steps.steps.iter().enumerate() {
        if stop() {
            return Err(Unsolved::Stopped);
        }
        let beyond = if k + 1 == steps.len() { reach.tolerance } else { reach.negligible };
        let half = |side: usize| laws.get(step.halves[side]).and_then(Option::as_ref).ok_or(Unsolved::Stopped);
        let law = match tree.operations[step.operation] {
            Operation::Link(link) => solver.link(link as usize, beyond)?,
            Operation::Distil { from, to, .. } => solver.round(half(0)?, [from, to], beyond)?,
            Operation::Pump { from, to, rounds, .. } => solver.pump(half(0)?, [from, to], rounds, beyond)?,
            Operation::Swap { from, at, to, cutoff, .. } => solver.swap(half(0)?, half(1)?, [from, at, to], cutoff, beyond)?,
        };
        laws[k] = Some(law);
        for done in &steps.last_uses[k] {
            laws[*done] = None;
        }
    }
    let law = laws.pop().flatten().ok_or(Unsolved::Stopped)?;
    Ok(Solved { law, cut: solver.cut })
}

struct Solver<'a> {
    numbers: &'a Numbers,
    tree: &'a Tree,
    reach: Reach,
    form: [[Quad; 4]; 4],
    arithmetic: Arithmetic,
    /// Mass behind the end of the law that was made last.
    cut: f64,
}

/// e^-37 = 1e-16: after so many means of a time that ends at random, nothing is left.
const FOR_EVER: f64 = 37.0;
/// Mass at the end of a transform from which on what lies beyond it would show.
const WRAPPED: f64 = 1e-13;
/// Chance of success per try below which quotients of transforms lose digits.
const HOPELESS: f64 = 1e-5;

impl Solver<'_> {
    fn link(&mut self, link: usize, beyond: f64) -> Result<Law, Unsolved> {
        let spec = &self.numbers.links[link];
        // P(still failing after n attempts) = (1-p)^n, and an attempt takes `long` steps at most.
        let attempts = if spec.success >= 1.0 { 1.0 } else { math::ln(beyond) / math::ln_1p(-spec.success) };
        let len = self.fitting((attempts.ceil() + 1.0) * spec.long as f64 + 1.0)?;
        let mut law = self.numbers.link_law(link, len, self.reach.entries, &mut self.arithmetic);
        self.cut = law.cut(beyond);
        Ok(law)
    }

    fn ending(&mut self, entries: Vec<Vec<f64>>, beyond: f64) -> Law {
        let mut law = Law { entries };
        self.cut = law.cut(beyond);
        law
    }

    /// So many steps, if they fit.
    fn fitting(&self, len: f64) -> Result<usize, Unsolved> {
        if len <= self.reach.most as f64 { Ok(len as usize) } else { Err(Unsolved::TooLong(len.min(1e18) as usize)) }
    }

    fn swap(
        &mut self,
        left: &Law,
        right: &Law,
        [from, at, to]: [u32; 3],
        cutoff: Option<u64>,
        beyond: f64,
    ) -> Result<Law, Unsolved> {
        let [from, at, to] = [from, at, to].map(|n| n as usize);
        let swap = self.numbers.swaps[at - 1];
        let lens = [left, right].map(|law| law.probability().len());
        let longest = lens[0].max(lens[1]);
        // A cut-off that neither half ever reaches is none.
        let cutoff = cutoff
            .and_then(|c| usize::try_from(c).ok())
            .filter(|c| *c < if self.one_after_another() { lens[1] } else { longest });
        let window = cutoff.map(|c| c as u64);
        let both_len = if self.one_after_another() { lens[0] + lens[1] - 1 } else { longest };
        let len = self.fitting((both_len as f64 + swap.duration as f64).max(longest as f64 + cutoff.unwrap_or(0) as f64))?;
        let rates = [self.numbers.pair_rates(from, at), self.numbers.pair_rates(at, to)];
        let mut both = Vec::with_capacity(self.reach.entries);
        let products = if self.relaxes() { 3 } else { self.reach.entries };
        // Entry by entry, and what is known of both halves then.
        #[allow(clippy::needless_range_loop)]
        for k in 0..products {
            let (l, r) = (left.entry(k), right.entry(k));
            both.push(if self.one_after_another() {
                self.in_a_row(l, r, rates[0][k], cutoff, len)
            } else {
                let l_sum = decayed_sum(l, rates[0][k], window, len);
                let r_sum = decayed_sum(r, rates[1][k], window, len);
                both_there(l, r, &l_sum, &r_sum)
            });
        }
        if self.relaxes() {
            let sides = [[from, at], [at, to]].map(|pair| pair.map(|node| self.numbers.rates_at(node)[3]));
            // The outer halves relax until the swap is done and corrected.
            let outer = [[sides[0][0], 0.0], [0.0, sides[1][1]]];
            let rested = (swap.duration > 0)
                .then(|| [(left, outer[0]), (right, outer[1])].map(|(law, rates)| relaxation::rested(law, rates, swap.duration)));
            let [left, right] = rested.as_ref().map_or([left, right], |[left, right]| [left, right]);
            both.extend(if self.one_after_another() {
                let window = cutoff.map_or(usize::MAX, |c| c.saturating_add(1));
                relaxation::in_a_row(left, right, sides[0], window, len, &mut self.arithmetic)
            } else {
                relaxation::both(left, right, sides, window, len)
            });
        }
        let shift = usize::try_from(swap.duration).unwrap_or(usize::MAX);
        let failures = cutoff.map(|cutoff| {
            let (l, r) = (left.probability(), right.probability());
            let mut failures = vec![0.0; len];
            add_shifted(&mut failures, &both[0], shift, 1.0 - swap.success);
            if self.one_after_another() {
                let in_time: f64 = r.iter().take(cutoff.saturating_add(1)).sum();
                add_shifted(&mut failures, l, cutoff, (1.0 - in_time).max(0.0));
            } else {
                add_shifted(&mut failures, &given_up(l, r, cutoff as u64, len), 0, 1.0);
            }
            failures
        });
        let success = self.measured(both, [from, at, to], shift);
        let share = (1.0 - swap.success) / swap.success;
        self.repeated(success, failures, share, beyond)
    }

    /// The swaps that succeed, done `shift` steps after both halves were there.
    fn measured(&self, both: Vec<Vec<f64>>, [from, at, to]: [usize; 3], shift: usize) -> Vec<Vec<f64>> {
        let swap = self.numbers.swaps[at - 1];
        let outer = kept(&self.numbers.pair_rates(from, to), swap.duration);
        let factor = |k: usize| match k {
            0 => swap.success,
            // They rested before the swap.
            3.. if self.relaxes() => swap.success * swap.visibility,
            _ => swap.success * outer[k] * swap.visibility,
        };
        let scaled = |(k, mut series): (usize, Vec<f64>)| {
            if shift > 0 {
                let mut there = vec![0.0; series.len()];
                add_shifted(&mut there, &series, shift, factor(k));
                return there;
            }
            series.iter_mut().for_each(|x| *x *= factor(k));
            series
        };
        both.into_iter().enumerate().map(scaled).collect()
    }

    fn one_after_another(&self) -> bool {
        self.tree.one_after_another
    }

    /// Whether z needs the numbers of `relaxation`.
    fn relaxes(&self) -> bool {
        self.reach.entries == relaxation::ENTRIES
    }

    /// The left pair waits, and decays at `rate`, for as long as the right one takes.
    fn in_a_row(&mut self, left: &[f64], right: &[f64], rate: f64, cutoff: Option<usize>, len: usize) -> Vec<f64> {
        let window = cutoff.map_or(usize::MAX, |c| c.saturating_add(1));
        let waited = |(u, p): (usize, &f64)| if rate == 0.0 { *p } else { p * math::exp(-rate * u as f64) };
        let right: Vec<f64> = right.iter().take(window).enumerate().map(waited).collect();
        self.arithmetic.product(left, &right, len)
    }

    /// One round: two equal inputs, the earlier one waits; a failure restarts both.
    fn round(&mut self, law: &Law, [from, to]: [u32; 2], beyond: f64) -> Result<Law, Unsolved> {
        let (from, to) = (from as usize, to as usize);
        let len = law.probability().len();
        let rates = self.numbers.pair_rates(from, to);
        let mut sums: Vec<Vec<f64>> = (0..4).map(|k| decayed_sum(law.entry(k), rates[k], None, len)).collect();
        if self.relaxes() {
            let sides = [from, to].map(|node| self.numbers.rates_at(node)[3]);
            let [_, z, _, _] = relaxation::waited(law, sides, None, len);
            sums[3] = z;
        }
        let mut out = vec![vec![0.0; len]; 4];
        let mut both_of_any = vec![0.0; len];
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
        // What is kept has no <ZI> and <IZ>.
        out.resize(self.reach.entries.max(4), vec![0.0; len]);
        let failures: Vec<f64> = both_of_any.iter().zip(&out[0]).map(|(all, good)| (all - good).max(0.0)).collect();
        self.repeated(out, Some(failures), 0.0, beyond)
    }

    /// Rounds of pumping in a row; a failure restarts them all.
    fn pump(&mut self, fresh: &Law, [from, to]: [u32; 2], rounds: u32, beyond: f64) -> Result<Law, Unsolved> {
        let (from, to) = (from as usize, to as usize);
        // A try makes 1 + rounds pairs, one after another.
        self.fitting((1.0 + f64::from(rounds)) * fresh.probability().len() as f64)?;
        let stored = Stored {
            rates: self.numbers.pair_rates(from, to),
            sides: self.relaxes().then(|| [from, to].map(|node| self.numbers.rates_at(node)[3])),
        };
        let (success, failures) = pumping::tries(fresh, rounds, stored, &self.form, &mut self.arithmetic);
        self.repeated(success, Some(failures), 0.0, beyond)
    }

    /// S / (1 - D) up to where no more than `beyond` is left; D is `failures`, or `share` times S.
    fn repeated(
        &mut self,
        mut success: Vec<Vec<f64>>,
        failures: Option<Vec<f64>>,
        share: f64,
        beyond: f64,
    ) -> Result<Law, Unsolved> {
        let sums =
            |series: &[f64]| series.iter().enumerate().fold((0.0, 0.0), |(sum, moment), (t, p)| (sum + p, moment + t as f64 * p));
        let (s, s_moment) = sums(&success[0]);
        let (d, d_moment) = failures.as_ref().map_or((share * s, share * s_moment), |d| sums(d));
        if d == 0.0 {
            return Ok(self.ending(success, beyond));
        }
        let mean = (s_moment + d_moment) / s;
        let tried = success[0].len();
        let mut wanted = (tried as f64 + 2.0 * mean).max(FOR_EVER * mean);
        if s < HOPELESS {
            let len = self.fitting(mean * (1.0 - math::ln(beyond)) + tried as f64)?;
            let failures = failures.unwrap_or_else(|| success[0].iter().map(|p| share * p).collect());
            let starts = self.arithmetic.renewal(&failures, len);
            success.iter_mut().for_each(|series| *series = self.arithmetic.product(series, &starts, len));
            return Ok(self.ending(success, beyond));
        }
        loop {
            let size = transform_size(self.fitting(wanted)?);
            let mut quotients = success.clone();
            self.arithmetic.cyclic_quotients(Repeated { success: &mut quotients, failures: failures.as_deref(), share }, size);
            if quotients[0][size - size / 8..].iter().sum::<f64>() < WRAPPED {
                return Ok(self.ending(quotients, beyond));
            }
            wanted = 1.5 * size as f64;
        }
    }
}
