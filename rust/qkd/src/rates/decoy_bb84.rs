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

use super::decoy_finite::{Plan, Sent};
use super::decoys::{Decoys, SinglePhotons};
use super::fields::{self, check_intensity};
use super::key_rate::{KeyRate, NOTHING_CLICKS};
use super::line::{Gain, Line};
use super::protocol::{Knob, Protocol};
use super::shares::check_shares;
use crate::entropy::binary_entropy;
use crate::finite::{Finite, lim2014, rusca2018};
use ebit_random::math;

/// Where errors leave next to no key, the best signal goes to none at all; here a search ends.
const LEAST_SIGNAL: f64 = 1e-3;

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
        let (length, pulses) = match plan.length(finite) {
            Ok(found) => found,
            Err(gain) => return Ok(KeyRate::unfilled(gain, NOTHING_CLICKS)),
        };
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
                return NOTHING_CLICKS.into();
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
        self.plan(&line).settled(finite).score(finite)
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
        if !finite {
            let signal = Knob::logarithmic("signal", LEAST_SIGNAL, 1.5);
            return (vec![signal], vec![self.signal.0.clamp(LEAST_SIGNAL, 1.5)]);
        }
        // Both decoys together stay below the signal, and the weak one above the weakest.
        let least = if let Decoys::Two(_, vacuum) = self.decoys { (2.05 * vacuum).max(LEAST_SIGNAL) } else { LEAST_SIGNAL };
        let signal = Knob::logarithmic("signal", least, f64::max(1.5, 1.5 * least));
        let ratio = Knob::linear("weak over signal", 0.01, 0.99);
        let mut knobs = vec![signal, ratio, Knob::linear("signal_probability", 1e-3, 1.0 - 1e-3)];
        let mut start = vec![self.signal.0.clamp(0.1, 0.8), 0.3, 0.6];
        if !matches!(self.decoys, Decoys::One(_)) {
            knobs.push(Knob::linear("weak share of the rest", 1e-3, 1.0 - 1e-3));
            start.push(0.7);
        }
        knobs.push(Knob::linear("key_basis_probability", 0.05, 1.0 - 1e-6));
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
                let room = values[0] - 2.0 * vacuum;
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
