"""From pulses to secret keys: lengths beside the rate models, the ledger, and what becomes of tampering at the end.

A length differs from its model by chance of the counts; each comparison below allows what it states, and its chance of
a false alarm is below 1e-6.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
import pytest

import ebit
from ebit import qkd

FIBER = ebit.Fiber(10.0)
LINE: dict[str, Any] = {
    "fiber": FIBER,
    "receiver_efficiency": 0.5,
    "background_probability": 1e-6,
    "misalignment": 0.01,
}
RELAYED: dict[str, Any] = {"fiber": FIBER, "receiver_efficiency": 0.5, "misalignment": 0.01}
SAMPLE = 0.1
#: A short line whose relay has good detectors, so that a block does not take long.
MDI = qkd.MDI(
    ebit.Fiber(10.0), 0.9, dark_count_probability=1e-7, misalignment=0.005, sifting=0.3, signal=0.48,
    decoys=(0.17, 0.0), signal_probability=0.26, weak_probability=0.58,
)  # fmt: skip

#: Protocol, pulses, and which share of what the rate model sends makes key in a run without bias.
SYSTEMS: list[tuple[Any, int, float]] = [
    (qkd.BB84(**LINE), 10**6, 1.0),
    (qkd.WeakBB84(**LINE, signal=0.15), 10**7, 1.0),
    (qkd.DecoyBB84(**LINE), 3 * 10**6, 1.0),
    (qkd.DecoyBB84(**LINE, decoys=(0.1, 0.0)), 4 * 10**6, 0.8),
    (qkd.SixState(**LINE), 10**6, 1.0),
    (qkd.SARG04(**LINE, signal=0.15), 10**7, 1.0),
    (qkd.BBM92(**LINE, mean_pairs=0.05), 2 * 10**7, 1.0),
    (qkd.E91(**LINE, mean_pairs=0.05), 5 * 10**7, 1.0),
    (qkd.MDI(**RELAYED, signal=0.4), 2 * 10**7, 1.0),
    (qkd.TwinField(**RELAYED, signal=0.02), 5 * 10**6, 1.0),
]


@pytest.mark.parametrize(("system", "pulses", "share"), SYSTEMS, ids=lambda x: type(x).__name__)
def test_keys_are_as_long_as_the_rate_model_says(system: Any, pulses: int, share: float) -> None:
    session = system.run(pulses, rng=31, sample=SAMPLE)
    assert not session.alarms
    assert session.why == ""
    assert np.array_equal(session.alice_key, session.bob_key)
    told = sum(e.disclosed_bits for e in session.ledger.entries if e.purpose != "sample")
    parts, kept = system.key_rate().parts, pulses * share * (1 - SAMPLE) * _sifted(system)
    # What a corrector that tells f h(E) of each bit would have left, beside the model's pulses.
    leak = system.error_correction * _h(parts["qber"])
    length = len(session.alice_key) + told - leak * kept
    model = pulses * share * (1 - SAMPLE) * system.key_rate().value
    # Chance is in the number of sifted bits alone; 100 bits are the price of a tag and of distance from uniform.
    sigma = (model / kept + leak) * math.sqrt(kept)
    assert abs(length - model) < 4.9 * sigma + 100, (length, model, sigma)
    assert sigma < 0.02 * model


def _h(p: float) -> float:
    return -p * math.log2(p) - (1 - p) * math.log2(1 - p)


def _sifted(system: Any) -> float:
    """Sifted bits per pulse, by the rate model."""
    parts = system.key_rate().parts
    return float(parts["gain"]) * {"E91": 2 / 9}.get(type(system).__name__, getattr(system, "sifting", 1.0))


@pytest.mark.parametrize(
    ("system", "pulses"),
    [
        (qkd.BB84(**LINE, sifting=0.81), 2 * 10**6),
        (qkd.BBM92(**LINE, mean_pairs=0.05, sifting=0.81), 2 * 10**7),
        (qkd.DecoyBB84(**LINE, decoys=(0.1, 0.0), sifting=0.81, signal_probability=0.6, weak_probability=0.3), 10**8),
        (qkd.DecoyBB84(**LINE, decoys=0.1, sifting=0.81, signal_probability=0.7), 10**8),
        (MDI, 2 * 10**8),
    ],
    ids=lambda x: type(x).__name__,
)
def test_finite_keys_are_as_long_as_the_model_of_that_block(system: Any, pulses: int) -> None:
    session = system.run(pulses, rng=32, epsilon=1e-10)
    assert not session.alarms
    assert np.array_equal(session.alice_key, session.bob_key)
    assert len(session.alice_key) > 1000
    assert math.isclose(sum(session.epsilon.values()), 1e-10, rel_tol=1e-9)
    test = sum(e.disclosed_bits for e in session.ledger.entries if e.purpose == "sample")
    block = session.sifted_bits - test
    model = system.key_rate(block=block, epsilon=1e-10).value * pulses
    # The model's counts are the expected ones: its bounds move with theirs, by a few percent at these blocks.
    assert abs(len(session.alice_key) / model - 1) < 0.06, (len(session.alice_key), model)
    shorter = system.run(pulses // 4, rng=33, epsilon=1e-10)
    assert len(shorter.alice_key) / (pulses // 4) < len(session.alice_key) / pulses


def test_a_relay_that_lies_shortens_the_finite_key() -> None:
    quiet, lied = (
        MDI.run(2 * 10**8, attack, rng=36, epsilon=1e-10, on_alarm="continue")
        for attack in (None, qkd.FalseRelay(0.02))
    )
    # Errors in Z stay: as much is told. Those in X are phase errors.
    assert [alarm.what for alarm in lied.alarms] == ["qber in X"]
    assert lied.qbers["Z"].value == quiet.qbers["Z"].value
    assert lied.parts["single_photon_clicks"] == quiet.parts["single_photon_clicks"]
    assert lied.parts["phase_error"] > quiet.parts["phase_error"] + 0.012
    assert 0 < len(lied.alice_key) < len(quiet.alice_key)
    # Every pair of intensities is counted, at the rate that the law of the line gives.
    assert len(quiet.gains) == 9
    for k, gain in enumerate(quiet.gains.values()):
        expected = quiet.honest.gain[k]
        assert abs(gain.value - expected) <= 4.9 * max(gain.stderr, 1e-6), (k, gain, expected)


def test_a_block_too_short_gives_no_key_and_says_why() -> None:
    session = qkd.BB84(**LINE).run(2000, rng=34, epsilon=1e-10)
    assert len(session.alice_key) == 0
    assert session.why == "the block is too short for a key at this epsilon"
    assert not session.alarm


@pytest.mark.parametrize(
    "reconciliation",
    ["cascade", "ldpc", "winnow", pytest.param(partial(qkd.cascade, variant="option-8"), id="option-8")],
)
def test_every_way_to_correct_gives_one_key(reconciliation: Any) -> None:
    session = qkd.BB84(**LINE).run(3 * 10**5, rng=35, reconciliation=reconciliation)
    assert len(session.alice_key) > 10_000
    assert np.array_equal(session.alice_key, session.bob_key)
    again = qkd.BB84(**LINE).run(3 * 10**5, rng=35, reconciliation=reconciliation, threads=1)
    assert np.array_equal(session.alice_key, again.alice_key)


def test_the_ledger_counts_everything() -> None:
    session = qkd.BB84(**LINE).run(3 * 10**5, rng=36, sample=0.2)
    by = {e.purpose: e for e in session.ledger.entries}
    assert by["sample"].disclosed_bits == round(0.2 * session.sifted_bits)
    assert by["authentication"].key_bits == 128 + 64 * session.messages
    assert by["verification"].disclosed_bits <= 64
    rows = session.sifted_bits - by["sample"].disclosed_bits
    # Slepian and Wolf: no corrector tells less on average.
    errors = session.honest.qber((0,))
    assert by["parities"].disclosed_bits > 0.97 * rows * _h(errors)
    net = len(session.alice_key) - session.ledger.key_bits
    sending, light = session.pulses / session.line.repetition_rate_hz, session.ledger.light_time_s(10.0)
    assert session.key_rate_hz == pytest.approx(net / max(sending, light))
    assert light == pytest.approx(2 * session.ledger.rounds * 10.0 / 2e5, rel=0.05)
    open_line = qkd.BB84(**LINE).run(3 * 10**5, rng=36, sample=0.2, authenticated=False)
    assert open_line.ledger.key_bits == 0
    assert np.array_equal(open_line.alice_key, session.alice_key)


@pytest.mark.parametrize("authenticated", [False, True])
def test_tampering_with_the_matrix(authenticated: bool) -> None:
    attack = qkd.MessageTampering("amplification", "seed", 7)
    session = qkd.BB84(**LINE).run(3 * 10**5, attack, rng=37, authenticated=authenticated)
    if authenticated:
        assert "'amplification' from Alice failed authentication" in str(session.alarms[0])
        assert len(session.alice_key) == len(session.bob_key) == 0
    else:
        assert not session.alarm
        n = len(session.alice_key)
        assert abs(int((session.alice_key != session.bob_key).sum()) - n / 2) < 4.9 * math.sqrt(n) / 2


def test_a_man_in_the_middle_of_a_finite_key() -> None:
    session = qkd.BB84(**LINE, sifting=0.81).run(
        10**6, qkd.ManInTheMiddle(), rng=38, authenticated=False, epsilon=1e-10
    )
    assert not session.alarm
    assert session.eve_keys is not None
    for mine, hers in zip((session.alice_key, session.bob_key), session.eve_keys, strict=True):
        assert len(mine) > 1e4
        assert np.array_equal(mine, hers)


def test_too_many_errors_give_no_key() -> None:
    session = qkd.BB84(**LINE).run(10**6, qkd.InterceptResend(), rng=39, on_alarm="continue")
    assert session.alarm
    assert len(session.alice_key) == 0
    assert "25" in session.why
    some = qkd.BB84(**LINE).run(10**6, qkd.InterceptResend(fraction=0.1), rng=40, on_alarm="continue")
    assert np.array_equal(some.alice_key, some.bob_key)
    assert "a key made in spite of an alarm is not secret" in some.assumptions


def test_short_keys_are_corrected_whatever_their_sample_saw() -> None:
    """Of 100 bits of which 2 % are wrong 13 % of all samples see no error; 400 keys, none of which may differ."""
    line = qkd.BB84(ebit.Fiber(0.0), receiver_efficiency=0.5, misalignment=0.02)
    sessions = [line.run(4000, rng=7000 + k) for k in range(400)]
    assert sum(session.sample.value == 0.0 for session in sessions) > 20
    assert not any("differ" in session.why for session in sessions)
    for session in sessions:
        assert np.array_equal(session.alice_key, session.bob_key)
