//! Products, exchanges and turns of rows: at once, or gathered and run together.
//!
//! Where rows are cut in panels, a gathered list runs over one panel after the other: the planes first, each product
//! collecting its parity over the panels, and the phases at last, since a phase depends on all panels of earlier products.
//! Refuses to know what rows stand for.

use crate::cpu::vectorize;
use crate::kernels::{PANEL, Row, product, rows_mut, with_lane};
use crate::rows::PhasedRows;

/// Products a batch gathers before it runs them: small where rows are short, so that the list stays in the cache.
const BATCH: usize = 4096;
const BATCH_OF_PANELS: usize = 1 << 18;
/// How many products ahead rows are asked for where a panel does not fit the nearest cache.
const AHEAD: usize = 16;
/// The same where a row is several cache lines: from this many words per plane on, a tableau outgrows the nearest cache.
const AHEAD_OF_LONG: usize = 4;
const LONG: usize = 8;
const LINE: usize = 64;

/// What can be done to rows one after the other, at once or in a [`Batch`].
pub trait RowOperations {
    /// Row `into` becomes itself times row `by`, times i^`phase`.
    fn multiply(&mut self, into: usize, by: usize, phase: u8);
    /// Exchanges two rows.
    fn swap(&mut self, a: usize, b: usize);
    /// Multiplies a row by i^`phase`.
    fn turn(&mut self, row: usize, phase: u8);
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

impl PhasedRows {
    /// How many operations are worth gathering: many where each panel is loaded once for all of them, else what stays in
    /// the cache beside the rows.
    pub fn worth_gathering(&self) -> usize {
        if self.panels > 1 { BATCH_OF_PANELS } else { BATCH }
    }

    /// Gathers row operations, to be run together.
    pub fn batch(&mut self) -> Batch<'_> {
        let limit = self.worth_gathering();
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
        || products::<L>(rows_mut(words), phases, list),
    );
}

/// Panel after panel, then the phases.
fn run_panels(words: &mut [u64], phases: &mut [u8], list: &mut [Product], panel: usize) {
    if let [single] = list {
        return run_across(words, phases, *single, panel);
    }
    for words in words.chunks_exact_mut(panel) {
        vectorize(
            #[inline(always)]
            || products_planes::<PANEL>(rows_mut(words), list),
        );
    }
    products_phases(phases, list);
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
    products_phases(phases, &[Product { phase: p.phase ^ (2 * gained), ..p }]);
}

/// Asks for a row that will be needed soon, all its lines.
#[inline(always)]
fn prefetch<const L: usize>(rows: &[Row<L>], row: usize) {
    #[cfg(target_arch = "x86_64")]
    if let Some(row) = rows.get(row) {
        use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        for at in (0..size_of::<Row<L>>()).step_by(LINE) {
            // SAFETY: a prefetch is a hint of the baseline instruction set; it neither reads nor faults.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(core::ptr::from_ref(row).cast::<i8>().wrapping_add(at)) };
        }
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

/// All products, in order, where there is one panel.
#[inline(always)]
pub(crate) fn products<const L: usize>(rows: &mut [Row<L>], phases: &mut [u8], products: &[Product]) {
    for (k, p) in products.iter().enumerate() {
        if L >= LONG
            && let Some(next) = products.get(k + AHEAD_OF_LONG)
        {
            prefetch(rows, next.into as usize);
            prefetch(rows, next.by as usize);
        }
        let (i, b) = (p.into as usize, p.by as usize);
        let gained = match rows.get_disjoint_mut([i, b]) {
            Ok([into, by]) => phases[b].wrapping_add(2 * product(into, by)),
            Err(_) => 0,
        };
        phases[i] = phases[i].wrapping_add(p.phase).wrapping_add(gained);
    }
}

/// All products, in order, on one of several panels. The parity of a product is the sum of those on the panels, and goes
/// to the product's own constant; the rows' phases must wait for all panels: see [`products_phases`].
#[inline(always)]
pub(crate) fn products_planes<const L: usize>(rows: &mut [Row<L>], products: &mut [Product]) {
    for k in 0..products.len() {
        if let Some(next) = products.get(k + AHEAD) {
            prefetch(rows, next.into as usize);
            prefetch(rows, next.by as usize);
        }
        let p = &mut products[k];
        if let Ok([into, by]) = rows.get_disjoint_mut([p.into as usize, p.by as usize])
            && !is_zero(by)
        {
            p.phase ^= 2 * product(into, by);
        }
    }
}

/// The phases of products whose constants hold their parities.
pub(crate) fn products_phases(phases: &mut [u8], products: &[Product]) {
    for p in products {
        let (i, b) = (p.into as usize, p.by as usize);
        let by = if i == b { 0 } else { phases[b] };
        phases[i] = phases[i].wrapping_add(by).wrapping_add(p.phase);
    }
}
