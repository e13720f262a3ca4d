//! Detectors that are blind for a while after a click.

use super::cells::MOST_DETECTORS;

/// When each detector is live again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dead {
    /// A detector that is not there never is.
    ready: [u64; MOST_DETECTORS],
    pulses: u64,
    /// Bit d: there is a detector d.
    there: u8,
}

/// What was heard of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heard {
    /// Detectors that clicked.
    pub live: u8,
    /// Detectors that would not have.
    pub blind: u8,
}

impl Dead {
    /// All live.
    #[must_use]
    pub fn new(detectors: usize, pulses: u64) -> Self {
        let ready = std::array::from_fn(|detector| if detector < detectors { 0 } else { u64::MAX });
        Self { ready, pulses, there: ((1_u16 << detectors) - 1) as u8 }
    }

    /// The clicks of live detectors in a pattern; they are blind for the next pulses.
    #[inline(always)]
    pub fn hear(&mut self, pulse: u64, pattern: u8) -> Heard {
        let again = (pulse + 1).saturating_add(self.pulses);
        let (mut live, mut blind) = (0, 0);
        // Without branches: which detector clicks is chance.
        for (detector, ready) in self.ready.iter_mut().enumerate() {
            let sees = u8::from(*ready <= pulse);
            let clicks = pattern >> detector & 1 & sees;
            live |= clicks << detector;
            blind |= (sees ^ 1) << detector;
            *ready = if clicks == 1 { again } else { *ready };
        }
        Heard { live, blind: blind & self.there }
    }

    /// The first pulse at which any detector is live.
    #[inline(always)]
    #[must_use]
    pub fn first_live(&self) -> u64 {
        let [a, b, c, d] = self.ready;
        a.min(b).min(c.min(d))
    }
}
