//! Loops over two sublattices at once, in runs as long as the bits allow, on one thread or several.

use ebit_bits::complex::{self, Kernel, Lanes};
use num_complex::Complex64;

use crate::operator::for_each_base;

/// Below this many amplitudes a thread costs more than it saves.
const PARALLEL_FROM: usize = 1 << 16;

/// One bit of a gate: its place in the index and its value in the two patterns.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub bit: usize,
    pub first: bool,
    pub second: bool,
}

/// The places of a gate's bits, the highest first.
pub(crate) fn places(bits: &[usize], first: usize, second: usize) -> Vec<Place> {
    let place = |(k, bit): (usize, &usize)| Place { bit: *bit, first: first >> k & 1 == 1, second: second >> k & 1 == 1 };
    let mut out: Vec<Place> = bits.iter().enumerate().map(place).collect();
    out.sort_unstable_by_key(|p| std::cmp::Reverse(p.bit));
    out
}

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

#[derive(Clone, Copy)]
struct Real<V>([V; 4]);

impl<L: Lanes> Spread<L> for Real<L::V> {
    #[inline(always)]
    fn mix(self, l: L, a: L::V, b: L::V) -> (L::V, L::V) {
        let m = self.0;
        (l.add(l.mul(a, m[0]), l.mul(b, m[1])), l.add(l.mul(a, m[2]), l.mul(b, m[3])))
    }
}

#[derive(Clone, Copy)]
struct Whole<V>([[V; 2]; 4]);

impl<L: Lanes> Spread<L> for Whole<L::V> {
    #[inline(always)]
    fn mix(self, l: L, a: L::V, b: L::V) -> (L::V, L::V) {
        let m = self.0;
        (l.add(l.times(a, m[0]), l.times(b, m[1])), l.add(l.times(a, m[2]), l.times(b, m[3])))
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
        let (pairs, rest) = data.as_chunks_mut::<2>();
        let (fours, last) = pairs.as_chunks_mut::<2>();
        if self.is_real() {
            let m = self.0.map(|m| l.real(m.re));
            for [p, q] in fours {
                let (v, w) = (l.load(p), l.load(q));
                let (a, b) = (l.firsts(v, w), l.seconds(v, w));
                let (a, b) = (l.add(l.mul(a, m[0]), l.mul(b, m[1])), l.add(l.mul(a, m[2]), l.mul(b, m[3])));
                l.store(l.firsts(a, b), p);
                l.store(l.seconds(a, b), q);
            }
        } else {
            let m = self.0.map(|m| l.factor(m));
            for [p, q] in fours {
                let (v, w) = (l.load(p), l.load(q));
                let (a, b) = (l.firsts(v, w), l.seconds(v, w));
                let (a, b) = (l.add(l.times(a, m[0]), l.times(b, m[1])), l.add(l.times(a, m[2]), l.times(b, m[3])));
                l.store(l.firsts(a, b), p);
                l.store(l.seconds(a, b), q);
            }
        }
        debug_assert!(rest.is_empty());
        for [x, y] in last {
            self.one(x, y);
        }
    }
}

/// Both patterns in one slice.
struct Inside<'a, W> {
    data: &'a mut [Complex64],
    places: &'a [Place],
    work: W,
}

impl<W: PairWork> Kernel for Inside<'_, W> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self, l: L) {
        // Above the highest bit in which the patterns differ they choose segments; below it, runs in its two halves.
        let Some(split) = self.places.iter().position(|p| p.first != p.second) else { return };
        let (above, below) = (&self.places[..split], &self.places[split + 1..]);
        let half = 1usize << self.places[split].bit;
        let swapped = self.places[split].first;
        let segment = above.last().map_or(self.data.len(), |p| 1 << p.bit);
        let fixed: usize = above.iter().map(|p| usize::from(p.first) << p.bit).sum();
        let mask: usize = above.iter().map(|p| 1 << p.bit).sum::<usize>() | (segment - 1);
        let mut base = 0;
        while base < self.data.len() {
            let part = &mut self.data[base + fixed..][..segment];
            if half == 1 && !swapped {
                self.work.neighbours(l, part);
            } else if below.is_empty() && half > 1 && !swapped {
                self.work.blocks(l, part, half);
            } else {
                for block in part.chunks_exact_mut(2 * half) {
                    let (low, high) = block.split_at_mut(half);
                    let (x, y) = if swapped { (high, low) } else { (low, high) };
                    between(l, x, y, below, self.work);
                }
            }
            base = ((base | mask) + 1) & !mask;
        }
    }
}

/// The patterns in two slices of their own.
struct Between<'a, W> {
    x: &'a mut [Complex64],
    y: &'a mut [Complex64],
    below: &'a [Place],
    work: W,
}

impl<W: PairWork> Kernel for Between<'_, W> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self, l: L) {
        between(l, self.x, self.y, self.below, self.work);
    }
}

#[inline(always)]
fn between<L: Lanes, W: PairWork>(l: L, x: &mut [Complex64], y: &mut [Complex64], below: &[Place], work: W) {
    match below.split_last() {
        // Every second amplitude: a loop of its own, instead of runs of one.
        Some((Place { bit: 0, first, second }, upper)) => {
            let (first, second) = (usize::from(*first), usize::from(*second));
            for_runs(
                x,
                y,
                upper,
                #[inline(always)]
                |x, y| {
                    for (x, y) in x.as_chunks_mut::<2>().0.iter_mut().zip(y.as_chunks_mut::<2>().0) {
                        work.one(&mut x[first], &mut y[second]);
                    }
                },
            );
        }
        // Not inlined, the closure would lose the instruction set.
        _ => for_runs(
            x,
            y,
            below,
            #[inline(always)]
            |x, y| work.runs(l, x, y),
        ),
    }
}

/// Calls `work` for the runs below the lowest of these places.
#[inline(always)]
fn for_runs(
    x: &mut [Complex64],
    y: &mut [Complex64],
    places: &[Place],
    mut work: impl FnMut(&mut [Complex64], &mut [Complex64]),
) {
    let Some(lowest) = places.last() else { return work(x, y) };
    let run = 1usize << lowest.bit;
    let in_x: usize = places.iter().map(|p| usize::from(p.first) << p.bit).sum();
    let in_y: usize = places.iter().map(|p| usize::from(p.second) << p.bit).sum();
    let mask: usize = places.iter().map(|p| 1 << p.bit).sum::<usize>() | (run - 1);
    let mut base = 0;
    while base < x.len() {
        work(&mut x[base + in_x..][..run], &mut y[base + in_y..][..run]);
        base = ((base | mask) + 1) & !mask;
    }
}

/// Applies `work` to every pair of amplitudes whose indices show the two patterns and agree elsewhere.
pub(crate) fn for_pairs<W: PairWork>(data: &mut [Complex64], places: &[Place], work: W, threads: usize) {
    if threads <= 1 || data.len() < PARALLEL_FROM {
        return complex::run(Inside { data, places, work });
    }
    let n = data.len().ilog2() as usize;
    let wanted = 4 * threads;
    // Enough pieces that those which meet in a pair still make enough tasks.
    let mut q = 0;
    let high = |q: usize| places.iter().filter(|p| p.bit + q >= n).count();
    while q + 10 < n && (1usize << (q - high(q))) < wanted {
        q += 1;
    }
    let (outer, inner) = places.split_at(high(q));
    let shift = n - q;
    let mut pieces: Vec<Option<&mut [Complex64]>> = data.chunks_exact_mut(1 << shift).map(Some).collect();
    let outer_bits: Vec<usize> = outer.iter().map(|p| p.bit - shift).collect();
    let first: usize = outer.iter().map(|p| usize::from(p.first) << (p.bit - shift)).sum();
    let second: usize = outer.iter().map(|p| usize::from(p.second) << (p.bit - shift)).sum();
    let mut tasks = Vec::with_capacity(pieces.len());
    for_each_base(pieces.len(), &outer_bits, |base| {
        let x = pieces[base + first].take();
        let y = if first == second { None } else { pieces[base + second].take() };
        tasks.extend(x.map(|x| (x, y)));
    });
    let share = tasks.len().div_ceil(threads);
    std::thread::scope(|scope| {
        while !tasks.is_empty() {
            let mine = tasks.split_off(tasks.len().saturating_sub(share));
            let go = move || {
                for (x, y) in mine {
                    match y {
                        Some(y) => complex::run(Between { x, y, below: inner, work }),
                        None => complex::run(Inside { data: x, places: inner, work }),
                    }
                }
            };
            // The last share is this thread's own.
            if tasks.is_empty() {
                go();
            } else {
                scope.spawn(go);
            }
        }
    });
}
