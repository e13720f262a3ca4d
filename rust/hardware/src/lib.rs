//! From devices to numbers: probability per attempt, duration, delivered state, decay.
//!
//! [`LinkPhysics::of`] judges nothing and samples nothing: it turns one checked link model into the numbers that every
//! evaluator uses, so that no evaluator has physics of its own. [`Decay`] does the same for a memory.
//! Refuses to know: time that passes, graphs, protocols.
#![forbid(unsafe_code)]

mod memory;
mod physics;
pub mod preset;

pub use memory::Decay;
pub use physics::{AttemptTime, LinkPhysics};
