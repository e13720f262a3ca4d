//! How long light takes between any two nodes: the fastest classical path, found once per sender.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use ebit_kernel::Tick;

use super::stage::Stage;

pub struct Paths {
    /// Per node: neighbour and light time.
    near: Vec<Vec<(u32, Tick)>>,
    from: HashMap<u32, Vec<Option<Tick>>>,
}

impl Paths {
    pub fn of(stage: &Stage) -> Self {
        let hop = |&end: &u32| (stage.node_of(end ^ 1), stage.light[end as usize / 2]);
        let near = stage.ends_at.iter().map(|ends| ends.iter().map(hop).collect()).collect();
        Self { near, from: HashMap::new() }
    }

    /// None: no path joins the two.
    pub fn light(&mut self, from: u32, to: u32) -> Option<Tick> {
        let near = &self.near;
        self.from.entry(from).or_insert_with(|| fastest(near, from))[to as usize]
    }
}

/// Dijkstra.
fn fastest(near: &[Vec<(u32, Tick)>], from: u32) -> Vec<Option<Tick>> {
    let mut best: Vec<Option<Tick>> = vec![None; near.len()];
    let mut open = BinaryHeap::from([(Reverse(0 as Tick), from)]);
    while let Some((Reverse(time), node)) = open.pop() {
        if best[node as usize].is_some() {
            continue;
        }
        best[node as usize] = Some(time);
        for &(next, light) in &near[node as usize] {
            if best[next as usize].is_none() {
                open.push((Reverse(time.saturating_add(light)), next));
            }
        }
    }
    best
}
