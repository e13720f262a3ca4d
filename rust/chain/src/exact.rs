//! Which exact route answers for a chain, how far to go, and when to refuse.
//!
//! The lattice is extended until the mass beyond it is below the asked tolerance. What the mean may still gain from there
//! is bounded by starting over: whatever a chain holds at the end of the lattice, it is done no later than a chain that
//! starts empty then, after at most one cut-off's wait.

use ebit_spec::SpecError;
use ebit_spec::error::Kind;
use ebit_spec::real::Real;

use crate::asap;
use crate::compile::{AsapPlan, Compiled, Plan};
use crate::encoded::{self, Encoded};
use crate::link::link_law;
use crate::markov::{self, Markov};
use crate::series::Arithmetic;
use crate::tree::{Operation, Tree};
use crate::tree_law::{self, Steps};
use crate::waiting::Law;

/// Bytes that one evaluation may take.
pub const MAX_BYTES: f64 = 4e9;
/// Products and sums that one evaluation may take: about a minute.
const MAX_OPERATIONS: f64 = 3e11;
/// Rounding of the mass alone reaches this.
pub const SMALLEST_TOLERANCE: f64 = 1e-12;

/// What an exact evaluation found.
#[derive(Debug, Clone, PartialEq)]
pub struct Exact {
    pub method: &'static str,
    pub step_s: f64,
    /// P(delivered at step t); for each of <XX>, -<YY>, <ZZ> its sum over the pairs delivered then, if it was carried.
    pub law: Law,
    /// Mass inside the lattice, and the sums of the correlations over it.
    pub totals: [f64; 4],
    /// Mean steps, from below and from above.
    pub mean: (f64, f64),
}

fn refuse(kind: Kind, parameter: &str, range: &str, value: String, hint: &str) -> SpecError {
    SpecError::new(kind, "RepeaterChain.exact", parameter, range, value, hint)
}

/// Solves the chain; None if `stop` said so.
///
/// # Errors
/// No exact method applies, or the lattice would not fit.
pub fn solve(chain: &Compiled, tolerance: f64, stop: &dyn Fn() -> bool) -> Result<Option<Exact>, SpecError> {
    if !(SMALLEST_TOLERANCE..1.0).contains(&tolerance) {
        let range = format!("in [{SMALLEST_TOLERANCE:e}, 1)");
        return Err(refuse(Kind::Range, "tolerance", &range, Real(tolerance).to_string(), "mass left beyond the lattice"));
    }
    if let Some(k) = chain.beyond_bell.filter(|_| chain.decay.is_pauli()) {
        let hint = "call sample(), which carries the full state";
        let name = format!("links[{k}].state");
        return Err(refuse(Kind::Range, &name, "Bell-diagonal for exact() with distillation", "another state".into(), hint));
    }
    if chain.relaxes {
        let hint = "call sample() or simulate(), which carry the full state";
        return Err(refuse(Kind::Range, "memory.t1_s", "infinite for exact()", "finite".into(), hint));
    }
    let entries = entries(chain);
    let route = route(chain, entries)?;
    let mut len = first_length(chain, tolerance);
    loop {
        affordable(chain, &route, len, entries)?;
        let Some((law, totals)) = law(chain, &route, len, entries, stop) else { return Ok(None) };
        let beyond = (1.0 - totals[0]).max(0.0);
        if beyond <= tolerance {
            return Ok(Some(finish(chain, law, totals, route.name(), len)));
        }
        len *= 2;
    }
}

fn entries(chain: &Compiled) -> usize {
    let numbers = &chain.numbers;
    let distils = matches!(&chain.plan, Plan::Tree(tree) if tree.distils());
    if numbers.is_isotropic() && !distils { 2 } else { 4 }
}

/// How the chain is solved.
enum Route<'a> {
    Tree(&'a Tree, Steps),
    Transfer,
    Markov(Markov),
    Encoded(&'a Encoded),
}

impl Route<'_> {
    fn name(&self) -> &'static str {
        match self {
            Self::Tree(..) => "exact (power series)",
            Self::Transfer => "exact (transfer operator)",
            Self::Markov(_) => "exact (absorbing Markov chain)",
            Self::Encoded(_) => "exact (operators of the code)",
        }
    }
}

fn route(chain: &Compiled, entries: usize) -> Result<Route<'_>, SpecError> {
    match &chain.plan {
        Plan::Encoded(encoded) if encoded::exact::fits(encoded) => Ok(Route::Encoded(encoded)),
        Plan::Encoded(encoded) => {
            let checks = encoded.size - 1;
            let hint = "call sample(), which draws errors instead of looking at all of them";
            let range = "of at most 12 checks, about, for exact()";
            Err(refuse(Kind::TooLarge, "encoding.code", range, format!("{checks} checks"), hint))
        }
        Plan::Tree(tree) => Ok(Route::Tree(tree, Steps::new(&chain.numbers, tree))),
        Plan::SwapAsap(AsapPlan { slots: 2.., .. }) => {
            let hint = "call sample() or simulate()";
            Err(refuse(Kind::Range, "schedule.slots_used", "'one' for exact()", "'all'".into(), hint))
        }
        Plan::SwapAsap(AsapPlan { cutoff: Some(_), .. }) => {
            let hint = "call sample(), or simulate() for messages";
            Err(refuse(Kind::Range, "schedule.cutoff_s", "None for exact()", "a cut-off".into(), hint))
        }
        Plan::SwapAsap(_) if asap::applies(&chain.numbers) => Ok(Route::Transfer),
        Plan::SwapAsap(_) if markov::applies(&chain.numbers) => Ok(Route::Markov(Markov::new(&chain.numbers, entries))),
        Plan::SwapAsap(_) => {
            let range = format!(
                "certain and instantaneous for exact() of SwapAsap, or instantaneous with at most {} links of one attempt time",
                markov::MAX_LINKS
            );
            let hint = "call sample(); Nested() and other trees have an exact method for any number of links";
            Err(refuse(Kind::Range, "swap", &range, "another swap".into(), hint))
        }
    }
}

/// A few mean waiting times, as if all times were exponential: (3/2)^levels / (p q^levels) for doubling.
fn first_length(chain: &Compiled, tolerance: f64) -> usize {
    let numbers = &chain.numbers;
    if let Plan::Encoded(encoded) = &chain.plan {
        // No power of two: the cost may grow with the square of the length.
        return encoded::exact::length(numbers, encoded, tolerance);
    }
    let mean = |link: usize| numbers.links[link].long as f64 / numbers.links[link].success;
    let estimate = match &chain.plan {
        Plan::Tree(tree) => tree
            .fold(|operation, halves| match operation {
                Operation::Link(link) => mean(*link as usize),
                Operation::Distil { .. } => halves.pop().unwrap_or(1.0) * 1.5,
                Operation::Swap { at, .. } => {
                    let (b, a) = (halves.pop().unwrap_or(1.0), halves.pop().unwrap_or(1.0));
                    let both = if tree.one_after_another { a + b } else { later(a, b) };
                    both / numbers.swaps[*at as usize - 1].success
                }
            })
            .unwrap_or(1.0),
        Plan::SwapAsap(_) | Plan::Encoded(_) => {
            let slowest = (0..numbers.segments()).map(mean).fold(1.0, f64::max);
            let levels = numbers.segments().next_power_of_two().ilog2();
            slowest * (numbers.swaps.iter().map(|s| 1.0 / s.success).product::<f64>() + f64::from(levels) * 0.5)
        }
    };
    let len = (16.0 * estimate).clamp(64.0, 1e15);
    (len as usize).next_power_of_two()
}

/// Mean of the later of two independent exponential times with these means.
fn later(a: f64, b: f64) -> f64 {
    a + b - 1.0 / (1.0 / a + 1.0 / b)
}

/// Series of a law's length that solving one swap takes beside the laws themselves: products and their transforms.
const WORKSPACE: usize = 16;
/// Products and sums per step and entry that one swap takes; a transform, as many for each doubling of the length.
const PER_SWAP: f64 = 20.0;

fn affordable(chain: &Compiled, route: &Route<'_>, len: usize, entries: usize) -> Result<(), SpecError> {
    let series = match route {
        Route::Tree(_, steps) => (steps.held + 2) * entries + WORKSPACE,
        Route::Transfer => (chain.numbers.segments() + 4) * entries,
        Route::Markov(_) => entries,
        Route::Encoded(encoded) => encoded::exact::series(&chain.numbers, encoded),
    };
    // The time alone begins later where block measurements take time.
    let later = if matches!(route, Route::Encoded(_)) { encoded::exact::duration(&chain.numbers) } else { 0 };
    let bytes = 8.0 * (len as f64 * series as f64 + 2.0 * later as f64);
    if bytes > MAX_BYTES {
        let hint = "call sample(), whose cost does not grow with the waiting time; or a larger tolerance";
        return Err(refuse(Kind::TooLarge, "lattice", "<= 4e9 bytes", format!("{bytes:.1e} bytes ({len} steps)"), hint));
    }
    let (operations, hint) = match route {
        Route::Tree(_, steps) => {
            let swaps = steps.len() as f64 * len as f64 * entries as f64;
            (swaps * PER_SWAP * f64::from(len.max(2).ilog2()), "call sample()")
        }
        Route::Transfer => {
            let hint = "call sample(); with end_memory=\"measured\" the cost is linear in the waiting time";
            (asap::operations(&chain.numbers, len, entries), hint)
        }
        Route::Markov(markov) => (markov.operations(len), "call sample()"),
        Route::Encoded(encoded) => {
            let hint = "call sample(); with end_memory=\"measured\" the cost is linear in the waiting time";
            (encoded::exact::operations(&chain.numbers, encoded, len), hint)
        }
    };
    if operations > MAX_OPERATIONS {
        return Err(refuse(Kind::TooLarge, "lattice", "<= 3e11 operations", format!("{operations:.1e} ({len} steps)"), hint));
    }
    Ok(())
}

/// The law, and the sums of its entries: of the correlations too where the law itself holds the time alone.
fn law(chain: &Compiled, route: &Route<'_>, len: usize, entries: usize, stop: &dyn Fn() -> bool) -> Option<(Law, [f64; 4])> {
    let sums = |law: &Law| std::array::from_fn(|k| law.entry(k).iter().sum());
    let with_sums = |law: Law| {
        let totals = sums(&law);
        (law, totals)
    };
    match route {
        Route::Tree(tree, steps) => tree_law::law(&chain.numbers, tree, steps, len, entries, stop).map(with_sums),
        Route::Markov(markov) => markov.law(len, stop).map(with_sums),
        Route::Encoded(encoded) => {
            let mut arithmetic = Arithmetic::new();
            let links: Vec<Law> = chain.numbers.links.iter().map(|l| link_law(l, len, 1, &mut arithmetic)).collect();
            let time = Law { entries: vec![encoded::exact::time(&chain.numbers, encoded, &links, len)] };
            let covered: [f64; 4] = sums(&time);
            // A lattice that is too short needs no state yet.
            if covered[0] < 0.99 {
                return Some((time, covered));
            }
            encoded::exact::totals(&chain.numbers, encoded, &links, len, stop).map(|totals| (time, totals))
        }
        Route::Transfer => {
            let mut arithmetic = Arithmetic::new();
            let links: Vec<Law> = chain.numbers.links.iter().map(|l| link_law(l, len, entries, &mut arithmetic)).collect();
            if stop() {
                return None;
            }
            let time = Law { entries: vec![asap::time(&links, len)] };
            let covered: [f64; 4] = sums(&time);
            // A lattice that is too short needs no state yet.
            if covered[0] < 0.99 {
                return Some((time, covered));
            }
            if asap::waits_at_ends(&chain.numbers) {
                return Some(with_sums(asap::law(&chain.numbers, &links, len, entries)));
            }
            let totals = asap::mean_state(&chain.numbers, &links, len, entries);
            Some((time, totals))
        }
    }
}

fn finish(chain: &Compiled, law: Law, totals: [f64; 4], method: &'static str, len: usize) -> Exact {
    let inside: f64 = law.probability().iter().enumerate().map(|(t, p)| t as f64 * p).sum();
    let beyond = (1.0 - totals[0]).max(0.0);
    let (patience, losses) = match &chain.plan {
        Plan::Tree(tree) => worst_wait(tree),
        Plan::SwapAsap(asap) => (asap.cutoff.unwrap_or(0), u32::from(asap.cutoff.is_some())),
        Plan::Encoded(_) => (0, 0),
    };
    let low = inside + beyond * len as f64;
    // E <= inside + beyond (len + patience + (1 + losses) E): what is held may be lost at each place that loses.
    let high = (inside + beyond * (len as f64 + patience as f64)) / (1.0 - f64::from(1 + losses) * beyond).max(0.0);
    Exact { method, step_s: chain.numbers.step_s, law, totals, mean: (low, high) }
}

/// On the worst way from a link to the whole chain: the sum of the cut-offs, and how often what is there may be lost.
fn worst_wait(tree: &Tree) -> (u64, u32) {
    tree.fold(|operation, halves: &mut Vec<(u64, u32)>| match operation {
        Operation::Link(_) => (0, 0),
        Operation::Distil { .. } => halves.pop().map_or((0, 0), |(wait, losses)| (wait, losses + 1)),
        Operation::Swap { cutoff, .. } => {
            let (b, a) = (halves.pop().unwrap_or_default(), halves.pop().unwrap_or_default());
            (a.0.max(b.0).saturating_add(cutoff.unwrap_or(0)), a.1.max(b.1) + u32::from(cutoff.is_some()))
        }
    })
    .unwrap_or_default()
}
