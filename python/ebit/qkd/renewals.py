"""How often a detector clicks that is blind for some pulses after each click, in frames that begin live.

Clicks are a renewal process with steps dead + G, G geometric: of mean m = dead + 1/p and variance s^2 = (1-p)/p^2.
Among n pulses there are (n + dead)/m + (s^2 + m - m^2)/(2 m^2) clicks, with a variance of n s^2/m^3 (Feller, An
Introduction to Probability Theory I, XIII.6), once chance has spread them over more than a step, n s^2/m^3 > 1; what is
left out of the mean is less than 2 exp(-2 pi^2 n s^2/m^3). A frame in which clicks keep step is summed exactly, by how
likely it has k of them or more.
"""

from __future__ import annotations

import math

__all__ = ["incomplete_beta", "renewals"]

#: Variance of a frame's clicks above which they have forgotten when the frame began.
FORGOTTEN = 2.0
#: Where the continued fraction of the incomplete beta function ends: steps, and relative change.
STEPS, CHANGE = 10_000, 1e-15


def renewals(
    p: float, dead: int, pulses: int, frame: int, wait: tuple[float, float] | None = None
) -> tuple[float, float]:
    """Return mean and variance of the clicks of a detector that is blind for ``dead`` pulses after each.

    ``wait``: mean and variance of G where it is not geometric, in one long frame.

    >>> renewals(0.01, 0, 10_000, 1 << 20)
    (100.0, 99.0)
    >>> [round(each, 9) for each in renewals(1.0, 999, 10_001, 1 << 20)]
    [11.0, 0.0]
    """
    if p <= 0.0 or pulses == 0:
        return 0.0, 0.0
    if wait is not None and dead > 0:
        return _spread(*wait, dead, pulses)
    whole, rest = divmod(pulses, frame)
    one, other = _in_frame(p, dead, frame if whole else 0), _in_frame(p, dead, rest)
    return whole * one[0] + other[0], whole * one[1] + other[1]


def _in_frame(p: float, dead: int, n: int) -> tuple[float, float]:
    """Return mean and variance of the clicks in one frame of n pulses."""
    if dead == 0 or n == 0:
        return n * p, n * p * (1.0 - p)
    mean, spread = _spread(1.0 / p, (1.0 - p) / p**2, dead, n)
    if spread > FORGOTTEN:
        return mean, spread
    # P(k clicks or more) is 1 well below the mean and 0 well above it.
    k = base = max(math.floor(mean - 12.0 * math.sqrt(spread)) - 12, 0)
    first = second = 0.0
    while (chance := _at_least(p, dead, n, k + 1)) > 1e-18:
        k += 1
        first, second = first + chance, second + (2 * (k - base) - 1) * chance
    return base + first, max(second - first * first, 0.0)


def _spread(wait: float, variance: float, dead: int, n: int) -> tuple[float, float]:
    m = dead + wait
    return (n + dead) / m + (variance + m - m**2) / (2 * m**2), n * variance / m**3


def _at_least(p: float, dead: int, n: int, k: int) -> float:
    """P(k clicks or more): k or more events among the pulses that the dead times of all clicks but the last leave."""
    left = n - (k - 1) * dead
    if left < k:
        return 0.0
    return 1.0 if p >= 1.0 else incomplete_beta(k, left - k + 1, p)


def incomplete_beta(a: float, b: float, x: float) -> float:
    """I_x(a, b), by its continued fraction (DLMF 8.17.22) in the manner of Lentz."""
    if x > (a + 1.0) / (a + b + 2.0):
        return 1.0 - _fraction(b, a, 1.0 - x, x)
    return _fraction(a, b, x, 1.0 - x)


def _fraction(a: float, b: float, x: float, y: float) -> float:
    scale = math.lgamma(a + b) - math.lgamma(a + 1) - math.lgamma(b) + a * math.log(x) + b * math.log(y)
    if scale < -100.0:
        return 0.0
    tiny = 1e-300
    c, d = 1.0, 1.0 / ((1.0 - (a + b) * x / (a + 1.0)) or tiny)
    value = d
    for m in range(1, STEPS):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1.0) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2 * m + 1.0)),
        ):
            d, c = 1.0 / ((1.0 + term * d) or tiny), (1.0 + term / c) or tiny
            value *= c * d
        if abs(c * d - 1.0) < CHANGE:
            break
    return min(math.exp(scale) * value, 1.0)
