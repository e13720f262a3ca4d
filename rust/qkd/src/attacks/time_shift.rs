//! Time shift: move the pulses to where one detector is better than the other.

use ebit_spec::check::{At, Check, Range};
use ebit_spec::{Real, SpecError};
use serde::{Deserialize, Serialize};

use super::{Attack, Branch, Pulse, measured};
use crate::pulses::prepare::PrepareMeasure;

/// Each pulse is made early or late, at random: early, detector 1 has only the share `ratio` of its efficiency; late,
/// detector 0.
///
/// Qi, Fung, Lo, Ma 2007, quant-ph/0512080; Zhao et al. 2008, doi:10.1103/PhysRevA.78.042333. No state is touched, so that
/// photons make no more errors; dark counts weigh more where fewer photons click. Of a click she knows the bit with probability
/// 1/(1 + r); the gain is (1 + r)/2 of the honest one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeShift {
    pub ratio: Real,
}

impl Check for TimeShift {
    const NAME: &'static str = "TimeShift";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        at.real("ratio", self.ratio, Range::Probability, "the weak detector's efficiency over the strong one's")
    }
}

impl Attack for TimeShift {
    fn act(&self, pulse: &Pulse, line: &PrepareMeasure) -> Vec<Branch> {
        let factors = [[1.0, self.ratio.0], [self.ratio.0, 1.0]];
        [false, true]
            .map(|late| Branch {
                probability: 0.5,
                arrival: pulse.forward_shifted(line, factors[usize::from(late)]),
                note: measured(0, late),
            })
            .to_vec()
    }
}
