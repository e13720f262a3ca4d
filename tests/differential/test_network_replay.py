"""The engine against the reference simulator, event by event: same luck, same story.

The engine's log of attempts and swaps gives the outcome of every draw. The reference takes those outcomes and nothing
else, and must reach the same instants, the same drops, the same deliveries and the same states. No statistics: times
agree exactly, states to 1e-9.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from chains import network, random_chain, request
from reference_network import MICROSECOND, Chain, Simulator, states

import ebit

PAIRS = 60

CASES = {
    "chain": {"restart": True},
    "chain on a grid": {"restart": True, "lattice": True},
    "chain with cut-offs": {"restart": True, "cutoff": True},
    "chain with cut-offs on a grid": {"restart": True, "cutoff": True, "lattice": True},
    "chain with slow swaps": {"restart": True, "duration": True},
    "chain with slow swaps and cut-offs on a grid": {
        "restart": True,
        "duration": True,
        "cutoff": True,
        "lattice": True,
    },
    "chain that relaxes": {"restart": True, "relaxing": True},
    "chain that relaxes, slow swaps, cut-offs": {"restart": True, "relaxing": True, "duration": True, "cutoff": True},
    "pipelined": {"restart": False, "slots": 3},
    "pipelined on a grid": {"restart": False, "slots": 3, "lattice": True},
    "pipelined with cut-offs on a grid": {"restart": False, "slots": 3, "cutoff": True, "lattice": True},
    "pipelined with slow swaps": {"restart": False, "slots": 2, "duration": True},
    "pipelined that relaxes": {"restart": False, "slots": 2, "relaxing": True},
    "messages": {"restart": False, "slots": 3, "delay": True},
    "messages on a grid": {"restart": False, "slots": 3, "delay": True, "lattice": True},
    "messages, one slot": {"restart": False, "slots": 1, "delay": True},
    "messages, five links, one slot": {"restart": False, "links": 5, "delay": True, "lattice": True},
    "messages and slow swaps": {"restart": False, "links": 2, "slots": 2, "delay": True, "duration": True},
    "messages and slow swaps, four links": {"restart": False, "links": 4, "slots": 2, "delay": True, "duration": True},
    "messages and cut-offs": {"restart": False, "links": 2, "slots": 2, "delay": True, "cutoff": True, "lattice": True},
}


class Exhausted(Exception):
    """The engine's log ends here."""


class Script:
    """The engine's luck, in its order per link and per node."""

    def __init__(self, chain: Chain, events: ebit.results.EventLog) -> None:
        kind, place = events["kind"], events["place"]

        def outcomes(yes: str, no: str, where: int) -> Iterator[bool]:
            mine = kind[((kind == yes) | (kind == no)) & (place == where)]
            return iter((mine == yes).tolist())

        self._attempts = [outcomes("herald", "attempt_failed", k) for k in range(chain.last)]
        self._swaps = [outcomes("swap", "swap_failed", k) for k in range(chain.last + 1)]

    def attempt(self, link: int, occupied: tuple[bool, ...]) -> bool:
        return self._next(self._attempts[link])

    def swap(self, node: int, joined: tuple[int, int]) -> bool:
        return self._next(self._swaps[node])

    @staticmethod
    def _next(outcomes: Iterator[bool]) -> bool:
        for outcome in outcomes:
            return outcome
        raise Exhausted


def ticks(seconds: np.ndarray) -> list[int]:
    whole = np.rint(seconds / MICROSECOND)
    assert np.all(np.abs(seconds - whole * MICROSECOND) < 1e-12 * np.maximum(1.0, seconds))
    return [int(t) for t in whole]


@pytest.mark.parametrize("trial", range(8))
@pytest.mark.parametrize("case", CASES)
def test_same_luck_same_story(case: str, trial: int) -> None:
    rng = np.random.default_rng([7, list(CASES).index(case), trial])
    chain = random_chain(rng, **CASES[case])
    results = ebit.simulate(
        network(chain), [request(chain, PAIRS)], rng=int(rng.integers(2**63)), method="per-attempt", trace=True
    )
    log, pairs = results.events, results[0].pairs
    simulator = Simulator(chain, Script(chain, log))
    deliveries = []
    try:
        for delivery in simulator.run(PAIRS):
            deliveries.append(delivery)
    except Exhausted:
        pass

    # The engine stops in the middle of its last instant; all before it must be the same.
    times = ticks(pairs["time_s"])
    end = times[-1]
    before = [d for d in deliveries if d.time < end]
    assert [d.time for d in before] == [t for t in times if t < end]
    at, kind, place = ticks(log["time_s"]), log["kind"], log["place"]
    swaps = [
        (t, int(p), k == "swap") for t, p, k in zip(at, place, kind, strict=True) if k.startswith("swap") and t < end
    ]
    # Swaps of one instant at different nodes have no order among them.
    assert sorted(s for s in simulator.swaps if s[0] < end) == sorted(swaps)
    drops = [t for t, k in zip(at, kind, strict=True) if k == "dropped" and t < end]
    assert [t for t in simulator.dropped if t < end] == drops
    if chain.delay and results.formalism == "density-matrix":
        return
    expected = states(chain, before)
    for column, name in enumerate(("fidelity", "qber_x", "qber_z")):
        np.testing.assert_allclose(pairs[name][: len(before)], expected[:, column], rtol=0, atol=1e-9)
