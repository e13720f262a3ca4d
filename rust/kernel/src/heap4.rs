//! A heap with four children a node: half the depth of a binary heap, and the keys of siblings in 64 bytes.
//!
//! It knows the order of events and nothing of time's arrow; `queue` guards that.
//!
//! ```text
//!     node i:   parent (i - 1) / 4,   children 4 i + 1 ... 4 i + 4
//!     keys      k k k k k k k ∞ ∞     padded with the last key: a group of siblings is always whole
//!     rests     r r r r r r r
//! ```
//!
//! A pop leaves the root vacant. If a push follows, as it does when an event schedules its successor, the new entry
//! sinks from there and one walk through the heap is saved; else the last entry fills the root before the next use.

use crate::event::{Entry, Key, Rest};
use crate::time::Tick;

#[derive(Debug, Clone)]
pub(crate) struct Heap4<P: Copy> {
    keys: Vec<Key>,
    rests: Vec<Rest<P>>,
    vacant: bool,
}

impl<P: Copy> Heap4<P> {
    pub(crate) fn new() -> Self {
        Heap4 { keys: Vec::new(), rests: Vec::new(), vacant: false }
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.rests.len() - usize::from(self.vacant)
    }

    /// The least key.
    #[inline]
    pub(crate) fn peek(&self) -> Option<Key> {
        if self.len() == 0 {
            None
        } else if self.vacant {
            self.keys[1..5].iter().min().copied()
        } else {
            self.keys.first().copied()
        }
    }

    pub(crate) fn clear(&mut self) {
        self.keys.clear();
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
        if self.keys.len() == hole {
            self.keys.resize(if hole == 0 { 1 } else { hole + 4 }, Key::LAST);
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
        Some(Entry { key: self.keys[0], rest })
    }

    /// Moves the last entry into the vacant root.
    #[inline]
    fn fill(&mut self) {
        self.vacant = false;
        let Some(rest) = self.rests.pop() else { return };
        let key = core::mem::replace(&mut self.keys[self.rests.len()], Key::LAST);
        if !self.rests.is_empty() {
            self.replace_first(Entry { key, rest });
        }
    }

    /// Hands every entry later than `horizon` to `later`, in no order, and keeps the others.
    pub(crate) fn split(&mut self, horizon: Tick, mut later: impl FnMut(Entry<P>)) {
        if self.vacant {
            self.fill();
        }
        let mut kept = 0;
        for index in 0..self.rests.len() {
            let entry = Entry { key: self.keys[index], rest: self.rests[index] };
            if entry.time() > horizon {
                later(entry);
            } else {
                // Those kept so far are a heap; `rise` touches nothing behind them.
                self.rise(kept, entry);
                kept += 1;
            }
        }
        self.rests.truncate(kept);
        self.keys[kept..].fill(Key::LAST);
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
            self.keys[hole] = self.keys[least];
            self.rests[hole] = self.rests[least];
            hole = least;
        }
        self.rise(hole, entry);
    }

    /// Which of the four siblings from `first` on comes first.
    #[inline(always)]
    fn least_sibling(&self, first: usize) -> usize {
        let &[a, b, c, d] = &self.keys[first..first + 4] else { return 0 };
        // A tournament of selections, no branches: which child wins is a coin toss no predictor knows.
        let (left, left_key) = if b < a { (1, b) } else { (0, a) };
        let (right, right_key) = if d < c { (3, d) } else { (2, c) };
        let (least, key) = if right_key < left_key { (right, right_key) } else { (left, left_key) };
        let equal = u32::from(a == key) + u32::from(b == key) + u32::from(c == key) + u32::from(d == key);
        if equal > 1 { self.least_counter(first, key) } else { least }
    }

    /// Among siblings of equal key, the one scheduled first.
    #[cold]
    fn least_counter(&self, first: usize, key: Key) -> usize {
        let end = self.rests.len().min(first + 4);
        let equal = (first..end).filter(|&index| self.keys[index] == key);
        equal.min_by_key(|&index| self.rests[index].counter).map_or(0, |index| index - first)
    }

    /// Lets an entry rise from a hole to its place.
    #[inline]
    fn rise(&mut self, mut hole: usize, entry: Entry<P>) {
        while hole > 0 {
            let parent = (hole - 1) / 4;
            let key = self.keys[parent];
            if entry.key > key || (entry.key == key && entry.rest.counter > self.rests[parent].counter) {
                break;
            }
            self.keys[hole] = key;
            self.rests[hole] = self.rests[parent];
            hole = parent;
        }
        self.keys[hole] = entry.key;
        self.rests[hole] = entry.rest;
    }
}
