"""Chains whose means are known exactly.

False-alarm rate: 1e-6 per comparison (|z| < 4.9). Each sees a relative error of 0.3 %, in long runs of 0.1 %: the test
fails if 4.9 standard errors are more than that. Standard errors come from 100 replicas, whose pairs are independent.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

import ebit

STEP = 1e-3
Z = 4.9
REPLICAS = 100


@pytest.fixture(params=[pytest.param(3, id="0.3 %"), pytest.param(1, id="0.1 %", marks=pytest.mark.soak)])
def detectable(request: pytest.FixtureRequest) -> int:
    """Relative error that is seen, in thousandths."""
    return int(request.param)


def run(net: ebit.Network, pairs: int, seed: int, detectable: int) -> dict[str, np.ndarray]:
    """Mean of each column in each replica; ``pairs`` see an error of a thousandth."""
    # A third more: the standard error of 100 replicas is itself 7 % off.
    pairs, seed = 4 * pairs // (3 * detectable**2), 10 * seed + detectable
    request = ebit.Request(net.names[0], net.names[-1], pairs=pairs // REPLICAS, restart=True)
    means: dict[str, list[float]] = {"waiting_time_s": [], "fidelity": []}
    for first in range(0, REPLICAS, 10):
        columns = ebit.simulate(net, [request], replicas=10, first_replica=first, rng=seed, threads=1)[0].pairs
        for name, values in means.items():
            values.extend(columns[name].reshape(10, -1).mean(axis=1))
    return {name: np.array(values) for name, values in means.items()}


def agree(means: np.ndarray, exact: float, detectable: int, *, printed: float = 0.0) -> None:
    """The mean is the exact value, which is printed to within ``printed``."""
    stderr = means.std(ddof=1) / math.sqrt(REPLICAS)
    assert Z * stderr <= 1e-3 * detectable * exact, f"sees only {Z * stderr / exact:.2e}"
    assert abs(means.mean() - exact) <= Z * stderr + printed, f"z = {(means.mean() - exact) / stderr:.2f}"


def chain(links: int, p: float, *, q: float = 1.0, **memory: float) -> ebit.Network:
    link = ebit.HeraldedLink(success_probability=p, attempt_time_s=STEP)
    return ebit.Network.chain(links + 1, link=link, memory=ebit.Memory(**memory), swap=ebit.Swap(q))


def mean_of_the_slowest(n: int, p: float) -> float:
    """E[max of n geometric(p)] by inclusion and exclusion."""
    return sum((-1) ** (k + 1) * math.comb(n, k) / (1 - (1 - p) ** k) for k in range(1, n + 1))


@pytest.mark.parametrize(("n", "exact"), [(2, 14.73684210526), (4, 20.27337819176)])
def test_perfect_swaps_wait_for_the_slowest_link(n: int, exact: float, detectable: int) -> None:
    assert mean_of_the_slowest(n, 0.1) == pytest.approx(exact, rel=1e-11)
    agree(
        run(chain(n, 0.1), 14_000_000 if n == 2 else 8_000_000, n, detectable)["waiting_time_s"] / STEP,
        exact,
        detectable,
    )


@pytest.mark.parametrize(("n", "exact"), [(2, 29.47368421053), (3, 57.05742888712)])
def test_swap_asap_with_failing_swaps(n: int, exact: float, detectable: int) -> None:
    agree(run(chain(n, 0.1, q=0.5), 21_000_000, 10 + n, detectable)["waiting_time_s"] / STEP, exact, detectable)


@pytest.mark.parametrize(("n", "mean_ms", "fidelity"), [(2, 1.388645949, 0.984418634), (4, 1.879984740, 0.957526542)])
def test_links_of_25_km(n: int, mean_ms: float, fidelity: float, detectable: int) -> None:
    link = ebit.HeraldedLink(success_probability=0.8 * math.exp(-25 / 22), attempt_time_s=250e-6)
    net = ebit.Network.chain(n + 1, link=link, memory=ebit.Memory(t2_s=0.1), swap=ebit.Swap(fidelity=0.9925))
    pairs = run(net, 10_000_000, 20 + n, detectable)
    # The table gives its values to ten digits.
    agree(pairs["waiting_time_s"] * 1e3, mean_ms, detectable, printed=5e-10)
    agree(pairs["fidelity"], fidelity, detectable, printed=5e-10)


def dephased_links(n: int, p: float, steps: float, depth: int = 600) -> float:
    """E[exp(-sum |N_i - N_i+1| / steps)] of geometric waiting times, by direct summation."""
    k = np.arange(1, depth + 1)
    weight = p * (1 - p) ** (k - 1)
    decay = np.exp(-np.abs(k[:, None] - k[None, :]) / steps)
    v = np.ones(depth)
    for _ in range(n - 1):
        v = decay @ (weight * v)
    return float(weight @ v)


@pytest.mark.parametrize(("n", "exact"), [(2, 0.9768652518), (3, 0.9544348518)])
def test_dephasing_of_the_inner_memories(n: int, exact: float, detectable: int) -> None:
    """Ends measured: here, ends that never dephase beside inner memories with T2 = 400 steps."""
    assert dephased_links(n, 0.1, 400.0) == pytest.approx(exact, abs=5e-11)
    inner = ebit.Memory(t2_s=400 * STEP)
    nodes = [ebit.Node(f"n{k}", ebit.Memory.perfect() if k in (0, n) else inner) for k in range(n + 1)]
    link = ebit.HeraldedLink(success_probability=0.1, attempt_time_s=STEP)
    net = ebit.Network(nodes, [ebit.Link(a.name, b.name, link) for a, b in itertools.pairwise(nodes)])
    pairs = run(net, 2_000_000, 30 + n, detectable)
    # One inner memory dephases per swap and waits for its neighbour: lambda = 2F - 1.
    agree(2 * pairs["fidelity"] - 1, exact, detectable, printed=5e-11)


def test_two_links_from_a_central_station(detectable: int) -> None:
    """100 km: d = 50 km a side, eta = .8 exp(-d/22 km), trial 2d/c, T2 = 100 ms in the middle, swap fidelity .9925.

    rho -> .99 rho + .01 I/4, F = .99 (1 + lambda)/2 + .0025, lambda = x^2 eta/(2-eta) (1 + 2qx/(1-qx)).
    """
    eta, t, t2 = 0.8 * math.exp(-50 / 22), 2 * 50e3 / 2e8, 0.1
    x, q = math.exp(-t / t2), 1 - eta
    fidelity = 0.99 * (1 + x * x * eta / (2 - eta) * (1 + 2 * q * x / (1 - q * x))) / 2 + 0.0025
    rate = 1 / (t * mean_of_the_slowest(2, eta))
    assert fidelity == pytest.approx(0.9606877088, abs=5e-11)
    assert rate == pytest.approx(111.4970453, abs=5e-8)
    middle = ebit.Node("centre", ebit.Memory(t2_s=t2), ebit.Swap(fidelity=0.9925))
    link = ebit.HeraldedLink(success_probability=eta, attempt_time_s=t, herald_age_s=t)
    ends = [ebit.Node(name, ebit.Memory.perfect()) for name in ("west", "east")]
    net = ebit.Network(
        [ends[0], middle, ends[1]], [ebit.Link("centre", "west", link), ebit.Link("centre", "east", link)]
    )
    pairs = run(net, 14_000_000, 40, detectable)
    agree(pairs["waiting_time_s"], 1 / rate, detectable)
    agree(pairs["fidelity"], fidelity, detectable)
