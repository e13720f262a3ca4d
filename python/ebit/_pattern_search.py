"""Climbing without derivatives: Hooke and Jeeves's pattern search on positive numbers, some of them whole.

Knows knobs, bounds and a function that says how good they are; nothing of chains.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence

__all__ = ["Score", "pattern_search"]

#: What is made large, and what decides where that is equal.
Score = tuple[float, float]

#: The search ends when its factor is this close to 1.
FINEST = 1e-3
#: Scores that differ by no more than this share are equal: or rounding would be climbed, step by step for ever.
SAME = 1e-7


def above(a: Score, b: Score) -> bool:
    """Whether a score is better than another by more than rounding."""
    if a[0] == b[0]:
        return a[1] > b[1] + 1e-12
    return a[0] > b[0] and (math.isinf(b[0]) or a[0] - b[0] > SAME * abs(b[0]))


def pattern_search(
    score: Callable[[tuple[float, ...]], Score],
    start: tuple[float, ...],
    bounds: Sequence[tuple[float, float]],
    whole: Sequence[bool],
    far: float = math.inf,
) -> tuple[float, ...]:
    """Climb by factors, one knob or two against each other, and on along what helped (Hooke and Jeeves 1961).

    Whole numbers end in whole steps, or at infinity; `far` is a large one.

    doi:10.1145/321062.321069. Ends at a point where no coordinate alone is better by the finest factor, and where none
    of the neighbours in whole numbers is better, diagonal ones included (of more than four knobs, two at a time).
    """

    def moved(knobs: Sequence[float], k: int, factor: float) -> tuple[float, ...]:
        low, high = bounds[k]
        value = knobs[k] * factor
        if whole[k] and math.isfinite(value):
            value = float(round(value))
            if value == knobs[k]:
                value += 1.0 if factor > 1.0 else -1.0
        return (*knobs[:k], min(max(value, low), high), *knobs[k + 1 :])

    best, at = start, score(start)

    def explore(knobs: tuple[float, ...], value: Score, factor: float) -> tuple[tuple[float, ...], Score]:
        was = value
        for k in range(len(knobs)):
            if math.isinf(knobs[k]):
                continue
            for f in (factor, 1.0 / factor):
                tried = moved(knobs, k, f)
                there = score(tried) if tried != knobs else value
                if above(there, value):
                    knobs, value = tried, there
                    break
        return (knobs, value) if above(value, was) else slide(knobs, value, factor)

    def slide(knobs: tuple[float, ...], value: Score, factor: float) -> tuple[tuple[float, ...], Score]:
        # Along a ridge one has to fall while another rises.
        for i, j in itertools.permutations([k for k in range(len(knobs)) if math.isfinite(knobs[k])], 2):
            tried = moved(moved(knobs, i, factor), j, 1.0 / factor)
            there = score(tried)
            if above(there, value):
                return tried, there
        return knobs, value

    def climb(best: tuple[float, ...], at: Score) -> tuple[tuple[float, ...], Score]:
        factor = math.sqrt(2.0)
        while factor > 1.0 + FINEST and best:
            knobs, reached = explore(best, at, factor)
            if above(reached, at):
                while above(reached, at):
                    previous, (best, at) = best, (knobs, reached)
                    # Once more by as much, and explore from there.
                    jump = best
                    for k in range(len(best)):
                        if math.isfinite(best[k]) and best[k] != previous[k]:
                            jump = moved(jump, k, best[k] / previous[k])
                    knobs, reached = explore(jump, score(jump), factor)
                continue
            factor = math.sqrt(factor)
            if all(whole) and all(v * (factor - 1.0) < 0.5 for v in best if math.isfinite(v)):
                break
        free = [k for k in range(len(best)) if whole[k] and math.isfinite(best[k])]
        improved = bool(free)
        while improved:
            improved = False
            for shift in _shifts(len(free)):
                near = list(best)
                for k, by in zip(free, shift, strict=True):
                    near[k] = min(max(near[k] + by, bounds[k][0]), bounds[k][1])
                there = score(tuple(near))
                if above(there, at):
                    best, at, improved = tuple(near), there, True
                    break
        return best, at

    while True:
        best, at = climb(best, at)
        # Infinity is no factor away from anything: try each knob alone on its other side, and climb again from there.
        before = at
        for k, integral in enumerate(whole):
            if not integral:
                continue
            low, high = bounds[k]
            others = [math.inf] if math.isfinite(best[k]) else [far / 2**step for step in range(1, 6)]
            for value in map(float, [v if math.isinf(v) else round(v) for v in others]):
                tried = (*best[:k], value, *best[k + 1 :])
                there = score(tried) if low <= value <= high else before
                if above(there, at):
                    best, at = tried, there
        if at == before:
            return best


def _shifts(count: int) -> Iterator[tuple[float, ...]]:
    """Every neighbour in whole numbers; of many knobs those where one or two move."""
    if count <= 4:
        yield from itertools.product((-1.0, 0.0, 1.0), repeat=count)
        return
    for i, j in itertools.combinations(range(count), 2):
        for a, b in itertools.product((-1.0, 0.0, 1.0), repeat=2):
            yield tuple(a if k == i else b if k == j else 0.0 for k in range(count))
