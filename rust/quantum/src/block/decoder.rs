//! Decoding one type of outcomes of a block: which patterns of flipped outcomes flip the logical one.
//!
//! For a pattern e, its syndrome s = H e selects the lightest error c(s), and the logical outcome, the parity of the bits L,
//! is wrong if L.(e + c(s)) is odd. As a sign that is a function of s beside the parity of L, hence a sum over products of
//! checks, i.e. over all operators that could be read as the logical one:
//!
//! ```text
//!   (-1)^wrong(e) = sum over u of g(u) (-1)^((L + u H).e),    g the Walsh transform of (-1)^(L.c(s)) over syndromes
//! ```

/// One operator that the logical outcome may be read from, and its share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Term {
    /// Bit k: qubit k takes part.
    pub mask: u32,
    pub weight: f64,
}

/// A look-up table from syndromes to the lightest errors.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoder {
    size: u32,
    checks: Vec<u32>,
    logical: u32,
    /// For each syndrome, whether its lightest error flips the logical outcome; of equally light ones the first found.
    flips: Vec<bool>,
}

const UNSEEN: u32 = u32::MAX;

impl Decoder {
    /// From independent checks, at most 16, and the logical operator of the same type.
    pub fn new(size: u32, checks: &[u32], logical: u32) -> Self {
        let mut decoder = Self { size, checks: checks.to_vec(), logical, flips: vec![false; 1 << checks.len()] };
        // Breadth first from no error: weight by weight, lower qubits first.
        let mut lightest = vec![UNSEEN; decoder.flips.len()];
        lightest[0] = 0;
        let mut queue = std::collections::VecDeque::from([0usize]);
        while let Some(syndrome) = queue.pop_front() {
            for qubit in 0..size {
                let error = lightest[syndrome] ^ 1 << qubit;
                let next = decoder.syndrome(error);
                if lightest[next] == UNSEEN {
                    lightest[next] = error;
                    decoder.flips[next] = (error & logical).count_ones() % 2 == 1;
                    queue.push_back(next);
                }
            }
        }
        decoder
    }

    #[inline]
    fn syndrome(&self, pattern: u32) -> usize {
        self.checks.iter().enumerate().map(|(k, check)| ((pattern & check).count_ones() as usize & 1) << k).sum()
    }

    /// Whether the decoded outcome is wrong, given which outcomes were flipped.
    #[inline]
    pub fn wrong(&self, pattern: u32) -> bool {
        ((pattern & self.logical).count_ones() % 2 == 1) != self.flips[self.syndrome(pattern)]
    }

    /// The sum of the module's header, without terms of no weight.
    pub fn terms(&self) -> Vec<Term> {
        let lines = self.flips.len();
        let mut walsh: Vec<f64> = self.flips.iter().map(|f| if *f { -1.0 } else { 1.0 }).collect();
        let mut half = 1;
        while half < lines {
            for block in walsh.chunks_exact_mut(2 * half) {
                let (left, right) = block.split_at_mut(half);
                left.iter_mut().zip(right).for_each(|(a, b)| (*a, *b) = (*a + *b, *a - *b));
            }
            half *= 2;
        }
        let mask = |u: usize| {
            self.checks.iter().enumerate().filter(|(k, _)| u >> k & 1 == 1).fold(self.logical, |m, (_, check)| m ^ check)
        };
        // Sums of signs are whole numbers: zero is zero.
        let terms = walsh.iter().enumerate().filter(|(_, w)| **w != 0.0);
        terms.map(|(u, w)| Term { mask: mask(u), weight: w / lines as f64 }).collect()
    }

    /// How many patterns of each weight are decoded wrongly, by all 2^n of them.
    pub fn failures(&self) -> Vec<u64> {
        let mut counts = vec![0; self.size as usize + 1];
        let columns: Vec<usize> = (0..self.size).map(|q| self.syndrome(1 << q)).collect();
        let (mut pattern, mut syndrome) = (0u32, 0usize);
        // A Gray code: each pattern differs from the former by one qubit.
        for k in 1..=1u32 << self.size {
            let odd = (pattern & self.logical).count_ones() % 2 == 1;
            counts[pattern.count_ones() as usize] += u64::from(odd != self.flips[syndrome]);
            let qubit = k.trailing_zeros().min(self.size - 1);
            pattern ^= 1 << qubit;
            syndrome ^= columns[qubit as usize];
        }
        counts
    }

    /// The weight of the lightest pattern that no check sees and that flips the logical outcome.
    pub fn distance(&self) -> u32 {
        let silent = (1..1u32 << self.size).filter(|p| (p & self.logical).count_ones() % 2 == 1 && self.syndrome(*p) == 0);
        silent.map(u32::count_ones).min().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HAMMING: [u32; 3] = [0b101_0101, 0b110_0110, 0b111_1000];

    fn codes() -> Vec<Decoder> {
        vec![
            Decoder::new(1, &[], 1),
            Decoder::new(3, &[0b011, 0b110], 0b001),
            Decoder::new(3, &[], 0b111),
            Decoder::new(4, &[0b1111], 0b0011),
            Decoder::new(7, &HAMMING, 0b111_1111),
        ]
    }

    #[test]
    fn the_sum_over_operators_is_the_table() {
        for decoder in codes() {
            let terms = decoder.terms();
            for pattern in 0..1u32 << decoder.size {
                let sign: f64 =
                    terms.iter().map(|t| if (t.mask & pattern).count_ones() % 2 == 1 { -t.weight } else { t.weight }).sum();
                assert_eq!(sign, if decoder.wrong(pattern) { -1.0 } else { 1.0 }, "{pattern:b}");
            }
        }
    }

    #[test]
    fn failures_are_counted_once_each() {
        for decoder in codes() {
            let mut counts = vec![0; decoder.size as usize + 1];
            for pattern in 0..1u32 << decoder.size {
                counts[pattern.count_ones() as usize] += u64::from(decoder.wrong(pattern));
            }
            assert_eq!(decoder.failures(), counts);
        }
        // Any two errors of seven are taken for a third one; three are a logical operator on the seven lines of the plane.
        assert_eq!(codes()[4].failures(), [0, 0, 21, 7, 28, 0, 7, 1]);
        assert_eq!(codes().iter().map(Decoder::distance).collect::<Vec<_>>(), [1, 3, 1, 2, 3]);
    }
}
