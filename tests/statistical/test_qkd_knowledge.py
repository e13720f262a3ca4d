"""What an eavesdropper is said to know has honest errors, and honest lines raise no alarm."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import ebit
from ebit import qkd
from ebit.qkd.counts import share_between
from ebit.qkd.judgement import ALARM_SIGMA, surprise
from ebit.qkd.knowledge import known_bits
from ebit.qkd.pulses import KEPT


def entropy_of(p: float) -> float:
    return 0.0 if p in (0.0, 1.0) else -p * math.log2(p) - (1 - p) * math.log2(1 - p)


def noted(rng: np.random.Generator, n: int, touched: float, wrong: float) -> ebit.Estimate:
    """Notes about a share of the bits, some of them wrong."""
    bits = rng.random(n) < 0.5
    notes = np.where(rng.random(n) < touched, 1 + (bits ^ (rng.random(n) < wrong)), 0).astype(np.uint8)
    return known_bits(bits, np.zeros(n, np.uint8), notes, 1)


# Of 1,000 intervals that cover with probability 0.95 fewer than 930 or more than 970 do so once in 260 times.
@pytest.mark.parametrize(("touched", "wrong"), [(1.0, 0.146447), (0.3, 0.05), (0.5, 0.0), (1.0, 0.3)])
def test_intervals_of_what_she_knows_cover_it(touched: float, wrong: float) -> None:
    rng = np.random.default_rng(71)
    seen = [noted(rng, 3_000, touched, wrong) for _ in range(1_000)]
    assert 930 <= sum(e.low <= touched * (1 - entropy_of(wrong)) <= e.high for e in seen) <= 970


def measured(rng: np.random.Generator, n: int, axes: int, fraction: float, wrong: float) -> ebit.Estimate:
    """Interception along one of the axes that are announced, of a fraction of the bits."""
    bits, announced, axis = rng.random(n) < 0.5, rng.integers(axes, size=n), rng.integers(axes, size=n)
    seen = np.where(axis == announced, bits ^ (rng.random(n) < wrong), rng.random(n) < 0.5)
    notes = np.where(rng.random(n) < fraction, 1 + 2 * axis + seen, 0)
    return known_bits(bits, announced.astype(np.uint8), notes.astype(np.uint8), axes)


# Where few bits are in many classes intervals are longer than they need be, never shorter.
@pytest.mark.parametrize("n", [20, 60, 200, 1_000, 20_000])
@pytest.mark.parametrize(
    ("axes", "fraction", "wrong"), [(2, 1.0, 0.0), (2, 0.2, 0.0), (3, 1.0, 0.0), (3, 1.0, 0.02), (1, 1.0, 0.0)]
)
def test_intervals_of_small_samples_cover_what_she_knows(n: int, axes: int, fraction: float, wrong: float) -> None:
    rng = np.random.default_rng(74)
    seen = [measured(rng, n, axes, fraction, wrong) for _ in range(200)]
    # Of 200 intervals that cover with 0.95 fewer than 175 do so once in 10^4 times; with 0.84 half of the time.
    assert sum(e.low <= fraction / axes * (1 - entropy_of(wrong)) <= e.high for e in seen) >= 175


def chance(n: int, k: int, p: float) -> float:
    """P(k of n)."""
    return math.comb(n, k) * p**k * (1 - p) ** (n - k)


# What follows sums over all that can be seen: nothing is drawn, and no alarm is false.
@pytest.mark.parametrize("n", [3, 20, 300])
def test_intervals_of_counts_cover_them(n: int) -> None:
    limits = [share_between(k, n - k) for k in range(n + 1)]
    assert [limits[0][0], limits[n][1]] == [0.0, 1.0]
    for p in np.geomspace(1e-3 / n, 0.5, 200):
        assert sum(chance(n, k, p) for k, (low, high) in enumerate(limits) if low <= p <= high) >= 0.93


@pytest.mark.parametrize("n", [20, 400])
def test_intervals_of_few_photons_kept_cover_what_they_tell(n: int) -> None:
    """A single photon among the bits, where fewer are expected, was taken for too many: 0.84 at a sixth of one."""
    bits, which = np.arange(n) % 2 == 0, np.arange(n)
    seen = [
        known_bits(bits, np.zeros(n, np.uint8), np.where(which < k, KEPT + 1, 0).astype(np.uint8), 1) for k in range(16)
    ]
    for p in np.geomspace(0.01 / n, 4.0 / n, 60):
        assert sum(chance(n, k, p) for k, e in enumerate(seen) if e.low <= p <= e.high) >= 0.93


@pytest.mark.parametrize("each", [10, 50])
def test_intervals_of_few_wrong_notes_cover_what_the_rest_tell(each: int) -> None:
    notes, most = np.repeat([1, 2], each).astype(np.uint8), 8
    seen = {}
    for a in range(most):
        for b in range(most):
            bits = np.concatenate([np.arange(each) < a, np.arange(each) >= b])
            seen[a, b] = known_bits(bits, np.zeros(2 * each, np.uint8), notes, 1)
    for wrong in np.geomspace(0.01, 2.0, 40) / (2 * each):
        told = 1 - entropy_of(wrong)
        covered = [k for k, e in seen.items() if e.low <= told <= e.high]
        assert sum(chance(each, a, wrong) * chance(each, b, wrong) for a, b in covered) >= 0.93


def test_nobody_can_tell_whether_a_few_bits_were_known() -> None:
    # Five bits in eight classes, of which she knows every one: an interval that ends below 1 is wrong.
    system = qkd.SARG04(ebit.Fiber(0.0), 0.8, signal=0.5)
    seen = [system.run(100, qkd.DetectorBlinding(), rng=seed).eve_information for seed in range(7_500, 7_600)]
    assert all(e.high == 1.0 for e in seen)


def test_a_short_session_of_six_states_does_not_say_too_much() -> None:
    system = qkd.SixState(ebit.Fiber(5.0), 0.8)
    seen = [system.run(300, qkd.InterceptResend(), rng=seed).eve_information for seed in range(150)]
    # A third of the bits; 0.404 was said on average. Fewer than 129 of 150 come once in 10^4 times.
    assert sum(e.low <= 1 / 3 <= e.high for e in seen) >= 129
    assert 0.26 < np.mean([e.value for e in seen]) < 0.36


def test_stretches_of_a_train_are_touched_as_a_whole() -> None:
    system = qkd.DPS(ebit.Fiber(1.0), 0.05, signal=0.5)
    # She knows 1/(2 - p) of the bits that she was near, p = 1 - exp(-mu), where clicks are few.
    wanted = 0.3 / (1 + math.exp(-0.5))
    seen = [system.run(40_000, qkd.InterceptResend(fraction=0.3), rng=seed).eve_information for seed in range(150)]
    assert sum(e.low <= wanted <= e.high for e in seen) >= 129
    # Some 40 stretches, not 900 bits.
    assert 0.03 < np.mean([e.stderr for e in seen]) < 0.07


def test_notes_that_tell_nothing_are_worth_nothing() -> None:
    rng = np.random.default_rng(72)
    seen = [noted(rng, 3_000, 0.5, 0.5) for _ in range(1_000)]
    # What is left of a chi-squared number beyond its mean; its interval begins at 0 most of the time.
    assert np.mean([e.value for e in seen]) < 5e-4
    assert sum(e.low == 0.0 for e in seen) >= 930


def tail(n: int, p: float, k: int) -> float:
    """P(at least k of n), term by term."""
    logs = [
        math.lgamma(n + 1) - math.lgamma(j + 1) - math.lgamma(n - j + 1) + j * math.log(p) + (n - j) * math.log1p(-p)
        for j in range(k, n + 1)
    ]
    return math.fsum(math.exp(x) for x in logs)


@pytest.mark.parametrize(("n", "p"), [(20, 0.11), (200, 0.11), (5_000, 0.11), (10_000, 1e-4), (3_000, 0.5)])
def test_alarms_are_rarer_than_promised(n: int, p: float) -> None:
    mean = n * p
    first = next(k for k in range(math.ceil(mean), n + 2) if k > n or surprise(k - mean, mean * (1 - p)) > ALARM_SIGMA)
    last = next(k for k in range(math.floor(mean), -2, -1) if k < 0 or surprise(mean - k, mean * (1 - p)) > ALARM_SIGMA)
    assert tail(n, p, first) < 1e-6
    assert tail(n, 1 - p, n - last) < 1e-6 if last >= 0 else True
    # Of large numbers as a normal one.
    assert first - mean < 1.4 * ALARM_SIGMA * math.sqrt(max(mean, 30.0))


LINES: list[tuple[str, Any, int]] = [
    ("near the threshold", qkd.SixState(ebit.Fiber(100.0), 0.1, 1e-4, 0.01), 20_000),
    ("few bits", qkd.BB84(ebit.Fiber(0.0), 1.0, misalignment=0.03), 100),
    ("many errors", qkd.BB84(ebit.Fiber(0.0), 1.0, misalignment=0.06), 600),
    ("pairs", qkd.E91(ebit.Fiber(10.0), 0.5, 1e-5, 0.01), 3_000),
]


@pytest.mark.parametrize(("system", "pulses"), [each[1:] for each in LINES], ids=[each[0] for each in LINES])
def test_nobody_on_the_line_is_no_alarm(system: Any, pulses: int) -> None:
    # Each has some ten quantities that raise a false alarm once in a million times.
    for seed in range(300):
        session = system.run(pulses, rng=seed)
        assert session.alarms == ()


def test_light_of_a_train_is_reckoned_whoever_kept_it() -> None:
    class Half(qkd.Eavesdropper):
        """Takes half of the light, twice."""

        def train(self, train: qkd.Train, rng: np.random.Generator) -> None:
            for _ in range(2):
                train.split(0.5)

    class Noted(Half):
        def train(self, train: qkd.Train, rng: np.random.Generator) -> None:
            super().train(train, rng)
            train.note(1)

    system = qkd.COW(ebit.Fiber(50.0), 0.2)
    alone = system.run(100_000, qkd.BeamSplitting(), rng=1).eve_information
    together = qkd.Together(qkd.BeamSplitting(), qkd.MessageTampering("errors", "count", 0))
    assert system.run(100_000, together, rng=1).eve_information == alone
    assert alone.value > 0.4
    # A pulse of which three quarters were taken is that of a line which loses as much.
    lossy = qkd.COW(ebit.Fiber(10 * math.log10(4.0), 1.0), 0.2, signal=system.signal)
    wanted = lossy.run(100_000, qkd.BeamSplitting(), rng=2).eve_information.value
    assert system.run(100_000, Half(), rng=3).eve_information.value == pytest.approx(wanted, rel=1e-9)
    assert math.isnan(system.run(100_000, Noted(), rng=3).eve_information.value)


def test_an_entangling_cloner_is_known_in_company_too() -> None:
    system = qkd.GG02(ebit.Fiber(10.0), 0.6, excess_noise=0.02)
    alone = system.run(5_000, qkd.EntanglingCloner(), rng=1).eve_information
    company = system.run(
        5_000, qkd.Together(qkd.EntanglingCloner(), qkd.MessageTampering("errors", "estimates", 0)), rng=1
    ).eve_information
    assert company == alone
    assert alone.value > 0.1
