//! Two-photon heralding: Barrett and Kok 2005, doi:10.1103/PhysRevA.71.060310.
//!
//! Each spin emits early if it is |0>, late if it is |1>; a herald is exactly one click in each bin. Spins that differ
//! put one photon in each bin, and the bins cannot tell which spin was which: that is the pair. Spins that agree put
//! both photons in one bin; a dark count in the other makes them a false herald.
//!
//! With C_s the probability of one click in a bin where only arm s emits, C_AB where both do, c_0 where none does:
//!
//! ```text
//!     P    = C_A C_B / 2 + C_AB c_0 / 2
//!     Phi+-: (C_A C_B / 2 +- V T_A T_B / 2) / 2,   T_s = (1-p2) eta_s x (one photon, one click)
//!     Psi+-: (C_AB c_0 / 2) / 2
//! ```
//!
//! For p2 = 0 and no number resolution this is P_T + P_same + P_1 + P_0 with P_1 and P_0 as white noise. The state is
//! Bell-diagonal: the bins are interchangeable and photons lost or absorbed elsewhere leave no other coherence. Emission
//! fidelity mixes spin and photon of an emitter with white noise; as they are maximally entangled this is the same as
//! depolarizing the spin, so it changes the state and not P.

use ebit_quantum::PairState;
use ebit_spec::{DoubleClick, Negotiation};

use crate::channel::Crossing;
use crate::physics::{AttemptTime, LinkPhysics};
use crate::station::{Clicks, OneClick, any_of_modes, detection_probabilities, one_click_of_both, round_trip_s};

/// SeQUeNCe's timetable in units of L/c: an attempt whose first round fails, one with two rounds, and how long before
/// the final herald the spins started to emit (round two's negotiation, 2, and both photons' way to their herald, 1 + 1).
const SHORT: f64 = 4.0;
const LONG: f64 = 7.0;
const FIRST_EMISSION: f64 = 4.0;

pub fn physics(model: &DoubleClick) -> LinkPhysics {
    let eta = detection_probabilities(&model.fiber, &model.detector, model.source_efficiency, model.station.0);
    let clicks = Clicks::of(&model.detector);
    let herald = Herald::of(&clicks, eta, model.visibility.0, model.double_excitation_probability.0);
    let emission = (4.0 * model.emission_fidelity.0 - 1.0) / 3.0;
    let weights = herald.weights(emission * emission);
    let light_time_s = Crossing::of(&model.fiber).light_time_s;
    let local_s = model.local_time_s.0;
    let (attempt, herald_age_s) = match model.negotiation {
        Negotiation::Herald => {
            let travel = round_trip_s(&model.fiber, model.station.0);
            (AttemptTime::Fixed(local_s + travel), travel)
        }
        Negotiation::TwoRound => {
            let attempt = AttemptTime::TwoRound {
                short_s: local_s + SHORT * light_time_s,
                long_s: local_s + LONG * light_time_s,
                round_one: round_one(&clicks, eta, model.double_excitation_probability.0),
            };
            (attempt, FIRST_EMISSION * light_time_s)
        }
    };
    LinkPhysics {
        success_probability: any_of_modes(herald.probability(), model.modes),
        attempt,
        state: PairState::from_weights(weights),
        weights,
        false_herald_probability: herald.false_probability(),
        herald_age_s: [herald_age_s; 2],
        light_time_s: Some(light_time_s),
    }
}

/// Probability that the first round is accepted: one click from each spin's photon of that round, present half the time.
///
/// SeQUeNCe routes the two photons independently here (no bunching), whatever their visibility.
fn round_one(clicks: &Clicks, eta: [f64; 2], p2: f64) -> f64 {
    let (photons, dark) = one_click_of_both(clicks, eta, p2, 0.0);
    let arms: f64 = eta.iter().map(|eta| OneClick::of_arm(clicks, *eta, p2).total()).sum();
    0.25 * (clicks.dark_click() + arms + photons + dark)
}

/// The heralds of one mode, by what the spins were.
struct Herald {
    /// Different spins, one clean photon each: visibility splits it into Phi+ and Phi-.
    clean: f64,
    /// Different spins without coherence: Phi+ and Phi- alike.
    incoherent: f64,
    /// Equal spins: the two Psi weights together.
    equal: f64,
    /// What took at least one dark count.
    dark: f64,
    visibility: f64,
}

impl Herald {
    fn of(clicks: &Clicks, eta: [f64; 2], visibility: f64, p2: f64) -> Self {
        let [a, b] = eta.map(|eta| OneClick::of_arm(clicks, eta, p2));
        let (photons, dark) = one_click_of_both(clicks, eta, p2, visibility);
        let equal = 0.5 * (photons + dark) * clicks.dark_click();
        Self {
            clean: 0.5 * a.clean * b.clean,
            incoherent: 0.5 * (a.clean * (b.extra + b.dark) + (a.extra + a.dark) * b.total()),
            equal,
            dark: 0.5 * (a.dark * b.total() + a.by_photons() * b.dark) + equal,
            visibility,
        }
    }

    fn probability(&self) -> f64 {
        self.clean + self.incoherent + self.equal
    }

    fn false_probability(&self) -> f64 {
        if self.probability() > 0.0 { self.dark / self.probability() } else { 0.0 }
    }

    /// Bell weights after depolarizing to `keep`; without any herald I/4.
    fn weights(&self, keep: f64) -> [f64; 4] {
        let p = self.probability();
        if p <= 0.0 {
            return [0.25; 4];
        }
        let phi = |sign: f64| 0.5 * (self.incoherent + self.clean * (1.0 + sign * self.visibility)) / p;
        let psi = 0.5 * self.equal / p;
        [phi(1.0), phi(-1.0), psi, psi].map(|w| keep * w + 0.25 * (1.0 - keep))
    }
}
