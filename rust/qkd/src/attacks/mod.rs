//! Eavesdroppers on prepared pulses: what each does to the photons, as a law of branches.
//!
//! An [`Attack`] meets one [`Pulse`]. It may count its photons without disturbing them, measure some (which is the only
//! way to learn of their polarisation), keep some for later, let some pass, over the channel or over a better one, and send
//! others in their place. It answers with branches: what may happen, how likely, what arrives at the receiver, and what
//! the eavesdropper writes down. From the branches the sampler skips to the clicks, whatever the attack.
//!
//! An attack of one's own is an implementation of the trait; nothing else changes.
//!
//! Refuses to know: the sender's symbols and intensities of a pulse, sifting, keys.

mod beam_splitting;
mod blinding;
mod document;
mod faked_states;
mod intercept_resend;
mod photon_number_splitting;
mod time_shift;
mod trojan_horse;

pub use beam_splitting::BeamSplitting;
pub use blinding::DetectorBlinding;
pub use document::AttackDocument;
pub use faked_states::EfficiencyMismatch;
pub use intercept_resend::{Basis, InterceptResend};
pub use photon_number_splitting::PhotonNumberSplitting;
pub use time_shift::TimeShift;
pub use trojan_horse::TrojanHorse;

use crate::pulses::bloch::{Bloch, eigenstate, probability_of_zero};
use crate::pulses::prepare::PrepareMeasure;
use crate::pulses::receiver::{Arrival, Light};

/// Notes from here on say how many photons were kept: `KEPT + count`.
pub const KEPT: u8 = 128;

/// The note for photons kept in a memory until the bases are announced.
#[must_use]
pub fn kept(photons: u32) -> u8 {
    if photons == 0 { 0 } else { KEPT + photons.min(100) as u8 }
}

/// The note for outcome `bit` of a measurement along the eavesdropper's axis number `axis`.
#[must_use]
pub fn measured(axis: usize, bit: bool) -> u8 {
    1 + 2 * (axis.min(60) as u8) + u8::from(bit)
}

/// One of the things that may happen to a pulse.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Branch {
    pub probability: f64,
    pub arrival: Arrival,
    /// What the eavesdropper writes down: 0 nothing, [`measured`] or [`kept`] photons.
    pub note: u8,
}

/// An eavesdropper on the quantum channel.
pub trait Attack: Sync {
    /// What becomes of a pulse. The probabilities sum to 1.
    fn act(&self, pulse: &Pulse, line: &PrepareMeasure) -> Vec<Branch>;
}

/// A pulse in the eavesdropper's hands: she can count its photons, and knows its state only by measuring.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pulse {
    photons: u32,
    state: Bloch,
}

impl Pulse {
    #[must_use]
    pub fn new(photons: u32, state: Bloch) -> Self {
        Self { photons, state }
    }

    /// The photon number, by a measurement that leaves the polarisation alone.
    #[must_use]
    pub fn photons(&self) -> u32 {
        self.photons
    }

    /// Measures one photon: the probability of each outcome.
    #[must_use]
    pub fn measure(&self, axis: Bloch) -> [(bool, f64); 2] {
        let zero = probability_of_zero(self.state, axis);
        [(false, zero), (true, 1.0 - zero)]
    }

    /// Lets `photons` of the photons go on over the channel as it is.
    #[must_use]
    pub fn forward(&self, line: &PrepareMeasure, photons: u32) -> Arrival {
        self.forward_over(photons, line.transmittance.0)
    }

    /// Lets `photons` of the photons go on over a channel of the eavesdropper's own.
    #[must_use]
    pub fn forward_over(&self, photons: u32, transmittance: f64) -> Arrival {
        Arrival::Light(Light {
            photons: photons.min(self.photons),
            state: self.state,
            transmittance,
            efficiency_factors: [1.0; 2],
        })
    }

    /// The same, arriving at a time at which the two detectors have these shares of their efficiency.
    #[must_use]
    pub fn forward_shifted(&self, line: &PrepareMeasure, efficiency_factors: [f64; 2]) -> Arrival {
        let light = Light { photons: self.photons, state: self.state, transmittance: line.transmittance.0, efficiency_factors };
        Arrival::Light(light)
    }

    /// What happens if the eavesdropper stays away.
    #[must_use]
    pub fn pass(&self, line: &PrepareMeasure, probability: f64) -> Branch {
        Branch { probability, arrival: self.forward(line, self.photons), note: 0 }
    }
}

/// Fresh photons that point to `bit` along `axis`, over the channel as it is.
#[must_use]
pub fn resend(line: &PrepareMeasure, photons: u32, axis: Bloch, bit: bool) -> Light {
    Light { photons, state: eigenstate(axis, bit), transmittance: line.transmittance.0, efficiency_factors: [1.0; 2] }
}

/// The receiver's axes, each once: what an eavesdropper measures who knows the protocol.
#[must_use]
pub fn receiver_axes(line: &PrepareMeasure) -> Vec<Bloch> {
    line.measurements.iter().map(|m| m.vector()).collect()
}

/// The axis of the receiver that is least like `axis`: the conjugate basis.
#[must_use]
pub fn conjugate(axes: &[Bloch], axis: Bloch) -> Bloch {
    let likeness = |other: &Bloch| (probability_of_zero(*other, axis) - 0.5).abs();
    axes.iter().copied().min_by(|a, b| likeness(a).total_cmp(&likeness(b))).unwrap_or(axis)
}
