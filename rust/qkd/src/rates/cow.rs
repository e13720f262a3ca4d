//! Coherent one-way QKD: a pulse in the first or the second of two slots. An upper bound, not a proof.
//!
//! Eve who takes the light that is lost holds one of two coherent states of overlap gamma = e^(-mu (1 - eta)) per bit, and
//! learns at most their Holevo information h((1 - gamma)/2):
//!
//! ```text
//!     R <= (1 - f_decoy) Q [1 - f h(E) - h((1 - e^(-mu (1-eta)))/2)]
//! ```
//!
//! Q: of the light that is not monitored.
//!
//! Today's caveat: this is what beam splitting leaves (as Branciard, Gisin and Scarani 2008, doi:10.1088/1367-2630/10/1/013031).
//! Zero-error attacks do better: no monitored visibility stops them, the secret rate goes at most with eta^2, and the
//! implementations so far are not secure (Gonzalez-Payo, Trenyi, Wang and Curty 2020, doi:10.1103/PhysRevLett.125.260510).

use ebit_spec::check::{At, Check, Range};
use ebit_spec::{Channel, Real, SpecError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::distributed_phase::line;
use super::fields::{self, check_intensity};
use super::key_rate::KeyRate;
use super::line::Line;
use super::protocol::{Knob, Protocol};
use super::protocol_macros::{asymptotic_only, on_fiber};
use crate::entropy::binary_entropy;
use ebit_random::math;

/// Coherent one-way QKD on one line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename = "COW")]
pub struct Cow {
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
    pub decoy_fraction: Real,
    #[serde(default)]
    pub monitoring: Real,
    #[serde(default = "fields::repetition_rate")]
    pub repetition_rate_hz: Real,
}

impl Check for Cow {
    const NAME: &'static str = "COW";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        at.within("fiber", |at| self.fiber.check(at))?;
        fields::check_efficiency(at, self.receiver_efficiency)?;
        fields::check_background(at, self.background_probability)?;
        fields::check_misalignment(at, self.misalignment)?;
        fields::check_error_correction(at, self.error_correction)?;
        check_intensity(at, "signal", self.signal)?;
        at.real("decoy_fraction", self.decoy_fraction, Range::Probability, "share of sequences with both slots filled")?;
        at.real("monitoring", self.monitoring, Range::Probability, "share of the light on the monitoring line, near 0.1")?;
        fields::check_repetition(at, self.repetition_rate_hz)
    }
}

impl Cow {
    fn asymptotic(&self) -> KeyRate {
        let line = line(&self.fiber, self.receiver_efficiency.0, self.background_probability.0, self.misalignment.0);
        let mu = self.signal.0;
        let data = Line { eta: line.eta * (1.0 - self.monitoring.0), ..line };
        let gain = data.gain(mu);
        if gain <= 0.0 {
            return KeyRate::new(0.0, vec![("gain", gain)], || "nothing clicks".into());
        }
        let qber = (data.wrong(mu) / gain).min(0.5);
        let eve = binary_entropy(-0.5 * math::exp_m1(-mu * (1.0 - line.eta)));
        let share = 1.0 - self.error_correction.0 * binary_entropy(qber) - eve;
        let parts = vec![("gain", gain), ("qber", qber), ("eve", eve)];
        KeyRate::new((1.0 - self.decoy_fraction.0) * gain * share, parts, || {
            format!("QBER {qber:.4}, and Eve knows {eve:.4} of each bit from the light that is lost")
        })
    }
}

impl Protocol for Cow {
    on_fiber!();
    asymptotic_only!();

    fn knobs(&self, _finite: bool) -> (Vec<Knob>, Vec<f64>) {
        (vec![Knob::linear("signal", 0.005, 5.0)], vec![0.5])
    }

    fn turned(&self, values: &[f64], _finite: bool) -> Self {
        Self { signal: values.first().map_or(self.signal, |mu| Real(*mu)), ..self.clone() }
    }

    fn security(&self, _finite: bool) -> &'static str {
        "UPPER BOUND, beam splitting only; zero-error attacks leave at most a rate that goes with the square of the transmittance, and break the implementations so far (Gonzalez-Payo et al. 2020, doi:10.1103/PhysRevLett.125.260510)"
    }

    fn assumptions(&self, _finite: bool) -> Vec<String> {
        let mut said = vec!["not a secure rate: Eve only splits the beam".to_owned()];
        said.extend(fields::ideal_line(
            self.receiver_efficiency.0,
            self.background_probability.0,
            self.misalignment.0,
            self.error_correction.0,
        ));
        said.push("the visibility of the monitor is perfect".into());
        if self.monitoring.0 == 0.0 {
            said.push("monitoring takes no light".into());
        }
        said
    }
}
