//! Monte Carlo of a chain on all cores: the same bits for any number of threads.
//!
//! Pairs are drawn in blocks; each block has a stream of its own, named by its number.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use ebit_quantum::{Correlations, PairState};
use ebit_random::{Purpose, SamplerError, Stream};
use ebit_spec::SpecError;
use ebit_spec::error::Kind;
use ebit_spec::real::Real;

use crate::asap;
use crate::compile::{Compiled, Plan};
use crate::encoded::sample::Frames;
use crate::numbers::Link;
use crate::sample_asap::Asap;
use crate::sample_certain::Certain;
use crate::sample_instant::Instant;
use crate::sample_multiplexed::Multiplexed;
use crate::sample_tree::TreeSampler;
use crate::segment::Waits;
use crate::state::State;

/// Pairs per block: part of what a seed means.
const BLOCK: u64 = 512;

/// Columns, one entry per pair.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sampled {
    pub steps: Vec<u64>,
    pub x: Vec<f64>,
    pub z: Vec<f64>,
    pub fidelity: Vec<f64>,
}

/// Mean steps to a pair of one link up to which times are counted in 64 bits with room for the rarest.
pub(crate) const MOST_STEPS: f64 = 1e17;

/// Whether the times of a sample can be counted.
///
/// # Errors
/// A link whose mean waiting time is beyond that.
pub fn countable(chain: &Compiled) -> Result<(), SpecError> {
    let mean = |l: &Link| l.long as f64 / l.success;
    let Some((k, link)) = chain.numbers.links.iter().enumerate().find(|(_, l)| mean(l) > MOST_STEPS) else { return Ok(()) };
    let range = format!(">= {:.1e} to count its time in steps of {:e} s", link.long as f64 / MOST_STEPS, chain.numbers.step_s);
    let parameter = format!("links[{k}].success_probability");
    let hint = "the steps are the common divisor of all durations";
    Err(SpecError::new(Kind::TooLarge, "RepeaterChain.sample", parameter, range, Real(link.success).to_string(), hint))
}

/// Draws end-to-end pairs of one chain, one after another, each from empty memories.
pub(crate) trait Sampler {
    /// Steps until the next pair is delivered, and its correlations then. None: stopped.
    fn pair(&mut self, stream: &mut Stream) -> Option<(u64, Correlations)>;
}

/// A sample to be drawn, and by whom.
pub struct Run<'a> {
    pub pairs: u64,
    pub root: u128,
    pub threads: usize,
    /// Whether to end early.
    pub stop: &'a (dyn Fn() -> bool + Sync),
    /// Told how many pairs each block added.
    pub done: &'a (dyn Fn(u64) + Sync),
}

/// Draws `pairs` pairs; fewer if `stop` said so. `done` is told how many pairs each block added.
///
/// # Errors
/// A probability that is none.
pub fn sample(
    chain: &Compiled,
    pairs: u64,
    root: u128,
    threads: usize,
    stop: &(dyn Fn() -> bool + Sync),
    done: &(dyn Fn(u64) + Sync),
) -> Result<Sampled, SamplerError> {
    let job = Run { pairs, root, threads, stop, done };
    let waits = Waits::of(&chain.numbers.links)?;
    Ok(if chain.relaxes { scheduled::<PairState>(chain, &waits, &job) } else { scheduled::<Correlations>(chain, &waits, &job) })
}

fn scheduled<S: State>(chain: &Compiled, waits: &Waits, job: &Run<'_>) -> Sampled {
    let rules = S::rules(chain);
    let numbers = &chain.numbers;
    match &chain.plan {
        Plan::Encoded(encoded) => job.columns(&|| Frames::new(numbers, encoded, waits)),
        Plan::Tree(tree) => job.columns(&|| TreeSampler::<S>::new(numbers, tree, &rules, waits, job.stop)),
        Plan::SwapAsap(plan) if plan.slots > 1 => job.columns(&|| Multiplexed::<S>::new(numbers, *plan, &rules, waits, job.stop)),
        Plan::SwapAsap(plan) => match S::shrinking(&rules) {
            Some(rules) if plan.cutoff.is_none() && asap::applies(numbers) => {
                job.columns(&|| Certain::new(numbers, rules, waits))
            }
            Some(rules) if Instant::applies(numbers, *plan) => {
                job.columns(&|| Instant::new(numbers, *plan, rules, waits, job.stop))
            }
            _ => job.columns(&|| Asap::<S>::new(numbers, *plan, &rules, waits, job.stop)),
        },
    }
}

impl Run<'_> {
    pub(crate) fn columns<D: Sampler>(&self, sampler: &(dyn Fn() -> D + Sync)) -> Sampled {
        let blocks = self.pairs.div_ceil(BLOCK);
        let next = AtomicU64::new(0);
        let finished: Mutex<Vec<(u64, Sampled)>> = Mutex::new(Vec::new());
        let work = || {
            let mut sampler = sampler();
            loop {
                let block = next.fetch_add(1, Ordering::Relaxed);
                if block >= blocks || (self.stop)() {
                    return;
                }
                let count = BLOCK.min(self.pairs - block * BLOCK);
                let mut stream = Stream::new(self.root, block, 0, Purpose::ChainSample);
                let mut out = Sampled::with_capacity(count);
                for _ in 0..count {
                    let Some((steps, state)) = sampler.pair(&mut stream) else { return };
                    out.push(steps, state);
                }
                (self.done)(count);
                if let Ok(mut finished) = finished.lock() {
                    finished.push((block, out));
                }
            }
        };
        let threads = self.threads.clamp(1, usize::try_from(blocks).unwrap_or(usize::MAX).max(1));
        if threads == 1 {
            work();
        } else {
            std::thread::scope(|scope| {
                for _ in 0..threads {
                    scope.spawn(work);
                }
            });
        }
        let mut blocks = finished.into_inner().unwrap_or_default();
        blocks.sort_by_key(|(k, _)| *k);
        let mut all = Sampled::with_capacity(blocks.iter().map(|(_, b)| b.steps.len() as u64).sum());
        for (_, block) in blocks {
            all.append(block);
        }
        all
    }
}

impl Sampled {
    fn with_capacity(pairs: u64) -> Self {
        let column = || Vec::with_capacity(usize::try_from(pairs).unwrap_or(0));
        Self { steps: Vec::with_capacity(usize::try_from(pairs).unwrap_or(0)), x: column(), z: column(), fidelity: column() }
    }

    fn push(&mut self, steps: u64, t: Correlations) {
        self.steps.push(steps);
        self.x.push(t.x);
        self.z.push(t.z);
        self.fidelity.push(t.fidelity());
    }

    fn append(&mut self, mut other: Self) {
        self.steps.append(&mut other.steps);
        self.x.append(&mut other.x);
        self.z.append(&mut other.z);
        self.fidelity.append(&mut other.fidelity);
    }
}
