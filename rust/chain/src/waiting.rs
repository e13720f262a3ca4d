//! Two pairs made independently: when both are there, and what the earlier one has lost by then.
//!
//! For laws L and R, entry a of L and b of R, and decay per step:
//!
//! ```text
//!   M_ab(t) =  L_a(t) sum_{s <= t} R_b(s) e^(-r (t-s))  +  R_b(t) sum_{s < t} L_a(s) e^(-r (t-s))
//!              right waited                               left waited
//! ```
//!
//! A cut-off keeps the sums to the last `cutoff` steps. Both sums run in one pass.

use ebit_random::math;

use crate::numbers::Quad;

/// Mass that a law may lose to trimming: far below what rounding loses.
const NEGLIGIBLE: f64 = 1e-18;

/// When a pair is there and in which state: for each entry of (1, x, y, z) its sum over the pairs that come at each step.
#[derive(Debug, Clone, PartialEq)]
pub struct Law {
    /// One series (time alone), two (x = y = z), or four.
    pub entries: Vec<Vec<f64>>,
}

impl Law {
    /// The series of an entry of the quad.
    pub fn entry(&self, k: usize) -> &[f64] {
        &self.entries[k.min(self.entries.len() - 1)]
    }

    pub fn probability(&self) -> &[f64] {
        &self.entries[0]
    }

    /// Drops the end of the law where hardly anything is left.
    pub fn trim(&mut self) {
        self.cut(NEGLIGIBLE);
    }

    /// Drops as much of its end as holds no more than this mass; returns what that holds.
    pub fn cut(&mut self, mass: f64) -> f64 {
        let mut tail = 0.0;
        let mut keep = self.entries[0].len();
        while keep > 1 {
            let more = tail + self.entries[0][keep - 1].abs();
            if more > mass {
                break;
            }
            tail = more;
            keep -= 1;
        }
        self.entries.iter_mut().for_each(|e| e.truncate(keep));
        tail
    }
}

/// sum over s in [t - window, t] of series(s) e^(-rate (t-s)), for each t < len; without a window over all s <= t.
pub fn decayed_sum(series: &[f64], rate: f64, window: Option<u64>, len: usize) -> Vec<f64> {
    let at = |t: usize| series.get(t).copied().unwrap_or(0.0);
    let keep = math::exp(-rate);
    let mut out = vec![0.0; len];
    let Some(width) = window.and_then(|w| usize::try_from(w).ok()).map(|w| w.saturating_add(1)).filter(|w| *w < len) else {
        let mut sum = 0.0;
        for (t, o) in out.iter_mut().enumerate() {
            sum = sum * keep + at(t);
            *o = sum;
        }
        return out;
    };
    // A window is the end of one block of `width` steps and the beginning of the next: sums of positive terms only, where
    // adding the new and taking off the old would lose digits.
    let mut ends = vec![0.0; width + 1];
    for start in (0..len).step_by(width) {
        let mut sum = 0.0;
        for offset in 0..width.min(len - start) {
            sum = sum * keep + at(start + offset);
            // The previous block from start + offset - width + 1 on.
            out[start + offset] = sum + math::exp(-rate * (offset + 1) as f64) * ends[offset + 1];
        }
        // ends[k]: the part of this block from its k-th step on, seen from its last.
        let last = start + width - 1;
        let mut sum = 0.0;
        let mut factor = 1.0;
        ends[width] = 0.0;
        for k in (0..width).rev() {
            sum += at(start + k) * factor;
            factor *= keep;
            ends[k] = sum;
        }
        debug_assert!(last >= start);
    }
    out
}

/// M_ab of the module's header, for one pair of entries.
pub fn both_there(left: &[f64], right: &[f64], left_sum: &[f64], right_sum: &[f64]) -> Vec<f64> {
    let len = left_sum.len();
    let at = |series: &[f64], t: usize| series.get(t).copied().unwrap_or(0.0);
    // The left sum includes s = t, which the first term counts already.
    (0..len).map(|t| at(left, t) * right_sum[t] + at(right, t) * (left_sum[t] - at(left, t))).collect()
}

/// When a wait ends without the other: first completion + cut-off, the other later still.
pub fn given_up(left: &[f64], right: &[f64], cutoff: u64, len: usize) -> Vec<f64> {
    let mut out = vec![0.0; len];
    let Ok(cutoff) = usize::try_from(cutoff) else { return out };
    for (first, other) in [(left, right), (right, left)] {
        let mut there = other.iter().take(cutoff).sum::<f64>();
        for (t, o) in out.iter_mut().enumerate().skip(cutoff) {
            there += other.get(t).copied().unwrap_or(0.0);
            if let Some(f) = first.get(t - cutoff) {
                *o += f * (1.0 - there).max(0.0);
            }
        }
    }
    out
}

/// Factors over `steps` steps at these rates.
pub fn kept(rates: &Quad, steps: u64) -> Quad {
    rates.map(|r| if r == 0.0 { 1.0 } else { math::exp(-r * steps as f64) })
}

/// sum(t) += factor series(t - shift).
pub fn add_shifted(sum: &mut [f64], series: &[f64], shift: usize, factor: f64) {
    if shift < sum.len() {
        sum[shift..].iter_mut().zip(series).for_each(|(s, x)| *s += factor * x);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_what_they_say() {
        let series: Vec<f64> = (0..57).map(|k| f64::from(k % 7) + 0.5).collect();
        for window in [None, Some(0), Some(1), Some(5), Some(30), Some(200)] {
            let got = decayed_sum(&series, 0.1, window, 80);
            for (t, x) in got.iter().enumerate() {
                let wanted: f64 = (0..=t.min(56))
                    .filter(|s| window.is_none_or(|w| (t - s) as u64 <= w))
                    .map(|s| series[s] * math::exp(-0.1 * (t - s) as f64))
                    .sum();
                assert!((x - wanted).abs() < 1e-12 * wanted.max(1.0), "{window:?} {t}: {x} {wanted}");
            }
        }
    }

    #[test]
    fn what_is_given_up_and_what_is_kept_is_all() {
        let p = 0.15;
        let law: Vec<f64> = (0..4000).map(|t| if t == 0 { 0.0 } else { p * math::pow(1.0 - p, (t - 1) as f64) }).collect();
        for cutoff in [0, 3, 10] {
            let sum = decayed_sum(&law, 0.0, Some(cutoff), 4000);
            let kept: f64 = both_there(&law, &law, &sum, &sum).iter().sum();
            let lost: f64 = given_up(&law, &law, cutoff, 4000).iter().sum();
            assert!((kept + lost - 1.0).abs() < 1e-12, "{cutoff}: {kept} {lost}");
        }
    }
}
