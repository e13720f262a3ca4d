//! A heap with four children a node: half the depth of a binary heap, and siblings side by side in memory.
//!
//! It knows the order of events and nothing of time's arrow; `queue` guards that.
//!
//! ```text
//!     node i:   parent (i - 1) / 4,   children 4 i + 1 ... 4 i + 4
//! ```

use crate::event::Entry;
use crate::time::Tick;

#[derive(Debug, Clone)]
pub(crate) struct Heap4<P: Copy> {
    entries: Vec<Entry<P>>,
}

impl<P: Copy> Heap4<P> {
    pub(crate) fn new() -> Self {
        Heap4 { entries: Vec::new() }
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    #[inline]
    pub(crate) fn peek(&self) -> Option<&Entry<P>> {
        self.entries.first()
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }

    /// Hands every entry later than `horizon` to `later`, in no order, and keeps the others.
    pub(crate) fn split(&mut self, horizon: Tick, mut later: impl FnMut(Entry<P>)) {
        let mut kept = 0;
        for index in 0..self.entries.len() {
            let entry = self.entries[index];
            if entry.time > horizon {
                later(entry);
            } else {
                // Those kept so far are a heap; `rise` touches nothing behind them.
                self.rise(kept, entry);
                kept += 1;
            }
        }
        self.entries.truncate(kept);
    }

    #[inline]
    pub(crate) fn push(&mut self, entry: Entry<P>) {
        let hole = self.entries.len();
        self.entries.push(entry);
        self.rise(hole, entry);
    }

    #[inline]
    pub(crate) fn pop(&mut self) -> Option<Entry<P>> {
        let last = self.entries.pop()?;
        let Some(&first) = self.entries.first() else { return Some(last) };
        self.replace_first(last);
        Some(first)
    }

    /// Puts an entry in place of the first, which the caller has read.
    ///
    /// The hole runs down to a leaf along the least children, and the entry rises from there: it is nearly always
    /// among the last, so a comparison with it at every level would be wasted.
    #[inline]
    fn replace_first(&mut self, entry: Entry<P>) {
        let entries = self.entries.as_mut_slice();
        let mut hole = 0;
        loop {
            let first = 4 * hole + 1;
            let least = if let Some([a, b, c, d]) = entries.get(first..first + 4) {
                // A tournament of independent comparisons, without branches on their outcomes.
                let left = usize::from(b.before(a));
                let right = 2 + usize::from(d.before(c));
                let (least_left, least_right) = (&entries[first + left], &entries[first + right]);
                first + if least_right.before(least_left) { right } else { left }
            } else {
                let mut least = first;
                for child in first + 1..entries.len() {
                    if entries[child].before(&entries[least]) {
                        least = child;
                    }
                }
                if least >= entries.len() {
                    break;
                }
                least
            };
            entries[hole] = entries[least];
            hole = least;
        }
        self.rise(hole, entry);
    }

    /// Lets an entry rise from a hole to its place.
    #[inline]
    fn rise(&mut self, mut hole: usize, entry: Entry<P>) {
        let entries = self.entries.as_mut_slice();
        while hole > 0 {
            let parent = (hole - 1) / 4;
            if !entry.before(&entries[parent]) {
                break;
            }
            entries[hole] = entries[parent];
            hole = parent;
        }
        entries[hole] = entry;
    }
}
