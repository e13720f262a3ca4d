//! Raman noise: photons that classical light in the same fibre scatters into the quantum channel.
//!
//! A slice dz of fibre scatters the share rho Delta dz of the classical power into a filter of width Delta, forwards and
//! backwards alike. With a for the loss of the classical light and q for that at the quantum wavelength, per km,
//!
//! ```text
//!     co:      P = P0 rho Delta int_0^L e^(-a z) e^(-q (L - z)) dz = P0 rho Delta (e^(-a L) - e^(-q L)) / (q - a)
//!     counter: P = P0 rho Delta int_0^L e^(-(a + q) z) dz          = P0 rho Delta (1 - e^(-(a + q) L)) / (a + q)
//! ```
//!
//! leave the fibre at the receiver's end; for a = q the first is P0 rho Delta L e^(-a L), greatest at L = 1/a. Divided by
//! the energy h c / lambda of a photon this is a rate.
//!
//! Source: P. Eraerds et al. 2010, doi:10.1088/1367-2630/12/6/063027. Limits: no depletion of the classical light (rho
//! Delta L << 1), all scattered light unpolarised and within the filter's flat top, lumped losses (connectors, insertion)
//! not applied: they can only reduce it. rho depends on both wavelengths and on the fibre and is a parameter here;
//! `raman_spectrum` has it for standard fibre.

use ebit_random::math;
use ebit_spec::device::C_M_PER_S;
use ebit_spec::light::{ClassicalLight, Direction};

/// Planck's constant, J s (exact by definition of the kilogram).
pub const PLANCK_J_S: f64 = 6.626_070_15e-34;

/// Noise photons per second that leave the receiver's end of `length_km` of fibre within `filter_nm` around
/// `wavelength_nm`; `loss_db_per_km` is the fibre's there.
pub fn photon_rate_hz(light: &ClassicalLight, length_km: f64, loss_db_per_km: f64, wavelength_nm: f64, filter_nm: f64) -> f64 {
    let launched_w = 1e-3 * math::pow(10.0, 0.1 * light.power_dbm.0);
    let km = match light.direction {
        Direction::Co => co_km(per_km(light.loss_db_per_km.0), per_km(loss_db_per_km), length_km),
        Direction::Counter => counter_km(per_km(light.loss_db_per_km.0) + per_km(loss_db_per_km), length_km),
    };
    let photon_j = PLANCK_J_S * C_M_PER_S / (wavelength_nm * 1e-9);
    launched_w * light.raman_per_km_nm.0 * filter_nm * km / photon_j
}

/// Attenuation in dB/km as e^(-a L) has it.
fn per_km(db_per_km: f64) -> f64 {
    db_per_km * std::f64::consts::LN_10 / 10.0
}

/// Effective length of co-propagation in km: (e^(-a L) - e^(-q L))/(q - a), without the difference.
fn co_km(a: f64, q: f64, length_km: f64) -> f64 {
    let (low, high) = if a < q { (a, q) } else { (q, a) };
    length_km * math::exp(-low * length_km) * falloff((high - low) * length_km)
}

/// Effective length of counter-propagation in km: (1 - e^(-s L))/s.
fn counter_km(sum: f64, length_km: f64) -> f64 {
    length_km * falloff(sum * length_km)
}

/// (1 - e^(-x))/x for x >= 0; 1 at 0.
fn falloff(x: f64) -> f64 {
    if x == 0.0 { 1.0 } else { -math::exp_m1(-x) / x }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ebit_spec::Real;

    fn light(direction: Direction, loss: f64) -> ClassicalLight {
        ClassicalLight { power_dbm: Real(0.0), raman_per_km_nm: Real(3e-9), loss_db_per_km: Real(loss), direction }
    }

    fn close(value: f64, expected: f64, relative: f64) {
        assert!((value / expected - 1.0).abs() < relative, "{value} against {expected}");
    }

    /// The integral along the fibre, by Simpson's rule.
    fn along(length: f64, slice: impl Fn(f64) -> f64) -> f64 {
        let n = 2000;
        let h = length / f64::from(n);
        (0..=n)
            .map(|k| {
                let weight = if k == 0 || k == n { 1.0 } else { f64::from(2 + 2 * (k % 2)) };
                weight * slice(h * f64::from(k)) * h / 3.0
            })
            .sum()
    }

    #[test]
    fn values_of_the_reference() {
        let peak = 1.0 / per_km(0.2);
        close(photon_rate_hz(&light(Direction::Co, 0.2), peak, 0.2, 1550.0, 0.16), 2.99e7, 5e-3);
        close(photon_rate_hz(&light(Direction::Counter, 0.2), 1e3, 0.2, 1550.0, 0.16), 4.07e7, 5e-3);
        for shift in [0.9, 1.1] {
            assert!(co_km(per_km(0.2), per_km(0.2), peak * shift) < co_km(per_km(0.2), per_km(0.2), peak));
        }
    }

    #[test]
    fn closed_forms_are_the_integrals_along_the_fibre() {
        for (a, q, l) in [(0.2, 0.2, 50.0), (0.35, 0.2, 80.0), (0.2, 0.35, 80.0), (0.2, 0.2 + 1e-9, 30.0), (0.0, 0.2, 10.0)] {
            let (a, q) = (per_km(a), per_km(q));
            close(co_km(a, q, l), along(l, |z| math::exp(-a * z - q * (l - z))), 1e-9);
            close(counter_km(a + q, l), along(l, |z| math::exp(-(a + q) * z)), 1e-9);
        }
    }

    #[test]
    fn short_fibres_scatter_alike_both_ways() {
        let [co, counter] =
            [Direction::Co, Direction::Counter].map(|direction| photon_rate_hz(&light(direction, 0.25), 1e-6, 0.2, 1550.0, 1.0));
        close(co, counter, 1e-6);
        assert_eq!(photon_rate_hz(&light(Direction::Co, 0.2), 0.0, 0.2, 1550.0, 1.0), 0.0);
        // Without any loss the noise grows with the length.
        close(photon_rate_hz(&light(Direction::Counter, 0.0), 2.0, 0.0, 1550.0, 1.0), 2.0 * 1e-3 * 3e-9 / 1.281_580e-19, 1e-5);
    }
}
