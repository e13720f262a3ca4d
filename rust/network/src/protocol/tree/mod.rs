//! A tree of swaps with cut-offs and distillation: every part waits for its halves, and starts them anew when they are lost.
//!
//! ```text
//!   without classical delay                         with it: the node in the middle decides, the far ends hear of it
//!
//!   left half there   |-----.                       node        "start anew" -->      far end
//!   right half there  |-----|-- cut-off             |dropped at first + cut-off
//!                     first  first + cut-off        |----------- light -------------->|all of this half begins anew
//! ```
//!
//! - A swap begins when its node knows of both halves. Its cut-off counts from when the node knew of the first; both halves
//!   known at exactly first + cut-off are kept, since cut-offs come last in an instant.
//! - A failed swap or a cut-off empties both halves. Each begins anew, all of it together, when its far end has heard; the
//!   word passes every node in between. What it still brings forth before that is in vain, and the node knows.
//! - Distillation: each end measures when it knows of both copies and tells the other; a failed round restarts both inputs
//!   when both ends know. It has no cut-off of its own. Pumped, the fresh pair begins when both ends know of the stored one:
//!   an attempt takes both.
//! - The end-to-end pair is delivered when neither end waits for a message, and everything begins anew at that instant.
//!
//! Without classical delay all of that happens at once. A lost message is not sent again: who waits for it waits for ever,
//! unless a cut-off further up ends the wait. The parts and their order are those of `crate::parts`; each has pairs of its
//! own, so copies of a half never meet.

mod distil;
mod swap;
mod word;

use ebit_kernel::Tick;
use ebit_quantum::Pauli;

use crate::attempts::{one_attempt, skipped_attempts};
use crate::engine::{ARRIVALS, Engine, Payload};
use crate::error::RunError;
use crate::formalism::Formalism;
use crate::parts::{NOBODY, PartKind, halves_of};
use crate::recorder::Kind;
use crate::registry::{LEFT, RIGHT};
use crate::request::Stage;
use crate::world::Timing;

/// What happens to a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartEvent {
    /// An attempt of its link ends, or has this many messages to go before it does.
    Attempt { success: bool, legs: u8 },
    /// The measurement of its swap is done.
    SwapDone,
    /// Its first half has waited for as long as it may.
    Cutoff,
    /// An end of its pair hears of a swap; the right one of what is left to correct.
    Heard { side: u8, pauli: Pauli },
    /// The far end of one of its halves hears that it starts anew.
    Anew { side: u8 },
    /// The far end of its right half hears that the left one is there.
    Begin,
    /// The node asks the far end on this side whether it may swap, or has its answer.
    Ask { side: u8, answer: bool },
}

/// What a part is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// Nothing: its time has not come.
    Nothing,
    /// A link: attempts. A swap or a distillation: waits for its halves.
    Waiting,
    /// A swap: far ends have been asked; so many have answered.
    Asking(u8),
    /// A swap that everybody knows of, and that takes time.
    Measuring,
    /// Its pair is there, known or not.
    Here,
    /// Its pair is used up, by the part above it.
    Spent,
    /// A distillation that failed, which its ends have yet to hear.
    Failed,
}

/// The pair that a part made.
#[derive(Debug, Clone, Copy)]
pub struct Made<S> {
    pub id: u64,
    /// Messages each end still waits for.
    pub pending: [u32; 2],
    /// When each half was last brought up to date.
    pub touched: [Tick; 2],
    pub state: S,
}

/// The moving part of a part.
#[derive(Debug, Clone, Copy)]
pub struct Part<S> {
    /// Counts its fresh starts: what was meant for an older one is stale.
    pub epoch: u32,
    pub doing: Doing,
    pub made: Option<Made<S>>,
    /// A swap: since when its first half is known. A link: since when it attempts.
    pub since: Option<Tick>,
    /// A link: attempts until it has its pair, failures skipped.
    pub attempts: u64,
    /// A swap: halves that have yet to hear that they start anew. Until then they work in vain.
    pub in_vain: [bool; 2],
    /// A distillation: when each end measured, and whether it has the other end's result.
    pub measured: [Option<Tick>; 2],
    pub told: [bool; 2],
}

impl<S> Default for Part<S> {
    fn default() -> Self {
        Self {
            epoch: 0,
            doing: Doing::Nothing,
            made: None,
            since: None,
            attempts: 0,
            in_vain: [false; 2],
            measured: [None; 2],
            told: [false; 2],
        }
    }
}

impl<F: Formalism> Engine<'_, F> {
    /// Everything below this part, and itself, starts anew: what was under way is called off, what was there is dropped.
    pub(crate) fn begin(&mut self, root: u32) -> Result<(), RunError> {
        self.call_off(root, true);
        let (world, one_by_one) = (self.world, self.one_by_one(root));
        let first = world.parts[root as usize].first;
        self.parts[root as usize].doing = Doing::Waiting;
        for k in (first..=root).rev() {
            let Some([left, right]) = halves_of(&world.parts, k) else { continue };
            let runs = self.parts[k as usize].doing == Doing::Waiting;
            let later = match world.parts[k as usize].kind {
                PartKind::Swap { .. } => one_by_one,
                PartKind::Pump => true,
                PartKind::Link | PartKind::Distil => false,
            };
            for (half, runs) in [(left, runs), (right, runs && !later)] {
                self.parts[half as usize].doing = if runs { Doing::Waiting } else { Doing::Nothing };
            }
        }
        for k in first..=root {
            if world.parts[k as usize].kind == PartKind::Link && self.parts[k as usize].doing == Doing::Waiting {
                self.attempt(k)?;
            }
        }
        Ok(())
    }

    /// Calls off all that goes on in this part and below; `log`: pairs that are there count as dropped.
    pub(crate) fn call_off(&mut self, root: u32, log: bool) {
        for k in self.world.parts[root as usize].first..=root {
            self.take_back_attempts(k);
            let part = &mut self.parts[k as usize];
            let epoch = part.epoch.wrapping_add(1);
            let made = part.made.take();
            *part = Part { epoch, ..Part::default() };
            if let Some(made) = made.filter(|_| log) {
                self.counts.dropped += 1;
                self.log(Kind::Dropped, self.end_node(k, LEFT), made.id);
            }
        }
    }

    /// Attempts that were drawn, and will not be made.
    fn take_back_attempts(&mut self, part: u32) {
        let Part { doing: Doing::Waiting, since: Some(since), attempts, .. } = self.parts[part as usize] else { return };
        if self.world.per_attempt || self.world.parts[part as usize].kind != PartKind::Link {
            return;
        }
        let elapsed = self.now - since;
        let made = match self.world.links[self.link_of(part) as usize].timing {
            Timing::Fixed(t) => (elapsed / t) as u64,
            // As many as their mean time allows.
            Timing::TwoRound { short, long, long_given_failure } => {
                (elapsed as f64 / (short as f64 + (long - short) as f64 * long_given_failure)) as u64
            }
        };
        self.counts.attempts -= attempts - made.min(attempts);
    }

    // -- links ------------------------------------------------------------------------------------------------------

    fn link_of(&self, part: u32) -> u32 {
        let spec = &self.world.parts[part as usize];
        self.world.requests[spec.request as usize].links[spec.ends[LEFT] as usize].link
    }

    fn attempt(&mut self, part: u32) -> Result<(), RunError> {
        let link = self.link_of(part);
        let spec = &self.world.links[link as usize];
        let stream = &mut self.links[link as usize].stream;
        let (duration, success, legs) = if self.world.per_attempt {
            one_attempt(spec.geometric.p(), spec.timing, stream)
        } else {
            let attempts = spec.geometric.sample(stream);
            self.counts.attempts += attempts;
            self.parts[part as usize].attempts = attempts;
            (skipped_attempts(attempts, spec.timing, stream), true, 0)
        };
        self.parts[part as usize].since = Some(self.now);
        let event = self.part_event(part, PartEvent::Attempt { success, legs });
        self.push_success(link, duration, event)
    }

    fn attempt_of_part_ends(&mut self, part: u32, success: bool, legs: u8) -> Result<(), RunError> {
        let link = self.link_of(part);
        if legs > 0 {
            let time = self.later(self.world.links[link as usize].timing.leg())?;
            let event = self.part_event(part, PartEvent::Attempt { success, legs: legs - 1 });
            return self.push(time, ARRIVALS, link, event);
        }
        if self.world.per_attempt {
            self.counts.attempts += 1;
        }
        if !success {
            self.log(Kind::AttemptFailed, link, 0);
            return self.attempt(part);
        }
        let spec = &self.world.parts[part as usize];
        let state = self.formalism.fresh(spec.request, spec.ends[LEFT]);
        let id = self.registry.next_ticket();
        self.log(Kind::Herald, link, id);
        self.here(part, Made { id, pending: [0; 2], touched: [self.now; 2], state })
    }

    // -- pairs ------------------------------------------------------------------------------------------------------

    /// The part has its pair.
    fn here(&mut self, part: u32, made: Made<F::State>) -> Result<(), RunError> {
        let this = &mut self.parts[part as usize];
        (this.doing, this.made) = (Doing::Here, Some(made));
        if made.pending.contains(&0) { self.notice(part) } else { Ok(()) }
    }

    /// An end of the part's pair has heard all about it.
    fn notice(&mut self, part: u32) -> Result<(), RunError> {
        match self.world.parts[part as usize].parent {
            NOBODY => self.deliver_part(part),
            parent => {
                self.dirty_parts.push(parent);
                Ok(())
            }
        }
    }

    /// Whether the end on this side knows of the part's pair.
    fn knows(&self, part: u32, side: usize) -> bool {
        let part = &self.parts[part as usize];
        part.doing == Doing::Here && part.made.as_ref().is_some_and(|m| m.pending[side] == 0)
    }

    /// Takes the pair away for good.
    fn spend(&mut self, part: u32) -> Option<Made<F::State>> {
        let part = &mut self.parts[part as usize];
        part.doing = Doing::Spent;
        part.made.take()
    }

    /// Looks at the parts whose halves have come, the lowest first; what they make may let others go on.
    pub(crate) fn scan_parts(&mut self) -> Result<(), RunError> {
        std::mem::swap(&mut self.dirty_parts, &mut self.scanning_parts);
        self.scanning_parts.sort_unstable();
        self.scanning_parts.dedup();
        for k in 0..self.scanning_parts.len() {
            let part = self.scanning_parts[k];
            if self.parts[part as usize].doing == Doing::Waiting {
                match self.world.parts[part as usize].kind {
                    PartKind::Link => {}
                    PartKind::Distil => self.look_at_copies(part)?,
                    PartKind::Pump => self.look_at_stored(part)?,
                    PartKind::Swap { cutoff, .. } => self.look_at_halves(part, cutoff)?,
                }
            }
        }
        self.scanning_parts.clear();
        Ok(())
    }

    fn deliver_part(&mut self, root: u32) -> Result<(), RunError> {
        if !(self.knows(root, LEFT) && self.knows(root, RIGHT)) {
            return Ok(());
        }
        let request = self.world.parts[root as usize].request;
        for side in [LEFT, RIGHT] {
            self.age_part(root, side, self.now);
        }
        let Some(made) = self.spend(root) else { return Ok(()) };
        self.hand_over(request, made.id, &made.state)?;
        if self.requests[request as usize].stage == Stage::Active { self.begin(root) } else { Ok(()) }
    }

    /// Brings one half of a part's pair up to date.
    fn age_part(&mut self, part: u32, side: usize, until: Tick) {
        let spec = &self.world.parts[part as usize];
        let Some(made) = &mut self.parts[part as usize].made else { return };
        let ticks = until - made.touched[side];
        if ticks > 0 {
            made.touched[side] = until;
            if let Some(decay) = self.world.decay_at(spec.request, spec.ends[side]) {
                self.formalism.age(&mut made.state, side, decay, ticks);
            }
        }
    }

    // -- names ------------------------------------------------------------------------------------------------------

    fn part_event(&self, part: u32, event: PartEvent) -> Payload {
        Payload::Part { part, epoch: self.parts[part as usize].epoch, event }
    }

    /// The node at one end of the part's pair.
    fn end_node(&self, part: u32, side: usize) -> u32 {
        let spec = &self.world.parts[part as usize];
        self.node_at(spec.request, spec.ends[side])
    }

    fn delayed(&self, part: u32) -> bool {
        self.world.requests[self.world.parts[part as usize].request as usize].delay
    }

    fn one_by_one(&self, part: u32) -> bool {
        let request = self.world.parts[part as usize].request;
        self.world.requests[request as usize].tree.is_some_and(|t| t.one_after_another)
    }
}
