//! The key store of a link: bits that come at a steady rate while the link is up, and go when they are drawn.

/// Nanoseconds since the beginning.
pub type Time = u64;

/// Nanoseconds a second.
pub const SECOND: f64 = 1e9;

/// From when to when something is out of order; the end is not part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outage {
    pub from: Time,
    pub to: Time,
}

/// A store, looked at in the order of time.
#[derive(Debug, Clone, PartialEq)]
pub struct Store {
    bits_per_s: f64,
    capacity: f64,
    level: f64,
    at: Time,
    /// In order and apart from each other; those before `next` are over.
    outages: Vec<Outage>,
    next: usize,
    pub supplied: f64,
    pub drawn: f64,
    /// Bits that found the store full.
    pub spilt: f64,
    pub lowest: f64,
}

impl Store {
    #[must_use]
    pub fn new(bits_per_s: f64, capacity: f64, initial: f64, outages: Vec<Outage>) -> Self {
        let level = initial.min(capacity);
        Self {
            bits_per_s,
            capacity,
            level,
            at: 0,
            outages: joined(outages),
            next: 0,
            supplied: 0.0,
            drawn: 0.0,
            spilt: 0.0,
            lowest: level,
        }
    }

    /// Bits at `now`, which must not be before the last look.
    pub fn level(&mut self, now: Time) -> f64 {
        let mut up = now.saturating_sub(self.at);
        while let Some(outage) = self.outages.get(self.next) {
            if outage.from >= now {
                break;
            }
            up -= outage.to.min(now) - outage.from.max(self.at);
            if outage.to > now {
                break;
            }
            self.next += 1;
        }
        self.at = self.at.max(now);
        let supplied = self.bits_per_s * up as f64 / SECOND;
        self.supplied += supplied;
        self.level += supplied;
        if self.level > self.capacity {
            self.spilt += self.level - self.capacity;
            self.level = self.capacity;
        }
        self.level
    }

    /// Takes bits out; the caller has looked first.
    pub fn draw(&mut self, bits: f64) {
        self.level -= bits;
        self.drawn += bits;
        self.lowest = self.lowest.min(self.level);
    }

    /// When the store will hold `bits`, if nobody draws; None: never.
    #[must_use]
    pub fn when(&self, bits: f64) -> Option<Time> {
        if self.level >= bits {
            return Some(self.at);
        }
        if bits > self.capacity || self.bits_per_s <= 0.0 {
            return None;
        }
        // One nanosecond more than rounding could hide.
        let mut left = ((bits - self.level) / self.bits_per_s * SECOND).ceil() as u64 + 1;
        let mut time = self.at;
        for outage in &self.outages[self.next..] {
            let free = outage.from.saturating_sub(time);
            if free >= left {
                break;
            }
            left -= free;
            time = time.max(outage.to);
        }
        time.checked_add(left)
    }

    /// The largest amount that the store can ever hold.
    #[must_use]
    pub fn capacity(&self) -> f64 {
        self.capacity
    }
}

/// Sorts outages and joins those that touch.
#[must_use]
pub fn joined(mut outages: Vec<Outage>) -> Vec<Outage> {
    outages.retain(|o| o.to > o.from);
    outages.sort_by_key(|o| (o.from, o.to));
    let mut out: Vec<Outage> = Vec::new();
    for outage in outages {
        match out.last_mut() {
            Some(last) if outage.from <= last.to => last.to = last.to.max(outage.to),
            _ => out.push(outage),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: Time = 1_000_000_000;

    #[test]
    fn fills_while_it_is_up() {
        let mut store = Store::new(10.0, 100.0, 5.0, vec![Outage { from: 2 * S, to: 4 * S }, Outage { from: 3 * S, to: 5 * S }]);
        assert_eq!(store.level(S), 15.0);
        assert_eq!(store.level(3 * S), 25.0);
        store.draw(20.0);
        // Down until 5 s; 10 bits take 1 s, the first 5 are there.
        assert_eq!(store.when(10.0), Some(5 * S + S / 2 + 1));
        assert_eq!(store.level(6 * S), 15.0);
        assert_eq!(store.level(20 * S), 100.0);
        assert_eq!((store.spilt, store.drawn, store.lowest), (55.0, 20.0, 5.0));
        assert_eq!(store.when(101.0), None);
        assert!((store.supplied - (20.0 + 150.0)).abs() < 1e-9);
    }
}
