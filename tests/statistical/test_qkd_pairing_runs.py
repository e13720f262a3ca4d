"""Runs of mode pairing with a decoy, which end in finite keys of their own counts.

Pairs and counts come from the columns of the transmission, pair by pair. 4.9 standard deviations, 1e-6 each.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from qkd_lines import deviation

from ebit import Fiber, qkd

SIGMA = 4.9
BLOCK = 200_000
LINE = qkd.ModePairing(Fiber(10.0), 0.7, 1e-7, 0.02, pairing_interval=200).optimize(block=BLOCK)
PULSES = int(LINE.key_rate(block=BLOCK).parts["pulses"])


def column(name: str) -> Any:
    return getattr(LINE, name)


SHARES = [column("signal_probability"), column("weak_probability")]
SHARES.append(1 - sum(SHARES))
MEANS = [LINE.signal, column("weak"), 0.0]


class Listener(qkd.Eavesdropper):
    """Hears what the two say."""

    def begin(self, line: Any, root: int) -> None:
        self.heard: dict[str, Any] = {}

    def message(self, message: qkd.Message) -> qkd.Message:
        self.heard[message.kind] = message.content
        return message


def counted(session: qkd.Session) -> tuple[NDArray[np.int64], int, int, int, int]:
    """Pairs by totals, one-sided ones, key bits, wrong ones, decoys twice on both sides, one pair after the other."""
    sent = session.transmission
    clicks = zip(sent.pulse.tolist(), sent.alice.tolist(), sent.bob.tolist(), strict=True)
    grid, one_sided, key, wrong, both = np.zeros((3, 3), np.int64), 0, 0, 0, 0
    last: tuple[int, int, int] | None = None

    def kind(a: int, b: int) -> int:
        """0: signal once, 1: decoy once, 2: nothing, 3: decoy twice."""
        return {(0, 2): 0, (2, 0): 0, (1, 2): 1, (2, 1): 1, (2, 2): 2, (1, 1): 3}.get((a, b), 4)

    for click in clicks:
        if last is None or click[0] - last[0] > LINE.pairing_interval:
            last = click
            continue
        first, last = last, None
        alice, bob = kind(first[1], click[1]), kind(first[2], click[2])
        if alice <= 2 and bob <= 2:
            grid[alice, bob] += 1
        one_sided += {alice, bob} == {2, 3}
        both += alice == bob == 3
        if alice < 2 and bob < 2:
            key += 1
            # Both in the same round: the relay did not tell them apart.
            wrong += (first[1] == 2) == (first[2] == 2)
    return grid, one_sided, key, wrong, both


def told_by(session: qkd.Session) -> int:
    return sum(e.disclosed_bits for e in session.ledger.entries)


def test_a_key_of_pairs_is_that_of_its_counts() -> None:
    listener = Listener()
    session = LINE.run(PULSES, listener, rng=111, epsilon=1e-10)
    assert not session.alarms
    assert np.array_equal(session.alice_key, session.bob_key)
    grid, one_sided, key, wrong, both = counted(session)
    assert session.sifted_bits == key
    assert session.qber.value == wrong / key
    mistaken, inside = listener.heard["tests"]["count"].tolist()
    assert session.sample.value == mistaken / inside
    # Weak light clicks at any phase: so many of the pairs are in the slice, or around pi, but for double clicks.
    width = column("phase_slice_rad")
    assert abs(inside / both - width / math.pi) < 0.02
    found = qkd.pairing_key_length(MEANS, SHARES, width, grid, one_sided, mistaken, told_by(session))
    assert dict(session.parts) == dict(found.parts)
    assert 0 <= len(session.alice_key) - found.bits <= 36
    assert sum(session.epsilon.values()) == pytest.approx(1e-10, rel=1e-12)
    # Phases were told of decoys alone, and bits of nothing.
    told = listener.heard["preparations"]
    assert not told["phase"][told["announced"] != 3].any()
    assert {e.purpose for e in session.ledger.entries if e.disclosed_bits} == {"parities", "verification"}
    # With what was told added again chance is in the counts alone.
    model, rng = LINE.key_rate(block=BLOCK).parts, np.random.default_rng(112)
    drawn = [
        qkd.pairing_key_length(
            MEANS, SHARES, width, rng.poisson(grid), float(rng.poisson(one_sided)), float(rng.poisson(mistaken)), 0.0
        ).bits
        for _ in range(200)
    ]
    asked = model["key_bits"] + model["disclosed_bits"]
    assert abs(len(session.alice_key) + told_by(session) - asked) < SIGMA * np.std(drawn) + 36
    assert np.std(drawn) < 0.06 * asked


def test_slices_are_wrong_as_often_as_two_rounds_of_coherent_light() -> None:
    """Two rounds and a change of the phase between them, by quadrature; misalignment turns one pair in fifty."""
    arm, dark, weak = 0.7 * 10**-0.1, 1e-7, MEANS[1]
    steps = (np.arange(400) + 0.5) / 400
    phase, change = 2 * math.pi * steps[:, None], column("phase_slice_rad") * (steps - 0.5)

    def alone(angle: NDArray[np.float64]) -> NDArray[np.float64]:
        p = [1 - (1 - dark) * np.exp(-arm * weak * (1 + s * np.cos(angle))) for s in (1, -1)]
        return np.array([p[0] * (1 - p[1]), p[1] * (1 - p[0])])

    first, second = alone(phase + 0 * change), alone(phase + change)
    same, other = (first * second).mean(), (first * second[::-1]).mean()
    expected = (0.98 * other + 0.02 * same) / (same + other)
    wrong = inside = 0
    for seed in range(4):
        listener = Listener()
        LINE.run(PULSES, listener, rng=1130 + seed, epsilon=1e-10)
        wrong += int(listener.heard["tests"]["count"][0])
        inside += int(listener.heard["tests"]["count"][1])
    assert deviation(wrong, inside, expected) < SIGMA
    # Without the misalignment it would have been seen.
    assert deviation(wrong, inside, other / (same + other)) > SIGMA


def test_a_relay_that_lies_shows_in_the_slice() -> None:
    quiet = LINE.run(PULSES, rng=114, epsilon=1e-10)
    lied = LINE.run(PULSES, qkd.FalseRelay(0.02), rng=114, epsilon=1e-10, on_alarm="continue")
    assert [alarm.what for alarm in lied.alarms] == ["errors in the slice of phases"]
    # Which detector clicked says nothing of bits: what it costs is the phases.
    assert lied.qber.value == quiet.qber.value
    assert lied.parts["phase_error"] > quiet.parts["phase_error"] + 0.01
    assert lied.parts["single_photon_pairs"] == quiet.parts["single_photon_pairs"]
    assert 0 < len(lied.alice_key) < len(quiet.alice_key)
    stopped = LINE.run(PULSES // 10, qkd.FalseRelay(0.3), rng=115, epsilon=1e-10)
    assert (len(stopped.alice_key), stopped.why) == (0, str(stopped.alarms[0]))


def test_keys_of_pairs_survive_seeds_messages_and_small_blocks() -> None:
    one, two = (LINE.run(PULSES // 10, rng=116, epsilon=1e-10, threads=k) for k in (1, 2))
    assert one.to_dict() == two.to_dict()
    for pulses in (0, 1, 3, 3000):
        assert not len(LINE.run(pulses, rng=117, epsilon=1e-10).alice_key)
    short = LINE.run(PULSES // 300, rng=118, epsilon=1e-10)
    assert (len(short.alice_key), short.why) == (0, "the block is too short for a key at this epsilon")
    for kind, name in (("detections", "axis"), ("preparations", "announced"), ("tests", "count")):
        attack = qkd.MessageTampering(kind, name, 1)
        doubted = LINE.run(PULSES // 10, attack, rng=119, epsilon=1e-10)
        assert f"'{kind}'" in doubted.why
        assert not len(doubted.alice_key)
