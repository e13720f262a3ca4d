//! An event and the total order of events.
//!
//! Events happen in the order of (time, priority, origin, counter): earlier first, then lower priority number, then
//! lower origin, then the one its origin scheduled first. Nothing in it depends on threads or on the queue's inside.

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

// Events are moved about by value: three quarters of a cache line is what they may cost.
const _: () = assert!(size_of::<Event<[u64; 2]>>() <= 48);

impl<P: Copy> Event<P> {
    /// Whether this event comes before another. No two events of one queue are equal.
    #[inline(always)]
    pub(crate) fn before(&self, other: &Self) -> bool {
        if self.time != other.time { self.time < other.time } else { self.tie(other) == Ordering::Less }
    }

    /// The order of two events at the same time.
    #[inline]
    pub(crate) fn tie(&self, other: &Self) -> Ordering {
        (self.priority, self.origin, self.counter).cmp(&(other.priority, other.origin, other.counter))
    }

    /// The total order of events.
    #[inline]
    pub fn order(&self, other: &Self) -> Ordering {
        self.time.cmp(&other.time).then_with(|| self.tie(other))
    }
}
