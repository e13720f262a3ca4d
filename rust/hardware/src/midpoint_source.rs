//! A pair source between two memories: Jones et al. 2016, doi:10.1088/1367-2630/18/8/083015.
//!
//! ```text
//!     node A ===== arm A ===== [pair source] ===== arm B ===== node B
//!            share `station` of dB            the rest
//! ```
//!
//! Both nodes must herald. Photons number what they conserve: a node with emissive memory sees h + [spin 0] photons in H
//! and v + [spin 1] in V, so the only coherence that is left is between |00>, h, v+1 and |11>, h+1, v, and the state is
//! Bell-diagonal. With <..> the mean over the source, w of `emissive_memory`, one factor a node:
//!
//! ```text
//!     |00>, |11> each:  <w1 w1 (h)  w0 w0 (v)>/4        |01>, |10> each:  <w1 w0 (h)  w0 w1 (v)>/4
//!     <00|rho|11>:      <both>/4, each node's element of its two modes
//! ```
//!
//! With absorptive memories n pairs are the maximally entangled state of n + n photons, which no rotation U x U* changes.
//! So one photon of each side is a Werner state, whatever became of the others, with <ZZ> = the mean of ((h-v)/n)^2
//! over h = 0..n: w_n = (n+2)/(3n).
//!
//! A source whose pairs have fidelity f turns side B's polarisation by a random Pauli rotation, the same for all its pairs,
//! with probability 1 - v, v = (4f-1)/3: single pairs are Werner pairs. Both kinds of node take H and V alike and a sign of
//! V for one of their qubit, so the rotation is one of B's qubit: rho -> v rho + (1-v) I/4, P unchanged.

use ebit_quantum::PairState;
use ebit_spec::{MemoryKind, MidpointSource};

use crate::absorptive_memory::Absorption;
use crate::channel::Crossing;
use crate::emissive_memory::BellMeasurement;
use crate::pair_source::{PairSource, values};
use crate::physics::{AttemptTime, LinkPhysics};
use crate::station::{Clicks, any_of_modes, arrival_probabilities};

pub fn physics(model: &MidpointSource) -> LinkPhysics {
    let source = match (model.mean_pairs, model.pair_probability) {
        (Some(mean), _) => PairSource::Squeezed { lambda: 0.5 * mean.0 },
        (None, probability) => PairSource::Single { probability: probability.map_or(0.0, |p| p.0) },
    };
    let clicks = Clicks::of(&model.detector);
    let arrives = arrival_probabilities(&model.fiber, model.source_efficiency, model.station.0);
    let memory = [model.memory_efficiency.a, model.memory_efficiency.b];
    let detector = model.detector.efficiency.0;
    let herald = match model.memory {
        MemoryKind::Emissive => {
            let node = |k: usize| BellMeasurement::of(&clicks, memory[k] * detector, arrives[k] * detector, model.visibility.0);
            emissive(&source, &[node(0), node(1)])
        }
        MemoryKind::Absorptive => {
            let node = |k: usize| Absorption::of(&clicks, arrives[k], memory[k], detector);
            absorptive(&source, &[node(0), node(1)])
        }
    };
    let light_time_s = Crossing::of(&model.fiber).light_time_s;
    let keep = (4.0 * model.pair_fidelity.0 - 1.0) / 3.0;
    let weights = herald.weights().map(|w| keep * w + 0.25 * (1.0 - keep));
    LinkPhysics {
        success_probability: any_of_modes(herald.probability(), model.modes),
        attempt: AttemptTime::Fixed(model.local_time_s.0 + light_time_s),
        state: PairState::from_weights(weights),
        weights,
        false_herald_probability: herald.false_probability(),
        // Both photons arrive, then each node waits for the other's result.
        herald_age_s: [light_time_s; 2],
        light_time_s: Some(light_time_s),
    }
}

/// The heralds of one mode.
#[derive(Debug, Clone, Copy)]
pub struct Herald {
    /// Weights of Phi+, Phi-, Psi+, Psi-; they add up to the probability.
    pub unnormalized: [f64; 4],
    /// What took at least one dark count.
    pub dark: f64,
}

impl Herald {
    pub fn probability(&self) -> f64 {
        self.unnormalized.iter().sum()
    }

    pub fn false_probability(&self) -> f64 {
        let p = self.probability();
        if p > 0.0 { (self.dark / p).min(1.0) } else { 0.0 }
    }

    /// Bell weights; without any herald I/4.
    pub fn weights(&self) -> [f64; 4] {
        let p = self.probability();
        if p == 0.0 { [0.25; 4] } else { self.unnormalized.map(|w| w / p) }
    }
}

fn emissive(source: &PairSource, nodes: &[BellMeasurement; 2]) -> Herald {
    let [a, b] = nodes;
    let (total_a, total_b) = ([a.laws[0].total(), a.laws[1].total()], [b.laws[0].total(), b.laws[1].total()]);
    // Spins |00> (the memories' photons both in H) and |01>; the others by exchanging H and V.
    let population = |y: usize| 0.25 * source.mean([&total_a[1], &total_b[y]], [&total_a[0], &total_b[1 - y]]);
    let (equal, different) = (population(1), population(0));
    let element = a.coherence * b.coherence;
    let coherent = 0.25 * source.coherence(a.unseen * b.unseen) * element * element;
    // The four clicks one after the other: the first that is a dark count, those before it by photons.
    let dark = |y: usize| {
        let (photons_a, photons_b) = ([&a.laws[0].photons, &a.laws[1].photons], [&b.laws[0].photons, &b.laws[1].photons]);
        let (dark_a, dark_b) = ([&a.laws[0].dark, &a.laws[1].dark], [&b.laws[0].dark, &b.laws[1].dark]);
        source.mean([dark_a[1], &total_b[y]], [&total_a[0], &total_b[1 - y]])
            + source.mean([photons_a[1], dark_b[y]], [&total_a[0], &total_b[1 - y]])
            + source.mean([photons_a[1], photons_b[y]], [dark_a[0], &total_b[1 - y]])
            + source.mean([photons_a[1], photons_b[y]], [photons_a[0], dark_b[1 - y]])
    };
    Herald {
        // equal >= coherent; equality may round below zero.
        unnormalized: [equal + coherent, (equal - coherent).max(0.0), different, different],
        dark: 0.5 * (dark(1) + dark(0)),
    }
}

fn absorptive(source: &PairSource, nodes: &[Absorption; 2]) -> Herald {
    let numbers = source.numbers();
    let of = |law| values(law, numbers.len());
    let [a, b] = nodes.each_ref().map(|node| [of(&node.announced), of(&node.unannounced), of(&node.empty)]);
    let (mut werner, mut white, mut dark) = (0.0, 0.0, 0.0);
    for (n, probability) in numbers.iter().enumerate() {
        let [[a_seen, a_hidden, a_empty], [b_seen, b_hidden, b_empty]] = [&a, &b].map(|node| [0, 1, 2].map(|k| node[k][n]));
        let (a_stored, b_stored) = (a_seen + a_hidden, b_seen + b_hidden);
        let stored = probability * a_stored * b_stored;
        let empty = probability * (a_empty * (b_stored + b_empty) + a_stored * b_empty);
        let entangled = if n == 0 { 0.0 } else { (n as f64 + 2.0) / (3.0 * n as f64) };
        werner += stored * entangled;
        white += stored * (1.0 - entangled) + empty;
        dark += probability * ((a_hidden + a_empty) * (b_stored + b_empty) + a_seen * (b_hidden + b_empty));
    }
    Herald { unnormalized: [werner + 0.25 * white, 0.25 * white, 0.25 * white, 0.25 * white], dark }
}
