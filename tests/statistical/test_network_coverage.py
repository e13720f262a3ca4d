"""Intervals at 95 % hold the truth 95 times in 100.

Ten kinds of runs, 84 counts: for each, 1,000 seeds, of which 930 to 970 must cover. The seeds are a hash of the run's
name, so that nobody chose them, and the count is a first draw: it counts whatever it is. True intervals fall outside
now and then (0.3 % of the counts at exactly 95 %, 1.9 % at 94.5 %), so the rule, fixed beforehand, has two levels: a
count outside is repeated once, on 10,000 fresh seeds, of which 9,350 to 9,650 must cover. `make soak` asks that of
every count.

False-alarm rate of the whole file while all coverages are between 94.5 and 95.5 %: 1e-5 (second level: 9e-6 a count,
after a first at 1.9 %), in soak 7e-4; at exactly 95 %: 1e-11 and 2e-9. An exploration on 10,000 other seeds a run
found the 84 coverages between 94.5 and 95.5 %, each to 0.22 % (one standard error). Sees, per count, a coverage of
92.5 % with a probability of 0.7 and one of 97.5 % with 0.8 (in soak: 0.9999 each), and a fault is seldom in one count
alone; ``test_the_rule_can_fail`` has it refuse intervals a tenth too short.

The truth is that of many replicas of the same length (so that how a replica begins and ends belongs to it), with a
standard error at most a twentieth of the interval's, which is asserted.
"""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass, field

import pytest

import ebit

pytestmark = pytest.mark.slow

SEEDS, COVER = 1_000, (930, 970)
SEEDS_AGAIN, COVER_AGAIN = 10_000, (9_350, 9_650)
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
    "8 pipelined replicas": Run(chain(3, q=0.7, slots=2), piped(150), 8, truth=24_000),
    "contention, one replica": Run(chain(3, q=1.0, memory_s=2.0), [*piped(600), *piped(600, 2)], 1, truth=6_000),
    "contention, 8 replicas": Run(chain(3, q=1.0, memory_s=2.0), [*piped(100), *piped(100, 2)], 8, truth=24_000),
    "until, one replica": Run(
        chain(2, q=0.5), [ebit.Request("n0", "n2", pairs=None, restart=True)], 1, 25.0, truth=3_000
    ),
    "until, 32 replicas": Run(
        chain(2, q=0.5), [ebit.Request("n0", "n2", pairs=None, restart=True)], 32, 0.8, truth=45_000
    ),
}


#: Request of the run, and quantity.
Key = tuple[int, str]


def seed(name: str, k: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{name}: {k}".encode()).digest()[:16], "big")


def estimates(run: Run, replicas: int, seed: int, threads: int | None = 1) -> list[ebit.results.RequestResult]:
    return list(ebit.simulate(run.net, run.requests, replicas=replicas, rng=seed, until_s=run.until_s, threads=threads))


@functools.cache
def truth(name: str) -> dict[Key, ebit.results.Estimate]:
    results = estimates(RUNS[name], RUNS[name].truth, seed(name, -1))
    return {(k, what): getattr(r, what) for k, r in enumerate(results) for what in RUNS[name].quantities}


def outside(
    name: str, truths: dict[Key, ebit.results.Estimate], seeds: range, limits: tuple[int, int], stretch: float = 1.0
) -> dict[Key, int]:
    """Counts that are not within the limits, of intervals stretched about their value."""
    covered, stderr = dict.fromkeys(truths, 0), dict.fromkeys(truths, 0.0)
    for k in seeds:
        results = estimates(RUNS[name], RUNS[name].replicas, seed(name, k))
        for (j, what), exact in truths.items():
            e: ebit.results.Estimate = getattr(results[j], what)
            low, high = e.value - stretch * (e.value - e.low), e.value + stretch * (e.high - e.value)
            covered[j, what] += low <= exact.value <= high
            stderr[j, what] += e.stderr / len(seeds)
    for key, exact in truths.items():
        assert exact.stderr <= stderr[key] / 20 + 1e-9 * exact.value, key
    return {key: count for key, count in covered.items() if not limits[0] <= count <= limits[1]}


FIRST, AGAIN = range(SEEDS), range(SEEDS, SEEDS + SEEDS_AGAIN)


@pytest.mark.parametrize("name", RUNS)
def test_intervals_cover_the_truth(name: str) -> None:
    truths = truth(name)
    first = outside(name, truths, FIRST, COVER)
    if first:
        second = outside(name, {key: truths[key] for key in first}, AGAIN, COVER_AGAIN)
        assert not second, (first, second)


@pytest.mark.soak
@pytest.mark.parametrize("name", RUNS)
def test_intervals_cover_the_truth_closely(name: str) -> None:
    assert not outside(name, truth(name), AGAIN, COVER_AGAIN)


@pytest.mark.parametrize("stretch", [0.9, 1.2])
def test_the_rule_can_fail(stretch: float) -> None:
    """Nominal 92.4 % and 98.0 % (Student's t, 39 degrees of freedom): outside for some quantity of a run."""
    name = "one replica"
    assert outside(name, truth(name), FIRST, COVER, stretch)
