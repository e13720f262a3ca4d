"""ebit's side of the stabilizer rows: the jobs of `peer_stim`, asked through the public face."""

from __future__ import annotations

from time import process_time
from typing import Any

import stabilizer_jobs as jobs

import ebit


def _state(n: int) -> Any:
    state = ebit.StabilizerState(n, rng=1)
    state.run(ebit.Circuit(jobs.scramble(n)))
    return state


def _agreement(n: int) -> dict[str, Any]:
    state, mixed = _state(n), ebit.Circuit(jobs.batch(n, "mixed", 1))
    state.run(mixed)
    for q, outcome in jobs.forced(n):
        state.postselect(q, outcome)
    if n <= 1000:
        lines = state.stabilizers()
    else:
        state.run(mixed.inverse())
        state.run(ebit.Circuit(jobs.scramble(n)).inverse())
        sign = {None: 0, 0: 1, 1: -1}
        lines = [f"{sign[state.peek(q, 'X')]} {sign[state.peek(q)]}" for q in range(n)]
    return {"cpu_s": 1.0, "work": 1, "digest": jobs.digest(lines), "lines": len(set(lines))}


def batch(n: int, kind: str, blocks: int, seed: int, check: bool = False) -> dict[str, Any]:
    """Gates given as one circuit."""
    if check:
        return _agreement(n)
    state, circuit = _state(n), ebit.Circuit(jobs.batch(n, kind, blocks))
    start = process_time()
    state.run(circuit)
    return {"cpu_s": process_time() - start, "work": blocks * jobs.BLOCK}


def calls(n: int, name: str, blocks: int, seed: int, check: bool = False) -> dict[str, Any]:
    """One gate a call."""
    if check:
        return _agreement(n)
    gate = getattr(_state(n), name)
    targets = [pair[: 2 if name == "cx" else 1] for _, pair in jobs.block(n, "cx")]
    start = process_time()
    for _ in range(blocks):
        for t in targets:
            gate(*t)
    return {"cpu_s": process_time() - start, "work": blocks * jobs.BLOCK}


def random_measurements(n: int, rounds: int, seed: int, check: bool = False) -> dict[str, Any]:
    """Isolated measurements with open outcomes."""
    if check:
        return _agreement(n)
    source, cpu = _state(n), 0.0
    count = min(n // 4, 10) if n > 1000 else n // 4
    for _ in range(rounds):
        state = source.copy()
        measure = state.measure
        start = process_time()
        for q in range(count):
            measure(q)
        cpu += process_time() - start
    return {"cpu_s": cpu, "work": rounds * count}


def known_measurements(n: int, rounds: int, seed: int, check: bool = False) -> dict[str, Any]:
    """Measurements of qubits that were measured before."""
    if check:
        return _agreement(n)
    state = _state(n)
    state.measure_many(range(n // 2))
    measure = state.measure
    start = process_time()
    for _ in range(rounds):
        for q in range(n // 2):
            measure(q)
    return {"cpu_s": process_time() - start, "work": rounds * (n // 2)}


def canonical(n: int, times: int, seed: int, check: bool = False) -> dict[str, Any]:
    """The canonical stabilizers as strings."""
    if check:
        return _agreement(n)
    state = _state(n)
    start = process_time()
    for _ in range(times):
        state.stabilizers()
    return {"cpu_s": process_time() - start, "work": times}


def operation(n: int, what: str, times: int, seed: int, check: bool = False) -> dict[str, Any]:
    """Compose or invert a Clifford operation."""
    tableau = ebit.Tableau.from_circuit(ebit.Circuit(jobs.scramble(n)))
    if check:
        result = tableau.then(tableau) if what == "then" else tableau.inverse()
        lines = [f"{result.x_output(q)} {result.z_output(q)}" for q in range(n)]
        return {"cpu_s": 1.0, "work": 1, "digest": jobs.digest(lines), "lines": len(set(lines))}
    start = process_time()
    for _ in range(times):
        _ = tableau.then(tableau) if what == "then" else tableau.inverse()
    return {"cpu_s": process_time() - start, "work": times}
