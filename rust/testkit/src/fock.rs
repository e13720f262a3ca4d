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

    /// Acts with a_m; a |n> = sqrt(n) |n-1>.
    #[must_use]
    pub fn annihilate(&self, mode: usize) -> Self {
        let lowered = |(occupation, amplitude): (&Vec<u8>, &Complex64)| {
            let mut fewer = occupation.clone();
            fewer[mode] = occupation[mode].checked_sub(1)?;
            Some((fewer, amplitude * f64::from(occupation[mode]).sqrt()))
        };
        Self { amplitudes: self.amplitudes.iter().filter_map(lowered).collect() }
    }

    /// |n> of one mode, given as its creation operator: the operator n times, over sqrt(n!).
    #[must_use]
    pub fn create_many(&self, operator: &[(usize, f64)], n: usize) -> Self {
        (1..=n).fold(self.clone(), |state, k| Self::zero().plus(1.0 / (k as f64).sqrt(), &state.create(operator)))
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

    #[test]
    fn operators_of_a_mode() {
        let three = Fock::vacuum(2).create_many(&[(0, 0.6), (1, 0.8)], 3);
        assert!((three.weighed(&three, |_| 1.0).re - 1.0).abs() < 1e-15);
        let mean = |mode: usize| {
            let fewer = three.annihilate(mode);
            fewer.weighed(&fewer, |_| 1.0).re
        };
        assert!((mean(0) - 3.0 * 0.36).abs() < 1e-15 && (mean(1) - 3.0 * 0.64).abs() < 1e-15);
    }

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
