"""Device-independent QKD run box by box: against its rate model, and against boxes that were programmed.

Counts are compared with their laws at 4.9 standard errors: false alarm 1e-6 each. A run of 4e6 rounds sees S off by
0.8 %, of 1e6 by 1.6 %, and error rates of 3 % off by 1.5 %.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from qkd_lines import deviation

from ebit import Fiber, qkd
from ebit.bounds import binary_entropy
from ebit.errors import RangeError, WrongTypeError
from ebit.qkd.box_run import TERMS

SIGMA = 4.9
ROUNDS, FEWER = 4_000_000, 1_000_000


def boxes(efficiency: Any = 0.97, **more: Any) -> qkd.DeviceIndependent:
    return qkd.DeviceIndependent(Fiber(0.0), efficiency, **({"visibility": 0.99} | more))


@pytest.mark.parametrize(
    "system",
    [
        boxes(1.0, visibility=1.0),
        boxes(),
        boxes((0.99, 0.93)),
        boxes(0.96, visibility=0.98, heralded=True).replace(fiber=Fiber(20.0)),
        boxes(0.9, visibility=1.0).replace(fiber=Fiber(2.0), source=0.0),
    ],
    ids=["ideal", "alike", "unlike", "heralded", "lossy"],
)
def test_rounds_follow_the_rate_model(system: qkd.DeviceIndependent) -> None:
    rate = system.key_rate()
    s, error, heralds = (rate.parts[name] for name in ("chsh", "qber", "heralds"))
    session = system.run(ROUNDS, rng=11)
    assert session.clicks == ROUNDS if heralds == 1.0 else deviation(session.clicks, ROUNDS, heralds) < SIGMA
    assert deviation(session.sifted_bits, ROUNDS, 0.64 * heralds) < SIGMA
    assert deviation(session.qber.value * session.sifted_bits, session.sifted_bits, error) < SIGMA
    assert abs(session.chsh.value - s) < SIGMA * session.chsh.stderr < 0.06
    assert session.eve_information.value == 0.0
    assert np.array_equal(session.alice_key, session.bob_key)
    # Where so many are wrong that no key is left, the sample says so.
    assert session.alarm == (error > 0.071492)
    assert (len(session.alice_key) > 0) == (rate.value > 0.0)
    assert session.formalism == "questions and answers"


def test_the_key_is_as_long_as_the_measured_violation_allows() -> None:
    system = boxes()
    session = system.run(ROUNDS, rng=12)
    s = session.chsh.low
    secret = 1.0 - binary_entropy((1.0 + math.sqrt(s * s / 4.0 - 1.0)) / 2.0)
    compared = session.ledger.entries[0].disclosed_bits
    left, told = session.sifted_bits - compared, session.ledger.disclosed_bits - compared
    assert len(session.alice_key) == pytest.approx(left * secret - told, abs=100)
    # As many as the model's rate says, but for the lower end of S and a tenth of the bits that was compared.
    assert 0.9 < len(session.alice_key) / (0.9 * 0.64 * ROUNDS * system.key_rate().value) < 1.02


@pytest.mark.parametrize("fraction", [0.1, 0.3, 1.0])
def test_programmed_boxes_lower_s_and_make_no_error(fraction: float) -> None:
    system = boxes()
    parts = system.key_rate().parts
    session = system.run(FEWER, qkd.LocalAnswers(fraction), rng=13)
    n = session.sifted_bits
    wanted = (1 - fraction) * parts["chsh"] + 2 * fraction
    assert abs(session.chsh.value - wanted) < SIGMA * session.chsh.stderr
    assert deviation(session.qber.value * n, n, (1 - fraction) * parts["qber"]) < SIGMA or fraction == 1.0
    assert deviation(session.eve_information.value * n, n, fraction) < SIGMA or fraction == 1.0
    assert deviation(session.sifted_bits, FEWER, 0.64) < SIGMA
    answers = (1 - fraction) * 0.97 + fraction
    for side in (0, 1):
        clicks = int(session.transmission.detections[2 * side : 2 * side + 2].sum())
        assert deviation(clicks, FEWER, answers) < SIGMA or fraction == 1.0
    if fraction == 1.0:
        assert (session.chsh.value, session.qber.value, session.eve_information.high) == (2.0, 0.0, 1.0)
        assert session.eve_information.value > 1.0 - 1e-5
        assert int(session.transmission.detections.sum()) == 2 * FEWER
    assert "chsh" in {alarm.what for alarm in session.alarms}
    went_on = system.run(FEWER, qkd.LocalAnswers(fraction), rng=13, on_alarm="continue")
    # What S leaves is less than what she does not know.
    assert len(went_on.alice_key) < (1 - fraction) * 0.9 * went_on.sifted_bits or fraction == 1.0
    assert (len(went_on.alice_key) > 0) == (fraction < 1.0)
    assert (went_on.why == "the measured S leaves nothing secret") == (fraction == 1.0)


def test_silence_fakes_a_violation_only_where_it_is_thrown_away() -> None:
    """Each round obeys one pair of questions and is silent for the rest of the test: S of the answers given is 4."""

    class Choosy(qkd.Eavesdropper):
        def boxes(self, boxes: qkd.Boxes, rng: np.random.Generator) -> None:
            n = len(boxes)
            bit, mine, his = (rng.integers(0, k, n) for k in (2, 2, 2))
            alice = np.full((n, 3), 2)
            bob = np.full((n, 2), 2)
            rows = np.arange(n)
            alice[:, 0] = bit
            alice[rows, 1 + mine] = bit
            bob[rows, his] = bit ^ ((mine == 1) & (his == 1))
            boxes.answer(alice, bob)
            boxes.note(1 + bit)

    session = boxes().run(FEWER, Choosy(), rng=14)
    sent = session.transmission
    answered = ((sent.pattern & 3) > 0) & ((sent.pattern >> 2) > 0)
    equal = sent.outcome(0) == sent.outcome(1)
    s = 0.0
    for a, b, sign in TERMS:
        s += sign * (2 * equal[answered & (sent.alice == a) & (sent.bob == b)].mean() - 1)
    assert s == 4.0
    # Read as 0, silence leaves no more than any answers decided beforehand.
    assert session.chsh.value < 2.0 + SIGMA * session.chsh.stderr
    assert session.alarm
    assert len(session.alice_key) == 0


def test_no_answers_decided_beforehand_exceed_two() -> None:
    """All 243 ways to answer five questions, silence included."""
    for code in range(3**5):
        digits = [code // 3**k % 3 for k in range(5)]

        class Fixed(qkd.Eavesdropper):
            answers = digits

            def boxes(self, boxes: qkd.Boxes, rng: np.random.Generator) -> None:
                boxes.answer(self.answers[:3], self.answers[3:])

        session = boxes().run(2000, Fixed(), rng=code, sample=0.0)
        assert session.chsh.value in (-2.0, 2.0)


def test_the_message_of_the_test_can_be_tampered_with() -> None:
    both = qkd.Together(qkd.LocalAnswers(), qkd.MessageTampering("test", "outcome", 0))
    assert boxes().run(100_000, both, rng=15, authenticated=False).chsh.value == 2.0
    assert "'test' from Bob failed authentication" in str(boxes().run(100_000, both, rng=15).alarms[0])


def test_the_same_seed_gives_the_same_bits() -> None:
    one, two = (boxes().run(300_000, rng=16, threads=k) for k in (1, 2))
    assert one.to_dict() == two.to_dict()
    assert np.array_equal(one.alice_key, two.alice_key)
    assert boxes().run(300_000, rng=17).chsh.value != one.chsh.value
    assert one.photon_yields() == {}
    nothing = boxes(heralded=True).replace(fiber=Fiber(2000.0)).run(10**6, rng=18)
    assert (nothing.clicks, nothing.sifted_bits, len(nothing.alice_key)) == (0, 0, 0)


def test_false_alarms_are_rare() -> None:
    """50 honest runs, seven quantities each: an alarm would be a chance of 4e-4."""
    assert not any(boxes().run(100_000, rng=3000 + k).alarm for k in range(50))


def test_bad_attacks_are_refused() -> None:
    system = boxes()
    for attack in (qkd.InterceptResend(), qkd.PhotonNumberSplitting(), qkd.BeamSplitting()):
        with pytest.raises(
            WrongTypeError, match=r"run: eavesdropper must be one that acts on boxes, got .*LocalAnswers"
        ):
            system.run(100, attack)
    with pytest.raises(RangeError, match=r"LocalAnswers: fraction must be a probability in \[0, 1\], got 1.2"):
        qkd.LocalAnswers(1.2)
    with pytest.raises(RangeError, match=r"Boxes.answer: bob must be 0, 1, or 2 for silence, got 3"):
        qkd.Boxes(2).answer([0, 0, 0], [0, 3])
    with pytest.raises(
        WrongTypeError, match=r"Boxes.answer: alice must be a vector \(3,\) or \(2, 3\), got shape \(2,\)"
    ):
        qkd.Boxes(2).answer([0, 0], [0, 0])
    with pytest.raises(RangeError, match=r"Boxes.note: values must be integers in \[0, 127\]"):
        qkd.Boxes(2).note(128)
    with pytest.raises(RangeError, match=r"DeviceIndependent.run: dead_time_s must be 0 for boxes, got 100 rounds"):
        system.run(100, dead_time_s=1e-7)
    with pytest.raises(RangeError, match=r"DeviceIndependent.run: epsilon must be an Epsilon, or a number in \(0, 1\)"):
        system.run(100, epsilon=1.0)
