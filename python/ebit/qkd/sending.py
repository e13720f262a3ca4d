"""Two parties who send a pulse or nothing to a relay that looks for one click: sending or not, and mode pairing.

Phases are random, so that a round is four probabilities: of exactly one click, by what the two sent. Sending or not
makes a bit of every click (Wang, Yu and Hu 2018, doi:10.1103/PhysRevA.98.062323): Alice's is whether she sent, Bob's
whether he did not. Mode pairing makes a bit of two clicks (Zeng, Zhou, Wu and Ma 2022, doi:10.1038/s41467-022-31534-7):

```
    round      3     8          21       24   25             interval l = 10
    click      x     x          x        x    x
               +-----+          +--------+    .              pairs; 25 waits for the next within l, or is dropped
    Alice      1     0          0        1                   a bit where she sent in exactly one of the two: which
    Bob        0     1          1        1                   the same, turned round; here he sent in both: no bit
```

What phases tell, in test pulses and in pairs of which both were sent, is taken to be as the key-rate model has it; for
a finite key sending or not sends the windows that test (``windows``).
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ebit import _core
from ebit.bounds import binary_entropy
from ebit.qkd.conversation import ClassicalChannel, Sifted
from ebit.qkd.honest import Honest
from ebit.qkd.lines import Line
from ebit.qkd.meetings import Meeting, expected, meeting_line, relay_document
from ebit.qkd.transmission import Transmission
from ebit.qkd.windows import windows_of

__all__ = ["Pairing", "expected_pairs", "pairs_of", "sending_of", "sift_pairs"]

Ints = NDArray[np.int64]
#: What both models leave to test pulses.
NOTE = "test pulses are a vanishing share: yields and phase errors are those of the key-rate model"


@dataclasses.dataclass(frozen=True, eq=False)
class Pairing(Meeting):
    """A meeting whose bits are made of two clicks, at most ``interval`` rounds apart."""

    interval: int = 1


def sending_of(system: Any, dead_pulses: int, finite: bool = False) -> tuple[Line, Meeting] | None:
    """Return the line of a protocol of this family and what its symbols mean; None for any other protocol.

    ``finite``: with windows that test, which sending or not alone has.
    """
    name = type(system).__name__
    if name not in ("SendingOrNotSending", "ModePairing"):
        return None
    if finite:
        sendings, windows = windows_of(system)
        document = relay_document(system, "Single", sendings, dead_pulses)
        return dataclasses.replace(meeting_line("RelayLine", system, document, (), 0.5), finite=True), windows
    often = float(getattr(system, "sending_probability", 0.5))
    sendings = [
        {"mean": 0.0, "light": 0, "probability": 1.0 - often},
        {"mean": float(system.signal), "light": 0, "probability": often},
    ]
    # Random phases do not feel the misalignment.
    document = relay_document(system, "Single", sendings, dead_pulses)
    line = meeting_line("RelayLine", system, document, (NOTE,), _threshold(system))
    zero, sent = np.zeros(2, np.int64), np.arange(2)
    fields = ((zero, zero), np.zeros((1, 1), np.int64), ("Z",), (sent, 1 - sent), np.zeros((1, 16), np.int64))
    if name == "ModePairing":
        return line, Pairing(*fields, interval=int(system.pairing_interval))
    return line, Meeting(*fields)


def _threshold(system: Any) -> float:
    """Return the error rate at which error correction, if ideal, takes all that is secret; 1/2 where nothing is."""
    rate = system.key_rate()
    parts = rate.parts
    if "phase_error" not in parts:
        return 0.5
    if "single_photon_share" in parts:
        single = parts["single_photon_share"]
    else:
        send, mu = float(system.sending_probability), float(system.signal)
        single = 2.0 * send * (1.0 - send) * mu * math.exp(-mu) * parts["single_photon_yield"] / parts["gain"]
    secret = single * (1.0 - binary_entropy(parts["phase_error"]))
    if secret <= 0.0:
        return 0.5
    low, high = 0.0, 0.5
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if binary_entropy(middle) < secret else (low, middle)
    return high


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


def sift_pairs(meeting: Pairing, sent: Transmission, channel: ClassicalChannel) -> Sifted:
    """Let both pair the clicks, say in which pairs they sent exactly once, and keep those in which both did."""
    first, second = pairs_of(sent.pulse, meeting.interval)
    once = [symbol[first] != symbol[second] for symbol in (sent.alice, sent.bob)]
    heard = channel.send("Bob", "detections", {"pulse": sent.pulse[second], "axis": once[1].astype(np.uint8)})
    told = channel.send("Alice", "preparations", {"announced": once[0].astype(np.uint8)})
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

    Clicks come with probability p; pairs per round are 1/(1/(p [1 - (1-p)^l]) + 1/p). With Q_ab the share of the clicks
    in which Alice sent a and Bob b, 2 Q_00 Q_11 of the pairs are wrong bits and 2 Q_01 Q_10 right ones.
    """
    honest = expected(line, meeting)
    law = _core.qkd_law(line.kind, line.json)
    clicks = law["probability"] * law["patterns"][:, law["recorded"]].sum(axis=1)
    share = np.bincount(2 * law["alice"].astype(np.int64) + law["bob"], clicks, 4)
    p = float(share.sum())
    if p <= 0.0:
        return honest
    q = share / p
    within = -math.expm1(meeting.interval * math.log1p(-min(p, 1.0 - 1e-16)))
    pairs = 1.0 / (1.0 / (p * within) + 1.0 / p)
    wrong, right = 2.0 * q[0] * q[3], 2.0 * q[1] * q[2]
    bits, errors = np.array([[pairs * (wrong + right)]]), np.array([[pairs * wrong]])
    return dataclasses.replace(honest, bits=bits, errors=errors)
