//! A tree of swaps laid out for events: every copy of every half is a part of its own.
//!
//! ```text
//!   ((0, 1), 2), one round at node 2       parts, each after what it is made of
//!
//!             [0 .. 2] at 2                 0 Link 0       1 Link 1       2 Swap at 1     first 0
//!              /    \                       3 Link 0       4 Link 1       5 Swap at 1     first 3
//!        x2 [0 1]    2 x2                   6 Distil       first 0
//!            / \                            7 Link 2       8 Link 2       9 Distil        first 7
//!           0   1                          10 Swap at 2    first 0
//! ```
//!
//! Pumped, the left one of what a `Pump` takes is the pair stored so far, and the right one the fresh pair: r rounds on a half
//! are r of them in a row, over r + 1 copies.
//!
//! Everything below part k is `first .. k`, its right half is k - 1, its left half ends where that one begins. So starting
//! all of it anew is one pass over a stretch of the list, and a tree may be as deep as it is long.

use ebit_kernel::Tick;
use ebit_quantum::Distillation;
use ebit_spec::schedule::{DistillProtocol, DistillScheme, Half, Start, Swaps};

/// The parent of the part that makes the end-to-end pair.
pub const NOBODY: u32 = u32::MAX;

/// More parts than this are refused: about 4 GB in each thread.
pub const MAX_PARTS: f64 = 1e7;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartKind {
    /// One pair of the link at this position of the route at a time.
    Link,
    /// Two pairs, made side by side, become one.
    Distil,
    /// A stored pair and a fresh one, begun when both ends know of the stored one, become one.
    Pump,
    /// Two pairs are joined at this position; one waits for the other for `cutoff` at most.
    Swap { at: u32, cutoff: Option<Tick> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartSpec {
    pub kind: PartKind,
    pub request: u32,
    /// Route positions of the ends of its pair.
    pub ends: [u32; 2],
    /// The first of the parts below it.
    pub first: u32,
    /// What takes its pair.
    pub parent: u32,
}

/// What a request keeps of its tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TreeSpec {
    /// The part that makes the end-to-end pair.
    pub root: u32,
    pub protocol: Distillation,
    /// The right half of a swap begins when the left one is there.
    pub one_after_another: bool,
}

/// How many parts the tree has, copies counted.
pub fn count(swaps: &Swaps) -> f64 {
    let halves = swaps.halves();
    let mut of: Vec<f64> = Vec::with_capacity(halves.len());
    for (row, pair) in halves.iter().enumerate() {
        let copies = match swaps.scheme {
            DistillScheme::Recurrence => f64::from(1u32 << swaps.distill[row]),
            DistillScheme::Pumping => f64::from(1 + swaps.distill[row]),
        };
        let size = |half: &Half| match half {
            Half::Link(_) => 1.0,
            Half::Swap(below) => of[*below],
        };
        let both = size(&pair[0]) + size(&pair[1]);
        of.push(1.0 + copies * both + 2.0 * (copies - 1.0));
    }
    of.last().copied().unwrap_or(1.0)
}

enum Task {
    Make(Half, u32),
    Distil { first: u32, ends: [u32; 2] },
    Swap { first: u32, row: usize },
}

/// Appends the parts of a request's tree; `cutoffs` has one entry per swap.
pub fn lay_out(parts: &mut Vec<PartSpec>, request: u32, swaps: &Swaps, cutoffs: &[Option<Tick>]) -> TreeSpec {
    let halves = swaps.halves();
    // Rounds behind the second of the two pairs that a last round takes; the first has all the others behind it.
    let (kind, behind): (_, fn(u32) -> u32) = match swaps.scheme {
        DistillScheme::Recurrence => (PartKind::Distil, |rounds| rounds - 1),
        DistillScheme::Pumping => (PartKind::Pump, |_| 0),
    };
    let begin = parts.len() as u32;
    let mut tasks = vec![Task::Make(swaps.top(), 0)];
    while let Some(task) = tasks.pop() {
        let next = parts.len() as u32;
        let part = |kind, ends, first| PartSpec { kind, request, ends, first, parent: NOBODY };
        match task {
            Task::Make(half, rounds) if rounds > 0 => {
                let ends = match half {
                    Half::Link(link) => [link, link + 1],
                    Half::Swap(row) => [swaps.rows[row].from, swaps.rows[row].to],
                };
                let [one, other] = [rounds - 1, behind(rounds)].map(|rounds| Task::Make(half, rounds));
                tasks.extend([Task::Distil { first: next, ends }, other, one]);
            }
            Task::Make(Half::Link(link), _) => parts.push(part(PartKind::Link, [link, link + 1], next)),
            Task::Make(Half::Swap(row), _) => {
                let ([left, right], rounds) = (halves[row], swaps.distill[row]);
                tasks.extend([Task::Swap { first: next, row }, Task::Make(right, rounds), Task::Make(left, rounds)]);
            }
            Task::Distil { first, ends } => parts.push(part(kind, ends, first)),
            Task::Swap { first, row } => {
                let r = swaps.rows[row];
                parts.push(part(PartKind::Swap { at: r.at, cutoff: cutoffs[row] }, [r.from, r.to], first));
            }
        }
    }
    for k in begin..parts.len() as u32 {
        if let Some(below) = halves_of(parts, k) {
            below.into_iter().for_each(|half| parts[half as usize].parent = k);
        }
    }
    let protocol = match swaps.protocol {
        DistillProtocol::Dejmps => Distillation::Dejmps,
        DistillProtocol::Bbpssw => Distillation::Bbpssw,
    };
    TreeSpec { root: parts.len() as u32 - 1, protocol, one_after_another: swaps.start == Start::OneAfterAnother }
}

/// Whether a tree distils.
pub fn distils(parts: &[PartSpec], tree: TreeSpec) -> bool {
    let first = parts[tree.root as usize].first as usize;
    parts[first..=tree.root as usize].iter().any(|p| matches!(p.kind, PartKind::Distil | PartKind::Pump))
}

/// The left and the right half of a part, or its two copies; a link has none.
#[inline]
pub fn halves_of(parts: &[PartSpec], part: u32) -> Option<[u32; 2]> {
    if parts[part as usize].kind == PartKind::Link {
        return None;
    }
    let right = part - 1;
    Some([parts[right as usize].first - 1, right])
}

#[cfg(test)]
mod tests {
    use super::*;
    use ebit_spec::tree::sequential;

    #[test]
    fn the_drawing_in_the_header() {
        let swaps = Swaps {
            rows: sequential(3),
            cutoffs_s: vec![f64::INFINITY, 5.0],
            distill: vec![0, 1],
            protocol: DistillProtocol::Dejmps,
            scheme: DistillScheme::Recurrence,
            start: Start::AllAtOnce,
        };
        let mut parts = Vec::new();
        let tree = lay_out(&mut parts, 0, &swaps, &[None, Some(5)]);
        use PartKind::{Distil, Link, Swap};
        let (inner, outer) = (Swap { at: 1, cutoff: None }, Swap { at: 2, cutoff: Some(5) });
        let wanted = [
            (Link, [0, 1], 0, 2),
            (Link, [1, 2], 1, 2),
            (inner, [0, 2], 0, 6),
            (Link, [0, 1], 3, 5),
            (Link, [1, 2], 4, 5),
            (inner, [0, 2], 3, 6),
            (Distil, [0, 2], 0, 10),
            (Link, [2, 3], 7, 9),
            (Link, [2, 3], 8, 9),
            (Distil, [2, 3], 7, 10),
            (outer, [0, 3], 0, NOBODY),
        ];
        let got: Vec<_> = parts.iter().map(|p| (p.kind, p.ends, p.first, p.parent)).collect();
        assert_eq!(got, wanted);
        assert_eq!((tree.root, count(&swaps)), (10, 11.0));
    }

    #[test]
    fn pumped_halves_are_rounds_in_a_row() {
        let swaps = Swaps {
            rows: sequential(2),
            cutoffs_s: vec![f64::INFINITY],
            distill: vec![2],
            protocol: DistillProtocol::Dejmps,
            scheme: DistillScheme::Pumping,
            start: Start::AllAtOnce,
        };
        let mut parts = Vec::new();
        let tree = lay_out(&mut parts, 0, &swaps, &[None]);
        use PartKind::{Link, Pump};
        let wanted = [(Link, 0, 2), (Link, 1, 2), (Pump, 0, 4), (Link, 3, 4), (Pump, 0, 10)];
        let got: Vec<_> = parts.iter().map(|p| (p.kind, p.first, p.parent)).collect();
        assert_eq!(got[..5], wanted);
        assert_eq!((tree.root, count(&swaps)), (10, 11.0));
        assert!(distils(&parts, tree));
    }

    #[test]
    fn a_second_tree_follows_the_first() {
        let swaps = Swaps {
            rows: sequential(2),
            cutoffs_s: vec![1.0],
            distill: vec![2],
            protocol: DistillProtocol::Bbpssw,
            scheme: DistillScheme::Recurrence,
            start: Start::OneAfterAnother,
        };
        let mut parts = Vec::new();
        lay_out(&mut parts, 0, &swaps, &[Some(1)]);
        let size = parts.len() as u32;
        let tree = lay_out(&mut parts, 1, &swaps, &[Some(1)]);
        assert_eq!((tree.root, f64::from(size)), (2 * size - 1, count(&swaps)));
        for (one, other) in parts.iter().zip(&parts[size as usize..]) {
            assert_eq!((one.first + size, one.kind, one.ends, other.request), (other.first, other.kind, other.ends, 1));
        }
        assert_eq!(halves_of(&parts, tree.root), Some([size + 6, 2 * size - 2]));
    }
}
