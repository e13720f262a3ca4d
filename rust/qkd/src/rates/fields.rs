//! Defaults and ranges of the fields that many protocols have. Defaults are written here and nowhere else.

use ebit_spec::check::{At, Range};
use ebit_spec::{Real, SpecError};

/// Bits disclosed per bit of entropy: what Cascade reaches (Lim et al. 2014 use it, doi:10.1103/PhysRevA.89.022307).
pub const ERROR_CORRECTION: f64 = 1.16;
/// Pulses per second of a fast system; it only scales `key_rate_hz`.
pub const REPETITION_RATE_HZ: f64 = 1e9;

pub fn error_correction() -> Real {
    Real(ERROR_CORRECTION)
}
pub fn repetition_rate() -> Real {
    Real(REPETITION_RATE_HZ)
}
pub fn tenth() -> Real {
    Real(0.1)
}
pub fn half() -> Real {
    Real(0.5)
}
pub fn one() -> Real {
    Real(1.0)
}

pub fn check_efficiency(at: &At<'_>, value: Real) -> Result<(), SpecError> {
    at.real("receiver_efficiency", value, Range::Probability, "detectors and optics at the receiver")
}

pub fn check_background(at: &At<'_>, value: Real) -> Result<(), SpecError> {
    at.real("background_probability", value, Range::Between(0.0, 0.5), "clicks per signal without light, all detectors together")
}

pub fn check_misalignment(at: &At<'_>, value: Real) -> Result<(), SpecError> {
    at.real("misalignment", value, Range::Between(0.0, 0.5), "share of photons that click in the wrong detector")
}

pub fn check_error_correction(at: &At<'_>, value: Real) -> Result<(), SpecError> {
    at.real("error_correction", value, Range::Between(1.0, 100.0), "bits disclosed over n h(QBER); 1 is the Shannon limit")
}

pub fn check_sifting(at: &At<'_>, value: Real) -> Result<(), SpecError> {
    if value.0 > 0.0 && value.0 <= 1.0 {
        return Ok(());
    }
    Err(at.error("sifting", "in (0, 1]", value, "share of signals that both measure in the key basis"))
}

pub fn check_test_probability(at: &At<'_>, value: Real) -> Result<(), SpecError> {
    if value.0 >= 1e-9 && value.0 < 1.0 {
        return Ok(());
    }
    Err(at.error("test_probability", "in [1e-9, 1)", value, "how often a hit of a finite key is compared, near 0.1"))
}

pub fn check_repetition(at: &At<'_>, value: Real) -> Result<(), SpecError> {
    at.real("repetition_rate_hz", value, Range::Positive, "signals per second")
}

/// Mean photons per pulse.
pub fn check_intensity(at: &At<'_>, name: &str, value: Real) -> Result<(), SpecError> {
    if value.0 > 0.0 && value.0 <= MOST_PHOTONS {
        return Ok(());
    }
    Err(at.error(name, format!("in (0, {MOST_PHOTONS}]"), value, "mean photons per pulse, near 0.5"))
}

/// Weak pulses; beyond, sums over photon numbers end too early.
pub const MOST_PHOTONS: f64 = 10.0;

/// What is ideal about a line, in words.
pub fn ideal_line(efficiency: f64, background: f64, misalignment: f64, error_correction: f64) -> Vec<String> {
    let mut said = Vec::new();
    let mut note = |ideal: bool, words: &str| {
        if ideal {
            said.push(words.to_owned());
        }
    };
    note(efficiency == 1.0, "the receiver detects every photon (receiver_efficiency 1)");
    note(background == 0.0, "no dark counts and no stray light (background_probability 0)");
    note(misalignment == 0.0, "perfect alignment (misalignment 0)");
    note(error_correction == 1.0, "error correction at the Shannon limit (error_correction 1)");
    said
}
