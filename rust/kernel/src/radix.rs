//! Events far from the present, sorted only as far as needed: by the first digit in which they differ from a base.
//!
//! Times are written in base 64. An event belongs to the bucket (level, digit): the level is the highest digit in which
//! its time differs from the base, the digit is its own there. Buckets in the order of (level, digit) are in the order
//! of time, so the next events are in the first bucket that holds any, and two words of bits find it.
//!
//! ```text
//!     base  = 12|05|63        level 0: same but for the last digit; none beyond 63
//!     12|07|20, 12|07|41  ->  level 1, digit 07      (all of 12|07|xx)
//!     14|00|00            ->  level 2, digit 14      (all of 14|xx|xx)
//! ```
//!
//! Raising the base within the first bucket's range leaves every later bucket as it is: that is why time must be
//! monotone, and what a calendar queue's resizing costs is never paid.
//!
//! Entries live in blocks of one arena. A bucket is a chain of blocks; an emptied block serves the next bucket, so the
//! memory is that of the pending events, whichever buckets have been in use, and nothing is allocated after warm-up.

use crate::event::Entry;
use crate::time::Tick;

const DIGIT_BITS: u32 = 6;
const DIGITS: usize = 1 << DIGIT_BITS;
/// 63 bits of non-negative time.
const LEVELS: usize = 11;
/// Entries in a block: long enough for memory to stream (at a million pending 128 costs 68 ns an event, 32 costs 98 ns),
/// short enough that the last blocks of the few hundred buckets in use waste little.
const BLOCK: usize = 128;
/// No block.
const NONE: usize = usize::MAX;

/// A place among the buckets: level * 64 + digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place(usize);

#[derive(Debug, Clone, Copy)]
struct Bucket {
    len: usize,
    /// The arena index behind the last entry; a multiple of BLOCK when the last block is full or there is none.
    end: usize,
    /// The earliest time inside.
    min: Tick,
}

const EMPTY: Bucket = Bucket { len: 0, end: 0, min: Tick::MAX };

#[derive(Debug, Clone)]
pub(crate) struct Radix<P: Copy> {
    len: usize,
    /// Bit l: level l holds something. Then bit d: its digit d does.
    levels: u64,
    digits: [u64; LEVELS],
    /// Empty until the first insertion: most queues never need it.
    buckets: Vec<Bucket>,
    arena: Vec<Entry<P>>,
    /// For each block the one before it in its chain.
    previous: Vec<usize>,
    /// The first of the unused blocks, chained by `previous`.
    free: usize,
}

impl<P: Copy> Radix<P> {
    pub(crate) fn new() -> Self {
        Radix { len: 0, levels: 0, digits: [0; LEVELS], buckets: Vec::new(), arena: Vec::new(), previous: Vec::new(), free: NONE }
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The highest digit in which two times differ; 0 if they are equal.
    #[inline(always)]
    pub(crate) fn level(a: Tick, b: Tick) -> usize {
        ((63 - ((a ^ b) as u64 | 1).leading_zeros()) / DIGIT_BITS) as usize
    }

    /// Adds an entry later than the base.
    #[inline]
    pub(crate) fn insert(&mut self, base: Tick, entry: Entry<P>) {
        debug_assert!(entry.time > base);
        if self.buckets.is_empty() {
            self.buckets = vec![EMPTY; LEVELS * DIGITS];
        }
        let level = Self::level(base, entry.time);
        let digit = (entry.time >> (DIGIT_BITS * level as u32)) as usize % DIGITS;
        let bucket = &mut self.buckets[level * DIGITS + digit];
        if bucket.end.is_multiple_of(BLOCK) {
            // Marks the bucket only here: a chain's first entry always begins a block.
            self.levels |= 1 << level;
            self.digits[level] |= 1 << digit;
            bucket.end = BLOCK * Self::take_block(&mut self.arena, &mut self.previous, &mut self.free, bucket, entry);
        }
        self.arena[bucket.end] = entry;
        bucket.end += 1;
        bucket.len += 1;
        bucket.min = bucket.min.min(entry.time);
        self.len += 1;
    }

    /// An unused block, linked to the last one of a bucket.
    fn take_block(
        arena: &mut Vec<Entry<P>>,
        previous: &mut Vec<usize>,
        free: &mut usize,
        bucket: &Bucket,
        filler: Entry<P>,
    ) -> usize {
        let last = if bucket.len == 0 { NONE } else { bucket.end / BLOCK - 1 };
        let block = if *free == NONE {
            arena.resize(arena.len() + BLOCK, filler);
            previous.push(NONE);
            previous.len() - 1
        } else {
            let block = *free;
            *free = previous[block];
            block
        };
        previous[block] = last;
        block
    }

    /// The first bucket that holds anything: its place, size and earliest time.
    #[inline]
    pub(crate) fn first(&self) -> Option<(Place, usize, Tick)> {
        if self.levels == 0 {
            return None;
        }
        let level = self.levels.trailing_zeros() as usize;
        let place = level * DIGITS + self.digits[level].trailing_zeros() as usize;
        let bucket = &self.buckets[place];
        Some((Place(place), bucket.len, bucket.min))
    }

    /// The last tick of a bucket's range, where `base` is the present base.
    #[inline]
    pub(crate) fn range_end(place: Place, base: Tick) -> Tick {
        let (level, digit) = (place.0 / DIGITS, place.0 % DIGITS);
        let low = DIGIT_BITS * level as u32;
        let below = (1i64 << low) - 1;
        // The digit goes in place of the base's; at the top level nothing is above it.
        let above = (base as u64).checked_shr(low + DIGIT_BITS).unwrap_or(0).checked_shl(low + DIGIT_BITS).unwrap_or(0);
        above as Tick | (digit as Tick) << low | below
    }

    /// Empties a bucket, handing its entries to `each` with the radix itself, in no order.
    #[inline]
    pub(crate) fn take(&mut self, place: Place, mut each: impl FnMut(&mut Self, Entry<P>)) {
        let (level, digit) = (place.0 / DIGITS, place.0 % DIGITS);
        let bucket = core::mem::replace(&mut self.buckets[place.0], EMPTY);
        self.digits[level] &= !(1 << digit);
        if self.digits[level] == 0 {
            self.levels &= !(1 << level);
        }
        if bucket.len == 0 {
            return;
        }
        self.len -= bucket.len;
        let mut block = (bucket.end - 1) / BLOCK;
        let mut end = bucket.end;
        while block != NONE {
            for index in block * BLOCK..end {
                let entry = self.arena[index];
                each(self, entry);
            }
            let before = self.previous[block];
            self.previous[block] = self.free;
            self.free = block;
            block = before;
            end = block.wrapping_add(1).wrapping_mul(BLOCK);
        }
    }

    /// The first bucket below a level that holds anything.
    pub(crate) fn first_below(&self, level: usize) -> Option<Place> {
        let (place, ..) = self.first()?;
        (place.0 / DIGITS < level).then_some(place)
    }

    /// Forgets every entry; the arena is kept.
    pub(crate) fn clear(&mut self) {
        while let Some((place, ..)) = self.first() {
            self.take(place, |_, _| {});
        }
    }
}
