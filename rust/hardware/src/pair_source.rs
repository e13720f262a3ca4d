//! A source of entangled photon pairs, and averages over how many pairs it emits.
//!
//! A down-conversion source squeezes the two modes of each polarisation, exp(..(a_H b_H + a_V b_V)): with lambda = mu/2 mean
//! pairs per polarisation and t = lambda/(1+lambda), the state is
//!
//! ```text
//!     sum c_h c_v |h, v>_A |h, v>_B,   c_n^2 = (1-t) t^n,   so P(n pairs) = (n+1) lambda^n / (1+lambda)^(n+2)
//! ```
//!
//! A source of single pairs emits (|H,H> + |V,V>)/sqrt 2 with probability p and nothing otherwise. A click pattern depends
//! on the number n of photons in a mode as a sum of powers x^n and of quotients (a^n - b^n)/(a - b). All averages of
//! products of two of these are geometric series: nothing is truncated here, and no term is negative.
//!
//! Refuses to know: detectors, memories, loss.

/// A function of the number n of photons that the source sent into one mode.
#[derive(Debug, Clone, Copy)]
pub enum Photons {
    /// x^n: none of them does what it does with probability 1 - x.
    Power(f64),
    /// (a^n - b^n)/(a - b), that is n a^(n-1) where a = b; never negative, 0 for no photon and 1 for one.
    Quotient(f64, f64),
}

/// A probability as a function of n: a sum of these with weights >= 0.
pub type Law = Vec<(f64, Photons)>;

/// The values of a law for n = 0, 1, .. below `count`.
pub fn values(law: &Law, count: usize) -> Vec<f64> {
    let mut out = vec![0.0; count];
    for (weight, photons) in law {
        let (a, b, mut value) = match *photons {
            Photons::Power(x) => (x, 0.0, 1.0),
            Photons::Quotient(a, b) => (a, b, 0.0),
        };
        // (a^(n+1) - b^(n+1))/(a - b) = a (a^n - b^n)/(a - b) + b^n.
        let mut power = if matches!(photons, Photons::Quotient(..)) { 1.0 } else { 0.0 };
        for slot in &mut out {
            *slot += weight * value;
            value = a * value + power;
            power *= b;
        }
    }
    out
}

/// What the source emits in one attempt and mode.
#[derive(Debug, Clone, Copy)]
pub enum PairSource {
    Squeezed { lambda: f64 },
    Single { probability: f64 },
}

impl PairSource {
    /// The mean of a product of four laws: of A's and B's photons in H, and of those in V.
    pub fn mean(&self, h: [&Law; 2], v: [&Law; 2]) -> f64 {
        match *self {
            Self::Squeezed { lambda } => squeezed_mean(lambda, h) * squeezed_mean(lambda, v),
            Self::Single { probability } => {
                let [h, v] = [h, v].map(|[a, b]| {
                    let (a, b) = (values(a, 2), values(b, 2));
                    [a[0] * b[0], a[1] * b[1]]
                });
                (1.0 - probability) * h[0] * v[0] + 0.5 * probability * (h[1] * v[0] + h[0] * v[1])
            }
        }
    }

    /// What is left of the coherence between |h+1, v> and |h, v+1> when each of the h + v photons that both have in common
    /// keeps the factor z: the sum of c_h c_(v+1) c_(h+1) c_v (h+1) (v+1) z^(h+v).
    pub fn coherence(&self, z: f64) -> f64 {
        match *self {
            Self::Squeezed { lambda } => {
                let root = 1.0 + lambda * (1.0 - z);
                lambda * (1.0 + lambda) / (root * root * root * root)
            }
            Self::Single { probability } => 0.5 * probability,
        }
    }

    /// Probabilities of n = 0, 1, .. pairs in both polarisations together.
    ///
    /// It ends where, of anything that grows with n no faster than n^2, the rest is below 1e-17 of the term of one pair:
    /// sum over n >= N of (n+1) n^2 t^(n-1)/2 <= (N+1) N^2 t^(N-1)/(1-t) where N >= 8 t/(1-t), as from there on each
    /// term is at most (1+t)/2 of the one before.
    pub fn numbers(&self) -> Vec<f64> {
        const REST: f64 = 1e-17;
        match *self {
            Self::Single { probability } => vec![1.0 - probability, probability],
            Self::Squeezed { lambda } => {
                let (t, vacuum) = (lambda / (1.0 + lambda), 1.0 / (1.0 + lambda));
                let mut out = vec![vacuum * vacuum, 2.0 * vacuum * vacuum * t];
                let mut power = t;
                loop {
                    let n = out.len() as f64;
                    if n >= 8.0 * lambda && (n + 1.0) * n * n * power <= REST * vacuum {
                        return out;
                    }
                    power *= t;
                    out.push((n + 1.0) * vacuum * vacuum * power);
                }
            }
        }
    }
}

/// The mean of a product of two laws over (1-t) t^n.
fn squeezed_mean(lambda: f64, laws: [&Law; 2]) -> f64 {
    let mut sum = 0.0;
    for (weight, one) in laws[0] {
        for (factor, other) in laws[1] {
            sum += weight * factor * squeezed_moment(lambda, *one, *other);
        }
    }
    sum
}

/// With root(x) = 1 + lambda (1-x), the generating function of the law is 1/root(x); the others are its divided differences.
fn squeezed_moment(lambda: f64, one: Photons, other: Photons) -> f64 {
    use Photons::{Power, Quotient};
    let root = |x: f64| 1.0 + lambda * (1.0 - x);
    match (one, other) {
        (Power(x), Power(y)) => 1.0 / root(x * y),
        (Power(x), Quotient(a, b)) | (Quotient(a, b), Power(x)) => lambda * x / (root(x * a) * root(x * b)),
        (Quotient(a, b), Quotient(c, d)) => {
            let numerator = lambda * (1.0 + 2.0 * lambda + lambda * lambda * (1.0 - a * b * c * d));
            numerator / (root(a * c) * root(a * d) * root(b * c) * root(b * d))
        }
    }
}
