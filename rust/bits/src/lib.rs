//! Packed bits and the choice of instructions.
//!
//! - [`cpu`]: which instruction set this process uses, and [`vectorize`], which compiles a closure for it.
//!
//! The one crate of the core that may hold `unsafe`: calling code compiled for an instruction set needs proof that the
//! machine has it, and the proof is made here. Refuses to know what the bits mean.

pub mod cpu;

pub use cpu::{Path, path, vectorize, vectorize_wide};
