//! Built-in protocols, one file each: what a node does when a pair becomes available.

mod encoded;
mod handshake;
mod swap_asap;
mod tree;

pub use encoded::BlockEvent;
pub use tree::{Part, PartEvent};
