//! What a detector's imperfections leave of its efficiency and dark counts.
//!
//! Each function takes a detector and gives one with other numbers, so that no link model needs to know why.
//!
//! **Background.** A photon rate b at the detector adds (efficiency) b to the dark counts: light without memory, as Raman
//! noise, converter noise and daylight are within a window.
//!
//! **Jitter.** A click whose time scatters as a Gaussian of full width at half maximum J falls into the window of length w
//! around it with probability erf(sqrt(ln 2) w / J); for a photon that is short against both. What falls out is lost:
//! windows farther apart than w + J do not see it.
//!
//! **Dead time and afterpulses** at a steady load. Photons and dark counts come at a rate r (as they would click), each
//! recorded count causes another one with probability p, long after on the scale of the dead time tau, and blinds the
//! detector for tau. The recorded rate R and the share of time it sees obey
//!
//! ```text
//!     R = (r + p R)(1 - R tau),   seeing = 1 - R tau
//!     p = 0: R = r / (1 + r tau) (non-paralysable counter);   tau = 0: R = r / (1 - p)
//! ```
//!
//! The efficiency and all dark counts are multiplied by the share seen, and the afterpulses p R join the dark counts. Source:
//! G. F. Knoll, Radiation Detection and Measurement, chapter 4 (dead time); balance of rates (afterpulses). Limits: Poisson load,
//! the same in every window; clicks of one attempt do not blind each other, so tau must be short against the spacing of an
//! attempt's bins, or the load is what blinds; no paralysis.

use ebit_random::math;
use ebit_spec::{Detector, Real};

/// The detector with `photon_rate_hz` more photons per second on it.
pub fn with_background(detector: &Detector, photon_rate_hz: f64) -> Detector {
    let dark = detector.dark_count_rate_hz.0 + detector.efficiency.0 * photon_rate_hz;
    Detector { dark_count_rate_hz: Real(dark), ..detector.clone() }
}

/// The detector with a timing jitter of full width `fwhm_s`.
pub fn with_jitter(detector: &Detector, fwhm_s: f64) -> Detector {
    let inside = if fwhm_s == 0.0 { 1.0 } else { math::erf(math::sqrt(std::f64::consts::LN_2) * detector.window_s.0 / fwhm_s) };
    Detector { efficiency: Real(detector.efficiency.0 * inside), ..detector.clone() }
}

/// The detector under a steady load of `photon_rate_hz` photons per second, its dark counts besides.
pub fn under_load(detector: &Detector, photon_rate_hz: f64, dead_time_s: f64, afterpulse_probability: f64) -> Detector {
    let dark = detector.dark_count_rate_hz.0;
    let rate = dark + detector.efficiency.0 * photon_rate_hz;
    let recorded = recorded_rate_hz(rate, dead_time_s, afterpulse_probability);
    let seeing = 1.0 - recorded * dead_time_s;
    Detector {
        efficiency: Real(detector.efficiency.0 * seeing),
        dark_count_rate_hz: Real((dark + afterpulse_probability * recorded) * seeing),
        ..detector.clone()
    }
}

/// Counts recorded per second when `rate_hz` would be without dead time and afterpulses.
///
/// The positive root of p tau R^2 + (1 - p + r tau) R - r = 0.
pub fn recorded_rate_hz(rate_hz: f64, dead_time_s: f64, afterpulse_probability: f64) -> f64 {
    let linear = 1.0 - afterpulse_probability + rate_hz * dead_time_s;
    let root = math::sqrt(linear * linear + 4.0 * afterpulse_probability * dead_time_s * rate_hz);
    if rate_hz == 0.0 { 0.0 } else { 2.0 * rate_hz / (linear + root) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detector() -> Detector {
        Detector { efficiency: Real(0.8), dark_count_rate_hz: Real(100.0), window_s: Real(1e-9), number_resolving: false }
    }

    fn close(value: f64, expected: f64) {
        assert!((value / expected - 1.0).abs() < 1e-12, "{value} against {expected}");
    }

    #[test]
    fn nothing_changes_nothing() {
        assert_eq!(with_background(&detector(), 0.0), detector());
        assert_eq!(with_jitter(&detector(), 0.0), detector());
        assert_eq!(under_load(&detector(), 1e6, 0.0, 0.0), detector());
    }

    #[test]
    fn background_clicks_with_the_efficiency() {
        close(with_background(&detector(), 1e3).dark_count_rate_hz.0, 900.0);
    }

    #[test]
    fn jitter_of_the_window_keeps_what_a_gaussian_has_within_its_half_maximum() {
        // P(|x| < FWHM/2) = erf(sqrt(ln 2)) = 0.760968...
        close(with_jitter(&detector(), 1e-9).efficiency.0, 0.8 * 0.760_968_108_550_488);
        assert!(with_jitter(&detector(), 1e-3).efficiency.0 < 1e-5);
        close(with_jitter(&detector(), 1e-11).efficiency.0, 0.8);
    }

    #[test]
    fn dead_time_alone_is_the_non_paralysable_counter() {
        close(recorded_rate_hz(1e6, 1e-6, 0.0), 5e5);
        let loaded = under_load(&detector(), (1e6 - 100.0) / 0.8, 1e-6, 0.0);
        close(loaded.efficiency.0, 0.4);
        close(loaded.dark_count_rate_hz.0, 50.0);
    }

    #[test]
    fn afterpulses_alone_are_a_geometric_series() {
        close(recorded_rate_hz(1e3, 0.0, 0.2), 1250.0);
        close(under_load(&detector(), 0.0, 0.0, 0.2).dark_count_rate_hz.0, 125.0);
    }

    #[test]
    fn rates_balance() {
        for (rate, tau, p) in [(1e5, 1e-6, 0.1), (1e8, 1e-7, 0.5), (10.0, 1e-9, 0.01)] {
            let recorded = recorded_rate_hz(rate, tau, p);
            close((rate + p * recorded) * (1.0 - recorded * tau), recorded);
            assert!(recorded * tau < 1.0);
        }
    }
}
