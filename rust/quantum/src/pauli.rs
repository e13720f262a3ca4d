//! The single-qubit Pauli operators and the two halves of a pair.

/// A single-qubit Pauli operator; the discriminant is its index in every Pauli basis of this crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(u8)]
pub enum Pauli {
    #[default]
    I = 0,
    X = 1,
    Y = 2,
    Z = 3,
}

impl Pauli {
    pub const ALL: [Self; 4] = [Self::I, Self::X, Self::Y, Self::Z];

    /// X^x Z^z up to its phase.
    pub const fn from_bits(x: bool, z: bool) -> Self {
        match (x, z) {
            (false, false) => Self::I,
            (true, false) => Self::X,
            (true, true) => Self::Y,
            (false, true) => Self::Z,
        }
    }

    /// Whether it flips the computational basis.
    pub const fn has_x(self) -> bool {
        matches!(self, Self::X | Self::Y)
    }

    /// Whether it gives |1> a sign.
    pub const fn has_z(self) -> bool {
        matches!(self, Self::Y | Self::Z)
    }

    pub const fn letter(self) -> char {
        ['I', 'X', 'Y', 'Z'][self as usize]
    }

    /// The product without its phase.
    #[must_use]
    pub const fn times(self, other: Self) -> Self {
        // X Y = Z and so on: with indices 1 ^ 2 = 3 the group is XOR.
        Self::ALL[(self as usize) ^ (other as usize)]
    }

    pub const fn commutes_with(self, other: Self) -> bool {
        let (a, b) = (self as u8, other as u8);
        a == 0 || b == 0 || a == b
    }

    /// +1 if `self` commutes with `other`, else -1: what conjugation by `self` does to `other`.
    pub const fn sign(self, other: Self) -> f64 {
        if self.commutes_with(other) { 1.0 } else { -1.0 }
    }
}

/// One half of a pair `(left, right)`; the left one is end A.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    Left,
    Right,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_form_the_klein_group() {
        assert_eq!(Pauli::X.times(Pauli::Y), Pauli::Z);
        assert_eq!(Pauli::Y.times(Pauli::Z), Pauli::X);
        assert_eq!(Pauli::Z.times(Pauli::X), Pauli::Y);
        for p in Pauli::ALL {
            assert_eq!(p.times(p), Pauli::I);
            assert_eq!(p.times(Pauli::I), p);
        }
    }

    #[test]
    fn different_paulis_anticommute() {
        assert_eq!(Pauli::X.sign(Pauli::Z), -1.0);
        assert_eq!(Pauli::X.sign(Pauli::X), 1.0);
        assert_eq!(Pauli::I.sign(Pauli::Y), 1.0);
    }
}
