//! A heap with four children a node: half the depth of a binary heap, and the times of siblings in 32 bytes.
//!
//! It knows the order of events and nothing of time's arrow; `queue` guards that.
//!
//! ```text
//!     node i:   parent (i - 1) / 4,   children 4 i + 1 ... 4 i + 4
//!     times     t t t t t t t ∞ ∞     padded beyond every tick: a group of siblings is always whole
//!     rests     r r r r r r r
//! ```
//!
//! A pop leaves the root vacant. If a push follows, as it does when an event schedules its successor, the new entry
//! sinks from there and one walk through the heap is saved; else the last entry fills the root before the next use.

use crate::event::{Entry, Rest};
use crate::time::Tick;

/// The time of a place without an entry: beyond every tick, and different from its siblings' so as not to look like a tie.
#[inline(always)]
fn padding(index: usize) -> u64 {
    u64::MAX - index as u64 % 4
}

#[derive(Debug, Clone)]
pub(crate) struct Heap4<P: Copy> {
    /// Non-negative ticks, and padding.
    times: Vec<u64>,
    rests: Vec<Rest<P>>,
    vacant: bool,
}

impl<P: Copy> Heap4<P> {
    pub(crate) fn new() -> Self {
        Heap4 { times: Vec::new(), rests: Vec::new(), vacant: false }
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.rests.len() - usize::from(self.vacant)
    }

    /// The time and priority of the first entry.
    #[inline]
    pub(crate) fn peek(&self) -> Option<(Tick, u8)> {
        let first = if self.vacant && self.rests.len() > 1 { 1 + self.least_sibling(1) } else { 0 };
        if self.len() == 0 {
            return None;
        }
        Some((self.times[first] as Tick, self.rests[first].priority()))
    }

    pub(crate) fn clear(&mut self) {
        self.times.clear();
        self.rests.clear();
        self.vacant = false;
    }

    #[inline]
    pub(crate) fn push(&mut self, entry: Entry<P>) {
        if self.vacant {
            self.vacant = false;
            self.replace_first(entry);
            return;
        }
        let hole = self.rests.len();
        if self.times.len() == hole {
            let end = if hole == 0 { 1 } else { hole + 4 };
            self.times.extend((hole..end).map(padding));
        }
        self.rests.push(entry.rest);
        self.rise(hole, entry);
    }

    #[inline]
    pub(crate) fn pop(&mut self) -> Option<Entry<P>> {
        if self.vacant {
            self.fill();
        }
        let rest = *self.rests.first()?;
        self.vacant = true;
        Some(Entry { time: self.times[0] as Tick, rest })
    }

    /// Moves the last entry into the vacant root.
    #[inline]
    fn fill(&mut self) {
        self.vacant = false;
        let Some(rest) = self.rests.pop() else { return };
        let last = self.rests.len();
        let time = core::mem::replace(&mut self.times[last], padding(last)) as Tick;
        if last > 0 {
            self.replace_first(Entry { time, rest });
        }
    }

    /// Hands every entry later than `horizon` to `later`, in no order, and keeps the others.
    pub(crate) fn split(&mut self, horizon: Tick, mut later: impl FnMut(Entry<P>)) {
        if self.vacant {
            self.fill();
        }
        let mut kept = 0;
        for index in 0..self.rests.len() {
            let entry = Entry { time: self.times[index] as Tick, rest: self.rests[index] };
            if entry.time > horizon {
                later(entry);
            } else {
                // Those kept so far are a heap; `rise` touches nothing behind them.
                self.rise(kept, entry);
                kept += 1;
            }
        }
        self.rests.truncate(kept);
        for index in kept..self.times.len() {
            self.times[index] = padding(index);
        }
    }

    /// Puts an entry in place of the first, which the caller has read.
    ///
    /// The hole runs down to a leaf along the least children, and the entry rises from there: its place is nearly
    /// always near the leaves, so a comparison with it at every level would be wasted.
    #[inline]
    fn replace_first(&mut self, entry: Entry<P>) {
        let len = self.rests.len();
        let mut hole = 0;
        loop {
            let first = 4 * hole + 1;
            if first >= len {
                break;
            }
            let least = first + self.least_sibling(first);
            self.times[hole] = self.times[least];
            self.rests[hole] = self.rests[least];
            hole = least;
        }
        self.rise(hole, entry);
    }

    /// Which of the four siblings from `first` on comes first.
    #[inline(always)]
    fn least_sibling(&self, first: usize) -> usize {
        let &[a, b, c, d] = &self.times[first..first + 4] else { return 0 };
        // A tournament of selections, no branches: which child wins is a coin toss no predictor knows.
        let (left, left_time) = if b < a { (1, b) } else { (0, a) };
        let (right, right_time) = if d < c { (3, d) } else { (2, c) };
        let least = if right_time < left_time { right } else { left };
        if a == b || c == d || left_time == right_time { self.least_rank(first, left_time.min(right_time)) } else { least }
    }

    /// Among siblings at the same time, the one that goes first.
    #[cold]
    #[inline(never)]
    fn least_rank(&self, first: usize, time: u64) -> usize {
        let end = self.rests.len().min(first + 4);
        let tied = (first..end).filter(|&index| self.times[index] == time);
        tied.min_by_key(|&index| self.rests[index].rank()).map_or(0, |index| index - first)
    }

    /// Lets an entry rise from a hole to its place.
    #[inline]
    fn rise(&mut self, mut hole: usize, entry: Entry<P>) {
        let time = entry.time as u64;
        while hole > 0 {
            let parent = (hole - 1) / 4;
            let above = self.times[parent];
            if time > above || (time == above && entry.rest.rank() > self.rests[parent].rank()) {
                break;
            }
            self.times[hole] = above;
            self.rests[hole] = self.rests[parent];
            hole = parent;
        }
        self.times[hole] = time;
        self.rests[hole] = entry.rest;
    }
}
