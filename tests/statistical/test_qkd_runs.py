"""Runs of protocols against closed forms of their clicks and errors.

Each count is compared with its law at 4.9 standard errors: false alarm 1e-6. With n clicks a gain off by 5/sqrt(n) of
itself is seen; every run below has at least 1e5.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from qkd_lines import clicks, dark_of, deviation, eta_of, photon

import ebit
from ebit import qkd
from ebit.qkd import B92, BB84, SARG04, DecoyBB84, SixState, WeakBB84

SIGMA = 4.9
LINE: dict[str, Any] = {"receiver_efficiency": 0.3, "background_probability": 1e-5, "misalignment": 0.03}


def agrees(session: qkd.Session, pulses: int, gain: float, kept: float, wrong: float) -> None:
    """Clicks, sifted bits and errors per pulse as they should be."""
    assert deviation(session.clicks, pulses, gain) < SIGMA
    assert deviation(session.sifted_bits, pulses, kept) < SIGMA
    errors = session.qber.value * session.sifted_bits
    assert deviation(errors, session.sifted_bits, wrong / kept) < SIGMA
    assert session.clicks > 1e5
    assert not session.alarm


@pytest.mark.parametrize("km", [0.0, 20.0, 50.0])
def test_bb84_with_single_photons(km: float) -> None:
    system = BB84(fiber=ebit.Fiber(km), **LINE)
    eta, dark, e = eta_of(system), dark_of(system), 0.03
    gain, wrong = photon(e, eta, dark)
    pulses = int(4e5 / gain)
    agrees(system.run(pulses, rng=1), pulses, gain, gain / 2, wrong / 2)


@pytest.mark.parametrize("sifting", [0.5, 0.82])
def test_bb84_with_biased_bases(sifting: float) -> None:
    system = WeakBB84(fiber=ebit.Fiber(25.0), signal=0.3, sifting=sifting, **LINE)
    gain, wrong = clicks(0.97 * 0.3 * eta_of(system), 0.03 * 0.3 * eta_of(system), dark_of(system))
    # Off-basis light falls on both detectors alike and clicks as often to first order only.
    other, _ = clicks(0.5 * 0.3 * eta_of(system), 0.5 * 0.3 * eta_of(system), dark_of(system))
    pulses = 10**7
    agrees(system.run(pulses, rng=2), pulses, sifting * gain + (1 - sifting) * other, sifting * gain, sifting * wrong)


@pytest.mark.parametrize(
    ("protocol", "sifting"),
    [(SixState, 0.5), (SixState, 0.4), (SixState, 1 / 3), (SixState, 0.2), (BB84, 0.7), (BB84, 0.3)],
)
def test_sifting_is_the_share_of_pulses_that_make_key(protocol: Any, sifting: float) -> None:
    """Of all bases from where both take them alike on, below that of the key basis alone."""
    pulses, bases = 10**6, 3 if protocol is SixState else 2
    session = protocol(ebit.Fiber(0.0), 1.0, misalignment=0.01, sifting=sifting).run(pulses, rng=12, sample=0.0)
    sent = session.transmission
    both = [int(np.count_nonzero((sent.alice // 2 == k) & (sent.bob == k))) for k in range(bases)]
    of_key = sum(both) if bases * sifting > 0.99 else both[0]
    assert sum(both) == session.sifted_bits
    assert deviation(of_key, pulses, sifting) < SIGMA
    told = sum(e.disclosed_bits for e in session.ledger.entries if e.purpose != "sample")
    assert len(session.alice_key) + told < of_key
    parts = session.system.key_rate().parts
    leak = session.system.error_correction * _h(parts["qber"])
    model = session.system.key_rate().value * pulses + leak * sifting * pulses
    assert math.isclose(len(session.alice_key) + told, model, rel_tol=0.02)


def _h(p: float) -> float:
    return -p * math.log2(p) - (1 - p) * math.log2(1 - p)


def test_decoys_over_distance() -> None:
    for km in (0.0, 30.0, 60.0, 90.0, 120.0):
        system = DecoyBB84(fiber=ebit.Fiber(km), signal=0.5, decoys=(0.1, 0.0), **LINE)
        pulses = int(10 ** (7 + km / 40))
        session = system.run(pulses, rng=3)
        for k, (name, mean, share) in enumerate((("signal", 0.5, 0.8), ("weak", 0.1, 0.1), ("vacuum", 0.0, 0.1))):
            x = mean * eta_of(system)
            right, _ = clicks(0.97 * x, 0.03 * x, dark_of(system))
            other, _ = clicks(0.5 * x, 0.5 * x, dark_of(system))
            gain = (right + other) / 2
            count = session.gains[name].value * share * pulses
            assert deviation(count, pulses, share * gain) < SIGMA, (km, name)
            rows = session.transmission.light[session.transmission.alice // 2 == session.transmission.bob] == k
            assert deviation(int(rows.sum()), pulses, share * right / 2) < SIGMA
        # Vacuum pulses make no key.
        assert session.sifted_bits < (session.transmission.light < 2).sum()


def test_yields_are_those_of_photon_numbers() -> None:
    system = DecoyBB84(fiber=ebit.Fiber(20.0), signal=0.5, decoys=(0.1, 0.0), **LINE)
    pulses = 10**8
    session = system.run(pulses, rng=4)
    eta, y0 = eta_of(system), 1e-5
    for n, seen in session.photon_yields().items():
        sent = 0.8 * pulses * math.exp(-0.5) * 0.5**n / math.factorial(n)
        wanted = 1 - (1 - y0) * (1 - eta) ** n
        assert abs(seen.value - wanted) < SIGMA * math.sqrt(wanted / sent) + 1 / sent, n


def test_six_states() -> None:
    system = SixState(fiber=ebit.Fiber(20.0), **LINE)
    gain, wrong = photon(0.03, eta_of(system), dark_of(system))
    pulses = 10**7
    agrees(system.run(pulses, rng=5), pulses, gain, gain / 3, wrong / 3)


@pytest.mark.parametrize("overlap", [0.5, 0.8])
def test_b92(overlap: float) -> None:
    system = B92(fiber=ebit.Fiber(10.0), overlap=overlap, **{**LINE, "misalignment": 0.01})
    # An outcome against the state sent is an error; against the other state it is right.
    _, wrong = photon(0.01, eta_of(system), dark_of(system))
    gain, right = photon(0.01 + 0.98 * (1 - overlap**2), eta_of(system), dark_of(system))
    pulses = 10**7
    agrees(system.run(pulses, rng=6), pulses, gain, (right + wrong) / 2, wrong / 2)


def test_sarg04() -> None:
    system = SARG04(fiber=ebit.Fiber(10.0), signal=0.3, **LINE)
    x = 0.3 * eta_of(system)
    matched, wrong = clicks(0.97 * x, 0.03 * x, dark_of(system))
    other, right = clicks(0.5 * x, 0.5 * x, dark_of(system))
    pulses = 10**7
    agrees(system.run(pulses, rng=7), pulses, (matched + other) / 2, (right + wrong) / 2, wrong / 2)


NEAR: dict[str, Any] = {"fiber": ebit.Fiber(5.0), "receiver_efficiency": 0.7, "misalignment": 0.02}
EACH_WAY: list[tuple[qkd.Protocol, float]] = [
    (DecoyBB84(fiber=ebit.Fiber(5.0), signal=0.5, decoys=(0.1, 0.0), **LINE), 20e-9),
    (qkd.BBM92(**NEAR, background_probability=1e-4), 3e-9),
    (qkd.E91(**NEAR, background_probability=1e-4), 0.0),
    (qkd.MDI(**NEAR, dark_count_probability=1e-4, signal=0.6), 3e-9),
    (qkd.TwinField(**NEAR, dark_count_probability=1e-4, signal=0.1), 3e-9),
    (qkd.SendingOrNotSending(**NEAR, dark_count_probability=1e-4), 3e-9),
    (qkd.ModePairing(**NEAR, dark_count_probability=1e-4), 0.0),
    (qkd.DeviceIndependent(ebit.Fiber(2.0), 0.97, heralded=True), 0.0),
]


@pytest.mark.parametrize(("system", "dead_time_s"), EACH_WAY, ids=[type(each).__name__ for each, _ in EACH_WAY])
def test_every_pulse_gives_the_same_law_as_skipping(system: qkd.Protocol, dead_time_s: float) -> None:
    fast, slow = (system.run(2_000_000, rng=8, per_pulse=each, dead_time_s=dead_time_s) for each in (False, True))
    assert (fast.method, slow.method) == ("sampled (skip)", "sampled (every pulse)")
    # The same clicks would be the same way of drawing them.
    assert fast.transmission.pulse[:100].tolist() != slow.transmission.pulse[:100].tolist()
    for a, b in ((fast.clicks, slow.clicks), (fast.sifted_bits, slow.sifted_bits)):
        assert abs(a - b) < SIGMA * math.sqrt(a + b)
    for name, one in {"all": fast.qber, **fast.qbers}.items():
        other = {"all": slow.qber, **slow.qbers}[name]
        assert abs(one.value - other.value) < SIGMA * math.hypot(one.stderr, other.stderr), name
    assert fast.sifted_bits > 4e3
    assert fast.alarms == slow.alarms == ()


def test_dead_time_takes_clicks_and_raises_no_alarm() -> None:
    system = WeakBB84(fiber=ebit.Fiber(0.0), signal=0.5, **LINE)
    live, dead = (system.run(10**7, rng=9, dead_time_s=t) for t in (0.0, 100e-9))
    assert dead.clicks < 0.2 * live.clicks
    assert not live.alarm
    assert not dead.alarm


def test_threads_change_no_bit() -> None:
    system = DecoyBB84(fiber=ebit.Fiber(50.0), signal=0.5, decoys=(0.1, 0.0), **LINE)
    one = system.run(10**8, rng=10, threads=1, dead_time_s=50e-9)
    for threads in (2, 5):
        other = system.run(10**8, rng=10, threads=threads, dead_time_s=50e-9)
        for name in ("pulse", "alice", "bob", "light", "photons", "note", "pattern", "coins"):
            assert np.array_equal(getattr(one.transmission, name), getattr(other.transmission, name)), name
        assert np.array_equal(one.alice_key, other.alice_key)
        assert one.to_dict() == other.to_dict()


def test_false_alarms_are_rare() -> None:
    """200 honest runs, seven or more quantities each: an alarm would be a chance of 1e-3."""
    system = DecoyBB84(fiber=ebit.Fiber(20.0), signal=0.5, decoys=(0.1, 0.0), **LINE)
    assert not any(system.run(200_000, rng=1000 + k, dead_time_s=30e-9).alarm for k in range(200))
