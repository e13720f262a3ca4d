//! A Bell-diagonal pair as three correlations: the hot representation of chains and networks.
//!
//! x = <XX>, y = -<YY>, z = <ZZ>, so Phi+ is (1, 1, 1) and the four Bell states are the corners of a tetrahedron:
//!
//! ```text
//!         Phi+  Phi-  Psi+  Psi-
//!     x    +     -     +     -        a swap multiplies corner by corner,
//!     y    +     -     -     +        dephasing shrinks x and y,
//!     z    +     +     -     -        depolarizing shrinks all three.
//! ```
//!
//! These are the characters of the group {I, Z, X, Y} that moves Phi+ to the others, which is why a swap (a convolution
//! of the weights over that group) is a product here.

/// The three correlations of a Bell-diagonal pair.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Correlations {
    /// <XX>
    pub x: f64,
    /// -<YY>
    pub y: f64,
    /// <ZZ>
    pub z: f64,
}

impl Correlations {
    pub const PHI_PLUS: Self = Self { x: 1.0, y: 1.0, z: 1.0 };
    /// White noise, I/4.
    pub const MIXED: Self = Self { x: 0.0, y: 0.0, z: 0.0 };

    /// From the weights of (Phi+, Phi-, Psi+, Psi-), which are not judged here.
    #[inline]
    pub fn from_weights([a, b, c, d]: [f64; 4]) -> Self {
        Self { x: (a + c) - (b + d), y: (a + d) - (b + c), z: (a + b) - (c + d) }
    }

    /// Weights of (Phi+, Phi-, Psi+, Psi-).
    #[inline]
    pub fn weights(self) -> [f64; 4] {
        let Self { x, y, z } = self;
        [0.25 * (1.0 + x + y + z), 0.25 * ((1.0 + z) - (x + y)), 0.25 * ((1.0 + x) - (y + z)), 0.25 * ((1.0 + y) - (x + z))]
    }

    /// Bell measurement on the inner qubits of `self` and `right`, corrected: the product.
    #[inline]
    #[must_use]
    pub fn swap(self, right: Self) -> Self {
        Self { x: self.x * right.x, y: self.y * right.y, z: self.z * right.z }
    }

    /// rho -> v rho + (1-v) I/4.
    #[inline]
    #[must_use]
    pub fn scale(self, v: f64) -> Self {
        Self { x: self.x * v, y: self.y * v, z: self.z * v }
    }

    /// Dephasing of either half, whose coherence shrinks by `factor` (1-2p for a phase flip of probability p).
    #[inline]
    #[must_use]
    pub fn dephase_factor(self, factor: f64) -> Self {
        Self { x: self.x * factor, y: self.y * factor, z: self.z }
    }

    /// The weight of Phi+.
    #[inline]
    pub fn fidelity(self) -> f64 {
        0.25 * (1.0 + self.x + self.y + self.z)
    }

    /// w(Phi-) + w(Psi-).
    #[inline]
    pub fn qber_x(self) -> f64 {
        0.5 * (1.0 - self.x)
    }

    /// w(Psi+) + w(Psi-).
    #[inline]
    pub fn qber_z(self) -> f64 {
        0.5 * (1.0 - self.z)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bell_states_are_the_corners() {
        for (k, corner) in [(1.0, 1.0, 1.0), (-1.0, -1.0, 1.0), (1.0, -1.0, -1.0), (-1.0, 1.0, -1.0)].into_iter().enumerate() {
            let mut weights = [0.0; 4];
            weights[k] = 1.0;
            let t = Correlations::from_weights(weights);
            assert_eq!((t.x, t.y, t.z), corner);
            assert_eq!(t.weights(), weights);
        }
    }

    #[test]
    fn swapping_two_bell_states_adds_their_flips() {
        let corner = |k: usize| Correlations::from_weights(std::array::from_fn(|j| f64::from(j == k)));
        for a in 0..4 {
            for b in 0..4 {
                assert_eq!(corner(a).swap(corner(b)), corner(a ^ b));
            }
        }
    }
}
