"""Did both sides compute the same thing? Tests with a stated false-alarm rate.

Means are compared with Welch's t test on at least 20 blocks of consecutive pairs, because pipelined pairs are
correlated. Every test here has a two-sided false-alarm rate of 1e-6; what it can see is in the verdict: the relative
difference it would have caught half the time.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import Any

import numpy as np
from scipy.stats import t as student
from sequence_timing import Link, Model

FALSE_ALARM = 1e-6
BLOCKS = 20
MEAN_INCREMENT = 1_000_000.5
RESTATED_PAIRS = 20_000


@dataclass(frozen=True)
class Verdict:
    """Whether the sides agree, and what was compared."""

    agree: bool
    text: str


def summary(columns: dict[str, np.ndarray]) -> dict[str, Any]:
    """Means and standard errors of the gaps between deliveries and of each fidelity column."""
    series = {"gap_s": np.diff(columns["time_s"], prepend=0.0)}
    series |= {name: values for name, values in columns.items() if name != "time_s"}
    return {name: _blocks(values) for name, values in series.items()}


def _blocks(values: np.ndarray) -> dict[str, float]:
    size = len(values) // BLOCKS
    if size == 0:
        return {"mean": float(np.mean(values)), "stderr": float("inf"), "count": len(values)}
    means = values[: size * BLOCKS].reshape(BLOCKS, size).mean(axis=1)
    error = float(means.std(ddof=1) / sqrt(BLOCKS))
    return {"mean": float(means.mean()), "stderr": error, "count": len(values)}


def _same_mean(name: str, peer: dict[str, float], ours: dict[str, float]) -> Verdict:
    a, b = peer["stderr"], ours["stderr"]
    error = sqrt(a * a + b * b)
    difference = ours["mean"] - peer["mean"]
    tolerance = 1e-9 * abs(peer["mean"])  # both constant
    if error > tolerance:
        freedom = (BLOCKS - 1) * error**4 / (a**4 + b**4)
        tolerance = float(student.ppf(1 - FALSE_ALARM / 2, freedom)) * error
    text = f"{name} {peer['mean']:.6g} | {ours['mean']:.6g} (sees {tolerance / abs(peer['mean']):.1%})"
    return Verdict(abs(difference) <= tolerance, text)


def _all(verdicts: list[Verdict]) -> Verdict:
    return Verdict(all(v.agree for v in verdicts), "; ".join(v.text for v in verdicts))


def pairs(peer: dict[str, Any], ours: dict[str, Any], _args: dict[str, Any]) -> Verdict:
    """Equal mean gap between deliveries and equal mean fidelity."""
    a, b = peer["summary"], ours["summary"]
    return _all([_same_mean("gap", a["gap_s"], b["gap_s"]), _same_mean("F", a["fidelity"], b["fidelity"])])


def barrett_kok(peer: dict[str, Any], ours: dict[str, Any], args: dict[str, Any]) -> Verdict:
    """Equal mean gap; ebit's fidelity against the overlap of SeQUeNCe's states, not against its label.

    SeQUeNCe is too slow for a sharp test of the gap, so its timing restated (`sequence_timing`) stands between: it must
    agree with SeQUeNCe, and ebit with both. SeQUeNCe's label multiplies fidelities, which no state does; that it is
    0.95 to the number of links only shows that the chain was put together as meant.
    """
    a, b = peer["summary"], ours["summary"]
    model = Model(args["nodes"] - 1, Link.at(args["hop_km"]), seed=1)
    restated = summary({"time_s": model.deliveries(RESTATED_PAIRS)})
    label = 0.95 ** (args["nodes"] - 1)
    intact = abs(a["fidelity"]["mean"] - label) < 1e-9
    verdicts = [
        _same_mean("gap", a["gap_s"], b["gap_s"]),
        _same_mean("gap, SeQUeNCe | restated", a["gap_s"], restated["gap_s"]),
        _same_mean("gap, restated | ebit", restated["gap_s"], b["gap_s"]),
        _same_mean("F", a["state_fidelity"], b["fidelity"]),
        Verdict(intact, "label ok" if intact else f"label {a['fidelity']['mean']:.6g}, not {label:.6g}"),
    ]
    return _all(verdicts)


def hold(peer: dict[str, Any], ours: dict[str, Any], args: dict[str, Any]) -> Verdict:
    """Equal number of events and equal final time within its spread.

    For E events on N renewal processes of mean m and variance m^2/3 the final time is about m E/N, with variance of
    the count E/3 once E >> N and less than N before; sd(time) = m/N sqrt(max(N, E/3)) bounds both.
    """
    pending, events = args["pending"], peer["events"]
    spread = MEAN_INCREMENT / pending * sqrt(max(pending, events / 3)) * sqrt(2)
    limit = NormalDist().inv_cdf(1 - FALSE_ALARM / 2) * spread
    a, b = peer["final_time"], ours["final_time"]
    text = f"events {events} | {ours['events']}; final time {a} | {b} (sees {limit / a:.1%})"
    return Verdict(events == ours["events"] and abs(a - b) <= limit, text)
