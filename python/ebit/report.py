"""How results read: the table on the terminal, the CSV and the JSON."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ebit.results import Estimate, RequestResult, Results

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["csv_text", "explanations", "json_text", "table"]

#: Columns of the CSV.
ESTIMATES = (
    "rate_hz",
    "fidelity",
    "qber_x",
    "qber_z",
    "secret_key_rate_hz",
    "waiting_time_s",
    "waiting_time_p95_s",
)


def _number(x: float) -> str:
    if x != x:  # NaN: no pair, no number
        return "–"
    if x == float("inf"):
        return "∞"
    if x == 0:
        return "0"
    return f"{x:.3e}" if abs(x) < 1e-3 or abs(x) >= 1e6 else f"{x:.4g}"


def _interval(estimate: Estimate, factor: float = 1.0) -> str:
    """Write a value with its 95 % interval: ``228 ± 3``, or ``163 (74…252)`` where that is not symmetric."""
    value, low, high = (factor * x for x in (estimate.value, estimate.low, estimate.high))
    if value != value:
        return "–"
    half = (high - low) / 2
    if half < 1e-4 * abs(value):
        return _number(value)
    if not math.isfinite(half) or abs(high + low - 2 * value) > 0.1 * half or abs(value) < 1e-3:
        return f"{_brief(value)} ({_brief(low)}…{_brief(high)})"
    # One digit of the half width, two where it begins with 1, says how many of the value mean anything.
    digits = max(0, -math.floor(math.log10(half / 1.95)))
    return f"{value:.{digits}f} ± {half:.{digits}f}"


def _brief(x: float) -> str:
    return "∞" if x == math.inf else f"{x:.3g}"


def _duration(estimate: Estimate) -> str:
    """Write a waiting time in the unit that suits it."""
    for unit, factor in (("s", 1.0), ("ms", 1e3)):
        if estimate.value * factor >= 1.0:
            return f"{_interval(estimate, factor)} {unit}"
    return "–" if estimate.value != estimate.value else f"{_interval(estimate, 1e6)} µs"


def _via(result: RequestResult) -> str:
    nodes = result.route.nodes
    inner = nodes[1:-1]
    if not inner:
        return "direct"
    shown = " · ".join(inner) if len(inner) <= 3 else f"{inner[0]} · … · {inner[-1]}"
    return f"via {shown}"


def table(label: str, results: Results) -> Table:
    """Return one table per hardware, for 80 columns and more: three lines per request, each value with its interval."""
    from rich import box
    from rich.table import Table

    out = Table(
        title=f"{label}  [dim]({results.method}, {results.formalism}, seed {results.seed})[/dim]",
        title_justify="left",
        box=box.SIMPLE_HEAD,
        show_lines=False,
        pad_edge=False,
        caption="± and (…) are 95 % intervals; the bound, in bit/s, is that of direct transmission",
        caption_justify="left",
    )
    out.add_column("route\nhops, fibre\n")
    for heading in ("pairs/s\nmean wait\n95th percentile", "fidelity\nQBER X %\nQBER Z %"):
        out.add_column(heading, justify="right", no_wrap=True)
    out.add_column("secret bit/s\n\ndirect bound", justify="right", no_wrap=True)
    for r in results:
        length = "" if r.route.length_km is None else f", {r.route.length_km:.1f} km"
        hops = f"{r.route.hops} hop{'s' if r.route.hops > 1 else ''}{length}"
        why = r.why_no_key()
        # The reason in a word; `explanations` has the sentence.
        key = "[yellow]no key[/yellow]" if why else _interval(r.secret_key_rate_hz)
        bound = "–" if r.plob_hz is None else _number(r.plob_hz)
        out.add_row(
            f"[bold]{r.request.source} – {r.request.target}[/bold]\n{hops}\n[dim]{_via(r)}[/dim]\n",
            f"{_interval(r.rate_hz)}\n{_duration(r.waiting_time_s)}\n{_duration(r.waiting_time_p95_s)}",
            f"{_interval(r.fidelity)}\n{_interval(r.qber_x, 100)}\n{_interval(r.qber_z, 100)}",
            f"{key}\n[dim]{why.partition(':')[0]}[/dim]\n{bound}",
        )
    return out


def explanations(results: Results) -> list[str]:
    """Say for each request without a key why, with the numbers."""
    return [f"{r.request.source} – {r.request.target}: no key: {why}" for r in results if (why := r.why_no_key())]


def json_text(runs: Mapping[str, Results], title: str) -> str:
    """Return all results as JSON; what is not a finite number is null."""
    document = {"title": title, "results": {label: results.to_dict() for label, results in runs.items()}}
    return json.dumps(document, indent=1, allow_nan=False, ensure_ascii=False) + "\n"


def csv_text(runs: Mapping[str, Results]) -> str:
    """Return one row per hardware and request: every estimate with its 95 % interval."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    names = ESTIMATES
    head = ["hardware", "source", "target", "route", "hops", "length_km", "pairs"]
    writer.writerow(head + [c for n in names for c in (n, f"{n}_low", f"{n}_high")] + ["plob_hz", "no_key"])
    for label, results in runs.items():
        for r in results:
            row: list[Any] = [
                label,
                r.request.source,
                r.request.target,
                " > ".join(r.route.nodes),
                r.route.hops,
                r.route.length_km,
                r.pairs.count,
            ]
            for name in names:
                estimate = getattr(r, name)
                row += [estimate.value, estimate.low, estimate.high]
            writer.writerow([*row, r.plob_hz, r.why_no_key()])
    return stream.getvalue()
