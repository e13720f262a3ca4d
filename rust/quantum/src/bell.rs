//! Bell-diagonal pairs as users see them: validated weights, swap, noise, distillation.

use crate::correlations::Correlations;
use crate::error::{QuantumError, number};
use crate::pair::PairState;

pub(crate) const OBJECT: &str = "BellDiagonal";
/// Largest error of a sum of weights that rounding explains.
pub(crate) const WEIGHT_TOLERANCE: f64 = 1e-9;
const NOISE_HINT: &str = "the weight of the noise, 0 for none";

/// A mixture of the Bell states with weights of (Phi+, Phi-, Psi+, Psi-).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BellDiagonal {
    weights: [f64; 4],
}

/// Two-to-one distillation by bilateral CNOTs and one measured pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Distillation {
    /// Deutsch et al. 1996, doi:10.1103/PhysRevLett.77.2818; never twirls.
    #[default]
    Dejmps,
    /// Bennett et al. 1996, doi:10.1103/PhysRevLett.76.722; first twirls both inputs to Werner.
    Bbpssw,
}

impl BellDiagonal {
    pub const PHI_PLUS: Self = Self { weights: [1.0, 0.0, 0.0, 0.0] };

    /// The mixture with these weights of (Phi+, Phi-, Psi+, Psi-).
    ///
    /// # Errors
    /// A weight outside [0, 1], or a sum that is not 1 within 1e-9.
    pub fn new(weights: [f64; 4]) -> Result<Self, QuantumError> {
        for (k, &w) in weights.iter().enumerate() {
            // Rounding may lift a weight above 1 as it may the sum.
            let judged = if w > 1.0 && w <= 1.0 + WEIGHT_TOLERANCE { 1.0 } else { w };
            QuantumError::probability(OBJECT, &format!("weights[{k}]"), judged, "weights of (Phi+, Phi-, Psi+, Psi-)")?;
        }
        let sum: f64 = weights.iter().sum();
        if (sum - 1.0).abs() > WEIGHT_TOLERANCE {
            let value = format!("a sum of {}", number(sum));
            return Err(QuantumError::new(OBJECT, "weights", "four weights that sum to 1", value, "divide them by their sum"));
        }
        Ok(Self { weights })
    }

    /// The Werner state of this fidelity: equal weights of the other three.
    ///
    /// # Errors
    /// A fidelity outside [0, 1].
    pub fn werner(fidelity: f64) -> Result<Self, QuantumError> {
        let f = QuantumError::probability(OBJECT, "fidelity", fidelity, "0.25 is white noise, 1 is Phi+")?;
        Ok(Self::werner_of(f))
    }

    /// From weights an operation of this crate made.
    pub(crate) const fn from_weights(weights: [f64; 4]) -> Self {
        Self { weights }
    }

    pub(crate) fn werner_of(f: f64) -> Self {
        let rest = (1.0 - f) / 3.0;
        Self { weights: [f, rest, rest, rest] }
    }

    /// From correlations inside the tetrahedron; rounding below zero is lifted to zero.
    pub fn from_correlations(t: Correlations) -> Self {
        Self { weights: t.weights().map(|w| w.max(0.0)) }
    }

    pub fn correlations(&self) -> Correlations {
        Correlations::from_weights(self.weights)
    }

    pub fn weights(&self) -> [f64; 4] {
        self.weights
    }

    /// The weight of Phi+.
    pub fn fidelity(&self) -> f64 {
        self.weights[0]
    }

    /// w(Phi-) + w(Psi-).
    pub fn qber_x(&self) -> f64 {
        self.weights[1] + self.weights[3]
    }

    /// w(Phi-) + w(Psi+): the share of results that are equal when both ends measure Y, where Phi+ gives none.
    pub fn qber_y(&self) -> f64 {
        self.weights[1] + self.weights[2]
    }

    /// w(Psi+) + w(Psi-).
    pub fn qber_z(&self) -> f64 {
        self.weights[2] + self.weights[3]
    }

    /// From any two-qubit state by its Bell weights <B|rho|B>; `twirl` accepts one that is not Bell-diagonal and drops the
    /// rest, as a random Pauli on both ends would.
    ///
    /// # Errors
    /// Without `twirl`, a state with an entry above 1e-9 outside the Bell diagonal.
    pub fn from_pair(pair: &PairState, twirl: bool) -> Result<Self, QuantumError> {
        let diagonal = PairState::from(pair.correlations());
        let rest = pair.coefficients().iter().zip(diagonal.coefficients()).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        if !twirl && (rest.is_nan() || rest > WEIGHT_TOLERANCE) {
            return Err(QuantumError::unsupported(
                OBJECT,
                "rho",
                "Bell-diagonal",
                format!("a Pauli expectation of {} outside XX, YY, ZZ", number(rest)),
                "keep the density matrix, or drop the rest by twirl=True",
            ));
        }
        Ok(Self::from_correlations(pair.correlations()))
    }

    /// The Werner state of the same fidelity: what a random rotation U (x) U* leaves.
    #[must_use]
    pub fn to_werner(&self) -> Self {
        Self::werner_of(self.weights[0])
    }

    /// Ideal Bell measurement on the inner qubits, corrected: weights convolve over {I, Z, X, Y}.
    #[must_use]
    pub fn swap(&self, right: &Self) -> Self {
        // Sums of products of weights: no cancellation, so small weights keep their digits.
        let (a, b) = (&self.weights, &right.weights);
        Self { weights: std::array::from_fn(|k| (0..4).map(|j| a[j] * b[j ^ k]).sum()) }
    }

    /// w -> (1-p) w + p/4 on the pair.
    ///
    /// # Errors
    /// `p` outside [0, 1].
    pub fn depolarize(&self, p: f64) -> Result<Self, QuantumError> {
        let p = QuantumError::probability(OBJECT, "p", p, NOISE_HINT)?;
        Ok(Self { weights: self.weights.map(|w| (1.0 - p) * w + 0.25 * p) })
    }

    /// rho -> (1-p) rho + p Tr_q(rho) (x) I/2 on one half q: for a Bell-diagonal pair the same map as [`Self::depolarize`],
    /// because either half alone is already I/2.
    ///
    /// # Errors
    /// `p` outside [0, 1].
    pub fn depolarize_qubit(&self, p: f64) -> Result<Self, QuantumError> {
        self.depolarize(p)
    }

    /// rho -> (1-p) rho + p Z rho Z on either half: exchanges Phi+ with Phi-, Psi+ with Psi-.
    ///
    /// # Errors
    /// `p` outside [0, 1].
    pub fn dephase(&self, p: f64) -> Result<Self, QuantumError> {
        let p = QuantumError::probability(OBJECT, "p", p, "of a phase flip; 0.5 leaves no coherence")?;
        let w = &self.weights;
        Ok(Self { weights: std::array::from_fn(|k| (1.0 - p) * w[k] + p * w[k ^ 1]) })
    }

    /// Two pairs into one: the probability that the two measured bits agree, and the pair kept then.
    ///
    /// The kept pair is `self`, `other` is measured. Bilateral CNOTs send the amplitude bit (Phi or Psi) of the kept pair
    /// to the measured one and its phase bit (+ or -) back; equal results mean equal amplitude bits. DEJMPS first rotates
    /// by pi/2 about X on both ends, which exchanges Phi- and Psi-. With probability 0 there is no pair to give: I/4.
    pub fn distill(&self, other: &Self, protocol: Distillation) -> (f64, Self) {
        let prepare = |pair: &Self| match protocol {
            Distillation::Dejmps => [pair.weights[0], pair.weights[3], pair.weights[2], pair.weights[1]],
            Distillation::Bbpssw => Self::werner_of(pair.weights[0]).weights,
        };
        let (a, b) = (prepare(self), prepare(other));
        let kept = [a[0] * b[0] + a[1] * b[1], a[0] * b[1] + a[1] * b[0], a[2] * b[2] + a[3] * b[3], a[2] * b[3] + a[3] * b[2]];
        let probability: f64 = kept.iter().sum();
        if probability > 0.0 {
            (probability, Self { weights: kept.map(|w| w / probability) })
        } else {
            (0.0, Self { weights: [0.25; 4] })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_pair() -> impl Strategy<Value = BellDiagonal> {
        prop::array::uniform4(1e-3..1.0f64).prop_map(|w| {
            let sum: f64 = w.iter().sum();
            BellDiagonal::new(w.map(|x| x / sum)).unwrap()
        })
    }

    fn close(a: f64, b: f64, tolerance: f64) {
        assert!((a - b).abs() <= tolerance, "{a} against {b}");
    }

    #[test]
    fn ten_werner_links_swapped() {
        let link = BellDiagonal::werner(0.99).unwrap();
        let chain = (1..10).fold(link, |chain, _| chain.swap(&link));
        close(chain.fidelity(), 0.9057915657, 5e-11);
        let fast = (1..10).fold(link.correlations(), |chain, _| chain.swap(link.correlations()));
        close(fast.fidelity(), chain.fidelity(), 1e-15);
    }

    #[test]
    fn distillation_rounds() {
        let pair = BellDiagonal::werner(0.75).unwrap();
        let (p, better) = pair.distill(&pair, Distillation::Bbpssw);
        close(p, 0.7222222222, 5e-11);
        close(better.fidelity(), 0.7884615385, 5e-11);
        let (_, first) = pair.distill(&pair, Distillation::Dejmps);
        close(first.fidelity(), 0.7884615385, 5e-11);
        let (_, second) = first.distill(&first, Distillation::Dejmps);
        close(second.fidelity(), 0.9023605150, 5e-11);
    }

    #[test]
    fn noisy_swap_of_the_reference_table() {
        // Depolarizing the two inner qubits together after the CX is depolarizing the swapped pair.
        let link = BellDiagonal::werner(0.95).unwrap().depolarize_qubit(0.02).unwrap().depolarize_qubit(0.02).unwrap();
        close(link.swap(&link).depolarize(0.01).unwrap().fidelity(), 0.846587725888, 5e-13);
    }

    #[test]
    fn complaints_name_what_is_wrong() {
        let error = BellDiagonal::new([0.5, 0.5, 0.5, -0.5]).unwrap_err().to_string();
        assert_eq!(
            error,
            "BellDiagonal: weights[3] must be a probability in [0, 1], got -0.5 (weights of (Phi+, Phi-, Psi+, Psi-))"
        );
        assert!(BellDiagonal::new([0.5; 4]).unwrap_err().to_string().contains("a sum of 2"));
        assert!(BellDiagonal::werner(f64::NAN).is_err());
        assert!(BellDiagonal::werner(0.9).unwrap().dephase(-0.1).is_err());
    }

    #[test]
    fn two_pairs_that_never_agree_give_no_pair() {
        let psi = BellDiagonal::new([0.0, 0.0, 1.0, 0.0]).unwrap();
        assert_eq!(BellDiagonal::PHI_PLUS.distill(&psi, Distillation::Dejmps).0, 0.0);
    }

    proptest! {
        #[test]
        fn weights_and_correlations_are_one_thing(a in any_pair(), b in any_pair(), p in 0.0..1.0f64) {
            let both = [
                (a.swap(&b), a.correlations().swap(b.correlations())),
                (a.depolarize(p).unwrap(), a.correlations().scale(1.0 - p)),
                (a.dephase(p).unwrap(), a.correlations().dephase_factor(1.0 - 2.0 * p)),
            ];
            for (slow, fast) in both {
                for (x, y) in slow.weights().iter().zip(fast.weights()) {
                    close(*x, y, 1e-15);
                }
                close(slow.qber_x(), fast.qber_x(), 1e-15);
                close(slow.qber_z(), fast.qber_z(), 1e-15);
            }
        }
    }
}
