//! The discrete-event engine: time, the event queue, run control and trace.
//!
//! The kernel knows when things happen and in which order, and nothing of what they are: an event carries a small
//! `Copy` payload that only its owner can read. One loop drives a simulation:
//!
//! ```
//! use ebit_kernel::EventQueue;
//!
//! let mut queue = EventQueue::new(2);
//! queue.push(10, 0, 0, 'a')?;
//! queue.push(5, 0, 1, 'b')?;
//! while let Some(event) = queue.pop() {
//!     if event.payload == 'b' {
//!         queue.push(event.time + 5, 0, event.origin, 'c')?; // ties with 'a': the lower origin goes first
//!     }
//! }
//! assert_eq!(queue.now(), 10);
//! # Ok::<(), ebit_kernel::KernelError>(())
//! ```
//!
//! The order of events, `(time, priority, origin, counter)`, is a property of the model: no thread, batch or data
//! structure changes it.
#![forbid(unsafe_code)]

pub mod bench;
mod control;
mod error;
mod event;
mod queue;
mod radix;
mod time;
mod tournament;
mod trace;

pub use control::{Control, POLL_EVERY};
pub use error::{KernelError, TimeError};
pub use event::Event;
pub use queue::{EventQueue, Structure};
pub use time::{Tick, TickScale};
pub use trace::Trace;
