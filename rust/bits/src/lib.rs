//! Packed bits and the choice of instructions.
//!
//! - [`cpu`]: which instruction set this process uses, and [`vectorize`], which compiles a closure for it;
//! - [`PhasedRows`]: rows of two bit planes with a phase, their products and the pass of a collapse;
//! - [`PhasedRows::images`] and [`PhasedRows::reduce`]: many products at once, by tables;
//! - [`transpose64`]: a block of bits turned over its diagonal; [`unpack_rows`], [`pack_bytes`]: bits as bytes and back;
//! - [`middle_product`], [`polynomial_hash`]: products of polynomials over GF(2), exact at any length;
//! - [`complex`]: two complex numbers at a time, for loops written once.
//!
//! The one crate of the core that may hold `unsafe`: calling code compiled for an instruction set needs proof that the
//! machine has it, and the proof is made here. Refuses to know what the bits mean.

mod batch;
mod collapse;
pub mod complex;
pub mod cpu;
mod gf2;
mod kernels;
mod pack;
mod pages;
mod rows;
mod tables;
mod transpose;
mod unpack;
mod words;

pub use batch::{Batch, RowOperations};
pub use collapse::Collapse;
pub use cpu::{Path, path, vectorize, vectorize_wide};
pub use gf2::{Instructions, instructions, middle_product, polynomial_hash};
pub use pack::pack_bytes;
pub use pages::prefer_large_pages;
pub use rows::{PhasedRows, Plane};
pub use transpose::transpose64;
pub use unpack::unpack_rows;
pub use words::{OutOfMemory, Words};
