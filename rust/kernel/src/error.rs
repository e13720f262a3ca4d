//! What the kernel refuses.

use crate::time::Tick;

/// An event that cannot be scheduled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KernelError {
    /// Time only moves forward.
    #[error("an event must not be scheduled into the past: tick {time} is before now, tick {now}")]
    Past { time: Tick, now: Tick },
    /// An origin that was never announced.
    #[error("origin must be below {origins}, got {origin}; announce it with ensure_origin")]
    Origin { origin: u32, origins: usize },
}

/// A time that ticks cannot express.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TimeError {
    /// NaN or infinite seconds.
    #[error("a time must be finite, got {0} s")]
    NotFinite(f64),
    /// Negative seconds.
    #[error("a time must be >= 0, got {0} s")]
    Negative(f64),
    /// More ticks than an i64 counts.
    #[error("a time must be below {limit_s} s in ticks of {tick_s} s, got {seconds} s")]
    Overflow { seconds: f64, limit_s: f64, tick_s: f64 },
}
