//! Sampling swap-asap of few links whose swaps take no time and whose memories know Pauli noise alone.
//!
//! Neighbours that are there have swapped, so which links are there says which segments are: runs of ones.
//!
//! ```text
//!   links there   0 1 1 1 0 0 1 0      a segment over links 1 .. 3, one over link 6
//!   what comes    0 0 0 0 1 0 0 0      swaps at the nodes beside it, from left to right
//! ```
//!
//! Pauli decay only asks for the sum of all waits of what is delivered, a whole number that swaps add. The same draws in the
//! same order as `sample_asap`, which holds any state and takes any swap.

use ebit_quantum::{Correlations, Side};
use ebit_random::Stream;

use crate::compile::AsapPlan;
use crate::numbers::Numbers;
use crate::sample::Sampler;
use crate::sample_certain::undecayed;
use crate::segment::Waits;
use crate::state::{Shrinking, State};

/// Links that a word of ones holds, and looking through which is cheaper than a heap.
pub const MAX_LINKS: usize = 48;
/// Bits of an event's key below its time: which link heralds, or which segment is cut off.
const NAMES: u32 = 7;
const NEVER: u64 = u64::MAX;
/// Later than this is as late as can be told.
const LAST: u64 = (1 << (64 - NAMES)) - 2;
/// Events between two looks at `stop`.
const POLL_EVERY: u64 = 4096;

/// One end of a segment: what is known of it is kept at its first link.
#[derive(Clone, Copy, Default)]
struct Part {
    /// Its other end's link.
    other: u32,
    touched: u64,
    /// Steps that its halves have waited, added up.
    waited: u64,
    /// Since when its time runs that a cut-off limits; per half where it is that of each memory.
    since: [u64; 2],
}

/// One chain's memories; reused from pair to pair.
pub struct Instant<'a> {
    numbers: &'a Numbers,
    plan: AsapPlan,
    rules: &'a Shrinking,
    waits: &'a Waits,
    /// All links and swaps, nothing waited.
    fresh: Correlations,
    /// (time, link) of each link's next herald, in one word.
    heralds: Vec<u64>,
    /// (time, first link) of each segment's cut-off.
    cutoffs: Vec<u64>,
    there: u64,
    parts: Vec<Part>,
    success: Vec<f64>,
    stop: &'a (dyn Fn() -> bool + Sync),
}

impl<'a> Instant<'a> {
    /// Whether this sampler draws such chains.
    pub fn applies(numbers: &Numbers, plan: AsapPlan) -> bool {
        let rarest = numbers.links.iter().map(|l| l.long as f64 / l.success).fold(0.0, f64::max);
        // e^-64 of the mean is beyond any sample.
        let countable = rarest * 64.0 < LAST as f64;
        plan.slots == 1
            && (2..=MAX_LINKS).contains(&numbers.segments())
            && countable
            && numbers.swaps.iter().all(|s| s.duration == 0)
    }

    pub fn new(
        numbers: &'a Numbers,
        plan: AsapPlan,
        rules: &'a Shrinking,
        waits: &'a Waits,
        stop: &'a (dyn Fn() -> bool + Sync),
    ) -> Self {
        let n = numbers.segments();
        Self {
            numbers,
            plan,
            rules,
            waits,
            fresh: undecayed(numbers, rules),
            heralds: vec![NEVER; n],
            cutoffs: vec![NEVER; n],
            there: 0,
            parts: vec![Part::default(); n],
            success: numbers.swaps.iter().map(|s| s.success).collect(),
            stop,
        }
    }

    #[inline]
    fn start(&mut self, link: usize, now: u64, stream: &mut Stream) {
        let time = now.saturating_add(self.waits.draw(link, stream)).min(LAST);
        self.heralds[link] = time << NAMES | link as u64;
    }

    /// Waits of both halves since they were touched; measured ends do not age.
    #[inline]
    fn waits_since(&self, first: usize, last: usize, steps: u64) -> u64 {
        let measured = self.numbers.ends_measured;
        let halves = 2 - u64::from(measured && first == 0) - u64::from(measured && last + 1 == self.heralds.len());
        steps.saturating_mul(halves)
    }

    /// A segment's next cut-off, if there is one.
    #[inline]
    fn limit(&mut self, first: usize, now: u64) {
        let Some(cutoff) = self.plan.cutoff else { return };
        let part = &self.parts[first];
        let since = if self.plan.on_memory {
            let measured = |end: bool| self.numbers.ends_measured && end;
            let left = if measured(first == 0) { u64::MAX } else { part.since[0] };
            let right = if measured(part.other as usize + 1 == self.heralds.len()) { u64::MAX } else { part.since[1] };
            left.min(right)
        } else {
            part.since[0]
        };
        let time = since.saturating_add(cutoff).max(now).min(LAST);
        self.cutoffs[first] = time << NAMES | first as u64;
    }

    /// The segment that begins at a link is no more, and its links start anew.
    #[inline]
    fn lose(&mut self, first: usize, now: u64, stream: &mut Stream) {
        let last = self.parts[first].other as usize;
        self.cutoffs[first] = NEVER;
        for link in first..=last {
            self.there &= !(1 << link);
            self.start(link, now, stream);
        }
    }

    /// Steps and waits of the first end-to-end pair from empty memories. None: stopped.
    fn whole(&mut self, stream: &mut Stream) -> Option<(u64, u64)> {
        let n = self.heralds.len();
        self.there = 0;
        self.cutoffs.fill(NEVER);
        for link in 0..n {
            self.start(link, 0, stream);
        }
        let mut handled = 0u64;
        loop {
            handled += 1;
            if handled.is_multiple_of(POLL_EVERY) && (self.stop)() {
                return None;
            }
            let herald = least(&self.heralds);
            let now = if self.plan.cutoff.is_some() { herald.min(least(&self.cutoffs)) } else { herald } >> NAMES;
            if herald >> NAMES == now
                && let Some(waited) = self.instant(herald, now, stream)
            {
                return Some((now, waited));
            }
            if self.plan.cutoff.is_some() {
                loop {
                    let cutoff = least(&self.cutoffs);
                    if cutoff >> NAMES > now {
                        break;
                    }
                    self.lose((cutoff & ((1 << NAMES) - 1)) as usize, now, stream);
                }
            }
        }
    }

    /// Heralds of an instant, then its swaps from left to right; the waits of the pair that is delivered.
    #[inline]
    fn instant(&mut self, first: u64, now: u64, stream: &mut Stream) -> Option<u64> {
        let n = self.heralds.len();
        let mut next = first;
        let mut nodes = 0u64;
        while next >> NAMES == now {
            let link = (next & ((1 << NAMES) - 1)) as usize;
            self.heralds[link] = NEVER;
            self.there |= 1 << link;
            self.parts[link] = Part { other: link as u32, touched: now, waited: 0, since: [now; 2] };
            self.limit(link, now);
            nodes |= 0b11 << link;
            next = least(&self.heralds);
        }
        // Node k lies between links k - 1 and k.
        nodes &= self.there & self.there << 1;
        while nodes != 0 {
            let node = nodes.trailing_zeros() as usize;
            nodes &= nodes - 1;
            if self.there >> (node - 1) & 0b11 != 0b11 {
                continue;
            }
            let left = self.parts[node - 1].other as usize;
            let q = self.success[node - 1];
            if q < 1.0 && !stream.bernoulli(q) {
                self.lose(left, now, stream);
                self.lose(node, now, stream);
                continue;
            }
            let (a, b) = (self.parts[left], self.parts[node]);
            let last = b.other as usize;
            let waited = a.waited
                + b.waited
                + self.waits_since(left, node - 1, now - a.touched)
                + self.waits_since(node, last, now - b.touched);
            if left == 0 && last + 1 == n {
                return Some(waited);
            }
            let since = if self.plan.on_memory { [a.since[0], b.since[1]] } else { [a.since[0].min(b.since[0]); 2] };
            self.parts[left] = Part { other: last as u32, touched: now, waited, since };
            self.parts[last].other = left as u32;
            self.cutoffs[node] = NEVER;
            self.limit(left, now);
        }
        None
    }
}

/// The least of a few.
#[inline]
fn least(times: &[u64]) -> u64 {
    times.iter().fold(NEVER, |a, b| a.min(*b))
}

impl Sampler for Instant<'_> {
    fn pair(&mut self, stream: &mut Stream) -> Option<(u64, Correlations)> {
        let (steps, waited) = self.whole(stream)?;
        let mut state = self.fresh;
        // All nodes have equal memories, so it does not matter whose halves have waited.
        state.age(self.rules, Side::Left, waited);
        Some((steps, state))
    }
}

#[cfg(test)]
mod tests {
    use ebit_quantum::PairState;
    use ebit_random::Purpose;
    use ebit_spec::{CutoffOn, EndMemory, HeraldedLink, LinkModel, Memory, Real, RepeaterChain, Schedule, Swap, SwapAsap};

    use super::*;
    use crate::compile::{Plan, compile};
    use crate::sample_asap::Asap;

    /// Draw by draw what the sampler does that keeps segments and their states.
    #[test]
    fn the_same_pairs_as_by_segments() {
        let heralded = |k: usize| {
            LinkModel::HeraldedLink(HeraldedLink {
                success_probability: Real(0.1 + 0.05 * k as f64),
                attempt_time_s: Real(1e-3 * (1 + k % 3) as f64),
                pair: [0.94, 0.03, 0.02, 0.01].map(Real),
                herald_age_s: Real(0.0),
            })
        };
        for n in [2, 3, 8, 12] {
            for (q, cutoff_s, cutoff_on) in [
                (0.7, None, CutoffOn::Segment),
                (0.9, Some(Real(0.04)), CutoffOn::Segment),
                (0.8, Some(Real(0.03)), CutoffOn::Memory),
                (1.0, Some(Real(0.03)), CutoffOn::Segment),
            ] {
                for end_memory in [EndMemory::Store, EndMemory::Measured] {
                    let chain = RepeaterChain {
                        links: (0..n).map(heralded).collect(),
                        memory: Memory { t2_s: Some(Real(0.3)), ..Memory::perfect(1) },
                        swap: Swap { success_probability: Real(q), fidelity: Real(0.99), duration_s: Real(0.0) },
                        schedule: Schedule::SwapAsap(SwapAsap { cutoff_s, cutoff_on, ..SwapAsap::default() }),
                        end_memory,
                        classical_delay: false,
                        encoding: None,
                    };
                    let compiled = compile(&chain).unwrap();
                    let Plan::SwapAsap(plan) = compiled.plan else { panic!() };
                    let waits = Waits::of(&compiled.numbers.links).unwrap();
                    assert!(Instant::applies(&compiled.numbers, plan));
                    let (few, full) = (Correlations::rules(&compiled), PairState::rules(&compiled));
                    let mut fast = Instant::new(&compiled.numbers, plan, &few, &waits, &|| false);
                    let mut slow = Asap::<PairState>::new(&compiled.numbers, plan, &full, &waits, &|| false);
                    let stream = || Stream::new(11, n as u64, 0, Purpose::ChainSample);
                    let (mut one, mut other) = (stream(), stream());
                    for _ in 0..300 {
                        let (a, b) = (fast.pair(&mut one).unwrap(), slow.pair(&mut other).unwrap());
                        assert_eq!((a.0, one.position()), (b.0, other.position()));
                        for (x, y) in [(a.1.x, b.1.x), (a.1.y, b.1.y), (a.1.z, b.1.z)] {
                            assert!((x - y).abs() < 1e-12, "{x} {y}");
                        }
                    }
                }
            }
        }
    }
}
