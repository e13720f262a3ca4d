//! An event and the total order of events.
//!
//! Events happen in the order of (time, priority, origin, counter): earlier first, then lower priority number, then
//! lower origin, then the one its origin scheduled first. Nothing in it depends on threads or on the queue's inside.
//!
//! Inside the queue an event is an [`Entry`], whose priority and origin share a word: (time, tie) compares as one
//! 128-bit number, without branches, which decides nearly every comparison.

use core::cmp::Ordering;

use crate::time::Tick;

/// Something that happens at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event<P: Copy> {
    /// When.
    pub time: Tick,
    /// How many events its origin had scheduled before it.
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

/// An event as the queue stores it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry<P: Copy> {
    /// Never negative: the present starts at 0.
    pub(crate) time: Tick,
    /// priority << 32 | origin.
    tie: u64,
    counter: u64,
    payload: P,
}

// Both are moved about by value: three quarters of a cache line is what they may cost.
const _: () = assert!(size_of::<Event<[u64; 2]>>() <= 48 && size_of::<Entry<[u64; 2]>>() <= 48);

impl<P: Copy> Entry<P> {
    #[inline(always)]
    pub(crate) fn new(time: Tick, priority: u8, origin: u32, counter: u64, payload: P) -> Self {
        Entry { time, tie: u64::from(priority) << 32 | u64::from(origin), counter, payload }
    }

    #[inline(always)]
    pub(crate) fn priority(&self) -> u8 {
        (self.tie >> 32) as u8
    }

    #[inline(always)]
    pub(crate) fn event(&self) -> Event<P> {
        Event {
            time: self.time,
            counter: self.counter,
            origin: self.tie as u32,
            priority: self.priority(),
            payload: self.payload,
        }
    }

    /// Whether this event comes before another.
    #[inline(always)]
    pub(crate) fn before(&self, other: &Self) -> bool {
        let (a, b) = (self.key(), other.key());
        // Two events of one origin at one time and priority: rare, so a branch that is predicted.
        if a == b { self.counter < other.counter } else { a < b }
    }

    #[inline(always)]
    fn key(&self) -> u128 {
        u128::from(self.time as u64) << 64 | u128::from(self.tie)
    }
}
