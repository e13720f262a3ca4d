//! What a gate does: a unitary with its exact global phase, for a control makes that observable.
//!
//! The first operand is the least significant bit, as everywhere. Knows which unitaries are Clifford gates, to 1e-12.

use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;

use ebit_random::math;
use num_complex::Complex64;

use crate::circuit::Unitary;
use crate::gate::Gate;
use crate::operator::{ONE, ZERO, product};

/// Entries that differ by less are the same.
pub(super) const EXACT: f64 = 1e-12;

/// The unitary of one gate, or a global phase where there is no qubit.
#[derive(Debug)]
pub(super) struct Action {
    /// As it was written, for people.
    pub name: String,
    pub matrix: Vec<Complex64>,
    pub qubits: usize,
    form: OnceCell<Form>,
}

/// What an action is to a circuit.
#[derive(Debug, Clone)]
pub(super) enum Form {
    /// Gates on the operands of these numbers, in order; none for a phase.
    Clifford(Vec<(Gate, Vec<usize>)>),
    Other(Arc<Unitary>),
}

/// An action on qubits.
#[derive(Debug, Clone)]
pub(super) struct Placed {
    pub action: Rc<Action>,
    pub qubits: Vec<u32>,
}

pub(super) fn phase(angle: f64) -> Complex64 {
    Complex64::new(math::cos(angle), math::sin(angle))
}

impl Action {
    pub(super) fn new(name: impl Into<String>, matrix: Vec<Complex64>) -> Self {
        let qubits = matrix.len().ilog2() as usize / 2;
        Self { name: name.into(), matrix, qubits, form: OnceCell::new() }
    }

    pub(super) fn inverse(&self) -> Self {
        Self::new(format!("inv @ {}", self.name), dagger(&self.matrix))
    }

    /// With one control in front: if the control is `on`, this.
    pub(super) fn controlled(&self, on: bool) -> Self {
        let name = format!("{} @ {}", if on { "ctrl" } else { "negctrl" }, self.name);
        Self::new(name, controlled(&self.matrix, on))
    }

    /// The principal power, eigenvalues' arguments in (-pi, pi]; of phases and one-qubit gates only.
    pub(super) fn power(&self, exponent: f64) -> Option<Self> {
        let matrix = match self.matrix.as_slice() {
            [z] => vec![phase(exponent * argument(*z))],
            [a, b, c, d] => {
                let mean = (a + d) / 2.0;
                // U = mean + deviation; the deviation squares to a number.
                let deviation = [(a - d) / 2.0, *b, *c, (d - a) / 2.0];
                let half = (deviation[0] * deviation[0] + b * c).sqrt();
                if half.norm() < EXACT {
                    let z = phase(exponent * argument(mean));
                    vec![z, ZERO, ZERO, z]
                } else {
                    let [first, second] = [mean + half, mean - half].map(|z| phase(exponent * argument(z)));
                    let (sum, difference) = ((first + second) / 2.0, (first - second) / 2.0);
                    let at = |k: usize| if k.is_multiple_of(3) { sum } else { ZERO };
                    (0..4).map(|k| at(k) + difference * deviation[k] / half).collect()
                }
            }
            _ => return None,
        };
        Some(Self::new(format!("pow({exponent}) @ {}", self.name), matrix))
    }

    /// The form, found once; None if a circuit cannot hold it.
    pub(super) fn form(&self) -> Option<&Form> {
        if self.form.get().is_none() {
            let form = match clifford(&self.matrix, self.qubits) {
                Some(gates) => Form::Clifford(gates),
                None => Form::Other(Arc::new(Unitary::new(self.name.clone(), self.matrix.clone()).ok()?)),
            };
            return Some(self.form.get_or_init(|| form));
        }
        self.form.get()
    }
}

/// The argument in (-pi, pi]; what is -1 but for rounding has pi.
fn argument(z: Complex64) -> f64 {
    let angle = math::atan2(z.im, z.re);
    if angle < EXACT - core::f64::consts::PI { core::f64::consts::PI } else { angle }
}

pub(super) fn dagger(matrix: &[Complex64]) -> Vec<Complex64> {
    let n = 1usize << (matrix.len().ilog2() / 2);
    (0..n * n).map(|k| matrix[(k % n) * n + k / n].conj()).collect()
}

pub(super) fn controlled(matrix: &[Complex64], on: bool) -> Vec<Complex64> {
    let n = 1usize << (matrix.len().ilog2() / 2);
    let mut out = vec![ZERO; 4 * n * n];
    let (active, idle) = (usize::from(on), usize::from(!on));
    for row in 0..n {
        out[(2 * row + idle) * 2 * n + 2 * row + idle] = ONE;
        for column in 0..n {
            out[(2 * row + active) * 2 * n + 2 * column + active] = matrix[row * n + column];
        }
    }
    out
}

/// Whether A = e^(i phase) B.
pub(super) fn alike(a: &[Complex64], b: &[Complex64]) -> bool {
    // The phase of the overlap is the phase between them.
    let overlap: Complex64 = a.iter().zip(b).map(|(a, b)| a * b.conj()).sum();
    let size = overlap.norm_sqr().sqrt();
    if a.len() != b.len() || size < 0.5 {
        return false;
    }
    let z = overlap / size;
    a.iter().zip(b).all(|(a, b)| (a - z * b).norm_sqr() < EXACT * EXACT)
}

/// The Clifford gates that make this unitary up to a global phase, if it is one, of up to two qubits.
fn clifford(matrix: &[Complex64], qubits: usize) -> Option<Vec<(Gate, Vec<usize>)>> {
    match qubits {
        0 => Some(Vec::new()),
        1 => Some(vec![(one(matrix)?, vec![0])]),
        2 => two(matrix),
        _ => None,
    }
}

fn one(matrix: &[Complex64]) -> Option<Gate> {
    Gate::ALL.iter().copied().find(|g| g.qubits() == 1 && alike(matrix, &g.unitary()))
}

/// One gate, or a swap, one gate and one-qubit gates after it: the cosets of the two-qubit Clifford group.
fn two(matrix: &[Complex64]) -> Option<Vec<(Gate, Vec<usize>)>> {
    let pairs = || Gate::ALL.iter().copied().filter(|g| g.qubits() == 2);
    if let Some(gate) = pairs().find(|g| alike(matrix, &g.unitary())) {
        return Some(vec![(gate, vec![0, 1])]);
    }
    let swapped = product(matrix, &Gate::Swap.unitary(), 4);
    for (start, matrix) in [(None, matrix), (Some(Gate::Swap), swapped.as_slice())] {
        for gate in pairs() {
            let rest = product(matrix, &dagger(&gate.unitary()), 4);
            if let Some((first, second)) = factors(&rest)
                && let (Some(a), Some(b)) = (one(&first), one(&second))
            {
                let pair = [start, Some(gate)].into_iter().flatten().filter(|g| *g != Gate::II).map(|g| (g, vec![0, 1]));
                let single = [(a, vec![0]), (b, vec![1])].into_iter().filter(|(g, _)| *g != Gate::I);
                return Some(pair.chain(single).collect());
            }
        }
    }
    None
}

/// A and B of B (x) A, up to phases, if a 4x4 unitary is such a product; A acts on the least significant bit.
fn factors(matrix: &[Complex64]) -> Option<(Vec<Complex64>, Vec<Complex64>)> {
    let at = |high_row: usize, low_row: usize, high: usize, low: usize| matrix[(2 * high_row + low_row) * 4 + 2 * high + low];
    let (pivot, _) = matrix.iter().enumerate().map(|(k, x)| (k, x.norm_sqr())).max_by(|a, b| a.1.total_cmp(&b.1))?;
    let (row, column) = (pivot / 4, pivot % 4);
    let unit = |block: Vec<Complex64>| {
        let norm = (block.iter().map(Complex64::norm_sqr).sum::<f64>() / 2.0).sqrt();
        block.into_iter().map(|x| x / norm).collect::<Vec<_>>()
    };
    let low = unit((0..4).map(|k| at(row / 2, k / 2, column / 2, k % 2)).collect());
    let high = unit((0..4).map(|k| at(k / 2, row % 2, k % 2, column % 2)).collect());
    alike(matrix, &tensor(&high, &low)).then_some((low, high))
}

pub(super) fn tensor(high: &[Complex64], low: &[Complex64]) -> Vec<Complex64> {
    let (n, m) = (1usize << (high.len().ilog2() / 2), 1usize << (low.len().ilog2() / 2));
    let dimension = n * m;
    (0..dimension * dimension)
        .map(|k| {
            let (row, column) = (k / dimension, k % dimension);
            high[row / m * n + column / m] * low[row % m * m + column % m]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operator::apply_to_bits;

    /// The unitary of gates on two qubits, multiplied out.
    fn together(gates: &[(Gate, Vec<usize>)]) -> Vec<Complex64> {
        let mut columns = vec![ZERO; 16];
        (0..4).for_each(|k| columns[5 * k] = ONE);
        for (gate, bits) in gates {
            // Columns are the low bits of the index, rows the high ones.
            apply_to_bits(&mut columns, &gate.unitary(), &bits.iter().map(|b| b + 2).collect::<Vec<_>>());
        }
        columns
    }

    #[test]
    fn every_two_qubit_clifford_is_recognised() {
        let ones: Vec<Gate> = Gate::ALL.iter().copied().filter(|g| g.qubits() == 1).collect();
        let pairs: Vec<Gate> = Gate::ALL.iter().copied().filter(|g| g.qubits() == 2).collect();
        let local = |k: usize| tensor(&ones[k * 7 % 24].unitary(), &ones[k * 5 % 24].unitary());
        for (k, gate) in pairs.iter().enumerate() {
            for (j, other) in pairs.iter().enumerate().step_by(3) {
                let z = phase(0.3 * k as f64 + j as f64);
                let mut matrix = product(&local(3 * k + j), &gate.unitary(), 4);
                matrix = product(&local(k + 11 * j + 2), &product(&matrix, &other.unitary(), 4), 4);
                let matrix: Vec<Complex64> = matrix.iter().map(|x| x * z).collect();
                let found = clifford(&matrix, 2).map(|gates| alike(&together(&gates), &matrix));
                assert_eq!(found, Some(true), "{gate:?} {other:?}");
            }
        }
    }

    #[test]
    fn gates_of_the_table_are_one_gate() {
        for gate in Gate::ALL {
            let gates = clifford(&gate.unitary(), gate.qubits());
            assert_eq!(gates.map(|g| g.iter().map(|(g, _)| *g).collect::<Vec<_>>()), Some(vec![*gate]));
        }
    }

    #[test]
    fn what_is_close_to_a_clifford_is_none() {
        let rz = |angle: f64| vec![ONE, ZERO, ZERO, phase(angle)];
        assert!(one(&rz(core::f64::consts::FRAC_PI_2 + 1e-14)).is_some());
        assert!(one(&rz(core::f64::consts::FRAC_PI_2 + 1e-9)).is_none());
        assert!(two(&controlled(&rz(0.5), true)).is_none());
    }

    #[test]
    fn powers_are_principal_and_add() {
        let x = Action::new("x", Gate::X.unitary());
        let root = x.power(0.5).map(|a| a.matrix).unwrap_or_default();
        for (a, b) in root.iter().zip(Gate::SqrtX.unitary()) {
            assert!((a - b).norm() < 1e-15);
        }
        let u = Action::new("u", product(&Gate::Cxyz.unitary(), &[ONE, ZERO, ZERO, phase(0.7)], 2));
        let third = u.power(1.0 / 3.0).map(|a| a.matrix).unwrap_or_default();
        let cube = product(&third, &product(&third, &third, 2), 2);
        for (a, b) in cube.iter().zip(&u.matrix) {
            assert!((a - b).norm() < 1e-14);
        }
        assert!(Action::new("swap", Gate::Swap.unitary()).power(0.5).is_none());
    }

    #[test]
    fn a_control_is_the_least_significant_bit() {
        let x = Action::new("x", Gate::X.unitary());
        assert!(alike(&x.controlled(true).matrix, &Gate::CX.unitary()));
        let off = x.controlled(false).matrix;
        assert_eq!(off[2], ONE, "control 0: target flips");
    }
}
