//! Multiplying the amplitudes of one pattern, and none other.

use ebit_bits::complex::{self, Kernel, Lanes};
use num_complex::Complex64;

const PARALLEL_FROM: usize = 1 << 16;

/// Multiplies by `factor` all amplitudes whose index shows `pattern` on `bits`, the least significant first.
pub(crate) fn for_pattern(data: &mut [Complex64], bits: &[usize], pattern: usize, factor: Complex64, threads: usize) {
    let mask: usize = bits.iter().map(|bit| 1 << bit).sum();
    let value: usize = bits.iter().enumerate().map(|(k, bit)| ((pattern >> k) & 1) << bit).sum();
    if threads <= 1 || data.len() < PARALLEL_FROM {
        return complex::run(Scale { data, mask, value, factor });
    }
    // Pieces small enough that those whose own bits match still feed all threads.
    let piece = data.len() >> ((4 * threads).ilog2() as usize + bits.len() + 1).min(data.len().ilog2() as usize - 10);
    let inner = piece - 1;
    let matches = |k: &usize| (k * piece) & mask & !inner == value & !inner;
    let mut tasks: Vec<_> = data.chunks_exact_mut(piece).enumerate().filter(|(k, _)| matches(k)).map(|(_, x)| x).collect();
    let share = tasks.len().div_ceil(threads);
    std::thread::scope(|scope| {
        while !tasks.is_empty() {
            let mine = tasks.split_off(tasks.len().saturating_sub(share));
            scope.spawn(move || {
                for data in mine {
                    complex::run(Scale { data, mask: mask & inner, value: value & inner, factor });
                }
            });
        }
    });
}

struct Scale<'a> {
    data: &'a mut [Complex64],
    mask: usize,
    value: usize,
    factor: Complex64,
}

impl Kernel for Scale<'_> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self, l: L) {
        let Self { data, mask, value, factor } = self;
        let (lowest, second) = (mask & mask.wrapping_neg(), mask & mask.wrapping_sub(1));
        let factors = l.factor(factor);
        if lowest == 1 {
            // Every other amplitude of runs that the next bit cuts.
            let run = if second == 0 { data.len() } else { second & second.wrapping_neg() };
            let skip = second | (run - 1);
            let odd = value & 1;
            let mut base = 0;
            while base < data.len() {
                for pair in data[base + (value & second)..][..run].as_chunks_mut::<2>().0 {
                    pair[odd] *= factor;
                }
                base = ((base | skip) + 1) & !skip;
            }
            return;
        }
        let run = if lowest == 0 { data.len() } else { lowest };
        let skip = mask | (run - 1);
        let mut base = 0;
        while base < data.len() {
            let (chunks, rest) = data[base + value..][..run].as_chunks_mut::<2>();
            for x in chunks {
                l.store(l.times(l.load(x), factors), x);
            }
            for x in rest {
                *x *= factor;
            }
            base = ((base | skip) + 1) & !skip;
        }
    }
}
