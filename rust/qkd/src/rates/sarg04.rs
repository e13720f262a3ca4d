//! SARG04: the four states of BB84, sifted by pairs of states that are not orthogonal, with weak pulses and decoys.
//!
//! Pulses of one photon and of two make key (Tamaki and Lo 2006, doi:10.1103/PhysRevA.73.010302; Fung, Tamaki and Lo 2006,
//! doi:10.1103/PhysRevA.73.012337, equations 9, 10 and 39 to 43):
//!
//! ```text
//!     R = Q1 [1 - H(Z|X)(e1)] + Q2 [1 - h(e_p2)] - Q f h(E),   Q_n = P(n) Y_n
//!     H(Z|X): weights (1 - 5e/2 + a, e - a, a, 3e/2 - a), the worst a in [e/2, e]; phase error 3e/2
//!     e_p2 = min over x of x e2 + (3 - 2x + sqrt(6 - 6 sqrt2 x + 4 x^2))/6
//!     Y_n = eta_n (e_d/2 + 1/4) + (1 - eta_n) Y0/2,   e_n Y_n = eta_n e_d/2 + (1 - eta_n) Y0/4
//! ```
//!
//! Gains are of conclusive clicks, so sifting is within. The minimum has a closed form, with w = 1/3 - e2:
//! e_p2 = 1/2 + sqrt(3/2 (1 - 9 w^2))/6 - 3 sqrt2/4 w, which is sin^2(pi/8) without errors. A pair of decoys bounds Y1 and e1
//! ([`super::decoys`]), and two photons count for nothing; so does a finite key ([`crate::finite::sarg`]), of which a share of the
//! conclusive clicks is compared. Limits: random phases; e1 < 1/3 and e2 < 1/6, beyond which a part counts for nothing. One
//! photon bears 9.69 %, two 2.71 %.

use ebit_hardware::channel::Crossing;
use ebit_spec::check::{At, Check};
use ebit_spec::{Channel, Real, SpecError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::decoys::{Decoys, SinglePhotons};
use super::fields::{self, check_intensity};
use super::key_rate::KeyRate;
use super::protocol::{Knob, Protocol};
use super::protocol_macros::on_fiber;
use super::sarg_finite::Plan;
use super::shares::check_shares;
use crate::entropy::{binary_entropy, entropy};
use crate::finite::Finite;
use ebit_random::math;

/// SARG04 with decoys on one line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename = "SARG04")]
pub struct Sarg04 {
    pub fiber: Channel,
    pub receiver_efficiency: Real,
    #[serde(default)]
    pub background_probability: Real,
    #[serde(default)]
    pub misalignment: Real,
    #[serde(default = "fields::error_correction")]
    pub error_correction: Real,
    #[serde(default = "fields::half")]
    pub signal: Real,
    #[serde(default)]
    pub decoys: Decoys,
    /// Of all pulses; absent: the best. Only finite keys ask, as for the next two.
    #[serde(default)]
    pub signal_probability: Option<Real>,
    #[serde(default)]
    pub weak_probability: Option<Real>,
    /// Of a conclusive click, to be compared in public.
    #[serde(default = "fields::tenth")]
    pub test_probability: Real,
    #[serde(default = "fields::repetition_rate")]
    pub repetition_rate_hz: Real,
}

impl Check for Sarg04 {
    const NAME: &'static str = "SARG04";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        at.within("fiber", |at| self.fiber.check(at))?;
        fields::check_efficiency(at, self.receiver_efficiency)?;
        fields::check_background(at, self.background_probability)?;
        fields::check_misalignment(at, self.misalignment)?;
        fields::check_error_correction(at, self.error_correction)?;
        check_intensity(at, "signal", self.signal)?;
        self.decoys.check(at, self.signal.0)?;
        if let Decoys::One(weak) = self.decoys {
            return Err(at.error("decoys", "'infinite' or (weak, vacuum)", Real(weak), "two decoys, the second one may be 0"));
        }
        if self.signal_probability.is_some() != self.weak_probability.is_some() {
            let hint = "give both probabilities, or neither for the best";
            let got = self.weak_probability.map_or_else(|| "None".to_owned(), |p| p.to_string());
            return Err(at.error("weak_probability", "given if signal_probability is", got, hint));
        }
        check_shares(at, self.signal_probability, self.weak_probability)?;
        fields::check_test_probability(at, self.test_probability)?;
        fields::check_repetition(at, self.repetition_rate_hz)
    }
}

/// How often a line's clicks are conclusive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Conclusive {
    /// From the sender to a click.
    pub eta: f64,
    pub background: f64,
    pub misalignment: f64,
}

impl Conclusive {
    /// Conclusive clicks and wrong ones of pulses of which this share is seen.
    #[must_use]
    pub fn of_seen(&self, seen: f64) -> (f64, f64) {
        let (y0, ed) = (self.background, self.misalignment);
        let clicks = seen * (0.5 * ed + 0.25) + (1.0 - seen) * 0.5 * y0;
        (clicks, seen * 0.5 * ed + (1.0 - seen) * 0.25 * y0)
    }

    /// Of pulses with this many photons on average.
    #[must_use]
    pub fn of_mean(&self, mean: f64) -> (f64, f64) {
        self.of_seen(-math::exp_m1(-self.eta * mean))
    }
}

/// What Eve may know of a bit sent as one photon, at bit error e.
#[must_use]
pub fn eve_of_one(e: f64) -> f64 {
    if e >= 1.0 / 3.0 {
        return 1.0;
    }
    let a = (1.5 * e * e).clamp(0.5 * e, e);
    entropy(&[1.0 - 2.5 * e + a, e - a, a, 1.5 * e - a]) - binary_entropy(e)
}

/// Phase error of a bit sent as two photons, at bit error e.
#[must_use]
pub fn phase_of_two(e: f64) -> f64 {
    if e >= 1.0 / 6.0 {
        return 0.5;
    }
    let w = 1.0 / 3.0 - e;
    0.5 + math::sqrt((1.5 * (1.0 - 9.0 * w * w)).max(0.0)) / 6.0 - 0.75 * std::f64::consts::SQRT_2 * w
}

impl Sarg04 {
    /// Secret bits per sifted bit of single photons.
    #[must_use]
    pub fn fraction(qber: f64, error_correction: f64) -> f64 {
        1.0 - eve_of_one(qber) - error_correction * binary_entropy(qber)
    }

    fn line(&self) -> Conclusive {
        let eta = self.receiver_efficiency.0 * Crossing::of(&self.fiber).transmittance();
        Conclusive { eta, background: self.background_probability.0, misalignment: self.misalignment.0 }
    }

    fn asymptotic(&self) -> KeyRate {
        let (line, mu) = (self.line(), self.signal.0);
        let (gain, wrong) = line.of_mean(mu);
        if gain <= 0.0 {
            return KeyRate::new(0.0, vec![("gain", gain)], || "nothing clicks".into());
        }
        let qber = (wrong / gain).min(0.5);
        let SinglePhotons { yields, error } = self.decoys.seen(mu, |k| line.of_mean(k), || line.of_seen(line.eta));
        let none = math::exp(-mu);
        let one = mu * none * yields * (1.0 - eve_of_one(error));
        let mut parts = vec![("gain", gain), ("qber", qber), ("single_photon_yield", yields), ("single_photon_error", error)];
        let mut two = 0.0;
        if self.decoys == Decoys::Infinite {
            let (y2, w2) = line.of_seen(line.eta * (2.0 - line.eta));
            let e2 = if y2 > 0.0 { (w2 / y2).min(0.5) } else { 0.5 };
            two = 0.5 * mu * mu * none * y2 * (1.0 - binary_entropy(phase_of_two(e2)));
            parts.extend([("two_photon_yield", y2), ("two_photon_error", e2)]);
        }
        let raw = one + two - gain * self.error_correction.0 * binary_entropy(qber);
        KeyRate::new(raw, parts, || {
            format!("QBER {qber:.4}: above what one photon (9.69 % without pulses of several) or two (2.71 %) bear here")
        })
    }

    /// The numbers of a finite key, without words.
    fn plan(&self) -> Plan {
        Plan {
            line: self.line(),
            error_correction: self.error_correction.0,
            signal: self.signal.0,
            decoys: if let Decoys::Two(weak, weakest) = self.decoys { Some((weak, weakest)) } else { None },
            shares: self.signal_probability.map(|p| p.0).zip(self.weak_probability.map(|p| p.0)),
            compared: self.test_probability.0,
        }
    }
}

impl Protocol for Sarg04 {
    on_fiber!();

    fn key_rate(&self, finite: Option<&Finite>) -> Result<KeyRate, SpecError> {
        Ok(finite.map_or_else(|| self.asymptotic(), |finite| self.plan().settled(finite).rate(finite)))
    }

    fn score(&self, finite: Option<&Finite>) -> f64 {
        finite.map_or_else(|| self.asymptotic().raw, |finite| self.plan().settled(finite).score(finite))
    }

    /// Asymptotic: the signal. Finite: all intensities but the weakest, their shares, and the share compared.
    fn knobs(&self, finite: bool) -> (Vec<Knob>, Vec<f64>) {
        if !finite {
            return (vec![Knob::linear("signal", 0.005, 2.0)], vec![0.3]);
        }
        let least = if let Decoys::Two(_, weakest) = self.decoys { (2.05 * weakest).max(1e-3) } else { 1e-3 };
        let knobs = vec![
            Knob::logarithmic("signal", least, f64::max(1.5, 1.5 * least)),
            Knob::linear("weak over signal", 0.01, 0.99),
            Knob::linear("signal_probability", 1e-3, 1.0 - 1e-3),
            Knob::linear("weak share of the rest", 1e-3, 1.0 - 1e-3),
            Knob::logarithmic("test_probability", 1e-6, 0.95),
        ];
        (knobs, vec![self.signal.0.clamp(0.1, 0.5), 0.3, 0.6, 0.7, 0.1])
    }

    fn turned(&self, values: &[f64], finite: bool) -> Self {
        let weakest = if let Decoys::Two(_, weakest) = self.decoys { weakest } else { 0.0 };
        if let (true, [signal, ratio, share, rest, compared]) = (finite, values) {
            // Between the weakest and what is left beside it below the signal.
            let weak = weakest + (signal - 2.0 * weakest) * ratio;
            return Self {
                signal: Real(*signal),
                decoys: Decoys::Two(weak, weakest),
                signal_probability: Some(Real(*share)),
                weak_probability: Some(Real((1.0 - share) * rest)),
                test_probability: Real(*compared),
                ..self.clone()
            };
        }
        let least = if let Decoys::Two(weak, weakest) = self.decoys { (weak + weakest) * (1.0 + 1e-6) } else { 0.0 };
        Self { signal: values.first().map_or(self.signal, |mu| Real(mu.max(least))), ..self.clone() }
    }

    fn security(&self, finite: bool) -> &'static str {
        if finite {
            return "general attacks, finite key; single photons of Tamaki and Lo 2006 (doi:10.1103/PhysRevA.73.010302) with martingales, booked as by Lim et al. 2014 (doi:10.1103/PhysRevA.89.022307)";
        }
        "general attacks, asymptotic; Fung, Tamaki and Lo 2006 (doi:10.1103/PhysRevA.73.012337)"
    }

    fn assumptions(&self, finite: bool) -> Vec<String> {
        let mut said = fields::ideal_line(
            self.receiver_efficiency.0,
            self.background_probability.0,
            self.misalignment.0,
            self.error_correction.0,
        );
        said.push("phases of the pulses are random, intensities exact".into());
        said.push(match (finite, self.decoys) {
            (false, Decoys::Infinite) => "as many decoys as it takes, sent with a vanishing share of the pulses".into(),
            (false, _) => "perfect statistics: decoys are sent with a vanishing share of the pulses".into(),
            (true, Decoys::Infinite) => "two decoys, the best weak one and vacuum, in the place of infinitely many".into(),
            (true, _) => "counts are the expected ones".into(),
        });
        said
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The second way: the closed form against its definition as a minimum.
    #[test]
    fn phase_error_of_two_photons_is_the_minimum() {
        for e in [0.001, 0.0271, 0.08, 0.15] {
            let least = (0..400_000).map(|k| f64::from(k) * 5e-5).fold(f64::INFINITY, |best, x| {
                let f = (3.0 - 2.0 * x + math::sqrt(6.0 - 6.0 * std::f64::consts::SQRT_2 * x + 4.0 * x * x)) / 6.0;
                best.min(x * e + f)
            });
            assert!((least - phase_of_two(e)).abs() < 1e-6, "{e}: {least}");
        }
        let eighth = math::sin(std::f64::consts::PI / 8.0);
        assert!((phase_of_two(0.0) - eighth * eighth).abs() < 1e-15);
    }

    /// Tamaki and Lo 2006: 9.68 % and 2.71 %.
    #[test]
    fn thresholds() {
        assert!(Sarg04::fraction(0.0968, 1.0) > 0.0 && Sarg04::fraction(0.0970, 1.0) < 0.0);
        let two = |e: f64| 1.0 - binary_entropy(e) - binary_entropy(phase_of_two(e));
        assert!(two(0.0271) > 0.0 && two(0.02715) < 0.0);
    }

    /// The second way: the worst a found by trying.
    #[test]
    fn worst_weights_are_the_worst() {
        for e in [0.02, 0.0969, 0.2, 0.3] {
            let worst = (0..=1000)
                .map(|k| 0.5 * e + f64::from(k) * 5e-4 * e)
                .fold(0.0f64, |best, a| best.max(entropy(&[1.0 - 2.5 * e + a, e - a, a, 1.5 * e - a]) - binary_entropy(e)));
            assert!((worst - eve_of_one(e)).abs() < 1e-6, "{e}: {worst}");
        }
    }
}
