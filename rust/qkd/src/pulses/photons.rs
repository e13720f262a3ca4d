//! How many photons a pulse has.

use ebit_random::math::{exp, ln, ln_1p};
use ebit_spec::Real;
use serde::{Deserialize, Serialize};

/// Photon numbers beyond this one are never kept: the law ends where less than [`TAIL`] is left.
const MOST_PHOTONS: usize = 400;
/// Probability left out of a law; a run would have to send 10^17 pulses to meet one.
const TAIL: f64 = 1e-17;

/// The law of the photon number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// Phase-randomised laser pulses: Poisson with the given mean.
    Poisson,
    /// One photon with the given probability, else none.
    Single,
    /// One mode of a thermal source: geometric with the given mean.
    Thermal,
}

/// P(0), P(1), ... until the rest is below [`TAIL`], which is added to the last.
#[must_use]
pub fn law(source: Source, mean: Real) -> Vec<f64> {
    let mean = mean.0;
    let mut out = match source {
        Source::Single => return vec![1.0 - mean, mean],
        Source::Poisson => vec![exp(-mean)],
        Source::Thermal => vec![1.0 / (1.0 + mean)],
    };
    let mut left = 1.0 - out[0];
    while left > TAIL && out.len() < MOST_PHOTONS {
        let n = out.len();
        let last = out[n - 1];
        let next = match source {
            Source::Poisson => last * mean / n as f64,
            _ => last * mean / (1.0 + mean),
        };
        // Rounding may hold `left` up: stop where the terms are gone past the mean.
        if next < TAIL && n as f64 > mean {
            break;
        }
        out.push(next);
        left -= next;
    }
    out
}

/// (1 - p)^n, and its complement without cancellation.
#[must_use]
pub fn none_of(p: f64, n: u32) -> f64 {
    if n == 0 { 1.0 } else { exp(f64::from(n) * ln_1p(-p)) }
}

/// The probability of `k` out of `n` with success probability `p`, for small n.
#[must_use]
pub fn binomial(n: u32, k: u32, p: f64) -> f64 {
    let mut choose = 1.0;
    for j in 0..k {
        choose *= f64::from(n - j) / f64::from(j + 1);
    }
    let power = |x: f64, m: u32| {
        if m == 0 {
            1.0
        } else if x <= 0.0 {
            0.0
        } else {
            exp(f64::from(m) * ln(x))
        }
    };
    choose * power(p, k) * power(1.0 - p, n - k)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn laws_sum_to_one_and_have_their_mean() {
        for (source, mean) in [(Source::Poisson, 0.5), (Source::Poisson, 20.0), (Source::Single, 0.3), (Source::Thermal, 0.2)] {
            let p = law(source, Real(mean));
            let total: f64 = p.iter().sum();
            let first: f64 = p.iter().enumerate().map(|(n, p)| n as f64 * p).sum();
            assert!((total - 1.0).abs() < 1e-14, "{source:?} {total}");
            assert!((first - mean).abs() < 1e-12 * (1.0 + mean), "{source:?} {first}");
        }
    }

    #[test]
    fn binomials_sum_to_one() {
        for p in [0.0, 0.3, 1.0] {
            let total: f64 = (0..=7).map(|k| binomial(7, k, p)).sum();
            assert!((total - 1.0).abs() < 1e-14);
        }
        assert_eq!(binomial(4, 2, 0.5), 0.375);
    }
}
