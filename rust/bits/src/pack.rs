//! Bytes as bits, 64 a word: the other way from [`crate::unpack_rows`].

use crate::cpu::{Path, path};

/// Bit k of the words is whether byte k is not 0; returns all bytes or-ed, which is at most 1 where each was 0 or 1.
///
/// # Panics
/// If there are fewer words than the bytes need.
pub fn pack_bytes(bytes: &[u8], words: &mut [u64]) -> u8 {
    let (whole, rest) = bytes.as_chunks::<64>();
    let (full, last) = words[..bytes.len().div_ceil(64)].split_at_mut(whole.len());
    let mut seen = with_path(whole, full);
    if let Some(last) = last.first_mut() {
        let mut padded = [0; 64];
        padded[..rest.len()].copy_from_slice(rest);
        seen |= portable(&[padded], core::slice::from_mut(last));
    }
    seen
}

fn with_path(bytes: &[[u8; 64]], words: &mut [u64]) -> u8 {
    #[cfg(target_arch = "x86_64")]
    if path() >= Path::Avx2 {
        // SAFETY: `path` is Avx2 or above only if the machine has AVX2.
        return unsafe { with_avx2(bytes, words) };
    }
    portable(bytes, words)
}

/// Eight bytes at a time: each becomes 0 or 1, then a product brings the eight bits side by side.
fn portable(bytes: &[[u8; 64]], words: &mut [u64]) -> u8 {
    let mut seen = 0;
    for (bytes, word) in bytes.iter().zip(words) {
        *word = 0;
        for (k, eight) in bytes.as_chunks::<8>().0.iter().enumerate() {
            let x = u64::from_le_bytes(*eight);
            seen |= x;
            let low = 0x7F7F_7F7F_7F7F_7F7F;
            let ones = ((((x & low) + low) | x) >> 7) & 0x0101_0101_0101_0101;
            *word |= (ones.wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * k);
        }
    }
    seen.to_le_bytes().into_iter().fold(0, |a, b| a | b)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn with_avx2(bytes: &[[u8; 64]], words: &mut [u64]) -> u8 {
    use core::arch::x86_64::{
        __m256i, _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_or_si256, _mm256_setzero_si256,
        _mm256_storeu_si256,
    };
    let zero = _mm256_setzero_si256();
    let mut seen = zero;
    for (bytes, word) in bytes.iter().zip(words) {
        // SAFETY: there are 64 bytes.
        let (low, high) = unsafe {
            (_mm256_loadu_si256(bytes.as_ptr().cast::<__m256i>()), _mm256_loadu_si256(bytes[32..].as_ptr().cast::<__m256i>()))
        };
        seen = _mm256_or_si256(seen, _mm256_or_si256(low, high));
        let mask = |half: __m256i| !(_mm256_movemask_epi8(_mm256_cmpeq_epi8(half, zero)) as u32);
        *word = u64::from(mask(high)) << 32 | u64::from(mask(low));
    }
    let mut out = [0u8; 32];
    // SAFETY: there are 32 bytes.
    unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast::<__m256i>(), seen) };
    out.into_iter().fold(0, |a, b| a | b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_byte_becomes_its_bit(bytes in proptest::collection::vec(prop_oneof![Just(0u8), Just(1), any::<u8>()], 0..300)) {
            let mut words = vec![7; bytes.len().div_ceil(64) + 1];
            let seen = pack_bytes(&bytes, &mut words);
            prop_assert_eq!(seen, bytes.iter().fold(0, |a, b| a | b));
            prop_assert_eq!(words.pop(), Some(7));
            for (k, byte) in bytes.iter().enumerate() {
                prop_assert_eq!(words[k / 64] >> (k % 64) & 1 == 1, *byte != 0);
            }
            let mut plain = vec![0; bytes.len() / 64];
            portable(bytes.as_chunks::<64>().0, &mut plain);
            prop_assert_eq!(&plain[..], &words[..plain.len()]);
            prop_assert!(bytes.len() % 64 == 0 || words[bytes.len() / 64] >> (bytes.len() % 64) == 0);
        }
    }
}
