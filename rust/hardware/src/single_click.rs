//! Single-photon heralding: Cabrillo et al. 1999, doi:10.1103/PhysRevA.59.1025.
//!
//! Each spin is bright with population a and then emits; exactly one detector clicks. If one photon came and the station
//! cannot tell from where, the spins are in |bright, dark> +- |dark, bright>. Both bright is the intrinsic error.
//!
//! |0> is the bright state and |1> the dark one, so that memory relaxation goes towards bright. The correction to Phi+ is
//! X on B, then Z on B if the click was in D1, and leaves an X-shaped state:
//!
//! ```text
//!     |00>: A bright, B dark   |11>: A dark, B bright   |01>: both bright   |10>: both dark
//!     <00|rho|11> = sqrt(a_A (1-a_A) a_B (1-a_B) eta_A eta_B) sqrt(V) e^(-sigma^2/2) (1-p2) x (one photon, one click)
//! ```
//!
//! Symmetric, without dark counts and second photons: P = 2 a eta (1 - a eta) + a^2 eta^2 (1+V)/2.

use ebit_quantum::PairState;
use ebit_random::math;
use ebit_spec::SingleClick;

use crate::channel::Crossing;
use crate::physics::{AttemptTime, LinkPhysics};
use crate::station::{Clicks, OneClick, any_of_modes, detection_probabilities, one_click_of_both, round_trip_s};

pub fn physics(model: &SingleClick) -> LinkPhysics {
    let eta = detection_probabilities(&model.fiber, &model.detector, model.source_efficiency, model.station.0);
    let sigma = model.phase_std_rad.0;
    let indistinguishable = math::sqrt(model.visibility.0) * math::exp(-0.5 * sigma * sigma);
    let bright = [model.bright_state_population.a, model.bright_state_population.b];
    let p2 = model.double_excitation_probability.0;
    let herald = Herald::of(&Clicks::of(&model.detector), eta, bright, p2, model.visibility.0, indistinguishable);
    let travel = round_trip_s(&model.fiber, model.station.0);
    LinkPhysics {
        success_probability: any_of_modes(herald.probability(), model.modes),
        attempt: AttemptTime::Fixed(model.local_time_s.0 + travel),
        state: herald.state(),
        weights: herald.weights(),
        false_herald_probability: herald.false_probability(),
        herald_age_s: [travel; 2],
        light_time_s: Some(Crossing::of(&model.fiber).light_time_s),
    }
}

/// The heralds of one mode, by what the spins were.
struct Herald {
    /// A alone bright, B alone bright.
    alone: [f64; 2],
    /// The coherent part of each.
    clean: [f64; 2],
    both: f64,
    neither: f64,
    /// What took a dark count.
    dark: f64,
    /// sqrt(V) e^(-sigma^2/2)
    indistinguishable: f64,
}

impl Herald {
    fn of(clicks: &Clicks, eta: [f64; 2], bright: [f64; 2], p2: f64, visibility: f64, indistinguishable: f64) -> Self {
        let arms = eta.map(|eta| OneClick::of_arm(clicks, eta, p2));
        let alone = [bright[0] * (1.0 - bright[1]), (1.0 - bright[0]) * bright[1]];
        let (both, neither) = (bright[0] * bright[1], (1.0 - bright[0]) * (1.0 - bright[1]));
        let (photons, dark) = one_click_of_both(clicks, eta, p2, visibility);
        let neither = neither * clicks.dark_click();
        Self {
            alone: [alone[0] * arms[0].total(), alone[1] * arms[1].total()],
            clean: [alone[0] * arms[0].clean, alone[1] * arms[1].clean],
            both: both * (photons + dark),
            neither,
            dark: alone[0] * arms[0].dark + alone[1] * arms[1].dark + both * dark + neither,
            indistinguishable,
        }
    }

    fn probability(&self) -> f64 {
        self.alone[0] + self.alone[1] + self.both + self.neither
    }

    fn false_probability(&self) -> f64 {
        if self.probability() > 0.0 { self.dark / self.probability() } else { 0.0 }
    }

    /// <00|rho|11>, not normalized.
    fn coherence(&self) -> f64 {
        math::sqrt(self.clean[0]) * math::sqrt(self.clean[1]) * self.indistinguishable
    }

    /// Bell weights; without any herald I/4.
    fn weights(&self) -> [f64; 4] {
        let p = self.probability();
        if p <= 0.0 {
            return [0.25; 4];
        }
        let (sum, coherent) = (self.alone[0] + self.alone[1], 2.0 * self.coherence());
        let psi = 0.5 * (self.both + self.neither) / p;
        // sum >= coherent by the inequality of the means; equality may round below zero.
        [0.5 * (sum + coherent) / p, 0.5 * (sum - coherent).max(0.0) / p, psi, psi]
    }

    fn state(&self) -> PairState {
        let p = self.probability();
        if p <= 0.0 {
            return PairState::MIXED;
        }
        let [zero_zero, one_one] = self.alone.map(|w| w / p);
        let (zero_one, one_zero) = (self.both / p, self.neither / p);
        let coherent = 2.0 * self.coherence() / p;
        let mut r = [0.0; 16];
        r[0] = 1.0;
        r[3] = (zero_zero + one_zero) - (zero_one + one_one);
        r[12] = (zero_zero + zero_one) - (one_zero + one_one);
        r[15] = (zero_zero + one_one) - (zero_one + one_zero);
        (r[5], r[10]) = (coherent, -coherent);
        PairState::from_coefficients(r)
    }
}
