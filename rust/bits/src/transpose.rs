//! The transpose of a block of 64 by 64 bits.
//!
//! Six rounds swap ever smaller off-diagonal squares (Warren, "Hacker's Delight", 2nd ed., section 7-3).

/// Bit `c` of word `r` becomes bit `r` of word `c`.
#[inline(always)]
pub fn transpose64(block: &mut [u64; 64]) {
    round::<32>(block, 0x0000_0000_FFFF_FFFF);
    round::<16>(block, 0x0000_FFFF_0000_FFFF);
    round::<8>(block, 0x00FF_00FF_00FF_00FF);
    round::<4>(block, 0x0F0F_0F0F_0F0F_0F0F);
    round::<2>(block, 0x3333_3333_3333_3333);
    round::<1>(block, 0x5555_5555_5555_5555);
}

#[inline(always)]
fn round<const S: usize>(block: &mut [u64; 64], low: u64) {
    for pair in block.chunks_exact_mut(2 * S) {
        let (top, bottom) = pair.split_at_mut(S);
        for (a, b) in top.iter_mut().zip(bottom) {
            let swapped = ((*a >> S) ^ *b) & low;
            *a ^= swapped << S;
            *b ^= swapped;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn rows_become_columns(words in proptest::collection::vec(any::<u64>(), 64)) {
            let original: [u64; 64] = words.try_into().unwrap();
            let mut block = original;
            transpose64(&mut block);
            for (r, row) in original.iter().enumerate() {
                for (c, column) in block.iter().enumerate() {
                    prop_assert_eq!(column >> r & 1, row >> c & 1);
                }
            }
        }
    }
}
