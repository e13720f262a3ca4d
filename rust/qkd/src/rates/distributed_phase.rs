//! What coherent-one-way and differential-phase-shift QKD have alike: a train of coherent pulses.

use ebit_hardware::channel::Crossing;
use ebit_spec::Channel;

use super::line::{Gain, Line};

/// The line of a train of pulses.
#[must_use]
pub fn line(channel: &Channel, efficiency: f64, background: f64, misalignment: f64) -> Line {
    let eta = efficiency * Crossing::of(channel).transmittance();
    Line { eta, background, misalignment, afterpulse: 0.0, gain: Gain::Union }
}
