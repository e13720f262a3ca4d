//! What a count says of the expected one, by Chernoff's inequality.
//!
//! A sum of independent trials with expectation n* is as far off as n, or farther, with probability at most
//! e^-(n* - n + n ln(n/n*)), above and below. So except with probability eps each
//!
//! ```text
//!     n* <= the larger root of  n* - n + n ln(n/n*) = ln(1/eps),  n* >= the smaller one
//! ```
//!
//! (Curty et al. 2014, doi:10.1038/ncomms4732; solved for n* by Zhang, Zhao, Razavi and Ma 2017,
//! doi:10.1103/PhysRevA.95.012333). Unlike Hoeffding's interval its width goes with the count and not with the number of
//! trials. Turned round, an expectation bounds the count itself: the roots n of the same equation at a given n*.
//! Limit: trials independent of each other, each with a chance of its own.

use ebit_random::math;

const MOST_ROUNDS: usize = 60;

/// y - 1 - ln y = t from a start on the outer side of a root, where Newton's steps never pass it.
fn root(start: f64, t: f64) -> f64 {
    let mut y = start;
    for _ in 0..MOST_ROUNDS {
        let slope = 1.0 - 1.0 / y;
        if slope == 0.0 {
            break;
        }
        let step = (y - 1.0 - math::ln(y) - t) / slope;
        y -= step;
        if step.abs() <= 1e-13 * y {
            break;
        }
    }
    y
}

/// Upper bound on an expected count; `log_inverse` is ln(1/eps).
#[must_use]
pub fn most(count: f64, log_inverse: f64) -> f64 {
    if count <= 0.0 {
        return log_inverse;
    }
    let t = log_inverse / count;
    // With y = 1 + u: u - ln(1 + u) >= t where u = t + sqrt(2t).
    count * root(1.0 + t + math::sqrt(2.0 * t), t)
}

/// Lower bound on an expected count.
#[must_use]
pub fn least(count: f64, log_inverse: f64) -> f64 {
    if count <= 0.0 {
        return 0.0;
    }
    let t = log_inverse / count;
    // With y = 1 - u: -u - ln(1 - u) >= u^2/2; and -ln y >= t + 1 does, too.
    let start = math::exp(-1.0 - t).max(1.0 - math::sqrt(2.0 * t));
    // Below the smallest number there is.
    if start > 0.0 { count * root(start, t) } else { 0.0 }
}

/// (1 + u) ln(1 + u) - u = t, by Newton's steps from a start on the outer side of the root.
fn departure(start: f64, t: f64) -> f64 {
    let mut u = start;
    for _ in 0..MOST_ROUNDS {
        let slope = math::ln_1p(u);
        if slope == 0.0 {
            break;
        }
        let step = ((1.0 + u) * slope - u - t) / slope;
        u -= step;
        if step.abs() <= 1e-13 * u.abs() {
            break;
        }
    }
    u
}

/// Upper bound on a count with this expectation.
#[must_use]
pub fn most_counted(expected: f64, log_inverse: f64) -> f64 {
    if expected <= 0.0 {
        return 0.0;
    }
    let t = log_inverse / expected;
    // (1 + u) ln(1 + u) - u >= u^2/(2 + 2u/3) (Bernstein): t where u = t/3 + sqrt(t^2/9 + 2t).
    expected * (1.0 + departure(t / 3.0 + math::sqrt(t * t / 9.0 + 2.0 * t), t))
}

/// Lower bound on a count with this expectation; 0 where even none at all is not seldom enough.
#[must_use]
pub fn least_counted(expected: f64, log_inverse: f64) -> f64 {
    if expected <= log_inverse {
        return 0.0;
    }
    let t = log_inverse / expected;
    // With y = 1 + u: y ln y - y + 1 >= u^2/2, and >= t at y = (1-t)^2/4, too.
    let y = (1.0 - math::sqrt(2.0 * t)).max(0.25 * (1.0 - t) * (1.0 - t));
    (expected * (1.0 + departure(y - 1.0, t))).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_on_counts_solve_the_equation_on_either_side() {
        for expected in [1e-3, 1.0, 7.0, 1e3, 1e9, 1e14] {
            for log in [0.5, 3.0, 25.0, 80.0] {
                let (low, high) = (least_counted(expected, log), most_counted(expected, log));
                assert!(0.0 <= low && low < expected && expected < high, "{expected} {log}: {low} {high}");
                assert_eq!(low == 0.0, expected <= log, "{expected} {log}: {low}");
                for n in [low, high].into_iter().filter(|n| *n > 0.0) {
                    let u = (n - expected) / expected;
                    let back = expected * ((1.0 + u) * math::ln_1p(u) - u);
                    assert!((back - log).abs() <= 1e-6 * log, "{expected} {log} {n} {back}");
                }
                // The two ways are each other's inverse.
                let back = least(high, log);
                assert!((back / expected - 1.0).abs() < 1e-7, "{expected} {back}");
            }
        }
        assert_eq!((least_counted(0.0, 5.0), most_counted(0.0, 5.0)), (0.0, 0.0));
    }

    #[test]
    fn tails_of_poisson_counts_are_as_seldom_as_said() {
        for truth in [0.3f64, 4.0, 40.0] {
            for log in [2.0f64, 5.0] {
                let (low, high) = (least_counted(truth, log), most_counted(truth, log));
                let (mut below, mut above, mut weight) = (0.0, 0.0, math::exp(-truth));
                for n in 0..400u32 {
                    let count = f64::from(n);
                    below += if count < low { weight } else { 0.0 };
                    above += if count > high { weight } else { 0.0 };
                    weight *= truth / f64::from(n + 1);
                }
                let epsilon = math::exp(-log);
                assert!(below <= epsilon && above <= epsilon, "{truth} {log}: {below} {above} of {epsilon}");
            }
        }
    }

    #[test]
    fn bounds_solve_the_equation_on_either_side() {
        for count in [1e-3, 1.0, 7.0, 1e3, 1e9, 1e14] {
            for log in [0.5, 3.0, 25.0, 80.0] {
                let (low, high) = (least(count, log), most(count, log));
                assert!(0.0 <= low && low < count && count < high, "{count} {log}");
                for x in [low, high].into_iter().filter(|x| *x > 0.0) {
                    let y = x / count;
                    let back = count * (y - 1.0 - math::ln(y));
                    // Near the count the difference of equals has few digits.
                    assert!((back - log).abs() <= 1e-9 * log + 1e-15 * count, "{count} {log} {x} {back}");
                }
            }
        }
        assert_eq!((least(0.0, 5.0), most(0.0, 5.0)), (0.0, 5.0));
    }

    #[test]
    fn tails_of_a_poisson_count_stay_below_epsilon() {
        // The bound is on n*: it fails where the truth lies beyond. Exact tails of Poisson counts, no draws.
        for truth in [0.3f64, 4.0, 40.0] {
            for log in [2.0f64, 5.0] {
                let (mut low, mut high, mut weight) = (0.0, 0.0, math::exp(-truth));
                for n in 0..400u32 {
                    let count = f64::from(n);
                    low += if least(count, log) > truth { weight } else { 0.0 };
                    high += if most(count, log) < truth { weight } else { 0.0 };
                    weight *= truth / f64::from(n + 1);
                }
                let epsilon = math::exp(-log);
                assert!(low <= epsilon && high <= epsilon, "{truth} {log}: {low} {high} of {epsilon}");
            }
        }
    }
}
