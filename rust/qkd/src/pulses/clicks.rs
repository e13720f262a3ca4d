//! Clicks, a column for each of their properties, and the buffer through which they get there.

use super::cells::Tag;
use super::dead::Heard;

/// Recorded clicks, a column each, in the order of pulses.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Clicks {
    pub pulse: Vec<u64>,
    pub alice: Vec<u8>,
    pub bob: Vec<u8>,
    pub light: Vec<u8>,
    pub photons: Vec<u8>,
    pub note: Vec<u8>,
    /// Which detectors clicked: bit d is detector d.
    pub pattern: Vec<u8>,
    /// A random bit for each station, for a double click there: bit s is station s.
    pub coins: Vec<u8>,
    /// Which detectors were blind: bit d is detector d.
    pub blind: Vec<u8>,
}

impl Clicks {
    #[inline(always)]
    pub(crate) fn push(&mut self, pulse: u64, tag: Tag, heard: Heard, coins: u8) {
        self.pulse.push(pulse);
        self.alice.push(tag.alice);
        self.bob.push(tag.bob);
        self.light.push(tag.light);
        self.photons.push(tag.photons);
        self.note.push(tag.note);
        self.pattern.push(heard.live);
        self.coins.push(coins);
        self.blind.push(heard.blind);
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pulse.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pulse.is_empty()
    }

    /// Makes room for so many more.
    pub(crate) fn reserve(&mut self, more: usize) {
        self.pulse.reserve_exact(more);
        for column in self.bytes() {
            column.reserve_exact(more);
        }
    }

    fn bytes(&mut self) -> [&mut Vec<u8>; 8] {
        let Self { alice, bob, light, photons, note, pattern, coins, blind, .. } = self;
        [alice, bob, light, photons, note, pattern, coins, blind]
    }

    pub(crate) fn append(&mut self, other: &mut Self) {
        self.pulse.append(&mut other.pulse);
        for (column, more) in self.bytes().into_iter().zip(other.bytes()) {
            column.append(more);
        }
    }
}

/// Clicks of a buffer: what stays in the first cache while it is filled.
const BUFFERED: usize = 1024;

/// What a click is but for its pulse, in the bytes of one word: the columns of [`Clicks`] from `alice` on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Packed(u64);

/// The bytes of the pattern, and of the blind detectors.
const PATTERN: u32 = 40;
const BLIND: u32 = 56;

impl Packed {
    /// Of all but what was heard.
    pub(crate) fn new(tag: Tag, coins: u8) -> Self {
        Self(u64::from_le_bytes([tag.alice, tag.bob, tag.light, tag.photons, tag.note, 0, coins, 0]))
    }

    #[inline(always)]
    fn with(self, heard: Heard) -> u64 {
        self.0 | u64::from(heard.live) << PATTERN | u64::from(heard.blind) << BLIND
    }
}

/// Clicks on their way into columns. Whether one is kept is a number and no branch: at a gigahertz half of them meet a
/// detector that is still blind, at random, which a processor cannot foresee.
pub(crate) struct Buffer {
    pulse: [u64; BUFFERED],
    rest: [u64; BUFFERED],
    filled: usize,
}

impl Buffer {
    pub(crate) fn new() -> Self {
        Self { pulse: [0; BUFFERED], rest: [0; BUFFERED], filled: 0 }
    }

    /// Takes a click if `kept`.
    #[inline(always)]
    pub(crate) fn push(&mut self, kept: bool, pulse: u64, way: Packed, heard: Heard, out: &mut Clicks) {
        self.pulse[self.filled] = pulse;
        self.rest[self.filled] = way.with(heard);
        self.filled += usize::from(kept);
        if self.filled == BUFFERED {
            self.flush(out);
        }
    }

    /// Empties it into the columns.
    pub(crate) fn flush(&mut self, out: &mut Clicks) {
        out.pulse.extend_from_slice(&self.pulse[..self.filled]);
        let rest = &self.rest[..self.filled];
        for (byte, column) in out.bytes().into_iter().enumerate() {
            column.extend(rest.iter().map(|word| (word >> (8 * byte)) as u8));
        }
        self.filled = 0;
    }
}
