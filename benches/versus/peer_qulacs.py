"""qulacs 0.6.14: prepared gate objects on density matrices and state vectors."""

from __future__ import annotations

import os
from time import process_time
from typing import Any

from dense_jobs import amplitudes, damping, density, rotation, summary


def _timed(gate: Any, state: Any, calls: int) -> float:
    start = process_time()
    for _ in range(calls):
        gate.update_quantum_state(state)
    return process_time() - start


def channel(qubits: int, kind: str, calls: int, seed: int) -> dict[str, Any]:
    """One prepared gate object on the middle qubit, or depolarizing of two."""
    os.environ["OMP_NUM_THREADS"] = "1"
    from qulacs import DensityMatrix
    from qulacs.gate import CPTP, DenseMatrix, TwoQubitDepolarizingNoise

    target = qubits // 2
    rho = DensityMatrix(qubits)
    rho.load(density(qubits))
    gate = {
        "unitary": lambda: DenseMatrix([target], rotation()),
        "damping": lambda: CPTP([DenseMatrix([target], k) for k in damping()]),
        # Its p is Stim's: 15/16 of ours.
        "depolarize2": lambda: TwoQubitDepolarizingNoise(target, target - 1, 0.01 * 15 / 16),
    }[kind]()
    gate.update_quantum_state(rho)
    first = rho.get_matrix()
    return {"cpu_s": _timed(gate, rho, calls), "work": calls, "state": summary(first)}


def vector(qubits: int, gate: str, target: int, threads: int, calls: int, seed: int) -> dict[str, Any]:
    """One gate on a state vector; CPU time of all threads."""
    os.environ["OMP_NUM_THREADS"] = str(threads)
    from qulacs import QuantumState
    from qulacs.gate import CNOT, RZ, DenseMatrix, H, T

    psi = QuantumState(qubits)
    psi.load(amplitudes(qubits))
    prepared = {
        "h": lambda: H(target),
        "cx": lambda: CNOT(target, (target + 3) % qubits),
        "t": lambda: T(target),
        # Its angle has the other sign.
        "rz": lambda: RZ(target, -0.3),
        "dense": lambda: DenseMatrix([target], rotation()),
    }[gate]()
    prepared.update_quantum_state(psi)
    first = psi.get_vector()
    return {"cpu_s": _timed(prepared, psi, calls), "work": calls, "state": summary(first)}
