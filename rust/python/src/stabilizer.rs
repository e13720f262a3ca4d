//! Stabilizer states: gates as methods, measurements, what is known without measuring.
//!
//! A call with one or two plain integers is the hot path: no allocation, the GIL kept. Long work lets go of it.

use ebit_quantum::{Gate, Pauli, QuantumError, StabilizerState as Inner};
use numpy::{PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyInt, PyString, PyTuple, PyType};

use crate::arguments::{instance, integer, shown};
use crate::circuit::Circuit;
use crate::dense::run_circuit;
use crate::errors::{quantum_error, range_error, type_error};
use crate::pauli_string::pauli_string;
use crate::tableau::{Tableau, bytes_to_words, gate, register, root, words_to_bytes};

const OBJECT: &str = "StabilizerState";
/// Words to be touched from which on the GIL is let go: some 20 microseconds.
const LONG: usize = 1 << 18;

fn ok<T>(result: Result<T, QuantumError>) -> PyResult<T> {
    result.map_err(|e| quantum_error(&e))
}

/// Stabilizer state of up to 100,000 qubits: what Clifford gates, Pauli measurements and Pauli noise make of |0...0>.
///
/// Parameters
/// ----------
/// qubits : int
///     Number n of qubits, >= 1; they start in |0...0>. The state takes n^2 / 2 bytes.
/// rng : int, SeedSequence, Generator or None
///     Root of the random stream of measurements; an int repeats them.
///
/// Raises
/// ------
/// RangeError
///     No qubits; from operations: a qubit outside the register, a Pauli string of another length.
/// TooLargeError
///     More than fits into memory.
/// WrongTypeError
///     An argument of another type.
///
/// Notes
/// -----
/// Gates are methods under Stim's names and take a qubit (or a pair), several, or integer arrays of them:
/// ``s.cx(0, 1, 1, 2)`` does two. In a Pauli string character k acts on qubit k, "_" and "I" read alike. ``fidelity`` is
/// <psi|rho|psi>, not its root; entropies are in bits. A state is mixed where ``partial_trace`` or ``from_stabilizers``
/// left fewer stabilizers than qubits.
///
/// ``len(s)`` counts qubits. States pickle and copy with their random streams where they are. Aaronson and Gottesman,
/// doi:10.1103/PhysRevA.70.052328; the inverse tableau is Gidney's, doi:10.22331/q-2021-07-06-497.
///
/// Examples
/// --------
/// >>> s = StabilizerState(3, rng=7)
/// >>> s.h(0)
/// >>> s.cx(0, 1, 1, 2)
/// >>> s.stabilizers()
/// ['+XXX', '+Z_Z', '+_ZZ']
/// >>> s.measure_pauli("XXX"), s.expectation("ZZI"), s.entanglement_entropy([0])
/// (0, 1, 1)
/// >>> s.measure(0) == s.measure(2)
/// True
#[pyclass(module = "ebit")]
pub struct StabilizerState {
    inner: Inner,
}

/// What pickle keeps: the class, its arguments, and stream, rows and phases.
type Reduced<'py> = (Bound<'py, PyType>, (usize, u8), Bound<'py, PyTuple>);

/// A plain int, quickly; None for everything else and for negative ones.
#[inline]
fn plain(value: &Bound<'_, PyAny>) -> Option<usize> {
    if !value.is_exact_instance_of::<PyInt>() {
        return None;
    }
    // The one integer type that Python hands over without a detour.
    value.extract::<i64>().ok().and_then(|number| usize::try_from(number).ok())
}

impl StabilizerState {
    fn wrap(inner: Result<Inner, QuantumError>) -> PyResult<Self> {
        Ok(Self { inner: ok(inner)? })
    }

    fn one(&self, parameter: &str, value: &Bound<'_, PyAny>) -> PyResult<usize> {
        if let Some(qubit) = plain(value) {
            return Ok(qubit);
        }
        let range = format!("in [0, {}]", self.inner.qubits() as i64 - 1);
        let hint = "qubits are numbered from 0";
        let number = integer(OBJECT, parameter, value, &range, hint)?;
        usize::try_from(number).map_err(|_| range_error(OBJECT, parameter, &range, number, hint))
    }

    /// Targets given one by one, or as arrays and lists of them.
    fn many<'py>(&self, values: impl IntoIterator<Item = Bound<'py, PyAny>>) -> PyResult<Vec<usize>> {
        let mut targets = Vec::new();
        for value in values {
            if plain(&value).is_none() && !value.is_instance_of::<PyString>() && value.hasattr("__len__")? {
                self.array(&value, &mut targets)?;
            } else {
                targets.push(self.one("targets", &value)?);
            }
        }
        Ok(targets)
    }

    fn array(&self, value: &Bound<'_, PyAny>, targets: &mut Vec<usize>) -> PyResult<()> {
        let py = value.py();
        let wrong = || type_error(OBJECT, "targets", "qubits, or arrays of qubits", shown(value), "as 0, 1 or [0, 1]");
        let array = py.import("numpy")?.call_method1("asarray", (value,)).map_err(|_| wrong())?;
        let kind: String = array.getattr("dtype")?.getattr("kind")?.extract()?;
        if array.getattr("size")?.extract::<usize>()? == 0 {
            return Ok(());
        }
        if kind != "i" && kind != "u" {
            return Err(wrong());
        }
        let options = PyDict::new(py);
        options.set_item("casting", "unsafe")?;
        let flat = array.call_method0("ravel")?.call_method("astype", ("int64",), Some(&options))?;
        let flat: PyReadonlyArray1<'_, i64> = flat.extract()?;
        for &number in flat.as_array() {
            let range = || format!("in [0, {}]", self.inner.qubits() as i64 - 1);
            let target = usize::try_from(number)
                .map_err(|_| range_error(OBJECT, "targets", &range(), number, "qubits are numbered from 0"))?;
            targets.push(target);
        }
        Ok(())
    }

    #[inline]
    fn gate1(&mut self, py: Python<'_>, gate: Gate, qubit: &Bound<'_, PyAny>, more: &Bound<'_, PyTuple>) -> PyResult<()> {
        if let Some(qubit) = plain(qubit)
            && more.is_empty()
        {
            return ok(self.inner.apply_one(gate, qubit));
        }
        let targets = self.many(std::iter::once(qubit.clone()).chain(more.iter()))?;
        self.apply_all(py, gate, &targets)
    }

    #[inline]
    fn gate2(
        &mut self,
        py: Python<'_>,
        gate: Gate,
        first: &Bound<'_, PyAny>,
        second: Option<&Bound<'_, PyAny>>,
        more: &Bound<'_, PyTuple>,
    ) -> PyResult<()> {
        if let (Some(a), Some(b)) = (plain(first), second.and_then(plain))
            && more.is_empty()
        {
            return ok(self.inner.apply_two(gate, a, b));
        }
        let targets = self.many([Some(first.clone()), second.cloned()].into_iter().flatten().chain(more.iter()))?;
        self.apply_all(py, gate, &targets)
    }

    fn apply_all(&mut self, py: Python<'_>, gate: Gate, targets: &[usize]) -> PyResult<()> {
        if self.is_long(targets.len()) {
            return ok(py.detach(|| self.inner.apply(gate, targets)));
        }
        ok(self.inner.apply(gate, targets))
    }

    fn is_long(&self, rows: usize) -> bool {
        rows.saturating_mul(self.inner.qubits() / 32 + 1) > LONG
    }

    #[inline]
    fn measured(&mut self, py: Python<'_>, qubit: &Bound<'_, PyAny>, axis: Pauli) -> PyResult<u8> {
        let qubit = self.one("qubit", qubit)?;
        // A certain outcome is only looked up.
        if self.is_long(2 * self.inner.qubits()) && ok(self.inner.peek(qubit, axis))?.is_none() {
            return ok(py.detach(|| self.inner.measure_in(qubit, axis))).map(u8::from);
        }
        ok(self.inner.measure_in(qubit, axis)).map(u8::from)
    }
}

/// A letter X, Y or Z.
fn axis(value: Option<&Bound<'_, PyAny>>) -> PyResult<Pauli> {
    let Some(value) = value else { return Ok(Pauli::Z) };
    match value.extract::<&str>() {
        Ok("X") => Ok(Pauli::X),
        Ok("Y") => Ok(Pauli::Y),
        Ok("Z") => Ok(Pauli::Z),
        Ok(_) => Err(range_error(OBJECT, "basis", "'X', 'Y' or 'Z'", shown(value), "")),
        Err(_) => Err(type_error(OBJECT, "basis", "'X', 'Y' or 'Z'", shown(value), "")),
    }
}

fn bit(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    if let Ok(bit) = value.cast::<PyBool>() {
        return Ok(bit.is_true());
    }
    match integer(OBJECT, "outcome", value, "0 or 1", "as measure gives it")? {
        0 => Ok(false),
        1 => Ok(true),
        other => Err(range_error(OBJECT, "outcome", "0 or 1", other, "as measure gives it")),
    }
}

/// `#[pymethods]` with a method per gate: the attribute sees no macros inside its block.
macro_rules! methods {
    ([$($one:ident $one_gate:ident)*] [$($two:ident $two_gate:ident)*] { $($rest:tt)* }) => {
        #[pymethods]
        impl StabilizerState {
            $(
                #[doc = concat!("Apply Stim's gate ``", stringify!($one), "`` to each target, a qubit in [0, n-1] or an integer array of them.")]
                #[pyo3(signature = (qubit, /, *more))]
                fn $one(&mut self, py: Python<'_>, qubit: &Bound<'_, PyAny>, more: &Bound<'_, PyTuple>) -> PyResult<()> {
                    self.gate1(py, Gate::$one_gate, qubit, more)
                }
            )*
            $(
                #[doc = concat!("Apply Stim's gate ``", stringify!($two), "`` to each pair of targets; integer arrays of pairs will do.")]
                #[pyo3(signature = (first, second=None, /, *more))]
                fn $two(
                    &mut self,
                    py: Python<'_>,
                    first: &Bound<'_, PyAny>,
                    second: Option<&Bound<'_, PyAny>>,
                    more: &Bound<'_, PyTuple>,
                ) -> PyResult<()> {
                    self.gate2(py, Gate::$two_gate, first, second, more)
                }
            )*
            $($rest)*
        }
    };
}

methods! {
    [
        x X y Y z Z h H h_xz H h_xy Hxy h_yz Hyz h_nxy Hnxy h_nxz Hnxz h_nyz Hnyz
        s S s_dag SDag sqrt_z S sqrt_z_dag SDag sqrt_x SqrtX sqrt_x_dag SqrtXDag sqrt_y SqrtY sqrt_y_dag SqrtYDag
        c_xyz Cxyz c_zyx Czyx c_nxyz Cnxyz c_xnyz Cxnyz c_xynz Cxynz c_nzyx Cnzyx c_znyx Cznyx c_zynx Czynx
    ]
    [
        cx CX cnot CX zcx CX cy CY zcy CY cz CZ zcz CZ xcx XCX xcy XCY xcz XCZ ycx YCX ycy YCY ycz YCZ
        swap Swap iswap ISwap iswap_dag ISwapDag cxswap CXSwap swapcx SwapCX czswap CZSwap swapcz CZSwap
        sqrt_xx SqrtXX sqrt_xx_dag SqrtXXDag sqrt_yy SqrtYY sqrt_yy_dag SqrtYYDag sqrt_zz SqrtZZ sqrt_zz_dag SqrtZZDag
    ]
    {
        #[new]
        #[pyo3(signature = (qubits, rng=None))]
        fn new(py: Python<'_>, qubits: &Bound<'_, PyAny>, rng: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
            Self::wrap(Inner::new(register(OBJECT, qubits)?, root(py, OBJECT, rng)?))
        }

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

        /// Number of qubits.
        #[getter]
        fn num_qubits(&self) -> usize {
            self.inner.qubits()
        }

        /// Apply a gate by its name.
        ///
        /// Parameters
        /// ----------
        /// name : str
        ///     Any of Stim's names of a Clifford gate, in either case.
        /// *targets : int, or sequences or integer arrays of int
        ///     Qubits in [0, n-1], or pairs of them one after the other.
        ///
        /// Raises
        /// ------
        /// RangeError
        ///     Another name, a qubit outside the register, half a pair, or a pair of equal qubits.
        ///
        /// Examples
        /// --------
        /// >>> s = StabilizerState(4)
        /// >>> s.apply("X", [0, 3])
        /// >>> s.measure_many([0, 1, 2, 3]).tolist()
        /// [True, False, False, True]
        #[pyo3(signature = (name, *targets))]
        fn apply(&mut self, py: Python<'_>, name: &Bound<'_, PyAny>, targets: &Bound<'_, PyTuple>) -> PyResult<()> {
            let gate = gate(OBJECT, name)?;
            let targets = self.many(targets.iter())?;
            self.apply_all(py, gate, &targets)
        }

        /// Apply the letters of a Pauli string as gates.
        ///
        /// Parameters
        /// ----------
        /// pauli : str or PauliString
        ///     A letter for every qubit; its phase changes nothing.
        ///
        /// Raises
        /// ------
        /// RangeError
        ///     Another number of letters, or other letters.
        ///
        /// Examples
        /// --------
        /// >>> s = StabilizerState(3)
        /// >>> s.apply_pauli("X_X")
        /// >>> s.measure(0), s.measure(1), s.measure(2)
        /// (1, 0, 1)
        fn apply_pauli(&mut self, pauli: &Bound<'_, PyAny>) -> PyResult<()> {
            ok(self.inner.apply_pauli(&pauli_string(OBJECT, "pauli", pauli)?))
        }

        /// Apply a Clifford operation to all qubits.
        ///
        /// Parameters
        /// ----------
        /// tableau : Tableau
        ///     On n qubits.
        ///
        /// Raises
        /// ------
        /// RangeError
        ///     A tableau on another number of qubits, or a mixed state.
        ///
        /// Examples
        /// --------
        /// >>> s = StabilizerState(1)
        /// >>> s.apply_tableau(Tableau.from_gate("H"))
        /// >>> s.stabilizers()
        /// ['+X']
        fn apply_tableau(&mut self, py: Python<'_>, tableau: &Bound<'_, PyAny>) -> PyResult<()> {
            let tableau = instance::<Tableau>(OBJECT, "tableau", "a Tableau", tableau)?.try_borrow()?;
            let operation = &tableau.inner;
            ok(py.detach(|| self.inner.apply_tableau(operation)))
        }

        /// Run one shot of a circuit.
        ///
        /// Parameters
        /// ----------
        /// circuit : Circuit
        ///     On at most n qubits: Clifford gates, measurements, feedback and Pauli noise, which is drawn.
        ///
        /// Returns
        /// -------
        /// bool array
        ///     Measurement record.
        ///
        /// Raises
        /// ------
        /// RangeError
        ///     More qubits than the state has, or a record before the beginning.
        /// FormalismError
        ///     A gate that is not Clifford; state vectors and density matrices run it.
        /// KeyboardInterrupt
        ///     Ctrl-C in a long run; the state has seen a part of the circuit.
        ///
        /// Examples
        /// --------
        /// >>> bits = StabilizerState(2, rng=7).run(Circuit("H 0\nCX 0 1\nM 0 1"))
        /// >>> bool(bits[0] == bits[1])
        /// True
        fn run<'py>(&mut self, py: Python<'py>, circuit: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyArray1<bool>>> {
            let circuit = instance::<Circuit>(OBJECT, "circuit", "a Circuit", circuit)?.try_borrow()?;
            let steps = &circuit.inner;
            let (weight, state) = (self.inner.qubits() as u64, &mut self.inner);
            let bits = run_circuit(py, steps, weight, |watch| state.run_until(steps, || watch.should_stop()))?;
            Ok(PyArray1::from_vec(py, bits))
        }

        /// Measure a qubit in Z; the state collapses.
        ///
        /// Parameters
        /// ----------
        /// qubit : int
        ///     In [0, n-1].
        ///
        /// Returns
        /// -------
        /// int
        ///     0 or 1; where it is not certain a fair bit of the state's random stream.
        ///
        /// Raises
        /// ------
        /// RangeError
        ///     A qubit outside the register.
        ///
        /// Examples
        /// --------
        /// >>> s = StabilizerState(2, rng=7)
        /// >>> s.h(0)
        /// >>> s.cx(0, 1)
        /// >>> s.measure(0) == s.measure(1)
        /// True
        fn measure(&mut self, py: Python<'_>, qubit: &Bound<'_, PyAny>) -> PyResult<u8> {
            self.measured(py, qubit, Pauli::Z)
        }

        /// Measure a qubit in X: 0 for |+>, 1 for |->; the state collapses.
        ///
        /// Parameters
        /// ----------
        /// qubit : int
        ///     In [0, n-1].
        ///
        /// Returns
        /// -------
        /// int
        ///
        /// Examples
        /// --------
        /// >>> s = StabilizerState(1)
        /// >>> s.h(0)
        /// >>> s.measure_x(0)
        /// 0
        fn measure_x(&mut self, py: Python<'_>, qubit: &Bound<'_, PyAny>) -> PyResult<u8> {
            self.measured(py, qubit, Pauli::X)
        }

        /// Measure a qubit in Y: 0 for the +1 eigenstate, 1 for the other; the state collapses.
        ///
        /// Parameters
        /// ----------
        /// qubit : int
        ///     In [0, n-1].
        ///
        /// Returns
        /// -------
        /// int
        ///
        /// Examples
        /// --------
        /// >>> s = StabilizerState(1)
        /// >>> s.sqrt_x(0)
        /// >>> s.measure_y(0)
        /// 1
        fn measure_y(&mut self, py: Python<'_>, qubit: &Bound<'_, PyAny>) -> PyResult<u8> {
            self.measured(py, qubit, Pauli::Y)
        }

        /// Measure several qubits in Z, in the order in which they are named.
        ///
        /// Parameters
        /// ----------
        /// *targets : int, or sequences or integer arrays of int
        ///     Qubits in [0, n-1].
        ///
        /// Returns
        /// -------
        /// bool array
        ///     One outcome for each target.
        ///
        /// Raises
        /// ------
        /// RangeError
        ///     A qubit outside the register; those named before it are measured.
        ///
        /// Examples
        /// --------
        /// >>> s = StabilizerState(3)
        /// >>> s.x(2)
        /// >>> s.measure_many(0, [1, 2]).tolist()
        /// [False, False, True]
        #[pyo3(signature = (*targets))]
        fn measure_many<'py>(&mut self, py: Python<'py>, targets: &Bound<'py, PyTuple>) -> PyResult<Bound<'py, PyArray1<bool>>> {
            let targets = self.many(targets.iter())?;
            let bits: Result<Vec<bool>, QuantumError> =
                py.detach(|| targets.iter().map(|&qubit| self.inner.measure(qubit)).collect());
            Ok(PyArray1::from_vec(py, ok(bits)?))
        }

        /// Measure a product of Paulis and none of its factors; the state collapses.
        ///
        /// Parameters
        /// ----------
        /// pauli : str or PauliString
        ///     A letter for every qubit, with sign + or -.
        ///
        /// Returns
        /// -------
        /// int
        ///     0 for +1, 1 for -1; where it is not certain a fair bit of the state's random stream.
        ///
        /// Raises
        /// ------
        /// RangeError
        ///     Another number of letters, or a phase i.
        ///
        /// Examples
        /// --------
        /// >>> s = StabilizerState(2, rng=7)
        /// >>> s.h(0)
        /// >>> s.cx(0, 1)
        /// >>> s.measure_pauli("XX"), s.measure_pauli("-ZZ"), s.peek(0)
        /// (0, 1, None)
        fn measure_pauli(&mut self, py: Python<'_>, pauli: &Bound<'_, PyAny>) -> PyResult<u8> {
            let string = pauli_string(OBJECT, "pauli", pauli)?;
            ok(py.detach(|| self.inner.measure_pauli(&string))).map(u8::from)
        }

        /// Bring each target to |0>, whatever it was entangled with.
        ///
        /// Parameters
        /// ----------
        /// qubit, *more : int, or sequences or integer arrays of int
        ///     Qubits in [0, n-1].
        ///
        /// Raises
        /// ------
        /// RangeError
        ///     A qubit outside the register.
        ///
        /// Examples
        /// --------
        /// >>> s = StabilizerState.from_stabilizers(["XX", "ZZ"])
        /// >>> s.reset(0, 1)
        /// >>> s.stabilizers()
        /// ['+Z_', '+_Z']
        #[pyo3(signature = (qubit, /, *more))]
        fn reset(&mut self, py: Python<'_>, qubit: &Bound<'_, PyAny>, more: &Bound<'_, PyTuple>) -> PyResult<()> {
            let targets = self.many(std::iter::once(qubit.clone()).chain(more.iter()))?;
            ok(py.detach(|| targets.iter().try_for_each(|&qubit| self.inner.reset(qubit))))
        }

        /// Project a qubit on an outcome.
        ///
        /// Parameters
        /// ----------
        /// qubit : int
        ///     In [0, n-1].
        /// outcome : {0, 1}
        /// basis : {"X", "Y", "Z"}, optional
        ///     Z unless given.
        ///
        /// Returns
        /// -------
        /// float
        ///     Probability of the outcome, 1 or 1/2.
        ///
        /// Raises
        /// ------
        /// ImpossibleOutcomeError
        ///     The other outcome is certain; the state is left as it was.
        /// RangeError
        ///     A qubit outside the register, another outcome or basis.
        ///
        /// Examples
        /// --------
        /// >>> s = StabilizerState(2)
        /// >>> s.h(0)
        /// >>> s.cx(0, 1)
        /// >>> s.postselect(0, 1), s.measure(1)
        /// (0.5, 1)
        #[pyo3(signature = (qubit, outcome, basis=None))]
        fn postselect(
            &mut self,
            qubit: &Bound<'_, PyAny>,
            outcome: &Bound<'_, PyAny>,
            basis: Option<&Bound<'_, PyAny>>,
        ) -> PyResult<f64> {
            let (qubit, axis, outcome) = (self.one("qubit", qubit)?, axis(basis)?, bit(outcome)?);
            ok(self.inner.postselect(qubit, axis, outcome))
        }

        /// Project on an outcome of a product of Paulis.
        ///
        /// Parameters
        /// ----------
        /// pauli : str or PauliString
        ///     A letter for every qubit, with sign + or -.
        /// outcome : {0, 1}
        ///     0 for +1, 1 for -1.
        ///
        /// Returns
        /// -------
        /// float
        ///     Probability of the outcome, 1 or 1/2.
        ///
        /// Raises
        /// ------
        /// ImpossibleOutcomeError
        ///     The other outcome is certain; the state is left as it was.
        /// RangeError
        ///     Another number of letters, a phase i, or another outcome.
        ///
        /// Examples
        /// --------
        /// >>> s = StabilizerState(2)
        /// >>> s.postselect_pauli("XX", 0), s.stabilizers()
        /// (0.5, ['+XX', '+ZZ'])
        fn postselect_pauli(&mut self, pauli: &Bound<'_, PyAny>, outcome: &Bound<'_, PyAny>) -> PyResult<f64> {
            ok(self.inner.postselect_pauli(&pauli_string(OBJECT, "pauli", pauli)?, bit(outcome)?))
        }

        /// Return what a measurement would give if that is certain, else None; the state is left alone.
        ///
        /// Parameters
        /// ----------
        /// qubit : int
        ///     In [0, n-1].
        /// basis : {"X", "Y", "Z"}, optional
        ///     Z unless given.
        ///
        /// Returns
        /// -------
        /// int or None
        ///
        /// Raises
        /// ------
        /// RangeError
        ///     A qubit outside the register, or another basis.
        ///
        /// Examples
        /// --------
        /// >>> s = StabilizerState(1)
        /// >>> s.peek(0), s.peek(0, "X")
        /// (0, None)
        #[pyo3(signature = (qubit, basis=None))]
        fn peek(&self, qubit: &Bound<'_, PyAny>, basis: Option<&Bound<'_, PyAny>>) -> PyResult<Option<u8>> {
            Ok(ok(self.inner.peek(self.one("qubit", qubit)?, axis(basis)?))?.map(u8::from))
        }

        /// Return the expectation of a product of Paulis; the state is left alone.
        ///
        /// Parameters
        /// ----------
        /// pauli : str or PauliString
        ///     A letter for every qubit, with sign + or -.
        ///
        /// Returns
        /// -------
        /// int
        ///     +1 or -1 where a measurement is certain, else 0.
        ///
        /// Raises
        /// ------
        /// RangeError
        ///     Another number of letters, or a phase i.
        ///
        /// Examples
        /// --------
        /// >>> s = StabilizerState.from_stabilizers(["XX", "ZZ"])
        /// >>> s.expectation("YY"), s.expectation("Z_")
        /// (-1, 0)
        fn expectation(&self, pauli: &Bound<'_, PyAny>) -> PyResult<i8> {
            ok(self.inner.expectation(&pauli_string(OBJECT, "pauli", pauli)?))
        }

        /// Return the canonical generators of the stabilizer group: those of Stim's ``canonical_stabilizers``.
        ///
        /// Returns
        /// -------
        /// list of str
        ///     n strings with sign; fewer if the state is mixed. Equal states have equal lists.
        ///
        /// Examples
        /// --------
        /// >>> s = StabilizerState(2)
        /// >>> s.h(0)
        /// >>> s.cx(0, 1)
        /// >>> s.stabilizers()
        /// ['+XX', '+ZZ']
        fn stabilizers(&self, py: Python<'_>) -> PyResult<Vec<String>> {
            let strings = py.detach(|| self.inner.stabilizers().map(|all| all.iter().map(ToString::to_string).collect()));
            ok(strings)
        }

        /// Return the entropy of some qubits in bits: of a pure state their entanglement with the rest.
        ///
        /// Parameters
        /// ----------
        /// qubits : int, sequence or integer array of int
        ///     Different qubits in [0, n-1].
        ///
        /// Returns
        /// -------
        /// int
        ///     Number of the qubits less that of their own independent stabilizers.
        ///
        /// Raises
        /// ------
        /// RangeError
        ///     A qubit outside the register, or named twice.
        ///
        /// Notes
        /// -----
        /// Fattal et al., arXiv:quant-ph/0406168.
        ///
        /// Examples
        /// --------
        /// >>> StabilizerState.from_graph([(0, 1), (1, 2), (2, 3)]).entanglement_entropy([0, 2])
        /// 2
        fn entanglement_entropy(&self, py: Python<'_>, qubits: &Bound<'_, PyAny>) -> PyResult<usize> {
            let targets = self.many([qubits.clone()])?;
            ok(py.detach(|| self.inner.entanglement_entropy(&targets)))
        }

        /// Return the entropy of the whole state in bits: 0 if it is pure.
        ///
        /// Returns
        /// -------
        /// int
        ///     Number of qubits less that of independent stabilizers.
        ///
        /// Examples
        /// --------
        /// >>> StabilizerState.from_stabilizers(["ZZ_", "_ZZ"]).entropy()
        /// 1
        fn entropy(&self, py: Python<'_>) -> PyResult<usize> {
            ok(py.detach(|| self.inner.entropy()))
        }

        /// Return the state of some qubits, the others traced out.
        ///
        /// Parameters
        /// ----------
        /// keep : int, sequence or integer array of int
        ///     Different qubits in [0, n-1]; ``keep[k]`` becomes qubit k.
        ///
        /// Returns
        /// -------
        /// StabilizerState
        ///     Mixed where the kept qubits were entangled with the others.
        ///
        /// Raises
        /// ------
        /// RangeError
        ///     No qubits, equal ones, or some outside the register.
        ///
        /// Examples
        /// --------
        /// >>> s = StabilizerState.from_stabilizers(["XXX", "ZZ_", "_ZZ"])
        /// >>> s.partial_trace([0, 2]).stabilizers()
        /// ['+ZZ']
        fn partial_trace(&self, py: Python<'_>, keep: &Bound<'_, PyAny>) -> PyResult<Self> {
            let keep = self.many([keep.clone()])?;
            if keep.is_empty() {
                return Err(range_error(OBJECT, "keep", "at least one qubit", "none", ""));
            }
            Self::wrap(py.detach(|| self.inner.partial_trace(&keep)))
        }

        /// Return the fidelity with a state: <psi|rho|psi> if one is pure, Uhlmann's in general; not its root.
        ///
        /// Parameters
        /// ----------
        /// other : StabilizerState
        ///     Of as many qubits.
        ///
        /// Returns
        /// -------
        /// float
        ///     0 or a power of 1/2.
        ///
        /// Raises
        /// ------
        /// RangeError
        ///     A state of another size.
        ///
        /// Examples
        /// --------
        /// >>> a = StabilizerState.from_stabilizers(["XX", "ZZ"])
        /// >>> a.fidelity(StabilizerState(2)), a.fidelity(StabilizerState.from_stabilizers(["ZZ"]))
        /// (0.5, 0.5)
        fn fidelity(&self, py: Python<'_>, other: &Bound<'_, PyAny>) -> PyResult<f64> {
            let other = instance::<Self>(OBJECT, "other", "a StabilizerState", other)?.try_borrow()?;
            let theirs = &other.inner;
            ok(py.detach(|| self.inner.fidelity(theirs)))
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

        /// Return a state that is changed by itself; it draws what this one will draw.
        fn copy(&self) -> PyResult<Self> {
            Self::wrap(self.inner.try_clone())
        }
        fn __copy__(&self) -> PyResult<Self> {
            self.copy()
        }
        fn __deepcopy__(&self, _memo: &Bound<'_, PyDict>) -> PyResult<Self> {
            self.copy()
        }
        fn __len__(&self) -> usize {
            self.inner.qubits()
        }
        fn __repr__(&self) -> String {
            format!("StabilizerState({} qubits)", self.inner.qubits())
        }
        /// A pickled state goes on with its random stream where it was.
        fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Reduced<'py>> {
            let (py, this) = (slf.py(), slf.try_borrow()?);
            let (words, phases) = this.inner.to_words();
            let place = (this.inner.root(), this.inner.position());
            let state = (place, words_to_bytes(py, &words), PyBytes::new(py, &phases)).into_pyobject(py)?;
            Ok((slf.get_type(), (this.inner.qubits(), 0), state))
        }
        fn __setstate__(&mut self, state: ((u128, u64), Vec<u8>, Vec<u8>)) -> PyResult<()> {
            let ((root, position), words, phases) = state;
            self.inner = ok(Inner::from_words(self.inner.qubits(), &bytes_to_words(&words), &phases, root))?;
            self.inner.set_stream(root, position);
            Ok(())
        }
    }
}
