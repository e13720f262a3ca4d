"""Qiskit Aer: the C++ time it reports, per operation, by the difference of two long circuits; one thread."""

from __future__ import annotations

from typing import Any

import numpy as np
from dense_jobs import damping, density, rotation, summary
from qiskit import QuantumCircuit
from qiskit.quantum_info import Kraus
from qiskit_aer import AerSimulator
from qiskit_aer.library import SetDensityMatrix
from qiskit_aer.noise import depolarizing_error


def _run(qubits: int, kind: str, calls: int, keep: bool) -> tuple[float, Any]:
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
    if keep:
        circuit.save_density_matrix()
    simulator = AerSimulator(method="density_matrix", max_parallel_threads=1, fusion_enable=False)
    result = simulator.run(circuit, shots=1).result().results[0]
    return result.time_taken, result.data.density_matrix if keep else None


def channel(qubits: int, kind: str, calls: int, seed: int) -> dict[str, Any]:
    """One operation on the middle qubit, or depolarizing of two."""
    _, state = _run(qubits, kind, 1, keep=True)
    short = max(1, calls // 10)
    times = [_run(qubits, kind, count, keep=False)[0] for count in (short, short + calls)]
    return {"cpu_s": max(times[1] - times[0], 1e-9), "work": calls, "state": summary(np.asarray(state))}
