"""``ebit validate``: the installed package against closed forms, through its public face only.

A deterministic row passes within half a unit of the last digit printed in its source, or relative 1e-9 where ten digits
are printed. A simulated row passes within 4.9 standard errors (false alarm 1e-6) and prints what it could detect.
A row that cannot run is a FAIL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import ebit
from ebit.validate import chains, encoded, links, qkd, qkd_pairs
from ebit.validate.rows import Row

__all__ = ["CHECKS", "Row", "run_checks"]

#: Every group of rows.
CHECKS: tuple[Callable[[], Iterator[Row]], ...] = (
    links.bounds,
    links.double_click,
    links.single_click,
    links.channels,
    links.midpoint_source,
    links.attempt_times,
    chains.pairs,
    chains.noisy_swap,
    chains.waiting,
    chains.n_links,
    chains.exact_chains,
    chains.two_links,
    links.two_round,
    chains.tuned_chain,
    encoded.encoded,
    qkd.keys,
    qkd.qkd_thresholds,
    qkd.qkd_decoys,
    qkd.qkd_finite,
    qkd_pairs.qkd_pairs_and_relays,
    qkd.qkd_attacks,
    encoded.encoded_memories,
)


def run_checks(console: Any) -> int:
    """Run all checks, print the table and return the exit code."""
    from rich.markup import escape
    from rich.progress import track
    from rich.table import Table

    out = Table(
        "check",
        "reference",
        "ebit",
        "deviation",
        "allowed",
        "how",
        "",
        title=f"ebit {ebit.__version__} validate",
        title_justify="left",
    )
    failures = 0
    for check in track(
        CHECKS, description="validating", console=console, transient=True, disable=not console.is_terminal
    ):
        try:
            rows = list(check())
        except Exception as error:
            failures += 1
            out.add_row(
                check.__name__.strip("_"), "", "", "", "", escape(f"{type(error).__name__}: {error}"), "[red]FAIL[/red]"
            )
            continue
        for row in rows:
            failures += not row.passed
            verdict = "[green]pass[/green]" if row.passed else "[red]FAIL[/red]"
            out.add_row(
                escape(row.name),
                f"{row.reference:.10g}",
                f"{row.value:.10g}",
                f"{row.value - row.reference:.1e}",
                f"{row.tolerance:.1e}",
                row.how,
                verdict,
            )
    console.print(out)
    console.print("all checks pass" if not failures else f"[red]{failures} checks FAIL[/red]")
    return 1 if failures else 0
