"""Schedules: when a repeater swaps. A schedule is data; evaluators execute it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ebit._spec import Spec, default

__all__ = ["Nested", "Schedule", "SwapAsap"]


class Schedule(Spec):
    """Any schedule."""

    def tagged(self) -> dict[str, Any]:
        """Return the schedule under its name, as documents hold it."""
        return {type(self).__name__: self.to_dict()}


@dataclass(frozen=True)
class SwapAsap(Schedule):
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


@dataclass(frozen=True)
class Nested(Schedule):
    """Swap the halves of 2^k links when both are there, from the smallest up (doubling).

    Node i of the route joins segments over as many links as the largest power of two that divides i.

    Parameters
    ----------
    handshake : bool
        Whether a node asks both far ends, and waits for their answers, before it swaps.

    Examples
    --------
    >>> Nested(handshake=True).handshake
    True
    """

    handshake: bool = default("Nested", "handshake")


def schedule_from_tagged(tagged: Mapping[str, Any]) -> Schedule:
    """Build a schedule from ``{"SwapAsap": {...}}``."""
    ((name, fields),) = tagged.items()
    return {"SwapAsap": SwapAsap, "Nested": Nested}[name](**fields)
