//! One pass of a one-qubit map over the matrix.
//!
//! ```text
//!     target t, s = 2^(t+1):   bands of s rows; in each, row i of the upper half with row i of the lower half
//!
//!     row i          [ ..... | a  b | a b | a b ]        columns in blocks of s, halves a|b and c|d
//!     row i + s/2    [ ..... | c  d | c d | c d ]
//!                       ^       ^ diagonal block
//!                       left out where only the upper triangle counts
//! ```
//!
//! In the diagonal block c is the conjugate transpose of b: maps that mix the two have it written there first and read
//! back last.

use ebit_bits::complex::{self, Kernel, Lanes};
use num_complex::Complex64;

use super::qubit_map::QubitMap;
use super::work::{Bloch, Flip, Hadamard, Phase, Split, Work};
use super::{HALF_FROM, TILE};

type Chunks<'a> = &'a mut [[Complex64; 2]];

/// Applies the map to this target of a matrix of `qubits` qubits.
#[inline]
pub(super) fn sweep(data: &mut [Complex64], qubits: usize, target: usize, map: QubitMap) {
    complex::run(Sweep { data, qubits, target, map });
}

struct Sweep<'a> {
    data: &'a mut [Complex64],
    qubits: usize,
    target: usize,
    map: QubitMap,
}

impl Kernel for Sweep<'_> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self, l: L) {
        let Self { data, qubits, target, map } = self;
        match map {
            QubitMap::Phase(e) => bands(l, data, qubits, target, Phase { b: l.factor(e), c: l.factor(e.conj()) }),
            QubitMap::Split { p, e } => bands(l, data, qubits, target, Split { p: p.map(|x| l.real(x)), e: l.real(e) }),
            QubitMap::Flip(sign) => bands(l, data, qubits, target, Flip { sign: l.real(sign) }),
            QubitMap::Hadamard => bands(l, data, qubits, target, Hadamard { half: l.real(0.5) }),
            QubitMap::Bloch(m) => {
                let half = l.real(0.5);
                bands(l, data, qubits, target, Bloch { m: m.map(|row| row.map(|x| l.real(x))), half });
            }
        }
    }
}

#[inline(always)]
fn bands<L: Lanes, W: Work<L>>(l: L, data: &mut [Complex64], qubits: usize, target: usize, work: W) {
    let (n, s) = (1usize << qubits, 2usize << target);
    if n == 2 {
        let q = [data[0], data[1], data[2], data[3]].map(|x| l.pair(x, x));
        let out = work.quad(l, q);
        for (x, v) in data.iter_mut().zip(out) {
            *x = l.unpair(v)[0];
        }
        return;
    }
    let half = qubits >= HALF_FROM;
    for (k, band) in data.chunks_exact_mut(s * n).enumerate() {
        let (top, bottom) = band.split_at_mut(s / 2 * n);
        if !half {
            for (x, y) in top.chunks_exact_mut(n).zip(bottom.chunks_exact_mut(n)) {
                rows(l, x, y, target, work);
            }
            continue;
        }
        let base = k * s;
        if W::MIXES {
            write_c(top, bottom, n, base, s / 2);
        }
        for (i, (x, y)) in top.chunks_exact_mut(n).zip(bottom.chunks_exact_mut(n)).enumerate() {
            if target < 2 {
                // Blocks narrower than two vectors: whole vectors from the left, stale entries and all.
                rows(l, &mut x[base & !3..], &mut y[base & !3..], target, work);
                continue;
            }
            let (x, x_rest) = x[base..].split_at_mut(s);
            let (y, y_rest) = y[base..].split_at_mut(s);
            diagonal(l, x, y, i, work);
            rows(l, x_rest, y_rest, target, work);
        }
        if W::MIXES {
            read_c(top, bottom, n, base, s / 2);
        }
    }
}

/// Row i of the diagonal block: the upper triangles of a and d, all of b.
#[inline(always)]
fn diagonal<L: Lanes, W: Work<L>>(l: L, x: &mut [Complex64], y: &mut [Complex64], i: usize, work: W) {
    let half = x.len() / 4;
    let (a, b) = x.as_chunks_mut::<2>().0.split_at_mut(half);
    let (c, d) = y.as_chunks_mut::<2>().0.split_at_mut(half);
    let from = i / 2;
    if !W::MIXES {
        let zero = l.real(0.0);
        for b in &mut b[..from] {
            let v = l.load(b);
            l.store(work.quad(l, [zero, v, zero, zero])[1], b);
        }
    }
    quads(l, &mut a[from..], &mut b[from..], &mut c[from..], &mut d[from..], work);
}

#[inline(always)]
fn rows<L: Lanes, W: Work<L>>(l: L, x: &mut [Complex64], y: &mut [Complex64], target: usize, work: W) {
    let (x, y) = (x.as_chunks_mut::<2>().0, y.as_chunks_mut::<2>().0);
    match target {
        0 => {
            for ([p, q], [r, s]) in x.as_chunks_mut::<2>().0.iter_mut().zip(y.as_chunks_mut::<2>().0) {
                let (v, w) = (l.load(p), l.load(q));
                let (t, u) = (l.load(r), l.load(s));
                let [a, b, c, d] = work.quad(l, [l.firsts(v, w), l.seconds(v, w), l.firsts(t, u), l.seconds(t, u)]);
                l.store(l.firsts(a, b), p);
                l.store(l.seconds(a, b), q);
                l.store(l.firsts(c, d), r);
                l.store(l.seconds(c, d), s);
            }
        }
        1 => blocks::<L, W, 2>(l, x, y, work),
        2 => blocks::<L, W, 4>(l, x, y, work),
        _ => {
            let size = 1usize << target;
            for (x, y) in x.chunks_exact_mut(size).zip(y.chunks_exact_mut(size)) {
                let (a, b) = x.split_at_mut(size / 2);
                let (c, d) = y.split_at_mut(size / 2);
                quads(l, a, b, c, d, work);
            }
        }
    }
}

/// Blocks of a length known when compiled: no loop inside the loop.
#[inline(always)]
fn blocks<L: Lanes, W: Work<L>, const SIZE: usize>(l: L, x: Chunks, y: Chunks, work: W) {
    for (x, y) in x.as_chunks_mut::<SIZE>().0.iter_mut().zip(y.as_chunks_mut::<SIZE>().0) {
        let (a, b) = x.split_at_mut(SIZE / 2);
        let (c, d) = y.split_at_mut(SIZE / 2);
        quads(l, a, b, c, d, work);
    }
}

#[inline(always)]
fn quads<L: Lanes, W: Work<L>>(l: L, a: Chunks, b: Chunks, c: Chunks, d: Chunks, work: W) {
    if W::POPULATIONS {
        for (((a, b), c), d) in a.iter_mut().zip(b).zip(c).zip(d) {
            let out = work.quad(l, [l.load(a), l.load(b), l.load(c), l.load(d)]);
            l.store(out[0], a);
            l.store(out[1], b);
            l.store(out[2], c);
            l.store(out[3], d);
        }
    } else {
        let zero = l.real(0.0);
        for (b, c) in b.iter_mut().zip(c) {
            let out = work.quad(l, [zero, l.load(b), l.load(c), zero]);
            l.store(out[1], b);
            l.store(out[2], c);
        }
    }
}

/// c[i][j] = conj(b[j][i]) for j >= i.
fn write_c(top: &[Complex64], bottom: &mut [Complex64], n: usize, base: usize, half: usize) {
    for rows in (0..half).step_by(TILE) {
        for columns in (rows..half).step_by(TILE) {
            for i in rows..(rows + TILE).min(half) {
                for j in columns.max(i)..(columns + TILE).min(half) {
                    bottom[i * n + base + j] = top[j * n + base + half + i].conj();
                }
            }
        }
    }
}

/// b[j][i] = conj(c[i][j]) for j > i.
fn read_c(top: &mut [Complex64], bottom: &[Complex64], n: usize, base: usize, half: usize) {
    for rows in (0..half).step_by(TILE) {
        for columns in (rows..half).step_by(TILE) {
            for j in columns..(columns + TILE).min(half) {
                for i in rows..(rows + TILE).min(j) {
                    top[j * n + base + half + i] = bottom[i * n + base + j].conj();
                }
            }
        }
    }
}
