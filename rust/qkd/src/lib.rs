//! Quantum key distribution: from photons to keys that can be trusted.
//!
//! - [`entropy`]: binary entropy in bits, and its inverse.
//!
//! Refuses to know: events of the network engine, Python.
#![forbid(unsafe_code)]

pub mod entropy;
