//! Clifford gates as operations on the rows of an inverse tableau.
//!
//! Under a gate G the row of P becomes that of G^dagger P G, a product of old rows. One-qubit gates permute X, Y, Z and
//! give signs; two-qubit gates are an exchange of controlled Paulis and one-qubit gates. Refuses to know how rows are kept.

use ebit_bits::RowOperations;

use crate::gate::{Gate, Image};
use crate::pauli::Pauli;

/// The rows of X and Z of one qubit.
#[derive(Debug, Clone, Copy)]
struct Pair {
    x: usize,
    z: usize,
}

/// Puts a gate behind the operation whose inverse tableau `rows` is: row q is that of X_q, row `qubits + q` that of Z_q.
///
/// `second` is read by two-qubit gates only; the targets differ and exist.
#[inline]
pub(super) fn prepend(rows: &mut impl RowOperations, qubits: usize, gate: Gate, first: usize, second: usize) {
    let a = Pair { x: first, z: qubits + first };
    let b = Pair { x: second, z: qubits + second };
    match gate {
        Gate::I | Gate::II => {}
        Gate::X => rows.turn(a.z, 2),
        Gate::Z => rows.turn(a.x, 2),
        Gate::Y => {
            rows.turn(a.x, 2);
            rows.turn(a.z, 2);
        }
        Gate::H => rows.swap(a.x, a.z),
        Gate::S => s(rows, a, false),
        Gate::SDag => s(rows, a, true),
        Gate::CX => cx(rows, a, b),
        Gate::CZ => cz(rows, a, b),
        Gate::CY => around(rows, Gate::SDag, a, b, false, true, cx),
        Gate::XCX => with_h(rows, a, b, true, false, cx),
        Gate::XCZ => cx(rows, b, a),
        Gate::XCY => around(rows, Gate::SDag, a, b, false, true, |rows, a, b| with_h(rows, a, b, true, false, cx)),
        Gate::YCX => around(rows, Gate::SDag, a, b, true, false, |rows, a, b| with_h(rows, a, b, true, false, cx)),
        Gate::YCY => around(rows, Gate::SDag, a, b, true, true, |rows, a, b| with_h(rows, a, b, true, false, cx)),
        Gate::YCZ => around(rows, Gate::SDag, a, b, true, false, |rows, a, b| cx(rows, b, a)),
        Gate::Swap => swap(rows, a, b),
        Gate::ISwap | Gate::ISwapDag => {
            sqrt_zz(rows, a, b, gate == Gate::ISwapDag);
            swap(rows, a, b);
        }
        Gate::CXSwap => {
            cx(rows, a, b);
            swap(rows, a, b);
        }
        Gate::SwapCX => {
            swap(rows, a, b);
            cx(rows, a, b);
        }
        Gate::CZSwap => {
            cz(rows, a, b);
            swap(rows, a, b);
        }
        Gate::SqrtZZ | Gate::SqrtZZDag => sqrt_zz(rows, a, b, gate == Gate::SqrtZZDag),
        Gate::SqrtXX | Gate::SqrtXXDag => sqrt_xx(rows, a, b, gate == Gate::SqrtXXDag),
        Gate::SqrtYY | Gate::SqrtYYDag => {
            around(rows, Gate::SDag, a, b, true, true, |rows, a, b| sqrt_xx(rows, a, b, gate == Gate::SqrtYYDag));
        }
        _ => one_qubit(rows, gate, a),
    }
}

#[inline]
fn s(rows: &mut impl RowOperations, a: Pair, dagger: bool) {
    // S^dagger X S = -Y = -iXZ.
    rows.multiply(a.x, a.z, if dagger { 1 } else { 3 });
}

#[inline]
fn cx(rows: &mut impl RowOperations, control: Pair, target: Pair) {
    rows.multiply(control.x, target.x, 0);
    rows.multiply(target.z, control.z, 0);
}

#[inline]
fn cz(rows: &mut impl RowOperations, a: Pair, b: Pair) {
    rows.multiply(a.x, b.z, 0);
    rows.multiply(b.x, a.z, 0);
}

#[inline]
fn swap(rows: &mut impl RowOperations, a: Pair, b: Pair) {
    rows.swap(a.x, b.x);
    rows.swap(a.z, b.z);
}

#[inline]
fn sqrt_zz(rows: &mut impl RowOperations, a: Pair, b: Pair, dagger: bool) {
    s(rows, a, dagger);
    s(rows, b, dagger);
    cz(rows, a, b);
}

#[inline]
fn sqrt_xx(rows: &mut impl RowOperations, a: Pair, b: Pair, dagger: bool) {
    with_h(rows, a, b, true, true, |rows, a, b| sqrt_zz(rows, a, b, dagger));
}

/// A gate between two H on the targets named: the rows of X and Z change roles, and nothing moves.
#[inline]
fn with_h<R: RowOperations>(rows: &mut R, a: Pair, b: Pair, on_a: bool, on_b: bool, gate: impl FnOnce(&mut R, Pair, Pair)) {
    let turned = |pair: Pair, on| if on { Pair { x: pair.z, z: pair.x } } else { pair };
    gate(rows, turned(a, on_a), turned(b, on_b));
}

/// A gate between a one-qubit gate and its inverse on the targets named.
#[inline]
fn around<R: RowOperations>(
    rows: &mut R,
    outer: Gate,
    a: Pair,
    b: Pair,
    on_a: bool,
    on_b: bool,
    gate: impl FnOnce(&mut R, Pair, Pair),
) {
    for (pair, on) in [(a, on_a), (b, on_b)] {
        if on {
            one_qubit(rows, outer, pair);
        }
    }
    gate(rows, a, b);
    for (pair, on) in [(a, on_a), (b, on_b)] {
        if on {
            one_qubit(rows, outer.inverse(), pair);
        }
    }
}

/// Any of the 24: the row of X becomes that of G^dagger X G, the row of Z that of G^dagger Z G.
fn one_qubit(rows: &mut impl RowOperations, gate: Gate, a: Pair) {
    let inverse = gate.inverse();
    let (of_x, of_z) = (inverse.image_of_x(0), inverse.image_of_z(0));
    // X Z = -i Y, Z X = i Y.
    match (of_x.paulis[0], of_z.paulis[0]) {
        (Pauli::Z, Pauli::X) => rows.swap(a.x, a.z),
        (Pauli::Y, Pauli::Z) => rows.multiply(a.x, a.z, 1),
        (Pauli::X, Pauli::Y) => rows.multiply(a.z, a.x, 3),
        (Pauli::Z, Pauli::Y) => {
            rows.multiply(a.x, a.z, 1);
            rows.swap(a.x, a.z);
        }
        (Pauli::Y, Pauli::X) => {
            rows.swap(a.x, a.z);
            rows.multiply(a.x, a.z, 3);
        }
        _ => {}
    }
    for (row, image) in [(a.x, of_x), (a.z, of_z)] {
        if image.negative {
            rows.turn(row, 2);
        }
    }
}

/// The image of the letters on a gate's targets, as bits: `[x0, z0, x1, z1]` to the same and a power of i.
///
/// Letters X^x Z^z with all X first, as rows are kept.
pub(super) fn conjugated(gate: Gate, bits: usize) -> (usize, u8) {
    let pauli = |k: usize| Pauli::from_bits(bits >> (2 * k) & 1 != 0, bits >> (2 * k + 1) & 1 != 0);
    let ys = |paulis: [Pauli; 2]| paulis.iter().filter(|p| **p == Pauli::Y).count() as u8;
    let before = [pauli(0), pauli(1)];
    let Image { negative, paulis } = gate.conjugate(before);
    let bit = |k: usize| usize::from(paulis[k].has_x()) | usize::from(paulis[k].has_z()) << 1;
    // X Z = -i Y on the way in, Y = i X Z on the way out.
    (bit(0) | bit(1) << 2, (2 * u8::from(negative) + 3 * ys(before) + ys(paulis)) & 3)
}
