//! Error rates at which keys vanish, with error correction at the Shannon limit.

use super::bb84::Bb84;
use super::device_independent::DeviceIndependent;
use super::sarg04::Sarg04;
use super::six_state::SixState;

/// The QBER at which the key of a protocol vanishes; None where it does not depend on the QBER alone.
#[must_use]
pub fn qber_threshold(protocol: &str) -> Option<f64> {
    let fraction: fn(f64, f64) -> f64 = match protocol {
        "BB84" | "BBM92" | "E91" | "DeliveredPairs" => Bb84::fraction,
        "SixState" => SixState::fraction,
        "SARG04" => Sarg04::fraction,
        "DeviceIndependent" => DeviceIndependent::fraction,
        _ => return None,
    };
    let (mut low, mut high) = (0.0, 0.25);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        (low, high) = if fraction(middle, 1.0) > 0.0 { (middle, high) } else { (low, middle) };
    }
    Some(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_thresholds() {
        for (name, value, digit) in [
            ("BB84", 0.1100278644, 1e-10),
            ("SixState", 0.1261930833, 1e-10),
            ("DeviceIndependent", 0.071492, 5e-7),
            ("SARG04", 0.096892, 5e-7),
        ] {
            assert!((qber_threshold(name).unwrap_or(0.0) - value).abs() < digit, "{name}");
        }
        assert_eq!(qber_threshold("GG02"), None);
    }
}
