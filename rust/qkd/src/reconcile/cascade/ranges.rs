//! Parities of ranges of packed bits.

use ebit_bits::vectorize;

use super::channel::Range;

/// The blocks of `size` cells of `cells`, the last one perhaps shorter.
pub(super) fn blocks(cells: usize, size: usize) -> impl Iterator<Item = Range> {
    (0..cells).step_by(size).map(move |start| (start as u32, (start + size).min(cells) as u32))
}

/// The parity of the bits `start .. end`, which is not empty.
#[inline(always)]
pub(super) fn parity(words: &[u64], start: usize, end: usize) -> u8 {
    let (first, last) = (start / 64, (end - 1) / 64);
    let (from, to) = (u64::MAX << (start % 64), u64::MAX >> (end.wrapping_neg() % 64));
    let sum = if first == last {
        words[first] & from & to
    } else {
        words[first + 1..last].iter().fold((words[first] & from) ^ (words[last] & to), |sum, word| sum ^ word)
    };
    (sum.count_ones() & 1) as u8
}

/// Appends the parities of all ranges.
pub(super) fn parities(words: &[u64], ranges: &[Range], out: &mut Vec<u8>) {
    vectorize(
        #[inline(always)]
        || out.extend(ranges.iter().map(|(start, end)| parity(words, *start as usize, *end as usize))),
    );
}

/// The last bit at or before `place` that is set; bit 0 is.
#[inline]
pub(super) fn last_set(words: &[u64], place: usize) -> usize {
    let mut k = place / 64;
    let mut word = words[k] & (u64::MAX >> (63 - place % 64));
    while word == 0 && k > 0 {
        k -= 1;
        word = words[k];
    }
    64 * k + 63 - (word | 1).leading_zeros() as usize
}

/// The first bit after `place` that is set, or `end`.
#[inline]
pub(super) fn next_set(words: &[u64], place: usize, end: usize) -> usize {
    let after = place + 1;
    if after >= end {
        return end;
    }
    let mut k = after / 64;
    let mut word = words[k] & (u64::MAX << (after % 64));
    while word == 0 && k + 1 < words.len() {
        k += 1;
        word = words[k];
    }
    if word == 0 { end } else { end.min(64 * k + word.trailing_zeros() as usize) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn bits_are_counted_and_found(words in proptest::collection::vec(prop_oneof![any::<u64>(), Just(0)], 1..6), a in 0usize..384, b in 0usize..384) {
            let bits = 64 * words.len();
            let bit = |k: usize| words[k / 64] >> (k % 64) & 1 == 1;
            let (a, b) = (a % bits, b % bits);
            let (start, end) = (a.min(b), a.max(b) + 1);
            prop_assert_eq!(parity(&words, start, end), ((start..end).filter(|k| bit(*k)).count() % 2) as u8);
            let after = (start + 1..end).find(|k| bit(*k)).unwrap_or(end);
            prop_assert_eq!(next_set(&words, start, end), after);
            let before = (0..=start).rev().find(|k| bit(*k)).unwrap_or(0);
            prop_assert_eq!(last_set(&words, start), before);
        }
    }

    #[test]
    fn the_last_block_may_be_short() {
        assert_eq!(blocks(10, 4).collect::<Vec<_>>(), [(0, 4), (4, 8), (8, 10)]);
    }
}
