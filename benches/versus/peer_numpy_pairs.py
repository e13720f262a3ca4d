"""NumPy's side of the Bell-diagonal pairs: many noisy swaps, by whole-array arithmetic.

Two ways of writing the same convolution: on rows (n, 4), as the arrays come, and on four separate columns, which NumPy
likes best.
"""

from __future__ import annotations

from time import process_time
from typing import Any

import numpy as np

DEPOLARIZE = 0.01
FLIP = np.array([[j ^ k for k in range(4)] for j in range(4)])


def rows(pairs: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Two arrays of random Bell weights (pairs, 4); the same for both sides."""
    out = []
    for stream in (0, 1):
        raw = np.random.default_rng((seed, stream)).random((pairs, 4))
        out.append(raw / raw.sum(axis=1, keepdims=True))
    return out[0], out[1]


def swap_rows(a: np.ndarray, b: np.ndarray, p: float) -> np.ndarray:
    """Swap row by row, then depolarize."""
    out = a[:, [0]] * b
    for j in (1, 2, 3):
        out += a[:, [j]] * b[:, FLIP[j]]
    out *= 1 - p
    out += p / 4
    return out


def swap_columns(a: list[np.ndarray], b: list[np.ndarray], p: float) -> list[np.ndarray]:
    """The same on four columns each."""
    keep, share = 1 - p, p / 4
    return [keep * sum(a[j] * b[j ^ k] for j in range(4)) + share for k in range(4)]


def swaps(batch: int, layout: str, batches: int, seed: int) -> dict[str, Any]:
    """`batches` times a batch of noisy swaps; the weights of the first are kept for comparison."""
    a, b = rows(batch, seed=7)
    if layout == "rows":
        start = process_time()
        for _ in range(batches):
            out = swap_rows(a, b, DEPOLARIZE)
        cpu = process_time() - start
    else:
        left, right = ([np.ascontiguousarray(c) for c in x.T] for x in (a, b))
        start = process_time()
        for _ in range(batches):
            columns = swap_columns(left, right, DEPOLARIZE)
        cpu = process_time() - start
        out = np.column_stack(columns)
    return {"cpu_s": cpu, "work": batches, "final_time": batches, "weights": sample(out)}


def sample(out: np.ndarray) -> list[list[float]]:
    """Every thousandth row and the last: what the agreement compares, digit by digit."""
    return np.vstack([out[::1000], out[-1:]]).tolist()
