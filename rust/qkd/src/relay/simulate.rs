//! A day of a network of keys: requests come, keys are drawn along their paths, or waited for, or refused.
//!
//! A key of n bits takes n bits out of the store of every link of every path that carries a share of it, all at one
//! instant or not at all. Requests of one demand are served first come, first served; of two demands that wait for the same
//! store the one goes first whose stores have filled first. A request that may not be served now is looked at again when
//! they will have, and is refused when its patience ends. Stores are looked at when somebody draws: the cost depends on
//! keys, not on rates.

use ebit_random::{Purpose, Stream, exponential};

use super::agenda::Agenda;
use super::document::KeyNetworkDocument;
use super::outages::{Outage, Outages, SECOND, Time, failures, ticks};
use super::paths::{Map, Path};
use super::routes::routes;
use super::store::Store;

/// Keys that were delivered, a column each, in the order of delivery.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Keys {
    pub time_s: Vec<f64>,
    pub demand: Vec<u32>,
    /// Which of the demand's sets of paths carried it.
    pub route: Vec<u32>,
    pub waited_s: Vec<f64>,
}

/// What became of a demand.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Served {
    pub requests: u64,
    pub served: u64,
    pub refused: u64,
    /// Still waiting at the end.
    pub waiting: u64,
}

/// What a run gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Day {
    pub keys: Keys,
    pub demands: Vec<Served>,
    /// For each demand its sets of paths.
    pub routes: Vec<Vec<Vec<Path>>>,
    pub stores: Vec<Store>,
    /// Simulated time, the horizon unless the run was stopped.
    pub until_s: f64,
}

/// Attempts between two looks at whether to stop.
const POLL: u64 = 4096;

struct Run<'a> {
    document: &'a KeyNetworkDocument,
    routes: Vec<Vec<Vec<Path>>>,
    stores: Vec<Store>,
    node_outages: Vec<Outages>,
    streams: Vec<Stream>,
}

/// How an attempt to draw a key ended.
enum Attempt {
    Drawn(u32),
    /// Look again then.
    Later(Time),
    Never,
}

impl Run<'_> {
    fn next_request(&mut self, demand: u32, now: Time) -> Time {
        let spec = &self.document.demands[demand as usize];
        let gap = if spec.random {
            exponential(&mut self.streams[demand as usize], 1.0 / spec.every_s.0).unwrap_or(f64::INFINITY)
        } else {
            spec.every_s.0
        };
        now.saturating_add(ticks(gap).max(1))
    }

    /// Until when a path is cut by a node that is out of order; None: it is not.
    fn cut(&self, path: &Path, now: Time) -> Option<Time> {
        let inner = &path.nodes[1..path.nodes.len() - 1];
        inner.iter().filter_map(|n| self.node_outages[*n as usize].end(now)).max()
    }

    fn attempt(&mut self, demand: u32, now: Time) -> Attempt {
        let spec = &self.document.demands[demand as usize];
        let (bits, reserve) = (spec.bits.0, spec.reserve.0);
        let mut soonest: Option<Time> = None;
        for (choice, paths) in self.routes[demand as usize].iter().enumerate() {
            let mut ready: Option<Time> = Some(now);
            for path in paths {
                if let Some(until) = self.cut(path, now) {
                    ready = ready.map(|r| r.max(until));
                }
                for link in &path.links {
                    let store = &mut self.stores[*link as usize];
                    let needed = bits + reserve * store.capacity();
                    let when = if store.level(now) >= needed { Some(now) } else { store.when(needed) };
                    ready = ready.zip(when).map(|(a, b)| a.max(b));
                }
            }
            if ready == Some(now) {
                for link in paths.iter().flat_map(|p| &p.links) {
                    self.stores[*link as usize].draw(bits);
                }
                return Attempt::Drawn(choice as u32);
            }
            soonest = match (soonest, ready) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
        }
        soonest.map_or(Attempt::Never, |time| Attempt::Later(time.max(now + 1)))
    }
}

impl<'a> Run<'a> {
    fn new(document: &'a KeyNetworkDocument, root: u128, stop: &dyn Fn() -> bool) -> Self {
        let ends: Vec<(u32, u32)> = document.links.iter().map(|l| (l.a, l.b)).collect();
        let map = Map::new(document.nodes as usize, ends, document.links.iter().map(|l| l.length_km.0).collect());
        let mut link_outages: Vec<Vec<Outage>> = (0..document.links.len())
            .map(|k| failures(&mut Stream::new(root, 1, k as u64, Purpose::KeyRelay), document, stop))
            .collect();
        let mut node_outages = vec![Vec::new(); document.nodes as usize];
        for failure in &document.outages {
            let outage = Outage { from: ticks(failure.from_s.0), to: ticks(failure.to_s.0) };
            if let Some(link) = failure.link {
                link_outages[link as usize].push(outage);
            }
            if let Some(node) = failure.node {
                node_outages[node as usize].push(outage);
            }
        }
        let outages = link_outages.into_iter().map(Outages::new);
        Self {
            document,
            routes: document.demands.iter().map(|d| if stop() { Vec::new() } else { routes(&map, d) }).collect(),
            stores: document
                .links
                .iter()
                .zip(outages)
                .map(|(l, outages)| Store::new(l.bits_per_s.0, l.capacity_bits.0, l.initial_bits.0, outages))
                .collect(),
            node_outages: node_outages.into_iter().map(Outages::new).collect(),
            streams: (0..document.demands.len()).map(|k| Stream::new(root, 0, k as u64, Purpose::KeyRelay)).collect(),
        }
    }
}

/// Runs the network until its horizon; not at all if a demand has no route.
#[must_use]
pub fn simulate(document: &KeyNetworkDocument, root: u128, stop: &dyn Fn() -> bool, done: &dyn Fn(f64)) -> Day {
    let mut run = Run::new(document, root, stop);
    let horizon = if run.routes.iter().any(Vec::is_empty) { 0 } else { ticks(document.until_s.0) };
    let mut agenda = Agenda::new((0..document.demands.len() as u32).map(|demand| run.next_request(demand, 0)));
    let mut keys = Keys::default();
    let mut served = vec![Served::default(); document.demands.len()];
    let last = |demand: u32, since: Time| since.saturating_add(ticks(document.demands[demand as usize].patience_s.0));
    let (mut attempts, mut until) = (0u64, horizon);
    'day: while let Some((now, demand)) = agenda.next_before(horizon) {
        let (count, line) = (&mut served[demand as usize], &mut agenda.lines[demand as usize]);
        if line.arrival == now {
            count.requests += 1;
            line.since.push_back(now);
            line.arrival = run.next_request(demand, now);
        }
        line.ready = None;
        while let Some(&since) = line.since.front() {
            // Its patience ended while it waited.
            if last(demand, since) < now {
                count.refused += 1;
                line.since.pop_front();
                continue;
            }
            attempts += 1;
            if attempts.is_multiple_of(POLL) {
                done(now as f64 / horizon as f64);
                if stop() {
                    until = now;
                    break 'day;
                }
            }
            match run.attempt(demand, now) {
                Attempt::Drawn(route) => {
                    count.served += 1;
                    keys.time_s.push(now as f64 / SECOND);
                    keys.demand.push(demand);
                    keys.route.push(route);
                    keys.waited_s.push((now - since) as f64 / SECOND);
                }
                // Those behind it want the same.
                Attempt::Later(time) => {
                    line.ready = Some(time);
                    break;
                }
                Attempt::Never => count.refused += 1,
            }
            line.since.pop_front();
        }
        agenda.resume(demand);
    }
    for (demand, (count, line)) in (0..).zip(served.iter_mut().zip(&agenda.lines)) {
        let over = line.since.partition_point(|since| last(demand, *since) < until);
        count.refused += over as u64;
        count.waiting = (line.since.len() - over) as u64;
    }
    for store in &mut run.stores {
        store.level(until);
    }
    Day { keys, demands: served, routes: run.routes, stores: run.stores, until_s: until as f64 / SECOND }
}

#[cfg(test)]
mod tests {
    use super::super::document::{Demand, KeyLink};
    use super::*;
    use ebit_spec::Real;
    use proptest::prelude::*;

    fn network(links: &[(u32, u32, f64)], demands: Vec<Demand>) -> KeyNetworkDocument {
        KeyNetworkDocument {
            nodes: 1 + links.iter().map(|(a, b, _)| *a.max(b)).max().unwrap_or(0),
            links: links
                .iter()
                .map(|(a, b, rate)| KeyLink {
                    a: *a,
                    b: *b,
                    bits_per_s: Real(*rate),
                    capacity_bits: Real(1e6),
                    initial_bits: Real(0.0),
                    length_km: Real(1.0),
                })
                .collect(),
            demands,
            outages: Vec::new(),
            mean_time_to_failure_s: Real(f64::INFINITY),
            mean_time_to_repair_s: Real(0.0),
            until_s: Real(1000.0),
        }
    }

    fn demand(source: u32, target: u32, bits: f64, every_s: f64) -> Demand {
        Demand {
            source,
            target,
            bits: Real(bits),
            every_s: Real(every_s),
            random: false,
            reserve: Real(0.0),
            patience_s: Real(1e6),
            paths: 1,
            alternatives: 0,
        }
    }

    fn run(document: &KeyNetworkDocument) -> Day {
        simulate(document, 1, &|| false, &|_| {})
    }

    #[test]
    fn the_slowest_link_sets_the_pace() {
        // 256 bits every second are wanted; the second link makes 128.
        let day = run(&network(&[(0, 1, 1e4), (1, 2, 128.0)], vec![demand(0, 2, 256.0, 1.0)]));
        assert_eq!(day.demands[0].served, 499);
        assert_eq!(day.stores[0].drawn, day.stores[1].drawn);
        // The k-th key is there at 2k s and a little.
        for (k, time) in day.keys.time_s.iter().enumerate() {
            assert!((time - 2.0 * (k + 1) as f64).abs() < 1e-5, "{k}: {time}");
        }
    }

    #[test]
    fn bits_are_conserved() {
        let mut document =
            network(&[(0, 1, 50.0), (1, 2, 70.0), (0, 2, 20.0)], vec![demand(0, 2, 100.0, 3.0), demand(0, 1, 90.0, 2.5)]);
        document.demands[0].random = true;
        document.demands[0].paths = 2;
        document.mean_time_to_failure_s = Real(100.0);
        document.mean_time_to_repair_s = Real(20.0);
        let mut day = run(&document);
        for store in &mut day.stores {
            let level = store.level(ticks(1000.0));
            assert!((store.supplied - store.drawn - store.spilt - level).abs() < 1e-6);
            assert!(store.lowest >= 0.0 && store.supplied > 0.0);
        }
        for (served, spec) in day.demands.iter().zip(&document.demands) {
            assert_eq!(served.served + served.refused + served.waiting, served.requests);
            assert!(served.requests > 0, "{served:?} {spec:?}");
        }
        let drawn: f64 = day.stores.iter().map(|s| s.drawn).sum();
        // Two paths of 1 and 2 links carry the first, one link the second.
        assert_eq!(drawn, 300.0 * day.demands[0].served as f64 + 90.0 * day.demands[1].served as f64);
    }

    proptest! {
        /// Whatever the rates, outages and routes: who asked first is served first, and nobody is lost.
        #[test]
        fn nobody_passes_another_of_the_same_demand_and_nobody_is_lost(
            rates in prop::array::uniform4(prop_oneof![1.0..300.0, Just(1.0), Just(0.0)]),
            wanted in prop::collection::vec((0u32..3, 1u32..4, 10.0..300.0, 0.2..20.0, any::<bool>(), 0.0..400.0), 1..5),
            down in (0.0..150.0, 0.0..150.0),
            fails in prop_oneof![Just(f64::INFINITY), 20.0..200.0],
        ) {
            let links = [(0, 1, rates[0]), (1, 2, rates[1]), (0, 2, rates[2]), (2, 3, rates[3])];
            let demands = wanted.iter().map(|&(source, step, bits, every_s, random, patience)| Demand {
                random,
                patience_s: Real(if patience < 50.0 { 0.0 } else { patience }),
                alternatives: 1,
                ..demand(source, (source + step) % 4, bits, every_s)
            });
            let mut document = network(&links, demands.collect());
            document.until_s = Real(300.0);
            document.outages.push(super::super::document::Failure {
                link: None, node: Some(2), from_s: Real(down.0), to_s: Real(down.0 + down.1),
            });
            (document.mean_time_to_failure_s, document.mean_time_to_repair_s) = (Real(fails), Real(10.0));
            let day = run(&document);
            for (k, count) in day.demands.iter().enumerate() {
                prop_assert_eq!(count.served + count.refused + count.waiting, count.requests);
                let spec = &document.demands[k];
                let keys = day.keys.time_s.iter().zip(&day.keys.waited_s).zip(&day.keys.demand);
                let asked: Vec<f64> = keys.filter(|(_, d)| **d == k as u32).map(|((time, waited), _)| time - waited).collect();
                prop_assert_eq!(asked.len() as u64, count.served);
                // A request is one tick at least after the one before; seconds have rounding.
                prop_assert!(asked.windows(2).all(|pair| pair[0] < pair[1] + 1e-9), "{:?}", asked);
                // Who asked less than the patience before the end is not refused, unless for ever.
                if rates.iter().all(|rate| *rate > 0.0) && !spec.random {
                    let (gap, patience) = (ticks(spec.every_s.0).max(1), ticks(spec.patience_s.0));
                    let over = ticks(300.0).saturating_sub(patience).saturating_sub(1) / gap;
                    prop_assert!(count.refused <= over, "{:?} of {}", count, over);
                }
            }
        }
    }

    /// A key is there when a younger request comes, at 1280 s and so on.
    #[test]
    fn rounding_lets_nobody_pass() {
        let mut document = network(&[(0, 1, 1.0)], vec![demand(0, 1, 256.0, 10.0)]);
        document.until_s = Real(5000.0);
        let day = run(&document);
        assert_eq!(day.demands[0], Served { requests: 499, served: 19, refused: 0, waiting: 480 });
        for (k, (time, waited)) in day.keys.time_s.iter().zip(&day.keys.waited_s).enumerate() {
            assert!((time - 256.0 * (k + 1) as f64).abs() < 1e-6, "{k}: {time}");
            assert!((time - waited - 10.0 * (k + 1) as f64).abs() < 1e-6, "{k}: {time} after {waited}");
        }
    }

    #[test]
    fn impatient_requests_are_refused_and_reserves_are_left() {
        let mut document = network(&[(0, 1, 10.0)], vec![demand(0, 1, 100.0, 1.0), demand(0, 1, 100.0, 1.0)]);
        document.demands[0].patience_s = Real(0.0);
        document.demands[1].patience_s = Real(0.0);
        document.demands[1].reserve = Real(1e-3);
        let day = run(&document);
        // 10^4 bits came; the second may not draw below 1000 and the first sees to it that it never gets there.
        assert!(day.demands[0].served >= 98 && day.demands[1].served == 0, "{:?}", day.demands);
        assert!(day.demands[0].refused > 850);
    }

    #[test]
    fn patience_ends_while_others_wait_in_the_same_line() {
        let mut document = network(&[(0, 1, 1.0)], vec![demand(0, 1, 99.7, 1.0)]);
        document.demands[0].patience_s = Real(150.0);
        document.until_s = Real(990.0);
        let day = run(&document);
        // A key each 99.7 s goes to who has waited longest and still does: those of 1, 50, 150, 249 s and so on.
        let waited: Vec<f64> = day.keys.waited_s.iter().map(|s| (10.0 * s).round() / 10.0).collect();
        assert_eq!(waited, [98.7, 149.4, 149.1, 149.8, 149.5, 149.2, 149.9, 149.6, 149.3]);
        // The tenth would come at 997 s; those of 840 to 989 s wait for it, some of them in vain.
        assert_eq!(day.demands[0], Served { requests: 989, served: 9, refused: 989 - 9 - 150, waiting: 150 });
    }

    #[test]
    fn a_demand_without_a_route_runs_nothing() {
        let day = run(&network(&[(0, 1, 1e4), (2, 3, 1e4)], vec![demand(0, 1, 1.0, 1.0), demand(0, 2, 1.0, 1.0)]));
        assert!(day.routes[1].is_empty() && day.keys.time_s.is_empty());
        assert_eq!(day.until_s, 0.0);
    }

    #[test]
    fn another_route_is_taken_when_a_node_is_down() {
        use super::super::document::Failure;
        let mut document = network(&[(0, 1, 1e4), (1, 3, 1e4), (0, 2, 1e4), (2, 3, 1e4)], vec![demand(0, 3, 100.0, 1.0)]);
        document.demands[0].alternatives = 1;
        document.outages.push(Failure { link: None, node: Some(1), from_s: Real(100.0), to_s: Real(200.0) });
        let day = run(&document);
        assert_eq!(day.demands[0].served, 999);
        let during: Vec<bool> = day.keys.time_s.iter().map(|t| (100.0..200.0).contains(t)).collect();
        assert!(during.iter().zip(&day.keys.route).all(|(down, route)| u32::from(*down) == *route));
        assert_eq!(day.routes[0][1][0].nodes, [0, 2, 3]);
    }
}
