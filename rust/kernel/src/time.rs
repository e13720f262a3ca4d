//! Time as a count of ticks, and the scale that gives a tick its length.
//!
//! A tick is 1 ps, or 10^k ps where the horizon is beyond what i64 counts in picoseconds with room to spare. Adding
//! integers is exact and associative, so the order of events never depends on how a sum of delays was bracketed.

use crate::error::TimeError;

/// A point in time or a duration, in ticks of the run's [`TickScale`].
pub type Tick = i64;

/// Ticks per second at the finest scale, 1 ps.
const PICOSECONDS: f64 = 1e12;
/// Up to this horizon ticks are 1 ps: 100 days.
const FINE_HORIZON_S: f64 = 100.0 * 86_400.0;
/// The horizon may use this many ticks: about an i64's tenth, so that delays beyond the horizon still fit.
const HORIZON_TICKS: f64 = 1e18;
/// 10^0 ... 10^22: every power of ten that a float holds exactly.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21,
    1e22,
];

/// The length of a tick: 10^k picoseconds.
///
/// ```
/// use ebit_kernel::TickScale;
///
/// let scale = TickScale::for_horizon_s(3600.0)?;
/// assert_eq!(scale.ticks(2.5e-6)?, 2_500_000); // ticks of 1 ps
/// assert_eq!(scale.seconds(2_500_000), 2.5e-6);
/// # Ok::<(), ebit_kernel::TimeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct TickScale {
    exponent: u8,
}

impl TickScale {
    /// Ticks of 1 ps.
    pub const PICOSECOND: TickScale = TickScale { exponent: 0 };

    /// The finest scale on which a run of `horizon_s` seconds fits: 1 ps up to 100 days, then the smallest power of ten
    /// that leaves a factor of nine for delays beyond the horizon.
    pub fn for_horizon_s(horizon_s: f64) -> Result<TickScale, TimeError> {
        check(horizon_s)?;
        if horizon_s <= FINE_HORIZON_S {
            return Ok(TickScale::PICOSECOND);
        }
        (0..POWERS.len() as u8)
            .map(|exponent| TickScale { exponent })
            .find(|scale| horizon_s * scale.per_second() <= HORIZON_TICKS)
            .ok_or_else(|| TickScale { exponent: POWERS.len() as u8 - 1 }.overflow(horizon_s))
    }

    /// k, where a tick is 10^k ps.
    pub fn exponent(self) -> u8 {
        self.exponent
    }

    /// The length of a tick in seconds.
    pub fn tick_s(self) -> f64 {
        POWERS[self.exponent as usize] / PICOSECONDS
    }

    /// Ticks in a second: exact from 1 ps to 1 s, else correctly rounded.
    fn per_second(self) -> f64 {
        PICOSECONDS / POWERS[self.exponent as usize]
    }

    /// The nearest tick to a time in seconds; halves go away from zero.
    pub fn ticks(self, seconds: f64) -> Result<Tick, TimeError> {
        check(seconds)?;
        let ticks = (seconds * self.per_second()).round();
        // 2^63, the first float beyond an i64.
        if ticks < 9_223_372_036_854_775_808.0 { Ok(ticks as Tick) } else { Err(self.overflow(seconds)) }
    }

    /// A time in seconds, rounded to a float: exact to 2^53 ticks, then to one part in 10^16.
    pub fn seconds(self, ticks: Tick) -> f64 {
        ticks as f64 / self.per_second()
    }

    fn overflow(self, seconds: f64) -> TimeError {
        TimeError::Overflow { seconds, limit_s: self.seconds(Tick::MAX), tick_s: self.tick_s() }
    }
}

fn check(seconds: f64) -> Result<(), TimeError> {
    if !seconds.is_finite() {
        Err(TimeError::NotFinite(seconds))
    } else if seconds < 0.0 {
        Err(TimeError::Negative(seconds))
    } else {
        Ok(())
    }
}
