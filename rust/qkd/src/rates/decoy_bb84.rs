//! BB84 with weak coherent pulses and decoys.
//!
//! Asymptotic (Lo, Ma and Chen 2005, doi:10.1103/PhysRevLett.94.230504, on Gottesman, Lo, Lutkenhaus and Preskill 2004):
//!
//! ```text
//!     R = q {mu e^-mu Y1 [1 - h(e1)] - Q f h(E)}
//! ```
//!
//! with Y1 and e1 from the decoys ([`super::decoys`]) and all pulses but a vanishing share being signals. Finite: the key
//! basis is chosen with probability sqrt(q) by both, all intensities make key, and the length is that of Lim et al. 2014
//! (two decoys) or Rusca et al. 2018 (one); "infinite" then means two, the best weak one and vacuum.
//!
//! Limits: random phases; the pulses sent suffice to fill the block; detection does not depend on the basis.

use ebit_hardware::channel::Crossing;
use ebit_spec::check::{At, Check, Range};
use ebit_spec::{Channel, Real, SpecError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::decoys::{Decoys, SinglePhotons};
use super::fields::{self, check_intensity};
use super::key_rate::KeyRate;
use super::line::{Gain, Line};
use super::protocol::{Knob, Protocol};
use super::simplex::maximize;
use crate::entropy::binary_entropy;
use crate::finite::{Budget, Counts, Finite, Intensities, Length, lim2014, rusca2018};
use ebit_random::math;

/// BB84 with decoys on one line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename = "DecoyBB84")]
pub struct DecoyBb84 {
    pub fiber: Channel,
    pub receiver_efficiency: Real,
    #[serde(default)]
    pub background_probability: Real,
    #[serde(default)]
    pub misalignment: Real,
    #[serde(default = "fields::error_correction")]
    pub error_correction: Real,
    #[serde(default = "fields::half")]
    pub sifting: Real,
    #[serde(default = "fields::half")]
    pub signal: Real,
    #[serde(default)]
    pub decoys: Decoys,
    /// Of all pulses; absent: the best. Only finite keys ask.
    #[serde(default)]
    pub signal_probability: Option<Real>,
    #[serde(default)]
    pub weak_probability: Option<Real>,
    #[serde(default)]
    pub afterpulse_probability: Real,
    #[serde(default)]
    pub gain: Gain,
    #[serde(default = "fields::repetition_rate")]
    pub repetition_rate_hz: Real,
}

impl Check for DecoyBb84 {
    const NAME: &'static str = "DecoyBB84";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        at.within("fiber", |at| self.fiber.check(at))?;
        fields::check_efficiency(at, self.receiver_efficiency)?;
        fields::check_background(at, self.background_probability)?;
        fields::check_misalignment(at, self.misalignment)?;
        fields::check_error_correction(at, self.error_correction)?;
        fields::check_sifting(at, self.sifting)?;
        check_intensity(at, "signal", self.signal)?;
        self.decoys.check(at, self.signal.0)?;
        at.real("afterpulse_probability", self.afterpulse_probability, Range::Between(0.0, 0.5), "afterpulses per click")?;
        fields::check_repetition(at, self.repetition_rate_hz)?;
        self.check_probabilities(at)
    }
}

impl DecoyBb84 {
    fn check_probabilities(&self, at: &At<'_>) -> Result<(), SpecError> {
        let one = matches!(self.decoys, Decoys::One(_));
        if self.weak_probability.is_some() && (one || self.signal_probability.is_none()) {
            let hint = "with one decoy it is what the signal leaves; with two, give both or neither";
            let got = self.weak_probability.map_or(0.0, |p| p.0);
            return Err(at.error("weak_probability", "None here", Real(got), hint));
        }
        if self.signal_probability.is_some() && !one && self.weak_probability.is_none() {
            let hint = "with two decoys give both probabilities, or neither for the best";
            return Err(at.error("weak_probability", "given with signal_probability", "None", hint));
        }
        check_shares(at, self.signal_probability, self.weak_probability)
    }

    /// The line in numbers.
    #[must_use]
    pub fn line(&self) -> Line {
        Line {
            eta: self.receiver_efficiency.0 * Crossing::of(&self.fiber).transmittance(),
            background: self.background_probability.0,
            misalignment: self.misalignment.0,
            afterpulse: self.afterpulse_probability.0,
            gain: self.gain,
        }
    }

    fn asymptotic(&self) -> (f64, Line, SinglePhotons, f64, f64) {
        let line = self.line();
        let mu = self.signal.0;
        let single = self.decoys.bounds(&line, mu);
        let gain = line.gain(mu);
        let qber = if gain > 0.0 { line.wrong(mu) / gain } else { 0.5 };
        let secret = mu * math::exp(-mu) * single.yields * (1.0 - binary_entropy(single.error));
        let leak = gain * self.error_correction.0 * binary_entropy(qber.min(0.5));
        (self.sifting.0 * (secret - leak), line, single, gain, qber)
    }

    /// The numbers of a finite key, without words.
    fn plan(&self, line: &Line) -> Plan {
        Plan { line: *line, sifting: self.sifting.0, error_correction: self.error_correction.0, sent: self.sent() }
    }

    fn sent(&self) -> Sent {
        let mu = self.signal.0;
        let (p1, p2) = (self.signal_probability.map(|p| p.0), self.weak_probability.map(|p| p.0));
        match self.decoys {
            Decoys::One(weak) => Sent::One { mean: [mu, weak], signal: p1 },
            Decoys::Two(weak, vacuum) => Sent::Two { mean: [mu, weak, vacuum], shares: p1.zip(p2) },
            Decoys::Infinite => Sent::Free { signal: mu },
        }
    }

    fn finite(&self, finite: &Finite) -> Result<KeyRate, SpecError> {
        let line = self.line();
        let plan = self.plan(&line).settled(finite);
        let clicks = plan.clicks();
        if clicks <= 0.0 {
            let why = "nothing clicks: the channel lets no light through and there is no background".to_owned();
            return Ok(KeyRate { raw: 0.0, parts: Vec::new(), why, epsilon: Vec::new() });
        }
        let (length, pulses) = plan.length(finite);
        let raw = length.bits / pulses;
        let mut parts = plan.sent.parts();
        parts.extend([
            ("key_basis_probability", math::sqrt(plan.sifting)),
            ("pulses", pulses),
            ("qber", length.qber),
            ("vacuum_clicks", length.vacuum),
            ("single_photon_clicks", length.single),
            ("phase_error", length.phase_error),
            ("disclosed_bits", length.leak),
            ("key_bits", length.bits.max(0.0)),
        ]);
        let mut rate = KeyRate::new(raw, parts, || length.why_none("clicks of single photons"));
        let split = if plan.sent.intensities() == 2 { rusca2018::parts } else { lim2014::parts };
        rate.epsilon = split(length.secrecy, finite.epsilon.correctness.0);
        Ok(rate)
    }
}

/// Intensities of a finite key; what is not given is chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Sent {
    One { mean: [f64; 2], signal: Option<f64> },
    Two { mean: [f64; 3], shares: Option<(f64, f64)> },
    Free { signal: f64 },
}

impl Sent {
    fn intensities(&self) -> usize {
        if matches!(self, Self::One { .. }) { 2 } else { 3 }
    }
    fn parts(&self) -> Vec<(&'static str, f64)> {
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
struct Plan {
    line: Line,
    sifting: f64,
    error_correction: f64,
    sent: Sent,
}

impl Plan {
    /// With every choice made: those that give the most key.
    fn settled(self, finite: &Finite) -> Self {
        let score = |plan: Self| if plan.clicks() > 0.0 { plan.score(finite) } else { 0.0 };
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

    /// Clicks per pulse with both in the key basis.
    fn clicks(&self) -> f64 {
        let sum = |mean: &[f64], p: &[f64]| -> f64 { mean.iter().zip(p).map(|(k, p)| p * self.line.gain(*k)).sum() };
        match self.sent {
            Sent::One { mean, signal } => {
                let p = signal.unwrap_or(0.5);
                sum(&mean, &[p, 1.0 - p])
            }
            Sent::Two { mean, shares } => {
                let (p1, p2) = shares.unwrap_or((0.5, 0.25));
                sum(&mean, &[p1, p2, 1.0 - p1 - p2])
            }
            Sent::Free { signal } => self.line.gain(signal),
        }
    }

    fn length(&self, finite: &Finite) -> (Length, f64) {
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

    /// Expected counts of a block, and the length they allow; with the pulses it takes.
    fn counted<const N: usize>(
        &self,
        sent: &Intensities<N>,
        finite: &Finite,
        length: impl Fn(&Intensities<N>, &Counts<N>, f64, &Budget) -> Length,
    ) -> (Length, f64) {
        let seen = sent.mean.map(|k| self.line.gain_and_wrong(k));
        let clicks: f64 = seen.iter().zip(&sent.probability).map(|((g, _), p)| g * p).sum();
        let pulses = finite.block.0 / (self.sifting * clicks);
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
        (length(sent, &counts, leak, &finite.epsilon), pulses)
    }

    /// Secret bits per pulse; below 0 without a key.
    fn score(&self, finite: &Finite) -> f64 {
        let (length, pulses) = self.length(finite);
        length.bits / pulses
    }
}

/// Shares of signals and weak decoys, where they are given.
///
/// # Errors
/// A share outside (0, 1), or nothing left for a third intensity.
pub fn check_shares(at: &At<'_>, signal: Option<Real>, weak: Option<Real>) -> Result<(), SpecError> {
    for (name, value) in [("signal_probability", signal), ("weak_probability", weak)] {
        if let Some(p) = value.filter(|p| !(p.0 > 0.0 && p.0 < 1.0)) {
            return Err(at.error(name, "in (0, 1)", p, "of all pulses sent"));
        }
    }
    let (signal, weak) = (signal.map_or(0.5, |p| p.0), weak.map_or(0.0, |p| p.0));
    if signal + weak >= 1.0 {
        let hint = "the rest is the third intensity's";
        return Err(at.error("weak_probability", format!("< {}", Real(1.0 - signal)), Real(weak), hint));
    }
    Ok(())
}

/// Within (0, 1).
pub fn open(x: f64) -> f64 {
    x.clamp(1e-4, 1.0 - 1e-4)
}

/// Shares of signal and weak decoy, from that of the signal and that of the weak one in the rest.
pub fn split(signal: f64, weak: f64) -> (f64, f64) {
    let p = open(signal);
    (p, (1.0 - p) * open(weak))
}

impl Protocol for DecoyBb84 {
    fn key_rate(&self, finite: Option<&Finite>) -> Result<KeyRate, SpecError> {
        if let Some(finite) = finite {
            if self.sifting.0 >= 1.0 {
                let hint = "its square root is the probability of the key basis; the other basis is needed to test";
                return Err(At(&|| Self::NAME.to_owned()).error("sifting", "< 1 for a finite key", self.sifting, hint));
            }
            return self.finite(finite);
        }
        let (raw, _, single, gain, qber) = self.asymptotic();
        let parts =
            vec![("gain", gain), ("qber", qber), ("single_photon_yield", single.yields), ("single_photon_error", single.error)];
        Ok(KeyRate::new(raw, parts, || {
            if gain <= 0.0 {
                return "nothing clicks: the channel lets no light through and there is no background".into();
            }
            if single.yields <= 0.0 {
                return "the decoys bound the yield of single photons by nothing: weaker decoys, or a line with less loss".into();
            }
            format!(
                "QBER {qber:.3} and error {:.3} of single photons: error correction and what Eve may know take every bit",
                single.error
            )
        }))
    }

    fn score(&self, finite: Option<&Finite>) -> f64 {
        let Some(finite) = finite else { return self.asymptotic().0 };
        let line = self.line();
        let score = self.plan(&line).settled(finite).score(finite);
        // Nothing clicks: no pulse fills a block.
        if score.is_nan() { 0.0 } else { score }
    }

    fn repetition_rate_hz(&self) -> f64 {
        self.repetition_rate_hz.0
    }

    fn channel(&self) -> Option<&Channel> {
        Some(&self.fiber)
    }

    fn with_channel(&self, channel: Channel) -> Self {
        Self { fiber: channel, ..self.clone() }
    }

    /// Asymptotic: the signal; decoys cost nothing there, and the weaker the better. Finite: all intensities but the
    /// weakest, their probabilities, and the bias of the bases.
    fn knobs(&self, finite: bool) -> (Vec<Knob>, Vec<f64>) {
        let signal = Knob::linear("signal", 0.02, 1.5);
        if !finite {
            return (vec![signal], vec![self.signal.0.clamp(0.02, 1.5)]);
        }
        let ratio = Knob::linear("weak over signal", 0.01, 0.99);
        let mut knobs = vec![signal, ratio, Knob::linear("signal_probability", 1e-3, 1.0 - 1e-3)];
        let mut start = vec![self.signal.0.clamp(0.1, 0.8), 0.3, 0.6];
        if !matches!(self.decoys, Decoys::One(_)) {
            knobs.push(Knob::linear("weak share of the rest", 1e-3, 1.0 - 1e-3));
            start.push(0.7);
        }
        knobs.push(Knob::linear("key_basis_probability", 0.05, 1.0 - 1e-4));
        start.push(0.9);
        (knobs, start)
    }

    fn turned(&self, values: &[f64], finite: bool) -> Self {
        let mut new = self.clone();
        if !finite {
            // Decoys stay weaker than the signal.
            let least = match self.decoys {
                Decoys::Infinite => 0.0,
                Decoys::One(weak) => weak,
                Decoys::Two(weak, vacuum) => weak + vacuum,
            };
            new.signal = Real(values[0].max(least * (1.0 + 1e-6)));
            return new;
        }
        new.signal = Real(values[0]);
        new.sifting = Real(values[values.len() - 1] * values[values.len() - 1]);
        new.signal_probability = Some(Real(values[2]));
        match self.decoys {
            Decoys::One(_) => new.decoys = Decoys::One(values[0] * values[1]),
            Decoys::Two(_, vacuum) => {
                // Between the vacuum decoy and what equation 3 allows.
                let room = (values[0] - 2.0 * vacuum).max(0.0);
                new.decoys = Decoys::Two(vacuum + room * values[1], vacuum);
                new.weak_probability = Some(Real((1.0 - values[2]) * values[3]));
            }
            Decoys::Infinite => {
                new.decoys = Decoys::Two(values[0] * values[1], 0.0);
                new.weak_probability = Some(Real((1.0 - values[2]) * values[3]));
            }
        }
        new
    }

    fn security(&self, finite: bool) -> &'static str {
        match (finite, self.decoys) {
            (false, _) => "general attacks, asymptotic; GLLP with decoys (doi:10.1103/PhysRevLett.94.230504)",
            (true, Decoys::One(_)) => "general attacks, finite key; Rusca et al. 2018 (doi:10.1063/1.5023340)",
            (true, _) => "general attacks, finite key; Lim et al. 2014 (doi:10.1103/PhysRevA.89.022307)",
        }
    }

    fn assumptions(&self, finite: bool) -> Vec<String> {
        let mut said = fields::ideal_line(
            self.receiver_efficiency.0,
            self.background_probability.0,
            self.misalignment.0,
            self.error_correction.0,
        );
        said.push("phases of the pulses are random, intensities exact".into());
        said.push("detection does not depend on the basis".into());
        match (finite, self.decoys) {
            (false, Decoys::Infinite) => {
                said.push("as many decoys as it takes, sent with a vanishing share of the pulses".into())
            }
            (false, _) => said.push("perfect statistics: decoys are sent with a vanishing share of the pulses".into()),
            (true, Decoys::Infinite) => {
                said.push("two decoys, the best weak one and vacuum, in the place of infinitely many".into())
            }
            (true, _) => said.push("counts are the expected ones".into()),
        }
        said
    }
}
