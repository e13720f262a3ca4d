//! Shannon's entropy in bits: of a bit, and of any weights.

use ebit_random::math;

/// h(p) = -p log2 p - (1-p) log2(1-p), in bits; 0 at both ends.
#[must_use]
pub fn binary_entropy(p: f64) -> f64 {
    if p <= 0.0 || p >= 1.0 {
        return 0.0;
    }
    -(p * math::ln(p) + (1.0 - p) * math::ln_1p(-p)) / std::f64::consts::LN_2
}

/// -sum p log2 p in bits; weights of 0 add nothing.
#[must_use]
pub fn entropy(weights: &[f64]) -> f64 {
    weights.iter().filter(|p| **p > 0.0).map(|p| -p * math::log2(*p)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        assert_eq!(binary_entropy(0.0), 0.0);
        assert_eq!(binary_entropy(1.0), 0.0);
        assert!((binary_entropy(0.5) - 1.0).abs() < 1e-15);
        // Shor and Preskill 2000: the error rate at which 1 - 2h is zero.
        assert!((1.0 - 2.0 * binary_entropy(0.1100278644)).abs() < 1e-9);
    }

    #[test]
    fn two_weights_are_a_bit() {
        assert!((entropy(&[0.3, 0.7]) - binary_entropy(0.3)).abs() < 1e-15);
        assert_eq!(entropy(&[0.25; 4]), 2.0);
        assert_eq!(entropy(&[1.0, 0.0]), 0.0);
    }
}
