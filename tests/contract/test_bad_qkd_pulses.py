"""What a program does to light is judged where it is said: pulses, trains, boxes, modes, announcements."""

# Tables read best with a mistake per line.
# ruff: noqa: E501

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from mistakes import names_the_mistake

from ebit import qkd
from ebit.errors import RangeError, SpecError, WrongTypeError

N = 5
RNG = np.random.default_rng(61)


def pulses(photons: int = 3) -> qkd.Pulses:
    bloch = np.tile([0.0, 0.0, 1.0], (N, 1))
    return qkd.Pulses(bloch, np.full(N, photons, dtype=np.uint16), 0.1, 100)


def train() -> qkd.Train:
    return qkd.Train(np.ones(N, dtype=complex), 0.1, "phases", 1.0, 0.5)


def modes() -> qkd.Modes:
    return qkd.Modes(np.zeros((N, 2)), 0.5, 0.01)


def noted() -> qkd.Pulses:
    out = pulses()
    out.note(1, np.arange(N) == 2)
    return out


def holding() -> qkd.Pulses:
    out = pulses()
    out.keep(1, np.arange(N) == 2)
    return out


CASES: list[tuple[str, Callable[[], object], type[SpecError], str, str, str, str]] = [
    ("keeping less than nothing", lambda: pulses().keep(-1), RangeError, "Pulses.keep", "count", "[0, 65535]", "-1"),
    ("keeping a word", lambda: pulses().keep("a"), WrongTypeError, "Pulses.keep", "count", "[0, 65535]", "'a'"),
    ("counts of three", lambda: pulses().keep([1, 1, 1]), WrongTypeError, "Pulses.keep", "count", "(5,)", "(3,)"),
    ("sending less than nothing", lambda: pulses().send(-1, "Z", 0), RangeError, "Pulses.send", "count", "[0, 65535]", "-1"),
    ("sending more than is counted", lambda: pulses().send(70_000, "Z", 0), RangeError, "Pulses.send", "count", "[0, 65535]", "70000"),
    ("sending most of two", lambda: pulses().send(1.9, "Z", 0), WrongTypeError, "Pulses.send", "count", "[0, 65535]", "1.9"),
    ("sending NaN", lambda: pulses().send(math.nan, "Z", 0), WrongTypeError, "Pulses.send", "count", "[0, 65535]", "nan"),
    ("a bit of 2", lambda: pulses().send(1, "Z", 2), RangeError, "Pulses.send", "bits", "[0, 1]", "2"),
    ("half a bit", lambda: pulses().send(1, "Z", 0.5), WrongTypeError, "Pulses.send", "bits", "[0, 1]", "0.5"),
    ("an axis of length 2", lambda: pulses().send(1, (2, 0, 0), 0), RangeError, "Pulses.send", "axis", "length 1", "length 2"),
    ("no axis", lambda: pulses().send(1, (0, 0, 0), 0), RangeError, "Pulses.send", "axis", "length 1", "length 0"),
    ("an axis NaN", lambda: pulses().send(1, (math.nan, 0, 0), 0), RangeError, "Pulses.send", "axis", "Bloch vector", "nan"),
    ("another axis", lambda: pulses().bright("W", 0), RangeError, "Pulses.bright", "axis", "X, Y, Z, breidbart", "'W'"),
    ("a ragged axis", lambda: pulses().send(1, [[1.0], [1.0, 0.0]], 0), WrongTypeError, "Pulses.send", "axis", "Bloch vector", "[[1.0], [1.0, 0.0]]"),
    ("measuring along length 5", lambda: pulses().measure((0, 0, 5.0), RNG), RangeError, "Pulses.measure", "axis", "length 1", "length 5"),
    ("measuring without chance", lambda: pulses().measure("Z", 1), WrongTypeError, "Pulses.measure", "rng", "Generator", "1"),
    ("a mask of three", lambda: pulses().block(np.ones(3, dtype=bool)), WrongTypeError, "Pulses.block", "where", "(5,)", "(3,)"),
    ("places for a mask", lambda: pulses().block(np.arange(N)), WrongTypeError, "Pulses.block", "where", "a bool array", "int64"),
    ("a word for a mask", lambda: pulses().blind("all"), WrongTypeError, "Pulses.blind", "where", "a bool array", "<U3"),
    ("a gain", lambda: pulses().channel(1.5), RangeError, "Pulses.channel", "transmittance", "[0, 1]", "1.5"),
    ("a channel NaN", lambda: pulses().channel(math.nan), RangeError, "Pulses.channel", "transmittance", "[0, 1]", "nan"),
    ("one factor", lambda: pulses().shift(0.5), WrongTypeError, "Pulses.shift", "efficiency_factors", "(2,)", "()"),
    ("a factor of 2", lambda: pulses().shift((2.0, 1.0)), RangeError, "Pulses.shift", "efficiency_factors", "[0, 1]", "2.0"),
    ("half a note", lambda: pulses().note(1.5), WrongTypeError, "Pulses.note", "values", "[0, 127]", "1.5"),
    ("a note NaN", lambda: pulses().note(math.nan), WrongTypeError, "Pulses.note", "values", "[0, 127]", "nan"),
    ("a long note", lambda: pulses().note(128), RangeError, "Pulses.note", "values", "[0, 127]", "128"),
    ("a note on kept photons", lambda: holding().note(1), RangeError, "Pulses.note", "where", "no photon is kept", "pulse 102"),
    ("keeping beside a note", lambda: noted().keep(1), RangeError, "Pulses.keep", "where", "without a note", "pulse 102"),
    ("a turn NaN", lambda: train().turn(math.nan), RangeError, "Train.turn", "phase_rad", "finite", "nan"),
    ("turns of two", lambda: train().turn([0.0, 1.0]), WrongTypeError, "Train.turn", "phase_rad", "(5,)", "(2,)"),
    ("endless light", lambda: train().send(math.inf), RangeError, "Train.send", "amplitudes", "finite", "inf"),
    ("light in words", lambda: train().send("much"), WrongTypeError, "Train.send", "amplitudes", "finite", "'much'"),
    ("half a note of a train", lambda: train().note(1.5), WrongTypeError, "Train.note", "values", "[0, 127]", "1.5"),
    ("counting without chance", lambda: train().count(7), WrongTypeError, "Train.count", "rng", "Generator", "7"),
    ("half a note of boxes", lambda: qkd.Boxes(N).note(0.5), WrongTypeError, "Boxes.note", "values", "[0, 127]", "0.5"),
    ("half an answer", lambda: qkd.Boxes(N).answer([0.5, 0, 0], [0, 0]), WrongTypeError, "Boxes.answer", "alice", "0, 1, or 2", "[0.5, 0, 0]"),
    ("modes NaN", lambda: modes().send(np.full((N, 2), math.nan), RNG), RangeError, "Modes.send", "mean", "finite", "nan"),
    ("a beam splitter of 2", lambda: modes().mix(2.0, np.zeros((N, 2))), RangeError, "Modes.mix", "transmittance", "[0, 1]", "2.0"),
    ("a channel in words", lambda: modes().channel("open"), WrongTypeError, "Modes.channel", "transmittance", "[0, 1]", "'open'"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_a_mistake_is_named(case: Any) -> None:
    names_the_mistake(*case[1:])


def test_what_is_kept_adds_up() -> None:
    """Photons kept twice are as many kept at once; beyond 127 they are all the same, and there are no more than came."""
    once, twice, all_ = pulses(), pulses(), pulses(300)
    once.keep(2)
    twice.keep(1)
    twice.keep(1)
    twice.note(0)
    assert once._note.tolist() == twice._note.tolist() == [130] * N
    assert twice.count.tolist() == [1] * N
    twice.keep(5)
    assert (twice._note.tolist(), twice.count.tolist()) == ([131] * N, [0] * N)
    all_.keep(65_535)
    assert (all_._note.tolist(), all_.count.tolist()) == ([255] * N, [0] * N)


def test_a_refused_call_changes_nothing() -> None:
    before = pulses()
    for call in (lambda p: p.send(2, "Z", 3), lambda p: p.keep(-1), lambda p: p.bright("Q", 0)):
        touched = pulses()
        with pytest.raises(SpecError):
            call(touched)
        for mine, untouched in zip(touched._columns(), before._columns(), strict=True):
            assert np.array_equal(mine, untouched)
