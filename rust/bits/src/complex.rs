//! Two complex numbers at a time, in the instruction set of this process.
//!
//! A loop is written once, as a [`Kernel`] over any [`Lanes`]; [`run`] picks the lanes. Lanes never fuse a product with a
//! sum, so that every path rounds alike and gives the same bits. Refuses to know what the numbers mean.

use num_complex::Complex64;

/// Operations on a vector of two complex numbers, (re, im, re, im).
///
/// A value of this type is the proof that the machine has the instructions.
pub trait Lanes: Copy {
    type V: Copy;
    fn load(self, from: &[Complex64; 2]) -> Self::V;
    fn store(self, v: Self::V, to: &mut [Complex64; 2]);
    /// (even, odd, even, odd).
    fn parts(self, even: f64, odd: f64) -> Self::V;
    fn add(self, a: Self::V, b: Self::V) -> Self::V;
    fn sub(self, a: Self::V, b: Self::V) -> Self::V;
    /// Product of the parts, one by one: with real factors.
    fn mul(self, a: Self::V, b: Self::V) -> Self::V;
    /// (im, re) of each number.
    fn swap_parts(self, v: Self::V) -> Self::V;
    /// (-im, re) of each number.
    fn times_i(self, v: Self::V) -> Self::V;
    /// The conjugate of each number.
    fn conj(self, v: Self::V) -> Self::V;
    /// The first number of each.
    fn firsts(self, a: Self::V, b: Self::V) -> Self::V;
    /// The second number of each.
    fn seconds(self, a: Self::V, b: Self::V) -> Self::V;
    /// The two numbers in the other order.
    fn swapped(self, v: Self::V) -> Self::V;

    #[inline(always)]
    fn real(self, x: f64) -> Self::V {
        self.parts(x, x)
    }

    /// A factor for [`Lanes::times`].
    #[inline(always)]
    fn factor(self, c: Complex64) -> [Self::V; 2] {
        [self.real(c.re), self.parts(-c.im, c.im)]
    }

    /// The complex product.
    #[inline(always)]
    fn times(self, v: Self::V, [re, im]: [Self::V; 2]) -> Self::V {
        self.add(self.mul(v, re), self.mul(self.swap_parts(v), im))
    }

    #[inline(always)]
    fn pair(self, a: Complex64, b: Complex64) -> Self::V {
        self.load(&[a, b])
    }

    #[inline(always)]
    fn unpair(self, v: Self::V) -> [Complex64; 2] {
        let mut out = [Complex64::new(0.0, 0.0); 2];
        self.store(v, &mut out);
        out
    }
}

/// A loop over complex numbers. `run` and all it calls must be `#[inline(always)]`.
pub trait Kernel {
    type Output;
    fn run<L: Lanes>(self, lanes: L) -> Self::Output;
}

/// Runs a kernel with the best lanes of this process's path.
#[inline]
pub fn run<K: Kernel>(kernel: K) -> K::Output {
    #[cfg(target_arch = "x86_64")]
    if crate::cpu::path() >= crate::cpu::Path::Avx2 {
        // SAFETY: the path is Avx2 or above only on machines that have every feature `avx2::run` names.
        return unsafe { avx2::run(kernel) };
    }
    kernel.run(Portable)
}

/// Plain arithmetic: what every machine has.
#[derive(Debug, Clone, Copy)]
pub struct Portable;

impl Lanes for Portable {
    type V = [f64; 4];

    #[inline(always)]
    fn load(self, [a, b]: &[Complex64; 2]) -> [f64; 4] {
        [a.re, a.im, b.re, b.im]
    }
    #[inline(always)]
    fn store(self, v: [f64; 4], to: &mut [Complex64; 2]) {
        *to = [Complex64::new(v[0], v[1]), Complex64::new(v[2], v[3])];
    }
    #[inline(always)]
    fn parts(self, even: f64, odd: f64) -> [f64; 4] {
        [even, odd, even, odd]
    }
    #[inline(always)]
    fn add(self, a: [f64; 4], b: [f64; 4]) -> [f64; 4] {
        [a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]]
    }
    #[inline(always)]
    fn sub(self, a: [f64; 4], b: [f64; 4]) -> [f64; 4] {
        [a[0] - b[0], a[1] - b[1], a[2] - b[2], a[3] - b[3]]
    }
    #[inline(always)]
    fn mul(self, a: [f64; 4], b: [f64; 4]) -> [f64; 4] {
        [a[0] * b[0], a[1] * b[1], a[2] * b[2], a[3] * b[3]]
    }
    #[inline(always)]
    fn swap_parts(self, v: [f64; 4]) -> [f64; 4] {
        [v[1], v[0], v[3], v[2]]
    }
    #[inline(always)]
    fn times_i(self, v: [f64; 4]) -> [f64; 4] {
        [-v[1], v[0], -v[3], v[2]]
    }
    #[inline(always)]
    fn conj(self, v: [f64; 4]) -> [f64; 4] {
        [v[0], -v[1], v[2], -v[3]]
    }
    #[inline(always)]
    fn firsts(self, a: [f64; 4], b: [f64; 4]) -> [f64; 4] {
        [a[0], a[1], b[0], b[1]]
    }
    #[inline(always)]
    fn seconds(self, a: [f64; 4], b: [f64; 4]) -> [f64; 4] {
        [a[2], a[3], b[2], b[3]]
    }
    #[inline(always)]
    fn swapped(self, v: [f64; 4]) -> [f64; 4] {
        [v[2], v[3], v[0], v[1]]
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use core::arch::x86_64::{
        __m256d, _mm256_add_pd, _mm256_loadu_pd, _mm256_mul_pd, _mm256_permute_pd, _mm256_permute2f128_pd, _mm256_setr_pd,
        _mm256_storeu_pd, _mm256_sub_pd, _mm256_xor_pd,
    };

    use num_complex::Complex64;

    use super::{Kernel, Lanes};

    /// The kernel itself, and no closure around it: only what is inlined here is compiled for AVX2.
    #[target_feature(enable = "avx2,fma,bmi1,bmi2,lzcnt,popcnt")]
    #[inline]
    pub fn run<K: Kernel>(kernel: K) -> K::Output {
        kernel.run(Avx2(()))
    }

    /// 256-bit vectors. Made only in `run`, where the machine is known to have AVX2: the reason of every block below.
    #[derive(Debug, Clone, Copy)]
    pub struct Avx2(pub(super) ());

    impl Lanes for Avx2 {
        type V = __m256d;

        #[inline(always)]
        fn load(self, from: &[Complex64; 2]) -> __m256d {
            // SAFETY: AVX2 is there (see `Avx2`); two complex numbers (repr(C)) are four readable doubles.
            unsafe { _mm256_loadu_pd(from.as_ptr().cast()) }
        }
        #[inline(always)]
        fn store(self, v: __m256d, to: &mut [Complex64; 2]) {
            // SAFETY: AVX2 is there; two complex numbers (repr(C)) are four writable doubles.
            unsafe { _mm256_storeu_pd(to.as_mut_ptr().cast(), v) }
        }
        #[inline(always)]
        fn parts(self, even: f64, odd: f64) -> __m256d {
            // SAFETY: AVX2 is there.
            unsafe { _mm256_setr_pd(even, odd, even, odd) }
        }
        #[inline(always)]
        fn add(self, a: __m256d, b: __m256d) -> __m256d {
            // SAFETY: AVX2 is there.
            unsafe { _mm256_add_pd(a, b) }
        }
        #[inline(always)]
        fn sub(self, a: __m256d, b: __m256d) -> __m256d {
            // SAFETY: AVX2 is there.
            unsafe { _mm256_sub_pd(a, b) }
        }
        #[inline(always)]
        fn mul(self, a: __m256d, b: __m256d) -> __m256d {
            // SAFETY: AVX2 is there.
            unsafe { _mm256_mul_pd(a, b) }
        }
        #[inline(always)]
        fn swap_parts(self, v: __m256d) -> __m256d {
            // SAFETY: AVX2 is there.
            unsafe { _mm256_permute_pd::<0b0101>(v) }
        }
        #[inline(always)]
        fn times_i(self, v: __m256d) -> __m256d {
            // SAFETY: AVX2 is there.
            unsafe { _mm256_xor_pd(_mm256_permute_pd::<0b0101>(v), _mm256_setr_pd(-0.0, 0.0, -0.0, 0.0)) }
        }
        #[inline(always)]
        fn conj(self, v: __m256d) -> __m256d {
            // SAFETY: AVX2 is there.
            unsafe { _mm256_xor_pd(v, _mm256_setr_pd(0.0, -0.0, 0.0, -0.0)) }
        }
        #[inline(always)]
        fn firsts(self, a: __m256d, b: __m256d) -> __m256d {
            // SAFETY: AVX2 is there.
            unsafe { _mm256_permute2f128_pd::<0x20>(a, b) }
        }
        #[inline(always)]
        fn seconds(self, a: __m256d, b: __m256d) -> __m256d {
            // SAFETY: AVX2 is there.
            unsafe { _mm256_permute2f128_pd::<0x31>(a, b) }
        }
        #[inline(always)]
        fn swapped(self, v: __m256d) -> __m256d {
            // SAFETY: AVX2 is there.
            unsafe { _mm256_permute2f128_pd::<0x01>(v, v) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Everything([Complex64; 4], Complex64);

    impl Kernel for Everything {
        type Output = Vec<[u64; 4]>;
        #[inline(always)]
        fn run<L: Lanes>(self, l: L) -> Vec<[u64; 4]> {
            let [a, b, c, d] = self.0;
            let (x, y) = (l.pair(a, b), l.pair(c, d));
            let factor = l.factor(self.1);
            let all = [
                l.add(x, y),
                l.sub(x, y),
                l.mul(x, y),
                l.swap_parts(x),
                l.times_i(x),
                l.conj(x),
                l.firsts(x, y),
                l.seconds(x, y),
                l.swapped(x),
                l.times(x, factor),
                l.real(0.1),
                l.parts(0.1, 0.2),
            ];
            let bits = |v| l.unpair(v).map(|z| [z.re.to_bits(), z.im.to_bits()]);
            all.into_iter().map(bits).map(|[p, q]| [p[0], p[1], q[0], q[1]]).collect()
        }
    }

    fn numbers() -> [Complex64; 4] {
        [(0.1, 0.2), (-0.3, 0.7), (1.1, -0.9), (0.0, -0.5)].map(|(re, im)| Complex64::new(re, im))
    }

    #[test]
    fn every_path_gives_the_same_bits() {
        let factor = Complex64::new(0.6, -0.8);
        assert_eq!(run(Everything(numbers(), factor)), Everything(numbers(), factor).run(Portable));
    }

    #[test]
    fn lanes_are_complex_arithmetic() {
        let [a, b, c, d] = numbers();
        let l = Portable;
        let (x, factor) = (l.pair(a, b), Complex64::new(0.6, -0.8));
        for (got, wanted) in l.unpair(l.times(x, l.factor(factor))).into_iter().zip([a * factor, b * factor]) {
            assert!((got - wanted).norm_sqr() < 1e-30);
        }
        assert_eq!(l.unpair(l.times_i(x)), [a * Complex64::i(), b * Complex64::i()]);
        assert_eq!(l.unpair(l.conj(x)), [a.conj(), b.conj()]);
        assert_eq!(l.unpair(l.firsts(x, l.pair(c, d))), [a, c]);
        assert_eq!(l.unpair(l.seconds(x, l.pair(c, d))), [b, d]);
        assert_eq!(l.unpair(l.swapped(x)), [b, a]);
    }
}
