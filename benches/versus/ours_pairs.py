"""ebit's side of the Bell-diagonal pairs: the same noisy swaps through the public face."""

from __future__ import annotations

from time import process_time
from typing import Any

import numpy as np
from peer_numpy_pairs import DEPOLARIZE, rows, sample

import ebit


def swaps(batch: int, batches: int, seed: int, reuse: bool = False) -> dict[str, Any]:
    """`batches` times a batch of noisy swaps of rows (n, 4), into a new array each or always the same."""
    a, b = rows(batch, seed=7)
    out = np.empty_like(a) if reuse else None
    start = process_time()
    for _ in range(batches):
        result = ebit.BellDiagonal.swap_many(a, b, depolarize=DEPOLARIZE, out=out)
    cpu = process_time() - start
    return {"cpu_s": cpu, "work": batches, "final_time": batches, "weights": sample(result)}
