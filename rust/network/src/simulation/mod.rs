//! Protocols of the user's own, each on one node: what they wait for, and what the network does for them.
//!
//! ```text
//!   protocol --Wait--> network in motion --Wake--> protocol          (resume(wake, ctx) -> Wait)
//!            --begin/send/record------>                              (services: instants)
//! ```
//!
//! **Waits** are a closed vocabulary ([`Wait`]): until a time; a message; a pair; the outcome of something begun; any of
//! several; all of several at once; done. They are levels, looked at in one scan by node when an instant's arrivals are
//! over, and again after each cut-off: the order of the built-in engine, (time, priority, origin, counter).
//!
//! **Services**, which no protocol re-implements:
//! - attempts: skipped geometrically, from the links' own streams; a link works from the start of the first
//!   protocol at one of its ends on (`live`);
//! - pairs: one identity from birth to the end, slots that are freed when their halves are gone, lazy ageing (`pairs`);
//! - swaps: success, fidelity and duration from the node's streams, the Pauli frame (`swap`, `outcome`);
//! - news of swaps: light time, loss, forwarding to what the named pair became part of, stale news (`news`);
//! - measurements of halves, with readout errors, in the frame where every pair is Phi+ (`readout`, `outcome`);
//! - messages of the user's, along the fastest classical path (`services`, `paths`);
//! - deliveries, in the columns of the built-in engine (`pairs`).
//!
//! A protocol holds *halves*, by [`Handle`]: a swap at the other end makes its half part of another pair, and the handle
//! stays good. Formalisms, the pair registry, links, compiled tables and the recorder are the built-in engine's; its
//! event loop is not, because it is generic where this one is a trait object, and knows routes where this one knows nodes.
//!
//! Refuses to know: what a protocol is written in, and what is in a message.

mod live;
mod news;
mod outcome;
mod pairs;
mod paths;
mod readout;
mod services;
mod stage;
mod swap;
mod wait;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ebit_kernel::Tick;
use ebit_spec::{SimulationDoc, SpecError};

pub use live::{Connection, Step};
pub use outcome::Action;
pub use services::{Held, Services};
pub use stage::{LinkEnd, Stage};
pub use wait::{Handle, Operation, Outcome, Wait, Wake, Wanted};

use crate::error::RunError;
use crate::formalism::{BellDiagonal, DensityMatrix};
use live::Live;

/// An error of a protocol's own.
pub type Fault = Box<dyn std::error::Error + Send + Sync>;

/// A program on one node.
pub trait Protocol: Send {
    /// Goes on after a wait, begins what it likes through `ctx`, and says what it waits for next.
    ///
    /// # Errors
    /// Whatever goes wrong in it; the run ends.
    fn resume(&mut self, wake: Wake, ctx: &Context) -> Result<Wait, Fault>;
}

/// A network in motion, shared by the loop that drives it and the protocols that use its services. It is locked for
/// instants only, never while a protocol runs.
#[derive(Clone)]
pub struct Shared(Arc<Mutex<dyn Services>>);

impl Shared {
    /// # Errors
    /// Whatever is wrong with the document.
    pub fn compile(doc: &SimulationDoc) -> Result<Self, SpecError> {
        let stage = Arc::new(Stage::compile(doc)?);
        Ok(if stage.world.density_matrix {
            let formalism = DensityMatrix::new(&stage.world);
            Self(Arc::new(Mutex::new(Live::new(stage, formalism))))
        } else {
            let formalism = BellDiagonal::new(&stage.world);
            Self(Arc::new(Mutex::new(Live::new(stage, formalism))))
        })
    }

    pub fn lock(&self) -> MutexGuard<'_, dyn Services + 'static> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// None where somebody holds it.
    pub fn try_lock(&self) -> Option<MutexGuard<'_, dyn Services + 'static>> {
        self.0.try_lock().ok()
    }
}

/// Where a protocol runs.
#[derive(Clone)]
pub struct Context {
    pub network: Shared,
    pub node: u32,
}

/// Why a run ended early.
#[derive(Debug)]
pub enum Failure {
    Run(RunError),
    /// A protocol's own error: its name, its node, the time in seconds.
    Protocol {
        fault: Fault,
        label: String,
        node: String,
        time_s: f64,
    },
    /// Whoever watches the run stopped it.
    Stopped(Fault),
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        Self::Run(error)
    }
}

/// The protocols of a network by number; None while one runs, and when it has ended.
pub type Protocols = Mutex<Vec<Option<Box<dyn Protocol>>>>;

fn slot(protocols: &Protocols) -> MutexGuard<'_, Vec<Option<Box<dyn Protocol>>>> {
    protocols.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts a protocol on a node; a background one need not end before a run without a horizon does.
///
/// # Errors
/// Time overflows.
pub fn spawn(
    network: &Shared,
    protocols: &Protocols,
    node: u32,
    label: String,
    background: bool,
    protocol: Box<dyn Protocol>,
) -> Result<(), RunError> {
    let task = network.lock().spawn(node, label, background)?;
    let mut all = slot(protocols);
    if all.len() <= task {
        all.resize_with(task + 1, || None);
    }
    all[task] = Some(protocol);
    Ok(())
}

/// Drives the network and its protocols until all that are not in the background have ended, or to `until`; `watch` is
/// called between events, often enough for a prompt stop. Some(words): it would have waited for ever before `until`.
///
/// # Errors
/// A protocol's, the watcher's, or the network's own. The run can be continued.
pub fn run(
    network: &Shared,
    protocols: &Protocols,
    until: Option<Tick>,
    watch: &mut dyn FnMut() -> Result<(), Fault>,
) -> Result<Option<String>, Failure> {
    loop {
        let step = network.lock().step(until)?;
        match step {
            Step::Finished => return Ok(None),
            Step::Stuck(waits) => return Ok(Some(waits)),
            Step::Pause => {}
            Step::Resume { task, node, wake } => {
                let Some(mut protocol) = slot(protocols).get_mut(task).and_then(Option::take) else {
                    network.lock().end(task)?;
                    continue;
                };
                let ctx = Context { network: network.clone(), node };
                let wait = match protocol.resume(wake, &ctx) {
                    Ok(wait) => wait,
                    Err(fault) => {
                        let mut network = network.lock();
                        network.end(task)?;
                        let time_s = network.stage().world.scale.seconds(network.now());
                        let label = network.label(task).to_owned();
                        let node = network.stage().name(node).to_owned();
                        return Err(Failure::Protocol { fault, label, node, time_s });
                    }
                };
                if wait != Wait::Done {
                    slot(protocols)[task] = Some(protocol);
                }
                network.lock().install(task, wait)?;
            }
        }
        watch().map_err(Failure::Stopped)?;
    }
}
