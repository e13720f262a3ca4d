//! The additive Fourier transform over GF(2^64): the values of a polynomial at the first 2^k elements in Cantor's order.
//!
//! Element number i is the sum of b_k over the bits k of i, with b_0 = 1 and b_(k+1)^2 + b_(k+1) = b_k (Cantor,
//! doi:10.1016/0097-3165(89)90020-4), so that s_k, which vanishes on the first 2^k of them, shifts a number down by k. In the
//! basis of [`super::basis`] f = f_0 + s_k f_1, and on block c of 2^(k+1) elements s_k is element 2c, then that plus 1:
//!
//! ```text
//!     f_0 --(+)----------------- value at the lower half        one product per butterfly, none in block 0
//!            | e(2c)      |
//!     f_1 ---*-----------(+)---- value at the upper half
//! ```
//!
//! (Lin, Chung, Han, doi:10.1109/FOCS.2014.41). Values come out with each 16 of them as a turned 4 x 4 square: products
//! value by value do not mind, and the inverse expects them so.

use super::carryless::{Field, Kernel};

/// b_0, b_1, ...: all in the subfield GF(2^32).
const BASIS: [u64; 32] = [
    0x0000_0000_0000_0001,
    0x19C9_369F_278A_DC02,
    0xA181_E7D6_6F5F_F794,
    0x5DB8_4357_CE78_5D08,
    0xB973_D466_F5C9_D0CA,
    0x521A_C889_831A_075E,
    0x033C_E8BE_DDC8_A656,
    0xB584_6C4E_07B9_1010,
    0x4087_B8CB_B37A_32EC,
    0x00D0_D388_8C0A_E17C,
    0xAFD5_AC70_237F_2222,
    0xE3F5_AF99_CC3A_AAF8,
    0x5A1D_B3B1_6A0B_58B8,
    0x0994_7C54_FE7E_E248,
    0x0E8E_AF0E_0068_F544,
    0xA2A1_1350_0B4B_4F5A,
    0xE96F_9805_D6CE_0BB0,
    0x5349_6F8B_5C9E_DD4C,
    0xAD32_5CB6_F4AC_2A9E,
    0x4A8D_CF8B_D7ED_E826,
    0xA3E9_C552_B643_4210,
    0x5FA9_2AD9_C9BC_7ED0,
    0xA389_F910_CD77_34DE,
    0xE916_F3DF_CA46_09D8,
    0xF895_7871_4BD2_8F96,
    0x564D_DA59_237A_3352,
    0xAD33_BC6C_C75A_ED38,
    0x57A3_104F_CD0E_5F34,
    0xB0F5_02E4_CD60_039A,
    0xEB42_E79F_91F4_9F8C,
    0x54E5_BF37_74B3_F850,
    0xB668_64E6_EC14_B4D2,
];

/// Words of a piece that stays in the second-level cache for all its levels.
const PIECE: usize = 1 << 14;
/// Words that the last four levels take at once.
const SQUARE: usize = 16;

/// Element number `index`.
#[inline(always)]
fn element(index: usize) -> u64 {
    let mut sum = 0;
    for (k, b) in BASIS.iter().enumerate() {
        sum ^= b & ((index >> k & 1) as u64).wrapping_neg();
    }
    sum
}

/// What element number 2^`shift` (c + 1) has beyond number 2^`shift` c.
#[inline(always)]
fn step(c: usize, shift: usize) -> u64 {
    (0..=(c + 1).trailing_zeros() as usize).fold(0, |sum, k| sum ^ BASIS.get(k + shift).copied().unwrap_or(0))
}

/// Coefficients become values, in place; the length is a power of two, 16 or more.
pub(super) struct Forward<'a>(pub &'a mut [u64]);

/// Values become coefficients, in place.
pub(super) struct Inverse<'a>(pub &'a mut [u64]);

/// Adds the products of values.
pub(super) struct MultiplyAdd<'a> {
    pub into: &'a mut [u64],
    pub a: &'a [u64],
    pub b: &'a [u64],
}

impl Kernel for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<F: Field>(self, field: F) {
        let data = self.0;
        let mut block = data.len();
        while block > PIECE {
            level::<F, true>(field, data, block, 0);
            block /= 2;
        }
        for (piece, at) in data.chunks_exact_mut(block).zip(0..) {
            let mut inner = block;
            while inner > SQUARE {
                level::<F, true>(field, piece, inner, at * (block / inner));
                inner /= 2;
            }
            squares::<F, true>(field, piece, at * (block / SQUARE));
        }
    }
}

impl Kernel for Inverse<'_> {
    type Output = ();

    #[inline(always)]
    fn run<F: Field>(self, field: F) {
        let data = self.0;
        let piece_size = data.len().min(PIECE);
        for (piece, at) in data.chunks_exact_mut(piece_size).zip(0..) {
            squares::<F, false>(field, piece, at * (piece_size / SQUARE));
            let mut inner = 2 * SQUARE;
            while inner <= piece_size {
                level::<F, false>(field, piece, inner, at * (piece_size / inner));
                inner *= 2;
            }
        }
        let mut block = 2 * piece_size;
        while block <= data.len() {
            level::<F, false>(field, data, block, 0);
            block *= 2;
        }
    }
}

impl Kernel for MultiplyAdd<'_> {
    type Output = ();

    #[inline(always)]
    fn run<F: Field>(self, field: F) {
        let factors = self.a.as_chunks::<4>().0.iter().zip(self.b.as_chunks::<4>().0);
        for (into, (a, b)) in self.into.as_chunks_mut::<4>().0.iter_mut().zip(factors) {
            let product = field.times(field.load(a), field.load(b));
            field.store(field.add(field.load(into), product), into);
        }
    }
}

/// One level: blocks of `block` words, the first of which has number `first` among all blocks of that size.
#[inline(always)]
fn level<F: Field, const FORWARD: bool>(field: F, data: &mut [u64], block: usize, first: usize) {
    let mut twiddle = element(2 * first);
    for (number, whole) in (first..).zip(data.chunks_exact_mut(block)) {
        let (low, high) = whole.split_at_mut(block / 2);
        let pairs = low.as_chunks_mut::<4>().0.iter_mut().zip(high.as_chunks_mut::<4>().0);
        if twiddle == 0 {
            for (a, b) in pairs {
                let sum = field.add(field.load(a), field.load(b));
                field.store(sum, b);
            }
        } else {
            let w = field.splat(twiddle);
            for (a, b) in pairs {
                let (x, y) = butterfly::<F, FORWARD>(field, w, field.load(a), field.load(b));
                field.store(x, a);
                field.store(y, b);
            }
        }
        twiddle ^= step(number, 1);
    }
}

#[inline(always)]
fn butterfly<F: Field, const FORWARD: bool>(field: F, w: F::Four, a: F::Four, b: F::Four) -> (F::Four, F::Four) {
    if FORWARD {
        let a = field.add(a, field.times(w, b));
        (a, field.add(a, b))
    } else {
        let b = field.add(a, b);
        (field.add(a, field.times(w, b)), b)
    }
}

/// The last four levels, or the first four of the inverse: blocks of 16, 8, 4 and 2 words, in registers.
///
/// The square is turned before the last two, so that these too work on whole vectors, each with four twiddles.
#[inline(always)]
fn squares<F: Field, const FORWARD: bool>(field: F, data: &mut [u64], first: usize) {
    let four = |k: usize| field.load(&[0, element(k), element(2 * k), element(3 * k)]);
    let (by_two, by_four, two) = (four(2), four(4), field.splat(element(2)));
    // Elements number 2, 4, 8 and 16 times that of the square.
    let mut twiddles = [1, 2, 3, 4].map(|shift| element(first << shift));
    for (number, square) in (first..).zip(data.as_chunks_mut::<SQUARE>().0) {
        let [w16, w8, w4, w2] = twiddles.map(|w| field.splat(w));
        let lower8 = field.add(w8, two);
        let (w4, w2) = (field.add(w4, by_two), field.add(w2, by_four));
        let upper2 = field.add(w2, two);
        let (rows, _) = square.as_chunks_mut::<4>();
        let [mut a, mut b, mut c, mut d] = [0, 1, 2, 3].map(|k| field.load(&rows[k]));
        if FORWARD {
            (a, c) = butterfly::<F, true>(field, w16, a, c);
            (b, d) = butterfly::<F, true>(field, w16, b, d);
            (a, b) = butterfly::<F, true>(field, w8, a, b);
            (c, d) = butterfly::<F, true>(field, lower8, c, d);
            [a, b, c, d] = field.transposed([a, b, c, d]);
            (a, c) = butterfly::<F, true>(field, w4, a, c);
            (b, d) = butterfly::<F, true>(field, w4, b, d);
            (a, b) = butterfly::<F, true>(field, w2, a, b);
            (c, d) = butterfly::<F, true>(field, upper2, c, d);
        } else {
            (a, b) = butterfly::<F, false>(field, w2, a, b);
            (c, d) = butterfly::<F, false>(field, upper2, c, d);
            (a, c) = butterfly::<F, false>(field, w4, a, c);
            (b, d) = butterfly::<F, false>(field, w4, b, d);
            [a, b, c, d] = field.transposed([a, b, c, d]);
            (a, b) = butterfly::<F, false>(field, w8, a, b);
            (c, d) = butterfly::<F, false>(field, lower8, c, d);
            (a, c) = butterfly::<F, false>(field, w16, a, c);
            (b, d) = butterfly::<F, false>(field, w16, b, d);
        }
        for (row, v) in rows.iter_mut().zip([a, b, c, d]) {
            field.store(v, row);
        }
        for (k, w) in twiddles.iter_mut().enumerate() {
            *w ^= step(number, k + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::basis::to_transform_basis;
    use super::super::carryless::{Instructions, run};
    use super::*;

    struct Times(u64, u64);

    impl Kernel for Times {
        type Output = u64;
        fn run<F: Field>(self, field: F) -> u64 {
            let mut out = [0; 4];
            field.store(field.times(field.splat(self.0), field.splat(self.1)), &mut out);
            out[0]
        }
    }

    fn times(a: u64, b: u64) -> u64 {
        run(Instructions::Portable, Times(a, b))
    }

    #[test]
    fn the_basis_is_cantors() {
        assert_eq!(BASIS[0], 1);
        for pair in BASIS.windows(2) {
            assert_eq!(times(pair[1], pair[1]) ^ pair[1], pair[0]);
        }
    }

    /// Horner's rule at every element, whatever the order of the values.
    #[test]
    fn values_are_those_of_the_polynomial() {
        for levels in 4..=9 {
            let n = 1usize << levels;
            let f: Vec<u64> = (1..=n as u64).map(|k| k.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(31)).collect();
            let value = |x: u64| f.iter().rev().fold(0, |sum, c| times(sum, x) ^ c);
            for way in Instructions::ALL {
                let mut values = f.clone();
                to_transform_basis(&mut values);
                run(way, Forward(&mut values));
                for (k, ours) in values.iter().enumerate() {
                    let (square, row, column) = (k / 16, k / 4 % 4, k % 4);
                    assert_eq!(*ours, value(element(16 * square + 4 * column + row)), "{levels} {k}");
                }
            }
        }
    }

    #[test]
    fn the_inverse_undoes_it_beyond_a_piece() {
        for levels in [4, 10, 14, 16] {
            let start: Vec<u64> = (1..=1u64 << levels).map(|k| k.wrapping_mul(0xD129_0C3A_5F28_9D11).rotate_left(11)).collect();
            let mut same = Vec::new();
            for way in Instructions::ALL {
                let mut data = start.clone();
                run(way, Forward(&mut data));
                same.push(data.clone());
                run(way, Inverse(&mut data));
                assert!(data == start, "{levels} {way:?}");
            }
            assert!(same.iter().all(|values| *values == same[0]));
        }
    }
}
