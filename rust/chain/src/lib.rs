//! Repeater chains: how long until the end nodes share a pair, and how good it is.
//!
//! - [`compile`]: from devices to numbers; [`exact`]: which route answers, how far to go, when to refuse;
//! - [`numbers`]: a chain in steps, probabilities and correlations;
//! - [`asap`]: swap-asap with certain swaps, by a transfer operator; [`runs`]: the same instant by instant;
//! - [`markov`]: swap-asap on few links with failing swaps, cut-offs, several slots, by an absorbing Markov chain;
//! - [`relaxation`]: what T1 adds to all of these;
//! - [`tree`]: any binary tree of swaps (nested doubling, link after link), as a program;
//! - [`tree_law`]: the same with cut-offs and distillation, in rounds or by pumping, exactly, by power series;
//! - [`processor`]: nodes that attempt on one link at a time, with qubits in storage;
//! - [`encoded`]: swap-asap of encoded pairs, exactly and as Pauli frames;
//! - [`sample`]: Monte Carlo of any schedule, on all cores.
//!
//! Refuses to know: events, messages, networks.
#![forbid(unsafe_code)]

pub mod asap;
pub mod compile;
pub mod encoded;
mod endless;
pub mod exact;
mod labels;
pub mod link;
pub mod markov;
pub mod numbers;
mod occupancy;
pub mod processor;
mod pumping;
pub mod relaxation;
pub mod runs;
pub mod sample;
mod sample_asap;
mod sample_certain;
mod sample_instant;
mod sample_multiplexed;
mod sample_tree;
mod segment;
pub mod series;
mod state;
pub mod tree;
pub mod tree_law;
mod waiting;

pub use waiting::Law;
