//! A one-qubit channel, compiled: what it does to the four blocks of a density matrix.
//!
//! ```text
//!     rho = [ a  b ]     a, b, c, d: blocks by the target's bit in row and column
//!           [ c  d ]
//! ```
//!
//! A map that keeps the trace and Hermiticity is a real 3 x 4 matrix on the Pauli components I = a + d, X = b + c,
//! Y = i (b - c), Z = a - d, whatever its Kraus operators: twelve real factors instead of sixteen complex ones.

use num_complex::Complex64;

use crate::operator::ZERO;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum QubitMap {
    /// b -> e b, c -> conj(e) c; populations are left alone: every diagonal gate and dephasing.
    Phase(Complex64),
    /// (a, d) -> (p0 a + p1 d, p2 a + p3 d); b, c -> e b, e c: depolarizing, damping, relaxation.
    Split { p: [f64; 4], e: f64 },
    /// a and d change places, b and c too with a sign: X (1) and Y (-1).
    Flip(f64),
    /// Sums and differences of all four.
    Hadamard,
    /// Half the coefficients of X, Y, Z (rows) from I, X, Y, Z.
    Bloch([[f64; 4]; 3]),
}

impl QubitMap {
    /// The map of row-major 2 x 2 Kraus operators that sum to the identity.
    pub(crate) fn of<K: AsRef<[Complex64]>>(kraus: &[K]) -> Self {
        // s[out][in] for entries (row, column) = 00, 01, 10, 11.
        let mut s = [[ZERO; 4]; 4];
        for k in kraus.iter().map(AsRef::as_ref) {
            for (out, row) in s.iter_mut().enumerate() {
                for (from, entry) in row.iter_mut().enumerate() {
                    *entry += k[(out >> 1) * 2 + (from >> 1)] * k[(out & 1) * 2 + (from & 1)].conj();
                }
            }
        }
        let mixes = |out: usize, from: usize| s[out][from] != ZERO;
        let separate = [(0, 1), (0, 2), (3, 1), (3, 2), (1, 0), (1, 3)].into_iter().all(|(o, f)| !mixes(o, f)) && !mixes(1, 2);
        if separate {
            let p = [s[0][0].re, s[0][3].re, s[3][0].re, s[3][3].re];
            if p == [1.0, 0.0, 0.0, 1.0] {
                return Self::Phase(s[1][1]);
            }
            if s[1][1].im == 0.0 {
                return Self::Split { p, e: s[1][1].re };
            }
        }
        let i = Complex64::i();
        // Rows X, Y, Z of what comes out, for each input entry.
        let rows = [0, 1, 2].map(|axis| {
            [0, 1, 2, 3].map(|from| match axis {
                0 => s[1][from] + s[2][from],
                1 => i * (s[1][from] - s[2][from]),
                _ => s[0][from] - s[3][from],
            })
        });
        // a = (I + Z)/2, d = (I - Z)/2, b = (X - iY)/2, c = (X + iY)/2; and half of it all, which saves the halving later.
        Self::Bloch(rows.map(|[a, b, c, d]| [a + d, b + c, i * (c - b), a - d].map(|x| 0.25 * x.re)))
    }

    pub(crate) const fn phase(e: f64) -> Self {
        Self::Phase(Complex64::new(e, 0.0))
    }

    /// rho -> (1-p) rho + p I/2 (x) Tr rho.
    pub(crate) fn depolarize(p: f64) -> Self {
        let (stay, move_over) = (1.0 - 0.5 * p, 0.5 * p);
        Self::Split { p: [stay, move_over, move_over, stay], e: 1.0 - p }
    }

    /// Errors X, Y, Z with these probabilities.
    pub(crate) fn pauli(x: f64, y: f64, z: f64) -> Self {
        let half = |p: f64| 0.5 - p;
        Self::Bloch([[0.0, half(y + z), 0.0, 0.0], [0.0, 0.0, half(x + z), 0.0], [0.0, 0.0, 0.0, half(x + y)]])
    }

    /// Populations relax with factor `population` towards weight `excited` of |1>, coherences shrink by `coherence`.
    pub(crate) fn relax(population: f64, coherence: f64, excited: f64) -> Self {
        let gamma = 1.0 - population;
        let (up, down) = (gamma * excited, gamma * (1.0 - excited));
        Self::Split { p: [1.0 - up, down, up, 1.0 - down], e: coherence }
    }
}
