"""Finite keys of two states: what B92 counts, and how long a key that allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ebit import _core
from ebit._arguments import probability, real, shown
from ebit.channels import Fiber
from ebit.errors import RangeError, WrongTypeError, complain
from ebit.qkd.key_length import KeyLength, length_of, not_negative, told
from ebit.qkd.protocol import EPSILON, Epsilon

__all__ = ["Hits", "b92_key_length", "b92_threshold", "hits_length"]

#: Counts of a line where next to nothing is lost, or hit, may exceed the pulses by what rounding leaves.
ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Hits:
    """What a finite key of B92 rests on.

    Parameters
    ----------
    pulses, lost : int
        Sent, and without a click.
    test, test_errors : int
        Hits that were compared, and wrong ones.
    """

    pulses: int
    lost: int
    test: int
    test_errors: int


def b92_key_length(
    overlap: float,
    test_probability: float,
    expected: Sequence[float] | NDArray[np.float64],
    pulses: float,
    lost: float,
    key_bits: float,
    test_bits: float,
    test_errors: float,
    disclosed_bits: float,
    epsilon: float | Epsilon = EPSILON,
) -> KeyLength:
    """Return how long a key B92 allows, with one photon a pulse, against general attacks.

    M phase errors at most of n bits leave n [1 - h(M/n)]; M = {tw W + tg G + tl L + N ln(1 + r kappa) + ln(1/eps)}/s of
    W wrong ones among the hits compared, G hits and L lost pulses of N. What each of them pays is fixed beforehand, at
    its best for the counts expected, and safe whatever these are: of the pairs that stand for her pulses Alice's halves
    were never Eve's. Smoothing by the uncertainty relation (Tomamichel et al. 2012, doi:10.1038/ncomms1631).

    Parameters
    ----------
    overlap : float
        Of the two states, in (0, 1).
    test_probability : float
        How often a hit is compared, in [1e-9, 1): each by a draw of its own, not a number agreed on.
    expected : sequence of 3 floats
        Shares of all pulses that the line is to lose, to hit, and to hit wrongly when nobody is on it; known before the
        first pulse, not counted.
    pulses : float
        N, sent.
    lost : float
        L, without a click.
    key_bits, test_bits : float
        Hits that make key, and those compared.
    test_errors : float
        W, wrong ones among the latter.
    disclosed_bits : float
        What error correction told.
    epsilon : float or Epsilon
        Correctness + secrecy.

    Returns
    -------
    KeyLength

    Raises
    ------
    RangeError
        Fewer pulses than lost ones and hits, more errors than hits compared, expected shares that exceed one another.

    Examples
    --------
    >>> length = b92_key_length(0.5, 0.1, [0.0, 0.377, 0.003], pulses=1e8, lost=0, key_bits=3.4e7, test_bits=3.77e6,
    ...                         test_errors=3e4, disclosed_bits=3e6)
    >>> 15_000_000 < length.bits < 19_000_000
    True
    """
    name = "b92_key_length"
    words = "in (0, 1)"
    states = real(name, "overlap", overlap, words)
    if not 0.0 < states < 1.0:
        raise complain(RangeError, name, "overlap", words, shown(overlap), "of the two states; 0 would be orthogonal")
    words = "in [1e-9, 1)"
    share = real(name, "test_probability", test_probability, words)
    if not 1e-9 <= share < 1.0:
        hint = "how often a hit is compared, near 0.1"
        raise complain(RangeError, name, "test_probability", words, shown(test_probability), hint)
    sent, gone = not_negative(name, "pulses", pulses), not_negative(name, "lost", lost)
    key, test = not_negative(name, "key_bits", key_bits), not_negative(name, "test_bits", test_bits)
    wrong = not_negative(name, "test_errors", test_errors)
    if wrong > test:
        raise complain(RangeError, name, "test_errors", f"at most the bits compared, {test:g}", shown(test_errors))
    counted = gone + key + test
    if sent * (1.0 + ROUNDING) < counted:
        words = f"at least those lost and the bits of key and test, {counted:g}"
        raise complain(RangeError, name, "pulses", words, shown(pulses))
    counts = (sent, gone, key, test, wrong)
    given = told(name, disclosed_bits, epsilon)
    return length_of(_core.qkd_b92_key_length((states, share), _shares(name, expected), counts, *given))


def _shares(name: str, expected: Sequence[float] | NDArray[np.float64]) -> tuple[float, float, float]:
    """Return the expected shares of lost pulses, hits and wrong hits."""
    if isinstance(expected, str) or not isinstance(expected, (Sequence, np.ndarray)) or len(expected) != 3:
        words = "three shares of the pulses: lost, hit, hit wrongly"
        raise complain(WrongTypeError, name, "expected", words, shown(expected))
    loss, hits, wrong = (probability(name, f"expected[{k}]", v) for k, v in enumerate(np.asarray(expected).tolist()))
    if loss + hits > 1.0 + ROUNDING:
        raise complain(RangeError, name, "expected[1]", f"at most what is not lost, {1.0 - loss:g}", shown(hits))
    if wrong > hits:
        raise complain(RangeError, name, "expected[2]", f"at most the hits, {hits:g}", shown(wrong))
    return loss, hits, wrong


def b92_threshold(system: Any) -> float:
    """Return the error rate of hits at which the key of a B92's states vanishes, with nothing lost.

    >>> from ebit.qkd import B92
    >>> [round(b92_threshold(B92(Fiber(10.0), 0.1, overlap=c)), 3) for c in (0.5, 0.8)]
    [0.025, 0.052]
    """
    ideal = replace(system, fiber=Fiber(0.0), receiver_efficiency=1.0, background_probability=0.0, error_correction=1.0)
    low, high = 0.0, 0.5
    for _ in range(20):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if replace(ideal, misalignment=middle).key_rate().value > 0.0 else (low, middle)
    return float(replace(ideal, misalignment=high).key_rate().parts["qber"])


def hits_length(system: Any, counts: Hits, key_bits: int, disclosed_bits: float, epsilon: Epsilon) -> KeyLength:
    """Return how long a key a session of B92 allows; expected is what the system's own numbers give."""
    line = system.key_rate().parts
    gain = line.get("gain", 0.0)
    expected = (line.get("loss", 1.0), gain, gain * line.get("qber", 0.5))
    return b92_key_length(
        system.overlap, system.test_probability, expected, counts.pulses, counts.lost, key_bits, counts.test,
        counts.test_errors, disclosed_bits, epsilon,
    )  # fmt: skip
