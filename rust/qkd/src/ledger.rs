//! The account of a key: every bit that became public, every bit of secret key that was spent, and every message.
//!
//! ```text
//!     what      | public bits | key spent | rounds
//!     ----------+-------------+-----------+-------     a round: a message one way and its answer
//!     parities  |      22,614 |         0 |      71
//!     tag       |          64 |         0 |       1
//!     signature |           0 |        64 |       1
//! ```
//!
//! Whoever sends a bit about the key writes it here first; what is left of a key is reckoned from here and from nowhere else.
//! Refuses to know how many bits an eavesdropper had before (crate's rates) and how long light takes for a metre of fibre.

/// What a line of the ledger is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Purpose {
    /// Bits of the key itself, shown to estimate its errors.
    Sample,
    /// Parities of blocks and of their halves.
    Parities,
    /// The syndrome of a code.
    Syndrome,
    /// Bits of the key itself, shown to help a decoder.
    Revealed,
    /// The hash that both compare.
    Verification,
    /// One-time pads of message authentication.
    Authentication,
}

impl Purpose {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sample => "sample",
            Self::Parities => "parities",
            Self::Syndrome => "syndrome",
            Self::Revealed => "revealed",
            Self::Verification => "verification",
            Self::Authentication => "authentication",
        }
    }
}

/// A line of the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    pub purpose: Purpose,
    /// Bits of information on the key that became public.
    pub disclosed_bits: u64,
    /// Bits of older secret key that were used up.
    pub key_bits: u64,
    /// Messages that had to be answered before the next.
    pub rounds: u64,
}

/// The lines, in the order of their first use; one line for each purpose.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    entries: Vec<Entry>,
}

impl Ledger {
    pub fn new() -> Self {
        Self::default()
    }

    fn line(&mut self, purpose: Purpose) -> &mut Entry {
        let k = self.entries.iter().position(|e| e.purpose == purpose).unwrap_or_else(|| {
            self.entries.push(Entry { purpose, disclosed_bits: 0, key_bits: 0, rounds: 0 });
            self.entries.len() - 1
        });
        &mut self.entries[k]
    }

    /// One round in which so many bits about the key became public.
    pub fn disclose(&mut self, purpose: Purpose, bits: u64) {
        let line = self.line(purpose);
        line.disclosed_bits += bits;
        line.rounds += 1;
    }

    /// So many bits of older key were spent; messages are counted where they are sent.
    pub fn spend(&mut self, purpose: Purpose, bits: u64) {
        self.line(purpose).key_bits += bits;
    }

    /// Another key's account that ran beside this one, its messages in the same envelopes: bits add, rounds do not.
    pub fn beside(&mut self, other: &Self) {
        for e in &other.entries {
            let line = self.line(e.purpose);
            line.disclosed_bits += e.disclosed_bits;
            line.key_bits += e.key_bits;
            line.rounds = line.rounds.max(e.rounds);
        }
    }

    /// An account that came after this one.
    pub fn then(&mut self, other: &Self) {
        for e in &other.entries {
            let line = self.line(e.purpose);
            line.disclosed_bits += e.disclosed_bits;
            line.key_bits += e.key_bits;
            line.rounds += e.rounds;
        }
    }

    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Bits that became public, all purposes together.
    pub fn disclosed_bits(&self) -> u64 {
        self.entries.iter().map(|e| e.disclosed_bits).sum()
    }

    /// Bits of older key that were spent.
    pub fn key_bits(&self) -> u64 {
        self.entries.iter().map(|e| e.key_bits).sum()
    }

    /// Rounds, all purposes together: each costs one time of light there and back.
    pub fn rounds(&self) -> u64 {
        self.entries.iter().map(|e| e.rounds).sum()
    }

    /// What a key of so many secret bits is worth after this account: less than 0 where it cost more than it brought.
    pub fn remaining(&self, secret_bits: f64) -> f64 {
        secret_bits - self.disclosed_bits() as f64 - self.key_bits() as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_add_and_rounds_run_beside_or_after() {
        let mut a = Ledger::new();
        a.disclose(Purpose::Parities, 5);
        a.disclose(Purpose::Parities, 7);
        a.spend(Purpose::Authentication, 64);
        let mut b = Ledger::new();
        b.disclose(Purpose::Verification, 64);
        b.disclose(Purpose::Parities, 1);
        let (mut beside, mut after) = (a.clone(), a.clone());
        beside.beside(&b);
        after.then(&b);
        assert_eq!((beside.disclosed_bits(), beside.key_bits(), beside.rounds()), (77, 64, 3));
        assert_eq!((after.disclosed_bits(), after.key_bits(), after.rounds()), (77, 64, 4));
        assert_eq!(after.remaining(200.0), 59.0);
        assert_eq!(after.entries().len(), 3);
    }
}
