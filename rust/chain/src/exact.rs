//! Which exact route answers for a chain, how far to go, and when to refuse.
//!
//! The lattice is extended until the mass beyond it is below the asked tolerance. What the mean may still gain from there
//! is bounded by starting over: whatever a chain holds at the end of the lattice, it is done no later than a chain that
//! starts empty then, after at most one cut-off's wait.

use ebit_hardware::Encoded;
use ebit_spec::SpecError;
use ebit_spec::error::Kind;
use ebit_spec::real::Real;

use crate::asap;
use crate::compile::{AsapPlan, Beyond, Compiled, Plan};
use crate::encoded;
use crate::markov::{self, Markov, Refusal};
use crate::numbers::Numbers;
use crate::relaxation::ENTRIES;
use crate::runs;
use crate::series::Arithmetic;
use crate::tree::{Operation, Tree};
use crate::tree_law::{self, Reach, Solved, Steps, Unsolved};
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
    pub formalism: &'static str,
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
    carried(chain)?;
    let entries = entries(chain);
    let stopped = || Ok(None);
    let mut behind = f64::INFINITY;
    let (law, totals, method) = match &chain.plan {
        Plan::Tree(tree) => {
            let steps = Steps::new(&chain.numbers, tree);
            let Some((law, totals, cut)) = by_swaps(chain, tree, &steps, entries, tolerance, stop)? else { return stopped() };
            behind = cut;
            (law, totals, "exact (power series)")
        }
        Plan::Encoded(code) => {
            let Some((law, totals)) = by_operators(chain, code, tolerance, stop)? else { return stopped() };
            (law, totals, "exact (operators of the code)")
        }
        Plan::SwapAsap(AsapPlan { slots: 1, cutoff: None, .. }) if asap::applies(&chain.numbers) => {
            let Some(solved) = certain(chain, entries, tolerance, stop)? else { return stopped() };
            solved
        }
        Plan::SwapAsap(plan) => match by_states(chain, *plan, entries, tolerance, stop) {
            Ok(law) => {
                let totals = sums(&law);
                (law, totals, "exact (absorbing Markov chain)")
            }
            Err(Declined::Stopped) => return stopped(),
            Err(Declined::Because(error)) => return Err(error),
        },
    };
    Ok(Some(finish(chain, law, totals, method, behind)))
}

/// Whether the laws carry all that the state depends on.
fn carried(chain: &Compiled) -> Result<(), SpecError> {
    let hint = "call sample(), which carries the full state";
    match chain.beyond {
        None => Ok(()),
        Some(Beyond::State(k)) => {
            let range = "Bell-diagonal but for <ZI> and <IZ>, for exact() with DEJMPS";
            Err(refuse(Kind::Range, &format!("links[{k}].state"), range, "another state".into(), hint))
        }
        Some(Beyond::Rounds) => {
            let range = "infinite for exact() with DEJMPS in more than one round";
            Err(refuse(Kind::Range, "memory.t1_s", range, "finite".into(), hint))
        }
    }
}

fn entries(chain: &Compiled) -> usize {
    let numbers = &chain.numbers;
    let distils = matches!(&chain.plan, Plan::Tree(tree) if tree.distils());
    match numbers.tilts {
        Some(_) => ENTRIES,
        None if numbers.is_isotropic() && !distils => 2,
        None => 4,
    }
}

fn sums(law: &Law) -> [f64; 4] {
    std::array::from_fn(|k| law.entry(k).iter().sum())
}

/// Mass that the laws of parts may lose, of the tolerance and for each segment; less where that was too much.
const SHARE_OF_PARTS: f64 = 1e-3;
/// Less than this is lost to rounding.
const LEAST_SHARE: f64 = 1e-18;

/// Power series, swap by swap.
fn by_swaps(
    chain: &Compiled,
    tree: &Tree,
    steps: &Steps,
    entries: usize,
    tolerance: f64,
    stop: &dyn Fn() -> bool,
) -> Result<Option<(Law, [f64; 4], f64)>, SpecError> {
    let series = (steps.held + 2) * entries + WORKSPACE;
    let per_step = steps.work as f64 * entries as f64 * PER_SWAP;
    let most = (MAX_BYTES / (8.0 * series as f64)).min(MAX_OPERATIONS / (per_step * 30.0)) as usize;
    let mut negligible = (tolerance * SHARE_OF_PARTS / chain.numbers.segments() as f64).max(LEAST_SHARE);
    // Half of what may lie beyond is left to the parts and to rounding.
    let mut beyond = 0.5 * tolerance;
    loop {
        let reach = Reach { tolerance: beyond, negligible, entries, most };
        let Solved { law, cut } = match tree_law::law(&chain.numbers, tree, steps, reach, stop) {
            Ok(solved) => solved,
            Err(Unsolved::Stopped) => return Ok(None),
            Err(Unsolved::TooLong(len)) => {
                fits(len, series)?;
                return Err(too_slow(per_step * 30.0 * len as f64, len, "call sample()"));
            }
        };
        let totals = sums(&law);
        if 1.0 - totals[0] <= tolerance {
            return Ok(Some((law, totals, cut)));
        }
        if negligible <= LEAST_SHARE {
            let hint = "a larger one: each swap rounds";
            let value = format!("{}, of which {:.1e} was reached", Real(tolerance), 1.0 - totals[0]);
            return Err(refuse(Kind::TooLarge, "tolerance", "within rounding of this chain", value, hint));
        }
        (negligible, beyond) = ((negligible * 1e-3).max(LEAST_SHARE), beyond * 0.1);
    }
}

/// A law, its sums, and how it was found; None: stopped.
type Found = Option<(Law, [f64; 4], &'static str)>;

/// Swap-asap with certain swaps at once: when the last link is there, then the state by the cheaper of two ways.
fn certain(chain: &Compiled, entries: usize, tolerance: f64, stop: &dyn Fn() -> bool) -> Result<Found, SpecError> {
    let numbers = &chain.numbers;
    let mut len = first_length(chain);
    let (mut links, time) = loop {
        fits(len, (numbers.segments() + 4) * entries)?;
        let links = laws(numbers, len, 1);
        if stop() {
            return Ok(None);
        }
        let time = asap::time(&links, len);
        if let Some(enough) = length_for(&time, tolerance) {
            len = enough;
            break (links, time);
        }
        len *= 2;
    };
    links.iter_mut().flat_map(|law| &mut law.entries).for_each(|series| series.truncate(len));
    let by_runs = runs::operations(numbers, len, entries);
    let by_kernels = if entries == ENTRIES { f64::INFINITY } else { asap::operations(numbers, len, entries) };
    let hint = "call sample(); with end_memory=\"measured\" and without T1 the cost is linear in the waiting time";
    quick(by_runs.min(by_kernels), len, hint)?;
    if by_runs < by_kernels && (entries == ENTRIES || asap::waits_at_ends(numbers)) {
        // Only here are the states of the links asked for step by step.
        let links = laws(numbers, len, entries);
        let Some(law) = runs::law(numbers, &links, len, entries, stop) else { return Ok(None) };
        let totals = sums(&law);
        return Ok(Some((law, totals, "exact (runs of links)")));
    }
    let method = "exact (transfer operator)";
    if asap::waits_at_ends(numbers) {
        let law = asap::law(numbers, &links, len, entries);
        let totals = sums(&law);
        return Ok(Some((law, totals, method)));
    }
    let totals = asap::mean_state(numbers, &links, len, entries);
    Ok(Some((Law { entries: vec![time[..len].to_vec()] }, totals, method)))
}

/// The laws of all links.
fn laws(numbers: &Numbers, len: usize, entries: usize) -> Vec<Law> {
    let mut arithmetic = Arithmetic::new();
    (0..numbers.segments()).map(|k| numbers.link_law(k, len, entries, &mut arithmetic)).collect()
}

/// Encoded pairs, by the operators that a station may read.
fn by_operators(
    chain: &Compiled,
    code: &Encoded,
    tolerance: f64,
    stop: &dyn Fn() -> bool,
) -> Result<Option<(Law, [f64; 4])>, SpecError> {
    let numbers = &chain.numbers;
    if !encoded::exact::fits(code) {
        let hint = "call sample(), which draws errors instead of looking at all of them";
        let range = "of at most 12 checks, about, for exact()";
        return Err(refuse(Kind::TooLarge, "encoding.code", range, format!("{} checks", code.size - 1), hint));
    }
    // No power of two: the cost may grow with the square of the length.
    let mut len = encoded::exact::length(numbers, code, tolerance);
    loop {
        // The time alone begins later where block measurements take time.
        let later = usize::try_from(encoded::exact::duration(numbers)).unwrap_or(usize::MAX);
        fits(later, 2)?;
        fits(len, encoded::exact::series(numbers, code))?;
        let hint = "call sample(); with end_memory=\"measured\" the cost is linear in the waiting time";
        quick(encoded::exact::operations(numbers, code, len), len, hint)?;
        let links = laws(numbers, len, 1);
        let time = Law { entries: vec![encoded::exact::time(numbers, code, &links, len)] };
        if 1.0 - sums(&time)[0] <= tolerance {
            let totals = encoded::exact::totals(numbers, code, &links, len, stop);
            return Ok(totals.map(|totals| (time, totals)));
        }
        if stop() {
            return Ok(None);
        }
        len *= 2;
    }
}

/// How many steps leave an eighth of the tolerance beyond, or at least no more than the tolerance.
fn length_for(time: &[f64], tolerance: f64) -> Option<usize> {
    let mut covered = 0.0;
    for (t, p) in time.iter().enumerate() {
        covered += p;
        if 1.0 - covered <= tolerance / 8.0 {
            return Some(t + 1);
        }
    }
    (1.0 - covered <= tolerance).then_some(time.len())
}

/// Why there is no law by states.
enum Declined {
    Because(SpecError),
    Stopped,
}

/// Swap-asap by an absorbing Markov chain.
fn by_states(chain: &Compiled, plan: AsapPlan, entries: usize, tolerance: f64, stop: &dyn Fn() -> bool) -> Result<Law, Declined> {
    let numbers = &chain.numbers;
    if !markov::applies(numbers, plan) {
        let range = "instantaneous, on links whose attempts all take equally long, for exact() of SwapAsap with swaps that \
                     fail, a cut-off or several slots";
        let hint = "call sample(), or simulate() for messages; Nested() and other trees have an exact method";
        return Err(Declined::Because(refuse(Kind::Range, "swap", range, "another chain".into(), hint)));
    }
    fits(first_length(chain) / 2, entries).map_err(Declined::Because)?;
    let declined = |refusal| match refusal {
        Refusal::Stopped => Declined::Stopped,
        Refusal::Bytes(bytes) => {
            let hint =
                "call sample(), which holds one state at a time; fewer links, slots or steps per cut-off have fewer states";
            let range = format!("<= {:.0e} bytes", markov::MAX_BYTES);
            Declined::Because(refuse(Kind::TooLarge, "states", &range, format!("at least {bytes:.1e} bytes"), hint))
        }
        Refusal::Operations(operations) => {
            let hint = "call sample(); fewer links, slots or steps per cut-off have fewer states";
            let value = format!("about {operations:.1e} operations");
            Declined::Because(refuse(Kind::TooLarge, "states", "about a minute of work", value, hint))
        }
    };
    Markov::new(numbers, plan, entries, stop).and_then(|markov| markov.law(tolerance, stop)).map_err(declined)
}

/// A few mean waiting times, as if all times were exponential: (3/2)^levels / (p q^levels) for doubling.
fn first_length(chain: &Compiled) -> usize {
    let numbers = &chain.numbers;
    let mean = |link: usize| numbers.links[link].long as f64 / numbers.links[link].success;
    let estimate = match &chain.plan {
        Plan::Tree(tree) => tree
            .fold(|operation, halves| match operation {
                Operation::Link(link) => mean(*link as usize),
                Operation::Distil { .. } => halves.pop().unwrap_or(1.0) * 1.5,
                Operation::Pump { rounds, .. } => halves.pop().unwrap_or(1.0) * f64::from(1 + rounds),
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

/// Refuses a lattice of so many series that does not fit.
fn fits(len: usize, series: usize) -> Result<(), SpecError> {
    let bytes = 8.0 * len as f64 * series as f64;
    if bytes <= MAX_BYTES {
        return Ok(());
    }
    let hint = "call sample(), whose cost does not grow with the waiting time; or a larger tolerance";
    Err(refuse(Kind::TooLarge, "lattice", "<= 4e9 bytes", format!("{bytes:.1e} bytes ({len} steps)"), hint))
}

/// Refuses what would take more than about a minute.
fn quick(operations: f64, len: usize, hint: &str) -> Result<(), SpecError> {
    if operations <= MAX_OPERATIONS {
        return Ok(());
    }
    Err(too_slow(operations, len, hint))
}

fn too_slow(operations: f64, len: usize, hint: &str) -> SpecError {
    refuse(Kind::TooLarge, "lattice", "<= 3e11 operations", format!("{operations:.1e} ({len} steps)"), hint)
}

/// `behind`: of what lies beyond, how much comes after the end of the lattice for certain.
fn finish(chain: &Compiled, mut law: Law, totals: [f64; 4], method: &'static str, behind: f64) -> Exact {
    let len = law.probability().len();
    law.entries.truncate(4);
    let inside: f64 = law.probability().iter().enumerate().map(|(t, p)| t as f64 * p).sum();
    let beyond = (1.0 - totals[0]).max(0.0);
    let (patience, losses) = match &chain.plan {
        Plan::Tree(tree) => worst_wait(tree),
        // Each segment may be lost once to what is held.
        Plan::Encoded(_) => (0, 0),
        Plan::SwapAsap(asap) => (asap.cutoff.unwrap_or(0), asap.cutoff.map_or(0, |_| chain.numbers.segments() as u32)),
    };
    let low = inside + beyond.min(behind) * len as f64;
    // E <= inside + beyond (len + patience + (1 + losses) E): what is held may be lost at each place that loses.
    let high = (inside + beyond * (len as f64 + patience as f64)) / (1.0 - f64::from(1 + losses) * beyond).max(0.0);
    let formalism = if chain.numbers.tilts.is_some() { "pauli-correlations" } else { "bell-diagonal" };
    Exact { method, formalism, step_s: chain.numbers.step_s, law, totals, mean: (low, high) }
}

/// On the worst way from a link to the whole chain: the sum of the cut-offs, and how often what is there may be lost.
fn worst_wait(tree: &Tree) -> (u64, u32) {
    tree.fold(|operation, halves: &mut Vec<(u64, u32)>| match operation {
        Operation::Link(_) => (0, 0),
        // Pumping loses all rounds at once; what is left of a try takes no longer than a pair made from the beginning.
        Operation::Distil { .. } | Operation::Pump { .. } => halves.pop().map_or((0, 0), |(wait, losses)| (wait, losses + 1)),
        Operation::Swap { cutoff, .. } => {
            let (b, a) = (halves.pop().unwrap_or_default(), halves.pop().unwrap_or_default());
            (a.0.max(b.0).saturating_add(cutoff.unwrap_or(0)), a.1.max(b.1) + u32::from(cutoff.is_some()))
        }
    })
    .unwrap_or_default()
}
