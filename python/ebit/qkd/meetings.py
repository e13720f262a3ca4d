"""Lines on which both parties measure, or both send: pairs from a source, and pulses that meet at a relay.

What each of the two did is a symbol; a table says which pairs of symbols give a bit, and under which heading its errors
are counted.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ebit.qkd.conversation import ClassicalChannel, Sifted
from ebit.qkd.honest import Honest, by_blind_sets
from ebit.qkd.lines import Line
from ebit.qkd.transmission import Transmission

__all__ = ["EKERT", "Meeting", "chsh_of", "expected", "expected_by_law", "sift_meeting"]

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Meeting:
    """What the symbols of two parties mean together.

    Parameters
    ----------
    said : tuple of two int arrays
        What each party announces of each of its symbols.
    heading : int array (announcements, announcements)
        Under which name bits of this pair of announcements go; -1: no bit.
    names : tuple of str
        The names.
    bits : tuple of two int arrays, optional
        The parties' bits by symbol; None: their outcomes are the bits.
    turned : int array (names, patterns)
        Where the second party turns its bit round.
    lights : int array (announcements, announcements), optional
        Which of the line's intensities a pair of announcements is; None: there is one.

    Examples
    --------
    >>> own = np.arange(2)
    >>> same = Meeting((own, own), np.array([[0, -1], [-1, 1]]), ("Z", "X"), None, np.zeros((2, 16), np.int64))
    >>> same.light(own, own).tolist()
    [0, 0]
    """

    said: tuple[Ints, Ints]
    heading: Ints
    names: tuple[str, ...]
    bits: tuple[Ints, Ints] | None
    turned: Ints
    lights: Ints | None = None

    def light(self, first: NDArray[Any], second: NDArray[Any]) -> Bytes:
        """Return the intensity of each pair of announcements."""
        if self.lights is None:
            return np.zeros(len(first), dtype=np.uint8)
        light: Bytes = self.lights[first, second].astype(np.uint8)
        return light

    def blind(self, sent: Transmission, place: Ints) -> Bytes:
        """Return which detectors were blind at the clicks of bits that came about in these rows."""
        return sent.blind[place]


def _read(
    meeting: Meeting, alice: Bytes, bob: Bytes, pattern: Bytes, outcomes: tuple[Bytes, Bytes]
) -> tuple[Ints, NDArray[np.bool_], NDArray[np.bool_]]:
    """Return heading (-1: none) and the two bits of each event."""
    heading = meeting.heading[meeting.said[0][alice], meeting.said[1][bob]]
    first = outcomes[0] if meeting.bits is None else meeting.bits[0][alice]
    second = outcomes[1] if meeting.bits is None else meeting.bits[1][bob]
    return heading, first.astype(bool), second.astype(bool) ^ meeting.turned[heading, pattern].astype(bool)


def sift_meeting(meeting: Meeting, sent: Transmission, channel: ClassicalChannel) -> Sifted:
    """Let the two announce what they did, and keep what gives a bit.

    What the relay announces is public anyway; the messages are the parties' own.
    """
    axes = meeting.said[1][sent.bob].astype(np.uint8)
    heard = channel.send("Bob", "detections", {"pulse": sent.pulse, "axis": axes}, len(axes))
    said = meeting.said[0][sent.alice].astype(np.uint8)
    told = channel.send("Alice", "preparations", {"announced": said}, len(said))
    by_alice = meeting.heading[said, np.minimum(heard["axis"], meeting.heading.shape[1] - 1)]
    by_bob = meeting.heading[np.minimum(told["announced"], meeting.heading.shape[0] - 1), axes]
    heading, first, second = _read(meeting, sent.alice, sent.bob, sent.pattern, (sent.outcome(0), sent.outcome(1)))
    del heading
    place = np.flatnonzero(by_bob >= 0)
    announced = np.maximum(by_bob, 0).astype(np.uint8)
    mine = by_alice >= 0
    most = meeting.heading.shape[0] - 1
    to_alice = meeting.light(said, np.minimum(heard["axis"], most))
    to_bob = meeting.light(np.minimum(told["announced"], most), axes)
    return Sifted(
        first[mine], second[place], place, to_bob, announced, by_bob >= 0, to_alice, sent.photons,
        by_alice[mine].astype(np.uint8), to_alice[mine],
    )  # fmt: skip


def expected(line: Line, meeting: Meeting) -> Honest:
    """Return what the line gives when nobody is on it, from the exact law of its clicks."""
    return by_blind_sets(line, None, lambda law: expected_by_law(line, meeting, law))


def expected_by_law(line: Line, meeting: Meeting, law: Mapping[str, Any]) -> Honest:
    """Return what clicks of this law give."""
    patterns = np.flatnonzero(law["recorded"]).astype(np.uint8)
    detectors = law["patterns"].shape[1].bit_length() - 1
    clicks = np.array(
        [(law["probability"] * law["patterns"][:, [p for p in range(1 << detectors) if p >> d & 1]].sum(axis=1)).sum()
         for d in range(detectors)]
    )  # fmt: skip
    lights, names = len(line.lights), len(meeting.names)
    light = meeting.light(meeting.said[0][law["alice"]], meeting.said[1][law["bob"]]).astype(np.int64)
    bits, errors = np.zeros(lights * names), np.zeros(lights * names)
    total = np.zeros(lights)
    for pattern in patterns:
        weight = law["probability"] * law["patterns"][:, pattern]
        total += np.bincount(light, weight, lights)
        same = np.full(len(weight), pattern, dtype=np.uint8)
        # A double click at a station is either outcome half of the time.
        for a in _outcomes(int(pattern) & 3):
            for b in _outcomes(int(pattern) >> 2):
                ends = tuple(np.full(len(weight), x, dtype=np.uint8) for x in (a[0], b[0]))
                heading, first, second = _read(meeting, law["alice"], law["bob"], same, (ends[0], ends[1]))
                share = weight * a[1] * b[1]
                kept = heading >= 0
                place = light * names + heading
                bits += np.bincount(place[kept], share[kept], len(bits))
                wrong = kept & (first != second)
                errors += np.bincount(place[wrong], share[wrong], len(bits))
    clicked = float(total.sum())
    return Honest(
        gain=total / np.array(line.light_shares or (1.0,)),
        share=total / clicked if clicked > 0.0 else np.ones(lights) / lights,
        photon_share=np.zeros((lights, 256)),
        detector=clicks,
        bits=bits.reshape(lights, names),
        errors=errors.reshape(lights, names),
        frame=int(law["frame"]),
    )


def _outcomes(clicks: int) -> list[tuple[int, float]]:
    """Outcomes of a station by its clicks, with their probabilities."""
    return {0: [(0, 1.0)], 1: [(0, 1.0)], 2: [(1, 1.0)], 3: [(0, 0.5), (1, 0.5)]}[clicks]


#: S = E(a1, b1) - E(a1, b3) + E(a3, b1) + E(a3, b3) with polarisers a at 0, 22.5, 45 and b at 22.5, 45, 67.5 degrees
#: (Ekert 1991, doi:10.1103/PhysRevLett.67.661).
EKERT = ((0, 0, 1), (0, 2, -1), (2, 0, 1), (2, 2, 1))


def chsh_of(
    asked: tuple[Bytes, Bytes], outcomes: tuple[Bytes, Bytes], terms: Sequence[tuple[int, int, int]] = EKERT
) -> tuple[float, float]:
    """Return S and its standard error, from directions and outcomes; a sum over pairs of directions with signs."""
    s = variance = 0.0
    equal = outcomes[0] == outcomes[1]
    for a, b, sign in terms:
        mask = (asked[0] == a) & (asked[1] == b)
        n = int(mask.sum())
        if n == 0:
            return math.nan, math.inf
        e = 2 * float(equal[mask].mean()) - 1
        s += sign * e
        # Of few rounds that all agree the chance is not known to be 0.
        variance += max(1 - e * e, 1 / n) / n
    return s, math.sqrt(variance)
