"""The rows of the comparison: which job, which cells, how much work, which floors.

A cell names a callable of a peer module and one of `ours` with their arguments; sizes are chosen so that the peer takes
about a second. `worker.py` runs one side of one cell, `agreement.py` says whether two sides computed the same thing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import agreement

SEQUENCE = "peer_sequence:chain"
REQUSIM = "peer_requsim:chain"
SIMPY = "peer_simpy:hold"


@dataclass(frozen=True)
class Side:
    """A callable as `module:function` and its arguments, without the amount of work and the seed."""

    call: str
    args: dict[str, Any]
    work_name: str  # the argument that sets the amount of work
    work: int  # in a timed run; for `ours` the starting point, raised until a run is long enough
    check_args: dict[str, Any] = field(default_factory=dict)  # added in the run for agreement


@dataclass(frozen=True)
class Cell:
    """One cell of a row: the two sides, the work of the agreement run and the floors (None: printed only).

    Without a peer that runs here the cell has only `own_rate`, and `published` says what is known of others.
    """

    label: str
    peer: Side | None
    ours: Side
    check_work: int
    ratio: float | None
    check: Callable[..., agreement.Verdict]
    own_rate: float | None = None  # least work per CPU second of ours, on a machine of REFERENCE_PACE_S
    published: str = ""  # what a peer that cannot run here has published
    touched: int | None = None  # bytes that a unit of our work must read and write, on one thread


@dataclass(frozen=True)
class Row:
    """A named row: the worst of its cells is its result."""

    name: str
    distributions: tuple[str, ...]  # whose versions are recorded
    cells: tuple[Cell, ...]


# SimPy's seconds per event at 100 pending on the machine, undisturbed, for which rates are stated: what an interpreter
# does within its caches. A shared machine may be at half of that speed for a day, and then halves everything.
REFERENCE_PACE_S = 0.771e-6
PACE = Side(SIMPY, {"pending": 100}, "events", 1_000_000)


def _kernel() -> Row:
    cells = []
    for pending, work, own in ((100, 1_000_000, 20e6), (10_000, 600_000, 20e6), (1_000_000, 200_000, 10e6)):
        args = {"pending": pending}
        peer = Side(SIMPY, args, "events", work)
        ours = Side("ours:hold", args, "events", 5_000_000)
        check = max(work, 2 * pending)
        cells.append(Cell(f"{pending:.0e} pending", peer, ours, check, 20.0, agreement.hold, own))
    return Row("kernel", ("simpy",), tuple(cells))


def _barrett_kok(name: str, method: str, floor: float, work: int) -> Row:
    cells = []
    sizes = [(3, 20.0, 100, 1500, floor), (5, 20.0, 50, 800, floor), (17, 20.0, 10, 200, floor)]
    sizes.append((3, 100.0, 20, 60, None))  # printed: longer hops only help the side that skips
    for nodes, hop_km, pairs, check_work, ratio in sizes:
        args = {"nodes": nodes, "hop_km": hop_km}
        peer = Side(SEQUENCE, args, "pairs", pairs, {"overlaps": True})
        ours = Side("ours:barrett_kok", args | {"method": method}, "pairs", work)
        cells.append(Cell(f"{nodes} nodes, {hop_km:g} km", peer, ours, check_work, ratio, agreement.barrett_kok))
    return Row(name, ("sequence",), tuple(cells))


def _swap_asap() -> Row:
    cells = []
    for links, pairs, check_work, ratio in ((2, 1600, 8000, 500.0), (8, 350, 2000, None), (16, 150, 1000, 1000.0)):
        peer = Side(REQUSIM, {"links": links}, "pairs", pairs)
        ours = Side("ours:swap_asap", {"links": links}, "pairs", 100_000)
        cells.append(Cell(f"{links} links", peer, ours, check_work, ratio, agreement.pairs))
    return Row("swap-asap", ("requsim",), tuple(cells))


import rows_chain  # noqa: E402  it takes the classes above
import rows_dense  # noqa: E402  it takes the classes above
import rows_keys  # noqa: E402  it takes the classes above
import rows_pairs  # noqa: E402  it takes the classes above
import rows_sampler  # noqa: E402  it takes the classes above
import rows_stabilizer  # noqa: E402  it takes the classes above

ROWS = (
    _kernel(),
    _barrett_kok("barrett-kok, every attempt", "per-attempt", 200.0, 5_000),
    _barrett_kok("barrett-kok, skipping", "skip", 2_000.0, 100_000),
    _swap_asap(),
    *rows_chain.rows(),
    rows_pairs.pairs(),
    *rows_sampler.rows(),
    *rows_stabilizer.rows(),
    *rows_dense.ROWS,
    *rows_keys.rows(),
)
