//! A source of entangled pairs between two receivers: BBM92 and E91, with all its pairs at once.
//!
//! ```text
//!   party A: detectors 0, 1  <-- eta_A --  source, n pairs  -- eta_B -->  party B: detectors 2, 3
//! ```

use std::cmp::Ordering;

use ebit_random::math::{cos, exp, ln, sin};
use ebit_spec::check::{At, Check, Range};
use ebit_spec::{Real, SpecError};
use serde::{Deserialize, Serialize};

use super::cells::{Cell, Cells, PATTERNS, Tag};
use super::photons::none_of;
use super::prepare::distribution;
use super::receiver::Detector;
use crate::attacks::{InterceptResend, measured};

/// Pair numbers from which on fewer than this are left are not kept.
const TAIL: f64 = 1e-15;
const MOST_PAIRS: u32 = 60;

/// How many pairs an emission has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PairSource {
    /// Down-conversion into two polarisations: P(n) = (n+1) lambda^n/(1+lambda)^(n+2), 2 lambda pairs on average
    /// (Ma, Fung, Lo 2007, doi:10.1103/PhysRevA.76.012307).
    DownConversion,
    /// One pair with probability 2 lambda, else none.
    Single,
}

/// An angle of a polariser on the Bloch sphere's ZX circle, and how often it is chosen: 0 is Z, pi/2 is X.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Angle {
    pub bloch_angle_rad: Real,
    pub probability: Real,
}

/// The line: a source and two arms.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntangledPairs {
    pub source: PairSource,
    /// Half the mean number of pairs.
    pub lambda: Real,
    pub alice: Vec<Angle>,
    pub bob: Vec<Angle>,
    /// Transmittance of the two arms.
    pub transmittance: [Real; 2],
    /// Party A's two detectors, then party B's.
    pub detectors: [Detector; 4],
    /// Probability that party B's outcome is turned round.
    pub misalignment: Real,
    #[serde(default)]
    pub dead_pulses: u64,
}

impl Check for EntangledPairs {
    const NAME: &'static str = "PairLine";
    fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        let most = if self.source == PairSource::Single { 0.5 } else { 1.0 };
        at.real("lambda", self.lambda, Range::Between(0.0, most), "half the mean number of pairs")?;
        for (name, angles) in [("alice", &self.alice), ("bob", &self.bob)] {
            for (k, angle) in angles.iter().enumerate() {
                let name = format!("{name}[{k}].bloch_angle_rad");
                at.real(&name, angle.bloch_angle_rad, Range::Between(-10.0, 10.0), "0 is Z, pi/2 is X")?;
            }
            distribution(at, name, angles.iter().map(|a| a.probability))?;
        }
        for (k, eta) in self.transmittance.iter().enumerate() {
            at.real(&format!("transmittance[{k}]"), *eta, Range::Probability, "10^(-loss/10) of an arm")?;
        }
        for (k, detector) in self.detectors.iter().enumerate() {
            at.within(&format!("detectors[{k}]"), |at| detector.check(at))?;
        }
        at.real("misalignment", self.misalignment, Range::Between(0.0, 0.5), "1/2 is a random outcome")
    }
}

/// P(0), P(1), ... pairs.
#[must_use]
pub fn pair_law(source: PairSource, lambda: f64) -> Vec<f64> {
    if source == PairSource::Single {
        return vec![1.0 - 2.0 * lambda, 2.0 * lambda];
    }
    let ratio = lambda / (1.0 + lambda);
    let mut power = 1.0 / ((1.0 + lambda) * (1.0 + lambda));
    let mut out = Vec::new();
    for n in 0..MOST_PAIRS {
        out.push(f64::from(n + 1) * power);
        power *= ratio;
        if f64::from(n + 2) * power < TAIL {
            break;
        }
    }
    out
}

/// |<n - k, k| R(angle) |n - m, m>|^2: n photons of which m are in the second mode, seen by a splitter turned by `angle` on
/// the Bloch sphere. Wigner's d-matrix of spin n/2, squared.
///
/// The amplitude is the coefficient of the binomials that come from
/// (c a - s b)^(n-m) (s a + c b)^m, c = cos(angle/2), s = sin(angle/2).
#[must_use]
pub fn turned(n: u32, m: u32, k: u32, angle: f64) -> f64 {
    let (c, s) = (cos(angle / 2.0), sin(angle / 2.0));
    let log_factorial = |x: u32| (2..=x).map(|j| ln(f64::from(j))).sum::<f64>();
    let choose = |x: u32, y: u32| exp(log_factorial(x) - log_factorial(y) - log_factorial(x - y));
    let power = |x: f64, e: u32| (0..e).fold(1.0, |product, _| product * x);
    let mut sum = 0.0;
    // `j` of the k photons in the second output come from the first input.
    for j in 0..=k.min(n - m) {
        let rest = k - j;
        if rest > m {
            continue;
        }
        sum += choose(n - m, j) * power(c, n - m - j) * power(-s, j) * choose(m, rest) * power(s, m - rest) * power(c, rest);
    }
    let norm = exp(log_factorial(n - k) + log_factorial(k) - log_factorial(n - m) - log_factorial(m));
    sum * sum * norm
}

/// Which of two detectors click for `k` photons on the first and `l` on the second.
fn station(detectors: &[Detector], transmittance: f64, photons: [u32; 2]) -> [f64; 4] {
    let silent = [0, 1].map(|d| {
        let detector = &detectors[d];
        (1.0 - detector.dark_probability.0) * none_of(transmittance * detector.efficiency.0, photons[d])
    });
    [silent[0] * silent[1], (1.0 - silent[0]) * silent[1], silent[0] * (1.0 - silent[1]), (1.0 - silent[0]) * (1.0 - silent[1])]
}

/// All cases of one emission.
///
/// Of n pairs party A's light has n - m photons in one polarisation and m in the other along any of its axes, every m
/// equally likely, and party B's then has the same along the same axis: the state is turned into itself by equal turns
/// of both (after the correction to Phi+), so only the difference of the angles matters. Somebody on party B's arm counts
/// the photons of both polarisations along an axis of hers and sends on as many of each.
#[must_use]
pub fn cells(line: &EntangledPairs, intercept: Option<&InterceptResend>) -> Cells {
    let mut out = Vec::new();
    for (a, alice) in line.alice.iter().enumerate() {
        for (b, bob) in line.bob.iter().enumerate() {
            for (n, share) in pair_law(line.source, line.lambda.0).into_iter().enumerate() {
                let n = n as u32;
                let weight = share * alice.probability.0 * bob.probability.0;
                if weight <= 0.0 {
                    continue;
                }
                for (note, arrives) in arrivals(line, n, [alice.bloch_angle_rad.0, bob.bloch_angle_rad.0], intercept) {
                    let noted = arrives.iter().flatten().sum::<f64>() / f64::from(n + 1);
                    if noted <= 0.0 {
                        continue;
                    }
                    let mut patterns = [0.0; PATTERNS];
                    for m in 0..=n {
                        let first = station(&line.detectors[..2], line.transmittance[0].0, [n - m, m]);
                        for k in 0..=n {
                            let second = station(&line.detectors[2..], line.transmittance[1].0, [n - k, k]);
                            let weight = arrives[m as usize][k as usize] / f64::from(n + 1) / noted;
                            for (pattern, sum) in patterns.iter_mut().enumerate() {
                                *sum += weight * first[pattern & 3] * second[pattern >> 2];
                            }
                        }
                    }
                    let tag = Tag { alice: a as u8, bob: b as u8, light: 0, photons: n.min(255) as u8, note };
                    let patterns = turned_round(patterns, line.misalignment.0);
                    out.push(Cell { tag, weight: weight * noted, patterns });
                }
            }
        }
    }
    let stations = vec![vec![0, 1], vec![2, 3]];
    Cells { cells: out, detectors: 4, stations, recorded: recorded(), dead_pulses: line.dead_pulses }
}

/// Patterns that are a coincidence: a click at either party.
#[must_use]
pub fn recorded() -> [bool; PATTERNS] {
    std::array::from_fn(|pattern| pattern & 3 != 0 && pattern >> 2 != 0)
}

/// P(party B has n - k and k photons, somebody on the way noted this | party A has n - m and m), for all m and k, by note.
///
/// She notes of which polarisation she counted more, and along which axis; nothing where it was as many of both.
fn arrivals(
    line: &EntangledPairs,
    n: u32,
    [alice, bob]: [f64; 2],
    intercept: Option<&InterceptResend>,
) -> Vec<(u8, Vec<Vec<f64>>)> {
    let turn = |angle: f64| -> Vec<Vec<f64>> { (0..=n).map(|m| (0..=n).map(|k| turned(n, m, k, angle)).collect()).collect() };
    let mut out = vec![(0, turn(bob - alice))];
    let Some(intercept) = intercept else { return out };
    let (share, axes) = (intercept.fraction.0, intercept.angles(line));
    out[0].1.iter_mut().flatten().for_each(|p| *p *= 1.0 - share);
    for (number, axis) in axes.iter().enumerate() {
        let (hers, on) = (turn(axis - alice), turn(bob - axis));
        let nothing = vec![vec![0.0; n as usize + 1]; n as usize + 1];
        let first = out.len();
        out.extend([false, true].map(|bit| (measured(number, bit), nothing.clone())));
        for (m, seen) in hers.iter().enumerate() {
            for (l, (p, sent)) in seen.iter().zip(&on).enumerate() {
                let p = share / axes.len() as f64 * p;
                let place = match (2 * l).cmp(&(n as usize)) {
                    Ordering::Less => first,
                    Ordering::Equal => 0,
                    Ordering::Greater => first + 1,
                };
                out[place].1[m].iter_mut().zip(sent).for_each(|(sum, q)| *sum += p * q);
            }
        }
    }
    out
}

/// Exchanges party B's detectors with the given probability.
fn turned_round(patterns: [f64; PATTERNS], probability: f64) -> [f64; PATTERNS] {
    let mut out = [0.0; PATTERNS];
    for (pattern, p) in patterns.iter().enumerate() {
        let b = pattern >> 2;
        let exchanged = (pattern & 3) | ((b & 1) << 1 | b >> 1) << 2;
        out[pattern] += (1.0 - probability) * p;
        out[exchanged] += probability * p;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attacks::Basis;

    #[test]
    fn turns_are_probabilities() {
        for n in 0..12 {
            for m in 0..=n {
                let total: f64 = (0..=n).map(|k| turned(n, m, k, 0.7)).sum();
                assert!((total - 1.0).abs() < 1e-11, "{n} {m} {total}");
                assert!((turned(n, m, m, 0.0) - 1.0).abs() < 1e-12);
                assert!((turned(n, m, n - m, std::f64::consts::PI) - 1.0).abs() < 1e-12);
            }
        }
        // Hong, Ou and Mandel: two photons, one in each input, never leave one in each output.
        assert!(turned(2, 1, 1, std::f64::consts::FRAC_PI_2).abs() < 1e-15);
        assert!((turned(1, 0, 0, 1.0) - cos(0.5) * cos(0.5)).abs() < 1e-15);
    }

    #[test]
    fn the_pair_law_has_its_mean() {
        let law = pair_law(PairSource::DownConversion, 0.1);
        let mean: f64 = law.iter().enumerate().map(|(n, p)| n as f64 * p).sum();
        assert!((law.iter().sum::<f64>() - 1.0).abs() < 1e-12 && (mean - 0.2).abs() < 1e-12, "{mean}");
    }

    /// Whatever axis she takes, nothing of CHSH's excess is left: S = sqrt 2 for Ekert's directions and single pairs.
    #[test]
    fn an_interceptor_leaves_no_entanglement() {
        let perfect = Detector { efficiency: Real(1.0), dark_probability: Real(0.0) };
        let eighth = std::f64::consts::FRAC_PI_4;
        let angles = |first: f64| {
            (0..3).map(move |k| Angle { bloch_angle_rad: Real(first + eighth * f64::from(k)), probability: Real(1.0 / 3.0) })
        };
        let line = EntangledPairs {
            source: PairSource::Single,
            lambda: Real(0.5),
            alice: angles(0.0).collect(),
            bob: angles(eighth).collect(),
            transmittance: [Real(1.0); 2],
            detectors: [0; 4].map(|_| perfect.clone()),
            misalignment: Real(0.0),
            dead_pulses: 0,
        };
        let chsh = |intercept: Option<&InterceptResend>| {
            let e = |a: u8, b: u8| -> f64 {
                let of = |c: &&Cell| c.tag.alice == a && c.tag.bob == b && c.tag.photons == 1;
                let cells = cells(&line, intercept);
                let sum = |c: &Cell, patterns: [usize; 2]| patterns.iter().map(|p| c.patterns[*p]).sum::<f64>();
                let all = |c: &Cell| 9.0 * c.weight * (sum(c, [5, 10]) - sum(c, [6, 9]));
                cells.cells.iter().filter(of).map(all).sum::<f64>()
            };
            e(0, 0) - e(0, 2) + e(2, 0) + e(2, 2)
        };
        let root = std::f64::consts::SQRT_2;
        assert!((chsh(None) - 2.0 * root).abs() < 1e-12);
        for basis in [Basis::Random, Basis::X, Basis::Z, Basis::Breidbart] {
            let whole = InterceptResend { fraction: Real(1.0), basis };
            assert!((chsh(Some(&whole)) - root).abs() < 1e-12, "{basis:?}");
            let half = InterceptResend { fraction: Real(0.5), basis };
            assert!((chsh(Some(&half)) - 1.5 * root).abs() < 1e-12, "{basis:?}");
        }
    }

    #[test]
    fn cells_are_probabilities() {
        let detector = Detector { efficiency: Real(0.3), dark_probability: Real(1e-4) };
        let angle = |x| Angle { bloch_angle_rad: Real(x), probability: Real(0.5) };
        let line = EntangledPairs {
            source: PairSource::DownConversion,
            lambda: Real(0.2),
            alice: vec![angle(0.0), angle(1.5)],
            bob: vec![angle(0.3), angle(2.0)],
            transmittance: [Real(0.5), Real(0.1)],
            detectors: [0; 4].map(|_| detector.clone()),
            misalignment: Real(0.02),
            dead_pulses: 0,
        };
        let cells = cells(&line, None);
        let total: f64 = cells.cells.iter().map(|c| c.weight).sum();
        assert!((total - 1.0).abs() < 1e-12, "{total}");
        for cell in &cells.cells {
            assert!((cell.patterns.iter().sum::<f64>() - 1.0).abs() < 1e-10, "{cell:?}");
        }
    }
}
