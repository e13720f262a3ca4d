"""A chain of one request, with messages that arrive, always makes its pairs.

Oldest with oldest keeps pairs in one order at every node, so that no two of them can hold what the other waits for. An
order that is not the same at all nodes (after a tie, or when a pair in a slow swap is passed by) locks up within
milliseconds when the slots of neighbours differ.
"""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ebit

times = st.sampled_from([100, 200, 300]) | st.integers(80, 400)


@settings(max_examples=300, deadline=None, derandomize=True)
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
