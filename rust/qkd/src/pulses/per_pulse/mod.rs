//! One pulse after another, each photon by itself: the oracle of the cells, and the way of attacks that are programs.
//!
//! Nothing is shared with the cells but the line and an attack's branches: every photon meets loss, splitter and detector
//! on its own, dark counts are drawn apart, and where photons interfere it is amplitudes that are summed ([`two_modes`]).

pub mod draws;
pub mod pairs;
pub mod prepare;
pub mod program;
pub mod relay;
pub mod two_modes;

use ebit_random::Lanes;

use super::cells::Tag;
use super::dead::{Dead, Heard};
use super::job::Run;
use super::receiver::Detector;
use draws::happens;

/// Takes the live clicks of a pattern into the record.
fn hear(out: &mut Run, dead: &mut Dead, start: u64, pulse: u64, tag: Tag, pattern: u8, lanes: &mut Lanes) {
    if pattern == 0 {
        return;
    }
    let heard = take(out, dead, pulse, pattern);
    if heard.live == 0 {
        return;
    }
    let coin = if heard.live == 3 { (lanes.word() & 1) as u8 } else { 0 };
    out.clicks.push(start + pulse, tag, heard, coin);
}

/// Counts the live clicks of a pattern.
fn take(out: &mut Run, dead: &mut Dead, pulse: u64, pattern: u8) -> Heard {
    let heard = dead.hear(pulse, pattern);
    for (detector, count) in out.detections.iter_mut().enumerate() {
        *count += u64::from(heard.live >> detector & 1);
    }
    heard
}

/// Whether a detector on which so many photons fall clicks.
fn clicks(detector: &Detector, photons: u32, lanes: &mut Lanes) -> bool {
    let counted = draws::left_of(photons, detector.efficiency.0, lanes) > 0;
    happens(detector.dark_probability.0, lanes) || counted
}
