//! Reconciliation: Bob's key becomes Alice's, at the price of what becomes public.
//!
//! - [`cascade`]: parities asked and answered in many rounds; the least disclosed;
//! - [`ldpc`]: one syndrome, decoded by Bob; the fewest rounds;
//! - [`winnow`]: parities and Hamming codes, for comparison;
//! - [`slices`]: continuous values, bit by bit of their labels;
//! - [`multidimensional`]: continuous values of which little is known, eight at a time;
//! - [`permutation`]: how the bits of a key are spread over the blocks of a pass.
//!
//! Each protocol has two parties that know their own key only, a public channel between them, and a [`crate::ledger`] that
//! is written before anything is sent. Refuses to know where keys come from and what is done with them.

/// Asked between the steps of a search whether to go on; what a search that was stopped gives back is not finished.
pub type GoOn<'a> = dyn FnMut() -> bool + 'a;

pub mod cascade;
pub mod ldpc;
pub mod multidimensional;
pub mod permutation;
pub mod slices;
pub mod winnow;

/// Bits of a packed key that has `n` of them, least significant first; places beyond `n` are zeros.
pub fn masked(words: &[u64], n: usize) -> Vec<u64> {
    let mut out: Vec<u64> = words.iter().copied().take(n.div_ceil(64)).collect();
    out.resize(n.div_ceil(64), 0);
    if !n.is_multiple_of(64)
        && let Some(last) = out.last_mut()
    {
        *last &= (1 << (n % 64)) - 1;
    }
    out
}

/// In how many places two packed keys differ.
pub fn differences(a: &[u64], b: &[u64]) -> u64 {
    a.iter().zip(b).map(|(a, b)| u64::from((a ^ b).count_ones())).sum()
}
