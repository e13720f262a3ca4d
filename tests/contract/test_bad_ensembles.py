"""Mistakes in an ensemble chain: each names object, parameter, range, value."""

# ruff: noqa: E501

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from mistakes import names_the_mistake

from ebit import AbsorptiveMemory, Detector, EnsembleChain, Fiber
from ebit.errors import RangeError, SpecError, WrongTypeError


def chain(**options: Any) -> EnsembleChain:
    return EnsembleChain(
        **({"fiber": Fiber(100.0), "segments": 2, "memory": AbsorptiveMemory(0.5), "detector": Detector(0.9)} | options)
    )


CASES: list[tuple[str, Callable[[], object], type[SpecError], str, str, str, str]] = [
    ("efficiency 1.2", lambda: AbsorptiveMemory(1.2), RangeError, "AbsorptiveMemory", "efficiency", "[0, 1]", "1.2"),
    ("no lifetime", lambda: AbsorptiveMemory(0.5, 0.0), RangeError, "AbsorptiveMemory", "lifetime_s", "> 0 seconds", "0.0"),
    ("lifetime NaN", lambda: AbsorptiveMemory(0.5, math.nan), RangeError, "AbsorptiveMemory", "lifetime_s", "> 0 seconds", "nan"),
    ("lifetime None", lambda: AbsorptiveMemory(0.5, None), WrongTypeError, "AbsorptiveMemory", "lifetime_s", "math.inf", "None"),  # type: ignore[arg-type]
    ("fading at will", lambda: AbsorptiveMemory(0.5, 1.0, "linear"), RangeError, "AbsorptiveMemory", "fading", "'gaussian'", "'linear'"),
    ("back in time", lambda: AbsorptiveMemory(0.5).efficiency_after(-1.0), RangeError, "AbsorptiveMemory.efficiency_after", "time_s", ">= 0", "-1.0"),
    ("a number for a fibre", lambda: chain(fiber=100.0), WrongTypeError, "EnsembleChain", "fiber", "a Fiber", "100.0"),
    ("a qubit memory", lambda: chain(memory=1.0), WrongTypeError, "EnsembleChain", "memory", "an AbsorptiveMemory", "1.0"),
    ("no segments", lambda: chain(segments=0), RangeError, "EnsembleChain", "segments", "[1, 1024]", "0"),
    ("a million segments", lambda: chain(segments=10**6), RangeError, "EnsembleChain", "segments", "[1, 1024]", "1000000"),
    ("half a mode", lambda: chain(modes=0.5), WrongTypeError, "EnsembleChain", "modes", "an integer", "0.5"),
    ("visibility 2", lambda: chain(visibility=2.0), RangeError, "EnsembleChain", "visibility", "[0, 1]", "2.0"),
    ("negative time", lambda: chain(local_time_s=-1.0), RangeError, "EnsembleChain", "local_time_s", ">= 0", "-1.0"),
    ("too many pairs", lambda: chain(pair_probabilities=(0.1,) * 5), RangeError, "EnsembleChain", "pair_probabilities", "at most 4 pairs", "5 of them"),
    ("pairs beyond one", lambda: chain(pair_probabilities=(0.9, 0.2)), RangeError, "EnsembleChain", "pair_probabilities", "at most 1", "(0.9, 0.2)"),
    ("no pairs", lambda: chain(pair_probabilities=0.0), RangeError, "EnsembleChain", "pair_probabilities", "at most 1", "0.0"),
    ("pairs a word", lambda: chain(pair_probabilities="0.9"), WrongTypeError, "EnsembleChain", "pair_probabilities[0]", "[0, 1]", "'0.9'"),
    ("a blind detector", lambda: chain(detector=Detector(0.0)).exact(), RangeError, "EnsembleChain", "fiber", "lets a round succeed", "none ever does"),
    ("a dead memory", lambda: chain(memory=AbsorptiveMemory(0.0)).exact(), RangeError, "EnsembleChain", "detector", "lets a round succeed", "none ever does"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_a_mistake_is_named(case: Any) -> None:
    names_the_mistake(*case[1:])
