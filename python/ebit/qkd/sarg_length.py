"""The key length of SARG04 from counts of one's own."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from ebit import _core
from ebit._arguments import real, shown
from ebit.errors import RangeError, complain
from ebit.qkd.key_length import KeyLength, check_means, check_shares, column_of, length_of, told
from ebit.qkd.protocol import EPSILON, Epsilon

__all__ = ["sarg_key_length"]


def sarg_key_length(
    intensities: Sequence[float],
    probabilities: Sequence[float],
    test_probability: float,
    key_counts: Sequence[float],
    test_errors: Sequence[float],
    disclosed_bits: float,
    epsilon: float | Epsilon = EPSILON,
) -> KeyLength:
    """Return how long a key SARG04 with two decoys allows, against general attacks: single photons make it.

    l = s [1 - h(M/s)] - leak - 4 log2(12/eps_sec) - log2(2/eps_cor): s clicks of single photons at least, M of them
    wrong in phase at most, which is 3/2 of their wrong bits (Tamaki and Lo 2006, doi:10.1103/PhysRevA.73.010302) and
    what chance may add; decoys as of Lim et al. 2014, doi:10.1103/PhysRevA.89.022307.

    Parameters
    ----------
    intensities : sequence of 3 floats
        Mean photons: signal, weak and weakest, ever weaker, the signal above the other two together.
    probabilities : sequence of 3 floats
        How often each is sent; they add up to 1.
    test_probability : float
        How likely each conclusive click was to be compared, in [1e-9, 1), independently of all others.
    key_counts : sequence of 3 floats
        Conclusive clicks of each intensity, without those compared.
    test_errors : sequence of 3 floats
        Wrong ones of those compared.
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
        Columns that are not of three, intensities that do not decrease, a probability outside [1e-9, 1).

    Examples
    --------
    >>> length = sarg_key_length([0.3, 0.1, 0.0], [0.6, 0.3, 0.1], 0.1, [9e7, 1.5e7, 1e3], [1e5, 1.7e4, 60], 9e6)
    >>> length.bits > 0, length.parts["phase_error"] < 0.05
    (True, True)
    """
    name = "sarg_key_length"
    columns = {
        "intensities": intensities, "probabilities": probabilities, "key_counts": key_counts,
        "test_errors": test_errors,
    }  # fmt: skip
    rows = {key: column_of(name, key, value) for key, value in columns.items()}
    lengths = [len(row) for row in rows.values()]
    if set(lengths) != {3}:
        words = "three, and as many probabilities and counts"
        raise complain(RangeError, name, "intensities", words, shown(lengths), "the signal, the weak one, the weakest")
    means = rows["intensities"]
    check_means(name, "intensities", means)
    if not all(b < a for a, b in itertools.pairwise(means)) or means[0] <= means[1] + means[2]:
        words = "decreasing, the signal above the two decoys together"
        raise complain(RangeError, name, "intensities", words, shown(means))
    check_shares(name, "probabilities", rows["probabilities"], 3, "positive and of sum 1")
    words = "in [1e-9, 1)"
    share = real(name, "test_probability", test_probability, words)
    if not 1e-9 <= share < 1.0:
        raise complain(RangeError, name, "test_probability", words, shown(test_probability))
    disclosed, document = told(name, disclosed_bits, epsilon)
    return length_of(_core.qkd_sarg_key_length(list(rows.values()), share, disclosed, document))
