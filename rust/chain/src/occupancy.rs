//! What a chain under swap-asap may hold after an instant, and all that may come of it one step later.
//!
//! ```text
//!   a holding:   pairs    from, to, place in the queues at both ends, ages if there is a cut-off, label
//!                links    how many attempts are running, and when they end
//!
//!   one step:    wait | attempts that end | swaps, one scan from left to right | cut-offs
//! ```
//!
//! Follows the samplers (`sample_asap`, `sample_multiplexed`) branch by branch instead of draw by draw. To carry the state
//! along, each elementary pair is labelled at its herald with its fate: a part of the pair that will be *delivered*, or
//! *doomed* to a failed swap, to a cut-off, or to lie about when another pair is delivered. Histories whose labels turn out
//! wrong get weight zero, so exactly one labelling of each history counts, and only pairs to be delivered need tracking.
//! Which numbers go with a tracked pair is the business of `labels`.

use crate::labels::{DOOMED, Labels, Weight};
use crate::numbers::Numbers;

/// A pair that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Pair {
    from: u8,
    to: u8,
    /// Its place among those that reach right from `from`, and among those that reach left from `to`.
    places: [u8; 2],
    label: u8,
    /// Steps since the oldest elementary pair (twice), or that each half is held; kept only where there is a cut-off.
    ages: [u32; 2],
}

/// Attempts of one link that end at the same instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Running {
    link: u8,
    ends_in: u32,
    count: u8,
}

#[derive(Debug, Clone, Default)]
struct Holding {
    pairs: Vec<Pair>,
    running: Vec<Running>,
}

/// A holding in words, by which it is known.
pub type Key = Box<[u32]>;

/// What a branch leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome<'a> {
    Holding(&'a [u32]),
    /// A pair with this label is delivered.
    Delivered(u8),
}

/// The rules of one chain.
pub struct Rules<'a> {
    pub numbers: &'a Numbers,
    pub labels: &'a Labels,
    pub cutoff: Option<u32>,
    pub on_memory: bool,
    pub slots: u8,
}

/// Places that are new in a queue come after all others.
const LAST: u8 = 128;

impl Rules<'_> {
    /// Empty memories, all attempts begun.
    pub fn empty(&self) -> Key {
        let running = |link: usize| Running { link: link as u8, ends_in: self.attempt(link), count: self.slots };
        self.key(&mut Holding { pairs: Vec::new(), running: (0..self.links()).map(running).collect() })
    }

    /// Tells `branch` all that may come of a holding one step later, each with its weight.
    pub fn step(&self, from: &[u32], branch: &mut dyn FnMut(Outcome<'_>, Weight)) {
        let mut holding = self.holding(from);
        let mut weight: Weight = [1.0; 4];
        for pair in &mut holding.pairs {
            let kept = self.labels.kept(pair.label, pair.from.into(), pair.to.into());
            weight.iter_mut().zip(kept).for_each(|(w, k)| *w *= k);
            if self.cutoff.is_some() {
                pair.ages = self.older(pair);
            }
        }
        let mut due = Vec::new();
        for running in &mut holding.running {
            running.ends_in -= 1;
            if running.ends_in == 0 {
                due.push((running.link, running.count));
            }
        }
        holding.running.retain(|r| r.ends_in > 0);
        self.attempts(&holding, &due, weight, branch);
    }

    fn links(&self) -> usize {
        self.numbers.segments()
    }

    fn attempt(&self, link: usize) -> u32 {
        u32::try_from(self.numbers.links[link].long).unwrap_or(u32::MAX)
    }

    fn older(&self, pair: &Pair) -> [u32; 2] {
        let measured =
            |node: u8| self.on_memory && self.numbers.ends_measured && (node == 0 || usize::from(node) == self.links());
        [(pair.from, 0), (pair.to, 1)].map(|(node, side)| if measured(node) { 0 } else { pair.ages[side] + 1 })
    }

    /// So many attempts of a link end now; some of them succeed.
    fn attempts(&self, holding: &Holding, due: &[(u8, u8)], weight: Weight, branch: &mut dyn FnMut(Outcome<'_>, Weight)) {
        let Some(((link, count), rest)) = due.split_first() else {
            return self.swaps(holding, 1, weight, branch);
        };
        let p = self.numbers.links[usize::from(*link)].success;
        let mut ways = 1.0;
        for made in 0..=*count {
            let failed = count - made;
            let share = ways * power(p, made) * power(1.0 - p, failed);
            ways *= f64::from(failed) / f64::from(made + 1);
            if share == 0.0 {
                continue;
            }
            let mut next = holding.clone();
            if failed > 0 {
                next.running.push(Running { link: *link, ends_in: self.attempt((*link).into()), count: failed });
            }
            self.pairs(&next, *link, made, 0, rest, weight.map(|w| w * share), branch);
        }
    }

    /// Labels the pairs that a link has made.
    #[allow(clippy::too_many_arguments)]
    fn pairs(
        &self,
        holding: &Holding,
        link: u8,
        made: u8,
        labelled: u8,
        due: &[(u8, u8)],
        weight: Weight,
        branch: &mut dyn FnMut(Outcome<'_>, Weight),
    ) {
        if labelled == made {
            return self.attempts(holding, due, weight, branch);
        }
        for (label, factor) in self.labels.births(link.into()) {
            let mut next = holding.clone();
            let places = [LAST + labelled; 2];
            next.pairs.push(Pair { from: link, to: link + 1, places, label, ages: [0; 2] });
            let weight = std::array::from_fn(|k| weight[k] * factor[k]);
            self.pairs(&next, link, made, labelled + 1, due, weight, branch);
        }
    }

    /// The scan from this node on.
    fn swaps(&self, holding: &Holding, first: usize, weight: Weight, branch: &mut dyn FnMut(Outcome<'_>, Weight)) {
        if self.links() == 1 {
            if let Some(k) = front(&holding.pairs, |p| Some(p.places[0])) {
                return deliver(holding, k, usize::MAX, holding.pairs[k].label, weight, branch);
            }
            return self.settle(holding.clone(), weight, branch);
        }
        for node in first..self.links() {
            let at = |n: u8| usize::from(n) == node;
            let left = front(&holding.pairs, |p| at(p.to).then_some(p.places[1]));
            let right = front(&holding.pairs, |p| at(p.from).then_some(p.places[0]));
            if let (Some(left), Some(right)) = (left, right) {
                return self.swap(holding, node, left, right, weight, branch);
            }
        }
        self.settle(holding.clone(), weight, branch);
    }

    fn swap(
        &self,
        holding: &Holding,
        node: usize,
        left: usize,
        right: usize,
        weight: Weight,
        branch: &mut dyn FnMut(Outcome<'_>, Weight),
    ) {
        let (a, b) = (holding.pairs[left], holding.pairs[right]);
        let q = self.numbers.swaps[node - 1].success;
        if a.label == DOOMED && b.label == DOOMED && q < 1.0 {
            let mut next = holding.clone();
            self.lose(&mut next, &[left, right]);
            self.swaps(&next, node, weight.map(|w| w * (1.0 - q)), branch);
        }
        for (label, factor) in self.labels.joined(node, a.label, b.label) {
            let weight: Weight = std::array::from_fn(|k| weight[k] * q * factor[k]);
            if a.from == 0 && usize::from(b.to) == self.links() {
                deliver(holding, left, right, label, weight, branch);
                continue;
            }
            let ages = if self.on_memory { [a.ages[0], b.ages[1]] } else { [a.ages[0].max(b.ages[0]); 2] };
            let joined = Pair { from: a.from, to: b.to, places: [a.places[0], b.places[1]], label, ages };
            let mut next = holding.clone();
            next.pairs[left] = joined;
            next.pairs.swap_remove(right);
            self.swaps(&next, node, weight, branch);
        }
    }

    /// Pairs are lost, and their links start anew.
    fn lose(&self, holding: &mut Holding, pairs: &[usize]) {
        for k in pairs {
            let pair = holding.pairs[*k];
            for link in pair.from..pair.to {
                holding.running.push(Running { link, ends_in: self.attempt(link.into()), count: 1 });
            }
        }
        let mut k = 0;
        holding.pairs.retain(|_| {
            k += 1;
            !pairs.contains(&(k - 1))
        });
    }

    /// Cut-offs, the last of an instant.
    fn settle(&self, mut holding: Holding, weight: Weight, branch: &mut dyn FnMut(Outcome<'_>, Weight)) {
        if let Some(cutoff) = self.cutoff {
            let due = |p: &Pair| p.ages.iter().any(|age| *age >= cutoff);
            let old: Vec<usize> = (0..holding.pairs.len()).filter(|k| due(&holding.pairs[*k])).collect();
            if old.iter().any(|k| holding.pairs[*k].label != DOOMED) {
                return;
            }
            self.lose(&mut holding, &old);
        }
        branch(Outcome::Holding(&self.key(&mut holding)), weight);
    }

    /// The same words for the same holding: places count from 0, and everything is sorted.
    fn key(&self, holding: &mut Holding) -> Key {
        for side in 0..2 {
            let ends: Vec<(u8, u8)> = holding.pairs.iter().map(|p| ([p.from, p.to][side], p.places[side])).collect();
            for (pair, (node, place)) in holding.pairs.iter_mut().zip(&ends) {
                let end = *node == 0 || usize::from(*node) == self.numbers.segments();
                let before = ends.iter().filter(|(other, earlier)| other == node && earlier < place).count();
                pair.places[side] = if end { 0 } else { before as u8 };
            }
        }
        holding.pairs.sort_unstable();
        holding.running.sort_unstable();
        let mut words = vec![holding.pairs.len() as u32];
        for p in &holding.pairs {
            words.push(
                u32::from(p.from)
                    | u32::from(p.to) << 5
                    | u32::from(p.label) << 10
                    | u32::from(p.places[0]) << 14
                    | u32::from(p.places[1]) << 22,
            );
            if self.cutoff.is_some() {
                words.extend(if self.on_memory { &p.ages[..] } else { &p.ages[..1] });
            }
        }
        for chunk in holding.running.chunk_by(|a, b| (a.link, a.ends_in) == (b.link, b.ends_in)) {
            let count: u32 = chunk.iter().map(|r| u32::from(r.count)).sum();
            words.extend([u32::from(chunk[0].link) | count << 8, chunk[0].ends_in]);
        }
        words.into_boxed_slice()
    }

    fn holding(&self, key: &[u32]) -> Holding {
        let mut words = key.iter().copied();
        let mut next = || words.next().unwrap_or_default();
        let count = next();
        let pairs = (0..count)
            .map(|_| {
                let word = next();
                let part = |shift: u32, bits: u32| (word >> shift & ((1 << bits) - 1)) as u8;
                let first = if self.cutoff.is_some() { next() } else { 0 };
                let second = if self.cutoff.is_some() && self.on_memory { next() } else { first };
                Pair {
                    from: part(0, 5),
                    to: part(5, 5),
                    places: [part(14, 8), part(22, 8)],
                    label: part(10, 4),
                    ages: [first, second],
                }
            })
            .collect();
        let rest: Vec<u32> = words.collect();
        let running =
            rest.chunks_exact(2).map(|w| Running { link: w[0] as u8, ends_in: w[1], count: (w[0] >> 8) as u8 }).collect();
        Holding { pairs, running }
    }
}

/// The pair with the lowest of the places that `place` finds.
fn front(pairs: &[Pair], place: impl Fn(&Pair) -> Option<u8>) -> Option<usize> {
    let candidates = pairs.iter().enumerate().filter_map(|(k, p)| place(p).map(|place| (place, k)));
    candidates.min().map(|(_, k)| k)
}

/// Everything else is lost, and must have been doomed.
fn deliver(holding: &Holding, left: usize, right: usize, label: u8, weight: Weight, branch: &mut dyn FnMut(Outcome<'_>, Weight)) {
    let others = |k: &usize| *k != left && *k != right;
    if label != DOOMED && (0..holding.pairs.len()).filter(others).all(|k| holding.pairs[k].label == DOOMED) {
        branch(Outcome::Delivered(label), weight);
    }
}

fn power(x: f64, n: u8) -> f64 {
    (0..n).map(|_| x).product()
}
