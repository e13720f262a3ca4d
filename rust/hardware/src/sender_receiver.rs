//! An emitter at A, and at B a memory that stores its photon and announces it.
//!
//! ```text
//!     A emits ~~~~ the whole fibre ~~~~> B stores, announces
//!     A knows <---------------------- herald            2 L/c after the emission
//! ```
//!
//! The spin of A is |0> with a photon in H, |1> with one in V. B's memory is that of `absorptive_memory`. With g(n) the
//! probability of a click and something stored, c(n) of a click, for n photons sent, p2 of a second photon:
//!
//! ```text
//!     P = (1-p2) c(1) + p2 c(2),   Phi+-: (1-p2) g(1) (1 +- 1)/2 + p2 g(2)/2,   the rest, an empty memory: I/4
//! ```
//!
//! A second photon has the polarisation of the first and carries away which it was. Emission fidelity depolarizes the spin,
//! v = (4f-1)/3. Limits: no dark counts, no second photon: P = eta, F = (1 + 3v)/4.
//!
//! With a source of p_n photons, all of the polarisation that the spin sets, a mixture over n:
//!
//! ```text
//!     P = sum p_n c(n),   Phi+-: p_1 g(1) (1 +- 1)/2 + sum_(n>1) p_n g(n)/2
//! ```
//!
//! Where no photon was sent nothing knows of the spin, which stays |+>: <XI> = v p_0 c(0)/P beside an empty memory. The
//! Bell weights do not see it.

use ebit_quantum::PairState;
use ebit_spec::SenderReceiver;
use ebit_spec::real::PerSide;

use crate::absorptive_memory::Absorption;
use crate::channel::Crossing;
use crate::midpoint_source::Herald;
use crate::pair_source::values;
use crate::photon_source::numbers;
use crate::physics::{AttemptTime, LinkPhysics};
use crate::station::{Clicks, any_of_modes, arrival_probabilities};

pub fn physics(model: &SenderReceiver) -> LinkPhysics {
    let [arrives, _] = arrival_probabilities(&model.fiber, PerSide::both(model.source_efficiency.0), 1.0);
    let clicks = Clicks::of(&model.detector);
    let absorption = Absorption::of(&clicks, arrives, model.memory_efficiency.0, model.detector.efficiency.0);
    let second = model.double_excitation_probability.0;
    let sent = model.source.as_ref().map_or_else(|| vec![0.0, 1.0 - second, second], numbers);
    let (herald, silent) = herald(&absorption, &sent);
    let keep = (4.0 * model.emission_fidelity.0 - 1.0) / 3.0;
    let weights = herald.weights().map(|w| keep * w + 0.25 * (1.0 - keep));
    let light_time_s = Crossing::of(&model.fiber).light_time_s;
    LinkPhysics {
        success_probability: any_of_modes(herald.probability(), model.modes),
        attempt: AttemptTime::Fixed(model.local_time_s.0 + 2.0 * light_time_s),
        state: with_spin(weights, keep * silent),
        weights,
        false_herald_probability: herald.false_probability(),
        // The sender's half has waited for the photon and for the answer, the receiver's for the answer.
        herald_age_s: [2.0 * light_time_s, light_time_s],
        light_time_s: Some(light_time_s),
    }
}

/// A Bell-diagonal pair whose qubit A has <X> = `x` besides.
fn with_spin(weights: [f64; 4], x: f64) -> PairState {
    let state = PairState::from_weights(weights);
    if x == 0.0 {
        return state;
    }
    let mut rho = state.to_matrix();
    for (row, column) in [(0, 1), (1, 0), (2, 3), (3, 2)] {
        rho[row][column] += 0.25 * x;
    }
    PairState::from_matrix(&rho)
}

/// `sent`: probabilities of 0, 1, 2, .. photons, at least the first two. Also the share of heralds without a photon sent.
fn herald(absorption: &Absorption, sent: &[f64]) -> (Herald, f64) {
    let [stored, unannounced, empty] =
        [absorption.stored(), absorption.unannounced.clone(), absorption.empty.clone()].map(|law| values(&law, sent.len()));
    let mean = |law: &[f64]| -> f64 { law.iter().zip(sent).map(|(x, p)| x * p).sum() };
    let clean = sent[1] * stored[1];
    let broken: f64 = stored.iter().zip(sent).skip(2).map(|(x, p)| x * p).sum();
    let white = 0.25 * mean(&empty);
    let herald = Herald {
        unnormalized: [clean + 0.5 * broken + white, 0.5 * broken + white, white, white],
        dark: mean(&unannounced) + mean(&empty),
    };
    let p = herald.probability();
    let silent = if p > 0.0 { sent[0] * empty[0] / p } else { 0.0 };
    (herald, silent)
}
