"""How much notes tell about bits, from how often each note came with a one.

Bits of one class, of one note and one announcement, are ones with a probability p that nobody knows, and each of them
is known by 1 - h(p). In small classes the share of ones says little of h(p), and always too much is seen: of two bits
that nobody knows both are alike half of the time. All classes together say more. With weight 1 - w a class tells
nothing, p = 1/2; with weight w its p is from a beta distribution, both of whose exponents are a. What p, a and w are is
reckoned by Bayes's rule: the moments of h under a beta distribution are those of Wolpert and Wolf 1995
(doi:10.1103/PhysRevE.52.6841), and a is such that the mean entropy is anything between 0 and 1 beforehand, as Nemenman,
Shafee and Bialek 2002 (arXiv:physics/0108025) choose it; so is w.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Told", "told"]

Reals = NDArray[np.float64]
#: Values of the mean entropy and of w between their ends.
STEPS = 12
#: An exponent so small that p is 0 or 1.
KNOWN = 1e-9

_log_gamma = np.vectorize(math.lgamma, otypes=[float])


@dataclass(frozen=True, eq=False)
class Told:
    """What is reckoned of each class, given each a and w.

    Parameters
    ----------
    weight : float array (w, a)
        Probability of each.
    mean, square : float arrays (w, a, classes)
        Of 1 - h(p) and of its square.
    """

    weight: Reals
    mean: Reals
    square: Reals

    @property
    def nothing(self) -> float:
        """Return the probability that no class tells anything."""
        return float(self.weight[0].sum())

    @property
    def everything(self) -> float:
        """Return the probability that every class tells all."""
        return float(self.weight[-1, 0])


def told(total: Reals, ones: Reals) -> Told:
    """Return how much each class tells, from how many bits it has and how many ones.

    >>> known = told(np.array([40.0, 40.0]), np.array([0.0, 20.0]))
    >>> each = (known.weight[:, :, None] * known.mean).sum(axis=(0, 1))
    >>> bool(each[0] > 0.9), bool(each[1] < 0.03)
    (True, True)
    """
    exponents, share = _exponents(), np.linspace(0.0, 1.0, 2 * STEPS + 1)[1::2]
    a = exponents[:, None]
    weights = np.concatenate(([0.0], share, [1.0]))[:, None, None]
    one, other = a + ones, a + total - ones
    beta = _log_gamma(one) + _log_gamma(other) - _log_gamma(one + other) - 2 * _log_gamma(a) + _log_gamma(2 * a)
    with np.errstate(divide="ignore"):
        telling, silent = np.log(weights) + beta, np.log1p(-weights) - math.log(2) * total
    both = np.logaddexp(telling, silent)
    likely = both.sum(axis=-1)
    weight = np.exp(likely - likely.max())
    mean, square = _moments(one, other)
    tells = np.exp(telling - both)
    return Told(weight / weight.sum(), tells * mean, tells * square)


@functools.cache
def _exponents() -> Reals:
    """Return exponents of which the mean entropies have equal distances; the first one's is 0."""
    grid = np.geomspace(1e-4, 100.0, 4000)
    entropy = 1.0 - _moments(grid, grid)[0]
    return np.concatenate(([KNOWN], np.interp(np.linspace(0.0, 1.0, 2 * STEPS + 1)[1::2], entropy, grid)))


def _moments(a: Reals, b: Reals) -> tuple[Reals, Reals]:
    """Return the means of 1 - h(p) and of its square, p of a beta distribution, in bits."""
    s = a + b
    (ones, _), (others, _), (all_, _) = _psi(a + 1.0), _psi(b + 1.0), _psi(s + 1.0)
    h = (a * (all_ - ones) + b * (all_ - others)) / s / math.log(2)
    (twice, d_twice), (again, d_again), (total, d_total) = _psi(a + 2.0), _psi(b + 2.0), _psi(s + 2.0)
    square = a * (a + 1.0) * ((twice - total) ** 2 + d_twice - d_total)
    square += b * (b + 1.0) * ((again - total) ** 2 + d_again - d_total)
    square += 2.0 * a * b * ((ones - total) * (others - total) - d_total)
    return 1.0 - h, 1.0 - 2.0 * h + square / (s * (s + 1.0)) / math.log(2) ** 2


def _psi(x: Reals) -> tuple[Reals, Reals]:
    """Return the first two derivatives of log Gamma at numbers from 1 on (Abramowitz and Stegun 6.3.18, 6.4.12)."""
    first, second = np.zeros_like(x), np.zeros_like(x)
    for _ in range(8):
        first, second = first - np.where(x < 9.0, 1.0 / x, 0.0), second + np.where(x < 9.0, 1.0 / x**2, 0.0)
        x = np.where(x < 9.0, x + 1.0, x)
    r = 1.0 / x**2
    first = first + np.log(x) - 0.5 / x - r * (1 / 12 - r * (1 / 120 - r * (1 / 252 - r / 240)))
    return first, second + 1.0 / x + r / 2 + r / x * (1 / 6 - r * (1 / 30 - r * (1 / 42 - r / 30)))
