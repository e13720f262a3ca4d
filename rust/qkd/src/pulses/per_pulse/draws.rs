//! Single draws, by the plainest ways there are.

use ebit_random::Lanes;
use ebit_random::math::exp;

/// A uniform number in [0, 1).
#[inline]
pub fn uniform(lanes: &mut Lanes) -> f64 {
    (lanes.word() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
}

/// One Bernoulli event.
#[inline]
pub fn happens(probability: f64, lanes: &mut Lanes) -> bool {
    uniform(lanes) < probability
}

/// Sums up to each probability.
pub fn summed(probabilities: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut total = 0.0;
    probabilities
        .map(|p| {
            total += p;
            total
        })
        .collect()
}

/// The first index whose sum is above a uniform; the last if rounding leaves none.
pub fn choose(sums: &[f64], lanes: &mut Lanes) -> usize {
    let u = uniform(lanes);
    sums.iter().position(|sum| u < *sum).unwrap_or(sums.len() - 1)
}

/// How many of a Poisson law with a mean of some tens: as many factors as keep a product of uniform numbers above
/// exp(-mean) (Knuth).
pub fn poisson(mean: f64, lanes: &mut Lanes) -> u32 {
    let least = exp(-mean);
    let (mut product, mut count) = (uniform(lanes), 0);
    while product > least {
        product *= uniform(lanes);
        count += 1;
    }
    count
}

/// How many of a geometric law: each more with probability mean / (1 + mean).
pub fn geometric(mean: f64, lanes: &mut Lanes) -> u32 {
    let mut count = 0;
    while happens(mean / (1.0 + mean), lanes) {
        count += 1;
    }
    count
}

/// How many of `count` are left where each stays with this probability.
pub fn left_of(count: u32, probability: f64, lanes: &mut Lanes) -> u32 {
    (0..count).filter(|_| happens(probability, lanes)).count() as u32
}
