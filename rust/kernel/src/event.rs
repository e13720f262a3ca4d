//! An event and the total order of events.
//!
//! Events happen in the order of (time, priority, origin, counter): earlier first, then lower priority number, then
//! lower origin, then the one its origin scheduled first. Nothing in it depends on threads or on the queue's inside.
//!
//! Inside the queue an event is an [`Entry`]: its time, which decides nearly every comparison, and the rest.

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

/// What is not the time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rest<P: Copy> {
    /// priority << 32 | origin.
    tie: u64,
    counter: u64,
    payload: P,
}

impl<P: Copy> Rest<P> {
    #[inline(always)]
    pub(crate) fn new(priority: u8, origin: u32, counter: u64, payload: P) -> Self {
        Rest { tie: u64::from(priority) << 32 | u64::from(origin), counter, payload }
    }

    #[inline(always)]
    pub(crate) fn priority(&self) -> u8 {
        (self.tie >> 32) as u8
    }

    /// Decides between events at the same time: the lesser goes first.
    #[inline(always)]
    pub(crate) fn rank(&self) -> (u64, u64) {
        (self.tie, self.counter)
    }
}

/// An event as the queue stores it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry<P: Copy> {
    /// Never negative: the present starts at 0.
    pub(crate) time: Tick,
    pub(crate) rest: Rest<P>,
}

// Both are moved about by value: three quarters of a cache line is what they may cost.
const _: () = assert!(size_of::<Event<[u64; 2]>>() <= 48 && size_of::<Entry<[u64; 2]>>() <= 48);

impl<P: Copy> Entry<P> {
    #[inline(always)]
    pub(crate) fn event(&self) -> Event<P> {
        let Rest { tie, counter, payload } = self.rest;
        Event { time: self.time, counter, origin: tie as u32, priority: self.rest.priority(), payload }
    }
}
