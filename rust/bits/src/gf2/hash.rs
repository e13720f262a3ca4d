//! A universal hash: a message as a polynomial over GF(2^128), evaluated at a secret point.
//!
//! GF(2^128) is GF(2)[x] modulo x^128 + x^7 + x^2 + x + 1; an element's bit k is the coefficient of x^k. (The numbers differ
//! from GHASH's, which orders bits the other way.)

use super::carryless::{Field, Kernel, instructions, run};

/// m_1 k^(d+1) + m_2 k^d + ... + m_d k^2 + bits k for the d blocks m of 128 bits of a message of `bits` bits.
///
/// The length is hashed too, so that messages that differ only by zeros at the end differ; no term is constant, so that two
/// messages' hashes differ by a given number for at most d + 1 of the 2^128 points k.
pub fn polynomial_hash(point: u128, message: &[u64], bits: u64) -> u128 {
    run(instructions(), Horner { point, message, bits })
}

struct Horner<'a> {
    point: u128,
    message: &'a [u64],
    bits: u64,
}

impl Kernel for Horner<'_> {
    type Output = u128;

    #[inline(always)]
    fn run<F: Field>(self, field: F) -> u128 {
        let mut sum = 0;
        for block in self.message.chunks(2) {
            let high = block.get(1).copied().unwrap_or(0);
            sum = times(field, sum ^ (u128::from(high) << 64 | u128::from(block[0])), self.point);
        }
        times(field, sum ^ u128::from(self.bits), self.point)
    }
}

#[inline(always)]
fn times<F: Field>(field: F, a: u128, b: u128) -> u128 {
    let product = |a: u64, b: u64| {
        let [low, high] = field.product(a, b);
        u128::from(high) << 64 | u128::from(low)
    };
    let (a0, a1, b0, b1) = (a as u64, (a >> 64) as u64, b as u64, (b >> 64) as u64);
    let middle = product(a0, b1) ^ product(a1, b0);
    let low = product(a0, b0) ^ (middle << 64);
    let high = product(a1, b1) ^ (middle >> 64);
    let folded = |x: u128| x ^ (x << 1) ^ (x << 2) ^ (x << 7);
    low ^ folded(high) ^ folded((high >> 127) ^ (high >> 126) ^ (high >> 121))
}

#[cfg(test)]
mod tests {
    use super::super::carryless::Instructions;
    use super::*;
    use proptest::prelude::*;

    /// Shift and add.
    fn schoolbook(a: u128, b: u128) -> u128 {
        let mut sum = 0;
        for k in (0..128).rev() {
            sum = (sum << 1) ^ if sum >> 127 == 1 { 0x87 } else { 0 };
            sum ^= if b >> k & 1 == 1 { a } else { 0 };
        }
        sum
    }

    proptest! {
        #[test]
        fn it_is_the_polynomial(point in any::<u128>(), message in proptest::collection::vec(any::<u64>(), 0..9), spare in 0u64..64) {
            let bits = (64 * message.len() as u64).saturating_sub(spare);
            let mut power = point;
            let mut wanted = schoolbook(u128::from(bits), power);
            for block in message.chunks(2).collect::<Vec<_>>().into_iter().rev() {
                power = schoolbook(power, point);
                wanted ^= schoolbook(u128::from(block[0]) | u128::from(block.get(1).copied().unwrap_or(0)) << 64, power);
            }
            for way in Instructions::ALL {
                prop_assert_eq!(run(way, Horner { point, message: &message, bits }), wanted);
            }
            prop_assert_eq!(polynomial_hash(point, &message, bits), wanted);
        }
    }

    #[test]
    fn the_field_has_two_to_the_128_elements() {
        // x has an order that divides 2^128 - 1: squaring it 128 times gives it back, and no factor less does.
        let square = |mut x: u128, n: usize| {
            for _ in 0..n {
                x = schoolbook(x, x);
            }
            x
        };
        assert_eq!(square(2, 128), 2);
        assert_ne!(square(2, 64), 2);
        assert_ne!(polynomial_hash(3, &[1, 0], 65), polynomial_hash(3, &[1], 64));
    }
}
