//! Hardware from the literature: every number with its unit, its source and what kind of number it is.

/// What a published number claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Observed in the cited experiment.
    Measured,
    /// Assumed by the cited work as today's state.
    Baseline,
    /// Hoped for, or computed as a requirement.
    Target,
}

impl Kind {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Baseline => "baseline",
            Self::Target => "target",
        }
    }
}

/// One number of a preset.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PresetValue {
    /// Where it goes: the path of a field of the spec, such as `memory.t2_s`.
    pub field: &'static str,
    pub value: f64,
    pub unit: &'static str,
    pub kind: Kind,
    pub doi: &'static str,
    /// Figure, table or condition it was read from.
    pub note: &'static str,
}

/// A named set of devices.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Preset {
    pub name: &'static str,
    pub title: &'static str,
    pub values: &'static [PresetValue],
}

/// All presets, sorted by name.
pub const PRESETS: &[Preset] = &[];

/// The preset of this name.
pub fn preset(name: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|p| p.name == name)
}
