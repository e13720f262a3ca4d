//! What no repeaterless link can beat, and what a pair is worth in secret bits. All in bits.

use std::f64::consts::LN_2;

use ebit_random::math;

/// The error rate (equal in X and Z) at which one-way BB84 yields nothing: h(Q) = 1/2.
pub const BB84_THRESHOLD: f64 = 0.110_027_864_438_359_55;

/// Pirandola et al. 2017, doi:10.1038/ncomms15043: -log2(1-eta), secret bits per use of a channel of transmittance
/// `eta` in [0, 1], whatever the protocol. Infinite at 1.
pub fn plob(eta: f64) -> f64 {
    -math::ln_1p(-eta) / LN_2
}

/// Takeoka, Guha and Wilde 2014, doi:10.1038/ncomms6235: log2((1+eta)/(1-eta)), the older and weaker upper bound.
pub fn tgw(eta: f64) -> f64 {
    (math::ln_1p(eta) - math::ln_1p(-eta)) / LN_2
}

/// Transmittance of a loss in decibels.
pub fn transmittance(loss_db: f64) -> f64 {
    math::pow(10.0, -0.1 * loss_db)
}

/// h(x) = -x log2 x - (1-x) log2(1-x) for x in [0, 1].
pub fn binary_entropy(x: f64) -> f64 {
    let term = |x: f64, log: f64| if x > 0.0 { -x * log } else { 0.0 };
    term(x, math::ln(x) / LN_2) + term(1.0 - x, math::ln_1p(-x) / LN_2)
}

/// max(0, 1 - h(qber_x) - h(qber_z)): secret bits per pair, one-way, no sifting factor
/// (Shor and Preskill 2000, doi:10.1103/PhysRevLett.85.441).
pub fn secret_fraction(qber_x: f64, qber_z: f64) -> f64 {
    (1.0 - binary_entropy(qber_x) - binary_entropy(qber_z)).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(value: f64, expected: f64) {
        assert!((value / expected - 1.0).abs() < 1e-9, "{value} against {expected}");
    }

    #[test]
    fn plob_of_fibres() {
        close(plob(transmittance(0.2 * 50.0)), 0.1520030934);
        close(plob(transmittance(0.2 * 100.0)), 0.01449956970);
        close(plob(transmittance(0.2 * 400.0)), 1.442695048102e-8); // cancellation in 1 - eta would give ...055
        assert!(plob(1e-30) > 0.0);
        assert_eq!(plob(1.0), f64::INFINITY);
    }

    #[test]
    fn tgw_is_above_plob() {
        close(tgw(transmittance(20.0)), 0.02885486267);
        assert!(tgw(0.3) > plob(0.3));
    }

    #[test]
    fn entropy_is_in_bits() {
        assert_eq!(binary_entropy(0.5), 1.0);
        assert_eq!(binary_entropy(0.0), 0.0);
        assert_eq!(binary_entropy(1.0), 0.0);
        close(binary_entropy(1e-12), 1e-12 * (12.0 * math::log2(10.0) + 1.0 / LN_2));
    }

    #[test]
    fn the_threshold_is_where_the_key_ends() {
        close(BB84_THRESHOLD, 0.1100278644);
        assert!((1.0 - 2.0 * binary_entropy(BB84_THRESHOLD)).abs() < 1e-14);
        assert!(secret_fraction(BB84_THRESHOLD - 1e-9, BB84_THRESHOLD - 1e-9) > 0.0);
        assert_eq!(secret_fraction(BB84_THRESHOLD + 1e-9, BB84_THRESHOLD + 1e-9), 0.0);
        assert_eq!(secret_fraction(0.0, 0.0), 1.0);
    }
}
