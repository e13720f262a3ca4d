//! Kraus operators of each kind of noise.

use num_complex::Complex64;

use crate::eigen;
use crate::noise::{Kind, Noise, decay};
use crate::noise_pauli::twirl;
use crate::operator::{self, ZERO};

/// Weights below this are rounding, and their operators are left out: they change no entry of a state.
const NEGLIGIBLE: f64 = 1e-15;

const fn real(x: f64) -> Complex64 {
    Complex64::new(x, 0.0)
}

pub(crate) fn operators(noise: &Noise) -> Vec<Vec<Complex64>> {
    match noise.kind() {
        Kind::Dephase { .. } | Kind::BitFlip { .. } | Kind::Depolarize { .. } | Kind::Pauli { .. } => {
            let words = twirl(noise).into_iter().enumerate().filter(|(_, p)| *p > 0.0);
            words.map(|(word, p)| scaled_pauli(word, noise.qubits(), p.sqrt())).collect()
        }
        Kind::AmplitudeDamp { gamma, excited_population } => relaxation(*gamma, (1.0 - gamma).sqrt(), *excited_population),
        Kind::ThermalRelaxation { time_s, t1_s, t2_s, excited_population } => {
            relaxation(decay(*time_s, *t1_s).1, decay(*time_s, *t2_s).0, *excited_population)
        }
        Kind::Unitary { matrix } => vec![matrix.clone()],
        Kind::Kraus { operators } => operators.clone(),
    }
}

/// Populations relax with probability `gamma`, coherences shrink by `coherence`.
///
/// The jumps down and up are two operators; what the diagonal keeps is the entrywise product of rho with
/// [[a, c], [c, b]], a = 1 - gamma n, b = 1 - gamma (1-n), whose Cholesky factor gives two diagonal operators.
fn relaxation(gamma: f64, coherence: f64, excited: f64) -> Vec<Vec<Complex64>> {
    let (down, up) = (gamma * (1.0 - excited), gamma * excited);
    let (a, b) = (1.0 - up, 1.0 - down);
    let mut out = Vec::with_capacity(4);
    let rest = if a > 0.0 {
        let root = a.sqrt();
        out.push(vec![real(root), ZERO, ZERO, real(coherence / root)]);
        b - coherence * coherence / a
    } else {
        b
    };
    for (weight, place) in [(rest, 3), (down, 1), (up, 2)] {
        if weight > NEGLIGIBLE {
            let mut operator = vec![ZERO; 4];
            operator[place] = real(weight.sqrt());
            out.push(operator);
        }
    }
    out
}

/// factor * P for the Pauli word of this index, row-major.
pub(crate) fn scaled_pauli(word: usize, qubits: usize, factor: f64) -> Vec<Complex64> {
    let dimension = 1usize << qubits;
    let mut out = vec![ZERO; dimension * dimension];
    for column in 0..dimension {
        let (row, phase) = pauli_image(word, qubits, column);
        out[row * dimension + column] = phase * factor;
    }
    out
}

/// P|column> = phase |row>.
pub(crate) fn pauli_image(word: usize, qubits: usize, column: usize) -> (usize, Complex64) {
    let (mut row, mut quarter_turns) = (column, 0);
    for qubit in 0..qubits {
        let bit = (column >> qubit) & 1;
        match (word >> (2 * qubit)) & 3 {
            1 => row ^= 1 << qubit,
            2 => {
                row ^= 1 << qubit;
                quarter_turns += 1 + 2 * bit;
            }
            3 => quarter_turns += 2 * bit,
            _ => {}
        }
    }
    (row, [real(1.0), Complex64::new(0.0, 1.0), real(-1.0), Complex64::new(0.0, -1.0)][quarter_turns & 3])
}

/// The operators of `first`, then `second`; brought back to at most d^2 of them by the eigenvectors of the Choi matrix.
pub(crate) fn product(first: &[Vec<Complex64>], second: &[Vec<Complex64>], dimension: usize) -> Vec<Vec<Complex64>> {
    let products = second.iter().flat_map(|b| first.iter().map(|a| operator::product(b, a, dimension)));
    let size = dimension * dimension;
    if first.len() * second.len() <= size {
        return products.collect();
    }
    let mut choi = vec![ZERO; size * size];
    for k in products {
        for (x, row) in k.iter().zip(choi.chunks_exact_mut(size)).filter(|(x, _)| **x != ZERO) {
            row.iter_mut().zip(&k).for_each(|(sum, y)| *sum += x * y.conj());
        }
    }
    let (values, vectors) = eigen::hermitian(&choi, size);
    let kept = values.iter().enumerate().filter(|(_, value)| **value > NEGLIGIBLE);
    kept.map(|(k, value)| (0..size).map(|entry| vectors[entry * size + k] * value.sqrt()).collect()).collect()
}
