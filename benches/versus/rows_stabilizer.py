"""The rows of the stabilizer engine beside Stim."""

from __future__ import annotations

from typing import Any

from agreement import Verdict
from rows import Cell, Row, Side

DISTRIBUTIONS = ("stim",)
CHECK = {"check": True}


def same_digest(peer: dict[str, Any], ours: dict[str, Any], _args: dict[str, Any]) -> Verdict:
    """The same state or operation, by the hash of its text: scrambled, more gates, outcomes forced alike."""
    agree = peer["digest"] == ours["digest"] and peer["lines"] > 1
    return Verdict(agree, f"{ours['lines']} different lines of text, hash {peer['digest']} | {ours['digest']}")


def _cell(label: str, job: str, args: dict[str, Any], work: str, peer: int, ours: int, floor: float) -> Cell:
    sides = [Side(f"{m}:{job}", args, work, w, CHECK) for m, w in (("peer_stim", peer), ("ours_stabilizer", ours))]
    return Cell(label, *sides, 1, floor, same_digest)


def rows() -> tuple[Row, ...]:
    """All of them; floors are ratios of CPU time on one thread."""
    gates, calls, opened, known, whole = [], [], [], [], []
    for n, peer, ours, floor in ((100, 4_000, 10_000, 1.5), (1_000, 2_500, 6_000, 1.5), (10_000, 100, 400, 2.0)):
        for kind in ("cx", "mixed"):
            args = {"n": n, "kind": kind}
            gates.append(_cell(f"{n} qubits, {kind}", "batch", args, "blocks", peer, ours, floor))
    for n, name in ((100, "cx"), (1_000, "cx"), (1_000, "h")):
        calls.append(_cell(f"{n} qubits, {name}", "calls", {"n": n, "name": name}, "blocks", 400, 2_000, 4.0))
    for n, peer, ours, floor in ((100, 2_000, 15_000, 8.0), (1_000, 5, 60, 10.0), (10_000, 1, 3, 5.0)):
        opened.append(_cell(f"{n} qubits", "random_measurements", {"n": n}, "rounds", peer, ours, floor))
    for n, peer, ours in ((100, 30_000, 80_000), (1_000, 3_000, 8_000)):
        known.append(_cell(f"{n} qubits", "known_measurements", {"n": n}, "rounds", peer, ours, 2.0))
    whole.append(_cell("canonical form", "canonical", {"n": 1_000}, "times", 5, 60, 10.0))
    for what, label in (("then", "compose"), ("inverse", "inverse")):
        whole.append(_cell(label, "operation", {"n": 1_000, "what": what}, "times", 5, 100, 4.0))
    named = (("gates in a batch", gates), ("one gate a call", calls), ("random measurement", opened),
             ("known measurement", known), ("1,000 qubits", whole))  # fmt: skip
    return tuple(Row(f"stabilizer, {name}", DISTRIBUTIONS, tuple(cells)) for name, cells in named)
