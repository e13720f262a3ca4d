//! When a link or a node is out of order: known beforehand, or drawn at random.

use ebit_random::{Stream, exponential};

use super::document::KeyNetworkDocument;

/// Nanoseconds since the beginning.
pub type Time = u64;

/// Nanoseconds a second.
pub const SECOND: f64 = 1e9;

/// Seconds as a time; beyond what it counts, the last one there is.
#[must_use]
pub fn ticks(seconds: f64) -> Time {
    (seconds * SECOND) as Time
}

/// From when to when something is out of order; the end is not part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outage {
    pub from: Time,
    pub to: Time,
}

/// Outages in order and apart from each other, with the time in order before each.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outages {
    all: Vec<Outage>,
    /// Time in order from the beginning to each outage.
    up: Vec<Time>,
}

impl Outages {
    /// Sorts outages and joins those that touch.
    #[must_use]
    pub fn new(mut all: Vec<Outage>) -> Self {
        all.retain(|o| o.to > o.from);
        all.sort_by_key(|o| (o.from, o.to));
        all.dedup_by(|next, last| {
            let touch = next.from <= last.to;
            if touch {
                last.to = last.to.max(next.to);
            }
            touch
        });
        let (mut up, mut sum, mut end) = (Vec::with_capacity(all.len()), 0, 0);
        for outage in &all {
            sum += outage.from - end;
            end = outage.to;
            up.push(sum);
        }
        Self { all, up }
    }

    #[must_use]
    pub fn get(&self, k: usize) -> Option<Outage> {
        self.all.get(k).copied()
    }

    /// When an outage ends that is on at `now`; None: there is none.
    #[must_use]
    pub fn end(&self, now: Time) -> Option<Time> {
        let k = self.all.partition_point(|o| o.to <= now);
        self.get(k).filter(|o| o.from <= now).map(|o| o.to)
    }

    /// When `wait` of time in order will have passed since `now`, where the outages before the one numbered `next` are
    /// over; None: after the last time there is.
    #[must_use]
    pub fn after(&self, now: Time, wait: Time, next: usize) -> Option<Time> {
        let Some(first) = self.get(next) else { return now.checked_add(wait) };
        let already = self.up[next] - first.from.saturating_sub(now);
        let met = self.up[next..].partition_point(|up| up - already < wait);
        match met {
            0 => now.checked_add(wait),
            _ => self.all[next + met - 1].to.checked_add(wait - (self.up[next + met - 1] - already)),
        }
    }
}

/// Outages between two looks at whether to stop.
const POLL: usize = 1 << 16;

/// Random failures of one link until the horizon.
pub fn failures(stream: &mut Stream, document: &KeyNetworkDocument, stop: &dyn Fn() -> bool) -> Vec<Outage> {
    let (mut out, mut time) = (Vec::new(), 0.0);
    let (work, repair) = (document.mean_time_to_failure_s.0, document.mean_time_to_repair_s.0);
    if !work.is_finite() || repair <= 0.0 {
        return out;
    }
    loop {
        time += exponential(stream, 1.0 / work).unwrap_or(f64::INFINITY);
        if time >= document.until_s.0 || (out.len() % POLL == POLL - 1 && stop()) {
            return out;
        }
        let end = time + exponential(stream, 1.0 / repair).unwrap_or(0.0);
        out.push(Outage { from: ticks(time), to: ticks(end.min(document.until_s.0 + 1.0)) });
        time = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The same by walking from outage to outage.
    fn walked(outages: &Outages, now: Time, wait: Time) -> Time {
        let (mut time, mut left) = (now, wait);
        for outage in outages.all.iter().filter(|o| o.to > now) {
            let free = outage.from.saturating_sub(time);
            if free >= left {
                break;
            }
            left -= free;
            time = outage.to;
        }
        time + left
    }

    proptest! {
        #[test]
        fn time_in_order_is_found_without_a_walk(
            list in prop::collection::vec((0u64..200, 0u64..20), 0..20), now in 0u64..250, wait in 1u64..100,
        ) {
            let outages = Outages::new(list.iter().map(|(from, long)| Outage { from: *from, to: from + long }).collect());
            let next = outages.all.partition_point(|o| o.to <= now);
            prop_assert_eq!(outages.after(now, wait, next), Some(walked(&outages, now, wait)));
            // A store may not have looked since an outage ended at this very instant.
            if next > 0 && outages.all[next - 1].to == now {
                prop_assert_eq!(outages.after(now, wait, next - 1), Some(walked(&outages, now, wait)));
            }
            for pair in outages.all.windows(2) {
                prop_assert!(pair[0].to < pair[1].from);
            }
        }
    }

    #[test]
    fn no_time_is_after_the_last_one() {
        let outages = Outages::new(vec![Outage { from: 5, to: Time::MAX }]);
        assert_eq!(outages.after(0, 5, 0), Some(5));
        assert_eq!(outages.after(0, 6, 0), None);
        assert_eq!(Outages::default().after(1, Time::MAX, 0), None);
        assert_eq!((outages.end(4), outages.end(5)), (None, Some(Time::MAX)));
    }
}
