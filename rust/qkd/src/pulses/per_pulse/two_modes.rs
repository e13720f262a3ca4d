//! Photons of two modes behind a beam splitter, found one after the other.
//!
//! A photon that is found in output o leaves the state c_o |psi>, with c_o = u a + v b the field of that output; the chance
//! is |c_o psi|^2 / n. All n found so, in this order, have the probability that the permanent gives for their numbers
//! (Clifford and Clifford 2018, doi:10.1137/1.9781611975031.10), with no factorial and no permanent.

use ebit_random::Lanes;
use ebit_random::math::sqrt;

use super::draws::uniform;

/// A complex number, for the few that are needed here.
pub type Complex = (f64, f64);

fn times(a: Complex, b: Complex) -> Complex {
    (a.0 * b.0 - a.1 * b.1, a.0 * b.1 + a.1 * b.0)
}

/// A pure state of n photons in two modes.
#[derive(Debug, Clone, PartialEq)]
pub struct TwoModes {
    /// Amplitude m: m photons are in the second mode, the others in the first.
    amplitudes: Vec<Complex>,
}

impl TwoModes {
    /// So many photons in the first mode, and in the second.
    #[must_use]
    pub fn number(first: u32, second: u32) -> Self {
        let mut amplitudes = vec![(0.0, 0.0); (first + second) as usize + 1];
        amplitudes[second as usize] = (1.0, 0.0);
        Self { amplitudes }
    }

    /// c |psi> for c = u a + v b, not normalised.
    fn without(&self, (u, v): (Complex, Complex)) -> Vec<Complex> {
        let n = self.amplitudes.len() - 1;
        (0..n)
            .map(|m| {
                let first = times(u, self.amplitudes[m]);
                let second = times(v, self.amplitudes[m + 1]);
                let (s, t) = (sqrt((n - m) as f64), sqrt((m + 1) as f64));
                (s * first.0 + t * second.0, s * first.1 + t * second.1)
            })
            .collect()
    }

    /// Finds all photons; returns how many are in each output. The outputs' columns are orthonormal.
    #[must_use]
    pub fn found<const N: usize>(mut self, outputs: [(Complex, Complex); N], lanes: &mut Lanes) -> [u32; N] {
        let mut out = [0; N];
        while self.amplitudes.len() > 1 {
            let mut left = uniform(lanes) * (self.amplitudes.len() - 1) as f64;
            let mut place = None;
            for (output, fields) in outputs.into_iter().enumerate() {
                let next = self.without(fields);
                let weight: f64 = next.iter().map(|z| z.0 * z.0 + z.1 * z.1).sum();
                if weight <= 0.0 {
                    continue;
                }
                // Where rounding leaves none it is the last that could be.
                place = Some((output, next, weight));
                left -= weight;
                if left < 0.0 {
                    break;
                }
            }
            let Some((output, next, weight)) = place else { return out };
            let norm = sqrt(weight);
            self.amplitudes = next.into_iter().map(|z| (z.0 / norm, z.1 / norm)).collect();
            out[output] += 1;
        }
        out
    }
}
