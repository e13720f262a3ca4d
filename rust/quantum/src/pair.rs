//! Any two-qubit state, as sixteen real Pauli coefficients.
//!
//! r[4a + b] = Tr(rho sigma_a (x) sigma_b) with a on the left qubit, b on the right, in the order I, X, Y, Z. In this
//! basis every operation of a repeater is a handful of real products:
//!
//! ```text
//!               right: I   X   Y   Z
//!     left: I        [ 1   .   .   . ]   <- the right qubit alone (its Bloch vector)
//!           X        [ .   xx  .   . ]
//!           Y        [ .   .   yy  . ]   the diagonal is the Bell-diagonal part
//!           Z        [ .   .   .   zz]
//!                      ^ the left qubit alone
//! ```

use num_complex::Complex64;

use crate::correlations::Correlations;
use crate::pauli::{Pauli, Side};

/// The state of a pair; trace 1 and hermiticity are built in, positivity is kept by every operation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairState {
    r: [f64; 16],
}

/// Signs of <II>, <XX>, <YY>, <ZZ> in Phi+, Phi-, Psi+, Psi-.
const BELL_SIGNS: [[f64; 4]; 4] = [[1.0, 1.0, -1.0, 1.0], [1.0, -1.0, 1.0, 1.0], [1.0, 1.0, 1.0, -1.0], [1.0, -1.0, -1.0, -1.0]];

/// sigma|k> = amplitude |k ^ flip>: the two amplitudes and the flip of each Pauli.
const PAULI_ACTION: [([Complex64; 2], usize); 4] = {
    const ONE: Complex64 = Complex64::new(1.0, 0.0);
    const MINUS: Complex64 = Complex64::new(-1.0, 0.0);
    const I: Complex64 = Complex64::new(0.0, 1.0);
    const MINUS_I: Complex64 = Complex64::new(0.0, -1.0);
    [([ONE, ONE], 0), ([ONE, ONE], 1), ([I, MINUS_I], 1), ([ONE, MINUS], 0)]
};

impl PairState {
    pub const PHI_PLUS: Self = Self { r: [1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, 0.0, 1.0] };
    /// White noise, I/4.
    pub const MIXED: Self = Self { r: [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0] };

    /// From Pauli coefficients with r[0] = 1; the caller vouches for positivity.
    pub const fn from_coefficients(r: [f64; 16]) -> Self {
        Self { r }
    }

    pub const fn coefficients(&self) -> &[f64; 16] {
        &self.r
    }

    /// The Bell-diagonal state with weights of (Phi+, Phi-, Psi+, Psi-).
    pub fn from_weights(weights: [f64; 4]) -> Self {
        Self::from(Correlations::from_weights(weights))
    }

    /// From a 4 x 4 density matrix, row-major; the left qubit is qubit 0, the least significant bit of an index.
    /// What is not Hermitian in it is dropped; its trace must be 1 and is not judged here.
    pub fn from_matrix(matrix: &[[Complex64; 4]; 4]) -> Self {
        let mut r = [0.0; 16];
        for (a, (left, left_flip)) in PAULI_ACTION.iter().enumerate() {
            for (b, (right, right_flip)) in PAULI_ACTION.iter().enumerate() {
                let flip = left_flip + 2 * right_flip;
                // Tr(rho P) = sum_k <k| rho P |k> = sum_k rho[k][k ^ flip] * amplitude of P|k>.
                let trace: Complex64 = (0..4).map(|k| matrix[k][k ^ flip] * left[k & 1] * right[k >> 1]).sum();
                r[4 * a + b] = trace.re;
            }
        }
        Self { r }
    }

    /// The 4 x 4 density matrix, row-major; index = left + 2 right (qubit 0 is the left one, least significant).
    pub fn to_matrix(&self) -> [[Complex64; 4]; 4] {
        let mut matrix = [[Complex64::new(0.0, 0.0); 4]; 4];
        for (a, (left, left_flip)) in PAULI_ACTION.iter().enumerate() {
            for (b, (right, right_flip)) in PAULI_ACTION.iter().enumerate() {
                let flip = left_flip + 2 * right_flip;
                for k in 0..4 {
                    matrix[k ^ flip][k] += left[k & 1] * right[k >> 1] * (0.25 * self.r[4 * a + b]);
                }
            }
        }
        matrix
    }

    /// The same pair seen from the other end: left and right change places.
    #[must_use]
    pub fn flipped(&self) -> Self {
        let mut r = [0.0; 16];
        for (k, value) in r.iter_mut().enumerate() {
            *value = self.r[4 * (k % 4) + k / 4];
        }
        Self { r }
    }

    /// The Bell-diagonal part: what remains after a random Pauli on both ends (Pauli twirl).
    #[inline]
    pub fn correlations(&self) -> Correlations {
        Correlations { x: self.r[5], y: -self.r[10], z: self.r[15] }
    }

    /// Weights of (Phi+, Phi-, Psi+, Psi-).
    pub fn bell_weights(&self) -> [f64; 4] {
        self.correlations().weights()
    }

    /// The weight of Phi+, <Phi+|rho|Phi+>.
    #[inline]
    pub fn fidelity(&self) -> f64 {
        self.correlations().fidelity()
    }

    /// Probability of different results when both ends measure X.
    #[inline]
    pub fn qber_x(&self) -> f64 {
        self.correlations().qber_x()
    }

    /// Probability of different results when both ends measure Z.
    #[inline]
    pub fn qber_z(&self) -> f64 {
        self.correlations().qber_z()
    }

    /// Multiplies the coefficients by the index of one half's Pauli.
    #[inline]
    fn scale_side(&mut self, side: Side, factors: [f64; 4]) {
        for (k, r) in self.r.iter_mut().enumerate() {
            *r *= factors[match side {
                Side::Left => k >> 2,
                Side::Right => k & 3,
            }];
        }
    }

    /// Memory of one half: z relaxes towards |0> with `population` = e^(-t/T1), x and y shrink by `coherence` = e^(-t/T2).
    #[inline]
    pub fn relax(&mut self, side: Side, population: f64, coherence: f64) {
        self.scale_side(side, [1.0, coherence, coherence, population]);
        let pumped = 1.0 - population;
        for k in 0..4 {
            let (ground, z) = match side {
                Side::Left => (k, 12 + k),
                Side::Right => (4 * k, 4 * k + 3),
            };
            self.r[z] += pumped * self.r[ground];
        }
    }

    /// rho -> keep rho + (1 - keep) Tr_side(rho) (x) I/2.
    #[inline]
    pub fn depolarize_qubit(&mut self, side: Side, keep: f64) {
        self.scale_side(side, [1.0, keep, keep, keep]);
    }

    /// Dephasing of one half, whose coherence shrinks by `factor`.
    #[inline]
    pub fn dephase_factor(&mut self, side: Side, factor: f64) {
        self.scale_side(side, [1.0, factor, factor, 1.0]);
    }

    /// rho -> v rho + (1-v) I/4.
    #[inline]
    #[must_use]
    pub fn depolarize_pair(mut self, v: f64) -> Self {
        for r in &mut self.r[1..] {
            *r *= v;
        }
        self
    }

    /// Applies a Pauli operator to one half.
    #[inline]
    pub fn apply_pauli(&mut self, side: Side, pauli: Pauli) {
        self.scale_side(side, Pauli::ALL.map(|other| pauli.sign(other)));
    }

    /// Ideal Bell measurement on the right qubit of `left` and the left qubit of `right`, with the result `outcome`: 0 to 3
    /// for Phi+, Phi-, Psi+, Psi-. Returns its probability and the pair of the outer qubits, not yet corrected (the
    /// correction is [`Self::correction`], on the right-hand qubit). An impossible outcome comes with I/4.
    ///
    /// The projector is 1/4 sum_b s(b) sigma_b (x) sigma_b, so out[ad] = 1/4 sum_b s(b) left[ab] right[bd].
    pub fn swap(left: &Self, right: &Self, outcome: usize) -> (f64, Self) {
        let signs = &BELL_SIGNS[outcome & 3];
        let mut r = [0.0; 16];
        for a in 0..4 {
            for (b, sign) in signs.iter().enumerate() {
                let weight = 0.25 * sign * left.r[4 * a + b];
                for d in 0..4 {
                    r[4 * a + d] += weight * right.r[4 * b + d];
                }
            }
        }
        let probability = r[0];
        if probability > 0.0 { (probability, Self { r: r.map(|x| x / probability) }) } else { (0.0, Self::MIXED) }
    }

    /// The same, averaged over the four outcomes after each one's correction on the right-hand qubit.
    ///
    /// Outcome k contributes e_k(b) e_k(d) with the signs of its correction, and sum_k e_k(b) e_k(d) = 4 delta_bd, so
    /// out[ad] = s(d) left[ad] right[dd]: the right pair acts as a Pauli channel on the right qubit of `left`.
    #[inline]
    #[must_use]
    pub fn swap_average(left: &Self, right: &Self) -> Self {
        let mut out = *left;
        out.scale_side(Side::Right, [1.0, right.r[5], -right.r[10], right.r[15]]);
        out
    }

    /// The Pauli on the right-hand qubit that turns the Bell state of index `outcome` into Phi+.
    pub const fn correction(outcome: usize) -> Pauli {
        [Pauli::I, Pauli::Z, Pauli::X, Pauli::Y][outcome & 3]
    }
}

impl From<Correlations> for PairState {
    fn from(t: Correlations) -> Self {
        let mut r = [0.0; 16];
        (r[0], r[5], r[10], r[15]) = (1.0, t.x, -t.y, t.z);
        Self { r }
    }
}
