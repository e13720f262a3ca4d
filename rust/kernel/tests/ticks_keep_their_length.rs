//! The scale of time: which tick a horizon gets, and what cannot be told in ticks.

use ebit_kernel::{Tick, TickScale, TimeError};
use proptest::prelude::*;

const DAY_S: f64 = 86_400.0;

#[test]
fn a_tick_is_a_picosecond_up_to_a_hundred_days() {
    for horizon_s in [0.0, 1e-9, 1.0, DAY_S, 100.0 * DAY_S] {
        assert_eq!(TickScale::for_horizon_s(horizon_s), Ok(TickScale::PICOSECOND), "{horizon_s}");
    }
    assert!(TickScale::PICOSECOND.ticks(100.0 * DAY_S).is_ok());
}

#[test]
fn longer_horizons_get_the_smallest_power_of_ten_that_fits() {
    for (horizon_s, exponent) in [(100.1 * DAY_S, 1), (1e7, 1), (1.1e7, 2), (1e8, 2), (3.2e9, 4), (1e18, 12)] {
        let scale = TickScale::for_horizon_s(horizon_s).unwrap();
        assert_eq!(scale.exponent(), exponent, "{horizon_s}");
        assert!(scale.ticks(9.0 * horizon_s).is_ok(), "delays beyond the horizon fit");
    }
}

#[test]
fn what_is_no_time_is_refused() {
    let scale = TickScale::PICOSECOND;
    assert!(matches!(scale.ticks(f64::NAN), Err(TimeError::NotFinite(_))));
    assert_eq!(scale.ticks(f64::INFINITY), Err(TimeError::NotFinite(f64::INFINITY)));
    assert_eq!(scale.ticks(-1e-12), Err(TimeError::Negative(-1e-12)));
    assert!(matches!(scale.ticks(1e7), Err(TimeError::Overflow { .. })));
    assert!(matches!(TickScale::for_horizon_s(f64::NAN), Err(TimeError::NotFinite(_))));
    assert_eq!(TickScale::for_horizon_s(-1.0), Err(TimeError::Negative(-1.0)));
    assert!(matches!(TickScale::for_horizon_s(1e300), Err(TimeError::Overflow { .. })));
    assert_eq!(scale.ticks(-0.0), Ok(0), "a negative zero is zero");
}

/// The largest float below 2^63 ticks converts; the next does not.
#[test]
fn the_end_of_time_is_exact() {
    let scale = TickScale::for_horizon_s(1e18).unwrap(); // ticks of 1 s
    let end = 9_223_372_036_854_775_808.0_f64;
    assert_eq!(scale.ticks(end.next_down()), Ok(Tick::MAX - 1023));
    assert!(scale.ticks(end).is_err());
}

proptest! {
    /// Up to 2^50 ticks a float holds a tick and its seconds closely enough to come back.
    #[test]
    fn ticks_survive_seconds(ticks in 0i64..1 << 50, horizon_s in 0.0f64..1e20) {
        let scale = TickScale::for_horizon_s(horizon_s).unwrap();
        prop_assert_eq!(scale.ticks(scale.seconds(ticks)), Ok(ticks));
    }
}
