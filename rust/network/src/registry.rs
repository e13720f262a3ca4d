//! The pair registry: every pair has one identity from birth, never reused; places in memory are.
//!
//! A pair that a swap consumed stays as a signpost while messages that name it are under way, so that
//! they can be forwarded to the pair it became part of. `references` counts those messages and the
//! signposts that point here.

use ebit_kernel::Tick;

/// Place of a pair in the registry.
pub type Place = u32;

pub const LEFT: usize = 0;
pub const RIGHT: usize = 1;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Entangled, waiting (or thought to be: see `dead`).
    Waiting,
    /// In a swap that takes time, with the pair at this place; false: the other one finishes it.
    Swapping { partner: Place, lead: bool },
    /// Consumed by a swap; messages go on to this pair.
    Merged(Place),
    /// Delivered, dropped or lost; only messages that nobody needs still name it.
    Gone,
}

#[derive(Debug, Clone, Copy)]
pub struct Pair<S> {
    /// The pair's identity (`PairId`).
    pub id: u64,
    pub request: u32,
    /// Route positions of its two halves.
    pub ends: [u32; 2],
    pub phase: Phase,
    /// No longer entangled, though somebody still holds a half and does not know.
    pub dead: bool,
    /// Whether the half at each end still sits in its slot.
    pub held: [bool; 2],
    /// Messages each end still waits for.
    pub pending: [u32; 2],
    /// When each half was last brought up to date.
    pub touched: [Tick; 2],
    /// Place in the queue at each end: the identity of the elementary pair that came there first. Not its time: two
    /// pairs heralded in one instant must keep one order at all nodes.
    pub ticket: [u64; 2],
    /// Herald of the oldest elementary pair inside.
    pub birth: Tick,
    /// Since when each half is in its slot.
    pub since: [Tick; 2],
    pub references: u32,
    /// The pair it was merged into runs the other way: its left end became the right one.
    pub turned: bool,
    /// When the measurement that made this pair is done: news it consumed goes on from there no earlier.
    pub told: Tick,
    /// Far ends that have answered the node which wants to swap this pair.
    pub answers: u8,
    pub state: S,
}

impl<S> Pair<S> {
    /// What a herald makes of two memories at `now`; the registry gives it its identity and its places in the queues.
    pub fn fresh(request: u32, ends: [u32; 2], now: Tick, state: S) -> Self {
        Self {
            id: 0,
            request,
            ends,
            phase: Phase::Waiting,
            dead: false,
            held: [true; 2],
            pending: [0; 2],
            touched: [now; 2],
            ticket: [0; 2],
            birth: now,
            since: [now; 2],
            references: 0,
            turned: false,
            told: now,
            answers: 0,
            state,
        }
    }
}

#[derive(Debug)]
pub struct Registry<S> {
    pairs: Vec<Pair<S>>,
    free: Vec<Place>,
    next_id: u64,
}

impl<S: Copy> Registry<S> {
    pub fn new() -> Self {
        Self { pairs: Vec::new(), free: Vec::new(), next_id: 1 }
    }

    /// Takes in a pair under a fresh identity; a new pair (ticket 0) queues last.
    #[inline]
    pub fn insert(&mut self, mut pair: Pair<S>) -> Place {
        pair.id = self.next_ticket();
        if pair.ticket == [0; 2] {
            pair.ticket = [pair.id; 2];
        }
        if let Some(place) = self.free.pop() {
            self.pairs[place as usize] = pair;
            place
        } else {
            self.pairs.push(pair);
            (self.pairs.len() - 1) as Place
        }
    }

    /// The next identity, also a place at the end of every queue.
    #[inline]
    pub fn next_ticket(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id - 1
    }

    #[inline]
    pub fn get(&self, place: Place) -> &Pair<S> {
        &self.pairs[place as usize]
    }
    #[inline]
    pub fn get_mut(&mut self, place: Place) -> &mut Pair<S> {
        &mut self.pairs[place as usize]
    }

    /// Places of the pairs of one request that still exist; for the rare moments when it ends.
    pub fn of_request(&self, request: u32) -> Vec<Place> {
        let alive = |p: &Pair<S>| p.id != 0 && p.request == request && !matches!(p.phase, Phase::Merged(_) | Phase::Gone);
        (0..self.pairs.len() as Place).filter(|&k| alive(self.get(k))).collect()
    }

    /// The pair at `place` was consumed by a swap that made `into`.
    #[inline]
    pub fn merge(&mut self, place: Place, into: Place) {
        let pair = self.get_mut(place);
        pair.phase = Phase::Merged(into);
        if pair.references > 0 {
            self.get_mut(into).references += 1;
        } else {
            self.forget(place);
        }
    }

    /// The pair is no more.
    #[inline]
    pub fn retire(&mut self, place: Place) {
        let pair = self.get_mut(place);
        pair.phase = Phase::Gone;
        if pair.references == 0 {
            self.forget(place);
        }
    }

    /// One message or signpost fewer names the pair; a finished pair that nothing names gives up its place.
    pub fn release(&mut self, mut place: Place) {
        loop {
            let pair = self.get_mut(place);
            pair.references -= 1;
            if pair.references > 0 {
                return;
            }
            match pair.phase {
                Phase::Merged(into) => {
                    self.forget(place);
                    place = into;
                }
                Phase::Gone => return self.forget(place),
                Phase::Waiting | Phase::Swapping { .. } => return,
            }
        }
    }

    /// The pair that `place` has become part of.
    pub fn root(&self, mut place: Place) -> Place {
        while let Phase::Merged(into) = self.get(place).phase {
            place = into;
        }
        place
    }

    /// The same, and which side of it the given side of `place` has become.
    pub fn root_side(&self, mut place: Place, mut side: usize) -> (Place, usize) {
        while let Phase::Merged(into) = self.get(place).phase {
            side ^= usize::from(self.get(place).turned);
            place = into;
        }
        (place, side)
    }

    #[inline]
    fn forget(&mut self, place: Place) {
        self.get_mut(place).id = 0;
        self.free.push(place);
    }
}
