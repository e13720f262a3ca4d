//! Distillation of general pairs: two in, one out, in Pauli coefficients.

use crate::bell::{BellDiagonal, Distillation};
use crate::pair::PairState;

/// Where a Pauli on (kept, measured) came from before the CNOT kept -> measured, for I or Z on the measured qubit:
/// `CNOT_ORIGIN[kept][z]` = (sign, kept before, measured before), indices in the order I X Y Z.
const CNOT_ORIGIN: [[(f64, usize, usize); 2]; 4] =
    [[(1.0, 0, 0), (1.0, 3, 3)], [(1.0, 1, 1), (-1.0, 2, 2)], [(1.0, 2, 1), (1.0, 1, 2)], [(1.0, 3, 0), (1.0, 0, 3)]];

impl PairState {
    /// Two pairs into one: the probability that the two measured bits agree, and the pair kept then.
    ///
    /// The general form of [`BellDiagonal::distill`]: bilateral CNOTs from `self` to `other`, whose halves are measured; the
    /// two agreeing results are not told apart. Their projector is (II + ZZ)/2, so only I and Z on both measured qubits
    /// contribute. With probability 0 there is no pair to give: I/4.
    pub fn distill(&self, other: &Self, protocol: Distillation) -> (f64, Self) {
        let prepare = |pair: &Self| match protocol {
            Distillation::Dejmps => pair.rotated_for_dejmps(),
            Distillation::Bbpssw => Self::from_weights(BellDiagonal::werner_of(pair.fidelity()).weights()),
        };
        let (kept, measured) = (prepare(self), prepare(other));
        let (kept, measured) = (kept.coefficients(), measured.coefficients());
        let mut r = [0.0; 16];
        for (left, left_origin) in CNOT_ORIGIN.iter().enumerate() {
            for (right, right_origin) in CNOT_ORIGIN.iter().enumerate() {
                for ((s, a, a2), (t, b, b2)) in left_origin.iter().zip(right_origin) {
                    r[4 * left + right] += 0.5 * s * t * kept[4 * a + b] * measured[4 * a2 + b2];
                }
            }
        }
        let probability = r[0];
        if probability > 0.0 { (probability, Self::from_coefficients(r.map(|x| x / probability))) } else { (0.0, Self::MIXED) }
    }

    /// Rotations about X by pi/2 on the left half, -pi/2 on the right: (y, z) -> (-z, y) and (y, z) -> (z, -y).
    fn rotated_for_dejmps(&self) -> Self {
        const LEFT: [(f64, usize); 4] = [(1.0, 0), (1.0, 1), (-1.0, 3), (1.0, 2)];
        const RIGHT: [(f64, usize); 4] = [(1.0, 0), (1.0, 1), (1.0, 3), (-1.0, 2)];
        let old = self.coefficients();
        Self::from_coefficients(std::array::from_fn(|k| {
            let ((s, a), (t, b)) = (LEFT[k >> 2], RIGHT[k & 3]);
            s * t * old[4 * a + b]
        }))
    }
}
