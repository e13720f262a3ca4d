"""What an eavesdropper knows of the sifted bits: from what she wrote down, and from the photons she kept."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ebit.qkd.attacks import KEPT
from ebit.results import Estimate

__all__ = ["entropy", "known_bits"]


def entropy(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return h(p) in bits, element by element; 0 at the ends.

    >>> entropy(np.array([0.0, 0.5]))
    array([0., 1.])
    """
    out = np.zeros_like(p)
    inside = (p > 0) & (p < 1)
    q = p[inside]
    out[inside] = -q * np.log2(q) - (1 - q) * np.log2(1 - q)
    return out


def known_bits(
    bits: NDArray[np.bool_], announced: NDArray[np.uint8], notes: NDArray[np.uint8], names: int, overlap: float = 0.0
) -> Estimate:
    """Return the bits of information she has about each sifted bit, after the announcements.

    Of a note: 1 - h(share of ones among the bits with this note and announcement), the plug-in estimate of the mutual
    information, less its bias of 1/(2 ln 2) bits a class (Miller 1955). Of ``k`` photons kept: the best measurement
    between the states that the announcement leaves open, 1 - h((1 - sqrt(1 - o^k))/2) with their overlap ``o``
    (Helstrom); all of it in the protocols that announce a basis.

    Parameters
    ----------
    bits : bool array
        The sender's sifted bits.
    announced, notes : uint8 arrays
        What was announced, and written down, of each.
    names : int
        How many announcements there are.
    overlap : float
        Of the states that an announcement leaves open.
    """
    n = len(bits)
    if n == 0:
        return Estimate(0.0, 0.0, 0.0, 1.0)
    if not notes.any():
        return Estimate(0.0, 0.0, 0.0, 0.0)
    label = announced.astype(np.int64) * 256 + notes
    size = 256 * names
    total = np.bincount(label, minlength=size).astype(float)
    ones = np.bincount(label[bits], minlength=size).astype(float)
    share = np.divide(ones, total, out=np.zeros(size), where=total > 0)
    each = 1.0 - entropy(share)
    kept = np.arange(size) % 256 - KEPT
    photons = np.maximum(kept, 1).astype(float)
    wrong = (1.0 - np.sqrt(1.0 - overlap**photons)) / 2.0
    each = np.where(kept > 0, 1.0 - entropy(wrong), each)
    mixed = (total > 0) & (kept <= 0) & (share > 0) & (share < 1)
    bias = float(mixed.sum()) / (2 * math.log(2) * n)
    mean = float((total * each).sum() / n)
    stderr = math.sqrt(max(float((total * each**2).sum() / n) - mean**2, 0.0) / n)
    value = max(mean - bias, 0.0)
    return Estimate(value, stderr, max(value - 1.96 * stderr, 0.0), min(value + 1.96 * stderr, 1.0))
