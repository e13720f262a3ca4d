"""Mistakes in protocols: each names the node, the parameter, the allowed range, the value, and helps where it can."""

# Tables read best with a mistake per line.
# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from test_bad_input import INF, NAN, NET, Case, ids, judge

import ebit
from ebit.errors import RangeError, SpecError, WrongTypeError


@ebit.protocol
async def idle(node: ebit.ProtocolNode) -> None:
    """Do nothing."""


def spawn(*args: Any, **options: Any) -> Any:
    return lambda: ebit.Simulation(NET, rng=1).spawn(*args, **options)


def during(step: Callable[[Any], Any], node: str = "n1") -> Callable[[], object]:
    """What a protocol does on a node that holds a pair to either side."""

    @ebit.protocol
    async def careless(here: Any) -> None:
        pairs = [await here.pair(peer) for peer in here.neighbours]
        step((here, *pairs))

    def call() -> None:
        sim = ebit.Simulation(NET, rng=1)
        sim.spawn(node, careless)
        sim.run()

    return call


def lent() -> None:
    box: list[Any] = []

    @ebit.protocol
    async def lender(node: Any) -> None:
        box.append(await node.pair("n1"))
        await node.sleep(1.0)

    @ebit.protocol
    async def thief(node: Any) -> None:
        pair = await node.pair("n0")
        await node.sleep(0.5)
        node.swap(pair, box[0])

    sim = ebit.Simulation(NET, rng=1)
    sim.spawn("n0", lender)
    sim.spawn("n1", thief)
    sim.run()


def another_simulation() -> None:
    box: list[Any] = []

    @ebit.protocol
    async def first(node: Any) -> None:
        box.append(await node.pair("n1"))

    @ebit.protocol
    async def second(node: Any) -> None:
        node.drop(box[0])

    for body in (first, second):
        sim = ebit.Simulation(NET, rng=1)
        sim.spawn("n0", body)
        sim.run()


async def undecorated(node: Any) -> None:
    """Lacks its decorator."""


# fmt: off
PROTOCOLS = [
    Case("no network", lambda: ebit.Simulation("net"), WrongTypeError, "Simulation", "network", "a Network", "'net'"),
    Case("rng", lambda: ebit.Simulation(NET, rng="x"), WrongTypeError, "Simulation", "rng", "an int", "'x'"),
    Case("replica", lambda: ebit.Simulation(NET, rng=1, replica=-1), RangeError, "Simulation", "replica", "in [0, 4294967296]", "-1"),
    Case("horizon", lambda: ebit.Simulation(NET, rng=1, horizon_s=NAN), RangeError, "Simulation", "horizon_s", "> 0", "nan"),
    Case("function", lambda: ebit.protocol(len), WrongTypeError, "protocol", "function", "an async def", "len"),
    Case("plain def", lambda: ebit.protocol(lambda node: None), WrongTypeError, "protocol", "function", "an async def", "lambda"),
    Case("spawn node", spawn("n9", idle), RangeError, "Simulation", "node", "a node of the network", "'n9'"),
    Case("spawn number", spawn(1, idle), WrongTypeError, "Simulation.spawn", "node", "the name of a node", "1"),
    Case("spawn undecorated", spawn("n1", undecorated), WrongTypeError, "Simulation.spawn", "protocol", "a protocol", "undecorated", "@ebit.protocol"),
    Case("spawn coroutine", spawn("n1", 3), WrongTypeError, "Simulation.spawn", "protocol", "a protocol", "3"),
    Case("background", spawn("n1", idle, background=1), WrongTypeError, "Simulation.spawn", "background", "True or False", "1"),
    Case("record", lambda: ebit.Simulation(NET, rng=1).record("n0", "n7"), RangeError, "Simulation.record", "target", "a node of the network", "'n7'"),
    Case("record loop", lambda: ebit.Simulation(NET, rng=1).record("n0", "n0"), RangeError, "Simulation.record", "target", "another node", "'n0'"),
    Case("until nan", lambda: ebit.Simulation(NET, rng=1).run(until_s=NAN), RangeError, "Simulation.run", "until_s", "a time from now", "nan"),
    Case("until past", lambda: ebit.Simulation(NET, rng=1).run(until_s=-1.0), RangeError, "Simulation.run", "until_s", "a time from now", "-1.0"),
    Case("until late", lambda: ebit.Simulation(NET, rng=1).run(until_s=1e12), RangeError, "Simulation.run", "until_s", "a time from now", "1000000000000.0", "horizon_s"),
    Case("until text", lambda: ebit.Simulation(NET, rng=1).run(until_s="1"), WrongTypeError, "Simulation.run", "until_s", "a number", "'1'"),
    Case("pair stranger", during(lambda p: p[0].pair("n9")), RangeError, "node 'n1'", "peer", "a node of the network", "'n9'"),
    Case("pair far", during(lambda p: p[0].pair("n2"), "n0"), RangeError, "node 'n0'", "peer", "a neighbour (n1)", "'n2'", "end="),
    Case("pair number", during(lambda p: p[0].pair(1)), WrongTypeError, "node 'n1'", "peer", "the name of a node", "1"),
    Case("pair end", during(lambda p: p[0].pair("n0", end="x")), RangeError, "node 'n1'", "end", "a node of the network", "'x'"),
    Case("pair age", during(lambda p: p[0].pair("n0", age_s=-1.0)), RangeError, "node 'n1'", "age_s", ">= 0", "-1.0"),
    Case("sleep back", during(lambda p: p[0].sleep(-1e-3)), RangeError, "node 'n1'", "seconds", ">= 0", "-0.001"),
    Case("sleep nan", during(lambda p: p[0].sleep(NAN)), RangeError, "node 'n1'", "seconds", "finite", "nan"),
    Case("sleep for ever", during(lambda p: p[0].sleep(INF)), RangeError, "node 'n1'", "seconds", "finite", "inf"),
    Case("sleep long", during(lambda p: p[0].sleep(1e30)), RangeError, "node 'n1'", "seconds", "within representable time", "1e+30", "horizon_s"),
    Case("sleep text", during(lambda p: p[0].sleep("1")), WrongTypeError, "node 'n1'", "seconds", "a number", "'1'"),
    Case("receive", during(lambda p: p[0].receive("x")), RangeError, "node 'n1'", "sender", "a node of the network", "'x'"),
    Case("send", during(lambda p: p[0].send("x", 1)), RangeError, "node 'n1'", "to", "a node of the network", "'x'"),
    Case("send home", during(lambda p: p[0].send("n1", 1)), RangeError, "node 'n1'", "to", "another node", "'n1'"),
    Case("swap twice", during(lambda p: p[0].swap(p[1], p[1])), RangeError, "node 'n1'", "swap", "two different pairs", "twice"),
    Case("swap wait", during(lambda p: p[0].swap(p[1], p[0].pair("n2"))), WrongTypeError, "node 'n1'", "swap.right", "a pair", "Waiting", "await it"),
    Case("swap number", during(lambda p: p[0].swap(1, p[2])), WrongTypeError, "node 'n1'", "swap.left", "a pair", "1"),
    Case("swap lent", lent, RangeError, "node 'n1'", "swap.right", "a pair with a half at this node", "a half at 'n0'", "its own half"),
    Case("drop other", another_simulation, RangeError, "node 'n0'", "drop.pair", "a pair of this simulation", "HeldPair"),
    Case("basis", during(lambda p: p[0].measure(p[1], "W")), RangeError, "node 'n1'", "measure.basis", "one of 'X', 'Y', 'Z'", "'W'"),
    Case("first none", lambda: ebit.first(), RangeError, "first", "waits", "at least one", "none"),
    Case("first number", lambda: ebit.first(3), WrongTypeError, "first", "waits[0]", "something a node gives", "3"),
]
# fmt: on


@pytest.mark.parametrize("case", PROTOCOLS, ids=ids)
def test_protocols(case: Case) -> None:
    with pytest.raises(SpecError) as caught:
        case.call()
    judge(caught.value, case)
