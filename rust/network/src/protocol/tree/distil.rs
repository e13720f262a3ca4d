//! Two copies become one: both ends measure one of the pairs and compare.
//!
//! ```text
//!   left end   both known, measured |--.       .--> knows
//!                                       '-. .-'
//!                                         ' '            one bit each way
//!                                       .-' '-.
//!   right end     both known, measured |       '--> knows
//! ```
//!
//! Operations of one end commute with those of the other, so the state needs no order among them: each half of both pairs
//! ages to its own end's measurement, and what is kept ages on from there. Of a stored pair and a fresh one, the fresh one is
//! measured.

use super::{Doing, Made, PartEvent};
use crate::engine::Engine;
use crate::error::RunError;
use crate::formalism::Formalism;
use crate::parts::halves_of;
use crate::recorder::Kind;
use crate::registry::{LEFT, RIGHT};

impl<F: Formalism> Engine<'_, F> {
    /// The stored pair or the fresh one has come, as an end knows. The fresh one begins when both know of the stored one.
    pub(super) fn look_at_stored(&mut self, part: u32) -> Result<(), RunError> {
        let Some([stored, fresh]) = halves_of(&self.world.parts, part) else { return Ok(()) };
        if self.parts[fresh as usize].doing != Doing::Nothing {
            return self.look_at_copies(part);
        }
        let known = self.knows(stored, LEFT) && self.knows(stored, RIGHT);
        if known { self.begin(fresh) } else { Ok(()) }
    }

    /// A copy has come, as an end knows: an end that knows of both measures.
    pub(super) fn look_at_copies(&mut self, part: u32) -> Result<(), RunError> {
        let Some(copies) = halves_of(&self.world.parts, part) else { return Ok(()) };
        for side in [LEFT, RIGHT] {
            let ready = copies.iter().all(|&copy| self.knows(copy, side));
            if !ready || self.parts[part as usize].measured[side].is_some() {
                continue;
            }
            copies.iter().for_each(|&copy| self.age_part(copy, side, self.now));
            self.parts[part as usize].measured[side] = Some(self.now);
            if self.delayed(part) {
                let (ends, id) = (self.world.parts[part as usize].ends, self.name_of(copies[LEFT]));
                let event = PartEvent::Heard { side: (1 - side) as u8, pauli: ebit_quantum::Pauli::I };
                self.tell(part, ends[side], ends[1 - side], self.now, id, event)?;
            }
        }
        if self.parts[part as usize].measured.iter().all(Option::is_some) { self.compare(part, copies) } else { Ok(()) }
    }

    /// Both ends have measured: whether their bits agree, and what is kept then.
    fn compare(&mut self, part: u32, copies: [u32; 2]) -> Result<(), RunError> {
        let request = self.world.parts[part as usize].request;
        let Some(tree) = self.world.requests[request as usize].tree else { return Ok(()) };
        let (Some(a), Some(b)) = (self.spend(copies[LEFT]), self.spend(copies[RIGHT])) else { return Ok(()) };
        let node = self.end_node(part, LEFT);
        let (probability, state) = self.formalism.distill(&a.state, &b.state, tree.protocol);
        let pending = self.parts[part as usize].told.map(|told| u32::from(self.delayed(part) && !told));
        if self.distillation_streams[node as usize].bernoulli(probability) {
            let id = self.registry.next_ticket();
            self.log(Kind::Distilled, node, id);
            return self.here(part, Made { id, pending, touched: a.touched, state });
        }
        self.log(Kind::DistillFailed, node, a.id);
        self.parts[part as usize].doing = Doing::Failed;
        self.disagree(part)
    }

    /// A failed round restarts both its inputs when both ends know.
    pub(super) fn disagree(&mut self, part: u32) -> Result<(), RunError> {
        if self.delayed(part) && self.parts[part as usize].told.contains(&false) {
            return Ok(());
        }
        self.begin(part)
    }
}
