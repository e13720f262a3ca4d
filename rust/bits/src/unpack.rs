//! Bits as bytes of 0 and 1: what NumPy calls bool.

use crate::cpu::{Path, path};

/// Writes bit k of each word as byte k of a row: the first `columns` bits (at most 64) of `words[r]` from `out[r * stride]` on.
///
/// # Panics
/// If a row does not fit into `out`, or `columns` into `stride`.
pub fn unpack_rows(words: &[u64], out: &mut [u8], stride: usize, columns: usize) {
    #[cfg(target_arch = "x86_64")]
    if path() >= Path::Avx2 {
        // SAFETY: `path` is Avx2 or above only if the machine has AVX2.
        return unsafe { with_avx2(words, out, stride, columns) };
    }
    rows(words, out, stride, columns, portable);
}

#[inline(always)]
fn rows(words: &[u64], out: &mut [u8], stride: usize, columns: usize, unpack: impl Fn(u64, &mut [u8; 64])) {
    for (word, row) in words.iter().zip(out.chunks_mut(stride)) {
        match row[..columns].first_chunk_mut::<64>() {
            Some(row) => unpack(*word, row),
            None => {
                let mut bytes = [0; 64];
                unpack(*word, &mut bytes);
                row[..columns].copy_from_slice(&bytes[..columns]);
            }
        }
    }
}

/// Eight bits at a time: spread, then every byte that is not 0 becomes 1.
#[inline(always)]
fn portable(word: u64, out: &mut [u8; 64]) {
    for (byte, eight) in word.to_le_bytes().into_iter().zip(out.chunks_exact_mut(8)) {
        let spread = u64::from(byte).wrapping_mul(0x0101_0101_0101_0101) & 0x8040_2010_0804_0201;
        // No byte carries: the largest is 0x80 + 0x7F.
        let ones = ((spread + 0x7F7F_7F7F_7F7F_7F7F) >> 7) & 0x0101_0101_0101_0101;
        eight.copy_from_slice(&ones.to_le_bytes());
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn with_avx2(words: &[u64], out: &mut [u8], stride: usize, columns: usize) {
    use core::arch::x86_64::{
        __m256i, _mm256_and_si256, _mm256_cmpeq_epi8, _mm256_set_epi64x, _mm256_set1_epi8, _mm256_set1_epi32, _mm256_set1_epi64x,
        _mm256_shuffle_epi8, _mm256_storeu_si256,
    };
    // Byte k of the shuffled vector is byte k / 8 of the half word; bit k % 8 of it is looked at.
    let bytes = _mm256_set_epi64x(0x0303_0303_0303_0303, 0x0202_0202_0202_0202, 0x0101_0101_0101_0101, 0);
    let bit = _mm256_set1_epi64x(0x8040_2010_0804_0201_u64 as i64);
    let one = _mm256_set1_epi8(1);
    rows(words, out, stride, columns, |word, row| {
        for (half, row) in [word as i32, (word >> 32) as i32].into_iter().zip(row.chunks_exact_mut(32)) {
            let spread = _mm256_and_si256(_mm256_shuffle_epi8(_mm256_set1_epi32(half), bytes), bit);
            let ones = _mm256_and_si256(_mm256_cmpeq_epi8(spread, bit), one);
            // SAFETY: `row` has 32 bytes.
            unsafe { _mm256_storeu_si256(row.as_mut_ptr().cast::<__m256i>(), ones) };
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_bit_becomes_its_byte(words in proptest::collection::vec(any::<u64>(), 0..9), columns in 1usize..=64, gap in 0usize..9) {
            let stride = columns + gap;
            let len = (words.len() * stride).saturating_sub(gap);
            let (mut ours, mut plain) = (vec![7u8; len], vec![7u8; len]);
            unpack_rows(&words, &mut ours, stride, columns);
            rows(&words, &mut plain, stride, columns, portable);
            prop_assert_eq!(&ours, &plain);
            for (k, byte) in ours.iter().enumerate() {
                let (row, column) = (k / stride, k % stride);
                let wanted = if column < columns { (words[row] >> column & 1) as u8 } else { 7 };
                prop_assert_eq!(*byte, wanted);
            }
        }
    }
}
