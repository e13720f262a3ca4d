"""`make versus`: ebit beside its peers, in the same run, as ratios with floors.

Per cell: one untimed run of each side for agreement, then 5 rounds of (peer, ours), every run in a fresh process and
counted in CPU seconds of all its threads. The cell's ratio is the quotient of the medians of CPU time per unit of work,
the row's result its worst cell. Both raw series go to `benches/results/versus-*.json` with versions.

Exit code 1: a peer or ebit is missing, the outputs disagree beyond error, or a floor is missed.

    .venv-versus/bin/python benches/versus/run.py [--row NAME] [--quick]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

from rows import PACE, REFERENCE_PACE_S, ROWS, Cell, Row, Side

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent / "results"
ROUNDS = 5
SHORTEST_S = 0.2


class Missing(Exception):
    """A side could not run; the message is the last line of its complaint."""


def measure(side: Side, work: int, seed: int, distributions: tuple[str, ...], check: bool = False) -> dict[str, Any]:
    """Run one side in a fresh process."""
    args = side.args | {side.work_name: work, "seed": seed} | (side.check_args if check else {})
    job = json.dumps({"call": side.call, "args": args, "distributions": distributions})
    done = subprocess.run(
        [sys.executable, str(HERE / "worker.py"), job], capture_output=True, text=True, check=False, cwd=HERE
    )
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise Missing(f"{side.call}: {lines[-1]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


@cache
def reference(cell_peer: str, distributions: tuple[str, ...]) -> str:
    """The peer's untimed run for agreement, as JSON both ways: rows that share a peer share the run."""
    job = json.loads(cell_peer)
    return json.dumps(measure(Side(**job["side"]), job["work"], 101, distributions, check=True))


def enough(side: Side) -> int:
    """The amount of work with which one run takes at least SHORTEST_S of CPU time."""
    work = side.work
    while (cpu := measure(side, work, 1, ("ebit",))["cpu_s"]) < SHORTEST_S:
        work = int(work * min(10.0, 1.5 * SHORTEST_S / max(cpu, 1e-6)) + 1)
    return work


@cache
def bandwidth(megabytes: int) -> float:
    """Bytes per second of an array of this size scaled in place, measured in this run."""
    side = Side("ours_dense:bandwidth", {"megabytes": megabytes}, "calls", max(20, 2000 // megabytes))
    return max(measure(side, side.work, 1, ("ebit",))["bytes_per_s"] for _ in range(3))


@cache
def slowness() -> float:
    """How many times slower this machine is today than the one for which rates are stated; 1 for a faster one."""
    runs = [measure(PACE, PACE.work, seed, ("simpy",)) for seed in range(1, 4)]
    return max(1.0, median(run["cpu_s"] / run["work"] for run in runs) / REFERENCE_PACE_S)


def below_own_rate(cell: Cell, rate: float) -> list[str]:
    """Whether ours does less per second than it should at this machine's pace."""
    if cell.own_rate is None or rate >= cell.own_rate / slowness():
        return []
    return [f"below {cell.own_rate:.0e}/s at a pace of 1/{slowness():.2f}"]


def compare(cell: Cell, row: Row, quick: bool) -> dict[str, Any]:
    """Agreement, then the interleaved rounds, of one cell."""
    check_work = max(cell.check_work // (10 if quick else 1), 40)
    theirs = json.loads(reference(json.dumps({"side": asdict(cell.peer), "work": check_work}), row.distributions))
    work = enough(cell.ours)
    same_work = "final_time" in theirs
    mine = measure(cell.ours, check_work if same_work else max(work, check_work), 102, ("ebit",), check=True)
    verdict = cell.check(theirs, mine, cell.peer.args)
    peer, ours = [], []
    for seed in range(1, 1 + (1 if quick else ROUNDS)):
        peer.append(measure(cell.peer, cell.peer.work, seed, row.distributions))
        ours.append(measure(cell.ours, work, seed, ("ebit",)))
    per_unit = [median(run["cpu_s"] / run["work"] for run in runs) for runs in (peer, ours)]
    ratio, rate = per_unit[0] / per_unit[1], 1 / per_unit[1]
    text = verdict.text
    if cell.touched is not None:
        most = bandwidth(max(1, cell.touched >> 21))
        text += f"; ours moves {rate * cell.touched / 1e9:.1f} of {most / 1e9:.1f} GB/s"
    if cell.own_rate is not None:
        text += f"; {rate:.2e}/s, to be {cell.own_rate:.0e}/s at a pace {slowness():.2f} times this one"
    short = []
    if cell.ratio is not None and ratio < cell.ratio:
        short.append(f"below {cell.ratio:g}x")
    short += below_own_rate(cell, rate)
    return {
        "row": row.name, "cell": cell.label, "peer_s": per_unit[0], "ours_s": per_unit[1], "ratio": ratio,
        "floor": cell.ratio, "own_rate_floor": cell.own_rate, "agree": verdict.agree, "compared": text,
        "short": short, "check": [theirs, mine], "peer": peer, "ours": ours,
    }  # fmt: skip


def alone(cell: Cell, row: Row, quick: bool) -> dict[str, Any]:
    """The rounds of a cell whose peers cannot run here."""
    work = enough(cell.ours)
    ours = [measure(cell.ours, work, seed, ("ebit",)) for seed in range(1, 1 + (1 if quick else ROUNDS))]
    per_unit = median(run["cpu_s"] / run["work"] for run in ours)
    short = below_own_rate(cell, 1 / per_unit)
    return {
        "row": row.name, "cell": cell.label, "peer_s": None, "ours_s": per_unit, "ratio": None, "floor": None,
        "own_rate_floor": cell.own_rate, "agree": True, "compared": cell.published, "short": short, "ours": ours,
    }  # fmt: skip


def show(row: Row, cells: list[dict[str, Any]]) -> None:
    """Print a row: its cells, then its worst ratio."""
    for c in cells:
        floor = "printed" if c["floor"] is None else f">= {c['floor']:g}x"
        marks = ", ".join(([] if c["agree"] else ["DISAGREE"]) + c["short"]) or "ok"
        peer = f"{1e6 * c['peer_s']:12.4g} us" if c["peer_s"] else f"{'alone':>15s}"
        ratio = f"{c['ratio']:10.1f}x" if c["ratio"] else f"{'':11s}"
        print(f"  {c['cell']:18s} {peer} {1e6 * c['ours_s']:12.4g} us {ratio} {floor:>10s}  {marks}")
        print(f"      {c['compared']}")
    gated = [c["ratio"] for c in cells if c["floor"] is not None]
    if gated:
        print(f"  worst: {min(gated):.1f}x")


def main() -> int:
    """Run the rows asked for; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--row", action="append", help="rows whose name contains this; may be repeated")
    parser.add_argument("--quick", action="store_true", help="one round and a tenth of the agreement runs")
    options = parser.parse_args()
    rows = [r for r in ROWS if not options.row or any(part in r.name for part in options.row)]
    if not rows:
        parser.error(f"no such row; rows are: {', '.join(r.name for r in ROWS)}")
    failed, report = False, []
    for row in rows:
        print(f"{row.name}: CPU per unit of work, {' '.join(row.distributions)} | ebit", flush=True)
        cells = []
        for cell in row.cells:
            try:
                cells.append((alone if cell.peer is None else compare)(cell, row, options.quick))
            except Missing as missing:
                failed = True
                print(f"  {cell.label:18s} MISSING {missing}", flush=True)
                report.append({"row": row.name, "cell": cell.label, "missing": str(missing)})
        show(row, cells)
        failed |= any(c["short"] or not c["agree"] for c in cells)
        report += cells
    RESULTS.mkdir(parents=True, exist_ok=True)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    machine = {"machine": platform.machine(), "cpus": os.cpu_count(), "python": platform.python_version()}
    path = RESULTS / f"versus-{stamp}.json"
    path.write_text(json.dumps({"when": stamp, "quick": options.quick, **machine, "cells": report}, indent=1) + "\n")
    print(f"raw series: {path.relative_to(HERE.parent.parent)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
