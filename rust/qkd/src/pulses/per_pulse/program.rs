//! Attacks that are programs: the sender's pulses go out, a batch at a time, and what was made of them comes back.

use ebit_random::{Lanes, Purpose};

use super::hear;
use super::prepare::Chooser;
use crate::pulses::cells::Tag;
use crate::pulses::dead::Dead;
use crate::pulses::job::Run;
use crate::pulses::prepare::PrepareMeasure;
use crate::pulses::receiver::{Arrival, Light};

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
