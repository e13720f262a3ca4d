//! Stabilizer states from tableaus, generators and graphs, and what they can be written as.

use ebit_quantum::StabilizerState as Inner;
use numpy::{PyArray1, PyArray2, PyArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyType;

use super::{OBJECT, StabilizerState};
use crate::arguments::root;
use crate::arguments::{instance, shown};
use crate::errors::ok;
use crate::errors::{range_error, type_error};
use crate::pauli_string::pauli_string;
use crate::tableau::{Tableau, register};

#[pymethods]
impl StabilizerState {
    /// Return what a Clifford operation makes of |0...0>.
    ///
    /// Parameters
    /// ----------
    /// tableau : Tableau
    ///     On n qubits.
    /// rng : int, SeedSequence, Generator or None
    ///     Root of the random stream of measurements; an int repeats them.
    ///
    /// Returns
    /// -------
    /// StabilizerState
    ///
    /// Raises
    /// ------
    /// TooLargeError
    ///     More than fits into memory.
    ///
    /// Examples
    /// --------
    /// >>> StabilizerState.from_tableau(Tableau.from_circuit(Circuit("H 0\nCX 0 1"))).stabilizers()
    /// ['+XX', '+ZZ']
    #[classmethod]
    #[pyo3(signature = (tableau, rng=None))]
    fn from_tableau(cls: &Bound<'_, PyType>, tableau: &Bound<'_, PyAny>, rng: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let root = root(cls.py(), OBJECT, rng)?;
        let tableau = instance::<Tableau>(OBJECT, "tableau", "a Tableau", tableau)?.try_borrow()?;
        let inner = &tableau.inner;
        Self::wrap(cls.py().detach(|| Inner::from_tableau(inner, root)))
    }

    /// Return the state with these stabilizers; it is mixed where they are fewer than the qubits.
    ///
    /// Parameters
    /// ----------
    /// stabilizers : iterable of str or PauliString
    ///     At least one; all of one length, with sign + or -, commuting, and without contradiction. Products of others are left
    ///     out.
    /// rng : int, SeedSequence, Generator or None
    ///     Root of the random stream of measurements; an int repeats them.
    ///
    /// Returns
    /// -------
    /// StabilizerState
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     Strings that no state has as stabilizers.
    ///
    /// Examples
    /// --------
    /// >>> StabilizerState.from_stabilizers(["XX", "-ZZ"]).expectation("YY")
    /// 1
    /// >>> StabilizerState.from_stabilizers(["XX"]).entropy()
    /// 1
    #[classmethod]
    #[pyo3(signature = (stabilizers, rng=None))]
    fn from_stabilizers(
        cls: &Bound<'_, PyType>,
        stabilizers: &Bound<'_, PyAny>,
        rng: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let root = root(cls.py(), OBJECT, rng)?;
        let wrong = || type_error(OBJECT, "stabilizers", "a list of Pauli strings", shown(stabilizers), "as ['XX', 'ZZ']");
        let strings = stabilizers
            .try_iter()
            .map_err(|_| wrong())?
            .map(|item| pauli_string(OBJECT, "stabilizers", &item?))
            .collect::<PyResult<Vec<_>>>()?;
        if strings.first().is_none_or(|string| string.qubits() == 0) {
            return Err(range_error(OBJECT, "stabilizers", "at least one string with letters", shown(stabilizers), ""));
        }
        Self::wrap(cls.py().detach(|| Inner::from_stabilizers(&strings, root)))
    }

    /// Return the graph state of some edges: CZ on every edge of qubits in |+>.
    ///
    /// Parameters
    /// ----------
    /// edges : iterable of pairs of int, or array of shape (m, 2)
    ///     Two different vertices >= 0 each, every pair once.
    /// qubits : int, optional
    ///     Number of vertices; unless given one more than the largest that is named.
    /// rng : int, SeedSequence, Generator or None
    ///     Root of the random stream of measurements; an int repeats them.
    ///
    /// Returns
    /// -------
    /// StabilizerState
    ///     Its stabilizers are X on a vertex and Z on its neighbours.
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     A vertex outside the register, an edge that is a loop or named twice, neither edges nor ``qubits``.
    ///
    /// Notes
    /// -----
    /// Hein, Eisert and Briegel, doi:10.1103/PhysRevA.69.062311.
    ///
    /// Examples
    /// --------
    /// >>> s = StabilizerState.from_graph([(0, 1), (1, 2)])
    /// >>> s.expectation("XZ_"), s.expectation("ZXZ"), s.expectation("_ZX")
    /// (1, 1, 1)
    #[classmethod]
    #[pyo3(signature = (edges, qubits=None, rng=None))]
    fn from_graph(
        cls: &Bound<'_, PyType>,
        edges: &Bound<'_, PyAny>,
        qubits: Option<&Bound<'_, PyAny>>,
        rng: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let root = root(cls.py(), OBJECT, rng)?;
        let mut pairs = Vec::new();
        let wrong = |value: String| type_error(OBJECT, "edges", "pairs of vertices", value, "as [(0, 1), (1, 2)]");
        for item in edges.try_iter().map_err(|_| wrong(shown(edges)))? {
            let item = item?;
            let pair: (i64, i64) = match item.extract::<Vec<i64>>() {
                Ok(pair) if pair.len() == 2 => (pair[0], pair[1]),
                _ => return Err(wrong(shown(&item))),
            };
            let vertex = |v: i64| {
                usize::try_from(v).map_err(|_| range_error(OBJECT, "edges", "vertices >= 0", v, "vertices are numbered from 0"))
            };
            pairs.push((vertex(pair.0)?, vertex(pair.1)?));
        }
        let vertices = match qubits {
            Some(qubits) => register(OBJECT, qubits)?,
            None => pairs.iter().map(|(a, b)| a.max(b).saturating_add(1)).max().unwrap_or(0),
        };
        if vertices == 0 {
            return Err(range_error(OBJECT, "edges", "at least one, or qubits= given", "none", ""));
        }
        Self::wrap(cls.py().detach(|| Inner::from_graph(vertices, &pairs, root)))
    }

    /// Return the amplitudes of a pure state of at most 20 qubits.
    ///
    /// Returns
    /// -------
    /// complex array of shape (2^n,)
    ///     Qubit 0 is the least significant bit of the index; the first amplitude that is not 0 is positive.
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     More qubits, or a mixed state.
    ///
    /// Examples
    /// --------
    /// >>> StabilizerState.from_stabilizers(["XX", "ZZ"]).to_state_vector().real.round(6).tolist()
    /// [0.707107, 0.0, 0.0, 0.707107]
    fn to_state_vector<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<num_complex::Complex64>>> {
        Ok(PyArray1::from_vec(py, ok(py.detach(|| self.inner.to_state_vector()))?))
    }

    /// Return a graph, and the gate on each vertex that makes this state of its graph state.
    ///
    /// Returns
    /// -------
    /// edges : int array of shape (m, 2)
    /// gates : list of str
    ///     Stim's name of a one-qubit gate for each qubit; "I" for none.
    ///
    /// Raises
    /// ------
    /// RangeError
    ///     A mixed state.
    ///
    /// Notes
    /// -----
    /// Van den Nest, Dehaene and De Moor, doi:10.1103/PhysRevA.69.022316.
    ///
    /// Examples
    /// --------
    /// >>> s = StabilizerState.from_stabilizers(["XXX", "ZZ_", "_ZZ"])
    /// >>> edges, gates = s.to_graph()
    /// >>> same = StabilizerState.from_graph(edges)
    /// >>> for k, gate in enumerate(gates):
    /// ...     same.apply(gate, k)
    /// >>> same.fidelity(s)
    /// 1.0
    fn to_graph<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyArray2<i64>>, Vec<&'static str>)> {
        let form = ok(py.detach(|| self.inner.to_graph()))?;
        let flat: Vec<i64> = form.edges.iter().flat_map(|&(a, b)| [a as i64, b as i64]).collect();
        let edges = PyArray1::from_vec(py, flat).reshape([form.edges.len(), 2])?;
        Ok((edges, form.gates.iter().map(|gate| gate.name()).collect()))
    }
}
