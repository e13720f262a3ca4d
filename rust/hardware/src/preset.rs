//! Cited hardware presets: every value with unit, kind, DOI, the line it rests on and, where that is not the source's own,
//! the public file it was read in.

/// All presets, as the file beside this one; the Python face builds devices from it.
pub const PRESETS_JSON: &str = include_str!("presets.json");
