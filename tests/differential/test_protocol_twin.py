"""Built-in schedules against their Python twins: the same event log, bit for bit.

The twins use public names only: they say what a node does when pairs are there, and the network's services do the rest,
from the same random streams. Identities, times, places and kinds of all events agree exactly, and so do the states of
delivered pairs.
"""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from chains import network, random_chain
from reference_network import Chain

import ebit

SECONDS = 0.02


@ebit.protocol
async def swap_asap(node: ebit.ProtocolNode, left: str, right: str) -> None:
    """Join the oldest pair to the left with the oldest to the right, whenever there are both."""
    while True:
        a, b = await ebit.all_of(node.pair(left), node.pair(right))
        node.swap(a, b)


@ebit.protocol
async def nested(node: ebit.ProtocolNode, left: str, right: str, far_left: str, far_right: str) -> None:
    """Join only segments that reach exactly so far, as this node knows them."""
    while True:
        a, b = await ebit.all_of(node.pair(left, end=far_left), node.pair(right, end=far_right))
        node.swap(a, b)


@ebit.protocol
async def cut_off(node: ebit.ProtocolNode, right: str, age_s: float) -> None:
    """Give up what reaches to the right of this node and is too old."""
    while True:
        node.drop(await node.pair(right, age_s=age_s))


@ebit.protocol
async def hand_over(node: ebit.ProtocolNode, left: str, source: str) -> None:
    """Deliver every pair with the source, one by one, as this end knows of it."""
    while True:
        node.deliver(await node.pair(left, end=source))


CASES = {
    "chain": {"restart": True},
    "chain on a grid": {"restart": True, "lattice": True},
    "chain with slow swaps": {"restart": True, "duration": True},
    "chain with slow swaps on a grid": {"restart": True, "duration": True, "lattice": True},
    "chain that relaxes, slow swaps": {"restart": True, "relaxing": True, "duration": True},
    "chain with cut-offs": {"restart": True, "cutoff": True},
    "chain with cut-offs and slow swaps on a grid": {
        "restart": True,
        "cutoff": True,
        "duration": True,
        "lattice": True,
    },
    "pipelined": {"restart": False, "slots": 3},
    "pipelined on a grid": {"restart": False, "slots": 3, "lattice": True},
    "pipelined with cut-offs on a grid": {"restart": False, "slots": 3, "cutoff": True, "lattice": True},
    "pipelined with slow swaps": {"restart": False, "slots": 3, "duration": True},
    "pipelined with slow swaps on a grid": {"restart": False, "slots": 3, "duration": True, "lattice": True},
    "pipelined with slow swaps and cut-offs": {"restart": False, "slots": 2, "duration": True, "cutoff": True},
    "pipelined that relaxes": {"restart": False, "slots": 2, "relaxing": True},
    "messages": {"restart": False, "slots": 3, "delay": True},
    "messages on a grid": {"restart": False, "slots": 3, "delay": True, "lattice": True},
    "messages, five links, one slot": {"restart": False, "links": 5, "delay": True, "lattice": True},
    "messages and slow swaps": {"restart": False, "slots": 2, "delay": True, "duration": True},
    "messages and slow swaps on a grid": {
        "restart": False,
        "slots": 2,
        "delay": True,
        "duration": True,
        "lattice": True,
    },
    "messages and restart": {"restart": True, "delay": True, "duration": True},
    "messages, relaxation, slow swaps": {
        "restart": False,
        "slots": 2,
        "delay": True,
        "duration": True,
        "relaxing": True,
    },
}


def the_same(built_in: ebit.Results, twin: ebit.Simulation, events: int = 50, pairs: int = 1) -> None:
    ours, theirs = built_in.events, twin.events
    assert len(ours["time_s"]) > events, "nothing to compare"
    for column in ("time_s", "kind", "place", "pair"):
        np.testing.assert_array_equal(theirs[column], ours[column])
    for count in ("attempts", "swaps", "messages", "stale_messages", "lost_messages", "dropped"):
        assert theirs.counts[count] == ours.counts[count]
    assert twin.results.formalism == built_in.formalism
    expected, delivered = built_in[0].pairs, twin.results[0].pairs
    assert expected.count >= pairs
    for column in expected:
        np.testing.assert_array_equal(delivered[column], expected[column])


def both(
    chain: Chain, seed: int, *, loss: float = 0.0, order: str = "asap", deliver: bool = False
) -> tuple[ebit.Results, ebit.Simulation]:
    """The built-in run and its twin, not yet started."""
    net, last = network(chain, loss), chain.last
    cutoff = None if chain.cutoff is None else chain.cutoff * 1e-6
    schedule = ebit.schedules.Nested() if order == "nested" else ebit.schedules.SwapAsap(cutoff_s=cutoff)
    asked = ebit.Request("n0", f"n{last}", restart=chain.restart, classical_delay=chain.delay, schedule=schedule)
    built_in = ebit.simulate(net, [asked], rng=seed, until_s=SECONDS, trace=True)
    twin = ebit.Simulation(net, rng=seed, restart=chain.restart, classical_delay=chain.delay)
    if deliver:
        twin.spawn(f"n{last}", hand_over, f"n{last - 1}", "n0", background=True)
    else:
        twin.record("n0", f"n{last}")
    for k in range(last + 1):
        if cutoff is not None and k < last:
            twin.spawn(f"n{k}", cut_off, f"n{k + 1}", cutoff, background=True)
        if 0 < k < last:
            sides = (f"n{k - 1}", f"n{k + 1}")
            if order == "nested":
                reach = k & -k
                twin.spawn(f"n{k}", nested, *sides, f"n{k - reach}", f"n{k + reach}", background=True)
            else:
                twin.spawn(f"n{k}", swap_asap, *sides, background=True)
    return built_in, twin


@pytest.mark.parametrize("trial", range(6))
@pytest.mark.parametrize("case", CASES)
def test_swap_asap(case: str, trial: int) -> None:
    rng = np.random.default_rng([31, list(CASES).index(case), trial])
    chain = random_chain(rng, **CASES[case])
    built_in, twin = both(chain, int(rng.integers(2**63)))
    twin.run(until_s=SECONDS)
    the_same(built_in, twin, events=5)


@pytest.mark.parametrize("trial", range(4))
@pytest.mark.parametrize("kind", [{}, {"delay": True}, {"delay": True, "duration": True}, {"relaxing": True}])
@pytest.mark.parametrize("lattice", [False, True])
def test_nested(kind: dict[str, bool], lattice: bool, trial: int) -> None:
    rng = np.random.default_rng([32, len(str(kind)), lattice, trial])
    chain = random_chain(rng, restart=False, links=4, slots=3, lattice=lattice, **kind)
    built_in, twin = both(chain, int(rng.integers(2**63)), order="nested")
    twin.run(until_s=SECONDS)
    the_same(built_in, twin, events=5)


def anything(seed: int) -> None:
    """Any combination of options, lost messages included."""
    rng = np.random.default_rng([37, seed])
    delay, restart = bool(rng.random() < 0.5), bool(rng.random() < 0.4)
    chain = random_chain(
        rng,
        restart=restart,
        delay=delay,
        links=int(rng.integers(2, 7)),
        relaxing=bool(rng.random() < 0.3),
        cutoff=not delay and bool(rng.random() < 0.5),
        duration=bool(rng.random() < 0.5),
        slots=int(rng.integers(1, 5)),
        lattice=bool(rng.random() < 0.5),
    )
    loss = 0.01 if delay and rng.random() < 0.3 else 0.0
    order = "nested" if chain.cutoff is None and chain.last in (2, 4) and rng.random() < 0.4 else "asap"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ebit.errors.StuckWarning)
        warnings.simplefilter("ignore", ebit.errors.NoPairsWarning)
        built_in, twin = both(chain, seed, loss=loss, order=order)
        twin.run(until_s=SECONDS)
        the_same(built_in, twin, events=0, pairs=0)


@pytest.mark.parametrize("block", range(6))
def test_any_combination(block: int) -> None:
    for seed in range(10):
        anything(10 * block + seed)


@pytest.mark.soak
@pytest.mark.parametrize("block", range(20))
def test_many_combinations(block: int) -> None:
    for seed in range(200):
        anything(1000 + 200 * block + seed)


@pytest.mark.parametrize("trial", range(4))
def test_lost_messages(trial: int) -> None:
    rng = np.random.default_rng([33, trial])
    chain = random_chain(rng, restart=False, links=3, slots=4, delay=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ebit.errors.StuckWarning)
        built_in, twin = both(chain, int(rng.integers(2**63)), loss=0.02)
        twin.run(until_s=SECONDS)
    the_same(built_in, twin, events=5)


def test_in_pieces() -> None:
    """Runs that are continued are one run."""
    rng = np.random.default_rng(34)
    chain = random_chain(rng, restart=False, links=3, slots=2, delay=True, duration=True)
    built_in, twin = both(chain, 5)
    for k in range(1, 41):
        twin.run(until_s=SECONDS * k / 40)
    the_same(built_in, twin)


@pytest.mark.parametrize("delay", [False, True])
def test_delivered_one_by_one(delay: bool) -> None:
    """An end that delivers what it is given gets the same pairs; within an instant it is told after the arrivals."""
    rng = np.random.default_rng([35, delay])
    chain = random_chain(rng, restart=False, links=3, slots=2, delay=delay)
    built_in, twin = both(chain, 6, deliver=True)
    twin.run(until_s=SECONDS)
    pairs, delivered = built_in[0].pairs, twin.results[0].pairs
    assert pairs.count > 10
    for column in pairs:
        np.testing.assert_array_equal(delivered[column], pairs[column])


def test_the_comparison_can_fail() -> None:
    """Another seed is another story."""
    chain = random_chain(np.random.default_rng(36), restart=False, links=2)
    built_in, _ = both(chain, 1)
    _, twin = both(chain, 2)
    twin.run(until_s=SECONDS)
    with pytest.raises(AssertionError):
        the_same(built_in, twin)
