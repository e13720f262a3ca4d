//! What is judged before a run: can it succeed, does it fit, on which clock, and which ideals it assumes.

use std::collections::BTreeSet;

use ebit_hardware::LinkPhysics;
use ebit_kernel::TickScale;
use ebit_random::math;
use ebit_spec::error::Kind;
use ebit_spec::graph::Route;
use ebit_spec::real::Real;
use ebit_spec::request::request_label;
use ebit_spec::schedule::{DistillScheme, Half, Swaps};
use ebit_spec::{LinkModel, Request, RunDoc, SpecError};

use crate::compile::needs_parts;
use crate::recorder::BYTES_PER_PAIR;
use crate::world::World;

/// Results beyond this are refused: 4 GiB.
pub const MAX_RESULT_BYTES: u64 = 4 << 30;
/// Without `until_s`, a run expected to last longer than this (simulated) is refused: a million years.
const LONGEST_RUN_S: f64 = 3.2e13;
/// How much longer than expected a run may take before its ticks overflow: this, times nine.
const HORIZON_MARGIN: f64 = 100.0;

/// Mean time to a pair on one link, in seconds.
fn mean_link_s(physics: &LinkPhysics) -> f64 {
    physics.attempt.mean_s() / physics.success_probability
}

/// Rough upper estimate of the time between pairs of one request: links one after another, over all swap successes.
fn mean_pair_s(doc: &RunDoc, request: &Request, route: &Route, physics: &[Option<LinkPhysics>]) -> f64 {
    let link = |k: usize| physics[route.links[k] as usize].as_ref().map_or(0.0, mean_link_s);
    let success = |k: usize| doc.network.swap(route.nodes[k]).success_probability.0;
    let hops = route.links.len();
    if let Some(swaps) = request.schedule.swaps(hops).filter(needs_parts).filter(|_| request.restart) {
        let attempt = |l: &u32| physics[*l as usize].as_ref().map_or(f64::INFINITY, |p| p.attempt.mean_s());
        let shortest = route.links.iter().map(attempt).fold(f64::INFINITY, f64::min);
        let weight = |k: usize| physics[route.links[k] as usize].as_ref().map_or(0.0, |p| werner_weight(p.state.fidelity()));
        let made = |k: usize| (link(k), weight(k));
        let swap = |k: usize| (success(k), doc.network.swap(route.nodes[k]).visibility());
        return mean_tree_s(&swaps, &made, &swap, shortest);
    }
    let links: f64 = (0..hops).map(link).sum();
    // The last of n pairs takes as long as 1 + 1/2 + ... + 1/n of them, at most.
    let blocks = request.encoding.as_ref().map_or(1.0, |e| (1..=e.code.size).map(|n| 1.0 / n as f64).sum());
    links * blocks / (1..hops).map(success).product::<f64>()
}

/// v of the Werner pair of this fidelity.
fn werner_weight(fidelity: f64) -> f64 {
    ((4.0 * fidelity - 1.0) / 3.0).max(0.0)
}

/// Mean time to a pair in seconds, or chance of a swap, and the Werner weight of what comes of it without decay.
type Made = (f64, f64);

/// The same for a tree that begins anew, swap by swap: halves as if exponential in time, but for coincidences within the
/// shortest attempt.
fn mean_tree_s(swaps: &Swaps, link: &dyn Fn(usize) -> Made, swap: &dyn Fn(usize) -> Made, attempt_s: f64) -> f64 {
    let mut made: Vec<Made> = Vec::with_capacity(swaps.rows.len());
    for (row, halves) in swaps.halves().into_iter().enumerate() {
        let [(a, v), (b, w)] = halves.map(|half| {
            let (one_s, weight) = match half {
                Half::Link(k) => link(k as usize),
                Half::Swap(below) => made[below],
            };
            (one_s * distilled(swaps.scheme, swaps.distill[row], weight), weight)
        });
        // P(they are no further apart than the cut-off); an exponential keeps no memory.
        let cutoff = swaps.cutoffs_s[row].max(attempt_s);
        let late = |first: f64, last: f64| last / (first + last) * math::exp(-cutoff / last);
        let kept = 1.0 - late(a, b) - late(b, a);
        let (success, visibility) = swap(swaps.rows[row].at as usize);
        made.push(((a + b) / (kept * success), v * w * visibility));
    }
    made.last().map_or(0.0, |(mean_s, _)| *mean_s)
}

/// How much longer a pair takes with so many rounds.
fn distilled(scheme: DistillScheme, rounds: u32, weight: f64) -> f64 {
    (0..rounds).fold(1.0, |longer, _| match scheme {
        // The slower of two copies, 3/2 of one, and at worst half of the rounds fail.
        DistillScheme::Recurrence => 3.0 * longer,
        // The stored one and a fresh one. The bits of two Werner pairs agree with (1 + v w)/2, and the stored one gets
        // better: rounds in a row multiply, so that the worst case of a half would be far off.
        DistillScheme::Pumping => 2.0 * (longer + 1.0) / (1.0 + weight * weight),
    })
}

/// # Errors
/// A link or a swap that can never succeed; a run that would take a million years; results that do not fit.
pub fn can_succeed(doc: &RunDoc, routes: &[Route], physics: &[Option<LinkPhysics>]) -> Result<(), SpecError> {
    let network = &doc.network;
    for (k, (request, route)) in doc.requests.iter().zip(routes).enumerate() {
        let label = request_label(k, request);
        for &link in &route.links {
            let p = physics[link as usize].as_ref().map_or(1.0, |p| p.success_probability);
            if p <= 0.0 {
                let object = network.link_label(link as usize);
                let hint = format!("{label} would wait for ever: look at losses and efficiencies");
                return Err(SpecError::new(Kind::NeverSucceeds, object, "success_probability", "> 0", Real(p).to_string(), hint));
            }
        }
        for &node in &route.nodes[1..route.nodes.len() - 1] {
            let q = network.swap(node).success_probability;
            if q.0 <= 0.0 {
                let object = format!("{}.swap", network.node_label(node as usize));
                let hint = format!("{label} would wait for ever");
                return Err(SpecError::new(Kind::NeverSucceeds, object, "success_probability", "> 0", q.to_string(), hint));
            }
        }
        let pair_s = mean_pair_s(doc, request, route, physics);
        let run_s = pair_s * request.pairs.unwrap_or(1) as f64;
        match (request.pairs, doc.options.until_s) {
            (Some(pairs), _) => fits(&label, pairs, doc.options.replicas, run_s, "")?,
            (None, Some(until)) => {
                let expected = (until.0 - request.start_s.0).max(0.0) / pair_s;
                fits(&label, expected as i64, doc.options.replicas, until.0, "None: ")?;
            }
            (None, None) => {}
        }
        if doc.options.until_s.is_none() && (run_s.is_nan() || run_s > LONGEST_RUN_S) {
            let range = format!("few enough to come within {LONGEST_RUN_S:e} s");
            let value = format!("{} (about {run_s:.1e} s, {pair_s:.1e} s each)", request.pairs.unwrap_or(1));
            return Err(SpecError::new(Kind::NeverSucceeds, label, "pairs", range, value, "give until_s, or look at the losses"));
        }
    }
    Ok(())
}

/// Bytes of a replica before its first pair: its columns, counts and times.
const BYTES_PER_REPLICA: u64 = 512;

fn fits(label: &str, pairs: i64, replicas: i64, run_s: f64, given: &str) -> Result<(), SpecError> {
    let each = (pairs as u128) * u128::from(BYTES_PER_PAIR) + u128::from(BYTES_PER_REPLICA);
    let bytes = each * (replicas as u128);
    if bytes <= u128::from(MAX_RESULT_BYTES) {
        return Ok(());
    }
    let gib = bytes as f64 / (1u64 << 30) as f64;
    let most = (MAX_RESULT_BYTES / replicas as u64).saturating_sub(BYTES_PER_REPLICA) / BYTES_PER_PAIR;
    if most == 0 {
        let range = format!("few enough for {} GiB of results", MAX_RESULT_BYTES >> 30);
        let value = format!("{replicas} (about {gib:.3e} GiB)");
        let hint = "first_replica splits a run";
        return Err(SpecError::new(Kind::TooLarge, "simulate", "replicas", range, value, hint));
    }
    let range = format!("<= {most} with {replicas} replicas ({} GiB of results)", MAX_RESULT_BYTES >> 30);
    let value = format!("{given}{pairs} (about {gib:.3e} GiB and {run_s:.3e} simulated seconds)");
    let hint = "a relative error of 1e-3 takes about 1e6 pairs";
    Err(SpecError::new(Kind::TooLarge, label, "pairs", range, value, hint))
}

/// The clock: 1 ps, or coarser where the horizon needs it.
///
/// # Errors
/// A horizon that no clock counts.
pub fn scale(doc: &RunDoc, routes: &[Route], physics: &[Option<LinkPhysics>]) -> Result<TickScale, SpecError> {
    let mut horizon = doc.options.until_s.map_or(0.0, |t| t.0);
    for (request, route) in doc.requests.iter().zip(routes) {
        let mut end = request.start_s.0 + request.cutoff_s().unwrap_or(0.0);
        if doc.options.until_s.is_none() {
            end += HORIZON_MARGIN * mean_pair_s(doc, request, route, physics) * request.pairs.unwrap_or(1) as f64;
        }
        horizon = horizon.max(end);
    }
    TickScale::for_horizon_s(horizon).map_err(|e| {
        let hint = "give a shorter until_s";
        SpecError::new(
            Kind::TooLarge,
            "simulate",
            "until_s",
            "within representable time",
            Real(horizon).to_string(),
            format!("{hint}: {e}"),
        )
    })
}

/// Every ideal default in force on the routes, in words.
pub fn assumptions(doc: &RunDoc, world: &World, physics: &[Option<LinkPhysics>]) -> Vec<String> {
    let network = &doc.network;
    let mut found = BTreeSet::new();
    let mut note = |yes: bool, text: &str| {
        if yes {
            found.insert(text.to_owned());
        }
    };
    for &node in world.requests.iter().flat_map(|r| &r.nodes) {
        let memory = network.memory(node);
        let decays = memory.depolarizing_time().is_finite();
        note(!decays && memory.t1().is_infinite(), "memories never relax (t1_s infinite)");
        note(!decays && memory.t2().is_infinite(), "memories never dephase (t2_s infinite)");
        note(network.nodes.readout_error[node as usize].0 == 0.0, "readout is perfect (readout_error 0)");
    }
    for &node in world.requests.iter().flat_map(|r| &r.nodes[1..r.nodes.len() - 1]) {
        let swap = network.swap(node);
        note(swap.success_probability.0 == 1.0, "swaps always succeed (success_probability 1)");
        note(swap.fidelity.0 == 1.0, "swaps are perfect (fidelity 1)");
        note(swap.duration_s.0 == 0.0, "swaps take no time (duration_s 0)");
    }
    for (link, physics) in physics.iter().enumerate() {
        if physics.is_none() {
            continue;
        }
        let model = network.link_model(link);
        model.ideals().into_iter().for_each(|words| note(true, words));
        if matches!(model, LinkModel::HeraldedLink(_)) {
            let far = network.links.length_km[link].is_some();
            let delay = doc.requests.iter().any(ebit_spec::Request::classical_delay);
            note(delay && !far, "messages take no time over heralded links without length_km");
        }
    }
    for encoding in doc.requests.iter().filter_map(|r| r.encoding.as_ref()) {
        encoding.assumptions().iter().for_each(|words| note(true, words));
    }
    note(world.requests.iter().any(|r| !r.delay), "knowledge is instant (classical_delay False)");
    note(world.message_loss == 0.0, "classical messages always arrive");
    found.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_of_pumping_take_as_long_as_their_pairs_are_poor() {
        use DistillScheme::{Pumping, Recurrence};
        // Perfect pairs: one more each. Pairs that agree half of the time: twice what came before and a fresh one.
        let expected = [(Pumping, 3, 1.0, 4.0), (Pumping, 2, 0.0, 10.0), (Recurrence, 2, 1.0, 9.0), (Pumping, 0, 0.5, 1.0)];
        for (scheme, rounds, weight, wanted) in expected {
            assert!((distilled(scheme, rounds, weight) - wanted).abs() < 1e-12);
        }
    }
}
