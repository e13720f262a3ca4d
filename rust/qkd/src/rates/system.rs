//! Every protocol by its name, as documents hold them: `{"DecoyBB84": {...}}`.

use ebit_spec::check::Check;
use ebit_spec::parse::parse;
use ebit_spec::{Channel, SpecError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::key_rate::KeyRate;
use super::protocol::Protocol;
use super::{reach, search};
use crate::finite::{Budget, Finite};

macro_rules! systems {
    ($($variant:ident($kind:ty) = $name:literal),+ $(,)?) => {
        /// A protocol on its line.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
        pub enum System {
            $(#[serde(rename = $name)] $variant($kind),)+
        }

        impl System {
            /// Secret bits per signal.
            ///
            /// # Errors
            /// As of [`Protocol::key_rate`].
            pub fn key_rate(&self, finite: Option<&Finite>) -> Result<KeyRate, SpecError> {
                let mut rate = match self { $(Self::$variant(p) => p.key_rate(finite),)+ }?;
                if let Some(finite) = finite {
                    let secrecy = rate.epsilon.iter().filter(|(name, _)| *name != "correctness").map(|(_, part)| part).sum();
                    rate.why = finite.epsilon.why_all_leaks(rate.raw, secrecy).unwrap_or(rate.why);
                }
                Ok(rate)
            }

            /// Signals per second.
            pub fn repetition_rate_hz(&self) -> f64 {
                match self { $(Self::$variant(p) => p.repetition_rate_hz(),)+ }
            }

            /// What the signals cross.
            pub fn channel(&self) -> Option<&Channel> {
                match self { $(Self::$variant(p) => p.channel(),)+ }
            }

            /// What stands behind the number.
            pub fn security(&self, finite: bool) -> &'static str {
                match self { $(Self::$variant(p) => p.security(finite),)+ }
            }

            /// Ideal values and simplifications in force.
            pub fn assumptions(&self, finite: bool) -> Vec<String> {
                match self { $(Self::$variant(p) => p.assumptions(finite),)+ }
            }

            /// The same at its best parameters.
            ///
            /// # Errors
            /// As of [`search::optimum`].
            pub fn optimum(&self, finite: Option<&Finite>) -> Result<Self, SpecError> {
                match self { $(Self::$variant(p) => search::optimum(p, finite).map(Self::$variant),)+ }
            }

            /// The longest fibre with a key, km.
            ///
            /// # Errors
            /// As of [`reach::max_distance_km`].
            pub fn max_distance_km(&self, finite: Option<&Finite>) -> Result<f64, SpecError> {
                match self { $(Self::$variant(p) => reach::max_distance_km(p, finite),)+ }
            }
        }

        /// Reads and checks a protocol by its name; None where no protocol is called so.
        pub fn check(kind: &str, json: &str) -> Option<Result<(), SpecError>> {
            match kind {
                $($name => Some(parse::<$kind>(json).map(|_| ())),)+
                <Budget as Check>::NAME => Some(parse::<Budget>(json).map(|_| ())),
                _ => None,
            }
        }

        impl Check for System {
            const NAME: &'static str = "System";
            fn check(&self, at: &ebit_spec::check::At<'_>) -> Result<(), SpecError> {
                match self { $(Self::$variant(p) => at.within($name, |at| p.check(at)),)+ }
            }
        }
    };
}

systems! {
    Bb84(super::bb84::Bb84) = "BB84",
    WeakBb84(super::weak_bb84::WeakBb84) = "WeakBB84",
    DecoyBb84(super::decoy_bb84::DecoyBb84) = "DecoyBB84",
    SixState(super::six_state::SixState) = "SixState",
    B92(super::b92::B92) = "B92",
    Sarg04(super::sarg04::Sarg04) = "SARG04",
    Bbm92(super::bbm92::Bbm92) = "BBM92",
    E91(super::e91::E91) = "E91",
    DeliveredPairs(super::delivered_pairs::DeliveredPairs) = "DeliveredPairs",
    Mdi(super::mdi::Mdi) = "MDI",
    TwinField(super::twin_field::TwinField) = "TwinField",
    SendingOrNotSending(super::sending_or_not::SendingOrNotSending) = "SendingOrNotSending",
    ModePairing(super::mode_pairing::ModePairing) = "ModePairing",
    Cow(super::cow::Cow) = "COW",
    Dps(super::dps::Dps) = "DPS",
    Gg02(super::gg02::Gg02) = "GG02",
    DeviceIndependent(super::device_independent::DeviceIndependent) = "DeviceIndependent",
}
