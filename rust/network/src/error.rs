//! What can end a run other than its end.

use ebit_spec::SpecError;
use thiserror::Error;

#[derive(Debug, Clone, PartialEq, Error)]
pub enum RunError {
    /// The question itself cannot be run.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// Nothing is scheduled, and requests are unfinished.
    #[error("simulate: everyone waits at {time_s} s (replica {replica}): {waits}")]
    Stuck { replica: u64, time_s: f64, waits: String },
    /// A protocol acts on a half that its node no longer holds.
    #[error("{object}: {action} needs a pair that is still here, got one that is gone at {time_s} s (look at pair.gone first)")]
    Gone { object: String, action: String, time_s: f64 },
    /// Time ran past what the run's ticks can count.
    #[error(
        "{object}: time must be within {limit_s:e} s, got an event beyond it (give until_s, or a link that succeeds more often)"
    )]
    TimeOverflow { object: String, limit_s: f64 },
}
