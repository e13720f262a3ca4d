//! One pulse after another, each photon by itself: the oracle of the cells, and the way of attacks that are programs.
//!
//! Nothing is shared with the cells but the line and the attack's branches: photon numbers are drawn by inversion, every
//! photon meets loss, splitter and detector on its own, dark counts are drawn apart.

use ebit_random::{Lanes, Purpose};

use super::bloch::Bloch;
use super::cells::Tag;
use super::dead::Dead;
use super::job::{Job, Run};
use super::photons::law;
use super::prepare::PrepareMeasure;
use super::prepare_cells::untouched;
use super::receiver::{Arrival, Light, counted_shares, patterns};
use crate::attacks::{Attack, Pulse};

/// A uniform number in [0, 1).
#[inline]
fn uniform(lanes: &mut Lanes) -> f64 {
    (lanes.word() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
}

/// Distribution functions of what the two parties choose.
pub struct Chooser<'a> {
    line: &'a PrepareMeasure,
    lights: Vec<f64>,
    states: Vec<f64>,
    axes: Vec<f64>,
    photons: Vec<Vec<f64>>,
}

fn summed(probabilities: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut total = 0.0;
    probabilities
        .map(|p| {
            total += p;
            total
        })
        .collect()
}

/// The first index whose sum is above a uniform; the last if rounding leaves none.
fn choose(sums: &[f64], lanes: &mut Lanes) -> usize {
    let u = uniform(lanes);
    sums.iter().position(|sum| u < *sum).unwrap_or(sums.len() - 1)
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
        if uniform(lanes) < detector.dark_probability.0 {
            pattern |= bit;
        }
    }
    pattern
}

/// Sends every pulse; the same law as [`super::run::run`] on the line's cells, by other draws.
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

/// Takes the live clicks of a pattern into the record.
fn hear(out: &mut Run, dead: &mut Dead, start: u64, pulse: u64, tag: Tag, pattern: u8, lanes: &mut Lanes) {
    if pattern == 0 {
        return;
    }
    let heard = dead.hear(pulse, pattern);
    if heard.live == 0 {
        return;
    }
    out.detections[0] += u64::from(heard.live & 1);
    out.detections[1] += u64::from(heard.live >> 1);
    let coin = if heard.live == 3 { (lanes.word() & 1) as u8 } else { 0 };
    out.clicks.push(start + pulse, tag, heard, coin);
}

/// The pulses of a frame as a program of the user's sees them, and the receiver that hears what the program sends on.
pub struct Frame {
    lanes: Lanes,
    dead: Dead,
    start: u64,
    sent: u64,
}

/// What was sent in a batch of pulses.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Batch {
    pub light: Vec<u8>,
    pub state: Vec<u8>,
    pub photons: Vec<u16>,
}

/// What arrives in a batch of pulses, a column each.
pub struct Arrivals<'a> {
    pub photons: &'a [u16],
    /// Three numbers a pulse.
    pub bloch: &'a [f64],
    pub transmittance: &'a [f64],
    /// Two numbers a pulse: factors on the detectors' efficiencies.
    pub efficiency_factors: &'a [f64],
    /// 0: light, 1: a bright pulse on blinded detectors, 2: blinded detectors in the dark.
    pub kind: &'a [u8],
    pub note: &'a [u8],
}

impl Frame {
    /// Frame number `k` of frames of `frame` pulses.
    #[must_use]
    pub fn new(line: &PrepareMeasure, root: u128, k: u64, frame: u64) -> Self {
        let lanes = Lanes::new(root, 1, k, Purpose::PulseByPulse);
        Self { lanes, dead: Dead::new(2, line.dead_pulses), start: k * frame, sent: 0 }
    }

    /// The next `count` pulses leave the sender.
    pub fn emit(&mut self, chooser: &Chooser<'_>, count: usize) -> Batch {
        let mut out = Batch::default();
        for _ in 0..count {
            let emitted = chooser.emit(&mut self.lanes);
            out.light.push(emitted.light);
            out.state.push(emitted.state);
            out.photons.push(emitted.photons);
        }
        out
    }

    /// What was made of them reaches the receiver. All columns have the length of the batch.
    pub fn detect(&mut self, chooser: &Chooser<'_>, sent: &Batch, arrivals: &Arrivals<'_>, out: &mut Run) {
        for k in 0..sent.photons.len() {
            let bloch = [arrivals.bloch[3 * k], arrivals.bloch[3 * k + 1], arrivals.bloch[3 * k + 2]];
            let arrival = match arrivals.kind[k] {
                0 => Arrival::Light(Light {
                    photons: u32::from(arrivals.photons[k]),
                    state: bloch,
                    transmittance: arrivals.transmittance[k],
                    efficiency_factors: [arrivals.efficiency_factors[2 * k], arrivals.efficiency_factors[2 * k + 1]],
                }),
                1 => Arrival::Bright(bloch),
                _ => Arrival::Blind,
            };
            let (axis, pattern) = chooser.detect(&arrival, &mut self.lanes);
            let photons = sent.photons[k].min(255) as u8;
            let tag = Tag { alice: sent.state[k], bob: axis, light: sent.light[k], photons, note: arrivals.note[k] };
            hear(out, &mut self.dead, self.start, self.sent, tag, pattern, &mut self.lanes);
            self.sent += 1;
        }
        out.pulses += sent.photons.len() as u64;
    }
}
