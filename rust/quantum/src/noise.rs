//! Noise: one object, three projections.
//!
//! ```text
//!                    +-- kraus()          matrices, for DensityMatrix and StateVector: always there
//!     one Noise  ----+-- pauli_twirl()    probabilities of Pauli errors, for stabilizers: exact for Pauli channels,
//!                    |                    an approximation the user asks for by name otherwise
//!                    +-- bell_action()    what it does to Bell weights; refused where the pair would not stay diagonal
//! ```
//!
//! Owns the kinds of noise, their parameters and the checks of both. The projections are in `noise_kraus`, `noise_pauli`
//! and `noise_bell`. Refuses to know which state it acts on, and when.

use std::fmt;

use ebit_random::math;
use num_complex::Complex64;

use crate::error::{QuantumError, number};
use crate::noise_kraus;
use crate::noise_pauli::{is_pauli, pauli_word, twirl};
use crate::operator::{ZERO, add_gram, distance_to_identity};

pub(crate) const OBJECT: &str = "Noise";
/// The most qubits of one noise: 4^4 Kraus operators of 16 x 16 are a megabyte.
pub const MAX_NOISE_QUBITS: usize = 4;
/// Largest error of a sum of probabilities, a unitary or a complete set that rounding explains.
const TOLERANCE: f64 = 1e-9;

/// A completely positive, trace-preserving map on `qubits` qubits.
#[derive(Debug, Clone, PartialEq)]
pub struct Noise {
    kind: Kind,
    qubits: usize,
}

/// What a noise is, checked: the parameters users gave.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// rho -> (1-p) rho + p Z rho Z.
    Dephase { p: f64 },
    /// rho -> (1-p) rho + p X rho X.
    BitFlip { p: f64 },
    /// rho -> (1-p) rho + p I/d on all its qubits together.
    Depolarize { p: f64 },
    /// Probabilities of the 4^k Pauli words: digit k in base 4 is the Pauli (I X Y Z) on target k.
    Pauli { probabilities: Vec<f64> },
    /// Energy exchange with a bath: towards |1> with weight `excited_population`, |0> with the rest.
    AmplitudeDamp { gamma: f64, excited_population: f64 },
    /// A memory for a time: populations relax with T1, coherences shrink with T2 (total).
    ThermalRelaxation { time_s: f64, t1_s: f64, t2_s: f64, excited_population: f64 },
    /// rho -> U rho U^dagger, row-major.
    Unitary { matrix: Vec<Complex64> },
    /// rho -> sum K rho K^dagger, row-major.
    Kraus { operators: Vec<Vec<Complex64>> },
}

impl Noise {
    /// A phase flip of probability `p`: rho -> (1-p) rho + p Z rho Z.
    ///
    /// # Errors
    /// `p` outside [0, 1].
    pub fn dephase(p: f64) -> Result<Self, QuantumError> {
        let p = QuantumError::probability(OBJECT, "p", p, "of a phase flip; 0.5 leaves no coherence")?;
        Ok(Self { kind: Kind::Dephase { p }, qubits: 1 })
    }

    /// A bit flip of probability `p`: rho -> (1-p) rho + p X rho X.
    ///
    /// # Errors
    /// `p` outside [0, 1].
    pub fn bit_flip(p: f64) -> Result<Self, QuantumError> {
        let p = QuantumError::probability(OBJECT, "p", p, "of a bit flip; 0.5 leaves no population difference")?;
        Ok(Self { kind: Kind::BitFlip { p }, qubits: 1 })
    }

    /// rho -> (1-p) rho + p I/d on `qubits` qubits together; Stim's DEPOLARIZE1(q) has p = 4q/3, DEPOLARIZE2(q) 16q/15.
    ///
    /// # Errors
    /// `p` outside [0, 1], or a number of qubits outside [1, 4].
    pub fn depolarize(p: f64, qubits: usize) -> Result<Self, QuantumError> {
        let p = QuantumError::probability(OBJECT, "p", p, "the weight of I/d; Stim's DEPOLARIZE1(q) has p = 4q/3")?;
        Ok(Self { kind: Kind::Depolarize { p }, qubits: check_qubits(qubits)? })
    }

    /// Pauli words with these probabilities: digit k of an index in base 4 is the Pauli (I X Y Z) on target k.
    ///
    /// # Errors
    /// A length that is not 4^k with k in [1, 4], a probability outside [0, 1], a sum that is not 1 within 1e-9.
    pub fn pauli(probabilities: Vec<f64>) -> Result<Self, QuantumError> {
        let qubits = (probabilities.len().max(1).ilog2() / 2) as usize;
        if probabilities.len() != 1 << (2 * qubits) || qubits == 0 || qubits > MAX_NOISE_QUBITS {
            let range = format!("4^k numbers for k in [1, {MAX_NOISE_QUBITS}]");
            return Err(QuantumError::new(OBJECT, "probabilities", range, probabilities.len(), "one for every Pauli word"));
        }
        for (k, &p) in probabilities.iter().enumerate() {
            let name = format!("probabilities['{}']", pauli_word(k, qubits));
            QuantumError::probability(OBJECT, &name, p, "of this Pauli word")?;
        }
        let sum: f64 = probabilities.iter().sum();
        if (sum - 1.0).abs() > TOLERANCE {
            let value = format!("a sum of {}", number(sum));
            return Err(QuantumError::new(OBJECT, "probabilities", "numbers that sum to 1", value, "the identity included"));
        }
        Ok(Self { kind: Kind::Pauli { probabilities }, qubits })
    }

    /// Energy exchange with a bath, the generalized amplitude damping of Nielsen and Chuang, section 8.3.5: with weight
    /// 1 - `excited_population` |1> falls to |0> with probability `gamma`, with weight `excited_population` |0> rises to |1>.
    ///
    /// # Errors
    /// A parameter outside [0, 1].
    pub fn amplitude_damp(gamma: f64, excited_population: f64) -> Result<Self, QuantumError> {
        let gamma = QuantumError::probability(OBJECT, "gamma", gamma, "of a fall from |1> to |0> at temperature 0")?;
        let excited_population = check_excited(excited_population)?;
        Ok(Self { kind: Kind::AmplitudeDamp { gamma, excited_population }, qubits: 1 })
    }

    /// A memory for `time_s`: z relaxes towards 1 - 2 `excited_population` as e^(-t/T1), x and y shrink as e^(-t/T2). T2 is
    /// the total coherence time; both may be infinite.
    ///
    /// # Errors
    /// A time below 0 or not finite, T1 or T2 not above 0, T2 > 2 T1, a population outside [0, 1].
    pub fn thermal_relaxation(time_s: f64, t1_s: f64, t2_s: f64, excited_population: f64) -> Result<Self, QuantumError> {
        if !(time_s.is_finite() && time_s >= 0.0) {
            return Err(QuantumError::new(OBJECT, "time_s", "finite and >= 0", number(time_s), "seconds"));
        }
        for (name, value) in [("t1_s", t1_s), ("t2_s", t2_s)] {
            if value.is_nan() || value <= 0.0 {
                return Err(QuantumError::new(OBJECT, name, "> 0", number(value), "seconds; infinite for no decay"));
            }
        }
        if t2_s > 2.0 * t1_s * (1.0 + TOLERANCE) {
            let range = format!("<= 2 T1 = {}", number(2.0 * t1_s));
            return Err(QuantumError::new(OBJECT, "t2_s", range, number(t2_s), "relaxation alone takes coherence that fast"));
        }
        let excited_population = check_excited(excited_population)?;
        Ok(Self { kind: Kind::ThermalRelaxation { time_s, t1_s, t2_s, excited_population }, qubits: 1 })
    }

    /// A coherent error: rho -> U rho U^dagger, U row-major, the first target its least significant bit.
    ///
    /// # Errors
    /// A size that is not 2^k x 2^k with k in [1, 4], or a matrix that is not unitary within 1e-9.
    pub fn unitary(matrix: Vec<Complex64>) -> Result<Self, QuantumError> {
        let qubits = check_size("matrix", &matrix)?;
        check_complete("matrix", "unitary", std::slice::from_ref(&matrix), qubits, "Noise.kraus takes other maps")?;
        Ok(Self { kind: Kind::Unitary { matrix }, qubits })
    }

    /// Any channel: rho -> sum K rho K^dagger, matrices row-major, the first target the least significant bit.
    ///
    /// # Errors
    /// No matrix, one of another size, or sum K^dagger K that is not I within 1e-9.
    pub fn from_kraus(operators: Vec<Vec<Complex64>>) -> Result<Self, QuantumError> {
        let Some(first) = operators.first() else {
            return Err(QuantumError::new(OBJECT, "kraus", "at least one matrix", "none", "rho -> sum K rho K^dagger"));
        };
        let qubits = check_size("kraus[0]", first)?;
        for (k, operator) in operators.iter().enumerate() {
            if operator.len() != first.len() {
                let range = format!("as large as kraus[0], {} entries", first.len());
                let value = format!("{} entries", operator.len());
                return Err(QuantumError::new(OBJECT, format!("kraus[{k}]"), range, value, ""));
            }
        }
        check_complete("kraus", "complete", &operators, qubits, "sum K^dagger K = I: probabilities sum to 1")?;
        Ok(Self { kind: Kind::Kraus { operators }, qubits })
    }

    /// This noise, then `next` on the same qubits. Pauli channels stay Pauli channels; others become at most 4^k Kraus
    /// operators.
    ///
    /// # Errors
    /// Another number of qubits.
    pub fn then(&self, next: &Self) -> Result<Self, QuantumError> {
        if self.qubits != next.qubits {
            let range = format!("on {} qubit(s), as the first", self.qubits);
            return Err(QuantumError::new(OBJECT, "next", range, next.qubits, "in qubits"));
        }
        let kind = if self.named_pauli() && next.named_pauli() {
            let (a, b) = (twirl(self), twirl(next));
            // Phases aside Pauli words multiply by XOR of their digits.
            let probabilities = (0..a.len()).map(|k| (0..a.len()).map(|j| a[j] * b[j ^ k]).sum()).collect();
            Kind::Pauli { probabilities }
        } else {
            Kind::Kraus { operators: noise_kraus::product(&self.kraus(), &next.kraus(), 1 << self.qubits) }
        };
        Ok(Self { kind, qubits: self.qubits })
    }

    pub fn qubits(&self) -> usize {
        self.qubits
    }

    pub fn kind(&self) -> &Kind {
        &self.kind
    }

    /// Kraus operators, row-major 2^k x 2^k, the first target the least significant bit: rho -> sum K rho K^dagger. At most
    /// 4^k, none of them zero.
    pub fn kraus(&self) -> Vec<Vec<Complex64>> {
        noise_kraus::operators(self)
    }

    /// The probabilities of the 4^k Pauli words after a random Pauli before and the same after the noise: Tr(P K)/2^k,
    /// squared and summed over K. Digit k of an index in base 4 is the Pauli (I X Y Z) on target k. Exact for a Pauli channel.
    pub fn pauli_twirl(&self) -> Vec<f64> {
        twirl(self)
    }

    /// The Pauli channel of [`Self::pauli_twirl`]: what remains of this noise under a twirl, and no more.
    #[must_use]
    pub fn twirled(&self) -> Self {
        Self { kind: Kind::Pauli { probabilities: twirl(self) }, qubits: self.qubits }
    }

    /// Whether this is a Pauli channel, so that its twirl is the noise itself (within 1e-12).
    pub fn is_pauli(&self) -> bool {
        is_pauli(self)
    }

    /// A Pauli channel by its kind, without looking at matrices.
    pub(crate) fn named_pauli(&self) -> bool {
        matches!(self.kind, Kind::Dephase { .. } | Kind::BitFlip { .. } | Kind::Depolarize { .. } | Kind::Pauli { .. })
    }
}

/// e^(-t/T), and 1 - e^(-t/T) without cancellation; an infinite T decays nothing.
pub(crate) fn decay(time: f64, constant: f64) -> (f64, f64) {
    let x = if constant.is_infinite() { 0.0 } else { time / constant };
    (math::exp(-x), -math::exp_m1(-x))
}

fn check_qubits(qubits: usize) -> Result<usize, QuantumError> {
    if (1..=MAX_NOISE_QUBITS).contains(&qubits) {
        return Ok(qubits);
    }
    let range = format!("an integer in [1, {MAX_NOISE_QUBITS}]");
    Err(QuantumError::new(OBJECT, "qubits", range, qubits, "larger noise: DensityMatrix.depolarize"))
}

fn check_excited(population: f64) -> Result<f64, QuantumError> {
    QuantumError::probability(OBJECT, "excited_population", population, "of |1> in equilibrium; 0 at temperature 0")
}

fn check_size(parameter: &str, matrix: &[Complex64]) -> Result<usize, QuantumError> {
    let qubits = (matrix.len().max(1).ilog2() / 2) as usize;
    if (1..=MAX_NOISE_QUBITS).contains(&qubits) && matrix.len() == 1 << (2 * qubits) {
        return Ok(qubits);
    }
    let range = format!("2^k x 2^k for k in [1, {MAX_NOISE_QUBITS}]");
    Err(QuantumError::new(OBJECT, parameter, range, format!("{} entries", matrix.len()), "k qubits"))
}

fn check_complete(
    parameter: &str,
    range: &str,
    operators: &[Vec<Complex64>],
    qubits: usize,
    hint: &'static str,
) -> Result<(), QuantumError> {
    let dimension = 1 << qubits;
    let mut gram = vec![ZERO; dimension * dimension];
    for operator in operators {
        add_gram(&mut gram, operator, dimension);
    }
    let distance = distance_to_identity(&gram, dimension);
    if distance <= TOLERANCE {
        return Ok(());
    }
    let value = format!("an entry of sum K^dagger K - I of size {}", number(distance));
    Err(QuantumError::new(OBJECT, parameter, range, value, hint))
}

impl fmt::Display for Noise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Dephase { p } => write!(f, "dephase(p={})", number(*p)),
            Kind::BitFlip { p } => write!(f, "bit_flip(p={})", number(*p)),
            Kind::Depolarize { p } if self.qubits == 1 => write!(f, "depolarize(p={})", number(*p)),
            Kind::Depolarize { p } => write!(f, "depolarize(p={}, qubits={})", number(*p), self.qubits),
            Kind::Pauli { probabilities } => {
                let words = probabilities.iter().enumerate().filter(|(_, p)| **p > 0.0);
                let words: Vec<_> =
                    words.map(|(k, p)| format!("'{}': {}", pauli_word(k, self.qubits), number(*p))).take(5).collect();
                let more = if words.len() == 5 { ", ..." } else { "" };
                write!(f, "pauli({{{}{more}}})", words[..words.len().min(4)].join(", "))
            }
            Kind::AmplitudeDamp { gamma, excited_population: 0.0 } => write!(f, "amplitude_damp(gamma={})", number(*gamma)),
            Kind::AmplitudeDamp { gamma, excited_population } => {
                let (gamma, excited) = (number(*gamma), number(*excited_population));
                write!(f, "amplitude_damp(gamma={gamma}, excited_population={excited})")
            }
            Kind::ThermalRelaxation { time_s, t1_s, t2_s, excited_population } => {
                let (time, t1, t2) = (number(*time_s), number(*t1_s), number(*t2_s));
                write!(f, "thermal_relaxation(time_s={time}, t1_s={t1}, t2_s={t2}")?;
                if *excited_population > 0.0 {
                    write!(f, ", excited_population={}", number(*excited_population))?;
                }
                write!(f, ")")
            }
            Kind::Unitary { .. } => write!(f, "unitary on {} qubit(s)", self.qubits),
            Kind::Kraus { operators } => write!(f, "{} Kraus operators on {} qubit(s)", operators.len(), self.qubits),
        }
    }
}
