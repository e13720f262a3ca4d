"""Rows of the comparison: Bell-diagonal pairs in batches, beside NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
from agreement import Verdict
from rows import Cell, Row, Side

BATCH = 100_000
TOLERANCE = 1e-12


def _same_weights(theirs: dict[str, Any], mine: dict[str, Any], _args: dict[str, Any]) -> Verdict:
    """The same arithmetic on the same numbers: equal to rounding."""
    worst = float(np.abs(np.array(theirs["weights"]) - np.array(mine["weights"])).max())
    return Verdict(worst <= TOLERANCE, f"{len(mine['weights'])} rows differ by at most {worst:.1e}")


def pairs() -> Row:
    """A batch of 1e5 noisy swaps: NumPy on the same rows, and on the columns that suit it best."""
    cells = []
    for layout, reuse, work in (("rows", False, 40), ("columns", False, 200), ("columns", True, 200)):
        peer = Side("peer_numpy_pairs:swaps", {"batch": BATCH, "layout": layout}, "batches", work)
        ours = Side("ours_pairs:swaps", {"batch": BATCH, "reuse": reuse}, "batches", 400)
        label = f"NumPy {layout}{', out=' if reuse else ''}"
        cells.append(Cell(label, peer, ours, 40, 2.0, _same_weights))
    return Row("noisy swaps of 1e5 pairs", ("numpy",), tuple(cells))
