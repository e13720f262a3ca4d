"""Mode pairing: two clicks make a pair, and a pair makes a bit.

```
    round      3     8          21       24   25             interval l = 10
    click      x     x          x        x    x
               +-----+          +--------+    .              pairs; 25 waits for the next within l, or is dropped
    Alice      1     0          0        1                   a bit where she sent in exactly one of the two: which
    Bob        0     1          1        1                   the same, turned round; here he sent in both: no bit
```

(Zeng, Zhou, Wu and Ma 2022, doi:10.1038/s41467-022-31534-7.)
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ebit.qkd.conversation import ClassicalChannel, Sifted
from ebit.qkd.honest import Honest, by_blind_sets
from ebit.qkd.lines import Line
from ebit.qkd.meetings import Meeting, expected_by_law
from ebit.qkd.transmission import Transmission

__all__ = ["Pairing", "expected_pairs", "pairs_of", "pairs_per_round", "sift_pairs"]

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]
Array = NDArray[np.float64]

#: Sets of two blind detectors; from here on they are those of pairs.
PAIR = PAIRED = 4


@dataclass(frozen=True, eq=False)
class Pairing(Meeting):
    """A meeting whose bits are made of two clicks, at most ``interval`` rounds apart."""

    interval: int = 1

    def blind(self, sent: Transmission, place: Ints) -> Bytes:
        """Return which detectors were blind at both clicks of pairs, whose second ones are in these rows."""
        first, second = pairs_of(sent.pulse, self.interval)
        row = first[np.searchsorted(second, place)]
        return (sent.blind[place] + PAIR * sent.blind[row] + PAIRED).astype(np.uint8)


def pairs_of(pulse: NDArray[np.uint64], interval: int) -> tuple[Ints, Ints]:
    """Return the rows of first and second clicks of pairs: each with the next that is near enough, then anew.

    >>> [rows.tolist() for rows in pairs_of(np.array([3, 8, 21, 24, 25], dtype=np.uint64), 10)]
    [[0, 2], [1, 3]]
    """
    if len(pulse) < 2:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    # Where a gap is too long a new row begins; in a row the clicks pair up two by two.
    row = np.arange(len(pulse))
    begins = np.concatenate(([True], np.diff(pulse) > np.uint64(interval)))
    odd = (row - np.maximum.accumulate(np.where(begins, row, 0))) % 2 == 1
    second = np.flatnonzero(odd)
    return second - 1, second


def pairs_per_round(p: float, interval: int) -> float:
    """Return how many pairs a round makes where clicks come with probability p: 1/(1/(p [1 - (1-p)^l]) + 1/p)."""
    within = -math.expm1(interval * math.log1p(-min(p, 1.0 - 1e-16)))
    return 1.0 / (1.0 / (p * within) + 1.0 / p)


def sift_pairs(meeting: Pairing, sent: Transmission, channel: ClassicalChannel) -> Sifted:
    """Let both pair the clicks, say in which pairs they sent exactly once, and keep those in which both did."""
    first, second = pairs_of(sent.pulse, meeting.interval)
    once = [symbol[first] != symbol[second] for symbol in (sent.alice, sent.bob)]
    content = {"pulse": sent.pulse[second], "axis": once[1].astype(np.uint8)}
    heard = channel.send("Bob", "detections", content, len(second))
    told = channel.send("Alice", "preparations", {"announced": once[0].astype(np.uint8)}, len(second))
    by_alice, by_bob = once[0] & (heard["axis"] > 0), once[1] & (told["announced"] > 0)
    assert meeting.bits is not None
    alice = meeting.bits[0][sent.alice[first]].astype(bool)[by_alice]
    bob = meeting.bits[1][sent.bob[first]].astype(bool)[by_bob]
    zeros = np.zeros(len(sent.pulse), dtype=np.uint8)
    kept = np.zeros(len(sent.pulse), dtype=bool)
    kept[second[by_bob]] = True
    nothing = np.zeros(len(alice), dtype=np.uint8)
    return Sifted(alice, bob, second[by_bob], zeros, zeros, kept, zeros, sent.photons, nothing, nothing)


def expected_pairs(line: Line, meeting: Pairing) -> Honest:
    """Return what the line gives when nobody is on it, bits and errors by pairs.

    With Q_ab the share of the clicks in which Alice sent a and Bob b, 2 Q_00 Q_11 of the pairs are wrong bits and
    2 Q_01 Q_10 right ones.
    """
    shares: list[Array] = []

    def of(law: Mapping[str, Any]) -> Honest:
        clicks = law["probability"] * law["patterns"][:, law["recorded"]].sum(axis=1)
        shares.append(np.bincount(2 * law["alice"].astype(np.int64) + law["bob"], clicks, 4).astype(float))
        return _paired(expected_by_law(line, meeting, law), meeting, shares[-1], shares[-1])

    honest = by_blind_sets(line, None, of)
    pairs = {
        PAIRED + PAIR * a + b: _paired(honest, meeting, shares[1 + a], shares[1 + b])
        for a in range(len(honest.blind))
        for b in range(len(honest.blind))
    }
    return dataclasses.replace(honest, blind={**honest.blind, **pairs})


def _paired(honest: Honest, meeting: Pairing, first: Array, second: Array) -> Honest:
    """Return bits and errors per round of pairs, from the clicks per round of each pair of symbols at both clicks."""
    p, q = float(first.sum()), float(second.sum())
    if p <= 0.0 or q <= 0.0:
        return honest
    pairs = pairs_per_round(p, meeting.interval) / (p * q)
    wrong = first[0] * second[3] + first[3] * second[0]
    right = first[1] * second[2] + first[2] * second[1]
    bits, errors = np.array([[pairs * (wrong + right)]]), np.array([[pairs * wrong]])
    return dataclasses.replace(honest, bits=bits, errors=errors)
