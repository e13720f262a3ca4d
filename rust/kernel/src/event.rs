//! An event and the total order of events.
//!
//! Events happen in the order of (time, priority, origin, counter): earlier first, then lower priority number, then
//! lower origin, then the one its origin scheduled first. Nothing in it depends on threads or on the queue's inside.
//!
//! Inside the queue an event is an [`Entry`]: time, priority and origin in one 128-bit key, compared without branches,
//! which decides nearly every comparison.

use core::cmp::Ordering;

use crate::time::Tick;

/// Something that happens at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event<P: Copy> {
    /// When.
    pub time: Tick,
    /// How many events its queue had accepted before it; compared only between events of one origin, where it counts
    /// in the same order as the origin's own counter would.
    pub counter: u64,
    /// The entity that scheduled it.
    pub origin: u32,
    /// Among events at the same time, lower goes first.
    pub priority: u8,
    /// What; the kernel does not look inside.
    pub payload: P,
}

impl<P: Copy> Event<P> {
    /// The total order of events. No two events of one queue are equal.
    pub fn order(&self, other: &Self) -> Ordering {
        let key = |event: &Self| (event.time, event.priority, event.origin, event.counter);
        key(self).cmp(&key(other))
    }
}

/// Time, priority and origin as one number: time << 64 | priority << 32 | origin. Time is never negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key(u128);

impl Key {
    /// Behind every event: a real key has zeros above its priority.
    pub(crate) const LAST: Key = Key(u128::MAX);

    #[inline(always)]
    pub(crate) fn new(time: Tick, priority: u8, origin: u32) -> Key {
        Key(u128::from(time as u64) << 64 | u128::from(u64::from(priority) << 32 | u64::from(origin)))
    }

    #[inline(always)]
    pub(crate) fn time(self) -> Tick {
        (self.0 >> 64) as Tick
    }

    #[inline(always)]
    pub(crate) fn priority(self) -> u8 {
        (self.0 >> 32) as u8
    }
}

/// What is not in the key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rest<P: Copy> {
    pub(crate) counter: u64,
    pub(crate) payload: P,
}

/// An event as the queue stores it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry<P: Copy> {
    pub(crate) key: Key,
    pub(crate) rest: Rest<P>,
}

// Both are moved about by value: three quarters of a cache line is what they may cost.
const _: () = assert!(size_of::<Event<[u64; 2]>>() <= 48 && size_of::<Entry<[u64; 2]>>() <= 48);

impl<P: Copy> Entry<P> {
    #[inline(always)]
    pub(crate) fn time(&self) -> Tick {
        self.key.time()
    }

    #[inline(always)]
    pub(crate) fn event(&self) -> Event<P> {
        Event {
            time: self.time(),
            counter: self.rest.counter,
            origin: self.key.0 as u32,
            priority: self.key.priority(),
            payload: self.rest.payload,
        }
    }
}
