//! Loops over two sublattices at once, in runs as long as the bits allow, on one thread or several.

use ebit_bits::complex::{self, Kernel, Lanes};
use num_complex::Complex64;

use super::pair_work::PairWork;
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
        let lowest = match below {
            [Place { bit: 0, first, second }] => Some((usize::from(*first), usize::from(*second))),
            _ => None,
        };
        let mut base = 0;
        while base < self.data.len() {
            let part = &mut self.data[base + fixed..][..segment];
            if let Some((first, second)) = lowest
                && !swapped
            {
                for block in part.chunks_exact_mut(2 * half) {
                    let (x, y) = block.split_at_mut(half);
                    for (x, y) in x.as_chunks_mut::<2>().0.iter_mut().zip(y.as_chunks_mut::<2>().0) {
                        self.work.one(&mut x[first], &mut y[second]);
                    }
                }
            } else if half == 1 && !swapped {
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
