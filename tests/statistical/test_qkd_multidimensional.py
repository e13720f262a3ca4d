"""Eight noisy values turned into eight noisy bits: what they cost, what is told of them, and runs of GG02 far away.

What is compared by chance has a false alarm of 1e-6 (4.9 standard errors) and seeds of its own.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from gaussian_values import values

import ebit
from ebit import qkd
from ebit.qkd import GG02
from ebit.qkd.gaussian_key import measured


@pytest.mark.parametrize(("snr", "least"), [(0.3, 0.5), (0.5, 0.7), (0.76, 0.75), (1.5, 0.8)])
def test_bits_become_equal_and_cost_what_they_must(snr: float, least: float) -> None:
    x, y, slope = values(snr, 200_000, [19, 1])
    told = qkd.multidimensional(x, y, slope, 1.0, efficiency=1.05, rng=1)
    np.testing.assert_array_equal(told.alice, told.bob)
    assert told.found_per_block.all()
    total = told.ledger.disclosed_bits
    assert total == int(told.disclosed_per_block.sum())
    # Slepian and Wolf: no less than what Alice lacks.
    assert total >= told.bit_entropy * told.bob.size
    assert least < told.efficiency <= 1.0
    assert told.mutual_information == pytest.approx(0.5 * math.log2(1.0 + snr), rel=0.02)
    # Better than slices where there is more noise than signal.
    few = told.efficiency > qkd.slices(x, y, slope, 1.0, 5, efficiency=1.05, rng=1).efficiency
    assert few == (snr < 1.0)


def test_alice_lacks_what_eight_rotated_values_leave_open() -> None:
    # A second way: a bit as +-A with noise of its own, A^2 the mean square of eight values; no octonions.
    snr, n = 0.8, 400_000
    x, y, slope = values(snr, n, [19, 2])
    told = qkd.multidimensional(x, y, slope, 1.0, rng=2)
    rng = np.random.default_rng([19, 3])
    sent = (slope * x).reshape(-1, 8)
    amplitude = np.sqrt(np.mean((sent + rng.standard_normal(sent.shape)) ** 2, axis=1))[:, None]
    shrunk = snr / (1.0 + snr)
    heard = shrunk * amplitude + math.sqrt(shrunk) * rng.standard_normal(sent.shape)
    lacks = np.logaddexp(0.0, -2.0 * amplitude * heard) / math.log(2.0)
    sigma = lacks.std() / math.sqrt(n)
    # The odds themselves say how sure she is; entropy of odds and surprise at the bits have one mean.
    assert told.bit_entropy == pytest.approx(lacks.mean(), abs=4.9 * 1.5 * sigma)


def test_bits_are_even_and_of_the_seed() -> None:
    x, y, slope = values(1.0, 80_000, [19, 4])
    first, again, other = (qkd.multidimensional(x, y, slope, 1.0, rng=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.bob, again.bob)
    sigma = 0.5 / math.sqrt(first.bob.size)
    assert abs(first.bob.mean() - 0.5) < 4.9 * sigma
    assert abs((first.bob ^ other.bob).mean() - 0.5) < 4.9 * sigma
    # They are no function of the values: signs agree with them by chance alone.
    assert abs((first.bob.ravel() ^ (y > 0)).mean() - 0.5) < 4.9 * sigma


def test_a_wrong_line_is_found_out() -> None:
    x, y, slope = values(1.0, 40_000, [19, 5])
    right = qkd.multidimensional(x, y, slope, 1.0, rng=3)
    wrong = qkd.multidimensional(x, y, slope, 0.5, rng=3)
    assert wrong.ledger.disclosed_bits > right.ledger.disclosed_bits or not wrong.found_per_block.all()
    other = qkd.multidimensional(np.roll(x, 1), y, slope, 1.0, rng=3)
    assert (other.alice != other.bob).any() or other.ledger.disclosed_bits > 0.9 * len(x)


@pytest.mark.parametrize("n", [8, 9, 23, 130])
def test_few_values_are_values_too(n: int) -> None:
    x, y, slope = values(2.0, n, [19, 6])
    told = qkd.multidimensional(x, y, slope, 1.0, rng=4)
    assert told.alice.shape == told.bob.shape == (1, n // 8 * 8)
    assert qkd.multidimensional(x, y, slope, 1.0, block=8, rng=4).bob.shape == (n // 8, 8)


def test_zeros_are_told_or_found() -> None:
    told = qkd.multidimensional(np.ones(800), np.zeros(800), 1.0, 1.0, rng=5)
    np.testing.assert_array_equal(told.alice, told.bob)


@pytest.mark.parametrize(("detection", "km", "variance"), [("homodyne", 25.0, 4.0), ("heterodyne", 15.0, 8.0)])
def test_a_run_of_a_long_line_ends_in_a_key(detection: str, km: float, variance: float) -> None:
    system = GG02(
        ebit.Fiber(km), 0.6, modulation_variance=variance, excess_noise=0.01, electronic_noise=0.01, detection=detection
    )
    session = system.run(1_000_000, rng=1)
    key = session.key
    np.testing.assert_array_equal(key.alice, key.bob)
    assert not key.why
    assert key.efficiency > 0.7
    # beta I - chi on the line as it was measured; I as the values have it is 1 % off.
    line = measured(system, session.transmittance.value, session.excess_noise.value)
    again = line.replace(reconciliation_efficiency=key.efficiency).key_rate().value * 500_000
    assert len(key.bob) == pytest.approx(again, rel=0.08)
    # A finite key counts bits, not labels: a penalty of one bit a value.
    finite = system.replace(frame_success_probability=1.0).run(1_000_000, rng=1, epsilon=1e-9).key
    assert len(finite.bob) < len(key.bob)
    assert not finite.why or "longer block" in finite.why
