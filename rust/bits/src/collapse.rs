//! The end of a measurement with a random outcome: one column of all rows is made an X-Z pair again, in one pass.
//!
//! Refuses to know which measurement it was.

#![allow(clippy::needless_range_loop, reason = "one index runs over several arrays of one constant length")]

use crate::cpu::vectorize;
use crate::kernels::{PANEL, Row, parity, rows, rows_mut, with_lane};
use crate::rows::{Heap, PhasedRows, Store};

/// How [`PhasedRows::collapse`] ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Collapse {
    pub pivot: usize,
    /// X -> iXZ on the pivot before X and Z change roles there.
    pub turn: bool,
    /// Z -> -Z on the pivot at last.
    pub flip: bool,
}

impl PhasedRows {
    /// Makes column `pivot` of the two planes an X-Z pair again after the x plane was found to be `fan` plus the pivot.
    ///
    /// Every row is conjugated by: CX from the pivot to each column of `fan`; if `turn`, X -> iXZ on the pivot; X <-> Z
    /// on the pivot; if `flip`, Z -> -Z on the pivot. One pass over the rows. `fan` has [`PhasedRows::words`] words and
    /// bit `pivot` clear.
    pub fn collapse(&mut self, fan: &[u64], end: Collapse) {
        debug_assert!(fan[end.pivot / 64] >> (end.pivot % 64) & 1 == 0);
        let (lane, rows) = (self.lane, self.rows);
        match &mut self.store {
            Store::Inline(i) => run_collapse::<1>(&mut i.words[..2 * rows], &mut i.phases[..rows], fan, end),
            Store::Heap(h) if self.panels == 1 => {
                with_lane!(lane, run_collapse(h.words.as_mut_slice(), &mut h.phases, fan, end));
            }
            Store::Heap(heap) => collapse_panels(heap, fan, end, 2 * lane * rows),
        }
    }
}

fn run_collapse<const L: usize>(words: &mut [u64], phases: &mut [u8], targets: &[u64], end: Collapse) {
    let mut padded = [0; L];
    padded.iter_mut().zip(targets).for_each(|(to, from)| *to = *from);
    vectorize(
        #[inline(always)]
        || collapse::<L>(rows_mut(words), phases, end.pivot, &padded, Fix { turn: end.turn, flip: end.flip }),
    );
}

fn collapse_panels(heap: &mut Heap, targets: &[u64], end: Collapse, panel: usize) {
    const L: usize = PANEL;
    let (home, word, bit) = (end.pivot / 64 / L, end.pivot / 64 % L, end.pivot % 64);
    let (words, marks) = (heap.words.as_mut_slice(), &mut heap.marks);
    let pivots: &[Row<L>] = rows(&words[home * panel..(home + 1) * panel]);
    marks.iter_mut().zip(pivots).for_each(|(mark, row)| *mark = ((row.x[word] >> bit & 1) << 1) as u8);
    for (words, targets) in words.chunks_exact_mut(panel).zip(targets.chunks(L)) {
        if targets.iter().any(|&t| t != 0) {
            let mut padded = [0; L];
            padded.iter_mut().zip(targets).for_each(|(to, from)| *to = *from);
            vectorize(
                #[inline(always)]
                || fan::<L>(rows_mut(words), marks, &padded),
            );
        }
    }
    let words = &mut words[home * panel..(home + 1) * panel];
    let end = Fix { turn: end.turn, flip: end.flip };
    vectorize(
        #[inline(always)]
        || fix::<L>(rows_mut(words), &mut heap.phases, marks, word, bit, end),
    );
}

/// What [`collapse`] does to each row: see `PhasedRows::collapse`.
#[derive(Clone, Copy)]
pub(crate) struct Fix {
    pub turn: bool,
    pub flip: bool,
}

impl Fix {
    /// New bits (x, z) of the pivot and the change of the phase.
    #[inline(always)]
    fn apply(self, x: u64, z: u64, crossed: u64) -> (u64, u64, u8) {
        let turn = u64::from(self.turn) & x;
        let z = z ^ crossed ^ turn;
        let gained = turn + 2 * (x & z) + 2 * (u64::from(self.flip) & x);
        (z, x, gained as u8)
    }
}

/// One pass over the rows of the only panel.
#[inline(always)]
pub(crate) fn collapse<const L: usize>(rows: &mut [Row<L>], phases: &mut [u8], pivot: usize, fan: &[u64; L], fix: Fix) {
    let (word, bit) = ((pivot / 64).min(L - 1), pivot % 64);
    if L <= 4 {
        // Short rows: what is added to a row depends on three of its bits, and eight such rows are made beforehand.
        let mut added = [Row::<L>::ZERO; 8];
        let mut gains = [0; 8];
        for code in 0..8u64 {
            let (x, z) = (code & 1, code >> 1 & 1);
            let (new_x, new_z, gained) = fix.apply(x, z, code >> 2);
            let row = &mut added[code as usize];
            if x == 1 {
                row.x = *fan;
            }
            row.x[word] |= (x ^ new_x) << bit;
            row.z[word] |= (z ^ new_z) << bit;
            gains[code as usize] = gained;
        }
        for (row, phase) in rows.iter_mut().zip(phases) {
            let mut crossed = 0;
            for k in 0..L {
                crossed ^= row.z[k] & fan[k];
            }
            let (x, z) = (row.x[word] >> bit & 1, row.z[word] >> bit & 1);
            let code = (x | z << 1 | u64::from(crossed.count_ones() & 1) << 2) as usize & 7;
            let by = &added[code];
            for k in 0..L {
                row.x[k] ^= by.x[k];
                row.z[k] ^= by.z[k];
            }
            *phase = phase.wrapping_add(gains[code]);
        }
        return;
    }
    for (row, phase) in rows.iter_mut().zip(phases) {
        let mut crossed = [0; L];
        for k in 0..L {
            crossed[k] = row.z[k] & fan[k];
        }
        let x = row.x[word] >> bit & 1;
        let mask = x.wrapping_neg();
        for k in 0..L {
            row.x[k] ^= fan[k] & mask;
        }
        let z = row.z[word] >> bit & 1;
        let (new_x, new_z, gained) = fix.apply(x, z, u64::from(parity(&crossed)));
        row.x[word] ^= (x ^ new_x) << bit;
        row.z[word] ^= (z ^ new_z) << bit;
        *phase = phase.wrapping_add(gained);
    }
}

/// The fan on one of several panels. Per row, `marks` holds the pivot's x in bit 1 and gathers the parity in bit 0.
#[inline(always)]
pub(crate) fn fan<const L: usize>(rows: &mut [Row<L>], marks: &mut [u8], fan: &[u64; L]) {
    for (row, mark) in rows.iter_mut().zip(marks) {
        let mut crossed = [0; L];
        for k in 0..L {
            crossed[k] = row.z[k] & fan[k];
        }
        if *mark & 2 != 0 {
            for k in 0..L {
                row.x[k] ^= fan[k];
            }
        }
        *mark ^= parity(&crossed);
    }
}

/// The bits of the pivot after the fan, on the panel that holds it.
#[inline(always)]
pub(crate) fn fix<const L: usize>(rows: &mut [Row<L>], phases: &mut [u8], marks: &[u8], word: usize, bit: usize, fix: Fix) {
    let word = word.min(L - 1);
    for ((row, phase), mark) in rows.iter_mut().zip(phases).zip(marks) {
        let (x, z) = (u64::from(mark >> 1), row.z[word] >> bit & 1);
        let (new_x, new_z, gained) = fix.apply(x, z, u64::from(mark & 1));
        row.x[word] ^= (x ^ new_x) << bit;
        row.z[word] ^= (z ^ new_z) << bit;
        *phase = phase.wrapping_add(gained);
    }
}
