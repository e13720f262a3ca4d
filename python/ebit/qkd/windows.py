"""Windows that test, among those that make key: what sending or not sends for a finite key, and what is said of it.

```
    symbol     0            1          2      3       4
    window     key,         key,       weak   strong  vacuum
               not sent     sent       decoy  decoy
    said       0            0          1      2       3        in the first round
    and then   3            4                                  where the other's window is a test: nothing, or a signal
```

Bob says his windows, Alice hers, the phases of her weak decoys, and what she did in key windows that met a test; Bob
counts, and tells the counts (Jiang, Yu, Hu and Wang 2019, doi:10.1103/PhysRevApplied.12.024061). The phase between two
weak decoys is drawn when it is asked for, by the law that it has given the click that was seen.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ebit._rng import user_stream
from ebit.qkd.conversation import ClassicalChannel, Sifted
from ebit.qkd.key_length import KeyLength
from ebit.qkd.meeting_lines import arms
from ebit.qkd.meetings import Meeting
from ebit.qkd.protocol import Epsilon
from ebit.qkd.relay_lengths import sending_key_length
from ebit.qkd.transmission import Transmission

__all__ = [
    "Tested",
    "Windows",
    "drawn_phases",
    "one_click",
    "sift_windows",
    "window_length",
    "windows_of",
    "windows_sent",
]

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float64]

KEY, WEAK, STRONG, NOTHING, SIGNAL = range(5)
#: What a symbol says first.
SAID = np.array([KEY, KEY, WEAK, STRONG, NOTHING], dtype=np.uint8)
#: Stream of the phases.
PHASES = 14


@dataclass(frozen=True, eq=False)
class Windows(Meeting):
    """A meeting with windows that test.

    Parameters
    ----------
    system : SendingOrNotSending
    pulse : uint64 array
        Clicks that there were.
    phase : float array (2, clicks)
        Phases of Alice's and Bob's pulses, where both sent a weak decoy.
    """

    system: Any = None
    pulse: NDArray[np.uint64] = dataclasses.field(default_factory=lambda: np.zeros(0, np.uint64))
    phase: Floats = dataclasses.field(default_factory=lambda: np.zeros((2, 0)))

    def after(self, sent: Transmission, root: int) -> Windows:
        """Return the meeting with the phases of these clicks, as they came about before anybody spoke of them."""
        rows = np.flatnonzero((SAID[sent.alice] == WEAK) & (SAID[sent.bob] == WEAK))
        turned = np.full(len(rows), float(self.system.misalignment))
        phase = drawn_phases(self.system, sent.pattern, rows, turned, user_stream(root, PHASES, 0))
        return dataclasses.replace(self, pulse=sent.pulse, phase=phase)

    def clicks(self, apart: Floats) -> Floats:
        """Return how likely each detector clicks alone, both having sent a weak decoy with this phase between them."""
        return one_click(self.system, apart, self.system.misalignment)

    def mistaken(self) -> float:
        """Return the share of wrong clicks in the slice on a line with nobody on it."""
        steps = (np.arange(1000) + 0.5) / 1000 - 0.5
        right, wrong = self.clicks(self.system.phase_slice_rad * steps).mean(axis=1)
        return float(wrong / (right + wrong)) if right + wrong > 0.0 else 0.5


def one_click(system: Any, apart: Floats, turned: float | Floats) -> Floats:
    """Return how likely each detector clicks alone, both having sent a weak decoy with this phase between them.

    ``turned``: how often the phase is off by pi.
    """
    x, dark = float(system.receiver_efficiency) * arms(system, 0.5)[0] * system.weak, system.dark_count_probability
    cosine = np.cos(np.asarray(apart))
    one = np.array([np.expm1(x * (1.0 + cosine)), np.expm1(x * (1.0 - cosine))]) + dark
    return np.asarray((1.0 - dark) * math.exp(-2.0 * x) * ((1.0 - turned) * one + turned * one[::-1]))


def drawn_phases(
    system: Any, pattern: Bytes, rows: NDArray[np.int64], turned: Floats, rng: np.random.Generator
) -> Floats:
    """Return phases of both senders' pulses; of rows in which both sent a weak decoy by what has clicked."""
    phase = rng.uniform(0.0, 2 * math.pi, (2, len(pattern)))
    best = max((float(one_click(system, np.zeros(1), t).max()) for t in np.unique(turned)), default=0.0)
    while len(rows):
        # Of all phases those stay that make the click as likely as it is at best, or by chance.
        apart = phase[1, rows] - phase[0, rows]
        law = one_click(system, apart, turned)[pattern[rows] >> 1, np.arange(len(rows))]
        refused = rng.random(len(rows)) * best > law
        rows, turned = rows[refused], turned[refused]
        phase[:, rows] = rng.uniform(0.0, 2 * math.pi, (2, len(rows)))
    return phase


@dataclass(frozen=True)
class Tested:
    """Counts of the windows that test, as one of the two knows them.

    Parameters
    ----------
    strong, weak, empty : int
        One sent a strong or a weak decoy and the other nothing; neither sent.
    wrong, inside : int
        Both sent a weak decoy with phases in the slice: wrong clicks, and all of them.
    """

    strong: int
    weak: int
    empty: int
    wrong: int
    inside: int


def windows_of(system: Any) -> tuple[list[dict[str, Any]], Windows]:
    """Return what each of the two sends for a finite key, and what it means."""
    key, send = float(system.key_window_probability), float(system.sending_probability)
    weak, strong = float(system.weak_probability), float(system.strong_probability)
    shares = [key * (1.0 - send), key * send, *((1.0 - key) * p for p in (weak, strong, 1.0 - weak - strong))]
    means = [0.0, float(system.signal), float(system.weak), float(system.strong), 0.0]
    sendings = [{"mean": m, "light": 0, "probability": p} for m, p in zip(means, shares, strict=True)]
    said, sent = SAID.astype(np.int64), (np.arange(5) == 1).astype(np.int64)
    heading = np.full((4, 4), -1)
    heading[KEY, KEY] = 0
    return sendings, Windows(
        (said, said), heading, ("Z",), (sent, 1 - sent), np.zeros((1, 16), np.int64), system=system
    )


def _unfolded(symbol: Bytes, other: Bytes) -> Bytes:
    """Return what one says once it knows the other's windows: of its key windows what it did, where the other tests."""
    said = SAID[symbol]
    met = (said == KEY) & (other != KEY)
    said[met] = np.where(symbol[met] == 1, SIGNAL, NOTHING)
    return said


def sift_windows(
    meeting: Windows, sent: Transmission, channel: ClassicalChannel
) -> tuple[Sifted, tuple[Tested, Tested]]:
    """Let the two say which windows they took; keep those of both that make key, and count the others."""
    row = np.searchsorted(meeting.pulse, sent.pulse)
    first, second = (phase[row] for phase in meeting.phase)
    heard = channel.send("Bob", "detections", {"pulse": sent.pulse, "axis": SAID[sent.bob]}, len(sent.pulse))
    hers = _unfolded(sent.alice, heard["axis"])
    # Phases of weak decoys alone are anybody's business.
    content = {"announced": hers, "phase": np.where(hers == WEAK, first, 0.0)}
    told = channel.send("Alice", "preparations", content, len(hers))
    announced = told["announced"]
    by_bob = _unfolded(sent.bob, announced)

    def one(decoy: int) -> int:
        lit = (announced == decoy) & (by_bob == NOTHING) | (announced == NOTHING) & (by_bob == decoy)
        return int(np.count_nonzero(lit))

    both = np.flatnonzero((announced == WEAK) & (by_bob == WEAK))
    apart = np.mod(second[both] - told["phase"][both] + 0.5 * math.pi, 2 * math.pi)
    # Near 0 the first detector is right, near pi the second: within the slice of either.
    near_pi = apart >= math.pi
    inside = np.abs(np.mod(apart, math.pi) - 0.5 * math.pi) <= 0.5 * meeting.system.phase_slice_rad
    wrong = inside & ((sent.pattern[both] == 0b10) != near_pi)
    empty = int(np.count_nonzero((announced == NOTHING) & (by_bob == NOTHING)))
    tested = [one(STRONG), one(WEAK), empty, int(np.count_nonzero(wrong)), int(np.count_nonzero(inside))]
    count = channel.send("Bob", "tests", {"count": np.array(tested)})["count"]

    assert meeting.bits is not None
    mine = (hers == KEY) & (heard["axis"] == KEY)
    kept = (announced == KEY) & (by_bob == KEY)
    place = np.flatnonzero(kept)
    zeros = np.zeros(len(sent.pulse), dtype=np.uint8)
    sifted = Sifted(
        meeting.bits[0][sent.alice[mine]].astype(bool), meeting.bits[1][sent.bob[place]].astype(bool), place, zeros,
        zeros, kept, zeros, sent.photons, zeros[mine], zeros[mine],
    )  # fmt: skip
    # Whoever is not asked for a tag may have said anything.
    return sifted, (Tested(*(max(int(n), 0) for n in count)), Tested(*tested))


def windows_sent(system: Any) -> list[float]:
    """Return how often each takes a key window, a strong and a weak decoy, vacuum."""
    tests = 1.0 - system.key_window_probability
    decoys = [tests * system.strong_probability, tests * system.weak_probability]
    return [system.key_window_probability, *decoys, tests - sum(decoys)]


def window_length(system: Any, tested: Tested, key_bits: int, disclosed_bits: float, epsilon: Epsilon) -> KeyLength:
    """Return how long a key these counts allow."""
    return sending_key_length(
        [system.signal, system.strong, system.weak],
        windows_sent(system),
        system.sending_probability,
        system.phase_slice_rad,
        [tested.strong, tested.weak, tested.empty],
        tested.wrong,
        key_bits,
        disclosed_bits,
        epsilon,
    )
