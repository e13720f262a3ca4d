//! A line with threshold detectors: how often a pulse of a given intensity clicks, and how often wrongly.
//!
//! ```text
//!     D(k) = Y0 + 1 - e^(-eta k)            "sum":   Ma, Qi, Zhao and Lo 2005, doi:10.1103/PhysRevA.72.012326
//!     D(k) = 1 - (1 - Y0) e^(-eta k)        "union": Lim et al. 2014, doi:10.1103/PhysRevA.89.022307
//!     Q(k) = D (1 + p_ap)                   E Q = Y0/2 + e_d (1 - e^(-eta k)) + p_ap D/2
//!     Y_n  = (1 - (1 - Y0)(1 - eta)^n)(1 + p_ap)
//! ```
//!
//! Limits: background and signal are independent; Y0 small in "sum" (at Y0 = 1e-6 the two differ by less than 1e-6 of Q);
//! afterpulses are random and few; no dead time.

use ebit_random::math;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How background and signal join into clicks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub enum Gain {
    /// Added: what the decoy literature since 2005 writes.
    #[default]
    #[serde(rename = "sum")]
    Sum,
    /// One or the other or both, as independent events.
    #[serde(rename = "union")]
    Union,
}

/// The numbers of a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// Transmittance from the sender to a click.
    pub eta: f64,
    pub background: f64,
    pub misalignment: f64,
    pub afterpulse: f64,
    pub gain: Gain,
}

impl Line {
    /// Probability that a pulse of k photons on average clicks.
    #[must_use]
    pub fn gain(&self, k: f64) -> f64 {
        self.clicks(self.seen(k)) * (1.0 + self.afterpulse)
    }

    /// Probability that it clicks wrongly.
    #[must_use]
    pub fn wrong(&self, k: f64) -> f64 {
        let seen = self.seen(k);
        0.5 * self.background + self.misalignment * seen + 0.5 * self.afterpulse * self.clicks(seen)
    }

    /// Both at once.
    #[must_use]
    pub fn gain_and_wrong(&self, k: f64) -> (f64, f64) {
        let seen = self.seen(k);
        let clicks = self.clicks(seen);
        let wrong = 0.5 * self.background + self.misalignment * seen + 0.5 * self.afterpulse * clicks;
        (clicks * (1.0 + self.afterpulse), wrong)
    }

    /// Probability that n photons click.
    #[must_use]
    pub fn yields(&self, n: u32) -> f64 {
        let seen = self.seen_of(n);
        (self.background + (1.0 - self.background) * seen) * (1.0 + self.afterpulse)
    }

    /// Probability that n photons click wrongly.
    #[must_use]
    pub fn wrong_of(&self, n: u32) -> f64 {
        let seen = self.seen_of(n);
        let clicks = self.background + (1.0 - self.background) * seen;
        0.5 * self.background + self.misalignment * seen + 0.5 * self.afterpulse * clicks
    }

    fn seen(&self, k: f64) -> f64 {
        -math::exp_m1(-self.eta * k)
    }

    fn seen_of(&self, n: u32) -> f64 {
        if self.eta >= 1.0 {
            return if n == 0 { 0.0 } else { 1.0 };
        }
        -math::exp_m1(f64::from(n) * math::ln_1p(-self.eta))
    }

    fn clicks(&self, seen: f64) -> f64 {
        match self.gain {
            Gain::Sum => self.background + seen,
            Gain::Union => self.background + (1.0 - self.background) * seen,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: Line = Line { eta: 0.03, background: 1e-3, misalignment: 0.02, afterpulse: 0.04, gain: Gain::Union };

    /// Photon by photon, the second way: gains are Poisson sums of yields.
    #[test]
    fn gains_are_sums_over_photon_numbers() {
        let k: f64 = 0.7;
        let mut weight = math::exp(-k);
        let (mut gain, mut wrong) = (0.0, 0.0);
        for n in 0..40u32 {
            gain += weight * LINE.yields(n);
            wrong += weight * LINE.wrong_of(n);
            weight *= k / f64::from(n + 1);
        }
        assert!((gain - LINE.gain(k)).abs() < 1e-15, "{gain}");
        assert!((wrong - LINE.wrong(k)).abs() < 1e-15, "{wrong}");
        assert_eq!(LINE.gain_and_wrong(k), (LINE.gain(k), LINE.wrong(k)));
    }

    #[test]
    fn limits() {
        let dark = Line { eta: 0.0, ..LINE };
        assert!((dark.gain(0.5) - 1e-3 * 1.04).abs() < 1e-18);
        assert!((dark.wrong(0.5) / dark.gain(0.5) - 0.5).abs() < 1e-15);
        let perfect = Line { eta: 1.0, background: 0.0, misalignment: 0.0, afterpulse: 0.0, gain: Gain::Sum };
        assert_eq!((perfect.yields(0), perfect.yields(1), perfect.yields(2)), (0.0, 1.0, 1.0));
        assert_eq!(perfect.wrong(0.5), 0.0);
    }
}
