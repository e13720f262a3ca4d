"""The rows of the circuit sampler beside Stim's."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist
from typing import Any

from agreement import FALSE_ALARM, Verdict
from rows import Cell, Row, Side

FLOOR = 3.0


def same_means(peer: dict[str, Any], ours: dict[str, Any], _args: dict[str, Any]) -> Verdict:
    """Every mean of a column and of a sum of two columns, by two binomial samples at 1e-6 for all of them together."""
    a, b = peer["means"], ours["means"]
    limit = NormalDist().inv_cdf(1 - FALSE_ALARM / (2 * len(a)))
    m, n = peer["shots"], ours["shots"]
    worst = 0.0
    for p, q in zip(a, b, strict=True):
        pooled = (m * p + n * q) / (m + n)
        error = sqrt(pooled * (1 - pooled) * (1 / m + 1 / n))
        worst = max(worst, abs(p - q) / error if error > 0 else 0.0)
    sees = limit * sqrt(0.25 * (1 / m + 1 / n))
    text = f"{len(a)} means, worst {worst:.2f} of {limit:.2f} standard errors (sees {sees:.2g} at 1/2)"
    return Verdict(len(a) == len(b) and worst < limit, text)


def rows() -> tuple[Row, ...]:
    """Bool arrays and packed ones; floors are ratios of CPU time on one thread."""
    cells = []
    for circuit, shots in (("surface code", 100_000), ("ghz", 100_000), ("repeaters", 400_000)):
        for packed in (False, True):
            args = {"circuit": circuit, "packed": packed}
            # Agreement is looked at on bools; the packed bits are the same, which a test says.
            check = {"check": True, "packed": False}
            peer = Side("peer_stim_sampler:sample", args, "shots", shots, check)
            ours = Side("ours_sampler:sample", args, "shots", 4 * shots, check)
            cells.append(Cell(f"{circuit}{', packed' if packed else ''}", peer, ours, 50_000, FLOOR, same_means))
    return (Row("sampler", ("stim",), tuple(cells)),)
