//! Two threshold detectors behind a polarising splitter, and which of them click.

use ebit_random::math::{exp_m1, ln_1p};
use ebit_spec::check::{At, Check, Range};
use ebit_spec::{Real, SpecError};
use serde::{Deserialize, Serialize};

use super::bloch::{Bloch, probability_of_zero};

/// One of two detectors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Detector {
    /// Probability that a photon at the receiver gives a count, receiver optics included.
    pub efficiency: Real,
    /// Probability of a count without any photon, per pulse.
    pub dark_probability: Real,
}

impl Check for Detector {
    const NAME: &'static str = "Detector";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        at.real("efficiency", self.efficiency, Range::Probability, "of the receiver's optics and the detector together")?;
        at.real("dark_probability", self.dark_probability, Range::Probability, "per pulse and detector")
    }
}

/// What reaches the receiver.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Arrival {
    /// Light of a polarisation that has still to come through the channel.
    Light(Light),
    /// A bright pulse on blinded detectors: the detector it points to clicks if the axis is right, else none does.
    Bright(Bloch),
    /// Blinded detectors in the dark: no count at all, not even a dark one.
    Blind,
}

/// Photons of one polarisation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Light {
    pub photons: u32,
    pub state: Bloch,
    /// Transmittance of the way to the receiver.
    pub transmittance: f64,
    /// Factors on the two detectors' efficiencies at the time of arrival.
    pub efficiency_factors: [f64; 2],
}

/// Probabilities of the click patterns, indexed by bit 0: detector 0, bit 1: detector 1.
pub type Patterns = [f64; 4];

/// How well a bright pulse must point at a detector: what a threshold between half and full power lets through.
const POINTS: f64 = 0.99;

/// The detectors, a misalignment, and the light: which detectors click.
///
/// Each photon goes to detector 0 with q = 1/2 + (1 - 2 e) s.m/2 and is counted with transmittance times efficiency, all
/// photons alike and independent of each other; dark counts join. So detector d stays silent with
/// (1 - p_d) (1 - eta_d q_d)^n, and both with (1 - p_0)(1 - p_1)(1 - eta_0 q_0 - eta_1 q_1)^n: no approximation.
#[must_use]
pub fn patterns(detectors: &[Detector; 2], misalignment: f64, arrival: &Arrival, axis: Bloch) -> Patterns {
    let light = match arrival {
        Arrival::Blind => return [1.0, 0.0, 0.0, 0.0],
        Arrival::Bright(state) => {
            let zero = probability_of_zero(*state, axis);
            return if zero >= POINTS {
                [0.0, 1.0, 0.0, 0.0]
            } else if zero <= 1.0 - POINTS {
                [0.0, 0.0, 1.0, 0.0]
            } else {
                [1.0, 0.0, 0.0, 0.0]
            };
        }
        Arrival::Light(light) => light,
    };
    let counted = counted_shares(detectors, misalignment, light, axis);
    let dark = [0, 1].map(|d| ln_1p(-detectors[d].dark_probability.0));
    let n = f64::from(light.photons);
    let silence = |share: f64| if light.photons == 0 { 0.0 } else { n * ln_1p(-share) };
    let any = -exp_m1(dark[0] + dark[1] + silence((counted[0] + counted[1]).min(1.0)));
    let first = -exp_m1(dark[0] + silence(counted[0]));
    let second = -exp_m1(dark[1] + silence(counted[1]));
    [1.0 - any, (any - second).max(0.0), (any - first).max(0.0), (first + second - any).max(0.0)]
}

/// The probability that one photon is counted by detector 0, and by detector 1.
#[must_use]
pub fn counted_shares(detectors: &[Detector; 2], misalignment: f64, light: &Light, axis: Bloch) -> [f64; 2] {
    let zero = misalignment + (1.0 - 2.0 * misalignment) * probability_of_zero(light.state, axis);
    let eta = [0, 1].map(|d| light.transmittance * light.efficiency_factors[d] * detectors[d].efficiency.0);
    [eta[0] * zero, eta[1] * (1.0 - zero)]
}

#[cfg(test)]
mod tests {
    use super::super::bloch::{X, Z, eigenstate};
    use super::*;

    fn detectors(efficiency: f64, dark: f64) -> [Detector; 2] {
        [0, 1].map(|_| Detector { efficiency: Real(efficiency), dark_probability: Real(dark) })
    }

    fn light(photons: u32, state: Bloch) -> Arrival {
        Arrival::Light(Light { photons, state, transmittance: 0.5, efficiency_factors: [1.0, 1.0] })
    }

    #[test]
    fn one_photon_goes_where_it_points() {
        let p = patterns(&detectors(0.5, 0.0), 0.0, &light(1, Z), Z);
        assert!((p[1] - 0.25).abs() < 1e-15 && p[2].abs() < 1e-15 && p[3].abs() < 1e-15, "{p:?}");
        let p = patterns(&detectors(0.5, 0.0), 0.0, &light(1, eigenstate(X, true)), Z);
        assert!((p[1] - 0.125).abs() < 1e-15 && (p[2] - 0.125).abs() < 1e-15 && p[3].abs() < 1e-15, "{p:?}");
    }

    /// Two photons, lossless, on the wrong axis: each pattern counted by hand.
    #[test]
    fn two_photons_split_on_the_wrong_axis() {
        let two = Arrival::Light(Light { photons: 2, state: X, transmittance: 1.0, efficiency_factors: [1.0, 1.0] });
        let p = patterns(&detectors(1.0, 0.0), 0.0, &two, Z);
        for (k, wanted) in [0.0, 0.25, 0.25, 0.5].into_iter().enumerate() {
            assert!((p[k] - wanted).abs() < 1e-12, "{p:?}");
        }
    }

    #[test]
    fn dark_counts_alone() {
        let p = patterns(&detectors(0.5, 1e-9), 0.0, &light(0, Z), Z);
        assert!((p[1] / 1e-9 - 1.0).abs() < 1e-6 && (p[2] / 1e-9 - 1.0).abs() < 1e-6, "{p:?}");
    }

    #[test]
    fn blinded_detectors_obey_the_axis() {
        let d = detectors(0.5, 0.1);
        assert_eq!(patterns(&d, 0.1, &Arrival::Bright(eigenstate(Z, true)), Z), [0.0, 0.0, 1.0, 0.0]);
        assert_eq!(patterns(&d, 0.1, &Arrival::Bright(Z), X), [1.0, 0.0, 0.0, 0.0]);
        assert_eq!(patterns(&d, 0.1, &Arrival::Blind, X), [1.0, 0.0, 0.0, 0.0]);
    }
}
