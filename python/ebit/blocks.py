"""Blocks of consecutive pairs, whose spread tells how far a mean may be off.

With at least 20 replicas each replica is one independent block; with fewer, every replica is cut into blocks of
consecutive pairs (pairs that follow each other are correlated, blocks hardly are), 40 in all where there are pairs
enough. Every mean is a ratio of sums over blocks, its variance the usual linearisation, its interval Student's.
"""

from __future__ import annotations

import itertools
import math

import numpy as np

from ebit.columns import Array, Columns
from ebit.estimates import Estimate, student_t

__all__ = ["Blocks"]

#: Blocks that the pairs of a few replicas are cut into, all together.
BLOCKS = 40
#: Replicas from which on each replica is one block.
REPLICAS_AS_BLOCKS = 20


class Blocks:
    """Sums over blocks of one request: pairs and time, and any column."""

    def __init__(self, columns: Columns, pairs: Array, total_s: Array) -> None:
        self.columns = columns
        replicas = len(pairs)
        starts: list[int] = []
        counts: list[int] = []
        times: list[float] = []
        offset = 0
        each = 1 if replicas >= REPLICAS_AS_BLOCKS else math.ceil(BLOCKS / max(1, replicas))
        waiting = columns["waiting_time_s"]
        for n, total in zip(pairs.tolist(), total_s.tolist(), strict=True):
            blocks = max(1, min(each, n))
            edges = [offset + (n * k) // blocks for k in range(blocks + 1)]
            spent = [float(waiting[i:j].sum()) for i, j in itertools.pairwise(edges)]
            if blocks > 0:
                # Time after the last delivery belongs to the last block.
                spent[-1] += max(0.0, total - sum(spent))
            starts.extend(edges[:-1])
            counts.extend(j - i for i, j in itertools.pairwise(edges))
            times.extend(spent)
            offset += n
        self.starts = np.array(starts, dtype=np.intp)
        self.pairs = np.array(counts, dtype=np.float64)
        self.time_s = np.array(times)
        self.n = float(self.pairs.sum())
        self.total_s = float(total_s.sum())

    def sums(self, column: Array) -> Array:
        """Sum of a column in each block; empty blocks give 0."""
        cumulative = np.concatenate(([0.0], np.cumsum(column)))
        ends = np.append(self.starts[1:], len(column))
        return np.asarray(cumulative[ends] - cumulative[self.starts])

    def estimate(self, value: float, influence: Array, low: float, high: float) -> Estimate:
        """Turn the influence of each block into an interval, kept within the range of the quantity."""
        blocks = len(influence)
        if blocks < 2:
            return Estimate(value, math.inf, low, high)
        stderr = math.sqrt(float(np.sum(influence**2)) * blocks / (blocks - 1))
        half = student_t(blocks - 1) * stderr
        if stderr <= 1e-13 * abs(value):
            # All alike: what is left is the rounding of the sums.
            stderr, half = 0.0, max(half, 1e-13 * abs(value))
        return Estimate(value, stderr, max(low, value - half), min(high, value + half))

    def mean(self, column: Array, low: float, high: float) -> tuple[Estimate, Array]:
        """Mean of a column over pairs, and the influence of each block on it."""
        sums = self.sums(column)
        value = float(sums.sum()) / self.n
        influence = (sums - value * self.pairs) / self.n
        return self.estimate(value, influence, low, high), influence
