//! Swap-asap with certain swaps against independently computed values and the definition.
#![allow(clippy::disallowed_methods)]

use ebit_chain::Law;
use ebit_chain::asap;
use ebit_chain::link::link_law;
use ebit_chain::numbers::{Link, Numbers, Swap};
use ebit_chain::series::Arithmetic;

fn numbers(links: Vec<Link>, v: f64, rates: Vec<f64>, ends_measured: bool) -> Numbers {
    let n = links.len();
    Numbers {
        step_s: 1.0,
        links,
        swaps: vec![Swap { success: 1.0, visibility: v, duration: 0 }; n - 1],
        rates: rates.into_iter().map(|r| [0.0, r, r, 0.0]).collect(),
        ends_measured,
        tilts: None,
    }
}

fn link(p: f64, long: u64) -> Link {
    Link { success: p, long, short: long, long_if_failed: 0.0, pair: [1.0; 4] }
}

fn laws(numbers: &Numbers, len: usize) -> Vec<Law> {
    numbers.links.iter().map(|l| link_law(l, len, 4, &mut Arithmetic::new())).collect()
}

#[test]
fn dephasing_with_ends_measured() {
    for (n, wanted) in [(2, 0.9768652518), (3, 0.9544348518)] {
        let chain = numbers(vec![link(0.1, 1); n], 1.0, vec![1.0 / 400.0; n + 1], true);
        let state = asap::mean_state(&chain, &laws(&chain, 800), 800, 4);
        assert!((state[1] - wanted).abs() < 1e-10 && (state[3] - 1.0).abs() < 1e-12, "{state:?}");
        let law = asap::law(&chain, &laws(&chain, 800), 800, 4);
        assert!((law.entry(1).iter().sum::<f64>() - wanted).abs() < 1e-10);
    }
}

/// N links of 25 km with ends that wait: mean time and fidelity.
#[test]
fn links_of_25_km() {
    for (n, time_ms, fidelity) in [(2, 1.388645949, 0.984418634), (4, 1.879984740, 0.957526542)] {
        let p = 0.8 * (-25.0f64 / 22.0).exp();
        let chain = numbers(vec![link(p, 1); n], 0.99, vec![250e-6 / 0.1; n + 1], false);
        let laws = laws(&chain, 200);
        let law = asap::law(&chain, &laws, 200, 4);
        let mean: f64 = law.probability().iter().enumerate().map(|(t, p)| 0.25 * t as f64 * p).sum();
        let state = asap::mean_state(&chain, &laws, 200, 4);
        let f = 0.25 * (1.0 + state[1] + state[2] + state[3]);
        assert!((mean - time_ms).abs() < 5e-10, "{mean}");
        assert!((f - fidelity).abs() < 5e-10, "{f}");
    }
}

/// The definition, summed term by term, for unequal links and attempt times.
#[test]
fn three_unequal_links_by_hand() {
    let rates = vec![0.01, 0.03, 0.002, 0.02];
    for measured in [false, true] {
        let chain = numbers(vec![link(0.5, 2), link(0.3, 3), link(0.7, 1)], 0.98, rates.clone(), measured);
        let len = 60;
        let laws = laws(&chain, len);
        let law = asap::law(&chain, &laws, len, 4);
        let mut wanted = vec![[0.0; 2]; len];
        for a in 0..len {
            for b in 0..len {
                for c in 0..len {
                    let at = |i: usize, t: usize| laws[i].probability().get(t).copied().unwrap_or(0.0);
                    let p = at(0, a) * at(1, b) * at(2, c);
                    let m = a.max(b).max(c);
                    let mut wait = rates[1] * a.abs_diff(b) as f64 + rates[2] * b.abs_diff(c) as f64;
                    if !measured {
                        wait += rates[0] * (m - a) as f64 + rates[3] * (m - c) as f64;
                    }
                    wanted[m][0] += p;
                    wanted[m][1] += p * 0.98 * 0.98 * (-wait).exp();
                }
            }
        }
        for (t, [p, x]) in wanted.into_iter().enumerate() {
            assert!((law.probability()[t] - p).abs() < 1e-14, "{t}");
            assert!((law.entry(1)[t] - x).abs() < 1e-14, "{t}: {} {x}", law.entry(1)[t]);
        }
    }
}

#[test]
fn a_hundred_unequal_segments() {
    let links = (0..100).map(|k| link(0.05 + 0.002 * k as f64, 1)).collect();
    let chain = numbers(links, 1.0, vec![1.0 / 400.0; 101], true);
    let start = std::time::Instant::now();
    let laws = laws(&chain, 700);
    let state = asap::mean_state(&chain, &laws, 700, 2);
    eprintln!("{:?} {state:?}", start.elapsed());
    assert!(state[0] > 1.0 - 1e-12);
}
