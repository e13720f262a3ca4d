//! The event-driven evaluator: a fibre network, requests competing for its memories, pairs delivered.
//!
//! ```text
//!   RunDoc (spec) --compile--> World (dense, immutable, shared by replicas)
//!                                |
//!                    Engine: queue -> links -> pairs -> swaps -> messages -> Recorder
//!                                |
//!                 replicas (threads) -> columns in replica order
//! ```
//!
//! Owns: who holds which slot, which pair is which, when a swap happens and when somebody knows of it.
//! Refuses to know: how a device makes a pair (crate `hardware`) and what Python is.
#![forbid(unsafe_code)]

mod attempts;
mod blocks;
mod claims;
pub mod compile;
mod deliveries;
pub mod engine;
pub mod error;
pub mod formalism;
mod link;
mod messages;
pub mod parts;
mod preflight;
pub mod protocol;
pub mod recorder;
mod registry;
pub mod replicas;
mod request;
pub mod simulation;
mod slots;
pub mod world;

pub use compile::compile;
pub use error::RunError;
pub use recorder::{Columns, ReplicaResult};
pub use replicas::{Outcome, run};
pub use world::World;
