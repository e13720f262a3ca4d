//! Chains of processors that attempt on one link at a time: Monte Carlo, failures skipped.
//!
//! ```text
//!   n0        n1        n2        n3        n4
//!    |==0======|         |==2======|         |     links 0, 2, .. start at once
//!    |         s         s         s         |     both ends move their halves into storage (not end nodes)
//!    |         |==1======|         |==3======|     links 1, 3, .. start when both of their nodes are free
//!    |         X         X         X         |     each of their heralds is at once swapped with what is stored
//!    |-----------------------------------wait|     end nodes keep theirs where it is, until all news has come
//! ```
//!
//! Nothing here can fail but attempts, so a pair is one draw per link and a sum of waits. Swap-asap of the `NetSquid`
//! paper, supplementary note 5 (Coopmans et al. 2021, doi:10.1038/s42005-021-00647-8): nodes that have a link to either
//! side start with the left one if their number is odd.

use ebit_hardware::{AttemptTime, Decay, LinkPhysics};
use ebit_quantum::Correlations;
use ebit_random::{SamplerError, Stream, math};
use ebit_spec::check::{At, Check};
use ebit_spec::error::Kind;
use ebit_spec::real::Real;
use ebit_spec::{ProcessorChain, SpecError};

use crate::compile::{common_divisor, link, stored, whole_ticks};
use crate::numbers::Link;
use crate::sample::{MOST_STEPS, Run, Sampled, Sampler};
use crate::segment::Waits;

/// Rates at which x, y and z shrink, per step.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Rates([f64; 3]);

impl Rates {
    fn of(decay: &Decay, step_s: f64, rotated: bool) -> Self {
        let all = decay.depolarizing_rate() * step_s;
        let phase = all + decay.dephasing_rate() * step_s;
        // Behind a Hadamard gate x and z have changed places.
        Self(if rotated { [all, phase, phase] } else { [phase, phase, all] })
    }
}

/// A chain ready to be sampled.
#[derive(Debug, Clone, PartialEq)]
pub struct Processors {
    pub step_s: f64,
    links: Vec<Link>,
    /// All links, moves and swaps, nothing waited.
    fresh: Correlations,
    communication: Rates,
    storage: Rates,
    /// -ln of what an attempt leaves of x, y, z of one stored qubit.
    attempt: Rates,
    store: u64,
    swap: u64,
    /// For each inner node, the steps of light to the farther end.
    news: Vec<u64>,
}

/// Checks the chain and computes its numbers.
///
/// # Errors
/// Ranges; a link that never succeeds, has attempts of two durations, or takes longer than can be counted.
pub fn compile(chain: &ProcessorChain) -> Result<Processors, SpecError> {
    chain.check(&At(&|| ProcessorChain::NAME.to_owned()))?;
    let error = |kind, parameter: &str, range: &str, value: String, hint: &str| {
        SpecError::new(kind, ProcessorChain::NAME, parameter, range, value, hint)
    };
    let ticks = |seconds: f64| whole_ticks(ProcessorChain::NAME, seconds);
    let (mut physics, mut light_s) = (Vec::with_capacity(chain.links.len()), Vec::with_capacity(chain.links.len()));
    // A single link moves, swaps and tells nothing: its clock is its attempts.
    let alone = chain.links.len() == 1;
    let local_s = [chain.store_time_s.0, chain.swap_time_s.0].map(|s| if alone { 0.0 } else { s });
    let mut step = common_divisor(ticks(local_s[0])?, ticks(local_s[1])?);
    for (k, model) in chain.links.iter().enumerate() {
        // Equal links in a row are computed once.
        let numbers: LinkPhysics = match physics.last() {
            Some(last) if chain.links[k - 1] == *model => Clone::clone(last),
            _ => LinkPhysics::of(model)?,
        };
        if numbers.success_probability <= 0.0 {
            let hint = "the waiting time would be infinite: look at losses and efficiencies";
            let value = Real(numbers.success_probability).to_string();
            return Err(error(Kind::NeverSucceeds, &format!("links[{k}].success_probability"), "> 0", value, hint));
        }
        let AttemptTime::Fixed(seconds) = numbers.attempt else {
            let range = "attempts of one duration";
            let parameter = format!("links[{k}].negotiation");
            return Err(error(Kind::Range, &parameter, range, "'two-round'".into(), "RepeaterChain counts both"));
        };
        let attempt = ticks(seconds)?;
        if attempt == 0 {
            let hint = "durations are counted in picoseconds";
            let parameter = format!("links[{k}].attempt_time_s");
            return Err(error(Kind::Range, &parameter, ">= 1e-12 s", Real(seconds).to_string(), hint));
        }
        step = common_divisor(step, attempt);
        light_s.push(if chain.classical_delay && !alone { numbers.light_time_s.unwrap_or(0.0) } else { 0.0 });
        step = common_divisor(step, ticks(light_s[k])?);
        physics.push(numbers);
    }
    let step = step.max(1);
    let steps = |seconds: f64| Ok::<u64, SpecError>(ticks(seconds)? / step);
    let communication = Decay::of(&chain.communication);
    let links =
        physics.iter().map(|p| link(p, &stored(p, &communication), &communication, &steps)).collect::<Result<Vec<_>, _>>()?;
    let step_s = step as f64 / crate::compile::TICKS_PER_S;
    for (k, link) in links.iter().enumerate() {
        if link.long as f64 / link.success > MOST_STEPS {
            let range = format!(">= {:.1e} to count its time in steps of {step_s:e} s", link.long as f64 / MOST_STEPS);
            let parameter = format!("links[{k}].success_probability");
            let hint = "the steps are the common divisor of all durations";
            return Err(error(Kind::TooLarge, &parameter, &range, Real(link.success).to_string(), hint));
        }
    }
    let n = links.len();
    let of = |weights: &[Real; 4]| Correlations::from_weights(weights.map(|w| w.0));
    let mut fresh =
        links.iter().fold(Correlations::PHI_PLUS, |t, l| t.swap(Correlations { x: l.pair[1], y: l.pair[2], z: l.pair[3] }));
    // Each inner node moves one half and swaps once.
    for _ in 1..n {
        fresh = fresh.swap(of(&chain.store)).swap(of(&chain.swap));
    }
    let light = light_s.iter().map(|s| steps(*s)).collect::<Result<Vec<_>, _>>()?;
    let total = light.iter().fold(0u64, |sum, l| sum.saturating_add(*l));
    let news = light.iter().scan(0u64, |left, l| {
        *left = left.saturating_add(*l);
        Some((*left).max(total - *left))
    });
    let lost = -math::ln_1p(-2.0 * chain.attempt_dephasing.0);
    let attempt = Rates(if chain.storage_rotated { [0.0, lost, lost] } else { [lost, lost, 0.0] });
    Ok(Processors {
        step_s,
        fresh,
        communication: Rates::of(&communication, step_s, false),
        storage: Rates::of(&Decay::of(&chain.storage), step_s, chain.storage_rotated),
        attempt,
        store: steps(local_s[0])?,
        swap: steps(local_s[1])?,
        news: news.take(n - 1).collect(),
        links,
    })
}

/// Draws `run.pairs` pairs; fewer if it was stopped.
///
/// # Errors
/// A probability that is none.
pub fn sample(chain: &Processors, run: &Run<'_>) -> Result<Sampled, SamplerError> {
    let waits = Waits::of(&chain.links)?;
    Ok(run.columns(&|| Walk { chain, waits: &waits, there: vec![0; chain.links.len()] }))
}

/// One pair after another.
struct Walk<'a> {
    chain: &'a Processors,
    waits: &'a Waits,
    /// When each link heralds.
    there: Vec<u64>,
}

impl Sampler for Walk<'_> {
    fn pair(&mut self, stream: &mut Stream) -> Option<(u64, Correlations)> {
        let chain = self.chain;
        let n = chain.links.len();
        for link in (0..n).step_by(2) {
            self.there[link] = self.waits.draw(link, stream);
        }
        let (mut delivered, mut stored, mut dephased) = (if n == 1 { self.there[0] } else { 0 }, 0u64, 0u64);
        for link in (1..n).step_by(2) {
            let left = self.there[link - 1].saturating_add(chain.store);
            let right = if link + 1 < n { self.there[link + 1].saturating_add(chain.store) } else { 0 };
            let takes = self.waits.draw(link, stream);
            let done = left.max(right).saturating_add(takes);
            self.there[link] = done;
            let attempts = takes / chain.links[link].long;
            let mut known = chain.news[link - 1];
            stored = stored.saturating_add(done - left);
            dephased = dephased.saturating_add(attempts);
            if link + 1 < n {
                known = known.max(chain.news[link]);
                stored = stored.saturating_add(done - right);
                dephased = dephased.saturating_add(attempts);
            }
            delivered = delivered.max(done.saturating_add(chain.swap).saturating_add(known));
        }
        let ends = (delivered - self.there[0]).saturating_add(delivered - self.there[n - 1]);
        let mut state = chain.fresh;
        for (k, part) in [&mut state.x, &mut state.y, &mut state.z].into_iter().enumerate() {
            let lost = |rates: &Rates, times: u64| if times == 0 { 0.0 } else { rates.0[k] * times as f64 };
            *part *= math::exp(-lost(&chain.communication, ends) - lost(&chain.storage, stored) - lost(&chain.attempt, dephased));
        }
        Some((delivered, state))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ebit_random::Purpose;
    use ebit_spec::{HeraldedLink, LinkModel, Memory};

    const T: f64 = 1e-3;

    fn sure(links: usize) -> ProcessorChain {
        let link = HeraldedLink {
            success_probability: Real(1.0),
            attempt_time_s: Real(T),
            pair: [0.9, 0.1, 0.0, 0.0].map(Real),
            herald_age_s: Real(0.0),
        };
        let perfect = [1.0, 0.0, 0.0, 0.0].map(Real);
        ProcessorChain {
            links: vec![LinkModel::HeraldedLink(link); links],
            communication: Memory { t2_s: Some(Real(0.05)), ..Memory::perfect(1) },
            storage: Memory { t2_s: Some(Real(0.02)), ..Memory::perfect(1) },
            attempt_dephasing: Real(0.01),
            storage_rotated: false,
            store: perfect,
            store_time_s: Real(0.25 * T),
            swap: [0.95, 0.0, 0.05, 0.0].map(Real),
            swap_time_s: Real(0.5 * T),
            classical_delay: false,
        }
    }

    fn first(chain: &ProcessorChain) -> (f64, Correlations) {
        let compiled = compile(chain).unwrap();
        let waits = Waits::of(&compiled.links).unwrap();
        let mut walk = Walk { chain: &compiled, waits: &waits, there: vec![0; chain.links.len()] };
        let (steps, state) = walk.pair(&mut Stream::new(1, 0, 0, Purpose::ChainSample)).unwrap();
        (steps as f64 * compiled.step_s, state)
    }

    /// With certain attempts everything is known: links 0, 2 for one attempt, a move, links 1, 3 for another, a swap.
    #[test]
    fn certain_attempts_follow_the_timetable() {
        for links in [2usize, 3, 4, 5] {
            let (time, state) = first(&sure(links));
            assert!((time - 2.75 * T).abs() < 1e-15, "{links}");
            let inner = (links - 1) as f64;
            // Each inner node stores one half for the second attempt, which dephases it once.
            let stored = inner * T / 0.02;
            // The ends wait: one from the first herald, the other from its own.
            let right = if links % 2 == 1 { 1.75 * T } else { 0.5 * T };
            let ends = (1.75 * T + right) / 0.05;
            let x = math::pow(0.8, links as f64) * math::pow(0.98, inner) * math::exp(-stored - ends);
            assert!((state.x - x).abs() < 1e-14, "{links}: {} {x}", state.x);
            assert!((state.z - math::pow(0.9, inner)).abs() < 1e-14, "{links}");
        }
        let (time, state) = first(&sure(1));
        assert!((time - T).abs() < 1e-15 && (state.x - 0.8).abs() < 1e-15 && (state.z - 1.0).abs() < 1e-15);
    }

    #[test]
    fn rotated_storage_flips_bits() {
        let plain = sure(3);
        let rotated = ProcessorChain { storage_rotated: true, ..plain.clone() };
        let ((_, a), (_, b)) = (first(&plain), first(&rotated));
        let kept = 0.98 * 0.98 * math::exp(-2.0 * T / 0.02);
        assert!((b.x - a.x / kept).abs() < 1e-14);
        assert!((b.z - a.z * kept).abs() < 1e-14);
        assert!((b.y - a.y).abs() < 1e-14);
    }

    #[test]
    fn half_a_phase_leaves_none() {
        let (_, state) = first(&ProcessorChain { attempt_dephasing: Real(0.5), ..sure(2) });
        assert!(state.x == 0.0 && state.y == 0.0 && state.z > 0.8);
        // A single link stores nothing, and 0 x infinity must not come of it.
        let (_, state) = first(&ProcessorChain { attempt_dephasing: Real(0.5), ..sure(1) });
        assert!((state.x - 0.8).abs() < 1e-15);
    }
}
