"""Reconciliation of continuous values: one party's become labels, and the other's labels become the same."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ebit import _core
from ebit._arguments import integer, real, shown
from ebit._rng import root_seed
from ebit.errors import RangeError, WrongTypeError, complain
from ebit.qkd.ledger import Ledger
from ebit.simulate import Progress, progress_bar

__all__ = ["BLOCK", "Sliced", "checked_efficiency", "scaled", "slices"]

Reals = NDArray[np.float64]
Bytes = NDArray[np.uint8]

#: Values of one code word.
BLOCK = 100_000
#: What noise is at least, beside all of Bob's values: less is no noise to arithmetic.
SMALLEST_SPREAD = 1e-12
#: How many standard deviations of theirs Bob's values may lie from 0: their squares are taken.
FARTHEST = 1e12


@dataclass(frozen=True, eq=False)
class Sliced:
    """Values that went through sliced reconciliation, block by block.

    Parameters
    ----------
    alice, bob : uint8 arrays (blocks, values)
        The labels of both; Bob's are the key's.
    bits : int
        Of a label.
    ledger : Ledger
        What became public, all blocks together; they share their messages.
    disclosed_per_block : uint64 array (blocks,)
    found_per_block : bool array (blocks,)
        False where the decoder gave up; True says nothing yet: ``verify``.
    entropy : float
        Bits of a label whose value nobody else knows anything of.
    slice_entropy, slice_disclosed : tuple of float
        Per value, the lowest bit first: what Alice lacked, and what was told.
    mutual_information : float
        Bits that the two values share.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = rng.standard_normal(50_000)
    >>> y = 0.8 * x + 0.4 * rng.standard_normal(50_000)
    >>> told = slices(x, y, slope=0.8, noise_variance=0.16, rng=1)
    >>> bool((told.alice == told.bob).all()), told.efficiency > 0.8
    (True, True)
    """

    alice: Bytes
    bob: Bytes
    bits: int
    ledger: Ledger
    disclosed_per_block: NDArray[np.uint64]
    found_per_block: NDArray[np.bool_]
    entropy: float
    slice_entropy: tuple[float, ...]
    slice_disclosed: tuple[float, ...]
    mutual_information: float

    @property
    def efficiency(self) -> float:
        """beta: (entropy of a label - bits disclosed for it) over the mutual information, at most 1 on average."""
        return (self.entropy - self.ledger.disclosed_bits / self.bob.size) / self.mutual_information

    def key(self, block: int, party: str = "bob") -> NDArray[np.bool_]:
        """Return the bits of a block's labels, value by value, the lowest first.

        Parameters
        ----------
        block : int
        party : {"alice", "bob"}
        """
        labels = self.alice[block] if party == "alice" else self.bob[block]
        out: NDArray[np.bool_] = np.unpackbits(labels[:, None], axis=1, count=self.bits, bitorder="little").ravel() == 1
        return out


def _column(name: str, parameter: str, values: ArrayLike) -> Reals:
    words = "an array of finite numbers"
    try:
        given = np.asarray(values)
    except (TypeError, ValueError):
        raise complain(WrongTypeError, name, parameter, words, shown(values)) from None
    if given.dtype.kind not in "biuf":
        # Complex numbers too: their imaginary parts would be dropped.
        raise complain(WrongTypeError, name, parameter, words, shown(values))
    column = given.astype(np.float64).ravel()
    if not len(column):
        raise complain(RangeError, name, parameter, "at least one value", "none")
    if not np.isfinite(column).all():
        raise complain(RangeError, name, parameter, words, "others")
    return column


def scaled(
    name: str, alice: ArrayLike, bob: ArrayLike, slope: float, noise_variance: float, block: int
) -> tuple[Reals, Reals, float]:
    """Return blocks of what is expected of Bob's values and of these, in units of their spread, and the noise's."""
    hers, his = _column(name, "alice", alice), _column(name, "bob", bob)
    if len(hers) != len(his):
        raise complain(RangeError, name, "bob", f"as many values as alice, {len(hers)}", str(len(his)))
    gain = real(name, "slope", slope)
    noise = _positive(name, "noise_variance", noise_variance)
    size = min(block, len(his))
    rows = len(his) // size
    if gain == 0.0:
        raise complain(RangeError, name, "slope", "a finite number, and not 0", shown(slope), "0: nothing is shared")
    with np.errstate(over="ignore"):
        power = gain * gain * float(np.mean(hers * hers))
    scale = math.sqrt(power + noise)
    spread = math.sqrt(noise) / scale if scale < math.inf else 0.0
    if spread == 1.0:
        words, hint = "values that are not all 0 beside the noise", "Bob's would tell nothing of them"
        raise complain(RangeError, name, "alice", words, f"{power:.3g} of slope^2 mean(alice^2)", hint)
    if spread < SMALLEST_SPREAD:
        words = f"values of at most 1/{SMALLEST_SPREAD:g} standard deviations of the noise"
        raise complain(RangeError, name, "alice", words, f"{power:.3g} of slope^2 mean(alice^2)")
    means, values = (np.ascontiguousarray(a[: rows * size].reshape(rows, size) / scale) for a in (gain * hers, his))
    if float(np.max(np.abs(values))) > FARTHEST:
        words = f"values within {FARTHEST:g} standard deviations"
        raise complain(RangeError, name, "bob", words, f"{float(np.max(np.abs(his))):.3g}")
    return means, values, spread


def checked_efficiency(name: str, efficiency: float | None) -> float | None:
    """Return f as a number, or None where the codes' own is asked for."""
    words = "in [0.5, 10]"
    if efficiency is not None and not 0.5 <= real(name, "efficiency", efficiency, words) <= 10.0:
        raise complain(RangeError, name, "efficiency", words, shown(efficiency), "below 1 nobody can decode")
    return None if efficiency is None else float(efficiency)


def slices(
    alice: ArrayLike,
    bob: ArrayLike,
    slope: float,
    noise_variance: float,
    bits: int = 5,
    *,
    reach: float = 3.0,
    efficiency: float | None = None,
    block: int = BLOCK,
    rng: object = None,
    progress: Progress = None,
) -> Sliced:
    """Turn continuous values into equal labels: reverse reconciliation by slices.

    Bob's values fall into 2^bits intervals; the bits of their labels are made known to Alice one after another, the
    lowest first, by a syndrome each, decoded with how sure she is of every bit; slices of which she knows next to
    nothing are told as they are (Van Assche, Cardinal and Cerf 2004, doi:10.1109/TIT.2003.822618).

    Parameters
    ----------
    alice, bob : array (n,)
        What was sent and read; n is cut down to whole blocks.
    slope, noise_variance : float
        Bob's value is ``slope`` times Alice's, plus Gaussian noise of this variance.
    bits : int
        Of a label, in [1, 8].
    reach : float
        The outer intervals begin at this many standard deviations of Bob's values.
    efficiency : float, optional
        f: a syndrome discloses f times the entropy of its slice; where that does not do, the bits doubted most are
        told, 2 % at a time. None: where nearly all blocks are decoded at once, 1.2 to 1.4. Near 1.05 more blocks take
        several messages, and less is told.
    block : int
        Values that are decoded together; fewer than 10,000 decode poorly.
    rng : int, SeedSequence, Generator or None
        The root of the codes' hidden bits.
    progress : bool or callable, optional
        True shows a bar; a callable gets a fraction in [0, 1].

    Returns
    -------
    Sliced

    Raises
    ------
    RangeError, WrongTypeError
        Columns of different length, empty or not finite; a parameter outside its range.

    Examples
    --------
    >>> rng = np.random.default_rng(2)
    >>> x = 2.0 * rng.standard_normal(20_000)
    >>> y = 0.7 * x + rng.standard_normal(20_000)
    >>> told = slices(x, y, slope=0.7, noise_variance=1.0, bits=4, rng=1)
    >>> told.bits, told.found_per_block.tolist(), told.ledger.disclosed_bits < 4 * 20_000
    (4, [True], True)
    """
    name = "slices"
    width = _positive(name, "reach", reach)
    count = integer(name, "bits", bits, 1, 8)
    means, values, spread = scaled(name, alice, bob, slope, noise_variance, integer(name, "block", block, 1))
    wanted = checked_efficiency(name, efficiency)
    with progress_bar(progress, name) as report:
        done: tuple[Any, ...] = _core.qkd_slices(
            means, values, spread, count, width, wanted, root_seed(rng, name), report
        )
    of_alice, of_bob, lines, disclosed, found, each = done
    return Sliced(
        of_alice,
        of_bob,
        count,
        Ledger.of(lines),
        disclosed,
        found,
        _core.qkd_label_entropy(count, width, 1.0),
        tuple(e for e, _ in each),
        tuple(d / values.size for _, d in each),
        -math.log2(spread),
    )


def _positive(name: str, parameter: str, value: float) -> float:
    number = real(name, parameter, value, "finite and > 0")
    if number <= 0.0:
        raise complain(RangeError, name, parameter, "finite and > 0", shown(value))
    return number
