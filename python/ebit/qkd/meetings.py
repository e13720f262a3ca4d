"""Lines on which both parties measure, or both send: pairs from a source, and pulses that meet at a relay.

What each of the two did is a symbol; a table says which pairs of symbols give a bit, and under which heading its errors
are counted.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ebit import _core
from ebit.qkd.alphabets import key_basis_probability
from ebit.qkd.conversation import ClassicalChannel, Sifted
from ebit.qkd.honest import Honest
from ebit.qkd.lines import Line
from ebit.qkd.transmission import Transmission

__all__ = [
    "EKERT",
    "Meeting",
    "arms",
    "expected",
    "intensities_of",
    "meeting_line",
    "meeting_of",
    "relay_document",
    "sift_meeting",
]

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
    >>> from ebit import Fiber
    >>> class TwinField:
    ...     fiber, receiver_efficiency, signal = Fiber(100.0), 0.5, 0.05
    >>> meeting_of(TwinField())[1].names
    ('X',)
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


def _per_side(value: Any) -> tuple[float, float]:
    return (float(value[0]), float(value[1])) if isinstance(value, Sequence) else (float(value), float(value))


def arms(system: Any, share: float) -> list[float]:
    """Return the transmittances of the two ways to a relay that has this share of the loss before it."""
    loss = float(system.fiber.loss_db)
    return [10 ** (-loss * share / 10), 10 ** (-loss * (1 - share) / 10)]


def meeting_of(system: Any, dead_pulses: int = 0, finite: bool = False) -> tuple[Line, Meeting] | None:
    """Return the line of a protocol of this family and what its symbols mean; None for any other protocol."""
    name = type(system).__name__
    if name in ("BBM92", "E91"):
        return _pairs(system, name == "E91", dead_pulses, finite)
    if name == "MDI":
        return _bell(system, dead_pulses, finite)
    if name == "TwinField":
        return _twin(system, dead_pulses)
    return None


def meeting_line(
    kind: str, system: Any, document: dict[str, Any], notes: tuple[str, ...] = (), threshold: float = 0.11
) -> Line:
    """Return a line whose bits are made at a meeting."""
    return Line(
        kind,
        document,
        lights=("coincidences" if kind == "PairLine" else "announced",),
        threshold=threshold,
        error_correction=float(getattr(system, "error_correction", 1.16)),
        assumptions=notes,
        repetition_rate_hz=float(getattr(system, "repetition_rate_hz", 1e9)),
        length_km=getattr(system.fiber, "length_km", None),
    )


def _pairs(system: Any, ekert: bool, dead_pulses: int, finite: bool) -> tuple[Line, Meeting]:
    efficiency = _per_side(system.receiver_efficiency)
    background = _per_side(getattr(system, "background_probability", 0.0))
    detectors = [
        {"efficiency": e, "dark_probability": -math.expm1(0.5 * math.log1p(-y0))}
        for e, y0 in zip(efficiency, background, strict=True)
        for _ in range(2)
    ]
    if ekert:
        # Polarisers at 0, 22.5, 45 and 22.5, 45, 67.5 degrees: twice that on the sphere.
        eighth = math.pi / 4
        alice, bob = [0.0, eighth, 2 * eighth], [eighth, 2 * eighth, 3 * eighth]
        shares = [1 / 3] * 3
        heading = np.full((3, 3), -1)
        heading[1, 0], heading[2, 1] = 0, 1
        names: tuple[str, ...] = ("45", "90")
        if finite:
            # Games of a finite key, lost where answers differ, or agree at the second.
            heading[0, 0], heading[0, 2], heading[2, 2] = 2, 3, 4
            names = (*names, "0 and 45", "0 and 135", "90 and 135")
    else:
        alice = bob = [0.0, math.pi / 2]
        sifting = float(getattr(system, "sifting", 0.5))
        key = math.sqrt(sifting) if finite else key_basis_probability(sifting)
        shares = [key, 1.0 - key]
        heading = np.array([[0, -1], [-1, 1]])
        names = ("Z", "X")
    document = {
        "source": "DownConversion",
        "lambda": float(system.mean_pairs) / 2,
        "alice": [{"bloch_angle_rad": x, "probability": p} for x, p in zip(alice, shares, strict=True)],
        "bob": [{"bloch_angle_rad": x, "probability": p} for x, p in zip(bob, shares, strict=True)],
        "transmittance": arms(system, float(getattr(system, "source", 0.5))),
        "detectors": detectors,
        "misalignment": float(getattr(system, "misalignment", 0.0)),
        "dead_pulses": dead_pulses,
    }
    own = np.arange(len(alice))
    turned = np.zeros((len(names), 16), np.int64)
    # Games are lost by themselves, which says nothing of the errors of the key.
    line = meeting_line("PairLine", system, document, (), 0.5 if ekert and finite else 0.11)
    if finite:
        line = dataclasses.replace(line, finite=True, key_names=(0, 1) if ekert else (0,), by_name=ekert)
        turned[3:4] = 1
    return line, Meeting((own, own), heading, names, None, turned)


_STATES = ([0.0, 0.0, 1.0], [0.0, 0.0, -1.0], [1.0, 0.0, 0.0], [-1.0, 0.0, 0.0])
#: Psi- clicks in different ports, Psi+ in one.
_PSI_MINUS = (0b1001, 0b0110)


def relay_document(system: Any, relay: str, sendings: list[dict[str, Any]], dead_pulses: int) -> dict[str, Any]:
    """Return a relay with equal detectors, four of them for Bell states, else two; both parties send alike."""
    dark = float(getattr(system, "dark_count_probability", 0.0))
    detector = {"efficiency": float(system.receiver_efficiency), "dark_probability": dark}
    return {
        "relay": relay,
        "alice": sendings,
        "bob": sendings,
        "transmittance": arms(system, float(getattr(system, "station", 0.5))),
        "detectors": [detector] * (4 if relay == "Bell" else 2),
        "misalignment": float(getattr(system, "misalignment", 0.0)),
        "dead_pulses": dead_pulses,
    }


def intensities_of(system: Any) -> tuple[list[float], list[float]]:
    """Return what each sender of MDI sends for a finite key, and how often: signal, weak decoy, vacuum."""
    shares = [float(system.signal_probability), float(system.weak_probability)]
    return [float(system.signal), *(float(d) for d in system.decoys)], [*shares, 1.0 - sum(shares)]


def _bell(system: Any, dead_pulses: int, finite: bool) -> tuple[Line, Meeting]:
    sifting = float(getattr(system, "sifting", 0.5))
    if finite:
        (means, shares), key = intensities_of(system), math.sqrt(sifting)
    else:
        decoys = getattr(system, "decoys", "infinite")
        means = [float(system.signal), *([] if isinstance(decoys, str) else [float(d) for d in decoys])]
        shares = [1.0] if len(means) == 1 else [0.8] + [0.2 / (len(means) - 1)] * (len(means) - 1)
        key = key_basis_probability(sifting)
    basis = (key / 2, key / 2, (1 - key) / 2, (1 - key) / 2)
    sendings = [
        {"mean": mean, "bloch": state, "light": k, "probability": share * p}
        for k, (mean, share) in enumerate(zip(means, shares, strict=True))
        for state, p in zip(_STATES, basis, strict=True)
    ]
    document = relay_document(system, "Bell", sendings, dead_pulses)
    symbol = np.arange(len(sendings))
    said = 2 * (symbol // 4) + symbol % 4 // 2
    turned = np.zeros((2, 16), dtype=np.int64)
    turned[0] = 1
    turned[1, list(_PSI_MINUS)] = 1
    # Announced are intensity and basis, the latter in the last bit.
    light, base = np.divmod(np.arange(2 * len(means)), 2)
    alike = base[:, None] == base[None, :]
    notes = () if len(means) == 1 or finite else ("signal share 0.8, the decoys alike",)
    # Weak pulses have 25 % errors in X by themselves: the sample of both bases judges nothing.
    line = dataclasses.replace(meeting_line("RelayLine", system, document, notes, 0.5), key_names=(0,))
    bits = (symbol % 2, symbol % 2)
    if not finite:
        heading = np.where(alike & (light[:, None] == 0) & (light[None, :] == 0), base[:, None], -1)
        return line, Meeting((said, said), heading, ("Z", "X"), bits, turned)
    # All pairs of intensities make key, and all are counted.
    words = ("signal", "weak", "vacuum")
    line = dataclasses.replace(
        line,
        finite=True,
        lights=tuple(f"{a} and {b}" for a in words for b in words),
        light_shares=tuple(a * b for a in shares for b in shares),
        key_lights=tuple(range(9)),
    )
    pairs = len(means) * light[:, None] + light[None, :]
    return line, Meeting((said, said), np.where(alike, base[:, None], -1), ("Z", "X"), bits, turned, pairs)


def _twin(system: Any, dead_pulses: int) -> tuple[Line, Meeting]:
    sendings = [
        {"mean": float(system.signal), "phase_rad": phase, "light": 0, "probability": 0.5} for phase in (0.0, math.pi)
    ]
    document = relay_document(system, "Single", sendings, dead_pulses)
    zero, bit = np.zeros(2, np.int64), np.arange(2)
    turned = np.zeros((1, 16), dtype=np.int64)
    # Equal phases leave by the first port, opposite ones by the second.
    turned[0, 0b10] = 1
    notes = ("every pulse in the key mode: the yields of photon numbers are those of infinitely many decoys",)
    return meeting_line("RelayLine", system, document, notes), Meeting(
        (zero, zero), np.zeros((1, 1), np.int64), ("X",), (bit, bit), turned
    )


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
    heard = channel.send("Bob", "detections", {"pulse": sent.pulse, "axis": axes})
    said = meeting.said[0][sent.alice].astype(np.uint8)
    told = channel.send("Alice", "preparations", {"announced": said})
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
    law = _core.qkd_law(line.kind, line.json)
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
