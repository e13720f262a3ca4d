"""With messages that arrive everyone always gets their pairs: a chain of one request, and requests that compete.

Oldest with oldest keeps pairs in one order at every node, so that no two of them can hold what the other waits for. An
order that is not the same at all nodes (after a tie, or when a pair in a slow swap is passed by) locks up within
milliseconds when the slots of neighbours differ. Requests that share links take turns in one order on all of them, so
that no circle of waiting can close; what breaks the order (a loss, a start, a cut-off) must mend it again.

A lock-out shows as a ``StuckError``, or as a request that is unfinished after simulated minutes for a run of seconds.
EBIT_PROPERTY_CASES sets how many networks are tried; `make soak` tries 20,000 of each kind.
"""

from __future__ import annotations

import itertools
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ebit

CASES = int(os.environ.get("EBIT_PROPERTY_CASES", "300"))

times = st.sampled_from([100, 200, 300]) | st.integers(80, 400)


@settings(max_examples=CASES, deadline=None, derandomize=True)
@given(
    slots=st.lists(st.integers(1, 3), min_size=4, max_size=6),
    attempts=st.lists(times, min_size=5, max_size=5),
    lengths=st.lists(times, min_size=5, max_size=5),
    p=st.lists(st.sampled_from([0.5, 1.0]), min_size=5, max_size=5),
    q=st.sampled_from([0.5, 1.0]),
    duration=st.sampled_from([0, 100]),
    delay=st.booleans(),
    seed=st.integers(0, 2**64),
)
def test_a_chain_never_locks_itself_out(
    slots: list[int],
    attempts: list[int],
    lengths: list[int],
    p: list[float],
    q: float,
    duration: int,
    delay: bool,
    seed: int,
) -> None:
    swap = ebit.Swap(success_probability=q, duration_s=duration * 1e-6)
    nodes = [ebit.Node(f"n{k}", ebit.Memory(n), swap) for k, n in enumerate(slots)]
    links = [
        ebit.Link(a.name, b.name, ebit.HeraldedLink(success_probability=w, attempt_time_s=t * 1e-6), 0.2 * km)
        for (a, b), w, t, km in zip(itertools.pairwise(nodes), p, attempts, lengths, strict=False)
    ]
    request = ebit.Request("n0", nodes[-1].name, pairs=200, classical_delay=delay)
    assert ebit.simulate(ebit.Network(nodes, links), [request], rng=seed)[0].pairs.count == 200


@pytest.mark.parametrize("delay", [False, True])
def test_equally_old_pairs_keep_their_order(delay: bool) -> None:
    """Found by random search: 2 slots at n0 and 1 at n5, everything on a grid."""
    attempts, lengths = (200, 200, 200, 100, 200), (300, 300, 100, 200, 200)
    nodes = [ebit.Node(f"n{k}", ebit.Memory(n)) for k, n in enumerate((2, 1, 1, 3, 3, 1))]
    links = [
        ebit.Link(
            f"n{k}",
            f"n{k + 1}",
            ebit.HeraldedLink(success_probability=0.5 if k == 1 else 1.0, attempt_time_s=t * 1e-6),
            0.2 * km if delay else 0.0,
        )
        for k, (t, km) in enumerate(zip(attempts, lengths, strict=True))
    ]
    for seed in range(200):
        request = ebit.Request("n0", "n5", pairs=200, classical_delay=delay)
        assert ebit.simulate(ebit.Network(nodes, links), [request], rng=seed)[0].pairs.count == 200


# -- requests that compete ------------------------------------------------------------------------------------------

NODES = 7
schedules = st.sampled_from(
    [
        ebit.schedules.SwapAsap(),
        ebit.schedules.SwapAsap(cutoff_s=6e-3),
        ebit.schedules.Nested(),
        ebit.schedules.Nested(handshake=True),
    ]
)


@settings(max_examples=CASES, deadline=None, derandomize=True)
@given(
    slots=st.lists(st.integers(1, 3), min_size=NODES, max_size=NODES),
    links=st.lists(st.tuples(st.sampled_from([0.3, 0.6, 1.0]), times, times), min_size=NODES + 3, max_size=NODES + 3),
    chords=st.lists(st.tuples(st.integers(0, NODES - 1), st.integers(2, NODES - 2)), max_size=3),
    rows=st.lists(
        st.tuples(
            st.integers(0, NODES - 1),
            st.integers(1, NODES - 1),
            st.booleans(),
            schedules,
            st.sampled_from([0.0, 0.0, 1e-3, 1.7e-3]),
        ),
        min_size=2,
        max_size=5,
    ),
    q=st.sampled_from([0.6, 1.0]),
    duration=st.sampled_from([0, 100]),
    t1_s=st.sampled_from([None, None, 0.05]),
    assign=st.sampled_from(["oldest", "fewest-pairs"]),
    match=st.sampled_from(["oldest", "longest"]),
    seed=st.integers(0, 2**64),
)
def test_competing_requests_all_finish(
    slots: list[int],
    links: list[tuple[float, int, int]],
    chords: list[tuple[int, int]],
    rows: list[tuple[int, int, bool, object, float]],
    q: float,
    duration: int,
    t1_s: float | None,
    assign: str,
    match: str,
    seed: int,
) -> None:
    """A ring with chords, and routes that overlap in many ways."""
    swap = ebit.Swap(success_probability=q, duration_s=duration * 1e-6)
    nodes = [ebit.Node(f"n{k}", ebit.Memory(n, t1_s=t1_s), swap) for k, n in enumerate(slots)]
    edges = [(k, (k + 1) % NODES) for k in range(NODES)]
    for k, step in chords:
        edge = (k, (k + step) % NODES)
        if edge not in edges and edge[::-1] not in edges:
            edges.append(edge)
    net = ebit.Network(
        nodes,
        [
            ebit.Link(f"n{a}", f"n{b}", ebit.HeraldedLink(success_probability=p, attempt_time_s=t * 1e-6), 0.2 * km)
            for (a, b), (p, t, km) in zip(edges, links, strict=False)
        ],
    )
    requests = []
    for source, step, delay, schedule, start_s in rows:
        ends = f"n{source}", f"n{(source + step) % NODES}"
        hops = net.route(*ends).hops
        if isinstance(schedule, ebit.schedules.Nested) and hops & (hops - 1):
            schedule = ebit.schedules.SwapAsap()
        requests.append(
            ebit.Request(*ends, pairs=20, classical_delay=delay, schedule=schedule, start_s=start_s)  # type: ignore[arg-type]
        )
    results = ebit.simulate(net, requests, rng=seed, until_s=600.0, assign=assign, match=match)
    assert all(all(r.finished) and r.pairs.count == 20 for r in results)
