"""Entanglement pumping by hand: links that always succeed, so that nothing is random but the rounds.

A try takes one attempt for the stored pair and one more per round; a failed round ends it. So with S_j the chance of
round j the time of a pumped pair, in attempts, has the generating function

    G(z) = S_1 ... S_r z^(r+1) / (1 - sum_j S_1 ... S_(j-1) (1 - S_j) z^(j+1)).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import ebit
from ebit.schedules import Nested, Sequential, Tree

ATTEMPT_S = 1e-3
PAIR = ebit.BellDiagonal([0.85, 0.08, 0.04, 0.03])
KEPT = math.exp(-ATTEMPT_S / 0.05)


def chain(pair: ebit.BellDiagonal, rounds: int, protocol: str, memory: ebit.Memory) -> ebit.RepeaterChain:
    """Two pumped links, the right one after the left one: their times add up."""
    link = ebit.HeraldedLink(success_probability=1.0, attempt_time_s=ATTEMPT_S, pair=pair)
    schedule = Sequential(distill=[rounds], protocol=protocol, start="one-after-another", scheme="pumping")
    return ebit.RepeaterChain([link] * 2, memory, schedule=schedule)


def by_hand(fresh: ebit.BellDiagonal, rounds: int, protocol: str, kept: float) -> tuple[list[float], ebit.BellDiagonal]:
    """The chance of each round and what is left, for a qubit that keeps ``kept`` of its coherence in an attempt."""
    stored, chances = fresh, []
    for _ in range(rounds):
        waited = stored.dephase((1 - kept) / 2).dephase((1 - kept) / 2)
        chance, stored = waited.distill(fresh, protocol=protocol)
        chances.append(chance)
    return chances, stored


def times(chances: list[float], z: float) -> float:
    """G(z)."""
    reached = np.cumprod([1.0, *chances])
    failed = sum(r * (1 - s) * z ** (j + 2) for j, (r, s) in enumerate(zip(reached, chances, strict=False)))
    return float(reached[-1] * z ** (len(chances) + 1) / (1 - failed))


def werner_map(stored: float, fresh: float) -> float:
    """Fidelity after a round of two Werner pairs (Bennett et al. 1996)."""
    good = stored * fresh + (1 - stored) * (1 - fresh) / 9
    odd = (stored * (1 - fresh) + fresh * (1 - stored)) / 3 + 4 * (1 - stored) * (1 - fresh) / 9
    return good / (good + odd)


@pytest.mark.parametrize("protocol", ["dejmps", "bbpssw"])
@pytest.mark.parametrize("rounds", [1, 4])
def test_perfect_memories(rounds: int, protocol: str) -> None:
    """Mean time by E_j = (E_(j-1) + E_0) / S_j, and the state by the map of one round."""
    asked = chain(PAIR, rounds, protocol, ebit.Memory(slots=2, t2_s=math.inf))
    chances, state = by_hand(PAIR, rounds, protocol, 1.0)
    mean = ATTEMPT_S
    for chance in chances:
        mean = (mean + ATTEMPT_S) / chance
    exact = asked.exact()
    assert math.isclose(exact.waiting_time_s.value, 2 * mean, rel_tol=1e-8)
    assert math.isclose(exact.fidelity.value, state.swap(state).fidelity, rel_tol=1e-8)
    for r in (asked.sample(50_000, rng=rounds, threads=1), asked.simulate(50_000, rng=rounds, threads=1)):
        # As `test_chain_evaluators`: 1e-6 of false alarms, of a difference of 1 %.
        assert abs(r.waiting_time_s.value - 2 * mean) < 4.9 * r.waiting_time_s.stderr < 0.02 * mean
        # Nothing decays: every pair is the same.
        np.testing.assert_allclose(r.pairs["fidelity"], state.swap(state).fidelity, rtol=0, atol=1e-12)


@pytest.mark.parametrize("protocol", ["dejmps", "bbpssw"])
def test_the_stored_pair_waits_and_the_fresh_one_does_not(protocol: str) -> None:
    """Dephasing memories: a round finds the stored pair an attempt older; the left link waits for the right."""
    exact = chain(PAIR, 3, protocol, ebit.Memory(slots=2, t2_s=0.05)).exact()
    chances, state = by_hand(PAIR, 3, protocol, KEPT)
    x, _, z = state.correlations
    assert math.isclose(1 - 2 * exact.qber_x.value, x * x * times(chances, KEPT**2), rel_tol=1e-8)
    assert math.isclose(1 - 2 * exact.qber_z.value, z * z, rel_tol=1e-8)


@pytest.mark.parametrize("fidelity", [0.7, 0.9])
def test_pumping_stops_short_of_perfect_pairs(fidelity: float) -> None:
    """BBPSSW: the fixed point of the map, by its quadratic equation; recurrence goes on."""
    f = fidelity
    # F (F f + (1-F)(1-f)/9 + odd) = F f + (1-F)(1-f)/9, in powers of F.
    good = np.polynomial.Polynomial([(1 - f) / 9, f - (1 - f) / 9])
    odd = np.polynomial.Polynomial([f / 3 + 4 * (1 - f) / 9, (1 - f) / 3 - f / 3 - 4 * (1 - f) / 9])
    wanted = max(r.real for r in (np.polynomial.Polynomial([0, 1]) * (good + odd) - good).roots())
    assert f < wanted < 1 - (1 - f) / 5
    assert math.isclose(werner_map(wanted, f), wanted)
    pair, memory = ebit.BellDiagonal.werner(fidelity=f), ebit.Memory(slots=16, t2_s=math.inf)
    before = f
    for rounds in (1, 3, 9):
        _, state = by_hand(pair, rounds, "bbpssw", 1.0)
        made = chain(pair, rounds, "bbpssw", memory).exact()
        assert math.isclose(made.fidelity.value, state.swap(state).fidelity, rel_tol=1e-8)
        assert before < state.fidelity < wanted
        before = state.fidelity
    assert math.isclose(by_hand(pair, 100, "bbpssw", 1.0)[1].fidelity, wanted, rel_tol=1e-9)
    equal = chain(pair, 4, "bbpssw", memory)
    recurrence = equal.replace(schedule=equal.schedule.replace(scheme="recurrence")).exact().fidelity.value
    assert recurrence > equal.exact().fidelity.value


@pytest.mark.parametrize("schedule", [Nested, Sequential, lambda **options: Tree((0, 1), **options)])
def test_no_rounds_are_none(schedule: Any) -> None:
    link = ebit.HeraldedLink(success_probability=0.4, attempt_time_s=ATTEMPT_S, pair=PAIR)
    plain, none = (
        ebit.RepeaterChain([link] * 2, ebit.Memory(t2_s=0.1), schedule=schedule(**options))
        for options in ({}, {"distill": [0], "scheme": "pumping"})
    )
    assert plain.exact().fidelity == none.exact().fidelity
    for ask in ("sample", "simulate"):
        a, b = (getattr(c, ask)(500, rng=1).pairs for c in (plain, none))
        np.testing.assert_array_equal(a["waiting_time_s"], b["waiting_time_s"])
        np.testing.assert_allclose(a["fidelity"], b["fidelity"], rtol=0, atol=1e-12)


def test_one_round_differs_from_recurrence_in_when_alone() -> None:
    """Two copies, begun together or one after another: the same state, the maximum or the sum of times."""
    link = ebit.HeraldedLink(success_probability=0.3, attempt_time_s=ATTEMPT_S, pair=PAIR)
    both = [
        ebit.RepeaterChain([link] * 2, ebit.Memory(slots=2, t2_s=math.inf), schedule=Nested(distill=[1], scheme=scheme))
        for scheme in ("recurrence", "pumping")
    ]
    together, in_a_row = (c.exact() for c in both)
    assert math.isclose(together.fidelity.value, in_a_row.fidelity.value, rel_tol=1e-8)
    assert in_a_row.waiting_time_s.value > 1.2 * together.waiting_time_s.value


def test_deep_pumping_needs_no_more_memory() -> None:
    """Pumped at every level: the samplers' program grows with the tree, not with the rounds."""
    link = ebit.HeraldedLink(success_probability=0.9, attempt_time_s=ATTEMPT_S, pair=ebit.BellDiagonal.werner(0.99))
    schedule = Nested(distill=[2, 2, 2], protocol="bbpssw", scheme="pumping")
    asked = ebit.RepeaterChain([link] * 8, ebit.Memory(slots=2, t2_s=10.0), schedule=schedule)
    exact, drawn = asked.exact(), asked.sample(4_000, rng=1, threads=1)
    assert abs(drawn.waiting_time_s.value - exact.waiting_time_s.value) < 4.9 * drawn.waiting_time_s.stderr
    assert 4.9 * drawn.waiting_time_s.stderr < 0.04 * exact.waiting_time_s.value
    assert abs(drawn.fidelity.value - exact.fidelity.value) < 4.9 * drawn.fidelity.stderr < 0.005


def test_many_rounds_of_good_pairs_are_no_long_run() -> None:
    """What is judged before a run knows that rounds of good pairs seldom fail: no coarse clock, nothing refused."""
    asked = chain(ebit.BellDiagonal.werner(fidelity=0.99), 25, "bbpssw", ebit.Memory(slots=2, t2_s=10.0))
    # Whole picoseconds, which a coarser clock would round.
    link = asked.links[0].replace(attempt_time_s=1.000_000_003e-3)
    r = asked.replace(links=[link] * 2).simulate(2_000, rng=1, threads=1)
    exact = asked.exact()
    assert abs(r.waiting_time_s.value - exact.waiting_time_s.value) < 4.9 * r.waiting_time_s.stderr
    assert abs(r.fidelity.value - exact.fidelity.value) < 4.9 * r.fidelity.stderr + 1e-9


def test_recurrence_is_as_it_was() -> None:
    """The default scheme, said or not."""
    link = ebit.HeraldedLink(success_probability=0.4, attempt_time_s=ATTEMPT_S, pair=PAIR)
    memory = ebit.Memory(slots=2, t2_s=0.1)
    one, other = (
        ebit.RepeaterChain([link] * 2, memory, schedule=Nested(distill=[1], **options))
        for options in ({}, {"scheme": "recurrence"})
    )
    assert one == other
    assert Sequential(distill=[1], scheme="pumping").tree(2) == Tree((0, 1), distill=[1], scheme="pumping")
