"""Trees of swaps against their definition, clock tick by clock tick, and against each other.

False-alarm rate 1e-6 per comparison (4.9 standard errors, about 30 comparisons); each could detect 8 % of the time and
0.02 of the fidelity, which is asserted. What finer differences there are, the evaluators find among themselves.
"""

from __future__ import annotations

import json
import math
import pickle
from typing import Any

import numpy as np
import pytest
from chain_definition import by_definition

import ebit
from ebit.schedules import Nested, Sequential, Tree

PAIRS = 6_000
#: (tree, options of the schedule, swap success, ticks of a swap, end memory)
CASES: dict[str, tuple[Any, dict[str, Any], float, int, str]] = {
    "two links": ((0, 1), {}, 0.7, 0, "store"),
    "skewed": ((0, (1, 2)), {}, 0.8, 1, "store"),
    "five links": (((0, 1), (2, (3, 4))), {}, 0.9, 0, "measured"),
    "cut-offs by level": (((0, 1), 2), {"cutoffs_s": [4e-3, 7e-3]}, 0.8, 0, "store"),
    "a cut-off by node": (((0, 1), (2, 3)), {"cutoffs_s": {2: 5e-3}}, 0.9, 2, "store"),
    "distilled": (((0, 1), 2), {"distill": {2: 1}, "cutoffs_s": {1: 4e-3, 2: 8e-3}}, 0.9, 0, "store"),
    "distilled twice": ((0, 1), {"distill": [2], "protocol": "bbpssw"}, 1.0, 1, "store"),
    "one after another": ((0, (1, 2)), {"start": "one-after-another"}, 0.8, 1, "store"),
    "one after another, cut off": (
        (((0, 1), 2), 3),
        {"start": "one-after-another", "cutoffs_s": {1: 3e-3, 3: 5e-3}},
        0.9,
        0,
        "measured",
    ),
    "one after another, distilled": (
        ((0, 1), 2),
        {"start": "one-after-another", "distill": [1, 0], "cutoffs_s": [8e-3, 9e-3]},
        1.0,
        0,
        "store",
    ),
    "pumped": ((0, 1), {"distill": [2], "scheme": "pumping"}, 1.0, 1, "store"),
    "pumped above": ((0, (1, 2)), {"distill": {1: 2}, "protocol": "bbpssw", "scheme": "pumping"}, 0.9, 0, "store"),
    "pumped, cut off": (
        ((0, 1), 2),
        {"distill": [1, 1], "cutoffs_s": [12e-3, 60e-3], "scheme": "pumping"},
        0.9,
        0,
        "store",
    ),
}
#: Many ticks to a pair.
LONG = ("pumped above", "pumped, cut off")


def chain(schedule: Any, links: int, q: float = 1.0, ticks: int = 0, ends: str = "store") -> ebit.RepeaterChain:
    pairs = [[0.94, 0.03, 0.02, 0.01], [0.97, 0.01, 0.0, 0.02]]
    return ebit.RepeaterChain(
        links=[
            ebit.HeraldedLink(
                success_probability=0.3 + 0.05 * k,
                attempt_time_s=1e-3 * (1 + k % 2),
                pair=ebit.BellDiagonal(pairs[k % 2]),
            )
            for k in range(links)
        ],
        memory=ebit.Memory(slots=4, t2_s=0.05),
        swap=ebit.Swap(success_probability=q, fidelity=0.99, duration_s=1e-3 * ticks),
        schedule=schedule,
        end_memory=ends,
    )


def leaves(tree: Any) -> int:
    return 1 if isinstance(tree, int) else sum(map(leaves, tree))


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.soak if name in LONG else ()) for name in CASES])
def test_exact_is_the_definition(name: str) -> None:
    tree, options, q, ticks, ends = CASES[name]
    schedule = Tree(tree, **options)
    asked = chain(schedule, leaves(tree), q, ticks, ends)
    exact = asked.exact()
    drawn = np.array(by_definition(asked, schedule, PAIRS, 100 + list(CASES).index(name)))
    for column, wanted, sees in (
        (drawn[:, 0] * 1e-3, exact.waiting_time_s.value, 0.08 * exact.waiting_time_s.value),
        (drawn[:, 1], exact.fidelity.value, 0.02),
    ):
        stderr = float(column.std(ddof=1)) / math.sqrt(PAIRS)
        assert 4.9 * stderr <= sees
        assert abs(column.mean() - wanted) <= 4.9 * stderr + 1e-9, (column.mean() - wanted) / stderr


def same(a: ebit.RepeaterChain, b: ebit.RepeaterChain) -> None:
    """Equal laws and, from one seed, equal samples."""
    x, y = a.exact(), b.exact()
    np.testing.assert_array_equal(x.waiting_time_pmf, y.waiting_time_pmf)
    assert x.fidelity == y.fidelity
    x, y = a.sample(2_000, rng=5), b.sample(2_000, rng=5)
    for name in x.pairs:
        np.testing.assert_array_equal(x.pairs[name], y.pairs[name])


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"cutoffs_s": (8e-3, 12e-3)},
        {"distill": (1, 0), "protocol": "bbpssw"},
        {"distill": (2, 1), "scheme": "pumping"},
    ],
)
def test_doubling_is_a_tree(options: dict[str, Any]) -> None:
    tree = ((0, 1), (2, 3))
    same(chain(Nested(**options), 4, 0.8), chain(Tree(tree, **options), 4, 0.8))


@pytest.mark.parametrize("start", ["all-at-once", "one-after-another"])
def test_link_after_link_is_a_tree(start: str) -> None:
    cutoffs = (5e-3, 9e-3, math.inf)
    sequential = Sequential(cutoffs_s=cutoffs, start=start)
    assert sequential.tree(4) == Tree((((0, 1), 2), 3), cutoffs, start=start)
    same(chain(sequential, 4, 0.8, 1), chain(sequential.tree(4), 4, 0.8, 1))
    by_node = Sequential(cutoffs_s={1: 5e-3, 2: 9e-3}, start=start)
    same(chain(sequential, 4, 0.8, 1), chain(by_node, 4, 0.8, 1))


def test_a_mirrored_tree_is_the_mirrored_chain() -> None:
    link = [ebit.HeraldedLink(success_probability=p, attempt_time_s=1e-3) for p in (0.2, 0.3, 0.5)]
    options: dict[str, Any] = {"memory": ebit.Memory(t2_s=0.1), "swap": ebit.Swap(0.7)}
    one = ebit.RepeaterChain(link, schedule=Tree(((0, 1), 2), {1: 6e-3, 2: 9e-3}), **options).exact()
    other = ebit.RepeaterChain(link[::-1], schedule=Tree((0, (1, 2)), {2: 6e-3, 1: 9e-3}), **options).exact()
    assert math.isclose(one.waiting_time_s.value, other.waiting_time_s.value, rel_tol=1e-12)
    assert math.isclose(one.fidelity.value, other.fidelity.value, rel_tol=1e-12)


def test_one_after_another_without_losses_adds_the_times() -> None:
    """Certain swaps, no cut-off: the sum of geometric times; both halves of the first pair wait for the second link."""
    p, t2 = (0.2, 0.3, 0.5), 0.1
    links = [ebit.HeraldedLink(success_probability=x, attempt_time_s=1e-3) for x in p]
    r = ebit.RepeaterChain(links, ebit.Memory(t2_s=t2), schedule=Sequential(start="one-after-another")).exact()
    assert math.isclose(r.waiting_time_s.value, 1e-3 * sum(1 / x for x in p), rel_tol=1e-8)
    f = math.exp(-2 * 1e-3 / t2)
    # E[f^N] of a geometric N, for each wait of two stored halves.
    x = math.prod(q * f / (1 - (1 - q) * f) for q in p[1:])
    assert math.isclose(1 - 2 * r.qber_x.value, x, rel_tol=1e-8)


def test_with_certain_swaps_the_time_is_that_of_the_last_link() -> None:
    """All trees and swap-asap deliver when the slowest link is there, and differ in what waits."""
    times = [
        chain(schedule, 4).exact().waiting_time_s.value
        for schedule in (Nested(), Sequential(), Tree((0, ((1, 2), 3))), ebit.schedules.SwapAsap())
    ]
    assert max(times) - min(times) < 1e-9 * times[0]


def test_a_long_sequential_chain() -> None:
    """Ten thousand links: no recursion anywhere, and a few laws in memory."""
    link = ebit.HeraldedLink(success_probability=0.9, attempt_time_s=1e-3)
    one = ebit.RepeaterChain([link] * 10_000, ebit.Memory.perfect(), schedule=Sequential())
    # P(max <= t) = (1 - .1^t)^10000.
    wanted = 1e-3 * sum(1 - (1 - 0.1**t) ** 10_000 for t in range(40))
    assert math.isclose(one.exact().waiting_time_s.value, wanted, rel_tol=1e-8)
    drawn = one.sample(2_000, rng=1).waiting_time_s
    assert abs(drawn.value - wanted) < 4.9 * drawn.stderr
    assert 4.9 * drawn.stderr < 0.02 * wanted


def test_schedules_are_data() -> None:
    tree = Tree([[0, 1], [2, 3]], cutoffs_s={1: 1e-3, 2: math.inf}, distill=[0, 1])
    assert (
        pickle.loads(pickle.dumps(tree)) == tree == Tree(**{**tree.to_dict(), "cutoffs_s": {"1": 1e-3, "2": math.inf}})
    )
    assert hash(tree) == hash(tree.replace()) != hash(tree.replace(start="one-after-another"))
    assert json.loads(json.dumps(tree.to_dict()))["tree"] == [[0, 1], [2, 3]]
    assert tree.tree == ((0, 1), (2, 3))
