"""Stim as a peer: gates in a batch and one by one, measurements, canonical form, operations.

States are scrambled, circuits parsed and arguments made into lists before the clock starts. A batch goes through
`TableauSimulator.do`, which is Stim's fastest way; single calls go through bound methods.
"""

from __future__ import annotations

from time import process_time
from typing import Any

import stabilizer_jobs as jobs
import stim


def _state(n: int) -> stim.TableauSimulator:
    sim = stim.TableauSimulator()
    sim.set_num_qubits(n)
    sim.do(stim.Circuit(jobs.scramble(n)))
    return sim


def _agreement(n: int) -> dict[str, Any]:
    """Scramble, mixed gates, forced outcomes, then what is known of the state."""
    sim, mixed = _state(n), stim.Circuit(jobs.batch(n, "mixed", 1))
    sim.do(mixed)
    for q, outcome in jobs.forced(n):
        sim.postselect_z(q, desired_value=outcome)
    if n <= 1000:
        lines = [str(p) for p in sim.canonical_stabilizers()]
    else:
        sim.do(mixed.inverse())
        sim.do(stim.Circuit(jobs.scramble(n)).inverse())
        lines = [f"{sim.peek_x(q)} {sim.peek_z(q)}" for q in range(n)]
    return {"cpu_s": 1.0, "work": 1, "digest": jobs.digest(lines), "lines": len(set(lines))}


def batch(n: int, kind: str, blocks: int, seed: int, check: bool = False) -> dict[str, Any]:
    """Gates given as one circuit."""
    if check:
        return _agreement(n)
    sim, circuit = _state(n), stim.Circuit(jobs.batch(n, kind, blocks))
    start = process_time()
    sim.do(circuit)
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
    """Isolated measurements with open outcomes: the first qubits of a scrambled state, each in a call of its own."""
    if check:
        return _agreement(n)
    state, cpu = _state(n), 0.0
    count = min(n // 4, 10) if n > 1000 else n // 4
    for _ in range(rounds):
        sim = state.copy(copy_rng=False)
        measure = sim.measure
        start = process_time()
        for q in range(count):
            measure(q)
        cpu += process_time() - start
    return {"cpu_s": cpu, "work": rounds * count}


def known_measurements(n: int, rounds: int, seed: int, check: bool = False) -> dict[str, Any]:
    """Measurements of qubits that were measured before."""
    if check:
        return _agreement(n)
    sim = _state(n)
    sim.measure_many(*range(n // 2))
    measure = sim.measure
    start = process_time()
    for _ in range(rounds):
        for q in range(n // 2):
            measure(q)
    return {"cpu_s": process_time() - start, "work": rounds * (n // 2)}


def canonical(n: int, times: int, seed: int, check: bool = False) -> dict[str, Any]:
    """The canonical stabilizers as strings."""
    if check:
        return _agreement(n)
    sim = _state(n)
    start = process_time()
    for _ in range(times):
        [str(p) for p in sim.canonical_stabilizers()]
    return {"cpu_s": process_time() - start, "work": times}


def operation(n: int, what: str, times: int, seed: int, check: bool = False) -> dict[str, Any]:
    """Compose or invert a Clifford operation."""
    tableau = stim.Tableau.from_circuit(stim.Circuit(jobs.scramble(n)))
    if check:
        result = tableau.then(tableau) if what == "then" else tableau.inverse()
        lines = [f"{result.x_output(q)} {result.z_output(q)}" for q in range(n)]
        return {"cpu_s": 1.0, "work": 1, "digest": jobs.digest(lines), "lines": len(set(lines))}
    start = process_time()
    for _ in range(times):
        _ = tableau.then(tableau) if what == "then" else tableau.inverse()
    return {"cpu_s": process_time() - start, "work": times}
