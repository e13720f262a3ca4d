//! What a channel does to a photon: decibels and light time, as a whole and per arm of a station.
//!
//! A Gaussian beam of far-field half-angle theta (1/e^2 of intensity) has the waist w0 = lambda/(pi theta) and at distance d
//! the radius w, w^2 = w0^2 + (theta d)^2. A pointing error of standard deviation sigma per axis moves it by sigma d; on
//! average over the error a centred telescope of radius r collects
//!
//! ```text
//!     eta = 1 - exp(-2 r^2 / (w^2 + 4 (sigma d)^2))
//! ```
//!
//! exactly: a Gaussian of variance w^2/4 per axis, shifted by a Gaussian of variance (sigma d)^2, is on average one of
//! variance w^2/4 + (sigma d)^2. The atmosphere at elevation el has the zenith's transmittance to the power 1/sin el (air
//! mass of flat layers, 1 % off at 10 degrees). The satellite's distance is that on a sphere.
//!
//! Sources: B. E. A. Saleh and M. C. Teich, Fundamentals of Photonics, section 3.1 (beam); C. Liorni et al. 2019,
//! arXiv:1906.08115 (satellite links).
//! Limits: turbulence and refraction are neglected (a downlink meets the air at its end, where the beam is wide already);
//! the pointing error changes slowly against a photon, so that eta is a mean over many attempts, not the odds of each; no
//! coupling into a fibre (a share of it belongs to `insertion_loss_db`).

use crate::bounds::transmittance;
use ebit_random::math;
use ebit_spec::device::C_M_PER_S;
use ebit_spec::{Channel, FreeSpace, SatelliteDownlink};

/// Mean radius of the Earth, km (IUGG).
pub const EARTH_RADIUS_KM: f64 = 6371.0088;

/// One channel in numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Crossing {
    pub loss_db: f64,
    pub length_km: f64,
    pub light_time_s: f64,
}

impl Crossing {
    /// From end to end; of two arms the sum.
    pub fn of(channel: &Channel) -> Self {
        match channel {
            Channel::Fiber(f) => Self { loss_db: f.loss_db(), length_km: f.length_km.0, light_time_s: f.light_time_s() },
            Channel::SatelliteDownlink(c) => {
                let length_km = slant_km(c.height_km.0, c.elevation_deg.0);
                Self::in_vacuum(downlink_loss_db(c, length_km), length_km)
            }
            Channel::FreeSpace(c) => Self::in_vacuum(free_space_loss_db(c), c.length_km.0),
            Channel::Arms(arms) => {
                let [a, b] = [Self::of(&arms.a), Self::of(&arms.b)];
                Self {
                    loss_db: a.loss_db + b.loss_db,
                    length_km: a.length_km + b.length_km,
                    light_time_s: a.light_time_s + b.light_time_s,
                }
            }
        }
    }

    /// From each node to the station: the share `station` of everything is arm A's, unless the arms are given.
    pub fn arms(channel: &Channel, station: f64) -> [Self; 2] {
        if let Channel::Arms(arms) = channel {
            return [Self::of(&arms.a), Self::of(&arms.b)];
        }
        let whole = Self::of(channel);
        [station, 1.0 - station].map(|share| Self {
            loss_db: share * whole.loss_db,
            length_km: share * whole.length_km,
            light_time_s: share * whole.light_time_s,
        })
    }

    /// Probability that a photon comes through.
    pub fn transmittance(&self) -> f64 {
        transmittance(self.loss_db)
    }

    fn in_vacuum(loss_db: f64, length_km: f64) -> Self {
        Self { loss_db, length_km, light_time_s: length_km * 1e3 / C_M_PER_S }
    }
}

/// Distance in km to a satellite `height_km` above a sphere, seen `elevation_deg` above the horizon.
///
/// d = sqrt((R sin el)^2 + 2 R h + h^2) - R sin el, written without that difference.
pub fn slant_km(height_km: f64, elevation_deg: f64) -> f64 {
    let vertical = EARTH_RADIUS_KM * sine(elevation_deg);
    let rest = height_km * (2.0 * EARTH_RADIUS_KM + height_km);
    rest / (math::sqrt(vertical * vertical + rest) + vertical)
}

fn sine(elevation_deg: f64) -> f64 {
    if elevation_deg == 90.0 { 1.0 } else { math::sin(elevation_deg.to_radians()) }
}

/// A beam and the telescope that catches it, distances in metres.
struct Beam {
    divergence_rad: f64,
    wavelength_m: f64,
    receiver_radius_m: f64,
    pointing_jitter_rad: f64,
}

impl Beam {
    /// Mean share collected at `distance_m`, in decibels of loss.
    fn loss_db(&self, distance_m: f64) -> f64 {
        let waist = self.wavelength_m / (std::f64::consts::PI * self.divergence_rad);
        let spread = self.divergence_rad * distance_m;
        let shift = self.pointing_jitter_rad * distance_m;
        let size = waist * waist + spread * spread + 4.0 * shift * shift;
        let collected = -math::exp_m1(-2.0 * self.receiver_radius_m * self.receiver_radius_m / size);
        -10.0 * math::log10(collected)
    }
}

fn downlink_loss_db(c: &SatelliteDownlink, length_km: f64) -> f64 {
    let beam = Beam {
        divergence_rad: c.divergence_rad.0,
        wavelength_m: c.wavelength_nm.0 * 1e-9,
        receiver_radius_m: c.receiver_radius_m.0,
        pointing_jitter_rad: c.pointing_jitter_rad.0,
    };
    let air_db = -10.0 * math::log10(c.zenith_transmittance.0) / sine(c.elevation_deg.0);
    // No air and no loss is +0.
    beam.loss_db(length_km * 1e3) + air_db.max(0.0) + c.insertion_loss_db.0
}

fn free_space_loss_db(c: &FreeSpace) -> f64 {
    let beam = Beam {
        divergence_rad: c.divergence_rad.0,
        wavelength_m: c.wavelength_nm.0 * 1e-9,
        receiver_radius_m: c.receiver_radius_m.0,
        pointing_jitter_rad: c.pointing_jitter_rad.0,
    };
    beam.loss_db(c.length_km.0 * 1e3) + c.length_km.0 * c.loss_db_per_km.0 + c.insertion_loss_db.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use ebit_spec::Real;

    fn downlink(elevation_deg: f64) -> SatelliteDownlink {
        SatelliteDownlink {
            height_km: Real(400.0),
            divergence_rad: Real(3e-6),
            receiver_radius_m: Real(0.5),
            pointing_jitter_rad: Real(1e-6),
            zenith_transmittance: Real(0.8),
            elevation_deg: Real(elevation_deg),
            wavelength_nm: Real(780.0),
            insertion_loss_db: Real(0.0),
        }
    }

    fn crossing(link: SatelliteDownlink) -> Crossing {
        Crossing::of(&Channel::SatelliteDownlink(link))
    }

    #[test]
    fn zenith_loss_of_the_reference() {
        let zenith = crossing(downlink(90.0));
        assert!((zenith.loss_db / 7.684203307 - 1.0).abs() < 1e-9, "{}", zenith.loss_db);
        assert_eq!(zenith.length_km, 400.0);
        assert_eq!(zenith.light_time_s, 400e3 / C_M_PER_S);
    }

    #[test]
    fn a_short_wavelength_leaves_the_far_field() {
        let far = crossing(SatelliteDownlink { wavelength_nm: Real(1e-6), ..downlink(90.0) });
        let expected = -10.0 * math::log10(0.8 * -math::exp_m1(-0.5 / (1.2 * 1.2 + 4.0 * 0.4 * 0.4)));
        assert!((far.loss_db - expected).abs() < 1e-12);
    }

    #[test]
    fn a_huge_telescope_sees_the_air_alone() {
        for elevation in [90.0, 30.0] {
            let all = crossing(SatelliteDownlink { receiver_radius_m: Real(1e3), ..downlink(elevation) });
            let air = -10.0 * math::log10(0.8) * if elevation == 30.0 { 2.0 } else { 1.0 };
            assert!((all.loss_db - air).abs() < 1e-12, "{} {air}", all.loss_db);
        }
    }

    #[test]
    fn slant_distance_obeys_the_law_of_cosines() {
        for (height, elevation) in [(400.0, 90.0), (400.0, 20.0), (35_786.0, 5.0), (1e-3, 45.0)] {
            let d = slant_km(height, elevation);
            let angle = (90.0 + elevation).to_radians();
            let r = EARTH_RADIUS_KM;
            // (R+h)^2 - R^2, from the triangle of centre, ground and satellite.
            let left = d * d - 2.0 * r * d * math::cos(angle);
            assert!((left / (height * (2.0 * r + height)) - 1.0).abs() < 1e-9, "{height} {elevation}");
        }
        // Low satellites over a flat Earth.
        assert!((slant_km(1e-3, 30.0) / 2e-3 - 1.0).abs() < 1e-6);
    }
}
