"""ebit's dense states: prepared channels and gates, one call each, and what they leave of a known state."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time
from typing import Any

import numpy as np
from dense_jobs import amplitudes, damping, density, rotation, summary

import ebit


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


def bandwidth(megabytes: int, calls: int) -> float:
    """Bytes per second of scaling an array of this size in place: read and written."""
    array = np.ones(megabytes << 17)
    seconds = timed(lambda: np.multiply(array, 1.0000001, out=array), calls)
    return 2 * array.nbytes * calls / seconds
