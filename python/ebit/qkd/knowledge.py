"""What an eavesdropper knows of the sifted bits: from what she wrote down, and from the photons she kept."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ebit.estimates import Estimate, student_t
from ebit.qkd.counts import share_between
from ebit.qkd.information import told
from ebit.qkd.pulses import KEPT

__all__ = ["entropy", "kept_light", "known_bits"]

#: What is less likely than this is ruled out of an interval.
UNLIKELY = 0.01
#: A variance of all alike: rounding.
SAME = 1e-24


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
    bits: NDArray[np.bool_],
    announced: NDArray[np.uint8],
    notes: NDArray[np.uint8],
    names: int,
    overlap: float = 0.0,
    stretch: NDArray[np.int64] | None = None,
    watched: bool = True,
) -> Estimate:
    """Return the bits of information she has about each sifted bit, after the announcements.

    Of a note: 1 - h(p), p the chance of a one among the bits with this note and announcement, as ``information``
    reckons it from all of them. Of ``k`` photons kept: the best measurement between the states that the announcement
    leaves open, 1 - h((1 - sqrt(1 - o^k))/2) with their overlap ``o`` (Helstrom); all of it in the protocols that
    announce a basis.

    The variance is that of what the notes tell, and of how many bits have which; of bits that share a stretch, of how
    many stretches do. The interval is that of a count (``counts``): of as many known bits among so many as have this
    variance, and of fewer in the square of Student's quantiles where the variance has few degrees of freedom (Korn and
    Graubard 1998, Survey Methodology 24, 193; Satterthwaite 1946, doi:10.2307/3002019). It begins at 0 where chances
    are 1 in 100 that no note tells anything, and ends at 1 where they are that all do, or where no note was wrong.

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
    stretch : int array, optional
        Bits with the same number are touched or left alone together.
    watched : bool
        Whether anybody was there to write something down.
    """
    n = len(bits)
    if n == 0:
        return Estimate(0.0, 0.0, 0.0, 1.0)
    if not notes.any():
        freedom = n if stretch is None else len(np.unique(stretch)) - 1
        return Estimate(0.0, 0.0, 0.0, _interval(0.0, 0.0, min(n, freedom + 1), freedom)[1] if watched else 0.0)
    label = announced.astype(np.int64) * 256 + notes
    total = np.bincount(label, minlength=256 * names).astype(float)
    ones = np.bincount(label[bits], minlength=256 * names).astype(float)
    photons = np.arange(256 * names) % 256 - KEPT
    kept, noted = (photons > 0) & (total > 0), (photons <= 0) & (total > 0)
    wrong = (1.0 - np.sqrt(1.0 - overlap ** photons[kept])) / 2.0
    of_kept, share = 1.0 - entropy(wrong), total[noted] / n
    known = told(total[noted], ones[noted])
    mean = known.mean @ share + float(of_kept @ total[kept]) / n
    apart = np.maximum(known.square - known.mean**2, 0.0) @ share**2
    value = float((known.weight * mean).sum())
    each = np.zeros(256 * names)
    each[kept], each[noted] = of_kept, np.tensordot(known.weight, known.mean, 2)
    drawn, freedom = _drawn(each[label] - value, stretch)
    inner = float((known.weight * (apart + (mean - value) ** 2)).sum())
    # How likely wrong notes are is guessed from how many there were; three more stand for what all classes say.
    wrong_notes = np.minimum(ones, total - ones)[noted]
    few = 3.0 + float(each[noted] @ wrong_notes)
    variance = inner + drawn
    if freedom and variance > 0.0:
        freedom = int(min(max(variance**2 / (inner**2 / few + drawn**2 / freedom), 2.0), freedom))
    low, high = _interval(value, variance, n, freedom)
    low = 0.0 if known.nothing >= UNLIKELY and not kept.any() else low
    # Of few bits in many classes all are alike, and nobody can tell whether they were known.
    all_known = known.everything >= UNLIKELY or not wrong_notes.any()
    high = 1.0 if all_known and bool((of_kept == 1.0).all()) else high
    return Estimate(value, math.sqrt(variance), low, high)


def _drawn(apart: NDArray[np.float64], stretch: NDArray[np.int64] | None) -> tuple[float, int]:
    """Return the variance of the mean of numbers about 0, and how many of them are free: those of stretches are not."""
    n = len(apart)
    alone = float(apart @ apart) / n**2
    if stretch is None:
        return alone, n
    sums = np.bincount(np.unique(stretch, return_inverse=True)[1], weights=apart)
    free = len(sums) - 1
    return max(alone, float(sums @ sums) / n**2 * len(sums) / max(free, 1)), free


def _interval(value: float, variance: float, n: int, freedom: int) -> tuple[float, float]:
    """Return the interval of a share with this variance, by the count that has it."""
    if freedom < 1:
        return 0.0, 1.0
    spread = value * (1.0 - value)
    trials = float(n) if variance <= SAME * spread or spread <= 0.0 else spread / variance
    trials *= (student_t(n) / student_t(min(freedom, n))) ** 2
    return share_between(value * trials, (1.0 - value) * trials)


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
