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
use crate::kernels::{Fix, PANEL, Product, Row, collapse, fan, fix, product, products, rows, rows_mut, shape, with_lane};
use crate::transpose::transpose64;
use crate::words::{OutOfMemory, Words};

const INLINE_ROWS: usize = 128;
/// Products a batch gathers before it runs them: small where rows are short, so that the list stays in the cache.
const BATCH: usize = 4096;
const BATCH_OF_PANELS: usize = 1 << 18;

/// Which plane of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plane {
    X,
    Z,
}

/// Rows i^phase X^x Z^z of a fixed length.
#[derive(Debug)]
pub struct PhasedRows {
    rows: usize,
    bits: usize,
    pub(crate) lane: usize,
    pub(crate) panels: usize,
    store: Store,
}

#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "small registers shall not touch the heap")]
enum Store {
    Inline(Inline),
    Heap(Heap),
}

#[derive(Debug, Clone)]
struct Inline {
    words: [u64; 2 * INLINE_ROWS],
    phases: [u8; INLINE_ROWS],
    places: [u32; INLINE_ROWS],
}

#[derive(Debug)]
struct Heap {
    words: Words,
    phases: Vec<u8>,
    places: Vec<u32>,
    marks: Vec<u8>,
}

/// What can be done to rows one after the other, at once or in a [`Batch`].
pub trait RowOperations {
    /// Row `into` becomes itself times row `by`, times i^`phase`.
    fn multiply(&mut self, into: usize, by: usize, phase: u8);
    /// Exchanges two rows.
    fn swap(&mut self, a: usize, b: usize);
    /// Multiplies a row by i^`phase`.
    fn turn(&mut self, row: usize, phase: u8);
}

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
    fn place(&self, row: usize) -> usize {
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

    /// Gathers row operations, to be run together.
    pub fn batch(&mut self) -> Batch<'_> {
        let limit = if self.panels > 1 { BATCH_OF_PANELS } else { BATCH };
        Batch { rows: self, products: Vec::with_capacity(limit.min(BATCH)), limit }
    }

    #[inline]
    fn run(&mut self, list: &mut [Product]) {
        let (lane, panels, rows) = (self.lane, self.panels, self.rows);
        let (words, phases, _) = self.parts();
        if panels == 1 {
            with_lane!(lane, run_products(words, phases, list));
        } else {
            run_panels(words, phases, list, 2 * lane * rows);
        }
    }

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

impl RowOperations for PhasedRows {
    #[inline]
    fn multiply(&mut self, into: usize, by: usize, phase: u8) {
        let (into, by) = (self.places()[into], self.places()[by]);
        self.run(&mut [Product { into, by, phase }]);
    }
    #[inline]
    fn swap(&mut self, a: usize, b: usize) {
        self.parts().2.swap(a, b);
    }
    #[inline]
    fn turn(&mut self, row: usize, phase: u8) {
        let place = self.place(row);
        let phases = self.parts().1;
        phases[place] = phases[place].wrapping_add(phase);
    }
}

/// Row operations gathered to be run together, at the latest when it is dropped.
#[derive(Debug)]
pub struct Batch<'a> {
    rows: &'a mut PhasedRows,
    products: Vec<Product>,
    limit: usize,
}

impl Batch<'_> {
    #[inline]
    fn push(&mut self, product: Product) {
        if self.products.len() == self.limit {
            self.flush();
        }
        self.products.push(product);
    }
    fn flush(&mut self) {
        self.rows.run(&mut self.products);
        self.products.clear();
    }
}

impl RowOperations for Batch<'_> {
    #[inline]
    fn multiply(&mut self, into: usize, by: usize, phase: u8) {
        let (into, by) = (self.rows.places()[into], self.rows.places()[by]);
        self.push(Product { into, by, phase });
    }
    #[inline]
    fn swap(&mut self, a: usize, b: usize) {
        self.rows.swap(a, b);
    }
    #[inline]
    fn turn(&mut self, row: usize, phase: u8) {
        let place = self.rows.places()[row];
        self.push(Product { into: place, by: place, phase });
    }
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        self.flush();
    }
}

fn run_products<const L: usize>(words: &mut [u64], phases: &mut [u8], list: &[Product]) {
    vectorize(
        #[inline(always)]
        || products::<L, false>(rows_mut(words), phases, list),
    );
}

/// Panel after panel, each counting its own phases: only the first starts from the rows' and sees the list's constants.
fn run_panels(words: &mut [u64], phases: &mut [u8], list: &mut [Product], panel: usize) {
    if let [single] = list {
        return run_across(words, phases, *single, panel);
    }
    let mut own = vec![0; phases.len()];
    let mut panels = words.chunks_exact_mut(panel);
    if let Some(words) = panels.next() {
        vectorize(
            #[inline(always)]
            || products::<PANEL, true>(rows_mut(words), phases, list),
        );
    }
    list.iter_mut().for_each(|product| product.phase = 0);
    for words in panels {
        vectorize(
            #[inline(always)]
            || products::<PANEL, true>(rows_mut(words), &mut own, list),
        );
    }
    phases.iter_mut().zip(own).for_each(|(phase, own)| *phase = phase.wrapping_add(own));
}

/// One product over all panels.
fn run_across(words: &mut [u64], phases: &mut [u8], p: Product, panel: usize) {
    let (i, b) = (p.into as usize, p.by as usize);
    let gained = vectorize(
        #[inline(always)]
        || {
            let across = |words: &mut [u64]| match rows_mut::<PANEL>(words).get_disjoint_mut([i, b]) {
                Ok([into, by]) => product(into, by),
                Err(_) => 0,
            };
            words.chunks_exact_mut(panel).map(across).fold(0, |sum, parity| sum ^ parity)
        },
    );
    let by = if i == b { 0 } else { phases[b] };
    phases[i] = phases[i].wrapping_add(by).wrapping_add(p.phase).wrapping_add(2 * gained);
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
