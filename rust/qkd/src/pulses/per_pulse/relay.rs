//! Two senders and a relay: pulses of random phase are photon numbers that interfere photon by photon, those of a known
//! phase are fields.

use std::f64::consts::FRAC_1_SQRT_2;

use ebit_random::math::{acos, cos, sin, sqrt};
use ebit_random::{Lanes, Purpose};

use super::draws::{choose, happens, left_of, poisson, summed};
use super::two_modes::{Complex, TwoModes};
use super::{clicks, take};
use crate::pulses::cells::{MOST_DETECTORS, Tag};
use crate::pulses::dead::Dead;
use crate::pulses::job::{Job, Run};
use crate::pulses::relay::{ONE_EACH, OTHER, Relay, RelayLine, Sending, jones};

/// Photons at each detector.
type Photons = [u32; MOST_DETECTORS];

/// What each sender's pulse adds to the field of each detector.
type Fields = [(Complex, Complex); MOST_DETECTORS];

/// The relay's splitter: each detector sees half of either polarisation, the second sender's turned round at one port.
fn fields(line: &RelayLine, polarisations: [[Complex; 2]; 2]) -> Fields {
    let modes = line.detectors.len() / 2;
    std::array::from_fn(|d| {
        let (port, p) = (d / modes, d % modes);
        if d >= line.detectors.len() {
            return ((0.0, 0.0), (0.0, 0.0));
        }
        let [a, b] = polarisations.map(|jones| (jones[p].0 * FRAC_1_SQRT_2, jones[p].1 * FRAC_1_SQRT_2));
        (a, if port == 0 { b } else { (-b.0, -b.1) })
    })
}

/// A pulse's polarisation as the relay sees it.
fn polarisation(relay: Relay, sending: &Sending, turned: bool) -> [Complex; 2] {
    match sending.bloch {
        Some(bloch) if relay == Relay::Bell => jones(bloch.map(|c| if turned { -c.0 } else { c.0 })),
        _ => [(1.0, 0.0), (0.0, 0.0)],
    }
}

/// Photons at the detectors, and whether each sender sent exactly one.
fn arrive(line: &RelayLine, [a, b]: [&Sending; 2], lanes: &mut Lanes) -> (Photons, bool) {
    let turned = line.relay == Relay::Bell && happens(line.misalignment.0, lanes);
    let fields = fields(line, [polarisation(line.relay, a, false), polarisation(line.relay, b, turned)]);
    let [Some(first), Some(second)] = [a.phase_rad, b.phase_rad] else {
        // One random phase makes the phase between the two random: both are mixtures of photon numbers.
        let sent = [a, b].map(|sending| poisson(sending.mean.0, lanes));
        let mut there = [0; 2];
        for ((there, sent), eta) in there.iter_mut().zip(sent).zip(&line.transmittance) {
            *there = left_of(sent, eta.0, lanes);
        }
        return (TwoModes::number(there[0], there[1]).found(fields, lanes), sent == [1, 1]);
    };
    let off = if line.relay == Relay::Single { acos(1.0 - 2.0 * line.misalignment.0) } else { 0.0 };
    let phase = second.0 + off - first.0;
    let [one, two] = [0, 1].map(|k| sqrt([a, b][k].mean.0 * line.transmittance[k].0));
    let (c, s) = (two * cos(phase), two * sin(phase));
    let photons = fields.map(|((x, y), (u, v))| {
        let field = (one * x + c * u - s * v, one * y + c * v + s * u);
        poisson(field.0 * field.0 + field.1 * field.1, lanes)
    });
    (photons, false)
}

/// Sends every pair of pulses; the same law as [`crate::pulses::run::run`] on the line's cells, by other draws.
#[must_use]
pub fn run(line: &RelayLine, pulses: u64, frame: u64, job: &Job<'_>) -> Run {
    let [alice, bob] = [&line.alice, &line.bob].map(|side| summed(side.iter().map(|sending| sending.probability.0)));
    let kept = line.recorded();
    job.run(pulses, frame, &|k, length, out| {
        let mut lanes = Lanes::new(job.root, 0, k, Purpose::PulseByPulse);
        let mut dead = Dead::new(line.detectors.len(), line.dead_pulses);
        for pulse in 0..length {
            let (a, b) = (choose(&alice, &mut lanes), choose(&bob, &mut lanes));
            let (first, second) = (&line.alice[a], &line.bob[b]);
            let (photons, one_each) = arrive(line, [first, second], &mut lanes);
            let mut pattern = 0;
            for (d, detector) in line.detectors.iter().enumerate() {
                pattern |= u8::from(clicks(detector, photons[d], &mut lanes)) << d;
            }
            if pattern == 0 {
                continue;
            }
            let heard = take(out, &mut dead, pulse, pattern);
            if kept[usize::from(heard.live)] {
                let light = first.light.wrapping_mul(16).wrapping_add(second.light);
                let photons = if one_each { ONE_EACH } else { OTHER };
                out.clicks.push(k * frame + pulse, Tag { alice: a as u8, bob: b as u8, light, photons, note: 0 }, heard, 0);
            }
        }
    })
}
