"""Intervals of a share of which few were seen, or nearly all."""

from __future__ import annotations

import functools
import math

from ebit.estimates import NORMAL_95
from ebit.qkd.renewals import incomplete_beta

__all__ = ["share_between"]

#: Clopper and Pearson's limits add 0 to the count at the one end and 1 at the other. Jeffreys's add 1/2 at both, too
#: little: where one is expected at most, down to 0.89 of his intervals cover. With 1/5 and 4/5 0.935 do at least.
BETWEEN = 0.2
#: Counts above which a quantile is that of a normal number, to a hundred-thousandth of its chance.
MANY = 100.0
#: The chance beyond either end.
BEYOND = 0.025
#: Halvings that find a quantile to all digits of a share.
HALVINGS = 52


def share_between(hits: float, misses: float) -> tuple[float, float]:
    """Return the 95 % interval of a share of which so many were seen, and so many not; counts may be broken.

    Of whole counts it covers with 0.935 at least, whatever the share.

    >>> [round(each, 4) for each in share_between(1, 39)], share_between(0, 10)[0], share_between(10, 0)[1]
    ([0.0013, 0.1235], 0.0, 1.0)
    """
    low = _quantile(hits + BETWEEN, misses + 1.0 - BETWEEN) if hits > 0.0 else 0.0
    high = 1.0 - _quantile(misses + BETWEEN, hits + 1.0 - BETWEEN) if misses > 0.0 else 1.0
    return low, high


@functools.lru_cache(maxsize=256)
def _quantile(a: float, b: float) -> float:
    """Return the lower quantile of a beta distribution."""
    if min(a, b) > MANY:
        # Abramowitz and Stegun 26.5.22.
        one, other = 1.0 / (2.0 * a - 1.0), 1.0 / (2.0 * b - 1.0)
        h, k = 2.0 / (one + other), (NORMAL_95**2 - 3.0) / 6.0
        w = NORMAL_95 * math.sqrt(h + k) / h - (other - one) * (k + 5.0 / 6.0 - 2.0 / (3.0 * h))
        return a / (a + b * math.exp(2.0 * w))
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2.0
        low, high = (low, middle) if incomplete_beta(a, b, middle) > BEYOND else (middle, high)
    return (low + high) / 2.0
