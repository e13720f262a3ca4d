//! A trace: what happened, in order, as columns; and its digest, which stands for it in a golden test.
//!
//! The trace does not know what a kind or the numbers `a` and `b` mean; the network does.

use crate::time::Tick;

/// Processed events in their order, one column per field; all columns have the same length.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trace {
    /// When.
    pub time: Vec<Tick>,
    /// What kind of event.
    pub kind: Vec<u8>,
    /// A small number, say an entity.
    pub a: Vec<u32>,
    /// A large number, say a pair.
    pub b: Vec<u64>,
}

impl Trace {
    /// An empty trace.
    pub fn new() -> Trace {
        Trace::default()
    }

    /// Appends an event.
    #[inline]
    pub fn record(&mut self, time: Tick, kind: u8, a: u32, b: u64) {
        self.time.push(time);
        self.kind.push(kind);
        self.a.push(a);
        self.b.push(b);
    }

    /// Puts events that were recorded ahead of their time in order; equal times keep theirs.
    pub fn sort_by_time(&mut self) {
        if self.time.is_sorted() {
            return;
        }
        let mut order: Vec<usize> = (0..self.len()).collect();
        order.sort_by_key(|&k| self.time[k]);
        self.time = order.iter().map(|&k| self.time[k]).collect();
        self.kind = order.iter().map(|&k| self.kind[k]).collect();
        self.a = order.iter().map(|&k| self.a[k]).collect();
        self.b = order.iter().map(|&k| self.b[k]).collect();
    }

    /// The number of events.
    pub fn len(&self) -> usize {
        self.time.len()
    }

    /// Whether nothing was recorded.
    pub fn is_empty(&self) -> bool {
        self.time.is_empty()
    }

    /// Forgets all events; the memory is kept.
    pub fn clear(&mut self) {
        self.time.clear();
        self.kind.clear();
        self.a.clear();
        self.b.clear();
    }

    /// A 64-bit digest of the trace, the same on every platform and in every version.
    ///
    /// FNV-1a (64 bit) over each event in order: time, kind, a, b, each as little-endian bytes (8, 1, 4, 8). It detects
    /// accidents, not forgeries.
    pub fn digest(&self) -> u64 {
        let mut hash = Fnv::new();
        for index in 0..self.len() {
            hash.write(&self.time[index].to_le_bytes());
            hash.write(&[self.kind[index]]);
            hash.write(&self.a[index].to_le_bytes());
            hash.write(&self.b[index].to_le_bytes());
        }
        hash.0
    }
}

/// FNV-1a, <http://www.isthe.com/chongo/tech/comp/fnv/>.
struct Fnv(u64);

impl Fnv {
    fn new() -> Fnv {
        Fnv(0xcbf2_9ce4_8422_2325)
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Test vectors of the FNV page.
    #[test]
    fn fnv_known_answers() {
        for (text, expected) in [("", 0xcbf29ce484222325), ("a", 0xaf63dc4c8601ec8c), ("foobar", 0x85944171f73967e8u64)] {
            let mut hash = Fnv::new();
            hash.write(text.as_bytes());
            assert_eq!(hash.0, expected, "{text}");
        }
    }

    #[test]
    fn the_digest_sees_every_field_and_the_order() {
        let trace = |rows: &[(Tick, u8, u32, u64)]| {
            let mut trace = Trace::new();
            rows.iter().for_each(|&(time, kind, a, b)| trace.record(time, kind, a, b));
            trace.digest()
        };
        let (first, second) = ((1, 2, 3, 4), (5, 6, 7, 8));
        let variants = [
            vec![],
            vec![first, second],
            vec![second, first],
            vec![first],
            vec![(2, 2, 3, 4)],
            vec![(1, 3, 3, 4)],
            vec![(1, 2, 4, 4)],
            vec![(1, 2, 3, 5)],
        ];
        let mut digests: Vec<u64> = variants.iter().map(|rows| trace(rows)).collect();
        digests.sort_unstable();
        digests.dedup();
        assert_eq!(digests.len(), variants.len());
    }
}
