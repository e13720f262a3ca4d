"""Runs of twin fields with windows that test, which end in finite keys of their own counts.

Counts come from the columns of the transmission. 4.9 standard deviations, false alarm 1e-6 each.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from qkd_lines import deviation

from ebit import Fiber, qkd

SIGMA = 4.9
BLOCK = 300_000
LINE = qkd.TwinField(Fiber(50.0), 0.5, 1e-7, 0.02).optimize(block=BLOCK)
PULSES = int(LINE.key_rate(block=BLOCK).parts["pulses"])
SIGNAL, WEAK, STRONG, SHORT = LINE.signal, LINE.weak, LINE.strong, "the block is too short for a key at this epsilon"


def windows() -> list[float]:
    key, strong, weak = (
        getattr(LINE, name) for name in ("key_window_probability", "strong_probability", "weak_probability")
    )
    return [key, (1 - key) * strong, (1 - key) * weak, (1 - key) * (1 - strong - weak)]


def counted(session: qkd.Session) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Test windows by both intensities; which clicks make key, and wrong bits among these."""
    sent = session.transmission
    # Symbols 0 and 1 are the bit's phases, 2 to 4 what tests.
    grid = np.zeros((3, 3), np.int64)
    test = (sent.alice > 1) & (sent.bob > 1)
    np.add.at(grid, (sent.alice[test] - 2, sent.bob[test] - 2), 1)
    key = (sent.alice < 2) & (sent.bob < 2)
    # Equal phases leave by the first port.
    wrong = (sent.alice ^ sent.bob)[key] != (sent.pattern[key] == 0b10)
    return grid, key, wrong


def told_by(session: qkd.Session) -> int:
    return sum(e.disclosed_bits for e in session.ledger.entries)


@pytest.fixture(scope="module")
def quiet() -> qkd.Session:
    return LINE.run(PULSES, rng=101, epsilon=1e-10)


def test_a_key_of_twin_fields_is_that_of_its_counts(quiet: qkd.Session) -> None:
    session = quiet
    assert not session.alarms
    assert np.array_equal(session.alice_key, session.bob_key)
    grid, key, wrong = counted(session)
    assert session.sifted_bits == key.sum()
    assert session.qber.value == wrong.mean()
    # No bit of the key is compared: error correction learns of the errors what it must.
    assert math.isnan(session.sample.value)
    assert {e.purpose for e in session.ledger.entries if e.disclosed_bits} == {"parities", "verification"}
    assert SIGNAL < STRONG > WEAK > 0
    found = qkd.twin_field_key_length([SIGNAL, STRONG, WEAK], windows(), grid, key.sum(), told_by(session))
    assert dict(session.parts) == dict(found.parts)
    assert 0 <= len(session.alice_key) - found.bits <= 36
    assert sum(session.epsilon.values()) == pytest.approx(1e-10, rel=1e-12)
    # With what was told added again chance is in the counts alone.
    model, rng = LINE.key_rate(block=BLOCK).parts, np.random.default_rng(102)
    drawn = [
        qkd.twin_field_key_length(
            [SIGNAL, STRONG, WEAK], windows(), rng.poisson(grid), float(rng.poisson(key.sum())), 0.0
        ).bits
        for _ in range(200)
    ]
    asked = model["key_bits"] + model["disclosed_bits"]
    assert abs(len(session.alice_key) + told_by(session) - asked) < SIGMA * np.std(drawn) + 36
    assert np.std(drawn) < 0.06 * asked
    assert 0.9 < told_by(session) / model["disclosed_bits"] < 1.1


def test_gains_of_windows_are_those_of_coherent_light(quiet: qkd.Session) -> None:
    """Of random phases a mean over them, by quadrature; of the key two phases and the misalignment."""
    sent, arm, dark = quiet.transmission, 0.5 * 10**-0.5, 1e-7

    def one(a: float, b: float, cosine: NDArray[np.float64]) -> float:
        """Exactly one click."""
        p = [1 - (1 - dark) * np.exp(-arm * (a + b + s * 2 * math.sqrt(a * b) * cosine) / 2) for s in (1, -1)]
        return float(np.mean(p[0] * (1 - p[1]) + p[1] * (1 - p[0])))

    everywhere = np.cos((np.arange(4000) + 0.5) * 2 * math.pi / 4000)
    means, shares = [SIGNAL, STRONG, WEAK, 0.0], windows()
    for a in range(4):
        for b in range(4):
            expected = shares[a] * shares[b] * one(means[a], means[b], np.ones(1) if a == b == 0 else everywhere)
            kinds = np.clip(sent.alice.astype(int) - 1, 0, None), np.clip(sent.bob.astype(int) - 1, 0, None)
            count = np.count_nonzero((kinds[0] == a) & (kinds[1] == b))
            # Some ten clicks of vacuum in a million: Poisson's tails are longer than a normal law's.
            assert deviation(count, PULSES, expected) < SIGMA or abs(count - PULSES * expected) < 20, (a, b)


def test_a_relay_that_lies_costs_error_correction_and_no_phase_errors(quiet: qkd.Session) -> None:
    lied = LINE.run(PULSES, qkd.FalseRelay(0.02), rng=101, epsilon=1e-10, on_alarm="continue")
    assert [alarm.what for alarm in lied.alarms] == ["qber in X"]
    assert np.array_equal(counted(lied)[0], counted(quiet)[0])
    assert lied.parts == quiet.parts
    assert told_by(lied) > 1.3 * told_by(quiet)
    assert 0 < len(lied.alice_key) == len(quiet.alice_key) - (told_by(lied) - told_by(quiet))
    stopped = LINE.run(PULSES // 10, qkd.FalseRelay(0.1), rng=103, epsilon=1e-10)
    assert (len(stopped.alice_key), stopped.why) == (0, str(stopped.alarms[0]))


def test_light_that_nobody_sent_shows_in_vacuum_windows(quiet: qkd.Session) -> None:
    """Three hundred times the dark counts: more phase errors in the bound, a shorter key."""
    noisy = LINE.replace(dark_count_probability=3e-5)
    session = noisy.run(PULSES, rng=104, epsilon=1e-10)
    assert session.parts["phase_error"] > quiet.parts["phase_error"] + 0.01
    assert len(session.alice_key) < 0.9 * len(quiet.alice_key)


def test_keys_of_twin_fields_survive_seeds_messages_and_small_blocks() -> None:
    one, two = (LINE.run(PULSES // 10, rng=105, epsilon=1e-10, threads=k) for k in (1, 2))
    assert one.to_dict() == two.to_dict()
    for pulses in (0, 1, 3, 3000):
        assert not len(LINE.run(pulses, rng=106, epsilon=1e-10).alice_key)
    short = LINE.run(PULSES // 300, rng=107, epsilon=1e-10)
    assert (len(short.alice_key), short.why) == (0, SHORT)
    for kind, column in (("detections", "axis"), ("preparations", "announced")):
        attack = qkd.MessageTampering(kind, column, 1)
        doubted = LINE.run(PULSES // 10, attack, rng=108, epsilon=1e-10)
        assert f"'{kind}'" in doubted.why
        believed = LINE.run(PULSES // 10, attack, rng=108, epsilon=1e-10, authenticated=False)
        assert not len(believed.alice_key)
