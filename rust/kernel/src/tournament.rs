//! A heap whose events stay where they are: a tournament.
//!
//! It knows the order of events and nothing of time's arrow; `queue` guards that.
//!
//! Events lie in leaves, four a group; every node above knows which event below it comes first, and its time:
//!
//! ```text
//!     first                3·                    the root
//!     nodes        3·              5·            pairs of siblings: time and leaf
//!              3·      7·      5·      8·
//!     times  9 3 6 ∞ 7 8 ∞ ∞ 5 9 ∞ ∞ 8 ∞ ∞ ∞     groups of four leaves; padded beyond every tick
//!     rests  r r r - r r - - r r - - r - - -     what is not time, touched when an event comes and when it goes
//! ```
//!
//! In a heap that moves its events each level's loads wait for the comparison above it, and where a loop ends depends on
//! the times. Here the way up from a leaf is known before anything is compared: its loads overlap, no branch depends on a
//! time, and 16 bytes a level are written. At 10,000 pending the hold model takes two thirds of its time with a heap of four
//! children a node (29 ns against 46 ns an event).
//!
//! A pop leaves its leaf vacant. If a push follows, as it does when an event schedules its successor, the new event
//! takes that leaf and one way up is saved; else the leaf is emptied before the next use.

use core::hint::select_unpredictable;

use crate::event::{Entry, Rest};
use crate::time::Tick;

/// Beyond every tick. Empty leaves of a group, and empty siblings, differ in their last bits, so as not to tie.
const NEVER: u64 = 1 << 63;
const NO_TIMES: [u64; 4] = [NEVER, NEVER | 1, NEVER | 2, NEVER | 3];
const NO_EVENTS: [First; 2] = [First::none(0), First::none(1)];

/// The event that comes first below a node.
#[derive(Debug, Clone, Copy)]
struct First {
    time: u64,
    leaf: usize,
}

impl First {
    const fn none(node: usize) -> First {
        First { time: NEVER | (node as u64 % 2), leaf: 0 }
    }

    /// The earlier of two, and whether they tie; a selection, since no predictor would guess a branch.
    #[inline(always)]
    fn earlier(self, other: First, tie: &mut bool) -> First {
        *tie |= self.time == other.time;
        let other_wins = other.time < self.time;
        First {
            time: select_unpredictable(other_wins, other.time, self.time),
            leaf: select_unpredictable(other_wins, other.leaf, self.leaf),
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Tournament<P: Copy> {
    first: First,
    /// Whether the first event has been popped, so that its leaf is to be reused or emptied.
    vacant: bool,
    /// The groups of leaves; their number is a power of two.
    times: Vec<[u64; 4]>,
    /// By node / 2. The root is node 1, the children of n are 2 n and 2 n + 1, and group g is node `times.len()` + g.
    nodes: Vec<[First; 2]>,
    /// By leaf; leaves beyond have not been used.
    rests: Vec<Rest<P>>,
    /// Used leaves that are empty now.
    free: Vec<usize>,
}

impl<P: Copy> Tournament<P> {
    pub(crate) fn new() -> Self {
        Tournament {
            first: First::none(0),
            vacant: false,
            times: vec![NO_TIMES],
            nodes: vec![NO_EVENTS],
            rests: Vec::new(),
            free: Vec::new(),
        }
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.rests.len() - self.free.len() - usize::from(self.vacant)
    }

    /// The time and priority of the first entry.
    #[inline]
    pub(crate) fn peek(&mut self) -> Option<(Tick, u8)> {
        self.settle();
        if self.first.time >= NEVER {
            return None;
        }
        Some((self.first.time as Tick, self.rests[self.first.leaf].priority()))
    }

    pub(crate) fn clear(&mut self) {
        self.rests.clear();
        self.build();
    }

    /// Adds an entry where one has just been popped; false, and nothing done, if none has.
    #[inline(always)]
    pub(crate) fn replace(&mut self, time: Tick, rest: Rest<P>) -> bool {
        if !self.vacant {
            return false;
        }
        self.vacant = false;
        let leaf = self.first.leaf;
        self.rests[leaf] = rest;
        self.set_first::<false>(leaf, time as u64);
        true
    }

    /// Adds an entry where none has just been popped.
    #[inline]
    pub(crate) fn push(&mut self, time: Tick, rest: Rest<P>) {
        let leaf = if let Some(leaf) = self.free.pop() {
            self.rests[leaf] = rest;
            leaf
        } else {
            if self.rests.len() == 4 * self.times.len() {
                self.grow();
            }
            self.rests.push(rest);
            self.rests.len() - 1
        };
        self.insert(leaf, time as u64);
    }

    #[inline(always)]
    pub(crate) fn pop(&mut self) -> Option<Entry<P>> {
        self.settle();
        if self.first.time >= NEVER {
            return None;
        }
        self.vacant = true;
        Some(Entry { time: self.first.time as Tick, rest: self.rests[self.first.leaf] })
    }

    #[inline(always)]
    fn settle(&mut self) {
        if self.vacant {
            self.empty();
        }
    }

    /// Empties a vacant leaf.
    #[inline(never)]
    fn empty(&mut self) {
        self.vacant = false;
        let leaf = self.first.leaf;
        self.free.push(leaf);
        self.set_first::<true>(leaf, NO_TIMES[leaf % 4]);
    }

    /// Puts another time into the leaf of the first event, or (`NONE`) an empty place.
    #[inline(always)]
    fn set_first<const NONE: bool>(&mut self, leaf: usize, time: u64) {
        let mut tie = false;
        let mut node = self.times.len() + leaf / 4;
        let group = &mut self.times[leaf / 4];
        group[leaf % 4] = time;
        let other = |k: usize| First { time: group[(leaf ^ k) % 4], leaf: leaf ^ k };
        let others = other(1).earlier(other(2), &mut tie).earlier(other(3), &mut tie);
        let mut first = First { time, leaf }.earlier(others, &mut tie);
        while node > 1 {
            if NONE && first.time >= NEVER {
                first = First::none(node);
            }
            let siblings = &mut self.nodes[node / 2];
            siblings[node % 2] = first;
            first = first.earlier(siblings[(node % 2) ^ 1], &mut tie);
            node /= 2;
        }
        self.first = first;
        if tie {
            self.replay(leaf);
        }
    }

    /// Puts a time into an empty leaf: each node above compares its first event with the new one.
    #[inline(always)]
    fn insert(&mut self, leaf: usize, time: u64) {
        let mut tie = false;
        let mut node = self.times.len() + leaf / 4;
        self.times[leaf / 4][leaf % 4] = time;
        let new = First { time, leaf };
        while node > 1 {
            let first = &mut self.nodes[node / 2][node % 2];
            *first = first.earlier(new, &mut tie);
            node /= 2;
        }
        self.first = self.first.earlier(new, &mut tie);
        if tie {
            self.replay(leaf);
        }
    }

    /// The way up from a leaf again, where times alone do not decide.
    #[inline(never)]
    fn replay(&mut self, leaf: usize) {
        let mut first = self.first_of_leaves(leaf / 4);
        let mut node = self.times.len() + leaf / 4;
        while node > 1 {
            first = self.play(node, first);
            node /= 2;
        }
        self.first = first;
    }

    /// Enters the first event below a node and returns that below its parent.
    #[inline(always)]
    fn play(&mut self, node: usize, first: First) -> First {
        let first = if first.time >= NEVER { First::none(node) } else { first };
        let siblings = &mut self.nodes[node / 2];
        siblings[node % 2] = first;
        let sibling = siblings[(node % 2) ^ 1];
        self.precede(first, sibling)
    }

    /// The first of two in the order of events.
    #[inline(always)]
    fn precede(&self, a: First, b: First) -> First {
        let b_wins = if a.time == b.time { self.rests[b.leaf].rank() < self.rests[a.leaf].rank() } else { b.time < a.time };
        if b_wins { b } else { a }
    }

    #[inline(always)]
    fn first_of_leaves(&self, group: usize) -> First {
        let times = self.times[group];
        let [a, b, c, d] = [0, 1, 2, 3].map(|k| First { time: times[k], leaf: 4 * group + k });
        self.precede(self.precede(a, b), self.precede(c, d))
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self) {
        self.times.resize(2 * self.times.len(), NO_TIMES);
        self.play_all();
    }

    /// Adds an entry that is not found before `build`; all used leaves must hold entries.
    #[inline]
    pub(crate) fn append(&mut self, entry: Entry<P>) {
        let leaf = self.rests.len();
        if leaf == 4 * self.times.len() {
            self.times.push(NO_TIMES);
        }
        self.times[leaf / 4][leaf % 4] = entry.time as u64;
        self.rests.push(entry.rest);
    }

    /// Makes a heap of the used leaves, all of which hold entries.
    pub(crate) fn build(&mut self) {
        let used = self.rests.len();
        self.vacant = false;
        self.free.clear();
        // One place more than used: in a far-reaching queue the front takes a few events before it is empty.
        self.times.resize((used / 4 + 1).next_power_of_two(), NO_TIMES);
        self.times[used / 4][used % 4..].copy_from_slice(&NO_TIMES[used % 4..]);
        self.times[used / 4 + 1..].fill(NO_TIMES);
        self.play_all();
    }

    /// Finds the first event below every node.
    fn play_all(&mut self) {
        self.nodes.clear();
        self.nodes.resize(self.times.len(), NO_EVENTS);
        let mut level = self.times.len();
        let mut used = self.rests.len().div_ceil(4);
        self.first = First::none(0);
        for group in 0..used {
            self.first = self.first_of_leaves(group);
            if level > 1 {
                self.nodes[(level + group) / 2][group % 2] = self.first;
            }
        }
        while level > 1 {
            level /= 2;
            used = used.div_ceil(2);
            for index in 0..used {
                let [a, b] = self.nodes[level + index];
                self.first = self.precede(a, b);
                if level > 1 {
                    self.nodes[(level + index) / 2][index % 2] = self.first;
                }
            }
        }
    }

    /// Hands every entry later than `horizon` to `later`, in no order, and keeps the others.
    pub(crate) fn split(&mut self, horizon: Tick, mut later: impl FnMut(Entry<P>)) {
        self.settle();
        let mut kept = 0;
        for leaf in 0..self.rests.len() {
            let (time, rest) = (self.times[leaf / 4][leaf % 4], self.rests[leaf]);
            if time >= NEVER {
                continue;
            }
            if time > horizon as u64 {
                later(Entry { time: time as Tick, rest });
            } else {
                self.times[kept / 4][kept % 4] = time;
                self.rests[kept] = rest;
                kept += 1;
            }
        }
        self.rests.truncate(kept);
        self.build();
    }
}
