//! The Clifford gates on one and two qubits: names, inverses, what they do to Pauli operators, and their matrices.
//!
//! Names are those of Stim's circuit language. A gate is known in two ways that share nothing: the images U P U^dagger of
//! the generators X and Z (a table), and the unitary as a sum of Pauli operators (a formula); the tests hold one against
//! the other. Refuses to know: circuits, states, noise.

use num_complex::Complex64;

use crate::operator::{ZERO, product};
use crate::pauli::Pauli;

/// A signed Pauli operator on the one or two targets of a gate, first target first; a one-qubit gate leaves the second I.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Image {
    pub negative: bool,
    pub paulis: [Pauli; 2],
}

impl Image {
    /// From `+XY`, at compile time.
    const fn parse(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut paulis = [Pauli::I; 2];
        let mut k = 1;
        while k < bytes.len() {
            paulis[k - 1] = match bytes[k] {
                b'X' => Pauli::X,
                b'Y' => Pauli::Y,
                b'Z' => Pauli::Z,
                _ => Pauli::I,
            };
            k += 1;
        }
        Self { negative: bytes[0] == b'-', paulis }
    }
}

struct Row {
    name: &'static str,
    aliases: &'static [&'static str],
    qubits: usize,
    inverse: Gate,
    /// Images of X and Z of the first target, then of the second.
    images: [Image; 4],
}

macro_rules! gates {
    ($($gate:ident $name:literal $aliases:tt $qubits:literal $inverse:ident $x0:literal $z0:literal $($x1:literal $z1:literal)?;)*) => {
        /// A Clifford gate on one or two qubits, under Stim's names.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum Gate { $($gate),* }

        impl Gate {
            pub const ALL: &'static [Self] = &[$(Self::$gate),*];
        }

        static TABLE: &[Row] = &[$(Row {
            name: $name,
            aliases: &$aliases,
            qubits: $qubits,
            inverse: Gate::$inverse,
            images: gates!(@images $x0 $z0 $($x1 $z1)?),
        }),*];
    };
    (@images $x0:literal $z0:literal) => {
        [Image::parse($x0), Image::parse($z0), Image::parse("+_X"), Image::parse("+_Z")]
    };
    (@images $x0:literal $z0:literal $x1:literal $z1:literal) => {
        [Image::parse($x0), Image::parse($z0), Image::parse($x1), Image::parse($z1)]
    };
}

gates! {
    I "I" [] 1 I "+X" "+Z";
    X "X" [] 1 X "+X" "-Z";
    Y "Y" [] 1 Y "-X" "-Z";
    Z "Z" [] 1 Z "-X" "+Z";
    H "H" ["H_XZ"] 1 H "+Z" "+X";
    Hxy "H_XY" [] 1 Hxy "+Y" "-Z";
    Hyz "H_YZ" [] 1 Hyz "-X" "+Y";
    Hnxy "H_NXY" [] 1 Hnxy "-Y" "-Z";
    Hnxz "H_NXZ" [] 1 Hnxz "-Z" "-X";
    Hnyz "H_NYZ" [] 1 Hnyz "-X" "-Y";
    S "S" ["SQRT_Z"] 1 SDag "+Y" "+Z";
    SDag "S_DAG" ["SQRT_Z_DAG"] 1 S "-Y" "+Z";
    SqrtX "SQRT_X" [] 1 SqrtXDag "+X" "-Y";
    SqrtXDag "SQRT_X_DAG" [] 1 SqrtX "+X" "+Y";
    SqrtY "SQRT_Y" [] 1 SqrtYDag "-Z" "+X";
    SqrtYDag "SQRT_Y_DAG" [] 1 SqrtY "+Z" "-X";
    Cxyz "C_XYZ" [] 1 Czyx "+Y" "+X";
    Czyx "C_ZYX" [] 1 Cxyz "+Z" "+Y";
    Cnxyz "C_NXYZ" [] 1 Czynx "-Y" "-X";
    Cxnyz "C_XNYZ" [] 1 Cznyx "-Y" "+X";
    Cxynz "C_XYNZ" [] 1 Cnzyx "+Y" "-X";
    Cnzyx "C_NZYX" [] 1 Cxynz "-Z" "-Y";
    Cznyx "C_ZNYX" [] 1 Cxnyz "+Z" "-Y";
    Czynx "C_ZYNX" [] 1 Cnxyz "-Z" "+Y";
    II "II" [] 2 II "+X_" "+Z_" "+_X" "+_Z";
    CX "CX" ["CNOT", "ZCX"] 2 CX "+XX" "+Z_" "+_X" "+ZZ";
    CY "CY" ["ZCY"] 2 CY "+XY" "+Z_" "+ZX" "+ZZ";
    CZ "CZ" ["ZCZ"] 2 CZ "+XZ" "+Z_" "+ZX" "+_Z";
    XCX "XCX" [] 2 XCX "+X_" "+ZX" "+_X" "+XZ";
    XCY "XCY" [] 2 XCY "+X_" "+ZY" "+XX" "+XZ";
    XCZ "XCZ" [] 2 XCZ "+X_" "+ZZ" "+XX" "+_Z";
    YCX "YCX" [] 2 YCX "+XX" "+ZX" "+_X" "+YZ";
    YCY "YCY" [] 2 YCY "+XY" "+ZY" "+YX" "+YZ";
    YCZ "YCZ" [] 2 YCZ "+XZ" "+ZZ" "+YX" "+_Z";
    Swap "SWAP" [] 2 Swap "+_X" "+_Z" "+X_" "+Z_";
    ISwap "ISWAP" [] 2 ISwapDag "+ZY" "+_Z" "+YZ" "+Z_";
    ISwapDag "ISWAP_DAG" [] 2 ISwap "-ZY" "+_Z" "-YZ" "+Z_";
    CXSwap "CXSWAP" [] 2 SwapCX "+XX" "+_Z" "+X_" "+ZZ";
    SwapCX "SWAPCX" [] 2 CXSwap "+_X" "+ZZ" "+XX" "+Z_";
    CZSwap "CZSWAP" ["SWAPCZ"] 2 CZSwap "+ZX" "+_Z" "+XZ" "+Z_";
    SqrtXX "SQRT_XX" [] 2 SqrtXXDag "+X_" "-YX" "+_X" "-XY";
    SqrtXXDag "SQRT_XX_DAG" [] 2 SqrtXX "+X_" "+YX" "+_X" "+XY";
    SqrtYY "SQRT_YY" [] 2 SqrtYYDag "-ZY" "+XY" "-YZ" "+YX";
    SqrtYYDag "SQRT_YY_DAG" [] 2 SqrtYY "+ZY" "-XY" "+YZ" "-YX";
    SqrtZZ "SQRT_ZZ" [] 2 SqrtZZDag "+YZ" "+Z_" "+ZY" "+_Z";
    SqrtZZDag "SQRT_ZZ_DAG" [] 2 SqrtZZ "-YZ" "+Z_" "-ZY" "+_Z";
}

impl Gate {
    fn row(self) -> &'static Row {
        &TABLE[self as usize]
    }

    /// The gate of a name or alias, in either case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|gate| gate.names().any(|n| n.eq_ignore_ascii_case(name)))
    }

    /// Stim's canonical name.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The canonical name and its aliases.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.row().name).chain(self.row().aliases.iter().copied())
    }

    /// 1 or 2.
    pub fn qubits(self) -> usize {
        self.row().qubits
    }

    #[must_use]
    pub fn inverse(self) -> Self {
        self.row().inverse
    }

    /// U X U^dagger for X on this target, 0 or 1.
    pub fn image_of_x(self, target: usize) -> Image {
        self.row().images[2 * target]
    }

    /// U Z U^dagger for Z on this target, 0 or 1.
    pub fn image_of_z(self, target: usize) -> Image {
        self.row().images[2 * target + 1]
    }

    /// U (P0 P1) U^dagger.
    pub fn conjugate(self, paulis: [Pauli; 2]) -> Image {
        // i^phase X^x Z^z, bit k of x and z for target k; Y = i X Z.
        let (mut phase, mut x, mut z) = (0u32, 0u8, 0u8);
        let mut multiply = |image: Image| {
            phase += if image.negative { 2 } else { 0 };
            for (k, pauli) in image.paulis.into_iter().enumerate() {
                let (px, pz) = (u8::from(pauli.has_x()) << k, u8::from(pauli.has_z()) << k);
                phase += u32::from(px & pz != 0);
                // Z^z X^px = (-1)^(z px) X^px Z^z.
                phase += 2 * u32::from(z & px != 0);
                x ^= px;
                z ^= pz;
            }
        };
        let mut count_y = 0;
        for (k, pauli) in paulis.into_iter().enumerate() {
            count_y += u32::from(pauli == Pauli::Y);
            if pauli.has_x() {
                multiply(self.image_of_x(k));
            }
            if pauli.has_z() {
                multiply(self.image_of_z(k));
            }
        }
        let paulis = [0, 1].map(|k| Pauli::from_bits(x >> k & 1 == 1, z >> k & 1 == 1));
        // The result is i^(phase + count_y) X^x Z^z = i^(phase + count_y - result's Ys) times Hermitian Paulis: +1 or -1.
        let phase = phase + count_y + 4 - paulis.iter().filter(|p| **p == Pauli::Y).count() as u32;
        Image { negative: phase % 4 == 2, paulis }
    }

    /// The unitary, row-major, 2x2 or 4x4; the first target is the least significant bit. Global phases are Stim's.
    pub fn unitary(self) -> Vec<Complex64> {
        use Pauli::{I, X, Y, Z};
        let half = Complex64::new(0.5, 0.0);
        let i = Complex64::i();
        let root = Complex64::new(core::f64::consts::FRAC_1_SQRT_2, 0.0);
        let one = |terms: &[(Complex64, Pauli)]| sum(1, terms.iter().map(|(c, p)| (*c, [*p, I])));
        let two = |terms: &[(Complex64, Pauli, Pauli)]| sum(2, terms.iter().map(|(c, p, q)| (*c, [*p, *q])));
        let pauli = |p| one(&[(half + half, p)]);
        // The half turn about the axis between two Paulis.
        let hadamard = |p, a: f64, q, b: f64| one(&[(root * a, p), (root * b, q)]);
        // e^(i pi/4) exp(-i pi/4 P) and its inverse: the root of P whose +1 part keeps its phase.
        let sqrt = |p, s: f64| one(&[(half * (1.0 + i * s), I), (half * (1.0 - i * s), p)]);
        let sqrt2 = |p, s: f64| two(&[(half * (1.0 + i * s), I, I), (half * (1.0 - i * s), p, p)]);
        // A third of a turn about (a, b, c).
        let third = |a: f64, b: f64, c: f64| one(&[(half, I), (-half * i * a, X), (-half * i * b, Y), (-half * i * c, Z)]);
        // Q on the second if P on the first is -1.
        let controlled = |p, q| two(&[(half, I, I), (half, p, I), (half, I, q), (-half, p, q)]);
        let swap = |c: Complex64| two(&[(half, I, I), (half * c, X, X), (half * c, Y, Y), (half, Z, Z)]);
        let plain_swap = || swap(half + half);
        match self {
            Self::I => pauli(I),
            Self::X => pauli(X),
            Self::Y => pauli(Y),
            Self::Z => pauli(Z),
            Self::H => hadamard(X, 1.0, Z, 1.0),
            Self::Hxy => hadamard(X, 1.0, Y, 1.0),
            Self::Hyz => hadamard(Y, 1.0, Z, 1.0),
            Self::Hnxy => hadamard(X, 1.0, Y, -1.0),
            Self::Hnxz => hadamard(X, -1.0, Z, 1.0),
            Self::Hnyz => hadamard(Y, -1.0, Z, 1.0),
            Self::S => sqrt(Z, 1.0),
            Self::SDag => sqrt(Z, -1.0),
            Self::SqrtX => sqrt(X, 1.0),
            Self::SqrtXDag => sqrt(X, -1.0),
            Self::SqrtY => sqrt(Y, 1.0),
            Self::SqrtYDag => sqrt(Y, -1.0),
            Self::Cxyz => third(1.0, 1.0, 1.0),
            Self::Czyx => third(-1.0, -1.0, -1.0),
            Self::Cnxyz => third(1.0, -1.0, -1.0),
            Self::Cxnyz => third(-1.0, 1.0, -1.0),
            Self::Cxynz => third(-1.0, -1.0, 1.0),
            Self::Cnzyx => third(1.0, 1.0, -1.0),
            Self::Cznyx => third(1.0, -1.0, 1.0),
            Self::Czynx => third(-1.0, 1.0, 1.0),
            Self::II => two(&[(half + half, I, I)]),
            Self::CX => controlled(Z, X),
            Self::CY => controlled(Z, Y),
            Self::CZ => controlled(Z, Z),
            Self::XCX => controlled(X, X),
            Self::XCY => controlled(X, Y),
            Self::XCZ => controlled(X, Z),
            Self::YCX => controlled(Y, X),
            Self::YCY => controlled(Y, Y),
            Self::YCZ => controlled(Y, Z),
            Self::Swap => plain_swap(),
            Self::ISwap => swap(i),
            Self::ISwapDag => swap(-i),
            Self::CXSwap => product(&plain_swap(), &controlled(Z, X), 4),
            Self::SwapCX => product(&controlled(Z, X), &plain_swap(), 4),
            Self::CZSwap => product(&controlled(Z, Z), &plain_swap(), 4),
            Self::SqrtXX => sqrt2(X, 1.0),
            Self::SqrtXXDag => sqrt2(X, -1.0),
            Self::SqrtYY => sqrt2(Y, 1.0),
            Self::SqrtYYDag => sqrt2(Y, -1.0),
            Self::SqrtZZ => sqrt2(Z, 1.0),
            Self::SqrtZZDag => sqrt2(Z, -1.0),
        }
    }
}

/// The matrix of a sum of Pauli operators on `qubits` qubits, 1 or 2.
fn sum(qubits: usize, terms: impl Iterator<Item = (Complex64, [Pauli; 2])>) -> Vec<Complex64> {
    let n = 1usize << qubits;
    let mut matrix = vec![ZERO; n * n];
    for (coefficient, paulis) in terms {
        for column in 0..n {
            let (mut row, mut entry) = (column, coefficient);
            for (k, pauli) in paulis.into_iter().enumerate() {
                if pauli.has_z() && column >> k & 1 == 1 {
                    entry = -entry;
                }
                if pauli.has_x() {
                    row ^= 1 << k;
                }
                if pauli == Pauli::Y {
                    entry *= Complex64::i();
                }
            }
            matrix[row * n + column] += entry;
        }
    }
    matrix
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operator::{ONE, distance_to_identity};

    fn dagger(matrix: &[Complex64], n: usize) -> Vec<Complex64> {
        (0..n * n).map(|k| matrix[(k % n) * n + k / n].conj()).collect()
    }

    fn pauli(paulis: [Pauli; 2], qubits: usize) -> Vec<Complex64> {
        sum(qubits, std::iter::once((ONE, paulis)))
    }

    #[test]
    fn every_image_is_what_the_unitary_does() {
        for &gate in Gate::ALL {
            let (q, n) = (gate.qubits(), 1 << gate.qubits());
            let u = gate.unitary();
            let u_dagger = dagger(&u, n);
            assert!(distance_to_identity(&product(&u, &u_dagger, n), n) < 1e-15, "{gate:?}");
            for first in Pauli::ALL {
                for second in if q == 2 { &Pauli::ALL[..] } else { &Pauli::ALL[..1] } {
                    let image = gate.conjugate([first, *second]);
                    let sign = if image.negative { -1.0 } else { 1.0 };
                    let wanted = product(&product(&u, &pauli([first, *second], q), n), &u_dagger, n);
                    for (a, b) in wanted.iter().zip(pauli(image.paulis, q)) {
                        assert!((a - sign * b).norm_sqr() < 1e-28, "{gate:?} {first:?} {second:?}: {image:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_generators_images_are_the_tables() {
        for &gate in Gate::ALL {
            for k in 0..gate.qubits() {
                let on = |p| if k == 0 { [p, Pauli::I] } else { [Pauli::I, p] };
                assert_eq!(gate.conjugate(on(Pauli::X)), gate.image_of_x(k));
                assert_eq!(gate.conjugate(on(Pauli::Z)), gate.image_of_z(k));
            }
        }
    }

    #[test]
    fn a_gate_and_its_inverse_cancel() {
        for &gate in Gate::ALL {
            let n = 1 << gate.qubits();
            let both = product(&gate.unitary(), &gate.inverse().unitary(), n);
            let phase = both[0];
            let cancelled: Vec<_> = both.iter().map(|x| x / phase).collect();
            assert!(distance_to_identity(&cancelled, n) < 1e-14, "{gate:?}");
            assert_eq!(gate.inverse().inverse(), gate);
        }
    }

    #[test]
    fn names_lead_back_to_their_gate_and_to_no_other() {
        let mut seen = std::collections::BTreeSet::new();
        for &gate in Gate::ALL {
            for name in gate.names() {
                assert_eq!(Gate::from_name(name), Some(gate));
                assert_eq!(Gate::from_name(&name.to_lowercase()), Some(gate));
                assert!(seen.insert(name), "{name} twice");
            }
        }
        assert_eq!(Gate::from_name("T"), None);
        // All 24 one-qubit Cliffords, and no two alike.
        let one: std::collections::BTreeSet<_> =
            Gate::ALL.iter().filter(|g| g.qubits() == 1).map(|g| format!("{:?}{:?}", g.image_of_x(0), g.image_of_z(0))).collect();
        assert_eq!(one.len(), 24);
    }
}
