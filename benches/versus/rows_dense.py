"""The rows of the dense states: prepared channels on density matrices, gates on state vectors.

A cell stands for one peer; of the cells of one job the best peer counts, so every one of them has the floor.
"""

from __future__ import annotations

from typing import Any

import agreement
from rows import Cell, Row, Side


def same_state(peer: dict[str, Any], ours: dict[str, Any], _args: dict[str, Any]) -> agreement.Verdict:
    """Weighted sums of the state after one call agree to 1e-12 of their size."""
    scale = max(1.0, *(abs(x) for x in peer["state"]))
    off = max(abs(a - b) for a, b in zip(peer["state"], ours["state"], strict=True)) / scale
    return agreement.Verdict(off < 1e-12, f"states differ by {off:.1e}")


def _cell(label: str, peer: str, function: str, args: dict[str, Any], calls: int, floor: float | None) -> Cell:
    theirs = Side(f"{peer}:{function}", args, "calls", calls)
    ours = Side(f"ours_dense:{function}", args, "calls", 10 * calls)
    return Cell(f"{label}, {peer.removeprefix('peer_')}", theirs, ours, 40, floor, same_state)


def _density(name: str, kind: str, floors: dict[int, tuple[float, int]], peers: tuple[str, ...]) -> Row:
    cells = []
    for qubits, (floor, calls) in floors.items():
        for peer in peers:
            many = calls if peer == "peer_qulacs" else max(calls // 10, 40)
            cells.append(_cell(f"n={qubits}", peer, "channel", {"qubits": qubits, "kind": kind}, many, floor))
    return Row(name, ("qulacs", "qiskit-aer", "numpy"), tuple(cells))


def _vectors(qubits: int, threads: int, calls: int) -> Row:
    cells = []
    for gate in ("h", "cx", "t", "rz", "dense"):
        for target in (0, qubits // 2, qubits - 1):
            args = {"qubits": qubits, "gate": gate, "target": target, "threads": threads}
            cells.append(_cell(f"{gate} on {target}", "peer_qulacs", "vector", args, calls, 0.9))
    return Row(f"state vector, n={qubits}, {threads} threads", ("qulacs",), tuple(cells))


PEERS = ("peer_numpy", "peer_aer", "peer_qulacs")
ROWS = (
    _density("density matrix, unitary", "unitary", {2: (4, 20_000), 3: (4, 20_000), 4: (4, 20_000)}, PEERS),
    _density(
        "density matrix, channel",
        "damping",
        {2: (8, 20_000), 4: (8, 20_000), 6: (5, 5_000), 8: (5, 400), 10: (4, 40)},
        PEERS,
    ),
    _density("density matrix, depolarizing two", "depolarize2", {8: (8, 400)}, ("peer_aer", "peer_qulacs")),
    _vectors(20, 1, 100),
    _vectors(20, 2, 100),
    _vectors(24, 1, 10),
    _vectors(24, 2, 10),
)
