//! Noise as random Pauli words: the exact twirl, whether it is the noise itself, and Stim's text for it.

use num_complex::Complex64;

use crate::error::QuantumError;
use crate::noise::{Kind, Noise, OBJECT};
use crate::noise_kraus::pauli_image;
use crate::operator::ZERO;

/// Largest coherence between two Pauli words that rounding explains.
const TOLERANCE: f64 = 1e-12;

/// The letters of an index, character k on target k.
pub(crate) fn pauli_word(index: usize, qubits: usize) -> String {
    (0..qubits).map(|k| ['I', 'X', 'Y', 'Z'][(index >> (2 * k)) & 3]).collect()
}

pub(crate) fn twirl(noise: &Noise) -> Vec<f64> {
    let words = 1usize << (2 * noise.qubits());
    let mut out = vec![0.0; words];
    match noise.kind() {
        Kind::Dephase { p } => (out[0], out[3]) = (1.0 - p, *p),
        Kind::BitFlip { p } => (out[0], out[1]) = (1.0 - p, *p),
        Kind::Depolarize { p } => {
            let share = p / words as f64;
            out.fill(share);
            out[0] = 1.0 - p + share;
        }
        Kind::Pauli { probabilities } => out.copy_from_slice(probabilities),
        _ => {
            for operator in noise.kraus() {
                let parts = components(&operator, noise.qubits());
                out.iter_mut().zip(parts).for_each(|(p, c)| *p += c.norm_sqr());
            }
        }
    }
    out
}

pub(crate) fn is_pauli(noise: &Noise) -> bool {
    if noise.named_pauli() {
        return true;
    }
    // rho -> sum_PQ chi_PQ P rho Q: a Pauli channel is one whose chi is diagonal.
    let words = 1usize << (2 * noise.qubits());
    let parts: Vec<Vec<Complex64>> = noise.kraus().iter().map(|k| components(k, noise.qubits())).collect();
    (0..words).all(|p| {
        (0..p).all(|q| {
            let chi: Complex64 = parts.iter().map(|c| c[p] * c[q].conj()).sum();
            chi.norm_sqr() <= TOLERANCE * TOLERANCE
        })
    })
}

/// Tr(P K)/2^k for every Pauli word P.
fn components(operator: &[Complex64], qubits: usize) -> Vec<Complex64> {
    let dimension = 1usize << qubits;
    let component = |word| {
        let mut sum = ZERO;
        for column in 0..dimension {
            // Tr(P K) = sum_c <c|P K|c>, and <c|P = (P|c>)^dagger.
            let (row, phase) = pauli_image(word, qubits, column);
            sum += phase.conj() * operator[row * dimension + column];
        }
        sum / dimension as f64
    };
    (0..dimension * dimension).map(component).collect()
}

impl Noise {
    /// Stim's instruction for this noise on these targets, `PAULI_CHANNEL_1(...) 0`; correlated errors on three or more.
    ///
    /// # Errors
    /// Another number of targets than qubits, one named twice, or a noise that is no Pauli channel.
    pub fn to_stim(&self, targets: &[usize]) -> Result<String, QuantumError> {
        if targets.len() != self.qubits() {
            let range = format!("{} qubit(s)", self.qubits());
            return Err(QuantumError::new(OBJECT, "targets", range, targets.len(), "as many as the noise acts on"));
        }
        for (k, target) in targets.iter().enumerate() {
            if targets[..k].contains(target) {
                let hint = "each qubit once";
                return Err(QuantumError::new(OBJECT, format!("targets[{k}]"), "a qubit not named before", target, hint));
            }
        }
        if !self.is_pauli() {
            return Err(QuantumError::unsupported(
                OBJECT,
                "noise",
                "a Pauli channel to be an instruction of Stim's",
                self,
                "follow it exactly with a DensityMatrix, or approximate it by its Pauli twirl: noise.twirled()",
            ));
        }
        Ok(self.stim_line(targets))
    }

    fn stim_line(&self, targets: &[usize]) -> String {
        let names = targets.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        let p = self.pauli_twirl();
        match (self.kind(), targets.len()) {
            (Kind::Dephase { p }, _) => format!("Z_ERROR({p}) {names}"),
            (Kind::BitFlip { p }, _) => format!("X_ERROR({p}) {names}"),
            (Kind::Depolarize { p }, 1) => format!("DEPOLARIZE1({}) {names}", p * 3.0 / 4.0),
            (Kind::Depolarize { p }, 2) => format!("DEPOLARIZE2({}) {names}", p * 15.0 / 16.0),
            (_, 1) => format!("PAULI_CHANNEL_1({}, {}, {}) {names}", p[1], p[2], p[3]),
            (_, 2) => {
                // Stim counts the second target's Pauli fastest, this crate the first's.
                let order = (1..16).map(|k| p[k / 4 + 4 * (k % 4)].to_string());
                format!("PAULI_CHANNEL_2({}) {names}", order.collect::<Vec<_>>().join(", "))
            }
            _ => self.correlated_errors(&p, targets),
        }
    }

    /// A chain of exclusive errors: each with its probability given that none before it happened.
    fn correlated_errors(&self, p: &[f64], targets: &[usize]) -> String {
        let mut lines = Vec::new();
        // What is left is summed from the small end, so that it never falls below the next probability.
        let mut left = vec![p[0]; p.len() + 1];
        for k in (1..p.len()).rev() {
            left[k] = if k + 1 < p.len() { left[k + 1] } else { p[0] } + p[k];
        }
        for (k, probability) in p.iter().enumerate().skip(1).filter(|(_, p)| **p > 0.0) {
            let name = if lines.is_empty() { "CORRELATED_ERROR" } else { "ELSE_CORRELATED_ERROR" };
            let share = if lines.is_empty() { *probability } else { probability / left[k] };
            let letters = pauli_word(k, self.qubits());
            let factors = letters.chars().zip(targets).filter(|(l, _)| *l != 'I').map(|(l, t)| format!("{l}{t}"));
            lines.push(format!("{name}({share}) {}", factors.collect::<Vec<_>>().join(" ")));
        }
        lines.join("\n")
    }
}
