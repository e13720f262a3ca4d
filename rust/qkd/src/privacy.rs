//! Privacy amplification: a short key of which nobody else knows anything, out of a long one of which somebody may know much.
//!
//! A Toeplitz matrix drawn at random is a universal hash (Krawczyk, doi:10.1007/3-540-48658-5_15), exact here at any length.

use ebit_bits::middle_product;
use ebit_random::math;

/// Random bits that choose a Toeplitz matrix: one for each of its diagonals.
pub fn seed_bits(bits: usize, length: usize) -> usize {
    (bits + length).saturating_sub(1)
}

/// out_i = sum over j of seed_(i - j + n - 1) bits_j over GF(2), for 0 <= i < `length`, of the first `n` packed bits.
pub fn toeplitz(bits: &[u64], n: usize, seed: &[u64], length: usize) -> Vec<u64> {
    middle_product(bits, n, seed, length)
}

/// Bits that may be taken from a key of so much min-entropy, after `disclosed_bits` of it became public, so that they are
/// `epsilon` from uniform: l = H_min - leak - 2 log2(1 / (2 epsilon)), rounded down, at least 0.
///
/// The leftover hash lemma (Renner, arXiv:quant-ph/0512258, corollary 5.6.1), as in Tomamichel et al. 2012.
pub fn secret_length(min_entropy_bits: f64, disclosed_bits: u64, epsilon: f64) -> u64 {
    let cost = 2.0 * math::log2(1.0 / (2.0 * epsilon));
    (min_entropy_bits - disclosed_bits as f64 - cost).floor().max(0.0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_convention_is_the_documented_one() {
        // Rows of the matrix for n = 3, length 2: seed 2 1 0 and 3 2 1.
        for seed in [1u64, 2, 4, 8] {
            // bits = (1, 0, 0): out_i = seed_(i + 2).
            assert_eq!(toeplitz(&[1], 3, &[seed], 2), [seed >> 2 & 3]);
            // bits = (0, 1, 0): out_i = seed_(i + 1).
            assert_eq!(toeplitz(&[2], 3, &[seed], 2), [seed >> 1 & 3]);
        }
        assert_eq!(seed_bits(3, 2), 4);
        assert_eq!(seed_bits(0, 0), 0);
    }

    #[test]
    fn what_is_left_is_never_less_than_nothing() {
        assert_eq!(secret_length(1000.0, 300, 0.5), 700);
        assert_eq!(secret_length(1000.0, 300, 2f64.recip() / 1024.0), 680);
        assert_eq!(secret_length(100.0, 300, 1e-10), 0);
    }
}
