"""What an eavesdropper knows of the sifted bits: from what she wrote down, and from the photons she kept."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ebit.estimates import Estimate
from ebit.qkd.pulses import KEPT

__all__ = ["entropy", "kept_light", "known_bits"]


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

    The estimate is the mean of 1 + log2 P(bit | note, announcement), and its standard error that of this mean; to
    second order each class adds the 1/(2 (n ln 2)^2) of a chi-squared number, all there is where a note tells nothing.

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
    square = np.where(kept > 0, each**2, _square(share) + _square(1.0 - share))
    mixed = float(((total > 0) & (kept <= 0) & (share > 0) & (share < 1)).sum())
    bias = mixed / (2 * math.log(2) * n)
    mean = float((total * each).sum() / n)
    variance = max(float((total * square).sum() / n) - mean**2, 0.0) / n
    stderr = math.sqrt(variance + mixed / (2.0 * (math.log(2) * n) ** 2))
    value = max(mean - bias, 0.0)
    return Estimate(value, stderr, max(value - 1.96 * stderr, 0.0), min(value + 1.96 * stderr, 1.0))


def _square(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return p (1 + log2 p)^2, element by element; 0 at 0."""
    out = np.zeros_like(p)
    inside = p > 0
    out[inside] = p[inside] * (1.0 + np.log2(p[inside])) ** 2
    return out


def kept_light(kind: str, mean: float) -> float:
    """Return the bits of information about each bit of a train in a share of its light, kept until the bit is named.

    Of COW she has light in one slot or in the other, two pure states whose overlap is exp(-mean): 1 - h((1 - sqrt(1 -
    exp(-2 mean)))/2), the most that a measurement gives (Levitin 1995). Of DPS she
    has both pulses, whose common sign nobody named. Brought together, equal ones leave by one port of a beam splitter
    and opposite ones by the other, as a state of an odd number of photons with (1 - exp(-4 mean))/2, which tells the
    port, or as one of an even number, of which the ports' overlap is 1/cosh(2 mean).

    Parameters
    ----------
    kind : {"phases", "slots"}
        Where the bits are: DPS or COW.
    mean : float
        Mean photons that she holds of a pulse.

    Examples
    --------
    >>> round(kept_light("phases", 0.001), 5), round(kept_light("slots", 40.0), 12)
    (0.002, 1.0)
    """
    if kind == "slots":
        return _two_states(math.sqrt(-math.expm1(-2.0 * mean)))
    odd = -math.expm1(-4.0 * mean) / 2.0
    return odd + (1.0 - odd) * _two_states(math.tanh(2.0 * mean))


def _two_states(apart: float) -> float:
    """Return the accessible information of two equally likely pure states: sqrt(1 - overlap^2) is ``apart``."""
    return float(1.0 - entropy(np.array([(1.0 - apart) / 2.0]))[0])
