//! Swap-asap with swaps that always succeed at once, instant by instant: what every run of links holds if all of them are there.
//!
//! ```text
//!   links      0     1     2     3     4        R(i, k): links i .. k are there, aged up to now
//!            there there   .   there   .        N(k):    link k comes at this instant
//!            [ R(0, 2) ]     [R(3, 4)]
//!
//!   at each instant    R'(i, j) = R(i, j) + sum_k  R(i, k) x N(k) x R'(k + 1, j)        k: the first that comes now
//! ```
//!
//! with x a swap, and nothing where a run is empty. What R'(0, n) gains is delivered; all other R' age until the next instant.
//! O(n^3) per instant and O(n^2) in memory, for any linear decay: relaxation towards |0> (`relaxation`), where the order of
//! swaps counts and no product of kernels (`asap`) exists; and where ends wait, linear in time where the kernels are not.

use ebit_random::math;

use crate::asap;
use crate::numbers::Numbers;
use crate::relaxation::{self, ENTRIES};
use crate::waiting::Law;

/// Instants between two looks at `stop`.
const POLL_EVERY: usize = 64;
/// Entry of the right-hand run that goes with each entry of the left-hand one in a swap: m, x, y, z, a, b.
const PARTNER: [usize; ENTRIES] = [0, 1, 2, 3, 0, 3];

/// Products and sums that this takes, about; the time alone is free.
pub fn operations(numbers: &Numbers, len: usize, entries: usize) -> f64 {
    let n = numbers.segments() as f64;
    let carried = if entries == ENTRIES { 6.0 } else { entries as f64 - 1.0 };
    (n * n * (n + 12.0) / 6.0 + 10.0 * n) * len as f64 * carried
}

/// For each entry a square table over runs from node i to node j.
struct Runs {
    side: usize,
    tables: Vec<Vec<f64>>,
}

impl Runs {
    fn new(n: usize, entries: usize) -> Self {
        Self { side: n + 1, tables: vec![vec![0.0; (n + 1) * (n + 1)]; entries] }
    }
    #[inline(always)]
    fn row(&self, entry: usize, i: usize) -> &[f64] {
        &self.tables[entry][i * self.side..(i + 1) * self.side]
    }
    #[inline(always)]
    fn row_mut(&mut self, entry: usize, i: usize) -> &mut [f64] {
        &mut self.tables[entry][i * self.side..(i + 1) * self.side]
    }
}

/// What all instants have in common, and where they are worked on.
struct Work<'a> {
    numbers: &'a Numbers,
    links: &'a [Law],
    /// Entries that are carried: the time is none of them unless memories relax.
    carried: std::ops::Range<usize>,
    /// For each node what a half stored there keeps over one step.
    kept: Vec<[f64; 4]>,
    /// Runs that are there.
    there: Runs,
    /// Runs from i that begin with a link that has just come.
    fresh: Runs,
    old: Vec<f64>,
}

/// The law with the state at each step; None if `stop` said so.
pub fn law(numbers: &Numbers, links: &[Law], len: usize, entries: usize, stop: &dyn Fn() -> bool) -> Option<Law> {
    let n = numbers.segments();
    let relaxes = entries == ENTRIES;
    let keep = |node: usize| numbers.rates_at(node).map(|r| math::exp(-r));
    let mut work = Work {
        numbers,
        links,
        carried: usize::from(!relaxes)..entries,
        kept: (0..=n).map(keep).collect(),
        there: Runs::new(n, entries),
        fresh: Runs::new(n, entries),
        old: vec![0.0; n + 1],
    };
    let mut out = Law { entries: vec![vec![0.0; len]; entries] };
    for t in 0..len {
        if t % POLL_EVERY == 0 && stop() {
            return None;
        }
        ebit_bits::vectorize(|| work.instant(t));
        for (k, series) in out.entries.iter_mut().enumerate() {
            series[t] = std::mem::take(&mut work.there.tables[k][n]);
        }
    }
    // The time by itself, by sums of positive terms.
    out.entries[0] = asap::time(links, len);
    Some(out)
}

impl Work<'_> {
    /// From one instant to the next; afterwards the run of all links is what is delivered now.
    #[inline(always)]
    fn instant(&mut self, t: usize) {
        let n = self.numbers.segments();
        for i in 0..n {
            self.age(i);
        }
        for i in (0..n).rev() {
            self.arrive(i, t);
            self.join(i);
        }
    }

    /// One step of storage of all runs from node i.
    #[inline(always)]
    fn age(&mut self, i: usize) {
        let (n, kept) = (self.numbers.segments(), &self.kept);
        // Where memories relax, z is one of four that mix.
        let products = 1..self.carried.end.min(if self.carried.end == ENTRIES { 3 } else { 4 });
        for k in products {
            let row = self.there.row_mut(k, i);
            for j in i + 1..=n {
                row[j] *= kept[i][k] * kept[j][k];
            }
        }
        if self.carried.end < ENTRIES {
            return;
        }
        for j in i + 1..=n {
            let at = i * (n + 1) + j;
            let (left, right) = (kept[i][3], kept[j][3]);
            let p = relaxation::POPULATIONS.map(|k| self.there.tables[k][at]);
            let after = relaxation::relaxed(p, [1.0, left, right, left * right]);
            relaxation::POPULATIONS.into_iter().zip(after).for_each(|(k, x)| self.there.tables[k][at] = x);
        }
    }

    /// Link i, where it comes now, by itself and swapped with all that is there to its right.
    #[inline(always)]
    fn arrive(&mut self, i: usize, t: usize) {
        let n = self.numbers.segments();
        let v = self.visibility(i + 1);
        for k in self.carried.clone() {
            let come = self.links[i].entry(k).get(t).copied().unwrap_or(0.0);
            let right = self.there.row(PARTNER[k], i + 1);
            let row = self.fresh.row_mut(k, i);
            row[i + 1] = come;
            let factor = if k == 0 { come } else { v * come };
            for j in i + 2..=n {
                row[j] = factor * right[j];
            }
        }
    }

    /// Runs from node i with links that have just come.
    #[inline(always)]
    fn join(&mut self, i: usize) {
        let n = self.numbers.segments();
        for k in self.carried.clone() {
            self.old.copy_from_slice(self.there.row(k, i));
            let row = self.there.row_mut(k, i);
            for (sum, x) in row.iter_mut().zip(self.fresh.row(k, i)).skip(i + 1) {
                *sum += x;
            }
            for first in i + 1..n {
                let factor = self.old[first] * if k == 0 { 1.0 } else { self.visibility(first) };
                let fresh = self.fresh.row(PARTNER[k], first);
                let row = self.there.row_mut(k, i);
                for (sum, x) in row.iter_mut().zip(fresh).skip(first + 1) {
                    *sum += factor * x;
                }
            }
        }
    }

    #[inline(always)]
    fn visibility(&self, node: usize) -> f64 {
        if node == 0 || node == self.numbers.segments() { 1.0 } else { self.numbers.swaps[node - 1].visibility }
    }
}
