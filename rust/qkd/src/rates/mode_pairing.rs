//! Mode pairing: two senders and a relay without locked lasers; clicks are paired after they happened.
//!
//! In each round both send a pulse of mu or nothing, evenly. Two clicks at most l rounds apart make a pair (Zeng, Zhou, Wu
//! and Ma 2022, doi:10.1038/s41467-022-31534-7, equations 4, 7 and 92 to 104); with p the probability of a click:
//!
//! ```text
//!     R   = r_p r_s {q11 [1 - h(e11)] - f h(E)}             per round
//!     r_p = 1/(1/(p [1 - (1-p)^l]) + 1/p)                   pairs per round: p/2 for long l, p^2 for short
//!     p   = mean over the four patterns of 1 - (1 - 2 p_d) e^(-s mu k), k pulses sent
//!     r_s = [2 P0 P2 + 2 P1 P1]/(16 p^2),  E = P0 P2/(P0 P2 + P1 P1)
//!     q11 = (mu e^-mu)^2 (Y0 Y2 + Y1 Y1)/(P0 P2 + P1 P1)    Y_k: 1 - (1 - 2 p_d)(1 - s)^k
//! ```
//!
//! and e11 the phase error of [`super::mdi`] at equal arms. Limits: the relay is in the middle; misalignment is what is left
//! of the phase within l rounds; infinitely many decoys, sent with a vanishing share. Finite keys send a weak decoy, how often
//! they like ([`crate::finite::pairing`]), and count single clicks only: without loss there are fewer double clicks to
//! take for pairs, and more key of the rest.

use ebit_spec::check::{At, Check};
use ebit_spec::{Channel, Real, SpecError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fields::{self, check_intensity};
use super::key_rate::{KeyRate, NOTHING_AT_THE_RELAY};
use super::mdi::{Relay, check_dark};
use super::pairing_finite::Plan;
use super::protocol::{Knob, Protocol};
use super::protocol_macros::on_fiber;
use super::shares::check_shares;
use super::twin_field::{arm, check_symmetric};
use crate::entropy::binary_entropy;
use crate::finite::Finite;
use ebit_random::math;
use std::f64::consts::PI;

/// Mode pairing on a fibre with a relay in the middle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModePairing {
    pub fiber: Channel,
    pub receiver_efficiency: Real,
    #[serde(default)]
    pub dark_count_probability: Real,
    #[serde(default)]
    pub misalignment: Real,
    #[serde(default = "fields::error_correction")]
    pub error_correction: Real,
    #[serde(default = "fields::half")]
    pub signal: Real,
    #[serde(default = "interval")]
    pub pairing_interval: i64,
    /// The decoy, and how often each sends what; absent: the best. Only finite keys ask, as for the slice.
    #[serde(default)]
    pub weak: Option<Real>,
    #[serde(default)]
    pub signal_probability: Option<Real>,
    #[serde(default)]
    pub weak_probability: Option<Real>,
    #[serde(default)]
    pub phase_slice_rad: Option<Real>,
    #[serde(default = "fields::repetition_rate")]
    pub repetition_rate_hz: Real,
}

/// Rounds within which lasers of the paper keep their phase: 5 us at 625 MHz is 3125.
fn interval() -> i64 {
    2000
}

impl Check for ModePairing {
    const NAME: &'static str = "ModePairing";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        at.within("fiber", |at| self.fiber.check(at))?;
        fields::check_efficiency(at, self.receiver_efficiency)?;
        check_dark(at, self.dark_count_probability)?;
        fields::check_misalignment(at, self.misalignment)?;
        fields::check_error_correction(at, self.error_correction)?;
        check_intensity(at, "signal", self.signal)?;
        if !(1..=1_000_000_000_000).contains(&self.pairing_interval) {
            let hint = "rounds within which the phase is kept: coherence time x repetition rate";
            return Err(at.error("pairing_interval", "an integer in [1, 1e12]", self.pairing_interval, hint));
        }
        check_symmetric(at, &self.fiber)?;
        self.check_decoys(at)?;
        fields::check_repetition(at, self.repetition_rate_hz)
    }
}

/// Pairs per round of clicks that come with probability p, at most l rounds apart.
#[must_use]
pub fn pairs_per_round(p: f64, interval: f64) -> f64 {
    let within = -math::exp_m1(interval * math::ln_1p(-p.min(1.0 - 1e-16)));
    if within <= 0.0 { 0.0 } else { 1.0 / (1.0 / (p * within) + 1.0 / p) }
}

impl ModePairing {
    fn check_decoys(&self, at: &At<'_>) -> Result<(), SpecError> {
        if let Some(weak) = self.weak {
            check_intensity(at, "weak", weak)?;
            if weak.0 >= self.signal.0 {
                return Err(at.error("weak", format!("< {}", self.signal), weak, "the decoy is weaker than the signal"));
            }
        }
        if self.signal_probability.is_some() != self.weak_probability.is_some() {
            let hint = "give both probabilities, or neither for the best";
            let got = self.weak_probability.map_or_else(|| "None".to_owned(), |p| p.to_string());
            return Err(at.error("weak_probability", "given if and only if signal_probability is", got, hint));
        }
        check_shares(at, self.signal_probability, self.weak_probability)?;
        if let Some(slice) = self.phase_slice_rad.filter(|d| !(d.0 > 0.0 && d.0 <= PI)) {
            return Err(at.error("phase_slice_rad", "in (0, pi]", slice, "width of the slice of phase differences, near 0.6"));
        }
        Ok(())
    }

    /// The numbers of a finite key, without words.
    fn plan(&self) -> Plan {
        let number = |value: Option<Real>| value.map(|each| each.0);
        Plan {
            arm: arm(&self.fiber, self.receiver_efficiency.0),
            dark: self.dark_count_probability.0,
            misalignment: self.misalignment.0,
            error_correction: self.error_correction.0,
            signal: self.signal.0,
            weak: number(self.weak),
            shares: number(self.signal_probability).zip(number(self.weak_probability)),
            slice: number(self.phase_slice_rad),
            interval: self.pairing_interval as f64,
        }
    }

    fn asymptotic(&self) -> KeyRate {
        let s = arm(&self.fiber, self.receiver_efficiency.0);
        let (dark, mu) = (self.dark_count_probability.0, self.signal.0);
        // 1 - (1 - 2 p_d) x, with x near 1.
        let click = |lacks: f64| 2.0 * dark + (1.0 - 2.0 * dark) * lacks;
        let pulses = [0.0, 1.0, 2.0].map(|k| click(-math::exp_m1(-s * mu * k)));
        let photons = [0.0, s, s * (2.0 - s)].map(click);
        let p = 0.25 * (pulses[0] + 2.0 * pulses[1] + pulses[2]);
        let sum = |of: [f64; 3]| of[0] * of[2] + of[1] * of[1];
        let both = sum(pulses);
        if both <= 0.0 {
            return KeyRate::new(0.0, vec![("gain", p)], || NOTHING_AT_THE_RELAY.into());
        }
        let pairs = pairs_per_round(p, self.pairing_interval as f64);
        let sifted = 2.0 * both / (16.0 * p * p);
        let qber = (pulses[0] * pulses[2] / both).min(0.5);
        let poisson = mu * math::exp(-mu);
        let single = poisson * poisson * sum(photons) / both;
        let (yields, wrong) = Relay { eta: [s, s], dark, misalignment: self.misalignment.0 }.single();
        let phase = if yields > 0.0 { (wrong / yields).min(0.5) } else { 0.5 };
        let share = single * (1.0 - binary_entropy(phase)) - self.error_correction.0 * binary_entropy(qber);
        let parts = vec![
            ("gain", p),
            ("pairs_per_round", pairs),
            ("sifted", sifted),
            ("qber", qber),
            ("single_photon_share", single),
            ("phase_error", phase),
        ];
        KeyRate::new(pairs * sifted * share, parts, || {
            format!("QBER {qber:.4} and phase error {phase:.4} of single photons: no bit is left")
        })
    }
}

impl Protocol for ModePairing {
    on_fiber!();
    const RUGGED: bool = true;

    fn key_rate(&self, finite: Option<&Finite>) -> Result<KeyRate, SpecError> {
        let Some(finite) = finite else { return Ok(self.asymptotic()) };
        let plan = self.plan();
        Ok(plan.rate(&plan.settled(finite), finite))
    }

    fn score(&self, finite: Option<&Finite>) -> f64 {
        let Some(finite) = finite else { return self.asymptotic().raw };
        let plan = self.plan();
        plan.score(&plan.settled(finite), finite)
    }

    /// Asymptotic: the signal. Finite: the decoy, how often each is sent, and the slice, too.
    fn knobs(&self, finite: bool) -> (Vec<Knob>, Vec<f64>) {
        let mut knobs = vec![Knob::linear("signal", 0.01, 2.0)];
        if !finite {
            return (knobs, vec![0.5]);
        }
        knobs.extend([
            Knob::logarithmic("weak share of the signal", 1e-3, 0.95),
            Knob::linear("share of what is sent", 1e-3, 1.0 - 1e-3),
            Knob::linear("signal share of that", 1e-3, 1.0 - 1e-3),
            Knob::logarithmic("phase_slice_rad", 0.01, PI),
        ]);
        (knobs, vec![0.35, 0.2, 0.42, 0.35, 0.6])
    }

    fn turned(&self, values: &[f64], finite: bool) -> Self {
        let new = Self { signal: values.first().map_or(self.signal, |mu| Real(*mu)), ..self.clone() };
        if let (true, [signal, weak, lit, bright, slice]) = (finite, values) {
            return Self {
                weak: Some(Real(signal * weak)),
                signal_probability: Some(Real(lit * bright)),
                weak_probability: Some(Real(lit * (1.0 - bright))),
                phase_slice_rad: Some(Real(*slice)),
                ..new
            };
        }
        if let Some(weak) = new.weak.filter(|weak| weak.0 >= new.signal.0) {
            // A dimmer signal takes its decoy along.
            return Self { weak: Some(Real(weak.0 * new.signal.0 / self.signal.0)), ..new };
        }
        new
    }

    fn security(&self, finite: bool) -> &'static str {
        if finite {
            return "general attacks, any relay, finite key; derived here for mode pairing with one decoy (doi:10.1038/s41467-022-31534-7), with the bookkeeping of Lim et al. 2014 (doi:10.1103/PhysRevA.89.022307)";
        }
        "general attacks, any relay, asymptotic; Zeng, Zhou, Wu and Ma 2022 (doi:10.1038/s41467-022-31534-7)"
    }

    fn assumptions(&self, finite: bool) -> Vec<String> {
        let mut said = fields::ideal_line(
            self.receiver_efficiency.0,
            self.dark_count_probability.0,
            self.misalignment.0,
            self.error_correction.0,
        );
        said.push("the relay is in the middle; phases keep for the pairing interval but for the misalignment".into());
        if finite {
            said.push("phases of all rounds are random, intensities exact and equal on both sides".into());
            said.push("counts are the expected ones, of single clicks".into());
            return said;
        }
        said.push("as many decoys as it takes, sent with a vanishing share of the pulses".into());
        said
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairing_goes_from_linear_to_square() {
        let p = 1e-4;
        assert!((pairs_per_round(p, 1e9) / (0.5 * p) - 1.0).abs() < 1e-9);
        assert!((pairs_per_round(p, 1.0) / (p * p) - 1.0).abs() < 1e-3);
    }

    /// The second way: the algorithm itself, on a long row of clicks of a fixed stream.
    #[test]
    fn pairing_counts_what_the_algorithm_pairs() {
        let (p, interval) = (0.05, 12usize);
        let mut state = 0x9e37_79b9_7f4a_7c15u64;
        let rounds = 2_000_000usize;
        let (mut last, mut pairs): (Option<usize>, usize) = (None, 0);
        for k in 0..rounds {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            if (state >> 11) as f64 / (1u64 << 53) as f64 >= p {
                continue;
            }
            match last {
                Some(before) if k - before <= interval => {
                    pairs += 1;
                    last = None;
                }
                _ => last = Some(k),
            }
        }
        let rate = pairs as f64 / rounds as f64;
        // Renewals: the variance of a count is below its mean; 4.9 standard errors, a false alarm in 1e6.
        let spread = 4.9 * math::sqrt(pairs as f64) / rounds as f64;
        assert!((rate - pairs_per_round(p, interval as f64)).abs() < spread, "{rate}");
    }
}
