//! All patterns of errors and all waiting times of a chain of encoded pairs, without drawing.
//!
//! A decoder's sign is a sum over operators ([`ebit_quantum::block`]), so the mean sign of a whole chain is a sum over one operator
//! per station of a product over links, each the character of that link's errors for the operators at its two ends:
//!
//! ```text
//!   E[sign] = sum over S_0 ... S_N  prod g(S_i)  prod over links i  E[ chi_{S_i}(a_i) chi_{S_i+1}(b_i) ]
//! ```
//!
//! Read from left to right, a vector over the operators of a station is taken through one matrix per link. Link i is done
//! when the last of its n pairs is there, after T_i steps; its earlier pairs waited. Given T_i the waits are independent but
//! for their maximum, so a link's matrix is
//!
//! ```text
//!   prod over qubits of sum_{t <= T} p(t) c(T-t)   -   prod over qubits of sum_{t < T} p(t) c(T-t)
//! ```
//!
//! and between stations the earlier link's block waits for |T_i - T_i+1|, as in [`crate::asap`], each operator with a rate
//! of its own. Linear in steps; quadratic where the ends wait for the last link. Means are sums of terms of either sign: an
//! error of about 1e-15 each stays, relative to 1 and not to the rate of logical errors.

use std::rc::Rc;

use ebit_hardware::Encoded;
use ebit_quantum::block::{Masks, Term};
use ebit_random::math;

use crate::asap::{self, waits_at_ends};
use crate::numbers::{Numbers, Quad};
use crate::waiting::Law;

/// Bytes that the static matrix of a link may take.
const MAX_MATRIX: usize = 1 << 28;

/// An operator of a station: what it reads of X and of Z errors.
#[derive(Debug, Clone, Copy)]
struct Operator {
    masks: Masks,
    weight: f64,
}

/// Which outcomes one mean sign asks for: of X errors, of Z errors, of both.
struct Question {
    x: Vec<Term>,
    z: Vec<Term>,
}

impl Question {
    /// [<XX>, -<YY>, <ZZ>] of the pair: signs of Z errors, of both, of X errors.
    fn all(encoded: &Encoded) -> [Self; 3] {
        let none = || vec![Term { mask: 0, weight: 1.0 }];
        let (x, z) = (encoded.x_errors.terms(), encoded.z_errors.terms());
        [Self { x: none(), z: z.clone() }, Self { x: x.clone(), z }, Self { x, z: none() }]
    }

    fn size(&self) -> usize {
        self.x.len() * self.z.len()
    }

    /// Operator k reads x term k / |z| and z term k % |z|.
    fn operators(&self) -> Vec<Operator> {
        let both = |x: &Term, z: &Term| Operator { masks: Masks { x: x.mask, z: z.mask }, weight: x.weight * z.weight };
        self.x.iter().flat_map(|x| self.z.iter().map(move |z| both(x, z))).collect()
    }
}

/// Whether the matrices of this code can be held.
pub fn fits(encoded: &Encoded) -> bool {
    Question::all(encoded).iter().all(|q| q.size().saturating_mul(q.size()).saturating_mul(8) <= MAX_MATRIX)
}

/// Series of a lattice's length that are held at a time, about.
pub fn series(numbers: &Numbers, encoded: &Encoded) -> usize {
    let largest = Question::all(encoded).iter().map(Question::size).max().unwrap_or(1);
    numbers.segments() * (largest + 1) + 3 * largest
}

/// Products and sums that the state takes, about.
pub fn operations(numbers: &Numbers, encoded: &Encoded, len: usize) -> f64 {
    let len = if is_still(numbers) { 1 } else { len };
    let per_step: f64 = Question::all(encoded).iter().map(|q| (q.size() * q.size()) as f64).sum();
    let linear = numbers.segments() as f64 * len as f64 * per_step;
    // Up to each of the last link's times, twice.
    if waits_at_ends(numbers) { linear * len as f64 } else { linear }
}

/// Whether memories keep their state for ever.
fn is_still(numbers: &Numbers) -> bool {
    numbers.rates.iter().flatten().all(|r| *r == 0.0)
}

/// Steps by which all pairs of all links are there but for this mass, about.
pub fn length(numbers: &Numbers, encoded: &Encoded, tolerance: f64) -> usize {
    let pairs = numbers.segments() as f64 * f64::from(encoded.size);
    let slowest = numbers.links.iter().map(|l| l.long as f64 * (1.0 + math::ln(pairs / tolerance) / l.success));
    // An attempt that succeeds for certain takes one.
    let certain = numbers.links.iter().all(|l| l.success >= 1.0);
    let steps =
        if certain { numbers.links.iter().map(|l| l.long as f64).fold(1.0, f64::max) } else { slowest.fold(1.0, f64::max) };
    steps.clamp(1.0, 1e15) as usize + 2
}

/// When the last pair of the last link is there, and the block measurements done.
pub fn time(numbers: &Numbers, encoded: &Encoded, links: &[Law], len: usize) -> Vec<f64> {
    let pairs = links.iter().flat_map(|law| std::iter::repeat_n(law, encoded.size as usize));
    let mut time = asap::time(pairs, len);
    time.splice(0..0, std::iter::repeat_n(0.0, usize::try_from(duration(numbers)).unwrap_or(0)));
    time
}

/// Steps that the block measurements take, at all stations together.
pub fn duration(numbers: &Numbers) -> u64 {
    numbers.swaps.iter().map(|s| s.duration).max().unwrap_or(0)
}

/// Sums over the lattice of 1 and of the correlations of the encoded pair; None: stopped.
pub fn totals(numbers: &Numbers, encoded: &Encoded, links: &[Law], len: usize, stop: &dyn Fn() -> bool) -> Option<Quad> {
    let mut out = [time(numbers, encoded, links, len).iter().sum(), 0.0, 0.0, 0.0];
    // Where nothing decays it does not matter when pairs come, and all steps are one.
    let at_once: Vec<Law> = links.iter().map(|l| Law { entries: vec![vec![l.probability().iter().sum()]] }).collect();
    let (links, len) = if is_still(numbers) { (&*at_once, 1) } else { (links, len) };
    for (k, question) in Question::all(encoded).iter().enumerate() {
        let chain = Chain::new(numbers, encoded, links, question, len);
        out[k + 1] = if waits_at_ends(numbers) {
            let mut sum = 0.0;
            for last in 0..len {
                sum += chain.pass(last + 1, Some(last), stop)? - chain.pass(last, Some(last), stop)?;
            }
            sum
        } else {
            chain.pass(len, None, stop)?
        };
    }
    Some(out)
}

/// One question to one chain.
struct Chain<'a> {
    numbers: &'a Numbers,
    operators: Vec<Operator>,
    /// Operators that share what they read of X errors.
    z_terms: usize,
    /// `fixed[left * K + right]`: a link's character without its physical pairs.
    fixed: Vec<f64>,
    /// For each link `table[t * (z terms * x terms) + left z * x terms + right x]`.
    tables: Vec<Rc<Vec<f64>>>,
    /// What an operator keeps of a block per step.
    keep: Vec<f64>,
    rate: Vec<f64>,
    /// Weight times noise at each station.
    stations: Vec<Vec<f64>>,
    /// Steps that blocks at the ends wait at least, for the block measurements.
    duration: u64,
}

impl<'a> Chain<'a> {
    fn new(numbers: &'a Numbers, encoded: &Encoded, links: &[Law], question: &Question, len: usize) -> Self {
        let operators = question.operators();
        let noise = &encoded.noise;
        let fixed = operators.iter().flat_map(|a| operators.iter().map(move |b| noise.link(a.masks, b.masks))).collect();
        // All memories are equal.
        let [_, x, y, z] = numbers.rates[0].map(|r| r * numbers.step_s);
        let rate: Vec<f64> = operators
            .iter()
            .map(|Operator { masks: m, .. }| {
                let count = |mask: u32| f64::from(mask.count_ones());
                z * count(m.x & !m.z) + x * count(m.z & !m.x) + y * count(m.x & m.z)
            })
            .collect();
        let station = |v: f64| operators.iter().map(|o| o.weight * noise.station(v, o.masks)).collect();
        let mut tables: Vec<Rc<Vec<f64>>> = Vec::with_capacity(links.len());
        for (k, law) in links.iter().enumerate() {
            // Equal links in a row are computed once.
            let table = if k > 0 && numbers.links[k] == numbers.links[k - 1] {
                Rc::clone(&tables[k - 1])
            } else {
                Rc::new(table(numbers, encoded.size, k, law, question, len))
            };
            tables.push(table);
        }
        Self {
            numbers,
            z_terms: question.z.len(),
            fixed,
            tables,
            keep: rate.iter().map(|r| math::exp(-r)).collect(),
            stations: numbers.swaps.iter().map(|s| station(s.visibility)).collect(),
            duration: duration(numbers),
            rate,
            operators,
        }
    }

    /// The mean sign over T_i < `len` for all links; with `until` the blocks at the ends wait until then.
    fn pass(&self, len: usize, until: Option<usize>, stop: &dyn Fn() -> bool) -> Option<f64> {
        let k = self.operators.len();
        let end = |t: usize, s: usize| {
            let waited = until.map_or(0.0, |u| (u - t) as f64 + self.duration as f64);
            self.operators[s].weight * if waited == 0.0 { 1.0 } else { math::exp(-self.rate[s] * waited) }
        };
        let mut vector = vec![0.0; len * k];
        for (t, row) in vector.chunks_exact_mut(k).enumerate() {
            row.iter_mut().enumerate().for_each(|(s, v)| *v = end(t, s));
        }
        let mut next = vec![0.0; k];
        for link in 0..self.numbers.segments() {
            if link > 0 {
                self.wait(&mut vector, &self.stations[link - 1]);
            }
            for (t, row) in vector.chunks_exact_mut(k).enumerate() {
                if t % 64 == 0 && stop() {
                    return None;
                }
                self.cross(link, t, row, &mut next);
                row.copy_from_slice(&next);
            }
        }
        Some(
            vector
                .chunks_exact(k)
                .enumerate()
                .map(|(t, row)| row.iter().enumerate().map(|(s, v)| v * end(t, s)).sum::<f64>())
                .sum(),
        )
    }

    /// Through a link that is done at t.
    fn cross(&self, link: usize, t: usize, row: &[f64], next: &mut [f64]) {
        let (k, zs) = (row.len(), self.z_terms);
        let xs = k / zs;
        let table = &self.tables[link][t * zs * xs..][..zs * xs];
        // Nothing arrives at most steps of a coarse link.
        if table.iter().all(|f| *f == 0.0) {
            next.fill(0.0);
            return;
        }
        next.fill(0.0);
        for (right_x, out) in next.chunks_exact_mut(zs).enumerate() {
            for (left, from) in row.iter().enumerate() {
                let scaled = from * table[left % zs * xs + right_x];
                let fixed = &self.fixed[left * k + right_x * zs..][..zs];
                out.iter_mut().zip(fixed).for_each(|(o, f)| *o += f * scaled);
            }
        }
    }

    /// At a station: from the time its left link was done to the time its right one is; the earlier block waits.
    fn wait(&self, vector: &mut [f64], station: &[f64]) {
        let k = self.operators.len();
        let steps = vector.len() / k;
        let mut later = vec![0.0; vector.len()];
        let mut sum = vec![0.0; k];
        for t in (0..steps).rev() {
            for s in 0..k {
                later[t * k + s] = sum[s];
                sum[s] = (sum[s] + vector[t * k + s]) * self.keep[s];
            }
        }
        sum.fill(0.0);
        for t in 0..steps {
            for s in 0..k {
                sum[s] = sum[s] * self.keep[s] + vector[t * k + s];
                vector[t * k + s] = (sum[s] + later[t * k + s]) * station[s];
            }
        }
    }
}

/// The factor of n physical pairs of a link that is done at t, for each t and each pair of what is read of Z errors on the
/// left and of X errors on the right.
fn table(numbers: &Numbers, size: u32, link: usize, law: &Law, question: &Question, len: usize) -> Vec<f64> {
    let n = size as usize;
    let pair = numbers.links[link].pair;
    // Both halves wait, at the ends too: the circuit needs them.
    let rates: Quad = std::array::from_fn(|k| (numbers.rates[link][k] + numbers.rates[link + 1][k]) * numbers.step_s);
    let keep = rates.map(|r| math::exp(-r));
    let counts: Vec<[usize; 4]> = question
        .z
        .iter()
        .flat_map(|z| question.x.iter().map(move |x| (z.mask, x.mask)))
        .map(|(z, x)| {
            let count = |mask: u32| mask.count_ones() as usize;
            let (both, z_only, x_only) = (count(z & x), count(z & !x), count(x & !z));
            // Entries of (1, <XX>, -<YY>, <ZZ>): Z errors spoil the second, X errors the last.
            [n - both - z_only - x_only, z_only, both, x_only]
        })
        .collect();
    let mut out = Vec::with_capacity(len * counts.len());
    // Sums over arrivals before t and up to t, and their difference.
    let mut up_to = [0.0; 4];
    let mut powers = vec![[[0.0; 3]; 4]; n + 1];
    for t in 0..len {
        let p = law.probability().get(t).copied().unwrap_or(0.0);
        let before: Quad = std::array::from_fn(|k| up_to[k] * keep[k]);
        up_to = std::array::from_fn(|k| before[k] + p * pair[k]);
        if p == 0.0 {
            out.extend(std::iter::repeat_n(0.0, counts.len()));
            continue;
        }
        powers[0] = [[1.0, 1.0, 0.0]; 4];
        for m in 1..=n {
            for k in 0..4 {
                let [all, old, difference] = powers[m - 1][k];
                // a^m - b^m = a (a^(m-1) - b^(m-1)) + (a - b) b^(m-1), without a small difference of large numbers.
                powers[m][k] = [all * up_to[k], old * before[k], up_to[k] * difference + p * pair[k] * old];
            }
        }
        out.extend(counts.iter().map(|count| {
            let mut all = 1.0;
            let mut difference = 0.0;
            for k in 0..4 {
                let [a, b, d] = powers[count[k]][k];
                difference = difference * b + all * d;
                all *= a;
            }
            difference
        }));
    }
    out
}
