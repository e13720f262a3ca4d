//! The Raman cross section of standard single-mode fibre, as a function of both wavelengths.
//!
//! Spontaneous scattering is stimulated scattering by the vacuum, once in each of two polarisations. With g the Raman gain
//! coefficient between the two frequencies, averaged over polarisations, n = 1/(e^(h D/(k T)) - 1) the phonons at their
//! distance D, light of frequency c scatters into frequency q the share, per km of fibre and nm of filter,
//!
//! ```text
//!     rho = 2 h q (c0/lambda_q^2) g (n + 1)      q below c (Stokes)
//!     rho = 2 h q (c0/lambda_q^2) g n q/c        q above c (anti-Stokes); q/c by detailed balance with the line above
//! ```
//!
//! Both ways along the fibre alike. The gain is that of the table at its reference, 1454 nm, scaled as
//!
//! ```text
//!     g = gamma(D) (upper frequency)/(reference) / A,    1/A(f) = 1/83 um^2 + ln(f/f_1550)/(pi 4.2^2 um^2),   A the mean of both
//! ```
//!
//! Sources: table, scaling and the Stokes line from GNPy 2.x (Telecom Infra Project, gnpy/core/parameters.py, default Raman
//! coefficient of standard fibre, after A. D'Amico et al., J. Lightwave Technol. 40, 3499 (2022), section III.D;
//! gnpy/core/science_utils.py); both sides of the light from first principles: I. Mandelbaum and M. Bolshtyansky, IEEE Photon.
//! Technol. Lett. 15, 1704 (2003), and L. A. Zischler et al., arXiv:2602.18280.
//!
//! How good: gain spectra of fibres differ by some 20 %, and models of this kind are reported within 1 dB of measurements. A
//! table in public use, without a source (github.com/damianobacchin/ml-qkd, raman.py, light at 1550 nm), is lower by 1.4 to 2.4.
//!
//! Limits: O to U bands; frequencies 0.1 to 42 THz apart, where the table ends. Below 0.5 THz it is interpolated to zero, and
//! the laser's own skirt and Brillouin scattering, not in here, are as near. Polarisation scrambled along the fibre; germanium-doped
//! core; fibres with a smaller mode scatter more.

use ebit_random::math;
use ebit_spec::device::C_M_PER_S;

use crate::raman::PLANCK_J_S;

/// Boltzmann's constant, J/K (exact by definition of the kelvin).
const BOLTZMANN_J_PER_K: f64 = 1.380_649e-23;
/// Nearest and farthest distance of the two frequencies, THz.
pub const OFFSETS_THZ: (f64, f64) = (0.1, 42.0);

const REFERENCE_HZ: f64 = 206.184_634_112_792e12;
/// Effective area at 1550 nm, and pi times the squared core radius, m^2.
const AREA_M2: f64 = 83e-12;
const CORE_M2: f64 = std::f64::consts::PI * 4.2e-6 * 4.2e-6;
const AREA_NM: f64 = 1550.0;

/// (distance in THz, gain times effective area in 1e-15 m/W).
#[rustfmt::skip]
const GAIN: [(f64, f64); 90] = [
    (0.0, 0.0), (0.5, 0.85244), (1.0, 2.6436), (1.5, 4.4105), (2.0, 6.1534), (2.5, 7.4849), (3.0, 8.4521), (3.5, 9.1015),
    (4.0, 9.5784), (4.5, 10.009), (5.0, 10.866), (5.5, 11.301), (6.0, 12.143), (6.5, 13.231), (7.0, 14.625), (7.5, 16.013),
    (8.0, 17.458), (8.5, 19.32), (9.0, 21.72), (9.5, 24.137), (10.0, 26.282), (10.5, 28.041), (11.0, 29.723),
    (11.5, 31.294), (12.0, 32.518), (12.5, 33.199), (12.75, 33.295), (13.0, 33.132), (13.25, 32.89), (13.5, 32.459),
    (14.0, 30.607), (14.5, 32.66), (14.75, 29.574), (15.0, 25.189), (15.5, 17.346), (16.0, 9.9029), (16.5, 7.2192),
    (17.0, 6.0796), (17.5, 5.8284), (18.0, 7.2058), (18.25, 7.5619), (18.5, 7.6212), (18.75, 6.886), (19.0, 5.6292),
    (19.5, 3.6797), (20.0, 2.7556), (20.5, 2.481), (21.0, 2.216), (21.5, 2.1441), (22.0, 2.3387), (22.5, 2.5573),
    (23.0, 3.0398), (23.5, 4.8337), (24.0, 5.4647), (24.5, 5.2292), (25.0, 4.5108), (25.5, 3.3213), (26.0, 2.2603),
    (26.5, 1.9696), (27.0, 1.518), (27.5, 1.2954), (28.0, 1.1305), (28.5, 0.91), (29.0, 0.84329), (29.5, 0.78492),
    (30.0, 0.78276), (30.5, 0.90005), (31.0, 1.3026), (31.5, 1.5444), (32.0, 1.8796), (32.5, 1.7796), (33.0, 1.5938),
    (33.5, 1.1586), (34.0, 0.8507), (34.5, 0.76254), (35.0, 0.81451), (35.5, 0.90479), (36.0, 0.96364), (36.5, 0.92986),
    (37.0, 0.83497), (37.5, 0.74829), (38.0, 0.62408), (38.5, 0.50065), (39.0, 0.35534), (39.5, 0.20344), (40.0, 0.14268),
    (40.5, 0.0898), (41.0, 0.029829), (41.5, 0.014862), (42.0, 0.0074045),
];

/// Frequencies of the classical light and of the quantum channel, and their distance, Hz.
fn frequencies(classical_nm: f64, quantum_nm: f64) -> [f64; 3] {
    let [classical, quantum] = [classical_nm, quantum_nm].map(|nm| C_M_PER_S / (nm * 1e-9));
    [classical, quantum, (classical - quantum).abs()]
}

/// How far the two frequencies are apart, THz.
pub fn offset_thz(classical_nm: f64, quantum_nm: f64) -> f64 {
    frequencies(classical_nm, quantum_nm)[2] * 1e-12
}

/// rho per km and nm, for wavelengths within [`crate::glass::BANDS_NM`] and [`OFFSETS_THZ`] apart, in a fibre of this temperature.
pub fn raman_per_km_nm(classical_nm: f64, quantum_nm: f64, temperature_k: f64) -> f64 {
    let [classical, quantum, offset] = frequencies(classical_nm, quantum_nm);
    let phonons = 1.0 / math::exp_m1(PLANCK_J_S * offset / (BOLTZMANN_J_PER_K * temperature_k));
    let scattered = if quantum < classical { phonons + 1.0 } else { phonons * quantum / classical };
    let hz_per_nm = C_M_PER_S / (quantum_nm * quantum_nm) * 1e9;
    2.0 * PLANCK_J_S * quantum * hz_per_nm * gain_per_w_km(classical.max(quantum), classical.min(quantum)) * scattered
}

/// Raman gain of the lower frequency per watt of the upper one and km.
fn gain_per_w_km(upper_hz: f64, lower_hz: f64) -> f64 {
    let area = 0.5 * (effective_area_m2(upper_hz) + effective_area_m2(lower_hz));
    1e3 * gain_times_area((upper_hz - lower_hz) * 1e-12) * upper_hz / REFERENCE_HZ / area
}

fn effective_area_m2(hz: f64) -> f64 {
    1.0 / (1.0 / AREA_M2 + math::ln(hz * AREA_NM * 1e-9 / C_M_PER_S) / CORE_M2)
}

/// The table, linear in between, m/W.
fn gain_times_area(thz: f64) -> f64 {
    let above = GAIN.partition_point(|(at, _)| *at <= thz).clamp(1, GAIN.len() - 1);
    let ((x0, y0), (x1, y1)) = (GAIN[above - 1], GAIN[above]);
    1e-15 * (y0 + (y1 - y0) * (thz - x0) / (x1 - x0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(value: f64, expected: f64, relative: f64) {
        assert!((value / expected - 1.0).abs() < relative, "{value} against {expected}");
    }

    /// The gain coefficients that GNPy lists beside the products with the area, 1/(W m) at 1454 nm; the table has five digits.
    #[test]
    fn gain_at_the_reference_is_the_listed_one() {
        for (thz, listed) in [
            (1.0, 3.478_380_74e-5),
            (5.0, 1.410_012_73e-4),
            (13.25, 4.135_653_69e-4),
            (18.5, 9.370_582_68e-5),
            (40.0, 1.557_961_77e-6),
        ] {
            close(gain_per_w_km(REFERENCE_HZ, REFERENCE_HZ - thz * 1e12), 1e3 * listed, 1e-4);
        }
        close(effective_area_m2(REFERENCE_HZ), 75.746_594_435e-12, 1e-9);
    }

    /// Photons go down and up in the ratio e^(h D/(k T)), whatever the pair of wavelengths.
    #[test]
    fn scattering_up_and_down_is_in_balance() {
        for (a, b, kelvin) in [(1550.0, 1545.0, 295.0), (1310.0, 1550.0, 295.0), (1490.0, 1625.0, 250.0)] {
            // Photons scattered into 1 Hz for each photon sent: rho/(Hz per nm) x (sent photon's energy)/(scattered one's).
            let photons = |from: f64, to: f64| raman_per_km_nm(from, to, kelvin) * to * to * (to / from);
            let x = PLANCK_J_S * offset_thz(a, b) * 1e12 / (BOLTZMANN_J_PER_K * kelvin);
            let (long, short) = if a > b { (a, b) } else { (b, a) };
            close(photons(short, long) / photons(long, short), math::exp(x), 1e-12);
        }
    }

    /// Near the light both sides are alike and grow with the temperature; far above it there is no noise in the cold.
    #[test]
    fn limits() {
        close(raman_per_km_nm(1550.0, 1549.0, 295.0), raman_per_km_nm(1550.0, 1551.0, 295.0), 0.03);
        close(raman_per_km_nm(1550.0, 1549.0, 590.0), 2.0 * raman_per_km_nm(1550.0, 1549.0, 295.0), 0.02);
        assert!(raman_per_km_nm(1550.0, 1310.0, 295.0) < 1e-2 * raman_per_km_nm(1310.0, 1550.0, 295.0));
        assert!(raman_per_km_nm(1550.0, 1450.0, 4.0) < 1e-60);
        close(raman_per_km_nm(1450.0, 1550.0, 4.0), raman_per_km_nm(1450.0, 1550.0, 1e-3), 1e-12);
    }

    /// "Some 1e-9 per km and nm within the C band", and most near the greatest gain of silica, 13 THz below.
    #[test]
    fn sizes() {
        for quantum in [1530.0, 1540.0, 1545.0, 1555.0, 1560.0, 1565.0] {
            assert!((1e-9..1e-8).contains(&raman_per_km_nm(1550.0, quantum, 295.0)), "{quantum}");
        }
        let most = (1551..1675).max_by(|a, b| {
            raman_per_km_nm(1550.0, f64::from(*a), 295.0).total_cmp(&raman_per_km_nm(1550.0, f64::from(*b), 295.0))
        });
        assert!((11.5..13.5).contains(&offset_thz(1550.0, f64::from(most.unwrap_or(0)))), "{most:?}");
    }
}
