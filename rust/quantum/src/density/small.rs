//! Two-qubit operations on matrices of up to five qubits, whose rows have a length known when compiled.
//!
//! A 16 x 16 matrix is 4 KiB: its entries are near, and what costs are loops, bounds and lists. Here the rows come as
//! arrays, and the places of the two qubits as a short list on the stack.

use ebit_bits::complex::{self, Kernel, Lanes};
use num_complex::Complex64;

use crate::operator::ZERO;

/// A row's length at most: matrices beyond are stored by half.
const WIDEST: usize = 32;

/// The indices below `N` in which both bits are zero.
struct Bases<const N: usize> {
    list: [usize; WIDEST / 4],
    bits: [usize; 2],
}

impl<const N: usize> Bases<N> {
    fn new(bits: [usize; 2]) -> Self {
        let mask = bits[0] | bits[1];
        let mut list = [0; WIDEST / 4];
        let mut base = 0;
        for place in &mut list[..N / 4] {
            *place = base;
            base = ((base | mask) + 1) & !mask;
        }
        Self { list, bits }
    }

    /// Each base with nothing, the first, the second and both of the bits; the mask tells the compiler that they are below N.
    #[inline(always)]
    fn quads(&self) -> impl Iterator<Item = [usize; 4]> + '_ {
        let [a, b] = self.bits;
        self.list[..N / 4].iter().map(move |k| [*k, k | a, k | b, k | a | b].map(|k| k & (N - 1)))
    }
}

/// Calls `$name::<N>` with the rows as arrays.
macro_rules! by_width {
    ($data:expr, $n:expr, $name:ident($($argument:expr),*)) => {
        match $n {
            4 => $name::<4>($data.as_chunks_mut().0, $($argument),*),
            8 => $name::<8>($data.as_chunks_mut().0, $($argument),*),
            16 => $name::<16>($data.as_chunks_mut().0, $($argument),*),
            _ => $name::<WIDEST>($data.as_chunks_mut().0, $($argument),*),
        }
    };
}

/// X on `target` where `control` is 1, both as bits of an index, on an n x n matrix with n in {4, 8, 16, 32}.
pub(super) fn cx(data: &mut [Complex64], n: usize, control: usize, target: usize) {
    by_width!(data, n, cx_rows([control, target]));
}

/// rho -> (1-p) rho + p Tr_pair(rho) (x) I/4 for the qubits of these bits.
pub(super) fn depolarize_pair(data: &mut [Complex64], n: usize, bits: [usize; 2], p: f64) {
    by_width!(data, n, depolarize_rows(bits, p));
}

fn cx_rows<const N: usize>(rows: &mut [[Complex64; N]], bits: [usize; 2]) {
    let bases = Bases::<N>::new(bits);
    for [_, control, _, both] in bases.quads() {
        rows.swap(control, both);
    }
    for row in rows {
        for [_, control, _, both] in bases.quads() {
            row.swap(control, both);
        }
    }
}

/// A kernel only so that it is compiled for the machine's vectors.
struct Depolarize<'a, const N: usize> {
    rows: &'a mut [[Complex64; N]],
    bits: [usize; 2],
    p: f64,
}

impl<const N: usize> Kernel for Depolarize<'_, N> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self, l: L) {
        let bases = Bases::<N>::new(self.bits);
        let (keep, share) = (l.real(1.0 - self.p), 0.25 * self.p);
        for band in bases.quads() {
            let mut traces = [ZERO; WIDEST / 4];
            for (trace, columns) in traces.iter_mut().zip(bases.quads()) {
                let [a, b, c, d] = [0, 1, 2, 3].map(|k| self.rows[band[k]][columns[k]]);
                *trace = ((a + b) + (c + d)) * share;
            }
            for (k, row) in band.into_iter().enumerate() {
                let row = &mut self.rows[row];
                for x in row.as_chunks_mut::<2>().0 {
                    l.store(l.mul(l.load(x), keep), x);
                }
                for (trace, columns) in traces.iter().zip(bases.quads()) {
                    row[columns[k]] += trace;
                }
            }
        }
    }
}

fn depolarize_rows<const N: usize>(rows: &mut [[Complex64; N]], bits: [usize; 2], p: f64) {
    complex::run(Depolarize { rows, bits, p });
}
