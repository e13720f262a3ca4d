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


def _cell(
    label: str,
    peer: str,
    function: str,
    args: dict[str, Any],
    calls: int,
    floor: float | None,
    touched: int | None = None,
    more: int = 10,
) -> Cell:
    theirs = Side(f"{peer}:{function}", args, "calls", calls)
    ours = Side(f"ours_dense:{function}", args, "calls", more * calls)
    return Cell(f"{label}, {peer.removeprefix('peer_')}", theirs, ours, 40, floor, same_state, touched=touched)


def _density(name: str, kind: str, floors: dict[int, tuple[float, int]], peers: tuple[str, ...]) -> Row:
    cells = []
    for qubits, (floor, calls) in floors.items():
        for peer in peers:
            # Half of the matrix is kept, 16 bytes an entry, read and written.
            touched = 16 << (2 * qubits) if qubits >= 10 else None
            many = calls if peer == "peer_qulacs" else max(calls // 10, 40)
            cells.append(_cell(f"n={qubits}", peer, "channel", {"qubits": qubits, "kind": kind}, many, floor, touched))
    return Row(name, ("qulacs", "qiskit-aer", "numpy"), tuple(cells))


def _vectors(qubits: int, threads: int, calls: int) -> Row:
    cells = []
    for gate in ("h", "cx", "t", "rz", "dense"):
        for target in (0, qubits // 2, qubits - 1):
            args = {"qubits": qubits, "gate": gate, "target": target, "threads": threads}
            # Half of the amplitudes stay as they are under cx and t.
            touched = (16 if gate in ("cx", "t") else 32) << qubits if threads == 1 else None
            cells.append(_cell(f"{gate} on {target}", "peer_qulacs", "vector", args, calls, 0.9, touched, 2))
    return Row(f"state vector, n={qubits}, {threads} threads", ("qulacs",), tuple(cells))


def _noisy_swap() -> Row:
    peer, ours = Side("peer_aer:noisy_swap", {}, "shots", 2_000), Side("ours_dense:noisy_swap", {}, "shots", 50_000)
    return Row("density matrix, noisy swap", ("qiskit-aer",), (Cell("a shot", peer, ours, 200, 20, same_state),))


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
    _noisy_swap(),
    _vectors(20, 1, 100),
    _vectors(20, 2, 100),
    _vectors(24, 1, 10),
    _vectors(24, 2, 10),
)
