//! What goes with a pair that is tracked to its delivery (`occupancy`), in two ways of telling:
//!
//! - *correlations*: one label, and with it the weight and the three correlations, which waiting and swaps multiply;
//! - *populations*: where memories relax, one label for each of (m, e.left, e.right, e.both) of `relaxation`; waiting
//!   multiplies each by a factor of its own, and a swap of two of them makes some of each.

use ebit_random::math;

use crate::numbers::Numbers;
use crate::relaxation::{excess, populations, swap};

/// Factors of (m, x, y, z), or one factor four times.
pub type Weight = [f64; 4];

/// The label of a pair that will not be delivered.
pub const DOOMED: u8 = 0;

/// All that a chain's labels mean.
pub struct Labels {
    /// Numbers per weight that count.
    pub width: usize,
    /// Labels of tracked pairs: 1 to `tracked`.
    pub tracked: u8,
    births: Vec<Vec<(u8, Weight)>>,
    /// By label, what a half stored at a node for a step keeps: as a left one, as a right one.
    kept: Vec<[Vec<Weight>; 2]>,
    /// By node the swaps: of which labels, into which.
    joined: Vec<Vec<([u8; 2], u8, Weight)>>,
}

const UNCHANGED: Weight = [1.0; 4];

impl Labels {
    /// Weight, x, y and z, as many of them as asked.
    pub fn correlations(numbers: &Numbers, width: usize) -> Self {
        let keep = |node: usize| numbers.rates_at(node).map(|r| math::exp(-r));
        let nodes = 0..=numbers.segments();
        let swap = |v: f64| vec![([1, 1], 1, [1.0, v, v, v])];
        Self {
            width,
            tracked: 1,
            births: numbers.links.iter().map(|l| vec![(DOOMED, UNCHANGED), (1, l.pair)]).collect(),
            kept: nodes.map(|node| [vec![UNCHANGED, keep(node)], vec![UNCHANGED, keep(node)]]).collect(),
            joined: numbers.swaps.iter().map(|s| swap(s.visibility)).collect(),
        }
    }

    /// m and the excesses of relaxing pairs.
    pub fn populations(numbers: &Numbers) -> Self {
        let born = |(k, link): (usize, &crate::numbers::Link)| {
            let [a, b] = numbers.tilts.as_ref().map_or([0.0; 2], |tilts| tilts[k]);
            let parts = excess([1.0, link.pair[3], a, b]);
            let tracked = (1..).zip(parts).filter(|(_, part)| *part != 0.0).map(|(label, part)| (label, [part; 4]));
            std::iter::once((DOOMED, UNCHANGED)).chain(tracked).collect()
        };
        let kept = |node: usize| {
            let e = [math::exp(-numbers.rates_at(node)[3]); 4];
            [vec![UNCHANGED, UNCHANGED, e, UNCHANGED, e], vec![UNCHANGED, UNCHANGED, UNCHANGED, e, e]]
        };
        let unit = |k: usize| populations(std::array::from_fn(|j| f64::from(u8::from(j == k))));
        let joined = |v: f64| {
            let mut out = Vec::new();
            for (a, b) in (0..4).flat_map(|a| (0..4).map(move |b| (a, b))) {
                let parts = excess(swap(unit(a), unit(b), v));
                let parts = (1..).zip(parts).filter(|(_, part)| *part != 0.0);
                out.extend(parts.map(|(label, part)| ([a as u8 + 1, b as u8 + 1], label, [part; 4])));
            }
            out
        };
        Self {
            width: 1,
            tracked: 4,
            births: numbers.links.iter().enumerate().map(born).collect(),
            kept: (0..=numbers.segments()).map(kept).collect(),
            joined: numbers.swaps.iter().map(|s| joined(s.visibility)).collect(),
        }
    }

    /// What a link's new pair may be labelled.
    pub fn births(&self, link: usize) -> impl Iterator<Item = (u8, Weight)> + '_ {
        self.births[link].iter().copied()
    }

    /// What a pair keeps over a step.
    pub fn kept(&self, label: u8, from: usize, to: usize) -> Weight {
        let (left, right) = (&self.kept[from][0][usize::from(label)], &self.kept[to][1][usize::from(label)]);
        std::array::from_fn(|k| left[k] * right[k])
    }

    /// What a swap at a node that succeeds makes of two labels: nothing of one that is tracked and one that is not.
    pub fn joined(&self, node: usize, a: u8, b: u8) -> impl Iterator<Item = (u8, Weight)> + '_ {
        let doomed = (a == DOOMED && b == DOOMED).then_some((DOOMED, UNCHANGED));
        let tracked = self.joined[node - 1].iter().filter(move |(of, _, _)| *of == [a, b]);
        doomed.into_iter().chain(tracked.map(|(_, label, weight)| (*label, *weight)))
    }
}
