//! Polynomials over GF(2) as packed bits: products, exact at any length, and the hash that evaluates one.
//!
//! ```text
//!     bits --> 32 a lane of GF(2^64) --> [basis] --> [transform] --+
//!                                                                  x --> back --> overlapping lanes added --> bits
//!     seed --> 32 a lane of GF(2^64) --> [basis] --> [transform] --+
//! ```
//!
//! Nothing is rounded: everything is a sum or a product in a finite field, so that a product of 10^9 bits is as exact as one
//! of ten. Short products are taken word by word. Refuses to know what is hashed and why.

mod basis;
mod carryless;
mod hash;
mod product;
mod transform;

pub use carryless::{Instructions, instructions};
pub use hash::polynomial_hash;
pub use product::middle_product;
