//! Graph states: stabilizer states as graphs with a Clifford gate on each vertex.
//!
//! |G> has, for each vertex i, the stabilizer X_i times Z on its neighbours (Hein, Eisert, Briegel,
//! doi:10.1103/PhysRevA.69.062311). Every pure stabilizer state is one up to local gates (Van den Nest, Dehaene, De Moor,
//! doi:10.1103/PhysRevA.69.022316): H on the qubits without a pivot of their own makes the X part of the generators
//! invertible, S and Z then mend letters and signs.

use std::collections::BTreeSet;

use ebit_bits::{PhasedRows, Plane};

use super::OBJECT;
use super::gates::prepend;
use super::state::StabilizerState;
use super::tableau::rows;
use crate::error::QuantumError;
use crate::gate::{Gate, Image};
use crate::pauli::Pauli;
use crate::pauli_string::PauliString;

/// A graph and the gates that make a state of its graph state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphForm {
    /// Pairs with the smaller vertex first, in order.
    pub edges: Vec<(usize, usize)>,
    /// One gate a qubit, done after the graph state is made.
    pub gates: Vec<Gate>,
}

impl StabilizerState {
    /// The graph state of n vertices.
    pub fn from_graph(vertices: usize, edges: &[(usize, usize)], root: u128) -> Result<Self, QuantumError> {
        let mut out = Self::new(vertices, root)?;
        let mut seen = BTreeSet::new();
        let wrong = |k: usize, range: String, (a, b): (usize, usize), hint| {
            Err(QuantumError::new(OBJECT, format!("edges[{k}]"), range, format!("({a}, {b})"), hint))
        };
        for (k, &(a, b)) in edges.iter().enumerate() {
            if a.max(b) >= vertices {
                return wrong(
                    k,
                    format!("two vertices in [0, {}]", vertices as i128 - 1),
                    (a, b),
                    "vertices are numbered from 0",
                );
            }
            if a == b || !seen.insert((a.min(b), a.max(b))) {
                return wrong(k, "two different vertices, each pair once".into(), (a, b), "");
            }
        }
        let mut batch = out.inverse.rows.batch();
        for q in 0..vertices {
            prepend(&mut batch, vertices, Gate::H, q, 0);
        }
        for &(a, b) in edges {
            prepend(&mut batch, vertices, Gate::CZ, a, b);
        }
        drop(batch);
        Ok(out)
    }

    /// A graph whose graph state is this state up to one gate on each qubit.
    pub fn to_graph(&self) -> Result<GraphForm, QuantumError> {
        let n = self.qubits();
        let strings = self.stabilizers()?;
        if strings.len() < n {
            return Err(QuantumError::new(OBJECT, "the state", "pure", "a mixed one", "only pure states have a graph"));
        }
        let mut pivoted = vec![false; n];
        let side_by_side = x_then_z(&strings, n)?;
        for row in 0..n {
            if let Some(bit) = side_by_side.first_bit(row, Plane::X).filter(|&bit| bit < n) {
                pivoted[bit] = true;
            }
        }
        let mut turned = self.try_clone()?;
        let turned_qubits: Vec<usize> = (0..n).filter(|&q| !pivoted[q]).collect();
        turned.apply(Gate::H, &turned_qubits)?;
        let adjacency = x_then_z(&turned.stabilizers()?, n)?;
        let mut form = GraphForm { edges: Vec::new(), gates: Vec::with_capacity(n) };
        for (i, had_pivot) in pivoted.iter().enumerate() {
            let mut string = PauliString::identity(n);
            let looped = adjacency.bit(i, Plane::X, n + i);
            string.set(i, if looped { Pauli::Y } else { Pauli::X });
            for j in (0..n).filter(|&j| j != i && adjacency.bit(i, Plane::X, n + j)) {
                string.set(j, Pauli::Z);
                if i < j {
                    form.edges.push((i, j));
                }
            }
            let negative = turned.expectation(&string)? == -1;
            let diagonal = match (looped, negative) {
                (false, false) => Gate::I,
                (false, true) => Gate::Z,
                (true, false) => Gate::S,
                (true, true) => Gate::SDag,
            };
            form.gates.push(if *had_pivot { diagonal } else { after(diagonal, Gate::H) });
        }
        Ok(form)
    }
}

/// The generators' bits as [X | Z] in one plane, reduced from the left.
fn x_then_z(strings: &[PauliString], n: usize) -> Result<PhasedRows, QuantumError> {
    let mut out = rows(OBJECT, strings.len(), 2 * n)?;
    for (row, string) in strings.iter().enumerate() {
        for (q, pauli) in string.paulis().enumerate() {
            for (bit, set) in [(q, pauli.has_x()), (n + q, pauli.has_z())] {
                if set {
                    out.set_bit(row, Plane::X, bit);
                }
            }
        }
    }
    out.reduce();
    Ok(out)
}

/// The one-qubit gate that is `first` and then `second`.
fn after(first: Gate, second: Gate) -> Gate {
    let both = |image: Image| {
        let next = second.conjugate([image.paulis[0], Pauli::I]);
        Image { negative: next.negative != image.negative, ..next }
    };
    let (x, z) = (both(first.image_of_x(0)), both(first.image_of_z(0)));
    let same = |gate: &&Gate| gate.qubits() == 1 && gate.image_of_x(0) == x && gate.image_of_z(0) == z;
    Gate::ALL.iter().find(same).copied().unwrap_or(Gate::I)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_qubit_gates_compose() {
        assert_eq!(after(Gate::S, Gate::S), Gate::Z);
        assert_eq!(after(Gate::H, Gate::H), Gate::I);
        assert_eq!(after(Gate::S, Gate::SDag), Gate::I);
        assert_eq!(after(Gate::H, Gate::Z), Gate::SqrtYDag);
    }
}
