//! A random permutation of the bits of a key that is quick on whole words and quick on single places.
//!
//! Bits are laid out in a grid of about as many rows as columns. Every row is turned by a random amount of its own, then every
//! column, then rows and columns once more, and the grid is read column by column:
//!
//! ```text
//!     row by row -> turn rows -> turn columns -> turn rows -> turn columns -> column by column
//! ```
//!
//! This is a four-round Feistel network on (row, column) with random tables for round functions (Luby and Rackoff,
//! doi:10.1137/0217022), so two places end up as good as independent. Turning a row is a shift of its words, and a bit grid is
//! turned over 64 x 64 bits at a time. Grids whose size is not that of the key have empty cells: zeros in both keys.

use ebit_bits::{transpose64, vectorize};
use ebit_random::Lanes;

/// A permutation of `rows * columns` cells; key bit i starts in cell i.
#[derive(Debug, Clone)]
pub struct Permutation {
    rows: usize,
    columns: usize,
    /// Turns of rows, of columns, of rows, of columns.
    turns: [Vec<u32>; 4],
}

/// Working memory of [`Permutation::apply`].
#[derive(Debug, Default)]
pub struct Scratch {
    rows: Vec<u64>,
    columns: Vec<u64>,
    line: Vec<u64>,
}

/// Rows and columns for a key of `n` bits: the fewest empty cells, columns at most four times the rows.
fn grid(n: usize) -> (usize, usize) {
    let most = n.isqrt().max(1);
    (most.div_ceil(2)..=most)
        .rev()
        .map(|rows| (rows, n.div_ceil(rows).max(1)))
        .min_by_key(|(rows, columns)| rows * columns - n.min(rows * columns))
        .unwrap_or((1, 1))
}

/// Cells of the permutations of keys of `n` bits.
pub fn cells(n: usize) -> usize {
    let (rows, columns) = grid(n);
    rows * columns
}

impl Permutation {
    /// For keys of `n` bits, at most 2^32.
    pub fn random(n: usize, lanes: &mut Lanes) -> Self {
        let (rows, columns) = grid(n);
        let mut turns = |count: usize, below: usize| -> Vec<u32> {
            let mut out = Vec::with_capacity(count + 16);
            while out.len() < count {
                for word in lanes.words() {
                    // The bias is below 2^-32: nothing here is secret, and blocks need no more.
                    out.extend([word as u32, (word >> 32) as u32].map(|x| ((u64::from(x) * below as u64) >> 32) as u32));
                }
            }
            out.truncate(count);
            out
        };
        let turns = [turns(rows, columns), turns(columns, rows), turns(rows, columns), turns(columns, rows)];
        Self { rows, columns, turns }
    }

    pub fn cells(&self) -> usize {
        self.rows * self.columns
    }

    /// Where bit `i` of the key goes.
    #[inline]
    pub fn forward(&self, i: usize) -> usize {
        let plus = |x: usize, by: u32, n: usize| {
            let sum = x + by as usize;
            if sum >= n { sum - n } else { sum }
        };
        let (i, width) = (i as u32, self.columns as u32);
        let (mut r, mut c) = ((i / width) as usize, (i % width) as usize);
        c = plus(c, self.turns[0][r], self.columns);
        r = plus(r, self.turns[1][c], self.rows);
        c = plus(c, self.turns[2][r], self.columns);
        r = plus(r, self.turns[3][c], self.rows);
        c * self.rows + r
    }

    /// Which bit of the key stands at `place`.
    #[inline]
    pub fn backward(&self, place: usize) -> usize {
        let minus = |x: usize, by: u32, n: usize| {
            let by = by as usize;
            if x >= by { x - by } else { x + n - by }
        };
        let (place, height) = (place as u32, self.rows as u32);
        let (mut c, mut r) = ((place / height) as usize, (place % height) as usize);
        r = minus(r, self.turns[3][c], self.rows);
        c = minus(c, self.turns[2][r], self.columns);
        r = minus(r, self.turns[1][c], self.rows);
        c = minus(c, self.turns[0][r], self.columns);
        r * self.columns + c
    }

    /// The whole key at once: bit `forward(i)` of `out` is bit i of `key`; empty cells are zeros.
    pub fn apply(&self, key: &[u64], out: &mut Vec<u64>, scratch: &mut Scratch) {
        out.clear();
        out.resize(self.cells().div_ceil(64), 0);
        vectorize(
            #[inline(always)]
            || self.apply_inline(key, out, scratch),
        );
    }

    #[inline(always)]
    fn apply_inline(&self, key: &[u64], out: &mut [u64], scratch: &mut Scratch) {
        let (rows, columns) = (self.rows, self.columns);
        let (wide, high) = (columns.div_ceil(64), rows.div_ceil(64));
        let Scratch { rows: by_row, columns: by_column, line } = scratch;
        by_row.clear();
        by_row.resize(64 * high * wide, 0);
        by_column.clear();
        by_column.resize(64 * wide * high, 0);
        line.clear();
        line.resize(2 * wide.max(high) + 2, 0);
        for (r, row) in by_row.chunks_exact_mut(wide).take(rows).enumerate() {
            fetch(key, r * columns, columns, row);
        }
        turn_all(by_row.chunks_exact_mut(wide).zip(&self.turns[0]), wide, columns, line);
        transpose(by_row, wide, by_column, high);
        turn_all(by_column.chunks_exact_mut(high).zip(&self.turns[1]), high, rows, line);
        transpose(by_column, high, by_row, wide);
        turn_all(by_row.chunks_exact_mut(wide).zip(&self.turns[2]), wide, columns, line);
        transpose(by_row, wide, by_column, high);
        turn_all(by_column.chunks_exact_mut(high).zip(&self.turns[3]), high, rows, line);
        for (c, column) in by_column.chunks_exact(high).take(columns).enumerate() {
            append(out, c * rows, rows, column);
        }
    }
}

/// 64 bits from bit `shift` of a word on.
#[inline(always)]
fn joined(word: u64, next: u64, shift: usize) -> u64 {
    ((u128::from(next) << 64 | u128::from(word)) >> shift) as u64
}

/// Keeps the first `bits` bits.
#[inline(always)]
fn mask_line(line: &mut [u64], bits: usize) {
    if let Some(last) = line.last_mut() {
        *last &= u64::MAX >> (bits.wrapping_neg() % 64);
    }
}

/// `bits` bits of `key` from place `from` on, zeros where it ends.
#[inline(always)]
fn fetch(key: &[u64], from: usize, bits: usize, into: &mut [u64]) {
    let (word, shift) = (from / 64, from % 64);
    if let Some(inside) = key.get(word..word + into.len() + 1) {
        for (w, (low, high)) in into.iter_mut().zip(inside.iter().zip(&inside[1..])) {
            *w = joined(*low, *high, shift);
        }
    } else {
        let at = |k: usize| key.get(k).copied().unwrap_or(0);
        for (k, w) in into.iter_mut().enumerate() {
            *w = joined(at(word + k), at(word + k + 1), shift);
        }
    }
    mask_line(into, bits);
}

/// Bit b of a line of `bits` bits moves to b + `by`, cyclically: the line is written twice, and read from `bits - by` on.
#[inline(always)]
fn turn(line: &mut [u64], bits: usize, by: usize, twice: &mut [u64]) {
    let words = line.len();
    let twice = &mut twice[..2 * words + 2];
    twice[..words].copy_from_slice(line);
    twice[words..].fill(0);
    turned(line, bits, by, twice);
}

/// The same for lines of `W` words: every loop is of constant length, and nothing but the shifts is left.
#[inline(always)]
fn turn_short<const W: usize>(line: &mut [u64], bits: usize, by: usize) {
    let Some(line) = line.first_chunk_mut::<W>() else { return };
    let mut twice = [[0; W]; 3];
    twice[0] = *line;
    turned(line, bits, by, twice.as_flattened_mut());
}

/// Adds the second copy and reads.
#[inline(always)]
fn turned(line: &mut [u64], bits: usize, by: usize, twice: &mut [u64]) {
    let words = line.len();
    let mut carry = 0;
    for (word, into) in line.iter().zip(&mut twice[bits / 64..]) {
        let both = u128::from(*word) << (bits % 64);
        *into |= both as u64 | carry;
        carry = (both >> 64) as u64;
    }
    if let Some(last) = twice.get_mut(bits / 64 + words) {
        *last |= carry;
    }
    let from = bits - by;
    let twice = &twice[from / 64..];
    for (word, (low, high)) in line.iter_mut().zip(twice.iter().zip(&twice[1..])) {
        *word = joined(*low, *high, from % 64);
    }
    mask_line(line, bits);
}

/// Turns many lines.
#[inline(always)]
fn turn_all<'a>(lines: impl Iterator<Item = (&'a mut [u64], &'a u32)>, width: usize, bits: usize, twice: &mut [u64]) {
    macro_rules! with {
        ($($w:literal)*) => {
            match width {
                $($w => lines.for_each(|(line, by)| turn_short::<$w>(line, bits, *by as usize)),)*
                _ => lines.for_each(|(line, by)| turn(line, bits, *by as usize, twice)),
            }
        };
    }
    with!(2 3 4 5 6 7 8);
}

/// Writes `bits` bits to place `at`, where zeros stand.
#[inline(always)]
fn append(out: &mut [u64], at: usize, bits: usize, line: &[u64]) {
    let (word, shift) = (at / 64, at % 64);
    for (k, w) in line.iter().take(bits.div_ceil(64)).enumerate() {
        let both = u128::from(*w) << shift;
        out[word + k] |= both as u64;
        if let Some(next) = out.get_mut(word + k + 1) {
            *next |= (both >> 64) as u64;
        }
    }
}

/// A grid of bits turned over its diagonal; both have multiples of 64 lines.
#[inline(always)]
fn transpose(from: &[u64], from_width: usize, into: &mut [u64], into_width: usize) {
    let mut block = [0; 64];
    for high in 0..into_width {
        for wide in 0..from_width {
            for (k, word) in block.iter_mut().enumerate() {
                *word = from[(64 * high + k) * from_width + wide];
            }
            transpose64(&mut block);
            for (k, word) in block.iter().enumerate() {
                into[(64 * wide + k) * into_width + high] = *word;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ebit_random::Purpose;
    use proptest::prelude::*;

    fn lanes(seed: u64) -> Lanes {
        Lanes::new(u128::from(seed), 0, 0, Purpose::Benchmark)
    }

    proptest! {
        #[test]
        fn places_and_words_agree(n in 1usize..6000, seed in any::<u64>()) {
            let permutation = Permutation::random(n, &mut lanes(seed));
            prop_assert!(permutation.cells() >= n);
            let mut key: Vec<u64> = std::iter::repeat_with(|| lanes(seed ^ 1).word()).take(n.div_ceil(64)).collect();
            let mut random = lanes(seed ^ 2);
            key.iter_mut().for_each(|w| *w = random.word());
            let key = super::super::masked(&key, n);
            let mut out = Vec::new();
            permutation.apply(&key, &mut out, &mut Scratch::default());
            let mut seen = vec![false; permutation.cells()];
            for i in 0..permutation.cells() {
                let place = permutation.forward(i);
                prop_assert!(!std::mem::replace(&mut seen[place], true));
                prop_assert_eq!(permutation.backward(place), i);
                let bit = key.get(i / 64).map_or(0, |w| w >> (i % 64) & 1);
                prop_assert_eq!(out[place / 64] >> (place % 64) & 1, bit);
            }
            prop_assert_eq!(out.iter().map(|w| w.count_ones()).sum::<u32>(), key.iter().map(|w| w.count_ones()).sum::<u32>());
        }
    }

    #[test]
    fn few_cells_are_empty() {
        for n in [1, 2, 3, 64, 997, 10_007, 100_000, 99_991, 1_000_003] {
            let (rows, columns) = grid(n);
            assert!(rows * columns >= n && rows * columns - n <= n.isqrt() / 8 + 1, "{n}: {rows} {columns}");
            assert!(rows <= columns && columns <= 4 * rows + 4, "{n}: {rows} {columns}");
        }
    }

    /// Neighbours fall into one block of 64 cells as often as chance says: 63/9999 of 10,000 pairs, 63, in each of 100
    /// permutations. Pairs of one permutation share turns, so the error is taken between permutations; 4.9 of them (1e-6).
    #[test]
    fn neighbours_part() {
        let n = 10_000;
        for distance in [1, 2, 50, 100, 101, 5000] {
            let counts: Vec<f64> = (0..100)
                .map(|seed| {
                    let p = Permutation::random(n, &mut lanes(1000 + seed));
                    (0..n - distance).filter(|i| p.forward(*i) / 64 == p.forward(i + distance) / 64).count() as f64
                })
                .collect();
            let mean = counts.iter().sum::<f64>() / 100.0;
            let error = (counts.iter().map(|c| (c - mean) * (c - mean)).sum::<f64>() / 99.0 / 100.0).sqrt();
            let expected = (n - distance) as f64 * 63.0 / 9999.0;
            assert!((mean - expected).abs() < 4.9 * error.max(0.8), "{distance}: {mean} +- {error}, {expected}");
        }
    }
}
