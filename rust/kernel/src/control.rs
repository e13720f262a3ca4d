//! Run control: a stop flag and a progress counter, shared by the workers and whoever watches them.
//!
//! Workers borrow one [`Control`]; the thread that talks to the user stops them and reads the progress. Nothing is
//! ordered by these atomics but themselves: results travel by other ways.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Events between two looks at the control: seldom enough to cost nothing, often enough for a prompt Ctrl-C.
pub const POLL_EVERY: u64 = 1_024;

/// Shared by worker threads, which look at it every [`POLL_EVERY`] events, and the thread that watches for Ctrl-C.
///
/// ```
/// use ebit_kernel::Control;
///
/// let control = Control::new();
/// std::thread::scope(|scope| {
///     scope.spawn(|| control.advance(1_000));
/// });
/// control.stop();
/// assert!(control.should_stop());
/// assert_eq!(control.progress(), 1_000);
/// ```
#[derive(Debug, Default)]
pub struct Control {
    stop: Line<AtomicBool>,
    progress: Line<AtomicU64>,
}

/// The flag is read by all and hardly ever written: it must not share a cache line with the counter.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Line<T>(T);

impl Control {
    /// A control that lets its workers run, at progress 0.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks every worker to stop soon; cannot be taken back.
    pub fn stop(&self) {
        self.stop.0.store(true, Ordering::Relaxed);
    }

    /// Whether to stop.
    #[inline]
    pub fn should_stop(&self) -> bool {
        self.stop.0.load(Ordering::Relaxed)
    }

    /// Adds to the work done, in the caller's units.
    #[inline]
    pub fn advance(&self, work: u64) {
        self.progress.0.fetch_add(work, Ordering::Relaxed);
    }

    /// The work done by all workers together.
    pub fn progress(&self) -> u64 {
        self.progress.0.load(Ordering::Relaxed)
    }
}
