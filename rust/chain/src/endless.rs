//! Schedules that never deliver: a cut-off that no two completion times of the halves of its swap can keep.
//!
//! Knows which times are possible, not how likely they are: one time (a link that always succeeds), all multiples of one
//! (a link that may fail), or, beyond that, anything from a least time on. It never takes a chain for endless that is not.

use crate::numbers::Numbers;
use crate::tree::{Operation, Tree};

/// When a part of a chain may be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Times {
    At(u64),
    /// least, least + period, ...
    Every {
        least: u64,
        period: u64,
    },
    From(u64),
}

/// A swap whose cut-off is never kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Endless {
    /// Of the swap.
    pub node: u32,
    pub cutoff: u64,
    /// The least cut-off that may be kept.
    pub needed: u64,
}

impl Times {
    fn least(self) -> u64 {
        match self {
            Self::At(t) | Self::From(t) | Self::Every { least: t, .. } => t,
        }
    }

    /// The least difference between a time of one and a time of the other.
    fn gap(self, other: Self) -> u64 {
        match (self, other) {
            (Self::At(a), Self::At(b)) => a.abs_diff(b),
            (Self::At(t), Self::Every { least, period }) | (Self::Every { least, period }, Self::At(t)) => {
                if t <= least {
                    least - t
                } else {
                    from_multiple(t - least, period)
                }
            }
            (Self::Every { least: a, period: p }, Self::Every { least: b, period: q }) => {
                from_multiple(a.abs_diff(b), common_divisor(p, q))
            }
            (Self::From(_), _) | (_, Self::From(_)) => 0,
        }
    }

    /// Of what begins anew each time it fails.
    fn repeated(self, fails: bool) -> Self {
        match self {
            Self::At(t) if fails => Self::Every { least: t, period: t },
            other => other,
        }
    }
}

/// The first swap of a tree that never happens, from the links up.
pub fn endless(numbers: &Numbers, tree: &Tree) -> Option<Endless> {
    let mut found = None;
    tree.fold(|operation, halves: &mut Vec<Times>| match *operation {
        Operation::Link(link) => {
            let link = &numbers.links[link as usize];
            let once = Times::At(link.long).repeated(link.success < 1.0);
            if link.short == link.long || link.success >= 1.0 { once } else { Times::From(link.long) }
        }
        Operation::Distil { .. } => Times::From(halves.pop().map_or(0, Times::least)),
        Operation::Pump { rounds, .. } => Times::From(halves.pop().map_or(0, Times::least).saturating_mul(1 + u64::from(rounds))),
        Operation::Swap { at, cutoff, .. } => {
            let swap = numbers.swaps[at as usize - 1];
            let (right, left) = (halves.pop().unwrap_or(Times::From(0)), halves.pop().unwrap_or(Times::From(0)));
            let needed = if tree.one_after_another { right.least() } else { left.gap(right) };
            if let Some(cutoff) = cutoff.filter(|c| needed > *c) {
                found.get_or_insert(Endless { node: at, cutoff, needed });
            }
            let both = |a: u64, b: u64| if tree.one_after_another { a.saturating_add(b) } else { a.max(b) };
            let done = |t: u64| t.saturating_add(swap.duration);
            match (left, right) {
                (Times::At(a), Times::At(b)) => Times::At(done(both(a, b))).repeated(swap.success < 1.0),
                _ => Times::From(done(both(left.least(), right.least()))),
            }
        }
    });
    found
}

/// Distance to the nearest multiple.
fn from_multiple(distance: u64, period: u64) -> u64 {
    let over = distance % period.max(1);
    over.min(period.max(1) - over)
}

fn common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_of_times() {
        use Times::{At, Every, From};
        let every = |least, period| Every { least, period };
        for (a, b, gap) in [
            (At(10), At(1), 9),
            (At(1), every(10, 10), 9),
            (At(23), every(10, 10), 3),
            (At(28), every(10, 10), 2),
            (every(4, 4), every(6, 6), 0),
            (every(5, 4), every(6, 6), 1),
            (From(3), At(1), 0),
        ] {
            assert_eq!((a.gap(b), b.gap(a)), (gap, gap), "{a:?} {b:?}");
        }
        // By trying all.
        for (l, p, m, r) in [(3u64, 7u64, 5u64, 14u64), (2, 6, 9, 15), (11, 10, 1, 4)] {
            let times = |least: u64, period: u64| (0..200).map(move |k| least + k * period);
            let wanted = times(l, p).flat_map(|a| times(m, r).map(move |b| a.abs_diff(b))).min().unwrap();
            assert_eq!(every(l, p).gap(every(m, r)), wanted);
        }
    }
}
