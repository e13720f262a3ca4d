//! Pulses, from the source to the click: what a line sends, what comes of it, and a sampler that skips to the clicks.
//!
//! ```text
//!   settings, photon number --(eavesdropper)--> channel --> detectors      one cell for each case: probability,
//!   \__________________________ cells ____________________________/       and the probability of each click pattern
//!
//!   pulses   . . . . . . | . . . . | . . . . . . . . . |                   a geometric gap to the next click, the
//!                      click     click               click                 cell drawn given that it clicked
//! ```
//!
//! A line ([`prepare`], [`pairs`], [`relay`]) becomes [`cells`] once; [`run`] draws clicks from them at a cost that does not
//! depend on the loss. [`per_pulse`] sends one pulse after another and each photon by itself: the oracle of all cells, and
//! the way of attacks that are given as programs.
//!
//! Refuses to know: bases, keys and protocols. Symbols are numbers here; what they mean is the session's business.

pub mod bloch;
pub mod cells;
pub mod clicks;
pub mod dead;
pub mod job;
pub mod pairs;
pub mod per_pulse;
pub mod photons;
pub mod prepare;
pub mod prepare_cells;
pub mod receiver;
pub mod relay;
pub mod run;
pub mod table;
