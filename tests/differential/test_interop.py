"""States, circuits and operators to other packages and back; every case is asymmetric, so that a wrong order shows."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest
import qutip
import stim
from branches import distance, of_qiskit, of_text
from test_qasm import STIM_GATES, conditional

import ebit
from ebit.errors import MissingExtraError, RangeError, UnsupportedQasmError, WrongTypeError
from ebit.interop._dense import ordered
from ebit.interop.qiskit import from_qiskit, to_qiskit
from ebit.interop.qutip import from_qutip, to_qutip
from ebit.interop.stim import from_stim, to_stim

qiskit = pytest.importorskip("qiskit")
quantum_info = pytest.importorskip("qiskit.quantum_info")

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")

ROUNDING = 1e-12
PAULIS = {
    "I": np.eye(2),
    "X": np.array([[0, 1], [1, 0]]),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1, -1]),
}


def vector(n: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    psi = rng.normal(size=2**n) + 1j * rng.normal(size=2**n)
    return psi / np.linalg.norm(psi)


def matrix(n: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    a = rng.normal(size=(2**n, 2**n)) + 1j * rng.normal(size=(2**n, 2**n))
    rho = a @ a.conj().T
    return rho / np.trace(rho)


def states(seed: int) -> list[Any]:
    dense = [ebit.DensityMatrix.from_numpy(matrix(3, seed))]
    if hasattr(ebit, "StateVector"):
        dense.append(ebit.StateVector.from_numpy(vector(3, seed)))
    return dense


def expectation(array: np.ndarray, paulis: str, endian: str) -> complex:
    """<P> with character k on qubit k, by a tensor product written out."""
    order = paulis if endian == "big" else paulis[::-1]
    operator = np.ones((1, 1))
    for p in order:
        operator = np.kron(operator, PAULIS[p])
    rho = np.outer(array, array.conj()) if array.ndim == 1 else array
    return np.trace(operator @ rho)


@pytest.mark.parametrize("paulis", ["ZII", "IXZ", "YZX"])
def test_arrays_in_both_orders(paulis: str) -> None:
    for little in (vector(3, 1), matrix(3, 1)):
        big = ordered(little, "big", "test")
        assert not np.allclose(little, big)
        assert abs(expectation(little, paulis, "little") - expectation(big, paulis, "big")) < ROUNDING
        assert np.array_equal(ordered(big, "big", "test"), little)
        assert ordered(little, "little", "test") is little


@pytest.mark.parametrize("paulis", ["ZII", "IXZ", "YZX"])
def test_qutip_in_both_orders(paulis: str) -> None:
    operators = {"I": qutip.qeye(2), "X": qutip.sigmax(), "Y": qutip.sigmay(), "Z": qutip.sigmaz()}
    for state in states(2):
        wanted = expectation(state.to_numpy(), paulis, "little")
        for endian, order in (("big", paulis), ("little", paulis[::-1])):
            there = to_qutip(state, endian=endian)
            assert there.dims[0] == [2, 2, 2]
            found = qutip.expect(qutip.tensor(*(operators[p] for p in order)), there)
            assert abs(found - wanted) < ROUNDING
            assert np.array_equal(from_qutip(there, endian=endian).to_numpy(), state.to_numpy())


@pytest.mark.parametrize("paulis", ["ZII", "IXZ", "YZX"])
def test_qiskit_states(paulis: str) -> None:
    for state in states(3):
        there = to_qiskit(state)
        # Qiskit's labels have qubit 0 on the right.
        found = there.expectation_value(quantum_info.Pauli(paulis[::-1]))
        assert abs(found - expectation(state.to_numpy(), paulis, "little")) < ROUNDING
        assert np.array_equal(from_qiskit(there).to_numpy(), state.to_numpy())


def test_qiskit_operators() -> None:
    circuit = qiskit.QuantumCircuit(2)
    circuit.cx(0, 1)
    circuit.ry(0.3, 0)
    array = from_qiskit(quantum_info.Operator(circuit))
    rho = ebit.DensityMatrix.from_numpy(matrix(2, 4))
    wanted = quantum_info.DensityMatrix(rho.to_numpy()).evolve(circuit)
    rho.apply(array, [0, 1])
    assert np.abs(rho.to_numpy() - wanted.data).max() < ROUNDING
    assert to_qiskit(array) == quantum_info.Operator(circuit)


@pytest.mark.parametrize("seed", range(10))
def test_stabilizer_states_tableaus_and_paulis(seed: int) -> None:
    tableau = ebit.Tableau.random(4, rng=seed)
    theirs = to_stim(tableau)
    assert from_stim(theirs) == tableau
    clifford = to_qiskit(tableau)
    assert from_qiskit(clifford) == tableau
    # Qiskit and Stim agree on what it does to a Pauli string.
    pauli = ebit.PauliString(str(stim.PauliString.random(4)))
    image = tableau(pauli)
    assert from_stim(theirs(to_stim(pauli))) == image
    assert from_qiskit(to_qiskit(image)) == image
    assert from_qiskit(to_qiskit(pauli).evolve(clifford, frame="s")) == image

    state = ebit.StabilizerState.from_tableau(tableau)
    there = to_qiskit(state)
    assert from_qiskit(there).stabilizers() == state.stabilizers()
    for label in ("ZIII", "IXZY", "XXYZ", *state.stabilizers()):
        text = label.lstrip("+-").replace("_", "I")
        assert there.expectation_value(quantum_info.Pauli(text[::-1])) == state.expectation(text)


@pytest.mark.parametrize("seed", range(10))
def test_circuits_to_stim_and_back(seed: int) -> None:
    theirs = stim.Circuit.generated(
        "surface_code:rotated_memory_z", distance=3, rounds=seed + 1, after_clifford_depolarization=0.01
    )
    ours = from_stim(theirs)
    assert to_stim(ours) == theirs
    assert from_stim(to_stim(ours)) == ours


@pytest.mark.parametrize("seed", range(15))
def test_circuits_from_qiskit_and_back(seed: int) -> None:
    circuit = conditional(np.random.default_rng(100 + seed))
    ours = from_qiskit(circuit)
    wanted = of_qiskit(circuit)
    assert distance(of_text(str(ours), 4), wanted) < 1e-10
    assert distance(of_qiskit(to_qiskit(ours)), wanted) < 1e-10


@pytest.mark.parametrize("seed", range(15))
def test_every_instruction_to_qiskit(seed: int) -> None:
    rng = np.random.default_rng(seed)
    circuit = ebit.Circuit()
    for _ in range(20):
        name = STIM_GATES[rng.integers(len(STIM_GATES))]
        size = 2 if stim.gate_data(name).is_two_qubit_gate else 1
        circuit.append(name, [int(q) for q in rng.permutation(4)[:size]])
    text = "MPP !X0*Y2 Z1\nMRX !1\nTICK\nMYY 0 3\nSPP X0*Z1\nREPEAT 2 {\n    M !0\n    CX rec[-1] 1 2 3\n}\nH[a tag] 0"
    circuit = circuit + ebit.Circuit(text)
    reference = of_text(str(ebit.Circuit.from_qasm(circuit.to_qasm(3))), 4)
    assert distance(of_qiskit(to_qiskit(circuit)), reference) < 1e-10


def test_loose_qubits_keep_their_order() -> None:
    bits = [qiskit.circuit.Qubit() for _ in range(2)]
    circuit = qiskit.QuantumCircuit(qiskit.QuantumRegister(2, "r"), bits)
    circuit.x(3)
    circuit.h(0)
    assert str(from_qiskit(circuit)) == "X 3\nH 0"


def test_what_does_not_exist_there_is_refused() -> None:
    with pytest.raises(RangeError, match="to_stim: the circuit must be in Stim's language, got UNITARY"):
        to_stim(ebit.Circuit.from_qasm('OPENQASM 2.0; include "qelib1.inc"; qreg q[1]; t q[0];'))
    with pytest.raises(UnsupportedQasmError, match="found DEPOLARIZE1"):
        to_qiskit(ebit.Circuit("DEPOLARIZE1(0.1) 0"))
    circuit = qiskit.QuantumCircuit(1)
    circuit.rx(qiskit.circuit.Parameter("theta"), 0)
    with pytest.raises(UnsupportedQasmError, match="assign the parameters before the export"):
        from_qiskit(circuit)
    with pytest.raises(RangeError, match="dims must be all 2: qubits"):
        from_qutip(qutip.basis(3, 0))
    with pytest.raises(RangeError, match=r"take \.dag"):
        from_qutip(qutip.basis(2, 0).dag())
    with pytest.raises(RangeError, match="dims must be all 2: qubits"):
        from_qiskit(quantum_info.Statevector(np.array([1, 0, 0])))
    mixed = ebit.StabilizerState(2)
    mixed.h(0)
    mixed.cx(0, 1)
    with pytest.raises(RangeError, match="stabilizer states are pure"):
        to_qiskit(mixed.partial_trace([0]))


@pytest.mark.parametrize("convert", [to_stim, from_stim, to_qiskit, from_qiskit, to_qutip, from_qutip])
@pytest.mark.parametrize("thing", [None, 3, "X", object()])
def test_other_types_are_refused(convert: Any, thing: Any) -> None:
    with pytest.raises(WrongTypeError, match="must be"):
        convert(thing)


@pytest.mark.parametrize("endian", ["middle", "", None, 1])
def test_other_orders_are_refused(endian: Any) -> None:
    wrong = pytest.raises(RangeError if isinstance(endian, str) else WrongTypeError, match='"little" or "big"')
    with wrong:
        to_qutip(ebit.DensityMatrix(1), endian=endian)


@pytest.mark.parametrize(
    ("name", "convert"),
    [
        ("stim", to_stim),
        ("stim", from_stim),
        ("qiskit", to_qiskit),
        ("qiskit", from_qiskit),
        ("qutip", to_qutip),
        ("qutip", from_qutip),
    ],
)
def test_a_missing_package_names_its_extra(name: str, convert: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in [m for m in sys.modules if m == name or m.startswith(name + ".")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtraError, match=rf"{name} is not installed: pip install 'ebit\[{name}\]'"):
        convert(ebit.Circuit("H 0"))
    assert issubclass(MissingExtraError, ImportError)


def test_importing_the_bridges_imports_no_package() -> None:
    import subprocess

    code = (
        "import sys, ebit.interop.stim, ebit.interop.qiskit, ebit.interop.qutip;"
        "print([m for m in ('stim', 'qiskit', 'qutip', 'scipy') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
