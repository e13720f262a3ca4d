//! A heap with four children a node: half the depth of a binary heap, and siblings side by side in memory.
//!
//! It knows the order of events and nothing of time's arrow; `queue` guards that.
//!
//! ```text
//!     node i:   parent (i - 1) / 4,   children 4 i + 1 ... 4 i + 4
//! ```

use crate::event::Event;

#[derive(Debug, Clone)]
pub(crate) struct Heap4<P: Copy> {
    events: Vec<Event<P>>,
}

impl<P: Copy> Heap4<P> {
    pub(crate) fn new() -> Self {
        Heap4 { events: Vec::new() }
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.events.len()
    }

    #[inline]
    pub(crate) fn peek(&self) -> Option<&Event<P>> {
        self.events.first()
    }

    pub(crate) fn clear(&mut self) {
        self.events.clear();
    }

    #[inline]
    pub(crate) fn push(&mut self, event: Event<P>) {
        let mut hole = self.events.len();
        self.events.push(event);
        while hole > 0 {
            let parent = (hole - 1) / 4;
            if !event.before(&self.events[parent]) {
                break;
            }
            self.events[hole] = self.events[parent];
            hole = parent;
        }
        self.events[hole] = event;
    }

    #[inline]
    pub(crate) fn pop(&mut self) -> Option<Event<P>> {
        let last = self.events.pop()?;
        let Some(&first) = self.events.first() else {
            return Some(last);
        };
        self.sink(last);
        Some(first)
    }

    /// Puts an event into the empty root and lets it sink to its place.
    #[inline]
    fn sink(&mut self, event: Event<P>) {
        let events = self.events.as_mut_slice();
        let mut hole = 0;
        loop {
            let first = 4 * hole + 1;
            let Some(children) = events.get(first..).filter(|rest| !rest.is_empty()) else {
                break;
            };
            let mut least = 0;
            for child in 1..children.len().min(4) {
                if children[child].before(&children[least]) {
                    least = child;
                }
            }
            if !children[least].before(&event) {
                break;
            }
            events[hole] = events[first + least];
            hole = first + least;
        }
        events[hole] = event;
    }
}
