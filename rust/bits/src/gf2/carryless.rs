//! The carry-less product of words, and four elements of GF(2^64) at a time, in the instructions of this process.
//!
//! GF(2^64) is GF(2)[t] modulo t^64 + t^4 + t^3 + t + 1. A loop is written once, as a [`Kernel`] over any [`Field`]; [`run`]
//! picks the field's arithmetic. Every way gives the same bits, and a test compares them.

use std::sync::OnceLock;

use crate::cpu::{Path, path};

/// t^4 + t^3 + t + 1: what t^64 is.
const REDUCED: u64 = 0x1B;

/// How carry-less products are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Instructions {
    /// Integer products of words with holes, for every machine.
    Portable,
    /// PCLMULQDQ.
    Single,
    /// VPCLMULQDQ on vectors of two.
    Vector,
}

impl Instructions {
    #[cfg(test)]
    pub(crate) const ALL: [Self; 3] = [Self::Portable, Self::Single, Self::Vector];

    /// The best of this machine, whatever `EBIT_CPU` says.
    pub(crate) fn best() -> Self {
        #[cfg(target_arch = "x86_64")]
        if Path::best() >= Path::Avx2 && is_x86_feature_detected!("pclmulqdq") {
            return if is_x86_feature_detected!("vpclmulqdq") { Self::Vector } else { Self::Single };
        }
        Self::Portable
    }
}

/// The instructions of this process: the best of the machine, or none of them where `EBIT_CPU` is portable.
pub fn instructions() -> Instructions {
    static CHOICE: OnceLock<Instructions> = OnceLock::new();
    *CHOICE.get_or_init(|| if path() == Path::Portable { Instructions::Portable } else { Instructions::best() })
}

/// Arithmetic on four elements at a time. A value of this type is the proof that the machine has the instructions.
pub(crate) trait Field: Copy {
    type Four: Copy;
    /// The product of two words as polynomials: low word, high word.
    fn product(self, a: u64, b: u64) -> [u64; 2];
    fn load(self, from: &[u64; 4]) -> Self::Four;
    fn store(self, v: Self::Four, to: &mut [u64; 4]);
    fn splat(self, x: u64) -> Self::Four;
    fn add(self, a: Self::Four, b: Self::Four) -> Self::Four;
    /// Products in GF(2^64), one by one.
    fn times(self, a: Self::Four, b: Self::Four) -> Self::Four;
    /// Rows become columns.
    fn transposed(self, rows: [Self::Four; 4]) -> [Self::Four; 4];
}

/// A loop over such elements. `run` and all it calls must be `#[inline(always)]`.
pub(crate) trait Kernel {
    type Output;
    fn run<F: Field>(self, field: F) -> Self::Output;
}

/// Runs a kernel with these instructions, as far as the machine has them.
#[inline]
pub(crate) fn run<K: Kernel>(wanted: Instructions, kernel: K) -> K::Output {
    #[cfg(target_arch = "x86_64")]
    {
        let have = wanted.min(Instructions::best());
        if have == Instructions::Vector {
            // SAFETY: `best` is Vector only on machines that have every feature named there.
            return unsafe { x86::vector(kernel) };
        }
        if have == Instructions::Single {
            // SAFETY: as above.
            return unsafe { x86::single(kernel) };
        }
    }
    let _ = wanted;
    kernel.run(Portable)
}

/// A product of two words as an element of GF(2^64).
#[inline(always)]
fn reduced([low, high]: [u64; 2]) -> u64 {
    let folded = |x: u64| x ^ (x << 1) ^ (x << 3) ^ (x << 4);
    let over = (high >> 63) ^ (high >> 61) ^ (high >> 60);
    low ^ folded(high) ^ folded(over)
}

/// Plain arithmetic: what every machine has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Portable;

/// Every fifth bit. A word of them has 13 ones, so that a position of an integer product counts to 13 at most: below 32.
const HOLES: u128 = 0x2108_4210_8421_0842_1084_2108_4210_8421;

impl Field for Portable {
    type Four = [u64; 4];

    #[inline(always)]
    fn product(self, a: u64, b: u64) -> [u64; 2] {
        let part = |x: u64, k: usize| u128::from(x & (HOLES << k) as u64);
        let mut out = 0;
        for k in 0..5 {
            let mut sum = 0;
            for i in 0..5 {
                sum ^= part(a, i).wrapping_mul(part(b, (k + 5 - i) % 5));
            }
            out ^= sum & (HOLES << k);
        }
        [out as u64, (out >> 64) as u64]
    }
    #[inline(always)]
    fn load(self, from: &[u64; 4]) -> [u64; 4] {
        *from
    }
    #[inline(always)]
    fn store(self, v: [u64; 4], to: &mut [u64; 4]) {
        *to = v;
    }
    #[inline(always)]
    fn splat(self, x: u64) -> [u64; 4] {
        [x; 4]
    }
    #[inline(always)]
    fn add(self, a: [u64; 4], b: [u64; 4]) -> [u64; 4] {
        [a[0] ^ b[0], a[1] ^ b[1], a[2] ^ b[2], a[3] ^ b[3]]
    }
    #[inline(always)]
    fn times(self, a: [u64; 4], b: [u64; 4]) -> [u64; 4] {
        let mut out = [0; 4];
        for k in 0..4 {
            out[k] = reduced(self.product(a[k], b[k]));
        }
        out
    }
    #[inline(always)]
    fn transposed(self, r: [[u64; 4]; 4]) -> [[u64; 4]; 4] {
        let column = |c: usize| [r[0][c], r[1][c], r[2][c], r[3][c]];
        [column(0), column(1), column(2), column(3)]
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    //! The same with AVX2 and carry-less multiplication, on one pair of words at a time or on two.

    use core::arch::x86_64::{
        __m256i, _mm_clmulepi64_si128, _mm_cvtsi64_si128, _mm_cvtsi128_si64, _mm_unpackhi_epi64, _mm256_castsi256_si128,
        _mm256_clmulepi64_epi128, _mm256_extracti128_si256, _mm256_loadu_si256, _mm256_permute2x128_si256, _mm256_set_epi64x,
        _mm256_set_m128i, _mm256_set1_epi64x, _mm256_shuffle_epi8, _mm256_storeu_si256, _mm256_unpackhi_epi64,
        _mm256_unpacklo_epi64, _mm256_xor_si256,
    };

    use super::{Field, Kernel, REDUCED};

    /// Proof of AVX2 and PCLMULQDQ, and of VPCLMULQDQ if `VECTOR`; made here only.
    #[derive(Debug, Clone, Copy)]
    pub(super) struct X86<const VECTOR: bool>(());

    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt,pclmulqdq,vpclmulqdq")]
    #[inline]
    pub(super) fn vector<K: Kernel>(kernel: K) -> K::Output {
        kernel.run(X86::<true>(()))
    }

    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt,pclmulqdq")]
    #[inline]
    pub(super) fn single<K: Kernel>(kernel: K) -> K::Output {
        kernel.run(X86::<false>(()))
    }

    impl<const VECTOR: bool> X86<VECTOR> {
        /// In each half of 128 bits: the product of the words that bits 0 and 4 of `WORDS` name.
        #[inline(always)]
        #[allow(clippy::incompatible_msrv, reason = "stable since 1.89, as are the AVX-512 paths of this crate")]
        fn clmul<const WORDS: i32>(self, a: __m256i, b: __m256i) -> __m256i {
            // SAFETY: a value of this type is made only where the features are.
            unsafe {
                if VECTOR {
                    return _mm256_clmulepi64_epi128::<WORDS>(a, b);
                }
                let low = _mm_clmulepi64_si128::<WORDS>(_mm256_castsi256_si128(a), _mm256_castsi256_si128(b));
                let high = _mm_clmulepi64_si128::<WORDS>(_mm256_extracti128_si256::<1>(a), _mm256_extracti128_si256::<1>(b));
                _mm256_set_m128i(high, low)
            }
        }
    }

    impl<const VECTOR: bool> Field for X86<VECTOR> {
        type Four = __m256i;

        #[inline(always)]
        fn product(self, a: u64, b: u64) -> [u64; 2] {
            // SAFETY: a value of this type is made only where the features are.
            unsafe {
                let p = _mm_clmulepi64_si128::<0>(_mm_cvtsi64_si128(a as i64), _mm_cvtsi64_si128(b as i64));
                [_mm_cvtsi128_si64(p) as u64, _mm_cvtsi128_si64(_mm_unpackhi_epi64(p, p)) as u64]
            }
        }
        #[inline(always)]
        fn load(self, from: &[u64; 4]) -> __m256i {
            // SAFETY: 32 bytes may be read; the features are there.
            unsafe { _mm256_loadu_si256(from.as_ptr().cast()) }
        }
        #[inline(always)]
        fn store(self, v: __m256i, to: &mut [u64; 4]) {
            // SAFETY: 32 bytes may be written; the features are there.
            unsafe { _mm256_storeu_si256(to.as_mut_ptr().cast(), v) }
        }
        #[inline(always)]
        fn splat(self, x: u64) -> __m256i {
            // SAFETY: the features are there.
            unsafe { _mm256_set1_epi64x(x as i64) }
        }
        #[inline(always)]
        fn add(self, a: __m256i, b: __m256i) -> __m256i {
            // SAFETY: the features are there.
            unsafe { _mm256_xor_si256(a, b) }
        }
        /// Words 0 and 2, then 1 and 3, as 128-bit products; t^64 folded in twice, the second time, four bits, by a table.
        #[inline(always)]
        fn times(self, a: __m256i, b: __m256i) -> __m256i {
            // SAFETY: the features are there.
            unsafe {
                let fold = _mm256_set1_epi64x(REDUCED as i64);
                // Byte h of a half is h times `REDUCED`, for h below 16.
                let (low, high) = (0x415A_776C_2D36_1B00, 0x9982_AFB4_F5EE_C3D8_u64 as i64);
                let table = _mm256_set_epi64x(high, low, high, low);
                let (even, odd) = (self.clmul::<0x00>(a, b), self.clmul::<0x11>(a, b));
                let (even_high, odd_high) = (self.clmul::<0x01>(even, fold), self.clmul::<0x01>(odd, fold));
                let low = _mm256_unpacklo_epi64(_mm256_xor_si256(even, even_high), _mm256_xor_si256(odd, odd_high));
                let over = _mm256_unpackhi_epi64(even_high, odd_high);
                _mm256_xor_si256(low, _mm256_shuffle_epi8(table, over))
            }
        }
        #[inline(always)]
        fn transposed(self, [a, b, c, d]: [__m256i; 4]) -> [__m256i; 4] {
            // SAFETY: the features are there.
            unsafe {
                let (ab0, ab1) = (_mm256_unpacklo_epi64(a, b), _mm256_unpackhi_epi64(a, b));
                let (cd0, cd1) = (_mm256_unpacklo_epi64(c, d), _mm256_unpackhi_epi64(c, d));
                [
                    _mm256_permute2x128_si256::<0x20>(ab0, cd0),
                    _mm256_permute2x128_si256::<0x20>(ab1, cd1),
                    _mm256_permute2x128_si256::<0x31>(ab0, cd0),
                    _mm256_permute2x128_si256::<0x31>(ab1, cd1),
                ]
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    struct All<'a>(&'a [u64; 4], &'a [u64; 4]);

    impl Kernel for All<'_> {
        type Output = ([u64; 2], [u64; 4], [[u64; 4]; 4]);
        fn run<F: Field>(self, field: F) -> Self::Output {
            let (a, b) = (field.load(self.0), field.load(self.1));
            let mut times = [0; 4];
            field.store(field.times(a, b), &mut times);
            let mut turned = [[0; 4]; 4];
            for (row, v) in turned.iter_mut().zip(field.transposed([a, b, field.add(a, b), field.splat(self.0[0])])) {
                field.store(v, row);
            }
            (field.product(self.0[0], self.1[0]), times, turned)
        }
    }

    /// Shift and add, with no table and no trick.
    fn schoolbook(a: u64, b: u64) -> u128 {
        (0..64).filter(|k| b >> k & 1 == 1).fold(0, |sum, k| sum ^ (u128::from(a) << k))
    }

    fn modulo(mut x: u128) -> u64 {
        for k in (64..128).rev() {
            if x >> k & 1 == 1 {
                x ^= (1 << 64 | u128::from(REDUCED)) << (k - 64);
            }
        }
        x as u64
    }

    proptest! {
        #[test]
        fn every_way_gives_the_schoolbook_bits(a in any::<[u64; 4]>(), b in any::<[u64; 4]>()) {
            for way in Instructions::ALL {
                let (product, times, turned) = run(way, All(&a, &b));
                let wanted = schoolbook(a[0], b[0]);
                prop_assert_eq!(product, [wanted as u64, (wanted >> 64) as u64]);
                for k in 0..4 {
                    prop_assert_eq!(times[k], modulo(schoolbook(a[k], b[k])));
                    prop_assert_eq!(turned[k], [a[k], b[k], a[k] ^ b[k], a[0]]);
                }
            }
        }
    }

    #[test]
    fn full_words_do_not_overflow_the_holes() {
        for way in Instructions::ALL {
            let ones = [u64::MAX; 4];
            let (product, times, _) = run(way, All(&ones, &ones));
            let wanted = schoolbook(u64::MAX, u64::MAX);
            assert_eq!(product, [wanted as u64, (wanted >> 64) as u64]);
            assert_eq!(times, [modulo(wanted); 4]);
        }
    }
}
