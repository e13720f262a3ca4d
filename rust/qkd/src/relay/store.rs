//! The key store of a link: bits that come at a steady rate while the link is up, and go when they are drawn.
//!
//! At all times: held = initial + supplied - drawn - spilt.

use super::outages::{Outages, SECOND, Time};

/// A store, looked at in the order of time.
#[derive(Debug, Clone, PartialEq)]
pub struct Store {
    bits_per_s: f64,
    capacity: f64,
    level: f64,
    at: Time,
    outages: Outages,
    /// Outages before this one are over.
    next: usize,
    pub initial: f64,
    pub supplied: f64,
    pub drawn: f64,
    /// Bits that found the store full.
    pub spilt: f64,
    pub lowest: f64,
}

impl Store {
    /// What `initial` has beyond the capacity is spilt.
    #[must_use]
    pub fn new(bits_per_s: f64, capacity: f64, initial: f64, outages: Outages) -> Self {
        let level = initial.min(capacity);
        Self {
            bits_per_s,
            capacity,
            level,
            at: 0,
            outages,
            next: 0,
            initial,
            supplied: 0.0,
            drawn: 0.0,
            spilt: initial - level,
            lowest: level,
        }
    }

    /// Bits at `now`, which must not be before the last look.
    pub fn level(&mut self, now: Time) -> f64 {
        if now <= self.at {
            return self.level;
        }
        let mut up = now - self.at;
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
        self.at = now;
        let supplied = self.bits_per_s * up as f64 / SECOND;
        self.supplied += supplied;
        self.level += supplied;
        if self.level > self.capacity {
            self.spilt += self.level - self.capacity;
            self.level = self.capacity;
        }
        self.level
    }

    /// Bits at the last look.
    #[must_use]
    pub fn held(&self) -> f64 {
        self.level
    }

    /// Takes bits out; the caller has looked first.
    pub fn draw(&mut self, bits: f64) {
        self.level -= bits;
        self.drawn += bits;
        self.lowest = self.lowest.min(self.level);
    }

    /// When the store will hold `bits`, if nobody draws; None: never, or after the last time there is.
    #[must_use]
    pub fn when(&self, bits: f64) -> Option<Time> {
        if self.level >= bits {
            return Some(self.at);
        }
        if bits > self.capacity || self.bits_per_s <= 0.0 {
            return None;
        }
        // Of what rounding hides the next look asks.
        let wait = ((bits - self.level) / self.bits_per_s * SECOND).ceil();
        if wait >= Time::MAX as f64 {
            return None;
        }
        self.outages.after(self.at, (wait as Time).max(1), self.next)
    }

    /// The largest amount that the store can ever hold.
    #[must_use]
    pub fn capacity(&self) -> f64 {
        self.capacity
    }
}

#[cfg(test)]
mod tests {
    use super::super::outages::Outage;
    use super::*;

    const S: Time = 1_000_000_000;

    #[test]
    fn fills_while_it_is_up() {
        let outages = Outages::new(vec![Outage { from: 2 * S, to: 4 * S }, Outage { from: 3 * S, to: 5 * S }]);
        let mut store = Store::new(10.0, 100.0, 5.0, outages);
        assert_eq!(store.level(S), 15.0);
        assert_eq!(store.level(3 * S), 25.0);
        store.draw(20.0);
        // Down until 5 s; 10 bits take 1 s, the first 5 are there.
        assert_eq!(store.when(10.0), Some(5 * S + S / 2));
        assert_eq!(store.level(6 * S), 15.0);
        assert_eq!(store.level(20 * S), 100.0);
        assert_eq!((store.spilt, store.drawn, store.lowest), (55.0, 20.0, 5.0));
        assert_eq!(store.when(101.0), None);
        assert!((store.supplied - (20.0 + 150.0)).abs() < 1e-9);
    }

    /// At 1e-12 bits a second 256 bits come after 8 million years: no time there is, and not now.
    #[test]
    fn what_comes_after_all_times_never_comes() {
        for rate in [5e-324, 1e-12, 1.3e-8] {
            let mut store = Store::new(rate, 1e9, 0.0, Outages::default());
            assert!(store.level(S) < 256.0);
            assert_eq!(store.when(256.0), None, "{rate}");
        }
        let mut slow = Store::new(2e-8, 1e9, 0.0, Outages::default());
        slow.level(S);
        assert!(slow.when(256.0).is_some_and(|time| time > 12_000_000_000 * S));
    }

    #[test]
    fn what_does_not_fit_at_the_start_is_spilt() {
        let mut store = Store::new(10.0, 50.0, 100.0, Outages::default());
        assert_eq!((store.held(), store.spilt, store.lowest), (50.0, 50.0, 50.0));
        store.draw(30.0);
        store.level(S);
        assert_eq!(store.held(), store.initial + store.supplied - store.drawn - store.spilt);
    }
}
