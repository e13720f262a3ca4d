//! Rows of two bit planes with a phase: i^phase X^x Z^z, all X before all Z.
//!
//! In this order of factors a product costs one parity: moving Z^z past X^x' gives (-1)^(z.x'), so that
//!
//! ```text
//!     i^a X^x Z^z  times  i^b X^x' Z^z'   =   i^(a + b + 2 z.x')  X^(x+x') Z^(z+z')
//! ```
//!
//! Layout. The planes of a row lie beside each other, padded to 32 bytes each (rows of up to 128 bits: to a word); rows
//! of more than 2048 bits are cut in panels of 256, all rows of a panel together, so that a batch of products stays
//! within one panel's memory at a time:
//!
//! ```text
//!     panel 0:  row 0  [ x 256 | z 256 ]  row 1 [ x | z ] ...        panel 1:  row 0 [ x | z ] ...
//! ```
//!
//! Rows are addressed through `places`, so that exchanging two of them moves no bits. Up to 128 rows of 64 bits live in
//! the struct itself, without the heap. Refuses to know what rows and columns stand for.

use crate::cpu::vectorize;
use crate::kernels::shape;
use crate::transpose::transpose64;
use crate::words::{OutOfMemory, Words};

const INLINE_ROWS: usize = 128;
/// Which plane of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plane {
    X,
    Z,
}

/// Rows i^phase X^x Z^z of a fixed length.
#[derive(Debug)]
pub struct PhasedRows {
    pub(crate) rows: usize,
    bits: usize,
    pub(crate) lane: usize,
    pub(crate) panels: usize,
    pub(crate) store: Store,
}

#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "small registers shall not touch the heap")]
pub(crate) enum Store {
    Inline(Inline),
    Heap(Heap),
}

#[derive(Debug, Clone)]
pub(crate) struct Inline {
    pub(crate) words: [u64; 2 * INLINE_ROWS],
    pub(crate) phases: [u8; INLINE_ROWS],
    places: [u32; INLINE_ROWS],
}

#[derive(Debug)]
pub(crate) struct Heap {
    pub(crate) words: Words,
    pub(crate) phases: Vec<u8>,
    places: Vec<u32>,
    pub(crate) marks: Vec<u8>,
}

impl PhasedRows {
    /// So many rows, all identity.
    pub fn identity(rows: usize, bits: usize) -> Result<Self, OutOfMemory> {
        let words = bits.div_ceil(64);
        let (lane, panels) = shape(words);
        if rows <= INLINE_ROWS && words <= 1 {
            let mut inline = Inline { words: [0; 2 * INLINE_ROWS], phases: [0; INLINE_ROWS], places: [0; INLINE_ROWS] };
            inline.places.iter_mut().zip(0..).for_each(|(place, k)| *place = k);
            return Ok(Self { rows, bits, lane, panels, store: Store::Inline(inline) });
        }
        let bytes = rows as u128 * panels as u128 * 2 * lane as u128 * 8;
        let refused = OutOfMemory { bytes };
        let length = usize::try_from(bytes / 8).ok().filter(|_| u32::try_from(rows).is_ok()).ok_or(refused)?;
        let words = Words::zeroed(length)?;
        let marks = vec![0; if panels > 1 { rows } else { 0 }];
        let heap = Heap { words, phases: vec![0; rows], places: (0..rows as u32).collect(), marks };
        Ok(Self { rows, bits, lane, panels, store: Store::Heap(heap) })
    }

    pub fn try_clone(&self) -> Result<Self, OutOfMemory> {
        let store = match &self.store {
            Store::Inline(inline) => Store::Inline(inline.clone()),
            Store::Heap(heap) => {
                let mut words = Words::zeroed(heap.words.as_slice().len())?;
                words.as_mut_slice().copy_from_slice(heap.words.as_slice());
                let (phases, places, marks) = (heap.phases.clone(), heap.places.clone(), heap.marks.clone());
                Store::Heap(Heap { words, phases, places, marks })
            }
        };
        Ok(Self { store, ..*self })
    }

    #[inline]
    pub fn rows(&self) -> usize {
        self.rows
    }
    #[inline]
    pub fn bits(&self) -> usize {
        self.bits
    }
    /// Words of a plane of a row, without padding.
    #[inline]
    pub fn words(&self) -> usize {
        self.bits.div_ceil(64)
    }

    #[inline]
    pub(crate) fn data(&self) -> &[u64] {
        match &self.store {
            Store::Inline(inline) => &inline.words[..2 * self.rows],
            Store::Heap(heap) => heap.words.as_slice(),
        }
    }
    #[inline]
    pub(crate) fn parts(&mut self) -> (&mut [u64], &mut [u8], &mut [u32]) {
        match &mut self.store {
            Store::Inline(i) => (&mut i.words[..2 * self.rows], &mut i.phases[..self.rows], &mut i.places[..self.rows]),
            Store::Heap(heap) => (heap.words.as_mut_slice(), &mut heap.phases, &mut heap.places),
        }
    }
    #[inline]
    pub(crate) fn places(&self) -> &[u32] {
        match &self.store {
            Store::Inline(inline) => &inline.places[..self.rows],
            Store::Heap(heap) => &heap.places,
        }
    }
    #[inline]
    pub(crate) fn place(&self, row: usize) -> usize {
        self.places()[row] as usize
    }
    /// Where a word of the x plane lies; the z plane is `lane` further.
    #[inline]
    fn at(&self, row: usize, word: usize) -> usize {
        let place = self.place(row);
        if self.panels == 1 {
            return place * 2 * self.lane + word;
        }
        (word / self.lane * self.rows + place) * 2 * self.lane + word % self.lane
    }
    #[inline]
    fn offset(&self, plane: Plane) -> usize {
        match plane {
            Plane::X => 0,
            Plane::Z => self.lane,
        }
    }

    /// The exponent of i, 0 to 3.
    #[inline]
    pub fn phase(&self, row: usize) -> u8 {
        let phases = match &self.store {
            Store::Inline(inline) => &inline.phases[..],
            Store::Heap(heap) => &heap.phases,
        };
        phases[self.place(row)] & 3
    }
    #[inline]
    pub fn word(&self, row: usize, plane: Plane, word: usize) -> u64 {
        self.data()[self.at(row, word) + self.offset(plane)]
    }
    #[inline]
    pub fn set_word(&mut self, row: usize, plane: Plane, word: usize, value: u64) {
        let at = self.at(row, word) + self.offset(plane);
        self.parts().0[at] = value;
    }
    #[inline]
    pub fn bit(&self, row: usize, plane: Plane, bit: usize) -> bool {
        self.word(row, plane, bit / 64) >> (bit % 64) & 1 != 0
    }
    pub fn set_bit(&mut self, row: usize, plane: Plane, bit: usize) {
        let at = self.at(row, bit / 64) + self.offset(plane);
        self.parts().0[at] |= 1 << (bit % 64);
    }

    /// The words of a plane of a row, panel after panel, zeros as padding behind the last.
    #[inline]
    pub fn pieces(&self, row: usize, plane: Plane) -> impl Iterator<Item = &[u64]> {
        let (place, offset, lane) = (self.place(row), self.offset(plane), self.lane);
        (0..self.panels).map(move |panel| &self.data()[(panel * self.rows + place) * 2 * lane + offset..][..lane])
    }

    /// The number of the first bit that is set in a plane of a row.
    #[inline]
    pub fn first_bit(&self, row: usize, plane: Plane) -> Option<usize> {
        for (panel, piece) in self.pieces(row, plane).enumerate() {
            for (k, word) in piece.iter().enumerate() {
                if *word != 0 {
                    return Some((panel * self.lane + k) * 64 + word.trailing_zeros() as usize);
                }
            }
        }
        None
    }

    /// Multiplies a row that is held elsewhere, as words of each plane, by a row from here; the phase it gains.
    #[inline]
    pub fn multiply_into(&self, x: &mut [u64], z: &mut [u64], by: usize) -> u8 {
        let mut crossed = 0;
        for (((x, z), px), pz) in
            (x.chunks_mut(self.lane)).zip(z.chunks_mut(self.lane)).zip(self.pieces(by, Plane::X)).zip(self.pieces(by, Plane::Z))
        {
            for (((x, z), px), pz) in x.iter_mut().zip(z).zip(px).zip(pz) {
                crossed ^= *z & px;
                *x ^= px;
                *z ^= pz;
            }
        }
        (self.phase(by) + 2 * (crossed.count_ones() & 1) as u8) & 3
    }

    /// Bit `k` of `to_plane` of row `to + j` becomes bit `j` of `plane` of the `k`-th of `rows` of `source`.
    pub fn transpose_from(&mut self, to: usize, to_plane: Plane, source: &Self, rows: &[usize], plane: Plane) {
        let count = self.rows.saturating_sub(to).min(source.bits);
        let mut block = [0; 64];
        for (group, members) in rows.chunks(64).enumerate() {
            for word in 0..count.div_ceil(64) {
                block.fill(0);
                for (line, &row) in block.iter_mut().zip(members) {
                    *line = source.word(row, plane, word);
                }
                vectorize(
                    #[inline(always)]
                    || transpose64(&mut block),
                );
                for (j, &line) in block.iter().enumerate().take(count - 64 * word) {
                    self.set_word(to + 64 * word + j, to_plane, group, line);
                }
            }
        }
    }
}

impl PartialEq for PhasedRows {
    fn eq(&self, other: &Self) -> bool {
        let same = |row| {
            self.phase(row) == other.phase(row)
                && self.pieces(row, Plane::X).eq(other.pieces(row, Plane::X))
                && self.pieces(row, Plane::Z).eq(other.pieces(row, Plane::Z))
        };
        (self.rows, self.bits) == (other.rows, other.bits) && (0..self.rows).all(same)
    }
}
