//! Requests that share links: whose turn it is, and why they never lock each other out.
//!
//! On every link, requests take turns: pair number g of an older request comes before pair number g of a younger one,
//! and, among requests equally old, g before g + 1. All links serve turns in this one order, so the earliest unfinished
//! turn holds, or is next to get, every link it needs: no cycle of waiting can close.
//!
//! ```text
//!     link 1:  A1 B1 A2 B2 ...        link 2:  A1 B1 A2 B2 ...        (never A1 B1 here and B1 A1 there)
//! ```
//!
//! A loss (failed swap, cut-off) breaks the order: A1 needs its link again when B1 already holds it. Then the earlier
//! turn takes the link back: a pair nobody has swapped yet changes hands, a longer one of a later turn is dropped.

use ebit_spec::Assign;

use crate::engine::Engine;
use crate::error::RunError;
use crate::formalism::Formalism;
use crate::registry::{LEFT, Phase, Place, RIGHT};
use crate::request::Stage;

/// Age of the request, number of the pair on this link, request: smaller goes first.
type Turn = (i64, u64, u32);

impl<F: Formalism> Engine<'_, F> {
    /// The request that gets the next pair of this link, and the link's position on its route.
    pub(crate) fn claimant(&self, link: u32) -> Option<(u32, u32)> {
        match self.world.users[link as usize].as_slice() {
            // Alone on its link: no turns to take.
            [only] => (self.requests[only.0 as usize].stage == Stage::Active).then_some(*only),
            users => users.iter().copied().filter(|(r, _)| self.wants(*r)).min_by_key(|&(r, k)| self.turn(r, k, 0)),
        }
    }

    fn wants(&self, request: u32) -> bool {
        self.requests[request as usize].stage == Stage::Active
    }

    /// The turn a request is at on a link; `back` = 1 for the one it already holds.
    fn turn(&self, request: u32, position: u32, back: u64) -> Turn {
        let age = if self.world.assign == Assign::Oldest { self.world.requests[request as usize].start } else { 0 };
        let taken = self.requests[request as usize].taken[position as usize];
        (age, taken.saturating_sub(back), request)
    }

    /// A pair over these positions is lost: its turn on each link comes again.
    pub(crate) fn lost(&mut self, request: u32, ends: [u32; 2]) {
        for position in ends[LEFT]..ends[RIGHT] {
            let taken = &mut self.requests[request as usize].taken[position as usize];
            *taken = taken.saturating_sub(1);
            let link = self.world.requests[request as usize].links[position as usize].link;
            if self.world.users[link as usize].len() > 1 {
                self.claims.push((request, position, *taken));
            }
        }
    }

    /// Looks at every claim again; keeps those whose turn has not come yet.
    pub(crate) fn press_claims(&mut self) -> Result<(), RunError> {
        let mut claims = std::mem::take(&mut self.claims);
        claims.sort_unstable();
        claims.dedup();
        for &(request, position, turn) in &claims {
            if self.press(request, position, turn)? {
                self.claims.push((request, position, turn));
            }
        }
        Ok(())
    }

    /// Takes the link back from later turns where that is needed; true: look again later.
    fn press(&mut self, request: u32, position: u32, turn: u64) -> Result<bool, RunError> {
        if !self.wants(request) || self.requests[request as usize].taken[position as usize] > turn {
            return Ok(false);
        }
        let link = self.world.requests[request as usize].links[position as usize].link;
        let state = &self.links[link as usize];
        let coming = state.running > 0 || (state.free[0] > 0 && state.free[1] > 0);
        if coming {
            // The next pair may go to a still earlier turn.
            return Ok(true);
        }
        let mine = self.turn(request, position, 0);
        let mut holders = Vec::new();
        for &(other, k) in &self.world.users[link as usize] {
            if other == request || self.turn(other, k, 1) < mine {
                continue;
            }
            let on_link = |p: &Place| {
                let ends = self.registry.get(*p).ends;
                ends[LEFT] == k || ends[RIGHT] == k + 1
            };
            holders.extend(self.registry.of_request(other).into_iter().filter(on_link).map(|p| (self.turn(other, k, 1), p, k)));
        }
        holders.sort_unstable();
        for &(_, place, k) in holders.iter().rev() {
            let pair = self.registry.get(place);
            if pair.phase != Phase::Waiting || pair.dead {
                continue;
            }
            if pair.ends == [k, k + 1] {
                self.take_over(place, request, position, k)?;
                return Ok(false);
            }
            self.drop_pair(place)?;
            if self.links[link as usize].running > 0 {
                break;
            }
        }
        Ok(true)
    }

    /// A pair that nobody has swapped yet changes hands.
    fn take_over(&mut self, place: Place, request: u32, position: u32, theirs: u32) -> Result<(), RunError> {
        for side in [LEFT, RIGHT] {
            self.leave_queue(place, side);
        }
        let former = self.registry.get(place).request;
        let hop = |r: u32, k: u32| self.world.requests[r as usize].links[k as usize];
        let reversed = hop(former, theirs).flipped != hop(request, position).flipped;
        let taken = &mut self.requests[former as usize].taken[theirs as usize];
        *taken = taken.saturating_sub(1);
        self.requests[request as usize].taken[position as usize] += 1;
        let mut pair = *self.registry.get(place);
        pair.request = request;
        pair.ends = [position, position + 1];
        // It queues as if it had just come: going before pairs that are already being joined would break their order.
        pair.ticket = [self.registry.next_ticket(); 2];
        if reversed {
            pair.state = self.formalism.flip(&pair.state);
            pair.touched.reverse();
            pair.since.reverse();
        }
        *self.registry.get_mut(place) = pair;
        if self.world.requests[request as usize].last() == 1 {
            return self.deliver(place);
        }
        self.wait_at_ends(place, true);
        self.arm_cutoff(place)
    }
}
