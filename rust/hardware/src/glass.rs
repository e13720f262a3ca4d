//! Standard single-mode fibre by wavelength: attenuation, dispersion, and what dispersion does to interference.
//!
//! **Attenuation** of low-water-peak fibre (ITU-T G.652.D) from 1260 to 1675 nm, lambda in micrometres, in dB/km:
//!
//! ```text
//!     alpha = A / lambda^4 + 7.81e11 exp(-48.48 / lambda) + B
//! ```
//!
//! A = 0.9 dB/km um^4, Rayleigh scattering (G. P. Agrawal, Fiber-Optic Communication Systems, section 2.5: 0.7 to 0.9), then the
//! infrared edge of silica (G. Keiser, Optical Fiber Communications, section 3.1), and B = 0.0237, imperfections, such that
//! 1550 nm has the 0.2 dB/km that a `Fiber` has by default. Data sheets of good fibre are within 15 % of it at 1310, 1490,
//! 1550 and 1625 nm. The OH peak at 1383 nm is taken as removed.
//!
//! **Dispersion** (ITU-T G.652, 5.10): D = S0 lambda (1 - (lambda0/lambda)^4) / 4 with lambda0 = 1310 nm, S0 = 0.092 ps/(nm^2 km).
//!
//! **Interference.** Two pure, equal Gaussian photons of angular-frequency variance s^2 (intensity spectrum) that crossed
//! lengths L_A and L_B of the same fibre and arrive together overlap as |int |phi|^2 exp(i g w^2 / (2 s^2)) dw|^2, so
//!
//! ```text
//!     V = 1 / sqrt(1 + g^2),   g = beta2 (L_A - L_B) s^2,   beta2 = -D lambda^2 / (2 pi c)
//! ```
//!
//! Equal arms cancel (Y.-R. Fan et al. 2021, doi:10.1364/PRJ.421180). Limits: Gaussian spectra; the difference of the mean
//! arrival times is compensated; third-order dispersion and polarisation mode dispersion are neglected.

use std::f64::consts::{LN_2, PI};

use ebit_random::math;
use ebit_spec::device::{C_M_PER_S, STANDARD_LOSS_DB_PER_KM};

/// Where the attenuation formula holds, nm: the O to U bands.
pub const BANDS_NM: (f64, f64) = (1260.0, 1675.0);

const RAYLEIGH_DB_UM4_PER_KM: f64 = 0.9;
const INFRARED_DB_PER_KM: f64 = 7.81e11;
const INFRARED_UM: f64 = 48.48;
const REFERENCE_UM: f64 = 1.55;

/// Attenuation in dB/km at `wavelength_nm` within [`BANDS_NM`].
pub fn attenuation_db_per_km(wavelength_nm: f64) -> f64 {
    let rest = STANDARD_LOSS_DB_PER_KM - intrinsic_db_per_km(REFERENCE_UM);
    intrinsic_db_per_km(wavelength_nm * 1e-3) + rest
}

fn intrinsic_db_per_km(um: f64) -> f64 {
    let square = um * um;
    RAYLEIGH_DB_UM4_PER_KM / (square * square) + INFRARED_DB_PER_KM * math::exp(-INFRARED_UM / um)
}

/// Chromatic dispersion in ps/(nm km).
pub fn dispersion_ps_per_nm_km(wavelength_nm: f64) -> f64 {
    const ZERO_NM: f64 = 1310.0;
    const SLOPE: f64 = 0.092;
    let ratio = ZERO_NM / wavelength_nm;
    0.25 * SLOPE * wavelength_nm * (1.0 - ratio * ratio * ratio * ratio)
}

/// Hong-Ou-Mandel visibility of two Gaussian photons of spectral width `linewidth_hz` (FWHM of intensity) whose fibres
/// differ by `difference_km`.
pub fn dispersion_visibility(linewidth_hz: f64, difference_km: f64, wavelength_nm: f64, dispersion_ps_per_nm_km: f64) -> f64 {
    let wavelength_m = wavelength_nm * 1e-9;
    // 1 ps/(nm km) is 1e-6 s/m^2.
    let beta2 = -dispersion_ps_per_nm_km * 1e-6 * wavelength_m * wavelength_m / (2.0 * PI * C_M_PER_S);
    // FWHM = 2 sqrt(2 ln 2) standard deviations.
    let variance = 4.0 * PI * PI * linewidth_hz * linewidth_hz / (8.0 * LN_2);
    let g = beta2 * difference_km * 1e3 * variance;
    1.0 / math::sqrt(1.0 + g * g)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attenuation_is_that_of_data_sheets() {
        assert_eq!(attenuation_db_per_km(1550.0), 0.2);
        // Corning SMF-28e+ (product information PI1463), the highest of its range each: 1310, 1490, 1550, 1625 nm.
        for (nm, sheet) in [(1310.0, 0.35), (1490.0, 0.24), (1550.0, 0.20), (1625.0, 0.23)] {
            assert!((attenuation_db_per_km(nm) / sheet - 1.0).abs() < 0.15, "{nm}: {}", attenuation_db_per_km(nm));
        }
        let least = (BANDS_NM.0 as i32..=BANDS_NM.1 as i32)
            .min_by(|a, b| attenuation_db_per_km(f64::from(*a)).total_cmp(&attenuation_db_per_km(f64::from(*b))));
        assert!((1540..1600).contains(&least.unwrap_or(0)), "{least:?}");
    }

    #[test]
    fn dispersion_is_zero_where_g652_says_and_17_at_1550() {
        assert_eq!(dispersion_ps_per_nm_km(1310.0), 0.0);
        assert!((dispersion_ps_per_nm_km(1550.0) - 17.5).abs() < 0.1);
        assert!(dispersion_ps_per_nm_km(1260.0) < 0.0);
    }

    /// The overlap of the two spectra, summed, is the closed form.
    #[test]
    fn visibility_is_the_overlap_of_the_wave_packets() {
        let (linewidth, difference, nm, d) = (50e9, 10.0, 1550.0, 17.0);
        let sigma = 2.0 * PI * linewidth / math::sqrt(8.0 * LN_2);
        let beta2 = -d * 1e-6 * (nm * 1e-9) * (nm * 1e-9) / (2.0 * PI * C_M_PER_S);
        let (mut re, mut im, mut norm) = (0.0, 0.0, 0.0);
        for k in -4000..=4000 {
            let w = f64::from(k) * sigma * 2e-3;
            let weight = math::exp(-w * w / (2.0 * sigma * sigma));
            let phase = 0.5 * beta2 * difference * 1e3 * w * w;
            (re, im, norm) = (re + weight * math::cos(phase), im + weight * math::sin(phase), norm + weight);
        }
        let overlap = (re * re + im * im) / (norm * norm);
        let closed = dispersion_visibility(linewidth, difference, nm, d);
        assert!((overlap / closed - 1.0).abs() < 1e-9, "{overlap} {closed}");
        assert!(closed < 0.9, "the case shows something: {closed}");
        assert_eq!(dispersion_visibility(linewidth, 0.0, nm, d), 1.0);
        assert_eq!(dispersion_visibility(0.0, 1e4, nm, d), 1.0);
        assert_eq!(dispersion_visibility(linewidth, -difference, nm, d), closed);
    }
}
