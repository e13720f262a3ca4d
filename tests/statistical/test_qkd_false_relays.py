"""A relay that lies: what it moves, and what it leaves, at 4.9 standard errors (false alarm 1e-6 each)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from qkd_lines import deviation

from ebit import Fiber, qkd
from ebit.errors import RangeError, WrongTypeError

SIGMA = 4.9
MDI = qkd.MDI(
    Fiber(10.0), receiver_efficiency=0.6, dark_count_probability=1e-6, misalignment=0.01, sifting=0.25, signal=0.3
)
TWIN = qkd.TwinField(Fiber(50.0), receiver_efficiency=0.5, dark_count_probability=1e-7, misalignment=0.02, signal=0.03)
SENDING = qkd.SendingOrNotSending(Fiber(50.0), 0.5, 1e-7)


def expected(system: Any, name: str) -> float:
    """What the honest line gives, from the exact law of its clicks."""
    honest = system.run(1000, rng=0).honest
    k = {"Z": 0, "X": len(honest.bits[0]) - 1}[name]
    return float(honest.errors[0, k] / honest.bits[0, k])


@pytest.mark.parametrize("fraction", [0.1, 1.0])
def test_the_other_bell_state_moves_errors_in_x_alone(fraction: float) -> None:
    session = MDI.run(20_000_000, qkd.FalseRelay(fraction), rng=21)
    honest = MDI.run(20_000_000, rng=21)
    assert session.clicks == honest.clicks
    assert session.sifted_bits == honest.sifted_bits
    # In Z both outcomes turn a bit round: the very same bits.
    assert session.qbers["Z"] == honest.qbers["Z"]
    e, seen = expected(MDI, "X"), session.qbers["X"]
    n = round(seen.value * (1 - seen.value) / seen.stderr**2)
    assert n > 80_000
    assert deviation(seen.value * n, n, (1 - fraction) * e + fraction * (1 - e)) < SIGMA
    assert "qber in X" in {alarm.what for alarm in session.alarms}
    assert session.eve_information.value == 0.0
    assert len(session.alice_key) == 0


@pytest.mark.parametrize("fraction", [0.1, 0.5])
def test_the_other_port_moves_errors_of_the_twin_field(fraction: float) -> None:
    session = TWIN.run(50_000_000, qkd.FalseRelay(fraction), rng=22)
    e, n = expected(TWIN, "X"), session.sifted_bits
    assert n == TWIN.run(50_000_000, rng=22).sifted_bits > 100_000
    assert deviation(session.qber.value * n, n, (1 - fraction) * e + fraction * (1 - e)) < SIGMA
    assert session.alarm


def test_who_does_not_ask_for_the_port_is_not_lied_to() -> None:
    lied, honest = (SENDING.run(20_000_000, attack, rng=23) for attack in (qkd.FalseRelay(), None))
    assert (lied.qber, lied.sifted_bits) == (honest.qber, honest.sifted_bits)
    assert np.array_equal(lied.alice_key, honest.alice_key)
    assert len(lied.alice_key) > 0
    assert not lied.alarm


def test_what_is_withheld_is_missing() -> None:
    class Lazy(qkd.Eavesdropper):
        def relay(self, announcements: qkd.Announcements, rng: np.random.Generator) -> None:
            announcements.withhold(rng.random(len(announcements)) < 0.3)

    session, honest = TWIN.run(20_000_000, Lazy(), rng=24), TWIN.run(20_000_000, rng=24)
    assert deviation(session.clicks, honest.clicks, 0.7) < SIGMA
    assert deviation(session.qber.value * session.clicks, session.clicks, expected(TWIN, "X")) < SIGMA
    # The parties know how often the relay should announce.
    assert any("clicks per pulse" in alarm.what for alarm in session.alarms)
    assert session.eve_information.value == 0.0
    both = qkd.Together(qkd.FalseRelay(0.1), qkd.MessageTampering("errors", "count", 0))
    assert "failed authentication" in str(TWIN.run(1_000_000, both, rng=25).alarms[0])
    assert TWIN.run(1_000_000, both, rng=25, authenticated=False).qber.value > 0.1


def test_clicks_at_a_relay_tell_nothing_of_a_bit() -> None:
    """She announces what suits her, by what clicked; the bits stay even, whichever of the detectors it was."""

    class Choosy(qkd.Eavesdropper):
        def relay(self, announcements: qkd.Announcements, rng: np.random.Generator) -> None:
            first = announcements.pattern & 1 == 1
            announcements.withhold(first & (rng.random(len(announcements)) < 0.5))

    for system, seed in ((MDI, 27), (TWIN, 28), (SENDING, 29)):
        session = system.run(20_000_000, Choosy(), rng=seed)
        assert session.eve_information.value == 0.0
        patterns = session.transmission.pattern
        # Symbols of MDI are basis and bit, of the others the bit.
        bits = session.transmission.alice % 2 == 1
        if system is SENDING:
            # Of both who sent, and of neither, the bit says nothing either: right ones are those of one alone.
            one = session.transmission.alice != session.transmission.bob
            patterns, bits = patterns[one], bits[one]
        assert len(np.unique(patterns)) > 1
        for pattern in np.unique(patterns):
            of = bits[patterns == pattern]
            assert abs(of.mean() - 0.5) < SIGMA * 0.5 / np.sqrt(len(of)), (pattern, of.mean())


def test_the_same_seed_gives_the_same_bits() -> None:
    one, two = (MDI.run(1_000_000, qkd.FalseRelay(0.2), rng=26, threads=k) for k in (1, 2))
    assert one.to_dict() == two.to_dict()


def test_bad_relays_are_refused() -> None:
    with pytest.raises(RangeError, match=r"FalseRelay: fraction must be a probability in \[0, 1\], got -0.1"):
        qkd.FalseRelay(-0.1)
    two = qkd.Announcements(np.array([1, 2], dtype=np.uint64), np.array([1, 2], dtype=np.uint8), (1, 2))
    with pytest.raises(RangeError, match=r"Announcements.say: pattern must be outcomes of this relay, 0b1, 0b10"):
        two.say(3)
    with pytest.raises(WrongTypeError, match=r"Announcements: where must be a bool array \(2,\), got shape \(3,\)"):
        two.withhold(np.ones(3, dtype=bool))
    line = qkd.BB84(Fiber(1.0), 0.5)
    for attack, words in (
        (qkd.FalseRelay(), "a method relay acts on MDI"),
        (qkd.LocalAnswers(), "a method boxes acts on the boxes"),
        (qkd.EntanglingCloner(), "a method quadratures acts on GG02"),
    ):
        with pytest.raises(WrongTypeError, match=f"run: eavesdropper must be None on this line, got .*{words}"):
            line.run(100, attack)
