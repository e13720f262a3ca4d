//! A finite key of twin-field QKD: the counts that a block is expected to have, and the best test windows.

use super::key_rate::{KeyRate, NOTHING_AT_THE_RELAY, pulses_of};
use super::relay::one_click;
use super::shares::{open, split};
use super::simplex::{factor, settle};
use crate::entropy::binary_entropy;
use crate::finite::twin_field::{self, Clicks, Key, Windows};
use crate::finite::{Finite, Length};
use ebit_random::math;

/// A finite key in numbers; what is not given is chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plan {
    /// From a sender to a click.
    pub arm: f64,
    pub dark: f64,
    pub misalignment: f64,
    pub error_correction: f64,
    pub signal: f64,
    pub weak: Option<f64>,
    pub strong: Option<f64>,
    /// Of the weak and the strong decoy in test windows.
    pub shares: Option<(f64, f64)>,
    pub key: Option<f64>,
}

/// One click, of either detector, where both sent a key's coherent state: its probability, and the share of wrong bits.
///
/// Without loss of digits at small g: e^(gv - g) - e^(-2g) and e^(-gv - g) - e^(-2g), dark counts added.
#[must_use]
pub fn key_clicks(arm: f64, dark: f64, misalignment: f64, mean: f64) -> (f64, f64) {
    let (g, v) = (arm * mean, 1.0 - 2.0 * misalignment);
    let dim = math::exp(-2.0 * g);
    let right = dim * (math::exp_m1(g * (1.0 + v)) + dark);
    let wrong = dim * (math::exp_m1(g * (1.0 - v)) + dark);
    let gain = (1.0 - dark) * (right + wrong);
    (gain, if gain > 0.0 { (wrong / (right + wrong)).min(0.5) } else { 0.5 })
}

impl Plan {
    /// With the choices that a point of the unit cube stands for; as many coordinates as choices are open.
    fn chosen(&self, x: &[f64]) -> Windows {
        let mut next = x.iter().copied();
        let mut draw = || next.next().unwrap_or(0.5);
        let weak = self.weak.unwrap_or_else(|| match self.strong {
            Some(strong) => factor(1e-3, 0.95, draw()) * strong,
            None => factor(1e-3, 0.5, draw()),
        });
        let strong = self.strong.unwrap_or_else(|| 1.02 * weak.max(self.signal) + 1.5 * open(draw()));
        let (a, b) = self.shares.unwrap_or_else(|| split(draw(), draw()));
        let key = self.key.unwrap_or_else(|| 1.0 - factor(1e-4, 0.95, draw()));
        Windows { signal: self.signal, weak, strong, key, shares: [a, b] }
    }

    /// The windows that give the most key.
    #[must_use]
    pub fn settled(&self, finite: &Finite) -> Windows {
        let choices: [(bool, &[f64]); 4] = [
            (self.weak.is_none(), &[0.68]),
            (self.strong.is_none(), &[0.2]),
            (self.shares.is_none(), &[0.3, 0.3]),
            (self.key.is_none(), &[0.8]),
        ];
        self.chosen(&settle(&choices, 0.2, |x| self.score(&self.chosen(x), finite)))
    }

    /// Length from the counts that a block is expected to have, with the pulses it takes and what is told of errors. An error:
    /// how often something clicks, where that fills no block.
    fn length(&self, sent: &Windows, finite: &Finite) -> Result<(Key, f64, f64), f64> {
        let (gain, qber) = key_clicks(self.arm, self.dark, self.misalignment, self.signal);
        let pulses = pulses_of(finite.block.0, sent.key * sent.key * gain).ok_or(gain)?;
        let mean = sent.means();
        let test = std::array::from_fn(|a| {
            std::array::from_fn(|b| pulses * sent.pair(a, b) * one_click(self.arm * mean[a], self.arm * mean[b], self.dark))
        });
        let leak = self.error_correction * finite.block.0 * binary_entropy(qber);
        let key = twin_field::length(sent, &Clicks { test, key: finite.block.0 }, leak, &finite.epsilon);
        Ok((key, pulses, qber))
    }

    /// What a search climbs ([`Length::score`]).
    #[must_use]
    pub fn score(&self, sent: &Windows, finite: &Finite) -> f64 {
        let score = |(key, pulses, _): (Key, f64, f64)| Length::score(key.bits, pulses, finite.block.0);
        self.length(sent, finite).map_or(f64::NEG_INFINITY, score)
    }

    /// The same with all it rests on.
    #[must_use]
    pub fn rate(&self, sent: &Windows, finite: &Finite) -> KeyRate {
        let (key, pulses, qber) = match self.length(sent, finite) {
            Ok(found) => found,
            Err(gain) => return KeyRate::unfilled(gain, NOTHING_AT_THE_RELAY),
        };
        let leak = self.error_correction * finite.block.0 * binary_entropy(qber);
        let parts = vec![
            ("weak", sent.weak),
            ("strong", sent.strong),
            ("key_window_probability", sent.key),
            ("weak_probability", sent.shares[0]),
            ("strong_probability", sent.shares[1]),
            ("pulses", pulses),
            ("qber", qber),
            ("phase_error", key.phase_error),
            ("disclosed_bits", leak),
            ("key_bits", key.bits.max(0.0)),
        ];
        let mut rate = KeyRate::new(key.bits / pulses, parts, || why_none(sent, &key, qber));
        rate.epsilon = twin_field::parts(key.secrecy, finite.epsilon.correctness.0);
        rate
    }
}

fn why_none(sent: &Windows, key: &Key, qber: f64) -> String {
    if sent.strong <= sent.signal {
        return "the strong decoy is no brighter than the signal: it says nothing of the signal's many photons".into();
    }
    if key.phase_error >= 0.5 {
        return "the phase error is not bounded below 1/2 at this block size: a longer block, or a weaker signal".into();
    }
    format!(
        "QBER {qber:.4} and phase error {:.4}: no bit of this block is left; a weaker signal has a smaller phase error",
        key.phase_error
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finite::Budget;
    use crate::finite::twin_field::{Asked, Grid};
    use ebit_spec::Real;

    /// Blocks without end know every chance: the same bound of exact chances, and nothing else is paid.
    #[test]
    fn endless_blocks_reach_the_rate_of_exact_chances() {
        for (arm, dark) in [(3e-3, 1e-8), (1e-4, 1e-9)] {
            let plan = Plan {
                arm,
                dark,
                misalignment: 0.02,
                error_correction: 1.16,
                signal: 0.025,
                weak: Some(0.03),
                strong: Some(0.25),
                shares: Some((0.4, 0.2)),
                key: Some(0.9),
            };
            let sent = plan.chosen(&[]);
            let mean = sent.means();
            let mut exact = Grid { low: [[0.0; 3]; 3], high: [[0.0; 3]; 3] };
            for a in 0..3 {
                for b in a..3 {
                    let both = if a == b { 1.0 } else { 2.0 };
                    exact.low[a][b] = both * math::exp(mean[a] + mean[b]) * one_click(arm * mean[a], arm * mean[b], dark);
                    exact.high[a][b] = exact.low[a][b];
                }
            }
            let (gain, qber) = key_clicks(arm, dark, 0.02, 0.025);
            let phase = Asked::new(&sent).most(&exact) / gain;
            let limit = 0.81 * gain * (1.0 - binary_entropy(phase) - 1.16 * binary_entropy(qber));
            let budget = Budget::halves(1e-10);
            let mut last = f64::NEG_INFINITY;
            for (block, short) in [(1e9, 0.5), (1e12, 0.02), (1e15, 1e-3), (1e18, 1e-4)] {
                let found = plan.score(&sent, &Finite { block: Real(block), epsilon: budget });
                assert!(found > last && found < limit && found > (1.0 - short) * limit, "{block}: {found} of {limit}");
                last = found;
            }
        }
    }
}
