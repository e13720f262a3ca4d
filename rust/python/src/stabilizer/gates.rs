//! Gates on a stabilizer state: a method for each of Stim's names, and whole operations.

use ebit_quantum::Gate;
use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::{OBJECT, StabilizerState};
use crate::arguments::instance;
use crate::circuit::Circuit;
use crate::dense::run_circuit;
use crate::errors::ok;
use crate::pauli_string::pauli_string;
use crate::tableau::{Tableau, gate};

/// `#[pymethods]` with a method per gate: the attribute sees no macros inside its block.
macro_rules! methods {
    ([$($one:ident $one_gate:ident)*] [$($two:ident $two_gate:ident)*]) => {
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
}

#[pymethods]
impl StabilizerState {
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
}
