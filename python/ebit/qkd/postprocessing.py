"""From two sifted keys to one secret key: reconciliation, verification, privacy amplification.

::

    alice ----+                                                          +--> secret key
              | cascade  -->  verify  -->  toeplitz, shortened by ledger |
    bob   ----+                                                          +--> the same

Everything works on one's own arrays: booleans (or integers 0 and 1), or with ``bit_length`` eight bits a byte as
``numpy.packbits(bits, bitorder="little")`` packs them. All that becomes public is in a `Ledger`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ebit import _core
from ebit._arguments import integer, real, shown
from ebit._rng import root_seed
from ebit.bounds import binary_entropy
from ebit.errors import RangeError, WrongTypeError, complain
from ebit.qkd._bits import Key, key_of, pair_of, restored
from ebit.qkd.ledger import MOST, Ledger
from ebit.simulate import Progress, progress_bar

__all__ = ["Reconciled", "Verified", "cascade", "ldpc", "secret_length", "toeplitz", "verify", "winnow"]

Array = np.ndarray[Any, Any]
Variant = Literal["original", "option-3", "option-7", "option-8"]


@dataclass(frozen=True, eq=False)
class Reconciled:
    """Keys that went through reconciliation.

    Parameters
    ----------
    corrected : ndarray
        Bob's keys as they are now, of the shape and type that came in.
    ledger : Ledger
        What became public, all keys together, and in how many rounds; keys of one call share their messages.
    disclosed_per_key, flips_per_key : ndarray of uint64
        Bits disclosed and bits flipped, for each key.
    found_per_key : ndarray of bool
        False where a decoder gave up; True says nothing yet: `verify`.
    bits : int
        Length of each key.
    qber : float
        The error rate that was expected.

    Examples
    --------
    >>> alice = np.zeros(1000, bool)
    >>> bob = alice.copy()
    >>> bob[[3, 700]] = True
    >>> result = cascade(alice, bob, qber=0.01, rng=1)
    >>> bool((result.corrected == alice).all()), result.flips_per_key.tolist()
    (True, [2])
    """

    corrected: Array
    ledger: Ledger
    disclosed_per_key: Array
    flips_per_key: Array
    found_per_key: Array
    bits: int
    qber: float

    @property
    def disclosed_bits(self) -> int:
        """Bits of information on the keys that became public."""
        return self.ledger.disclosed_bits

    @property
    def rounds(self) -> int:
        """Messages that had to be answered before the next."""
        return self.ledger.rounds

    @property
    def efficiency(self) -> float:
        """f: disclosed bits over n h(qber), at least 1 on average where ``qber`` is the true rate (Slepian, Wolf)."""
        least = len(self.disclosed_per_key) * self.bits * binary_entropy(self.qber)
        return self.disclosed_bits / least if least > 0.0 else math.inf


def _qber(object: str, qber: object) -> float:
    words = "an error rate in [0, 0.5)"
    rate = real(object, "qber", qber, words)
    if not 0.0 <= rate < 0.5:
        raise complain(RangeError, object, "qber", words, shown(qber), "at 0.5 the keys share nothing: no key")
    return rate


def cascade(
    alice: object,
    bob: object,
    qber: float,
    variant: Variant = "original",
    rng: object = None,
    *,
    bit_length: int | None = None,
    progress: Progress = None,
) -> Reconciled:
    """Correct Bob's key by Cascade: parities are asked, and every error found tells more about blocks asked before.

    Alice's and Bob's sides run apart in the core and share nothing but the questions and answers that are counted. No
    parity is asked twice. Blocks of one pass that hold an error are halved together, one round a halving. What is left
    wrong afterwards, seldom, is for `verify` to see.

    Parameters
    ----------
    alice, bob : array of bool, shape (n,) or (keys, n)
        The sifted keys; several rows are as many keys, reconciled side by side in the same messages and permutations.
    qber : float
        The expected error rate, in [0, 0.5); it sets the block sizes.
    variant : {"original", "option-3", "option-7", "option-8"}
        Brassard and Salvail's four passes (doi:10.1007/3-540-48285-7_35), or options 3, 7 and 8 of Martinez-Mateo et
        al. (arXiv:1407.3257): the last two disclose least and take most rounds.
    rng : int, SeedSequence, Generator or None
        The root of the public permutations.
    bit_length : int, optional
        Bits of each key, where they come eight a byte.
    progress : bool or callable, optional
        True shows a bar; a callable gets a fraction in [0, 1].

    Returns
    -------
    Reconciled

    Raises
    ------
    RangeError, WrongTypeError
        Keys of different shape, empty, or not of bits; an error rate outside its range.

    Notes
    -----
    The ledger counts a bit for each parity of Alice's key. Bob's questions tell where the keys differ; where a proof of
    security does not take errors as independent of the key, that needs counting too (Tupkary and Lütkenhaus,
    arXiv:2307.00576).

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> alice = rng.random(10_000) < 0.5
    >>> bob = alice ^ (rng.random(10_000) < 0.03)
    >>> r = cascade(alice, bob, qber=0.03, rng=1)
    >>> bool((r.corrected == alice).all()), 1.0 < r.efficiency < 1.3
    (True, True)
    """
    rate = _qber("cascade", qber)
    hers, his = pair_of("cascade", alice, bob, bit_length, rows=True)
    if not isinstance(variant, str):
        names = "one of original, option-3, option-7, option-8"
        raise complain(WrongTypeError, "cascade", "variant", names, shown(variant))
    with progress_bar(progress, "cascade") as report:
        root = root_seed(rng, "cascade")
        done = _core.qkd_cascade("cascade", *_arrays(hers, his), rate, variant, root, report)
    return _reconciled(done, his, rate)


def _arrays(hers: Key, his: Key) -> tuple[Array, Array, int, bool]:
    return np.atleast_2d(hers.array), np.atleast_2d(his.array), hers.bits, hers.packed


def _reconciled(done: tuple[Any, ...], his: Key, qber: float) -> Reconciled:
    corrected, lines, disclosed, flips, found = done
    shaped = restored(corrected.reshape(his.array.shape), his)
    return Reconciled(shaped, Ledger.of(lines), disclosed, flips, found, his.bits, qber)


def ldpc(
    alice: object,
    bob: object,
    qber: float,
    efficiency: float | None = None,
    rng: object = None,
    *,
    bit_length: int | None = None,
    progress: Progress = None,
) -> Reconciled:
    """Correct Bob's key by a low-density parity-check code: one message, and more only where decoding fails.

    Our own quasi-cyclic codes of 128 columns, irregular, made for the rate that is asked for: as many rows as are
    needed, and hidden bits of Alice's take back what that is too much (Elkouss et al., arXiv:1006.2660). Bob decodes by
    layered min-sum with integer messages. Where he cannot, Alice shows the bits of her key that he doubts most, 2 % of
    the syndrome's length at a time, 30 times at most.

    Parameters
    ----------
    alice, bob : array of bool, shape (n,) or (keys, n)
        The sifted keys; long ones decode best: from 10,000 bits on.
    qber : float
        The expected error rate, in (0, 0.5).
    efficiency : float, optional
        f: the syndrome discloses f n h(qber) bits, as near as the code allows. None: where nearly all keys of 1e5 bits
        decode at once, 1.22 at 3 %.
    rng : int, SeedSequence, Generator or None
        The root of Alice's hidden bits.
    bit_length : int, optional
        Bits of each key, where they come eight a byte.
    progress : bool or callable, optional
        True shows a bar; a callable gets a fraction in [0, 1].

    Returns
    -------
    Reconciled
        ``found_per_key`` is False where Bob gave up.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> alice = rng.random(50_000) < 0.5
    >>> bob = alice ^ (rng.random(50_000) < 0.03)
    >>> r = ldpc(alice, bob, qber=0.03, efficiency=1.3, rng=1)
    >>> bool((r.corrected == alice).all()), r.rounds, round(r.efficiency, 2)
    (True, 1, 1.3)
    """
    rate = _qber("ldpc", qber)
    if rate == 0.0:
        raise complain(RangeError, "ldpc", "qber", "an error rate in (0, 0.5)", shown(qber), "equal keys need no code")
    words = "in [0.5, 10]"
    if efficiency is not None and not 0.5 <= real("ldpc", "efficiency", efficiency, words) <= 10.0:
        raise complain(RangeError, "ldpc", "efficiency", words, shown(efficiency), "below 1 nobody can decode")
    hers, his = pair_of("ldpc", alice, bob, bit_length, rows=True)
    wanted = None if efficiency is None else float(efficiency)
    with progress_bar(progress, "ldpc") as report:
        done = _core.qkd_ldpc("ldpc", *_arrays(hers, his), rate, wanted, root_seed(rng, "ldpc"), report)
    return _reconciled(done, his, rate)


def winnow(
    alice: object,
    bob: object,
    qber: float,
    rng: object = None,
    *,
    bit_length: int | None = None,
    progress: Progress = None,
) -> Reconciled:
    """Correct Bob's key by Winnow: parities of blocks, and Hamming syndromes of those that are wrong; for comparison.

    Buttler et al., doi:10.1103/PhysRevA.67.052303. Block sizes follow the error rate that is left after each pass; six
    passes in a row without a wrong block end it, and 40 passes in any case. No bits are thrown away: the ledger counts
    what was told instead.

    Parameters
    ----------
    alice, bob : array of bool, shape (n,) or (keys, n)
        The sifted keys.
    qber : float
        The expected error rate, in [0, 0.5).
    rng : int, SeedSequence, Generator or None
        The root of the public permutations.
    bit_length : int, optional
        Bits of each key, where they come eight a byte.
    progress : bool or callable, optional
        True shows a bar; a callable gets a fraction in [0, 1].

    Returns
    -------
    Reconciled
        ``found_per_key`` is False where 40 passes did not do.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> alice = rng.random(10_000) < 0.5
    >>> bob = alice ^ (rng.random(10_000) < 0.03)
    >>> r = winnow(alice, bob, qber=0.03, rng=1)
    >>> bool((r.corrected == alice).all()), r.efficiency > 1.2
    (True, True)
    """
    rate = _qber("winnow", qber)
    hers, his = pair_of("winnow", alice, bob, bit_length, rows=True)
    with progress_bar(progress, "winnow") as report:
        done = _core.qkd_winnow("winnow", *_arrays(hers, his), rate, root_seed(rng, "winnow"), report)
    return _reconciled(done, his, rate)


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
