//! How often each intensity is sent.

use ebit_spec::check::At;
use ebit_spec::{Real, SpecError};

/// Shares of signals and weak decoys, where they are given.
///
/// # Errors
/// A share outside (0, 1), or nothing left for a third intensity.
pub fn check_shares(at: &At<'_>, signal: Option<Real>, weak: Option<Real>) -> Result<(), SpecError> {
    for (name, value) in [("signal_probability", signal), ("weak_probability", weak)] {
        if let Some(p) = value.filter(|p| !(p.0 > 0.0 && p.0 < 1.0)) {
            return Err(at.error(name, "in (0, 1)", p, "of all pulses sent"));
        }
    }
    let (signal, weak) = (signal.map_or(0.5, |p| p.0), weak.map_or(0.0, |p| p.0));
    if signal + weak >= 1.0 {
        let hint = "the rest is the third intensity's";
        return Err(at.error("weak_probability", format!("< {}", Real(1.0 - signal)), Real(weak), hint));
    }
    Ok(())
}

/// Within (0, 1).
#[must_use]
pub fn open(x: f64) -> f64 {
    x.clamp(1e-4, 1.0 - 1e-4)
}

/// Shares of signal and weak decoy, from that of the signal and that of the weak one in the rest.
#[must_use]
pub fn split(signal: f64, weak: f64) -> (f64, f64) {
    let p = open(signal);
    (p, (1.0 - p) * open(weak))
}
