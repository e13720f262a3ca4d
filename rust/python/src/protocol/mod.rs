//! Protocols written in Python: a simulation, the coroutines it drives, and what they hold.
//!
//! A run stays on the thread that called it and keeps the interpreter between protocols: they need it every few events.
//! Every 5 ms it lets others have it and looks at Ctrl-C. The network is locked for instants only, and never while a
//! Python object is made or dropped, since that may run any code.

mod coroutine;
mod held;
mod node;
mod simulation;
mod waiting;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Mutex, MutexGuard, PoisonError};

use ebit_network::simulation::Shared;
use ebit_spec::SimulationDoc;
use pyo3::prelude::*;

pub use held::{HeldPair, SwapOutcome};
pub use node::ProtocolNode;
pub use simulation::Simulation;
pub use waiting::{Waiting, all_of, first};

/// What a simulation, its nodes and its protocols share; not the coroutines, whose frames hold their nodes.
pub struct Inner {
    pub network: Shared,
    pub doc: SimulationDoc,
    /// Messages under way, by the number that crosses.
    contents: Mutex<HashMap<u64, Py<PyAny>>>,
    next_content: AtomicU64,
    running: AtomicBool,
}

impl Inner {
    fn contents(&self) -> MutexGuard<'_, HashMap<u64, Py<PyAny>>> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }
    fn name(&self, node: u32) -> String {
        self.network.lock().stage().name(node).to_owned()
    }
    fn seconds(&self, ticks: i64) -> f64 {
        self.network.lock().stage().world.scale.seconds(ticks)
    }
}
