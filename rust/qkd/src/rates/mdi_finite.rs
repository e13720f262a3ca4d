//! A finite key of two senders and a relay: the counts that a block is expected to have, and the best shares of intensities.

use super::key_rate::{KeyRate, NOTHING_AT_THE_RELAY, pulses_of};
use super::mdi::Relay;
use super::shares::{open, split};
use super::simplex::maximize;
use crate::entropy::binary_entropy;
use crate::finite::two_senders::{self, Grid, PairCounts};
use crate::finite::{Finite, Intensities, Length};
use ebit_random::math;

/// A finite key in numbers; what is not given is chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plan {
    pub relay: Relay,
    pub sifting: f64,
    pub error_correction: f64,
    pub signal: f64,
    pub weak: Option<f64>,
    /// Shares of signals and weak decoys.
    pub shares: Option<(f64, f64)>,
}

impl Plan {
    /// With every choice made: those that give the most key.
    #[must_use]
    pub fn settled(self, finite: &Finite) -> Self {
        let with = |x: &[f64]| {
            let weak = self.weak.unwrap_or_else(|| self.signal * (0.01 + 0.98 * open(x[x.len() - 1])));
            let shares = self.shares.unwrap_or_else(|| split(x[0], x[1]));
            Self { weak: Some(weak), shares: Some(shares), ..self }
        };
        let start: &[f64] = match (self.shares, self.weak) {
            (Some(_), Some(_)) => return self,
            (Some(_), None) => &[0.2],
            (None, Some(_)) => &[0.4, 0.6],
            (None, None) => &[0.4, 0.6, 0.2],
        };
        let score = |x: &[f64]| with(x).score(finite);
        with(&maximize(start, 0.2, 100 * start.len(), score).0)
    }

    fn sent(&self) -> Intensities<3> {
        let (p1, p2) = self.shares.unwrap_or((0.4, 0.35));
        let weak = self.weak.unwrap_or(0.2 * self.signal);
        Intensities { mean: [self.signal, weak, 0.0], probability: [p1, p2, 1.0 - p1 - p2] }
    }

    /// Expected counts of a block and the length they allow, with the pulses it takes. An error: how often a
    /// pair is accepted, where that fills no block.
    fn length(&self, finite: &Finite) -> Result<(Length, f64), f64> {
        let sent = self.sent();
        let grid = |count: &dyn Fn(f64, f64) -> f64| -> Grid {
            std::array::from_fn(|a| {
                std::array::from_fn(|b| sent.probability[a] * sent.probability[b] * count(sent.mean[a], sent.mean[b]).max(0.0))
            })
        };
        let times = |grid: Grid, factor: f64| grid.map(|row| row.map(|x| x * factor));
        let key = grid(&|a, b| self.relay.key_basis(a, b).0);
        let accepted: f64 = key.iter().flatten().sum();
        let pulses = pulses_of(finite.block.0, self.sifting * accepted).ok_or(accepted)?;
        let other = 1.0 - math::sqrt(self.sifting);
        let (key_pulses, test_pulses) = (pulses * self.sifting, pulses * other * other);
        let counts = PairCounts {
            key: times(key, key_pulses),
            key_wrong: times(grid(&|a, b| self.relay.key_basis(a, b).1), key_pulses),
            test: times(grid(&|a, b| self.relay.test_basis(a, b).0), test_pulses),
            test_wrong: times(grid(&|a, b| self.relay.test_basis(a, b).1), test_pulses),
        };
        let qber = (counts.key_wrong.iter().flatten().sum::<f64>() / finite.block.0).min(0.5);
        let leak = self.error_correction * finite.block.0 * binary_entropy(qber);
        Ok((two_senders::length(&sent, &counts, leak, &finite.epsilon), pulses))
    }

    /// What a search climbs ([`Length::score`]).
    #[must_use]
    pub fn score(&self, finite: &Finite) -> f64 {
        self.length(finite).map_or(f64::NEG_INFINITY, |(length, pulses)| Length::score(length.bits, pulses, finite.block.0))
    }

    /// The same with all it rests on.
    #[must_use]
    pub fn rate(&self, finite: &Finite) -> KeyRate {
        let (length, pulses) = match self.length(finite) {
            Ok(found) => found,
            Err(gain) => return KeyRate::unfilled(gain, NOTHING_AT_THE_RELAY),
        };
        let sent = self.sent();
        let parts = vec![
            ("signal", sent.mean[0]),
            ("weak", sent.mean[1]),
            ("signal_probability", sent.probability[0]),
            ("weak_probability", sent.probability[1]),
            ("key_basis_probability", math::sqrt(self.sifting)),
            ("pulses", pulses),
            ("qber", length.qber),
            ("single_photon_clicks", length.single),
            ("phase_error", length.phase_error),
            ("disclosed_bits", length.leak),
            ("key_bits", length.bits.max(0.0)),
        ];
        let mut rate = KeyRate::new(length.bits / pulses, parts, || length.why_none("pairs of single photons"));
        rate.epsilon = two_senders::parts(length.secrecy, finite.epsilon.correctness.0);
        rate
    }
}
