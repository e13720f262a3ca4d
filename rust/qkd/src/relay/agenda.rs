//! Which requests are looked at when: by time, then by demand, then in the order in which they got there.
//!
//! Requests of one demand want the same bits from the same stores. Those that are looked at at one instant stand in one
//! line: when the first of them cannot be served, nor can the others, and the line moves as a whole. A day costs what it
//! serves, however many wait.
//!
//! ```text
//!   (12 s, tunnel)   3 s  7 s  arrival  9 s      since when each waits; the arrival brings a new one, and the next arrival
//!   (14 s, records)  1 s
//! ```

use std::collections::{BTreeMap, VecDeque};

use super::outages::Time;

/// Requests of one demand that are looked at at one time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// Since when they wait.
    pub since: VecDeque<Time>,
    /// How many of them are before the next request of the demand, if that comes now.
    pub arrival: Option<usize>,
}

impl Line {
    /// Takes the first away, served or refused.
    pub fn leave(&mut self) {
        self.since.pop_front();
        self.arrival = self.arrival.map(|before| before.saturating_sub(1));
    }

    /// Those in front of the arrival, or all; the others stay.
    pub fn depart(&mut self) -> VecDeque<Time> {
        let behind = self.arrival.map_or(VecDeque::new(), |before| self.since.split_off(before));
        self.arrival = self.arrival.map(|_| 0);
        std::mem::replace(&mut self.since, behind)
    }
}

/// All that is to be looked at.
#[derive(Debug, Clone, Default)]
pub struct Agenda {
    lines: BTreeMap<(Time, u32), Line>,
}

impl Agenda {
    /// The next request of a demand comes then.
    pub fn expect(&mut self, time: Time, demand: u32) {
        let line = self.lines.entry((time, demand)).or_default();
        line.arrival = Some(line.since.len());
    }

    /// Requests are looked at again then, behind those that are already.
    pub fn join(&mut self, time: Time, demand: u32, mut since: VecDeque<Time>) {
        let line = self.lines.entry((time, demand)).or_default();
        // The shorter moves: each request is moved a logarithmic number of times.
        if since.len() <= line.since.len() {
            line.since.append(&mut since);
        } else {
            for earlier in line.since.drain(..).rev() {
                since.push_front(earlier);
            }
            line.since = since;
        }
    }

    /// The first line before `end`, with its time and demand.
    pub fn next_before(&mut self, end: Time) -> Option<(Time, u32, Line)> {
        let first = self.lines.first_entry().filter(|line| line.key().0 < end)?;
        let ((time, demand), line) = first.remove_entry();
        Some((time, demand, line))
    }

    /// Demands and the times when those will be looked at that wait for them, with since when they wait.
    pub fn waiting(&self) -> impl Iterator<Item = (u32, Time, Time)> {
        self.lines.iter().flat_map(|((time, demand), line)| line.since.iter().map(|since| (*demand, *time, *since)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_their_order() {
        let mut agenda = Agenda::default();
        agenda.join(5, 1, VecDeque::from([4]));
        agenda.expect(5, 1);
        agenda.join(5, 1, VecDeque::from([1, 2, 3]));
        agenda.join(5, 0, VecDeque::from([9]));
        assert_eq!(agenda.next_before(5), None);
        assert_eq!(agenda.next_before(6).map(|(time, demand, _)| (time, demand)), Some((5, 0)));
        let (_, _, mut line) = agenda.next_before(6).unwrap_or_default();
        assert_eq!(line, Line { since: VecDeque::from([4, 1, 2, 3]), arrival: Some(1) });
        line.leave();
        assert_eq!(line.arrival, Some(0));
        assert_eq!(line.depart(), VecDeque::new());
        line.arrival = None;
        assert_eq!(line.depart(), [1, 2, 3]);
    }
}
