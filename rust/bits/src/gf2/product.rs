//! The part of a product of polynomials over GF(2) that a Toeplitz matrix computes, at any length.
//!
//! out_i = sum over j of seed_(i - j + n - 1) bits_j for n bits is coefficient n - 1 + i of seed times bits: the middle of the
//! product, the part to which every bit contributes. Short ones are done word by word. Long ones are taken as polynomials in
//! x^32 with 32 bits a coefficient: a product of two coefficients has 63 bits, so that arithmetic in GF(2^64) never has to
//! reduce what is wanted, and neighbours are added where they overlap. Bits are cut into pieces where that keeps the
//! transform shorter; the pieces' products are added as values, so that there is one way back.

use super::basis::{to_powers, to_transform_basis};
use super::carryless::{Field, Instructions, Kernel, instructions, run};
use super::transform::{Forward, Inverse, MultiplyAdd};

/// Bits of a coefficient of a long product.
const DIGIT: usize = 32;
/// Time of a product of two words, and of one word on one level of a transform, in tenths of a nanosecond (measured).
const WORD_PRODUCT: usize = 12;
const WORD_LEVEL: usize = 5;
/// Levels that the change of basis and packing are worth.
const OTHER_LEVELS: usize = 6;

/// The bits `n - 1 ..= n + length - 2` of the product of the first `n` bits of `bits` with `seed`.
///
/// Bits are numbered from the least significant of the first word; places beyond the words count as 0. The last word of the
/// result is filled up with zeros.
pub fn middle_product(bits: &[u64], n: usize, seed: &[u64], length: usize) -> Vec<u64> {
    with(instructions(), bits, n, seed, length, None)
}

/// How a long product is cut: pieces of so many bits, transforms of so many words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Plan {
    piece: usize,
    size: usize,
}

fn with(way: Instructions, bits: &[u64], n: usize, seed: &[u64], length: usize, plan: Option<Plan>) -> Vec<u64> {
    let mut out = vec![0; length.div_ceil(64)];
    if n == 0 || length == 0 {
        return out;
    }
    let mut own = vec![0; n.div_ceil(64)];
    copy_bits(bits, n, &mut own);
    let (cost, best) = cheapest(n, length);
    let plan = plan.or((cost < own.len().saturating_mul(out.len() + 1).saturating_mul(WORD_PRODUCT)).then_some(best));
    match plan {
        None => run(way, Direct { bits: &own, first: n - 1, seed, out: &mut out }),
        Some(plan) => transformed(way, &own, n, seed, length, plan, &mut out),
    }
    if !length.is_multiple_of(64)
        && let Some(last) = out.last_mut()
    {
        *last &= (1 << (length % 64)) - 1;
    }
    out
}

/// The first `n` bits, zeros after them.
fn copy_bits(from: &[u64], n: usize, into: &mut [u64]) {
    for (a, b) in into.iter_mut().zip(from) {
        *a = *b;
    }
    if !n.is_multiple_of(64)
        && let Some(last) = into.get_mut(n / 64)
    {
        *last &= (1 << (n % 64)) - 1;
    }
}

/// The cheapest plan, and its cost in tenths of a nanosecond.
fn cheapest(n: usize, length: usize) -> (usize, Plan) {
    let mut best = (usize::MAX, Plan { piece: n.next_multiple_of(64), size: 0 });
    for pieces in 1..=16 {
        let piece = n.div_ceil(pieces).next_multiple_of(64);
        let size = smallest(piece, length);
        let levels = size.trailing_zeros() as usize + OTHER_LEVELS;
        let transforms = 2 * n.div_ceil(piece) + 1;
        let cost = transforms.saturating_mul(size).saturating_mul(levels).saturating_mul(WORD_LEVEL);
        if cost < best.0 {
            best = (cost, Plan { piece, size });
        }
    }
    best
}

/// The smallest transform for pieces of so many bits: all coefficients of a piece's product fit, or those that do not are
/// added below the wanted ones.
fn smallest(piece: usize, length: usize) -> usize {
    let window = (piece + length - 1).div_ceil(DIGIT);
    let coefficients = piece / DIGIT + window - 1;
    // The transform works modulo s_k, for k a power of two x^(2^k) + x: what does not fit comes back at x and above.
    let folds = [1 << 8, 1 << 16].into_iter().find(|size| {
        let wanted_from = ((piece - 1) / DIGIT).saturating_sub(1);
        window <= *size && coefficients.saturating_sub(*size) < wanted_from
    });
    let whole = coefficients.next_power_of_two().max(16);
    folds.map_or(whole, |size: usize| size.min(whole))
}

/// Word by word.
struct Direct<'a> {
    bits: &'a [u64],
    /// The first bit of the product that is wanted.
    first: usize,
    seed: &'a [u64],
    out: &'a mut [u64],
}

impl Kernel for Direct<'_> {
    type Output = ();

    #[inline(always)]
    fn run<F: Field>(self, field: F) {
        let word = self.first / 64;
        // Words `word - 1` to `word + out.len()` of the product; the first is only half right and not used.
        let mut sums = vec![0; self.out.len() + 3];
        for (j, b) in self.bits.iter().enumerate() {
            // The seed's words that meet this one there begin at word - 1 - j.
            let (skip, from) = if word > j { (0, word - 1 - j) } else { (j + 1 - word, 0) };
            let wanted = (self.out.len() + 2).saturating_sub(skip);
            let (mut carry, mut last) = (0, skip);
            for (k, s) in self.seed.iter().skip(from).take(wanted).enumerate() {
                let [low, high] = field.product(*b, *s);
                sums[skip + k] ^= low ^ carry;
                carry = high;
                last = skip + k + 1;
            }
            sums[last] ^= carry;
        }
        let shift = self.first % 64;
        for (k, out) in self.out.iter_mut().enumerate() {
            *out = joined(sums[k + 1], sums[k + 2], shift);
        }
    }
}

/// 64 bits from bit `shift` of a word on.
#[inline(always)]
fn joined(word: u64, next: u64, shift: usize) -> u64 {
    ((u128::from(next) << 64 | u128::from(word)) >> shift) as u64
}

fn transformed(way: Instructions, bits: &[u64], n: usize, seed: &[u64], length: usize, plan: Plan, out: &mut [u64]) {
    let Plan { piece, size } = plan;
    let mut sum = vec![0; size];
    let mut a = vec![0; size];
    let mut b = vec![0; size];
    for k in 0..n.div_ceil(piece) {
        digits(bits, (k * piece) as i128, piece, &mut a);
        digits(seed, n as i128 - ((k + 1) * piece) as i128, piece + length - 1, &mut b);
        for part in [&mut a, &mut b] {
            to_transform_basis(part);
            run(way, Forward(part));
        }
        run(way, MultiplyAdd { into: &mut sum, a: &a, b: &b });
    }
    run(way, Inverse(&mut sum));
    to_powers(&mut sum);
    let (word, shift) = ((piece - 1) / 64, (piece - 1) % 64);
    let at = |k: usize| sum.get(k).copied().unwrap_or(0);
    let product = |q: usize| at(2 * q) ^ (at(2 * q + 1) << 32) ^ (q.checked_sub(1).map_or(0, |q| at(2 * q + 1)) >> 32);
    let mut next = product(word);
    for (k, out) in out.iter_mut().enumerate() {
        let this = next;
        next = product(word + k + 1);
        *out = joined(this, next, shift);
    }
}

/// `count` bits from place `start` on, 32 a word; places outside are 0.
fn digits(words: &[u64], start: i128, count: usize, into: &mut [u64]) {
    into.fill(0);
    let word = |k: i128| usize::try_from(k).ok().and_then(|k| words.get(k)).copied().unwrap_or(0);
    let shift = start.rem_euclid(64) as usize;
    let mut k = start.div_euclid(64);
    let mut this = word(k);
    for pair in into[..count.div_ceil(DIGIT)].chunks_mut(2) {
        k += 1;
        let next = word(k);
        let joined = joined(this, next, shift);
        this = next;
        pair[0] = joined & 0xFFFF_FFFF;
        if let Some(second) = pair.get_mut(1) {
            *second = joined >> 32;
        }
    }
    // A digit that the end cuts.
    if !count.is_multiple_of(DIGIT) {
        into[count / DIGIT] &= (1 << (count % DIGIT)) - 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bit(words: &[u64], k: usize) -> bool {
        words.get(k / 64).is_some_and(|w| w >> (k % 64) & 1 == 1)
    }

    /// The definition, bit by bit.
    fn schoolbook(bits: &[u64], n: usize, seed: &[u64], length: usize) -> Vec<u64> {
        let mut out = vec![0; length.div_ceil(64)];
        for i in 0..length {
            let sum = (0..n).filter(|j| bit(bits, *j) && bit(seed, i + n - 1 - j)).count();
            out[i / 64] |= (sum as u64 & 1) << (i % 64);
        }
        out
    }

    fn noise(len: usize, seed: u64) -> Vec<u64> {
        (1..=len as u64)
            .map(|k| {
                (k ^ seed.rotate_left(17)).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29).wrapping_mul(0xBF58_476D_1CE4_E5B9)
            })
            .collect()
    }

    proptest! {
        #[test]
        fn every_way_and_every_cut_gives_the_definition(n in 1usize..1500, length in 1usize..1500, pieces in 1usize..5, salt in any::<u64>()) {
            let bits = noise(n.div_ceil(64), salt);
            let seed = noise((n + length - 1).div_ceil(64), !salt);
            let wanted = schoolbook(&bits, n, &seed, length);
            let piece = n.div_ceil(pieces).next_multiple_of(64);
            for way in Instructions::ALL {
                prop_assert_eq!(&with(way, &bits, n, &seed, length, None), &wanted);
                for size in [smallest(piece, length), 4096] {
                    prop_assert_eq!(&with(way, &bits, n, &seed, length, Some(Plan { piece, size })), &wanted);
                }
            }
        }
    }

    #[test]
    fn a_large_product_folds_and_agrees_with_the_word_by_word_one() {
        // 2^16 words hold this only because what does not fit comes back below the wanted coefficients.
        let (n, length) = (1_000_003, 500_001);
        let plan = cheapest(n, length).1;
        assert_eq!(plan, Plan { piece: n.next_multiple_of(64), size: 1 << 16 });
        let bits = noise(n.div_ceil(64), 1);
        let seed = noise((n + length - 1).div_ceil(64), 2);
        let ours = with(Instructions::best(), &bits, n, &seed, length, Some(plan));
        let mut direct = vec![0; length.div_ceil(64)];
        let mut own = vec![0; n.div_ceil(64)];
        copy_bits(&bits, n, &mut own);
        run(Instructions::best(), Direct { bits: &own, first: n - 1, seed: &seed, out: &mut direct });
        *direct.last_mut().unwrap() &= (1 << (length % 64)) - 1;
        assert_eq!(ours, direct);
    }

    #[test]
    fn nothing_gives_nothing() {
        assert_eq!(middle_product(&[], 0, &[], 0), []);
        assert_eq!(middle_product(&[], 0, &[1], 65), [0, 0]);
        assert_eq!(middle_product(&[1], 1, &[], 0), []);
        assert_eq!(middle_product(&[3], 1, &[u64::MAX], 3), [7]);
    }
}
