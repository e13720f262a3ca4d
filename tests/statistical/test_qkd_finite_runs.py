"""Runs that end in finite keys of their own counts: MDI, six states, boxes.

Counts come from the columns of the transmission, by a way of their own; lengths are compared with the rate model's at
4.9 standard deviations, as resampled counts have them: false alarm 1e-6 each.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from qkd_lines import deviation
from scipy import stats

from ebit import Fiber, qkd
from ebit.qkd.games import Played, game_length

SIGMA = 4.9
BLOCK = 200_000
#: Best for a block of 2e5; so many pulses make it.
MDI = qkd.MDI(Fiber(0.0), 0.9, 1e-6, 0.01).optimize(block=BLOCK)
PULSES = int(MDI.key_rate(block=BLOCK).parts["pulses"])
PSI_MINUS = (0b1001, 0b0110)


def grids(session: qkd.Session) -> list[NDArray[np.int64]]:
    """Pairs accepted, and wrong ones, in Z and in X, by Alice's and Bob's intensities."""
    sent = session.transmission
    place = 3 * (sent.alice // 4).astype(np.int64) + sent.bob // 4
    minus = np.isin(sent.pattern, PSI_MINUS)
    out = []
    for basis in (0, 1):
        both = (sent.alice % 4 // 2 == basis) & (sent.bob % 4 // 2 == basis)
        # Psi+- have opposite bits in Z; in X Psi- opposite ones, Psi+ equal ones.
        opposite = np.full(len(both), True) if basis == 0 else minus
        wrong = ((sent.alice ^ sent.bob) & 1 == 1) != opposite
        out += [np.bincount(place[mask], minlength=9).reshape(3, 3) for mask in (both, both & wrong)]
    return out


def length(system: qkd.MDI, counts: list[Any], told: float) -> qkd.KeyLength:
    weak, shares = system.decoys[0], [system.signal_probability, system.weak_probability]
    return qkd.relay_key_length([system.signal, weak, 0.0], [*shares, 1 - sum(shares)], *counts, told, 1e-10)


def told_by(session: qkd.Session) -> int:
    return sum(e.disclosed_bits for e in session.ledger.entries if e.purpose != "sample")


@pytest.fixture(scope="module")
def quiet() -> qkd.Session:
    return MDI.run(PULSES, rng=41, epsilon=1e-10)


def test_a_key_of_two_senders_is_that_of_its_counts(quiet: qkd.Session) -> None:
    session = quiet
    assert not session.alarms
    assert np.array_equal(session.alice_key, session.bob_key)
    counts = grids(session)
    by = {e.purpose: e for e in session.ledger.entries}
    # All of X is compared, and Z makes key.
    assert by["sample"].disclosed_bits == counts[2].sum()
    assert session.sifted_bits == counts[0].sum() + counts[2].sum()
    assert session.sample.value == counts[3].sum() / counts[2].sum()
    assert session.qbers["Z"].value == counts[1].sum() / counts[0].sum()
    told = told_by(session)
    assert told == by["parities"].disclosed_bits + by["verification"].disclosed_bits
    # The tag is told and counted by the formula: once, but for what it is longer than that.
    found = length(MDI, counts, told)
    assert dict(session.parts) == dict(found.parts)
    assert 0 <= len(session.alice_key) - found.bits <= 36
    assert sum(session.epsilon.values()) == pytest.approx(1e-10, rel=1e-12)
    assert session.epsilon["correctness"] == 5e-11
    assert session.assumptions == ()
    # With what was told added again chance is in the counts alone.
    rng = np.random.default_rng(42)
    spread = np.std([length(MDI, drawn(counts, rng), 0.0).bits for _ in range(200)])
    parts = MDI.key_rate(block=BLOCK).parts
    model = parts["key_bits"] + parts["disclosed_bits"]
    assert abs(len(session.alice_key) + told - model) < SIGMA * spread + 36
    assert spread < 0.04 * model
    # Cascade tells less than f h(E).
    assert 0.9 * parts["disclosed_bits"] < told < 1.05 * parts["disclosed_bits"]


def drawn(counts: list[NDArray[np.int64]], rng: np.random.Generator) -> list[NDArray[np.int64]]:
    """Counts of another block of the same law."""
    out = []
    for total, wrong in (counts[:2], counts[2:]):
        errors = rng.poisson(wrong)
        out += [rng.poisson(total - wrong) + errors, errors]
    return out


def test_gains_of_pairs_of_intensities_are_those_of_the_model(quiet: qkd.Session) -> None:
    # Of equal intensities by the formulas of the rate model, both bases; vacuum clicks by dark counts alone.
    honest, key = quiet.honest, MDI.sifting**0.5
    assert honest.share.sum() == pytest.approx(1.0, abs=1e-12)
    for place, mean in ((0, MDI.signal), (4, MDI.decoys[0])):
        alone = MDI.replace(signal=mean, decoys="infinite", signal_probability=None, weak_probability=None)
        assert honest.bits[place, 0] == pytest.approx(
            quiet.line.light_shares[place] * key**2 * alone.key_rate().parts["gain"], rel=1e-9
        )
    assert 0.0 < honest.gain[8] < 1e-11
    for name, gain, share in zip(quiet.line.lights, honest.gain, quiet.line.light_shares, strict=True):
        assert deviation(quiet.gains[name].value * share * PULSES, PULSES, gain * share) < SIGMA, name


def test_a_relay_that_lies_a_little_shortens_the_key(quiet: qkd.Session) -> None:
    lied = MDI.run(PULSES, qkd.FalseRelay(0.02), rng=41, epsilon=1e-10, on_alarm="continue")
    assert [alarm.what for alarm in lied.alarms] == ["qber in X"]
    # The errors in X that the two count are what it costs; those in Z, and what is told of them, stay.
    assert told_by(lied) == told_by(quiet)
    assert lied.parts["phase_error"] > quiet.parts["phase_error"] + 0.01
    assert 0 < len(lied.alice_key) < 0.9 * len(quiet.alice_key)
    assert "a key made in spite of an alarm is not secret" in lied.assumptions
    stopped = MDI.run(PULSES // 10, qkd.FalseRelay(0.1), rng=43, epsilon=1e-10)
    assert [alarm.what for alarm in stopped.alarms] == ["qber in X"]
    assert (len(stopped.alice_key), stopped.why) == (0, str(stopped.alarms[0]))


def test_who_measures_pulses_at_the_relay_leaves_no_key() -> None:
    """Whoever measured both pulses along Z could announce either Bell state: half of X is wrong, nothing of Z."""

    class InZ(qkd.Eavesdropper):
        def relay(self, announcements: qkd.Announcements, rng: np.random.Generator) -> None:
            announcements.say(rng.choice([0b1001, 0b0011], len(announcements)))

    session = MDI.run(PULSES, InZ(), rng=44, epsilon=1e-10, on_alarm="continue")
    counts = grids(session)
    assert deviation(counts[3].sum(), int(counts[2].sum()), 0.5) < SIGMA
    assert counts[1].sum() < 0.02 * counts[0].sum()
    assert "qber in X" in {alarm.what for alarm in session.alarms}
    assert (len(session.alice_key), session.parts["phase_error"]) == (0, 0.5)
    assert session.why == "the block is too short for a key at this epsilon"


def test_the_same_seed_gives_the_same_finite_key() -> None:
    one, two = (MDI.run(PULSES // 10, rng=46, epsilon=1e-10, threads=k) for k in (1, 2))
    assert one.to_dict() == two.to_dict()
    assert one.why == "the block is too short for a key at this epsilon"
    assert not one.alarms
    for pulses in (0, 1, 3):
        assert not len(MDI.run(pulses, rng=47, epsilon=1e-10).alice_key)
    tampered = MDI.run(PULSES // 10, qkd.MessageTampering("errors", "count", 0), rng=46, epsilon=1e-10)
    assert "'errors' from Bob failed authentication" in tampered.why


# -- six states ---------------------------------------------------------------------------------------------------

SIX_BLOCK = 300_000
SIX = qkd.SixState(Fiber(1.0), 0.9, 1e-6, 0.01).optimize(block=SIX_BLOCK)
SIX_PULSES = int(SIX.key_rate(block=SIX_BLOCK).parts["pulses"])


class Listener(qkd.Eavesdropper):
    """Hears what the two say."""

    def begin(self, line: Any, root: int) -> None:
        self.heard: dict[str, Any] = {}

    def message(self, message: qkd.Message) -> qkd.Message:
        self.heard[message.kind] = message.content
        return message


def six_counts(session: qkd.Session) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Bits of each basis, and the share of wrong ones."""
    sent = session.transmission
    bits, wrong = np.zeros(3, np.int64), np.zeros(3, np.int64)
    for basis in range(3):
        both = (sent.alice // 2 == basis) & (sent.bob == basis)
        bits[basis] = both.sum()
        wrong[basis] = (both & (sent.outcome() != sent.alice % 2)).sum()
    return bits, wrong / bits


def test_a_key_of_six_states_is_that_of_its_counts() -> None:
    listener = Listener()
    session = SIX.run(SIX_PULSES, listener, rng=51, epsilon=1e-10)
    assert not session.alarms
    assert np.array_equal(session.alice_key, session.bob_key)
    bits, rates = six_counts(session)
    sent = session.transmission
    p = SIX.sifting**0.5
    for k, share in enumerate((p, (1 - p) / 2, (1 - p) / 2)):
        assert deviation(bits[k], len(sent.pulse), share**2) < SIGMA
    # All of X and Y is compared, and of Z as much as of the rarer of the two.
    least = bits[1:].min()
    place, basis = listener.heard["sample"]["place"], sent.alice[session_rows(session)] // 2
    assert np.bincount(basis[place], minlength=3).tolist() == [least, *bits[1:]]
    compared = len(place)
    assert session.ledger.entries[0].disclosed_bits == compared
    wrong = np.bincount(basis[place], session.alice_sifted[place] != session.bob_sifted[place])
    assert session.sample.value == wrong.sum() / compared
    told = told_by(session)
    seen = wrong / np.bincount(basis[place])
    # Bits of Z that are compared are a fair sample of it.
    assert seen[1:].tolist() == rates[1:].tolist()
    assert deviation(wrong[0], int(least), rates[0]) < SIGMA
    found = qkd.six_state_key_length(len(sent.pulse), bits[0] - least, least, seen, told)
    assert dict(session.parts) == dict(found.parts)
    assert 0 <= len(session.alice_key) - found.bits <= 36
    assert sum(session.epsilon.values()) == pytest.approx(1e-10, rel=1e-12)
    # The model's: chance is in the number of bits and in three error rates that the length goes with.
    model = SIX.key_rate(block=SIX_BLOCK).parts
    rng, lengths = np.random.default_rng(52), []
    for _ in range(200):
        drawn = rng.binomial(least, 0.01, 3) / least
        n = rng.poisson(SIX_BLOCK)
        lengths.append(qkd.six_state_key_length(len(sent.pulse), n, model["test_bits"], drawn, 0.0).bits)
    assert (
        abs(len(session.alice_key) + told - model["key_bits"] - model["disclosed_bits"]) < SIGMA * np.std(lengths) + 36
    )
    assert np.std(lengths) < 0.02 * model["key_bits"]


def session_rows(session: qkd.Session) -> NDArray[np.int64]:
    """Rows of the clicks whose bases agree."""
    sent = session.transmission
    return np.flatnonzero(sent.alice // 2 == sent.bob)


def test_who_measures_six_states_shortens_the_key() -> None:
    quiet = SIX.run(SIX_PULSES, rng=53, epsilon=1e-10)
    lengths = [len(quiet.alice_key)]
    for fraction in (0.02, 0.05, 0.2):
        attack = qkd.InterceptResend(fraction)
        session = SIX.run(SIX_PULSES, attack, rng=53, epsilon=1e-10, on_alarm="continue")
        assert session.alarm
        # A third of what she touches errs, in every basis.
        e = session.honest.qber((0,))
        n = session.sifted_bits
        assert deviation(session.qber.value * n, n, (1 - fraction) * e + fraction * (1 / 3 + e / 3)) < SIGMA
        lengths.append(len(session.alice_key))
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[0] > lengths[1] > lengths[2] > lengths[3] == 0
    assert not len(SIX.run(SIX_PULSES, qkd.InterceptResend(0.05), rng=53, epsilon=1e-10).alice_key)
    # Along Z alone the key has no more errors, and the others say so.
    hidden = SIX.run(SIX_PULSES, qkd.InterceptResend(0.1, "Z"), rng=53, epsilon=1e-10, on_alarm="continue")
    assert {alarm.what for alarm in hidden.alarms} == {"qber in X", "qber in Y"}
    assert told_by(hidden) < 1.1 * told_by(quiet)
    assert hidden.parts["unknown_per_bit"] < quiet.parts["unknown_per_bit"] - 0.05
    assert len(hidden.alice_key) < 0.8 * lengths[0]


def test_six_states_are_as_safe_as_their_messages() -> None:
    believed = SIX.run(SIX_PULSES // 2, qkd.ManInTheMiddle(), rng=54, epsilon=1e-10, authenticated=False)
    assert not believed.alarms
    assert believed.eve_keys is not None
    assert np.array_equal(believed.eve_keys[0], believed.alice_key)
    assert len(believed.alice_key) > 0
    doubted = SIX.run(SIX_PULSES // 10, qkd.ManInTheMiddle(), rng=54, epsilon=1e-10)
    assert "failed authentication" in doubted.why
    tampered = SIX.run(SIX_PULSES // 10, qkd.MessageTampering("sample", "place", 0), rng=54, epsilon=1e-10,
                       authenticated=False)  # fmt: skip
    assert "not those of the test basis" in tampered.why
    one, two = (SIX.run(SIX_PULSES // 10, rng=55, epsilon=1e-10, threads=k) for k in (1, 2))
    assert one.to_dict() == two.to_dict()
    assert one.why == "the block is too short for a key at this epsilon"
    for pulses in (0, 1, 3):
        assert not len(SIX.run(pulses, rng=56, epsilon=1e-10).alice_key)


# -- boxes --------------------------------------------------------------------------------------------------------

ROUNDS = 500_000
BOXES = qkd.DeviceIndependent(Fiber(0.0), (0.998, 1.0), visibility=0.99).optimize(block=ROUNDS)
CHSH = BOXES.key_rate().parts["chsh"]


def games(session: qkd.Session, rounds: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which rounds were games, and which of them were lost."""
    sent = session.transmission
    alice, bob = sent.alice[:rounds], sent.bob[:rounds]
    differ = sent.outcome(0)[:rounds] != sent.outcome(1)[:rounds]
    return alice > 0, (alice > 0) & (differ != ((alice == 2) & (bob == 1)))


def test_a_key_of_boxes_is_that_of_what_was_agreed_on() -> None:
    listener = Listener()
    session = BOXES.run(ROUNDS, listener, rng=61, epsilon=1e-10)
    assert not session.alarms
    assert session.why == ""
    model, gamma = BOXES.key_rate(block=ROUNDS).parts, BOXES.test_probability
    test, lost = games(session, ROUNDS)
    assert session.parts["chsh_asked"] == model["chsh_asked"]
    assert session.parts["lost_games"] == lost.sum() <= session.parts["most_losses"]
    assert session.parts["most_losses"] == math.floor(ROUNDS * gamma * (4 - model["chsh_asked"]) / 8)
    told = told_by(session)
    found = qkd.device_independent_key_length(ROUNDS, gamma, model["chsh_asked"], told)
    assert dict(session.epsilon) == dict(found.epsilon)
    # The tag is told, and counted by the formula, too: once, but for what it is longer for the sake of secrecy.
    assert 0 <= len(session.alice_key) - found.bits <= 40
    # The very length of the model, where as much is told: nothing of it is by chance. Of the tag 34 bits are in both.
    assert math.floor(-math.log2(5e-11)) == 34
    assert abs(len(session.alice_key) + told - 34 - model["key_bits"] - model["disclosed_bits"]) < 2
    assert 0.9 < told / model["disclosed_bits"] < 1.1
    tag = next(e.disclosed_bits for e in session.ledger.entries if e.purpose == "verification")
    assert (math.ceil(ROUNDS / 128) + 1) * 2.0**-tag <= session.epsilon["verification"]
    # No answer was told before: what became public is parities and a tag.
    assert {e.purpose for e in session.ledger.entries if e.disclosed_bits} == {"parities", "verification"}
    assert listener.heard["sample"]["bits"].size == 0
    # Bob's answers make the key, in every round.
    assert np.array_equal(session.bob_sifted, session.transmission.outcome(1).astype(bool))
    n, bits = len(session.bob_sifted), len(session.alice_key)
    seed = np.unpackbits(listener.heard["amplification"]["seed"], count=n + bits - 1, bitorder="little") == 1
    for key in (session.alice_key, session.bob_key):
        assert np.array_equal(key, qkd.toeplitz(session.bob_sifted, seed, bits))
    # Spot checks that both take part in, all four pairs of questions alike; S is that of the model.
    assert deviation(test.sum(), ROUNDS, gamma) < SIGMA
    assert not session.transmission.bob[~test].any()
    pairs = 2 * (session.transmission.alice[test] - 1).astype(np.int64) + session.transmission.bob[test]
    for k in range(4):
        assert deviation(np.count_nonzero(pairs == k), len(pairs), 0.25) < SIGMA
    assert deviation(lost.sum(), int(test.sum()), 0.5 - CHSH / 8) < SIGMA
    assert abs(session.chsh.value - CHSH) < SIGMA * session.chsh.stderr
    assert session.qbers["test"].value == lost.sum() / test.sum()
    # Boxes as modelled fail in one block of 741.
    missed = stats.binom.sf(session.parts["most_losses"], ROUNDS, gamma * (0.5 - CHSH / 8))
    assert missed == pytest.approx(1 / 741, rel=0.15)


def test_boxes_that_miss_the_score_make_no_key() -> None:
    programmed = BOXES.run(ROUNDS, qkd.LocalAnswers(0.2), rng=62, epsilon=1e-10, on_alarm="continue")
    assert [alarm.what for alarm in programmed.alarms] == ["qber in test"]
    _, lost = games(programmed, ROUNDS)
    most = programmed.parts["most_losses"]
    words = f"the test asks for S = {programmed.parts['chsh_asked']:.4f}: at most {most:.0f} games lost, "
    assert programmed.why == words + f"and {lost.sum()} were"
    assert not len(programmed.alice_key)
    # S of her rounds is 2, and she knows their bits.
    assert deviation(lost.sum(), ROUNDS, BOXES.test_probability * (0.5 - (0.8 * CHSH + 0.2 * 2) / 8)) < SIGMA
    assert deviation(programmed.eve_information.value * ROUNDS, ROUNDS, 0.2) < SIGMA
    # Missed by less than the alarm takes is missed all the same.
    near = BOXES.run(ROUNDS, qkd.LocalAnswers(0.075), rng=63, epsilon=1e-10)
    assert not near.alarms
    assert most < near.parts["lost_games"] < most + 200
    assert near.why.startswith(words)
    assert (len(near.alice_key), len(near.bob_key)) == (0, 0)
    # A few answers decided beforehand pass: they are what the length allows for.
    few = BOXES.run(ROUNDS, qkd.LocalAnswers(0.01), rng=64, epsilon=1e-10)
    assert few.why == ""
    assert 0 < len(few.alice_key) < (1 - few.eve_information.high) * ROUNDS


def test_rounds_of_heralded_pairs_are_agreed_on_beforehand() -> None:
    line = BOXES.replace(fiber=Fiber(10.0), heralded=True)
    pulses = int(ROUNDS / 10**-0.2)
    session = line.run(pulses, rng=65, epsilon=1e-10)
    rounds = session.sifted_bits
    mean = pulses * 10**-0.2
    assert rounds == math.floor(mean - 4.9 * math.sqrt(mean * (1 - 10**-0.2))) < session.clicks
    assert f"{rounds} rounds, S = {session.parts['chsh_asked']:.4f}" in session.assumptions[1]
    assert session.parts["lost_games"] == games(session, rounds)[1].sum()
    assert np.array_equal(session.bob_sifted, session.transmission.outcome(1)[:rounds].astype(bool))
    model = line.key_rate(block=rounds).parts
    assert abs(len(session.alice_key) + told_by(session) - 34 - model["key_bits"] - model["disclosed_bits"]) < 2
    assert np.array_equal(session.alice_key, session.bob_key)
    nothing = line.replace(fiber=Fiber(2000.0)).run(10**6, rng=66, epsilon=1e-10)
    assert (nothing.sifted_bits, len(nothing.alice_key)) == (0, 0)
    # Too few heralds are no block.
    none = np.zeros(10, dtype=bool)
    short, why = game_length(BOXES, Played(11, 2.7, none), none, 0.0, qkd.Epsilon(1e-10, 1e-10))
    assert (short.bits, why) == (0, "10 rounds, and 11 were agreed on")


def test_games_survive_seeds_messages_and_small_blocks() -> None:
    one, two = (BOXES.run(ROUNDS // 10, rng=67, epsilon=1e-10, threads=k) for k in (1, 2))
    assert one.to_dict() == two.to_dict()
    assert one.why == "the block is too short for a key at this epsilon"
    assert not one.alarms
    for pulses in (0, 1, 3):
        assert not len(BOXES.run(pulses, rng=68, epsilon=1e-10).alice_key)
    each = BOXES.run(ROUNDS, rng=61, epsilon=qkd.Epsilon(1e-12, secrecy_per_bit=1e-15))
    assert sum(each.epsilon.values()) == pytest.approx(1e-12 + 1e-15 * len(each.alice_key), rel=1e-3)
    tag = next(e.disclosed_bits for e in each.ledger.entries if e.purpose == "verification")
    assert (math.ceil(ROUNDS / 128) + 1) * 2.0**-tag <= each.epsilon["verification"]
    for column in ("axis", "announced"):
        kind = {"axis": "detections", "announced": "preparations"}[column]
        attack = qkd.MessageTampering(kind, column, 1)
        believed, doubted = (
            BOXES.run(ROUNDS // 10, attack, rng=69, epsilon=1e-10, authenticated=tags) for tags in (False, True)
        )
        assert f"'{kind}'" in doubted.why
        assert not len(believed.alice_key)
