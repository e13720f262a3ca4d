//! Whatever the structure inside, a queue pops the order of (time, priority, origin, counter): checked against a
//! sorted set, with many ties, pushes between pops, and migration in both directions.

use std::collections::BTreeSet;

use ebit_kernel::bench::hold;
use ebit_kernel::{Event, EventQueue, Structure, Tick};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

const STRUCTURES: [Structure; 3] = [Structure::Auto, Structure::Heap, Structure::Radix];
const ORIGINS: u32 = 5;

/// A batch of work: some pushes with delays from a range, then some pops.
#[derive(Debug, Clone)]
struct Batch {
    pushes: usize,
    delays: DelayRange,
    pops: usize,
}

#[derive(Debug, Clone, Copy)]
enum DelayRange {
    Below(i64),
    /// Only this delay or none: thousands of events at one tick.
    Either(i64),
    /// Every order of magnitude up to the end of time.
    AnyMagnitude,
}

impl DelayRange {
    fn pick(self, word: u64, now: Tick) -> Tick {
        let room = Tick::MAX - now;
        let delay = match self {
            DelayRange::Below(bound) => (word % bound as u64) as i64,
            DelayRange::Either(delay) => delay * (word % 2) as i64,
            DelayRange::AnyMagnitude => (word >> (1 + word % 61)) as i64,
        };
        delay.min(room)
    }
}

fn batch(size: usize) -> impl Strategy<Value = Batch> {
    let delays = prop_oneof![
        (1i64..4).prop_map(DelayRange::Below),
        (1i64..1 << 40).prop_map(DelayRange::Below),
        (0i64..1 << 20).prop_map(DelayRange::Either),
        Just(DelayRange::AnyMagnitude),
    ];
    (0..size, delays, 0..size).prop_map(|(pushes, delays, pops)| Batch { pushes, delays, pops })
}

/// A reference queue: a sorted set of keys, nothing clever.
#[derive(Default)]
struct Sorted {
    pending: BTreeSet<(Tick, u8, u32, u64)>,
    counters: [u64; ORIGINS as usize],
}

impl Sorted {
    /// Returns the origin's count before this event.
    fn push(&mut self, time: Tick, priority: u8, origin: u32) -> u64 {
        let counter = &mut self.counters[origin as usize];
        self.pending.insert((time, priority, origin, *counter));
        *counter += 1;
        *counter - 1
    }
}

/// The payload is the origin's own count of its events, which the queue does not see.
fn key(event: Event<u64>) -> (Tick, u8, u32, u64) {
    (event.time, event.priority, event.origin, event.payload)
}

fn agrees(queue: &mut EventQueue<u64>, batches: &[Batch], seed: u64) -> Result<(), TestCaseError> {
    let mut sorted = Sorted::default();
    // A weak generator is enough to scatter keys, and owes nothing to the crate under test.
    let mut state = seed | 1;
    let mut word = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    for batch in batches {
        for _ in 0..batch.pushes {
            let time = queue.now() + batch.delays.pick(word(), queue.now());
            let (priority, origin) = ((word() % 3) as u8, (word() % u64::from(ORIGINS)) as u32);
            let count = sorted.push(time, priority, origin);
            queue.push(time, priority, origin, count).map_err(|error| TestCaseError::fail(error.to_string()))?;
        }
        prop_assert_eq!(queue.len(), sorted.pending.len());
        for _ in 0..batch.pops {
            let expected = sorted.pending.pop_first();
            prop_assert_eq!(queue.peek_key(), expected.map(|(time, priority, ..)| (time, priority)));
            prop_assert_eq!(queue.pop().map(key), expected);
            prop_assert_eq!(queue.is_empty(), sorted.pending.is_empty());
        }
    }
    while let Some(expected) = sorted.pending.pop_first() {
        prop_assert_eq!(queue.pop().map(key), Some(expected));
    }
    prop_assert_eq!(queue.pop().map(key), None);
    Ok(())
}

/// A test whose case is `weight` times the work of a small one gets so many times fewer of the cases that PROPTEST_CASES
/// asks for; `proptest!` would give each as many, and a soak would never end.
fn check<S: Strategy>(weight: u32, strategy: S, test: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let usual = ProptestConfig { source_file: Some(file!()), ..ProptestConfig::default() };
    let config = ProptestConfig { cases: usual.cases.div_ceil(weight), ..usual };
    if let Err(error) = TestRunner::new(config).run(&strategy, test) {
        panic!("{error}");
    }
}

#[test]
fn small_loads_come_in_order() {
    check(1, (prop::collection::vec(batch(40), 0..12), any::<u64>()), |(batches, seed)| {
        STRUCTURES.iter().try_for_each(|&s| agrees(&mut EventQueue::with_structure(ORIGINS as usize, s), &batches, seed))
    });
}

/// Up to some ten thousand pending.
#[test]
fn large_loads_come_in_order() {
    check(5, (prop::collection::vec(batch(4_000), 0..12), any::<u64>()), |(batches, seed)| {
        STRUCTURES.iter().try_for_each(|&s| agrees(&mut EventQueue::with_structure(ORIGINS as usize, s), &batches, seed))
    });
}

#[test]
fn a_cleared_queue_is_as_new() {
    check(5, (prop::collection::vec(batch(3_000), 1..6), any::<u64>()), |(batches, seed)| {
        for structure in STRUCTURES {
            let mut queue = EventQueue::with_structure(ORIGINS as usize, structure);
            for step in 0..5_000 {
                queue.push(queue.now() + step % 1_000, 0, 0, 0).unwrap();
                if step % 3 == 0 {
                    queue.pop();
                }
            }
            queue.clear();
            prop_assert_eq!((queue.now(), queue.len(), queue.peek_key()), (0, 0, None));
            agrees(&mut queue, &batches, seed)?;
        }
        Ok(())
    });
}

/// Beyond the size at which the automatic queue spills, and back below that at which it rejoins, twice.
#[test]
fn very_large_loads_come_in_order() {
    let delays = [DelayRange::Below(1 << 20), DelayRange::Below(3_000), DelayRange::Either(1_000), DelayRange::AnyMagnitude];
    for (seed, delays) in (1..).zip(delays) {
        let load = |pushes, pops| Batch { pushes, delays, pops };
        let batches = [load(60_000, 20_000), load(30_000, 68_000), load(40_000, 10_000), load(20_000, 51_000), load(100, 1_000)];
        for structure in STRUCTURES {
            agrees(&mut EventQueue::with_structure(ORIGINS as usize, structure), &batches, seed).unwrap();
        }
    }
}

/// Each processed event schedules others at its own instant: priority and origin decide, also against events that wait.
#[test]
fn ties_with_the_present_are_ordered() {
    for structure in STRUCTURES {
        let mut queue = EventQueue::with_structure(3, structure);
        for count in 0..1_000 {
            queue.push(7, 1, 1, count).unwrap();
        }
        queue.pop();
        queue.push(7, 2, 0, 0).unwrap();
        queue.push(7, 1, 2, 0).unwrap();
        queue.push(7, 1, 0, 1).unwrap();
        queue.push(7, 0, 2, 1).unwrap();
        let order: Vec<_> = std::iter::from_fn(|| queue.pop()).map(key).collect();
        assert_eq!(order[..2], [(7, 0, 2, 1), (7, 1, 0, 1)]);
        assert!((1..1_000).all(|counter| order[1 + counter as usize] == (7, 1, 1, counter)));
        assert_eq!(order[1_001..], [(7, 1, 2, 0), (7, 2, 0, 0)]);
    }
}

/// Half a million events at one tick, and as many again while they are processed.
#[test]
fn one_instant_may_hold_everything() {
    for structure in STRUCTURES {
        let mut queue = EventQueue::with_structure(1, structure);
        for _ in 0..500_000 {
            queue.push(1 << 50, 0, 0, 0).unwrap();
        }
        for expected in 0..1_000_000 {
            let event = queue.pop().unwrap();
            assert_eq!((event.time, event.counter), (1 << 50, expected));
            if expected < 500_000 {
                queue.push(1 << 50, 0, 0, 0).unwrap();
            }
        }
        assert!(queue.is_empty());
    }
}

#[test]
fn the_hold_model_does_not_see_the_structure() {
    for pending in [0, 1, 100, 3_000, 50_000] {
        let reports = STRUCTURES.map(|structure| hold(pending, 50_000, 1, structure).unwrap());
        assert_eq!(reports[0], reports[1]);
        assert_eq!(reports[0], reports[2]);
        assert_eq!(reports[0].events, if pending == 0 { 0 } else { 50_000 });
    }
}
