//! Cited hardware presets: every value with unit, kind, DOI and the line of the source it rests on.

/// All presets, as the file beside this one; the Python face builds devices from it.
pub const PRESETS_JSON: &str = include_str!("presets.json");
