//! Vectors of amplitudes, addressed by the bits of their index: the loops under state vector and density matrix.
//!
//! A gate on a few bits is a small matrix. Most of these matrices move or scale single amplitudes, or mix them two by two:
//! [`Step`]s that touch only what changes. What is left is dense.
//!
//! ```text
//!     index   ... b ... a ...      a pattern gives the bits of a gate; all indices with that pattern are one sublattice
//!     Step    Scale(p, c)          multiplies the amplitudes of one pattern
//!             Exchange(p, q)       swaps those of two
//!             Mix(p, q, m)         mixes those of two by a 2 x 2 matrix
//! ```
//!
//! Refuses to know what a state is; nothing here checks an argument.

mod dense;
mod pair_work;
mod pairs;
mod scale;
mod steps;

pub(crate) use dense::Dense;
pub(crate) use steps::{Form, Step, apply_form, apply_steps};
