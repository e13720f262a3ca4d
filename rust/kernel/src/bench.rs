//! The hold model: the classic load of an event queue, for comparing engines on the same work.
//!
//! A fixed number of entities each have one pending event; whichever happens schedules its entity's next one after a
//! random delay. It is the real [`EventQueue`] and the real stream, and nothing else.

use ebit_random::{Purpose, Stream};

use crate::error::KernelError;
use crate::queue::{EventQueue, Structure};
use crate::time::Tick;

/// Delays are uniform integers in 1 ..= this many ticks: the mean is a microsecond in ticks of 1 ps.
pub const MAX_DELAY: u64 = 2_000_000;

/// What a hold run did; the same for every [`Structure`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HoldReport {
    /// Events processed.
    pub events: u64,
    /// The time of the last one.
    pub final_time: Tick,
    /// A mix of the times and entities of all events in their order.
    pub checksum: u64,
}

/// Processes `events` events with `pending` entities, each always waiting for its next event.
///
/// Delays come from the stream (`root`, 0, 0, `Benchmark`) in the order of events: first one for each entity, in order,
/// then one for each event. Errors: more than 2^32 entities.
pub fn hold(pending: usize, events: u64, root: u128, structure: Structure) -> Result<HoldReport, KernelError> {
    let mut queue = EventQueue::with_structure(pending, structure);
    let mut stream = Stream::new(root, 0, 0, Purpose::Benchmark);
    for entity in 0..pending {
        // An entity beyond u32 is refused by the queue as an unknown origin.
        let origin = u32::try_from(entity).unwrap_or(u32::MAX);
        queue.push(delay(&mut stream), 0, origin, [0u64; 2])?;
    }
    let mut report = HoldReport { events: 0, final_time: 0, checksum: 0 };
    while report.events < events {
        let Some(event) = queue.pop() else { break };
        report.events += 1;
        let mixed = (report.checksum ^ event.time as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        report.checksum = mixed ^ u64::from(event.origin);
        queue.push(event.time + delay(&mut stream), 0, event.origin, event.payload)?;
    }
    report.final_time = queue.now();
    Ok(report)
}

#[inline]
fn delay(stream: &mut Stream) -> Tick {
    1 + stream.below(MAX_DELAY) as Tick
}
