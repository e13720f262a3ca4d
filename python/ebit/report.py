"""How results read: the table on the terminal, the CSV and the JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ebit.results import Estimate, RequestResult, Results

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["csv_text", "json_text", "table"]

#: Column of the CSV and heading in the table, attribute, factor, unit.
ESTIMATES = (
    ("pairs/s", "rate_hz", 1.0),
    ("fidelity", "fidelity", 1.0),
    ("QBER X %", "qber_x", 100.0),
    ("QBER Z %", "qber_z", 100.0),
    ("secret bit/s", "secret_key_rate_hz", 1.0),
    ("mean wait ms", "waiting_time_s", 1e3),
    ("95 % wait ms", "waiting_time_p95_s", 1e3),
)


def _number(x: float) -> str:
    if x != x:  # NaN: no pair, no number
        return "–"
    if x == float("inf"):
        return "∞"
    if x == 0:
        return "0"
    return f"{x:.3e}" if abs(x) < 1e-3 or abs(x) >= 1e6 else f"{x:.4g}"


def _cell(estimate: Estimate, factor: float) -> str:
    if estimate.value != estimate.value:
        return "–"
    value, low, high = (_number(factor * x) for x in (estimate.value, estimate.low, estimate.high))
    return f"{value}\n[dim]{low} … {high}[/dim]"


def _key_cell(result: RequestResult) -> str:
    why = result.why_no_key()
    if not why:
        return _cell(result.secret_key_rate_hz, 1.0)
    return f"[yellow]no key[/yellow]\n[dim]{why}[/dim]"


def _via(result: RequestResult) -> str:
    nodes = result.route.nodes
    inner = nodes[1:-1]
    if not inner:
        return "direct"
    shown = " · ".join(inner) if len(inner) <= 3 else f"{inner[0]} · … · {inner[-1]}"
    return f"via {shown}"


def table(label: str, results: Results) -> Table:
    """Return one table per hardware: a row per request, 95 % intervals under the values."""
    from rich.table import Table

    out = Table(
        title=f"{label}  [dim]({results.method}, {results.formalism}, seed {results.seed})[/dim]",
        title_justify="left",
        show_lines=True,
        expand=False,
    )
    out.add_column("route")
    out.add_column("hops", justify="right")
    out.add_column("km", justify="right")
    for heading, _, _ in ESTIMATES:
        out.add_column(heading, justify="right")
    out.add_column("direct bound bit/s", justify="right")
    for r in results:
        cells = [
            _key_cell(r) if name == "secret_key_rate_hz" else _cell(getattr(r, name), factor)
            for _, name, factor in ESTIMATES
        ]
        out.add_row(
            f"{r.request.source} – {r.request.target}\n[dim]{_via(r)}[/dim]",
            str(r.route.hops),
            "–" if r.route.length_km is None else f"{r.route.length_km:.1f}",
            *cells,
            "–" if r.plob_hz is None else _number(r.plob_hz),
        )
    return out


def json_text(runs: Mapping[str, Results], title: str) -> str:
    """Return all results as JSON; what is not a finite number is null."""
    document = {"title": title, "results": {label: results.to_dict() for label, results in runs.items()}}
    return json.dumps(document, indent=1, allow_nan=False, ensure_ascii=False) + "\n"


def csv_text(runs: Mapping[str, Results]) -> str:
    """Return one row per hardware and request: every estimate with its 95 % interval."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    names = [name for _, name, _ in ESTIMATES]
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
