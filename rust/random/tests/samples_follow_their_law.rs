//! Chi-square tests of the samplers against exact probabilities.
//!
//! Each comparison has a stream of its own, draws 10^6 samples into up to 50 bins of similar weight, and fails by chance
//! with probability 1e-6. With 50 bins the limit is 112; a law whose bins are wrong by 1 % (root mean square) lifts the
//! statistic's mean from 49 to 149 and is found 19 times in 20. Fewer bins, where the law is narrow, see less.

use ebit_random::math::{exp, exp_m1, ln_1p, sqrt};
use ebit_random::{Binomial, Geometric, Purpose, SamplerError, Stream, binomial, exponential};

const SAMPLES: u64 = 1_000_000;
const BINS: usize = 50;
/// The standard normal quantile of 1 - 1e-6.
const Z: f64 = 4.753_424;

fn stream(number: u64) -> Stream {
    Stream::new(20_260_101, 0, number, Purpose::User(7))
}

/// Compares samples with the weights of the bins (-inf, edges[0]], (edges[0], edges[1]], ..., (last edge, inf).
fn chi_square(name: &str, edges: &[f64], weights: &[f64], mut draw: impl FnMut() -> f64) {
    assert_eq!(weights.len(), edges.len() + 1);
    let total: f64 = weights.iter().sum();
    assert!((total - 1.0).abs() < 1e-9, "{name}: the weights sum to {total}");
    let mut counts = vec![0u64; weights.len()];
    for _ in 0..SAMPLES {
        let sample = draw();
        counts[edges.partition_point(|&edge| edge < sample)] += 1;
    }
    let expected = weights.iter().map(|weight| weight * SAMPLES as f64);
    let statistic: f64 = expected
        .zip(&counts)
        .map(|(mean, &count)| {
            let excess = count as f64 - mean;
            excess * excess / mean
        })
        .sum();
    // Wilson and Hilferty's approximation of the quantile, good to 1 % here.
    let freedom = edges.len() as f64;
    let cube_root = 1.0 - 2.0 / (9.0 * freedom) + Z * sqrt(2.0 / (9.0 * freedom));
    let limit = freedom * cube_root * cube_root * cube_root;
    assert!(statistic < limit, "{name}: chi-square {statistic:.1} exceeds {limit:.1} at {freedom} degrees of freedom");
}

/// Bins of about equal weight out of single probabilities: edges and weights.
fn bins(probabilities: impl Iterator<Item = (f64, f64)>) -> (Vec<f64>, Vec<f64>) {
    let (mut edges, mut weights, mut weight, mut before) = (vec![], vec![], 0.0, 0.0);
    for (value, probability) in probabilities {
        weight += probability;
        let behind = 1.0 - before - weight;
        if weight >= 1.0 / BINS as f64 && behind >= 1.0 / BINS as f64 {
            edges.push(value);
            weights.push(weight);
            before += weight;
            weight = 0.0;
        }
    }
    weights.push(1.0 - before);
    (edges, weights)
}

#[test]
fn geometric_follows_its_law() {
    for (number, p) in [0.9, 0.5, 0.1, 1e-3, 1e-6, 1e-9, 1e-12].into_iter().enumerate() {
        let rate = ln_1p(-p);
        let (edges, weights) = if p > 1e-2 {
            bins((1..400).map(|k| (k as f64, p * exp((k - 1) as f64 * rate))))
        } else {
            // Equal steps of the mean's twelfth, rounded to attempts; the last bin is the tail beyond four means.
            let edges: Vec<f64> = (1..BINS).map(|bin| (bin as f64 / (12.0 * p)).floor()).collect();
            let below = |k: f64| -exp_m1(k * rate);
            let mut weights: Vec<f64> =
                edges.iter().scan(0.0, |last, &k| Some(below(k) - core::mem::replace(last, below(k)))).collect();
            weights.push(exp(edges[edges.len() - 1] * rate));
            (edges, weights)
        };
        let (geometric, mut stream) = (Geometric::new(p).unwrap(), stream(number as u64));
        chi_square(&format!("geometric({p})"), &edges, &weights, || geometric.sample(&mut stream) as f64);
        assert_eq!(stream.position(), SAMPLES, "one word a sample");
    }
}

#[test]
fn geometric_ends_are_exact() {
    let mut stream = stream(100);
    let (certain, hopeless) = (Geometric::new(1.0).unwrap(), Geometric::new(1e-300).unwrap());
    let denormal = Geometric::new(f64::from_bits(1)).unwrap();
    for _ in 0..10_000 {
        assert_eq!(certain.sample(&mut stream), 1);
        assert_eq!(hopeless.sample(&mut stream), u64::MAX);
        assert_eq!(denormal.sample(&mut stream), u64::MAX);
    }
    for p in [0.0, -0.1, 1.0 + 1e-15, f64::NAN, f64::INFINITY] {
        assert!(matches!(Geometric::new(p), Err(SamplerError::SuccessProbability(_))), "{p}");
    }
}

#[test]
fn exponential_follows_its_law() {
    let edges: Vec<f64> = (1..BINS).map(|bin| bin as f64 / 12.0).collect();
    let below = |time: f64| -exp_m1(-time);
    let mut weights: Vec<f64> =
        edges.iter().scan(0.0, |last, &time| Some(below(time) - core::mem::replace(last, below(time)))).collect();
    weights.push(exp(-edges[edges.len() - 1]));
    let mut stream = stream(200);
    chi_square("exponential", &edges, &weights, || exponential(&mut stream, 1e3).unwrap() * 1e3);
    assert_eq!(exponential(&mut stream, 0.0), Err(SamplerError::Rate(0.0)));
}

/// Binomial probabilities by recursion from the mode, ten standard deviations to each side, normalized.
fn binomial_probabilities(n: u64, p: f64) -> Vec<(f64, f64)> {
    let (trials, odds) = (n as f64, p / (1.0 - p));
    let reach = (10.0 * sqrt(trials * p * (1.0 - p))).ceil() as u64 + 60;
    let mode = (((n + 1) as f64 * p) as u64).min(n);
    let (first, last) = (mode.saturating_sub(reach), n.min(mode + reach));
    let mut terms = vec![1.0; (last - first + 1) as usize];
    for k in mode..last {
        terms[(k + 1 - first) as usize] = terms[(k - first) as usize] * ((n - k) as f64 / (k + 1) as f64) * odds;
    }
    for k in (first..mode).rev() {
        terms[(k - first) as usize] = terms[(k + 1 - first) as usize] * ((k + 1) as f64 / (n - k) as f64) / odds;
    }
    let total: f64 = terms.iter().sum();
    terms.iter().enumerate().map(|(offset, term)| ((first + offset as u64) as f64, term / total)).collect()
}

#[test]
fn binomial_follows_its_law() {
    let cases = [
        (1, 0.3),
        (9, 0.5),
        (20, 0.5),
        (25, 0.4),
        (40, 0.25),
        (100, 0.099),
        (100, 0.101),
        (100, 0.95),
        (1_000, 0.5),
        (1_000_000, 1e-6),
        (1_000_000, 3e-5),
        (1_000_000_000, 0.7),
        (1 << 53, 1e-15),
        (1 << 53, 1e-14),
    ];
    for (number, (n, p)) in cases.into_iter().enumerate() {
        let (edges, weights) = bins(binomial_probabilities(n, p).into_iter());
        let (law, mut stream) = (Binomial::new(n, p).unwrap(), stream(300 + number as u64));
        chi_square(&format!("binomial({n}, {p})"), &edges, &weights, || law.sample(&mut stream) as f64);
    }
}

/// Where the deviation is 4e7 the law is normal to 1e-8, far below what the test detects.
#[test]
fn binomial_of_the_largest_n_is_normal() {
    for (number, p) in [0.5, 0.1, 0.999].into_iter().enumerate() {
        let n = 1u64 << 53;
        let (mean, deviation) = (n as f64 * p, sqrt(n as f64 * p * (1.0 - p)));
        let scores: Vec<f64> = (1..BINS).map(|bin| -3.0 + 6.0 * bin as f64 / BINS as f64).collect();
        let below = |score: f64| 0.5 * libm::erfc(-score * core::f64::consts::FRAC_1_SQRT_2);
        let mut weights: Vec<f64> =
            scores.iter().scan(0.0, |last, &score| Some(below(score) - core::mem::replace(last, below(score)))).collect();
        weights.push(below(-scores[scores.len() - 1]));
        let (law, mut stream) = (Binomial::new(n, p).unwrap(), stream(400 + number as u64));
        chi_square(&format!("binomial(2^53, {p})"), &scores, &weights, || (law.sample(&mut stream) as f64 - mean) / deviation);
    }
}

#[test]
fn binomial_ends_are_exact() {
    let mut stream = stream(500);
    for n in [0, 1, 17, 1 << 53] {
        assert_eq!(binomial(&mut stream, n, 0.0), Ok(0));
        assert_eq!(binomial(&mut stream, n, 1.0), Ok(n));
    }
    assert_eq!(binomial(&mut stream, (1 << 53) + 1, 0.5), Err(SamplerError::Trials((1 << 53) + 1)));
    for p in [-1e-9, 1.0 + 1e-9, f64::NAN] {
        assert!(matches!(binomial(&mut stream, 3, p), Err(SamplerError::Probability(_))), "{p}");
    }
}
