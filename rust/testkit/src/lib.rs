//! Brute-force oracles: slow, literal calculations that share no formula with the code they check.
//!
//! A dev-dependency only; nothing that ships may depend on it.
#![forbid(unsafe_code)]

pub mod cases;
pub mod dense;
pub mod fock;
pub mod heralding;
pub mod memories;
