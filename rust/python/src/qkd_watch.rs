//! How far a key is that takes a while: its steps are counted, and each may be the last.

use ebit_kernel::Control;

/// Units of progress of one key.
pub const KEY: u64 = 1 << 20;
/// Steps after which a key counts as half done: nobody knows how many it will take.
const HALF: u64 = 40;

/// The worker's view of whoever waits for it, key by key.
pub struct Watch<'a> {
    control: &'a Control,
    steps: u64,
    told: u64,
}

impl<'a> Watch<'a> {
    pub fn new(control: &'a Control) -> Self {
        Self { control, steps: 0, told: 0 }
    }

    /// A step was taken; whether to go on.
    pub fn step(&mut self) -> bool {
        self.steps += 1;
        self.tell(KEY * self.steps / (self.steps + HALF));
        !self.control.should_stop()
    }

    /// The next key begins.
    pub fn key_done(&mut self) {
        self.tell(KEY);
        (self.steps, self.told) = (0, 0);
    }

    fn tell(&mut self, units: u64) {
        self.control.advance(units - self.told);
        self.told = units;
    }
}

/// The share of so many keys that is done.
pub fn fraction(control: &Control, keys: usize) -> f64 {
    control.progress() as f64 / (keys.max(1) as f64 * KEY as f64)
}
