//! All replicas of a run, on as many threads as asked, with results in replica order.
//!
//! Threads are made per call and joined before it returns: nothing outlives it, so a forked process starts clean.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use ebit_kernel::Control;

use crate::engine::Engine;
use crate::error::RunError;
use crate::formalism::{BellDiagonal, DensityMatrix};
use crate::recorder::ReplicaResult;
use crate::world::World;

/// What came of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Finished replicas, in order.
    pub replicas: Vec<ReplicaResult>,
    /// Stopped from outside before all were done.
    pub interrupted: bool,
}

/// Runs replicas `first .. first + count`; the number of threads never changes a bit.
///
/// # Errors
/// The error of the lowest-numbered replica that failed.
pub fn run(world: &World, first: u64, count: u64, threads: usize, control: &Control) -> Result<Outcome, RunError> {
    let next = AtomicU64::new(0);
    let done: Mutex<Vec<(u64, Result<ReplicaResult, RunError>)>> = Mutex::new(Vec::new());
    let work = || {
        loop {
            let k = next.fetch_add(1, Ordering::Relaxed);
            if k >= count || control.should_stop() {
                return;
            }
            let result = match one(world, first + k, control) {
                Ok(None) => return,
                Ok(Some(result)) => Ok(result),
                Err(error) => {
                    control.stop();
                    Err(error)
                }
            };
            if let Ok(mut done) = done.lock() {
                done.push((k, result));
            }
        }
    };
    let threads = threads.clamp(1, usize::try_from(count).unwrap_or(usize::MAX).max(1));
    if threads == 1 {
        work();
    } else {
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(work);
            }
        });
    }
    let mut done = done.into_inner().unwrap_or_default();
    done.sort_by_key(|(k, _)| *k);
    let mut replicas = Vec::with_capacity(done.len());
    for (_, result) in done {
        replicas.push(result?);
    }
    let interrupted = (replicas.len() as u64) < count;
    Ok(Outcome { replicas, interrupted })
}

fn one(world: &World, replica: u64, control: &Control) -> Result<Option<ReplicaResult>, RunError> {
    if world.density_matrix {
        Engine::new(world, DensityMatrix::new(world), replica).run(control)
    } else {
        Engine::new(world, BellDiagonal::new(world), replica).run(control)
    }
}
