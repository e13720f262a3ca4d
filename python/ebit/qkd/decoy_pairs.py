"""Pairs of clicks with a decoy: what mode pairing sends for a finite key, and what is said of it.

```
    side of a pair    sent once     sent once     nothing    the decoy    else
                      a signal      a decoy                  twice
    said              0             1             2          3            4       and, of 3 beside 3, the phase between
    table             totals of the key, 0 or 1 with 0 or 1; of nothing; and the slice of phases that tells errors
```

The signal, the weak decoy or nothing is sent in every round, phases random. Bob says the kinds of his sides, Alice
hers, and by how much her phase changed where both sent the decoy twice; Bob counts, and tells how many were wrong.
Phases of weak decoys are drawn when they are asked for, by the law that they have given the clicks that were seen; the
phase that a pair has lost by misalignment is lost in its second round.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ebit import _core
from ebit._rng import user_stream
from ebit.qkd.conversation import ClassicalChannel, Sifted
from ebit.qkd.honest import Honest
from ebit.qkd.key_length import KeyLength
from ebit.qkd.lines import Line
from ebit.qkd.meetings import expected
from ebit.qkd.pairings import Pairing, pairs_of, pairs_per_round
from ebit.qkd.protocol import Epsilon
from ebit.qkd.relay_lengths import pairing_key_length
from ebit.qkd.transmission import Transmission
from ebit.qkd.windows import drawn_phases, one_click

__all__ = ["DecoyPairing", "Totals", "decoy_pairs_of", "expected_decoy_pairs", "pairing_length", "sift_decoy_pairs"]

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float64]

#: Symbols of a round, in the order of the totals.
SIGNAL, WEAK, NOTHING = range(3)
#: Kinds of a side besides these: a weak decoy twice; none of all.
TWICE, ELSE = 3, 4
#: Kind of a side by the symbols of its two rounds, and the bit: whether the first of them was sent.
KIND = np.array([[ELSE, ELSE, SIGNAL], [ELSE, TWICE, WEAK], [SIGNAL, WEAK, NOTHING]], dtype=np.uint8)
BIT = np.array([True, True, False])
#: Stream of the phases.
PHASES = 15


@dataclass(frozen=True, eq=False)
class DecoyPairing(Pairing):
    """A meeting of pairs with a decoy.

    Parameters
    ----------
    system : ModePairing
    pulse : uint64 array
        Clicks that there were.
    phase : float array (2, clicks)
        Phases of Alice's and Bob's pulses, where both sent a weak decoy.
    """

    system: Any = None
    pulse: NDArray[np.uint64] = dataclasses.field(default_factory=lambda: np.zeros(0, np.uint64))
    phase: Floats = dataclasses.field(default_factory=lambda: np.zeros((2, 0)))

    def after(self, sent: Transmission, root: int) -> DecoyPairing:
        """Return the meeting with the phases of these clicks, as they came about before anybody spoke of them."""
        lost = np.zeros(len(sent.pulse))
        lost[pairs_of(sent.pulse, self.interval)[1]] = self.system.misalignment
        rows = np.flatnonzero((sent.alice == WEAK) & (sent.bob == WEAK))
        phase = drawn_phases(self.system, sent.pattern, rows, lost[rows], user_stream(root, PHASES, 0))
        return dataclasses.replace(self, pulse=sent.pulse, phase=phase)

    def mistaken(self) -> float:
        """Return the share of wrong pairs in the slice on a line with nobody on it."""
        steps = (np.arange(200) + 0.5) / 200
        phase, change = 2 * math.pi * steps[:, None], self.system.phase_slice_rad * (steps - 0.5)
        first = one_click(self.system, phase + 0.0 * change, 0.0)
        second = one_click(self.system, phase + change, self.system.misalignment)
        right, wrong = (first * second).mean(), (first * second[::-1]).mean()
        return float(wrong / (right + wrong)) if right + wrong > 0.0 else 0.5


@dataclass(frozen=True, eq=False)
class Totals:
    """Counts of pairs, as one of the two knows them.

    Parameters
    ----------
    pairs : int array (3, 3)
        Sent once or not at all, by what Alice and Bob sent: signal, weak decoy, nothing.
    one_sided : int
        One sent the decoy twice and the other nothing.
    wrong, inside : int
        Both sent it twice, with phases in the slice: wrong pairs, and all of them.
    """

    pairs: NDArray[np.int64]
    one_sided: int
    wrong: int
    inside: int


def decoy_pairs_of(system: Any) -> tuple[list[dict[str, Any]], DecoyPairing]:
    """Return what each of the two sends for a finite key, and what it means."""
    shares = [float(system.signal_probability), float(system.weak_probability)]
    means = [float(system.signal), float(system.weak), 0.0]
    sendings = [
        {"mean": m, "light": 0, "probability": p} for m, p in zip(means, [*shares, 1.0 - sum(shares)], strict=True)
    ]
    zero, bits = np.zeros(3, np.int64), BIT.astype(np.int64)
    fields = ((zero, zero), np.zeros((1, 1), np.int64), ("Z",), (bits, 1 - bits), np.zeros((1, 16), np.int64))
    return sendings, DecoyPairing(*fields, interval=int(system.pairing_interval), system=system)


def _totals(hers: Bytes, his: Bytes) -> tuple[NDArray[np.int64], int]:
    """Return pairs by the totals of both, and those with a decoy twice on one side alone."""
    low = (hers <= NOTHING) & (his <= NOTHING)
    pairs = np.bincount(3 * hers[low].astype(np.int64) + his[low], minlength=9).reshape(3, 3)
    one_sided = (hers == TWICE) & (his == NOTHING) | (hers == NOTHING) & (his == TWICE)
    return pairs, int(np.count_nonzero(one_sided))


def sift_decoy_pairs(
    meeting: DecoyPairing, sent: Transmission, channel: ClassicalChannel
) -> tuple[Sifted, tuple[Totals, Totals]]:
    """Let both pair the clicks and say what their sides are; keep those in which both sent once, count the others."""
    first, second = pairs_of(sent.pulse, meeting.interval)
    row = np.searchsorted(meeting.pulse, sent.pulse)
    change = [phase[row[second]] - phase[row[first]] for phase in meeting.phase]
    hers, his = (KIND[symbol[first], symbol[second]] for symbol in (sent.alice, sent.bob))
    heard = channel.send("Bob", "detections", {"pulse": sent.pulse[second], "axis": his}, len(second))
    both = (hers == TWICE) & (heard["axis"] == TWICE)
    content = {"announced": hers, "phase": np.where(both, change[0], 0.0)}
    told = channel.send("Alice", "preparations", content, len(second))
    announced = told["announced"]

    rows = np.flatnonzero((announced == TWICE) & (his == TWICE))
    apart = np.mod(change[1][rows] - told["phase"][rows] + 0.5 * math.pi, 2 * math.pi)
    # Near 0 the same detector is right, near pi another: within the slice of either.
    near_pi = apart >= math.pi
    inside = np.abs(np.mod(apart, math.pi) - 0.5 * math.pi) <= 0.5 * meeting.system.phase_slice_rad
    same = sent.pattern[first[rows]] == sent.pattern[second[rows]]
    seen = [int(np.count_nonzero(inside & (same == near_pi))), int(np.count_nonzero(inside))]
    count = channel.send("Bob", "tests", {"count": np.array(seen)})["count"]
    # Whoever is not asked for a tag may have said anything.
    own = Totals(*_totals(hers, heard["axis"]), *(max(int(n), 0) for n in count))
    by_bob = Totals(*_totals(announced, his), *seen)

    mine = (hers < NOTHING) & (heard["axis"] < NOTHING)
    kept = (announced < NOTHING) & (his < NOTHING)
    assert meeting.bits is not None
    alice = meeting.bits[0][sent.alice[first[mine]]].astype(bool)
    bob = meeting.bits[1][sent.bob[first[kept]]].astype(bool)
    zeros, place = np.zeros(len(sent.pulse), dtype=np.uint8), np.zeros(len(sent.pulse), dtype=bool)
    place[second[kept]] = True
    nothing = np.zeros(len(alice), dtype=np.uint8)
    sifted = Sifted(alice, bob, second[kept], zeros, zeros, place, zeros, sent.photons, nothing, nothing)
    return sifted, (own, by_bob)


def expected_decoy_pairs(line: Line, meeting: DecoyPairing) -> Honest:
    """Return what the line gives when nobody is on it, bits and errors by pairs of independent rounds."""
    honest = expected(line, meeting)
    law = _core.qkd_law(line.kind, line.json)
    clicks = law["probability"] * law["patterns"][:, law["recorded"]].sum(axis=1)
    q = np.bincount(3 * law["alice"].astype(np.int64) + law["bob"], clicks, 9).reshape(3, 3)
    p = float(q.sum())
    if p <= 0.0:
        return honest
    lit, dark = q[:2, :2].sum(), q[NOTHING, NOTHING]
    wrong = 2.0 * lit * dark / p**2
    right = 2.0 * q[:2, NOTHING].sum() * q[NOTHING, :2].sum() / p**2
    pairs = pairs_per_round(p, meeting.interval)
    bits, errors = np.array([[pairs * (wrong + right)]]), np.array([[pairs * wrong]])
    return dataclasses.replace(honest, bits=bits, errors=errors)


def pairing_length(system: Any, totals: Totals, disclosed_bits: float, epsilon: Epsilon) -> KeyLength:
    """Return how long a key these counts allow."""
    shares = [system.signal_probability, system.weak_probability]
    return pairing_key_length(
        [system.signal, system.weak, 0.0],
        [*shares, 1.0 - sum(shares)],
        system.phase_slice_rad,
        totals.pairs,
        totals.one_sided,
        totals.wrong,
        disclosed_bits,
        epsilon,
    )
