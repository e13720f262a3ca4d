//! What can be wrong with the parameters of a sampler.
//!
//! The messages name the parameter, its range and the value; the caller, who knows the object, adds its path.

/// A parameter outside the range of its sampler.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SamplerError {
    /// A success probability that must be positive.
    #[error("the success probability must be in (0, 1], got {0}")]
    SuccessProbability(f64),
    /// A probability outside [0, 1].
    #[error("the probability must be in [0, 1], got {0}")]
    Probability(f64),
    /// More trials than a float can count.
    #[error("the number of trials must be at most 2^53, got {0}")]
    Trials(u64),
    /// A rate that is not positive and finite.
    #[error("the rate must be positive and finite, got {0}")]
    Rate(f64),
}
