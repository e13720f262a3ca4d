//! The sets of paths that a demand's keys may take.

use super::document::Demand;
use super::paths::{Barred, Map, Path};

/// The demand's sets of paths: the best, then others that use no node between and no link of those before.
#[must_use]
pub fn routes(map: &Map, demand: &Demand) -> Vec<Vec<Path>> {
    let mut barred = Barred { nodes: vec![false; map.nodes], links: vec![false; map.links.len()] };
    let mut out = Vec::new();
    for _ in 0..=demand.alternatives {
        let paths = map.disjoint(demand.source, demand.target, demand.paths as usize, &barred);
        if paths.len() < demand.paths as usize {
            break;
        }
        for path in &paths {
            for node in &path.nodes {
                barred.nodes[*node as usize] = true;
            }
            // A link between the two has no node to bar.
            if let [direct] = path.links[..] {
                barred.links[direct as usize] = true;
            }
        }
        out.push(paths);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use ebit_spec::Real;

    fn nodes(links: &[(u32, u32, f64)], paths: u32, alternatives: u32) -> Vec<Vec<Vec<u32>>> {
        let map = Map::new(4, links.iter().map(|l| (l.0, l.1)).collect(), links.iter().map(|l| l.2).collect());
        let demand = Demand {
            source: 0,
            target: 1,
            bits: Real(1.0),
            every_s: Real(1.0),
            random: false,
            reserve: Real(0.0),
            patience_s: Real(0.0),
            paths,
            alternatives,
        };
        routes(&map, &demand).into_iter().map(|set| set.into_iter().map(|p| p.nodes).collect()).collect()
    }

    #[test]
    fn a_direct_link_has_alternatives_too() {
        let diamond = [(0, 1, 1.0), (0, 2, 1.0), (2, 1, 1.0), (0, 3, 2.0), (3, 1, 2.0)];
        assert_eq!(nodes(&diamond, 1, 0), [[[0, 1]]]);
        let all: [[&[u32]; 1]; 3] = [[&[0, 1]], [&[0, 2, 1]], [&[0, 3, 1]]];
        assert_eq!(nodes(&diamond, 1, 16), all);
        // Of two shares one takes the link; without it and node 2, one path is left and makes no set.
        let pair: [[&[u32]; 2]; 1] = [[&[0, 1], &[0, 2, 1]]];
        assert_eq!(nodes(&diamond, 2, 16), pair);
    }

    #[test]
    fn a_second_link_between_the_two_is_another_route() {
        assert_eq!(nodes(&[(0, 1, 1.0), (0, 1, 3.0)], 1, 16).len(), 2);
    }
}
