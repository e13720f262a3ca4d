"""Samples of chains: refused where one would not fit, drawn on all cores, kept as far as they came when stopped."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ebit._arguments import integer
from ebit.errors import Interrupted, TooLargeError, complain
from ebit.simulate import MAX_THREADS, Progress, progress_bar

__all__ = ["draw"]

#: Columns of eight bytes per pair that a sample holds.
COLUMNS = 4
#: Bytes that a sample may take.
MAX_BYTES = 4_000_000_000

Result = TypeVar("Result")


def draw(
    name: str,
    count: int,
    threads: int | None,
    progress: Progress,
    sample: Callable[[int, Any], Mapping[str, Any]],
    made: Callable[[Mapping[str, Any]], Result],
) -> Result:
    """Return what is ``made`` of so many pairs, which ``sample`` draws on so many threads with a report of progress."""
    size = 8 * COLUMNS * count
    if size > MAX_BYTES:
        most, value = MAX_BYTES // (8 * COLUMNS), f"{count} ({size / 1e9:.3g} GB)"
        raise complain(TooLargeError, name, "pairs", f"<= {most}", value, "draw parts with different seeds")
    if threads is None:
        threads = min(os.cpu_count() or 1, MAX_THREADS)
    threads = integer(name, "threads", threads, 1, MAX_THREADS, "None for one per core")
    with progress_bar(progress, "sampling") as report:
        raw = sample(threads, report)
    result = made(raw)
    stopped = raw["stopped_by"]
    if stopped is None:
        return result
    if not isinstance(stopped, KeyboardInterrupt):
        raise stopped
    drawn = len(raw["waiting_time_s"])
    raise Interrupted(f"stopped by Ctrl-C after {drawn} of {count} pairs; .results has them", result) from None
