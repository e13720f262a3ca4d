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
pub(crate) fn parity<const L: usize>(words: &[u64; L]) -> u8 {
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
