"""The rows of repeater chains: solved, sampled, and one pair far away on the event engine."""

from __future__ import annotations

import random
from typing import Any

import agreement
from rows import REQUSIM, Cell, Row, Side

#: What is beyond the lattice, and rounding in FFTs.
TOLERANCE = 2e-6


def same_numbers(theirs: dict[str, Any], mine: dict[str, Any], _args: dict[str, Any]) -> agreement.Verdict:
    """Both solve: the numbers are equal but for what lies beyond the lattice."""
    worst = max(abs(a / b - 1) for a, b in zip(theirs["numbers"], mine["numbers"], strict=True))
    return agreement.Verdict(worst < 20 * TOLERANCE, f"{len(mine['numbers'])} numbers, relative difference {worst:.1e}")


def _solved() -> Row:
    draw = random.Random(4)
    points = [[draw.uniform(0.05, 0.5), draw.uniform(0.5, 1.0)] for _ in range(100)]
    unequal = [draw.uniform(0.05, 0.3) for _ in range(100)]
    cells = []
    for label, call, args, own in (
        ("nested, 1,024 links", "nested", {"points": [[0.1, 0.9]], "segments": 1024, "missing": 1e-12}, 10.0),
        ("nested, 16 links, a point", "nested", {"points": points, "segments": 16, "missing": 1e-6}, 1_000.0),
        ("swap-asap, 100 links", "correlation", {"p": unequal, "decay_steps": 400.0}, 200.0),
    ):
        peer, ours = (Side(f"{side}:{call}", args, "repeats", 1) for side in ("peer_numpy_chain", "ours_chain"))
        cells.append(Cell(label, peer, ours, 1, None, same_numbers, own))
    return Row("chains, solved", ("numpy", "scipy"), tuple(cells))


def _sampled() -> Row:
    peer = Side(REQUSIM, {"links": 8}, "pairs", 350)
    ours = Side("ours_chain:sample", {"links": 8}, "pairs", 1_000_000)
    return Row("chains, sampled", ("requsim",), (Cell("8 links", peer, ours, 2000, 2000.0, agreement.pairs, 1e6),))


def _far() -> Row:
    ours = Side("ours_chain:messages", {"nodes": 1000}, "pairs", 1)
    published = "NetSquid's published figure: under 2 s (Coopmans et al. 2021)"
    return Row(
        "one pair, 1,000 nodes, messages",
        (),
        (Cell("a pair, one network", None, ours, 1, None, same_numbers, 50.0, published),),
    )


def rows() -> tuple[Row, ...]:
    """Solved, sampled, event by event."""
    return (_solved(), _sampled(), _far())
