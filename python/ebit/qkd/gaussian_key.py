"""The end of a run of GG02: from values that agree here and there to one secret key.

::

    values not compared --> slices, or rotations --> verification --> privacy amplification --> key
                            told                     a tag a block    as long as the estimates and the ledger allow

A block whose tags differ is told as a whole: it costs more than it brings, and the rest stays one key.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ebit._rng import user_stream
from ebit.channels import Fiber
from ebit.qkd.finish import ASYMPTOTIC_EPSILON, LONGEST_TAG, WHY_NO_TAG
from ebit.qkd.ledger import Ledger, LedgerEntry
from ebit.qkd.privacy import secret_length, toeplitz, verify
from ebit.qkd.protocol import Epsilon, KeyRate
from ebit.qkd.rotated import DIMENSIONS, Rotated, multidimensional
from ebit.qkd.sliced import BLOCK, Sliced, slices

if TYPE_CHECKING:
    from ebit.qkd.gaussian import GG02

__all__ = ["GaussianKey", "measured", "one_key"]

Bits = NDArray[np.bool_]
Reals = NDArray[np.float64]

#: Excess noise beyond which nothing is shared, in shot-noise units.
MOST_NOISE = 1e5
#: A key that leaks so much is none.
MOST_SECRECY = 1.0 - 1e-9
#: Bits that a syndrome discloses over the entropy of its slice: a few blocks take several messages.
EFFICIENCY = 1.05
#: Of a label.
MOST_BITS = 8
#: Signal over noise below which one bit a value, eight values at a time, brings more than labels.
FEW_BITS = 1.0


def _no_bits() -> Bits:
    return np.zeros(0, dtype=bool)


@dataclass(frozen=True, eq=False)
class GaussianKey:
    """What came of it.

    Parameters
    ----------
    alice, bob : bool arrays
        The keys; empty where there is none.
    ledger : Ledger
        What reconciliation and verification told.
    why : str
        Why there is no key; empty where there is one.
    efficiency : float
        beta: what the labels shared beyond what was told, over the mutual information.
    parts, epsilon : Mapping[str, float]
        The bounds that the length rests on, and the parts of epsilon.
    """

    alice: Bits = field(default_factory=_no_bits)
    bob: Bits = field(default_factory=_no_bits)
    ledger: Ledger = field(default_factory=Ledger)
    why: str = ""
    efficiency: float = math.nan
    parts: Mapping[str, float] = field(default_factory=dict)
    epsilon: Mapping[str, float] = field(default_factory=dict)


def measured(system: GG02, transmittance: float, excess_noise: float) -> GG02:
    """Return the system on a line as it was measured."""
    loss = -10.0 * math.log10(min(max(transmittance, 1e-30), 1.0))
    # A few values may say anything.
    noise = min(max(excess_noise, 0.0), MOST_NOISE)
    line: GG02 = system.replace(fiber=Fiber(0.0, insertion_loss_db=max(loss, 0.0)), excess_noise=noise)
    return line


def _length(line: GG02, signals: float, entropy: float, ledger: Ledger, epsilon: Epsilon | None) -> tuple[int, KeyRate]:
    """Return how long a key these signals allow after all that was told, and the rate with its bounds.

    ``entropy``: bits of a signal's label. Per bit, what a key may leak depends on its length, which depends on what it
    may leak: from the longest there could be, lengths fall to the first that is allowed.
    """
    if epsilon is None:
        rate = line.key_rate()
        unknown = signals * (entropy - rate.parts.get("holevo", math.inf))
        return (secret_length(unknown, ledger, ASYMPTOTIC_EPSILON) if unknown > 0.0 else 0), rate
    length = math.floor(signals * entropy)
    while True:
        secrecy = epsilon.secrecy
        if secrecy is None:
            secrecy = min((epsilon.secrecy_per_bit or 0.0) * max(length, 1), MOST_SECRECY)
        rate = line.key_rate(signals, Epsilon(epsilon.correctness, secrecy))
        holevo, lost = (rate.parts.get(name, math.inf) for name in ("holevo", "block_penalty"))
        if not math.isfinite(holevo):
            return 0, rate
        found = math.floor(signals * (entropy - holevo - lost) - ledger.disclosed_bits)
        if secrecy == MOST_SECRECY or found <= 0:
            return min(found, 0), rate
        if epsilon.secrecy is not None or found >= length:
            return found, rate
        length = found


def one_key(
    line: GG02, alice: Reals, bob: Reals, slope: float, noise: float, compared: int, epsilon: Epsilon | None, root: int
) -> GaussianKey:
    """Reconcile, verify and shorten the values that were not compared.

    ``line`` is the line as measured, on ``compared`` signals; ``slope`` and ``noise`` are what was measured of Bob's
    values given Alice's.
    """
    if alice.size < DIMENSIONS:
        return GaussianKey(why="no values are left")
    turned = slope * slope * float(np.mean(alice * alice)) < FEW_BITS * noise
    # Finer labels tell nothing more that noise of unit variance would leave; rotations make one bit of each value.
    line = line.replace(digitization_bits=1 if turned else min(line.digitization_bits, MOST_BITS))
    quadratures = alice.shape[1] if alice.ndim > 1 else 1
    values = alice.size
    blocks = max(1, round(values / BLOCK))
    size = values // blocks // DIMENSIONS * DIMENSIONS
    rng = user_stream(root, 3, 0)
    told: Rotated | Sliced = (
        multidimensional(alice, bob, slope, noise, efficiency=EFFICIENCY, block=size, rng=rng)
        if turned
        else slices(alice, bob, slope, noise, line.digitization_bits, efficiency=EFFICIENCY, block=size, rng=rng)
    )
    ledger = told.ledger
    correctness = ASYMPTOTIC_EPSILON if epsilon is None else epsilon.correctness
    # Any of the tags may fail to tell.
    tag_bits = math.ceil(math.log2(blocks * (math.ceil(size * told.bits / 128) + 1)) - math.log2(correctness))
    if tag_bits > LONGEST_TAG:
        return GaussianKey(ledger=ledger, why=WHY_NO_TAG.format("correctness"), efficiency=told.efficiency)
    hers, his = ([told.key(k, party) for k in range(blocks)] for party in ("alice", "bob"))
    shown = 0
    for k in range(blocks):
        if not verify(hers[k], his[k], tag_bits, rng=user_stream(root, 4, k)):
            hers[k], shown = his[k], shown + len(his[k])
    tags = LedgerEntry("verification", blocks * tag_bits, 0, 1)
    ledger = ledger + Ledger((tags, LedgerEntry("revealed", shown, 0, 1)) if shown else (tags,))
    signals = blocks * size / quadratures
    entropy = quadratures * told.entropy
    line = line.replace(estimation_share=compared / (compared + signals))
    length, rate = _length(line, signals, entropy, ledger, epsilon)
    holevo = rate.parts.get("holevo", math.inf)
    # The model's key is not this one.
    parts = {name: part for name, part in rate.parts.items() if name != "key_bits"}
    parts |= {"label_entropy": entropy, "efficiency": told.efficiency}
    if length <= 0:
        why = f"an eavesdropper may know {holevo:.3f} bits of a signal, and {ledger.disclosed_bits / signals:.3f} of"
        why += f" {entropy:.3f} were told" if epsilon is None else f" {entropy:.3f} were told: a longer block"
        return GaussianKey(ledger=ledger, why=why, efficiency=told.efficiency, parts=parts, epsilon=rate.epsilon)
    left, right = np.concatenate(hers), np.concatenate(his)
    seed = user_stream(root, 2, 0).integers(0, 256, (len(right) + length + 6) // 8, dtype=np.uint8)
    matrix = np.unpackbits(seed, count=len(right) + length - 1, bitorder="little") == 1
    keys = [toeplitz(bits, matrix, length) for bits in (left, right)]
    return GaussianKey(keys[0], keys[1], ledger, "", told.efficiency, parts, rate.epsilon)
