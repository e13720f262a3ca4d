//! Quantum key distribution: from photons to keys that can be trusted.
//!
//! - [`entropy`]: binary entropy in bits, and its inverse;
//! - [`rates`]: one protocol a file: its parameters, its key rate, what its proof covers;
//! - [`finite`]: keys of finite length: bounds from counts, and the budget of epsilon;
//! - [`reconcile`]: making two keys equal; [`verify`]: whether they are; [`privacy`]: what is left of them, hashed;
//! - [`authenticate`]: messages that nobody else can have sent; [`ledger`]: what all that cost.
//! - [`pulses`]: emission, channel and detection, by skipping to the clicks; [`attacks`]: what an eavesdropper does to pulses.
//! - [`relay`]: networks of keys.
//!
//! Refuses to know: events of the network engine, Python.
#![forbid(unsafe_code)]

pub mod attacks;
pub mod authenticate;
pub mod entropy;
pub mod finite;
pub mod ledger;
pub mod privacy;
pub mod pulses;
pub mod rates;
pub mod reconcile;
pub mod relay;
pub mod verify;
