//! The longest distance over which a protocol has a key.

use ebit_spec::error::Kind;
use ebit_spec::{Channel, Fiber, Real, SpecError};

use super::protocol::Protocol;
use super::search::FARTHEST_DB;
use crate::finite::Finite;

/// The longest fibre over which there is a key, in km; all else stays. Zero where there is none even without a fibre.
///
/// # Errors
/// A channel that is no fibre, a fibre without attenuation, or a rate that cannot be asked for.
pub fn max_distance_km<P: Protocol>(system: &P, finite: Option<&Finite>) -> Result<f64, SpecError> {
    system.key_rate(finite)?;
    let wrong = |got: &str, hint: &str| {
        Err(SpecError::new(Kind::Range, P::NAME, "fiber", "a Fiber with attenuation, to have a longest length", got, hint))
    };
    let Some(Channel::Fiber(fiber)) = system.channel() else {
        return wrong("another channel", "a beam's loss does not grow with a length alone");
    };
    if fiber.loss_db_per_km.0 <= 0.0 {
        return wrong("loss_db_per_km 0", "without attenuation no length is too long");
    }
    let at = |km: f64| system.with_channel(Channel::Fiber(Fiber { length_km: Real(km), ..fiber.clone() })).score(finite);
    // A coarse walk outwards finds the last dB with a key, then halving.
    let per_db = 1.0 / fiber.loss_db_per_km.0;
    let mut last: Option<f64> = None;
    let mut misses = 0;
    let mut db = 0.0;
    while db <= FARTHEST_DB && misses < 20 {
        if at(db * per_db) > 0.0 {
            last = Some(db);
            misses = 0;
        } else {
            misses += 1;
        }
        db += 1.0;
    }
    let Some(found) = last else { return Ok(0.0) };
    if found >= FARTHEST_DB {
        return Ok(f64::INFINITY);
    }
    let (mut low, mut high) = (found * per_db, (found + 1.0) * per_db);
    while high - low > 1e-9 * high {
        let middle = 0.5 * (low + high);
        (low, high) = if at(middle) > 0.0 { (middle, high) } else { (low, middle) };
    }
    Ok(low)
}
