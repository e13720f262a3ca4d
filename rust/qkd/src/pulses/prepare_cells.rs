//! All cases of one pulse from a sender to a receiver, an eavesdropper between them.

use std::collections::HashMap;

use super::cells::{Cell, Cells, PATTERNS, Tag};
use super::photons::law;
use super::prepare::PrepareMeasure;
use super::receiver::{Arrival, Light, patterns};
use crate::attacks::{Attack, Branch, Pulse};

/// What becomes of a pulse that nobody touches.
#[must_use]
pub fn untouched(line: &PrepareMeasure, pulse: &Pulse) -> Branch {
    Branch { probability: 1.0, arrival: pulse.forward(line, pulse.photons()), note: 0 }
}

/// Enumerates intensity, state, photon number, what the eavesdropper does, and axis.
///
/// Cases that nothing distinguishes (same tag) are one.
#[must_use]
pub fn cells(line: &PrepareMeasure, attack: Option<&dyn Attack>) -> Cells {
    let mut out: Vec<Cell> = Vec::new();
    let mut index: HashMap<Tag, usize> = HashMap::new();
    for (light, intensity) in line.intensities.iter().enumerate() {
        for (n, share) in law(line.source, intensity.mean).into_iter().enumerate() {
            for (alice, state) in line.states.iter().enumerate() {
                let pulse = Pulse::new(n as u32, state.vector());
                let branches = attack.map_or_else(|| vec![untouched(line, &pulse)], |attack| attack.act(&pulse, line));
                for branch in branches {
                    for (bob, measurement) in line.measurements.iter().enumerate() {
                        let chosen = intensity.probability.0 * state.probability.0 * measurement.probability.0;
                        let weight = chosen * share * branch.probability;
                        if weight <= 0.0 {
                            continue;
                        }
                        let tag = Tag {
                            alice: alice as u8,
                            bob: bob as u8,
                            light: light as u8,
                            photons: n.min(255) as u8,
                            note: branch.note,
                        };
                        let clicks = patterns(&line.detectors, line.misalignment.0, &branch.arrival, measurement.vector());
                        let place = *index.entry(tag).or_insert_with(|| {
                            out.push(Cell { tag, weight: 0.0, patterns: [0.0; PATTERNS] });
                            out.len() - 1
                        });
                        let cell = &mut out[place];
                        cell.weight += weight;
                        for (sum, p) in cell.patterns.iter_mut().zip(clicks) {
                            *sum += weight * p;
                        }
                    }
                }
            }
        }
    }
    for cell in &mut out {
        cell.patterns.iter_mut().for_each(|p| *p /= cell.weight);
    }
    let mut recorded = [false; PATTERNS];
    recorded[1..4].fill(true);
    Cells { cells: out, detectors: 2, stations: vec![vec![0, 1]], recorded, dead_pulses: line.dead_pulses }
}

/// The probability that any detector clicks for a pulse of `photons` photons of the sender's average state.
#[must_use]
pub fn yield_of(line: &PrepareMeasure, photons: u32, transmittance: f64) -> f64 {
    let mut total = 0.0;
    for state in &line.states {
        for measurement in &line.measurements {
            let light = Light { photons, state: state.vector(), transmittance, efficiency_factors: [1.0; 2] };
            let silent = patterns(&line.detectors, line.misalignment.0, &Arrival::Light(light), measurement.vector())[0];
            total += state.probability.0 * measurement.probability.0 * (1.0 - silent);
        }
    }
    total
}
