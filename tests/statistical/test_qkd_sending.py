"""Sending or not and mode pairing against their key-rate models and closed forms of one click at the relay.

Counts are compared with their laws at 4.9 standard errors: false alarm 1e-6 each; every gain rests on 2e5 clicks, which
see it off by 1.1 %.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from qkd_lines import deviation

import ebit
from ebit import qkd
from ebit.qkd import ModePairing, SendingOrNotSending
from ebit.qkd.sending import pairs_of

SIGMA = 4.9


def one_click(x: float, y: float, dark: float) -> float:
    """Exactly one of two detectors, for random phases (Wang, Yu and Hu 2018, doi:10.1103/PhysRevA.98.062323)."""
    dim = math.exp(-(x + y) / 2)
    return float(2 * (1 - dark) * dim * (np.i0(math.sqrt(x * y)) - (1 - dark) * dim))


@pytest.mark.parametrize("km", [0.0, 100.0, 250.0, 400.0])
def test_sending_or_not_over_distance_is_its_model(km: float) -> None:
    system = SendingOrNotSending(ebit.Fiber(km), 0.5, 1e-9, 0.03, signal=0.4, sending_probability=0.06)
    rate = system.key_rate()
    gain, error = rate.parts["gain"], rate.parts["qber"]
    pulses = int(2e5 / gain)
    session = system.run(pulses, rng=901 + int(km))
    assert deviation(session.clicks, pulses, gain) < SIGMA
    assert session.sifted_bits == session.clicks
    assert deviation(session.qber.value * session.clicks, session.clicks, error) < SIGMA
    # Where so many are wrong that no key is left, the sample says so.
    assert session.alarm == (error > session.line.threshold)
    assert np.array_equal(session.alice_key, session.bob_key)
    if rate.value > 0.0:
        assert 0.9 < len(session.alice_key) / (0.9 * pulses * rate.value) < 1.15
    else:
        assert not len(session.alice_key)
    # The bits do not feel the phase.
    other = system.replace(misalignment=0.2).run(pulses, rng=901 + int(km))
    assert other.clicks == pytest.approx(session.clicks, abs=SIGMA * math.sqrt(2 * session.clicks))
    assert deviation(other.qber.value * other.clicks, other.clicks, error) < SIGMA


@pytest.mark.parametrize(("km", "interval"), [(50.0, 3), (50.0, 2000), (200.0, 100), (350.0, 10**6)])
def test_mode_pairing_over_distance(km: float, interval: int) -> None:
    system = ModePairing(ebit.Fiber(km), 0.5, 1e-7, 0.03, pairing_interval=interval)
    x, dark = 0.5 * 0.5 * system.fiber.transmittance**0.5, 1e-7
    none, one, two = (one_click(*means, dark) for means in ((0.0, 0.0), (x, 0.0), (x, x)))
    gain = (none + 2 * one + two) / 4
    pulses = int(2e5 / gain)
    session = system.run(pulses, rng=1001 + int(km))
    assert deviation(session.clicks, pulses, gain) < SIGMA
    pairs = 1 / (1 / (gain * (1 - (1 - gain) ** interval)) + 1 / gain)
    kept = pairs * (none * two + one * one) / (8 * gain**2)
    # Renewals: the variance of a count is below its mean.
    assert abs(session.sifted_bits - pulses * kept) < SIGMA * math.sqrt(pulses * kept)
    error = none * two / (none * two + one * one)
    assert deviation(session.qber.value * session.sifted_bits, session.sifted_bits, error) < SIGMA
    assert session.alarm == (error > session.line.threshold)
    assert np.array_equal(session.alice_key, session.bob_key)
    rate = system.key_rate()
    # The model takes two clicks for one as well: up to the share of double clicks, x/4 of all.
    assert gain / rate.parts["gain"] == pytest.approx(1.0, abs=x / 2)
    if rate.value > 0.0 and len(session.alice_key) > 1000:
        assert 0.85 - x < len(session.alice_key) / (0.9 * pulses * rate.value) < 1.2


def test_pairs_are_those_of_the_algorithm() -> None:
    rng = np.random.default_rng(1101)
    for interval in (1, 2, 7, 50):
        pulse = np.cumsum(rng.geometric(0.1, 5000)).astype(np.uint64)
        last, wanted = None, []
        for k in range(len(pulse)):
            if last is not None and pulse[k] - pulse[last] <= interval:
                wanted.append((last, k))
                last = None
            else:
                last = k
        first, second = pairs_of(pulse, interval)
        assert wanted == list(zip(first.tolist(), second.tolist(), strict=True))
    assert all(len(rows) == 0 for rows in pairs_of(np.zeros(0, np.uint64), 5))


@pytest.mark.parametrize(
    "system",
    [
        SendingOrNotSending(ebit.Fiber(50.0), 0.5, 1e-6),
        ModePairing(ebit.Fiber(50.0), 0.5, 1e-6, pairing_interval=100),
    ],
    ids=lambda x: type(x).__name__,
)
def test_seeds_dead_times_and_messages(system: Any) -> None:
    one, two = (system.run(10**6, rng=1201, threads=k) for k in (1, 2))
    assert one.to_dict() == two.to_dict()
    assert np.array_equal(one.alice_key, two.alice_key)
    dead = system.run(10**7, rng=1202, dead_time_s=50e-9)
    assert dead.clicks < 10 * one.clicks
    assert not dead.alarm
    tampered = system.run(10**6, qkd.MessageTampering("preparations", "announced", 1), rng=1203)
    assert "authentication" in str(tampered.alarms[0])
