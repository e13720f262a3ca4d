//! Key rates: one protocol a file, each with its parameters, its equation and what its proof covers.
//!
//! ```text
//!     parameters (serde) -> numbers of the line -> bounds on what Eve saw -> secret bits per signal
//! ```
//!
//! - [`protocol`]: what every protocol can be asked.
//! - [`system`]: all of them by name, as documents hold them.
//! - [`line`], [`decoys`], [`shares`], [`fields`]: what several protocols share. [`gaussian`]: a line of continuous variables.
//! - [`pair_source`], [`relay`]: down-conversion between two receivers; two senders and a relay.
//! - [`threshold`]: error rates at which keys vanish.
//! - [`search`], [`simplex`]: the best parameters, by continuation in distance. [`reach`]: the longest distance.
//!
//! A rate is in secret bits per signal sent, cut off at 0; what it was before the cut is kept, for searches need a slope.
//! Refuses to know: how a key is distilled from bits, Python.

pub mod b92;
pub mod bb84;
pub mod bbm92;
pub mod cow;
pub mod decoy_bb84;
mod decoy_finite;
pub mod decoys;
pub mod delivered_pairs;
pub mod device_independent;
pub mod distributed_phase;
pub mod dps;
pub mod e91;
pub mod fields;
pub mod gaussian;
pub mod gg02;
pub mod key_rate;
pub mod line;
pub mod mdi;
mod mdi_finite;
pub mod mode_pairing;
pub mod pair_source;
mod pairing_finite;
pub mod protocol;
mod protocol_macros;
pub mod reach;
pub mod relay;
pub mod sarg04;
mod sarg_finite;
pub mod search;
mod sending_finite;
pub mod sending_or_not;
pub mod shares;
pub mod simplex;
pub mod six_state;
pub mod system;
mod test_windows;
pub mod threshold;
pub mod twin_field;
mod twin_finite;
pub mod weak_bb84;

pub use decoy_bb84::DecoyBb84;
pub use key_rate::KeyRate;
pub use protocol::{Knob, Protocol};
pub use system::{System, check};
pub use threshold::qber_threshold;
