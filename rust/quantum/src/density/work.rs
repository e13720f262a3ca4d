//! What each kind of one-qubit map does to the four blocks of a matrix, a vector at a time.

use ebit_bits::complex::Lanes;

/// What a map does to four blocks at a time.
pub(super) trait Work<L: Lanes>: Copy {
    /// Whether b depends on more than b.
    const MIXES: bool;
    const POPULATIONS: bool;
    fn quad(self, l: L, q: [L::V; 4]) -> [L::V; 4];
}

#[derive(Clone, Copy)]
pub(super) struct Phase<V> {
    pub b: [V; 2],
    pub c: [V; 2],
}

impl<L: Lanes> Work<L> for Phase<L::V> {
    const MIXES: bool = false;
    const POPULATIONS: bool = false;
    #[inline(always)]
    fn quad(self, l: L, [a, b, c, d]: [L::V; 4]) -> [L::V; 4] {
        [a, l.times(b, self.b), l.times(c, self.c), d]
    }
}

#[derive(Clone, Copy)]
pub(super) struct Split<V> {
    pub p: [V; 4],
    pub e: V,
}

impl<L: Lanes> Work<L> for Split<L::V> {
    const MIXES: bool = false;
    const POPULATIONS: bool = true;
    #[inline(always)]
    fn quad(self, l: L, [a, b, c, d]: [L::V; 4]) -> [L::V; 4] {
        let p = self.p;
        let ground = l.add(l.mul(a, p[0]), l.mul(d, p[1]));
        let excited = l.add(l.mul(a, p[2]), l.mul(d, p[3]));
        [ground, l.mul(b, self.e), l.mul(c, self.e), excited]
    }
}

#[derive(Clone, Copy)]
pub(super) struct Flip<V> {
    pub sign: V,
}

impl<L: Lanes> Work<L> for Flip<L::V> {
    const MIXES: bool = true;
    const POPULATIONS: bool = true;
    #[inline(always)]
    fn quad(self, l: L, [a, b, c, d]: [L::V; 4]) -> [L::V; 4] {
        [d, l.mul(c, self.sign), l.mul(b, self.sign), a]
    }
}

#[derive(Clone, Copy)]
pub(super) struct Hadamard<V> {
    pub half: V,
}

impl<L: Lanes> Work<L> for Hadamard<L::V> {
    const MIXES: bool = true;
    const POPULATIONS: bool = true;
    #[inline(always)]
    fn quad(self, l: L, [a, b, c, d]: [L::V; 4]) -> [L::V; 4] {
        let [one, x, y, z] = [l.add(a, d), l.add(b, c), l.sub(b, c), l.sub(a, d)].map(|v| l.mul(v, self.half));
        [l.add(one, x), l.sub(z, y), l.add(z, y), l.sub(one, x)]
    }
}

#[derive(Clone, Copy)]
pub(super) struct Bloch<V> {
    pub m: [[V; 4]; 3],
    pub half: V,
}

impl<L: Lanes> Work<L> for Bloch<L::V> {
    const MIXES: bool = true;
    const POPULATIONS: bool = true;
    #[inline(always)]
    fn quad(self, l: L, [a, b, c, d]: [L::V; 4]) -> [L::V; 4] {
        let (one, x, y, z) = (l.add(a, d), l.add(b, c), l.times_i(l.sub(b, c)), l.sub(a, d));
        let row = |m: [L::V; 4]| {
            let (low, high) = (l.add(l.mul(one, m[0]), l.mul(x, m[1])), l.add(l.mul(y, m[2]), l.mul(z, m[3])));
            l.add(low, high)
        };
        let [x, y, z] = [row(self.m[0]), l.times_i(row(self.m[1])), row(self.m[2])];
        let one = l.mul(one, self.half);
        [l.add(one, z), l.sub(x, y), l.add(x, y), l.sub(one, z)]
    }
}
