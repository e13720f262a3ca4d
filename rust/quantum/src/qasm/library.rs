//! The gates of qelib1.inc and stdgates.inc, and the built-in U, CX and gphase.
//!
//! Sources: OpenQASM 2 (arXiv:1707.03429) with the additions of Qiskit's qelib1.inc; OpenQASM 3 (doi:10.1145/3505636),
//! whose U carries the phase e^(i theta/2) that its stdgates.inc takes away again. Up to a global phase both versions
//! define the same matrices; the phases are those of version 3, where a control can make them observable.

use core::f64::consts::{FRAC_PI_2, PI};

use ebit_random::math;
use num_complex::Complex64;

use super::action::{Action, controlled, phase, tensor};
use super::ast::Version;
use crate::gate::Gate;
use crate::operator::{ONE, ZERO};

/// Where a gate is defined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Home {
    /// Without any include.
    Language,
    Both,
    Qelib1,
    Stdgates,
}

struct Row {
    name: &'static str,
    home: Home,
    parameters: usize,
    qubits: usize,
    matrix: fn(&[f64]) -> Vec<Complex64>,
}

macro_rules! rows {
    ($($name:literal $home:ident $parameters:literal $qubits:literal $matrix:expr;)*) => {
        &[$(Row { name: $name, home: Home::$home, parameters: $parameters, qubits: $qubits, matrix: $matrix }),*]
    };
}

static ROWS: &[Row] = rows! {
    "gphase" Language 1 0 |p| vec![phase(p[0])];
    "x" Both 0 1 |_| Gate::X.unitary();
    "y" Both 0 1 |_| Gate::Y.unitary();
    "z" Both 0 1 |_| Gate::Z.unitary();
    "h" Both 0 1 |_| Gate::H.unitary();
    "s" Both 0 1 |_| Gate::S.unitary();
    "sdg" Both 0 1 |_| Gate::SDag.unitary();
    "t" Both 0 1 |_| p(PI / 4.0);
    "tdg" Both 0 1 |_| p(-PI / 4.0);
    "sx" Both 0 1 |_| Gate::SqrtX.unitary();
    "sxdg" Qelib1 0 1 |_| Gate::SqrtXDag.unitary();
    "id" Both 0 1 |_| Gate::I.unitary();
    "u0" Qelib1 1 1 |_| Gate::I.unitary();
    "p" Both 1 1 |a| p(a[0]);
    "u1" Both 1 1 |a| p(a[0]);
    "phase" Stdgates 1 1 |a| p(a[0]);
    "u2" Both 2 1 |a| u3(FRAC_PI_2, a[0], a[1]);
    "u3" Both 3 1 |a| u3(a[0], a[1], a[2]);
    "u" Qelib1 3 1 |a| u(a[0], a[1], a[2]);
    "rx" Both 1 1 |a| rotation(a[0], [1.0, 0.0, 0.0]);
    "ry" Both 1 1 |a| rotation(a[0], [0.0, 1.0, 0.0]);
    "rz" Both 1 1 |a| rotation(a[0], [0.0, 0.0, 1.0]);
    "cx" Both 0 2 |_| Gate::CX.unitary();
    "cy" Both 0 2 |_| Gate::CY.unitary();
    "cz" Both 0 2 |_| Gate::CZ.unitary();
    "ch" Both 0 2 |_| controlled(&Gate::H.unitary(), true);
    "csx" Qelib1 0 2 |_| controlled(&Gate::SqrtX.unitary(), true);
    "swap" Both 0 2 |_| Gate::Swap.unitary();
    "crx" Both 1 2 |a| controlled(&rotation(a[0], [1.0, 0.0, 0.0]), true);
    "cry" Both 1 2 |a| controlled(&rotation(a[0], [0.0, 1.0, 0.0]), true);
    "crz" Both 1 2 |a| controlled(&rotation(a[0], [0.0, 0.0, 1.0]), true);
    "cp" Both 1 2 |a| controlled(&p(a[0]), true);
    "cu1" Qelib1 1 2 |a| controlled(&p(a[0]), true);
    "cphase" Stdgates 1 2 |a| controlled(&p(a[0]), true);
    "cu3" Qelib1 3 2 |a| controlled(&u(a[0], a[1], a[2]), true);
    "cu" Both 4 2 |a| controlled(&scaled(&u(a[0], a[1], a[2]), a[3]), true);
    "rxx" Qelib1 1 2 |a| pair_rotation(a[0], Gate::X);
    "rzz" Qelib1 1 2 |a| pair_rotation(a[0], Gate::Z);
    "ccx" Both 0 3 |_| controlled(&Gate::CX.unitary(), true);
    "cswap" Both 0 3 |_| controlled(&Gate::Swap.unitary(), true);
    "rccx" Qelib1 0 3 |_| relative(8, &[(3, 7, -Complex64::i()), (7, 3, Complex64::i()), (5, 5, -ONE)]);
    "rc3x" Qelib1 0 4
        |_| relative(16, &[(3, 3, Complex64::i()), (7, 15, ONE), (11, 11, -Complex64::i()), (15, 7, -ONE)]);
    "c3x" Qelib1 0 4 |_| many_controlled(&Gate::X.unitary(), 3);
    "c3sqrtx" Qelib1 0 4 |_| many_controlled(&Gate::SqrtX.unitary(), 3);
    "c4x" Qelib1 0 5 |_| many_controlled(&Gate::X.unitary(), 4);
    "CX" Stdgates 0 2 |_| Gate::CX.unitary();
};

fn scaled(matrix: &[Complex64], angle: f64) -> Vec<Complex64> {
    let z = phase(angle);
    matrix.iter().map(|x| z * x).collect()
}

/// diag(1, e^(i lambda)).
fn p(lambda: f64) -> Vec<Complex64> {
    vec![ONE, ZERO, ZERO, phase(lambda)]
}

/// Qiskit's U: the upper left entry is real.
pub(super) fn u(theta: f64, phi: f64, lambda: f64) -> Vec<Complex64> {
    let (cos, sin) = (math::cos(theta / 2.0), math::sin(theta / 2.0));
    vec![Complex64::new(cos, 0.0), -phase(lambda) * sin, phase(phi) * sin, phase(phi + lambda) * cos]
}

/// Of determinant 1.
fn u3(theta: f64, phi: f64, lambda: f64) -> Vec<Complex64> {
    scaled(&u(theta, phi, lambda), -(phi + lambda) / 2.0)
}

/// exp(-i angle/2 (axis . sigma)).
fn rotation(angle: f64, [x, y, z]: [f64; 3]) -> Vec<Complex64> {
    let (cos, sin) = (math::cos(angle / 2.0), math::sin(angle / 2.0));
    vec![
        Complex64::new(cos, -sin * z),
        Complex64::new(-sin * y, -sin * x),
        Complex64::new(sin * y, -sin * x),
        Complex64::new(cos, sin * z),
    ]
}

/// exp(-i angle/2 P P).
fn pair_rotation(angle: f64, pauli: Gate) -> Vec<Complex64> {
    let (cos, sin) = (math::cos(angle / 2.0), math::sin(angle / 2.0));
    let mut out: Vec<Complex64> =
        tensor(&pauli.unitary(), &pauli.unitary()).iter().map(|x| x * Complex64::new(0.0, -sin)).collect();
    (0..4).for_each(|k| out[5 * k] += cos);
    out
}

fn many_controlled(matrix: &[Complex64], controls: usize) -> Vec<Complex64> {
    (0..controls).fold(matrix.to_vec(), |matrix, _| controlled(&matrix, true))
}

/// The identity but for the rows of these entries: Toffolis up to relative phases (Maslov, doi:10.1103/PhysRevA.93.022311).
fn relative(dimension: usize, entries: &[(usize, usize, Complex64)]) -> Vec<Complex64> {
    let mut out = vec![ZERO; dimension * dimension];
    (0..dimension).for_each(|k| out[k * (dimension + 1)] = ONE);
    for (row, _, _) in entries {
        out[row * (dimension + 1)] = ZERO;
    }
    for (row, column, value) in entries {
        out[row * dimension + column] = *value;
    }
    out
}

/// What a call of a library gate must look like.
#[derive(Debug, Clone, Copy)]
pub(super) struct Signature {
    pub parameters: usize,
    pub qubits: usize,
    row: Option<&'static Row>,
}

impl core::fmt::Debug for Row {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}", self.name)
    }
}

/// The gate of a name: of the language alone, or with the version's library included.
pub(super) fn find(name: &str, version: Version, included: bool) -> Option<Signature> {
    let builtin = match (name, version) {
        ("U", _) => Some(Signature { parameters: 3, qubits: 1, row: None }),
        ("CX", Version::Two) => ROWS.iter().find(|r| r.name == "CX").map(Signature::of),
        _ => None,
    };
    builtin.or_else(|| {
        let row = ROWS.iter().find(|r| r.name == name)?;
        let there = match row.home {
            Home::Language => version == Version::Three,
            Home::Both => included,
            Home::Qelib1 => included && version == Version::Two,
            Home::Stdgates => included && version == Version::Three,
        };
        there.then(|| Signature::of(row))
    })
}

/// Whether a name is in the other version's library, or in one that is not included.
pub(super) fn exists(name: &str) -> bool {
    ROWS.iter().any(|r| r.name == name)
}

impl Signature {
    fn of(row: &'static Row) -> Self {
        Self { parameters: row.parameters, qubits: row.qubits, row: Some(row) }
    }

    pub(super) fn action(&self, name: &str, arguments: &[f64], version: Version) -> Action {
        let matrix = match (self.row, arguments) {
            (Some(row), _) => (row.matrix)(arguments),
            (None, [theta, phi, lambda]) => {
                let angle = if version == Version::Two { -(phi + lambda) / 2.0 } else { theta / 2.0 };
                scaled(&u(*theta, *phi, *lambda), angle)
            }
            _ => Gate::I.unitary(),
        };
        Action::new(called(name, arguments), matrix)
    }
}

/// `rx(0.3)`, as it would be written.
pub(super) fn called(name: &str, arguments: &[f64]) -> String {
    if arguments.is_empty() {
        return name.to_owned();
    }
    let shown: Vec<String> = arguments.iter().map(f64::to_string).collect();
    format!("{name}({})", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operator::{distance_to_identity, product};
    use crate::qasm::action::{alike, dagger};

    const SOME: [f64; 4] = [0.3, -1.1, 2.4, 0.7];

    fn matrix(name: &str, arguments: &[f64]) -> Vec<Complex64> {
        ROWS.iter().find(|r| r.name == name).map(|r| (r.matrix)(arguments)).unwrap_or_default()
    }

    #[test]
    fn every_gate_is_unitary_and_of_its_size() {
        for row in ROWS {
            let m = (row.matrix)(&SOME[..row.parameters]);
            let n = 1 << row.qubits;
            assert_eq!(m.len(), n * n, "{}", row.name);
            assert!(distance_to_identity(&product(&m, &dagger(&m), n), n) < 1e-14, "{}", row.name);
        }
    }

    #[test]
    fn names_of_one_gate_agree() {
        for (a, b, angle) in [("rz", "u1", 0.4), ("p", "phase", 0.4), ("cu1", "cphase", 0.4)] {
            assert!(alike(&matrix(a, &[angle]), &matrix(b, &[angle])), "{a} {b}");
        }
        assert!(alike(&matrix("rx", &[0.4]), &u(0.4, -FRAC_PI_2, FRAC_PI_2)));
        assert!(alike(&matrix("ry", &[0.4]), &u(0.4, 0.0, 0.0)));
        assert!(alike(&matrix("h", &[]), &matrix("u2", &[0.0, PI])));
    }

    #[test]
    fn the_built_in_u_is_periodic_in_version_3() {
        let signature = find("U", Version::Three, false);
        let at = |theta: f64| signature.map(|s| s.action("U", &[theta, 0.2, 0.3], Version::Three).matrix).unwrap_or_default();
        for (a, b) in at(0.4).iter().zip(at(0.4 + 2.0 * PI)) {
            assert!((a - b).norm() < 1e-14);
        }
    }

    #[test]
    fn libraries_differ() {
        assert!(find("h", Version::Two, false).is_none());
        assert!(find("csx", Version::Two, true).is_some() && find("csx", Version::Three, true).is_none());
        assert!(find("cphase", Version::Three, true).is_some() && find("cphase", Version::Two, true).is_none());
        assert!(find("CX", Version::Two, false).is_some() && find("CX", Version::Three, false).is_none());
    }
}
