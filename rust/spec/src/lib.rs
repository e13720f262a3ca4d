//! The data every question starts from: devices, links, networks, schedules and requests.
//!
//! Owns: the serde types of the one JSON document that crosses the boundary, their defaults, their
//! allowed ranges (checked once, here) and the graph with its routes. Refuses to know: what a
//! device does to a photon (crate `hardware`) and how time passes (crates `kernel`, `network`).
#![forbid(unsafe_code)]

pub mod chain;
pub mod channel;
pub mod check;
pub mod device;
pub mod encoding;
pub mod error;
pub mod graph;
mod ideals;
pub mod light;
pub mod link;
pub mod midpoint_source;
pub mod network;
pub mod parse;
pub mod photon_source;
pub mod processor_chain;
pub mod real;
pub mod request;
pub mod scenario;
pub mod schedule;
pub mod seed;
pub mod sender_receiver;
pub mod simulation;
pub mod tree;

pub use chain::{EndMemory, RepeaterChain};
pub use channel::{Arms, Channel, FreeSpace, SatelliteDownlink};
pub use device::{Detector, Fiber, Memory, Swap};
pub use encoding::{BinaryCode, CssCode, Encoding};
pub use error::SpecError;
pub use light::{ClassicalLight, Direction, FrequencyConverter};
pub use link::{DoubleClick, HeraldedLink, LinkModel, Negotiation, SingleClick};
pub use midpoint_source::{MemoryKind, MidpointSource};

pub use network::{Names, NetworkDoc};
pub use photon_source::{PhotonSource, QuantumDot, WeakCoherentPulse};
pub use processor_chain::ProcessorChain;
pub use real::{PerSide, Real};
pub use request::{Assign, Formalism, Match, Method, Request, RunDoc, RunOptions};
pub use scenario::Scenario;
pub use schedule::{CutoffOn, DistillProtocol, DistillScheme, Nested, Schedule, Sequential, SlotsUsed, Start, SwapAsap, Tree};
pub use seed::Seed;
pub use sender_receiver::SenderReceiver;
pub use simulation::SimulationDoc;
