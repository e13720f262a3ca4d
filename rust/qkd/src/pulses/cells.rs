//! Cells: every case of one pulse with its probability, and how likely each pattern of clicks is then.

/// What a pulse was: small numbers whose meaning the line gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Tag {
    /// The sender's symbol (of a pair source: the first party's setting).
    pub alice: u8,
    /// The receiver's setting (at a relay: the second sender's symbol).
    pub bob: u8,
    /// Which intensity, or pair of intensities.
    pub light: u8,
    /// Photons (of a pair source: pairs) that left the source; 255 for more.
    pub photons: u8,
    /// What an eavesdropper wrote down; 0: nothing.
    pub note: u8,
}

/// Detectors that a line can have.
pub const MOST_DETECTORS: usize = 4;
/// Patterns of clicks: bit d is detector d.
pub const PATTERNS: usize = 1 << MOST_DETECTORS;

/// One case.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    pub tag: Tag,
    /// Probability of the case, per pulse.
    pub weight: f64,
    /// Probability of each pattern of clicks in this case.
    pub patterns: [f64; PATTERNS],
}

/// All cases of one pulse of a line: their weights sum to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Cells {
    pub cells: Vec<Cell>,
    /// How many detectors there are.
    pub detectors: usize,
    /// Detectors that share a party: a double click among them is given a random outcome.
    pub stations: Vec<Vec<usize>>,
    /// Which patterns of live clicks are recorded.
    pub recorded: [bool; PATTERNS],
    /// Pulses for which a detector stays blind after a click.
    pub dead_pulses: u64,
}

impl Cells {
    /// The probability of any click in one pulse, all detectors live.
    #[must_use]
    pub fn click_probability(&self) -> f64 {
        self.cells.iter().map(|cell| cell.weight * cell.patterns[1..].iter().sum::<f64>()).sum()
    }
}
