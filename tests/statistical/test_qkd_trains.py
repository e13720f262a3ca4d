"""Trains of coherent pulses: DPS and COW against their key-rate models and against what theory says of attacks.

Counts are compared with their laws at 4.9 standard errors: false alarm 1e-6 each. Runs have 3e5 clicks or more, which
see a gain off by 0.9 %. What an attack moves is compared at 4 standard errors (6e-5), and so is what it does not.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from qkd_lines import clicks, dark_of, deviation, eta_of

import ebit
from ebit import qkd
from ebit.qkd import COW, DPS

SIGMA, MOVED = 4.9, 4.0


def dps(km: float, **more: Any) -> DPS:
    return DPS(
        ebit.Fiber(km), **{"receiver_efficiency": 0.2, "background_probability": 1e-7, "misalignment": 0.02} | more
    )


def cow(km: float, **more: Any) -> COW:
    line = {"receiver_efficiency": 0.2, "background_probability": 1e-7, "misalignment": 0.01}
    return COW(ebit.Fiber(km), **line | {"decoy_fraction": 0.1, "monitoring": 0.1} | more)


@pytest.mark.parametrize("km", [0.0, 50.0, 150.0, 300.0])
def test_dps_over_distance_is_its_model(km: float) -> None:
    system = dps(km)
    rate = system.key_rate()
    gain, error = rate.parts["gain"], rate.parts["qber"]
    pulses = int(4e5 / gain)
    session = system.run(pulses, rng=101 + int(km))
    assert deviation(session.clicks, pulses, gain) < SIGMA
    assert session.sifted_bits == session.clicks > 3.9e5
    assert deviation(session.qber.value * session.clicks, session.clicks, error) < SIGMA
    # Where so many are wrong that no key is left, the sample says so.
    assert session.alarm == (error > session.line.threshold)
    assert np.array_equal(session.alice_key, session.bob_key)
    if rate.value > 0.0:
        # A tenth is compared; f = 1.16 is about what is told.
        assert 0.95 < len(session.alice_key) / (0.9 * pulses * rate.value) < 1.05
    else:
        assert len(session.alice_key) == 0


@pytest.mark.parametrize("km", [0.0, 50.0, 150.0, 250.0])
def test_cow_over_distance_is_its_model(km: float) -> None:
    system = cow(km)
    rate = system.key_rate()
    gain, error = rate.parts["gain"], rate.parts["qber"]
    pulses = int(5e5 / gain)
    session = system.run(pulses, rng=201 + int(km))
    assert deviation(session.sifted_bits, pulses, 0.9 * gain) < SIGMA
    assert deviation(session.qber.value * session.sifted_bits, session.sifted_bits, error) < SIGMA
    # Decoys have twice the light.
    decoys = int((session.transmission.light == 1).sum())
    assert deviation(decoys, pulses, 0.1 * (1 - (1 - 1e-7) * math.exp(-0.9 * eta_of(system)))) < SIGMA
    # Where so many are wrong that no key is left, the sample says so.
    assert session.alarm == (error > session.line.threshold)
    assert np.array_equal(session.alice_key, session.bob_key)
    if rate.value > 0.0:
        assert 0.95 < len(session.alice_key) / (0.9 * pulses * rate.value) < 1.08
    # Where two pulses meet, the dark port has dark counts only.
    x, dark = 0.1 * 0.5 * eta_of(system), dark_of(system)
    bright = 1 - (1 - dark) * math.exp(-x)
    monitor = session.transmission.monitor
    assert monitor is not None
    for name, meets in (("across", 0.55**2), ("decoy", 0.1)):
        seen = session.visibilities[name]
        n = int((monitor.meets(monitor.slot) == (name == "decoy")).sum())
        assert deviation(n, pulses, meets * (bright + dark)) < SIGMA
        assert deviation((1 - seen.value) / 2 * n, n, dark / (bright + dark)) < SIGMA
        assert n > 4e3


def intercepted(system: DPS, pulses: int) -> tuple[float, float, float, float]:
    """Gain, error rate, what she knows per click, and b, when all of a DPS train is measured and sent again.

    She sees a slot with probability p. Bob's slot then has both her pulses (mean b, right port); of slots that she did
    not see, one pulse was sent for a neighbour's sake with 2 p (1-p) (b/4 in each port), both with p^2 (b in any port).
    """
    p, dark, e = 1 - math.exp(-system.signal), dark_of(system), system.misalignment
    honest, _ = clicks((1 - e) * system.signal * eta_of(system), e * system.signal * eta_of(system), dark)

    def seen(b: float) -> tuple[float, float, float]:
        any_right, wrong = clicks((1 - e) * b, e * b, dark)
        any_half, wrong_half = clicks(b / 4, b / 4, dark)
        none, wrong_none = clicks(0.0, 0.0, dark)
        one, both = 2 * p * (1 - p) ** 2, (1 - p) * p * p
        gain = (p + both) * any_right + one * any_half + (1 - p) ** 3 * none
        errors = p * wrong + one * wrong_half + both * any_right / 2 + (1 - p) ** 3 * wrong_none
        return gain, errors / gain, p * any_right / gain

    low, high = 0.0, 20.0
    for _ in range(80):
        low, high = ((low + high) / 2, high) if seen((low + high) / 2)[0] < honest else (low, (low + high) / 2)
    return *seen(low), low


@pytest.mark.parametrize("signal", [0.1, 0.2])
def test_measuring_phases_moves_the_error_rate_and_no_gain(signal: float) -> None:
    system = dps(0.0, signal=signal, receiver_efficiency=0.15)
    pulses = int(3e4 / (0.15 * signal))
    gain, error, known, b = intercepted(system, pulses)
    assert gain == pytest.approx(system.key_rate().parts["gain"], rel=1e-12)
    # One quarter for weak pulses, (1-p)/(4-2p) for these; misalignment turns half of the rest.
    p = 1 - math.exp(-signal)
    assert error == pytest.approx((1 - p) / (4 - 2 * p) * 0.96 + 0.02, abs=0.003)
    # Clicks come in groups of 2b on average: their number varies as much more.
    moved = MOVED * math.sqrt(1 + 2 * b)
    session = system.run(pulses, qkd.InterceptResend(), rng=301)
    n = session.clicks
    assert deviation(n, pulses, gain) < moved
    assert deviation(session.qber.value * n, n, error) < moved
    # Alice's bits of the notes: what she saw she knows.
    assert deviation(session.eve_information.value * n, n, known) < moved
    assert deviation(int(session.alice_sifted.sum()), n, 0.5) < MOVED
    assert deviation(int(session.bob_sifted.sum()), n, 0.5) < MOVED
    assert {alarm.what for alarm in session.alarms} == {
        "error rate of the sample above the threshold",
        "qber in phases",
    }
    part = system.run(pulses, qkd.InterceptResend(fraction=0.3), rng=302)
    assert deviation(part.clicks, pulses, gain) < moved
    wanted = 0.3 * error + 0.7 * system.key_rate().parts["qber"]
    # She touches whole stretches, some hundreds of them, and at each edge of one a slot in 1024 has a random phase.
    share = math.sqrt(0.3 * 0.7 / (pulses / 1024)) * error
    assert abs(part.qber.value - wanted) < MOVED * math.hypot(part.qber.stderr, share) + 1 / 1024


@pytest.mark.parametrize("signal", [0.2, 0.5])
def test_measuring_slots_breaks_the_visibility_and_nothing_else(signal: float) -> None:
    system = cow(0.0, signal=signal, receiver_efficiency=0.2, decoy_fraction=0.2, monitoring=0.3, misalignment=0.0)
    pulses = int(3e4 / (0.14 * signal))
    session = system.run(pulses, qkd.InterceptResend(), rng=401)
    gain = system.key_rate().parts["gain"]
    assert deviation(session.sifted_bits, pulses, 0.8 * gain) < MOVED
    twice = 1 - (1 - 1e-7) * math.exp(-2 * signal * 0.14)
    assert deviation(int((session.transmission.light == 1).sum()), pulses, 0.2 * twice) < MOVED
    # Without misalignment and with dark counts of 1e-7 there is no wrong bit, and she knows them all.
    assert session.qber.value * session.sifted_bits <= 2
    assert session.eve_information.value > 0.9999
    # Both slots seen: b in the bright port. One: b/4 in either port. The monitor gets 3/7 of what the data line gets.
    p = 1 - math.exp(-signal)
    b = -math.log(1 - (1 - math.exp(-0.14 * signal)) / p) * 3 / 7
    full, quarter = 1 - math.exp(-b), 1 - math.exp(-b / 4)
    bright, dark = p * p * full + 2 * p * (1 - p) * quarter, 2 * p * (1 - p) * quarter
    monitor = session.transmission.monitor
    assert monitor is not None
    for name, meets in (("across", 0.6**2), ("decoy", 0.2)):
        n = int((monitor.meets(monitor.slot) == (name == "decoy")).sum())
        # A slot may click at both ports: their difference is what is compared.
        assert abs(n - pulses * meets * (bright + dark)) < MOVED * math.sqrt(2 * n)
        difference = session.visibilities[name].value * n
        assert abs(difference - pulses * meets * (bright - dark)) < MOVED * math.sqrt(2 * n)
        # Where clicks are few it is p.
        assert abs(session.visibilities[name].value - p) < 0.1
    noticed = {alarm.what for alarm in session.alarms}
    assert {"visibility across", "visibility decoy"} <= noticed
    assert noticed <= {"visibility across", "visibility decoy", *(f"clicks per pulse of detector {k}" for k in (1, 2))}
    # Where nobody looks at the coherence, nobody notices.
    blind = system.replace(monitoring=0.0).run(pulses, qkd.InterceptResend(), rng=402)
    assert not blind.alarm
    assert blind.visibilities == {}
    assert any("no light is monitored" in words for words in blind.assumptions)


@pytest.mark.parametrize("system", [dps(10.0), cow(10.0)], ids=["DPS", "COW"])
def test_splitting_the_beam_moves_nothing(system: Any) -> None:
    class Splitter(qkd.Eavesdropper):
        """Takes what the fibre would, and turns all of the train by the same angle."""

        def train(self, train: qkd.Train, rng: np.random.Generator) -> None:
            train.split(train.transmittance)
            train.channel(1.0)
            train.turn(1.0)

    for attack in (qkd.BeamSplitting(), Splitter()):
        same = system.run(500_000, attack, rng=501)
        honest = system.run(500_000, rng=501, per_pulse=True)
        # The same numbers are drawn: but for rounding, the same clicks.
        assert abs(same.clicks - honest.clicks) <= 2
        assert not same.alarm
    mean = system.signal * (1.0 - system.fiber.transmittance)
    known = system.run(10_000, qkd.BeamSplitting(), rng=502).eve_information
    assert known.value == pytest.approx(_in_photons("phases" if isinstance(system, DPS) else "slots", mean), abs=1e-9)


def _in_photons(kind: str, mean: float, photons: int = 14) -> float:
    """What the best measurement of two kept modes tells of the bit, from their states in photon numbers.

    Each number of photons in both together, or its parity, is a block of its own; in it Helstrom's measurement.
    """
    n = np.arange(photons)
    factorials = np.array([math.factorial(k) for k in n], dtype=float)

    def light(a: float) -> Any:
        return math.exp(-a * a / 2) * a**n / np.sqrt(factorials)

    a = math.sqrt(mean)
    alternatives = [[(a, a), (-a, -a)], [(a, -a), (-a, a)]] if kind == "phases" else [[(a, 0.0)], [(0.0, a)]]
    states = []
    for pairs in alternatives:
        vectors = [np.kron(light(x), light(y)) for x, y in pairs]
        states.append(sum(np.outer(v, v) for v in vectors) / len(vectors))
    parity = (n[:, None] + n[None, :]).ravel() % 2
    blocks = [parity == 0, parity == 1] if kind == "phases" else [np.ones(len(parity), dtype=bool)]
    joint = []
    for block in blocks:
        zero, one = (state[np.ix_(block, block)] / 2 for state in states)
        values, vectors = np.linalg.eigh(zero - one)
        for positive in (True, False):
            seen = vectors[:, (values > 0) == positive]
            joint.append([float(np.trace(seen.T @ state @ seen)) for state in (zero, one)])
    table = np.array(joint)
    assert table.sum() == pytest.approx(1.0, abs=1e-9)
    product = table.sum(axis=1, keepdims=True) * table.sum(axis=0, keepdims=True)
    positive = table > 0
    return float((table[positive] * np.log2(table[positive] / product[positive])).sum())


def test_random_phases_end_interference_and_leave_the_gain() -> None:
    class Turner(qkd.Eavesdropper):
        def train(self, train: qkd.Train, rng: np.random.Generator) -> None:
            train.turn(rng.random(len(train)) * 2 * math.pi)

    session = dps(0.0).run(500_000, Turner(), rng=503)
    # The two ports share the light of a pulse: double clicks are few, and so is what they take from the gain.
    gain = dps(0.0).key_rate().parts["gain"]
    assert deviation(session.clicks, 500_000, gain) < MOVED
    assert deviation(session.qber.value * session.clicks, session.clicks, 0.5) < MOVED
    line = cow(0.0)
    session = line.run(500_000, Turner(), rng=504)
    assert deviation(session.sifted_bits, 500_000, 0.9 * line.key_rate().parts["gain"]) < MOVED
    assert deviation(session.qber.value * session.sifted_bits, session.sifted_bits, 0.01) < MOVED
    for seen in session.visibilities.values():
        assert abs(seen.value) < MOVED * seen.stderr


@pytest.mark.parametrize("system", [dps(0.0), cow(0.0, misalignment=0.05)], ids=["DPS", "COW"])
@pytest.mark.parametrize("dead", [0.0, 20e-9])
def test_skipping_and_every_pulse_have_one_law(system: Any, dead: float) -> None:
    fast, slow = (system.run(10**6, rng=601, per_pulse=each, dead_time_s=dead) for each in (False, True))
    assert (fast.method, slow.method) == ("sampled (skip)", "sampled (every pulse)")
    counts = [
        np.concatenate(([s.clicks, s.sifted_bits, s.qber.value * s.sifted_bits], s.transmission.detections))
        for s in (fast, slow)
    ]
    assert (np.abs(counts[0] - counts[1]) <= SIGMA * np.sqrt(counts[0] + counts[1])).all(), counts
    assert not fast.alarm
    assert not slow.alarm
    for name, seen in fast.visibilities.items():
        other = slow.visibilities[name]
        assert abs(seen.value - other.value) < SIGMA * math.hypot(seen.stderr, other.stderr) + 1e-3


def test_the_same_seed_gives_the_same_bits() -> None:
    for system in (dps(20.0), cow(20.0)):
        one, two = (system.run(10**6, rng=701, threads=k) for k in (1, 2))
        assert one.to_dict() == two.to_dict()
        assert np.array_equal(one.transmission.pulse, two.transmission.pulse)
        assert np.array_equal(one.alice_key, two.alice_key)
        assert system.run(10**6, rng=702).clicks != one.clicks
        assert one.photon_yields() == {}
        assert one.formalism == "coherent amplitudes and clicks"


def test_false_alarms_are_rare() -> None:
    """100 honest runs, four or more quantities each: an alarm would be a chance of 5e-4."""
    for system in (dps(5.0), cow(5.0)):
        assert not any(system.run(200_000, rng=2000 + k, dead_time_s=30e-9 * (k % 2)).alarm for k in range(50))


def test_the_monitors_message_can_be_tampered_with() -> None:
    system, both = cow(0.0), qkd.Together(qkd.InterceptResend(), qkd.MessageTampering("monitor", "port", 0))
    open_line = system.run(200_000, both, rng=801, authenticated=False)
    assert all(seen.value == 1.0 for seen in open_line.visibilities.values())
    # Her hand still shows in how often the ports click.
    assert "visibility across" not in {alarm.what for alarm in open_line.alarms}
    assert "'monitor' from Bob failed authentication" in str(system.run(200_000, both, rng=801).alarms[0])
