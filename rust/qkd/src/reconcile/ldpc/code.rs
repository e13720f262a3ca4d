//! Our own quasi-cyclic codes: a base matrix for any number of rows, every entry of it a turned identity matrix.
//!
//! ```text
//!     128 columns of `lift` bits each
//!     +-----+-----+-----+--       column degrees: 2, 3 and one high degree, in shares found by density evolution
//!     | I^a |     | I^b |         (BSC, belief propagation): thresholds at f = 1.11 for m/n = 0.24, 1.13 for 0.5,
//!     +-----+-----+-----+--       1.18 for 0.15, 1.23 for 0.08; for noisy values others
//!     |     | I^c | I^d |         columns of degree 2 form a chain: they close no cycle among themselves
//!     +-----+-----+-----+--       others take the rows with the fewest entries so far
//! ```
//!
//! Turns are drawn one by one, each so that it closes no cycle of length 4, and, where the lift allows, few of length 6.
//! The code is public and the same for all: it depends on rows and lift alone.

use ebit_random::{Lanes, Purpose};

/// Columns of the base matrix.
pub const COLUMNS: usize = 128;
/// Turns that are tried for each entry.
const TRIES: usize = 64;

/// An entry of the base matrix: bit z of its row meets bit z + `turn` (mod lift) of its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    pub column: usize,
    pub turn: usize,
}

/// A code of `COLUMNS * lift` bits with `rows.len() * lift` parity checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    pub lift: usize,
    pub rows: Vec<Vec<Entry>>,
}

/// What a code is for; degrees of columns and the decoder go with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Keys with few errors.
    Flips,
    /// Bits behind Gaussian noise that leaves most of them in doubt: rates of a half and below.
    Noise,
}

/// Columns of each degree, lowest first.
fn degrees(family: Family, rows: usize) -> Vec<usize> {
    match family {
        Family::Flips => degrees_for_flips(rows),
        Family::Noise => degrees_for_noise(rows),
    }
}

/// Found by density evolution of the decoder's own arithmetic: thresholds 0.24, 0.36 and 0.5 dB from capacity for m/n of 0.5,
/// 0.64 and 0.8.
fn degrees_for_noise(rows: usize) -> Vec<usize> {
    let [twos, threes, sixes, twelves] = match rows * 100 / COLUMNS {
        0..56 => [50, 60, 4, 13],
        56..72 => [70, 32, 16, 9],
        _ => [74, 36, 12, 5],
    };
    // The chain of columns of degree 2 is no longer than its rows.
    let chained = rows.saturating_sub(1).min(twos);
    let shares = [(2, chained), (3, threes + twos - chained), (6, sixes), (12, twelves), (24, 1)];
    shares.into_iter().flat_map(|(degree, columns)| std::iter::repeat_n(degree.min(rows), columns)).collect()
}

fn degrees_for_flips(rows: usize) -> Vec<usize> {
    // High rates bear fewer columns of degree 2: no more than there are links between neighbouring rows.
    let (twos, high_share, high) = if rows * 6 < COLUMNS { (0.10, 0.30, 8) } else { (0.15, 0.20, 12) };
    let share = |part: f64| (part * COLUMNS as f64).round() as usize;
    let twos = share(twos).min(rows.saturating_sub(1));
    let highs = share(high_share);
    let mut out = vec![2; twos];
    out.resize(COLUMNS - highs, 3.min(rows));
    out.resize(COLUMNS, high.min(rows));
    out
}

impl Code {
    /// With `rows` rows of the base matrix, in [2, 120], and bits and checks in groups of `lift`.
    pub fn new(family: Family, rows: usize, lift: usize) -> Self {
        let mut lanes = Lanes::new(0xEB17_1DBC, rows as u64, lift as u64, Purpose::Reconciliation);
        let mut code = Self { lift, rows: vec![Vec::new(); rows] };
        let mut columns: Vec<Vec<(usize, usize)>> = vec![Vec::new(); COLUMNS];
        for (column, degree) in degrees(family, rows).into_iter().enumerate() {
            for k in 0..degree {
                let row =
                    if degree == 2 && rows > 2 { column % (rows - 1) + k } else { code.emptiest(&columns[column], &mut lanes) };
                let turn = code.turn(row, &columns[column], &columns, &mut lanes);
                code.rows[row].push(Entry { column, turn });
                columns[column].push((row, turn));
            }
        }
        code
    }

    /// A row with the fewest entries of those the column does not meet yet.
    fn emptiest(&self, column: &[(usize, usize)], lanes: &mut Lanes) -> usize {
        let free = |row: usize| column.iter().all(|(met, _)| *met != row);
        let fewest = (0..self.rows.len()).filter(|row| free(*row)).map(|row| self.rows[row].len()).min().unwrap_or(0);
        let best: Vec<usize> = (0..self.rows.len()).filter(|row| free(*row) && self.rows[*row].len() == fewest).collect();
        best[(lanes.word() % best.len().max(1) as u64) as usize]
    }

    /// A turn for a new entry in `row` of a column with these entries: of the tries the one that closes the fewest 4-cycles.
    fn turn(&self, row: usize, column: &[(usize, usize)], columns: &[Vec<(usize, usize)>], lanes: &mut Lanes) -> usize {
        let lift = self.lift;
        // A 4-cycle: this row and another of the column's, both met by a second column with the same difference of turns.
        let mut forbidden = Vec::new();
        for (other_row, other_turn) in column {
            for entry in &self.rows[row] {
                for (r, t) in &columns[entry.column] {
                    if r == other_row {
                        forbidden.push((entry.turn + other_turn + lift - t) % lift);
                    }
                }
            }
        }
        let mut best = (usize::MAX, 0);
        for _ in 0..TRIES {
            let turn = (lanes.word() % lift as u64) as usize;
            let closed = forbidden.iter().filter(|f| **f == turn).count();
            if closed < best.0 {
                best = (closed, turn);
            }
            if closed == 0 {
                break;
            }
        }
        best.1
    }

    pub fn bits(&self) -> usize {
        COLUMNS * self.lift
    }

    pub fn checks(&self) -> usize {
        self.rows.len() * self.lift
    }

    /// The parities of a word of bytes 0 and 1.
    pub fn syndrome(&self, word: &[u8]) -> Vec<u8> {
        let lift = self.lift;
        let mut out = vec![0; self.checks()];
        for (row, sums) in self.rows.iter().zip(out.chunks_exact_mut(lift)) {
            for entry in row {
                let column = &word[entry.column * lift..(entry.column + 1) * lift];
                let (low, high) = sums.split_at_mut(lift - entry.turn);
                add(low, &column[entry.turn..]);
                add(high, &column[..entry.turn]);
            }
        }
        out
    }
}

fn add(into: &mut [u8], from: &[u8]) {
    for (a, b) in into.iter_mut().zip(from) {
        *a ^= b;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_matrix_has_the_stated_form() {
        let sizes = [(2, 3), (8, 100), (31, 788), (64, 500), (82, 788), (120, 80)];
        for (family, (rows, lift)) in [Family::Flips, Family::Noise].into_iter().flat_map(|f| sizes.map(|s| (f, s))) {
            let code = Code::new(family, rows, lift);
            let mut columns = vec![Vec::new(); COLUMNS];
            for (r, row) in code.rows.iter().enumerate() {
                for entry in row {
                    assert!(entry.turn < lift);
                    assert!(!columns[entry.column].contains(&r), "an entry holds one identity matrix");
                    columns[entry.column].push(r);
                }
            }
            assert!(columns.iter().all(|c| c.len() >= 2.min(rows)), "{rows}");
            let most = code.rows.iter().map(Vec::len).max().unwrap();
            let least = code.rows.iter().map(Vec::len).min().unwrap();
            assert!(most - least <= 3, "{rows}: {least} {most}");
            assert_eq!(code, Code::new(family, rows, lift));
        }
    }

    #[test]
    fn no_two_columns_share_two_checks() {
        let code = Code::new(Family::Flips, 31, 788);
        let at = |row: usize, column: usize| code.rows[row].iter().find(|e| e.column == column).map(|e| e.turn);
        for a in 0..COLUMNS {
            for b in 0..a {
                let mut seen = Vec::new();
                for row in 0..31 {
                    if let (Some(s), Some(t)) = (at(row, a), at(row, b)) {
                        let difference = (s + 788 - t) % 788;
                        assert!(!seen.contains(&difference), "{a} {b}");
                        seen.push(difference);
                    }
                }
            }
        }
    }

    #[test]
    fn the_syndrome_is_the_product_with_the_matrix() {
        let code = Code::new(Family::Flips, 20, 37);
        let word: Vec<u8> = (0..code.bits()).map(|k| (k * k / 3 % 2) as u8).collect();
        let ours = code.syndrome(&word);
        for (r, row) in code.rows.iter().enumerate() {
            for z in 0..37 {
                let sum = row.iter().fold(0, |sum, e| sum ^ word[e.column * 37 + (z + e.turn) % 37]);
                assert_eq!(ours[r * 37 + z], sum);
            }
        }
    }
}
