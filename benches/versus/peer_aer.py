"""Qiskit Aer: the C++ time it reports, per operation, by the difference of two long circuits; one thread."""

from __future__ import annotations

from typing import Any

import numpy as np
from dense_jobs import SWAP, damping, density, rotation, summary
from qiskit import QuantumCircuit
from qiskit.quantum_info import Kraus
from qiskit_aer import AerSimulator
from qiskit_aer.library import SetDensityMatrix
from qiskit_aer.noise import depolarizing_error


def _run(qubits: int, kind: str, calls: int) -> tuple[float, Any]:
    target = qubits // 2
    circuit = QuantumCircuit(qubits)
    circuit.append(SetDensityMatrix(density(qubits)), range(qubits))
    for _ in range(calls):
        if kind == "unitary":
            circuit.unitary(rotation(), [target])
        elif kind == "damping":
            circuit.append(Kraus(damping()), [target])
        else:
            circuit.append(depolarizing_error(0.01, 2).to_instruction(), [target, target - 1])
    # Without it Aer sees that nobody looks at the state, and does nothing.
    circuit.save_density_matrix()
    simulator = AerSimulator(method="density_matrix", max_parallel_threads=1, fusion_enable=False)
    result = simulator.run(circuit, shots=1).result().results[0]
    return result.time_taken, result.data.density_matrix


def channel(qubits: int, kind: str, calls: int, seed: int) -> dict[str, Any]:
    """One operation on the middle qubit, or depolarizing of two."""
    _, state = _run(qubits, kind, 1)
    short = max(1, calls // 10)
    times = [_run(qubits, kind, count)[0] for count in (short, short + calls)]
    return {"cpu_s": max(times[1] - times[0], 1e-9), "work": calls, "state": summary(np.asarray(state))}


def noisy_swap(shots: int, seed: int) -> dict[str, Any]:
    """Shots of the noisy swap's circuit, each with its outcomes and its state, which Aer averages."""
    pair, memory, gate = (
        depolarizing_error(SWAP[name], size).to_instruction()
        for name, size in (("pair", 2), ("memory", 1), ("gate", 2))
    )
    circuit = QuantumCircuit(4, 2)
    for first in (0, 2):
        circuit.h(first)
        circuit.cx(first, first + 1)
        circuit.append(pair, [first, first + 1])
    for qubit in range(4):
        circuit.append(memory, [qubit])
    circuit.cx(1, 2)
    circuit.append(gate, [1, 2])
    circuit.h(1)
    circuit.measure([1, 2], [0, 1])
    with circuit.if_test((circuit.clbits[1], 1)):
        circuit.x(3)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.z(3)
    circuit.save_density_matrix([0, 3])
    simulator = AerSimulator(method="density_matrix", max_parallel_threads=1, fusion_enable=False, seed_simulator=seed)
    result = simulator.run(circuit, shots=shots).result().results[0]
    bell = np.array([1, 0, 0, 1]) / np.sqrt(2)
    fidelity = float((bell @ np.asarray(result.data.density_matrix) @ bell).real)
    return {"cpu_s": result.time_taken, "work": shots, "state": [fidelity]}
