//! Ask before you swap: the node sends a question to both far ends and swaps when both have answered.
//!
//! ```text
//!   left end <--ask-- node --ask--> right end
//!            --yes-->      <--yes--              then the swap, its outcome travels as ever
//! ```
//!
//! This is how stacks with a resource manager on each node behave (SeQUeNCe's among them). It costs a round trip to the
//! farther end before every swap; a lost question or answer leaves both pairs waiting for ever.

use crate::engine::{ARRIVALS, Engine, Payload};
use crate::error::RunError;
use crate::formalism::Formalism;
use crate::recorder::Kind;
use crate::registry::{LEFT, Phase, Place, RIGHT};

impl<F: Formalism> Engine<'_, F> {
    /// Both pairs are set aside; the questions leave.
    pub(crate) fn ask(&mut self, left: Place) -> Result<(), RunError> {
        self.registry.get_mut(left).answers = 0;
        for side in [LEFT, RIGHT] {
            self.question(left, side, false)?;
        }
        Ok(())
    }

    /// One message between the node and the far end on `side`; the pair on the left leads.
    fn question(&mut self, left: Place, side: usize, answer: bool) -> Result<(), RunError> {
        let pair = self.registry.get(left);
        let Phase::Swapping { partner, .. } = pair.phase else { return Ok(()) };
        let (id, from) = (pair.id, pair.ends[RIGHT]);
        let to = if side == LEFT { pair.ends[LEFT] } else { self.registry.get(partner).ends[RIGHT] };
        let spec = &self.world.requests[pair.request as usize];
        let sender = spec.nodes[if answer { to } else { from } as usize];
        let light = (spec.light[from as usize] - spec.light[to as usize]).abs();
        if self.is_lost(sender, id) {
            return Ok(());
        }
        let time = self.later(light)?;
        self.push(time, ARRIVALS, self.node_origin(sender), Payload::Ask { pair: left, side: side as u8, answer, id })
    }

    /// A question reaches a far end, which answers at once; or an answer reaches the node.
    pub(crate) fn asked(&mut self, left: Place, side: usize, answer: bool, id: u64) -> Result<(), RunError> {
        let pair = self.registry.get_mut(left);
        let Phase::Swapping { partner, lead: true } = pair.phase else { return Ok(()) };
        if pair.id != id {
            return Ok(());
        }
        if !answer {
            return self.question(left, side, true);
        }
        pair.answers += 1;
        let (answers, request, position) = (pair.answers, pair.request, pair.ends[RIGHT]);
        let node = self.node_at(request, position);
        self.log(Kind::Message, node, id);
        if answers == 2 { self.carry_out(left, partner) } else { Ok(()) }
    }
}
