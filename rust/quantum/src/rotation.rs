//! Gates beyond the Clifford group, as matrices: rotations, phases, their controlled forms, and gates on three qubits.
//!
//! Names and angles are those of OpenQASM 3's standard library, in radians. The first target is the least significant bit
//! of a matrix; controls come first. Rotations are e^(-i angle/2 P).

use ebit_random::math::{cos, sin};
use num_complex::Complex64;

use crate::operator::{ONE, ZERO};

/// A gate with its angles.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rotation {
    T,
    TDag,
    Rx(f64),
    Ry(f64),
    Rz(f64),
    /// diag(1, e^(i lambda)).
    Phase(f64),
    /// `OpenQASM`'s U(theta, phi, lambda): Rz(phi) Ry(theta) Rz(lambda) times e^(i (phi + lambda)/2).
    U(f64, f64, f64),
    Crx(f64),
    Cry(f64),
    Crz(f64),
    CPhase(f64),
    Rxx(f64),
    Ryy(f64),
    Rzz(f64),
    /// Two controls, then the target.
    Ccx,
    Ccz,
    /// The control, then the two that are swapped.
    Cswap,
}

fn turn(angle: f64) -> Complex64 {
    Complex64::new(cos(angle), sin(angle))
}

impl Rotation {
    /// The number of qubits it acts on.
    pub fn qubits(self) -> usize {
        match self {
            Self::T | Self::TDag | Self::Rx(_) | Self::Ry(_) | Self::Rz(_) | Self::Phase(_) | Self::U(..) => 1,
            Self::Ccx | Self::Ccz | Self::Cswap => 3,
            _ => 2,
        }
    }

    /// The unitary, row-major, 2^k x 2^k.
    pub fn unitary(self) -> Vec<Complex64> {
        let root = Complex64::new(core::f64::consts::FRAC_1_SQRT_2, core::f64::consts::FRAC_1_SQRT_2);
        let i = Complex64::i();
        let real = |x: f64| Complex64::new(x, 0.0);
        let half = |a: f64| (real(cos(a / 2.0)), sin(a / 2.0));
        match self {
            Self::T => vec![ONE, ZERO, ZERO, root],
            Self::TDag => vec![ONE, ZERO, ZERO, root.conj()],
            Self::Rx(a) => {
                let (c, s) = half(a);
                vec![c, -i * s, -i * s, c]
            }
            Self::Ry(a) => {
                let (c, s) = half(a);
                vec![c, real(-s), real(s), c]
            }
            Self::Rz(a) => vec![turn(-a / 2.0), ZERO, ZERO, turn(a / 2.0)],
            Self::Phase(a) => vec![ONE, ZERO, ZERO, turn(a)],
            Self::U(theta, phi, lambda) => {
                let (c, s) = half(theta);
                vec![c, -turn(lambda) * s, turn(phi) * s, turn(phi + lambda) * c]
            }
            Self::Crx(a) => controlled(&Self::Rx(a).unitary()),
            Self::Cry(a) => controlled(&Self::Ry(a).unitary()),
            Self::Crz(a) => controlled(&Self::Rz(a).unitary()),
            Self::CPhase(a) => controlled(&Self::Phase(a).unitary()),
            Self::Rxx(a) | Self::Ryy(a) => {
                let (c, s) = half(a);
                let outer = if matches!(self, Self::Rxx(_)) { -i * s } else { i * s };
                let mut matrix = vec![ZERO; 16];
                for k in 0..4 {
                    matrix[k * 4 + k] = c;
                    matrix[k * 4 + 3 - k] = if k == 0 || k == 3 { outer } else { -i * s };
                }
                matrix
            }
            Self::Rzz(a) => {
                let mut matrix = vec![ZERO; 16];
                for k in 0..4 {
                    matrix[k * 5] = turn(if k == 0 || k == 3 { -a / 2.0 } else { a / 2.0 });
                }
                matrix
            }
            Self::Ccx => permutation(8, 3, 7),
            Self::Ccz => {
                let mut matrix = permutation(8, 0, 0);
                matrix[63] = -ONE;
                matrix
            }
            Self::Cswap => permutation(8, 3, 5),
        }
    }
}

/// A one-qubit gate on the second target if the first is 1.
fn controlled(gate: &[Complex64]) -> Vec<Complex64> {
    let mut matrix = permutation(4, 0, 0);
    for (k, entry) in gate.iter().enumerate() {
        matrix[(2 * (k / 2) + 1) * 4 + 2 * (k % 2) + 1] = *entry;
    }
    matrix
}

/// The identity with rows p and q exchanged.
fn permutation(dimension: usize, p: usize, q: usize) -> Vec<Complex64> {
    let mut matrix = vec![ZERO; dimension * dimension];
    for k in 0..dimension {
        let to = if k == p {
            q
        } else if k == q {
            p
        } else {
            k
        };
        matrix[to * dimension + k] = ONE;
    }
    matrix
}
