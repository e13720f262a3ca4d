//! The errors of one link and of one station, for one qubit of the block: as characters, and as probabilities.
//!
//! An error on the two qubits of an encoded pair is (x_a, z_a, x_b, z_b); a character is the mean of (-1)^(s.error). Errors
//! that are independent multiply their characters. Through the circuit of the header of [`super`] go
//!
//! ```text
//!   of block a before it   X_a -> X_a X_b    Z_a -> Z_a         of the physical pair   X -> X_b    Z -> Z_a
//!   of block b before it   X_b -> X_b        Z_b -> Z_a Z_b     of outcome m1          X_b;  of m2   Z_a
//!   of the gate a, c       X_a, Z_a, X_c -> X_b, Z_c -> -       of the gate d, b       X_b, Z_b, Z_d -> Z_a, X_d -> -
//! ```

use ebit_random::math;

/// Probabilities of the circuit's errors.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Noise {
    /// rho -> (1-p) rho + p I/2 of each qubit of a fresh block.
    pub preparation: f64,
    /// rho -> (1-p) rho + p I/4 of the two qubits of each gate of the circuit.
    pub gate: f64,
    /// That an outcome is flipped.
    pub measurement: f64,
}

/// Two blocks' worth of a character: which qubits of each block count, for X and for Z errors.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Masks {
    pub x: u32,
    pub z: u32,
}

fn power(base: f64, count: u32) -> f64 {
    math::pow(base, f64::from(count))
}

impl Noise {
    /// The character of everything but the physical pairs, over a whole block: `a` and `b` are what counts of each block.
    pub fn link(&self, a: Masks, b: Masks) -> f64 {
        let fresh = ((a.x ^ b.x) | a.z).count_ones() + ((a.z ^ b.z) | b.x).count_ones();
        let gates = (a.x | a.z | b.x).count_ones() + (b.x | b.z | a.z).count_ones();
        let outcomes = b.x.count_ones() + a.z.count_ones();
        power(1.0 - self.preparation, fresh) * power(1.0 - self.gate, gates) * power(1.0 - 2.0 * self.measurement, outcomes)
    }

    /// The character of a station's n Bell measurements of visibility v.
    pub fn station(&self, visibility: f64, s: Masks) -> f64 {
        power(visibility, (s.x | s.z).count_ones()) * power(1.0 - 2.0 * self.measurement, s.x.count_ones() + s.z.count_ones())
    }

    /// Probabilities of the sixteen errors of one qubit of a link but for the physical pair's: bits x_a, z_a, x_b, z_b, by
    /// adding up their sources.
    pub fn link_errors(&self) -> [f64; 16] {
        const XA: usize = 1;
        const ZA: usize = 2;
        const XB: usize = 4;
        const ZB: usize = 8;
        let depolarized = |p: f64, generators: &[usize]| {
            let mut law = [0.0; 16];
            let all = 1 << generators.len();
            for k in 0..all {
                let error = generators.iter().enumerate().filter(|(j, _)| k >> j & 1 == 1).fold(0, |e, (_, g)| e ^ g);
                law[error] += p / all as f64;
            }
            law[0] += 1.0 - p;
            law
        };
        let flipped = |p: f64, error: usize| {
            let mut law = [0.0; 16];
            law[0] = 1.0 - p;
            law[error] = p;
            law
        };
        let sources = [
            depolarized(self.preparation, &[XA | XB, ZA]),
            depolarized(self.preparation, &[XB, ZA | ZB]),
            depolarized(self.gate, &[XA, ZA, XB, 0]),
            depolarized(self.gate, &[ZA, 0, XB, ZB]),
            flipped(self.measurement, XB),
            flipped(self.measurement, ZA),
        ];
        let mut law = [0.0; 16];
        law[0] = 1.0;
        for source in sources {
            let mut sum = [0.0; 16];
            for (i, p) in law.iter().enumerate() {
                for (j, q) in source.iter().enumerate() {
                    sum[i ^ j] += p * q;
                }
            }
            law = sum;
        }
        law
    }

    /// Probabilities of no error, of a wrong X, a wrong Z and two wrong outcomes of one Bell measurement: bits z error, x error.
    pub fn station_errors(&self, visibility: f64) -> [f64; 4] {
        let m = self.measurement;
        let white = (1.0 - visibility) / 4.0;
        let gate = [visibility + white, white, white, white];
        let outcomes = [(1.0 - m) * (1.0 - m), m * (1.0 - m), m * (1.0 - m), m * m];
        std::array::from_fn(|k| (0..4).map(|j| gate[j] * outcomes[j ^ k]).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_those_of_the_probabilities() {
        let noise = Noise { preparation: 0.07, gate: 0.13, measurement: 0.04 };
        let errors = noise.link_errors();
        assert!((errors.iter().sum::<f64>() - 1.0).abs() < 1e-15);
        for s in 0..16u32 {
            let mean: f64 =
                errors.iter().enumerate().map(|(e, p)| if (s & e as u32).count_ones() % 2 == 1 { -p } else { *p }).sum();
            let (a, b) = (Masks { x: s & 1, z: s >> 1 & 1 }, Masks { x: s >> 2 & 1, z: s >> 3 });
            assert!((noise.link(a, b) - mean).abs() < 1e-15, "{s:b}");
        }
        let errors = noise.station_errors(0.9);
        for s in 0..4u32 {
            let mean: f64 =
                errors.iter().enumerate().map(|(e, p)| if (s & e as u32).count_ones() % 2 == 1 { -p } else { *p }).sum();
            assert!((noise.station(0.9, Masks { z: s & 1, x: s >> 1 }) - mean).abs() < 1e-15, "{s:b}");
        }
    }
}
