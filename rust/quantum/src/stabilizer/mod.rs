//! Clifford operations and stabilizer states of up to 100,000 qubits.
//!
//! A state U|0...0> is held as the tableau of U^dagger: for every qubit q the rows U^dagger X_q U and U^dagger Z_q U, as
//! Stim does (Gidney, doi:10.22331/q-2021-07-06-497). Why, and what it makes of each operation:
//!
//! ```text
//!     row of Z_q:   i^phase  [ x: which stabilizers anticommute with Z_q | z: which destabilizers do ]
//!     row of X_q:   the same for X_q
//! ```
//!
//! - The bits are those of the tableau of U turned over: both kinds of storage keep the same bits, stabilizers as columns
//!   here. What differs is whose signs are kept. With the signs of the generators a known outcome costs a product of up to
//!   n rows; with those of the rows it is looked up: **Z_q is certain where the x plane of its row is empty, and its value
//!   is the row's phase**, O(n) to check and O(1) to read.
//! - **A gate is at most a few products of rows**: CX two, S one, H and SWAP none at all, for they exchange two entries of
//!   the table of places. Rows are i^phase X^x Z^z with all X first, so that a product needs one parity, not a count mod
//!   4, and a batch of gates is a list of products that is run panel by panel.
//! - **A random outcome is one pass over the rows**: CX from the pivot to the other generators that anticommute, then X
//!   and Z change roles on the pivot. In the chosen order of factors a fan of CX from one control changes no phase, so the
//!   pass needs one parity per row and no transpose.
//! - Any product of Paulis is measured the same way: its row is a product of rows, the pass does the rest. No ancilla.
//! - Generators themselves (`stabilizers()`, entropies) take a transpose and the signs of n products by tables.
//!
//! A mixed stabilizer state is a pure one on more qubits of which some are out of reach: see [`group`]. Refuses to know:
//! circuits' text, noise, time.

mod collapse;
mod gates;
mod graph;
mod group;
mod overlap;
mod prepare;
mod random;
mod run;
mod state;
mod tableau;
mod vector;

pub use graph::GraphForm;
pub use state::StabilizerState;
pub use tableau::Tableau;

/// Complaints name the class users know.
pub(crate) const OBJECT: &str = "StabilizerState";
