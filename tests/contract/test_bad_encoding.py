"""Mistakes in codes, encodings and chains with them: each names object, parameter, range, value."""

# ruff: noqa: E501

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from mistakes import names_the_mistake

import ebit
from ebit import CSSCode, Encoding, codes
from ebit.errors import RangeError, SpecError, TooLargeError, WrongTypeError

STEANE = codes.steane()
LINK = ebit.HeraldedLink(success_probability=0.1, attempt_time_s=1e-3)
GOLAY = ebit.RepeaterChain([LINK] * 2, ebit.Memory(23), encoding=Encoding(codes.golay()))


def chain(memory: Any = None, **options: Any) -> ebit.RepeaterChain:
    encoding = Encoding(STEANE)
    return ebit.RepeaterChain([LINK] * 4, memory or ebit.Memory(slots=7), **({"encoding": encoding} | options))


def request(**options: Any) -> ebit.Request:
    return ebit.Request("n0", "n2", **({"pairs": 1, "restart": True, "encoding": Encoding(STEANE)} | options))


def events(odd: ebit.Node) -> object:
    """Run encoded pairs over three nodes, one of which is this."""
    nodes = [odd if odd.name == f"n{k}" else ebit.Node(f"n{k}", ebit.Memory(7)) for k in range(3)]
    return ebit.simulate(ebit.Network(nodes, [ebit.Link(f"n{k}", f"n{k + 1}", LINK) for k in range(2)]), [request()])


CASES: list[tuple[str, Callable[[], object], type[SpecError], str, str, str, str]] = [
    ("no qubits", lambda: CSSCode(0), RangeError, "CSSCode", "size", "[1, 25]", "0"),
    ("too many qubits", lambda: CSSCode(26), RangeError, "CSSCode", "size", "[1, 25]", "26"),
    ("half a qubit", lambda: CSSCode(2.5), WrongTypeError, "CSSCode", "size", "an integer", "2.5"),  # type: ignore[arg-type]
    ("two logical qubits", lambda: CSSCode(3, z_checks=[(0, 1)]), RangeError, "CSSCode", "x_checks", "2 independent ones", "1"),
    ("no logical qubit", lambda: CSSCode(2, [(0, 1)], [(0, 1)]), RangeError, "CSSCode", "x_checks", "1 independent ones", "2"),
    ("checks that do not commute", lambda: CSSCode(3, [(0, 1)], [(1, 2)]), RangeError, "CSSCode", "x_checks[0]", "commuting with z_checks[0]", "odd"),
    ("a qubit beyond", lambda: CSSCode(3, z_checks=[(0, 1), (1, 3)]), RangeError, "CSSCode", "z_checks[1]", "[0, 2]", "3"),
    ("a negative qubit", lambda: CSSCode(3, z_checks=[(0, -1), (1, 2)]), RangeError, "CSSCode", "z_checks[0]", "[0, 2]", "-1"),
    ("a qubit twice", lambda: CSSCode(3, z_checks=[(1, 1), (1, 2)]), RangeError, "CSSCode", "z_checks[0]", "different", "1 twice"),
    ("an empty check", lambda: CSSCode(3, z_checks=[(), (1, 2)]), RangeError, "CSSCode", "z_checks[0]", "at least one", "none"),
    ("a qubit of huge number", lambda: CSSCode(3, z_checks=[(0, 10**30), (1, 2)]), SpecError, "CSSCode", "z_checks[0][1]", "an integer", "1e+30"),
    ("checks a word", lambda: CSSCode(3, z_checks="01"), WrongTypeError, "CSSCode", "z_checks", "a list of checks", "'01'"),  # type: ignore[arg-type]
    ("a check a number", lambda: CSSCode(3, z_checks=[1, 2]), WrongTypeError, "CSSCode", "z_checks", "a list of checks", "1"),  # type: ignore[list-item]
    ("a qubit a word", lambda: CSSCode(3, z_checks=[("a", 1)]), WrongTypeError, "CSSCode", "z_checks", "an integer", "'a'"),  # type: ignore[list-item]
    ("a long repetition", lambda: codes.repetition(18), RangeError, "codes.repetition", "size", "[1, 17]", "18"),
    ("repetition of Y", lambda: codes.repetition(3, corrects="Y"), RangeError, "codes.repetition", "corrects", "'X' or 'Z'", "'Y'"),  # type: ignore[arg-type]
    ("failures of Y", lambda: STEANE.failures("Y"), RangeError, "CSSCode.failures", "pauli", "'X' or 'Z'", "'Y'"),  # type: ignore[arg-type]
    ("an error of 2", lambda: STEANE.logical_error_rate(2.0), RangeError, "CSSCode.logical_error_rate", "error", "[0, 1]", "2.0"),
    ("an error of NaN", lambda: STEANE.logical_error_rate(math.nan), RangeError, "CSSCode.logical_error_rate", "error", "[0, 1]", "nan"),
    ("code by name", lambda: Encoding("steane"), WrongTypeError, "Encoding", "code", "a CSSCode", "'steane'"),  # type: ignore[arg-type]
    ("gate error 2", lambda: Encoding(STEANE, gate_error=2.0), RangeError, "Encoding", "gate_error", "[0, 1]", "2"),
    ("gate error NaN", lambda: Encoding(STEANE, gate_error=math.nan), RangeError, "Encoding", "gate_error", "[0, 1]", "nan"),
    ("measurement error 0.6", lambda: Encoding(STEANE, measurement_error=0.6), RangeError, "Encoding", "measurement_error", "[0, 0.5]", "0.6"),
    ("preparation error -1", lambda: Encoding(STEANE, preparation_error=-1.0), RangeError, "Encoding", "preparation_error", "[0, 1]", "-1"),
    ("encoding a code", lambda: chain(encoding=STEANE), WrongTypeError, "RepeaterChain", "encoding", "an Encoding", "CSSCode"),
    ("too few slots", lambda: chain(ebit.Memory(slots=6)), RangeError, "RepeaterChain", "memory.slots", ">= 7", "6"),
    ("swaps that fail", lambda: chain(swap=ebit.Swap(0.5)), RangeError, "RepeaterChain", "swap.success_probability", "1 with an encoding", "0.5"),
    ("nested", lambda: chain(schedule=ebit.schedules.Nested()), RangeError, "RepeaterChain", "schedule", "SwapAsap", "another"),
    ("a cut-off", lambda: chain(schedule=ebit.schedules.SwapAsap(cutoff_s=1.0)), RangeError, "RepeaterChain", "schedule.cutoff_s", "None", "1"),
    ("all slots", lambda: chain(schedule=ebit.schedules.SwapAsap(slots_used="all")), RangeError, "RepeaterChain", "schedule.slots_used", "'one'", "'all'"),
    ("finite T1", lambda: chain(ebit.Memory(7, t1_s=1.0)), RangeError, "RepeaterChain", "memory.t1_s", "infinite", "1"),
    ("messages", lambda: chain(classical_delay=True).exact(), RangeError, "RepeaterChain", "classical_delay", "False", "True"),
    ("a request of a code", lambda: request(encoding=STEANE), WrongTypeError, "Request", "encoding", "an Encoding", "CSSCode"),
    ("a request without restart", lambda: request(restart=False), RangeError, "Request", "encoding", "None without restart", "an Encoding"),
    ("a request of nested swaps", lambda: request(schedule=ebit.schedules.Nested()), RangeError, "Request", "schedule", "SwapAsap", "another"),
    ("a node of few slots", lambda: events(ebit.Node("n1", ebit.Memory(6))), RangeError, "nodes[1] 'n1'", "memory.slots", ">= 7", "6"),
    ("a node of finite T1", lambda: events(ebit.Node("n2", ebit.Memory(7, t1_s=1.0))), RangeError, "nodes[2] 'n2'", "memory.t1_s", "infinite", "1"),
    ("a node whose swaps fail", lambda: events(ebit.Node("n1", ebit.Memory(7), ebit.Swap(0.5))), RangeError, "nodes[1] 'n1'", "swap.success_probability", "1 with", "0.5"),
    ("ends that misread", lambda: events(ebit.Node("n0", ebit.Memory(7), readout_error=0.1)), RangeError, "nodes[0] 'n0'", "readout_error", "0 with", "0.1"),
    ("density matrices", lambda: chain().simulate(10, formalism="density-matrix"), RangeError, "simulate", "formalism", "'bell-diagonal'", "density-matrix"),
    ("all patterns of Golay", lambda: GOLAY.exact(), TooLargeError, "RepeaterChain.exact", "encoding.code", "checks", "22 checks"),
    ("p = 1e-300", lambda: ebit.RepeaterChain([ebit.HeraldedLink(1e-300, 1e-3)], ebit.Memory(7), encoding=Encoding(STEANE)).exact(), TooLargeError, "RepeaterChain.exact", "lattice", "<= 4e9 bytes", "bytes"),
    ("ends that wait long", lambda: ebit.RepeaterChain([ebit.HeraldedLink(1e-4, 1e-3)] * 4, ebit.Memory(7, t2_s=1.0), encoding=Encoding(STEANE)).exact(), TooLargeError, "RepeaterChain.exact", "lattice", "<= 3e11 operations", "steps"),
    ("cost of no length", lambda: ebit.cost_coefficient(chain().exact()), RangeError, "cost_coefficient", "length_km", "fibre", "None"),
    ("cost of length 0", lambda: ebit.cost_coefficient(chain().exact(), length_km=0.0), RangeError, "cost_coefficient", "length_km", "> 0", "0"),
    ("cost of a number", lambda: ebit.cost_coefficient(3.0), WrongTypeError, "cost_coefficient", "result", "the result of a chain", "3.0"),  # type: ignore[arg-type]
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_a_mistake_is_named(case: Any) -> None:
    names_the_mistake(*case[1:])


def test_what_is_refused_by_one_evaluator_another_answers() -> None:
    r = GOLAY.evaluate(rel=0.02, rng=1)
    assert r.method == "sampled"
    assert r.fidelity.value == 1.0
    assert chain().evaluate().method == "exact (operators of the code)"


def test_specifications_are_data() -> None:
    one = chain()
    assert one.encoding is not None
    assert one.to_dict()["encoding"]["code"]["size"] == 7
    assert CSSCode(**one.to_dict()["encoding"]["code"]) == STEANE
    assert hash(one) == hash(chain())
    assert one != chain(encoding=Encoding(STEANE, gate_error=0.1))
    assert "fresh blocks are ready" in " ".join(one.exact().assumptions)
