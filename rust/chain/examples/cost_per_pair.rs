//! Draws pairs of a chain of eight links, to be counted in instructions by `benches/instructions.py`.
//!
//! `cost_per_pair SCHEDULE SUCCESS_PROBABILITY PAIRS`, schedule `swap-asap` or `nested`.

use ebit_chain::compile::compile;
use ebit_chain::sample::sample;
use ebit_spec::{HeraldedLink, LinkModel, Memory, Nested, Real, RepeaterChain, Schedule, Swap, SwapAsap};

const LINKS: usize = 8;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [schedule, p, pairs] = words.as_slice() else { return Err("usage: cost_per_pair SCHEDULE P PAIRS".into()) };
    let link = HeraldedLink {
        success_probability: Real(p.parse()?),
        attempt_time_s: Real(1e-6),
        pair: [1.0, 0.0, 0.0, 0.0].map(Real),
        herald_age_s: Real(0.0),
    };
    let (schedule, q) = match schedule.as_str() {
        "swap-asap" => (Schedule::SwapAsap(SwapAsap::default()), 1.0),
        _ => (Schedule::Nested(Nested::default()), 0.5),
    };
    let chain = RepeaterChain {
        links: vec![LinkModel::HeraldedLink(link); LINKS],
        memory: Memory { t2_s: Some(Real(1e4)), ..Memory::perfect(1) },
        swap: Swap { success_probability: Real(q), fidelity: Real(0.99), duration_s: Real(0.0) },
        schedule,
        end_memory: ebit_spec::EndMemory::Store,
        encoding: None,
        classical_delay: false,
    };
    let drawn = sample(&compile(&chain)?, pairs.parse()?, 1, 1, &|| false, &|_| {})?;
    println!("{}", drawn.steps.len());
    Ok(())
}
