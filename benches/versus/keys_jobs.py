"""The keys that both sides of the post-processing rows work on."""

from __future__ import annotations

import numpy as np


def pair(n: int, qber: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Alice's key and Bob's, booleans; the same for both sides."""
    rng = np.random.default_rng((seed, n))
    alice = rng.random(n) < 0.5
    return alice, alice ^ (rng.random(n) < qber)


def to_hash(n: int, length: int) -> tuple[np.ndarray, np.ndarray]:
    """A key and the seed of its hash."""
    rng = np.random.default_rng((n, length))
    return rng.random(n) < 0.5, rng.random(n + length - 1) < 0.5


def sample(bits: np.ndarray) -> list[int]:
    """A thousand bits and the sum of all: what the agreement compares."""
    return [*np.asarray(bits[:: max(1, len(bits) // 1000)], int).tolist(), int(np.count_nonzero(bits))]
