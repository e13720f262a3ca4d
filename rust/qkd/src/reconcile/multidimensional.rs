//! Multidimensional reconciliation: eight noisy values at a time become eight noisy bits.
//!
//! Leverrier, Alleaume, Boutros, Zemor and Grangier 2008 (doi:10.1103/PhysRevA.77.042325), in reverse: Bob's bits are the key's.
//!
//! ```text
//!     Bob     y: 8 values;  u: 8 random bits as +-1/sqrt 8;  tells  |y|  and  a = u y*/|y|, so that a y = |y| u
//!     Alice   m: what she expects of y;  a m = |y| u + noise:  the odds of bit i are e^(2 |y| (a m)_i/(sqrt 8 s^2))
//!     then    a syndrome, decoded with how sure she is of each bit
//! ```
//!
//! Products are those of octonions: they keep lengths, so that multiplying by a is a rotation and noise stays what it is; and
//! (u y*) y = u |y|^2, as in every alternative algebra. A direction that is uniform on the sphere, as that of Gaussian values,
//! makes a uniform and independent of u: what is told says nothing of the bits but the syndrome does.
//!
//! Where noise exceeds the signal one bit a value is all there is to have, and one code is better than a slice for each bit of a
//! label. Limits: values Gaussian, independent and alike; their noise Gaussian with a known variance.

use ebit_random::{Lanes, Purpose as Draw, math};

use super::ldpc::{self, Alice, Decoder, Family, Plan};
use crate::entropy::binary_entropy;
use crate::ledger::{Ledger, Purpose};
use crate::reconcile::GoOn;

/// Values that are turned together.
pub const DIMENSIONS: usize = 8;
/// f where nearly all blocks of 10^5 values decode at once (measured).
const EFFICIENCY: f64 = 1.15;
/// Bits that would disclose more than this of themselves are told as they are: no code has such a rate.
const TOLD: f64 = 0.93;

type Octonion = [f64; DIMENSIONS];

/// What all blocks of a key have in common.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Terms {
    /// s^2: variance of Bob's values about what Alice expects of them.
    pub noise: f64,
    /// f: bits that the syndrome discloses over what Alice lacks.
    pub efficiency: Option<f64>,
    /// Of Bob's random bits, and the codes' hidden ones.
    pub root: u128,
}

/// What became of a block.
#[derive(Debug, Clone, PartialEq)]
pub struct Turned {
    /// Packed bits of both.
    pub alice: Vec<u64>,
    pub bob: Vec<u64>,
    pub ledger: Ledger,
    /// Mean entropy of a bit given all that Alice knew.
    pub entropy: f64,
    pub found: bool,
}

/// Block number `block`: Bob's values and what Alice expects of them, eight by eight; what is over is left out.
pub fn reconcile(
    terms: &Terms,
    means: &[f64],
    values: &[f64],
    block: u64,
    decoder: &mut Decoder,
    go_on: &mut GoOn<'_>,
) -> Turned {
    let n = means.len().min(values.len()) / DIMENSIONS * DIMENSIONS;
    let mut private = Lanes::new(terms.root, block, 1, Draw::Hashing);
    let mut bob: Vec<u64> = (0..n.div_ceil(64)).map(|_| private.word()).collect();
    bob = super::masked(&bob, n);
    let mut odds = Vec::with_capacity(n);
    for (k, (mean, value)) in means.chunks_exact(DIMENSIONS).zip(values.chunks_exact(DIMENSIONS)).enumerate() {
        let bits = bob[k / 8] >> (k % 8 * 8);
        odds.extend(heard(terms.noise, mean, value, bits as u8));
    }
    let wrong = |l: f64| 1.0 / (1.0 + math::exp(l.abs()));
    let entropy = odds.iter().map(|l| binary_entropy(wrong(*l))).sum::<f64>() / n.max(1) as f64;
    let public = terms.efficiency.unwrap_or(EFFICIENCY) * entropy;
    let mut ledger = Ledger::new();
    if public >= TOLD || n == 0 {
        ledger.disclose(Purpose::Revealed, n as u64);
        return Turned { alice: bob.clone(), bob, ledger, entropy, found: true };
    }
    let plan = Plan::for_bits(Family::Noise, n, public * n as f64);
    let mut guess = vec![0; n.div_ceil(64)];
    for (k, _) in odds.iter().enumerate().filter(|(_, l)| **l < 0.0) {
        guess[k / 64] |= 1 << (k % 64);
    }
    let sure: Vec<i16> = odds.iter().map(|l| Family::Noise.belief(l.abs())).collect();
    let mut channel = Alice::new(&plan, &bob, terms.root, block);
    let done = ldpc::decode_unevenly(&plan, &guess, &sure, decoder, &mut channel, go_on);
    Turned { alice: done.key, bob, ledger: done.ledger, entropy, found: done.found }
}

/// What Alice hears of eight bits: ln of the odds of each being 0.
fn heard(noise: f64, mean: &[f64], value: &[f64], bits: u8) -> Octonion {
    let u: Octonion = std::array::from_fn(|i| if bits >> i & 1 == 0 { 1.0 } else { -1.0 });
    let [m, y]: [Octonion; 2] = [mean, value].map(|v| std::array::from_fn(|i| v[i]));
    // Told: this and |y|, of which only the product is needed; and 1/8 for the two roots.
    let turn = product(&u, &conjugate(&y));
    product(&turn, &m).map(|each| 2.0 * each / (DIMENSIONS as f64 * noise))
}

fn conjugate(x: &Octonion) -> Octonion {
    let mut out = x.map(|each| -each);
    out[0] = x[0];
    out
}

/// Cayley and Dickson: pairs of quaternions, (a, b)(c, d) = (a c - d* b, d a + b c*).
fn product(x: &Octonion, y: &Octonion) -> Octonion {
    let half = |v: &Octonion| -> ([f64; 4], [f64; 4]) { ([v[0], v[1], v[2], v[3]], [v[4], v[5], v[6], v[7]]) };
    let star = |[a, b, c, d]: [f64; 4]| [a, -b, -c, -d];
    let ((a, b), (c, d)) = (half(x), half(y));
    let (ac, db) = (quaternions(a, c), quaternions(star(d), b));
    let (da, bc) = (quaternions(d, a), quaternions(b, star(c)));
    std::array::from_fn(|i| if i < 4 { ac[i] - db[i] } else { da[i - 4] + bc[i - 4] })
}

fn quaternions([a, b, c, d]: [f64; 4], [e, f, g, h]: [f64; 4]) -> [f64; 4] {
    [a * e - b * f - c * g - d * h, a * f + b * e + c * h - d * g, a * g - b * h + c * e + d * f, a * h + b * g - c * f + d * e]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normals(count: usize, seed: u128) -> Vec<f64> {
        // Sums of twelve uniform numbers: near enough to normal for products.
        let mut lanes = Lanes::new(seed, 0, 0, Draw::Hashing);
        let mut uniform = || (lanes.word() >> 11) as f64 / (1u64 << 53) as f64;
        (0..count).map(|_| (0..12).map(|_| uniform()).sum::<f64>() - 6.0).collect()
    }

    fn norm(x: &Octonion) -> f64 {
        x.iter().map(|v| v * v).sum::<f64>().sqrt()
    }

    #[test]
    fn products_keep_lengths_and_undo_each_other() {
        for pair in normals(1600, 5).chunks_exact(16) {
            let [x, y]: [Octonion; 2] = [&pair[..8], &pair[8..]].map(|v| std::array::from_fn(|i| v[i]));
            let xy = product(&x, &y);
            assert!((norm(&xy) / (norm(&x) * norm(&y)) - 1.0).abs() < 1e-12);
            let back = product(&product(&x, &conjugate(&y)), &y);
            let scale = norm(&y) * norm(&y);
            assert!(back.iter().zip(&x).all(|(b, x)| (b - scale * x).abs() < 1e-9), "{back:?} {x:?}");
        }
    }

    /// Without noise in the means the odds point at Bob's bits, all as strongly: |y|^2/4s^2 each.
    #[test]
    fn what_is_told_turns_values_into_bits() {
        for (k, y) in normals(800, 6).chunks_exact(8).enumerate() {
            let bits = (k * 37 % 256) as u8;
            let odds = heard(0.5, y, y, bits);
            let length: f64 = y.iter().map(|v| v * v).sum();
            for (i, l) in odds.iter().enumerate() {
                let sign = if bits >> i & 1 == 0 { 1.0 } else { -1.0 };
                assert!((l - sign * 2.0 * length / (8.0 * 0.5)).abs() < 1e-9, "{l}");
            }
        }
    }
}
