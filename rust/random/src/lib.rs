//! Keyed counter-based random streams, portable samplers and pinned math functions.
//!
//! Everything random in ebit comes from here, and the same numbers come out on every platform:
//!
//! - [`Stream`] is a sequence of draws named by (root seed, replica, entity, purpose);
//! - [`Geometric`], [`Binomial`] and [`exponential`] turn draws into waiting times and counts;
//! - [`Lanes`] stretches such a name into random words in bulk;
//! - [`math`] is the one source of transcendental functions for numbers that feed a sampler.
//!
//! ```
//! use ebit_random::{Geometric, Purpose, Stream};
//!
//! let mut stream = Stream::new(7, 0, 42, Purpose::LinkAttempt);
//! let attempts = Geometric::new(1e-4)?.sample(&mut stream);
//! assert!(attempts >= 1);
//! # Ok::<(), ebit_random::SamplerError>(())
//! ```
#![forbid(unsafe_code)]

mod binomial;
mod error;
mod lanes;
pub mod math;
mod philox;
mod samplers;
mod stream;

pub use binomial::{Binomial, binomial};
pub use error::SamplerError;
pub use lanes::Lanes;
pub use samplers::{Geometric, exponential};
pub use stream::{Purpose, Stream};
