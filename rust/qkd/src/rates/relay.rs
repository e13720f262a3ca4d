//! Interference at a relay between two senders, phases random: what one click tells, and two.
//!
//! Sums over the phase are modified Bessel functions: the mean of e^(x cos phi) is I0(x).

use ebit_random::math;

/// I0(x) - 1 = sum over k >= 1 of (x^2/4)^k/(k!)^2; for the small x of weak light, without loss of digits.
#[must_use]
pub fn bessel_i0_minus_one(x: f64) -> f64 {
    let quarter = 0.25 * x * x;
    let (mut term, mut sum) = (1.0, 0.0);
    for k in 1..200 {
        let k = f64::from(k);
        term *= quarter / (k * k);
        sum += term;
        if term <= 1e-17 * sum {
            break;
        }
    }
    sum
}

/// Probability that exactly one of two detectors behind a balanced beam splitter clicks, with mean photon numbers x and y
/// from the two sides (loss and efficiency within) of independent random phases; p_d is a dark count's probability.
///
/// 2 (1 - p_d) [e^(-(x+y)/2) I0(sqrt(x y)) - (1 - p_d) e^(-x-y)].
#[must_use]
pub fn one_click(x: f64, y: f64, dark: f64) -> f64 {
    let dim = math::exp(-0.5 * (x + y));
    // I0 e^-s - (1-p) e^-2s = e^-s [(I0 - 1) + (1 - e^-s) + p e^-s]
    let inside = bessel_i0_minus_one(math::sqrt(x * y)) - math::exp_m1(-0.5 * (x + y)) + dark * dim;
    2.0 * (1.0 - dark) * dim * inside
}

/// The same where both sides send the same mean x with phases that are known to differ by at most half the slice, or by
/// that less than pi: clicks of the detector that this tells, and of the other one. Means over the slice, 0 < slice <= pi.
///
/// (1 - p_d) e^(-2x) [e^(x (1 +- cos phi)) - 1 + p_d].
#[must_use]
pub fn one_click_in_slice(x: f64, slice: f64, dark: f64) -> (f64, f64) {
    let (mut right, mut wrong) = (0.0, 0.0);
    for k in 0..=SIMPSON {
        let half = 0.25 * slice * k as f64 / SIMPSON as f64;
        let weight = if k == 0 || k == SIMPSON { 1.0 } else { (2 + 2 * (k % 2)) as f64 };
        let (sine, cosine) = (math::sin(half), math::cos(half));
        right += weight * math::exp_m1(2.0 * x * cosine * cosine);
        wrong += weight * math::exp_m1(2.0 * x * sine * sine);
    }
    let scale = (1.0 - dark) * math::exp(-2.0 * x);
    let mean = |sum: f64| scale * (sum / (3 * SIMPSON) as f64 + dark);
    (mean(right), mean(wrong))
}

/// The same in two rounds, phases drawn anew by both, that all send the same mean x: probability of one click in each, given
/// that what the two differ by changed from one round to the next by at most half the slice; of the same detector, and of
/// another one. Where it changed by pi, too, the two change places.
///
/// With u = e^-x, v = (1 - p_d) u: 2 v^2 [I0(2x cos(d/2)) - 2 v I0(x) + v^2], and sin, for a change d.
#[must_use]
pub fn two_clicks_in_slice(x: f64, slice: f64, dark: f64) -> (f64, f64) {
    let (mut same, mut other) = (0.0, 0.0);
    for k in 0..=SIMPSON {
        let half = 0.25 * slice * k as f64 / SIMPSON as f64;
        let weight = if k == 0 || k == SIMPSON { 1.0 } else { (2 + 2 * (k % 2)) as f64 };
        same += weight * bessel_i0_minus_one(2.0 * x * math::cos(half));
        other += weight * bessel_i0_minus_one(2.0 * x * math::sin(half));
    }
    let v = (1.0 - dark) * math::exp(-x);
    // 1 - v without loss of digits.
    let lacks = dark - (1.0 - dark) * math::exp_m1(-x);
    let rest = lacks * lacks - 2.0 * v * bessel_i0_minus_one(x);
    let mean = |sum: f64| 2.0 * v * v * (sum / (3 * SIMPSON) as f64 + rest).max(0.0);
    (mean(same), mean(other))
}

/// Steps across half a slice: an error below 1e-8 of the value at the widest slice.
const SIMPSON: usize = 64;

/// The same for exactly n and m photons, each of which arrives with probability s; for one given detector.
///
/// All k of n and l of m that arrive leave by one port with probability (k+l)!/(k! l! 2^(k+l)).
#[must_use]
pub fn one_click_of(n: u32, m: u32, s: f64, dark: f64) -> f64 {
    let (mut all, none) = (0.0, power(1.0 - s, n + m));
    for k in 0..=n {
        for l in 0..=m {
            if k + l > 0 {
                let arrive = choose(n, k) * choose(m, l) * power(s, k + l) * power(1.0 - s, n + m - k - l);
                all += arrive * choose(k + l, k) * power(0.5, k + l);
            }
        }
    }
    (1.0 - dark) * (dark * none + all)
}

/// x^n for small n.
fn power(x: f64, n: u32) -> f64 {
    (0..n).fold(1.0, |p, _| p * x)
}

/// n over k, exact for the small numbers here.
fn choose(n: u32, k: u32) -> f64 {
    (0..k.min(n - k)).fold(1.0, |c, j| c * f64::from(n - j) / f64::from(j + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The second way: the phase by quadrature.
    #[test]
    fn one_click_is_a_mean_over_the_phase() {
        for (x, y, dark) in [(0.3, 0.2, 1e-3), (1e-5, 2e-5, 1e-8), (0.4, 0.0, 0.0)] {
            let steps = 400;
            let mean = (0..steps).map(|k| {
                let phase = 2.0 * std::f64::consts::PI * (f64::from(k) + 0.5) / f64::from(steps);
                let cross = math::sqrt(x * y) * math::cos(phase);
                let (left, right) = (0.5 * (x + y) + cross, 0.5 * (x + y) - cross);
                let silent = |mean: f64| (1.0 - dark) * math::exp(-mean);
                silent(left) * (1.0 - silent(right)) + silent(right) * (1.0 - silent(left))
            });
            let mean = mean.sum::<f64>() / f64::from(steps);
            let closed = one_click(x, y, dark);
            assert!((closed - mean).abs() < 1e-9 * mean, "{closed} {mean}");
        }
    }

    /// All phases together are slices of width pi; and in a narrow slice equal pulses leave by one port.
    #[test]
    fn slices_make_up_all_phases() {
        for (x, dark) in [(0.3, 1e-3), (1e-5, 1e-8), (2.0, 0.0)] {
            let (right, wrong) = one_click_in_slice(x, std::f64::consts::PI, dark);
            let all = one_click(x, x, dark);
            assert!(((right + wrong) / all - 1.0).abs() < 1e-8, "{x}: {right} {wrong} {all}");
            let (right, wrong) = one_click_in_slice(x, 1e-6, dark);
            let silent = (1.0 - dark) * math::exp(-2.0 * x);
            assert!((right - (1.0 - dark) * (1.0 - silent)).abs() < 1e-12, "{right}");
            assert!((wrong - silent * dark).abs() < 1e-12, "{wrong}");
        }
        // Weak light: 1 - cos of the phase, (1 - sinc(slice/2))/2 of the photons.
        let (right, wrong) = one_click_in_slice(1e-9, 1.2, 0.0);
        let share = 0.5 * (1.0 - math::sin(0.6) / 0.6);
        assert!((wrong / (right + wrong) / share - 1.0).abs() < 1e-7, "{wrong} {right} {share}");
    }

    /// The second way: both phases and the change by quadrature, detector by detector.
    #[test]
    fn two_clicks_are_a_mean_over_phases() {
        let (around, across) = (64, 100);
        for (x, slice, dark) in [(0.3, 1.1, 1e-3), (1e-3, 0.4, 1e-7), (2.0, 3.0, 0.0)] {
            let alone = |phase: f64| {
                let cross = x * math::cos(phase);
                let [left, right] = [x + cross, x - cross].map(|mean| (1.0 - dark) * math::exp(-mean));
                [right * (1.0 - left), left * (1.0 - right)]
            };
            let (mut same, mut other) = (0.0, 0.0);
            for k in 0..around {
                let phase = 2.0 * std::f64::consts::PI * f64::from(k) / f64::from(around);
                let first = alone(phase);
                for j in 0..across {
                    let change = slice * ((f64::from(j) + 0.5) / f64::from(across) - 0.5);
                    let second = alone(phase + change);
                    same += first[0] * second[0] + first[1] * second[1];
                    other += first[0] * second[1] + first[1] * second[0];
                }
            }
            let (a, b) = two_clicks_in_slice(x, slice, dark);
            let steps = f64::from(around * across);
            // The middles' error, (slice/across)^2 of the value.
            assert!((a / (same / steps) - 1.0).abs() < 1e-4, "{x}: {a} {}", same / steps);
            assert!((b / (other / steps) - 1.0).abs() < 1e-4, "{x}: {b} {}", other / steps);
        }
        // All changes: two rounds that know nothing of each other, either detector.
        let (same, other) = two_clicks_in_slice(0.4, std::f64::consts::PI, 1e-3);
        let both = one_click(0.4, 0.4, 1e-3);
        assert!((0.5 * (same + other) / (0.5 * both * both) - 1.0).abs() < 1e-8, "{same} {other} {both}");
        // A quarter of the errors of weak light is what two photons from one side make.
        let (right, wrong) = two_clicks_in_slice(1e-5, 1e-6, 0.0);
        assert!((wrong / (right + wrong) - 0.25).abs() < 1e-4, "{right} {wrong}");
    }

    /// The second way: gains are Poisson sums of what numbers of photons give.
    #[test]
    fn one_click_is_a_sum_over_photon_numbers() {
        let (x, y, s, dark): (f64, f64, f64, f64) = (0.5, 0.3, 0.2, 1e-3);
        let mut sum = 0.0;
        let mut a = math::exp(-x);
        for n in 0..18u32 {
            let mut b = math::exp(-y);
            for m in 0..18u32 {
                sum += a * b * 2.0 * one_click_of(n, m, s, dark);
                b *= y / f64::from(m + 1);
            }
            a *= x / f64::from(n + 1);
        }
        let closed = one_click(s * x, s * y, dark);
        assert!((closed - sum).abs() < 1e-13, "{closed} {sum}");
    }

    #[test]
    fn two_photons_that_meet_leave_together() {
        // Hong, Ou and Mandel: each detector alone, half the time.
        assert!((one_click_of(1, 1, 1.0, 0.0) - 0.5).abs() < 1e-15);
        assert_eq!(one_click_of(0, 0, 0.5, 0.0), 0.0);
        assert!((one_click_of(1, 0, 0.3, 0.0) - 0.15).abs() < 1e-15);
    }
}
