"""Chains of processors beside a twin in NumPy, closed forms and the exact evaluator.

Every comparison is at 4.9 standard errors (false alarm 1e-6), on streams of its own; what it could detect is asserted.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import ebit
from ebit import BellDiagonal, HeraldedLink, Memory, ProcessorChain

Array = np.ndarray[Any, Any]
Z = 4.9
PAIRS = 600_000


def correlations(pair: BellDiagonal) -> Array:
    a, b, c, d = pair.weights
    return np.array([a + c - b - d, a + d - b - c, a + b - c - d])


def twin(chain: ProcessorChain, pairs: int, seed: int) -> tuple[Array, Array]:
    """Draw waiting times and correlations (x, y, z), node by node, as the protocol is told."""
    rng = np.random.default_rng(seed)
    n = len(chain.links)
    p = [link.success_probability for link in chain.links]
    tau = [link.attempt_time_s for link in chain.links]
    attempts = [rng.geometric(q, pairs) for q in p]
    # When each node may begin with its second link, and when its left and right halves are there.
    there = np.zeros((n, pairs))
    for link in range(0, n, 2):
        there[link] = attempts[link] * tau[link]
    for link in range(1, n, 2):
        free = there[link - 1] + chain.store_time_s
        if link + 1 < n:
            free = np.maximum(free, there[link + 1] + chain.store_time_s)
        there[link] = free + attempts[link] * tau[link]
    light = [(link.physics["light_time_s"] or 0.0) if chain.classical_delay else 0.0 for link in chain.links]
    delivered = there[0].copy() if n == 1 else np.zeros(pairs)
    state = np.ones((3, pairs))
    for link in chain.links:
        age = link.herald_age_s
        each = correlations(link.pair)
        kept = decay(chain.communication, np.array([2 * age if np.isscalar(age) else sum(age)]), False)
        state *= (each * kept[:, 0])[:, None]
    for node in range(1, n):
        done = np.maximum(there[node - 1], there[node])
        early = min(node - 1, node, key=lambda k: k % 2)
        late = node - 1 if early == node else node
        waited = done - there[early] - chain.store_time_s
        state *= decay(chain.storage, waited, chain.storage_rotated)
        coherence = (1 - 2 * chain.attempt_dephasing) ** attempts[late]
        one = np.ones(pairs)
        state *= np.array([one, coherence, coherence] if chain.storage_rotated else [coherence, coherence, one])
        state *= (correlations(chain.store) * correlations(chain.swap))[:, None]
        known = max(sum(light[:node]), sum(light[node:]))
        delivered = np.maximum(delivered, done + chain.swap_time_s + known)
    for end in (there[0], there[-1]):
        state *= decay(chain.communication, delivered - end, False)
    return delivered, state


def decay(memory: Memory, waited: Array, rotated: bool) -> Array:
    depolarized = np.exp(-waited / memory.depolarizing_time_s) if memory.depolarizing_time_s else np.ones_like(waited)
    dephased = np.exp(-waited / memory.t2_s) if memory.t2_s else np.ones_like(waited)
    both = depolarized * dephased
    return np.array([depolarized, both, both] if rotated else [both, both, depolarized])


def agree(name: str, mine: Array, other: Array, relative: float) -> None:
    """Two samples of one law."""
    error = math.hypot(mine.std(ddof=1) / math.sqrt(len(mine)), other.std(ddof=1) / math.sqrt(len(other)))
    assert Z * error < relative * abs(other.mean()), f"{name}: {error} could not tell {relative}"
    # What nothing disturbs is the same in every pair, up to rounding.
    assert abs(mine.mean() - other.mean()) < Z * error + 1e-12, f"{name}: {mine.mean()} and {other.mean()} +- {error}"


NOISY = BellDiagonal([0.95, 0.02, 0.01, 0.02])


def chain(links: int, **options: Any) -> ProcessorChain:
    rows = [
        HeraldedLink(p, t, BellDiagonal([0.9, 0.05, 0.03, 0.02]), 1e-5)
        for p, t in zip((0.02, 0.05, 0.03, 0.04, 0.06), (1e-4, 1.5e-4, 1e-4, 2e-4, 1e-4), strict=True)
    ]
    return ProcessorChain(
        **(
            {"links": rows[:links], "communication": Memory(t2_s=0.3), "storage": Memory(depolarizing_time_s=0.2)}
            | options
        )
    )


CASES = [
    (1, {}),
    (2, {"attempt_dephasing": 2e-3}),
    (3, {"attempt_dephasing": 1e-3, "store": NOISY, "swap": NOISY, "store_time_s": 3e-4}),
    (4, {"attempt_dephasing": 2e-3, "storage_rotated": True, "storage": Memory(t2_s=0.1), "swap_time_s": 2e-4}),
    (5, {"attempt_dephasing": 1e-3, "storage": Memory(t2_s=0.1), "store_time_s": 1e-4, "store": NOISY}),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]} links")
def test_the_twin_draws_the_same_law(case: tuple[int, dict[str, Any]]) -> None:
    links, options = case
    asked = chain(links, **options)
    r = asked.sample(PAIRS, rng=4_711 + links)
    times, state = twin(asked, PAIRS, seed=90 + links)
    agree("waiting time", r.pairs["waiting_time_s"], times, 0.01)
    agree("x", 1 - 2 * r.pairs["qber_x"], state[0], 0.01)
    agree("z", 1 - 2 * r.pairs["qber_z"], state[2], 0.01)
    agree("fidelity", r.pairs["fidelity"], (1 + state.sum(axis=0)) / 4, 0.01)


def test_news_travels_along_the_fibres() -> None:
    detector = ebit.Detector(0.9)
    links = [ebit.SingleClick(ebit.Fiber(km), detector, 0.05) for km in (10.0, 30.0, 20.0)]
    asked = ProcessorChain(links, Memory(t2_s=0.1), Memory(t2_s=0.1), classical_delay=True)
    instant = asked.replace(classical_delay=False)
    late, soon = asked.sample(1_000, rng=3), instant.sample(1_000, rng=3)
    # The same draws: link 1 heralds last, its nodes tell the farther end: 50 km from n1, 40 km from n2.
    gap = late.pairs["waiting_time_s"] - soon.pairs["waiting_time_s"]
    assert gap == pytest.approx(50e3 / 2e8, abs=1e-11)


def test_attempts_dephase_as_a_generating_function_says() -> None:
    """With perfect memories, E[(1-2d)^(2G)] = p a/(1 - (1-p) a), a = (1-2d)^2, for the one link between two nodes."""
    p, d = 0.02, 0.004
    link = HeraldedLink(p, 1e-3)
    three = ProcessorChain([link] * 3, Memory.perfect(1), Memory.perfect(1), attempt_dephasing=d)
    r = three.sample(400_000, rng=77)
    a = (1 - 2 * d) ** 2
    wanted = p * a / (1 - (1 - p) * a)
    x = 1 - 2 * r.pairs["qber_x"]
    error = x.std(ddof=1) / math.sqrt(len(x))
    assert 4.9 * error < 0.01 * wanted
    assert abs(x.mean() - wanted) < 4.9 * error
    assert r.qber_z.value == 0.0
    flipped = three.replace(storage_rotated=True).sample(1_000, rng=77)
    assert flipped.qber_x.value == 0.0
    assert flipped.pairs["qber_z"] == pytest.approx(r.pairs["qber_x"][:1_000], abs=1e-15)
    # p = 1/2 leaves no phase at all.
    assert three.replace(attempt_dephasing=0.5).sample(1_000, rng=1).qber_x.value == 0.5


def test_two_links_are_swapped_one_after_the_other() -> None:
    """Equal memories, nothing noisy: the exact answer of links that start one after another."""
    link = HeraldedLink(0.05, 1e-3, BellDiagonal.werner(0.97))
    memory = Memory(depolarizing_time_s=0.3)
    exact = ebit.RepeaterChain(
        [link] * 2, memory, schedule=ebit.schedules.Sequential(start="one-after-another")
    ).exact()
    r = ProcessorChain([link] * 2, memory, memory).sample(400_000, rng=5)
    for name in ("waiting_time_s", "fidelity", "qber_x", "qber_z"):
        mine, theirs = getattr(r, name), getattr(exact, name)
        assert Z * mine.stderr < 0.01 * theirs.value
        assert abs(mine.value - theirs.value) < Z * mine.stderr + (theirs.high - theirs.low), name


def test_threads_and_blocks_change_no_bit() -> None:
    asked = chain(5, attempt_dephasing=1e-3)
    one, two = asked.sample(3_000, rng=8, threads=1), asked.sample(5_000, rng=8, threads=2)
    for name, column in one.pairs.items():
        assert (column == two.pairs[name][:3_000]).all()


def test_a_single_link_counts_attempts() -> None:
    """It moves, swaps and tells nothing, so even a long fibre's rarest heralds can be counted."""
    link = ebit.SingleClick(ebit.Fiber(700.0, speed_m_per_s=2.0819e8), ebit.Detector(0.5), 0.1)
    memory = Memory.perfect(1)
    r = ProcessorChain([link], memory, memory, store_time_s=1e-12, classical_delay=True).sample(20_000, rng=6)
    wanted = link.attempt_time_s / link.success_probability
    assert abs(r.waiting_time_s.value - wanted) < Z * r.waiting_time_s.stderr


def test_rare_heralds_cost_nothing_and_are_counted() -> None:
    link = HeraldedLink(1e-12, 1e-6)
    r = ProcessorChain([link] * 2, Memory.perfect(1), Memory.perfect(1)).sample(20_000, rng=2)
    assert abs(r.waiting_time_s.value - 2e6) < Z * r.waiting_time_s.stderr
