//! Swap-asap with swaps that always succeed and take no time: the chain as a product of kernels.
//!
//! Link i is there after N_i steps, independently. Node i then holds the earlier of its two halves for |N_i - N_i+1| steps,
//! and the ends wait for the last link, M = max N:
//!
//! ```text
//!   entry = prod links  E[ e^(-r_0 (M - N_1)) . prod_i e^(-r_i |N_i - N_i+1|) . e^(-r_n (M - N_n)) ]
//! ```
//!
//! Read from left to right that is a vector over N_i taken through kernels e^(-r |n - m|), each in one pass forward and one
//! backward: O(N T) where the ends are measured at their heralds, once more for each M where they wait. The transfer
//! operator is that of Kamin, Shchukin, Schmidt, van Loock, doi:10.1103/PhysRevResearch.5.023086, whose links are equal.

use ebit_random::math;

use crate::numbers::{Numbers, Quad};
use crate::waiting::Law;

/// Different M worked on side by side: what a vector register holds twice.
const LANES: usize = 8;

/// Whether this route answers for the chain.
pub fn applies(numbers: &Numbers) -> bool {
    numbers.swaps.iter().all(|s| s.success == 1.0 && s.duration == 0)
}

/// Products and sums that the state takes, about; the time alone is free.
pub fn operations(numbers: &Numbers, len: usize, entries: usize) -> f64 {
    let own = (1..entries).filter(|k| matches!(same_decay(numbers, *k), Decay::Own)).count();
    let per_pass = numbers.segments() as f64 * len as f64 * own as f64;
    if waits_at_ends(numbers) { per_pass * len as f64 / 4.0 } else { per_pass * 4.0 }
}

/// Whether end qubits lose anything while they wait for the last link.
pub fn waits_at_ends(numbers: &Numbers) -> bool {
    let ends = [0, numbers.segments()];
    !numbers.ends_measured && ends.iter().any(|n| numbers.rates[*n].iter().any(|r| *r != 0.0))
}

/// When the last link is there, from the laws of the links.
pub fn time<'a>(links: impl IntoIterator<Item = &'a Law>, len: usize) -> Vec<f64> {
    // At t + 1: whether all links are there by t; before the first link all are there at every instant.
    let mut all_there = vec![1.0; len + 1];
    let mut out = vec![0.0; len];
    let mut there = vec![0.0; len];
    // d(F1 F2 ...) term by term, so that no small difference of large numbers is taken.
    for law in links {
        let law = law.probability();
        let law = &law[..law.len().min(len)];
        let mut sum = 0.0;
        for (there, p) in there.iter_mut().zip(law) {
            sum += p;
            *there = sum;
        }
        there[law.len()..].fill(sum);
        // P(max = t) with one link more: the others at t and it by then, or the others before and it at t.
        out.iter_mut().zip(&there).for_each(|(out, there)| *out *= there);
        out.iter_mut().zip(law).zip(&all_there).for_each(|((out, p), before)| *out += p * before);
        all_there[1..].iter_mut().zip(&there).for_each(|(all, there)| *all *= there);
        all_there[0] = 0.0;
    }
    out
}

/// The mean correlations at delivery: O(N T) if the ends do not wait, else by [`law`].
pub fn mean_state(numbers: &Numbers, links: &[Law], len: usize, entries: usize) -> Quad {
    let time: f64 = time(links, len).iter().sum();
    let mut out = [time; 4];
    let waits = waits_at_ends(numbers);
    for k in 1..entries {
        let kept = match same_decay(numbers, k) {
            Decay::None => time,
            Decay::Of(earlier) => out[earlier] / fresh(numbers, earlier),
            Decay::Own if waits => series(numbers, links, len, k).iter().sum(),
            Decay::Own => passes::<1>(numbers, links, len, k, &[len - 1])[0],
        };
        out[k] = kept * fresh(numbers, k);
    }
    let last = out[entries - 1];
    out[entries..].fill(last);
    out
}

/// The law with the state at each step.
pub fn law(numbers: &Numbers, links: &[Law], len: usize, entries: usize) -> Law {
    let mut kept = vec![time(links, len)];
    for k in 1..entries {
        let one = match same_decay(numbers, k) {
            Decay::None => kept[0].clone(),
            Decay::Of(earlier) => kept[earlier].clone(),
            Decay::Own => series(numbers, links, len, k),
        };
        kept.push(one);
    }
    for (k, series) in kept.iter_mut().enumerate().skip(1) {
        let fresh = fresh(numbers, k);
        series.iter_mut().for_each(|x| *x *= fresh);
    }
    Law { entries: kept }
}

/// What is known of how an entry decays.
enum Decay {
    None,
    /// As an earlier entry does, which is not zero when fresh.
    Of(usize),
    Own,
}

fn same_decay(numbers: &Numbers, k: usize) -> Decay {
    if numbers.rates.iter().all(|r| r[k] == 0.0) {
        return Decay::None;
    }
    let same = |j: &usize| numbers.rates.iter().all(|r| r[*j] == r[k]) && fresh(numbers, *j) != 0.0;
    (1..k).find(same).map_or(Decay::Own, Decay::Of)
}

/// An entry of links and swaps that nothing has waited for.
fn fresh(numbers: &Numbers, k: usize) -> f64 {
    numbers.links.iter().map(|l| l.pair[k]).product::<f64>() * numbers.swaps.iter().map(|s| s.visibility).product::<f64>()
}

/// What an entry keeps, for each M.
fn series(numbers: &Numbers, links: &[Law], len: usize, k: usize) -> Vec<f64> {
    let mut up_to = vec![0.0; len];
    for first in (0..len).step_by(LANES) {
        let last: [usize; LANES] = std::array::from_fn(|lane| (first + lane).min(len - 1));
        let sums = ebit_bits::vectorize(|| passes::<LANES>(numbers, links, len, k, &last));
        for (lane, sum) in sums.into_iter().enumerate().filter(|(lane, _)| first + lane < len) {
            up_to[first + lane] = sum;
        }
    }
    let ends =
        if waits_at_ends(numbers) { (numbers.rates[0][k] + numbers.rates[numbers.segments()][k]) * numbers.step_s } else { 0.0 };
    let keep = math::exp(-ends);
    (0..len).map(|m| up_to[m] - if m > 0 { keep * up_to[m - 1] } else { 0.0 }).collect()
}

/// For each M in `last`: the sum over all N_i <= M of the product in the module's header.
#[inline(always)]
fn passes<const L: usize>(numbers: &Numbers, links: &[Law], len: usize, k: usize, last: &[usize; L]) -> [f64; L] {
    let n = numbers.segments();
    let waits = waits_at_ends(numbers);
    let rate = |node: usize| {
        let end = node == 0 || node == n;
        if end && !waits { 0.0 } else { numbers.rates[node][k] * numbers.step_s }
    };
    let longest = last.iter().copied().max().unwrap_or(0).min(len - 1);
    let entry = |i: usize, t: usize| links[i].probability().get(t).copied().unwrap_or(0.0);
    let inside = |t: usize| -> [f64; L] { std::array::from_fn(|lane| f64::from(u8::from(t <= last[lane]))) };
    let waited = |r: f64, t: usize| -> [f64; L] {
        std::array::from_fn(|lane| if t <= last[lane] { math::exp(-r * (last[lane] - t) as f64) } else { 0.0 })
    };
    let mut vector: Vec<[f64; L]> = (0..=longest)
        .map(|t| {
            let end = if rate(0) == 0.0 { inside(t) } else { waited(rate(0), t) };
            end.map(|e| e * entry(0, t))
        })
        .collect();
    let mut forward = vec![[0.0; L]; longest + 1];
    let mut backward = forward.clone();
    for (i, law) in links.iter().enumerate().take(n).skip(1) {
        let keep = math::exp(-rate(i));
        // Sums over earlier n, t included, and over later n, of vector(n) e^(-r |n - t|): each step waits for the one
        // before it, so both ways are gone side by side.
        let (mut earlier, mut later) = ([0.0; L], [0.0; L]);
        for (s, t) in (0..=longest).zip((0..=longest).rev()) {
            backward[t] = later;
            for lane in 0..L {
                later[lane] = (later[lane] + vector[t][lane]) * keep;
                earlier[lane] = earlier[lane] * keep + vector[s][lane];
            }
            forward[s] = earlier;
        }
        let both = vector.iter_mut().zip(&forward).zip(&backward).enumerate();
        for (t, ((vector, forward), backward)) in both {
            let p = law.probability().get(t).copied().unwrap_or(0.0);
            for lane in 0..L {
                let inside = if t <= last[lane] { p } else { 0.0 };
                vector[lane] = (forward[lane] + backward[lane]) * inside;
            }
        }
    }
    let mut total = [0.0; L];
    for (t, row) in vector.iter().enumerate() {
        let end = if rate(n) == 0.0 { [1.0; L] } else { waited(rate(n), t) };
        for lane in 0..L {
            total[lane] += row[lane] * end[lane];
        }
    }
    total
}
