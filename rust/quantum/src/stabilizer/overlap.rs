//! How alike two stabilizer states are.
//!
//! The generators of one are forced on the other, one after the other: each is certain, impossible, or halves the
//! probability. The product is Tr(rho P) with P the projector on the first one's support; for pure states that is
//! |<a|b>|^2. For two mixed states P rho P is proportional to a projector, and Uhlmann's fidelity follows from its rank.

use super::OBJECT;
use super::state::StabilizerState;
use crate::error::QuantumError;

impl StabilizerState {
    /// <psi|rho|psi> if one is pure, Uhlmann's fidelity (not its root) in general: 0 or a power of 1/2.
    pub fn fidelity(&self, other: &Self) -> Result<f64, QuantumError> {
        let n = self.qubits();
        if n != other.qubits() {
            return Err(QuantumError::new(OBJECT, "other", format!("on {n} qubits"), other.qubits(), ""));
        }
        let mut forced = self.try_clone()?;
        let strings = other.stabilizers()?;
        let mut halvings = 0;
        for string in &strings {
            match forced.expectation(string)? {
                1 => {}
                -1 => return Ok(0.0),
                _ => {
                    forced.postselect_pauli(string, false)?;
                    halvings += 1;
                }
            }
        }
        // With ranks a, b of the groups and m of what they became together: m - a of the halvings were choices within
        // the support; the other k halved the overlap. F = 2^(2 (n - m) - k - (n - a) - (n - b)).
        let (a, b, m) = (n - self.entropy()?, strings.len(), n - forced.entropy()?);
        let k = halvings + a - m;
        let exponent = 2 * (n - m) as i32 - (k + 2 * n - a - b) as i32;
        Ok(power_of_two(exponent))
    }
}

/// 2^exponent for exponents of either sign; 0 below the smallest number.
fn power_of_two(exponent: i32) -> f64 {
    let half = if exponent < 0 { 0.5 } else { 2.0 };
    (0..exponent.unsigned_abs().min(1100)).fold(1.0, |power, _| power * half)
}
