//! Finite keys of six states: a proof against collective attacks, lifted to general ones by postselection.
//!
//! N pairs of qubits are measured; n of them make key, m in each of the three bases are compared. Against an Eve who treats
//! all pairs alike and independently, a key (Tupkary, Tan and Lutkenhaus 2024, doi:10.48550/arXiv.2311.01600)
//!
//! ```text
//!     l = n min H(Z|E) - leak - log2(1/eps_cor) - n y log2(5)^2 - [W (1 + y) + 2 - 2 (1 + y)]/y,  W = log2(1/eps_PA)
//! ```
//!
//! is eps_PA + eps_AT secret; the least entropy is over all states whose error rates are within mu of those found,
//! mu^2 = ln(6/eps_AT)/(2m). Symmetry makes such a state a mixture of Bell states, whose entropy (Scarani et al. 2009,
//! doi:10.1103/RevModPhys.81.1301, appendix A) is least where the errors of the key basis are few and the others many:
//!
//! ```text
//!     H(Z|E) = (1 - e) [1 - h((1 - t - e/2)/(1 - e))],    e = e_Z - mu,  t = e_X + mu = e_Y + mu
//! ```
//!
//! An arbitrary state of N pairs, permuted at random, is at most g times a mixture of states of independent pairs,
//! g = C(N + 15, 15). So a key shorter by 4 log2 g - 2 log2 eps_sec is eps_sec secret against all attacks, where the other
//! proof is (eps_sec/g)^2/32 secret (Nahar et al. 2024, doi:10.48550/arXiv.2403.11851, theorem 4 with eps_sec = g eps~, as in
//! the authors' program). Theirs has log2(3)^2 in the place of log2(5)^2; the latter is the constant of the lemma that they
//! cite, costs more, and y is at its best. Limits: exactly one photon per pulse; lost signals are independent of the basis.

use super::budget::{Budget, Finite};
use crate::entropy::binary_entropy;
use crate::rates::key_rate::{KeyRate, NOTHING_CLICKS, pulses_of};
use ebit_random::math;

/// Square of the dimensions of a pair of qubits, 4^2, less one.
const LEVELS: u32 = 15;
/// log2(2 d + 1) of the bit, squared, and the greatest order y = alpha - 1 that it holds for.
const CONTINUITY: f64 = 5.391_350_156_226_868;

/// What was measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// N: all pairs measured.
    pub pairs: f64,
    /// n: those that make key.
    pub key: f64,
    /// m: those compared, in each basis.
    pub test: f64,
    /// Error rates of the key basis and of each other one.
    pub qber: [f64; 2],
}

/// Bounds of a block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// mu.
    pub width: f64,
    /// What Eve cannot know of a bit, at least.
    pub unknown: f64,
    /// log2 g.
    pub lift: f64,
    /// What the finite block costs besides, bits.
    pub lost: f64,
}

/// H(Z|E) of a mixture of Bell states with this error rate in the key basis, and that one on average in the others.
#[must_use]
pub fn unknown(key: f64, other: f64) -> f64 {
    // Of no number nothing is known, either.
    if other.is_nan() || other >= 0.5 {
        return 0.0;
    }
    // More errors in the key basis than twice the others no state has.
    let key = key.clamp(0.0, 2.0 * other);
    (1.0 - key) * (1.0 - binary_entropy((1.0 - other - 0.5 * key) / (1.0 - key)))
}

/// log2 C(N + 15, 15).
#[must_use]
pub fn lift(pairs: f64) -> f64 {
    (1..=LEVELS).map(|k| math::log2(pairs / f64::from(k) + 1.0)).sum()
}

/// How the parts are spent, in words.
#[must_use]
pub fn parts(secrecy: f64, correctness: f64) -> Vec<(&'static str, f64)> {
    vec![("correctness", correctness), ("collective_attacks", 0.5 * secrecy), ("postselection", 0.5 * secrecy)]
}

fn bounds(of: &Sample, secrecy: f64) -> Bounds {
    let lift = lift(of.pairs);
    // log2 of g/eps_sec, and of 1/eps_PA = 1/eps_AT: these are no numbers of double precision.
    let rare = lift - math::log2(secrecy);
    let w = 6.0 + 2.0 * rare;
    let width = math::sqrt((math::ln(6.0) + w * std::f64::consts::LN_2) / (2.0 * of.test));
    let y = math::sqrt(w / (of.key * CONTINUITY)).min(1.0 / math::sqrt(CONTINUITY));
    let lost = of.key * y * CONTINUITY + w / y + w - 2.0 + 2.0 * (lift + rare);
    Bounds { width, unknown: unknown(of.qber[0] - width, of.qber[1] + width), lift, lost }
}

/// Key length in bits (below 0: none), its secrecy, and the bounds it rests on.
#[must_use]
pub fn length(of: &Sample, disclosed: f64, budget: &Budget) -> (f64, f64, Bounds) {
    let mut found = bounds(of, 0.5);
    let (bits, secrecy) = budget.settle(of.key, |secrecy| {
        found = bounds(of, secrecy);
        of.key * found.unknown - disclosed - found.lost + math::log2(budget.correctness.0)
    });
    (bits, secrecy, found)
}

/// A rate per pulse; `clicks` of a pulse, `qber` in every basis, and how often either party takes the key basis.
#[must_use]
pub fn rate(finite: &Finite, clicks: f64, qber: f64, key_basis: f64, error_correction: f64) -> KeyRate {
    let n = finite.block.0;
    let other = 0.25 * (1.0 - key_basis) * (1.0 - key_basis);
    // As many bits of the key basis are compared as there are in either other one.
    let Some(pulses) = pulses_of(n, clicks * (key_basis * key_basis - other)) else {
        return KeyRate::unfilled(clicks, NOTHING_CLICKS);
    };
    let of = Sample { pairs: pulses * clicks, key: n, test: pulses * clicks * other, qber: [qber; 2] };
    let leak = error_correction * n * binary_entropy(qber);
    let (bits, secrecy, bounds) = length(&of, leak, &finite.epsilon);
    let parts = vec![
        ("key_basis_probability", key_basis),
        ("pulses", pulses),
        ("qber", qber),
        ("test_bits", of.test),
        ("qber_width", bounds.width),
        ("unknown_per_bit", bounds.unknown),
        ("disclosed_bits", leak),
        ("block_penalty_bits", bounds.lost),
        ("key_bits", bits.max(0.0)),
    ];
    let mut rate = KeyRate::new(bits / pulses, parts, || {
        if bounds.unknown <= 0.0 {
            return format!(
                "{:.0} bits compared in a basis leave the error rates open by {:.4}: a longer block, or a smaller sifting",
                of.test, bounds.width
            );
        }
        format!(
            "QBER {qber:.4}, open by {:.4}: error correction, what Eve may know and the finite block take every bit",
            bounds.width
        )
    });
    rate.epsilon = self::parts(secrecy, finite.epsilon.correctness.0);
    rate
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::entropy;

    /// Entropy of the mixture of Bell states with these error rates in Z, X and Y, given Eve.
    fn of_mixture(e: [f64; 3]) -> Option<f64> {
        let [z, x, y] = e;
        let weights = [1.0 - 0.5 * (x + y + z), 0.5 * (x + y - z), 0.5 * (y + z - x), 0.5 * (z + x - y)];
        weights.iter().all(|w| *w >= -1e-15).then(|| 1.0 - entropy(&weights) + binary_entropy(z))
    }

    #[test]
    fn the_least_entropy_is_where_it_is_looked_for() {
        for (qber, width) in [(0.02, 0.01), (0.05, 0.02), (0.1, 0.04), (0.01, 0.03), (0.0, 0.02)] {
            let steps = 40;
            let place = |k: i32| (qber - width + 2.0 * width * f64::from(k) / f64::from(steps)).max(0.0);
            let mut least = f64::INFINITY;
            for z in 0..=steps {
                for x in 0..=steps {
                    for y in 0..=steps {
                        least = of_mixture([z, x, y].map(place)).map_or(least, |each| each.min(least));
                    }
                }
            }
            let found = unknown(qber - width, qber + width);
            assert!((found - least).abs() < 1e-12, "{qber} {width}: {found} {least}");
        }
        // Without errors Eve knows nothing; where a basis says nothing she may know all.
        assert_eq!(unknown(0.0, 0.0), 1.0);
        assert_eq!(unknown(0.1, 0.5), 0.0);
        assert!(unknown(0.1, 0.499) > 0.0);
    }

    #[test]
    fn how_many_ways_to_permute() {
        // C(16, 15) and C(20, 15).
        assert!((lift(1.0) - 4.0).abs() < 1e-12);
        assert!((lift(5.0) - math::log2(15_504.0)).abs() < 1e-12);
    }
}
