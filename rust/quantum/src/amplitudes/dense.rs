//! A matrix on a few bits that mixes more than two amplitudes: gather, multiply, scatter, two groups at a time.

use ebit_bits::complex::{self, Kernel, Lanes};
use num_complex::Complex64;

use crate::operator::{ZERO, offsets};

/// A square matrix as rows of what is not zero.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Dense {
    entries: Vec<(usize, Complex64)>,
    /// Where each row ends in `entries`.
    ends: Vec<usize>,
}

impl Dense {
    pub(crate) fn new(matrix: &[Complex64], dimension: usize) -> Self {
        let mut entries = Vec::with_capacity(matrix.len());
        let mut ends = Vec::with_capacity(dimension);
        for row in matrix.chunks_exact(dimension) {
            entries.extend(row.iter().copied().enumerate().filter(|(_, m)| *m != ZERO));
            ends.push(entries.len());
        }
        Self { entries, ends }
    }

    pub(crate) fn conjugate(&self) -> Self {
        Self { entries: self.entries.iter().map(|(k, m)| (*k, m.conj())).collect(), ends: self.ends.clone() }
    }

    /// Applies the matrix to the index bits `bits`; `bits[0]` is the matrix's least significant.
    pub(crate) fn apply(&self, data: &mut [Complex64], bits: &[usize], threads: usize) {
        let highest = bits.iter().max().map_or(0, |b| b + 1);
        let piece = (data.len() / (4 * threads.max(1)).next_power_of_two()).max(1 << highest);
        if threads <= 1 || piece >= data.len() || data.len() < 1 << 16 {
            return complex::run(Product { data, matrix: self, bits });
        }
        let mut pieces: Vec<_> = data.chunks_exact_mut(piece).collect();
        let share = pieces.len().div_ceil(threads);
        std::thread::scope(|scope| {
            while !pieces.is_empty() {
                let mine = pieces.split_off(pieces.len().saturating_sub(share));
                scope.spawn(move || mine.into_iter().for_each(|data| complex::run(Product { data, matrix: self, bits })));
            }
        });
    }
}

struct Product<'a> {
    data: &'a mut [Complex64],
    matrix: &'a Dense,
    bits: &'a [usize],
}

impl Kernel for Product<'_> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self, l: L) {
        let Self { data, matrix, bits } = self;
        let offsets = offsets(bits);
        let mask: usize = bits.iter().map(|bit| 1 << bit).sum();
        // The lanes hold two groups that differ in the lowest free bit; without one, the same group twice.
        let free = (!mask).trailing_zeros();
        let stride = if (1usize << free) < data.len() { 1usize << free } else { 0 };
        let mask = mask | stride;
        let factors: Vec<(usize, [L::V; 2])> = matrix.entries.iter().map(|(k, m)| (*k, l.factor(*m))).collect();
        let mut gathered = vec![l.real(0.0); offsets.len()];
        let mut base = 0;
        while base < data.len() {
            for (slot, offset) in gathered.iter_mut().zip(&offsets) {
                *slot = l.pair(data[base + offset], data[base + offset + stride]);
            }
            let mut start = 0;
            for (end, offset) in matrix.ends.iter().zip(&offsets) {
                let mut sum = l.real(0.0);
                for (column, factor) in &factors[start..*end] {
                    sum = l.add(sum, l.times(gathered[*column], *factor));
                }
                start = *end;
                let [a, b] = l.unpair(sum);
                data[base + offset] = a;
                data[base + offset + stride] = b;
            }
            base = ((base | mask) + 1) & !mask;
        }
    }
}
