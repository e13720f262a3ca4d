"""GG02 by its quadratures: moments against their closed forms, and an eavesdropper's knowledge by two ways.

Moments of Gaussian samples are compared at 4.9 standard errors: false alarm 1e-6 each.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

import ebit
from ebit import qkd
from ebit.qkd import GG02, EntanglingCloner, HeterodyneResend

SIGMA = 4.9
N = 2 * 10**6


def line(detection: str = "homodyne", xi: float = 0.02, km: float = 25.0) -> GG02:
    return GG02(
        fiber=ebit.Fiber(km), receiver_efficiency=0.6, modulation_variance=5.0, excess_noise=xi, electronic_noise=0.03,
        detection=detection,
    )  # fmt: skip


def wanted_noise(system: GG02) -> tuple[float, float]:
    """Slope and variance of what Bob reads, given what Alice sent."""
    split = 2.0 if system.detection == "heterodyne" else 1.0
    gain = system.receiver_efficiency * system.fiber.transmittance / split
    return math.sqrt(gain), 1.0 + system.electronic_noise + gain * system.excess_noise


@pytest.mark.parametrize("detection", ["homodyne", "heterodyne"])
@pytest.mark.parametrize("attack", [None, EntanglingCloner()], ids=["nobody", "cloner"])
def test_moments_are_those_of_the_line_and_a_cloner_moves_none(detection: str, attack: qkd.Eavesdropper | None) -> None:
    system = line(detection)
    session = system.run(N, attack, rng=1, reconcile=False)
    a, b = session.alice.ravel(), session.bob.ravel()
    slope, noise = wanted_noise(system)
    n = len(a)
    assert abs(a.var() - 5.0) < SIGMA * 5.0 * math.sqrt(2 / n)
    t = a @ b / (a @ a)
    assert abs(t - slope) < SIGMA * math.sqrt(noise / (a @ a))
    assert abs(np.mean((b - t * a) ** 2) - noise) < SIGMA * noise * math.sqrt(2 / n)
    assert abs(session.transmittance.value - system.fiber.transmittance) < SIGMA * session.transmittance.stderr
    assert abs(session.excess_noise.value - 0.02) < SIGMA * session.excess_noise.stderr
    assert not session.alarm
    rate = system.key_rate()
    assert session.key_rate.low < rate.value < session.key_rate.high
    assert session.key_rate.high - session.key_rate.low < rate.value
    if attack is not None:
        # Holevo's bound by her own two modes, and by the purification of what the parties hold: the same state.
        assert session.eve_information.value == pytest.approx(rate.parts["holevo"], rel=1e-9)


@pytest.mark.parametrize("detection", ["homodyne", "heterodyne"])
@pytest.mark.parametrize("xi", [0.0, 0.05, 0.5])
@pytest.mark.parametrize("km", [1.0, 60.0])
def test_what_a_cloner_knows_by_two_ways(detection: str, xi: float, km: float) -> None:
    system = line(detection, xi, km)
    session = system.run(1000, EntanglingCloner(), rng=2, reconcile=False)
    # Where the channel adds no noise two eigenvalues are 1, and their roots lose half of the digits.
    assert session.eve_information.value == pytest.approx(system.key_rate().parts["holevo"], rel=1e-6, abs=1e-7)


def test_more_noise_than_the_line_has_is_noticed() -> None:
    system = line()
    cloner = system.run(N, EntanglingCloner(excess_noise=0.08), rng=3, reconcile=False)
    assert [alarm.what for alarm in cloner.alarms] == ["excess noise"]
    assert abs(cloner.excess_noise.value - 0.08) < SIGMA * cloner.excess_noise.stderr
    assert abs(cloner.transmittance.value - system.fiber.transmittance) < SIGMA * cloner.transmittance.stderr
    # One unit of shot noise from measuring both quadratures, one from the light she sends.
    for fraction in (0.5, 1.0):
        seen = system.run(N, HeterodyneResend(fraction), rng=4, reconcile=False)
        assert seen.alarm
        assert abs(seen.excess_noise.value - (0.02 + 2 * fraction)) < SIGMA * seen.excess_noise.stderr
        assert abs(seen.transmittance.value - system.fiber.transmittance) < SIGMA * seen.transmittance.stderr
    assert seen.key_rate.value == 0.0


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("detection", ["homodyne", "heterodyne"])
@pytest.mark.parametrize("pulses", [2, 20])
def test_a_few_values_with_nobody_on_the_line_raise_no_alarm(pulses: int, detection: str) -> None:
    # Two quantities, each once in 10^6: 1,600 sessions in one alarm of 300 runs of these tests.
    system = qkd.GG02(ebit.Fiber(10.0), 0.6, detection=detection, excess_noise=0.01, electronic_noise=0.01)
    for seed in range(400):
        session = system.run(pulses, rng=seed)
        assert session.alarms == ()
        assert len(session.bob_key) == 0


def test_intervals_cover_the_truth() -> None:
    """400 runs: 95 % intervals of both estimates cover it 357 to 396 times, but for a chance of 1e-5."""
    covered = np.zeros(2, int)
    for seed in range(400):
        session = line().run(4000, rng=10_000 + seed, reconcile=False)
        covered += [
            session.transmittance.low < line().fiber.transmittance < session.transmittance.high,
            session.excess_noise.low < 0.02 < session.excess_noise.high,
        ]
    assert ((covered >= 357) & (covered <= 396)).all(), covered


def test_an_eavesdropper_of_ones_own() -> None:
    class Amplifier(qkd.Eavesdropper):
        """Takes the channel away and loses a little more herself."""

        def quadratures(self, modes: qkd.Modes, rng: np.random.Generator) -> None:
            modes.mix(0.8 * modes.transmittance, rng.standard_normal((len(modes), 2)))
            modes.channel(1.0)

    session = line().run(10**6, Amplifier(), rng=5, reconcile=False)
    assert [alarm.what for alarm in session.alarms] == ["transmittance"]
    assert math.isnan(session.eve_information.value)


def test_the_same_seed_gives_the_same_bits_and_messages_are_authenticated() -> None:
    one, two = (line().run(10_000, rng=6, reconcile=False) for _ in range(2))
    assert np.array_equal(one.bob, two.bob)
    assert one.to_dict() == two.to_dict()
    assert "no alarm" in repr(one)
    tampered = line().run(10_000, qkd.MessageTampering("sample", "values", 1), rng=6, reconcile=False)
    assert "failed authentication" in str(tampered.alarms[0])
    assert math.isnan(tampered.key_rate.value)


@pytest.mark.parametrize("detection", ["homodyne", "heterodyne"])
def test_the_channel_lies_within_its_bounds_as_often_as_stated(detection: str) -> None:
    """20,000 estimations by regression, each bound to fail with at most 5 %, that of the noise with half of it.

    False alarm 1e-6; intervals narrower by a tenth would fail in 6.5 %, which is 9 standard errors more. Bounds that
    hold more often than need be cost key: they may fail in no less than two thirds of what is stated.
    """
    rng = np.random.default_rng(41_001 if detection == "homodyne" else 41_002)
    runs, signals, fails = 20_000, 1000, 0.05
    truth = line(detection, xi=2.0).replace(fiber=ebit.Fiber(0.0, insertion_loss_db=3.0))
    values, split = (2 * signals, 0.5) if detection == "heterodyne" else (signals, 1.0)
    slope, noise = wanted_noise(truth)
    eta, quiet = split * truth.receiver_efficiency, 1.0 + truth.electronic_noise
    # A sixth of the secrecy is that of either estimate.
    epsilon = qkd.Epsilon(correctness=1e-9, secrecy=6 * fails)
    missed = np.zeros(2, np.int64)
    slopes = np.empty(runs)
    for run in range(runs):
        a = math.sqrt(5.0) * rng.standard_normal(values)
        b = slope * a + math.sqrt(noise) * rng.standard_normal(values)
        slopes[run] = t = (a @ b) / (a @ a)
        seen = float(np.mean((b - t * a) ** 2))
        system = truth.replace(
            fiber=ebit.Fiber(0.0, insertion_loss_db=-10 * math.log10(t * t / eta)),
            excess_noise=(seen - quiet) / t**2, modulation_variance=float(a @ a) / values,
        )  # fmt: skip
        parts = system.key_rate(signals, epsilon).parts
        low, high = parts["transmittance_low"], parts["transmittance_high"]
        missed += (
            not low <= truth.fiber.transmittance <= high,
            noise > quiet + eta * low * parts["excess_noise_high"],
        )
    for count, stated in zip(missed, (fails, fails / 2), strict=True):
        spread = SIGMA * math.sqrt(stated * (1 - stated) / runs)
        assert 2 / 3 * stated - spread < count / runs < stated + spread, (count, stated)
    # The variance of the slope has no term 2 t^2/values; with it, it would be two to three times as large.
    wanted = noise / (5.0 * values)
    assert abs(slopes.var() / wanted - 1.0) < SIGMA * math.sqrt(2 / runs) + 3 / values
