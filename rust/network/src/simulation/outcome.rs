//! What protocols begin: swaps, measurements, drops; at once where possible, later where a pair is busy.
//!
//! With instant knowledge a pair in a slow swap is busy at both ends until that is done: what the other end begins with
//! it meanwhile starts then. With classical delay nobody can know, and everything starts at once.

use ebit_kernel::Tick;
use ebit_quantum::Pauli;
use ebit_spec::SpecError;
use ebit_spec::error::Kind as Complaint;

use super::live::Live;
use super::readout::{Reading, Readout};
use super::wait::{Handle, Operation, Outcome};
use crate::error::RunError;
use crate::registry::{Phase, Place};

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Action {
    /// Joins the two pairs; the first counts as the left one.
    Swap {
        left: Handle,
        right: Handle,
    },
    Measure {
        half: Handle,
        basis: Pauli,
    },
    Drop {
        half: Handle,
    },
}

impl Action {
    fn halves(&self) -> [Handle; 2] {
        match *self {
            Self::Swap { left, right } => [left, right],
            Self::Measure { half, .. } | Self::Drop { half } => [half, half],
        }
    }
    fn name(&self) -> &'static str {
        match self {
            Self::Swap { .. } => "swap",
            Self::Measure { .. } => "measure",
            Self::Drop { .. } => "drop",
        }
    }
}

/// Something begun and not yet told.
#[derive(Debug, Clone, Copy)]
pub enum Begun {
    /// A pair of it is in a swap at its other end.
    Postponed {
        node: u32,
        action: Action,
    },
    /// A swap under way: places and sides of its halves, and when it started.
    Swapping {
        node: u32,
        left: (Place, usize),
        right: (Place, usize),
        started: Tick,
    },
    /// Carried out; its node knows when it is done.
    Told {
        node: u32,
        outcome: Outcome,
    },
    /// A measurement whose frame is open: news is under way.
    Open {
        node: u32,
    },
    Ended(Outcome),
}

impl Begun {
    pub fn node(&self) -> Option<u32> {
        match *self {
            Self::Postponed { node, .. } | Self::Swapping { node, .. } | Self::Told { node, .. } | Self::Open { node } => {
                Some(node)
            }
            Self::Ended(_) => None,
        }
    }
}

impl<F: Readout> Live<F> {
    /// Where a held half is: place and side.
    pub(super) fn half(&self, handle: Handle) -> Option<(Place, usize)> {
        let place = *self.handles.get(&handle)?;
        let side = self.registry.get(place).state.handle.iter().position(|h| *h == handle)?;
        Some((place, side))
    }

    pub(super) fn held_half(&self, node: u32, what: &str, handle: Handle) -> Result<(Place, usize), RunError> {
        let here = self.stage.name(node);
        let object = || format!("node '{here}'");
        let Some((place, side)) = self.half(handle) else {
            let time_s = self.stage.world.scale.seconds(self.now);
            return Err(RunError::Gone { object: object(), action: what.to_owned(), time_s });
        };
        let there = self.node_at(place, side);
        if there != node {
            let value = format!("a half at '{}'", self.stage.name(there));
            let hint = "each end acts on its own half; tell the other one with send";
            return Err(SpecError::new(Complaint::Range, object(), what, "a pair with a half at this node", value, hint).into());
        }
        Ok((place, side))
    }

    /// Begins; gives the outcome if it is known at once, else the name under which it will be.
    pub fn begin(&mut self, node: u32, action: Action) -> Result<Result<Outcome, Operation>, RunError> {
        let [a, b] = action.halves();
        let (first, second) = (self.held_half(node, action.name(), a)?, self.held_half(node, action.name(), b)?);
        if let Action::Swap { .. } = action
            && first.0 == second.0
        {
            let object = format!("node '{}'", self.stage.name(node));
            let value = format!("pair {} twice", self.registry.get(first.0).id);
            let hint = "a swap joins two pairs";
            return Err(SpecError::new(Complaint::Range, object, "swap", "two different pairs", value, hint).into());
        }
        let operation = self.next_operation;
        self.next_operation += 1;
        if self.busy(first.0) || self.busy(second.0) {
            self.begun.insert(operation, Begun::Postponed { node, action });
            self.postponed.push(operation);
            return Ok(Err(operation));
        }
        Ok(self.carry_out(node, operation, action, first, second)?.ok_or(operation))
    }

    fn busy(&self, place: Place) -> bool {
        matches!(self.registry.get(place).phase, Phase::Swapping { .. })
    }

    fn carry_out(
        &mut self,
        node: u32,
        operation: Operation,
        action: Action,
        first: (Place, usize),
        second: (Place, usize),
    ) -> Result<Option<Outcome>, RunError> {
        match action {
            Action::Swap { .. } => self.begin_swap(node, operation, first, second),
            Action::Measure { basis, .. } => self.measure_half(node, operation, first, basis),
            Action::Drop { .. } => self.drop_pair(first.0, first.1).map(Some),
        }
    }

    /// Looks again at what waits for a swap at the other end.
    pub(super) fn retry(&mut self) -> Result<(), RunError> {
        for operation in std::mem::take(&mut self.postponed) {
            let Some(&Begun::Postponed { node, action }) = self.begun.get(&operation) else { continue };
            let [a, b] = action.halves();
            let (Some(first), Some(second)) = (self.half(a), self.half(b)) else {
                self.conclude(operation, Outcome::Lost);
                continue;
            };
            if self.busy(first.0) || self.busy(second.0) {
                self.postponed.push(operation);
            } else if first.0 == second.0 && a != b {
                // The swap it waited for has made one pair of the two.
                self.conclude(operation, Outcome::Lost);
            } else if let Some(outcome) = self.carry_out(node, operation, action, first, second)? {
                self.conclude(operation, outcome);
            }
        }
        Ok(())
    }

    /// Measures a half now. Its result is known when all news about the pair has come: the Pauli frame needs it.
    fn measure_half(
        &mut self,
        node: u32,
        operation: Operation,
        (place, side): (Place, usize),
        basis: Pauli,
    ) -> Result<Option<Outcome>, RunError> {
        self.age(place, side, self.now);
        let stream = &mut self.readout_streams[node as usize];
        let u = stream.next_f64();
        let error = self.stage.readout_error[node as usize];
        let wrong = error > 0.0 && stream.bernoulli(error);
        let pair = self.registry.get(place);
        let (dead, open, other) = (pair.dead, pair.pending[side] > 0, pair.state.reading[1 - side]);
        let mut state = pair.state.state;
        let bit = if dead { u < 0.5 } else { self.formalism.measure(&mut state, side, basis, other, u) };
        let reading = Reading { basis, bit, shown: bit ^ wrong, operation: if open { operation } else { 0 } };
        let pair = self.registry.get_mut(place);
        pair.state.state = state;
        pair.state.reading[side] = Some(reading);
        if open {
            self.begun.insert(operation, Begun::Open { node });
        }
        self.let_go(place, side)?;
        Ok((!open).then_some(Outcome::Bit(reading.shown)))
    }

    /// Nobody will ask for this outcome.
    pub(super) fn forget_operation(&mut self, operation: Operation) {
        match self.begun.get(&operation) {
            Some(Begun::Ended(_)) => {
                self.begun.remove(&operation);
            }
            Some(_) => {
                self.unwanted.insert(operation);
            }
            None => {}
        }
    }
}
