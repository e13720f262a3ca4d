//! From powers of x to the basis in which the additive transform starts, and back: sums only.
//!
//! With Cantor's basis of GF(2^64) the polynomial that vanishes on the first 2^k elements is s_k, where s_0 = x and
//! s_(k+1) = s_k^2 + s_k, and for k a power of two s_k = x^(2^k) + x has two terms. The new basis is made of the products
//! X_j of the s_k over the bits k of j (Lin, Chung, Han, doi:10.1109/FOCS.2014.41). To get there a polynomial is written in
//! powers of y = x^(2^k) + x (a Taylor expansion), for k a power of two, then converted in y, and each coefficient, a short
//! polynomial in x, in x (Chen, Cheng, Kuo, Li, Yang, arXiv:1708.09746).

/// Coefficients of powers of x become coefficients of X_0, X_1, ...; the length is a power of two, 16 or more.
pub(super) fn to_transform_basis(f: &mut [u64]) {
    convert::<true>(f, 1);
}

/// The inverse of [`to_transform_basis`].
pub(super) fn to_powers(f: &mut [u64]) {
    convert::<false>(f, 1);
}

/// Converts a polynomial whose coefficients are rows of `width` words, `width` itself a power of two.
fn convert<const FORWARD: bool>(f: &mut [u64], width: usize) {
    let units = f.len() / width;
    if width == 1 && units == 16 {
        if let Ok(sixteen) = f.try_into() {
            convert_sixteen::<FORWARD>(sixteen);
        }
        return;
    }
    if units <= 2 {
        return;
    }
    // The largest power of two k with 2^k < units.
    let t = [16, 8, 4, 2, 1].map(|k| 1usize << k).into_iter().find(|t| *t < units).unwrap_or(2);
    if FORWARD {
        expand::<true>(f, width, t);
    }
    if FORWARD {
        convert::<true>(f, width * t);
    }
    for short in f.chunks_exact_mut(width * t) {
        convert::<FORWARD>(short, width);
    }
    if !FORWARD {
        convert::<false>(f, width * t);
        expand::<false>(f, width, t);
    }
}

/// The Taylor expansion in x^t + x of a polynomial of `f.len() / width` terms, or its inverse.
///
/// With u half the number of powers of y: x^(t u) = (x^t + x)^u + x^u, so what stands at x^(t u) and above is added u places
/// further up than 0, and both halves go on.
fn expand<const FORWARD: bool>(f: &mut [u64], width: usize, t: usize) {
    let units = f.len() / width;
    if units <= t {
        return;
    }
    let half = f.len() / 2;
    let up = units / (2 * t) * width;
    if FORWARD {
        let (low, high) = f.split_at_mut(half);
        let (first, last) = high.split_at_mut(half - up);
        add(&mut first[..up], last);
        add(&mut low[up..], first);
    }
    for part in f.chunks_exact_mut(half) {
        expand::<FORWARD>(part, width, t);
    }
    if !FORWARD {
        let (low, high) = f.split_at_mut(half);
        let (first, last) = high.split_at_mut(half - up);
        add(&mut low[up..], first);
        add(&mut first[..up], last);
    }
}

/// Sixteen coefficients, every loop of constant length: in powers of x^4 + x, then of x^2 + x in that, then in x itself.
#[inline]
fn convert_sixteen<const FORWARD: bool>(f: &mut [u64; 16]) {
    if FORWARD {
        copy_up::<8>(f, 0, 2);
        copy_up::<4>(f, 0, 1);
        copy_up::<4>(f, 8, 1);
        copy_up::<8>(f, 0, 4);
        for four in [0, 4, 8, 12] {
            copy_up::<2>(f, four, 1);
        }
    } else {
        for four in [0, 4, 8, 12] {
            copy_back::<2>(f, four, 1);
        }
        copy_back::<8>(f, 0, 4);
        copy_back::<4>(f, 0, 1);
        copy_back::<4>(f, 8, 1);
        copy_back::<8>(f, 0, 2);
    }
}

/// The step of [`expand`] on 2 `HALF` words from `at` on.
#[inline(always)]
fn copy_up<const HALF: usize>(f: &mut [u64; 16], at: usize, up: usize) {
    for k in (HALF..2 * HALF).rev() {
        f[at + k - HALF + up] ^= f[at + k];
    }
}

#[inline(always)]
fn copy_back<const HALF: usize>(f: &mut [u64; 16], at: usize, up: usize) {
    for k in HALF..2 * HALF {
        f[at + k - HALF + up] ^= f[at + k];
    }
}

#[inline]
fn add(into: &mut [u64], from: &[u64]) {
    for (a, b) in into.iter_mut().zip(from) {
        *a ^= b;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Coefficients over GF(2), one a word: the product of the s_k over the bits k of j, by definition.
    fn basis_polynomial(j: usize) -> Vec<u64> {
        let mut s = vec![0, 1]; // s_0 = x
        let mut out = vec![1];
        for k in 0..usize::BITS - j.leading_zeros() {
            if j >> k & 1 == 1 {
                out = times(&out, &s);
            }
            let mut next = times(&s, &s);
            for (a, b) in next.iter_mut().zip(&s) {
                *a ^= b;
            }
            s = next;
        }
        out
    }

    fn times(a: &[u64], b: &[u64]) -> Vec<u64> {
        let mut out = vec![0; a.len() + b.len() - 1];
        for (i, x) in a.iter().enumerate() {
            for (j, y) in b.iter().enumerate() {
                out[i + j] ^= x & y;
            }
        }
        out
    }

    #[test]
    fn the_basis_is_made_of_products_of_vanishing_polynomials() {
        for levels in 4..=9 {
            let n = 1 << levels;
            for j in (0..n).step_by(if levels < 8 { 1 } else { 37 }) {
                let mut f = vec![0; n];
                f[j] = 1;
                to_powers(&mut f);
                let mut wanted = basis_polynomial(j);
                wanted.resize(n, 0);
                assert_eq!(f, wanted, "{levels} {j}");
            }
        }
    }

    proptest! {
        #[test]
        fn there_and_back(levels in 4u32..=13, seed in any::<u64>()) {
            let start: Vec<u64> = (0..1u64 << levels).map(|k| (k ^ seed).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(23)).collect();
            let mut f = start.clone();
            to_transform_basis(&mut f);
            prop_assert!(f != start);
            to_powers(&mut f);
            prop_assert_eq!(f, start);
        }
    }
}
