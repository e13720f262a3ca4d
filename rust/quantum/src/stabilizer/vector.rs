//! The amplitudes of a small pure stabilizer state: to compare with dense calculations.

use num_complex::Complex64;

use super::OBJECT;
use super::state::StabilizerState;
use crate::error::QuantumError;
use crate::pauli::Pauli;

/// Amplitudes are 16 bytes each: 2^20 of them are 16 MiB.
const MAX_QUBITS: usize = 20;

impl StabilizerState {
    /// The 2^n amplitudes, qubit 0 the least significant bit; the first that is not zero is real and positive.
    pub fn to_state_vector(&self) -> Result<Vec<Complex64>, QuantumError> {
        let n = self.qubits();
        if n > MAX_QUBITS {
            return Err(QuantumError::new(OBJECT, "qubits", format!("at most {MAX_QUBITS}"), n, "there are 2^n amplitudes"));
        }
        let strings = self.stabilizers()?;
        if strings.len() < n {
            return Err(QuantumError::new(OBJECT, "the state", "pure", "a mixed one", "trace out fewer qubits"));
        }
        // A basis state that occurs, projected on the +1 part of every generator.
        let mut collapsed = self.try_clone()?;
        let mut occurring = 0;
        for q in 0..n {
            let one = collapsed.peek(q, Pauli::Z)?.unwrap_or(false);
            collapsed.postselect(q, Pauli::Z, one)?;
            occurring |= usize::from(one) << q;
        }
        let mut amplitudes = vec![Complex64::new(0.0, 0.0); 1 << n];
        amplitudes[occurring] = Complex64::new(1.0, 0.0);
        let quarter_turns = [(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)].map(|(re, im)| Complex64::new(re, im));
        for string in &strings {
            let (x, z) = string
                .paulis()
                .enumerate()
                .fold((0, 0), |(x, z), (k, pauli)| (x | usize::from(pauli.has_x()) << k, z | usize::from(pauli.has_z()) << k));
            let before = amplitudes.clone();
            // i^phase X^x Z^z |b> = i^phase (-1)^(z.b) |b + x>.
            for (b, amplitude) in before.into_iter().enumerate() {
                let turns = string.xz_phase() as usize + 2 * (z & b).count_ones() as usize;
                amplitudes[b ^ x] += quarter_turns[turns & 3] * amplitude;
            }
            amplitudes.iter_mut().for_each(|a| *a *= 0.5);
        }
        let norm = amplitudes.iter().map(Complex64::norm_sqr).sum::<f64>().sqrt();
        let first = amplitudes.iter().find(|a| a.norm_sqr() > 0.0).copied().unwrap_or(Complex64::new(1.0, 0.0));
        let turn = first.conj() / first.norm_sqr().sqrt() / norm;
        amplitudes.iter_mut().for_each(|a| *a *= turn);
        Ok(amplitudes)
    }
}
