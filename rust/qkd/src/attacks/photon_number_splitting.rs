//! Photon-number splitting: keep a photon of each pulse that has two, and hide it in the loss.

use ebit_spec::check::{At, Check, Range};
use ebit_spec::{Real, SpecError};
use serde::{Deserialize, Serialize};

use super::{Attack, Branch, Pulse, kept};
use crate::pulses::photons::law;
use crate::pulses::prepare::PrepareMeasure;
use crate::pulses::prepare_cells::yield_of;

/// On a fraction of the pulses: one photon of two or more is kept, the others go on over a channel without loss; single
/// photons are held back as far as the gain of the first intensity allows, or multi-photon pulses if even those are too many.
///
/// Brassard, Lütkenhaus, Mor, Sanders 2000, doi:10.1103/PhysRevLett.85.1330. The gain of the first intensity stays as it
/// was whenever a lossless channel can make up for what is held back, and the error rate with it; other intensities' gains
/// move, which is what decoys see.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhotonNumberSplitting {
    pub fraction: Real,
}

impl Check for PhotonNumberSplitting {
    const NAME: &'static str = "PhotonNumberSplitting";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        at.real("fraction", self.fraction, Range::Probability, "share of the pulses she touches")
    }
}

/// With which probability single photons, and the rest of larger pulses, go on.
fn shares(line: &PrepareMeasure) -> [f64; 2] {
    let photons = line.intensities.first().map_or_else(Vec::new, |i| law(line.source, i.mean));
    let dark = yield_of(line, 0, 1.0);
    let (mut wanted, mut single, mut multi) = (0.0, 0.0, 0.0);
    for (n, p) in photons.iter().enumerate().skip(1) {
        wanted += p * (yield_of(line, n as u32, line.transmittance.0) - dark);
        if n == 1 {
            single = p * (yield_of(line, 1, 1.0) - dark);
        } else {
            multi += p * (yield_of(line, n as u32 - 1, 1.0) - dark);
        }
    }
    if multi >= wanted {
        [0.0, if multi > 0.0 { wanted / multi } else { 0.0 }]
    } else {
        [if single > 0.0 { ((wanted - multi) / single).min(1.0) } else { 0.0 }, 1.0]
    }
}

impl PhotonNumberSplitting {
    /// Probability that a single photon goes on, and that the rest of a larger pulse does.
    #[must_use]
    pub fn shares(&self, line: &PrepareMeasure) -> [f64; 2] {
        shares(line)
    }
}

impl Attack for PhotonNumberSplitting {
    fn act(&self, pulse: &Pulse, line: &PrepareMeasure) -> Vec<Branch> {
        let n = pulse.photons();
        if n == 0 {
            return vec![pulse.pass(line, 1.0)];
        }
        let [single, multi] = shares(line);
        let (goes_on, passed) = if n == 1 { (single, 1) } else { (multi, n - 1) };
        let f = self.fraction.0;
        vec![
            pulse.pass(line, 1.0 - f),
            Branch { probability: f * goes_on, arrival: pulse.forward_over(passed, 1.0), note: kept(n - passed) },
            // What is held back is hers too, but there will be no bit to know.
            Branch { probability: f * (1.0 - goes_on), arrival: pulse.forward_over(0, 1.0), note: kept(n) },
        ]
    }
}
