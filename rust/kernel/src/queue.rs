//! The event queue: what happens next.
//!
//! It owns the pending events, the counter that breaks ties, and the present. It refuses to know what events mean.
//!
//! One counter serves all origins: it is compared only between events of the same origin, and there it counts in the same
//! order as a counter of the origin's own, which would cost a cache miss per event in a large network.
//!
//! Events up to a tick called the horizon are in the front, a tournament; later ones are in the far, a radix structure:
//!
//! ```text
//!     now                     horizon
//!     |-- front: tournament --|------------- far: buckets by digit -------------> time
//! ```
//!
//! While few events are pending the horizon is the end of time and the front holds them all. A front that outgrows
//! its limit spills: the horizon falls back to the next event and the rest goes far. An empty front advances the horizon
//! over the first bucket, whole if that is small, else to its earliest tick while the rest falls to lower digits. A far
//! that has become small rejoins the front. Spilling costs as much as filling the front did, and a front that cannot be
//! spilled, because all is at one tick, waits until it has doubled: every event moves a bounded number of times.

use crate::error::KernelError;
use crate::event::{Entry, Event, Rest};
use crate::radix::Radix;
use crate::time::Tick;
use crate::tournament::Tournament;

/// A front larger than this spills: about here the hold model is as fast with a far as without one (40 ns an event; at
/// 10,000 pending 29 ns against 38 ns, at 100,000 pending 46 ns against 100 ns the other way round).
const SPILL_AT: usize = 32_768;
/// A far not larger than this rejoins the front: a quarter, so that a load near one limit does not swing.
const REJOIN_AT: usize = SPILL_AT / 4;
/// A bucket not larger than this moves to the front whole. Against 64 it saves a fifth at 30,000 pending (42 ns an event
/// against 53 ns) and a tenth at 100,000, and costs about 5 % at a million.
const MOVE_WHOLE: usize = 1024;

/// Which data structure holds the pending events; for tests and benchmarks. The order of events is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Structure {
    /// A tournament while few events are pending, then a tournament before a radix structure.
    #[default]
    Auto,
    /// Always one tournament, the heap whose events stay in its leaves.
    Heap,
    /// A radix structure even for few events.
    Radix,
}

/// Pending events, popped in the order of (time, priority, origin, counter).
#[derive(Debug, Clone)]
pub struct EventQueue<P: Copy> {
    /// Events at or before the horizon; empty only if the queue is.
    front: Tournament<P>,
    /// Events after the horizon.
    far: Radix<P>,
    horizon: Tick,
    /// The front's size at which it spills next.
    front_limit: usize,
    /// Origins below this are known.
    origins: usize,
    /// How many events have been accepted.
    accepted: u64,
    now: Tick,
    spill_at: usize,
    rejoin_at: usize,
    move_whole: usize,
}

impl<P: Copy> EventQueue<P> {
    /// An empty queue at time 0 for origins 0 .. `origins`.
    pub fn new(origins: usize) -> Self {
        Self::with_structure(origins, Structure::Auto)
    }

    /// A queue that does not choose its structure by load.
    pub fn with_structure(origins: usize, structure: Structure) -> Self {
        let (spill_at, rejoin_at, move_whole) = match structure {
            Structure::Auto => (SPILL_AT, REJOIN_AT, MOVE_WHOLE),
            Structure::Heap => (usize::MAX, 0, 0),
            Structure::Radix => (128, 0, 64),
        };
        EventQueue {
            front: Tournament::new(),
            far: Radix::new(),
            horizon: Tick::MAX,
            front_limit: spill_at,
            origins,
            accepted: 0,
            now: 0,
            spill_at,
            rejoin_at,
            move_whole,
        }
    }

    /// Makes `origin` known, with every one below it.
    pub fn ensure_origin(&mut self, origin: u32) {
        self.origins = self.origins.max(origin as usize + 1);
    }

    /// Schedules an event at `time` >= [`now`](Self::now).
    #[inline(always)]
    pub fn push(&mut self, time: Tick, priority: u8, origin: u32, payload: P) -> Result<(), KernelError> {
        if time < self.now {
            return Err(KernelError::Past { time, now: self.now });
        }
        if origin as usize >= self.origins {
            return Err(KernelError::Origin { origin, origins: self.origins });
        }
        let rest = Rest::new(priority, origin, self.accepted, payload);
        self.accepted += 1;
        if time > self.horizon {
            self.far.insert(self.horizon, Entry { time, rest });
        } else if !self.front.replace(time, rest) {
            self.push_front(time, rest);
        }
        Ok(())
    }

    #[inline(never)]
    fn push_front(&mut self, time: Tick, rest: Rest<P>) {
        self.front.push(time, rest);
        if self.front.len() > self.front_limit {
            self.spill();
        }
    }

    /// Takes the next event and moves the present to its time.
    #[inline(always)]
    pub fn pop(&mut self) -> Option<Event<P>> {
        let entry = self.front.pop()?;
        self.now = entry.time;
        if self.front.len() == 0 && self.horizon != Tick::MAX {
            self.advance();
        }
        Some(entry.event())
    }

    /// The time and priority of the next event; `mut` because it may finish what a pop has left undone.
    #[inline]
    pub fn peek_key(&mut self) -> Option<(Tick, u8)> {
        self.front.peek()
    }

    /// The time of the last event popped; 0 before the first.
    #[inline]
    pub fn now(&self) -> Tick {
        self.now
    }

    /// The number of pending events.
    #[inline]
    pub fn len(&self) -> usize {
        self.front.len() + self.far.len()
    }

    /// Whether nothing is pending.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.front.len() == 0
    }

    /// Back to time 0, nothing pending and the counter at 0; the memory is kept for the next run.
    pub fn clear(&mut self) {
        self.front.clear();
        self.far.clear();
        self.horizon = Tick::MAX;
        self.front_limit = self.spill_at;
        self.accepted = 0;
        self.now = 0;
    }

    /// Fills the empty front from the far.
    #[inline(never)]
    fn advance(&mut self) {
        self.front.clear();
        if self.far.len() <= self.rejoin_at {
            self.horizon = Tick::MAX;
            while let Some((place, ..)) = self.far.first() {
                let front = &mut self.front;
                self.far.take(place, |_, entry| front.append(entry));
            }
        } else if let Some((place, len, min)) = self.far.first() {
            let front = &mut self.front;
            if len <= self.move_whole {
                self.horizon = Radix::<P>::range_end(place, self.horizon);
                self.far.take(place, |_, entry| front.append(entry));
            } else {
                self.horizon = min;
                self.far.take(place, |far, entry| if entry.time > min { far.insert(min, entry) } else { front.append(entry) });
            }
        }
        self.front.build();
        self.front_limit = self.spill_at.max(self.front.len().saturating_mul(2));
    }

    /// Moves the horizon back to the next event and what is later to the far.
    #[cold]
    fn spill(&mut self) {
        let Some((next, _)) = self.front.peek() else { return };
        // Events of the far whose digits agreed with the old horizon below this level have another first digit now.
        let level = Radix::<P>::level(self.horizon, next);
        self.horizon = next;
        while let Some(place) = self.far.first_below(level) {
            self.far.take(place, |far, entry| far.insert(next, entry));
        }
        let far = &mut self.far;
        self.front.split(next, |entry| far.insert(next, entry));
        self.front_limit = self.spill_at.max(self.front.len().saturating_mul(2));
    }
}
