"""Detectors that are blind after a click: what is expected of their clicks, and that nobody on the line is no alarm.

A session judges each quantity at 4.9 standard errors, 1e-6: of the runs below, with some 80 quantities, one set of
seeds in 10^4 would fail by chance.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from ebit import Fiber, qkd
from ebit.qkd.renewals import renewals

LINE: dict[str, Any] = {"fiber": Fiber(10.0), "receiver_efficiency": 0.5, "misalignment": 0.02}
BRIGHT: dict[str, Any] = {**LINE, "signal": 1.0}
DEAD = 30e-9


@pytest.mark.parametrize(
    ("system", "pulses"),
    [
        (qkd.BB84(**LINE, background_probability=1e-2), 2 * 10**7),
        (qkd.SixState(**LINE, background_probability=1e-2), 2 * 10**7),
        (qkd.WeakBB84(**BRIGHT), 2 * 10**7),
        (qkd.DecoyBB84(**BRIGHT), 2 * 10**7),
        (qkd.DecoyBB84(**BRIGHT, decoys=(0.1, 0.0)), 10**8),
        (qkd.B92(**LINE, background_probability=1e-2), 2 * 10**7),
        (qkd.SARG04(**BRIGHT), 2 * 10**7),
        (qkd.BBM92(**LINE, mean_pairs=0.5), 5 * 10**7),
        (qkd.E91(**LINE, mean_pairs=0.5), 5 * 10**7),
        (qkd.MDI(**BRIGHT, sifting=0.25), 5 * 10**7),
        (qkd.TwinField(**LINE, signal=0.3), 2 * 10**7),
        (qkd.SendingOrNotSending(**LINE, signal=0.8, sending_probability=0.2), 2 * 10**7),
        (qkd.ModePairing(**LINE, signal=0.8, pairing_interval=200), 2 * 10**7),
        (qkd.DPS(**BRIGHT), 4 * 10**6),
        (qkd.COW(**BRIGHT, decoy_fraction=0.2, monitoring=0.3), 4 * 10**6),
    ],
    ids=lambda x: type(x).__name__,
)
def test_nobody_on_the_line_is_no_alarm(system: Any, pulses: int) -> None:
    session = system.run(pulses, rng=1701, dead_time_s=DEAD, sample=0.0)
    assert [str(alarm) for alarm in session.alarms if "threshold" not in alarm.what] == []
    assert session.clicks > 10**5


def test_neighbours_that_share_a_symbol_click_together() -> None:
    """COW's monitor in bright light: were its waits geometric, 10^6 clicks of one detector would be 6 sigma off."""
    system = qkd.COW(Fiber(5.0), 0.9, misalignment=0.1, signal=2.0, decoy_fraction=0.2, monitoring=0.3)
    session = system.run(5 * 10**6, rng=1706, dead_time_s=2e-9, sample=0.0)
    assert [alarm.what for alarm in session.alarms if "threshold" not in alarm.what] == []


def test_what_is_expected_is_of_the_live_detectors() -> None:
    """Errors of MDI in X: 10^5 bits, 6 standard errors from what detectors that are never blind give."""
    session = qkd.MDI(**BRIGHT, sifting=0.25).run(10**8, rng=1702, dead_time_s=DEAD)
    seen = session.qbers["X"]
    assert seen.value - session.honest.qber((0,), (1,)) > 6 * seen.stderr
    assert len(session.honest.blind) == 16


@pytest.mark.parametrize(
    ("system", "attack", "what"),
    [
        (qkd.BB84(**LINE), qkd.InterceptResend(fraction=0.1), "qber in X"),
        (qkd.DecoyBB84(**BRIGHT, decoys=(0.1, 0.0)), qkd.InterceptResend(fraction=0.1), "qber in X"),
        (qkd.DecoyBB84(**BRIGHT, decoys=(0.1, 0.0)), qkd.PhotonNumberSplitting(), "clicks per pulse of detector 0"),
        (qkd.BBM92(**LINE, mean_pairs=0.1), qkd.InterceptResend(fraction=0.2), "qber in X"),
        (qkd.MDI(**BRIGHT, sifting=0.25), qkd.FalseRelay(fraction=0.2), "qber in X"),
        (qkd.TwinField(**LINE), qkd.FalseRelay(fraction=0.1), "qber in X"),
        (qkd.COW(**BRIGHT, decoy_fraction=0.2, monitoring=0.3), qkd.InterceptResend(), "visibility across"),
        (qkd.DPS(**BRIGHT), qkd.InterceptResend(), "qber in phases"),
    ],
    ids=lambda x: type(x).__name__,
)
def test_somebody_is_seen_with_dead_times(system: Any, attack: Any, what: str) -> None:
    train = type(system).__name__ in ("DPS", "COW")
    session = system.run(10**6 if train else 5 * 10**6, attack, rng=1703, dead_time_s=DEAD)
    assert what in [alarm.what for alarm in session.alarms]


def test_a_finite_key_is_made_with_dead_times() -> None:
    session = qkd.BB84(**LINE, sifting=0.81).run(10**7, rng=1704, dead_time_s=DEAD, epsilon=1e-10)
    assert not session.alarms
    assert len(session.alice_key) > 10**5


@pytest.mark.parametrize(
    ("p", "dead", "n"),
    [
        (0.01, 30, 20_000),
        (0.5, 1000, 20_000),
        (0.99, 100, 20_000),
        (0.3, 50, 20_000),
        (0.05, 200, 7777),
        (1e-3, 10**5, 50_000),
    ],
)
def test_clicks_of_one_detector_by_recursion(p: float, dead: int, n: int) -> None:
    """The second way: P(live) pulse by pulse, and the second moment by starting anew after each click."""
    click, blind = np.zeros(n), 0.0
    for t in range(n):
        click[t] = p * (1.0 - blind)
        blind += click[t] - (click[t - dead] if t >= dead else 0.0)
    mean = float(click.sum())
    so_far = np.concatenate(([0.0], np.cumsum(click)))
    left = np.maximum(n - np.arange(n) - 1 - dead, 0)
    variance = 2.0 * float((click * so_far[left]).sum()) + mean - mean**2
    got = renewals(p, dead, 3 * n + n // 3, n)
    end = renewals(p, dead, n // 3, n)
    assert math.isclose(got[0] - end[0], 3 * mean, abs_tol=1e-6)
    # Where the spread is large its leading term is given: within a click or a tenth.
    assert abs(got[1] - end[1] - 3 * variance) < 0.1 * 3 * variance + 1e-6
    assert end[0] == pytest.approx(so_far[n // 3], abs=1e-6)


def test_frames_that_keep_step_raise_no_alarm() -> None:
    """Half of all pulses click, and blind for a thousand: clicks come in step through a whole frame."""
    system = qkd.WeakBB84(Fiber(0.0), 0.9, background_probability=0.5, misalignment=0.02, signal=2.0)
    session = system.run(10**8, rng=1705, dead_time_s=1e-6, sample=0.0)
    assert [alarm.what for alarm in session.alarms if "threshold" not in alarm.what] == []
