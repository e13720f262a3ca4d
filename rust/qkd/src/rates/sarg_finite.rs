//! A finite key of SARG04: the counts that a block is expected to have, and the best intensities and shares.

use super::key_rate::{KeyRate, NOTHING_CLICKS, pulses_of};
use super::sarg04::Conclusive;
use super::shares::{open, split};
use super::simplex::settle;
use crate::entropy::binary_entropy;
use crate::finite::sarg::{self, Clicks};
use crate::finite::{Finite, Intensities, Length};

/// A finite key in numbers; what is not given is chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plan {
    pub line: Conclusive,
    pub error_correction: f64,
    pub signal: f64,
    /// The weak decoy and the weakest one.
    pub decoys: Option<(f64, f64)>,
    /// Shares of signals and weak decoys.
    pub shares: Option<(f64, f64)>,
    /// Share of the clicks that is compared.
    pub compared: f64,
}

impl Plan {
    /// With every choice made: those that give the most key.
    #[must_use]
    pub fn settled(self, finite: &Finite) -> Self {
        let with = |x: &[f64]| {
            let decoys = self.decoys.unwrap_or_else(|| (self.signal * (0.01 + 0.98 * open(x[x.len() - 1])), 0.0));
            Self { decoys: Some(decoys), shares: Some(self.shares.unwrap_or_else(|| split(x[0], x[1]))), ..self }
        };
        let choices: [(bool, &[f64]); 2] = [(self.shares.is_none(), &[0.6, 0.7]), (self.decoys.is_none(), &[0.3])];
        with(&settle(&choices, 0.2, |x| with(x).score(finite)))
    }

    fn sent(&self) -> Intensities<3> {
        let ((p1, p2), (weak, weakest)) = (self.shares.unwrap_or((0.6, 0.28)), self.decoys.unwrap_or((0.3 * self.signal, 0.0)));
        Intensities { mean: [self.signal, weak, weakest], probability: [p1, p2, 1.0 - p1 - p2] }
    }

    /// Expected counts of a block and the length they allow, with the pulses it takes. An error: how often a click is
    /// conclusive, where that fills no block.
    fn length(&self, finite: &Finite) -> Result<(Length, f64), f64> {
        let (sent, block) = (self.sent(), finite.block.0);
        let seen: [(f64, f64); 3] = std::array::from_fn(|k| {
            let ((gain, wrong), p) = (self.line.of_mean(sent.mean[k]), sent.probability[k]);
            (p * gain, p * wrong)
        });
        let (gain, wrong) = seen.iter().fold((0.0, 0.0), |(g, w), each| (g + each.0, w + each.1));
        let pulses = pulses_of(block, (1.0 - self.compared) * gain).ok_or(gain)?;
        let (key, test) = (pulses * (1.0 - self.compared), pulses * self.compared);
        let clicks = Clicks { compared: self.compared, key: seen.map(|s| key * s.0), test_wrong: seen.map(|s| test * s.1) };
        let qber = (wrong / gain).min(0.5);
        let leak = self.error_correction * block * binary_entropy(qber);
        Ok((sarg::length(&sent, &clicks, qber, leak, &finite.epsilon), pulses))
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
            Err(gain) => return KeyRate::unfilled(gain, NOTHING_CLICKS),
        };
        let sent = self.sent();
        let parts = vec![
            ("signal", sent.mean[0]),
            ("weak", sent.mean[1]),
            ("vacuum", sent.mean[2]),
            ("signal_probability", sent.probability[0]),
            ("weak_probability", sent.probability[1]),
            ("test_probability", self.compared),
            ("pulses", pulses),
            ("qber", length.qber),
            ("single_photon_clicks", length.single),
            ("phase_error", length.phase_error),
            ("disclosed_bits", length.leak),
            ("key_bits", length.bits.max(0.0)),
        ];
        let mut rate = KeyRate::new(length.bits / pulses, parts, || length.why_none("clicks of single photons"));
        rate.epsilon = sarg::parts(length.secrecy, finite.epsilon.correctness.0);
        rate
    }
}
