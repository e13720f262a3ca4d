//! Nested chains against published and independently computed values.
#![allow(clippy::disallowed_methods)]

use ebit_chain::Law;
use ebit_chain::numbers::{Link, Numbers, Quad, Swap};
use ebit_chain::tree::Tree;
use ebit_chain::tree_law::{Reach, Steps, law};
use ebit_spec::{Nested, Real, Schedule};

fn chain(segments: usize, p: f64, q: f64, w: f64, qubit_rate: f64) -> Numbers {
    let link = Link { success: p, long: 1, short: 1, long_if_failed: 0.0, pair: [1.0, w, w, w] };
    Numbers {
        step_s: 1.0,
        links: vec![link; segments],
        swaps: vec![Swap { success: q, visibility: 1.0, duration: 0 }; segments - 1],
        rates: vec![[0.0, qubit_rate, qubit_rate, qubit_rate]; segments + 1],
        ends_measured: false,
        tilts: None,
    }
}

fn nested(cutoffs: &[u64], distill: &[i64]) -> Schedule {
    let cutoffs_s = cutoffs.iter().map(|c| Real(*c as f64)).collect();
    Schedule::Nested(Nested { cutoffs_s, distill: distill.to_vec(), ..Nested::default() })
}

fn solve(numbers: &Numbers, schedule: &Schedule, entries: usize) -> Law {
    let swaps = schedule.swaps(numbers.segments()).expect("a tree");
    let tree = Tree::new(&swaps, |c| Ok::<u64, ()>(c as u64)).expect("whole steps");
    let reach = Reach { tolerance: 1e-13, negligible: 1e-18, entries, most: 1 << 22 };
    law(numbers, &tree, &Steps::new(numbers, &tree), reach, &|| false).expect("it fits").law
}

fn mean(law: &Law, k: usize) -> (f64, f64, f64) {
    let p = law.probability();
    let coverage: f64 = p.iter().sum();
    let steps: f64 = p.iter().enumerate().map(|(t, p)| t as f64 * p).sum();
    (coverage, steps, law.entry(k).iter().sum::<f64>())
}

#[test]
fn maxima_of_geometric_times() {
    for (n, wanted) in [(2, 14.73684210526), (4, 20.27337819176)] {
        let (coverage, steps, _) = mean(&solve(&chain(n, 0.1, 1.0, 1.0, 0.0), &nested(&[], &[]), 1), 0);
        assert!((coverage - 1.0).abs() < 1e-12 && (steps - wanted).abs() < 1e-9, "{coverage} {steps}");
    }
}

#[test]
fn nested_times_and_werner_weights() {
    // The weight of two segments in ten digits: .98^2 E[e^(-|N1-N2|/400)].
    for (n, time, weight) in [(2, 29.473684, 0.98 * 0.98 * 0.9768652518), (4, 84.817580, 0.82690174)] {
        let (coverage, steps, w) = mean(&solve(&chain(n, 0.1, 0.5, 0.98, 1.0 / 800.0), &nested(&[], &[]), 2), 1);
        assert!((coverage - 1.0).abs() < 1e-12, "{coverage}");
        assert!((steps - time).abs() < 5e-7 && (w - weight).abs() < 5e-9, "{steps} {w}");
    }
}

#[test]
fn cut_offs() {
    let (_, steps, w) = mean(&solve(&chain(4, 0.1, 0.5, 0.98, 1.0 / 800.0), &nested(&[16, 31], &[]), 2), 1);
    assert!((steps - 108.256782).abs() < 5e-7 && (w - 0.86726055).abs() < 5e-9, "{steps} {w}");
}

#[test]
fn a_thousand_segments() {
    let start = std::time::Instant::now();
    let (coverage, steps, _) = mean(&solve(&chain(1024, 0.1, 0.9, 1.0, 0.0), &nested(&[], &[]), 1), 0);
    eprintln!("{:?}", start.elapsed());
    assert!((steps - 445.0953).abs() < 5e-5, "{steps}");
    assert!((coverage - 1.0).abs() < 1e-11, "{coverage}");
}

/// The full state by four entries is the same as the shortcut of equal ones.
#[test]
fn one_entry_for_three() {
    let numbers = chain(8, 0.2, 0.7, 0.95, 1.0 / 300.0);
    let cut = nested(&[20, 30, 40], &[]);
    let (short, full) = (solve(&numbers, &cut, 2), solve(&numbers, &cut, 4));
    for k in 0..4 {
        for (a, b) in short.entry(k).iter().zip(full.entry(k)) {
            assert!((a - b).abs() < 1e-14);
        }
    }
}

/// One round of distillation of links that always succeed: the calculator's numbers.
#[test]
fn distillation_without_waiting() {
    let numbers = chain(2, 1.0, 1.0, (4.0 * 0.75 - 1.0) / 3.0, 0.0);
    let law = solve(&numbers, &nested(&[], &[1]), 4);
    let quad: Quad = std::array::from_fn(|k| law.entry(k).iter().sum());
    // Each half: success probability s per step, so that the mean time is E[max] of two geometric times.
    let s: f64 = 0.7222222222222222;
    let steps: f64 = law.probability().iter().enumerate().map(|(t, p)| t as f64 * p).sum();
    assert!((quad[0] - 1.0).abs() < 1e-12);
    assert!((steps - (2.0 / s - 1.0 / (1.0 - (1.0 - s) * (1.0 - s)))).abs() < 1e-10, "{steps}");
}
