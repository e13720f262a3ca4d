"""Rounds of device-independent QKD: questions, answers, and the Bell value that the secrecy rests on.

```
    Alice asks   0: along Z, for the key   1, 2: along Z + X and Z - X
    Bob asks     0: along Z                1: along X
    key: (0, 0)        S = E(1,0) + E(1,1) + E(2,0) - E(2,1)
```

(Acin et al. 2007, doi:10.1103/PhysRevLett.98.230501.) Every round counts: a box that says nothing has said 0. S bounds
what is known of answers to questions of the test: of Bob's to 0, which are the key, and Alice corrects hers. For a
finite key both are asked for the key or both for the test (``games``).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ebit._rng import user_stream
from ebit.bounds import binary_entropy
from ebit.errors import RangeError, TooLargeError, complain
from ebit.estimates import Estimate
from ebit.qkd.boxes import QUESTIONS, SILENT, TERMS, Boxes
from ebit.qkd.conversation import ClassicalChannel
from ebit.qkd.games import expected_games
from ebit.qkd.honest import Honest
from ebit.qkd.judgement import ALARM_SIGMA, Alarm, surprise
from ebit.qkd.lines import Line
from ebit.qkd.meeting_lines import meeting_line
from ebit.qkd.meetings import Meeting, chsh_of
from ebit.qkd.train_run import candidates
from ebit.qkd.transmission import Transmission

__all__ = ["TERMS", "boxes_of", "expected_boxes", "honest_chsh", "transmit_boxes", "unknown_to_eve", "watch_boxes"]

Bytes = NDArray[np.uint8]

#: Directions of the questions as angles on the sphere, from Z towards X.
ANGLES = ((0.0, math.pi / 4, -math.pi / 4), (0.0, math.pi / 2))
#: How often each question is asked: most rounds make key, and enough make S.
SHARES = ((0.8, 0.1, 0.1), (0.8, 0.2))
#: Rounds with a herald drawn at a time, and the most periods that these may take.
BATCH, LONGEST_FRAME = 1 << 17, 1 << 50
#: The most rounds: some 40 bytes of each are kept.
MOST_ROUNDS = 1 << 26
#: Streams of the rounds, and of whoever made the boxes.
OWN, HERS = 11, 12


def boxes_of(system: Any, dead_pulses: int) -> tuple[Line, Meeting] | None:
    """Return the line of device-independent QKD and what its questions mean; None for any other protocol."""
    if type(system).__name__ != "DeviceIndependent":
        return None
    if dead_pulses > 0:
        words, hint = "0 for boxes", "every round is waited for"
        raise complain(RangeError, "DeviceIndependent.run", "dead_time_s", words, f"{dead_pulses} rounds", hint)
    rate = system.key_rate()
    document = {
        "visibility": float(system.visibility),
        "heralds": float(rate.parts["heralds"]),
        "clicks": [float(rate.parts["clicks_a"]), float(rate.parts["clicks_b"])],
        "dead_pulses": 0,
    }
    notes = (
        "four questions of five, on either side, are the key's",
        "the length of the key rests on the lower end of the measured S",
    )
    heading = np.full(QUESTIONS, -1)
    heading[0, 0] = 0
    own = (np.arange(QUESTIONS[0]), np.arange(QUESTIONS[1]))
    meeting = Meeting(own, heading, ("key",), None, np.zeros((1, 16), np.int64))
    return meeting_line("BoxLine", system, document, notes, threshold=0.071492), meeting


def transmit_boxes(
    line: Line,
    pulses: int,
    act: Callable[..., Any] | None,
    root: int,
    report: Callable[[float], object] | None,
    per_pulse: bool = False,
) -> Transmission:
    """Ask the boxes in every round that is heralded; ``act`` is the maker's method that may program them."""
    share = line.document["heralds"]
    if pulses * share > MOST_ROUNDS:
        words = f"few enough for {MOST_ROUNDS} rounds"
        raise complain(TooLargeError, "run", "pulses", words, str(pulses), "send fewer at a time, with other seeds")
    frame = max(min(int(BATCH / max(share, 1e-300)), LONGEST_FRAME), 1)
    kinds = (np.uint64, np.uint8, np.uint8, np.uint8, np.uint8)
    parts: list[tuple[NDArray[Any], ...]] = [tuple(np.zeros(0, kind) for kind in kinds)]
    for number, start in enumerate(range(0, pulses, frame) if share > 0.0 else ()):
        rng = user_stream(root, OWN, number)
        place = start + (_heralded if per_pulse else candidates)(rng, share, min(frame, pulses - start))
        boxes = Boxes(len(place))
        if act is not None:
            act(boxes, user_stream(root, HERS, number))
        parts.append((place.astype(np.uint64), *_ask(line, boxes, rng), boxes._note))
        if report is not None:
            report(min(start + frame, pulses) / pulses)
    pulse, alice, bob, pattern, note = (np.concatenate([p[k] for p in parts]) for k in range(len(kinds)))
    nothing = np.zeros(len(pulse), dtype=np.uint8)
    detections = np.array([np.count_nonzero(pattern >> d & 1) for d in range(4)], dtype=np.uint64)
    return Transmission(pulses, pulse, alice, bob, nothing, nothing, note, pattern, nothing, nothing, detections)


def _heralded(rng: np.random.Generator, share: float, length: int) -> NDArray[np.int64]:
    """Return the periods below ``length`` with a herald, one Bernoulli event each."""
    starts = range(0, length, BATCH)
    return np.concatenate([each + np.flatnonzero(rng.random(min(BATCH, length - each)) < share) for each in starts])


def _ask(line: Line, boxes: Boxes, rng: np.random.Generator) -> tuple[Bytes, Bytes, Bytes]:
    """Ask both boxes something in each round; return the questions, and the lamps that went on."""
    n, d = len(boxes), line.document
    asked = [np.searchsorted(np.cumsum(s)[:-1], rng.random(n), side="right") for s in SHARES]
    if line.finite:
        # Games for both or key for both: no question is wasted.
        test = rng.random(n) < d["test_probability"]
        asked = [np.where(test, rng.integers(first, first + 2, n), 0) for first in (1, 0)]
    angle = np.asarray(ANGLES[0])[asked[0]] - np.asarray(ANGLES[1])[asked[1]]
    first = rng.integers(0, 2, n)
    second = first ^ (rng.random(n) < (1.0 - d["visibility"] * np.cos(angle)) / 2.0)
    pattern = np.zeros(n, dtype=np.uint8)
    for side, measured in enumerate((first, second)):
        silent = rng.random(n) >= d["clicks"][side]
        ready = boxes._answers[side][np.arange(n), asked[side]]
        said = np.where(boxes._programmed, ready, np.where(silent, SILENT, measured))
        pattern |= np.where(said == SILENT, 0, 1 << (2 * side) << said).astype(np.uint8)
    return asked[0].astype(np.uint8), asked[1].astype(np.uint8), pattern


def expected_boxes(line: Line) -> Honest:
    """Return what boxes give that measure their halves of the pairs."""
    d = line.document
    share, (a, b) = d["heralds"], d["clicks"]
    bits = share * SHARES[0][0] * SHARES[1][0]
    wrong = a * b * (1.0 - d["visibility"]) / 2.0 + (a * (1.0 - b) + b * (1.0 - a)) / 2.0
    detectors = share * np.array([a / 2, a / 2, b / 2, b / 2])
    one = np.ones(1)
    frame = max(min(int(BATCH / max(share, 1e-300)), LONGEST_FRAME), 1)
    honest = Honest(
        np.array([share]), one, np.zeros((1, 256)), detectors, np.array([[bits]]), np.array([[bits * wrong]]), frame
    )
    return expected_games(line, honest, honest_chsh(line)) if line.finite else honest


def watch_boxes(line: Line, sent: Transmission, channel: ClassicalChannel) -> tuple[Estimate, list[Alarm]]:
    """Let Bob tell what his box said in the rounds of the test, and Alice reckon S; an alarm where it is too low."""
    place = np.flatnonzero(sent.alice > 0)
    content: dict[str, NDArray[Any]] = {
        "pulse": sent.pulse[place],
        "axis": sent.bob[place],
        "outcome": sent.outcome(1)[place],
    }
    heard = channel.send("Bob", "test", content)
    if not np.array_equal(heard["pulse"], sent.pulse[place]):
        words, hint = "rounds of the test", "change axes or outcomes, not rounds"
        raise complain(RangeError, "test", "pulse", words, "others", hint)
    s, error = chsh_of((sent.alice[place], heard["axis"]), (sent.outcome(0)[place], heard["outcome"]), TERMS)
    wanted = honest_chsh(line)
    apart = _missing(line, [int(((sent.alice[place] == a) & (heard["axis"] == b)).sum()) for a, b, _ in TERMS], s)
    alarms = [Alarm("chsh", s, wanted, apart)] if apart > ALARM_SIGMA else []
    return Estimate(s, error, s - 1.96 * error, s + 1.96 * error), alarms


def _missing(line: Line, asked: list[int], s: float) -> float:
    """Return how surprising it is that S is as low as it is, from how often each pair of questions was asked.

    A round weighs 2/n of the n with its questions. What weighs most is a count, as Bennett's inequality has it.
    """
    if not all(asked):
        return 0.0
    (a, b), v = line.document["clicks"], line.document["visibility"]
    means = [math.sqrt(0.5) * v * a * b + sign * (1.0 - a) * (1.0 - b) for _, _, sign in TERMS]
    variance, most = sum((1.0 - mean**2) / n for mean, n in zip(means, asked, strict=True)), 2.0 / min(asked)
    # One count of slack, as elsewhere.
    return surprise((sum(means) - s) / most - 1.0, max(variance / most**2, 1.0))


def honest_chsh(line: Line) -> float:
    """Return S of boxes that measure: 2 sqrt2 v a b, and 2 where both say nothing."""
    (a, b), v = line.document["clicks"], line.document["visibility"]
    return float(2.0 * math.sqrt(2.0) * v * a * b + 2.0 * (1.0 - a) * (1.0 - b))


def unknown_to_eve(s: float) -> float:
    """Return how much of a bit nobody else can know at a Bell value: 1 - h((1 + sqrt(S^2/4 - 1))/2), from S > 2 on.

    >>> unknown_to_eve(2.0), round(unknown_to_eve(2 * 2**0.5), 12)
    (0.0, 1.0)
    """
    excess = min(s * s / 4.0 - 1.0, 1.0)
    return 1.0 - binary_entropy((1.0 + math.sqrt(excess)) / 2.0) if s > 2.0 else 0.0
