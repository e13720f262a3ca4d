//! Detector blinding: bright light makes the detectors obey.

use ebit_spec::check::{At, Check, Range};
use ebit_spec::{Real, SpecError};
use serde::{Deserialize, Serialize};

use super::{Attack, Branch, Pulse, measured, receiver_axes};
use crate::pulses::bloch::eigenstate;
use crate::pulses::prepare::PrepareMeasure;
use crate::pulses::prepare_cells::yield_of;
use crate::pulses::receiver::Arrival;

/// The detectors are blinded; the eavesdropper measures every pulse and sends a bright copy of her outcome, which makes a
/// detector click only where the receiver chose her axis.
///
/// Lydersen et al. 2010, doi:10.1038/nphoton.2010.214. With `m` axes a copy is heard one time in `m`; she sends one for
/// `m Y_n` of the pulses of `n` photons, where `Y_n` is their honest yield, and flips as many outcomes as the honest line
/// would, so that no gain and no error rate moves as long as `m Y_n` <= 1; beyond that gains fall, and there is never a double
/// click. The light that blinds is there to be seen by a monitor at the receiver, `blinding_power_w`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DetectorBlinding {
    pub blinding_power_w: Real,
}

impl Check for DetectorBlinding {
    const NAME: &'static str = "DetectorBlinding";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        at.real("blinding_power_w", self.blinding_power_w, Range::NonNegative, "continuous light on the detectors")
    }
}

/// The share of `n`-photon pulses' clicks that are wrong on an honest line when the axis is right.
fn honest_error(line: &PrepareMeasure, n: u32) -> f64 {
    let dark = yield_of(line, 0, 0.0);
    let all = yield_of(line, n, line.transmittance.0);
    if all > 0.0 { (0.5 * dark + line.misalignment.0 * (all - dark)) / all } else { 0.0 }
}

impl Attack for DetectorBlinding {
    fn act(&self, pulse: &Pulse, line: &PrepareMeasure) -> Vec<Branch> {
        let n = pulse.photons();
        let axes = receiver_axes(line);
        let m = axes.len() as f64;
        let sent = (m * yield_of(line, n, line.transmittance.0)).min(1.0);
        let flipped = honest_error(line, n);
        let mut out = vec![Branch { probability: 1.0 - sent, arrival: Arrival::Blind, note: 0 }];
        for (k, axis) in axes.iter().enumerate() {
            // Of an empty pulse there is nothing to measure: she invents an outcome.
            let outcomes = if n == 0 { [(false, 0.5), (true, 0.5)] } else { pulse.measure(*axis) };
            for (bit, p) in outcomes {
                for (sent_bit, share) in [(bit, 1.0 - flipped), (!bit, flipped)] {
                    out.push(Branch {
                        probability: sent * p * share / m,
                        arrival: Arrival::Bright(eigenstate(*axis, sent_bit)),
                        note: measured(k, sent_bit),
                    });
                }
            }
        }
        out
    }
}
