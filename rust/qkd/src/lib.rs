//! Quantum key distribution: from photons to keys that can be trusted.
//!
//! - [`entropy`]: binary entropy in bits, and its inverse.
//! - [`rates`]: one protocol a file: its parameters, its key rate, what its proof covers.
//! - [`finite`]: keys of finite length: bounds from counts, and the budget of epsilon.
//!
//! Refuses to know: events of the network engine, Python.
#![forbid(unsafe_code)]

pub mod entropy;
pub mod finite;
pub mod rates;
