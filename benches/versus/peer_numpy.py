"""NumPy: a one-qubit channel on a density matrix as one product with its superoperator."""

from __future__ import annotations

from time import process_time
from typing import Any

import numpy as np
from dense_jobs import damping, density, rotation, summary


def channel(qubits: int, kind: str, calls: int, seed: int) -> dict[str, Any]:
    """Row and column bit of the target brought together, a 4 x 4 product, and back."""
    target = qubits // 2
    operators = [rotation()] if kind == "unitary" else damping()
    superoperator = sum(np.kron(k, k.conj()) for k in operators)
    low, high = 2**target, 2 ** (qubits - target - 1)
    rho = np.ascontiguousarray(density(qubits))

    def call() -> np.ndarray:
        parts = rho.reshape(high, 2, low * high, 2, low).transpose(1, 3, 0, 2, 4).reshape(4, -1)
        out = (superoperator @ parts).reshape(2, 2, high, low * high, low)
        return out.transpose(2, 0, 3, 1, 4).reshape(2**qubits, 2**qubits)

    first = call()
    start = process_time()
    for _ in range(calls):
        call()
    return {"cpu_s": process_time() - start, "work": calls, "state": summary(first)}
