//! Which demands are looked at when: by time, then by number.
//!
//! Requests of one demand want the same bits from the same stores. They stand in one line, first come, first served: when
//! the first of them cannot be served, nor can the others, and nobody passes it. A day costs what it serves and what is
//! asked for, however many wait.
//!
//! ```text
//!   tunnel    looked at at 12 s    1 s  3 s  7 s    since when each waits; the next request comes at 13 s
//!   records   looked at at 14 s    9 s
//! ```

use std::collections::{BTreeSet, VecDeque};

use super::outages::Time;

/// Requests of one demand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// Since when they wait, the first to be served in front.
    pub since: VecDeque<Time>,
    /// When the first may be served; None: nobody waits.
    pub ready: Option<Time>,
    /// When the next request comes.
    pub arrival: Time,
}

impl Line {
    /// When something happens in it.
    fn next(&self) -> Time {
        self.ready.map_or(self.arrival, |ready| ready.min(self.arrival))
    }
}

/// All lines, the one of each demand.
#[derive(Debug, Clone, Default)]
pub struct Agenda {
    pub lines: Vec<Line>,
    order: BTreeSet<(Time, u32)>,
}

impl Agenda {
    /// One line a demand, with the time of its first request.
    #[must_use]
    pub fn new(arrivals: impl Iterator<Item = Time>) -> Self {
        let lines: Vec<Line> = arrivals.map(|arrival| Line { arrival, ..Line::default() }).collect();
        let order = lines.iter().zip(0..).map(|(line, demand)| (line.next(), demand)).collect();
        Self { lines, order }
    }

    /// Takes the next demand off the agenda, if something happens in its line before `end`.
    pub fn next_before(&mut self, end: Time) -> Option<(Time, u32)> {
        let first = *self.order.first().filter(|first| first.0 < end)?;
        self.order.remove(&first);
        Some(first)
    }

    /// Puts a demand on the agenda again.
    pub fn resume(&mut self, demand: u32) {
        self.order.insert((self.lines[demand as usize].next(), demand));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_time_comes_first_then_the_first_demand() {
        let mut agenda = Agenda::new([7, 5, 5].into_iter());
        assert_eq!(agenda.next_before(5), None);
        assert_eq!(agenda.next_before(6), Some((5, 1)));
        agenda.lines[1] = Line { since: VecDeque::from([5]), ready: Some(8), arrival: 9 };
        agenda.resume(1);
        assert_eq!([(); 3].map(|()| agenda.next_before(9)), [Some((5, 2)), Some((7, 0)), Some((8, 1))]);
        agenda.lines[1].ready = None;
        agenda.resume(1);
        assert_eq!((agenda.next_before(9), agenda.next_before(10)), (None, Some((9, 1))));
    }
}
