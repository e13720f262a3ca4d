//! Message authentication that no computer breaks: a universal hash under a one-time pad, paid for in secret key.
//!
//! ```text
//!     key: | point of the hash, 128 bits | pad 1 | pad 2 | ...
//!     tag k = (hash of message k at the point, cut to the tag's length) + pad k
//! ```
//!
//! Wegman and Carter, doi:10.1016/0022-0000(81)90033-7. The point serves for all messages, because every tag is hidden by a pad
//! of its own; a forger who sees any number of messages with their tags succeeds with probability at most
//! (ceil(bits / 128) + 1) 2^-tag_bits each time. Both sides take pads in the same order; a pad is spent whether its message
//! was accepted or not.

use crate::ledger::{Ledger, Purpose};
use crate::verify::{MOST_TAG_BITS, tag};

/// Bits of key for the point of the hash.
pub const POINT_BITS: u64 = 128;

/// One side of an authenticated channel.
#[derive(Debug, Clone)]
pub struct Authenticator {
    /// Packed secret key.
    key: Vec<u64>,
    bits: u64,
    used: u64,
    tag_bits: u32,
}

/// The key does not suffice for another tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{needed} bits of key are needed, {left} are left")]
pub struct KeyExhausted {
    pub needed: u64,
    pub left: u64,
}

impl Authenticator {
    /// Takes the point of the hash from a packed key of `bits` bits; tags have 1 to 128 bits.
    pub fn new(key: Vec<u64>, bits: u64, tag_bits: u32, ledger: &mut Ledger) -> Result<Self, KeyExhausted> {
        if bits < POINT_BITS {
            return Err(KeyExhausted { needed: POINT_BITS, left: bits });
        }
        ledger.spend(Purpose::Authentication, POINT_BITS);
        Ok(Self { key, bits, used: POINT_BITS, tag_bits: tag_bits.clamp(1, MOST_TAG_BITS) })
    }

    pub fn tag_bits(&self) -> u32 {
        self.tag_bits
    }

    /// Bits of key spent so far.
    pub fn key_bits_used(&self) -> u64 {
        self.used
    }

    /// Bits of key left.
    pub fn key_bits_left(&self) -> u64 {
        self.bits - self.used
    }

    /// The tag of the next message; spends a pad.
    pub fn tag(&mut self, message: &[u8], ledger: &mut Ledger) -> Result<u128, KeyExhausted> {
        let needed = u64::from(self.tag_bits);
        if self.key_bits_left() < needed {
            return Err(KeyExhausted { needed, left: self.key_bits_left() });
        }
        let pad = self.read(self.used, self.tag_bits);
        self.used += needed;
        ledger.spend(Purpose::Authentication, needed);
        let mut words = vec![0; message.len().div_ceil(8)];
        for (word, bytes) in words.iter_mut().zip(message.chunks(8)) {
            let mut padded = [0; 8];
            padded[..bytes.len()].copy_from_slice(bytes);
            *word = u64::from_le_bytes(padded);
        }
        let point = self.read(0, MOST_TAG_BITS);
        Ok(tag(point, &words, 8 * message.len() as u64, self.tag_bits) ^ pad)
    }

    /// Whether the next message came with its tag; spends a pad either way.
    pub fn accepts(&mut self, message: &[u8], received: u128, ledger: &mut Ledger) -> Result<bool, KeyExhausted> {
        Ok(self.tag(message, ledger)? == received)
    }

    /// `count` bits of key from place `from` on.
    fn read(&self, from: u64, count: u32) -> u128 {
        (0..u64::from(count)).fold(0, |sum, k| {
            let place = from + k;
            let bit = self.key.get((place / 64) as usize).map_or(0, |word| word >> (place % 64) & 1);
            sum | u128::from(bit) << k
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ebit_random::{Lanes, Purpose as Draw};

    fn pair(bits: u64, tag_bits: u32, seed: u128) -> (Authenticator, Authenticator) {
        let mut lanes = Lanes::new(seed, 0, 0, Draw::Benchmark);
        let key: Vec<u64> = (0..bits.div_ceil(64)).map(|_| lanes.word()).collect();
        let side = || Authenticator::new(key.clone(), bits, tag_bits, &mut Ledger::new()).unwrap();
        (side(), side())
    }

    #[test]
    fn tags_are_accepted_in_order_and_paid_for() {
        let (mut alice, mut bob) = pair(128 + 5 * 40, 40, 1);
        let mut ledger = Ledger::new();
        for message in [&b"parities"[..], b"", b"a longer message than sixteen bytes"] {
            let tag = alice.tag(message, &mut ledger).unwrap();
            assert!(tag >> 40 == 0);
            assert!(bob.accepts(message, tag, &mut ledger).unwrap());
        }
        assert_eq!((alice.key_bits_used(), bob.key_bits_left()), (128 + 120, 80));
        assert_eq!(ledger.key_bits(), 240);
        // A changed message, then one replayed: the pads are spent, and both fail.
        let tag = alice.tag(b"yes", &mut ledger).unwrap();
        assert!(!bob.accepts(b"yet", tag, &mut ledger).unwrap());
        assert!(!bob.accepts(b"yes", tag, &mut ledger).unwrap());
        assert_eq!(bob.tag(b"more", &mut ledger), Err(KeyExhausted { needed: 40, left: 0 }));
        assert!(Authenticator::new(vec![0; 1], 64, 32, &mut ledger).is_err());
    }

    /// A forger changes one block of a message of two and adds a guess to an 8-bit tag: 1/256 each, 20,000 keys, 78.1 expected,
    /// error 8.8, 4.9 of them.
    #[test]
    fn forgeries_succeed_as_often_as_chance_says() {
        let forged = (0..20_000)
            .filter(|seed| {
                let (mut alice, mut bob) = pair(136, 8, *seed);
                let tag = alice.tag(b"pay 1 euro to Eve.......", &mut Ledger::new()).unwrap();
                bob.accepts(b"pay 9 euro to Eve.......", tag ^ (seed & 0xFF), &mut Ledger::new()).unwrap()
            })
            .count() as f64;
        assert!((forged - 78.1).abs() < 4.9 * 8.8, "{forged}");
    }
}
