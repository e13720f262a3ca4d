"""Protocols of the user's own: what they are told, when, and what happens when they go wrong."""

from __future__ import annotations

import asyncio
import gc
import math
import signal
import subprocess
import sys
import time
import traceback
import warnings
from typing import Any

import numpy as np
import pytest

import ebit
from ebit.errors import PairGoneError, RangeError, StuckError, StuckWarning, WrongTypeError

PERFECT = ebit.HeraldedLink(success_probability=1.0, attempt_time_s=1e-4)
#: 20 km are 100 us of light.
NET = ebit.Network(
    [ebit.Node(f"n{k}", ebit.Memory.perfect(2)) for k in range(3)],
    [ebit.Link("n0", "n1", PERFECT, length_km=20.0), ebit.Link("n1", "n2", PERFECT, length_km=40.0)],
)


def play(*programs: tuple[str, Any], net: ebit.Network = NET, until_s: float | None = None, **options: Any):
    sim = ebit.Simulation(net, rng=1, **options)
    for node, program in programs:
        sim.spawn(node, program)
    sim.run(until_s)
    return sim


def test_the_keeper_of_the_manual() -> None:
    seen: list[Any] = []

    @ebit.protocol
    async def keeper(node):
        left = await node.pair("n0")
        right = await node.pair("n2")
        outcome = await node.swap(left, right)
        await node.send("n0", {"swapped": outcome.ok})
        message = await node.receive("n0")
        await node.sleep(1e-6)
        seen.append((node.name, node.neighbours, message, node.now_s, left.gone, right.gone))

    @ebit.protocol
    async def end(node):
        message = await node.receive("n1")
        seen.append((message, node.now_s))
        await node.send("n1", "thanks")

    sim = play(("n1", keeper), ("n0", end))
    # Herald at 100 us, a message each way.
    assert seen[0] == ({"swapped": True}, pytest.approx(2e-4, abs=1e-12))
    assert seen[1] == ("n1", ["n0", "n2"], "thanks", pytest.approx(3.01e-4, abs=1e-12), True, True)
    assert sim.now_s == pytest.approx(3.01e-4, abs=1e-12)
    assert list(sim.events["kind"]).count("swap") == 1


def test_first_and_all_of_with_time_outs() -> None:
    seen: list[Any] = []

    @ebit.protocol
    async def waiter(node):
        seen.append(await ebit.first(node.receive("n1"), node.sleep(1e-5)))
        pair, late = await ebit.first(node.pair("n1"), node.sleep(1.0))
        seen.append((pair.peer, late, node.now_s))
        two = await ebit.first(ebit.all_of(node.pair("n1"), node.until(1e-3)), node.sleep(2.0))
        seen.append((two[0][1], two[1], node.now_s))
        seen.append(pair == two[0][0])

    play(("n0", waiter))
    assert seen == [(None, True), ("n1", None, pytest.approx(1e-4)), (True, None, pytest.approx(1e-3)), False]


def test_a_wait_that_is_not_met_takes_nothing() -> None:
    """all_of is met at once or not at all: the pair stays for others until then."""
    seen: list[Any] = []

    @ebit.protocol
    async def patient(node):
        await ebit.all_of(node.pair("n0"), node.receive("n0"))

    @ebit.protocol
    async def quick(node):
        seen.append((await node.pair("n0")).id)

    net = ebit.Network.chain(nodes=2, link=PERFECT, memory=ebit.Memory.perfect(1))
    sim = ebit.Simulation(net, rng=1)
    sim.spawn("n1", patient, background=True)
    sim.spawn("n1", quick)
    sim.run()
    assert seen == [1]


def test_a_handle_follows_its_half() -> None:
    """A swap at the other end makes the half part of another pair; the handle stays good, and knows what it is told."""
    seen: list[Any] = []

    @ebit.protocol
    async def holder(node):
        pair = await node.pair("n1")
        seen.append((pair.id, pair.peer, pair.gone))
        await node.until(1.5e-4)
        seen.append(pair.peer)
        await node.until(2.5e-4)
        seen.append((pair.id, pair.peer, pair.gone, pair.fidelity))
        await node.drop(pair)
        seen.append((pair.gone, pair.peer, pair.age_s, pair.fidelity))

    @ebit.protocol
    async def swapper(node):
        await node.swap(*await ebit.all_of(node.pair("n0"), node.pair("n2")))

    play(("n0", holder), ("n1", swapper))
    first = seen[0][0]
    assert seen == [
        (first, "n1", False),
        None,
        (first, "n2", False, pytest.approx(1.0)),
        (True, None, None, None),
    ]


def test_errors_carry_the_users_line_the_node_and_the_time() -> None:
    @ebit.protocol
    async def broken(node):
        await node.sleep(2e-3)
        raise ZeroDivisionError("here it is")

    with pytest.raises(ZeroDivisionError, match="here it is") as caught:
        play(("n1", broken))
    text = "".join(traceback.format_exception(caught.value))
    assert 'raise ZeroDivisionError("here it is")' in text
    assert "in protocol broken on node 'n1' at 0.002 s" in text


@pytest.mark.parametrize("what", [lambda: asyncio.sleep(0), lambda: asyncio.sleep(1)])
def test_foreign_awaitables(what: Any) -> None:
    @ebit.protocol
    async def foreign(node):
        await what()

    with pytest.raises(WrongTypeError, match="no asyncio here") as caught:
        play(("n1", foreign))
    assert "await what()" in "".join(traceback.format_exception(caught.value))


def test_a_wait_of_another_node() -> None:
    box: list[Any] = []

    @ebit.protocol
    async def lender(node):
        box.append(node.sleep(1.0))

    @ebit.protocol
    async def thief(node):
        await box[0]

    with pytest.raises(WrongTypeError, match="a wait of another node"):
        play(("n0", lender), ("n1", thief))


def test_stuck_names_who_waits_for_what() -> None:
    @ebit.protocol
    async def lonely(node):
        await ebit.all_of(node.receive("n2"), node.pair("n0", end="n2"))

    words = r"lonely on node 'n1' waits for a message from 'n2' and a pair over the link to 'n0' with 'n2'"
    with pytest.raises(StuckError, match=words):
        play(("n1", lonely))
    with pytest.warns(StuckWarning, match=words):
        sim = play(("n1", lonely), until_s=0.5)
    assert sim.now_s == 0.5


def test_gone_pairs() -> None:
    seen = []

    @ebit.protocol
    async def careless(node):
        pair = await node.pair("n0")
        node.drop(pair)
        assert pair.gone
        try:
            node.drop(pair)
        except PairGoneError as error:
            seen.append(str(error))
        other, again = await ebit.all_of(node.pair("n0"), node.pair("n2"))
        node.swap(other, again)
        node.measure(other)

    with pytest.raises(PairGoneError, match="node 'n1': measure needs a pair that is still here"):
        play(("n1", careless))
    assert len(seen) == 1
    assert "node 'n1': drop needs" in seen[0]


def test_dropped_pairs_free_both_memories_when_both_know() -> None:
    net = ebit.Network.chain(nodes=2, link=PERFECT, memory=ebit.Memory.perfect(1))
    heralds: list[float] = []

    @ebit.protocol
    async def dropper(node):
        for _ in range(3):
            node.drop(await node.pair("n0"))
            heralds.append(node.now_s)

    play(("n1", dropper), net=net, classical_delay=False)
    assert heralds == pytest.approx([1e-4, 2e-4, 3e-4])


def test_a_message_that_is_lost() -> None:
    net = ebit.Network(NET.nodes, NET.links, message_loss_probability=0.5)
    got: list[int] = []

    @ebit.protocol
    async def sender(node):
        for k in range(200):
            await node.send("n1", k)

    @ebit.protocol
    async def receiver(node):
        while True:
            got.append(await node.receive("n0"))

    sim = ebit.Simulation(net, rng=3)
    sim.spawn("n0", sender)
    sim.spawn("n1", receiver, background=True)
    sim.run(until_s=1.0)
    assert got == sorted(got)
    assert len(got) + sim.events.counts["lost_messages"] == 200
    # Binomial(200, 1/2): outside at 1e-6.
    assert 65 <= len(got) <= 135


def test_the_users_own_draws_are_the_nodes_own() -> None:
    def draws(*programs: str) -> dict[str, list[float]]:
        seen: dict[str, list[float]] = {}

        @ebit.protocol
        async def draw(node):
            seen[node.name] = node.rng.random(3).tolist()

        play(*((name, draw) for name in programs))
        return seen

    alone, both = draws("n1"), draws("n0", "n1")
    assert alone["n1"] == both["n1"]
    assert both["n0"] != both["n1"]


# -- measurements: correlations as the state says ------------------------------------------------------------------

TRIALS = 4000


def correlations(net: ebit.Network, formalism: str, bases: tuple[str, str], **options: Any) -> tuple[float, float]:
    """Shares of equal results, and of ones at the left end, of many pairs between the ends of a chain."""
    last = len(net.names) - 1
    bits: dict[str, list[int]] = {"left": [], "right": []}

    @ebit.protocol
    async def repeater(node, left, right):
        while True:
            node.swap(*await ebit.all_of(node.pair(left), node.pair(right)))

    @ebit.protocol
    async def end(node, neighbour, far, basis, name):
        for _ in range(TRIALS):
            pair = await node.pair(neighbour, end=far)
            bits[name].append(await node.measure(pair, basis))

    sim = ebit.Simulation(net, rng=11, formalism=formalism, trace=False, **options)
    for k in range(1, last):
        sim.spawn(f"n{k}", repeater, f"n{k - 1}", f"n{k + 1}", background=True)
    sim.spawn("n0", end, "n1", f"n{last}", bases[0], "left")
    sim.spawn(f"n{last}", end, f"n{last - 1}", "n0", bases[1], "right")
    sim.run()
    left, right = np.array(bits["left"]), np.array(bits["right"])
    return float((left == right).mean()), float(left.mean())


def within(share: float, p: float) -> bool:
    """At a false-alarm rate of 1e-6 (4.9 standard errors, plus one trial); a difference of 0.04 shows."""
    return abs(share - p) <= 4.9 * math.sqrt(p * (1 - p) / TRIALS) + 1 / TRIALS


@pytest.mark.parametrize("formalism", ["bell-diagonal", "density-matrix"])
@pytest.mark.parametrize(("basis", "differ"), [("X", 0.05 + 0.02), ("Z", 0.03 + 0.02), ("Y", 0.90 + 0.02)])
def test_one_link_measured_at_both_ends(formalism: str, basis: str, differ: float) -> None:
    link = ebit.HeraldedLink(0.5, 1e-4, pair=ebit.BellDiagonal([0.90, 0.05, 0.03, 0.02]))
    net = ebit.Network.chain(nodes=2, link=link, memory=ebit.Memory.perfect())
    equal, ones = correlations(net, formalism, (basis, basis), classical_delay=True)
    assert within(equal, 1 - differ), (equal, 1 - differ)
    assert within(ones, 0.5)


@pytest.mark.parametrize("formalism", ["bell-diagonal", "density-matrix"])
@pytest.mark.parametrize("delay", [False, True])
@pytest.mark.parametrize("bases", ["XX", "ZZ", "ZX"])
def test_swapped_pairs_measured_at_both_ends(formalism: str, delay: bool, bases: str) -> None:
    """With delay the ends hear at different times, and the Pauli frame is applied when each does."""
    link = ebit.HeraldedLink(0.5, 1e-4, pair=ebit.BellDiagonal([0.92, 0.02, 0.05, 0.01]))
    fresh = ebit.BellDiagonal([0.92, 0.02, 0.05, 0.01])
    whole = fresh.swap(fresh)
    nodes = [ebit.Node(f"n{k}", ebit.Memory.perfect(2), ebit.Swap.perfect()) for k in range(3)]
    links = [ebit.Link("n0", "n1", link, length_km=5.0), ebit.Link("n1", "n2", link, length_km=30.0)]
    net = ebit.Network(nodes, links)
    equal, _ = correlations(net, formalism, (bases[0], bases[1]), classical_delay=delay)
    expected = {"XX": 1 - whole.qber_x, "ZZ": 1 - whole.qber_z, "ZX": 0.5}[bases]
    assert within(equal, expected), (equal, expected)


def test_readout_errors_flip_results() -> None:
    nodes = [ebit.Node("n0", ebit.Memory.perfect(), readout_error=0.1), ebit.Node("n1", ebit.Memory.perfect())]
    net = ebit.Network(nodes, [ebit.Link("n0", "n1", PERFECT)])
    equal, _ = correlations(net, "auto", ("Z", "Z"))
    assert within(equal, 0.9)


def test_measured_in_the_middle_of_the_news() -> None:
    """A half measured before the news of a swap: the result comes with the news, in the right frame."""
    seen: dict[str, list[Any]] = {"n0": [], "n2": []}

    @ebit.protocol
    async def early(node, neighbour):
        for _ in range(200):
            pair = await node.pair(neighbour)
            await node.sleep(2e-5)
            known = pair.peer
            try:
                seen[node.name].append((known, await node.measure(pair, "X")))
            except PairGoneError:
                seen[node.name].append(None)

    @ebit.protocol
    async def repeater(node):
        while True:
            node.swap(*await ebit.all_of(node.pair("n0"), node.pair("n2")))

    nodes = [ebit.Node(f"n{k}", ebit.Memory.perfect(1), ebit.Swap.perfect()) for k in range(3)]
    links = [ebit.Link("n0", "n1", PERFECT, length_km=20.0), ebit.Link("n1", "n2", PERFECT, length_km=20.0)]
    for formalism in ("bell-diagonal", "density-matrix"):
        seen = {"n0": [], "n2": []}
        sim = ebit.Simulation(ebit.Network(nodes, links), rng=5, formalism=formalism)
        sim.spawn("n0", early, "n1")
        sim.spawn("n2", early, "n1")
        sim.spawn("n1", repeater, background=True)
        sim.run()
        # Both links herald together, so both ends measure halves of one pair, of which neither has heard.
        assert seen["n0"] == seen["n2"]
        assert {s[0] for s in seen["n0"]} == {None}
        assert 50 < sum(s[1] for s in seen["n0"]) < 150


# -- continuing, and stopping ---------------------------------------------------------------------------------------


def test_continue_after_an_error() -> None:
    @ebit.protocol
    async def fragile(node):
        await node.sleep(1e-3)
        raise ValueError

    sim = ebit.Simulation(NET, rng=1)
    sim.spawn("n0", fragile)
    with pytest.raises(ValueError):
        sim.run(until_s=1.0)
    sim.run(until_s=2.0)
    assert sim.now_s == 2.0
    with pytest.raises(RangeError, match="a time from now"):
        sim.run(until_s=1.0)


def test_nothing_to_run_for() -> None:
    with pytest.raises(RangeError, match="until_s"):
        ebit.Simulation(NET, rng=1).run()


PROGRAM = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
import sys, time
import ebit
link = ebit.HeraldedLink(success_probability=1e-3, attempt_time_s=1e-6)
net = ebit.Network.chain(nodes=4, link=link, memory=ebit.Memory(2, t2_s=1.0))
@ebit.protocol
async def repeater(node, left, right):
    while True:
        node.swap(*await ebit.all_of(node.pair(left), node.pair(right)))
@ebit.protocol
async def spinner(node):
    while True:
        await node.sleep(0.0)
sim = ebit.Simulation(net, rng=1, trace=False)
sim.record("n0", "n3")
if {spin}:
    sim.spawn("n1", spinner)
else:
    sim.spawn("n1", repeater, "n0", "n2")
    sim.spawn("n2", repeater, "n1", "n3")
print("ready", flush=True)
try:
    sim.run(until_s=1e9 if False else 1e6)
except KeyboardInterrupt:
    print(time.monotonic(), flush=True)
"""


@pytest.mark.parametrize("spin", [False, True])
def test_ctrl_c(spin: bool) -> None:
    best = math.inf
    for _ in range(5):
        process = subprocess.Popen([sys.executable, "-c", PROGRAM.format(spin=spin)], stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            time.sleep(0.2)
            sent = time.monotonic()
            process.send_signal(signal.SIGINT)
            out, _ = process.communicate(timeout=60)
        finally:
            process.kill()
        best = min(best, float(out) - sent)
        if best < 0.05:
            break
    assert best < 0.05


def test_warnings_are_not_swallowed_by_coroutines_that_never_ran() -> None:
    """A protocol that was spawned and never run is closed in silence."""

    @ebit.protocol
    async def idle(node):
        await node.sleep(1.0)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sim = ebit.Simulation(NET, rng=1)
        sim.spawn("n0", idle)
        sim.spawn("n1", idle)
        sim.run(until_s=0.5)
        sim.spawn("n2", idle)
        del sim
        gc.collect()


def test_a_simulation_that_its_protocols_know_is_freed() -> None:
    """A cycle through the frame of a protocol: sim -> coroutine -> sim."""
    freed: list[int] = []

    class Marker:
        def __del__(self) -> None:
            freed.append(1)

    def once() -> None:
        marker = Marker()

        @ebit.protocol
        async def knowing(node):
            await node.sleep(1.0)
            print(marker, sim)

        sim = ebit.Simulation(NET, rng=1)
        sim.spawn("n0", knowing)
        sim.run(until_s=0.5)

    once()
    gc.collect()
    assert freed == [1]
