//! What waiting does where memories relax towards |0>: z is no longer a product, and three numbers more go with it.
//!
//! A swap, averaged over its outcomes after correction, makes of pairs A and B the pair whose right half went through the
//! Pauli channel that B is (`PairState::swap_average`). With m the weight, z = <ZZ>, a = <ZI>, b = <IZ>:
//!
//! ```text
//!     z = v A.z B.z      a = v A.a B.m      b = v A.b B.z      m = A.m B.m
//! ```
//!
//! Relaxation, z -> g z + (1 - g) of one half with g = e^(-t/T1), mixes these four. In the excess over the ground state,
//! that is with (Z - I) in place of Z on either half, it only shrinks them, each at its own rate:
//!
//! ```text
//!     e.left = a - m      e.right = b - m      e.both = z - a - b + m
//!     e^(-r_left t)       e^(-r_right t)       e^(-(r_left + r_right) t)
//! ```
//!
//! so a sum over waiting times stays a sum of exponentials. x and y shrink as ever: nothing mixes into them, and they into
//! nothing that is asked for. Distillation by BBPSSW twirls, and by DEJMPS reads only m, x, y, z of such pairs and gives
//! pairs with a = b = 0 (`PairState::distill`, whose other coefficients vanish or count for nothing here).

use ebit_random::math;

use crate::series::Arithmetic;
use crate::waiting::{Law, both_there, decayed_sum};

/// Entries of a law in which memories relax: (m, x, y, z, a, b).
pub const ENTRIES: usize = 6;
/// Where m, z, a and b are among them.
pub const POPULATIONS: [usize; 4] = [0, 3, 4, 5];

/// m, z, a, b.
pub type Populations = [f64; 4];

/// (m, e.left, e.right, e.both) of (m, z, a, b).
#[inline]
pub fn excess([m, z, a, b]: Populations) -> [f64; 4] {
    [m, a - m, b - m, (z - a) - (b - m)]
}

/// The inverse of [`excess`].
#[inline]
pub fn populations([m, left, right, both]: [f64; 4]) -> Populations {
    [m, m + left + right + both, m + left, m + right]
}

/// The rates of (m, e.left, e.right, e.both) for halves stored at rates `left` and `right`.
pub fn rates([left, right]: [f64; 2]) -> [f64; 4] {
    [0.0, left, right, left + right]
}

/// A swap of visibility v.
#[inline]
pub fn swap([am, az, aa, ab]: Populations, [bm, bz, _, _]: Populations, v: f64) -> Populations {
    [am * bm, v * az * bz, v * aa * bm, v * ab * bz]
}

/// Relaxation by fixed factors of (m, e.left, e.right, e.both).
#[inline]
pub fn relaxed(p: Populations, kept: [f64; 4]) -> Populations {
    let e = excess(p);
    populations(std::array::from_fn(|k| e[k] * kept[k]))
}

/// m, z, a, b of a law, step by step.
fn of(law: &Law, t: usize) -> Populations {
    POPULATIONS.map(|k| law.entry(k).get(t).copied().unwrap_or(0.0))
}

/// The law of pairs whose halves have rested for some steps more.
pub fn rested(law: &Law, side_rates: [f64; 2], steps: u64) -> Law {
    let mut law = law.clone();
    let factors = rates(side_rates).map(|r| math::exp(-r * steps as f64));
    for t in 0..law.probability().len() {
        let after = relaxed(of(&law, t), factors);
        for (k, x) in POPULATIONS.into_iter().zip(after).skip(1) {
            law.entries[k][t] = x;
        }
    }
    law
}

/// The excesses of a law as series.
pub fn excesses(law: &Law) -> [Vec<f64>; 4] {
    let mut out: [Vec<f64>; 4] = std::array::from_fn(|_| Vec::with_capacity(law.probability().len()));
    for t in 0..law.probability().len() {
        out.iter_mut().zip(excess(of(law, t))).for_each(|(series, e)| series.push(e));
    }
    out
}

/// Sums over the last `window` steps of m, z, a, b, each relaxed since it was there: what a half that waits is worth.
pub fn waited(law: &Law, side_rates: [f64; 2], window: Option<u64>, len: usize) -> [Vec<f64>; 4] {
    let rates = rates(side_rates);
    let mut sums: [Vec<f64>; 4] = excesses(law);
    for (series, rate) in sums.iter_mut().zip(rates) {
        *series = decayed_sum(series, rate, window, len);
    }
    let mut out = sums;
    for t in 0..len {
        let p = populations(std::array::from_fn(|k| out[k][t]));
        out.iter_mut().zip(p).for_each(|(series, x)| series[t] = x);
    }
    out
}

/// z, a, b of a swap once both are there (v = 1): one waits, relaxing at the rates of its two halves.
pub fn both(left: &Law, right: &Law, side_rates: [[f64; 2]; 2], window: Option<u64>, len: usize) -> [Vec<f64>; 3] {
    let [_, lz, la, lb] = waited(left, side_rates[0], window, len);
    let [rm, rz, _, _] = waited(right, side_rates[1], window, len);
    [
        both_there(left.entry(3), right.entry(3), &lz, &rz),
        both_there(left.entry(4), right.entry(0), &la, &rm),
        both_there(left.entry(5), right.entry(3), &lb, &rz),
    ]
}

/// The same where the right one begins when the left one is there, which relaxes meanwhile.
pub fn in_a_row(
    left: &Law,
    right: &Law,
    side_rates: [f64; 2],
    window: usize,
    len: usize,
    arithmetic: &mut Arithmetic,
) -> [Vec<f64>; 3] {
    let rates = rates(side_rates);
    let excess = excesses(left);
    // Parts of z, of a and of b, and which entry of the right one goes with it.
    [(0b1111, 3), (0b0011, 0), (0b0101, 3)].map(|(parts, entry)| {
        let mut sum = vec![0.0; len];
        for part in (0..4).filter(|part| parts >> part & 1 == 1) {
            let right: Vec<f64> =
                right.entry(entry).iter().take(window).enumerate().map(|(u, p)| p * math::exp(-rates[part] * u as f64)).collect();
            let product = arithmetic.product(&excess[part], &right, len);
            sum.iter_mut().zip(product).for_each(|(s, x)| *s += x);
        }
        sum
    })
}

#[cfg(test)]
mod tests {
    use ebit_hardware::Decay;
    use ebit_quantum::{PairState, Side};

    use super::*;

    fn of(pair: &PairState) -> Populations {
        let r = pair.coefficients();
        [1.0, r[15], r[12], r[3]]
    }

    fn pair(k: f64) -> PairState {
        let mut r = [0.0; 16];
        (r[0], r[3], r[12], r[15], r[5], r[10]) = (1.0, 0.05 * k, -0.03 * k, 0.9 - 0.1 * k, 0.8, -0.7);
        PairState::from_coefficients(r)
    }

    #[test]
    fn four_numbers_do_what_sixteen_do() {
        let decay = Decay { t1_s: 0.8, t2_s: 0.6, ..Decay::NONE };
        let (mut a, mut b) = (pair(1.0), pair(2.0));
        let (mut p, mut q) = (of(&a), of(&b));
        for (full, four, ages) in [(&mut a, &mut p, [0.3, 0.1]), (&mut b, &mut q, [0.0, 0.4])] {
            for (side, age) in [Side::Left, Side::Right].into_iter().zip(ages) {
                decay.apply(full, side, age);
            }
            *four = relaxed(*four, rates(ages.map(|age| age / 0.8)).map(|r| math::exp(-r)));
        }
        let (full, four) = (PairState::swap_average(&a, &b).depolarize_pair(0.9), swap(p, q, 0.9));
        for (x, y) in of(&full).into_iter().zip(four) {
            assert!((x - y).abs() < 1e-15, "{x} {y}");
        }
        for (x, y) in populations(excess(four)).into_iter().zip(four) {
            assert!((x - y).abs() < 1e-15);
        }
    }

    /// What DEJMPS makes of <ZI> and <IZ> does not come back by itself.
    #[test]
    fn distillation_reads_the_bell_part_alone() {
        use ebit_quantum::Distillation::{Bbpssw, Dejmps};
        for protocol in [Dejmps, Bbpssw] {
            let (a, b) = (pair(1.0), pair(2.0));
            let (plain_a, plain_b) = (PairState::from(a.correlations()), PairState::from(b.correlations()));
            let (probability, kept) = a.distill(&b, protocol);
            let (wanted, plain) = plain_a.distill(&plain_b, protocol);
            assert!((probability - wanted).abs() < 1e-15);
            let r = kept.coefficients();
            for k in [0, 5, 10, 15, 3, 12] {
                assert!((r[k] - plain.coefficients()[k]).abs() < 1e-15, "{k}");
            }
            assert!(r[3].abs() + r[12].abs() < 1e-15);
            // Twice, without relaxation in between.
            let (probability, kept) = kept.distill(&kept, protocol);
            let (wanted, plain) = plain.distill(&plain, protocol);
            assert!((probability - wanted).abs() < 1e-15 && (kept.fidelity() - plain.fidelity()).abs() < 1e-15);
        }
    }
}
