//! A tree of swaps as a straight program: its operations in the order in which a recursion would finish them.
//!
//! ```text
//!   ((0, 1), 2), one round at node 2:    0 Link 0
//!                                        1 Link 1
//!             [0 .. 2] at 2              2 Swap at 1      start 0
//!              /    \                    3 Distil [0 1]   start 0
//!        x2 [0 1]    2 x2                4 Link 2
//!            / \                         5 Distil [2]     start 4
//!           0   1                        6 Swap at 2      start 0
//! ```
//!
//! Each operation takes what it joins from a stack. One that fails begins again at its `start`, which is where everything
//! below it starts; `Distil` does so for its second copy, and `Pump` for each fresh one, too. A program has no depth: a tree
//! may be as deep as it is long.

use ebit_quantum::Distillation;
use ebit_spec::schedule::{DistillProtocol, DistillScheme, Half, Start, Swaps};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// A pair of this link.
    Link(u32),
    /// Two pairs over links `from .. to`, made side by side by what starts at `start`, become one.
    Distil { start: u32, from: u32, to: u32 },
    /// A pair that is stored, and in each of so many rounds a fresh one, begun when it is there, become one.
    Pump { start: u32, from: u32, to: u32, rounds: u32 },
    /// Pairs over `from .. at` and `at .. to` become one; `cutoff`: steps that one waits for the other at most.
    Swap { start: u32, from: u32, at: u32, to: u32, cutoff: Option<u64> },
}

#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    pub operations: Vec<Operation>,
    pub protocol: Distillation,
    /// The right half of a swap begins when the left one is there.
    pub one_after_another: bool,
}

enum Task {
    Make(Half, u32),
    Done(Operation),
    Swap { start: u32, row: usize },
}

impl Tree {
    /// The program of a schedule's swaps; `steps` counts a cut-off.
    ///
    /// # Errors
    /// A cut-off that cannot be counted.
    pub fn new<E>(swaps: &Swaps, steps: impl Fn(f64) -> Result<u64, E>) -> Result<Self, E> {
        let mut cutoffs = Vec::with_capacity(swaps.rows.len());
        for cutoff in &swaps.cutoffs_s {
            cutoffs.push(if cutoff.is_finite() { Some(steps(*cutoff)?) } else { None });
        }
        let halves = swaps.halves();
        let mut operations = Vec::with_capacity(2 * swaps.rows.len() + 1);
        let mut tasks = vec![Task::Make(swaps.top(), 0)];
        while let Some(task) = tasks.pop() {
            match task {
                Task::Make(half, rounds) => {
                    let start = operations.len() as u32;
                    let (from, to) = match half {
                        Half::Link(link) => (link, link + 1),
                        Half::Swap(row) => (swaps.rows[row].from, swaps.rows[row].to),
                    };
                    match swaps.scheme {
                        DistillScheme::Recurrence => {
                            tasks.extend((0..rounds).map(|_| Task::Done(Operation::Distil { start, from, to })));
                        }
                        DistillScheme::Pumping if rounds > 0 => {
                            tasks.push(Task::Done(Operation::Pump { start, from, to, rounds }));
                        }
                        DistillScheme::Pumping => {}
                    }
                    match half {
                        Half::Link(link) => operations.push(Operation::Link(link)),
                        Half::Swap(row) => {
                            let [left, right] = halves[row];
                            let rounds = swaps.distill[row];
                            tasks.extend([Task::Swap { start, row }, Task::Make(right, rounds), Task::Make(left, rounds)]);
                        }
                    }
                }
                Task::Done(operation) => operations.push(operation),
                Task::Swap { start, row } => {
                    let r = swaps.rows[row];
                    operations.push(Operation::Swap { start, from: r.from, at: r.at, to: r.to, cutoff: cutoffs[row] });
                }
            }
        }
        let protocol = match swaps.protocol {
            DistillProtocol::Dejmps => Distillation::Dejmps,
            DistillProtocol::Bbpssw => Distillation::Bbpssw,
        };
        Ok(Self { operations, protocol, one_after_another: swaps.start == Start::OneAfterAnother })
    }

    pub fn distils(&self) -> bool {
        self.operations.iter().any(|op| matches!(op, Operation::Distil { .. } | Operation::Pump { .. }))
    }

    /// The most rounds of distillation that one pair goes through on its way up.
    pub fn rounds_in_a_row(&self) -> u32 {
        self.fold(|operation, halves: &mut Vec<u32>| match operation {
            Operation::Link(_) => 0,
            Operation::Distil { .. } => halves.pop().unwrap_or(0) + 1,
            Operation::Pump { rounds, .. } => halves.pop().unwrap_or(0) + rounds,
            Operation::Swap { .. } => halves.pop().unwrap_or(0).max(halves.pop().unwrap_or(0)),
        })
        .unwrap_or(0)
    }

    /// Folds the program: `join(operation, halves)` from the links up.
    pub fn fold<T>(&self, mut join: impl FnMut(&Operation, &mut Vec<T>) -> T) -> Option<T> {
        let mut stack = Vec::new();
        for operation in &self.operations {
            let made = join(operation, &mut stack);
            stack.push(made);
        }
        stack.pop()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ebit_spec::tree::sequential;

    fn swaps(distill: Vec<u32>, scheme: DistillScheme) -> Swaps {
        Swaps {
            rows: sequential(3),
            cutoffs_s: vec![f64::INFINITY, 5.0],
            distill,
            protocol: DistillProtocol::Dejmps,
            scheme,
            start: Start::AllAtOnce,
        }
    }

    #[test]
    fn the_drawing_in_the_header() {
        let swaps = swaps(vec![0, 1], DistillScheme::Recurrence);
        let tree = Tree::new(&swaps, |s| Ok::<u64, ()>(s as u64)).unwrap();
        use Operation::{Distil, Link, Swap};
        let wanted = [
            Link(0),
            Link(1),
            Swap { start: 0, from: 0, at: 1, to: 2, cutoff: None },
            Distil { start: 0, from: 0, to: 2 },
            Link(2),
            Distil { start: 4, from: 2, to: 3 },
            Swap { start: 0, from: 0, at: 2, to: 3, cutoff: Some(5) },
        ];
        assert_eq!(tree.operations, wanted);
    }

    #[test]
    fn pumping_is_one_operation_whatever_its_rounds() {
        let tree = Tree::new(&swaps(vec![0, 3], DistillScheme::Pumping), |s| Ok::<u64, ()>(s as u64)).unwrap();
        use Operation::{Link, Pump, Swap};
        let wanted = [
            Link(0),
            Link(1),
            Swap { start: 0, from: 0, at: 1, to: 2, cutoff: None },
            Pump { start: 0, from: 0, to: 2, rounds: 3 },
            Link(2),
            Pump { start: 4, from: 2, to: 3, rounds: 3 },
            Swap { start: 0, from: 0, at: 2, to: 3, cutoff: Some(5) },
        ];
        assert_eq!(tree.operations, wanted);
        assert_eq!((tree.distils(), tree.rounds_in_a_row()), (true, 3));
    }
}
