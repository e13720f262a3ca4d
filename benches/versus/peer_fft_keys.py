"""Toeplitz hashing by a float64 FFT, as post-processing packages do it: NumPy's and SciPy's."""

from __future__ import annotations

from time import process_time
from typing import Any

import keys_jobs as jobs
import numpy as np
import scipy.fft


def toeplitz(n: int, length: int, library: str, hashes: int, seed: int) -> dict[str, Any]:
    """One cyclic convolution as long as the seed: what wraps around falls outside the hash."""
    key, diagonals = jobs.to_hash(n, length)
    fft = scipy.fft if library == "scipy" else np.fft
    size = scipy.fft.next_fast_len(n + length - 1, real=True)

    def once() -> np.ndarray:
        sums = fft.irfft(fft.rfft(key.astype(np.float64), size) * fft.rfft(diagonals.astype(np.float64), size), size)
        return np.rint(sums[n - 1 : n + length - 1]).astype(np.int64) & 1 == 1

    once()
    start = process_time()
    for _ in range(hashes):
        out = once()
    cpu = process_time() - start
    return {"cpu_s": cpu, "work": hashes * n, "bits": jobs.sample(out)}
