//! The messages of a tree: light time, loss, what is stale.
//!
//! A message is meant for a part as it was when it was sent. A part that has started anew since then has no use for it. One
//! whose pair has become part of a longer one hands the news on: the end it is for is the same node.

use ebit_kernel::Tick;
use ebit_quantum::Pauli;

use super::{Doing, PartEvent};
use crate::engine::{ARRIVALS, Engine};
use crate::error::RunError;
use crate::formalism::Formalism;
use crate::parts::{NOBODY, PartKind};
use crate::recorder::Kind;
use crate::registry::{LEFT, RIGHT};

impl<F: Formalism> Engine<'_, F> {
    /// Sends word at `when` from one position of the route to another.
    pub(super) fn tell(&mut self, part: u32, from: u32, to: u32, when: Tick, id: u64, event: PartEvent) -> Result<(), RunError> {
        let spec = &self.world.requests[self.world.parts[part as usize].request as usize];
        let (node, light) = (spec.nodes[from as usize], (spec.light[from as usize] - spec.light[to as usize]).abs());
        if self.is_lost(node, id) {
            return Ok(());
        }
        let time = when.checked_add(light).ok_or_else(|| self.overflow("simulate"))?;
        self.push(time, ARRIVALS, self.node_origin(node), self.part_event(part, event))
    }

    pub(crate) fn part_happens(&mut self, part: u32, epoch: u32, event: PartEvent) -> Result<(), RunError> {
        let to = match event {
            PartEvent::Heard { side, .. } | PartEvent::Anew { side } => Some(usize::from(side)),
            PartEvent::Begin => Some(RIGHT),
            // Questions are logged where they are answered; the rest are no messages.
            PartEvent::Ask { .. } | PartEvent::Attempt { .. } | PartEvent::SwapDone | PartEvent::Cutoff => None,
        };
        if self.parts[part as usize].epoch != epoch {
            if to.is_some() || matches!(event, PartEvent::Ask { .. }) {
                self.counts.stale_messages += 1;
                self.log(Kind::StaleMessage, self.end_node(part, to.unwrap_or(LEFT)), 0);
            }
            return Ok(());
        }
        if let Some(side) = to {
            self.log(Kind::Message, self.end_node(part, side), self.name_of(part));
        }
        match event {
            PartEvent::Attempt { success, legs } => self.attempt_of_part_ends(part, success, legs),
            PartEvent::SwapDone => self.part_swap_done(part),
            PartEvent::Cutoff => match self.world.parts[part as usize].kind {
                PartKind::Swap { cutoff: Some(cutoff), .. } => self.cut_off(part, cutoff),
                _ => Ok(()),
            },
            PartEvent::Heard { side, pauli } => self.part_hears(part, usize::from(side), pauli),
            PartEvent::Anew { side } => self.anew(part, usize::from(side)),
            PartEvent::Begin => self.begin_right(part),
            PartEvent::Ask { side, answer } => self.asked_for(part, usize::from(side), answer),
        }
    }

    /// One end takes in a message about the part's pair.
    fn part_hears(&mut self, part: u32, side: usize, pauli: Pauli) -> Result<(), RunError> {
        if matches!(self.world.parts[part as usize].kind, PartKind::Distil | PartKind::Pump) {
            self.parts[part as usize].told[side] = true;
            match self.parts[part as usize].doing {
                Doing::Waiting => return Ok(()),
                Doing::Failed => return self.disagree(part),
                _ => {}
            }
        }
        let Some(holder) = self.holder(part) else { return Ok(()) };
        if side == RIGHT && pauli != Pauli::I {
            self.age_part(holder, RIGHT, self.now);
        }
        let Some(made) = &mut self.parts[holder as usize].made else { return Ok(()) };
        if side == RIGHT && pauli != Pauli::I {
            self.formalism.correct(&mut made.state, pauli);
        }
        made.pending[side] -= 1;
        if made.pending[side] == 0 { self.notice(holder) } else { Ok(()) }
    }

    /// The part that has what became of this part's pair; None: it was lost.
    fn holder(&self, mut part: u32) -> Option<u32> {
        while part != NOBODY {
            match self.parts[part as usize].doing {
                Doing::Here => return Some(part),
                Doing::Spent => part = self.world.parts[part as usize].parent,
                _ => return None,
            }
        }
        None
    }

    /// Whether the part is the right half of a swap whose left half is there.
    fn is_awaited(&self, part: u32) -> bool {
        let parent = self.world.parts[part as usize].parent;
        let waits = parent != NOBODY && parent == part + 1 && self.parts[parent as usize].doing == Doing::Waiting;
        waits && self.parts[parent as usize].since.is_some()
    }

    /// Who waits for what in a tree, when nothing will ever happen again.
    pub(crate) fn waits_of_tree(&self, root: u32, reasons: &mut Vec<String>) {
        let name = |node: u32| &self.world.nodes[node as usize].name;
        for part in self.world.parts[root as usize].first..=root {
            let this = &self.parts[part as usize];
            for side in [LEFT, RIGHT] {
                let end = name(self.end_node(part, side));
                if let Some(made) = this.made.as_ref().filter(|m| m.pending[side] > 0) {
                    reasons.push(format!("node '{end}' for a message about pair {}", made.id));
                }
                if this.in_vain[side] {
                    reasons.push(format!("node '{end}' for word to start anew"));
                }
                if this.doing == Doing::Nothing && self.is_awaited(part) && side == RIGHT {
                    reasons.push(format!("node '{end}' for word to begin"));
                }
                if let Doing::Asking(_) = this.doing {
                    reasons.push(format!("node '{end}' for a question, or its answer"));
                }
                if this.measured[1 - side].is_some() && !this.told[side] && this.doing != Doing::Here {
                    reasons.push(format!("node '{end}' for the other half of a distillation"));
                }
            }
        }
    }
}
