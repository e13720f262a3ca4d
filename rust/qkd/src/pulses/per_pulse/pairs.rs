//! Pairs between two receivers: the two polarisations of a source squeeze by themselves, and each photon goes its way.

use ebit_random::math::{cos, sin};
use ebit_random::{Lanes, Purpose};

use super::draws::{choose, geometric, happens, left_of, summed, uniform};
use super::two_modes::TwoModes;
use super::{clicks, take};
use crate::attacks::{InterceptResend, measured};
use crate::pulses::cells::Tag;
use crate::pulses::dead::Dead;
use crate::pulses::job::{Job, Run};
use crate::pulses::pairs::{EntangledPairs, PairSource, recorded};

/// Photons along the first and the second of two opposite directions.
type Photons = [u32; 2];

/// Pairs in each polarisation, along the axis of whoever looks first: of down-conversion each is a thermal mode of mean
/// lambda, and which axis that is does not matter.
fn emitted(line: &EntangledPairs, lanes: &mut Lanes) -> Photons {
    match line.source {
        PairSource::DownConversion => [0; 2].map(|_| geometric(line.lambda.0, lanes)),
        PairSource::Single if happens(2.0 * line.lambda.0, lanes) => {
            let second = u32::from(happens(0.5, lanes));
            [1 - second, second]
        }
        PairSource::Single => [0, 0],
    }
}

/// Photons that were counted along one axis, counted along another, `angle` further on the Bloch sphere.
fn turned([first, second]: Photons, angle: f64, lanes: &mut Lanes) -> Photons {
    let (c, s) = (cos(angle / 2.0), sin(angle / 2.0));
    TwoModes::number(first, second).found([((c, 0.0), (s, 0.0)), ((-s, 0.0), (c, 0.0))], lanes)
}

/// Party B's photons, seen along `axis`, on the way to an axis that is chosen later: what she sends on, along her axis.
fn intercepted(
    line: &EntangledPairs,
    intercept: Option<&InterceptResend>,
    (axis, photons): (f64, Photons),
    lanes: &mut Lanes,
) -> (f64, Photons, u8) {
    let Some(intercept) = intercept.filter(|intercept| happens(intercept.fraction.0, lanes)) else {
        return (axis, photons, 0);
    };
    let axes = intercept.angles(line);
    if axes.is_empty() {
        return (axis, photons, 0);
    }
    let number = ((uniform(lanes) * axes.len() as f64) as usize).min(axes.len() - 1);
    let seen = turned(photons, axes[number] - axis, lanes);
    let note = if seen[0] == seen[1] { 0 } else { measured(number, seen[1] > seen[0]) };
    (axes[number], seen, note)
}

/// Sends every pulse; the same law as [`crate::pulses::run::run`] on the line's cells, by other draws.
#[must_use]
pub fn run(line: &EntangledPairs, intercept: Option<&InterceptResend>, pulses: u64, frame: u64, job: &Job<'_>) -> Run {
    let [alice, bob] = [&line.alice, &line.bob].map(|side| summed(side.iter().map(|angle| angle.probability.0)));
    let kept = recorded();
    job.run(pulses, frame, &|k, length, out| {
        let mut lanes = Lanes::new(job.root, 0, k, Purpose::PulseByPulse);
        let mut dead = Dead::new(4, line.dead_pulses);
        for pulse in 0..length {
            let (a, b) = (choose(&alice, &mut lanes), choose(&bob, &mut lanes));
            let hers = emitted(line, &mut lanes);
            let direction = line.alice[a].bloch_angle_rad.0;
            let (axis, on, note) = intercepted(line, intercept, (direction, hers), &mut lanes);
            let his = turned(on, line.bob[b].bloch_angle_rad.0 - axis, &mut lanes);
            let mut pattern = 0;
            for (side, photons) in [hers, his].into_iter().enumerate() {
                // A party whose outcome is turned round has exchanged its detectors.
                let exchanged = side == 1 && happens(line.misalignment.0, &mut lanes);
                for (d, n) in photons.into_iter().enumerate() {
                    let there = left_of(n, line.transmittance[side].0, &mut lanes);
                    let clicked = clicks(&line.detectors[2 * side + d], there, &mut lanes);
                    pattern |= u8::from(clicked) << (2 * side + (d ^ usize::from(exchanged)));
                }
            }
            if pattern == 0 {
                continue;
            }
            let heard = take(out, &mut dead, pulse, pattern);
            if kept[usize::from(heard.live)] {
                let coins = lanes.word() as u8 & 3;
                let tag = Tag { alice: a as u8, bob: b as u8, light: 0, photons: (hers[0] + hers[1]).min(255) as u8, note };
                out.clicks.push(k * frame + pulse, tag, heard, coins);
            }
        }
    })
}
