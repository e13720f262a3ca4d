//! Detectors that are blind for a while after a click.

use super::cells::MOST_DETECTORS;

/// When each detector is live again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dead {
    /// A detector that is not there never is.
    ready: [u64; MOST_DETECTORS],
    pulses: u64,
}

impl Dead {
    /// All live.
    #[must_use]
    pub fn new(detectors: usize, pulses: u64) -> Self {
        let ready = std::array::from_fn(|detector| if detector < detectors { 0 } else { u64::MAX });
        Self { ready, pulses }
    }

    /// The clicks of live detectors in a pattern; they are blind for the next pulses.
    #[inline(always)]
    pub fn hear(&mut self, pulse: u64, pattern: u8) -> u8 {
        let again = (pulse + 1).saturating_add(self.pulses);
        let mut live = 0;
        // Without branches: which detector clicks is chance.
        for (detector, ready) in self.ready.iter_mut().enumerate() {
            let clicks = pattern >> detector & 1 & u8::from(*ready <= pulse);
            live |= clicks << detector;
            *ready = if clicks == 1 { again } else { *ready };
        }
        live
    }

    /// The first pulse at which any detector is live.
    #[inline(always)]
    #[must_use]
    pub fn first_live(&self) -> u64 {
        let [a, b, c, d] = self.ready;
        a.min(b).min(c.min(d))
    }
}
