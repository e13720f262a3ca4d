//! The number of successes in n independent trials, exact for n up to 2^53.
//!
//! Few expected successes: inversion, one word. Many: transformed rejection with squeeze (BTRS), W. Hoermann, "The
//! generation of binomial random variates", J. Stat. Comput. Simul. 46 (1993), doi:10.1080/00949659308811496.
//!
//! BTRS compares a uniform with f(k) / f(mode). The textbook form subtracts log-factorials of the order of n ln n and
//! has no digits left at n = 1e15; here both densities come from C. Loader's saddle-point expansion ("Fast and
//! accurate computation of binomial probabilities", 2000), whose terms are as small as the answer.

use crate::error::SamplerError;
use crate::math::{exp, ln, ln_1p, sqrt};
use crate::stream::Stream;

/// The largest count that a float holds exactly with all its predecessors.
const MAX_TRIALS: u64 = 1 << 53;
/// Expected successes from which Hoermann's constants are valid.
const REJECTION_FROM: f64 = 10.0;
/// P(K > 110) < 1e-70 where inversion is used: only rounding of the last term can lead there.
const INVERSION_LIMIT: u64 = 110;

/// A sampler for the number of successes in `n` trials of probability `p`.
///
/// The mean n p is rounded to a float, as `p` already is: beyond n = 1e15 it may be off by a fraction of one trial.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Binomial {
    n: u64,
    /// Count the failures instead: the algorithms want p <= 1/2.
    flipped: bool,
    algorithm: Algorithm,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Algorithm {
    /// The term at 0, and p / (1 - p).
    Inversion {
        none: f64,
        odds: f64,
    },
    Rejection(Rejection),
}

impl Binomial {
    /// A sampler for `n` <= 2^53 trials of success probability `p` in [0, 1].
    pub fn new(n: u64, p: f64) -> Result<Binomial, SamplerError> {
        if n > MAX_TRIALS {
            return Err(SamplerError::Trials(n));
        }
        if !(0.0..=1.0).contains(&p) {
            return Err(SamplerError::Probability(p));
        }
        let flipped = p > 0.5;
        // Exact: 1 - p has no rounding for p in [1/2, 1].
        let p = if flipped { 1.0 - p } else { p };
        let trials = n as f64;
        let algorithm = if trials * p < REJECTION_FROM {
            Algorithm::Inversion { none: exp(trials * ln_1p(-p)), odds: p / (1.0 - p) }
        } else {
            Algorithm::Rejection(Rejection::new(trials, p))
        };
        Ok(Binomial { n, flipped, algorithm })
    }

    /// The number of successes.
    pub fn sample(&self, stream: &mut Stream) -> u64 {
        let count = match &self.algorithm {
            Algorithm::Inversion { none, odds } => invert(stream, self.n, *none, *odds),
            Algorithm::Rejection(rejection) => rejection.sample(stream) as u64,
        };
        if self.flipped { self.n - count } else { count }
    }
}

/// The number of successes in `n` <= 2^53 trials of probability `p`, for parameters used once.
pub fn binomial(stream: &mut Stream, n: u64, p: f64) -> Result<u64, SamplerError> {
    Ok(Binomial::new(n, p)?.sample(stream))
}

/// Walks the distribution function from 0 up to a uniform.
fn invert(stream: &mut Stream, n: u64, none: f64, odds: f64) -> u64 {
    let limit = n.min(INVERSION_LIMIT);
    loop {
        let mut left = stream.next_f64();
        let mut term = none;
        for k in 0..=limit {
            if left < term {
                return k;
            }
            left -= term;
            term *= odds * ((n - k) as f64 / (k + 1) as f64);
        }
    }
}

/// The constants of BTRS, named as in the paper, and the log-density at the mode.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Rejection {
    n: f64,
    p: f64,
    a: f64,
    b: f64,
    c: f64,
    v_r: f64,
    alpha: f64,
    log_mode: f64,
}

impl Rejection {
    fn new(n: f64, p: f64) -> Rejection {
        let deviation = sqrt(n * p * (1.0 - p));
        let b = 1.15 + 2.53 * deviation;
        Rejection {
            n,
            p,
            a: -0.0873 + 0.0248 * b + 0.01 * p,
            b,
            c: n * p + 0.5,
            v_r: 0.92 - 4.2 / b,
            alpha: (2.83 + 5.1 / b) * deviation,
            log_mode: log_density(((n + 1.0) * p).floor(), n, p),
        }
    }

    fn sample(&self, stream: &mut Stream) -> f64 {
        loop {
            let u = stream.next_open_f64() - 0.5;
            let v = stream.next_open_f64();
            // 0 only for u = 1/2, where k below is beyond any n.
            let us = 0.5 - u.abs();
            let k = ((2.0 * self.a / us + self.b) * u + self.c).floor();
            if us >= 0.07 && v <= self.v_r {
                return k;
            }
            if k < 0.0 || k > self.n {
                continue;
            }
            let ratio = v * self.alpha / (self.a / (us * us) + self.b);
            if ln(ratio) <= log_density(k, self.n, self.p) - self.log_mode {
                return k;
            }
        }
    }
}

/// ln of the binomial probability of `k`, for integers 0 <= `k` <= `n` and 0 < `p` < 1 (Loader, eq. 5).
fn log_density(k: f64, n: f64, p: f64) -> f64 {
    const TAU: f64 = core::f64::consts::TAU;
    if k == 0.0 {
        return n * ln_1p(-p);
    }
    if k == n {
        return n * ln(p);
    }
    let rest = n - k;
    let saddle = stirling_error(n) - stirling_error(k) - stirling_error(rest);
    saddle - deviance(k, n * p) - deviance(rest, n * (1.0 - p)) - 0.5 * ln(TAU * k * (rest / n))
}

/// ln(x!) minus Stirling's approximation of it, for an integer x >= 1.
fn stirling_error(x: f64) -> f64 {
    /// The exact values for 1..=15, to the last bit; index 0 unused.
    const TABLE: [f64; 16] = [
        0.0,
        0.081_061_466_795_327_26,
        0.041_340_695_955_409_29,
        0.027_677_925_684_998_34,
        0.020_790_672_103_765_093,
        0.016_644_691_189_821_19,
        0.013_876_128_823_070_748,
        0.011_896_709_945_891_77,
        0.010_411_265_261_972_096,
        0.009_255_462_182_712_733,
        0.008_330_563_433_362_87,
        0.007_573_675_487_951_841,
        0.006_942_840_107_209_53,
        0.006_408_994_188_004_207,
        0.005_951_370_112_758_848,
        0.005_554_733_551_962_801,
    ];
    if x < 16.0 {
        return TABLE[x as usize];
    }
    // The series' next term is below 1e-16 here.
    let inverse = 1.0 / x;
    let square = inverse * inverse;
    let tail = 1.0 / 1260.0 - square * (1.0 / 1680.0 - square * (1.0 / 1188.0));
    inverse * (1.0 / 12.0 - square * (1.0 / 360.0 - square * tail))
}

/// x ln(x / mean) + mean - x, without cancellation where x is near the mean.
fn deviance(x: f64, mean: f64) -> f64 {
    let difference = x - mean;
    if difference.abs() < 0.1 * (x + mean) {
        // x ln(x / mean) = 2 x artanh(v) as a series in v = (x - mean) / (x + mean).
        let v = difference / (x + mean);
        let square = v * v;
        let mut sum = difference * v;
        let mut power = 2.0 * x * v;
        let mut odd = 3.0;
        loop {
            power *= square;
            let next = sum + power / odd;
            if next == sum {
                return sum;
            }
            sum = next;
            odd += 2.0;
        }
    }
    x * ln(x / mean) + mean - x
}
