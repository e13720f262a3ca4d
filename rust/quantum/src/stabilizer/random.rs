//! Uniformly random Clifford operations, by sweeping random pairs.
//!
//! A Clifford operation is fixed, up to a Pauli, by what it makes of X_0, Z_0, then of X_1, Z_1 and so on. For qubit i an
//! anticommuting pair of strings on qubits i and above is drawn uniformly, and gates that bring it to X_i, Z_i are run; at
//! last every row gets a random sign (van den Berg, arXiv:2008.06011). All |Cl_n| operations are equally likely.

use ebit_bits::RowOperations;
use ebit_random::Stream;

use super::gates::prepend;
use super::tableau::Tableau;
use crate::error::QuantumError;
use crate::gate::Gate;

impl Tableau {
    /// A uniformly random Clifford operation.
    pub fn random(qubits: usize, stream: &mut Stream) -> Result<Self, QuantumError> {
        let mut out = Self::identity(qubits)?;
        let mut batch = out.rows.batch();
        for i in 0..qubits {
            let (mut p, mut q) = anticommuting(qubits - i, stream);
            bring_to_x(&mut p, &mut q, |gate, a, b| prepend(&mut batch, qubits, gate, i + a, i + b));
            // Now p is X_0, and q has Z or Y on 0. With X and Z exchanged there, bring q to X and keep p at Z.
            let x_only = q.letters[1..].iter().all(|&l| l == 0) && q.letters[0] == Z;
            if !x_only {
                let mut act = |gate, a: usize, b: usize| prepend(&mut batch, qubits, gate, i + a, i + b);
                apply(&mut p, &mut q, Gate::H, 0, 0, &mut act);
                bring_to_x(&mut q, &mut p, &mut act);
                apply(&mut p, &mut q, Gate::H, 0, 0, &mut act);
            }
            debug_assert!(p.is_at_start(X) && q.is_at_start(Z));
        }
        drop(batch);
        for row in 0..2 * qubits {
            out.rows.turn(row, 2 * (stream.next_u64() >> 63) as u8);
        }
        Ok(out)
    }
}

const X: u8 = 1;
const Z: u8 = 2;

/// Letters of a string: bit 0 for X, bit 1 for Z. Signs do not matter here.
struct Letters {
    letters: Vec<u8>,
}

impl Letters {
    fn draw(qubits: usize, stream: &mut Stream) -> Self {
        let mut letters = Vec::with_capacity(qubits);
        while letters.len() < qubits {
            let word = stream.next_u64();
            letters.extend((0..32.min(qubits - letters.len())).map(|k| (word >> (2 * k)) as u8 & 3));
        }
        Self { letters }
    }
    fn is_at_start(&self, letter: u8) -> bool {
        self.letters[0] == letter && self.letters[1..].iter().all(|&l| l == 0)
    }
    fn apply(&mut self, gate: Gate, a: usize, b: usize) {
        let exchanged = |l: u8| l >> 1 | (l & 1) << 1;
        match gate {
            Gate::H => self.letters[a] = exchanged(self.letters[a]),
            Gate::S => self.letters[a] ^= (self.letters[a] & X) << 1,
            Gate::Swap => self.letters.swap(a, b),
            // CX: the X of the control spreads, the Z of the target does.
            _ => {
                self.letters[b] ^= self.letters[a] & X;
                self.letters[a] ^= self.letters[b] & Z;
            }
        }
    }
}

fn anticommuting(qubits: usize, stream: &mut Stream) -> (Letters, Letters) {
    let p = loop {
        let p = Letters::draw(qubits, stream);
        if p.letters.iter().any(|&l| l != 0) {
            break p;
        }
    };
    loop {
        let q = Letters::draw(qubits, stream);
        let crossed = |(a, b): (&u8, &u8)| u32::from((a & X != 0) & (b & Z != 0)) + u32::from((a & Z != 0) & (b & X != 0));
        if p.letters.iter().zip(&q.letters).map(crossed).sum::<u32>() % 2 == 1 {
            return (p, q);
        }
    }
}

fn apply(p: &mut Letters, q: &mut Letters, gate: Gate, a: usize, b: usize, act: &mut impl FnMut(Gate, usize, usize)) {
    p.apply(gate, a, b);
    q.apply(gate, a, b);
    act(gate, a, b);
}

/// Gates that bring `p` to X on qubit 0. If `q` is Z there and nothing else, none of them changes it.
fn bring_to_x(p: &mut Letters, q: &mut Letters, mut act: impl FnMut(Gate, usize, usize)) {
    for k in 0..p.letters.len() {
        match p.letters[k] {
            3 => apply(p, q, Gate::S, k, 0, &mut act),
            Z => apply(p, q, Gate::H, k, 0, &mut act),
            _ => {}
        }
    }
    let Some(first) = p.letters.iter().position(|&l| l != 0) else { return };
    if first != 0 {
        apply(p, q, Gate::Swap, 0, first, &mut act);
    }
    for k in 1..p.letters.len() {
        if p.letters[k] != 0 {
            apply(p, q, Gate::CX, 0, k, &mut act);
        }
    }
}
