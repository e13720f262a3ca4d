"""From two keys that were corrected to one secret key: verification by a tag, and privacy amplification.

::

    alice ----+                                                          +--> secret key
              | cascade  -->  verify  -->  toeplitz, shortened by ledger |
    bob   ----+                                                          +--> the same
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ebit import _core
from ebit._arguments import integer, real, shown
from ebit._rng import root_seed
from ebit.errors import RangeError, WrongTypeError, complain
from ebit.qkd._bits import key_of, pair_of, restored
from ebit.qkd.ledger import MOST, Ledger

__all__ = ["Verified", "secret_length", "toeplitz", "verify"]

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Verified:
    """What two parties learn from comparing tags.

    Parameters
    ----------
    equal : bool
        Whether the tags are equal.
    failure_probability : float
        How likely equal tags of different keys are, at most.
    ledger : Ledger
        The tag is public: its bits.
    """

    equal: bool
    failure_probability: float
    ledger: Ledger

    def __bool__(self) -> bool:
        return self.equal


def verify(
    alice: object, bob: object, tag_bits: int = 64, rng: object = None, *, bit_length: int | None = None
) -> Verified:
    """Compare two keys by a universal hash whose tag becomes public.

    Keys are polynomials over GF(2^128), evaluated at a random point. Different keys of n bits have equal tags with
    probability at most (ceil(n / 128) + 1) 2^-tag_bits.

    Parameters
    ----------
    alice, bob : array of bool, shape (n,)
        The keys.
    tag_bits : int
        Length of the tag, in [1, 128].
    rng : int, SeedSequence, Generator or None
        The root of the random point, drawn after the keys are fixed.
    bit_length : int, optional
        Bits of each key, where they come eight a byte.

    Returns
    -------
    Verified

    Examples
    --------
    >>> key = np.arange(1000) % 3 == 0
    >>> bool(verify(key, key, rng=1)), bool(verify(key, np.roll(key, 1), rng=1))
    (True, False)
    >>> verify(key, key, rng=1).ledger.disclosed_bits
    64
    """
    hers, his = pair_of("verify", alice, bob, bit_length, rows=False)
    size = integer("verify", "tag_bits", tag_bits, 1, 128)
    root = root_seed(rng, "verify")
    equal, failure, lines = _core.qkd_verify("verify", hers.array, his.array, hers.bits, hers.packed, size, root)
    return Verified(equal, failure, Ledger.of(lines))


def toeplitz(bits: object, seed_bits: object, length: int, *, bit_length: int | None = None) -> Array:
    """Return the hash of a key by a Toeplitz matrix over GF(2), exact at any length.

    out[i] = XOR over j of seed_bits[i - j + n - 1] AND bits[j], for n bits and 0 <= i < length. Matrices drawn at
    random are a universal hash (Krawczyk, doi:10.1007/3-540-48658-5_15). Long keys are multiplied as polynomials by an
    additive Fourier transform over GF(2^64): finite fields, nothing rounded.

    Parameters
    ----------
    bits : array of bool, shape (n,)
        The reconciled key.
    seed_bits : array of bool, shape (n + length - 1,)
        The matrix, one bit for each diagonal; it may be public.
    length : int
        Bits of the result, at least 0.
    bit_length : int, optional
        n, where bits and seed come eight a byte, and so does the result.

    Returns
    -------
    ndarray, shape (length,)
        Of the type of ``bits``.

    Examples
    --------
    >>> bits = np.array([True, False, True])
    >>> seed = np.array([True, True, False, True])
    >>> toeplitz(bits, seed, 2)
    array([ True, False])
    """
    key = key_of("toeplitz", "bits", bits, bit_length)
    wanted = integer("toeplitz", "length", length, 0, 1 << 31)
    needed = key.bits + wanted - 1
    if needed == 0 and np.size(np.asarray(seed_bits)) == 0:
        # No bit of one: a matrix without diagonals, and a key is never empty.
        return restored(np.zeros(0, np.uint8), key)
    seed = key_of("toeplitz", "seed_bits", seed_bits, None if bit_length is None else needed)
    if seed.bits != needed:
        range_ = f"n + length - 1 = {needed} bits"
        raise complain(RangeError, "toeplitz", "seed_bits", range_, f"{seed.bits} bits")
    if wanted == 0:
        return restored(np.zeros(0, np.uint8), key)
    return restored(_core.qkd_toeplitz("toeplitz", key.array, key.bits, seed.array, wanted, key.packed), key)


def secret_length(min_entropy_bits: float, ledger: Ledger, epsilon: float) -> int:
    """Return how many bits may be taken from a key so that they are ``epsilon`` from uniform.

    l = H_min - leak - 2 log2(1 / (2 epsilon)), rounded down and at least 0: the leftover hash lemma (Renner,
    arXiv:quant-ph/0512258), with all that the ledger disclosed for the leak.

    Parameters
    ----------
    min_entropy_bits : float
        Smooth min-entropy of the key given all an eavesdropper holds, before anything was disclosed; at most 2^53.
    ledger : Ledger
        What was disclosed since.
    epsilon : float
        Distance from uniform, in (0, 1).

    Examples
    --------
    >>> from ebit.qkd import Ledger
    >>> secret_length(60_000.0, Ledger.of([("parities", 22_614, 0, 71)]), epsilon=1e-10)
    37321
    """
    words = "in (0, 1)"
    distance = real("secret_length", "epsilon", epsilon, words)
    if not 0.0 < distance < 1.0:
        raise complain(
            RangeError, "secret_length", "epsilon", words, shown(epsilon), "0 would take infinitely many bits"
        )
    if not isinstance(ledger, Ledger):
        raise complain(WrongTypeError, "secret_length", "ledger", "a Ledger", shown(ledger))
    words = f"finite, at most 2^53 = {MOST}"
    entropy = real("secret_length", "min_entropy_bits", min_entropy_bits, words)
    if entropy > MOST:
        raise complain(RangeError, "secret_length", "min_entropy_bits", words, shown(min_entropy_bits))
    # Beyond what anything could be taken from it is all the same.
    return _core.qkd_secret_length(entropy, min(ledger.disclosed_bits, 2 * MOST), distance)
