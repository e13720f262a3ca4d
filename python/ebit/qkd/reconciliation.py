"""From two sifted keys that differ here and there to keys that agree: what is told in public is in a `Ledger`.

Everything works on one's own arrays: booleans (or integers 0 and 1), or with ``bit_length`` eight bits a byte as
``numpy.packbits(bits, bitorder="little")`` packs them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ebit import _core
from ebit._arguments import real, shown
from ebit._rng import root_seed
from ebit.bounds import binary_entropy
from ebit.errors import RangeError, WrongTypeError, complain
from ebit.qkd._bits import Key, pair_of, restored
from ebit.qkd.ledger import Ledger
from ebit.simulate import Progress, progress_bar

__all__ = ["Reconciled", "cascade", "ldpc", "winnow"]

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
