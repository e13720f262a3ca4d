"""Requests that share links.

False-alarm rate: 1e-6 per comparison (|z| < 4.9). Rates are seen to 1.5 % or better, asserted.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

import ebit

Z = 4.9
REPLICAS = 50


def link(p: float, t: float = 1e-3) -> ebit.HeraldedLink:
    return ebit.HeraldedLink(success_probability=p, attempt_time_s=t)


def star(p: float, *, slots: int = 1, t: float = 1e-3) -> ebit.Network:
    """a and c reach b and d over the one line m-n."""
    nodes = [ebit.Node(name, ebit.Memory(slots)) for name in "abcdmn"]
    ends = [("a", "m"), ("c", "m"), ("m", "n"), ("n", "b"), ("n", "d")]
    return ebit.Network(nodes, [ebit.Link(x, y, link(p, t)) for x, y in ends])


def rates(
    net: ebit.Network, requests: list[ebit.Request], seed: int, until_s: float = 40.0, **options: object
) -> np.ndarray:
    """Pairs per second, one row per request, one column per replica."""
    results = ebit.simulate(net, requests, replicas=REPLICAS, rng=seed, until_s=until_s, threads=1, **options)
    return np.array([np.bincount(r.pairs["replica"], minlength=REPLICAS) / until_s for r in results])


def agree(a: np.ndarray, b: np.ndarray, detectable: float = 0.015) -> None:
    stderr = math.sqrt((a.var(ddof=1) + b.var(ddof=1)) / REPLICAS)
    assert Z * stderr <= detectable * a.mean()
    assert abs(a.mean() - b.mean()) <= Z * stderr


@pytest.mark.parametrize("assign", ["oldest", "fewest-pairs"])
@pytest.mark.parametrize("delay", [False, True])
@pytest.mark.parametrize("q", [1.0, 0.6])
def test_two_requests_over_one_chain_get_half_each(assign: str, delay: bool, q: float) -> None:
    """One slot: the chain makes the same pairs, whoever they are for."""
    net = ebit.Network.chain(4, link=link(0.4), memory=ebit.Memory(1), swap=ebit.Swap(q), length_km=20.0)
    alone = ebit.Request("n0", "n3", pairs=None, classical_delay=delay)
    back = ebit.Request("n3", "n0", pairs=None, classical_delay=delay)
    (whole,) = rates(net, [alone], 1)
    for k, requests in enumerate(([alone, alone], [alone, back])):
        first, second = rates(net, requests, 2 + k, assign=assign)
        agree(first, whole / 2)
        agree(second, whole / 2)
        # They take turns: never more than one pair apart without losses.
        if q == 1.0:
            assert np.max(np.abs(np.rint((first - second) * 40.0))) <= 1


def test_three_requests_get_a_third_each() -> None:
    net = ebit.Network.chain(3, link=link(0.4), memory=ebit.Memory(1))
    alone = ebit.Request("n0", "n2", pairs=None)
    (whole,) = rates(net, [alone], 11)
    for third in rates(net, [alone] * 3, 12):
        agree(third, whole / 3)


@pytest.mark.parametrize("assign", ["oldest", "fewest-pairs"])
@pytest.mark.parametrize("q", [1.0, 0.6])
def test_two_requests_through_a_one_slot_node(assign: str, q: float) -> None:
    """Alone, the node swaps whenever both of its slots are full: every T E[max of two geometric(p)], q of them succeed.

    Both links start anew at each swap, whoever it was for; two requests share that rate equally. Exact values; 0.5 %.
    """
    p, t, until_s = 0.3, 1e-3, 400.0
    alone = q / (t * (2 / p - 1 / (1 - (1 - p) ** 2)))
    net = ebit.Network.chain(3, link=link(p, t), memory=ebit.Memory(1), swap=ebit.Swap(q))
    request = ebit.Request("n0", "n2", pairs=None, classical_delay=False)
    (whole,) = rates(net, [request], 41, until_s, assign=assign)
    agree(whole, np.full(REPLICAS, alone), 0.005)
    for half in rates(net, [request, request], 42, until_s, assign=assign):
        agree(half, np.full(REPLICAS, alone / 2), 0.005)
        assert half.max() < whole.min()


def test_sharing_one_line_only() -> None:
    """Their own lines are ready long before their turn: each gets half of what the shared line makes."""
    ends = [("a", "m"), ("c", "m"), ("m", "n"), ("n", "b"), ("n", "d")]
    nodes = [ebit.Node(name, ebit.Memory(1)) for name in "abcdmn"]
    net = ebit.Network(
        nodes, [ebit.Link(x, y, link(0.05) if (x, y) == ("m", "n") else link(1.0, 1e-5)) for x, y in ends]
    )
    requests = [
        ebit.Request("a", "b", pairs=None, classical_delay=False),
        ebit.Request("c", "d", pairs=None, classical_delay=False),
    ]
    first, second = rates(net, requests, 21, until_s=100.0)
    exact = np.full(REPLICAS, 0.05 / 1e-3 / 2)
    agree(first, exact)
    agree(second, exact)


def test_sharing_one_line_by_hand() -> None:
    """All links herald after 1 ms for certain: the line serves one, then the other."""
    requests = [ebit.Request(x, y, pairs=3, classical_delay=False) for x, y in (("a", "b"), ("c", "d"))]
    results = ebit.simulate(star(1.0), requests, rng=1)
    np.testing.assert_allclose(results[0].pairs["time_s"], [1e-3, 3e-3, 5e-3])
    np.testing.assert_allclose(results[1].pairs["time_s"], [2e-3, 4e-3, 6e-3])


def test_equals_fare_alike() -> None:
    requests = [ebit.Request(x, y, pairs=None) for x, y in (("a", "b"), ("c", "d"))]
    for slots, assign in itertools.product((1, 3), ("oldest", "fewest-pairs")):
        first, second = rates(star(0.3, slots=slots), requests, 31 + slots, assign=assign)
        agree(first, second)


def test_oldest_first_and_fewest_pairs_by_hand() -> None:
    """The elder takes the line until it has all; by fewest pairs, the younger catches up."""
    elder = ebit.Request("a", "b", pairs=4, classical_delay=False)
    younger = ebit.Request("c", "d", pairs=4, start_s=1.5e-3, classical_delay=False)
    oldest, fewest = (
        ebit.simulate(star(1.0), [elder, younger], rng=1, assign=assign) for assign in ("oldest", "fewest-pairs")
    )
    np.testing.assert_allclose(oldest[0].pairs["time_s"], [1e-3, 2e-3, 3e-3, 4e-3])
    np.testing.assert_allclose(oldest[1].pairs["time_s"], [5e-3, 6e-3, 7e-3, 8e-3])
    # At 2 ms the elder has one pair and the younger none, whose own lines herald at 2.5 ms; then in turn.
    np.testing.assert_allclose(fewest[0].pairs["time_s"], [1e-3, 3.5e-3, 5.5e-3, 7.5e-3])
    np.testing.assert_allclose(fewest[1].pairs["time_s"], [2.5e-3, 4.5e-3, 6.5e-3, 8.5e-3])


@pytest.mark.parametrize("q", [1.0, 0.4])
@pytest.mark.parametrize("delay", [False, True])
@pytest.mark.parametrize("cutoff_s", [None, 8e-3])
def test_crossing_requests_never_lock_each_other_out(q: float, delay: bool, cutoff_s: float | None) -> None:
    """A ring of six with requests over half of it from every node, and over one line: all get their pairs."""
    names = [f"n{k}" for k in range(6)]
    net = ebit.Network(
        [ebit.Node(name, ebit.Memory(1 + k % 2, t2_s=0.1), ebit.Swap(q)) for k, name in enumerate(names)],
        [ebit.Link(names[k], names[(k + 1) % 6], link(0.3 + 0.1 * k, 1e-4 * (k + 3)), 10.0 + k) for k in range(6)],
    )
    schedule = ebit.schedules.SwapAsap(cutoff_s=cutoff_s)
    requests = [
        ebit.Request(
            names[k],
            names[(k + 3) % 6],
            pairs=15,
            start_s=1e-3 * (k % 3),
            classical_delay=delay,
            schedule=schedule,
            route=[names[(k + j) % 6] for j in range(4)],
        )
        for k in range(6)
    ] + [ebit.Request("n2", "n3", pairs=15, classical_delay=delay)]
    for assign in ("oldest", "fewest-pairs"):
        results = ebit.simulate(net, requests, rng=5, replicas=10, assign=assign)
        assert all(all(r.finished) and r.pairs.count == 150 for r in results)
