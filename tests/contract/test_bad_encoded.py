"""Mistakes in an encoded chain: each names object, parameter, range, value."""

# ruff: noqa: E501

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from mistakes import names_the_mistake

from ebit import EncodedChain, Fiber, ParityCode
from ebit.errors import RangeError, SpecError, WrongTypeError

CODE, FIBER = ParityCode(3, 2), Fiber(100.0)


def chain(**options: Any) -> EncodedChain:
    return EncodedChain(**({"code": CODE, "fiber": FIBER, "stations": 50} | options))


CASES: list[tuple[str, Callable[[], object], type[SpecError], str, str, str, str]] = [
    ("no blocks", lambda: ParityCode(0, 2), RangeError, "ParityCode", "blocks", "[1, 1000]", "0"),
    ("half a qubit", lambda: ParityCode(2, 1.5), WrongTypeError, "ParityCode", "qubits", "[1, 1000]", "1.5"),  # type: ignore[arg-type]
    ("true blocks", lambda: ParityCode(True, 2), WrongTypeError, "ParityCode", "blocks", "an integer", "True"),
    ("a million blocks", lambda: ParityCode(10**6, 2), RangeError, "ParityCode", "blocks", "[1, 1000]", "1000000"),
    ("transmission 1.1", lambda: CODE.outcomes(1.1), RangeError, "ParityCode.outcomes", "transmission", "[0, 1]", "1.1"),
    ("transmission a word", lambda: CODE.success_probability("x"), WrongTypeError, "ParityCode.success_probability", "transmission", "[0, 1]", "'x'"),  # type: ignore[arg-type]
    ("error 0.6", lambda: CODE.outcomes(0.9, 0.6), RangeError, "ParityCode.outcomes", "error", "[0, 0.5]", "0.6"),
    ("error_z NaN", lambda: CODE.outcomes(0.9, 0.1, math.nan), RangeError, "ParityCode.outcomes", "error_z", "[0, 0.5]", "nan"),
    ("a tuple for a code", lambda: chain(code=(3, 2)), WrongTypeError, "EncodedChain", "code", "a ParityCode", "(3, 2)"),
    ("a number for a fibre", lambda: chain(fiber=100.0), WrongTypeError, "EncodedChain", "fiber", "a Fiber", "100.0"),
    ("no fibre", lambda: chain(fiber=Fiber(0.0)), RangeError, "EncodedChain", "fiber.length_km", "> 0", "0.0"),
    ("no stations", lambda: chain(stations=0), RangeError, "EncodedChain", "stations", "[1, ", "0"),
    ("error 1", lambda: chain(error=1.0), RangeError, "EncodedChain", "error", "[0, 0.5]", "1.0"),
    ("coupling 2", lambda: chain(coupling_efficiency=2.0), RangeError, "EncodedChain", "coupling_efficiency", "[0, 1]", "2.0"),
    ("no time", lambda: chain(correction_time_s=0.0), RangeError, "EncodedChain", "correction_time_s", "> 0 seconds", "0.0"),
    ("no code is enough", lambda: chain(error=0.4).optimize(4, 4), RangeError, "EncodedChain.optimize", "blocks", "enough for a key", "4 x 4"),
    ("blocks of none", lambda: chain().optimize(0, 4), RangeError, "EncodedChain.optimize", "blocks", "[1, 1000]", "0"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_a_mistake_is_named(case: Any) -> None:
    names_the_mistake(*case[1:])
