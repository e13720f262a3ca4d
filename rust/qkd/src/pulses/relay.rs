//! Two senders whose pulses interfere at a relay in the middle: measurement-device-independent and twin-field.
//!
//! ```text
//!   Bell:   A --eta_A--\ / 0: first port H  1: first port V        Single:  A --\ / 0: first port
//!                       X                                                       X
//!           B --eta_B--/ \ 2: second port H 3: second port V                B --/ \ 1: second port
//! ```
//!
//! Coherent light stays coherent on a beam splitter: given the phase between the two pulses, detector d sees a
//! pulse of intensity I_d, and all click independently with 1 - (1 - p_d) exp(-eta_d I_d). Phase-randomised pulses average
//! this over the phase.

use std::f64::consts::TAU;

use ebit_random::math::{acos, atan2, cos, exp, sin, sqrt};
use ebit_spec::check::{At, Check, Range};
use ebit_spec::{Real, SpecError};
use serde::{Deserialize, Serialize};

use super::cells::{Cell, Cells, PATTERNS, Tag};
use super::photons::none_of;
use super::prepare::{MOST_PHOTONS_MEAN, distribution};
use super::receiver::Detector;

/// Points of the average over the phase: the integrand is periodic and analytic, so the sum converges faster than any
/// power; with at most 20 photons on average 128 points leave nothing that a double could hold.
const PHASES: usize = 128;
/// The tag of a pulse pair of which each sender's has exactly one photon, and of any other.
pub const ONE_EACH: u8 = 1;
pub const OTHER: u8 = 255;

/// What the relay looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Relay {
    /// Two polarisations at two ports, and exactly two clicks in different polarisations: Psi+ in one port, Psi- in two.
    Bell,
    /// Two ports, and exactly one click.
    Single,
}

/// One symbol of a sender.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sending {
    pub mean: Real,
    /// Polarisation, where the relay looks at it.
    #[serde(default)]
    pub bloch: Option<[Real; 3]>,
    /// Optical phase; None: random.
    #[serde(default)]
    pub phase_rad: Option<Real>,
    /// Which of the sender's intensities it is.
    pub light: u8,
    pub probability: Real,
}

/// The line: two senders, two arms, a relay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelayLine {
    pub relay: Relay,
    pub alice: Vec<Sending>,
    pub bob: Vec<Sending>,
    pub transmittance: [Real; 2],
    /// Four for a Bell measurement, two for a single click.
    pub detectors: Vec<Detector>,
    /// e. A Bell measurement: how often the second sender's polarisation makes a half turn. A single click: how far its phase
    /// is off, by acos(1 - 2e), so that interference leaves a share e of the light in the wrong port.
    pub misalignment: Real,
    #[serde(default)]
    pub dead_pulses: u64,
}

impl Check for RelayLine {
    const NAME: &'static str = "RelayLine";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        for (name, sendings) in [("alice", &self.alice), ("bob", &self.bob)] {
            for (k, sending) in sendings.iter().enumerate() {
                let range = Range::Between(0.0, MOST_PHOTONS_MEAN);
                at.real(&format!("{name}[{k}].mean"), sending.mean, range, "mean photon number of a pulse")?;
                if self.relay == Relay::Bell && sending.bloch.is_none() {
                    return Err(at.error(
                        &format!("{name}[{k}].bloch"),
                        "given",
                        "None",
                        "a Bell measurement looks at polarisation",
                    ));
                }
            }
            distribution(at, name, sendings.iter().map(|s| s.probability))?;
        }
        for (k, eta) in self.transmittance.iter().enumerate() {
            at.real(&format!("transmittance[{k}]"), *eta, Range::Probability, "10^(-loss/10) of an arm")?;
        }
        let wanted = self.detector_count();
        if self.detectors.len() != wanted {
            return Err(at.error("detectors", format!("{wanted} of them"), self.detectors.len(), "one a port and polarisation"));
        }
        for (k, detector) in self.detectors.iter().enumerate() {
            at.within(&format!("detectors[{k}]"), |at| detector.check(at))?;
        }
        at.real("misalignment", self.misalignment, Range::Between(0.0, 0.5), "1/2 is a random outcome")
    }
}

/// A complex number, for the few that are needed here.
type Complex = (f64, f64);

fn times(a: Complex, b: Complex) -> Complex {
    (a.0 * b.0 - a.1 * b.1, a.0 * b.1 + a.1 * b.0)
}

fn square(a: Complex) -> f64 {
    a.0 * a.0 + a.1 * a.1
}

/// Jones vector of a point of the Bloch sphere.
pub(super) fn jones(bloch: [f64; 3]) -> [Complex; 2] {
    let up = sqrt(((1.0 + bloch[2]) / 2.0).clamp(0.0, 1.0));
    let down = sqrt(((1.0 - bloch[2]) / 2.0).clamp(0.0, 1.0));
    let phase = atan2(bloch[1], bloch[0]);
    [(up, 0.0), (down * cos(phase), down * sin(phase))]
}

/// A sender's symbol with what the channel leaves of it.
#[derive(Clone, Copy)]
struct Incoming {
    /// Mean photons at the relay.
    intensity: f64,
    mean: f64,
    transmittance: f64,
    jones: [Complex; 2],
    phase: Option<f64>,
}

impl Incoming {
    fn new(relay: Relay, sending: &Sending, transmittance: f64, turned: bool, off_rad: f64) -> Self {
        // A relay that does not look at polarisation is sent one of them.
        let bloch = match sending.bloch {
            Some(bloch) if relay == Relay::Bell => bloch.map(|c| if turned { -c.0 } else { c.0 }),
            _ => [0.0, 0.0, 1.0],
        };
        Self {
            intensity: sending.mean.0 * transmittance,
            mean: sending.mean.0,
            transmittance,
            jones: jones(bloch),
            phase: sending.phase_rad.map(|p| p.0 + off_rad),
        }
    }
}

impl RelayLine {
    fn detector_count(&self) -> usize {
        if self.relay == Relay::Bell { 4 } else { 2 }
    }

    /// Independent clicks with the given probabilities of silence.
    fn patterns(&self, silent: [f64; 4]) -> [f64; PATTERNS] {
        let mut out = [0.0; PATTERNS];
        for (pattern, p) in out.iter_mut().enumerate().take(1 << self.detectors.len()) {
            *p = (0..self.detectors.len()).map(|d| if pattern >> d & 1 == 1 { 1.0 - silent[d] } else { silent[d] }).product();
        }
        out
    }

    /// Modes of light at a detector: polarisations of each port, or the ports.
    fn polarisations(&self) -> usize {
        self.detector_count() / 2
    }

    /// The patterns of two coherent pulses with a phase between them.
    fn coherent(&self, a: &Incoming, b: &Incoming, phase: f64) -> [f64; PATTERNS] {
        let (amplitude_a, amplitude_b) = (sqrt(a.intensity), sqrt(b.intensity));
        let turn = (cos(phase), sin(phase));
        let modes = self.polarisations();
        let mut silent = [1.0; 4];
        for p in 0..modes {
            let first = times((amplitude_a, 0.0), a.jones[p]);
            let second = times(times((amplitude_b, 0.0), turn), b.jones[p]);
            for (port, sign) in [(0, 1.0), (1, -1.0)] {
                let detector = &self.detectors[port * modes + p];
                let intensity = square((first.0 + sign * second.0, first.1 + sign * second.1)) / 2.0;
                silent[port * modes + p] = (1.0 - detector.dark_probability.0) * exp(-detector.efficiency.0 * intensity);
            }
        }
        self.patterns(silent)
    }

    fn averaged(&self, a: &Incoming, b: &Incoming) -> [f64; PATTERNS] {
        if let (Some(first), Some(second)) = (a.phase, b.phase) {
            return self.coherent(a, b, second - first);
        }
        let mut out = [0.0; PATTERNS];
        for k in 0..PHASES {
            let phase = TAU * k as f64 / PHASES as f64;
            for (sum, p) in out.iter_mut().zip(self.coherent(a, b, phase)) {
                *sum += p / PHASES as f64;
            }
        }
        out
    }

    /// The patterns of exactly one photon from each sender, if both phases are random.
    fn one_each(&self, a: &Incoming, b: &Incoming) -> [f64; PATTERNS] {
        let modes = self.polarisations();
        let mut out = [0.0; PATTERNS];
        let mut add = |weight: f64, photons: [u32; 4]| {
            let mut silent = [1.0; 4];
            for (d, detector) in self.detectors.iter().enumerate() {
                silent[d] = (1.0 - detector.dark_probability.0) * none_of(detector.efficiency.0, photons[d]);
            }
            for (sum, p) in out.iter_mut().zip(self.patterns(silent)) {
                *sum += weight * p;
            }
        };
        let (ta, tb) = (a.transmittance, b.transmittance);
        add((1.0 - ta) * (1.0 - tb), [0; 4]);
        for (one, alone) in [(a, ta * (1.0 - tb)), (b, tb * (1.0 - ta))] {
            for p in 0..modes {
                for port in 0..2 {
                    let mut photons = [0; 4];
                    photons[port * modes + p] = 1;
                    add(alone * square(one.jones[p]) / 2.0, photons);
                }
            }
        }
        // Both arrive: the amplitude of a photon in mode i from A and one in mode j from B, and the exchange.
        let amplitude = |sender: &Incoming, mode: usize, sign: f64| {
            let (port, p) = (mode / modes, mode % modes);
            let s = if port == 0 { 1.0 } else { sign } * std::f64::consts::FRAC_1_SQRT_2;
            times((s, 0.0), sender.jones[p])
        };
        for i in 0..2 * modes {
            for j in i..2 * modes {
                let mut photons = [0; 4];
                photons[i] += 1;
                photons[j] += 1;
                let direct = times(amplitude(a, i, 1.0), amplitude(b, j, -1.0));
                let weight = if i == j {
                    2.0 * square(direct)
                } else {
                    let exchanged = times(amplitude(a, j, 1.0), amplitude(b, i, -1.0));
                    square((direct.0 + exchanged.0, direct.1 + exchanged.1))
                };
                add(ta * tb * weight, photons);
            }
        }
        out
    }

    /// Patterns that the relay announces.
    #[must_use]
    pub fn recorded(&self) -> [bool; PATTERNS] {
        let mut out = [false; PATTERNS];
        let wanted: &[usize] = if self.relay == Relay::Bell { &[0b0011, 0b1100, 0b1001, 0b0110] } else { &[0b01, 0b10] };
        for pattern in wanted {
            out[*pattern] = true;
        }
        out
    }
}

/// Joins two laws of patterns.
fn mixed(a: [f64; PATTERNS], b: [f64; PATTERNS], share_of_b: f64) -> [f64; PATTERNS] {
    let mut out = a;
    for (x, y) in out.iter_mut().zip(b) {
        *x = (1.0 - share_of_b) * *x + share_of_b * y;
    }
    out
}

/// All cases of a pair of pulses: for each pair of symbols, one photon each and anything else.
#[must_use]
pub fn cells(line: &RelayLine) -> Cells {
    let mut out = Vec::new();
    let (e, off_rad) = match line.relay {
        Relay::Bell => (line.misalignment.0, 0.0),
        Relay::Single => (0.0, acos(1.0 - 2.0 * line.misalignment.0)),
    };
    for (a, alice) in line.alice.iter().enumerate() {
        for (b, bob) in line.bob.iter().enumerate() {
            let weight = alice.probability.0 * bob.probability.0;
            if weight <= 0.0 {
                continue;
            }
            let first = Incoming::new(line.relay, alice, line.transmittance[0].0, false, 0.0);
            let seconds = [false, true].map(|turned| Incoming::new(line.relay, bob, line.transmittance[1].0, turned, off_rad));
            let all = mixed(line.averaged(&first, &seconds[0]), line.averaged(&first, &seconds[1]), e);
            let tag = |photons| Tag {
                alice: a as u8,
                bob: b as u8,
                light: alice.light.wrapping_mul(16).wrapping_add(bob.light),
                photons,
                note: 0,
            };
            let random = first.phase.is_none() || seconds[0].phase.is_none();
            let one = |mean: f64| mean * exp(-mean);
            let share = if random { one(first.mean) * one(seconds[0].mean) } else { 0.0 };
            if share <= 0.0 {
                out.push(Cell { tag: tag(OTHER), weight, patterns: all });
                continue;
            }
            let ones = mixed(line.one_each(&first, &seconds[0]), line.one_each(&first, &seconds[1]), e);
            let mut rest = all;
            for (x, y) in rest.iter_mut().zip(ones) {
                *x = ((*x - share * y) / (1.0 - share)).max(0.0);
            }
            out.push(Cell { tag: tag(ONE_EACH), weight: weight * share, patterns: ones });
            out.push(Cell { tag: tag(OTHER), weight: weight * (1.0 - share), patterns: rest });
        }
    }
    Cells {
        cells: out,
        detectors: line.detector_count(),
        stations: Vec::new(),
        recorded: line.recorded(),
        dead_pulses: line.dead_pulses,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(relay: Relay, mean: f64, dark: f64) -> RelayLine {
        let bloch = |k: usize| Some([[0.0, 0.0, 1.0], [0.0, 0.0, -1.0], [1.0, 0.0, 0.0], [-1.0, 0.0, 0.0]][k].map(Real));
        let sendings = || {
            (0..4)
                .map(|k| Sending { mean: Real(mean), bloch: bloch(k), phase_rad: None, light: 0, probability: Real(0.25) })
                .collect::<Vec<_>>()
        };
        let count = if relay == Relay::Bell { 4 } else { 2 };
        RelayLine {
            relay,
            alice: sendings(),
            bob: sendings(),
            transmittance: [Real(0.4), Real(0.7)],
            detectors: vec![Detector { efficiency: Real(0.6), dark_probability: Real(dark) }; count],
            misalignment: Real(0.0),
            dead_pulses: 0,
        }
    }

    fn of(cells: &Cells, alice: u8, bob: u8, photons: u8) -> &Cell {
        cells.cells.iter().find(|c| (c.tag.alice, c.tag.bob, c.tag.photons) == (alice, bob, photons)).unwrap()
    }

    #[test]
    fn patterns_are_probabilities() {
        for relay in [Relay::Bell, Relay::Single] {
            let cells = cells(&line(relay, 0.5, 1e-3));
            assert!((cells.cells.iter().map(|c| c.weight).sum::<f64>() - 1.0).abs() < 1e-12);
            for cell in &cells.cells {
                assert!((cell.patterns.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{cell:?}");
            }
        }
    }

    /// Two single photons in the same state bunch: no Bell pattern in X for equal bits gives Psi-, none in Z gives any.
    #[test]
    fn single_photons_interfere_as_hong_ou_and_mandel_say() {
        let cells = cells(&line(Relay::Bell, 0.5, 0.0));
        for pattern in [0b0011, 0b1100, 0b1001, 0b0110] {
            assert!(of(&cells, 0, 0, ONE_EACH).patterns[pattern].abs() < 1e-15);
            // Equal bits in X: Psi+ has them, Psi- does not.
            let psi_minus = pattern == 0b1001 || pattern == 0b0110;
            assert_eq!(of(&cells, 2, 2, ONE_EACH).patterns[pattern] < 1e-15, psi_minus);
            assert_eq!(of(&cells, 2, 3, ONE_EACH).patterns[pattern] < 1e-15, !psi_minus);
            // Opposite bits in Z: each Bell state with a quarter of the pairs that are counted.
            let wanted = 0.4 * 0.7 * 0.36 / 4.0;
            assert!((of(&cells, 0, 1, ONE_EACH).patterns[pattern] - wanted).abs() < 1e-15);
        }
    }

    /// Twin fields: with g = mu T eta and v = 1 - 2e the ports see g (1 + v) and g (1 - v) photons, however bright.
    #[test]
    fn a_phase_that_is_off_leaves_its_share_in_the_wrong_port() {
        for (mean, e) in [(0.05, 0.02), (2.0, 0.1), (5.0, 0.5)] {
            let sendings: Vec<Sending> = [0.0, TAU / 2.0]
                .map(|phase| Sending {
                    mean: Real(mean),
                    bloch: None,
                    phase_rad: Some(Real(phase)),
                    light: 0,
                    probability: Real(0.5),
                })
                .into();
            let line = RelayLine {
                alice: sendings.clone(),
                bob: sendings,
                transmittance: [Real(0.4); 2],
                misalignment: Real(e),
                ..line(Relay::Single, mean, 1e-3)
            };
            let (g, v) = (mean * 0.4 * 0.6, 1.0 - 2.0 * e);
            let silent = |share: f64| (1.0 - 1e-3) * exp(-g * share);
            for cell in cells(&line).cells {
                let (right, wrong) = if cell.tag.alice == cell.tag.bob { (1, 2) } else { (2, 1) };
                let wanted = [(1.0 - silent(1.0 + v)) * silent(1.0 - v), (1.0 - silent(1.0 - v)) * silent(1.0 + v)];
                assert!((cell.patterns[right] - wanted[0]).abs() < 1e-14, "{mean} {e}: {cell:?}");
                assert!((cell.patterns[wrong] - wanted[1]).abs() < 1e-14, "{mean} {e}: {cell:?}");
            }
        }
    }

    /// Weak pulses: what single photons do is what is left of coherent light to second order.
    #[test]
    fn coherent_light_agrees_with_its_photons() {
        let weak = line(Relay::Bell, 1e-4, 0.0);
        let cells = cells(&weak);
        let (ones, rest) = (of(&cells, 0, 1, ONE_EACH), of(&cells, 0, 1, OTHER));
        let share = ones.weight / (ones.weight + rest.weight);
        let all = share * ones.patterns[0b1001] + (1.0 - share) * rest.patterns[0b1001];
        assert!((all / (share * ones.patterns[0b1001]) - 1.0).abs() < 1e-3);
    }
}
