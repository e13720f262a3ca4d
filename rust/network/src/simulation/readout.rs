//! Measuring one half of a pair: what the formalisms need for it.
//!
//! Bell-diagonal pairs keep no collapsed state. They need none: the first result is a fair coin, the second agrees with it
//! as the correlation of that basis says if the bases are alike, and is another fair coin if not. All noise is Pauli
//! noise, so it does not matter which half it acts on, or when.

use ebit_quantum::{PairState, Pauli};

use crate::formalism::{BellDiagonal, DensityMatrix, Exponents, Formalism};
use crate::registry::LEFT;

/// A basis is a Pauli other than I; a result is true for its eigenvalue -1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    pub basis: Pauli,
    /// What the qubit gave.
    pub bit: bool,
    /// What the detector says: readout errors included.
    pub shown: bool,
    /// Who waits for it, while news about the pair is under way; 0: nobody.
    pub operation: u64,
}

pub trait Readout: Formalism {
    /// Measures the half on `side`; `other` is what the other half has already given; `u` is uniform in [0, 1).
    fn measure(&self, state: &mut Self::State, side: usize, basis: Pauli, other: Option<Reading>, u: f64) -> bool;
}

impl Readout for BellDiagonal {
    fn measure(&self, state: &mut Exponents, _side: usize, basis: Pauli, other: Option<Reading>, u: f64) -> bool {
        let Some(other) = other.filter(|o| o.basis == basis) else { return u < 0.5 };
        let differ = self.disagreement(state, basis);
        other.bit ^ (u < differ)
    }
}

impl BellDiagonal {
    /// Probability that both halves measured in one basis give different results: (1 - <PP>)/2.
    fn disagreement(&self, state: &Exponents, basis: Pauli) -> f64 {
        let [fidelity, qber_x, qber_z] = self.read(state);
        match basis {
            Pauli::X => qber_x,
            Pauli::Z => qber_z,
            // YY is -1 for Phi+ and Psi-; w(Psi-) = qber_x + qber_z - (1 - fidelity).
            _ => 2.0 * fidelity + qber_x + qber_z - 1.0,
        }
    }
}

impl Readout for DensityMatrix {
    fn measure(&self, state: &mut PairState, side: usize, basis: Pauli, _other: Option<Reading>, u: f64) -> bool {
        let index = |own: usize, rest: usize| if side == LEFT { 4 * own + rest } else { 4 * rest + own };
        let r = *state.coefficients();
        let own = basis as usize;
        let bit = u >= 0.5 * (1.0 + r[index(own, 0)]);
        let sign = if bit { -1.0 } else { 1.0 };
        let probability = 0.5 * (1.0 + sign * r[index(own, 0)]);
        let mut after = [0.0; 16];
        for rest in 0..4 {
            // P rho P for P = (1 + sign sigma)/2 keeps I and sigma on this qubit, alike up to the sign.
            let kept = 0.5 * (r[index(0, rest)] + sign * r[index(own, rest)]) / probability.max(f64::MIN_POSITIVE);
            after[index(0, rest)] = kept;
            after[index(own, rest)] = sign * kept;
        }
        *state = PairState::from_coefficients(after);
        bit
    }
}
