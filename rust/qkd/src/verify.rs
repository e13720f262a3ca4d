//! Verification: both hash their keys with one function, drawn after the keys were fixed, and compare the tags.
//!
//! The hash is a polynomial over GF(2^128) evaluated at a random point ([`ebit_bits::polynomial_hash`]), cut to `tag_bits`.
//! Two different keys of n bits agree with probability at most (ceil(n / 128) + 1) 2^-tag_bits: their polynomials differ by
//! one of that degree, and each of the 2^(128 - tag_bits) differences that the cut hides has at most so many roots.

use ebit_bits::polynomial_hash;
use ebit_random::{Purpose as Draw, Stream, math};

use crate::ledger::{Ledger, Purpose};

/// The longest tag.
pub const MOST_TAG_BITS: u32 = 128;

/// What two parties learn from their tags.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verified {
    /// Whether the tags are equal.
    pub equal: bool,
    /// How likely equal tags of different keys are, at most.
    pub failure_probability: f64,
}

/// The probability that different messages of `bits` bits have equal tags, at most; 1 where the bound says nothing.
pub fn failure_probability(bits: u64, tag_bits: u32) -> f64 {
    let degree = bits.div_ceil(128) as f64 + 1.0;
    (degree * math::pow(2.0, -f64::from(tag_bits))).min(1.0)
}

/// The tag of a packed message: the lowest `tag_bits` of its hash.
pub fn tag(point: u128, message: &[u64], bits: u64, tag_bits: u32) -> u128 {
    let hash = polynomial_hash(point, message, bits);
    if tag_bits >= MOST_TAG_BITS { hash } else { hash & ((1 << tag_bits) - 1) }
}

/// Compares two packed keys of `bits` bits by a tag of 1 to 128 bits, which becomes public.
///
/// `root` seeds the point of the hash, which Alice draws and sends with her tag; Bob answers whether it is his.
pub fn verify(alice: &[u64], bob: &[u64], bits: u64, tag_bits: u32, root: u128, ledger: &mut Ledger) -> Verified {
    let mut stream = Stream::new(root, 0, 0, Draw::Hashing);
    let point = u128::from(stream.next_u64()) << 64 | u128::from(stream.next_u64());
    ledger.disclose(Purpose::Verification, u64::from(tag_bits));
    let equal = tag(point, alice, bits, tag_bits) == tag(point, bob, bits, tag_bits);
    Verified { equal, failure_probability: failure_probability(bits, tag_bits) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bit_is_seen_and_the_tag_is_paid_for() {
        let alice = [1, 2, 3];
        let mut ledger = Ledger::new();
        assert!(verify(&alice, &alice, 192, 64, 1, &mut ledger).equal);
        for k in 0..192 {
            let mut bob = alice;
            bob[k / 64] ^= 1 << (k % 64);
            assert!(!verify(&alice, &bob, 192, 64, 1, &mut ledger).equal);
        }
        assert_eq!((ledger.disclosed_bits(), ledger.rounds()), (193 * 64, 193));
    }

    /// Tags of 8 bits, keys of 256 bits: 20,000 points, a failure in each with probability 1/256 on average over points
    /// (78.1 expected, error 8.8, 4.9 of them), and never above the bound 3/256.
    #[test]
    fn short_tags_fail_as_often_as_chance_says() {
        let (alice, bob) = ([1, 2, 3, 4], [1, 2, 7, 4]);
        let failures = (0..20_000).filter(|root| verify(&alice, &bob, 256, 8, *root, &mut Ledger::new()).equal).count() as f64;
        assert!((failures - 78.1).abs() < 4.9 * 8.8, "{failures}");
        assert!(failures / 20_000.0 < failure_probability(256, 8));
        assert_eq!(failure_probability(256, 8), 3.0 / 256.0);
        assert_eq!(failure_probability(u64::MAX, 8), 1.0);
    }
}
