//! What counts say of chances that depend on all that went before, by supermartingales at fixed slopes.
//!
//! In round l something happens, or not, with the chance P_l given the rounds before; N counts how often it did, S is the sum
//! of the P_l. For every s > 0 that was fixed beforehand
//!
//! ```text
//!     E[e^(s X_l) | before] = 1 + (e^s - 1) P_l <= e^((e^s - 1) P_l),   E[e^(-s X_l) | before] <= e^(-(1 - e^-s) P_l)
//! ```
//!
//! so that e^(s N - (e^s - 1) S) and e^(-s N + (1 - e^-s) S) have a mean of at most 1, and by Markov's inequality, except with
//! probability eps each,
//!
//! ```text
//!     S >= [s N - ln(1/eps)]/(e^s - 1),   S <= [s N + ln(1/eps)]/(1 - e^-s),   N <= [(e^s - 1) S + ln(1/eps)]/s
//! ```
//!
//! The best slope depends on what is counted, and s may not. So all of [`SLOPES`] slopes are asked, eps divided among them,
//! and the best answer counts: with neighbours a factor 1.94 apart the width is at most 6 % above that of the best slope (of
//! few counts 12 %), which is near sqrt(2 N ln(1/eps)). Trials that are independent of each other are the special case of Chernoff's inequality
//! ([`super::chernoff`]). Kato's inequality (2020, arXiv:2002.04357) asks for a prediction of N in the slopes' place.
//! Limit: at most one event a round; widths are as said for counts from 1 to 1e15.

use ebit_random::math;

pub const SLOPES: usize = 32;
const LEAST: f64 = 1e-8;
const MOST: f64 = 8.0;

/// All slopes at one share of epsilon.
#[derive(Debug, Clone)]
pub struct Slopes {
    /// ln(1/eps), with each slope's share of eps.
    pub log_inverse: f64,
    /// s, e^s - 1, 1 - e^-s.
    steps: [[f64; 3]; SLOPES],
}

impl Slopes {
    /// Bounds that fail with this probability each, given as ln(1/eps).
    #[must_use]
    pub fn new(log_inverse: f64) -> Self {
        let factor = math::ln(MOST / LEAST) / (SLOPES - 1) as f64;
        let steps = std::array::from_fn(|k| {
            let s = LEAST * math::exp(factor * k as f64);
            [s, math::exp_m1(s), -math::exp_m1(-s)]
        });
        Self { log_inverse: log_inverse + math::ln(SLOPES as f64), steps }
    }

    /// Upper bound on a sum of chances.
    #[must_use]
    pub fn most(&self, count: f64) -> f64 {
        self.least_of(|[s, _, fall]| (s * count + self.log_inverse) / fall)
    }

    /// Lower bound on a sum of chances.
    #[must_use]
    pub fn least(&self, count: f64) -> f64 {
        -self.least_of(|[s, rise, _]| (self.log_inverse - s * count) / rise).min(0.0)
    }

    /// Upper bound on a count where the chances add up to this.
    #[must_use]
    pub fn most_counted(&self, sum: f64) -> f64 {
        self.least_of(|[s, rise, _]| (rise * sum + self.log_inverse) / s)
    }

    fn least_of(&self, bound: impl Fn([f64; 3]) -> f64) -> f64 {
        self.steps.iter().map(|step| bound(*step)).fold(f64::INFINITY, f64::min)
    }
}

#[cfg(test)]
mod tests {
    use super::super::chernoff;
    use super::*;

    #[test]
    fn widths_are_near_the_root_of_twice_the_count_times_the_logarithm() {
        for log in [3.0, 25.0, 60.0] {
            let slopes = Slopes::new(log);
            for count in [1e4, 3e4, 1e6, 7e8, 1e12, 1e15] {
                let width = math::sqrt(2.0 * count * slopes.log_inverse);
                for found in [slopes.most(count) - count, count - slopes.least(count), slopes.most_counted(count) - count] {
                    // Skewness adds a third of the logarithm or two to a Gaussian's width.
                    let room = 1.06 * width + 3.0 * slopes.log_inverse;
                    assert!(found > 0.9 * width && found < room, "{log} {count}: {found} beside {width}");
                }
            }
        }
    }

    /// The best slope of all is Chernoff's; from few counts on.
    #[test]
    fn little_is_lost_to_the_best_slope() {
        for log in [25.0, 60.0] {
            let slopes = Slopes::new(log);
            for count in [1.0, 20.0, 1e3, 1e6, 1e10, 1e15] {
                let log = slopes.log_inverse;
                let pairs = [
                    (slopes.most(count), chernoff::most(count, log)),
                    (slopes.least(count), chernoff::least(count, log)),
                    (slopes.most_counted(count), chernoff::most_counted(count, log)),
                ];
                for (found, best) in pairs {
                    let ratio = (found - count) / (best - count);
                    let room = if count < 1e3 { 1.12 } else { 1.06 };
                    // Chernoff's roots are as exact as double precision is of a count.
                    assert!(ratio > 1.0 - 1e-6 && ratio < room, "{log} {count}: {found} {best}");
                }
            }
        }
    }

    #[test]
    fn nothing_counted_is_the_logarithm() {
        let slopes = Slopes::new(20.0);
        let found = slopes.most(0.0) / slopes.log_inverse;
        assert!(found > 1.0 && found < 1.001, "{found}");
        assert_eq!(slopes.least(0.0), 0.0);
        assert!(slopes.most_counted(0.0) < slopes.log_inverse);
    }

    /// Exact tails of Poisson counts, no draws.
    #[test]
    fn bounds_fail_as_seldom_as_said() {
        for truth in [0.3f64, 4.0, 40.0] {
            for log in [2.0f64, 5.0] {
                let slopes = Slopes::new(log);
                let highest = slopes.most_counted(truth);
                let (mut low, mut high, mut above, mut weight) = (0.0, 0.0, 0.0, math::exp(-truth));
                for n in 0..400u32 {
                    let count = f64::from(n);
                    low += if slopes.least(count) > truth { weight } else { 0.0 };
                    high += if slopes.most(count) < truth { weight } else { 0.0 };
                    above += if count > highest { weight } else { 0.0 };
                    weight *= truth / f64::from(n + 1);
                }
                let epsilon = math::exp(-log);
                assert!(low <= epsilon && high <= epsilon && above <= epsilon, "{truth} {log}: {low} {high} {above}");
            }
        }
    }
}
