//! What is done to pairs of amplitudes: exchanged, scaled, mixed. Refuses to know which pairs.

use ebit_bits::complex::Lanes;
use num_complex::Complex64;

/// What happens to pairs of amplitudes.
pub(crate) trait PairWork: Copy + Send + Sync {
    /// One amplitude of each pattern.
    fn one(self, x: &mut Complex64, y: &mut Complex64);
    /// Two runs of equal length, amplitude by amplitude.
    fn runs<L: Lanes>(self, lanes: L, x: &mut [Complex64], y: &mut [Complex64]);
    /// Blocks of two runs of `half` >= 2 amplitudes.
    fn blocks<L: Lanes>(self, lanes: L, data: &mut [Complex64], half: usize);
    /// Neighbours: the pairs are (0, 1), (2, 3) and so on.
    fn neighbours<L: Lanes>(self, lanes: L, data: &mut [Complex64]);
}

/// Swaps the two amplitudes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Exchange;

impl PairWork for Exchange {
    #[inline(always)]
    fn one(self, x: &mut Complex64, y: &mut Complex64) {
        core::mem::swap(x, y);
    }
    #[inline(always)]
    fn runs<L: Lanes>(self, _: L, x: &mut [Complex64], y: &mut [Complex64]) {
        for (x, y) in x.iter_mut().zip(y) {
            core::mem::swap(x, y);
        }
    }
    #[inline(always)]
    fn blocks<L: Lanes>(self, _: L, data: &mut [Complex64], half: usize) {
        for block in data.chunks_exact_mut(2 * half) {
            let (x, y) = block.split_at_mut(half);
            x.swap_with_slice(y);
        }
    }
    #[inline(always)]
    fn neighbours<L: Lanes>(self, _: L, data: &mut [Complex64]) {
        for pair in data.as_chunks_mut::<2>().0 {
            pair.swap(0, 1);
        }
    }
}

/// (x, y) -> (c x, d y).
#[derive(Debug, Clone, Copy)]
pub(crate) struct ScaleBoth(pub [Complex64; 2]);

#[inline(always)]
fn scale_run<L: Lanes>(l: L, run: &mut [Complex64], c: Complex64) {
    let factor = l.factor(c);
    let (vectors, rest) = run.as_chunks_mut::<2>();
    for v in vectors {
        l.store(l.times(l.load(v), factor), v);
    }
    for x in rest {
        *x *= c;
    }
}

impl PairWork for ScaleBoth {
    #[inline(always)]
    fn one(self, x: &mut Complex64, y: &mut Complex64) {
        *x *= self.0[0];
        *y *= self.0[1];
    }
    #[inline(always)]
    fn runs<L: Lanes>(self, l: L, x: &mut [Complex64], y: &mut [Complex64]) {
        scale_run(l, x, self.0[0]);
        scale_run(l, y, self.0[1]);
    }
    #[inline(always)]
    fn blocks<L: Lanes>(self, l: L, data: &mut [Complex64], half: usize) {
        for block in data.chunks_exact_mut(2 * half) {
            let (x, y) = block.split_at_mut(half);
            self.runs(l, x, y);
        }
    }
    #[inline(always)]
    fn neighbours<L: Lanes>(self, l: L, data: &mut [Complex64]) {
        let [c, d] = self.0;
        let re = l.pair(Complex64::new(c.re, c.re), Complex64::new(d.re, d.re));
        let im = l.pair(Complex64::new(-c.im, c.im), Complex64::new(-d.im, d.im));
        for pair in data.as_chunks_mut::<2>().0 {
            l.store(l.times(l.load(pair), [re, im]), pair);
        }
    }
}

/// (x, y) -> (m0 x + m1 y, m2 x + m3 y).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mix(pub [Complex64; 4]);

impl Mix {
    #[inline(always)]
    fn is_real(self) -> bool {
        self.0.iter().all(|m| m.im == 0.0)
    }
}

/// What a mixing does to two vectors, with its factors spread over the lanes once.
trait Spread<L: Lanes>: Copy {
    fn mix(self, l: L, a: L::V, b: L::V) -> (L::V, L::V);
}

/// The same for both amplitudes of a pair in one vector: its own factors, then the other's.
trait SpreadNeighbours<L: Lanes>: Copy {
    fn mix(self, l: L, v: L::V) -> L::V;
}

#[derive(Clone, Copy)]
struct Real<V, const N: usize>([V; N]);

impl<L: Lanes> Spread<L> for Real<L::V, 4> {
    #[inline(always)]
    fn mix(self, l: L, a: L::V, b: L::V) -> (L::V, L::V) {
        let m = self.0;
        (l.add(l.mul(a, m[0]), l.mul(b, m[1])), l.add(l.mul(a, m[2]), l.mul(b, m[3])))
    }
}

#[derive(Clone, Copy)]
struct Whole<V, const N: usize>([[V; 2]; N]);

impl<L: Lanes> Spread<L> for Whole<L::V, 4> {
    #[inline(always)]
    fn mix(self, l: L, a: L::V, b: L::V) -> (L::V, L::V) {
        let m = self.0;
        (l.add(l.times(a, m[0]), l.times(b, m[1])), l.add(l.times(a, m[2]), l.times(b, m[3])))
    }
}

impl<L: Lanes> SpreadNeighbours<L> for Real<L::V, 2> {
    #[inline(always)]
    fn mix(self, l: L, v: L::V) -> L::V {
        l.add(l.mul(v, self.0[0]), l.mul(l.swapped(v), self.0[1]))
    }
}

impl<L: Lanes> SpreadNeighbours<L> for Whole<L::V, 2> {
    #[inline(always)]
    fn mix(self, l: L, v: L::V) -> L::V {
        l.add(l.times(v, self.0[0]), l.times(l.swapped(v), self.0[1]))
    }
}

#[inline(always)]
fn mix_runs<L: Lanes, S: Spread<L>>(l: L, x: &mut [[Complex64; 2]], y: &mut [[Complex64; 2]], spread: S) {
    for (x, y) in x.iter_mut().zip(y) {
        let (a, b) = spread.mix(l, l.load(x), l.load(y));
        l.store(a, x);
        l.store(b, y);
    }
}

#[inline(always)]
fn mix_blocks<L: Lanes, S: Spread<L>>(l: L, data: &mut [Complex64], half: usize, spread: S) {
    let vectors = data.as_chunks_mut::<2>().0;
    match half {
        // Lengths known when compiled: no loop inside the loop.
        2 => {
            for [x, y] in vectors.as_chunks_mut::<2>().0 {
                mix_runs(l, core::slice::from_mut(x), core::slice::from_mut(y), spread);
            }
        }
        4 => {
            for block in vectors.as_chunks_mut::<4>().0 {
                let (x, y) = block.split_at_mut(2);
                mix_runs(l, x, y, spread);
            }
        }
        _ => {
            for block in vectors.chunks_exact_mut(half) {
                let (x, y) = block.split_at_mut(half / 2);
                mix_runs(l, x, y, spread);
            }
        }
    }
}

impl PairWork for Mix {
    #[inline(always)]
    fn one(self, x: &mut Complex64, y: &mut Complex64) {
        let m = self.0;
        (*x, *y) = (m[0] * *x + m[1] * *y, m[2] * *x + m[3] * *y);
    }
    #[inline(always)]
    fn runs<L: Lanes>(self, l: L, x: &mut [Complex64], y: &mut [Complex64]) {
        let ((x, x_rest), (y, y_rest)) = (x.as_chunks_mut::<2>(), y.as_chunks_mut::<2>());
        if self.is_real() {
            mix_runs(l, x, y, Real(self.0.map(|m| l.real(m.re))));
        } else {
            mix_runs(l, x, y, Whole(self.0.map(|m| l.factor(m))));
        }
        for (x, y) in x_rest.iter_mut().zip(y_rest) {
            self.one(x, y);
        }
    }
    #[inline(always)]
    fn blocks<L: Lanes>(self, l: L, data: &mut [Complex64], half: usize) {
        if self.is_real() {
            mix_blocks(l, data, half, Real(self.0.map(|m| l.real(m.re))));
        } else {
            mix_blocks(l, data, half, Whole(self.0.map(|m| l.factor(m))));
        }
    }
    #[inline(always)]
    fn neighbours<L: Lanes>(self, l: L, data: &mut [Complex64]) {
        let m = self.0;
        // Each vector times its own factors, and exchanged times the others': one shuffle a pair.
        if self.is_real() {
            let row = |a: Complex64, b: Complex64| l.pair(Complex64::new(a.re, a.re), Complex64::new(b.re, b.re));
            mix_neighbours(l, data, Real([row(m[0], m[3]), row(m[1], m[2])]));
        } else {
            let row = |a: Complex64, b: Complex64| {
                let re = l.pair(Complex64::new(a.re, a.re), Complex64::new(b.re, b.re));
                [re, l.pair(Complex64::new(-a.im, a.im), Complex64::new(-b.im, b.im))]
            };
            mix_neighbours(l, data, Whole([row(m[0], m[3]), row(m[1], m[2])]));
        }
    }
}

#[inline(always)]
fn mix_neighbours<L: Lanes, S: SpreadNeighbours<L>>(l: L, data: &mut [Complex64], spread: S) {
    // Four at a time: the loop's own work would show.
    let (fours, rest) = data.as_chunks_mut::<2>().0.as_chunks_mut::<4>();
    for [p, q, r, s] in fours {
        let (a, b, c, d) = (l.load(p), l.load(q), l.load(r), l.load(s));
        l.store(spread.mix(l, a), p);
        l.store(spread.mix(l, b), q);
        l.store(spread.mix(l, c), r);
        l.store(spread.mix(l, d), s);
    }
    for pair in rest {
        l.store(spread.mix(l, l.load(pair)), pair);
    }
}
