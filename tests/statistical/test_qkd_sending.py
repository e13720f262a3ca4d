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
from ebit.qkd.pairings import pairs_of

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


class Listener(qkd.Eavesdropper):
    """Hears what the two say."""

    def begin(self, line: Any, root: int) -> None:
        self.heard: dict[str, Any] = {}

    def message(self, message: qkd.Message) -> qkd.Message:
        self.heard[message.kind] = message.content
        return message


TESTED = SendingOrNotSending(
    ebit.Fiber(60.0), 0.5, 1e-6, 0.08, signal=0.4, sending_probability=0.03, weak=0.1, strong=0.5, weak_probability=0.6,
    strong_probability=0.2, key_window_probability=0.6, phase_slice_rad=1.0,
)  # fmt: skip


def slice_clicks() -> tuple[float, float]:
    """Right and wrong clicks of two weak decoys with phases in the slice, by two detectors and quadrature."""
    arm, dark = 0.5 * TESTED.fiber.transmittance**0.5, TESTED.dark_count_probability
    phase = (np.arange(2000) + 0.5) / 2000 - 0.5
    silent = [(1 - dark) * np.exp(-0.1 * arm * (1 + sign * np.cos(phase))) for sign in (1, -1)]
    one, other = (float(np.mean((1 - silent[k]) * silent[1 - k])) for k in (0, 1))
    return 0.92 * one + 0.08 * other, 0.92 * other + 0.08 * one


def test_windows_that_test_are_counted_by_their_law() -> None:
    # Chances of windows by all that the two may choose; clicks by two detectors, the slice by quadrature.
    listener, pulses = Listener(), 100_000_000
    session = TESTED.run(pulses, listener, rng=31, epsilon=1e-10)
    counted = dict(zip(("strong", "weak", "empty", "wrong", "inside"), listener.heard["tests"]["count"], strict=True))
    arm, dark = 0.5 * TESTED.fiber.transmittance**0.5, TESTED.dark_count_probability
    decoy, unsent = 0.4 * 0.2, 0.6 * 0.97
    nothing = decoy + unsent
    chance = {"strong": 2 * 0.4 * 0.2 * nothing, "weak": 2 * 0.4 * 0.6 * nothing, "empty": nothing**2 - unsent**2}
    for name, mean in (("strong", 0.5), ("weak", 0.1), ("empty", 0.0)):
        assert deviation(counted[name], pulses, chance[name] * one_click(arm * mean, 0.0, dark)) < SIGMA, name
    slices, (right, wrong) = (0.4 * 0.6) ** 2 / math.pi, slice_clicks()
    assert deviation(counted["inside"], pulses, slices * (right + wrong)) < SIGMA
    assert deviation(counted["wrong"], pulses, slices * wrong) < SIGMA
    # So many wrong clicks see them off by 8 %, the dark ones among the empty by their own number.
    assert counted["wrong"] > 4_000
    gain = 0.97**2 * one_click(0.0, 0.0, dark) + 0.0582 * one_click(0.4 * arm, 0.0, dark)
    gain += 0.03**2 * one_click(0.4 * arm, 0.4 * arm, dark)
    assert deviation(session.sifted_bits, pulses, 0.36 * gain) < SIGMA
    assert session.sample.value == counted["wrong"] / counted["inside"]
    assert not session.alarm


def test_a_finite_key_is_as_long_as_its_counts_allow() -> None:
    system = SendingOrNotSending(ebit.Fiber(60.0), 0.5, 1e-8, 0.02).optimize(block=3e5)
    rate = system.key_rate(block=3e5)
    listener = Listener()
    session = system.run(int(rate.parts["pulses"]), listener, rng=32, epsilon=1e-10)
    assert not session.alarm
    assert np.array_equal(session.alice_key, session.bob_key)
    strong, weak, empty, wrong, _ = listener.heard["tests"]["count"]
    tests = 1.0 - system.key_window_probability
    shares = [tests * system.strong_probability, tests * system.weak_probability]
    found = qkd.sending_key_length(
        [system.signal, system.strong, system.weak], [1.0 - tests, *shares, tests - sum(shares)],
        system.sending_probability, system.phase_slice_rad, [strong, weak, empty], wrong, session.sifted_bits, 0.0,
    )  # fmt: skip
    assert dict(session.parts) == dict(found.parts)
    assert sum(session.epsilon.values()) == pytest.approx(1e-10, rel=1e-12)
    # What reconciliation told is all that is taken off; of the tag no more than the formula counts itself.
    assert 0 <= len(session.alice_key) - (found.bits - session.ledger.disclosed_bits) <= 40
    # Expected counts give about as much: cascade tells less than f, the bounds go with the counts.
    assert 0.9 < len(session.alice_key) / rate.parts["key_bits"] < 1.15
    assert (
        system.run(10**7, rng=33, threads=1, epsilon=1e-10).to_dict()
        == system.run(10**7, rng=33, threads=2, epsilon=1e-10).to_dict()
    )


def test_windows_that_test_see_a_relay_that_lies() -> None:
    # The bits do not feel it, the slice does: (1 - f) e + f (1 - e).
    lied = TESTED.run(20_000_000, qkd.FalseRelay(0.1), rng=34, epsilon=1e-10)
    assert lied.qber == TESTED.run(20_000_000, rng=34, epsilon=1e-10).qber
    assert [alarm.what for alarm in lied.alarms] == ["errors in the slice of phases"]
    assert not len(lied.alice_key)
    inside = round(lied.sample.value * (1 - lied.sample.value) / lied.sample.stderr**2)
    right, wrong = slice_clicks()
    e = wrong / (right + wrong)
    assert deviation(lied.sample.value * inside, inside, 0.9 * e + 0.1 * (1 - e)) < SIGMA
    # Whoever turns the phases that are told, or the counts, has to be believed first.
    for kind, column, value in (("preparations", "phase", 0), ("tests", "count", 0)):
        attack = qkd.MessageTampering(kind, column, value)
        believed, doubted = (
            TESTED.run(10**6, attack, rng=35, epsilon=1e-10, authenticated=tags) for tags in (False, True)
        )
        assert "authentication" in str(doubted.alarms[0])
        assert not len(believed.alice_key)
