//! Keys of finite length: what counts of a block allow, at a stated probability that the key is not a key.
//!
//! - [`budget`]: epsilon and its parts.
//! - [`lim2014`]: BB84 with two decoys. [`rusca2018`]: with one. [`tagged`]: with none. [`tomamichel2012`]: single
//!   photons, and BBM92.
//! - [`two_senders`]: decoys on both sides of a relay, by the bounds of [`chernoff`]. [`sending`]: by sending or not.
//! - [`sarg`]: SARG04 with two decoys.
//! - [`pairing`]: decoys of clicks that are paired after they happened.
//! - [`twin_field`]: coherent states to a relay, by the bounds of [`slopes`].
//! - [`mountogiannakis2022`]: GG02, whose channel is bounded from a sample of continuous values.
//! - [`sampling`]: what a sample says of the rest.
//! - [`ekert`]: E91 with trusted receivers, from lost games. [`b92`]: two states, from lost pulses, hits and errors.
//! - [`nahar2024`]: six states, by postselection.
//! - [`nadlinger2022`]: boxes that nobody trusts, by entropy accumulation.
//!
//! ```text
//!     counts per intensity and basis -> bounds on vacuum and single photons -> phase error -> key length
//! ```

pub mod b92;
pub mod budget;
pub mod chernoff;
pub mod counts;
pub mod ekert;
pub mod lim2014;
pub mod mountogiannakis2022;
pub mod nadlinger2022;
pub mod nahar2024;
pub mod pairing;
pub mod rusca2018;
pub mod sampling;
pub mod sarg;
pub mod sending;
pub mod slopes;
pub mod tagged;
pub mod tomamichel2012;
pub mod twin_field;
pub mod two_senders;

pub use budget::{Budget, Finite};
pub use counts::{Counts, Intensities, Length};
