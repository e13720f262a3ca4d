//! A random stream: the draws of one entity, for one purpose, in one replica, under one root seed.
//!
//! The name of a stream is its place in Philox's key and counter, word by word:
//!
//! ```text
//!     key      root (128 bits)
//!     counter  [ block n | entity | replica | purpose ]
//! ```
//!
//! Nothing is hashed, so two names never collide, and a new entity or purpose shifts no other stream's draws. A stream
//! refuses to know who draws from it or in which order streams are used: its draws depend on its name and its count.

use core::convert::Infallible;

use rand_core::TryRng;

use crate::philox;

/// 2^-53.
const ULP: f64 = 1.0 / (1u64 << 53) as f64;

/// What the draws of a stream decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Purpose {
    /// How many attempts until a link heralds a pair, and which pair.
    LinkAttempt,
    /// Whether an entanglement swap succeeds.
    SwapOutcome,
    /// The two bits of a Bell measurement.
    BellOutcome,
    /// Whether a classical message is lost.
    MessageLoss,
    /// The outcome of a measurement of a qubit.
    Measurement,
    /// The load of a benchmark.
    Benchmark,
    /// Everything that happens while a block of pairs of a repeater chain is sampled.
    ChainSample,
    /// A random Clifford operation.
    RandomOperation,
    /// Noise and frames of one block of shots of a circuit.
    Frame,
    /// Whether the two measured bits of a distillation agree.
    Distillation,
    /// A purpose of the user's own; never meets the ones above.
    User(u32),
}

impl Purpose {
    /// The counter word. Part of every seed's meaning: numbers are only ever added.
    const fn word(self) -> u64 {
        match self {
            Purpose::LinkAttempt => 0,
            Purpose::SwapOutcome => 1,
            Purpose::BellOutcome => 2,
            Purpose::MessageLoss => 3,
            Purpose::Measurement => 4,
            Purpose::Benchmark => 5,
            Purpose::ChainSample => 16,
            Purpose::RandomOperation => 24,
            Purpose::Frame => 6,
            Purpose::Distillation => 40,
            Purpose::User(number) => 1 << 32 | number as u64,
        }
    }
}

/// A reproducible sequence of random numbers.
///
/// ```
/// use ebit_random::{Purpose, Stream};
///
/// let mut stream = Stream::new(7, 0, 42, Purpose::SwapOutcome);
/// let first = stream.next_u64();
/// let again = Stream::new(7, 0, 42, Purpose::SwapOutcome).next_u64();
/// assert_eq!(first, again);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stream {
    key: [u64; 2],
    /// Entity, replica and purpose: the upper words of the counter.
    name: [u64; 3],
    /// Words drawn so far; a quarter of it, rounded down, is the block counter.
    position: u64,
    buffer: [u64; 4],
}

impl Stream {
    /// The stream of `entity` for `purpose` in `replica` under the seed `root`, at its first draw.
    #[inline]
    pub fn new(root: u128, replica: u64, entity: u64, purpose: Purpose) -> Stream {
        Stream { key: [root as u64, (root >> 64) as u64], name: [entity, replica, purpose.word()], position: 0, buffer: [0; 4] }
    }

    /// The same stream after `position` words, as [`Stream::position`] counts them.
    pub fn from_position(root: u128, replica: u64, entity: u64, purpose: Purpose, position: u64) -> Stream {
        let mut stream = Stream::new(root, replica, entity, purpose);
        stream.position = position;
        if !position.is_multiple_of(4) {
            stream.refill();
        }
        stream
    }

    /// How many 64-bit words have been drawn.
    #[inline]
    pub fn position(&self) -> u64 {
        self.position
    }

    #[inline]
    fn refill(&mut self) {
        let [entity, replica, purpose] = self.name;
        self.buffer = philox::block([self.position / 4, entity, replica, purpose], self.key);
    }

    /// A uniform 64-bit word.
    #[inline]
    pub fn next_u64(&mut self) -> u64 {
        let lane = (self.position % 4) as usize;
        if lane == 0 {
            self.refill();
        }
        self.position = self.position.wrapping_add(1);
        self.buffer[lane]
    }

    /// A uniform multiple of 2^-53 in [0, 1); one word.
    #[inline]
    pub fn next_f64(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 * ULP
    }

    /// A uniform multiple of 2^-53 in (0, 1]: its logarithm is finite; one word.
    #[inline]
    pub fn next_open_f64(&mut self) -> f64 {
        ((self.next_u64() >> 11) + 1) as f64 * ULP
    }

    /// True with probability `p`, to within 2^-53; one word even where the outcome is certain.
    ///
    /// A `p` below 0 counts as 0 and one above 1 as 1: probabilities are judged where they enter, not here.
    #[inline]
    pub fn bernoulli(&mut self, p: f64) -> bool {
        self.next_f64() < p
    }

    /// A uniform integer in [0, `bound`), without bias (Lemire, doi:10.1145/3230636); 0 if `bound` is 0.
    #[inline]
    pub fn below(&mut self, bound: u64) -> u64 {
        let mut product = u128::from(self.next_u64()) * u128::from(bound);
        if (product as u64) < bound {
            let rejected = bound.wrapping_neg() % bound.max(1);
            while (product as u64) < rejected {
                product = u128::from(self.next_u64()) * u128::from(bound);
            }
        }
        (product >> 64) as u64
    }
}

/// Lets generic code written against `rand_core` draw from a stream. Every draw takes whole words.
impl TryRng for Stream {
    type Error = Infallible;

    #[inline]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.next_u64() >> 32) as u32)
    }

    #[inline]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.next_u64())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            let word = self.next_u64().to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
        Ok(())
    }
}
