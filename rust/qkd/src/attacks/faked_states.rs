//! Faked states on detectors of unequal efficiency.

use ebit_spec::check::{At, Check, Range};
use ebit_spec::{Real, SpecError};
use serde::{Deserialize, Serialize};

use super::{Attack, Branch, Pulse, conjugate, measured, receiver_axes};
use crate::pulses::bloch::eigenstate;
use crate::pulses::prepare::PrepareMeasure;
use crate::pulses::receiver::{Arrival, Light};

/// The eavesdropper measures along one of the receiver's axes and sends the opposite outcome in the conjugate basis, at a
/// time at which the detector of that opposite outcome has only the share `ratio` of its efficiency.
///
/// Makarov, Anisimov, Skaar 2006, doi:10.1103/PhysRevA.74.022313: for single photons in BB84 the error rate is
/// 2 r/(1 + 3 r) and the gain (1 + 3 r)/4 of the honest one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EfficiencyMismatch {
    pub ratio: Real,
}

impl Check for EfficiencyMismatch {
    const NAME: &'static str = "EfficiencyMismatch";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        at.real("ratio", self.ratio, Range::Probability, "the weak detector's efficiency over the strong one's at her time")
    }
}

impl Attack for EfficiencyMismatch {
    fn act(&self, pulse: &Pulse, line: &PrepareMeasure) -> Vec<Branch> {
        let photons = pulse.photons();
        if photons == 0 {
            return vec![pulse.pass(line, 1.0)];
        }
        let axes = receiver_axes(line);
        let mut out = Vec::new();
        for (k, axis) in axes.iter().enumerate() {
            for (bit, p) in pulse.measure(*axis) {
                let state = eigenstate(conjugate(&axes, *axis), !bit);
                let efficiency_factors = if bit { [self.ratio.0, 1.0] } else { [1.0, self.ratio.0] };
                out.push(Branch {
                    probability: p / axes.len() as f64,
                    arrival: Arrival::Light(Light { photons, state, transmittance: line.transmittance.0, efficiency_factors }),
                    note: measured(k, bit),
                });
            }
        }
        out
    }
}
