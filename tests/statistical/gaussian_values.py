"""Gaussian values of two parties."""

from __future__ import annotations

import math

import numpy as np


def values(snr: float, n: int, seed: list[int]) -> tuple[np.ndarray, np.ndarray, float]:
    """Gaussian values of both, and the slope; the noise has variance 1."""
    rng = np.random.default_rng(seed)
    slope = 0.5
    x = math.sqrt(snr) / slope * rng.standard_normal(n)
    return x, slope * x + rng.standard_normal(n), slope
