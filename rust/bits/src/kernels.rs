//! The inner loops over rows of two planes, compiled for each row length and for each instruction set.
//!
//! A [`Row`] of `L` words per plane is what the loops see: `L` is a constant, so that they become straight vector code.
//! Refuses to know where rows lie; every function takes the rows of one panel.

#![allow(clippy::needless_range_loop, reason = "one index runs over several arrays of one constant length")]

/// One row of one panel: `L` words of each plane.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Row<const L: usize> {
    pub x: [u64; L],
    pub z: [u64; L],
}

impl<const L: usize> Row<L> {
    pub const ZERO: Self = Self { x: [0; L], z: [0; L] };
}

/// Calls a function that is generic over the row length with the length at hand.
macro_rules! with_lane {
    ($lane:expr, $function:ident ( $($argument:expr),* $(,)? )) => {
        match $lane {
            1 => $function::<1>($($argument),*),
            2 => $function::<2>($($argument),*),
            4 => $function::<4>($($argument),*),
            8 => $function::<8>($($argument),*),
            12 => $function::<12>($($argument),*),
            16 => $function::<16>($($argument),*),
            20 => $function::<20>($($argument),*),
            24 => $function::<24>($($argument),*),
            28 => $function::<28>($($argument),*),
            _ => $function::<32>($($argument),*),
        }
    };
}
pub(crate) use with_lane;

/// Words per plane of one panel's row, and panels, for rows of so many words: one of the lengths of `with_lane`.
pub(crate) const fn shape(words: usize) -> (usize, usize) {
    match words {
        0 | 1 => (1, 1),
        2 => (2, 1),
        3..=32 => (words.next_multiple_of(4), 1),
        _ => (PANEL, words.div_ceil(PANEL)),
    }
}

/// Words per plane of a panel's row where there are several panels: a row is one cache line, so that the panel of a tableau
/// of 10,000 qubits nearly fits the second-level cache.
pub(crate) const PANEL: usize = 4;
/// How many products ahead rows are asked for where a panel does not fit the nearest cache.
const AHEAD: usize = 16;

#[inline(always)]
pub(crate) fn rows<const L: usize>(words: &[u64]) -> &[Row<L>] {
    // SAFETY: `Row<L>` is `repr(C)` of 2 L words without padding, aligned as a word; the length is rounded down.
    unsafe { core::slice::from_raw_parts(words.as_ptr().cast(), words.len() / (2 * L)) }
}

#[inline(always)]
pub(crate) fn rows_mut<const L: usize>(words: &mut [u64]) -> &mut [Row<L>] {
    // SAFETY: as in `rows`, and the borrow is unique.
    unsafe { core::slice::from_raw_parts_mut(words.as_mut_ptr().cast(), words.len() / (2 * L)) }
}

#[inline(always)]
fn parity<const L: usize>(words: &[u64; L]) -> u8 {
    let mut folded = 0;
    for word in words {
        folded ^= word;
    }
    (folded.count_ones() & 1) as u8
}

/// `into` times `by`: both planes added, and the parity of the places where a Z moves past an X.
#[inline(always)]
pub(crate) fn product<const L: usize>(into: &mut Row<L>, by: &Row<L>) -> u8 {
    let mut crossed = [0; L];
    for k in 0..L {
        crossed[k] = into.z[k] & by.x[k];
        into.x[k] ^= by.x[k];
        into.z[k] ^= by.z[k];
    }
    parity(&crossed)
}

/// Asks for a row that will be needed soon.
#[inline(always)]
fn prefetch<const L: usize>(rows: &[Row<L>], row: usize) {
    #[cfg(target_arch = "x86_64")]
    if let Some(row) = rows.get(row) {
        use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a prefetch is a hint of the baseline instruction set; it neither reads nor faults.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(core::ptr::from_ref(row).cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (rows, row);
}

#[inline(always)]
fn is_zero<const L: usize>(row: &Row<L>) -> bool {
    let mut any = 0;
    for k in 0..L {
        any |= row.x[k] | row.z[k];
    }
    any == 0
}

/// A product of stored rows: `into` times `by`, times i^`phase`; where both are the same row, only the phase.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Product {
    pub into: u32,
    pub by: u32,
    pub phase: u8,
}

/// All products, in order, on one panel. Phases are linear, so each panel may count its own.
#[inline(always)]
pub(crate) fn products<const L: usize, const SPARSE: bool>(rows: &mut [Row<L>], phases: &mut [u8], products: &[Product]) {
    for (k, p) in products.iter().enumerate() {
        if SPARSE && let Some(next) = products.get(k + AHEAD) {
            prefetch(rows, next.into as usize);
            prefetch(rows, next.by as usize);
        }
        let (i, b) = (p.into as usize, p.by as usize);
        let gained = match rows.get_disjoint_mut([i, b]) {
            Ok([_, by]) if SPARSE && is_zero(by) => 0,
            Ok([into, by]) => 2 * product(into, by),
            Err(_) => {
                phases[i] = phases[i].wrapping_add(p.phase);
                continue;
            }
        };
        phases[i] = phases[i].wrapping_add(phases[b]).wrapping_add(p.phase).wrapping_add(gained);
    }
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
