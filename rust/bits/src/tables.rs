//! Many products at once: tables of all products of eight rows, looked up by eight bits of a key.
//!
//! The method of the four Russians (Arlazarov, Dinic, Kronrod, Faradzhev 1970), with phases: an entry of a table is a row
//! like any other, and where factors stand in a fixed order the phase of the product adds up by itself. Refuses to know
//! what is multiplied, and why.

#![allow(clippy::needless_range_loop, reason = "one index runs over several arrays of one constant length")]

use crate::batch::RowOperations;
use crate::cpu::vectorize;
use crate::kernels::{Row, product, rows, rows_mut, with_lane};
use crate::rows::{PhasedRows, Plane};
use crate::words::OutOfMemory;

/// Rows behind one byte of a key, and entries of their table.
const GROUP: usize = 8;
const ENTRIES: usize = 1 << GROUP;
/// The window of a reduction: four columns of both planes, in the order x0 z0 x1 z1 ...
const WINDOW: usize = 4;
const ORDER: [u32; 2 * WINDOW] = [0, 4, 1, 5, 2, 6, 3, 7];

impl PhasedRows {
    /// For each of `keys`' rows i^phase X^x Z^z the product of those rows of `self` that it selects.
    ///
    /// Bit `k` of x selects row `k`, bit `k` of z row `keys.bits() + k`, multiplied in this order after i^phase.
    pub fn images(&self, keys: &Self) -> Result<Self, OutOfMemory> {
        let mut out = Self::identity(keys.rows(), self.bits())?;
        for row in 0..keys.rows() {
            out.turn(row, keys.phase(row));
        }
        let mut key = vec![0; keys.rows()];
        for (plane, first) in [(Plane::X, 0), (Plane::Z, keys.bits())] {
            for word in 0..keys.words() {
                key.iter_mut().enumerate().for_each(|(row, key)| *key = keys.word(row, plane, word));
                let count = (keys.bits() - 64 * word).min(64);
                let lane = self.lane;
                with_lane!(lane, images_of_word(self, &mut out, &key, first + 64 * word, count));
            }
        }
        Ok(out)
    }

    /// Brings commuting rows to reduced echelon form, columns in the order x0 z0 x1 z1 ...; returns their rank.
    ///
    /// Rows behind the rank become the identity; their phase tells whether the rows contradicted each other.
    pub fn reduce(&mut self) -> usize {
        let lane = self.lane;
        with_lane!(lane, reduce(self))
    }
}

/// All products of up to 64 rows, by groups of eight: on one panel, with the phases counted there.
struct Tables<const L: usize> {
    entries: Vec<Row<L>>,
    phases: Vec<u8>,
}

impl<const L: usize> Tables<L> {
    fn new() -> Self {
        Self { entries: vec![Row::ZERO; GROUP * ENTRIES], phases: vec![0; GROUP * ENTRIES] }
    }

    /// Fills in the tables of rows given by place and phase; entries of a key's byte lie together.
    #[inline(always)]
    fn fill(&mut self, rows: &[Row<L>], factors: &[(usize, u8)]) {
        for (group, factors) in factors.chunks(GROUP).enumerate() {
            let entries = &mut self.entries[group * ENTRIES..(group + 1) * ENTRIES];
            let phases = &mut self.phases[group * ENTRIES..(group + 1) * ENTRIES];
            for (k, &(place, phase)) in factors.iter().enumerate() {
                let size = 1 << k;
                let (known, new) = entries.split_at_mut(size);
                let (known_phases, new_phases) = phases.split_at_mut(size);
                for e in 0..size {
                    new[e] = known[e];
                    let gained = 2 * product(&mut new[e], &rows[place]);
                    new_phases[e] = known_phases[e].wrapping_add(phase).wrapping_add(gained);
                }
            }
        }
    }
}

fn images_of_word<const L: usize>(source: &PhasedRows, out: &mut PhasedRows, keys: &[u64], first: usize, count: usize) {
    let mut tables = Tables::<L>::new();
    let (source_panel, out_panel) = (2 * L * source.rows(), 2 * L * out.rows());
    let mut factors: Vec<_> = (first..first + count).map(|row| (source.places()[row] as usize, source.phase(row))).collect();
    let (words, phases, _) = out.parts();
    for (from, to) in source.data().chunks_exact(source_panel).zip(words.chunks_exact_mut(out_panel)) {
        vectorize(
            #[inline(always)]
            || {
                tables.fill(rows(from), &factors);
                multiply_by_keys(rows_mut(to), phases, keys, &tables, count.div_ceil(GROUP));
            },
        );
        // Each further panel counts its own part of the phase.
        factors.iter_mut().for_each(|(_, phase)| *phase = 0);
    }
}

#[inline(always)]
fn multiply_by_keys<const L: usize>(out: &mut [Row<L>], phases: &mut [u8], keys: &[u64], tables: &Tables<L>, groups: usize) {
    for ((into, phase), key) in out.iter_mut().zip(phases).zip(keys) {
        let (mut row, mut crossed, mut gained) = (*into, [0; L], *phase);
        for group in 0..groups {
            let entry = group * ENTRIES + (key >> (group * GROUP) & (ENTRIES as u64 - 1)) as usize;
            let by = &tables.entries[entry];
            gained = gained.wrapping_add(tables.phases[entry]);
            for k in 0..L {
                crossed[k] ^= row.z[k] & by.x[k];
                row.x[k] ^= by.x[k];
                row.z[k] ^= by.z[k];
            }
        }
        *into = row;
        let odd = crossed.iter().fold(0, |folded, word| folded ^ word).count_ones() & 1;
        *phase = gained.wrapping_add(2 * odd as u8);
    }
}

fn reduce<const L: usize>(all: &mut PhasedRows) -> usize {
    let mut tables = Tables::<L>::new();
    let mut values = vec![0; all.rows()];
    let mut rank = 0;
    for column in (0..all.bits()).step_by(WINDOW) {
        if rank == all.rows() {
            break;
        }
        read_window(all, column, &mut values);
        let pivots = window_pivots(all, column, &mut values, rank);
        if !pivots.is_empty() {
            clear_window::<L>(all, &mut tables, &values, rank, &pivots);
        }
        rank += pivots.len();
    }
    rank
}

fn read_window(all: &PhasedRows, column: usize, values: &mut [u8]) {
    for (row, value) in values.iter_mut().enumerate() {
        *value = window(all, row, column);
    }
}

#[inline]
fn window(all: &PhasedRows, row: usize, column: usize) -> u8 {
    let part = |plane| (all.word(row, plane, column / 64) >> (column % 64)) as u8 & 15;
    part(Plane::X) | part(Plane::Z) << WINDOW
}

/// Moves rows with a pivot in the window to `rank` and below and reduces them among each other; their pivots, as bits.
fn window_pivots(all: &mut PhasedRows, column: usize, values: &mut [u8], rank: usize) -> Vec<u32> {
    let mut pivots = Vec::with_capacity(2 * WINDOW);
    // What is left of each row's window once the pivots found so far are multiplied in.
    let mut left = values.to_vec();
    for bit in ORDER {
        let next = rank + pivots.len();
        let Some(found) = left[next..].iter().position(|value| value >> bit & 1 != 0) else { continue };
        let found = next + found;
        all.swap(next, found);
        values.swap(next, found);
        left.swap(next, found);
        for (k, pivot) in pivots.iter().enumerate() {
            if window(all, next, column) >> pivot & 1 != 0 {
                all.multiply(next, rank + k, 0);
            }
        }
        for k in 0..pivots.len() {
            if window(all, rank + k, column) >> bit & 1 != 0 {
                all.multiply(rank + k, next, 0);
            }
        }
        let row = left[next];
        for value in &mut left[next + 1..] {
            *value ^= row & (*value >> bit & 1).wrapping_neg();
        }
        pivots.push(bit);
        if next + 1 == all.rows() {
            break;
        }
    }
    pivots
}

/// Clears the pivots' columns in all other rows.
fn clear_window<const L: usize>(all: &mut PhasedRows, tables: &mut Tables<L>, values: &[u8], rank: usize, pivots: &[u32]) {
    let panel = 2 * L * all.rows();
    let mine = rank..rank + pivots.len();
    let mut factors: Vec<_> = mine.clone().map(|row| (all.places()[row] as usize, all.phase(row))).collect();
    let gather: Vec<usize> =
        (0..ENTRIES).map(|value| pivots.iter().enumerate().map(|(k, bit)| (value >> bit & 1) << k).sum()).collect();
    let (words, phases, places) = all.parts();
    for words in words.chunks_exact_mut(panel) {
        vectorize(
            #[inline(always)]
            || {
                let rows = rows_mut::<L>(words);
                tables.fill(rows, &factors);
                for (row, (&place, &value)) in places.iter().zip(values).enumerate() {
                    let entry = gather[value as usize];
                    if entry != 0 && !mine.contains(&row) {
                        let place = place as usize;
                        let gained = 2 * product(&mut rows[place], &tables.entries[entry]);
                        phases[place] = phases[place].wrapping_add(tables.phases[entry]).wrapping_add(gained);
                    }
                }
            },
        );
        factors.iter_mut().for_each(|(_, phase)| *phase = 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Rows of pseudo-random bits and phases.
    fn filled(rows: usize, bits: usize, seed: u64) -> PhasedRows {
        let mut out = PhasedRows::identity(rows, bits).unwrap();
        let mut state = seed | 1;
        for row in 0..rows {
            for word in 0..out.words() {
                for plane in [Plane::X, Plane::Z] {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    let used = (bits - 64 * word).min(64);
                    out.set_word(row, plane, word, (state ^ state >> 31) & (u64::MAX >> (64 - used)));
                }
            }
            out.turn(row, (state >> 60) as u8 & 3);
        }
        out
    }

    fn one_by_one(source: &PhasedRows, keys: &PhasedRows, row: usize) -> (Vec<u64>, Vec<u64>, u8) {
        let (mut x, mut z, mut phase) = (vec![0; source.words()], vec![0; source.words()], keys.phase(row));
        for (plane, first) in [(Plane::X, 0), (Plane::Z, keys.bits())] {
            for bit in (0..keys.bits()).filter(|&bit| keys.bit(row, plane, bit)) {
                phase = (phase + source.multiply_into(&mut x, &mut z, first + bit)) & 3;
            }
        }
        (x, z, phase)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn images_are_products_in_order(n in 1usize..150, bits in 1usize..300, seed: u64) {
            let (source, keys) = (filled(2 * n, bits, seed), filled(7, n, !seed));
            let images = source.images(&keys).unwrap();
            for row in 0..7 {
                let (x, z, phase) = one_by_one(&source, &keys, row);
                prop_assert_eq!(images.phase(row), phase);
                for word in 0..source.words() {
                    prop_assert_eq!(images.word(row, Plane::X, word), x[word]);
                    prop_assert_eq!(images.word(row, Plane::Z, word), z[word]);
                }
            }
        }
    }

    #[test]
    fn images_of_rows_in_panels() {
        let (source, keys) = (filled(2 * 70, 5000, 3), filled(5, 70, 4));
        let images = source.images(&keys).unwrap();
        for row in 0..5 {
            let (x, z, phase) = one_by_one(&source, &keys, row);
            assert_eq!(images.phase(row), phase);
            assert!((0..source.words()).all(|w| images.word(row, Plane::X, w) == x[w] && images.word(row, Plane::Z, w) == z[w]));
        }
    }

    #[test]
    fn reduced_rows_have_one_pivot_a_column() {
        for (rows, bits) in [(5, 3), (40, 64), (100, 90), (70, 2500)] {
            let mut all = filled(rows, bits, 11);
            let rank = all.reduce();
            assert_eq!(rank, rows.min(2 * bits));
            let column = |row: usize, c: usize| all.bit(row, if c % 2 == 1 { Plane::Z } else { Plane::X }, c / 2);
            let mut last = None;
            for row in 0..rank {
                let pivot = (0..2 * bits).find(|&c| column(row, c)).unwrap();
                assert!(last < Some(pivot));
                assert!((0..rows).all(|other| other == row || !column(other, pivot)), "{rows} {bits} {row}");
                last = Some(pivot);
            }
            assert!((rank..rows).all(|row| (0..2 * bits).all(|c| !column(row, c))));
        }
    }
}
