//! Alice's side of Cascade: her key in the order of every pass, and parities of it on request.

use super::channel::{Channel, Range};
use super::plan::Plan;
use super::ranges::{blocks, parities, parity};
use crate::reconcile::permutation::Scratch;

/// Alice, who answers. What she says is what the channel carries.
pub struct Alice<'a> {
    plan: &'a Plan,
    key: &'a [u64],
    /// Her key in the order of each pass begun so far; the first pass has the order of the key.
    passes: Vec<Vec<u64>>,
    scratch: Scratch,
}

impl<'a> Alice<'a> {
    pub fn new(plan: &'a Plan, key: &'a [u64]) -> Self {
        Self { plan, key, passes: Vec::new(), scratch: Scratch::default() }
    }
}

impl Channel for Alice<'_> {
    fn begin(&mut self, pass: usize, answers: &mut Vec<u8>) {
        let words = self.plan.ordered(pass, self.key, &mut self.scratch);
        answers.clear();
        answers.extend(blocks(self.plan.cells(pass), self.plan.block(pass)).map(|(s, e)| parity(&words, s as usize, e as usize)));
        self.passes.push(words);
    }

    fn ask(&mut self, pass: usize, ranges: &[Range], answers: &mut Vec<u8>) {
        answers.clear();
        parities(&self.passes[pass], ranges, answers);
    }
}
