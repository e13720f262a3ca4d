//! A finite key with decoys: the counts that a block is expected to have, and the best intensities and shares.

use super::key_rate::pulses_of;
use super::line::Line;
use super::shares::{open, split};
use super::simplex::maximize;
use crate::entropy::binary_entropy;
use crate::finite::{Budget, Counts, Finite, Intensities, Length, lim2014, rusca2018};
use ebit_random::math;

/// Intensities of a finite key; what is not given is chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Sent {
    One { mean: [f64; 2], signal: Option<f64> },
    Two { mean: [f64; 3], shares: Option<(f64, f64)> },
    Free { signal: f64 },
}

impl Sent {
    #[must_use]
    pub fn intensities(&self) -> usize {
        if matches!(self, Self::One { .. }) { 2 } else { 3 }
    }

    #[must_use]
    pub fn parts(&self) -> Vec<(&'static str, f64)> {
        match *self {
            Self::One { mean: [mu, weak], signal } => {
                vec![("signal", mu), ("weak", weak), ("signal_probability", signal.unwrap_or(f64::NAN))]
            }
            Self::Two { mean: [mu, weak, vacuum], shares } => {
                let (p1, p2) = shares.unwrap_or((f64::NAN, f64::NAN));
                vec![("signal", mu), ("weak", weak), ("vacuum", vacuum), ("signal_probability", p1), ("weak_probability", p2)]
            }
            Self::Free { signal } => vec![("signal", signal)],
        }
    }
}

/// A finite key in numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plan {
    pub line: Line,
    pub sifting: f64,
    pub error_correction: f64,
    pub sent: Sent,
}

impl Plan {
    /// With every choice made: those that give the most key.
    #[must_use]
    pub fn settled(self, finite: &Finite) -> Self {
        let score = |plan: Self| plan.score(finite);
        match self.sent {
            Sent::One { mean, signal: None } => {
                let with = |x: &[f64]| Self { sent: Sent::One { mean, signal: Some(open(x[0])) }, ..self };
                with(&maximize(&[0.7], 0.2, 80, |x| score(with(x))).0)
            }
            Sent::Two { mean, shares: None } => {
                let with = |x: &[f64]| Self { sent: Sent::Two { mean, shares: Some(split(x[0], x[1])) }, ..self };
                with(&maximize(&[0.6, 0.7], 0.2, 200, |x| score(with(x))).0)
            }
            Sent::Free { signal } => {
                let with = |x: &[f64]| {
                    let mean = [signal, signal * (0.01 + 0.98 * open(x[2])), 0.0];
                    Self { sent: Sent::Two { mean, shares: Some(split(x[0], x[1])) }, ..self }
                };
                with(&maximize(&[0.6, 0.7, 0.3], 0.2, 300, |x| score(with(x))).0)
            }
            _ => self,
        }
    }

    /// Expected counts of a block and the length they allow, with the pulses it takes.
    ///
    /// # Errors
    /// How often a pulse clicks with both in the key basis, where that fills no block.
    pub fn length(&self, finite: &Finite) -> Result<(Length, f64), f64> {
        match self.sent {
            Sent::One { mean, signal } => {
                let p = signal.unwrap_or(0.5);
                self.counted(&Intensities { mean, probability: [p, 1.0 - p] }, finite, rusca2018::length)
            }
            Sent::Two { mean, shares } => {
                let (p1, p2) = shares.unwrap_or((0.5, 0.25));
                self.counted(&Intensities { mean, probability: [p1, p2, 1.0 - p1 - p2] }, finite, lim2014::length)
            }
            Sent::Free { signal } => {
                let sent = Intensities { mean: [signal, 0.3 * signal, 0.0], probability: [0.6, 0.3, 0.1] };
                self.counted(&sent, finite, lim2014::length)
            }
        }
    }

    fn counted<const N: usize>(
        &self,
        sent: &Intensities<N>,
        finite: &Finite,
        length: impl Fn(&Intensities<N>, &Counts<N>, f64, &Budget) -> Length,
    ) -> Result<(Length, f64), f64> {
        let seen = sent.mean.map(|k| self.line.gain_and_wrong(k));
        let clicks: f64 = seen.iter().zip(&sent.probability).map(|((g, _), p)| g * p).sum();
        let pulses = pulses_of(finite.block.0, self.sifting * clicks).ok_or(clicks)?;
        let other = 1.0 - math::sqrt(self.sifting);
        let (key, test) = (pulses * self.sifting, pulses * other * other);
        let mut counts = Counts { key: [0.0; N], key_wrong: [0.0; N], test: [0.0; N], test_wrong: [0.0; N] };
        for (k, ((gain, wrong), p)) in seen.iter().zip(&sent.probability).enumerate() {
            let (g, w) = (p * gain, p * wrong);
            counts.key[k] = key * g;
            counts.key_wrong[k] = key * w;
            counts.test[k] = test * g;
            counts.test_wrong[k] = test * w;
        }
        let qber = (counts.key_wrong.iter().sum::<f64>() / finite.block.0).min(0.5);
        let leak = self.error_correction * finite.block.0 * binary_entropy(qber);
        Ok((length(sent, &counts, leak, &finite.epsilon), pulses))
    }

    /// What a search climbs ([`Length::score`]).
    #[must_use]
    pub fn score(&self, finite: &Finite) -> f64 {
        self.length(finite).map_or(f64::NEG_INFINITY, |(length, pulses)| Length::score(length.bits, pulses, finite.block.0))
    }
}
