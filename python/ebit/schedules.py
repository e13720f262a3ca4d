"""Schedules: when a repeater swaps. A schedule is data; evaluators execute it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ebit._spec import Spec, default

__all__ = ["SwapAsap"]


@dataclass(frozen=True)
class SwapAsap(Spec):
    """Swap as soon as a pair waits on both sides.

    Parameters
    ----------
    cutoff_s : float, optional
        Age in seconds of its oldest elementary pair at which a segment that is still unswapped is dropped;
        None: never. The end-to-end pair is never dropped.

    Examples
    --------
    >>> SwapAsap(cutoff_s=0.01).cutoff_s
    0.01
    """

    cutoff_s: float | None = default("SwapAsap", "cutoff_s")

    def tagged(self) -> dict[str, Any]:
        """Return the schedule under its name, as documents hold it."""
        return {"SwapAsap": self.to_dict()}
