"""When news arrives: instants of delivery by hand, for links that never fail, and messages on their way.

A swap at node k at s_k is known at the source at s_k + x_k and at the target at s_k + X - x_k, x_k the light time from
the source; the pair is delivered when the last end has heard of the last swap.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ebit

SPEED_M_PER_S = 2e8


def chain(
    attempts_s: Sequence[float],
    lengths_km: Sequence[float],
    *,
    p: float = 1.0,
    slots: int = 1,
    swap: ebit.Swap | None = None,
    loss: float = 0.0,
) -> ebit.Network:
    nodes = [ebit.Node(f"n{k}", ebit.Memory(slots), swap or ebit.Swap.perfect()) for k in range(len(attempts_s) + 1)]
    links = [
        ebit.Link(a.name, b.name, ebit.HeraldedLink(success_probability=p, attempt_time_s=t), length_km=km)
        for (a, b), t, km in zip(itertools.pairwise(nodes), attempts_s, lengths_km, strict=True)
    ]
    return ebit.Network(nodes, links, message_loss_probability=loss)


def deliveries(net: ebit.Network, pairs: int) -> np.ndarray:
    request = ebit.Request(net.names[0], net.names[-1], pairs=pairs, classical_delay=True)
    return ebit.simulate(net, [request], rng=1)[0].pairs["time_s"]


@pytest.mark.parametrize(
    ("attempts_ms", "lengths_km", "delivered_ms"),
    [
        # Swap at 3; the far side hears of it after .5. Then everything starts anew.
        ((1, 3), (20, 100), [3.5, 7.0, 10.5]),
        ((1, 3), (40, 200), [4.0, 8.0, 12.0]),
        # Swaps at 2 and 3: the target hears of the first at 2 + .8, of the second at 3 + .5. The middle link has been
        # free since 3 and heralds at 5, the outer ones at 4.5 and 6.5: swaps at 5 and 6.5.
        ((1, 2, 3), (20, 60, 100), [3.5, 7.0, 10.5]),
        # Both neighbours swap at 1; .3 + .5 to the target. The middle link has waited since 2 when the outer ones come.
        ((1, 1, 1), (20, 60, 100), [1.8, 3.6, 5.4]),
        # Swaps at 2, 3, 4: source and target hear of the last at 4 + .9.
        ((1, 2, 3, 4), (20, 60, 100, 140), [4.9, 9.8, 14.7]),
        ((1, 2, 3, 4), (40, 120, 200, 280), [5.8, 11.6, 17.4]),
    ],
)
def test_instants_of_delivery(
    attempts_ms: Sequence[float], lengths_km: Sequence[float], delivered_ms: list[float]
) -> None:
    net = chain([t * 1e-3 for t in attempts_ms], lengths_km)
    np.testing.assert_allclose(deliveries(net, 3) * 1e3, delivered_ms, rtol=0, atol=1e-9)


def by_hand(attempts: Sequence[int], light: Sequence[int], pairs: int) -> list[int]:
    """One slot: a link starts again when both of its slots are free; end slots are free at the delivery."""
    n = len(attempts)
    x = [sum(light[:k]) for k in range(n + 1)]
    free = [0] * (n + 1)
    out = []
    for _ in range(pairs):
        herald = [max(free[k], free[k + 1]) + attempts[k] for k in range(n)]
        swap = {k: max(herald[k - 1], herald[k]) for k in range(1, n)}
        delivered = max([s + max(x[k], x[n] - x[k]) for k, s in swap.items()], default=herald[0])
        out.append(delivered)
        free = [delivered, *(swap[k] for k in range(1, n)), delivered]
    return out


microseconds = st.integers(1, 2_000)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(links=st.lists(st.tuples(microseconds, microseconds), min_size=1, max_size=9), stretch=st.sampled_from([1, 2]))
def test_news_travels_at_the_speed_of_light(links: list[tuple[int, int]], stretch: int) -> None:
    """And twice the length is twice the light time, with which the swaps stay where they are."""
    attempts, light = [a for a, _ in links], [stretch * b for _, b in links]
    got = deliveries(chain([a * 1e-6 for a in attempts], [b * 1e-6 * SPEED_M_PER_S / 1e3 for b in light]), 12)
    np.testing.assert_allclose(got * 1e6, by_hand(attempts, light, 12), rtol=0, atol=1e-5)


@pytest.mark.parametrize("speed", [2e8, 1e8])
def test_photonic_links_use_the_speed_of_their_own_fibre(speed: float) -> None:
    detector = ebit.Detector(efficiency=0.9)
    nodes = [ebit.Node(name, ebit.Memory.perfect()) for name in "abc"]
    links = [
        ebit.Link(a, b, ebit.DoubleClick(fiber=ebit.Fiber(km, speed_m_per_s=speed), detector=detector))
        for a, b, km in (("a", "b", 10.0), ("b", "c", 24.0))
    ]
    events = ebit.simulate(ebit.Network(nodes, links), [ebit.Request("a", "c", pairs=50)], rng=1, trace=True).events
    swaps = events["time_s"][events["kind"] == "swap"]
    delivered = events["time_s"][events["kind"] == "delivered"]
    np.testing.assert_allclose(delivered - swaps, 24e3 / speed, rtol=1e-9)


def test_half_the_speed_of_light_doubles_every_instant() -> None:
    """Photonic links take their time from light alone, and chance does not: the same luck at c and at c/2, exactly."""
    detector = ebit.Detector(efficiency=0.9)
    swap = ebit.Swap(success_probability=0.7)
    pairs = {}
    for speed in (2e8, 1e8):
        nodes = [ebit.Node(f"n{k}", ebit.Memory.perfect(2), swap) for k in range(4)]
        links = [
            ebit.Link(a.name, b.name, ebit.DoubleClick(fiber=ebit.Fiber(km, speed_m_per_s=speed), detector=detector))
            for (a, b), km in zip(itertools.pairwise(nodes), (10.0, 24.0, 16.0), strict=True)
        ]
        results = ebit.simulate(ebit.Network(nodes, links), [ebit.Request("n0", "n3", pairs=200)], rng=1, trace=True)
        pairs[speed] = results[0].pairs["time_s"], results.events["time_s"]
    for fast, slow in zip(pairs[2e8], pairs[1e8], strict=True):
        np.testing.assert_array_equal(np.rint(slow * 1e12), 2 * np.rint(fast * 1e12))
    assert len(set(np.diff(pairs[2e8][0]).tolist())) > 50


def test_instant_knowledge_is_the_limit_of_short_fibres() -> None:
    attempts = [1e-3, 2e-3, 1.5e-3]
    request = ebit.Request("n0", "n3", pairs=50, classical_delay=False)
    instant = ebit.simulate(chain(attempts, [20, 30, 40]), [request], rng=1)[0].pairs["time_s"]
    np.testing.assert_array_equal(instant, deliveries(chain(attempts, [0, 0, 0]), 50))


# -- lost messages --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("hops", "waiting"), [(2, {"n0", "n2"}), (3, {"n0", "n3"})])
def test_when_no_message_arrives_the_error_says_who_waits(hops: int, waiting: set[str]) -> None:
    net = chain([1e-3] * hops, [20.0] * hops, loss=1.0)
    with pytest.raises(ebit.errors.StuckError) as caught:
        ebit.simulate(net, [ebit.Request("n0", f"n{hops}", pairs=2)], rng=1)
    text = str(caught.value)
    assert f"'n0' -> 'n{hops}'" in text or ("n0" in text and f"n{hops}" in text)
    assert waiting <= set(re.findall(r"node '(\w+)' for a message", text))


@pytest.mark.filterwarnings("ignore::ebit.errors.StuckWarning", "ignore::ebit.errors.NoPairsWarning")
def test_one_lost_message_leaves_one_pair_stale() -> None:
    """Two slots, certain links of 1 ms, news after .1 ms: two pairs every 1.1 ms, and one after a message is lost.

    The end that hears nothing keeps its half, and the other end, which has heard, its own: one slot each, for ever.
    """
    net = chain([1e-3, 1e-3], [20.0, 20.0], slots=2, loss=0.01)
    options = {"until_s": 0.0331, "trace": True}
    seen = 0
    for seed in range(200):
        results = ebit.simulate(net, [ebit.Request("n0", "n2", pairs=None)], rng=seed, **options)
        log = results.events
        if log.counts["lost_messages"] != 1:
            continue
        (lost,) = np.nonzero(log["kind"] == "lost_message")
        at, stale = log["time_s"][lost[0]], log["pair"][lost[0]]
        # Swaps at 1, 2.1, 3.2 ... ms, deliveries .1 ms later.
        cycle = round((at - 1e-3) / 1.1e-3)
        assert at == pytest.approx(1e-3 + 1.1e-3 * cycle, abs=1e-12)
        expected = [1.1e-3 * (k + 1) for k in range(30) for _ in range(2 if k < cycle else 1)]
        np.testing.assert_allclose(results[0].pairs["time_s"], expected, rtol=0, atol=1e-12)
        assert stale not in log["pair"][log["kind"] == "delivered"]
        # One end has heard of it.
        assert np.sum((log["kind"] == "message") & (log["pair"] == stale)) == 1
        seen += 1
        assert log.counts["messages"] == 2 * np.sum(log["kind"] == "swap")
    assert seen > 20


def test_lost_messages_are_logged_and_their_pairs_keep_their_slots() -> None:
    """Every lost message keeps a pair in its slots for ever: with 20 slots, half of the rate is gone after ten."""
    options = {"rng": 5, "until_s": 2.0, "trace": True}
    request = ebit.Request("n0", "n2", pairs=None)
    runs = {
        loss: ebit.simulate(chain([1e-3, 1e-3], [20.0, 20.0], p=0.3, slots=20, loss=loss), [request], **options)
        for loss in (0.0, 0.001)
    }
    lossless, lossy = runs[0.0], runs[0.001]
    log = lossy.events
    lost = int(np.sum(log["kind"] == "lost_message"))
    assert lost == log.counts["lost_messages"] > 0
    assert set(log["place"][log["kind"] == "lost_message"]) == {1}
    assert lossless.events.counts["lost_messages"] == 0
    # Each swap tells two ends.
    assert log.counts["messages"] == 2 * np.sum(log["kind"] == "swap")
    # Pairs made and never delivered: every one has a lost message, or its news is under way at the end.
    made = int(np.sum(log["kind"] == "swap"))
    assert made - lossy[0].pairs.count > 0
    stuck = len(set(log["pair"][log["kind"] == "lost_message"]))
    assert stuck <= made - lossy[0].pairs.count <= stuck + 20
    assert lossy[0].pairs.count < lossless[0].pairs.count
    # The rate falls as slots fill: each stuck pair takes one slot of 20 away from then on.
    times = lossy[0].pairs["time_s"]
    early, late = np.sum(times < 0.2), np.sum(times > 1.8)
    assert late < early


# -- slots ----------------------------------------------------------------------------------------------------------


@settings(max_examples=80, deadline=None, derandomize=True)
@given(
    slots=st.integers(1, 4),
    links=st.lists(st.tuples(microseconds, microseconds), min_size=2, max_size=6),
    p=st.sampled_from([0.4, 0.8, 1.0]),
    q=st.sampled_from([0.2, 0.5, 1.0]),
    delay=st.booleans(),
    seed=st.integers(0, 2**32),
)
def test_no_slot_is_used_twice(
    slots: int, links: list[tuple[int, int]], p: float, q: float, delay: bool, seed: int
) -> None:
    """A slot needs an attempt's time for each herald, so no window that long sees more heralds than slots."""
    attempts = [a * 1e-6 for a, _ in links]
    net = chain(attempts, [b * 0.2 for _, b in links], p=p, slots=slots, swap=ebit.Swap(success_probability=q))
    request = ebit.Request("n0", f"n{len(links)}", pairs=30, classical_delay=delay)
    log = ebit.simulate(net, [request], rng=seed, trace=True).events
    for link, attempt in enumerate(attempts):
        times = log["time_s"][(log["kind"] == "herald") & (log["place"] == link)]
        assert np.all(times[slots:] - times[:-slots] >= attempt * (1 - 1e-9))
    # Every pair has a name of its own, and is delivered once.
    named = log["pair"][np.isin(log["kind"], ["herald", "swap"])]
    assert len(set(named)) == len(named)
    delivered = log["pair"][log["kind"] == "delivered"]
    assert len(set(delivered)) == len(delivered) == 30


def test_an_end_keeps_its_slot_until_it_hears_of_the_failure() -> None:
    """Two links, one slot, p = 1: after a failed swap the outer slots are free a light time later, not before."""
    net = chain([1e-3, 1e-3], [20.0, 100.0], swap=ebit.Swap(success_probability=0.5))
    log = ebit.simulate(net, [ebit.Request("n0", "n2", pairs=40)], rng=3, trace=True).events
    for link, light in ((0, 1e-4), (1, 5e-4)):
        heralds = log["time_s"][(log["kind"] == "herald") & (log["place"] == link)]
        failures = log["time_s"][log["kind"] == "swap_failed"]
        assert len(failures) > 5
        for t in failures:
            following = heralds[heralds > t]
            if len(following):
                assert following[0] == pytest.approx(t + light + 1e-3, abs=1e-12)


def test_neighbours_measure_side_by_side() -> None:
    """With classical delay a node cannot know that its neighbour has begun a slow measurement of the same pair.

    Three equal links herald at 10 ms, both nodes measure for 5 ms, the news has 2 ms to the far end: 17 ms.
    """
    net = chain([1e-2] * 3, [200.0] * 3, swap=ebit.Swap(duration_s=5e-3))
    assert deliveries(net, 1)[0] == pytest.approx(17e-3, abs=1e-12)


def test_restart_makes_one_pair_per_link_at_a_time() -> None:
    """A chain starts each pair from empty memories, however many slots there are."""
    net = chain([1.0, 3.0], [0.0, 0.0], slots=4)
    pairs = ebit.simulate(net, [ebit.Request("n0", "n2", pairs=5, restart=True)], rng=1)[0].pairs
    np.testing.assert_allclose(pairs["waiting_time_s"], 3.0)
