"""Cut-offs of a schedule: how many it takes, how short each may be, and the schedule with others.

Knows schedules and how they count levels; nothing of what a cut-off is good for.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ebit.schedules import Schedule, Sequential, SwapAsap, Tree

__all__ = ["levels_of", "links_waited_for", "with_cutoffs"]


def with_cutoffs(schedule: Schedule, cutoffs: Sequence[float]) -> Schedule:
    """Return a schedule with these cut-offs in seconds, infinite ones for none; an empty list takes all away."""
    changed: Schedule
    if isinstance(schedule, SwapAsap):
        changed = schedule.replace(cutoff_s=cutoffs[0] if cutoffs and math.isfinite(cutoffs[0]) else None)
    else:
        changed = schedule.replace(cutoffs_s=() if all(map(math.isinf, cutoffs)) else tuple(cutoffs))
    return changed


def levels_of(schedule: Schedule, links: int) -> int:
    """Return how many cut-offs a schedule takes."""
    if isinstance(schedule, Tree):
        return _depth(schedule.tree)
    if links == 1 or isinstance(schedule, SwapAsap):
        return int(links > 1)
    return links - 1 if isinstance(schedule, Sequential) else links.bit_length() - 1


def links_waited_for(schedule: Schedule, levels: int) -> list[int]:
    """Return how many links one after another each cut-off has to leave time for, or nothing would ever be kept."""
    needs = [0] * levels
    if getattr(schedule, "start", "") != "one-after-another":
        return needs

    def walk(tree: Any) -> tuple[int, int]:
        if not isinstance(tree, tuple):
            return 0, 1
        (a, left), (b, right) = map(walk, tree)
        level = max(a, b)
        needs[level] = max(needs[level], right)
        return level + 1, left + right

    if isinstance(schedule, Tree):
        walk(schedule.tree)
        return needs
    # Link after link.
    return [1] * levels


def _depth(tree: Any) -> int:
    return 1 + max(map(_depth, tree)) if isinstance(tree, tuple) else 0
