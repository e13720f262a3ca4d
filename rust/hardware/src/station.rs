//! A station between two arms: what reaches it, what clicks there, and how long it takes.
//!
//! ```text
//!     node A ======= arm A ======= [50:50] ==== arm B ==== node B
//!            share `station` of dB   | |    the rest
//!                                   D0 D1    one click in the bin: herald
//! ```

use ebit_random::math;
use ebit_spec::real::PerSide;
use ebit_spec::{Channel, Detector};

use crate::channel::Crossing;

/// Probability that an emitted photon reaches the other end of its arm, A's and B's.
pub fn arrival_probabilities(channel: &Channel, source_efficiency: PerSide, station: f64) -> [f64; 2] {
    let [a, b] = Crossing::arms(channel, station);
    [source_efficiency.a * a.transmittance(), source_efficiency.b * b.transmittance()]
}

/// Probability that an emitted photon is detected, from arm A and from arm B.
pub fn detection_probabilities(channel: &Channel, detector: &Detector, source_efficiency: PerSide, station: f64) -> [f64; 2] {
    arrival_probabilities(channel, source_efficiency, station).map(|arrives| arrives * detector.efficiency.0)
}

/// From the emission to the moment both nodes know the outcome: the longer arm, there and back, in seconds.
pub fn round_trip_s(channel: &Channel, station: f64) -> f64 {
    let [a, b] = Crossing::arms(channel, station);
    2.0 * a.light_time_s.max(b.light_time_s)
}

/// 1 - (1-p)^M: at least one of M modes succeeds.
pub fn any_of_modes(p: f64, modes: i64) -> f64 {
    // A sum of disjoint cases may round above 1; NaN stays NaN.
    let p = if p > 1.0 { 1.0 } else { p };
    if modes == 1 { p } else { -math::exp_m1(modes as f64 * math::ln_1p(-p)) }
}

/// The two detectors during one time bin.
#[derive(Debug, Clone, Copy)]
pub struct Clicks {
    /// Probability of a dark count per detector.
    pub dark: f64,
    /// Its complement.
    pub quiet: f64,
    pub number_resolving: bool,
}

impl Clicks {
    pub fn of(detector: &Detector) -> Self {
        let exponent = -detector.dark_count_rate_hz.0 * detector.window_s.0;
        Self { dark: -math::exp_m1(exponent), quiet: math::exp(exponent), number_resolving: detector.number_resolving }
    }

    /// Exactly one click although no photon arrives.
    pub fn dark_click(&self) -> f64 {
        2.0 * self.dark * self.quiet
    }

    /// Exactly one click from `n` >= 1 photons that choose their detector independently.
    pub fn photon_click(&self, n: i32) -> f64 {
        match (self.number_resolving, n) {
            (true, 1) => self.quiet * self.quiet,
            (true, _) => 0.0,
            // All on one detector; the other must be quiet.
            (false, _) => self.quiet * 2.0 / f64::from(1 << n),
        }
    }

    /// Exactly one click from one photon of each arm, which bunch with probability (1+V)/2, and `extra` others.
    pub fn interference_click(&self, visibility: f64, extra: i32) -> f64 {
        if self.number_resolving { 0.0 } else { self.quiet * 0.5 * (1.0 + visibility) / f64::from(1 << extra) }
    }
}

/// Exactly one click in a bin, split by what can have caused it. All parts are sums of positive terms.
#[derive(Debug, Clone, Copy)]
pub struct OneClick {
    /// The one photon of a clean emission: the part that carries coherence.
    pub clean: f64,
    /// Photons of which at least one is a second one.
    pub extra: f64,
    /// No photon arrived: dark counts.
    pub dark: f64,
}

impl OneClick {
    /// One arm emits, with a second photon in the same bin with probability `p2`.
    ///
    /// First and second photon arrive independently, with probabilities eta and x = p2 eta. Of the cases with one photon,
    /// eta (1-x) + (1-eta) x, the share eta (1-p2) had no second photon at all.
    pub fn of_arm(clicks: &Clicks, eta: f64, p2: f64) -> Self {
        let x = p2 * eta;
        Self {
            clean: (1.0 - p2) * eta * clicks.photon_click(1),
            extra: 2.0 * p2 * eta * (1.0 - eta) * clicks.photon_click(1) + eta * x * clicks.photon_click(2),
            dark: (1.0 - eta) * (1.0 - x) * clicks.dark_click(),
        }
    }

    pub fn by_photons(&self) -> f64 {
        self.clean + self.extra
    }

    pub fn total(&self) -> f64 {
        self.clean + self.extra + self.dark
    }
}

/// Exactly one click when both arms emit into the same bin: (from photons, from dark counts alone).
pub fn one_click_of_both(clicks: &Clicks, eta: [f64; 2], p2: f64, visibility: f64) -> (f64, f64) {
    let x = eta.map(|eta| p2 * eta);
    let is = |p: f64, yes: i32| if yes == 1 { p } else { 1.0 - p };
    let (mut photons, mut dark) = (0.0, 0.0);
    for case in 0..16 {
        let bit = |k: i32| (case >> k) & 1;
        let probability = is(eta[0], bit(0)) * is(eta[1], bit(1)) * is(x[0], bit(2)) * is(x[1], bit(3));
        let (first, second) = (bit(0) + bit(1), bit(2) + bit(3));
        match first + second {
            0 => dark += probability * clicks.dark_click(),
            _ if first == 2 => photons += probability * clicks.interference_click(visibility, second),
            n => photons += probability * clicks.photon_click(n),
        }
    }
    (photons, dark)
}
