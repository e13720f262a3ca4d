//! Monte Carlo of a chain on all cores: the same bits for any number of threads.
//!
//! Pairs are drawn in blocks; each block has a stream of its own, named by its number.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use ebit_quantum::{Correlations, PairState};
use ebit_random::{Purpose, SamplerError, Stream};

use crate::compile::{Compiled, Plan};
use crate::sample_asap::Asap;
use crate::sample_nested::Nested;
use crate::segment::{Segment, Waits};
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
    let waits = Waits::new(&chain.numbers)?;
    Ok(if chain.relaxes {
        run::<PairState>(chain, &waits, pairs, root, threads, stop, done)
    } else {
        run::<Correlations>(chain, &waits, pairs, root, threads, stop, done)
    })
}

fn run<S: State>(
    chain: &Compiled,
    waits: &Waits,
    pairs: u64,
    root: u128,
    threads: usize,
    stop: &(dyn Fn() -> bool + Sync),
    done: &(dyn Fn(u64) + Sync),
) -> Sampled {
    let rules = S::rules(chain);
    let blocks = pairs.div_ceil(BLOCK);
    let next = AtomicU64::new(0);
    let finished: Mutex<Vec<(u64, Sampled)>> = Mutex::new(Vec::new());
    let work = || {
        let mut asap = Asap::<S>::new(&chain.numbers, cutoff(chain), &rules, waits, stop);
        loop {
            let block = next.fetch_add(1, Ordering::Relaxed);
            if block >= blocks || stop() {
                return;
            }
            let mut stream = Stream::new(root, block, 0, Purpose::ChainSample);
            let count = BLOCK.min(pairs - block * BLOCK);
            let mut out = Sampled::default();
            for _ in 0..count {
                let pair = match &chain.plan {
                    Plan::Nested(levels) => {
                        let nested = Nested::<S> { numbers: &chain.numbers, levels, rules: &rules, waits, stop };
                        nested.segment(0, chain.numbers.segments(), &mut stream)
                    }
                    Plan::SwapAsap { .. } => asap.pair(&mut stream),
                };
                let Some(pair) = pair else { return };
                out.push(&pair);
            }
            done(count);
            if let Ok(mut finished) = finished.lock() {
                finished.push((block, out));
            }
        }
    };
    let threads = threads.clamp(1, usize::try_from(blocks).unwrap_or(usize::MAX).max(1));
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
    let mut all = Sampled::default();
    for (_, block) in blocks {
        all.append(block);
    }
    all
}

fn cutoff(chain: &Compiled) -> Option<u64> {
    match chain.plan {
        Plan::SwapAsap { cutoff } => cutoff,
        Plan::Nested(_) => None,
    }
}

impl Sampled {
    fn push<S: State>(&mut self, pair: &Segment<S>) {
        let t = pair.state.correlations();
        self.steps.push(pair.touched);
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
