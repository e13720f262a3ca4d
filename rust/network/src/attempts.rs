//! Attempts of a link, one by one or skipped, and what a herald begins.

use ebit_kernel::Tick;
use ebit_random::{Stream, binomial};

use crate::engine::{ARRIVALS, Engine, Payload};
use crate::error::RunError;
use crate::formalism::Formalism;
use crate::recorder::Kind;
use crate::registry::Pair;
use crate::world::Timing;

impl<F: Formalism> Engine<'_, F> {
    /// Starts attempts while both ends have a free slot and somebody wants a pair.
    #[inline]
    pub(crate) fn try_start(&mut self, link: u32) -> Result<(), RunError> {
        loop {
            let state = &mut self.links[link as usize];
            if state.demand == 0 || state.free[0] == 0 || state.free[1] == 0 {
                return Ok(());
            }
            state.free[0] -= 1;
            state.free[1] -= 1;
            state.running += 1;
            self.start_attempt(link)?;
        }
    }

    fn start_attempt(&mut self, link: u32) -> Result<(), RunError> {
        let spec = &self.world.links[link as usize];
        let state = &mut self.links[link as usize];
        let generation = state.generation;
        let (duration, success, legs) = if self.world.per_attempt {
            one_attempt(spec.geometric.p(), spec.timing, &mut state.stream)
        } else {
            let attempts = spec.geometric.sample(&mut state.stream);
            self.counts.attempts += attempts;
            (skipped_attempts(attempts, spec.timing, &mut state.stream), true, 0)
        };
        self.push_success(link, duration, Payload::Attempt { link, generation, success, legs })
    }

    /// Schedules the end of attempts after `duration`; None: beyond what ticks can count.
    pub(crate) fn push_success(&mut self, link: u32, duration: Option<Tick>, attempt: Payload) -> Result<(), RunError> {
        let Some(time) = duration.and_then(|d| self.now.checked_add(d)) else {
            if let Some(until) = self.world.until {
                return self.schedule(until + 1, ARRIVALS, link, attempt);
            }
            return Err(self.overflow(&self.world.links[link as usize].label));
        };
        self.push(time, ARRIVALS, link, attempt)
    }

    pub(crate) fn attempt_ends(&mut self, link: u32, generation: u32, success: bool, legs: u8) -> Result<(), RunError> {
        if self.links[link as usize].generation != generation {
            return Ok(());
        }
        if legs > 0 {
            let time = self.later(self.world.links[link as usize].timing.leg())?;
            return self.push(time, ARRIVALS, link, Payload::Attempt { link, generation, success, legs: legs - 1 });
        }
        if self.world.per_attempt {
            self.counts.attempts += 1;
        }
        if !success {
            self.log(Kind::AttemptFailed, link, 0);
            return self.start_attempt(link);
        }
        self.links[link as usize].running -= 1;
        self.herald(link)
    }

    /// A fresh pair: who gets it, and what it can be joined with.
    pub(crate) fn herald(&mut self, link: u32) -> Result<(), RunError> {
        let Some((request, position)) = self.claimant(link) else { return Ok(()) };
        let spec = &self.world.requests[request as usize];
        if spec.blocks.is_some() {
            return self.block_pair(request, position);
        }
        let (now, last) = (self.now, spec.last());
        let state = self.formalism.fresh(request, position);
        let place = self.registry.insert(Pair::fresh(request, [position, position + 1], now, state));
        self.log(Kind::Herald, link, self.registry.get(place).id);
        self.requests[request as usize].taken[position as usize] += 1;
        if last == 1 {
            return self.deliver(place);
        }
        self.wait_at_ends(place, true);
        self.arm_cutoff(place)
    }
}

/// Time to the first event of one attempt, its outcome (one Bernoulli draw), and how many more messages follow.
///
/// A negotiation in two rounds is 4 or 7 one-way trips, each an event of its own here.
pub(crate) fn one_attempt(p: f64, timing: Timing, stream: &mut Stream) -> (Option<Tick>, bool, u8) {
    let u = stream.next_f64();
    let success = u < p;
    match timing {
        Timing::Fixed(t) => (Some(t), success, 0),
        Timing::TwoRound { short, long, long_given_failure } => {
            let long_attempt = success || u < p + (1.0 - p) * long_given_failure;
            let (total, legs) = if long_attempt { (long, 6) } else { (short, 3) };
            (Some(total - i64::from(legs) * timing.leg()), success, legs)
        }
    }
}

/// Duration of `attempts` attempts, the last of which succeeds; `None` beyond what ticks can count.
#[inline]
pub(crate) fn skipped_attempts(attempts: u64, timing: Timing, stream: &mut Stream) -> Option<Tick> {
    let count = i64::try_from(attempts).ok()?;
    match timing {
        Timing::Fixed(t) => count.checked_mul(t),
        Timing::TwoRound { short, long, long_given_failure } => {
            let failures = count - 1;
            let long_ones = binomial(stream, failures as u64, long_given_failure).ok()? as i64;
            let wasted = (failures - long_ones).checked_mul(short)?.checked_add(long_ones.checked_mul(long)?)?;
            wasted.checked_add(long)
        }
    }
}
