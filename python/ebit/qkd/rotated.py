"""Reconciliation of continuous values of which little is known: eight at a time are turned into eight random bits."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ebit import _core
from ebit._arguments import integer
from ebit._rng import root_seed
from ebit.errors import RangeError, complain
from ebit.qkd.ledger import Ledger
from ebit.qkd.sliced import BLOCK, checked_efficiency, scaled
from ebit.simulate import Progress, progress_bar

__all__ = ["Rotated", "multidimensional"]

Bits = NDArray[np.bool_]

#: Values that are turned together.
DIMENSIONS = 8


@dataclass(frozen=True, eq=False)
class Rotated:
    """Values that went through multidimensional reconciliation, block by block.

    Parameters
    ----------
    alice, bob : bool arrays (blocks, values)
        One bit a value; Bob's are the key's.
    ledger : Ledger
        What became public of the bits, all blocks together; they share their messages.
    disclosed_per_block : uint64 array (blocks,)
    found_per_block : bool array (blocks,)
        False where the decoder gave up; True says nothing yet: ``verify``.
    bit_entropy : float
        Of a bit, what Alice lacked before the syndrome.
    mutual_information : float
        Bits that the two values share.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = rng.standard_normal(50_000)
    >>> y = x + 1.2 * rng.standard_normal(50_000)
    >>> told = multidimensional(x, y, slope=1.0, noise_variance=1.44, rng=1)
    >>> bool((told.alice == told.bob).all()), told.efficiency > 0.6
    (True, True)
    """

    alice: Bits
    bob: Bits
    ledger: Ledger
    disclosed_per_block: NDArray[np.uint64]
    found_per_block: NDArray[np.bool_]
    bit_entropy: float
    mutual_information: float
    #: Of a value, and its entropy to somebody who knows nothing of it.
    bits: int = 1
    entropy: float = 1.0

    @property
    def efficiency(self) -> float:
        """beta: (1 - bits disclosed for it) over the mutual information of a value, below 1 on average."""
        return (1.0 - self.ledger.disclosed_bits / self.bob.size) / self.mutual_information

    def key(self, block: int, party: str = "bob") -> Bits:
        """Return the bits of a block.

        Parameters
        ----------
        block : int
        party : {"alice", "bob"}
        """
        bits: Bits = (self.alice if party == "alice" else self.bob)[block]
        return bits


def multidimensional(
    alice: ArrayLike,
    bob: ArrayLike,
    slope: float,
    noise_variance: float,
    *,
    efficiency: float | None = None,
    block: int = BLOCK,
    rng: object = None,
    progress: Progress = None,
) -> Rotated:
    """Turn continuous values into equal bits, one a value: reverse reconciliation for more noise than signal.

    Bob draws random bits and tells the rotation that takes eight of his values onto eight of them, and their length;
    Alice turns what she expects of his values likewise, and gets the bits with noise. A syndrome does the rest, decoded
    with how sure she is of every bit (Leverrier, Alleaume, Boutros, Zemor and Grangier 2008,
    doi:10.1103/PhysRevA.77.042325). Of Gaussian values rotation and length say nothing of the bits.

    Parameters
    ----------
    alice, bob : array (n,)
        What was sent and read; n is cut down to whole blocks.
    slope, noise_variance : float
        Bob's value is ``slope`` times Alice's, plus Gaussian noise of this variance.
    efficiency : float, optional
        f: a syndrome discloses f times what Alice lacks; where that does not do, the bits doubted most are told, 2 % at
        a time. None: where nearly all blocks are decoded at once.
    block : int
        Values that are decoded together, cut down to eights; fewer than 10,000 decode poorly.
    rng : int, SeedSequence, Generator or None
        The root of Bob's bits and the codes' hidden ones.
    progress : bool or callable, optional
        True shows a bar; a callable gets a fraction in [0, 1].

    Returns
    -------
    Rotated

    Raises
    ------
    RangeError, WrongTypeError
        Columns of different length, empty or not finite; a parameter outside its range.

    Examples
    --------
    >>> rng = np.random.default_rng(2)
    >>> x = rng.standard_normal(20_000)
    >>> y = 0.7 * x + rng.standard_normal(20_000)
    >>> told = multidimensional(x, y, slope=0.7, noise_variance=1.0, rng=1)
    >>> told.found_per_block.tolist(), told.ledger.disclosed_bits < 20_000
    ([True], True)
    """
    name = "multidimensional"
    size = integer(name, "block", block, DIMENSIONS)
    count = np.size(bob)
    if 1 < count < DIMENSIONS:
        raise complain(RangeError, name, "bob", f"at least {DIMENSIONS} values", str(count))
    most = max(min(size, count) // DIMENSIONS * DIMENSIONS, 1)
    means, values, spread = scaled(name, alice, bob, slope, noise_variance, most)
    if values.shape[1] < DIMENSIONS:
        raise complain(RangeError, name, "bob", f"at least {DIMENSIONS} values", str(count))
    wanted = checked_efficiency(name, efficiency)
    with progress_bar(progress, name) as report:
        done: tuple[Any, ...] = _core.qkd_multidimensional(
            means, values, spread * spread, wanted, root_seed(rng, name), report
        )
    hers, his, lines, disclosed, found, lacked = done
    return Rotated(
        hers.view(np.bool_), his.view(np.bool_), Ledger.of(lines), disclosed, found, lacked, -math.log2(spread)
    )
