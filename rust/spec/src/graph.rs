//! Routes: the shortest path by fibre length, and what to say when there is none.
//!
//! petgraph does the search; ties go to fewer hops, so that a route does not depend on storage order
//! of equal lengths.

use std::cmp::Ordering;
use std::ops::Add;

use petgraph::algo::{astar, connected_components};
use petgraph::graph::{NodeIndex, UnGraph};
use petgraph::visit::Bfs;

use crate::error::{Kind, SpecError};
use crate::network::NetworkDoc;

/// A path through the network: `links[k]` joins `nodes[k]` and `nodes[k + 1]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    pub nodes: Vec<u32>,
    pub links: Vec<u32>,
}

/// Length first, hops second.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Cost(f64, u32);

impl Default for Cost {
    fn default() -> Self {
        Self(0.0, 0)
    }
}
impl Add for Cost {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0, self.1 + other.1)
    }
}
impl PartialOrd for Cost {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.0.total_cmp(&other.0).then(self.1.cmp(&other.1)))
    }
}

/// The network as a graph, built once for any number of routes.
pub struct Graph<'a> {
    doc: &'a NetworkDoc,
    graph: UnGraph<(), u32>,
    /// Every link knows its fibre length: routes are shortest in km; else fewest hops.
    by_length: bool,
}

impl<'a> Graph<'a> {
    /// `doc` must have passed its check.
    pub fn of(doc: &'a NetworkDoc) -> Self {
        let mut graph = UnGraph::with_capacity(doc.nodes_len(), doc.links_len());
        for _ in 0..doc.nodes_len() {
            graph.add_node(());
        }
        for (k, (&a, &b)) in doc.links.a.iter().zip(&doc.links.b).enumerate() {
            graph.add_edge(NodeIndex::new(a as usize), NodeIndex::new(b as usize), k as u32);
        }
        let by_length = doc.links.length_km.iter().all(Option::is_some);
        Self { doc, graph, by_length }
    }

    fn cost(&self, link: u32) -> Cost {
        let km = self.doc.links.length_km[link as usize].map_or(0.0, |l| l.0);
        Cost(if self.by_length { km } else { 0.0 }, 1)
    }

    /// # Errors
    /// No path: names the two components.
    pub fn shortest(&self, object: &str, source: u32, target: u32) -> Result<Route, SpecError> {
        let (start, goal) = (NodeIndex::new(source as usize), NodeIndex::new(target as usize));
        let path = astar(&self.graph, start, |n| n == goal, |e| self.cost(*e.weight()), |_| Cost::default());
        let Some((_, path)) = path else {
            let value = format!("{} and {}", self.component(source), self.component(target));
            let range = format!("in one connected network (there are {} components)", connected_components(&self.graph));
            return Err(SpecError::new(Kind::NoRoute, object, "route", range, value, "add a link between the two components"));
        };
        let nodes: Vec<u32> = path.iter().map(|n| n.index() as u32).collect();
        self.along(object, nodes)
    }

    /// The route through the given nodes.
    ///
    /// # Errors
    /// Two consecutive nodes share no link, or a node comes twice.
    pub fn along(&self, object: &str, nodes: Vec<u32>) -> Result<Route, SpecError> {
        let name = |n: u32| &self.doc.nodes.name[n as usize];
        let mut links = Vec::with_capacity(nodes.len().saturating_sub(1));
        for pair in nodes.windows(2) {
            let ends = (NodeIndex::new(pair[0] as usize), NodeIndex::new(pair[1] as usize));
            let Some(edge) = self.graph.find_edge(ends.0, ends.1) else {
                let value = format!("'{}' then '{}'", name(pair[0]), name(pair[1]));
                return Err(SpecError::new(
                    Kind::NoRoute,
                    object,
                    "route",
                    "a path along links",
                    value,
                    "no link joins these two",
                ));
            };
            links.push(self.graph[edge]);
        }
        let mut sorted = nodes.clone();
        sorted.sort_unstable();
        if let Some(twice) = sorted.windows(2).find(|w| w[0] == w[1]) {
            let value = format!("'{}' twice", name(twice[0]));
            return Err(SpecError::new(Kind::NoRoute, object, "route", "a path without loops", value, ""));
        }
        Ok(Route { nodes, links })
    }

    /// `{'a', 'b', 'c', ... 12 nodes}`
    fn component(&self, node: u32) -> String {
        let mut search = Bfs::new(&self.graph, NodeIndex::new(node as usize));
        let mut members = Vec::new();
        while let Some(next) = search.next(&self.graph) {
            members.push(self.doc.nodes.name[next.index()].as_str());
        }
        let shown: Vec<String> = members.iter().take(4).map(|m| format!("'{m}'")).collect();
        if members.len() > 4 {
            format!("{{{}, ... {} nodes}}", shown.join(", "), members.len())
        } else {
            format!("{{{}}}", shown.join(", "))
        }
    }
}
