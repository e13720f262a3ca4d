//! What the error rate of a random sample says of the rest, of which nothing was put back.
//!
//! ```text
//!     sample: c bits, a share b of them wrong      rest: d bits, a share x of them wrong      p = (c b + d x)/(c + d)
//!     P(as few wrong in the sample | p) <= max(1, f) e^-E,    E = c D(b||p) + d D(x||p),    f = sqrt((c+d)/(c d b (1-b)))
//! ```
//!
//! D(a||p) = a ln(a/p) + (1-a) ln((1-a)/(1-p)). E is the exponent of the hypergeometric law (Fung, Ma and Chau 2010,
//! doi:10.1103/PhysRevA.81.012318); their factor f belongs to exactly as many wrong ones as were seen, and is small where many
//! were: of fewer, too, the sum stays below e^-E. Held against exact tails in the tests, from one wrong bit in ten on.
//!
//! To second order in x - b, E gives the formula that Lim et al. 2014 (doi:10.1103/PhysRevA.89.022307) print,
//!
//! ```text
//!     gamma = sqrt((c+d) b(1-b)/(c d ln 2) log2[f^2/eps^2])
//! ```
//!
//! which is wider than E asks for where more than some 40 are wrong, and fails where fewer are: of one in a thousand it says
//! x < 0.011 at eps = 5e-12, and is wrong once in 10^4. So the wider of the two counts.

use ebit_random::math;

const MOST_ROUNDS: usize = 60;

/// c D(b||p) + d D(x||p), and its slope in x.
fn exponent(b: f64, x: f64, c: f64, d: f64) -> (f64, f64) {
    let p = (c * b + d * x) / (c + d);
    let logs = |a: f64| (if a > 0.0 { math::ln_1p((a - p) / p) } else { 0.0 }, math::ln_1p((p - a) / (1.0 - p)));
    let ((wrong, right), (more, fewer)) = (logs(b), logs(x));
    (c * (b * wrong + (1.0 - b) * right) + d * (x * more + (1.0 - x) * fewer), d * (more - fewer))
}

/// The least rate that a sample can be asked about: of no error seen, or of a part of one, as if it had been one.
fn seen(rate: f64, sample: f64) -> f64 {
    rate.max(1.0 / sample.clamp(2.0, 1e300))
}

/// The greatest error rate of the rest, but with probability `fails`; beyond 1/2 only how far from it.
#[must_use]
pub fn most_in_rest(fails: f64, rate: f64, sample: f64, rest: f64) -> f64 {
    let b = seen(rate, sample);
    if b >= 0.5 {
        return b;
    }
    let factor = (0.5 * math::ln((sample + rest) / (sample * rest * b * (1.0 - b)))).max(0.0);
    where_exponent_is(factor - math::ln(fails), b, sample, rest)
}

/// The x > b where E is what it needs to be, if that is below 1/2.
fn where_exponent_is(need: f64, b: f64, c: f64, d: f64) -> f64 {
    // E is how far the entropy of the mean lies above the mean of entropies, (c+d) H(p) - c H(b) - d H(x) with H'' = -1/(q(1-q)),
    // so E >= (x-b)^2 cd/(c+d) / (2 x(1-x)) up to x = 1/2: there the root is below the one of this.
    let k = 2.0 * need * (c + d) / (c * d);
    let ahead = k * (1.0 - 2.0 * b);
    let above = b + 0.5 * (ahead + math::sqrt(ahead * ahead + 4.0 * (1.0 + k) * k * b * (1.0 - b))) / (1.0 + k);
    let mut x = above;
    if above.is_nan() || above >= 0.5 {
        x = 0.5;
        let (half, _) = exponent(b, x, c, d);
        if half.is_nan() || half < need {
            // Not bounded below 1/2: for searches, how far.
            let lacking = 1.0 - half / need;
            return if lacking.is_nan() { 1.0 } else { 0.5 + 0.5 * lacking.clamp(0.0, 1.0) };
        }
    }
    // E is convex in x: from beyond the root Newton's steps come down to it, each leaving about the square of what it was.
    for _ in 0..MOST_ROUNDS {
        let (at, slope) = exponent(b, x, c, d);
        let step = (at - need) / slope;
        x = (x - step).max(b);
        if step.abs() <= 1e-7 * x {
            break;
        }
    }
    x
}

/// How far the error rate of the rest may lie above that of the sample, where the chance e^-`log` is left that it lies farther:
/// as Lim et al. print it, or wider where that is too narrow.
#[must_use]
pub fn sampling_excess(log: f64, rate: f64, sample: f64, rest: f64) -> f64 {
    let b = seen(rate, sample);
    if b >= 1.0 {
        return 0.0;
    }
    let (spread, share) = (b * (1.0 - b), (sample + rest) / (sample * rest));
    let factor = math::ln(share / spread);
    let printed = math::sqrt((share * spread * (factor + 2.0 * log)).max(0.0)) / std::f64::consts::LN_2;
    let most = b + printed;
    let need = 0.5 * factor.max(0.0) + log;
    // By the bound on E that a root is looked for from, or by E itself.
    let enough = most < 0.5
        && (printed * printed >= 2.0 * need * share * most * (1.0 - most) || exponent(b, most, sample, rest).0 >= need);
    let most = if enough || b >= 0.5 { most } else { most.max(where_exponent_is(need, b, sample, rest)) };
    most - rate
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ln of n choose k.
    fn ln_choose(n: u64, k: u64) -> f64 {
        (0..k.min(n - k)).map(|j| math::ln((n - j) as f64) - math::ln((j + 1) as f64)).sum()
    }

    /// P(at most `m` of `wrong` are among the `c` sampled of `c + d`).
    fn tail(m: u64, wrong: u64, c: u64, d: u64) -> f64 {
        let all = ln_choose(c + d, wrong);
        (0..=m.min(wrong)).filter(|j| wrong - j <= d).map(|j| math::exp(ln_choose(c, j) + ln_choose(d, wrong - j) - all)).sum()
    }

    /// Exact tails, no draws: whatever the rest has beyond the bound is as seldom as was said.
    #[test]
    fn what_lies_beyond_the_bound_is_as_seldom_as_said() {
        let mut bounded = 0;
        for c in [10u64, 50, 300, 2000] {
            for d in [7u64, 60, 900, 20_000] {
                for m in [0u64, 1, 2, 5, 20, 100] {
                    for fails in [1e-2, 1e-5, 1e-10] {
                        let rate = m as f64 / c as f64;
                        let most = most_in_rest(fails, rate, c as f64, d as f64);
                        let printed = rate + sampling_excess(-math::ln(fails), rate, c as f64, d as f64);
                        assert!(printed >= most * (1.0 - 1e-12) || most > 0.5, "{c} {d} {m} {fails}: {printed} {most}");
                        let beyond = (most * d as f64).floor() as u64 + 1;
                        if most < 0.5 && beyond <= d {
                            bounded += 1;
                            let p = tail(m, m + beyond, c, d);
                            assert!(p <= fails, "{c} {d} {m} {fails}: {most} fails with {p}");
                        }
                    }
                }
            }
        }
        assert!(bounded > 80, "{bounded}");
    }

    /// With many errors it is the printed formula, digit by digit; that alone would fail with few.
    #[test]
    fn the_printed_formula_counts_where_it_holds() {
        let (c, d, fails): (f64, f64, f64) = (1e5, 1e6, 1e-10 / 21.0);
        let log = -math::ln(fails);
        for rate in [0.003, 0.03, 0.2] {
            let spread = rate * (1.0 - rate);
            let share = (c + d) / (c * d);
            let printed = math::sqrt(share * spread / math::ln(2.0) * math::log2(share / spread / fails / fails));
            assert!((sampling_excess(log, rate, c, d) / printed - 1.0).abs() < 1e-12, "{rate}");
            // The exponent alone asks for less.
            assert!(most_in_rest(fails, rate, c, d) - rate < printed, "{rate}");
        }
        // One wrong in a thousand: the formula says 0.0114, of which the exact tail is 10^7 times too likely.
        let tail = tail(1, 1 + 2280, 1000, 200_000);
        assert!(tail > 1e6 * fails, "{tail}");
        assert!(0.001 + sampling_excess(log, 0.001, 1000.0, 200_000.0) > 0.029);
    }

    #[test]
    fn more_errors_or_a_smaller_sample_never_help() {
        for c in [20.0, 1e3, 1e6, 1e12] {
            let mut last = 0.0;
            for k in 0..60 {
                let rate = 0.5 * f64::from(k) / 60.0;
                let most = most_in_rest(1e-11, rate, c, 1e6);
                assert!(most >= last && most >= rate && most <= most_in_rest(1e-11, rate, 0.9 * c, 1e6) + 1e-12, "{c} {rate}");
                last = most;
            }
        }
    }

    /// Samples that overflowed have an answer, too.
    #[test]
    fn no_errors_in_a_sample_of_any_size() {
        for sample in [0.0, 1.0, 1e6, 1e308, f64::INFINITY, f64::NAN] {
            let found = sampling_excess(26.0, 0.0, sample, 1e6);
            assert!(found >= 0.0, "{sample}: {found}");
        }
    }
}
