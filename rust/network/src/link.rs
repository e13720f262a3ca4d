//! The moving part of a link: free slots at both ends, running attempts.

use ebit_random::{Purpose, Stream};

use crate::world::LinkSpec;

#[derive(Debug, Clone)]
pub struct LinkState {
    /// Free slots at end a and end b.
    pub free: [u32; 2],
    /// Attempts under way; each holds a slot at both ends.
    pub running: u32,
    /// Attempts of an older generation were called off.
    pub generation: u32,
    /// Unfinished, started requests routed over this link.
    pub demand: u32,
    pub stream: Stream,
}

impl LinkState {
    pub fn new(spec: &LinkSpec, root: u128, replica: u64, entity: u32) -> Self {
        Self {
            free: spec.slots,
            running: 0,
            generation: 0,
            demand: 0,
            stream: Stream::new(root, replica, u64::from(entity), Purpose::LinkAttempt),
        }
    }

    /// Calls off all running attempts.
    pub fn call_off(&mut self) {
        self.generation += 1;
        self.free[0] += self.running;
        self.free[1] += self.running;
        self.running = 0;
    }
}
