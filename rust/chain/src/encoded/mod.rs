//! Encoded memories: each pair between stations is one of two encoded qubits, swapped and decoded block by block.
//!
//! The circuits, their errors and the decoders are those of [`ebit_quantum::block`].
//!
//! - [`exact`]: all patterns of errors and all waiting times; [`sample`]: frames drawn one by one.
//!
//! Refuses to know: how the code was written (crate `spec`), coherent errors (pairs are taken by their Bell-diagonal part).

pub mod exact;
pub mod sample;
