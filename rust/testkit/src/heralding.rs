//! Heralding at a station, photon by photon.
//!
//! Two emitters, each a spin whose state decides whether (single click) or when (double click) it emits. Photons are
//! creation operators; loss couples each to a mode of the environment, a balanced beam splitter mixes the two arms, and
//! detectors weigh occupation numbers. Nothing is simplified: the probability and the unnormalized spin state of every
//! accepted click pattern are sums over all occupation numbers.
//!
//! ```text
//!     spin A ~~ eta_A ~~\        / D0     labels of a photon (time shape and the like):
//!                        beam splitter     0 shared, 1 the part of B's photon that A's lacks,
//!     spin B ~~ eta_B ~~/        \ D1     2 and 3 second photons of A and of B
//! ```

use ebit_random::math;
use num_complex::Complex64;

use crate::fock::Fock;

const LABELS: usize = 4;
/// Two detectors and two loss modes, each with all labels.
const MODES_PER_BIN: usize = 4 * LABELS;
const ZERO: Complex64 = Complex64::new(0.0, 0.0);

/// What is between the emitters and the clicks.
#[derive(Debug, Clone, Copy)]
pub struct Optics {
    /// Probability that a photon of A, of B, is detected.
    pub eta: [f64; 2],
    /// Hong-Ou-Mandel visibility: the squared overlap of the two photons.
    pub visibility: f64,
    /// Dark-count probability per detector and bin.
    pub dark: f64,
    pub number_resolving: bool,
    /// Probability of a second photon whenever there is a first.
    pub double_excitation: f64,
}

/// Probability of a herald and the spin state it leaves, corrected to Phi+ on B, not normalized (its trace is the
/// probability). Index = A + 2 B.
#[derive(Debug, Clone, Copy)]
pub struct Heralded {
    pub probability: f64,
    pub state: [[Complex64; 4]; 4],
}

/// How one emitter's spin and photon belong together in one pure branch.
#[derive(Debug, Clone, Copy)]
enum Emission {
    /// sqrt(weight of spin) |spin>|photon in bin> summed over spins; `None`: no photon.
    Entangled { weights: [f64; 2], bins: [Option<usize>; 2] },
    /// A definite spin with a photon in a definite, unrelated bin.
    Broken { spin: usize, bin: usize },
}

impl Emission {
    fn branch(&self, spin: usize) -> Option<(f64, Option<usize>)> {
        match *self {
            Self::Entangled { weights, bins } => Some((weights[spin].sqrt(), bins[spin])),
            Self::Broken { spin: only, bin } => (spin == only).then_some((1.0, Some(bin))),
        }
    }
}

impl Optics {
    /// A photon of `arm` with this label, behind loss and beam splitter, as creation operators of final modes.
    fn photon(&self, arm: usize, bin: usize, label: usize, amplitude: f64) -> Vec<(usize, f64)> {
        let base = bin * MODES_PER_BIN;
        let through = amplitude * (0.5 * self.eta[arm]).sqrt();
        let sign = if arm == 0 { 1.0 } else { -1.0 };
        vec![
            (base + label, through),
            (base + LABELS + label, sign * through),
            (base + (2 + arm) * LABELS + label, amplitude * (1.0 - self.eta[arm]).sqrt()),
        ]
    }

    /// The field after `arm` emitted into `bin`.
    fn emit(&self, field: &Fock, arm: usize, bin: usize) -> Fock {
        let first = if arm == 0 {
            self.photon(arm, bin, 0, 1.0)
        } else {
            let mut operator = self.photon(arm, bin, 0, self.visibility.sqrt());
            operator.extend(self.photon(arm, bin, 1, (1.0 - self.visibility).sqrt()));
            operator
        };
        let one = field.create(&first);
        let two = one.create(&self.photon(arm, bin, 2 + arm, 1.0));
        Fock::zero().plus((1.0 - self.double_excitation).sqrt(), &one).plus(self.double_excitation.sqrt(), &two)
    }

    /// Probability that exactly detector `which` clicks in a bin with these photons on the two detectors.
    fn click(&self, which: usize, photons: [u8; 2]) -> f64 {
        let yes = |n: u8| match (n, self.number_resolving) {
            (0, _) => self.dark,
            (1, true) => 1.0 - self.dark,
            (_, true) => 0.0,
            (_, false) => 1.0,
        };
        let no = |n: u8| if n == 0 { 1.0 - self.dark } else { 0.0 };
        yes(photons[which]) * no(photons[1 - which])
    }

    /// Sums over all patterns with one click in each bin.
    fn herald(&self, emitters: [Emission; 2], bins: usize) -> Heralded {
        let mut fields = Vec::new();
        for index in 0..4 {
            let (a, b) = (emitters[0].branch(index & 1), emitters[1].branch(index >> 1));
            let mut field = Fock::zero();
            if let (Some((amplitude_a, bin_a)), Some((amplitude_b, bin_b))) = (a, b) {
                let mut photons = Fock::vacuum(bins * MODES_PER_BIN);
                for (arm, bin) in [bin_a, bin_b].into_iter().enumerate() {
                    if let Some(bin) = bin {
                        photons = self.emit(&photons, arm, bin);
                    }
                }
                field = field.plus(amplitude_a * amplitude_b, &photons);
            }
            fields.push(field);
        }
        let mut state = [[ZERO; 4]; 4];
        for pattern in 0..1usize << bins {
            let weight = |occupation: &[u8]| {
                occupation
                    .chunks_exact(MODES_PER_BIN)
                    .enumerate()
                    .map(|(bin, modes)| {
                        let count = |detector: usize| modes[detector * LABELS..(detector + 1) * LABELS].iter().sum();
                        self.click((pattern >> bin) & 1, [count(0), count(1)])
                    })
                    .product()
            };
            // Psi+ (even number of clicks in D1) or Psi- (odd), then X on B: the sign belongs to B = 1.
            let odd = pattern.count_ones() % 2 == 1;
            let sign = |index: usize| if odd && index >> 1 == 1 { -1.0 } else { 1.0 };
            for i in 0..4 {
                for j in 0..4 {
                    state[i ^ 2][j ^ 2] += fields[i].weighed(&fields[j], weight) * sign(i) * sign(j);
                }
            }
        }
        Heralded { probability: (0..4).map(|k| state[k][k].re).sum(), state }
    }

    /// Two time bins, early for spin 0 and late for spin 1; `emission_fidelity` is each emitter's Werner fidelity.
    pub fn double_click(&self, emission_fidelity: [f64; 2]) -> Heralded {
        let ensembles = emission_fidelity.map(|fidelity| {
            let ideal = (4.0 * fidelity - 1.0) / 3.0;
            let mut ensemble = vec![(ideal, Emission::Entangled { weights: [0.5; 2], bins: [Some(0), Some(1)] })];
            for k in 0..4 {
                ensemble.push((0.25 * (1.0 - ideal), Emission::Broken { spin: k & 1, bin: k >> 1 }));
            }
            ensemble
        });
        let mut total = Heralded { probability: 0.0, state: [[ZERO; 4]; 4] };
        for (weight_a, a) in &ensembles[0] {
            for (weight_b, b) in &ensembles[1] {
                if weight_a * weight_b > 0.0 {
                    total.add(weight_a * weight_b, &self.herald([*a, *b], 2));
                }
            }
        }
        total
    }

    /// One time bin; spin 0 is bright, with population `bright`; the phase between the arms is Gaussian.
    pub fn single_click(&self, bright: [f64; 2], phase_std_rad: f64) -> Heralded {
        let emitters = bright.map(|a| Emission::Entangled { weights: [a, 1.0 - a], bins: [Some(0), None] });
        let mut herald = self.herald(emitters, 1);
        let averaged = average_cosine(phase_std_rad);
        for (i, row) in herald.state.iter_mut().enumerate() {
            for (j, x) in row.iter_mut().enumerate() {
                // A photon of A carries e^(i phi), so its spin coherences do; the odd part averages to zero.
                if (i ^ j) & 1 == 1 {
                    *x *= averaged;
                }
            }
        }
        herald
    }
}

impl Heralded {
    pub(crate) const NEVER: Self = Self { probability: 0.0, state: [[ZERO; 4]; 4] };

    pub(crate) fn add(&mut self, weight: f64, other: &Self) {
        self.probability += weight * other.probability;
        for (x, y) in self.state.iter_mut().flatten().zip(other.state.iter().flatten()) {
            *x += y * weight;
        }
    }
}

/// The mean of cos(phi) for a Gaussian phi, by the trapezoid rule, which is exact to rounding for such integrands.
fn average_cosine(std: f64) -> f64 {
    const STEP: f64 = 0.125;
    let (mut sum, mut norm) = (0.0, 0.0);
    for k in -80i32..=80 {
        let x = STEP * f64::from(k);
        let density = math::exp(-0.5 * x * x);
        sum += density * math::cos(std * x);
        norm += density;
    }
    sum / norm
}
