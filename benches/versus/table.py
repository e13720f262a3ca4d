"""Writes the README's table from a file of raw series: one line per row, its slowest and its fastest cell."""

from __future__ import annotations

import json
import sys
from itertools import groupby
from pathlib import Path

README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- versus:begin -->\n", "<!-- versus:end -->\n"
UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))


def time(seconds: float) -> str:
    """Three digits and a unit."""
    scale, unit = next((u for u in UNITS if seconds >= u[0]), UNITS[-1])
    return f"{float(f'{seconds / scale:.3g}'):g} {unit}"


def ratio(x: float) -> str:
    """Two digits."""
    return f"{float(f'{x:.2g}'):,g}"


def table(report: dict) -> str:
    """Markdown: where several peers do one job, each is a cell."""
    heads = ("same work", "cells", "CPU, peer", "CPU, `ebit`", "ratio, worst cell", "best cell")
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for name, group in groupby(report["cells"], key=lambda c: c["row"]):
        cells = list(group)
        alone = [c for c in cells if c["ratio"] is None]  # no peer runs there
        lines += [f"| {name} | {c['cell']} | – | {time(c['ours_s'])} | – | – |" for c in alone]
        cells = [c for c in cells if c["ratio"] is not None]
        if not cells:
            continue
        worst, best = min(cells, key=lambda c: c["ratio"]), max(cells, key=lambda c: c["ratio"])
        versions = {k: v for c in cells for k, v in c["peer"][0]["versions"].items()}
        peers = ", ".join(f"{k} {v}" for k, v in sorted(versions.items()))
        lines.append(
            f"| {name} ({peers}) | {len(cells)}; worst: {worst['cell']} | {time(worst['peer_s'])}"
            f" | {time(worst['ours_s'])} | {ratio(worst['ratio'])} | {ratio(best['ratio'])} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Replace the table in the README; the words below it stay."""
    report = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    text = README.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    old, after = rest.split(END)
    words = old.split("\n\n", 1)[1]
    README.write_text(f"{before}{BEGIN}{table(report)}\n{words}{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
