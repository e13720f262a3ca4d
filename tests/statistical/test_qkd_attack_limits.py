"""Where the plain words about an attack end: protocols, pulses and lines on which it moves something else.

Every comparison fails by chance with 1e-6 (4.9 standard errors); the formulas are their own, as in ``qkd_lines``.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from qkd_lines import dark_of, deviation, eta_of, photon

import ebit
from ebit import qkd

SIGMA = 4.9
NEAR: dict[str, Any] = {"fiber": ebit.Fiber(1.0), "receiver_efficiency": 0.9}
ANY_LIGHT = {"receiver_power_w": math.inf}


@pytest.mark.parametrize("fraction", [0.5, 1.0])
@pytest.mark.parametrize(
    ("system", "overlap_squared", "kept"),
    [(qkd.SARG04(**NEAR), 0.5, 0.25), (qkd.B92(**NEAR, overlap=0.5), 0.25, 0.375)],
    ids=["SARG04", "B92"],
)
def test_intercept_resend_where_outcomes_are_kept(
    system: Any, overlap_squared: float, kept: float, fraction: float
) -> None:
    """Of what she touched as many bits are right as before; the wrong ones come on top, f o^2 of them."""
    seen = system.run(2 * 10**6, qkd.InterceptResend(fraction=fraction), rng=401)
    more = fraction * overlap_squared
    assert deviation(seen.qber.value * seen.sifted_bits, seen.sifted_bits, more / (1 + more)) < SIGMA
    assert deviation(seen.sifted_bits, seen.clicks, kept * (1 + more)) < SIGMA


def test_intercept_resend_of_e91() -> None:
    """Two of her three directions are not those of the pair; the pairs' own errors flip what is right and wrong."""
    system = qkd.E91(**NEAR)
    honest, seen = (system.run(2 * 10**6, attack, rng=402) for attack in (None, qkd.InterceptResend()))
    own = honest.honest.qber((0,))
    wanted = 5 / 24 + (1 - 2 * 5 / 24) * own
    assert deviation(seen.qber.value * seen.sifted_bits, seen.sifted_bits, wanted) < SIGMA


@pytest.mark.parametrize(("length_km", "efficiency"), [(10.0, 0.5), (0.0, 1.0), (50.0, 0.5)])
def test_blinding_makes_no_more_clicks_than_she_is_heard(length_km: float, efficiency: float) -> None:
    """Pulses of n photons click with min(Y_n, 1/2), and never twice."""
    system = qkd.WeakBB84(ebit.Fiber(length_km), efficiency, 0.5)
    seen = system.run(10**6, qkd.DetectorBlinding(), rng=403, monitors=ANY_LIGHT, on_alarm="continue")
    poisson = [math.exp(-0.5) * 0.5**n / math.factorial(n) for n in range(30)]
    gain = sum(p * min(1 - (1 - eta_of(system)) ** n, 0.5) for n, p in enumerate(poisson))
    assert deviation(seen.clicks, 10**6, gain) < SIGMA
    assert seen.qber.value == 0.0
    assert not (seen.transmission.pattern == 3).any()


@pytest.mark.parametrize("ratio", [0.0, 0.5])
def test_dark_counts_weigh_more_when_pulses_are_shifted(ratio: float) -> None:
    """Half of the photons meet the detector at its weak time; dark counts are as many as ever."""
    system = qkd.BB84(ebit.Fiber(20.0), 0.5, background_probability=0.02)
    seen = system.run(10**6, qkd.TimeShift(ratio=ratio), rng=404, on_alarm="continue")
    strong, weak = (photon(0.0, eta_of(system) * share, dark_of(system)) for share in (1.0, ratio))
    clicks, wrong = ((a + b) / 2 for a, b in zip(strong, weak, strict=True))
    assert deviation(seen.clicks, 10**6, clicks) < SIGMA
    assert deviation(seen.qber.value * seen.sifted_bits, seen.sifted_bits, wrong / clicks) < SIGMA
    assert wrong / clicks > 1.2 * strong[1] / strong[0]


class Keeps(qkd.Eavesdropper):
    """Takes so many photons out of each pulse, one time after the other."""

    def __init__(self, *counts: int, note: int | None = None) -> None:
        self.counts, self.written = counts, note

    def photons(self, pulses: qkd.Pulses, rng: np.random.Generator) -> None:
        for count in self.counts:
            pulses.keep(count)
        if self.written is not None:
            pulses.note(self.written)


def test_photons_kept_at_several_times_tell_what_as_many_kept_at_once_do() -> None:
    system = qkd.SARG04(ebit.Fiber(0.0), 0.5, signal=5.0)
    knows = [
        system.run(10**4, attack, rng=405).eve_information.value
        for attack in (Keeps(1), Keeps(2), Keeps(1, 1), Keeps(2, note=0))
    ]
    assert knows[1] == knows[2] == knows[3]
    assert knows[1] > knows[0] + 0.2


def test_three_tags_together_fail_as_seldom_as_epsilon_says() -> None:
    """Keys that are corrected up to three times are compared as often: any of the tags may be equal by chance."""
    system = qkd.BB84(ebit.Fiber(10.0), 0.5, sifting=0.81)
    for correctness in (1e-6, 1e-15):
        epsilon = qkd.Epsilon(correctness=correctness, secrecy=1e-6)
        session = system.run(10**5, rng=406, epsilon=epsilon)
        assert len(session.alice_key) > 1000
        tag = next(e.disclosed_bits for e in session.ledger.entries if e.purpose == "verification")
        # The bits compared are of the test basis: those of the key are at most as many as were sifted.
        bits = session.sifted_bits - session.ledger.entries[0].disclosed_bits
        assert 3 * (math.ceil(bits / 128) + 1) * 2.0**-tag <= correctness
    session = system.run(10**5, rng=406, epsilon=qkd.Epsilon(correctness=1e-38, secrecy=1e-6))
    assert session.why == "no tag of 128 bits tells keys apart so surely: epsilon.correctness is too small"
    # Of games a tag counts for the secrecy, too.
    boxes = qkd.DeviceIndependent(ebit.Fiber(0.0), 1.0, visibility=1.0)
    for asked in ("secrecy", "secrecy_per_bit"):
        session = boxes.run(10**5, rng=406, epsilon=qkd.Epsilon(correctness=1e-6, **{asked: 1e-37}))
        assert session.why == f"no tag of 128 bits tells keys apart so surely: epsilon.{asked} is too small"


def test_keys_that_nobody_could_correct_are_no_alarm() -> None:
    """Of a dozen bits the sample may see none of the errors; verification does, and that says nothing of anybody."""
    system = qkd.BB84(ebit.Fiber(10.0), 0.5, 1e-5, 0.08)
    sessions = [system.run(20, rng=seed) for seed in range(600)]
    assert all(session.alarms == () for session in sessions)
    failed = [session for session in sessions if session.why == "verification: the keys differ"]
    assert failed
    assert all(len(session.alice_key) == 0 for session in failed)
