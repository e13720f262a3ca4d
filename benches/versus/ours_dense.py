"""ebit's dense states: prepared channels and gates, one call each, and what they leave of a known state."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time
from typing import Any

import numpy as np
from dense_jobs import SWAP, amplitudes, damping, density, rotation, summary

import ebit

# Stim's convention counts Pauli errors: 3/4 and 15/16 of the weight of I/d.
NOISY_SWAP = f"""
    R 0 1 2 3
    H 0 2
    CX 0 1 2 3
    DEPOLARIZE2({15 / 16 * SWAP["pair"]}) 0 1 2 3
    DEPOLARIZE1({3 / 4 * SWAP["memory"]}) 0 1 2 3
    CX 1 2
    DEPOLARIZE2({15 / 16 * SWAP["gate"]}) 1 2
    H 1
    M 1 2
    CX rec[-1] 3
    CZ rec[-2] 3
"""


def timed(call: Callable[[], object], calls: int) -> float:
    """CPU seconds of this many calls."""
    start = process_time()
    for _ in range(calls):
        call()
    return process_time() - start


def channel(qubits: int, kind: str, calls: int, seed: int) -> dict[str, Any]:
    """One prepared unitary or channel on the middle qubit, or depolarizing of two, of a density matrix."""
    target = qubits // 2
    rho = ebit.DensityMatrix.from_numpy(density(qubits), rng=seed)
    if kind == "depolarize2":
        pair = [target, target - 1]

        def call() -> None:
            rho.depolarize(0.01, pair)
    else:
        operator = rotation() if kind == "unitary" else damping()
        prepared = ebit.prepare(operator, [target], qubits)

        def call() -> None:
            prepared.apply(rho)

    call()
    first = rho.to_numpy()
    return {"cpu_s": timed(call, calls), "work": calls, "state": summary(first)}


def vector(qubits: int, gate: str, target: int, threads: int, calls: int, seed: int) -> dict[str, Any]:
    """One gate on a state vector; CPU time of all threads."""
    psi = ebit.StateVector.from_numpy(amplitudes(qubits), rng=seed, threads=threads)
    other = (target + 3) % qubits
    dense = ebit.prepare(rotation(), [target], qubits)
    call = {
        "h": lambda: psi.h(target),
        "cx": lambda: psi.cx(target, other),
        "t": lambda: psi.t(target),
        "rz": lambda: psi.rz(0.3, target),
        "dense": lambda: dense.apply(psi),
    }[gate]
    call()
    first = psi.to_numpy()
    return {"cpu_s": timed(call, calls), "work": calls, "state": summary(first)}


def noisy_swap(shots: int, seed: int) -> dict[str, Any]:
    """Shots of the noisy swap's circuit, each with its outcomes and its state."""
    rho = ebit.DensityMatrix(4, rng=seed)
    circuit = ebit.Circuit(NOISY_SWAP)
    seconds = timed(lambda: rho.run(circuit), shots)
    fidelity = rho.partial_trace(keep=[0, 3]).fidelity(ebit.DensityMatrix.bell())
    return {"cpu_s": seconds, "work": shots, "state": [fidelity]}


def bandwidth(megabytes: int, calls: int, seed: int) -> dict[str, Any]:
    """Scaling an array of this size in place, which reads and writes it: the bound of one pass over a state."""
    array = np.ones(megabytes << 17)
    seconds = timed(lambda: np.multiply(array, 1.0000001, out=array), calls)
    return {"cpu_s": seconds, "work": calls, "bytes_per_s": 2 * array.nbytes * calls / seconds}
