"""Key lengths from counts of one's own, of pairs whose correlations no classical answers have."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ebit import _core
from ebit._arguments import shown
from ebit.errors import RangeError, WrongTypeError, complain
from ebit.qkd.key_length import KeyLength, length_of, not_negative, told
from ebit.qkd.protocol import EPSILON, Epsilon

__all__ = ["device_independent_key_length", "ekert_key_length"]


def device_independent_key_length(
    rounds: float, test_probability: float, chsh: float, disclosed_bits: float, epsilon: float | Epsilon = EPSILON
) -> KeyLength:
    """Return how long a key boxes allow that nobody trusts, against general attacks.

    Entropy accumulation as in Nadlinger et al. 2022, doi:10.1038/s41586-022-04941-5 (proposition 2 of
    arXiv:2109.14600v2), its free parameters at their best. The key is secret where the test passes: all is agreed on
    before the first round.

    Parameters
    ----------
    rounds : float
        n, key and test together, at least 1.
    test_probability : float
        gamma: how often a round is a test, in [1e-9, 1).
    chsh : float
        S that the test asks for, in [0, 2 sqrt2]: of n gamma tests at most ``parts["most_losses"]`` CHSH games may be
        lost, n gamma (4 - S)/8.
    disclosed_bits : float
        What error correction told, of Alice's outcomes in all rounds.
    epsilon : float or Epsilon
        Correctness + secrecy.

    Returns
    -------
    KeyLength

    Examples
    --------
    >>> length = device_independent_key_length(1.5e6, 13 / 256, chsh=2.604304, disclosed_bits=296_517)
    >>> 90_000 < length.bits < 100_000, length.parts["most_losses"]
    (True, 13289.0)
    """
    name = "device_independent_key_length"
    n = not_negative(name, "rounds", rounds)
    if n < 1.0:
        raise complain(RangeError, name, "rounds", ">= 1", shown(rounds))
    test = not_negative(name, "test_probability", test_probability)
    if not 1e-9 <= test < 1.0:
        hint = "how often a round is a test, near 0.05"
        raise complain(RangeError, name, "test_probability", "in [1e-9, 1)", shown(test_probability), hint)
    s = not_negative(name, "chsh", chsh)
    if s > math.sqrt(8.0) * (1.0 + 1e-12):
        raise complain(RangeError, name, "chsh", "in [0, 2 sqrt2]", shown(chsh), "no quantum boxes give more")
    disclosed, document = told(name, disclosed_bits, epsilon)
    raw = _core.qkd_device_independent_key_length(n, test, (4.0 + s) / 8.0, disclosed, document)
    return length_of(raw)


def ekert_key_length(
    pairs: float, key_bits: float, lost: Sequence[float], disclosed_bits: float, epsilon: float | Epsilon = EPSILON
) -> KeyLength:
    """Return how long a key E91 allows whose receivers are trusted to measure qubits, against general attacks.

    M phase errors at most of n bits leave n [1 - h(M/n)]; M = min over s of {t1 (L1 + L3) + t2 L2 +
    N ln[1 - (sqrt2 - 1) r/9] + ln(32/eps)}/s, r = e^s - 1, 1 - e^-t1 = r/sqrt2, 1 - e^-t2 = sqrt2 r. Directions between
    two others are their sums, so that lost games count phase errors; smoothing by the uncertainty relation (Tomamichel
    et al. 2012, doi:10.1038/ncomms1631).

    Parameters
    ----------
    pairs : float
        N, that both received, whatever the directions; these are drawn evenly.
    key_bits : float
        n, of equal directions.
    lost : sequence of 3 floats
        L1, L2, L3: different answers at (0, 45) degrees on the sphere, equal ones at (0, 135), different ones at
        (90, 135).
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
        Fewer pairs than bits of the key and lost games.

    Examples
    --------
    >>> length = ekert_key_length(9e6, 2e6, [160_000, 160_000, 160_000], disclosed_bits=330_000)
    >>> 1_100_000 < length.bits < 1_400_000
    True
    """
    name = "ekert_key_length"
    whole, key = not_negative(name, "pairs", pairs), not_negative(name, "key_bits", key_bits)
    words = "three counts: lost at (0, 45), (0, 135) and (90, 135) degrees"
    if isinstance(lost, str) or not isinstance(lost, (Sequence, np.ndarray)) or len(lost) != 3:
        raise complain(WrongTypeError, name, "lost", words, shown(lost))
    first, second, third = (
        not_negative(name, f"lost[{k}]", value) for k, value in enumerate(np.asarray(lost).tolist())
    )
    counted = key + first + second + third
    if whole < counted:
        words = f"at least the bits of the key and the lost games, {counted:g}"
        raise complain(RangeError, name, "pairs", words, shown(pairs))
    return length_of(
        _core.qkd_ekert_key_length(whole, key, (first, second, third), *told(name, disclosed_bits, epsilon))
    )
