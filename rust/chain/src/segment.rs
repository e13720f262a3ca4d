//! A stretch of the chain that is entangled, while it is sampled.

use ebit_quantum::Side;
use ebit_random::{Geometric, Stream, binomial};

use crate::numbers::{Link, Numbers};
use crate::state::State;

/// A pair between nodes `from` and `to`, whose state is that of `touched`.
#[derive(Debug, Clone, Copy)]
pub struct Segment<S> {
    pub from: u32,
    pub to: u32,
    /// When its oldest elementary pair was heralded.
    pub born: u64,
    pub touched: u64,
    /// Since when its left and its right half are held.
    pub held: [u64; 2],
    pub state: S,
}

impl<S: State> Segment<S> {
    /// A pair of a link at its herald.
    #[inline]
    pub fn fresh(link: u32, now: u64, rules: &S::Rules) -> Self {
        let state = S::fresh(rules, link as usize);
        Self { from: link, to: link + 1, born: now, touched: now, held: [now; 2], state }
    }

    /// When its time began that a cut-off limits: its oldest elementary pair's, or that of the memory which holds longest.
    #[inline]
    pub fn since(&self, on_memory: bool, numbers: &Numbers) -> u64 {
        if !on_memory {
            return self.born;
        }
        // A measured end is in no memory.
        let measured = numbers.ends_measured && self.from == 0;
        let left = if measured { u64::MAX } else { self.held[0] };
        let measured = numbers.ends_measured && self.to as usize == numbers.segments();
        left.min(if measured { u64::MAX } else { self.held[1] })
    }

    /// Lets both halves rest until `now`; measured ends do not age.
    #[inline]
    pub fn age(&mut self, rules: &S::Rules, numbers: &Numbers, now: u64) {
        self.age_to(rules, numbers, [now; 2]);
    }

    /// Lets each half rest until a time of its own; the state is that of the right one's.
    #[inline]
    fn age_to(&mut self, rules: &S::Rules, numbers: &Numbers, until: [u64; 2]) {
        let [left, right] = until.map(|time| time - self.touched);
        if left > 0 && !(numbers.ends_measured && self.from == 0) {
            self.state.age(rules, Side::Left, left);
        }
        if right > 0 && !(numbers.ends_measured && self.to as usize == numbers.segments()) {
            self.state.age(rules, Side::Right, right);
        }
        self.touched = until[1];
    }

    /// Joins two segments by a measurement from `began` to `done`, when its outcome is known and corrected.
    ///
    /// The halves that are measured rest until it begins, the outer ones until it is done: their relaxation commutes
    /// neither with the correction nor with the white noise of the swap.
    #[inline]
    pub fn swap(mut left: Self, mut right: Self, rules: &S::Rules, numbers: &Numbers, [began, done]: [u64; 2]) -> Self {
        left.age_to(rules, numbers, [done, began]);
        right.age_to(rules, numbers, [began, done]);
        let v = numbers.swaps[left.to as usize - 1].visibility;
        let state = S::swap(&left.state, &right.state, v);
        let held = [left.held[0], right.held[1]];
        Self { from: left.from, to: right.to, born: left.born.min(right.born), touched: done, held, state }
    }
}

/// How long each link takes: drawn at once, failures skipped.
pub struct Waits {
    geometric: Vec<Geometric>,
    links: Vec<Link>,
}

impl Waits {
    /// # Errors
    /// A probability that is none; the compiler has judged them.
    pub fn of(links: &[Link]) -> Result<Self, ebit_random::SamplerError> {
        let geometric = links.iter().map(|l| Geometric::new(l.success)).collect::<Result<_, _>>()?;
        Ok(Self { geometric, links: links.to_vec() })
    }

    /// Steps until this link's first success.
    #[inline]
    pub fn draw(&self, link: usize, stream: &mut Stream) -> u64 {
        let attempts = self.geometric[link].sample(stream);
        let spec = &self.links[link];
        if spec.short == spec.long {
            return attempts.saturating_mul(spec.long);
        }
        let failed = attempts - 1;
        // More attempts than a double can count are beyond any clock; the probability is the compiler's own.
        let long = binomial(stream, failed.min(1 << 53), spec.long_if_failed).unwrap_or(0);
        (failed - long).saturating_mul(spec.short).saturating_add((long + 1).saturating_mul(spec.long))
    }
}
