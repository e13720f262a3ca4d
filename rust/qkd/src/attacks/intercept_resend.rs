//! Intercept-resend: measure, and send on what was seen.

use ebit_spec::check::{At, Check, Range};
use ebit_spec::{Real, SpecError};
use serde::{Deserialize, Serialize};

use super::{Attack, Branch, Pulse, measured, receiver_axes, resend};
use crate::pulses::bloch::{BREIDBART, Bloch, X, Y, Z};
use crate::pulses::pairs::EntangledPairs;
use crate::pulses::prepare::PrepareMeasure;
use crate::pulses::receiver::Arrival;

/// Along what the eavesdropper measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Basis {
    /// One of the receiver's axes, all alike.
    #[serde(rename = "random")]
    Random,
    X,
    Y,
    Z,
    /// Half-way between Z and X.
    #[serde(rename = "breidbart")]
    Breidbart,
}

impl Basis {
    fn axes(self, line: &PrepareMeasure) -> Vec<Bloch> {
        match self {
            Basis::Random => receiver_axes(line),
            Basis::X => vec![X],
            Basis::Y => vec![Y],
            Basis::Z => vec![Z],
            Basis::Breidbart => vec![BREIDBART],
        }
    }
}

/// On a fraction of the pulses she measures one photon and replaces all by as many of the outcome.
///
/// The photon number is kept, so no gain moves. The error rate of what she touched is 1/4 in BB84 with any of its bases or
/// Breidbart's, 1/3 in the six-state protocol and in SARG04, c/(1 + c) in B92 with c the overlap squared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InterceptResend {
    pub fraction: Real,
    pub basis: Basis,
}

impl InterceptResend {
    /// Her axes on party B's arm of a pair source, as angles on the ZX circle.
    #[must_use]
    pub fn angles(&self, line: &EntangledPairs) -> Vec<f64> {
        use std::f64::consts::{FRAC_PI_2, FRAC_PI_4};
        match self.basis {
            Basis::Random => line.bob.iter().map(|angle| angle.bloch_angle_rad.0).collect(),
            Basis::X => vec![FRAC_PI_2],
            Basis::Z => vec![0.0],
            Basis::Breidbart => vec![FRAC_PI_4],
            // Across the circle of all polarisers; whoever reads documents refuses it.
            Basis::Y => Vec::new(),
        }
    }
}

impl Check for InterceptResend {
    const NAME: &'static str = "InterceptResend";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        at.real("fraction", self.fraction, Range::Probability, "share of the pulses she measures")
    }
}

impl Attack for InterceptResend {
    fn act(&self, pulse: &Pulse, line: &PrepareMeasure) -> Vec<Branch> {
        let n = pulse.photons();
        if n == 0 {
            return vec![pulse.pass(line, 1.0)];
        }
        let axes = self.basis.axes(line);
        let mut out = vec![pulse.pass(line, 1.0 - self.fraction.0)];
        for (k, axis) in axes.iter().enumerate() {
            for (bit, p) in pulse.measure(*axis) {
                out.push(Branch {
                    probability: self.fraction.0 * p / axes.len() as f64,
                    arrival: Arrival::Light(resend(line, n, *axis, bit)),
                    note: measured(k, bit),
                });
            }
        }
        out
    }
}
