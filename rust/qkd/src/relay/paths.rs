//! Node-disjoint paths between two sites, of least total length: a minimum-cost flow of one unit a node.
//!
//! Successive shortest paths with a node split in two (Suurballe 1974, doi:10.1002/net.3230040204; Bhandari 1999). Each
//! augmentation is a Bellman-Ford search with a queue; networks of keys have few paths and few links a node.

use std::collections::VecDeque;

/// A network as seen by its paths: nodes from 0, links with two ends and a length.
#[derive(Debug, Clone, PartialEq)]
pub struct Map {
    pub nodes: usize,
    pub links: Vec<(u32, u32)>,
    pub length: Vec<f64>,
    /// Links by node.
    at: Vec<Vec<u32>>,
}

/// A path: its nodes, and the links between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    pub nodes: Vec<u32>,
    pub links: Vec<u32>,
}

/// What paths may not use.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Barred {
    /// Nodes that relay nothing.
    pub nodes: Vec<bool>,
    pub links: Vec<bool>,
}

/// An arc of the split graph; its partner is the one with the last bit turned.
struct Arc {
    to: usize,
    cost: f64,
    free: bool,
    link: u32,
}

/// No link: an arc through a node.
const NONE: u32 = u32::MAX;

impl Map {
    /// Ends must be below `nodes`, and there must be a length for each link.
    #[must_use]
    pub fn new(nodes: usize, links: Vec<(u32, u32)>, length: Vec<f64>) -> Self {
        let mut at = vec![Vec::new(); nodes];
        for (k, (a, b)) in links.iter().enumerate() {
            at[*a as usize].push(k as u32);
            at[*b as usize].push(k as u32);
        }
        Self { nodes, links, length, at }
    }

    /// Up to `count` paths from `source` to `target` that share no node but these, of least total length, shortest first.
    #[must_use]
    pub fn disjoint(&self, source: u32, target: u32, count: usize, barred: &Barred) -> Vec<Path> {
        let (mut arcs, out) = self.split(source, target, barred);
        let (start, goal) = (2 * source as usize + 1, 2 * target as usize);
        let mut found = 0;
        while found < count && augment(&mut arcs, &out, 2 * self.nodes, start, goal) {
            found += 1;
        }
        let mut paths: Vec<Path> = (0..found).map(|_| self.follow(&mut arcs, &out, source, target)).collect();
        paths.sort_by(|a, b| self.length_of(a).total_cmp(&self.length_of(b)).then(a.links.cmp(&b.links)));
        paths
    }

    fn length_of(&self, path: &Path) -> f64 {
        path.links.iter().map(|k| self.length[*k as usize]).sum()
    }

    /// Node v enters at 2v and leaves at 2v + 1; a unit goes through once.
    fn split(&self, source: u32, target: u32, barred: &Barred) -> (Vec<Arc>, Vec<Vec<usize>>) {
        let mut arcs = Vec::with_capacity(2 * self.nodes + 4 * self.links.len());
        let mut out = vec![Vec::new(); 2 * self.nodes];
        let mut join = |from: usize, to: usize, cost: f64, link: u32| {
            out[from].push(arcs.len());
            arcs.push(Arc { to, cost, free: true, link });
            out[to].push(arcs.len());
            arcs.push(Arc { to: from, cost: -cost, free: false, link });
        };
        let is = |barred: &[bool], k: usize| barred.get(k).copied().unwrap_or(false);
        for v in 0..self.nodes {
            let end = v == source as usize || v == target as usize;
            if end || !is(&barred.nodes, v) {
                join(2 * v, 2 * v + 1, 0.0, NONE);
            }
        }
        for (k, (a, b)) in self.links.iter().enumerate() {
            if is(&barred.links, k) {
                continue;
            }
            let (a, b) = (*a as usize, *b as usize);
            join(2 * a + 1, 2 * b, self.length[k], k as u32);
            join(2 * b + 1, 2 * a, self.length[k], k as u32);
        }
        (arcs, out)
    }

    /// Walks along used arcs from the source, using each up.
    fn follow(&self, arcs: &mut [Arc], out: &[Vec<usize>], source: u32, target: u32) -> Path {
        let mut path = Path { nodes: vec![source], links: Vec::new() };
        let mut place = 2 * source as usize + 1;
        while path.nodes.last() != Some(&target) {
            // Forward arcs have even numbers; a used one is not free.
            let Some(next) = out[place].iter().copied().find(|k| k.is_multiple_of(2) && !arcs[*k].free) else { break };
            arcs[next].free = true;
            place = arcs[next].to;
            if arcs[next].link != NONE {
                path.links.push(arcs[next].link);
                path.nodes.push((place / 2) as u32);
            }
        }
        path
    }

    /// Links at a node.
    #[must_use]
    pub fn degree(&self, node: u32) -> usize {
        self.at[node as usize].len()
    }
}

/// Sends one more unit along the cheapest way; false if there is none.
fn augment(arcs: &mut [Arc], out: &[Vec<usize>], places: usize, start: usize, goal: usize) -> bool {
    let mut cost = vec![f64::INFINITY; places];
    let mut came: Vec<usize> = vec![usize::MAX; places];
    let mut waiting = vec![false; places];
    let mut queue = VecDeque::from([start]);
    cost[start] = 0.0;
    while let Some(place) = queue.pop_front() {
        waiting[place] = false;
        for &k in &out[place] {
            let arc = &arcs[k];
            // Rounding must not make a circle of zero cost look like a gain.
            if arc.free && cost[place] + arc.cost < cost[arc.to] - 1e-9 {
                cost[arc.to] = cost[place] + arc.cost;
                came[arc.to] = k;
                if !waiting[arc.to] {
                    waiting[arc.to] = true;
                    queue.push_back(arc.to);
                }
            }
        }
    }
    if cost[goal].is_infinite() {
        return false;
    }
    let mut place = goal;
    while place != start {
        let k = came[place];
        arcs[k].free = false;
        arcs[k ^ 1].free = true;
        place = arcs[k ^ 1].to;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(nodes: usize, links: &[(u32, u32, f64)]) -> Map {
        Map::new(nodes, links.iter().map(|(a, b, _)| (*a, *b)).collect(), links.iter().map(|(_, _, l)| *l).collect())
    }

    /// The shortest path uses the bridge; two disjoint ones must not.
    #[test]
    fn two_paths_where_the_greedy_choice_leaves_one() {
        let trap = map(6, &[(0, 1, 1.0), (1, 2, 1.0), (2, 5, 1.0), (0, 3, 2.0), (3, 2, 2.0), (1, 4, 2.0), (4, 5, 2.0)]);
        let free = Barred::default();
        let one = trap.disjoint(0, 5, 1, &free);
        assert_eq!(one[0].nodes, [0, 1, 2, 5]);
        let two = trap.disjoint(0, 5, 2, &free);
        let nodes: Vec<_> = two.iter().map(|p| p.nodes.clone()).collect();
        assert_eq!(nodes, [vec![0, 1, 4, 5], vec![0, 3, 2, 5]]);
        assert_eq!(two[1].links, [3, 4, 2]);
    }

    #[test]
    fn what_is_barred_is_not_used() {
        let square = map(4, &[(0, 1, 1.0), (1, 3, 1.0), (0, 2, 5.0), (2, 3, 5.0)]);
        assert_eq!(square.disjoint(0, 3, 3, &Barred::default()).len(), 2);
        let node = Barred { nodes: vec![false, true, false, false], links: Vec::new() };
        let around = square.disjoint(0, 3, 3, &node);
        assert_eq!(around.len(), 1);
        assert_eq!(around[0].nodes, [0, 2, 3]);
        let link = Barred { nodes: Vec::new(), links: vec![false, true, false, false] };
        assert_eq!(square.disjoint(0, 3, 3, &link), around);
        assert!(map(3, &[(0, 1, 1.0)]).disjoint(0, 2, 1, &Barred::default()).is_empty());
    }
}
