//! From devices to numbers: probability per attempt, duration, delivered state, decay.
//!
//! [`LinkPhysics::of`] judges nothing and samples nothing: it turns one checked link model into the numbers that every
//! evaluator uses, so that no evaluator has physics of its own. [`Decay`] does the same for a memory.
//! Refuses to know: time that passes, graphs, protocols.
#![forbid(unsafe_code)]

mod absorptive_memory;
pub mod bounds;
pub mod channel;
pub mod converter;
pub mod detection;
mod double_click;
mod emissive_memory;
mod encoded;
pub mod glass;
mod memory;
mod midpoint_source;
mod pair_source;
pub mod photon_source;
mod physics;
pub mod preset;
pub mod raman;
pub mod raman_spectrum;
mod sender_receiver;
mod single_click;
mod station;

pub use encoded::Encoded;
pub use memory::{Decay, Kept};
pub use physics::{AttemptTime, LinkPhysics};
