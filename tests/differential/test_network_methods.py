"""Two ways to the same answer: skipped against single attempts, Bell-diagonal against dense, dense against closed form.

False-alarm rate of each statistical comparison: 1e-6.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from chains import network, random_chain, request
from reference_network import MICROSECOND, Chain, Draws, Link, Memory, Simulator, Swap, states, states_by_outcome
from scipy import stats

import ebit

FALSE_ALARM = 1e-6
REPLICAS, PAIRS = 50, 4_000

MODES = {
    "chain": {"restart": True},
    "chain with cut-offs": {"restart": True, "cutoff": True, "duration": True},
    "pipelined": {"restart": False, "slots": 3},
    "messages": {"restart": False, "slots": 2, "delay": True},
}


@pytest.mark.parametrize("trial", range(3))
@pytest.mark.parametrize("mode", MODES)
def test_skipping_failures_changes_no_distribution(mode: str, trial: int) -> None:
    """Means differ by less than 4.9 sigma of Student's t; waiting times by a two-sample Kolmogorov-Smirnov test.

    Sees 1 % in the mean waiting time (asserted: 1.5 %) and 1.6 % in the distribution function (20,000 thinned pairs a
    side). Waiting times of a pipelined run are correlated: every tenth pair counts. Ties make the test conservative.
    """
    rng = np.random.default_rng([13, list(MODES).index(mode), trial])
    chain = random_chain(rng, **MODES[mode], success=(0.05, 0.5), swaps=[0.7, 1.0], patience=(10, 30))
    runs = [
        ebit.simulate(
            network(chain), [request(chain, PAIRS)], replicas=REPLICAS, rng=int(rng.integers(2**63)), method=method
        )
        for method in ("skip", "per-attempt")
    ]
    for name in ("waiting_time_s", "fidelity", "qber_x", "qber_z"):
        a, b = (run[0].pairs[name].reshape(REPLICAS, PAIRS).mean(axis=1) for run in runs)
        stderr = np.hypot(a.std(ddof=1), b.std(ddof=1)) / np.sqrt(REPLICAS)
        assert abs(a.mean() - b.mean()) <= stats.t.isf(FALSE_ALARM / 2, REPLICAS - 1) * stderr + 1e-12
        assert 4.9 * stderr <= 0.015 * a.mean()
    a, b = (run[0].pairs["waiting_time_s"][::10] for run in runs)
    assert stats.ks_2samp(a, b, method="asymp").pvalue > FALSE_ALARM


@pytest.mark.parametrize("p", [0.02, 0.5])
def test_every_attempt_is_one_event_and_one_draw(p: float) -> None:
    """One link: an attempt ends every T, exactly; the next outcome does not depend on the last.

    Outcomes are Bernoulli(p) and consecutive ones independent: |z| < 4.9, 1e-6 each; sees 7 % of p = .02, 0.5 % of .5.
    """
    heralds = 5_000 if p < 0.1 else 500_000
    link = ebit.HeraldedLink(success_probability=p, attempt_time_s=1e-6)
    net = ebit.Network.chain(2, link=link, memory=ebit.Memory(1), swap=ebit.Swap.perfect())
    wanted = [ebit.Request("n0", "n1", pairs=heralds, classical_delay=False)]
    single, skip = (ebit.simulate(net, wanted, rng=8, trace=True, method=m) for m in ("per-attempt", "skip"))
    log = single.events
    ends = np.isin(log["kind"], ["attempt_failed", "herald"])
    attempts = int(ends.sum())
    assert attempts == log.counts["attempts"] == log.processed
    np.testing.assert_array_equal(np.rint(log["time_s"][ends] * 1e6), np.arange(1, attempts + 1))
    outcomes = (log["kind"][ends] == "herald") - p
    scatter = np.sqrt(p * (1 - p))
    # The run stops at its last herald, a stopping time: the expectation of the surplus stays zero.
    assert abs(outcomes.sum()) <= 4.9 * scatter * np.sqrt(attempts)
    assert abs((outcomes[1:] * outcomes[:-1]).sum()) <= 4.9 * scatter**2 * np.sqrt(attempts)
    assert 4.9 * scatter / np.sqrt(attempts) <= 0.07 * p
    # Skipped, only successes are events, and the attempts between them are counted.
    assert skip.events.processed == heralds
    assert skip.events.counts["attempts"] == round(skip[0].pairs["time_s"][-1] * 1e6)


@pytest.mark.parametrize("case", list(itertools.product(MODES, range(4))), ids=str)
def test_bell_diagonal_is_exact_for_pauli_noise(case: tuple[str, int]) -> None:
    mode, trial = case
    rng = np.random.default_rng([17, list(MODES).index(mode), trial])
    chain = random_chain(rng, **MODES[mode])
    seed = int(rng.integers(2**63))
    fast, dense = (
        ebit.simulate(network(chain), [request(chain, 300)], rng=seed, formalism=formalism)
        for formalism in ("bell-diagonal", "density-matrix")
    )
    assert (fast.formalism, dense.formalism) == ("bell-diagonal", "density-matrix")
    np.testing.assert_array_equal(fast[0].pairs["time_s"], dense[0].pairs["time_s"])
    for name in ("fidelity", "qber_x", "qber_z"):
        np.testing.assert_allclose(fast[0].pairs[name], dense[0].pairs[name], rtol=0, atol=1e-12)


def certain_chain(
    attempts: tuple[int, ...], memories: tuple[Memory, ...], fidelity: float = 1.0, duration: int = 0
) -> Chain:
    """Links that always succeed, so that every instant is known beforehand."""
    links = tuple(Link(1.0, attempt, (0.94, 0.03, 0.02, 0.01), 70) for attempt in attempts)
    return Chain(links, memories, tuple(Swap(1.0, fidelity, duration) for _ in memories), restart=True)


ATTEMPTS = [
    *itertools.permutations((1_000, 9_000)),
    *itertools.permutations((1_000, 4_000, 9_000)),
    *itertools.permutations((1_000, 4_000, 9_000, 9_000), 4),
]


@pytest.mark.parametrize("duration", [0, 600])
@pytest.mark.parametrize("attempts", sorted(set(ATTEMPTS)), ids=str)
def test_relaxing_memories_by_hand(attempts: tuple[int, ...], duration: int) -> None:
    """Finite T1 is no Pauli noise: a correction must find the qubit as old as it is."""
    memories = tuple(Memory(t1_s=0.02 + 0.005 * k, t2_s=0.015 + 0.01 * k) for k in range(len(attempts) + 1))
    chain = certain_chain(attempts, memories, 0.93, duration)
    delivery = next(Simulator(chain, Draws(chain, 0)).run(1))
    (expected,) = states(chain, [delivery])
    results = ebit.simulate(network(chain), [request(chain, 1)], rng=1)
    assert results.formalism == "density-matrix"
    pairs = results[0].pairs
    assert pairs["time_s"][0] == pytest.approx(delivery.time * MICROSECOND, rel=1e-12)
    got = [pairs[name][0] for name in ("fidelity", "qber_x", "qber_z")]
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("durations", [(0, 0), (300, 1_700), (1_700, 300)], ids=str)
@pytest.mark.parametrize("fidelity", [1.0, 0.9])
@pytest.mark.parametrize(
    "attempts", [(1_000, 9_000), (9_000, 1_000), (1_000, 9_000, 4_000), (4_000, 1_000, 9_000)], ids=str
)
def test_relaxing_memories_wait_for_the_correction(
    attempts: tuple[int, ...], fidelity: float, durations: tuple[int, int]
) -> None:
    """With classical delay the qubit relaxes uncorrected until the news comes; each Bell outcome has its own state.

    Slow swaps overlap where both halves of a link are measured, and then news comes in the middle of a measurement.
    Every pair must be one of the 4^n states of the dense calculation to 1e-9, and the mean over 8,000 pairs that of all
    outcomes: |z| < 4.9, false-alarm rate 1e-6 each, sees 0.003 in each.
    """
    memory = Memory(t1_s=0.02, t2_s=0.015)
    links = tuple(Link(1.0, attempt, light=500 + 100 * k) for k, attempt in enumerate(attempts))
    swaps = [Swap(1.0, fidelity, durations[k % 2]) for k in range(len(links) + 1)]
    chain = Chain(links, (memory,) * (len(links) + 1), tuple(swaps), delay=True)
    delivery = next(Simulator(chain, Draws(chain, 0)).run(1))
    probability, expected = states_by_outcome(chain, delivery)
    assert probability.sum() == pytest.approx(1.0, abs=1e-12)
    pairs = ebit.simulate(network(chain), [request(chain, 1)], rng=1, replicas=8_000)[0].pairs
    got = np.stack([pairs[name] for name in ("fidelity", "qber_x", "qber_z")], axis=1)
    distance = np.abs(got[:, None, :] - expected[None, :, :]).max(axis=2).min(axis=1)
    assert distance.max() < 1e-9
    mean = probability @ expected
    stderr = np.sqrt(probability @ (expected - mean) ** 2 / len(got))
    assert np.all(4.9 * stderr <= 0.003)
    assert np.all(np.abs(got.mean(axis=0) - mean) <= 4.9 * stderr + 1e-9)


def test_the_pauli_twirl_of_relaxation_is_wrong() -> None:
    """Two links, herald after 1 and 9 ms, T1 = T2 = 10 ms: 8 ms in two memories.

    Both halves of Phi+ with z -> g z + (1 - g), g = e^(-t/T1): <ZZ> = g^2 + (1 - g)^2, the twirl keeps g^2; and
    <XX> = -<YY> = e^(-2t/T2). F = (1 + <XX> - <YY> + <ZZ>) / 4.
    """
    memory = Memory(t1_s=0.01, t2_s=0.01)
    links = (Link(1.0, 1_000), Link(1.0, 9_000))
    chain = Chain(links, (memory,) * 3, (Swap(),) * 3, restart=True)
    g = np.exp(-0.8)
    exact, twirled = (1 + 2 * g**2 + g**2 + (1 - g) ** 2) / 4, (1 + 3 * g**2) / 4
    assert exact - twirled > 0.01 * exact
    fidelity = ebit.simulate(network(chain), [request(chain, 3)], rng=1)[0].pairs["fidelity"]
    np.testing.assert_allclose(fidelity, exact, rtol=0, atol=1e-9)
    with pytest.raises(ebit.errors.SpecError, match="T1"):
        ebit.simulate(network(chain), [request(chain, 3)], rng=1, formalism="bell-diagonal")
