//! Beam splitting: take what the channel would have lost.

use ebit_spec::check::{At, Check, Range};
use ebit_spec::{Real, SpecError};
use serde::{Deserialize, Serialize};

use super::{Attack, Branch, Pulse, kept};
use crate::pulses::photons::binomial;
use crate::pulses::prepare::PrepareMeasure;

/// On a fraction of the pulses a splitter stands in the place of the channel's loss, and a lossless channel after it.
///
/// What arrives is what the honest channel delivers, photon by photon: nothing moves. The eavesdropper keeps the
/// rest, and knows the bit of every pulse of which she holds a photon (Lütkenhaus 2000, doi:10.1103/PhysRevA.61.052304):
/// of a laser pulse, whose two parts are independent, with probability 1 - exp(-mu (1 - eta)).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BeamSplitting {
    pub fraction: Real,
}

impl Check for BeamSplitting {
    const NAME: &'static str = "BeamSplitting";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        at.real("fraction", self.fraction, Range::Probability, "share of the pulses she touches")
    }
}

impl Attack for BeamSplitting {
    fn act(&self, pulse: &Pulse, line: &PrepareMeasure) -> Vec<Branch> {
        let n = pulse.photons();
        let mut out = vec![pulse.pass(line, 1.0 - self.fraction.0)];
        for passed in 0..=n {
            out.push(Branch {
                probability: self.fraction.0 * binomial(n, passed, line.transmittance.0),
                arrival: pulse.forward_over(passed, 1.0),
                note: kept(n - passed),
            });
        }
        out
    }
}
