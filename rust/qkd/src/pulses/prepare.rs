//! A sender of polarised pulses and a receiver with two detectors: BB84 and its kin as alphabets.

use ebit_spec::check::{At, Check, Range};
use ebit_spec::{Real, SpecError};
use serde::{Deserialize, Serialize};

use super::bloch::Bloch;
use super::photons::Source;
use super::receiver::Detector;

/// One of the sender's intensities.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intensity {
    /// Mean photon number; of a single-photon source the probability of its photon.
    pub mean: Real,
    pub probability: Real,
}

/// A state of the sender, or an axis of the receiver, and how often it is chosen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Direction {
    pub bloch: [Real; 3],
    pub probability: Real,
}

impl Direction {
    #[must_use]
    pub fn vector(&self) -> Bloch {
        self.bloch.map(|c| c.0)
    }
}

/// The line: source, channel, receiver.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrepareMeasure {
    pub source: Source,
    pub intensities: Vec<Intensity>,
    /// The sender's alphabet.
    pub states: Vec<Direction>,
    /// The receiver's alphabet of axes.
    pub measurements: Vec<Direction>,
    /// Probability that a photon comes through the channel.
    pub transmittance: Real,
    pub detectors: [Detector; 2],
    /// Probability that a photon takes the wrong way at the receiver when the axis is right.
    pub misalignment: Real,
    /// Pulses for which a detector stays blind after a click.
    #[serde(default)]
    pub dead_pulses: u64,
}

/// The largest mean photon number: beyond it a pulse is no quantum signal, and the table of cases grows.
pub const MOST_PHOTONS_MEAN: f64 = 20.0;
/// Symbols are bytes, and 255 is none.
const MOST_SYMBOLS: usize = 250;
/// Probabilities given as decimals sum to 1 within this.
const ROUNDING: f64 = 1e-9;

impl Check for PrepareMeasure {
    const NAME: &'static str = "PulseLine";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        for (k, light) in self.intensities.iter().enumerate() {
            let range = if self.source == Source::Single { Range::Probability } else { Range::Between(0.0, MOST_PHOTONS_MEAN) };
            at.real(&format!("intensities[{k}].mean"), light.mean, range, "mean photon number of a pulse")?;
        }
        distribution(at, "intensities", self.intensities.iter().map(|i| i.probability))?;
        for (name, directions) in [("states", &self.states), ("measurements", &self.measurements)] {
            for (k, direction) in directions.iter().enumerate() {
                let length: f64 = direction.vector().iter().map(|c| c * c).sum();
                if length.is_nan() || (length - 1.0).abs() >= 1e-6 {
                    let parameter = format!("{name}[{k}].bloch");
                    return Err(at.error(&parameter, "a vector of length 1", Real(length), "pure states and sharp measurements"));
                }
            }
            distribution(at, name, directions.iter().map(|d| d.probability))?;
        }
        at.real("transmittance", self.transmittance, Range::Probability, "10^(-loss/10)")?;
        for (k, detector) in self.detectors.iter().enumerate() {
            at.within(&format!("detectors[{k}]"), |at| detector.check(at))?;
        }
        at.real("misalignment", self.misalignment, Range::Between(0.0, 0.5), "1/2 is a random outcome")
    }
}

/// Complains unless these are between 1 and [`MOST_SYMBOLS`] probabilities that sum to 1.
pub(crate) fn distribution(at: &At<'_>, name: &str, probabilities: impl Iterator<Item = Real>) -> Result<(), SpecError> {
    let mut total = 0.0;
    let mut count = 0;
    for (k, p) in probabilities.enumerate() {
        at.real(&format!("{name}[{k}].probability"), p, Range::Probability, "")?;
        total += p.0;
        count += 1;
    }
    if count == 0 || count > MOST_SYMBOLS {
        return Err(at.error(name, format!("a list of 1 to {MOST_SYMBOLS}"), format!("{count} values"), ""));
    }
    if (total - 1.0).abs() > ROUNDING {
        return Err(at.error(name, "given with probabilities that sum to 1", Real(total), ""));
    }
    Ok(())
}
