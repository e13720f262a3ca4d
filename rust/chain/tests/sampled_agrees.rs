//! Sampling against the exact laws: mean time, mean correlations, on streams of its own.
//!
//! False-alarm rate: 1e-6 per comparison (4.9 standard errors), about 80 comparisons. Each could detect 1 % of the mean
//! time and 0.005 of a correlation (of encoded pairs 0.008), which is asserted.

#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use ebit_chain::compile::compile;
use ebit_chain::exact::solve;
use ebit_chain::sample::sample;
use ebit_spec::tree::PerSwap;
use ebit_spec::{
    CssCode, CutoffOn, DistillProtocol, DistillScheme, Encoding, EndMemory, HeraldedLink, LinkModel, Memory, Nested, Real,
    RepeaterChain, Schedule, Sequential, SlotsUsed, Start, Swap, SwapAsap,
};

const PAIRS: u64 = 400_000;

fn link(p: f64, attempt_s: f64, weights: [f64; 4]) -> LinkModel {
    LinkModel::HeraldedLink(HeraldedLink {
        success_probability: Real(p),
        attempt_time_s: Real(attempt_s),
        pair: weights.map(Real),
        herald_age_s: Real(0.2e-3),
    })
}

const PAIR: [f64; 4] = [0.94, 0.03, 0.02, 0.01];

fn chain(links: Vec<LinkModel>, q: f64, duration_s: f64, schedule: Schedule, end_memory: EndMemory) -> RepeaterChain {
    RepeaterChain {
        links,
        memory: Memory { t2_s: Some(Real(0.3)), ..Memory::perfect(8) },
        swap: Swap { success_probability: Real(q), fidelity: Real(0.99), duration_s: Real(duration_s) },
        schedule,
        end_memory,
        classical_delay: false,
        encoding: None,
    }
}

/// The same chain with memories that relax, asymmetric enough for the order of ageing to count.
fn relaxing(chain: RepeaterChain) -> RepeaterChain {
    let memory = Memory { t1_s: Some(Real(0.03)), t2_s: Some(Real(0.04)), ..chain.memory };
    RepeaterChain { memory, ..chain }
}

fn compare(name: &str, chain: &RepeaterChain, seed: u128) {
    compare_to(name, chain, seed, 0.005);
}

fn compare_to(name: &str, chain: &RepeaterChain, seed: u128, sees: f64) {
    let compiled = compile(chain).unwrap();
    let exact = solve(&compiled, 1e-10, &|| false).unwrap().unwrap();
    let drawn = sample(&compiled, PAIRS, seed, 2, &|| false, &|_| {}).unwrap();
    assert_eq!(drawn.steps.len() as u64, PAIRS);
    let n = PAIRS as f64;
    let steps: Vec<f64> = drawn.steps.iter().map(|s| *s as f64).collect();
    let fidelity = 0.25 * (1.0 + exact.totals[1] + exact.totals[2] + exact.totals[3]);
    for (what, column, wanted, sees) in [
        ("time", &steps, exact.mean.0, 0.01 * exact.mean.0),
        ("x", &drawn.x, exact.totals[1], sees),
        ("z", &drawn.z, exact.totals[3], sees),
        ("fidelity", &drawn.fidelity, fidelity, sees),
    ] {
        let mean = column.iter().sum::<f64>() / n;
        let variance = column.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0);
        let stderr = (variance / n).sqrt();
        assert!(4.9 * stderr < sees, "{name} {what}: sees {}", 4.9 * stderr);
        let difference = mean - wanted;
        assert!(difference.abs() <= 4.9 * stderr + 1e-9, "{name} {what}: {mean} {wanted} z {}", difference / stderr);
    }
}

/// Memories that relax towards |0>, unequal ends, every kind of tree.
#[test]
fn trees_that_relax() {
    let links = |n: usize| (0..n).map(|k| link(0.15 + 0.1 * k as f64, 1e-3, PAIR)).collect::<Vec<_>>();
    let cutoffs = |c: &[f64]| PerSwap::Levels(c.iter().map(|c| Real(*c)).collect());
    let nested = |cutoffs_s: &[f64], distill: &[i64], protocol| {
        let cutoffs_s = cutoffs_s.iter().map(|c| Real(*c)).collect();
        Schedule::Nested(Nested { cutoffs_s, distill: distill.to_vec(), protocol, ..Nested::default() })
    };
    let in_a_row =
        |cutoffs_s| Schedule::Sequential(Sequential { start: Start::OneAfterAnother, cutoffs_s, ..Sequential::default() });
    let (dejmps, bbpssw) = (DistillProtocol::Dejmps, DistillProtocol::Bbpssw);
    for (k, (name, n, q, d, schedule, ends)) in [
        ("2", 2, 0.6, 0.0, nested(&[], &[], dejmps), EndMemory::Store),
        ("4, slow swaps", 4, 0.8, 2e-3, nested(&[], &[], dejmps), EndMemory::Store),
        ("4, cut-offs, measured", 4, 0.8, 1e-3, nested(&[9e-3, 0.015], &[], dejmps), EndMemory::Measured),
        ("one after another", 3, 0.8, 1e-3, in_a_row(cutoffs(&[])), EndMemory::Store),
        ("one after another, cut off", 3, 0.9, 0.0, in_a_row(cutoffs(&[8e-3, 9e-3])), EndMemory::Measured),
        ("dejmps", 4, 0.9, 0.0, nested(&[], &[1, 0], dejmps), EndMemory::Store),
        ("dejmps above", 4, 0.9, 0.0, nested(&[9e-3, 0.02], &[0, 1], dejmps), EndMemory::Store),
        ("bbpssw", 4, 0.9, 1e-3, nested(&[], &[1, 1], bbpssw), EndMemory::Store),
    ]
    .into_iter()
    .enumerate()
    {
        compare(&format!("relaxing, {name}"), &relaxing(chain(links(n), q, d, schedule, ends)), 5000 + k as u128);
    }
}

/// Swap-asap where only what is there counts: failing swaps, cut-offs of both kinds, several slots, unequal attempt times,
/// relaxing memories, and all of it at once.
#[test]
fn swap_asap_by_states() {
    let equal = |n: usize| (0..n).map(|k| link(0.2 + 0.1 * k as f64, 1e-3, PAIR)).collect::<Vec<_>>();
    let unequal = || vec![link(0.3, 1e-3, PAIR), link(0.4, 2e-3, [0.97, 0.01, 0.01, 0.01]), link(0.5, 3e-3, PAIR)];
    let asap = |cutoff_s: Option<f64>, cutoff_on, slots_used| {
        Schedule::SwapAsap(SwapAsap { cutoff_s: cutoff_s.map(Real), cutoff_on, slots_used })
    };
    let (segment, memory, one, all) = (CutoffOn::Segment, CutoffOn::Memory, SlotsUsed::One, SlotsUsed::All);
    for (k, (name, links, slots, q, schedule, ends, relaxes)) in [
        ("cut-off", equal(2), 1, 0.7, asap(Some(6e-3), segment, one), EndMemory::Store, false),
        ("cut-off of 3", equal(3), 1, 0.8, asap(Some(7e-3), segment, one), EndMemory::Measured, false),
        ("cut-off of 4", equal(4), 1, 1.0, asap(Some(9e-3), segment, one), EndMemory::Store, false),
        ("memory cut-off", equal(3), 1, 0.8, asap(Some(5e-3), memory, one), EndMemory::Store, false),
        ("memory cut-off, measured", equal(3), 1, 0.8, asap(Some(5e-3), memory, one), EndMemory::Measured, false),
        ("unequal, cut-off", unequal(), 1, 0.9, asap(Some(8e-3), segment, one), EndMemory::Store, false),
        ("unequal, failing", unequal(), 1, 0.7, asap(None, segment, one), EndMemory::Store, false),
        ("slots", equal(2), 3, 0.6, asap(None, segment, all), EndMemory::Store, false),
        ("slots of 3", equal(3), 2, 0.8, asap(None, segment, all), EndMemory::Measured, false),
        ("slots, cut-off", equal(2), 2, 0.7, asap(Some(5e-3), memory, all), EndMemory::Store, false),
        ("slots of one link", equal(1), 3, 1.0, asap(None, segment, all), EndMemory::Store, false),
        ("relaxing", unequal(), 1, 1.0, asap(None, segment, one), EndMemory::Store, true),
        ("relaxing, measured", equal(5), 1, 1.0, asap(None, segment, one), EndMemory::Measured, true),
        ("relaxing, failing", equal(4), 1, 0.7, asap(None, segment, one), EndMemory::Store, true),
        ("relaxing, cut-off", equal(3), 1, 0.8, asap(Some(6e-3), segment, one), EndMemory::Store, true),
        ("relaxing, slots", equal(2), 2, 0.8, asap(Some(5e-3), memory, all), EndMemory::Measured, true),
    ]
    .into_iter()
    .enumerate()
    {
        let mut asked = chain(links, q, 0.0, schedule, ends);
        asked.memory.slots = slots;
        let asked = if relaxes { relaxing(asked) } else { asked };
        compare(&format!("by states, {name}"), &asked, 6000 + k as u128);
    }
}

#[test]
fn nested() {
    let plain = |n: usize| vec![link(0.2, 1e-3, PAIR); n];
    let unequal =
        vec![link(0.2, 1e-3, PAIR), link(0.1, 2e-3, [0.97, 0.01, 0.01, 0.01]), link(0.4, 3e-3, PAIR), link(0.3, 1e-3, PAIR)];
    let cutoffs = Nested { cutoffs_s: vec![Real(8e-3), Real(0.016)], ..Nested::default() };
    let loose = Nested { cutoffs_s: vec![Real(f64::INFINITY), Real(0.016)], ..Nested::default() };
    let distil = |protocol| Nested { distill: vec![1, 1], protocol, ..Nested::default() };
    for (k, (name, links, q, d, schedule, ends)) in [
        ("2", plain(2), 0.5, 0.0, Nested::default(), EndMemory::Store),
        ("8", plain(8), 0.8, 0.0, Nested::default(), EndMemory::Store),
        ("measured", plain(4), 0.7, 0.0, Nested::default(), EndMemory::Measured),
        ("cut-offs", plain(4), 0.6, 0.0, cutoffs.clone(), EndMemory::Store),
        ("unequal", unequal.clone(), 0.9, 1e-3, Nested::default(), EndMemory::Store),
        ("unequal, cut-offs, measured", unequal, 0.9, 2e-3, loose, EndMemory::Measured),
        ("dejmps", plain(4), 0.9, 0.0, distil(DistillProtocol::Dejmps), EndMemory::Store),
        ("bbpssw", plain(4), 0.9, 1e-3, distil(DistillProtocol::Bbpssw), EndMemory::Store),
        ("dejmps, cut-offs", plain(4), 0.9, 0.0, Nested { distill: vec![2, 0], ..cutoffs }, EndMemory::Store),
    ]
    .into_iter()
    .enumerate()
    {
        compare(name, &chain(links, q, d, Schedule::Nested(schedule), ends), 1000 + k as u128);
    }
}

/// A stored pair and one fresh pair after another, on links and above swaps, with all that waits and fails.
#[test]
fn pumping() {
    let links = vec![link(0.5, 1e-3, PAIR), link(0.4, 2e-3, PAIR), link(0.7, 1e-3, PAIR), link(0.6, 1e-3, PAIR)];
    let (dejmps, bbpssw) = (DistillProtocol::Dejmps, DistillProtocol::Bbpssw);
    let nested = |distill: &[i64], protocol, cutoffs_s: &[f64]| {
        let cutoffs_s = cutoffs_s.iter().map(|c| Real(*c)).collect();
        Schedule::Nested(Nested {
            cutoffs_s,
            distill: distill.to_vec(),
            protocol,
            scheme: DistillScheme::Pumping,
            ..Nested::default()
        })
    };
    let in_a_row = Schedule::Sequential(Sequential {
        start: Start::OneAfterAnother,
        distill: PerSwap::Levels(vec![2, 1, 0]),
        scheme: DistillScheme::Pumping,
        ..Sequential::default()
    });
    for (k, (name, q, d, schedule, relaxes)) in [
        ("cut-offs", 0.9, 0.0, nested(&[2, 1], dejmps, &[0.03, 0.2]), false),
        ("one after another", 0.9, 1e-3, in_a_row, false),
        ("relaxing, twirled", 1.0, 1e-3, nested(&[2, 1], bbpssw, &[]), true),
    ]
    .into_iter()
    .enumerate()
    {
        let asked = chain(links.clone(), q, d, schedule, EndMemory::Store);
        let asked = if relaxes { relaxing(asked) } else { asked };
        compare(&format!("pumping, {name}"), &asked, 8000 + k as u128);
    }
}

#[test]
fn swap_asap() {
    let links =
        vec![link(0.2, 1e-3, PAIR), link(0.1, 2e-3, PAIR), link(0.4, 3e-3, PAIR), link(0.3, 1e-3, PAIR), link(0.25, 1e-3, PAIR)];
    let equal = || (0..5).map(|k| link(0.15 + 0.1 * k as f64, 1e-3, PAIR)).collect::<Vec<_>>();
    let asap = || Schedule::SwapAsap(SwapAsap::default());
    for (k, ends) in [EndMemory::Store, EndMemory::Measured].into_iter().enumerate() {
        compare("failing", &chain(equal(), 0.7, 0.0, asap(), ends), 2100 + k as u128);
        compare("asap", &chain(links.clone(), 1.0, 0.0, Schedule::SwapAsap(SwapAsap::default()), ends), 2000 + k as u128);
    }
}

fn encoding(code: CssCode) -> Option<Encoding> {
    Some(Encoding { code, gate_error: Real(0.02), measurement_error: Real(0.01), preparation_error: Real(0.03) })
}

#[test]
fn encoded_pairs() {
    let rows = |rows: &[&[i64]]| rows.iter().map(|r| r.to_vec()).collect::<Vec<_>>();
    let hamming = rows(&[&[0, 2, 4, 6], &[1, 2, 5, 6], &[3, 4, 5, 6]]);
    let three = CssCode { size: 3, x_checks: vec![], z_checks: rows(&[&[0, 1], &[1, 2]]) };
    let four = CssCode { size: 4, x_checks: rows(&[&[0, 1, 2, 3]]), z_checks: rows(&[&[0, 1], &[2, 3]]) };
    let seven = CssCode { size: 7, x_checks: hamming.clone(), z_checks: hamming };
    let good = [0.985, 0.008, 0.004, 0.003];
    let links = vec![link(0.3, 1e-3, good), link(0.2, 2e-3, good), link(0.5, 1e-3, PAIR)];
    for (k, (name, code, duration, ends)) in [
        ("three, stored", three.clone(), 0.0, EndMemory::Store),
        ("three, measured", three, 2e-3, EndMemory::Measured),
        ("four", four, 3e-3, EndMemory::Store),
        ("seven, stored", seven.clone(), 1e-3, EndMemory::Store),
        ("seven, measured", seven, 0.0, EndMemory::Measured),
    ]
    .into_iter()
    .enumerate()
    {
        let asap = Schedule::SwapAsap(SwapAsap::default());
        let chain = RepeaterChain { encoding: encoding(code), ..chain(links.clone(), 1.0, duration, asap, ends) };
        // A pair's correlations are signs, which scatter more than their means.
        compare_to(name, &chain, 5000 + k as u128, 0.008);
    }
}

/// Two segments are two segments, however they are scheduled: with failing swaps, and with a cut-off. Links that attempt in
/// step forget how long they have tried, so that restarting one or both is the same.
#[test]
fn two_segments_by_both_schedules() {
    let links = vec![link(0.2, 1e-3, PAIR), link(0.1, 1e-3, PAIR)];
    for (k, (asap, nested)) in [(None, vec![]), (Some(Real(9e-3)), vec![Real(9e-3)])].into_iter().enumerate() {
        let nested = Schedule::Nested(Nested { cutoffs_s: nested, ..Nested::default() });
        let a = compile(&chain(links.clone(), 0.5, 0.0, nested, EndMemory::Store)).unwrap();
        let exact = solve(&a, 1e-10, &|| false).unwrap().unwrap();
        let b = compile(&chain(
            links.clone(),
            0.5,
            0.0,
            Schedule::SwapAsap(SwapAsap { cutoff_s: asap, ..SwapAsap::default() }),
            EndMemory::Store,
        ))
        .unwrap();
        let drawn = sample(&b, PAIRS, 3000 + k as u128, 2, &|| false, &|_| {}).unwrap();
        let mean = drawn.fidelity.iter().sum::<f64>() / PAIRS as f64;
        let wanted = 0.25 * (1.0 + exact.totals[1] + exact.totals[2] + exact.totals[3]);
        let variance = drawn.fidelity.iter().map(|f| (f - mean) * (f - mean)).sum::<f64>() / PAIRS as f64;
        assert!((mean - wanted).abs() < 4.9 * (variance / PAIRS as f64).sqrt(), "{k}: {mean} {wanted}");
        let steps = drawn.steps.iter().map(|s| *s as f64).sum::<f64>() / PAIRS as f64;
        assert!((steps / exact.mean.0 - 1.0).abs() < 0.01, "{k}: {steps} {:?}", exact.mean);
    }
}

/// Probabilistic swap-asap: the mean times of an independent calculation.
#[test]
fn swap_asap_with_failing_swaps() {
    for (n, wanted) in [(2, 29.47368421053), (3, 57.05742888712)] {
        let chain = chain(vec![link(0.1, 1e-3, PAIR); n], 0.5, 0.0, Schedule::SwapAsap(SwapAsap::default()), EndMemory::Store);
        let compiled = compile(&chain).unwrap();
        let exact = solve(&compiled, 1e-12, &|| false).unwrap().unwrap();
        assert!((exact.mean.0 - wanted).abs() < 1e-9 * wanted, "{} {wanted}", exact.mean.0);
        let drawn = sample(&compiled, PAIRS, 4000 + n as u128, 2, &|| false, &|_| {}).unwrap();
        let mean = drawn.steps.iter().map(|s| *s as f64).sum::<f64>() / PAIRS as f64;
        let variance = drawn.steps.iter().map(|s| (*s as f64 - mean).powi(2)).sum::<f64>() / PAIRS as f64;
        let stderr = (variance / PAIRS as f64).sqrt();
        assert!(4.9 * stderr < 0.01 * wanted && (mean - wanted).abs() < 4.9 * stderr, "{n}: {mean} {wanted}");
    }
}

/// Correlations and full pairs are the same where noise is Pauli noise, and the threads do not matter.
#[test]
fn states_and_threads() {
    let chain = chain(vec![link(0.2, 1e-3, PAIR); 4], 0.7, 0.0, Schedule::Nested(Nested::default()), EndMemory::Store);
    let mut compiled = compile(&chain).unwrap();
    let one = sample(&compiled, 5_000, 7, 1, &|| false, &|_| {}).unwrap();
    assert_eq!(one, sample(&compiled, 5_000, 7, 3, &|| false, &|_| {}).unwrap());
    compiled.relaxes = true;
    let full = sample(&compiled, 5_000, 7, 2, &|| false, &|_| {}).unwrap();
    assert_eq!(one.steps, full.steps);
    for (a, b) in one.fidelity.iter().zip(&full.fidelity) {
        assert!((a - b).abs() < 1e-12);
    }
}

/// With certain swaps nothing happens but heralds, and a pair is a sum of waits; a cut-off that is never reached makes each
/// herald an event. Both draw the same times, in chains whose heralds are looked through and in those with a heap.
#[test]
fn events_or_none_make_the_same_pairs() {
    for n in [1, 8, 60] {
        for ends in [EndMemory::Store, EndMemory::Measured] {
            let links: Vec<_> = (0..n).map(|k| link(0.1 + 0.01 * k as f64, 1e-3 * (1 + k % 3) as f64, PAIR)).collect();
            let drawn = |cutoff_s| {
                let schedule = Schedule::SwapAsap(SwapAsap { cutoff_s, ..SwapAsap::default() });
                sample(&compile(&chain(links.clone(), 1.0, 0.0, schedule, ends)).unwrap(), 3_000, 9, 2, &|| false, &|_| {})
                    .unwrap()
            };
            let (none, events) = (drawn(None), drawn(Some(Real(1000.0))));
            assert_eq!(none.steps, events.steps, "{n}");
            for (a, b) in none.x.iter().chain(&none.z).zip(events.x.iter().chain(&events.z)) {
                assert!((a - b).abs() < 1e-12, "{n}: {a} {b}");
            }
        }
    }
}
