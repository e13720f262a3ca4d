//! Run control: a stop flag and a progress counter, shared by the workers and whoever watches them.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Shared by worker threads (which poll it every thousand events or so) and the thread that watches for Ctrl-C.
#[derive(Debug, Default)]
pub struct Control {
    stop: AtomicBool,
    progress: AtomicU64,
}

impl Control {
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks every worker to stop soon.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    #[inline]
    pub fn should_stop(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Adds to the work done, in the caller's units.
    pub fn advance(&self, work: u64) {
        self.progress.fetch_add(work, Ordering::Relaxed);
    }

    pub fn progress(&self) -> u64 {
        self.progress.load(Ordering::Relaxed)
    }
}
