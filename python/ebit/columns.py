"""Columns that a run fills: the pairs it delivered, and what happened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

__all__ = ["Array", "Columns", "EventLog"]

Array = np.ndarray[Any, Any]


class Columns(Mapping[str, Array]):
    """Columns of delivered pairs, one row per pair, as NumPy arrays.

    ``replica``, ``time_s`` (since the start of the run), ``waiting_time_s``, ``fidelity``, ``qber_x``, ``qber_z``;
    readout errors are in the QBERs and not in the fidelity.
    """

    def __init__(self, columns: Mapping[str, Array]) -> None:
        self._columns = dict(columns)

    def __getitem__(self, name: str) -> Array:
        return self._columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    @property
    def count(self) -> int:
        """Number of pairs."""
        return len(self._columns["time_s"])

    def __repr__(self) -> str:
        return f"Columns({self.count} pairs: {', '.join(self._columns)})"


class EventLog(Mapping[str, Array]):
    """What happened, in columns: ``replica``, ``time_s``, ``kind``, ``place``, ``pair``.

    ``place`` is a link index for heralds and failed attempts, else a node index (of a distillation: the left end's).
    Empty unless the run had ``trace=True``; ``processed`` counts the events of the kernel either way.
    """

    def __init__(self, columns: Mapping[str, Any], counts: Mapping[str, int]) -> None:
        kinds = np.array(columns["kinds"])
        self._columns: dict[str, Array] = {k: v for k, v in columns.items() if k != "kinds"}
        self._columns["kind"] = kinds[self._columns["kind"]]
        self.counts = dict(counts)

    @property
    def processed(self) -> int:
        """Events the kernel processed in all replicas."""
        return self.counts["events"]

    def __getitem__(self, name: str) -> Array:
        return self._columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    def __repr__(self) -> str:
        return f"EventLog({self.processed} events processed, {len(self._columns['time_s'])} logged)"
