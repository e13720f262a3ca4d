"""Chains by hand in NumPy and SciPy: what a reader of the papers writes, without bookkeeping.

Nested doubling: the law of the later of two equal halves is the square of the half's cumulative law; with swaps that
succeed with probability q the level's series is q M / (1 - (1-q) M), taken by FFT with damping against wrap-around.
Swap-asap: the transfer operator, link by link, as two first-order recursions.
"""

from __future__ import annotations

from itertools import pairwise
from time import process_time
from typing import Any

import numpy as np
from scipy.fft import irfft, rfft
from scipy.signal import lfilter


def _geometric(p: float, steps: int) -> np.ndarray:
    law = p * (1 - p) ** np.arange(-1, steps - 1)
    law[0] = 0
    return law


def _law(segments: int, p: float, q: float, steps: int) -> np.ndarray:
    law = _geometric(p, steps)
    damping = np.exp(-np.log(1e15) / (2 * steps) * np.arange(2 * steps))
    for _ in range(segments.bit_length() - 1):
        reached = np.cumsum(law)
        both = np.diff(reached * reached, prepend=0)
        wave = rfft(both * damping[:steps], 2 * steps)
        law = irfft(q * wave / (1 - (1 - q) * wave))[:steps] / damping[:steps]
    return law


def nested(points: list[list[float]], segments: int, repeats: int, missing: float, seed: int) -> dict[str, Any]:
    """Laws and means of chains (p, q), the lattice doubled until no more than `missing` lies beyond it."""
    start = process_time()
    means = []
    for _ in range(repeats):
        means = []
        for p, q in points:
            steps = 512
            while (law := _law(segments, p, q, steps)).sum() < 1 - missing:
                steps *= 2
            means.append(float(law @ np.arange(steps) / law.sum()))
    return {"cpu_s": process_time() - start, "work": repeats * len(points), "numbers": means}


def correlation(p: list[float], decay_steps: float, repeats: int, seed: int) -> dict[str, Any]:
    """E[exp(-sum |N_i - N_{i+1}| / decay_steps)] of geometric times with probabilities p."""
    start = process_time()
    value = 0.0
    for _ in range(repeats):
        x = np.exp(-1 / decay_steps)
        steps = int(np.ceil(np.log(1e-14) / np.log1p(-min(p)))) + 2
        laws = [_geometric(chance, steps) for chance in p]
        mass = laws[0]
        for _former, law in pairwise(laws):
            later = lfilter([1.0], [1.0, -x], mass)
            earlier = lfilter([1.0], [1.0, -x], mass[::-1])[::-1]
            mass = (later + earlier - mass) * law
        value = float(mass.sum())
    return {"cpu_s": process_time() - start, "work": repeats, "numbers": [value]}
