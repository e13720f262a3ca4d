//! Photons in modes, as amplitudes of occupation numbers.

use std::collections::BTreeMap;

use num_complex::Complex64;

/// An unnormalized state: the amplitude of each list of occupation numbers, one number per mode.
#[derive(Debug, Clone)]
pub struct Fock {
    amplitudes: BTreeMap<Vec<u8>, Complex64>,
}

impl Fock {
    pub fn vacuum(modes: usize) -> Self {
        Self { amplitudes: BTreeMap::from([(vec![0; modes], Complex64::new(1.0, 0.0))]) }
    }

    pub fn zero() -> Self {
        Self { amplitudes: BTreeMap::new() }
    }

    /// Acts with sum_m c_m a_m^dagger, given as (m, c_m); a^dagger |n> = sqrt(n+1) |n+1>.
    #[must_use]
    pub fn create(&self, operator: &[(usize, f64)]) -> Self {
        let mut out = BTreeMap::new();
        for (occupation, amplitude) in &self.amplitudes {
            for (mode, coefficient) in operator {
                let mut raised = occupation.clone();
                raised[*mode] += 1;
                let factor = coefficient * f64::from(raised[*mode]).sqrt();
                *out.entry(raised).or_insert(Complex64::new(0.0, 0.0)) += amplitude * factor;
            }
        }
        Self { amplitudes: out }
    }

    /// self + factor * other
    #[must_use]
    pub fn plus(mut self, factor: f64, other: &Self) -> Self {
        for (occupation, amplitude) in &other.amplitudes {
            *self.amplitudes.entry(occupation.clone()).or_insert(Complex64::new(0.0, 0.0)) += amplitude * factor;
        }
        self
    }

    /// <other| W |self> for an operator that is diagonal in the occupation numbers.
    pub fn weighed(&self, other: &Self, weight: impl Fn(&[u8]) -> f64) -> Complex64 {
        self.amplitudes
            .iter()
            .filter_map(|(occupation, a)| other.amplitudes.get(occupation).map(|b| a * b.conj() * weight(occupation)))
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hong, Ou and Mandel: two equal photons on a balanced beam splitter leave together.
    #[test]
    fn equal_photons_bunch() {
        let r = 0.5f64.sqrt();
        let state = Fock::vacuum(2).create(&[(0, r), (1, r)]).create(&[(0, r), (1, -r)]);
        let apart = state.weighed(&state, |n| if n == [1, 1] { 1.0 } else { 0.0 }).re;
        let norm = state.weighed(&state, |_| 1.0).re;
        assert!(apart.abs() < 1e-15 && (norm - 1.0).abs() < 1e-15);
    }
}
