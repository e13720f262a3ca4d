//! Halves of pairs in their memories: they wait, go, and leave their slots to others.

use crate::engine::Engine;
use crate::error::RunError;
use crate::formalism::Formalism;
use crate::registry::{LEFT, Place, RIGHT};

impl<F: Formalism> Engine<'_, F> {
    /// Queues the pair at each interior end, in order of arrival there; `news` if a swap may become possible there.
    pub(crate) fn wait_at_ends(&mut self, place: Place, news: bool) {
        let pair = self.registry.get(place);
        let (request, ends, ticket, held) = (pair.request, pair.ends, pair.ticket, pair.held);
        let last = self.world.requests[request as usize].last();
        for side in [LEFT, RIGHT] {
            let position = ends[side];
            if position == 0 || position == last || !held[side] {
                continue;
            }
            // A pair whose left half is here extends to the right.
            let queue = &self.requests[request as usize].waiting[position as usize][1 - side];
            let before = |p: &Place| self.registry.get(*p).ticket[side] < ticket[side];
            let index = queue.iter().rposition(before).map_or(0, |k| k + 1);
            self.requests[request as usize].waiting[position as usize][1 - side].insert(index, place);
            if news {
                self.dirty.push((request, position));
            }
        }
    }

    /// Takes the pair off the queue at one of its ends.
    pub(crate) fn leave_queue(&mut self, place: Place, side: usize) {
        let pair = self.registry.get(place);
        let queue = &mut self.requests[pair.request as usize].waiting[pair.ends[side] as usize][1 - side];
        queue.retain(|p| *p != place);
    }

    /// Frees the slot under the half at `position` that belongs to the link on the given side of it.
    pub(crate) fn free_slot(&mut self, request: u32, position: u32, toward: usize) -> Result<(), RunError> {
        let spec = &self.world.requests[request as usize];
        let (hop, end) = if toward == LEFT {
            let hop = spec.links[position as usize - 1];
            (hop, hop.right_end())
        } else {
            let hop = spec.links[position as usize];
            (hop, hop.left_end())
        };
        self.links[hop.link as usize].free[end] += 1;
        self.try_start(hop.link)
    }

    /// One end lets go of its half; the pair is gone when both have.
    pub(crate) fn let_go(&mut self, place: Place, side: usize) -> Result<(), RunError> {
        let pair = self.registry.get_mut(place);
        pair.held[side] = false;
        let (request, position, held) = (pair.request, pair.ends[side], pair.held);
        self.leave_queue(place, side);
        let restart = self.world.requests[request as usize].restart;
        if !restart {
            self.free_slot(request, position, 1 - side)?;
        }
        if !held[1 - side] {
            self.gone(place)?;
        }
        Ok(())
    }

    /// Nobody holds a half any more. A chain's links start anew only now.
    pub(crate) fn gone(&mut self, place: Place) -> Result<(), RunError> {
        let pair = self.registry.get(place);
        let (request, ends, dead) = (pair.request, pair.ends, pair.dead);
        self.registry.retire(place);
        if dead {
            self.lost(request, ends);
        }
        if !self.world.requests[request as usize].restart {
            return Ok(());
        }
        for position in ends[LEFT]..ends[RIGHT] {
            let link = self.world.requests[request as usize].links[position as usize].link;
            self.links[link as usize].free[0] += 1;
            self.links[link as usize].free[1] += 1;
        }
        for position in ends[LEFT]..ends[RIGHT] {
            self.try_start(self.world.requests[request as usize].links[position as usize].link)?;
        }
        Ok(())
    }
}
