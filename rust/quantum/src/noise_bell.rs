//! What noise on one half or both does to the weights of a Bell-diagonal pair.

use num_complex::Complex64;

use crate::bell::{BellDiagonal, OBJECT};
use crate::error::QuantumError;
use crate::noise::Noise;
use crate::operator::{ONE, ZERO};

/// Largest weight outside the diagonal that rounding explains.
const TOLERANCE: f64 = 1e-12;
/// The flip of the Bell index that I, X, Y, Z on either half make: Phi+ becomes Phi+, Psi+, Psi-, Phi-.
pub(crate) const FLIP: [usize; 4] = [0, 2, 3, 1];

/// The halves of a pair a noise acts on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Halves {
    Left,
    Right,
    /// A one-qubit noise on each, independently; a two-qubit noise on (left, right).
    Both,
}

/// Column k: the new weights of (Phi+, Phi-, Psi+, Psi-) when the pair was Bell state k.
pub type BellAction = [[f64; 4]; 4];

impl Noise {
    /// How this noise moves Bell weights: new = action * old. For a Pauli channel on one half a convolution over
    /// {I, Z, X, Y}, the same for either half.
    ///
    /// # Errors
    /// A number of qubits that does not fit the halves, or a noise after which the pair would not be Bell-diagonal
    /// (amplitude damping): use a density matrix, or twirl it first.
    pub fn bell_action(&self, halves: Halves) -> Result<BellAction, QuantumError> {
        let fits = match halves {
            Halves::Both => self.qubits() <= 2,
            Halves::Left | Halves::Right => self.qubits() == 1,
        };
        if !fits {
            let range = if halves == Halves::Both { "on one or two qubits" } else { "on one qubit, as one half is" };
            return Err(QuantumError::new(OBJECT, "noise", range, self.qubits(), "in qubits"));
        }
        if self.is_pauli() {
            return Ok(convolution(flips(&self.pauli_twirl(), halves)));
        }
        self.action_by_kraus(halves).ok_or_else(|| {
            QuantumError::unsupported(
                OBJECT,
                "noise",
                "one that keeps the pair Bell-diagonal",
                self,
                "follow it exactly from to_density_matrix(), or approximate it by its Pauli twirl: noise.twirled()",
            )
        })
    }

    /// The action of a noise that is no Pauli channel, if it has one: H on both halves has, amplitude damping has not.
    fn action_by_kraus(&self, halves: Halves) -> Option<BellAction> {
        let own = self.kraus();
        let identity = vec![vec![ONE, ZERO, ZERO, ONE]];
        let both: Vec<Vec<Complex64>> = match (self.qubits(), halves) {
            (2, _) => own,
            (_, Halves::Left) => tensor(&own, &identity),
            (_, Halves::Right) => tensor(&identity, &own),
            (_, Halves::Both) => tensor(&own, &own),
        };
        let mut columns = [[0.0; 4]; 4];
        for (from, column) in columns.iter_mut().enumerate() {
            let mut rho = [[ZERO; 4]; 4];
            for operator in &both {
                let out = image(operator, from);
                for (row, a) in rho.iter_mut().zip(&out) {
                    row.iter_mut().zip(&out).for_each(|(x, b)| *x += a * b.conj());
                }
            }
            for (i, row) in rho.iter().enumerate() {
                for (j, x) in row.iter().enumerate() {
                    if i == j {
                        column[i] = x.re;
                    } else if x.norm_sqr() > TOLERANCE * TOLERANCE {
                        return None;
                    }
                }
            }
        }
        Some(std::array::from_fn(|to| columns.map(|column| column[to])))
    }
}

/// Probabilities of the four flips of the Bell index.
fn flips(words: &[f64], halves: Halves) -> [f64; 4] {
    let mut out = [0.0; 4];
    if words.len() == 16 {
        for (word, p) in words.iter().enumerate() {
            out[FLIP[word & 3] ^ FLIP[word >> 2]] += p;
        }
        return out;
    }
    for (word, p) in words.iter().enumerate() {
        out[FLIP[word & 3]] += p;
    }
    if halves == Halves::Both { std::array::from_fn(|k| (0..4).map(|j| out[j] * out[j ^ k]).sum()) } else { out }
}

fn convolution(flips: [f64; 4]) -> BellAction {
    std::array::from_fn(|to| std::array::from_fn(|from| flips[to ^ from]))
}

/// Every left (x) right, the left qubit least significant.
fn tensor(left: &[Vec<Complex64>], right: &[Vec<Complex64>]) -> Vec<Vec<Complex64>> {
    let one = |l: &[Complex64], r: &[Complex64]| {
        let entry = |k: usize| {
            let (row, column) = (k / 4, k % 4);
            l[2 * (row & 1) + (column & 1)] * r[2 * (row >> 1) + (column >> 1)]
        };
        (0..16).map(entry).collect()
    };
    left.iter().flat_map(|l| right.iter().map(move |r| one(l, r))).collect()
}

/// Amplitudes of Phi+, Phi-, Psi+, Psi- in K |Bell state `from`>.
fn image(operator: &[Complex64], from: usize) -> [Complex64; 4] {
    // Each Bell state is (|a> +- |b>)/sqrt 2 with index left + 2 right.
    const STATES: [(usize, usize, f64); 4] = [(0, 3, 1.0), (0, 3, -1.0), (2, 1, 1.0), (2, 1, -1.0)];
    let (a, b, sign) = STATES[from];
    let out: [Complex64; 4] = std::array::from_fn(|row| operator[4 * row + a] + operator[4 * row + b] * sign);
    STATES.map(|(c, d, sign)| (out[c] + out[d] * sign) * 0.5)
}

impl BellDiagonal {
    /// The pair after this noise on one half or both.
    ///
    /// # Errors
    /// As [`Noise::bell_action`]: a noise that does not keep the pair Bell-diagonal is refused.
    pub fn apply(&self, noise: &Noise, halves: Halves) -> Result<Self, QuantumError> {
        let action = noise.bell_action(halves)?;
        let w = self.weights();
        Ok(Self::from_weights(action.map(|row| row.iter().zip(w).map(|(a, w)| a * w).sum())))
    }
}
