"""Key lengths from counts of one's own, of two senders and a relay that nobody trusts."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ebit import _core
from ebit._arguments import real, shown
from ebit.errors import RangeError, WrongTypeError, complain
from ebit.qkd.key_length import (
    MOST_COUNTED,
    KeyLength,
    check_means,
    check_shares,
    column_of,
    length_of,
    not_negative,
    told,
)
from ebit.qkd.protocol import EPSILON, Epsilon

__all__ = ["pairing_key_length", "relay_key_length", "sending_key_length", "twin_field_key_length"]


def pairing_key_length(
    intensities: Sequence[float],
    probabilities: Sequence[float],
    phase_slice_rad: float,
    pair_counts: ArrayLike,
    one_sided_pairs: float,
    slice_errors: float,
    disclosed_bits: float,
    epsilon: float | Epsilon = EPSILON,
) -> KeyLength:
    """Return how long a key the counts of mode pairing allow.

    Counts are of pairs of clicks, paired by the clicks alone. Pairs in which each of the two sent in exactly one of the
    two rounds make key: the bit is in which. Phases are told of pairs of weak decoys alone. Bounds as of
    ``ModePairing.key_rate(block=...)``.

    Parameters
    ----------
    intensities : sequence of 3 floats
        Mean photons of both senders: signal, weak decoy, 0.
    probabilities : sequence of 3 floats
        How often each is sent in a round; they add up to 1.
    phase_slice_rad : float
        Width of the slice of phase differences around 0, and of that around pi, in (0, pi].
    pair_counts : array (3, 3)
        Pairs in which each sent once or not at all, by what Alice and what Bob sent: signal, weak decoy, nothing.
    one_sided_pairs : float
        Pairs in which one sent the weak decoy in both rounds and the other nothing, either way round, any phases.
    slice_errors : float
        Both sent the weak decoy in both rounds; from the first to the second their phases changed alike within the
        slice and another detector clicked, or the changes differ by pi within the slice and the same one clicked.
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
        Intensities that do not decrease to 0, probabilities that do not add up to 1, an array of another shape.

    Examples
    --------
    >>> counts = [[7.412e7, 1.197e7, 280], [1.197e7, 1.935e6, 45], [280, 45, 0]]
    >>> length = pairing_key_length([0.3, 0.04, 0.0], [0.2, 0.24, 0.56], 0.6, counts, one_sided_pairs=1.935e6,
    ...                             slice_errors=36343, disclosed_bits=11229)
    >>> 15_000_000 < length.bits < 45_000_000, length.parts["phase_error"] < 0.2
    (True, True)
    """
    name = "pairing_key_length"
    means, shares = column_of(name, "intensities", intensities), column_of(name, "probabilities", probabilities)
    check_means(name, "intensities", means)
    if len(means) != 3 or not means[0] > means[1] > means[2] == 0.0:
        words = "three: signal, weak decoy and 0"
        raise complain(RangeError, name, "intensities", words, shown(means), "the signal first")
    check_shares(name, "probabilities", shares, 3, "three, positive and of sum 1")
    width = real(name, "phase_slice_rad", phase_slice_rad, "in (0, pi]")
    if not 0.0 < width <= math.pi:
        raise complain(RangeError, name, "phase_slice_rad", "in (0, pi]", shown(phase_slice_rad))
    pairs = _grid(name, "pair_counts", pair_counts).tolist()
    one_sided = not_negative(name, "one_sided_pairs", one_sided_pairs)
    wrong = not_negative(name, "slice_errors", slice_errors)
    disclosed, document = told(name, disclosed_bits, epsilon)
    tests = (width, wrong, one_sided)
    return length_of(_core.qkd_pairing_key_length(means[:2], shares, pairs, tests, disclosed, document))


def relay_key_length(
    intensities: Sequence[float],
    probabilities: Sequence[float],
    key_counts: ArrayLike,
    key_errors: ArrayLike,
    test_counts: ArrayLike,
    test_errors: ArrayLike,
    disclosed_bits: float,
    epsilon: float | Epsilon = EPSILON,
) -> KeyLength:
    """Return how long a key the counts of two senders and a relay between them allow (MDI).

    Curty et al. 2014, doi:10.1038/ncomms4732, by analytic bounds.

    Parameters
    ----------
    intensities : sequence of 3 floats
        Mean photons of both senders: signal, weak decoy, 0.
    probabilities : sequence of 3 floats
        How often each is sent; they add up to 1.
    key_counts, key_errors : array (3, 3)
        Accepted pulse pairs, and wrong ones, with both in the key basis, by Alice's and Bob's intensities.
    test_counts, test_errors : array (3, 3)
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
        Intensities that do not decrease to 0, arrays of another shape, more errors than pairs.

    Examples
    --------
    >>> import numpy as np
    >>> sent = np.array([[1.6, 1.6, 0.8], [1.6, 1.6, 0.8], [0.8, 0.8, 0.4]]) * 1e11
    >>> light = np.outer([0.4, 0.1, 0.0], [0.4, 0.1, 0.0])
    >>> key = 1e-3 * sent * light
    >>> test = key + 2.5e-4 * sent * np.subtract.outer([0.4, 0.1, 0.0], [0.4, 0.1, 0.0]) ** 2
    >>> relay_key_length([0.4, 0.1, 0.0], [0.4, 0.4, 0.2], key, 0.01 * key, test, 0.25 * test, 5e5).parts["qber"]
    0.01
    """
    name = "relay_key_length"
    means, shares = column_of(name, "intensities", intensities), column_of(name, "probabilities", probabilities)
    check_means(name, "intensities", means)
    if len(means) != 3 or not means[0] > means[1] > means[2] == 0.0:
        words = "three: signal, weak decoy and 0"
        raise complain(RangeError, name, "intensities", words, shown(means), "the signal first")
    check_shares(name, "probabilities", shares, 3, "three, positive and of sum 1")
    grids = {}
    for key, value in {
        "key_counts": key_counts, "key_errors": key_errors, "test_counts": test_counts, "test_errors": test_errors,
    }.items():  # fmt: skip
        grids[key] = _grid(name, key, value)
    for basis in ("key", "test"):
        over = grids[f"{basis}_errors"] > grids[f"{basis}_counts"]
        if over.any():
            a, b = np.argwhere(over)[0].tolist()
            words = f"at most the pairs there, {grids[f'{basis}_counts'][a, b]:g}"
            raise complain(RangeError, name, f"{basis}_errors[{a}, {b}]", words, shown(grids[f"{basis}_errors"][a, b]))
    disclosed, document = told(name, disclosed_bits, epsilon)
    raw = _core.qkd_relay_key_length(means, shares, [g.tolist() for g in grids.values()], disclosed, document)
    return length_of(raw)


def sending_key_length(
    intensities: Sequence[float],
    windows: Sequence[float],
    sending_probability: float,
    phase_slice_rad: float,
    clicks: Sequence[float],
    slice_errors: float,
    key_bits: float,
    disclosed_bits: float,
    epsilon: float | Epsilon = EPSILON,
) -> KeyLength:
    """Return how long a key the counts of sending or not sending allow.

    Jiang et al. 2019, doi:10.1103/PhysRevApplied.12.024061. Counts are of windows in which the relay said one click.
    Nothing is a vacuum decoy or what a key window did not send, as long as not both take a key window.

    Parameters
    ----------
    intensities : sequence of 3 floats
        Mean photons of both senders: the signal of key windows, the strong and the weak decoy.
    windows : sequence of 4 floats
        How often each sender takes a key window, a strong and a weak decoy, vacuum; they add up to 1.
    sending_probability : float
        How often a signal is sent in a key window, in (0, 1).
    phase_slice_rad : float
        Width of the slice of phase differences around 0, and of that around pi, in (0, pi].
    clicks : sequence of 3 floats
        One sent a strong decoy and the other nothing, either way round; a weak one and nothing; neither sent.
    slice_errors : float
        Both sent a weak decoy, phases in the slice, and the wrong detector clicked.
    key_bits : float
        Both took a key window.
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
        A weak decoy that is no weaker than the strong one, windows that do not add up to 1, counts below 0.

    Examples
    --------
    >>> length = sending_key_length([0.45, 0.4, 0.05], [0.8, 0.05, 0.1, 0.05], 0.03, 0.5, [1.9e7, 4.8e6, 19],
    ...                             slice_errors=3259, key_bits=1e7, disclosed_bits=2.24e6)
    >>> 2_000_000 < length.bits < 2_400_000
    True
    """
    name = "sending_key_length"
    means, shares = column_of(name, "intensities", intensities), column_of(name, "windows", windows)
    check_means(name, "intensities", means)
    if len(means) != 3 or not means[1] > means[2] > 0.0 or means[0] <= 0.0:
        words = "three above 0: signal, strong decoy and a weaker one"
        raise complain(RangeError, name, "intensities", words, shown(means), "the signal first")
    check_shares(name, "windows", shares, 4, "four, positive and of sum 1: key, strong, weak, vacuum")
    sending = real(name, "sending_probability", sending_probability, "in (0, 1)")
    if not 0.0 < sending < 1.0:
        raise complain(RangeError, name, "sending_probability", "in (0, 1)", shown(sending_probability))
    width = real(name, "phase_slice_rad", phase_slice_rad, "in (0, pi]")
    if not 0.0 < width <= math.pi:
        raise complain(RangeError, name, "phase_slice_rad", "in (0, pi]", shown(phase_slice_rad))
    counted = column_of(name, "clicks", clicks)
    if len(counted) != 3:
        raise complain(RangeError, name, "clicks", "three: strong, weak, neither sent", shown(counted))
    wrong, key = not_negative(name, "slice_errors", slice_errors), not_negative(name, "key_bits", key_bits)
    disclosed, document = told(name, disclosed_bits, epsilon)
    raw = _core.qkd_sending_key_length(means, shares, (sending, width), [*counted, wrong, key], disclosed, document)
    return length_of(raw)


def twin_field_key_length(
    intensities: Sequence[float],
    windows: Sequence[float],
    clicks: ArrayLike,
    key_bits: float,
    disclosed_bits: float,
    epsilon: float | Epsilon = EPSILON,
) -> KeyLength:
    """Return how long a key the counts of twin-field QKD with coherent states allow.

    l = M [1 - h(N/M)] - leak - 2 log2(3/(2 eps_sec)) - log2(2/eps_cor); N: the most phase errors by the test windows.
    Derived here, after Maeda, Sasaki and Koashi 2019 (doi:10.1038/s41467-019-11008-z) and Curras-Lorenzo et al. 2021
    (doi:10.1038/s41534-020-00345-3). Counts are of windows in which the relay said one click.

    Parameters
    ----------
    intensities : sequence of 3 floats
        Mean photons of both senders: the signal of key windows, the strong decoy, brighter than that, and the weak one.
    windows : sequence of 4 floats
        How often each sender takes a key window, a strong and a weak decoy, vacuum; they add up to 1.
    clicks : array of shape (3, 3)
        Both took a test window, by what Alice and Bob sent: strong, weak, vacuum.
    key_bits : float
        M, both took a key window.
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
        Decoys out of order, windows that do not add up to 1, counts below 0.

    Examples
    --------
    >>> clicks = [[1.78e5, 7.12e4, 2.37e5], [7.12e4, 1.58e4, 3.17e4], [2.37e5, 3.17e4, 1]]
    >>> length = twin_field_key_length([0.02, 0.3, 0.06], [0.87, 0.03, 0.02, 0.08], clicks, key_bits=1e7,
    ...                                disclosed_bits=1.64e6)
    >>> 3_200_000 < length.bits < 3_400_000
    True
    """
    name = "twin_field_key_length"
    means, shares = column_of(name, "intensities", intensities), column_of(name, "windows", windows)
    check_means(name, "intensities", means)
    if len(means) != 3 or not means[1] > max(means[0], means[2]) or min(means[0], means[2]) <= 0.0:
        words = "three above 0: signal, a strong decoy brighter than both others, a weak one"
        raise complain(RangeError, name, "intensities", words, shown(means), "the signal first")
    check_shares(name, "windows", shares, 4, "four, positive and of sum 1: key, strong, weak, vacuum")
    counted = _grid(name, "clicks", clicks)
    key = not_negative(name, "key_bits", key_bits)
    disclosed, document = told(name, disclosed_bits, epsilon)
    raw = _core.qkd_twin_field_key_length(means, shares, counted.tolist(), key, disclosed, document)
    return length_of(raw)


def _grid(name: str, parameter: str, values: ArrayLike) -> NDArray[np.float64]:
    words = f"a (3, 3) array of numbers in [0, {MOST_COUNTED:g}], by Alice's and Bob's intensities"
    try:
        grid = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise complain(WrongTypeError, name, parameter, words, shown(values)) from None
    if grid.shape != (3, 3):
        raise complain(RangeError, name, parameter, words, f"shape {grid.shape}")
    if not ((grid >= 0.0) & (grid <= MOST_COUNTED)).all():
        raise complain(RangeError, name, parameter, words, shown(values))
    return grid
