"""Schedules: when a repeater swaps. A schedule is data; evaluators execute it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

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

    Node i of the route joins segments over as many links as the largest power of two that divides i. A failed swap
    empties both halves, and everything below starts anew.

    Parameters
    ----------
    cutoffs_s : sequence of float
        Per level, the lowest first: if the halves' completion times differ by more than this many seconds, both are
        dropped at the first completion + cut-off and start anew; ``math.inf`` for none at that level. Empty: none.
    distill : sequence of int
        Per level, the lowest first: rounds of distillation of each half before the swap; r rounds take 2^r copies made
        side by side, in that many slots. Empty: none.
    protocol : {"dejmps", "bbpssw"}
        How two pairs become one.
    handshake : bool
        Whether a node asks both far ends, and waits for their answers, before it swaps.

    Notes
    -----
    Cut-offs and distillation are for ``RepeaterChain.exact`` and ``sample``; the event engine refuses them.

    Examples
    --------
    >>> Nested(cutoffs_s=[1e-2, 2e-2], distill=[1, 0]).protocol
    'dejmps'
    """

    cutoffs_s: Sequence[float] = ()
    distill: Sequence[int] = ()
    protocol: str = default("Nested", "protocol")
    handshake: bool = default("Nested", "handshake")

    def __post_init__(self) -> None:
        for name in ("cutoffs_s", "distill"):
            value = getattr(self, name)
            if isinstance(value, (list, np.ndarray)):
                # Immutable, as the rest of it.
                object.__setattr__(self, name, tuple(value))
        super().__post_init__()


def schedule_from_tagged(tagged: Mapping[str, Any]) -> Schedule:
    """Build a schedule from ``{"SwapAsap": {...}}``."""
    ((name, fields),) = tagged.items()
    kinds: dict[str, type[Schedule]] = {"SwapAsap": SwapAsap, "Nested": Nested}
    return kinds[name](**fields)
