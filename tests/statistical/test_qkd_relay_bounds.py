"""What two senders' decoys say of single photons, beside what their pulses held, and beside a linear program.

The relay is whatever it likes: yields and error rates of every pair of photon numbers are drawn at random, in one case
those of an honest relay. Blocks of 2,000 relays: bounds that spend a secrecy of 0.05 fail in more than 60 of them with
probability 1e-4 at the very most; each case has its own seeds.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import linprog

import ebit
from ebit import qkd

Floats = NDArray[np.float64]

MEANS, SHARES = (0.4, 0.1, 0.0), (0.4, 0.35, 0.25)
SECRECY, BLOCKS, ALLOWED = 0.05, 2_000, 60
#: Photon numbers up to this; beyond, 1e-9 of all pulses.
MOST = 7


def photons(mean: float) -> Floats:
    """Probabilities of 0, 1, ... photons."""
    return np.array([math.exp(-mean) * mean**n / math.factorial(n) for n in range(MOST + 1)])


def sent() -> Floats:
    """Probability of each pair of intensities with each pair of photon numbers."""
    each = np.array([share * photons(mean) for mean, share in zip(MEANS, SHARES, strict=True)])
    return np.einsum("ai,bj->abij", each, each)


def block(rng: np.random.Generator, honest: bool, size: float = 1e12) -> tuple[list[Floats], float, float]:
    """Counts of a block, its pairs of single photons in the key basis, and the phase error rate of these."""
    pulses = size * np.array([2.0, 1.0]) * sent()[..., None]
    shape = (MOST + 1, MOST + 1)
    i, j = np.indices(shape)
    yields = 1e-4 * np.minimum(i * j, 4.0) + 2e-5 * (i**2 + j**2) + 1e-8 if honest else 1e-4 * rng.random(shape) ** 3
    error = np.where(i * j == 1, 0.03, 0.3) if honest else 0.5 * rng.random(shape)
    counts = rng.poisson(pulses * yields[..., None]).astype(float)
    wrong = rng.binomial(counts.astype(np.int64), error[..., None]).astype(float)
    single = counts[:, :, 1, 1, 0].sum()
    # One photon from each looks the same in both bases: what the key basis would show is drawn as what the test shows.
    phase = rng.binomial(int(single), error[1, 1]) / max(single, 1.0)
    grids = [g[..., k].sum(axis=(2, 3)) for k in (0, 1) for g in (counts, wrong)]
    return grids, float(single), float(phase)


def bounds(grids: list[Floats], secrecy: float) -> dict[str, float]:
    return dict(qkd.relay_key_length(MEANS, SHARES, *grids, 0.0, qkd.Epsilon(1e-15, secrecy)).parts)


@pytest.mark.parametrize("honest", [True, False])
def test_bounds_hold_at_epsilon(honest: bool) -> None:
    rng = np.random.default_rng([5, int(honest)])
    failed, shares, tight = 0, [], 0
    for _ in range(BLOCKS):
        grids, single, phase = block(rng, honest)
        found = bounds(grids, SECRECY)
        failed += found["single_photon_clicks"] > single or found["phase_error"] < min(phase, 0.5)
        shares.append(found["single_photon_clicks"] / max(single, 1.0))
        tight += honest and 0.03 < found["phase_error"] < 0.2
    assert failed <= ALLOWED, failed
    if honest:
        assert np.mean(shares) > 0.8
        assert tight > 0.9 * BLOCKS


def chernoff(count: float, log: float) -> tuple[float, float]:
    """Roots of x - n + n ln(n/x) = log, by bisection."""

    def away(x: float) -> float:
        return x - count + (count * math.log(count / x) if count else 0.0) - log

    def between(inner: float, outer: float) -> float:
        for _ in range(200):
            middle = 0.5 * (inner + outer)
            inner, outer = (inner, middle) if away(middle) > 0 else (middle, outer)
        return outer

    return (between(count, 1e-300) if count else 0.0), between(count, 2 * count + 4 * log)


def test_bounds_are_those_of_a_linear_program() -> None:
    # Least number of single photons that the intervals of all nine counts allow: a relaxation can only be below it.
    rng = np.random.default_rng(11)
    log = math.log(25 / 1e-10)
    ratios = []
    for honest in [True] * 6 + [False] * 6:
        grids, _, _ = block(rng, honest)
        law = sent() / sent().sum(axis=(0, 1))
        pairs = list(itertools.product(range(3), repeat=2))
        rows = np.array([law[a, b].ravel() for a, b in pairs])
        low, high = (np.array(x) for x in zip(*(chernoff(grids[0][a, b], log) for a, b in pairs), strict=True))
        target = np.zeros(rows.shape[1])
        target[MOST + 2] = 1.0
        scale = grids[0].sum()
        solved = linprog(target, np.vstack([rows, -rows]), np.concatenate([high, -low]) / scale, bounds=(0, None))
        assert solved.status == 0, solved.message
        found = bounds(grids, 1e-10)["single_photon_clicks"]
        least = solved.fun * scale
        assert found <= least * (1 + 1e-6) + 1e-6, (found, least)
        if honest:
            ratios.append(found / least)
    # And no idle one.
    assert min(ratios) > 0.9, ratios


def test_finite_keys_approach_the_asymptotic_one() -> None:
    line = qkd.MDI(ebit.Fiber(50.0), 0.145, 3.01e-6, 0.015)
    asymptotic = line.optimize().replace(sifting=1.0).key_rate().value
    rates = []
    for size in (1e3, 1e5, 1e6, 1e8, 1e10, 1e12, 1e15):
        best = line.optimize(block=size)
        rate = best.key_rate(block=size)
        rates.append(rate.value)
        assert math.isclose(sum(rate.epsilon.values()), 1e-10, rel_tol=1e-12)
        if rate.value == 0.0:
            assert "block" in rate.why_no_key()
            continue
        given = best.key_rate(block=size).parts
        # All parameters are in the optimum: nothing is left to choose.
        assert given["signal_probability"] == best.signal_probability
        assert best.replace(signal=best.signal * 1.1).key_rate(block=size).value < rate.value
    assert rates[0] == 0.0
    assert rates == sorted(rates)
    assert 0.5 * asymptotic < rates[-1] < asymptotic


def test_the_expected_counts_are_those_of_the_line() -> None:
    # By hand from the pulses that the result says it takes.
    line = qkd.MDI(
        ebit.Fiber(20.0), 0.5, 1e-6, 0.01, sifting=0.36, signal=0.4, decoys=(0.1, 0.0), signal_probability=0.5,
        weak_probability=0.3,
    )  # fmt: skip
    rate = line.key_rate(block=1e8)
    gains = {
        (a, b): line.replace(signal=a, decoys="infinite", signal_probability=None, weak_probability=None)
        .key_rate().parts["gain"]
        for a, b in [(0.4, 0.4), (0.1, 0.1)]
    }  # fmt: skip
    # Signals and weak decoys alone, without mixed pairs and vacuum, are most of the block and not all.
    some = rate.parts["pulses"] * 0.36 * (0.25 * gains[0.4, 0.4] + 0.09 * gains[0.1, 0.1])
    mixed = rate.parts["pulses"] * 0.36 * 2 * 0.15 * math.sqrt(gains[0.4, 0.4] * gains[0.1, 0.1])
    assert some < 1e8
    assert some + mixed == pytest.approx(1e8, rel=0.02)
