//! The event queue: what happens next.
//!
//! It owns the pending events, the counters that break ties, and the present. It refuses to know what events mean.

use crate::error::KernelError;
use crate::event::Event;
use crate::heap4::Heap4;
use crate::time::Tick;

/// Pending events, popped in the order of (time, priority, origin, counter).
#[derive(Debug, Clone)]
pub struct EventQueue<P: Copy> {
    heap: Heap4<P>,
    /// How many events each origin has scheduled.
    counters: Vec<u64>,
    now: Tick,
}

impl<P: Copy> EventQueue<P> {
    /// An empty queue at time 0 for origins 0 .. `origins`.
    pub fn new(origins: usize) -> Self {
        EventQueue { heap: Heap4::new(), counters: vec![0; origins], now: 0 }
    }

    /// Makes `origin` known, with every one below it.
    pub fn ensure_origin(&mut self, origin: u32) {
        let origins = origin as usize + 1;
        if self.counters.len() < origins {
            self.counters.resize(origins, 0);
        }
    }

    /// Schedules an event at `time` >= [`now`](Self::now).
    #[inline]
    pub fn push(&mut self, time: Tick, priority: u8, origin: u32, payload: P) -> Result<(), KernelError> {
        if time < self.now {
            return Err(KernelError::Past { time, now: self.now });
        }
        let origins = self.counters.len();
        let Some(next) = self.counters.get_mut(origin as usize) else {
            return Err(KernelError::Origin { origin, origins });
        };
        let counter = *next;
        *next += 1;
        self.heap.push(Event { time, counter, origin, priority, payload });
        Ok(())
    }

    /// Takes the next event and moves the present to its time.
    #[inline]
    pub fn pop(&mut self) -> Option<Event<P>> {
        let event = self.heap.pop()?;
        self.now = event.time;
        Some(event)
    }

    /// The time and priority of the next event.
    #[inline]
    pub fn peek_key(&self) -> Option<(Tick, u8)> {
        self.heap.peek().map(|event| (event.time, event.priority))
    }

    /// The time of the last event popped; 0 before the first.
    #[inline]
    pub fn now(&self) -> Tick {
        self.now
    }

    /// The number of pending events.
    #[inline]
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// Whether nothing is pending.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Back to time 0, nothing pending and counters at 0; the memory is kept for the next run.
    pub fn clear(&mut self) {
        self.heap.clear();
        self.counters.fill(0);
        self.now = 0;
    }
}
