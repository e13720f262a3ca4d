"""Key lengths from counts of one's own: what a block allows, at a stated epsilon."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ebit import _core
from ebit._arguments import probability, real, shown
from ebit.errors import RangeError, WrongTypeError, complain
from ebit.qkd.protocol import EPSILON, Epsilon, budget

__all__ = [
    "KeyLength",
    "decoy_key_length",
    "six_state_key_length",
    "uncertainty_key_length",
    "weak_key_length",
]

#: More than anybody counts; what is worked out of counts up to this are still numbers.
MOST_COUNTED = 1e30
#: Of a weak pulse, as the protocols have it.
MOST_PHOTONS = 10.0


@dataclass(frozen=True)
class KeyLength:
    """How long a key a block allows.

    Parameters
    ----------
    bits : int
        Secret bits; 0 where there is no key.
    parts : Mapping[str, float]
        The bounds it rests on, by name.
    epsilon : Mapping[str, float]
        The parts of epsilon, which add up to it.

    Examples
    --------
    >>> KeyLength(bits=0, parts={}, epsilon={}).bits
    0
    """

    bits: int
    parts: Mapping[str, float] = field(compare=False)
    epsilon: Mapping[str, float] = field(compare=False)


def decoy_key_length(
    intensities: Sequence[float],
    probabilities: Sequence[float],
    key_counts: Sequence[float],
    key_errors: Sequence[float],
    test_counts: Sequence[float],
    test_errors: Sequence[float],
    disclosed_bits: float,
    epsilon: float | Epsilon = EPSILON,
) -> KeyLength:
    """Return how long a key the counts of BB84 with decoys allow.

    Three intensities: Lim et al. 2014, doi:10.1103/PhysRevA.89.022307. Two: Rusca et al. 2018, doi:10.1063/1.5023340.

    Parameters
    ----------
    intensities : sequence of 2 or 3 floats
        Mean photons, the signal first, then ever weaker.
    probabilities : sequence of floats
        How often each is sent; they add up to 1.
    key_counts, key_errors : sequence of floats
        Clicks, and wrong ones, of each intensity with both in the key basis.
    test_counts, test_errors : sequence of floats
        The same with both in the other basis.
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
        Columns of different length, intensities that do not decrease, more errors than clicks.

    Examples
    --------
    >>> length = decoy_key_length([0.5, 0.1, 0.0], [0.7, 0.2, 0.1], [6e6, 4e5, 1e3], [6e4, 4e3, 500], [6e5, 4e4, 100],
    ...                           [6e3, 400, 50], disclosed_bits=6e5)
    >>> 1_000_000 < length.bits < 4_000_000
    True
    """
    name = "decoy_key_length"
    columns = {
        "intensities": intensities, "probabilities": probabilities, "key_counts": key_counts, "key_errors": key_errors,
        "test_counts": test_counts, "test_errors": test_errors,
    }  # fmt: skip
    rows = {key: column_of(name, key, value) for key, value in columns.items()}
    means, shares = rows["intensities"], rows["probabilities"]
    lengths = [len(row) for row in rows.values()]
    if lengths[0] not in (2, 3) or len(set(lengths)) > 1:
        words = "two or three, and as many probabilities and counts"
        raise complain(RangeError, name, "intensities", words, shown(lengths), "the signal first")
    check_means(name, "intensities", means)
    falling = all(b < a for a, b in itertools.pairwise(means))
    if not falling or (len(means) == 3 and means[0] <= means[1] + means[2]):
        words = "decreasing, the signal above the two decoys together"
        raise complain(RangeError, name, "intensities", words, shown(means))
    check_shares(name, "probabilities", shares, len(means), "positive and of sum 1")
    for basis in ("key", "test"):
        for clicks, wrong in zip(rows[f"{basis}_counts"], rows[f"{basis}_errors"], strict=False):
            if wrong > clicks:
                words = f"at most the clicks, {clicks:g}"
                raise complain(RangeError, name, f"{basis}_errors", words, shown(wrong))
    raw = _core.qkd_decoy_key_length(list(rows.values()), *told(name, disclosed_bits, epsilon))
    return length_of(raw)


def six_state_key_length(
    pairs: float,
    key_bits: float,
    test_bits: float,
    qber: Sequence[float] | NDArray[np.float64],
    disclosed_bits: float,
    epsilon: float | Epsilon = EPSILON,
) -> KeyLength:
    """Return how long a key the counts of six states allow, with one photon a pulse.

    Tupkary, Tan and Lutkenhaus 2024, doi:10.48550/arXiv.2311.01600, lifted to general attacks as by Nahar et al. 2024,
    doi:10.48550/arXiv.2403.11851. Of the other two bases the mean counts: of all states that have it, the one with
    equal rates leaves the least unknown.

    Parameters
    ----------
    pairs : float
        N, all that was measured, bases that differ included.
    key_bits : float
        n, of the key basis, without those compared.
    test_bits : float
        m, compared in each basis, at least.
    qber : sequence of 3 floats
        Error rates of the bits compared, in [0, 1]: of the key basis, and of the other two.
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
        Fewer pairs than bits of the key and of the three tests, rates outside [0, 1].

    Examples
    --------
    >>> length = six_state_key_length(1.2e9, 1e9, 1e7, [0.01, 0.01, 0.01], disclosed_bits=9.4e7)
    >>> 600_000_000 < length.bits < 900_000_000
    True
    """
    name = "six_state_key_length"
    n, key = not_negative(name, "pairs", pairs), not_negative(name, "key_bits", key_bits)
    test = not_negative(name, "test_bits", test_bits)
    if n < key + 3 * test:
        words = f"at least the bits of the key and of the tests, {key + 3 * test:g}"
        raise complain(RangeError, name, "pairs", words, shown(pairs))
    if isinstance(qber, str) or not isinstance(qber, (Sequence, np.ndarray)) or len(qber) != 3:
        words = "three error rates, the key basis first"
        raise complain(WrongTypeError, name, "qber", words, shown(qber))
    z, x, y = (probability(name, f"qber[{k}]", rate) for k, rate in enumerate(np.asarray(qber).tolist()))
    disclosed = not_negative(name, "disclosed_bits", disclosed_bits)
    document = json.dumps(budget(name, epsilon).to_dict())
    raw = _core.qkd_six_state_key_length(n, key, test, (z, 0.5 * (x + y)), disclosed, document)
    return length_of(raw)


def uncertainty_key_length(
    key_bits: float, test_bits: float, qber: float, disclosed_bits: float, epsilon: float | Epsilon = EPSILON
) -> KeyLength:
    """Return how long a key single photons or pairs allow, tested in the complementary basis.

    l = n [1 - h(e + mu)] - leak - log2(2/(eps_sec^2 eps_cor)), mu = sqrt((n+k)/(n k) (k+1)/k ln(2/eps_sec))
    (Tomamichel, Lim, Gisin and Renner 2012, doi:10.1038/ncomms1631).

    Parameters
    ----------
    key_bits : float
        n, sifted bits of the key basis.
    test_bits : float
        k, bits of the other basis, all compared.
    qber : float
        e, error rate of the test bits, in [0, 1].
    disclosed_bits : float
        What error correction told.
    epsilon : float or Epsilon
        Correctness + secrecy.

    Returns
    -------
    KeyLength

    Examples
    --------
    >>> uncertainty_key_length(1e6, 1e5, qber=0.02, disclosed_bits=1.5e5).bits > 600_000
    True
    """
    name = "uncertainty_key_length"
    n, k = not_negative(name, "key_bits", key_bits), not_negative(name, "test_bits", test_bits)
    rate = probability(name, "qber", qber)
    raw = _core.qkd_uncertainty_key_length(n, k, rate, *told(name, disclosed_bits, epsilon))
    return length_of(raw)


def weak_key_length(
    pulses: float,
    signal: float,
    key_basis_probability: float,
    key_bits: float,
    test_bits: float,
    test_errors: float,
    disclosed_bits: float,
    epsilon: float | Epsilon = EPSILON,
) -> KeyLength:
    """Return how long a key BB84 with weak pulses and no decoys allows: all that may be of two photons is Eve's.

    l = s [1 - h(phi)] - leak - 4 log2(9/eps_sec) - log2(2/eps_cor); s, and likewise s' in the other basis, is what was
    counted less the most pulses of two photons and more; phi = m/s' and what a sample may be off (the tagging of
    Gottesman, Lo, Lutkenhaus and Preskill 2004, arXiv:quant-ph/0212066, booked as by Lim et al. 2014,
    doi:10.1103/PhysRevA.89.022307).

    Parameters
    ----------
    pulses : float
        N, sent.
    signal : float
        Mean photons of a pulse.
    key_basis_probability : float
        Of either side, in (0, 1).
    key_bits, test_bits : float
        Clicks with both in the key basis, and in the other one.
    test_errors : float
        m, wrong ones among the latter.
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
        Fewer pulses than bits, more errors than bits, a probability outside (0, 1).

    Examples
    --------
    >>> weak_key_length(1e10, 1e-3, 0.9, 4e6, 5e4, 500, disclosed_bits=3.4e5).bits > 0
    True
    """
    name = "weak_key_length"
    sent, mean = not_negative(name, "pulses", pulses), not_negative(name, "signal", signal)
    check_means(name, "signal", [mean])
    words = "in (0, 1)"
    basis = real(name, "key_basis_probability", key_basis_probability, words)
    if not 0.0 < basis < 1.0:
        raise complain(RangeError, name, "key_basis_probability", words, shown(key_basis_probability))
    n, k = not_negative(name, "key_bits", key_bits), not_negative(name, "test_bits", test_bits)
    wrong = not_negative(name, "test_errors", test_errors)
    if sent < n + k:
        raise complain(RangeError, name, "pulses", f"at least the bits of both bases, {n + k:g}", shown(pulses))
    if wrong > k:
        raise complain(RangeError, name, "test_errors", f"at most the bits compared, {k:g}", shown(test_errors))
    counts = (sent, mean, basis, n, k, wrong)
    return length_of(_core.qkd_weak_key_length(counts, *told(name, disclosed_bits, epsilon)))


def length_of(raw: Mapping[str, Any]) -> KeyLength:
    # Bounds that are no numbers, of intensities that hardly differ or of parts of a count, are none.
    bits = max(0, math.floor(raw["bits"])) if math.isfinite(raw["bits"]) else 0
    return KeyLength(bits, raw["parts"], raw["epsilon"])


def told(name: str, disclosed_bits: float, epsilon: float | Epsilon) -> tuple[float, str]:
    """Return what error correction told, and epsilon as a document."""
    disclosed = not_negative(name, "disclosed_bits", disclosed_bits)
    return disclosed, json.dumps(budget(name, epsilon).to_dict())


def check_means(name: str, parameter: str, means: Sequence[float]) -> None:
    if any(mean > MOST_PHOTONS for mean in means):
        words = f"at most {MOST_PHOTONS:g} mean photons each"
        raise complain(RangeError, name, parameter, words, shown(means), "weak pulses, near 0.5")


def check_shares(name: str, parameter: str, shares: list[float], count: int, words: str) -> None:
    if len(shares) != count or any(p <= 0.0 for p in shares) or abs(sum(shares) - 1.0) > 1e-9:
        raise complain(RangeError, name, parameter, words, shown(shares))
    if min(shares) < 1.0 / MOST_COUNTED:
        raise complain(RangeError, name, parameter, f"{1.0 / MOST_COUNTED:g} or more each", shown(shares))


def not_negative(name: str, parameter: str, value: float) -> float:
    words = f"in [0, {MOST_COUNTED:g}]"
    number = real(name, parameter, value, words)
    if not 0.0 <= number <= MOST_COUNTED:
        raise complain(RangeError, name, parameter, words, shown(value))
    return number


def column_of(name: str, parameter: str, values: Sequence[float]) -> list[float]:
    words = "two or three numbers, the signal's first"
    if isinstance(values, str) or not isinstance(values, (Sequence, np.ndarray)):
        raise complain(WrongTypeError, name, parameter, words, shown(values))
    return [not_negative(name, f"{parameter}[{k}]", v) for k, v in enumerate(np.asarray(values).tolist())]
