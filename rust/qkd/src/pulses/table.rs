//! The alias table: one of many cases with one multiplication and one comparison.
//!
//! Walker 1977, doi:10.1145/355744.355749, built as by Vose 1991, doi:10.1109/32.92917.

/// Draws an index with given weights from one uniform word.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    columns: Vec<Column>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Column {
    /// The column keeps its own index below this, in units of 2^-64.
    threshold: u64,
    other: u32,
}

/// 2^64.
const WORD: f64 = 18_446_744_073_709_551_616.0;

impl Table {
    /// A table of non-negative weights of any sum; of none at all it always draws 0.
    #[must_use]
    pub fn new(weights: &[f64]) -> Table {
        let total: f64 = weights.iter().sum();
        let n = weights.len();
        let mut share: Vec<f64> = weights.iter().map(|w| if total > 0.0 { w / total * n as f64 } else { 1.0 }).collect();
        let mut columns: Vec<Column> = (0..n.max(1)).map(|k| Column { threshold: u64::MAX, other: k as u32 }).collect();
        let (mut small, mut large): (Vec<usize>, Vec<usize>) = (0..n).partition(|k| share[*k] < 1.0);
        while let (Some(low), Some(high)) = (small.pop(), large.last().copied()) {
            columns[low] = Column { threshold: (share[low] * WORD) as u64, other: high as u32 };
            share[high] -= 1.0 - share[low];
            if share[high] < 1.0 {
                large.pop();
                small.push(high);
            }
        }
        // What is left differs from 1 by rounding only, and keeps its own index.
        Table { columns }
    }

    /// The index that a uniform word draws.
    ///
    /// The word times the number of columns: the upper half is the column, the lower half a uniform fraction within it.
    #[inline(always)]
    #[must_use]
    pub fn draw(&self, word: u64) -> usize {
        let product = u128::from(word) * self.columns.len() as u128;
        let index = (product >> 64) as usize;
        let column = &self.columns[index];
        if (product as u64) < column.threshold { index } else { column.other as usize }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ebit_random::{Lanes, Purpose};

    /// The probability of each index, from the columns themselves.
    fn probabilities(table: &Table) -> Vec<f64> {
        let n = table.columns.len();
        let mut out = vec![0.0; n];
        for (k, column) in table.columns.iter().enumerate() {
            let own = column.threshold as f64 / WORD;
            out[k] += own / n as f64;
            out[column.other as usize] += (1.0 - own) / n as f64;
        }
        out
    }

    #[test]
    fn columns_hold_the_weights() {
        for weights in [vec![1.0], vec![0.5, 0.25, 0.25], vec![1e-12, 3.0, 0.0, 1e3, 7.0], vec![2.0; 1000]] {
            let total: f64 = weights.iter().sum();
            for (p, w) in probabilities(&Table::new(&weights)).iter().zip(&weights) {
                assert!((p - w / total).abs() < 1e-14, "{p} {w}");
            }
        }
    }

    /// 10^6 draws of three cases: each count within 4.9 standard errors, false alarm 1e-6 each.
    #[test]
    fn draws_follow_the_weights() {
        let table = Table::new(&[0.2, 0.5, 0.3]);
        let mut lanes = Lanes::new(11, 0, 0, Purpose::Pulses);
        let mut counts = [0.0_f64; 3];
        for _ in 0..1_000_000 {
            counts[table.draw(lanes.word())] += 1.0;
        }
        for (count, p) in counts.iter().zip([0.2_f64, 0.5, 0.3]) {
            assert!((count - 1e6 * p).abs() < 4.9 * (1e6 * p * (1.0 - p)).sqrt(), "{counts:?}");
        }
    }
}
