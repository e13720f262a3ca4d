"""Mistakes in a chain of processors: each names object, parameter, range, value."""

# ruff: noqa: E501

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from mistakes import names_the_mistake

import ebit
from ebit import HeraldedLink, Memory, ProcessorChain
from ebit.errors import RangeError, SpecError, TooLargeError, WrongTypeError

LINK = HeraldedLink(0.1, 1e-3)


def chain(**options: Any) -> ProcessorChain:
    return ProcessorChain(
        **({"links": [LINK] * 2, "communication": Memory(t2_s=1.0), "storage": Memory(t2_s=1.0)} | options)
    )


CASES: list[tuple[str, Callable[[], object], type[SpecError], str, str, str, str]] = [
    ("no links", lambda: chain(links=[]), RangeError, "ProcessorChain", "links", "at least one", "none"),
    ("one link, no list", lambda: chain(links=LINK), WrongTypeError, "ProcessorChain", "links", "a list of link models", "HeraldedLink"),
    ("a number for a link", lambda: chain(links=[0.1]), WrongTypeError, "ProcessorChain", "links[0]", "a link model", "0.1"),
    ("no memory", lambda: chain(storage=None), WrongTypeError, "ProcessorChain", "storage", "a Memory", "None"),
    ("relaxing", lambda: chain(communication=Memory(t1_s=10.0)), RangeError, "ProcessorChain", "communication.t1_s", "None", "10"),
    ("relaxing storage", lambda: chain(storage=Memory(t1_s=10.0, t2_s=1.0)), RangeError, "ProcessorChain", "storage.t1_s", "None", "10"),
    ("dephasing 0.6", lambda: chain(attempt_dephasing=0.6), RangeError, "ProcessorChain", "attempt_dephasing", "[0, 0.5]", "0.6"),
    ("dephasing NaN", lambda: chain(attempt_dephasing=math.nan), RangeError, "ProcessorChain", "attempt_dephasing", "[0, 0.5]", "nan"),
    ("weights beyond one", lambda: chain(store=[1.0, 0.1, 0.0, 0.0]), RangeError, "ProcessorChain", "store", "sum to 1", "1.1"),
    ("a negative weight", lambda: chain(swap=[1.1, -0.1, 0.0, 0.0]), RangeError, "ProcessorChain", "swap[0]", "[0, 1]", "1.1"),
    ("backwards", lambda: chain(swap_time_s=-1.0), RangeError, "ProcessorChain", "swap_time_s", ">= 0", "-1"),
    ("never", lambda: chain(links=[LINK, HeraldedLink(0.0, 1e-3)]).sample(10), SpecError, "ProcessorChain", "links[1].success_probability", "> 0", "0"),
    ("beyond clocks", lambda: chain(links=[HeraldedLink(1e-300, 1e-3)]).sample(10), TooLargeError, "ProcessorChain", "links[0].success_probability", ">= 1", "1e-300"),
    ("no time", lambda: chain(links=[HeraldedLink(0.1, 1e-15)] * 2).sample(10), RangeError, "ProcessorChain", "links[0].attempt_time_s", ">= 1e-12 s", "1e-15"),
    ("two rounds", lambda: chain(links=[ebit.DoubleClick(ebit.Fiber(10.0), ebit.Detector(0.9), negotiation="two-round")]).sample(10), RangeError, "ProcessorChain", "links[0].negotiation", "one duration", "two-round"),
    ("no pairs", lambda: chain().sample(0), RangeError, "ProcessorChain.sample", "pairs", ">= 1", "0"),
    ("more than fits", lambda: chain().sample(10**12), TooLargeError, "ProcessorChain.sample", "pairs", "<= ", "1000000000000"),
    ("no threads", lambda: chain().sample(10, threads=0), RangeError, "ProcessorChain.sample", "threads", "[1, ", "0"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_a_mistake_is_named(case: Any) -> None:
    names_the_mistake(*case[1:])


def test_a_chain_survives_pickle_and_lists() -> None:
    import pickle

    asked = chain(store=[0.9, 0.1, 0.0, 0.0], attempt_dephasing=0.01)
    assert pickle.loads(pickle.dumps(asked)) == asked
    assert isinstance(asked.store, ebit.BellDiagonal)
    assert any("noiseless (swap perfect)" in words for words in asked.sample(10, rng=1).assumptions)
