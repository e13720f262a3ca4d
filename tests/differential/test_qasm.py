"""OpenQASM against Qiskit: the same text means the same to both, in both directions."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import stim
from branches import distance, of_qiskit, of_text, phase_distance, unitary_of_text

import ebit

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    qiskit = pytest.importorskip("qiskit")
    from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister, qasm2, qasm3
    from qiskit.circuit import library as gates
    from qiskit.circuit.random import random_circuit
    from qiskit.quantum_info import Operator

ROUNDING = 1e-10

pytestmark = pytest.mark.filterwarnings("ignore")


def library() -> Iterator[Any]:
    """Every gate of Qiskit's qelib1.inc, and what its exporters define."""
    angles = [0.3, -1.1, 2.4, 0.7]
    plain = (
        "XGate YGate ZGate HGate SGate SdgGate TGate TdgGate SXGate SXdgGate IGate CXGate CYGate CZGate CHGate CSXGate"
        " SwapGate CCXGate CSwapGate RCCXGate RC3XGate C3XGate C3SXGate C4XGate iSwapGate DCXGate ECRGate CCZGate"
        " CSGate CSdgGate"
    )
    for name in plain.split(" "):
        yield getattr(gates, name)()
    for name, count in {
        "PhaseGate": 1, "U1Gate": 1, "U2Gate": 2, "U3Gate": 3, "UGate": 3, "RXGate": 1, "RYGate": 1, "RZGate": 1,
        "RGate": 2, "CRXGate": 1, "CRYGate": 1, "CRZGate": 1, "CPhaseGate": 1, "CU1Gate": 1, "CU3Gate": 3, "CUGate": 4,
        "RXXGate": 1, "RYYGate": 1, "RZZGate": 1, "RZXGate": 1, "XXPlusYYGate": 2, "XXMinusYYGate": 2,
    }.items():  # fmt: skip
        yield getattr(gates, name)(*angles[:count])
    yield gates.CXGate(ctrl_state=0)
    yield gates.UnitaryGate(Operator(gates.UGate(*angles[:3])).data)


@pytest.mark.parametrize("dumps", [qasm2.dumps, qasm3.dumps], ids=["2", "3"])
def test_every_library_gate(dumps: Any) -> None:
    for gate in library():
        n = gate.num_qubits + 1
        # Operands out of order, and one qubit idle: a gate the wrong way round shows.
        circuit = QuantumCircuit(n)
        circuit.append(gate, list(reversed(range(1, n))))
        text = str(ebit.Circuit.from_qasm(dumps(circuit)))
        assert phase_distance(unitary_of_text(text, n), Operator(circuit).data) < ROUNDING, gate.name


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("dumps", [qasm2.dumps, qasm3.dumps], ids=["2", "3"])
def test_random_circuits_from_qiskit(dumps: Any, seed: int) -> None:
    circuit = random_circuit(5, 6, max_operands=4, seed=seed)
    read = ebit.Circuit.from_qasm(dumps(circuit))
    assert phase_distance(unitary_of_text(str(read), 5), Operator(circuit).data) < ROUNDING
    # Written, and read by Qiskit.
    again = qasm2.loads(read.to_qasm(2), custom_instructions=qasm2.LEGACY_CUSTOM_INSTRUCTIONS)
    assert phase_distance(Operator(again).data, Operator(circuit).data) < ROUNDING
    again = qasm3.loads(read.to_qasm(3))
    assert phase_distance(Operator(again).data, Operator(circuit).data) < ROUNDING


def conditional(rng: np.random.Generator) -> Any:
    """A random Qiskit circuit with measurements, resets and conditions."""
    circuit = QuantumCircuit(
        QuantumRegister(2, "a"), QuantumRegister(2, "b"), ClassicalRegister(2, "c"), ClassicalRegister(2, "d")
    )

    def gate(n: int) -> None:
        kind, q = rng.integers(n), list(map(int, rng.permutation(4)))
        if kind == 0:
            circuit.h(q[0])
        elif kind == 1:
            circuit.x(q[0])
        elif kind == 2:
            circuit.z(q[0])
        elif kind == 3:
            circuit.u(*rng.uniform(-3, 3, 3), q[0])
        elif kind == 4:
            circuit.cx(q[0], q[1])
        elif kind == 5:
            circuit.cry(rng.uniform(-3, 3), q[0], q[1])
        elif kind == 6:
            circuit.reset(q[0])
        elif kind == 7:
            circuit.measure(q[0], int(rng.integers(4)))

    for _ in range(14):
        if rng.random() < 0.7:
            gate(8)
        elif rng.random() < 0.5:
            with circuit.if_test((circuit.cregs[int(rng.integers(2))], int(rng.integers(4)))):
                gate(7)
                gate(3)
        else:
            with circuit.if_test((circuit.clbits[int(rng.integers(4))], int(rng.integers(2)))) as otherwise:
                gate(7)
            with otherwise:
                gate(3)
    return circuit


@pytest.mark.parametrize("seed", range(30))
def test_conditions_on_outcomes(seed: int) -> None:
    circuit = conditional(np.random.default_rng(seed))
    wanted = of_qiskit(circuit)
    read = ebit.Circuit.from_qasm(qasm3.dumps(circuit))
    assert distance(of_text(str(read), 4), wanted) < ROUNDING
    # Written and read by ourselves, and by Qiskit.
    text = read.to_qasm(3)
    assert distance(of_text(str(ebit.Circuit.from_qasm(text)), 4), wanted) < ROUNDING


def test_conditions_of_version_2() -> None:
    rng = np.random.default_rng(5)
    for _ in range(20):
        lines = ["OPENQASM 2.0;", 'include "qelib1.inc";', "qreg q[3];", "creg c[2];", "creg d[1];"]
        for _ in range(12):
            a, b = map(int, rng.permutation(3)[:2])
            gate = ["h q[{a}];", "x q[{a}];", "rx(0.7) q[{a}];", "cx q[{a}],q[{b}];", "cu1(0.4) q[{a}],q[{b}];"][
                rng.integers(5)
            ]
            where = ["", "if(c=={k}) ", "if(d=={j}) "][rng.integers(3)].format(k=rng.integers(4), j=rng.integers(2))
            lines.append(where + gate.format(a=a, b=b))
            if rng.random() < 0.3:
                lines.append(f"measure q[{a}] -> {['c[0]', 'c[1]', 'd[0]'][rng.integers(3)]};")
        text = "\n".join(lines)
        wanted = of_qiskit(qasm2.loads(text, custom_instructions=qasm2.LEGACY_CUSTOM_INSTRUCTIONS))
        assert distance(of_text(str(ebit.Circuit.from_qasm(text)), 3), wanted) < ROUNDING, text


STIM_GATES = sorted(
    name for name, data in stim.gate_data().items() if data.is_unitary and name not in ("SPP", "SPP_DAG", "CZSWAP_DAG")
)


@pytest.mark.parametrize("seed", range(20))
def test_what_we_write_qiskit_reads(seed: int) -> None:
    rng = np.random.default_rng(seed)
    circuit = ebit.Circuit()
    for _ in range(30):
        name = STIM_GATES[rng.integers(len(STIM_GATES))]
        size = 2 if stim.gate_data(name).is_two_qubit_gate else 1
        circuit.append(name, [int(q) for q in rng.permutation(4)[:size]])
    circuit.append("MPP", ["X0", "*", "Y2"] if rng.integers(2) else ["!Z1", "*", "X3"])
    circuit.append("MRY", [1, "!3"])
    circuit.append("CX", ["rec[-1]", 0])
    circuit.append("SPP", ["X0", "*", "Z1"])
    circuit.append("MX", [2])
    circuit.append("CZ", ["rec[-2]", 3])
    # The reference: our own reading of what we wrote is compared with Qiskit's, and both with Stim's records below.
    for text, loads in [(circuit.to_qasm(2), qasm2.loads), (circuit.to_qasm(3), qasm3.loads)]:
        options = {"custom_instructions": qasm2.LEGACY_CUSTOM_INSTRUCTIONS} if loads is qasm2.loads else {}
        theirs = of_qiskit(loads(text, **options))
        assert distance(of_text(str(ebit.Circuit.from_qasm(text)), 4), theirs) < ROUNDING
        _same_records(theirs, str(circuit), seed)


def _same_records(branches: Any, text: str, seed: int) -> None:
    """Stim's samples have records of these branches only, and every branch is met.

    Probabilities of a stabilizer circuit's records are all equal: 2^-r. With 2000 shots and r <= 5 a branch is missed
    with probability below 32 (31/32)^2000 = 1e-26; a wrong branch is met with certainty as near.
    """
    found = set(map(tuple, stim.Circuit(text).compile_sampler(seed=seed).sample(2000).astype(int).tolist()))
    assert found == set(branches)


def test_three_things_at_once_from_the_gallery() -> None:
    teleport = """OPENQASM 2.0;
include "qelib1.inc";
qreg q[3]; creg c0[1]; creg c1[1];
u3(0.3,0.2,0.1) q[0];
h q[1]; cx q[1],q[2]; barrier q; cx q[0],q[1]; h q[0];
measure q[0] -> c0[0]; measure q[1] -> c1[0];
if(c0==1) z q[2]; if(c1==1) x q[2];"""
    branches = of_text(str(ebit.Circuit.from_qasm(teleport)), 3)
    state = Operator(gates.U3Gate(0.3, 0.2, 0.1)).data[:, 0]
    for record, rho in branches.items():
        one = np.trace(rho.reshape(2, 4, 2, 4), axis1=1, axis2=3)
        assert np.abs(4 * one - np.outer(state, state.conj())).max() < ROUNDING, record


def test_the_phase_of_u_is_the_language_s() -> None:
    """OpenQASM 3 gives U the phase e^(i theta/2) that Qiskit's U lacks: a control shows it."""
    text = 'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; ctrl @ U(pi, 0, pi) q[0], q[1];'
    assert str(ebit.Circuit.from_qasm(text)) == "CX 0 1\nS 0"


def test_a_long_text_is_read_at_a_fair_pace() -> None:
    import time

    text = 'OPENQASM 2.0; include "qelib1.inc"; qreg q[7];' + "h q[3];cx q[4],q[5];rz(0.1) q[6];\n" * 20_000
    begin = time.process_time()
    circuit = ebit.Circuit.from_qasm(text)
    # 60,000 gates; measured 0.05 s, a quadratic reader would need minutes.
    assert time.process_time() - begin < 5
    assert len(circuit) == 60_000
