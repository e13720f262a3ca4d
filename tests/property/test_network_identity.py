"""The same seed gives the same bits: whatever the threads, the batching, and the rest of the network."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ebit

LOG = ("replica", "time_s", "kind", "place", "pair")


def identical(a: ebit.results.Results, b: ebit.results.Results, requests: int | None = None) -> None:
    for x, y in itertools.islice(zip(a, b, strict=False), requests):
        assert list(x.pairs) == list(y.pairs)
        for name in x.pairs:
            assert x.pairs[name].tobytes() == y.pairs[name].tobytes(), name
        assert x.total_s.tobytes() == y.total_s.tobytes()
        assert x.finished == y.finished


def same_log(a: ebit.results.Results, b: ebit.results.Results) -> None:
    for name in LOG:
        np.testing.assert_array_equal(a.events[name], b.events[name])
    assert a.events.counts == b.events.counts


def link(p: float, t: float) -> ebit.HeraldedLink:
    return ebit.HeraldedLink(success_probability=p, attempt_time_s=t, pair=ebit.BellDiagonal.werner(fidelity=0.97))


def node(name: str, t1: float | None = None, slots: int = 2) -> ebit.Node:
    return ebit.Node(name, ebit.Memory(slots, t1_s=t1, t2_s=0.05), ebit.Swap(0.7, 0.98))


def line(
    t1: float | None = None, extra: Sequence[ebit.Node] = (), more: Sequence[ebit.Link] = (), loss: float = 0.0
) -> ebit.Network:
    nodes = [node(name, t1) for name in "abcd"]
    links = [
        ebit.Link("a", "b", link(0.3, 1e-3), 20.0),
        ebit.Link("b", "c", link(0.5, 7e-4), 33.0),
        ebit.Link("d", "c", link(0.2, 5e-4), 8.0),
    ]
    return ebit.Network([*nodes, *extra], [*links, *more], message_loss_probability=loss)


MODES = {
    "pipelined": {},
    "instant knowledge": {"classical_delay": False},
    "chain": {"restart": True},
    "cut-off": {"restart": True, "schedule": ebit.schedules.SwapAsap(cutoff_s=5e-3)},
}


@pytest.mark.parametrize("t1", [None, 0.1])
@pytest.mark.parametrize("method", ["skip", "per-attempt"])
@pytest.mark.parametrize("mode", MODES)
def test_threads_never_change_a_bit(mode: str, method: str, t1: float | None) -> None:
    requests = [ebit.Request("a", "d", pairs=40, **MODES[mode])]

    def run(threads: int) -> ebit.results.Results:
        return ebit.simulate(line(t1), requests, replicas=9, rng=2**127 + 5, method=method, trace=True, threads=threads)

    once = run(1)
    for threads in (1, 2, 4):
        again = run(threads)
        identical(once, again)
        same_log(once, again)


@pytest.mark.parametrize("assign", ["oldest", "fewest-pairs"])
def test_threads_never_change_a_bit_of_requests_that_compete(assign: str) -> None:
    requests = [ebit.Request("a", "d", pairs=30), ebit.Request("d", "b", pairs=30), ebit.Request("b", "c", pairs=30)]

    def run(threads: int) -> ebit.results.Results:
        return ebit.simulate(line(loss=0.001), requests, replicas=9, rng=6, until_s=2.0, assign=assign, trace=True,
                             threads=threads)  # fmt: skip

    once = run(1)
    for threads in (2, 4):
        again = run(threads)
        identical(once, again)
        same_log(once, again)


@pytest.mark.filterwarnings("ignore::ebit.errors.NoPairsWarning")
@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    cuts=st.lists(st.integers(1, 11), max_size=4, unique=True),
    first=st.sampled_from([0, 1, 17, 2**32 - 20]),
    until=st.sampled_from([None, 0.08]),
    seed=st.integers(0, 2**128 - 1),
    threads=st.integers(1, 3),
)
def test_batches_of_replicas_are_the_whole(
    cuts: list[int], first: int, until: float | None, seed: int, threads: int
) -> None:
    requests = [ebit.Request("a", "d", pairs=25), ebit.Request("b", "d", pairs=10, start_s=0.01)]
    net = line()

    def run(start: int, count: int, threads: int = 1) -> ebit.results.Results:
        options = {"until_s": until, "trace": True, "threads": threads}
        return ebit.simulate(net, requests, replicas=count, first_replica=first + start, rng=seed, **options)

    whole = run(0, 12)
    edges = [0, *sorted(cuts), 12]
    parts = [run(a, b - a, threads) for a, b in itertools.pairwise(edges)]
    for k in range(len(requests)):
        for name in whole[k].pairs:
            joined = np.concatenate([part[k].pairs[name] for part in parts])
            assert whole[k].pairs[name].tobytes() == joined.tobytes(), name
        assert whole[k].total_s.tobytes() == np.concatenate([part[k].total_s for part in parts]).tobytes()
        assert whole[k].finished == tuple(itertools.chain(*(part[k].finished for part in parts)))
    for name in LOG:
        np.testing.assert_array_equal(whole.events[name], np.concatenate([part.events[name] for part in parts]))
    for name, count in whole.events.counts.items():
        assert count == sum(part.events.counts[name] for part in parts)


@pytest.mark.parametrize("method", ["skip", "per-attempt"])
@pytest.mark.parametrize("mode", MODES)
def test_the_rest_of_the_network_shifts_no_draw(mode: str, method: str) -> None:
    """Nodes and links put in elsewhere, behind or in front of the others' names, leave a request as it was."""
    request = ebit.Request("a", "d", pairs=60, route=["a", "b", "c", "d"], **MODES[mode])
    options = {"replicas": 3, "rng": 4, "method": method}
    alone = ebit.simulate(line(), [request], **options)
    extra = [node(name) for name in ("0", "z")]
    more = [ebit.Link("z", "0", link(0.9, 1e-4), 1.0), ebit.Link("z", "d", link(0.9, 1e-4), 1.0)]
    idle = ebit.simulate(line(extra=extra, more=more), [request], **options)
    identical(alone, idle)
    # Even when somebody uses them, over nodes of the request's own route: no slot is shared.
    busy = ebit.simulate(line(extra=extra, more=more), [request, ebit.Request("0", "d", pairs=60)], **options)
    identical(alone, busy, 1)


def test_message_loss_has_a_stream_of_its_own() -> None:
    """A request without messages has the same draws whether or not messages get lost."""
    request = ebit.Request("a", "d", pairs=60, classical_delay=False)
    runs = [ebit.simulate(line(loss=loss), [request], rng=4, replicas=3) for loss in (0.0, 0.5)]
    identical(*runs)


def test_a_longer_run_begins_like_a_shorter_one() -> None:
    short, long = (ebit.simulate(line(), [ebit.Request("a", "d", pairs=n)], rng=9)[0].pairs for n in (50, 400))
    for name in short:
        assert short[name].tobytes() == long[name][:50].tobytes()


def test_what_is_logged_changes_nothing() -> None:
    request = [ebit.Request("a", "d", pairs=50)]
    identical(*(ebit.simulate(line(), request, rng=9, replicas=2, trace=trace) for trace in (False, True)))


def test_seeds_and_replicas_differ() -> None:
    request = [ebit.Request("a", "d", pairs=20)]
    times = {ebit.simulate(line(), request, rng=k)[0].pairs["time_s"].tobytes() for k in (0, 1, 2**64, 2**127)}
    times |= {
        ebit.simulate(line(), request, rng=0, first_replica=k)[0].pairs["time_s"].tobytes() for k in (1, 2, 2**32)
    }
    assert len(times) == 7


def test_the_seed_of_a_result_repeats_it() -> None:
    request = [ebit.Request("a", "d", pairs=20)]
    for rng in (None, 3, np.random.SeedSequence(5), np.random.default_rng(6)):
        first = ebit.simulate(line(), request, rng=rng)
        identical(first, ebit.simulate(line(), request, rng=first.seed))
