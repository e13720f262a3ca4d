//! The built-in attacks as they cross the boundary: one document.

use ebit_spec::SpecError;
use ebit_spec::check::{At, Check};
use serde::{Deserialize, Serialize};

use super::{
    Attack, BeamSplitting, Branch, DetectorBlinding, EfficiencyMismatch, InterceptResend, PhotonNumberSplitting, Pulse,
    TimeShift, TrojanHorse,
};
use crate::pulses::prepare::PrepareMeasure;

/// Any of the built-in attacks on prepared pulses, under its name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum AttackDocument {
    InterceptResend(InterceptResend),
    PhotonNumberSplitting(PhotonNumberSplitting),
    BeamSplitting(BeamSplitting),
    TrojanHorse(TrojanHorse),
    DetectorBlinding(DetectorBlinding),
    EfficiencyMismatch(EfficiencyMismatch),
    TimeShift(TimeShift),
}

impl Check for AttackDocument {
    const NAME: &'static str = "Eavesdropper";
    fn check(&self, _: &At<'_>) -> Result<(), SpecError> {
        fn judge<T: Check>(attack: &T) -> Result<(), SpecError> {
            attack.check(&At(&|| T::NAME.to_owned()))
        }
        match self {
            Self::InterceptResend(attack) => judge(attack),
            Self::PhotonNumberSplitting(attack) => judge(attack),
            Self::BeamSplitting(attack) => judge(attack),
            Self::TrojanHorse(attack) => judge(attack),
            Self::DetectorBlinding(attack) => judge(attack),
            Self::EfficiencyMismatch(attack) => judge(attack),
            Self::TimeShift(attack) => judge(attack),
        }
    }
}

impl Attack for AttackDocument {
    fn act(&self, pulse: &Pulse, line: &PrepareMeasure) -> Vec<Branch> {
        match self {
            Self::InterceptResend(attack) => attack.act(pulse, line),
            Self::PhotonNumberSplitting(attack) => attack.act(pulse, line),
            Self::BeamSplitting(attack) => attack.act(pulse, line),
            Self::TrojanHorse(attack) => attack.act(pulse, line),
            Self::DetectorBlinding(attack) => attack.act(pulse, line),
            Self::EfficiencyMismatch(attack) => attack.act(pulse, line),
            Self::TimeShift(attack) => attack.act(pulse, line),
        }
    }
}
