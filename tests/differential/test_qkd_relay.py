"""Networks of keys: keys carried along paths, who knows them, what stores hold, and how fast a day passes."""

# Tables read best with a mistake per line.
# ruff: noqa: E501

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

import ebit
from ebit import qkd
from ebit.errors import NoRouteError, RangeError, SpecError, WrongTypeError

LINK = ebit.HeraldedLink(success_probability=0.1, attempt_time_s=1e-3)
CHAIN = ebit.Network.chain(nodes=4, link=LINK, memory=ebit.Memory.perfect(), length_km=25.0)


def ring(n: int, chords: int = 0) -> ebit.Network:
    a = np.concatenate([np.arange(n), np.arange(chords) * 7 % n])
    b = np.concatenate([(np.arange(n) + 1) % n, (np.arange(chords) * 7 + 3 + np.arange(chords) * 13 % (n // 2)) % n])
    ends = np.unique(np.sort(np.stack([a, b], axis=1)[a != b], axis=1), axis=0)
    return ebit.Network.from_arrays(
        [f"s{k}" for k in range(n)],
        ends[:, 0],
        ends[:, 1],
        np.full(len(ends), 30.0),
        link=LINK,
        memory=ebit.Memory.perfect(),
    )


def test_a_key_is_the_same_at_both_ends_and_the_announcements_tell_nothing_alone() -> None:
    rng = np.random.default_rng(1)
    links = [rng.integers(2, size=20_000).astype(bool) for _ in range(5)]
    key, published = qkd.relay_key(links)
    assert np.array_equal(key, links[0])
    assert len(published) == 4
    # 20,000 bits: a correlation of 5 % would show at 4.9 standard errors.
    for announcement in published:
        assert abs((announcement ^ key).mean() - 0.5) < 4.9 * 0.5 / 20_000**0.5
    # A node with its own link's key and the announcements has the key.
    assert np.array_equal(links[2] ^ published[0] ^ published[1], key)


def test_a_chain_trusts_all_its_nodes() -> None:
    day = qkd.KeyNetwork(CHAIN, [1e4, 100.0, 1e4]).simulate(
        [qkd.KeyDemand("n0", "n3", 1000.0, 1.0, patience_s=1e9)], 1000.0, rng=1
    )
    # The slowest link gives a key every ten seconds.
    assert int(day.served[0]) == 99
    assert day.trusted(0) == [frozenset({"n1", "n2"})]
    assert day.exposed(["n2"]).all()
    assert not day.exposed([]).any()
    assert np.array_equal(day.links["drawn_bits"], [99_000.0] * 3)
    assert (day.keys["waited_s"] >= 0).all()


def test_who_asked_first_is_served_first_and_who_still_waits_is_not_refused() -> None:
    pair = ebit.Network.chain(nodes=2, link=LINK, memory=ebit.Memory.perfect(), length_km=25.0)
    net = qkd.KeyNetwork(pair, 1.0)
    day = net.simulate([qkd.KeyDemand("n0", "n1", 256.0, 10.0, patience_s=1e5)], 5000.0, rng=1)
    # The k-th key is there at 256 k s, the fifth when a request comes; the k-th request came at 10 k s.
    order = np.arange(1, 20)
    assert day.keys["time_s"] == pytest.approx(256.0 * order, abs=1e-6)
    assert day.keys["waited_s"] == pytest.approx(246.0 * order, abs=1e-6)
    assert [int(n[0]) for n in (day.requests, day.served, day.refused, day.waiting)] == [499, 19, 0, 480]
    # Those of 4900 to 4990 s would wait beyond the end.
    day = net.simulate([qkd.KeyDemand("n0", "n1", 256.0, 10.0, patience_s=100.0)], 5000.0, rng=1)
    assert [int(n[0]) for n in (day.requests, day.served, day.refused, day.waiting)] == [499, 19, 470, 10]


def test_shares_over_disjoint_paths_need_a_member_on_each() -> None:
    day = qkd.KeyNetwork(ring(8), 1e4).simulate([qkd.KeyDemand("s0", "s3", 100.0, 1.0, paths=2)], 100.0, rng=1)
    groups = day.trusted(0)
    assert groups == [frozenset({"s1", "s2"}), frozenset({"s4", "s5", "s6", "s7"})]
    assert not day.exposed(["s1", "s2"]).any()
    assert day.exposed(["s2", "s6"]).all()
    assert int(day.served[0]) == len(day.keys["time_s"]) == 99
    # Three links carry one share, five the other.
    assert day.links["drawn_bits"].sum() == 8 * 100.0 * 99


def test_the_important_are_served_when_key_is_short() -> None:
    net = qkd.KeyNetwork(CHAIN, 200.0, capacity_bits=1e5)
    first = qkd.KeyDemand("n0", "n3", 150.0, 1.0, patience_s=30.0)
    second = qkd.KeyDemand("n0", "n3", 150.0, 1.0, reserve=0.2, patience_s=30.0)
    day = net.simulate([first, second], 10_000.0, rng=2)
    served = day.served / day.requests
    assert served[0] > 0.99
    assert 0.2 < served[1] < 0.4


def test_stores_outlive_outages_of_links_and_not_of_nodes() -> None:
    net = qkd.KeyNetwork(CHAIN, 1000.0, initial_bits=1e5)
    demand = qkd.KeyDemand.aes("n0", "n3", every_s=1.0)
    dark = net.simulate([demand], 400.0, outages=[qkd.Outage(100.0, 300.0, link=1)], rng=3)
    assert int(dark.refused[0]) == 0
    down = net.simulate([demand], 400.0, outages=[qkd.Outage(100.0, 300.0, node="n1")], rng=3)
    assert int(down.refused[0]) == 200


def test_random_failures_take_their_share_of_the_supply() -> None:
    net = qkd.KeyNetwork(ring(200), 1000.0, capacity_bits=1e12)
    day = net.simulate([], 1e5, mean_time_to_failure_s=300.0, mean_time_to_repair_s=100.0, rng=4)
    share = day.links["supplied_bits"] / 1e8
    # An alternating renewal process is up 3/4 of the time; its variance 2 u^2 d^2/(u + d)^3 per time (u, d the means).
    sigma = (2 * 300**2 * 100**2 / 400**3 / 1e5) ** 0.5
    assert abs(share.mean() - 0.75) < 4.9 * sigma / 200**0.5 + 0.25 * 100 / 1e5
    assert share.std() > 0.5 * sigma


def test_links_run_protocols_on_their_own_fibres() -> None:
    class Line:
        def __init__(self, fiber: ebit.Fiber) -> None:
            self.fiber = fiber

        def replace(self, fiber: ebit.Fiber) -> Any:
            return Line(fiber)

        def key_rate_hz(self) -> ebit.Estimate:
            rate = 1e6 * self.fiber.transmittance
            return ebit.Estimate(rate, 0.0, rate, rate)

    rates = qkd.KeyNetwork(CHAIN, Line(ebit.Fiber(1.0))).bits_per_s
    assert rates == pytest.approx([1e6 * 10**-0.5] * 3)


def test_a_day_of_a_thousand_sites() -> None:
    net = qkd.KeyNetwork(ring(1000, chords=1500), 2000.0)
    rng = np.random.default_rng(5)
    pairs = rng.permutation(1000)[:1000].reshape(-1, 2)
    demands = [
        qkd.KeyDemand.aes(f"s{a}", f"s{b}", every_s=60.0, paths=1 + k % 2, patience_s=10.0)
        for k, (a, b) in enumerate(pairs)
    ]
    start = time.perf_counter()
    day = net.simulate(demands, rng=5)
    assert time.perf_counter() - start < 10.0
    assert day.served.sum() > 0.95 * 500 * 1439
    again = net.simulate(demands[:50], 3600.0, rng=5)
    assert again.to_dict() == net.simulate(demands[:50], 3600.0, rng=5).to_dict()


def mesh(n: int, links: int, seed: int) -> ebit.Network:
    """A ring with chords at random."""
    rng = np.random.default_rng(seed)
    ends = {(k, k + 1) for k in range(n - 1)} | {(0, n - 1)}
    while len(ends) < links:
        a, b = sorted(int(x) for x in rng.integers(n, size=2))
        ends |= {(a, b)} if a != b else set()
    a, b = np.array(sorted(ends)).T
    return ebit.Network.from_arrays(
        [f"s{k}" for k in range(n)], a, b, np.full(links, 30.0), link=LINK, memory=ebit.Memory.perfect()
    )


def test_key_that_takes_longer_than_any_clock_counts_is_never_delivered() -> None:
    far = ebit.Network.chain(nodes=2, link=LINK, memory=ebit.Memory.perfect(), length_km=1000.0)
    net = qkd.KeyNetwork(far, qkd.BB84(fiber=ebit.Fiber(1.0), receiver_efficiency=0.5))
    for patience in (0.0, 3e9):
        day = net.simulate([qkd.KeyDemand.aes("n0", "n1", 60.0, patience_s=patience)], 86_400.0, rng=1)
        assert int(day.requests[0]) == int(day.refused[0]) == 1439
        assert day.links["drawn_bits"][0] == day.links["lowest_bits"][0] == 0.0 < day.links["level_bits"][0]


def test_stores_hold_what_came_and_did_not_go() -> None:
    net = qkd.KeyNetwork(CHAIN, 2.0, capacity_bits=50.0, initial_bits=100.0)
    day = net.simulate([qkd.KeyDemand("n0", "n2", 30.0, 20.0)], 1000.0, rng=1)
    links = day.links
    assert np.array_equal(links["initial_bits"], [100.0] * 3)
    held = links["initial_bits"] + links["supplied_bits"] - links["drawn_bits"] - links["spilt_bits"]
    # Sums of thousands of bits in 52 digits.
    assert np.abs(held - links["level_bits"]).max() < 1e-9
    assert links["spilt_bits"].min() >= 50.0
    assert (links["level_bits"] <= 50.0).all()


def test_sites_that_share_a_link_have_other_routes() -> None:
    triangle = ebit.Network.from_arrays(
        list("abc"), [0, 0, 2], [1, 2, 1], [20.0] * 3, link=LINK, memory=ebit.Memory.perfect()
    )
    demand = qkd.KeyDemand.aes("a", "b", 60.0, alternatives=3)
    dark = qkd.KeyNetwork(triangle, [0.0, 1e4, 1e4]).simulate([demand], 3600.0)
    cut = qkd.KeyNetwork(triangle, 1e4).simulate([demand], 3600.0, outages=[qkd.Outage(0.0, 3600.0, link=0)])
    for day in (dark, cut):
        assert day.routes == [[[("a", "b")], [("a", "c", "b")]]]
        assert int(day.served[0]) == 59
        assert (day.keys["route"] == 1).all()
        assert day.exposed(["c"]).all()
        assert day.trusted(0, 1) == [frozenset({"c"})]
    whole = qkd.KeyNetwork(triangle, 1e4).simulate([demand], 3600.0)
    assert (whole.keys["route"] == 0).all()
    assert not whole.exposed(["c"]).any()
    # Who is an end of a key knows it.
    assert whole.exposed(["a"]).all()
    assert whole.exposed({"b"}).all()


def test_requests_that_wait_cost_nothing_until_they_are_served() -> None:
    net = qkd.KeyNetwork(mesh(300, 600, 3), 8.0)
    rng = np.random.default_rng(4)
    ends = [rng.choice(300, 2, replace=False) for _ in range(300)]
    demands = [qkd.KeyDemand.aes(f"s{a}", f"s{b}", patience_s=86_400.0) for a, b in ends]

    def run(hours: float) -> tuple[qkd.KeyDay, float]:
        start = time.process_time()
        day = net.simulate(demands, 3600.0 * hours, rng=5)
        return day, time.process_time() - start

    short, first = run(6.0)
    long, second = run(24.0)
    # Four times the keys, and 16 times as many requests that wait beside each other.
    assert short.refused.sum() == long.refused.sum() == 0
    assert 1e4 < 3 * short.served.sum() < long.served.sum() < 0.8 * long.requests.sum()
    assert second < 8.0 * first


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda: qkd.KeyNetwork(CHAIN, -1.0), RangeError, "KeyNetwork: system must be finite and >= 0"),
        (lambda: qkd.KeyNetwork(CHAIN, [1.0]), WrongTypeError, "or 3 of them"),
        (lambda: qkd.KeyNetwork("net", 1.0), WrongTypeError, "network must be a Network"),
        (lambda: qkd.KeyNetwork(CHAIN, 1.0, capacity_bits=-1.0).simulate([]), RangeError, "capacity_bits"),
        (lambda: qkd.KeyNetwork(CHAIN, 1.0).simulate([qkd.KeyDemand("n0", "x", 1.0, 1.0)]), RangeError, "demands[0]: target"),
        (lambda: qkd.KeyNetwork(CHAIN, 1.0).simulate([qkd.KeyDemand("n0", "n0", 1.0, 1.0)]), RangeError, "between two sites"),
        (lambda: qkd.KeyNetwork(CHAIN, 1.0).simulate([qkd.KeyDemand("n0", "n1", 0.0, 1.0)]), RangeError, "bits must be finite and > 0"),
        (lambda: qkd.KeyNetwork(CHAIN, 1.0).simulate([qkd.KeyDemand("n0", "n3", 1.0, 1.0, paths=2)]), NoRouteError, "2 paths without a common node"),
        (lambda: qkd.KeyNetwork(CHAIN, 1.0).simulate([qkd.KeyDemand("n0", "n3", 1.0, 1e-5)]), RangeError, "fewer than"),
        (lambda: qkd.KeyNetwork(CHAIN, 1.0).simulate([], outages=[qkd.Outage(0.0, 1.0)]), RangeError, "of a link, or of a node"),
        (lambda: qkd.KeyNetwork(CHAIN, 1.0).simulate([], outages=[qkd.Outage(2.0, 1.0, link=0)]), RangeError, "to_s"),
        (lambda: qkd.relay_key([]), RangeError, "at least one"),
        (lambda: qkd.relay_key([[True], [True, False]]), RangeError, "keys[1]"),
        (lambda: qkd.relay_key([[0, 1]]), WrongTypeError, "a bool array"),
    ],
)  # fmt: skip
def test_mistakes(call: Any, kind: type[SpecError], words: str) -> None:
    with pytest.raises(kind) as caught:
        call()
    assert words in str(caught.value)
