//! Measurement-device-independent QKD: two senders, a relay that nobody need trust.
//!
//! Lo, Curty and Qi 2012 (doi:10.1103/PhysRevLett.108.130503), in the formulas of Ma and Razavi 2012
//! (doi:10.1103/PhysRevA.86.062319), with s = eta_A mu_A + eta_B mu_B, x = sqrt(eta_A mu_A eta_B mu_B)/2, y = (1-p_d) e^(-s/4):
//!
//! ```text
//!     R = q {P11 Y11 [1 - h(e11)] - Q f h(E)}
//!     Q = Q_C + Q_E,   E Q = e_d Q_C + (1 - e_d) Q_E                                               key basis
//!     Q_C = 2 (1-p_d)^2 e^(-s/2) [1 - (1-p_d) e^(-eta_A mu_A/2)] [1 - (1-p_d) e^(-eta_B mu_B/2)]
//!     Q_E = 2 p_d (1-p_d)^2 e^(-s/2) [I0(2x) - (1-p_d) e^(-s/2)]
//!     Q'  = 2 y^2 [1 + 2 y^2 - 4 y I0(x) + I0(2x)],   E' Q' = Q'/2 - (1 - 2 e_d) y^2 [I0(2x) - 1]   test basis
//!     Y11 = (1-p_d)^2 [eta_A eta_B/2 + (2 eta_A + 2 eta_B - 3 eta_A eta_B) p_d + 4 (1-eta_A)(1-eta_B) p_d^2]
//!     e11 Y11 = Y11/2 - (1/2 - e_d)(1-p_d)^2 eta_A eta_B/2
//! ```
//!
//! Decoys (weak, 0) on both sides bound Y11 and e11 (as Xu, Curty, Qi and Lo 2013, doi:10.1088/1367-2630/15/11/113007): with
//! G(k) = Q(k,k) e^2k - Q(k,0) e^k - Q(0,k) e^k + Q(0,0), every term of which has photons from both,
//! Y11 >= [mu^3 G(nu) - nu^3 G(mu)]/(mu^2 nu^2 (mu - nu)) and e11 Y11 <= [the same sum of wrong clicks at nu]/nu^2.
//!
//! Limits: random phases, equal pulses at the relay, threshold detectors, vacuum decoys exactly empty.

use ebit_hardware::channel::Crossing;
use ebit_spec::check::{At, Check, Range};
use ebit_spec::{Channel, Real, SpecError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::decoys::Decoys;
use super::fields::{self, check_intensity};
use super::key_rate::{KeyRate, NOTHING_AT_THE_RELAY};
use super::mdi_finite::Plan;
use super::protocol::{Knob, Protocol};
use super::protocol_macros::on_fiber;
use super::relay::bessel_i0_minus_one;
use super::shares::check_shares;
use crate::entropy::binary_entropy;
use crate::finite::Finite;
use ebit_random::math;

/// Two senders and a relay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename = "MDI")]
pub struct Mdi {
    pub fiber: Channel,
    pub receiver_efficiency: Real,
    #[serde(default)]
    pub dark_count_probability: Real,
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
    #[serde(default = "fields::half")]
    pub station: Real,
    #[serde(default = "fields::repetition_rate")]
    pub repetition_rate_hz: Real,
}

impl Check for Mdi {
    const NAME: &'static str = "MDI";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        at.within("fiber", |at| self.fiber.check(at))?;
        fields::check_efficiency(at, self.receiver_efficiency)?;
        check_dark(at, self.dark_count_probability)?;
        fields::check_misalignment(at, self.misalignment)?;
        fields::check_error_correction(at, self.error_correction)?;
        fields::check_sifting(at, self.sifting)?;
        check_intensity(at, "signal", self.signal)?;
        self.decoys.check(at, self.signal.0)?;
        match self.decoys {
            Decoys::One(weak) => {
                return Err(at.error("decoys", "'infinite' or (weak, 0)", Real(weak), "both sides send vacuum too"));
            }
            Decoys::Two(_, vacuum) if vacuum != 0.0 => {
                return Err(at.error("decoys", "'infinite' or (weak, 0)", Real(vacuum), "the second decoy is vacuum"));
            }
            _ => {}
        }
        if self.signal_probability.is_some() != self.weak_probability.is_some() {
            let hint = "give both probabilities, or neither for the best";
            let got = self.weak_probability.map_or_else(|| "None".to_owned(), |p| p.to_string());
            return Err(at.error("weak_probability", "given if signal_probability is", got, hint));
        }
        check_shares(at, self.signal_probability, self.weak_probability)?;
        at.real("station", self.station, Range::Probability, "share of the fibre on Alice's side")?;
        fields::check_repetition(at, self.repetition_rate_hz)
    }
}

/// # Errors
/// A probability outside [0, 1/2].
pub fn check_dark(at: &At<'_>, value: Real) -> Result<(), SpecError> {
    at.real("dark_count_probability", value, Range::Between(0.0, 0.5), "per detector and pulse")
}

/// The relay in numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Relay {
    /// From each sender to a click.
    pub eta: [f64; 2],
    pub dark: f64,
    pub misalignment: f64,
}

impl Relay {
    /// Accepted pairs of clicks in the key basis, and wrong ones.
    #[must_use]
    pub fn key_basis(&self, mu_a: f64, mu_b: f64) -> (f64, f64) {
        let (a, b, p, d) = (self.eta[0] * mu_a, self.eta[1] * mu_b, self.dark, self.misalignment);
        let dim = math::exp(-0.5 * (a + b));
        let seen = |m: f64| p - (1.0 - p) * math::exp_m1(-0.5 * m);
        let scale = 2.0 * (1.0 - p) * (1.0 - p) * dim;
        let right = scale * seen(a) * seen(b);
        let mixed = bessel_i0_minus_one(math::sqrt(a * b)) - math::exp_m1(-0.5 * (a + b)) + p * dim;
        let wrong = scale * p * mixed;
        (right + wrong, d * right + (1.0 - d) * wrong)
    }

    /// The same in the test basis.
    #[must_use]
    pub fn test_basis(&self, mu_a: f64, mu_b: f64) -> (f64, f64) {
        let (a, b) = (self.eta[0] * mu_a, self.eta[1] * mu_b);
        let x = 0.5 * math::sqrt(a * b);
        let (one, two) = (bessel_i0_minus_one(x), bessel_i0_minus_one(2.0 * x));
        let y = (1.0 - self.dark) * math::exp(-0.25 * (a + b));
        // 1 - y without loss of digits; 1 + 2y^2 - 4y I0(x) + I0(2x) = 2(1-y)^2 - 4y (I0(x)-1) + (I0(2x)-1).
        let lacks = self.dark - (1.0 - self.dark) * math::exp_m1(-0.25 * (a + b));
        let gain = 2.0 * y * y * (2.0 * lacks * lacks - 4.0 * y * one + two);
        (gain, 0.5 * gain - (1.0 - 2.0 * self.misalignment) * y * y * two)
    }

    /// Yield of one photon from each, and its wrong part.
    #[must_use]
    pub fn single(&self) -> (f64, f64) {
        let ([a, b], p) = (self.eta, self.dark);
        let scale = (1.0 - p) * (1.0 - p);
        let inside = 0.5 * a * b + (2.0 * a + 2.0 * b - 3.0 * a * b) * p + 4.0 * (1.0 - a) * (1.0 - b) * p * p;
        let yields = scale * inside;
        (yields, 0.5 * yields - (0.5 - self.misalignment) * scale * 0.5 * a * b)
    }
}

/// What gains of two intensities and vacuum say of single photons: a lower bound on Y11.
fn least_yield(gain: impl Fn(f64, f64) -> f64, mu: f64, nu: f64) -> f64 {
    let joint = |k: f64| joint(&gain, k);
    let (m3, n3) = (mu * mu * mu, nu * nu * nu);
    (m3 * joint(nu) - n3 * joint(mu)) / (mu * mu * nu * nu * (mu - nu))
}

/// G(k): what has photons from both.
fn joint(gain: impl Fn(f64, f64) -> f64, k: f64) -> f64 {
    let e = math::exp(k);
    gain(k, k) * e * e - (gain(k, 0.0) + gain(0.0, k)) * e + gain(0.0, 0.0)
}

impl Mdi {
    /// The relay in numbers.
    #[must_use]
    pub fn relay(&self) -> Relay {
        let arms = Crossing::arms(&self.fiber, self.station.0);
        let eta = arms.map(|arm| self.receiver_efficiency.0 * arm.transmittance());
        Relay { eta, dark: self.dark_count_probability.0, misalignment: self.misalignment.0 }
    }

    /// Yield of single photons in the key basis, and their error rate in the test basis.
    fn single(&self, relay: &Relay) -> (f64, f64) {
        let Decoys::Two(nu, _) = self.decoys else {
            let (y, wrong) = relay.single();
            return (y, if y > 0.0 { wrong / y } else { 0.5 });
        };
        let mu = self.signal.0;
        let key = least_yield(|a, b| relay.key_basis(a, b).0, mu, nu).max(0.0);
        let test = least_yield(|a, b| relay.test_basis(a, b).0, mu, nu);
        let wrong = joint(|a, b| relay.test_basis(a, b).1, nu) / (nu * nu);
        (key, if test > 0.0 { (wrong / test).clamp(0.0, 0.5) } else { 0.5 })
    }

    fn asymptotic(&self) -> KeyRate {
        let relay = self.relay();
        let mu = self.signal.0;
        let (gain, wrong) = relay.key_basis(mu, mu);
        if gain <= 0.0 {
            return KeyRate::new(0.0, vec![("gain", gain)], || NOTHING_AT_THE_RELAY.into());
        }
        let qber = (wrong / gain).min(0.5);
        let (yields, error) = self.single(&relay);
        let secret = mu * mu * math::exp(-2.0 * mu) * yields * (1.0 - binary_entropy(error));
        let raw = self.sifting.0 * (secret - gain * self.error_correction.0 * binary_entropy(qber));
        let parts = vec![("gain", gain), ("qber", qber), ("single_photon_yield", yields), ("single_photon_error", error)];
        KeyRate::new(raw, parts, || {
            if yields <= 0.0 {
                return "the decoys bound the yield of single photons by nothing: weaker decoys, or a line with less loss".into();
            }
            format!(
                "QBER {qber:.4} and error {error:.4} of single photons: error correction and what Eve may know take every bit"
            )
        })
    }
}

impl Mdi {
    /// The numbers of a finite key, without words.
    fn plan(&self) -> Plan {
        let weak = if let Decoys::Two(weak, _) = self.decoys { Some(weak) } else { None };
        Plan {
            relay: self.relay(),
            sifting: self.sifting.0,
            error_correction: self.error_correction.0,
            signal: self.signal.0,
            weak,
            shares: self.signal_probability.map(|p| p.0).zip(self.weak_probability.map(|p| p.0)),
        }
    }
}

impl Protocol for Mdi {
    on_fiber!();
    const RUGGED: bool = true;

    fn key_rate(&self, finite: Option<&Finite>) -> Result<KeyRate, SpecError> {
        let Some(finite) = finite else { return Ok(self.asymptotic()) };
        if self.sifting.0 >= 1.0 {
            let hint = "its square root is the probability of the key basis; the other basis is needed to test";
            return Err(At(&|| Self::NAME.to_owned()).error("sifting", "< 1 for a finite key", self.sifting, hint));
        }
        Ok(self.plan().settled(finite).rate(finite))
    }

    fn score(&self, finite: Option<&Finite>) -> f64 {
        finite.map_or_else(|| self.asymptotic().raw, |finite| self.plan().settled(finite).score(finite))
    }

    /// Asymptotic: the signal. Finite: both intensities, their shares, and the bias of the bases.
    fn knobs(&self, finite: bool) -> (Vec<Knob>, Vec<f64>) {
        if finite {
            let knobs = vec![
                Knob::logarithmic("signal", 1e-3, 1.5),
                Knob::linear("weak over signal", 0.01, 0.99),
                Knob::linear("signal_probability", 1e-3, 1.0 - 1e-3),
                Knob::linear("weak share of the rest", 1e-3, 1.0 - 1e-3),
                Knob::linear("key_basis_probability", 0.05, 1.0 - 1e-6),
            ];
            return (knobs, vec![self.signal.0.clamp(0.1, 0.8), 0.2, 0.4, 0.6, 0.7]);
        }
        (vec![Knob::logarithmic("signal", 1e-3, 1.5)], vec![0.5])
    }

    fn turned(&self, values: &[f64], finite: bool) -> Self {
        if let (true, [signal, ratio, share, rest, key]) = (finite, values) {
            return Self {
                signal: Real(*signal),
                decoys: Decoys::Two(signal * ratio, 0.0),
                signal_probability: Some(Real(*share)),
                weak_probability: Some(Real((1.0 - share) * rest)),
                sifting: Real(key * key),
                ..self.clone()
            };
        }
        let least = if let Decoys::Two(weak, _) = self.decoys { weak * (1.0 + 1e-6) } else { 0.0 };
        Self { signal: values.first().map_or(self.signal, |mu| Real(mu.max(least))), ..self.clone() }
    }

    fn security(&self, finite: bool) -> &'static str {
        if finite {
            return "general attacks, any relay, finite key; Curty et al. 2014 (doi:10.1038/ncomms4732), with the bookkeeping of Lim et al. 2014 (doi:10.1103/PhysRevA.89.022307)";
        }
        "general attacks, any relay, asymptotic; Lo, Curty and Qi 2012 (doi:10.1103/PhysRevLett.108.130503)"
    }

    fn assumptions(&self, finite: bool) -> Vec<String> {
        let mut said = fields::ideal_line(
            self.receiver_efficiency.0,
            self.dark_count_probability.0,
            self.misalignment.0,
            self.error_correction.0,
        );
        said.push("phases of the pulses are random, intensities exact and equal".into());
        said.push("the pulses are alike at the relay".into());
        said.push(match (finite, self.decoys) {
            (false, _) => "decoys are sent with a vanishing share of the pulses".into(),
            (true, Decoys::Infinite) => "two decoys, the best weak one and vacuum, in the place of infinitely many".into(),
            (true, _) => "counts are the expected ones".into(),
        });
        said
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RELAY: Relay = Relay { eta: [0.2, 0.05], dark: 1e-3, misalignment: 0.0 };

    /// Four detectors behind a beam splitter, phases by quadrature: the second way, with no formula shared.
    ///
    /// Detectors (left, right) x (H, V); amplitudes of the two senders in each polarization meet on the beam splitter.
    fn by_quadrature(relay: &Relay, mu: [f64; 2], polarization: [[f64; 2]; 2]) -> f64 {
        let steps = 200;
        let mut total = 0.0;
        for k in 0..steps {
            let phase = 2.0 * std::f64::consts::PI * (f64::from(k) + 0.5) / f64::from(steps);
            let mut silent = [[0.0; 2]; 2];
            for p in 0..2 {
                let a = math::sqrt(relay.eta[0] * mu[0]) * polarization[0][p];
                let b = math::sqrt(relay.eta[1] * mu[1]) * polarization[1][p];
                for (port, sign) in [(0, 1.0), (1, -1.0)] {
                    let light = 0.5 * (a * a + b * b) + sign * a * b * math::cos(phase);
                    silent[port][p] = (1.0 - relay.dark) * math::exp(-light);
                }
            }
            // One click in H and one in V, the other two silent.
            for (h, v) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
                total += (1.0 - silent[h][0]) * (1.0 - silent[v][1]) * silent[1 - h][0] * silent[1 - v][1];
            }
        }
        total / f64::from(steps)
    }

    #[test]
    fn key_basis_by_quadrature() {
        let mu = [0.4, 0.7];
        let (h, v) = ([1.0, 0.0], [0.0, 1.0]);
        // Opposite bits are right, equal ones wrong; both senders choose evenly.
        let right = by_quadrature(&RELAY, mu, [h, v]);
        let wrong = by_quadrature(&RELAY, mu, [h, h]);
        let (gain, errors) = RELAY.key_basis(mu[0], mu[1]);
        assert!((gain - 0.5 * (right + wrong)).abs() < 1e-12, "{gain} {right} {wrong}");
        assert!((errors / gain - wrong / (right + wrong)).abs() < 1e-9, "{errors} {gain}");
    }

    #[test]
    fn single_photons_are_the_limit_of_weak_pulses() {
        let (y, wrong) = RELAY.single();
        // Two photons from one side click twice more often than single ones err: the limit is far in.
        let nu = 1e-4;
        let key = least_yield(|a, b| RELAY.key_basis(a, b).0, 0.3, nu);
        let test = least_yield(|a, b| RELAY.test_basis(a, b).0, 0.3, nu);
        let error = joint(|a, b| RELAY.test_basis(a, b).1, nu) / (nu * nu);
        assert!((key / y - 1.0).abs() < 2e-3, "{key} {y}");
        assert!((test / y - 1.0).abs() < 2e-3, "{test} {y}");
        assert!((error / wrong - 1.0).abs() < 5e-3, "{error} {wrong}");
    }

    #[test]
    fn without_light_clicks_are_random() {
        let dark = Relay { eta: [0.0, 0.0], ..RELAY };
        let (gain, wrong) = dark.key_basis(0.5, 0.5);
        assert!((wrong / gain - 0.5).abs() < 1e-12);
        let (y, e) = dark.single();
        assert!((e / y - 0.5).abs() < 1e-12);
        assert!((y / gain - 1.0).abs() < 1e-9);
    }
}
