//! A finite key of mode pairing: the pairs of clicks that a block is expected to have, and the best decoys.

use super::key_rate::{KeyRate, NOTHING_AT_THE_RELAY, pulses_of};
use super::mode_pairing::pairs_per_round;
use super::relay::{one_click, two_clicks_in_slice};
use super::shares::open;
use super::simplex::{factor, settle};
use crate::entropy::binary_entropy;
use crate::finite::pairing::{self, PairedClicks, Rounds};
use crate::finite::two_senders::Grid;
use crate::finite::{Finite, Length};
use std::f64::consts::PI;

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
    /// Of the signal and the weak decoy.
    pub shares: Option<(f64, f64)>,
    pub slice: Option<f64>,
    pub interval: f64,
}

/// What a block holds, and the rounds it takes.
struct Block {
    clicks: PairedClicks,
    qber: f64,
    pulses: f64,
    pairs_per_round: f64,
}

impl Plan {
    /// With the choices that a point of the unit cube stands for; as many coordinates as choices are open.
    fn chosen(&self, x: &[f64]) -> Rounds {
        let mut next = x.iter().copied();
        let mut draw = || next.next().unwrap_or(0.5);
        let weak = self.weak.unwrap_or_else(|| self.signal * factor(1e-3, 0.95, draw()));
        let (a, b) = self.shares.unwrap_or_else(|| {
            let (lit, bright) = (open(draw()), open(draw()));
            (lit * bright, lit * (1.0 - bright))
        });
        let slice = self.slice.unwrap_or_else(|| factor(0.01, PI, draw()));
        Rounds { signal: self.signal, weak, shares: [a, b], slice }
    }

    /// The rounds that give the most key.
    #[must_use]
    pub fn settled(&self, finite: &Finite) -> Rounds {
        let choices: [(bool, &[f64]); 3] =
            [(self.weak.is_none(), &[0.75]), (self.shares.is_none(), &[0.42, 0.35]), (self.slice.is_none(), &[0.72])];
        self.chosen(&settle(&choices, 0.15, |x| self.score(&self.chosen(x), finite)))
    }

    /// What a block is expected to hold. An error: how often something clicks, where that fills no block.
    ///
    /// Rounds are drawn anew each, so a pair is two rounds with one click each, independent but for what is asked of both.
    fn block(&self, sent: &Rounds, bits: f64) -> Result<Block, f64> {
        let means = [sent.signal, sent.weak, 0.0];
        let p = [sent.shares[0], sent.shares[1], sent.nothing()];
        let one = |a: usize, b: usize| one_click(self.arm * means[a], self.arm * means[b], self.dark);
        let gains: Grid = std::array::from_fn(|a| std::array::from_fn(|b| one(a, b)));
        let gain: f64 = (0..9).map(|k| p[k / 3] * p[k % 3] * gains[k / 3][k % 3]).sum();
        // Of all pairs, times gain^2: both sent in the same round, or in different ones; at nothing the two are one.
        let totals = sent.totals();
        let met = |a: usize, b: usize| 0.5 * totals[a] * totals[b] * gains[a][b] * gains[2][2];
        let missed = |a: usize, b: usize| 0.5 * totals[a] * totals[b] * gains[a][2] * gains[2][b];
        let shares: Grid = std::array::from_fn(|a| std::array::from_fn(|b| met(a, b) + missed(a, b)));
        let pick = |of: &dyn Fn(usize, usize) -> f64| of(0, 0) + of(0, 1) + of(1, 0) + of(1, 1);
        let key = pick(&|a, b| shares[a][b]);
        let pairs_per_round = pairs_per_round(gain, self.interval);
        let scale = bits / key;
        let pulses = pulses_of(scale * gain * gain, pairs_per_round).ok_or(gain)?;
        let x = p[1] * p[2] * gains[1][2];
        let (right, wrong) = two_clicks_in_slice(self.arm * sent.weak, sent.slice, self.dark);
        let turned = self.misalignment * right + (1.0 - self.misalignment) * wrong;
        let clicks = PairedClicks {
            key: shares.map(|row| row.map(|share| share * scale)),
            one_sided: 2.0 * x * x * scale,
            wrong: sent.in_slice() * turned * scale,
        };
        Ok(Block { clicks, qber: (pick(&met) / key).min(0.5), pulses, pairs_per_round })
    }

    fn length(&self, sent: &Rounds, finite: &Finite) -> Result<(Length, Block), f64> {
        let block = self.block(sent, finite.block.0)?;
        let leak = self.error_correction * finite.block.0 * binary_entropy(block.qber);
        Ok((pairing::length(sent, &block.clicks, block.qber, leak, &finite.epsilon), block))
    }

    /// What a search climbs ([`Length::score`]).
    #[must_use]
    pub fn score(&self, sent: &Rounds, finite: &Finite) -> f64 {
        let score = |(length, block): (Length, Block)| Length::score(length.bits, block.pulses, finite.block.0);
        self.length(sent, finite).map_or(f64::NEG_INFINITY, score)
    }

    /// The same with all it rests on.
    #[must_use]
    pub fn rate(&self, sent: &Rounds, finite: &Finite) -> KeyRate {
        let (length, block) = match self.length(sent, finite) {
            Ok(found) => found,
            Err(gain) => return KeyRate::unfilled(gain, NOTHING_AT_THE_RELAY),
        };
        let parts = vec![
            ("weak", sent.weak),
            ("signal_probability", sent.shares[0]),
            ("weak_probability", sent.shares[1]),
            ("phase_slice_rad", sent.slice),
            ("pulses", block.pulses),
            ("pairs_per_round", block.pairs_per_round),
            ("qber", length.qber),
            ("single_photon_pairs", length.single),
            ("phase_error", length.phase_error),
            ("disclosed_bits", length.leak),
            ("key_bits", length.bits.max(0.0)),
        ];
        let mut rate = KeyRate::new(length.bits / block.pulses, parts, || length.why_none("pairs of single photons"));
        rate.epsilon = pairing::parts(length.secrecy, finite.epsilon.correctness.0);
        rate
    }
}

#[cfg(test)]
mod tests {
    use super::super::relay::one_click_of;
    use super::*;
    use crate::finite::Budget;
    use ebit_random::math;
    use ebit_spec::Real;

    /// Without end: a decoy so weak and a slice so narrow that they cost nothing, the rate of decoys without number.
    #[test]
    fn an_endless_block_has_the_rate_of_its_own_probabilities() {
        let (arm, dark, error, mu) = (5e-3, 1e-8, 0.03, 0.45);
        let plan = Plan {
            arm,
            dark,
            misalignment: error,
            error_correction: 1.16,
            signal: mu,
            weak: Some(2e-4),
            shares: Some((0.35, 2e-3)),
            slice: Some(0.02),
            interval: 1e4,
        };
        let mut finite = Finite { block: Real(1e28), epsilon: Budget::halves(1e-10) };
        let sent = plan.settled(&finite);
        let found = plan.rate(&sent, &finite).value();
        // As if the few decoys were signals.
        let p = [0.648, 0.352];
        let [none, one, both] = [(0.0, 0.0), (mu, 0.0), (mu, mu)].map(|(a, b)| one_click(arm * a, arm * b, dark));
        let gain = p[0] * p[0] * none + 2.0 * p[0] * p[1] * one + p[1] * p[1] * both;
        let photons = |n, m| 2.0 * one_click_of(n, m, arm, dark);
        let yields = photons(0, 0) * photons(1, 1) + photons(1, 0) * photons(1, 0);
        let phase = 0.5 - (0.5 - error) * arm * arm / yields;
        let single = mu * mu * math::exp(-2.0 * mu) * yields * (1.0 - binary_entropy(phase));
        let sifted = none * both + one * one;
        let secret = single - 1.16 * sifted * binary_entropy(none * both / sifted);
        let limit = pairs_per_round(gain, 1e4) * 2.0 * p[0] * p[0] * p[1] * p[1] * secret / (gain * gain);
        assert!((found / limit - 1.0).abs() < 0.01, "{found} of {limit}");
        finite.block = Real(1e12);
        assert!(plan.rate(&sent, &finite).value() < limit);
    }
}
