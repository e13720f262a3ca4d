//! From one sender to one receiver: photon numbers are drawn by inversion, the attack's branches one after the other.

use ebit_random::{Lanes, Purpose};

use super::draws::{choose, happens, summed, uniform};
use super::hear;
use crate::attacks::{Attack, Pulse};
use crate::pulses::bloch::Bloch;
use crate::pulses::cells::Tag;
use crate::pulses::dead::Dead;
use crate::pulses::job::{Job, Run};
use crate::pulses::photons::law;
use crate::pulses::prepare::PrepareMeasure;
use crate::pulses::prepare_cells::untouched;
use crate::pulses::receiver::{Arrival, counted_shares, patterns};

/// Distribution functions of what the two parties choose.
pub struct Chooser<'a> {
    line: &'a PrepareMeasure,
    lights: Vec<f64>,
    states: Vec<f64>,
    axes: Vec<f64>,
    photons: Vec<Vec<f64>>,
}

impl<'a> Chooser<'a> {
    #[must_use]
    pub fn new(line: &'a PrepareMeasure) -> Self {
        Self {
            line,
            lights: summed(line.intensities.iter().map(|i| i.probability.0)),
            states: summed(line.states.iter().map(|s| s.probability.0)),
            axes: summed(line.measurements.iter().map(|m| m.probability.0)),
            photons: line.intensities.iter().map(|i| summed(law(line.source, i.mean).into_iter())).collect(),
        }
    }

    /// The sender's intensity and state, and how many photons went out.
    pub fn emit(&self, lanes: &mut Lanes) -> Emitted {
        let light = choose(&self.lights, lanes);
        let state = choose(&self.states, lanes);
        let photons = choose(&self.photons[light], lanes);
        Emitted { light: light as u8, state: state as u8, photons: photons as u16 }
    }

    /// The receiver's axis, and which detectors click.
    pub fn detect(&self, arrival: &Arrival, lanes: &mut Lanes) -> (u8, u8) {
        let axis = choose(&self.axes, lanes);
        let direction = self.line.measurements[axis].vector();
        (axis as u8, clicks(self.line, arrival, direction, lanes))
    }
}

/// What the sender did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Emitted {
    pub light: u8,
    pub state: u8,
    pub photons: u16,
}

fn clicks(line: &PrepareMeasure, arrival: &Arrival, axis: Bloch, lanes: &mut Lanes) -> u8 {
    let Arrival::Light(light) = arrival else {
        // Blinded detectors do not draw: they obey.
        let certain = patterns(&line.detectors, line.misalignment.0, arrival, axis);
        return certain.iter().position(|p| *p == 1.0).unwrap_or(0) as u8;
    };
    let shares = counted_shares(&line.detectors, line.misalignment.0, light, axis);
    let mut pattern = 0;
    for _ in 0..light.photons {
        let u = uniform(lanes);
        if u < shares[0] {
            pattern |= 1;
        } else if u < shares[0] + shares[1] {
            pattern |= 2;
        }
    }
    for (detector, bit) in line.detectors.iter().zip([1, 2]) {
        if happens(detector.dark_probability.0, lanes) {
            pattern |= bit;
        }
    }
    pattern
}

/// Sends every pulse; the same law as [`crate::pulses::run::run`] on the line's cells, by other draws.
#[must_use]
pub fn run(line: &PrepareMeasure, attack: Option<&dyn Attack>, pulses: u64, frame: u64, job: &Job<'_>) -> Run {
    let chooser = Chooser::new(line);
    job.run(pulses, frame, &|k, length, out| {
        let mut lanes = Lanes::new(job.root, 0, k, Purpose::PulseByPulse);
        let mut dead = Dead::new(2, line.dead_pulses);
        for pulse in 0..length {
            let emitted = chooser.emit(&mut lanes);
            let held = Pulse::new(u32::from(emitted.photons), line.states[usize::from(emitted.state)].vector());
            let branch = match attack {
                None => untouched(line, &held),
                Some(attack) => {
                    let branches = attack.act(&held, line);
                    branches[choose(&summed(branches.iter().map(|b| b.probability)), &mut lanes)]
                }
            };
            let (axis, pattern) = chooser.detect(&branch.arrival, &mut lanes);
            let tag = Tag {
                alice: emitted.state,
                bob: axis,
                light: emitted.light,
                photons: emitted.photons.min(255) as u8,
                note: branch.note,
            };
            hear(out, &mut dead, k * frame, pulse, tag, pattern, &mut lanes);
        }
    })
}
