"""Bounds and thresholds, in bits: what no repeaterless link can beat, and how much error a key survives."""

from __future__ import annotations

import math

from ebit._arguments import integer, probability, real, shown
from ebit.errors import RangeError, complain

__all__ = ["bb84_threshold", "binary_entropy", "chain_capacity", "plob", "secret_fraction", "tgw"]


def _transmission(function: str, eta: float) -> None:
    words = "a transmission in [0, 1)"
    if not 0.0 <= real(f"bounds.{function}", "eta", eta, words) < 1.0:
        raise complain(RangeError, f"bounds.{function}", "eta", words, shown(eta))


def binary_entropy(q: float) -> float:
    """Return h(q) in bits.

    >>> binary_entropy(0.5)
    1.0
    """
    # Means of probabilities may leave [0, 1] by rounding, and by no more.
    if not -1e-9 <= real("bounds.binary_entropy", "q", q, "a probability in [0, 1]") <= 1.0 + 1e-9:
        probability("bounds.binary_entropy", "q", q)
    if q <= 0.0 or q >= 1.0:
        return 0.0
    return -(q * math.log2(q) + (1 - q) * math.log2(1 - q))


def entropy_slope(q: float) -> float:
    """Return h'(q) = log2((1-q)/q) in bits; 0 where q is 0 or 1 and has no variance.

    >>> entropy_slope(0.2)
    2.0
    """
    return math.log2((1 - q) / q) if 0.0 < q < 1.0 else 0.0


def plob(eta: float) -> float:
    """Return the repeaterless secret-key capacity -log2(1-eta) in bits per mode.

    Pirandola, Laurenza, Ottaviani and Banchi, doi:10.1038/ncomms15043. Computed with log1p: 1-eta is 1 on long links.

    Parameters
    ----------
    eta : float
        Transmission of the whole channel, in [0, 1).

    >>> f"{plob(1e-8):.6e}"
    '1.442695e-08'
    """
    _transmission("plob", eta)
    return -math.log1p(-eta) / math.log(2)


def chain_capacity(eta: float, segments: int) -> float:
    """Return the secret-key capacity of equal lossy segments between ideal repeaters, -log2(1 - eta^(1/N)), per mode.

    Pirandola, doi:10.1038/s42005-019-0147-3; one segment gives PLOB.

    Parameters
    ----------
    eta : float
        Transmission of the whole channel, in [0, 1).
    segments : int
        N, one more than there are repeaters.

    >>> round(chain_capacity(0.01, 2), 10), chain_capacity(0.01, 1) == plob(0.01)
    (0.1520030934, True)
    """
    _transmission("chain_capacity", eta)
    count = integer("bounds.chain_capacity", "segments", segments, 1)
    each = eta ** (1.0 / count)
    return -math.log1p(-each) / math.log(2) if each < 1.0 else math.inf


def tgw(eta: float) -> float:
    """Return the Takeoka-Guha-Wilde bound log2((1+eta)/(1-eta)) in bits per mode (doi:10.1038/ncomms6235).

    Parameters
    ----------
    eta : float
        Transmission of the whole channel, in [0, 1).

    >>> round(tgw(0.01), 11)
    0.02885486267
    """
    _transmission("tgw", eta)
    return (math.log1p(eta) - math.log1p(-eta)) / math.log(2)


def secret_fraction(qber_x: float, qber_z: float) -> float:
    """Return the one-way secret fraction max(0, 1 - h(qber_x) - h(qber_z)), in bits per pair.

    Shor and Preskill 2000, doi:10.1103/PhysRevLett.85.441: asymptotic, one-way, no sifting factor.

    Parameters
    ----------
    qber_x, qber_z : float
        Error rates in the two bases, in [0, 1].

    >>> secret_fraction(0.0, 0.0)
    1.0
    """
    for name, q in (("qber_x", qber_x), ("qber_z", qber_z)):
        probability("bounds.secret_fraction", name, q)
    return max(0.0, 1.0 - binary_entropy(qber_x) - binary_entropy(qber_z))


def bb84_threshold() -> float:
    """Return the QBER at which the one-way BB84 key vanishes: 1 = 2 h(Q), by bisection.

    >>> round(bb84_threshold(), 10)
    0.1100278644
    """
    low, high = 0.0, 0.5
    while high - low > 1e-16:
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if binary_entropy(middle) < 0.5 else (low, middle)
    return low
