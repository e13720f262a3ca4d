"""Finite keys of B92: phase errors beside what losses, hits and errors allow, and runs that end in finite keys.

Channels chosen while a block goes on, or with all pulses in hand: a bound that may fail with probability 0.09 fails in
more than 243 of 2,000 blocks with probability 1e-6; each case has its own seed. Runs at 4.9 standard deviations, 1e-6
each.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from qkd_lines import deviation
from scipy.optimize import minimize

from ebit import Fiber, qkd

Floats = NDArray[np.float64]

SIGMA = 4.9
BLOCKS, ALLOWED = 2_000, 243
#: a1 is a third of the secrecy, and a1^2 the chance of more phase errors than the bound.
EPSILON = qkd.Epsilon(0.01, secrecy=0.9)
LOG = -2.0 * math.log(0.3)

C, TEST = 0.7, 0.2
A2, B2 = 0.5 * (1 - C), 0.5 * (1 + C)
#: Amplitudes of |00>, |01>, |10>, |11> of the X basis, Alice's half first.
PAIR = np.array([math.sqrt(B2), 0.0, 0.0, math.sqrt(A2)])


def chances(rho: Floats) -> Floats:
    """Of loss, no hit, phase error in the key, key without, wrong and right in the test; rho is of what arrives."""
    states = [np.array([math.sqrt(B2), sign * math.sqrt(A2)]) for sign in (1, -1)]
    against = [np.array([s[1], -s[0]]) for s in states]
    # A hit against one state says the other; either axis half of the time.
    said = [0.5 * np.outer(against[1], against[1]), 0.5 * np.outer(against[0], against[0])]
    signs = [np.array([1.0, 1.0]) / math.sqrt(2), np.array([1.0, -1.0]) / math.sqrt(2)]
    bit = [np.outer(s, s) for s in signs]

    def of(operator: Floats) -> Floats:
        return np.asarray(np.einsum("...ij,ji", rho, operator))

    hits = of(np.kron(np.eye(2), said[0] + said[1]))
    wrong = of(np.kron(bit[0], said[1]) + np.kron(bit[1], said[0]))
    phase = of(np.diag([0.0, B2, A2, 0.0]))
    arrived = of(np.eye(4))
    key = 1 - TEST
    out = [1 - arrived, arrived - hits, key * phase, key * (hits - phase), TEST * wrong, TEST * (hits - wrong)]
    return np.clip(np.stack(out, axis=-1), 0.0, 1.0)


def through(*kraus: Floats) -> Floats:
    """The pair after a channel on Bob's half; what the operators lack of a channel is lost."""
    out = np.zeros((4, 4))
    for each in kraus:
        vector = np.kron(np.eye(2), each) @ PAIR
        out = out + np.outer(vector, vector)
    return out


def noisy(arrived: float, visibility: float) -> Floats:
    """Loss and depolarization in the plane of the states."""
    noise = 0.5 * (1 - visibility)
    x, z = np.diag([1.0, -1.0]), np.array([[0.0, 1.0], [1.0, 0.0]])
    return arrived * ((1 - noise) * through(np.eye(2)) + 0.5 * noise * (through(x) + through(z)))


def shares(law: Floats) -> list[float]:
    """Expected loss, hits and wrong hits of a law."""
    return [float(law[0]), float(law[2:].sum()), float(law[4] / TEST)]


def weights(x: float, y: float, c: float = C) -> tuple[float, float, float, float]:
    a2, b2 = 0.5 * (1 - c), 0.5 * (1 + c)
    u, v = math.sqrt(x * (1 + x) * y * (1 + y) / (a2 * b2)), (y + b2) / c
    k0 = x * y - a2 * v
    return 2 * u, v - u, -k0, k0 + a2 * (a2 + x)


def worst(expected: list[float]) -> Floats:
    """The state that nobody can tell from what is expected, with the most phase errors."""

    def phase(z: Floats) -> float:
        wrong, hit, lost, kappa = weights(*np.exp(z))
        return wrong * expected[2] + hit * expected[1] + lost * expected[0] + kappa

    x, y = np.exp(minimize(phase, [-0.5, 0.0], method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-14}).x)
    one = np.array([math.sqrt((1 + x) * (1 + y)), 0.0, 0.0, math.sqrt(x * y)])
    two = np.array([0.0, math.sqrt(x * (1 + y)), math.sqrt((1 + x) * y), 0.0])
    one, two = one / np.linalg.norm(one), two / np.linalg.norm(two)
    arrived = 1 - expected[0]
    # None of Alice's |1> is lost.
    share = (A2 / arrived - two[2] ** 2) / (one[3] ** 2 - two[2] ** 2)
    return np.asarray(arrived * (share * np.outer(one, one) + (1 - share) * np.outer(two, two)))


QUIET = noisy(0.8, 0.99)
EXPECTED = shares(chances(QUIET))
WORST = worst(EXPECTED)


def blocks(source: Any, seed: int, pulses: int = 100_000, steps: int = 20) -> NDArray[np.int64]:
    """Counts of the six outcomes; the source sees those so far, block by block."""
    rng = np.random.default_rng(seed)
    counts = np.zeros((BLOCKS, 6), np.int64)
    for _ in range(steps):
        law = np.broadcast_to(source(rng, counts), (BLOCKS, 6))
        counts += rng.multinomial(pulses // steps, law / law.sum(axis=-1, keepdims=True))
    return counts


def honest(rng: np.random.Generator, counts: NDArray[np.int64]) -> Floats:
    return chances(QUIET)


def hidden(rng: np.random.Generator, counts: NDArray[np.int64]) -> Floats:
    return chances(WORST)


def anything(rng: np.random.Generator, counts: NDArray[np.int64]) -> Floats:
    """Any channel once in ten pulses: Kraus operators that are none in particular."""
    kraus = rng.standard_normal((BLOCKS, 2, 2))
    kraus *= rng.random((BLOCKS, 1, 1)) / np.linalg.norm(kraus, axis=(1, 2), ord=2)[:, None, None]
    vectors = np.einsum("nij,kj->nki", kraus, PAIR.reshape(2, 2)).reshape(BLOCKS, 4)
    return np.asarray(0.9 * chances(QUIET) + 0.1 * chances(np.einsum("ni,nj->nij", vectors, vectors)))


def greedy(rng: np.random.Generator, counts: NDArray[np.int64]) -> Floats:
    """Quiet where phase errors are ahead of the errors seen, noisy where they lag behind."""
    ahead = counts[:, 2] * 4.0 > counts[:, 4] * 40.0
    return np.where(ahead[:, None], chances(QUIET), chances(WORST))


def errors_allowed(counts: list[int], pulses: int) -> tuple[float, int]:
    lost, _, phase, fine, wrong, right = counts
    found = qkd.b92_key_length(C, TEST, EXPECTED, pulses, lost, phase + fine, wrong + right, wrong, 0.0, EPSILON)
    return found.parts["phase_error"] * (phase + fine), phase


@pytest.mark.parametrize(("source", "seed"), [(honest, 171), (hidden, 172), (anything, 173), (greedy, 174)])
def test_phase_errors_are_not_more_than_counts_allow(source: Any, seed: int) -> None:
    pulses = 100_000
    found = np.array([errors_allowed(row, pulses) for row in blocks(source, seed, pulses).tolist()])
    assert np.sum(found[:, 1] > found[:, 0]) < ALLOWED
    if source is hidden:
        # And they are not far from it: 2.3 standard deviations would do for one in a hundred.
        width = found[:, 0] - found[:, 1]
        assert 1.5 < np.mean(width) / np.std(width) < 6.0


def test_pulses_held_back_teach_nothing_more() -> None:
    """Eve measures X of a fifth of the pulses before any goes on; what she does to all depends on how many were 1."""
    rng, pulses = np.random.default_rng(175), 100_000
    measured = pulses // 5
    ones = rng.binomial(measured, A2, BLOCKS)
    many = ones > measured * A2
    above = 0
    for count, more in zip(ones.tolist(), many.tolist(), strict=True):
        counts = np.zeros(6, np.int64)
        for bit, n in ((0, measured - count), (1, count)):
            # Known zeros are sent on as they are, or as ones where there were few; ones as they are.
            sent = bit if more else 1
            rho = np.zeros((4, 4))
            rho[2 * bit + sent, 2 * bit + sent] = 1.0
            counts += rng.multinomial(n, chances(rho))
        counts += rng.multinomial(pulses - measured, chances(WORST if more else QUIET))
        allowed, phase = errors_allowed(counts.tolist(), pulses)
        above += phase > allowed and allowed < 0.4999 * counts[2:4].sum()
    assert above < ALLOWED


def test_too_few_errors_allowed_are_caught() -> None:
    """Without what lost pulses pay, the hidden channel has more phase errors than the bound."""
    lossless = [0.0, EXPECTED[1], EXPECTED[2]]
    above = 0
    for lost, _, phase, fine, wrong, right in blocks(hidden, 176, 1_000_000).tolist():
        del lost
        counts = (1_000_000, 0, phase + fine, wrong + right, wrong)
        found = qkd.b92_key_length(C, TEST, lossless, *counts, 0.0, EPSILON).parts["phase_error"]
        above += phase > found * (phase + fine)
    assert above > BLOCKS // 2


def h(p: float) -> float:
    return -p * math.log2(p) - (1 - p) * math.log2(1 - p)


def kappa(c: float, wrong: float, hit: float, lost: float) -> float:
    """The least b^2 k0 + a^2 k1 that any weights allow, by a scan: 2 x 2 blocks are positive by their minors."""
    a2, b2 = 0.5 * (1 - c), 0.5 * (1 + c)
    u, v = 0.5 * wrong, hit + 0.5 * wrong
    off = a2 * b2 * u * u
    k0 = max(-lost, -a2 * v, -b2 * (v - 1)) + np.concatenate([[0.0], np.geomspace(1e-7, 10.0, 2_000)])
    first, second = k0 + a2 * v, k0 + b2 * (v - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        k1 = np.maximum(np.maximum(off / first - b2 * v, off / second - a2 * (v - 1)), -lost)
    k1[(first <= 0) | (second <= 0)] = np.inf
    return float(np.min(b2 * k0 + a2 * k1))


@pytest.mark.parametrize(("pulses", "visibility"), [(1e6, 0.99), (1e9, 0.98), (1e12, 0.995)])
def test_no_other_inequality_is_better(pulses: float, visibility: float) -> None:
    """All multipliers of the counts, and r, tried from the best of the two numbers on."""
    loss, hits, wrong = shares(chances(noisy(0.8, visibility)))
    counts = (pulses, pulses * loss, 0.8 * pulses * hits, 0.2 * pulses * hits, 0.2 * pulses * wrong)
    parts = qkd.b92_key_length(C, TEST, [loss, hits, wrong], *counts, 0.0, 1e-10).parts
    log = -2 * math.log(5e-11 / 3)

    def bound(w: float, g: float, lost: float, least: float, r: float) -> float:
        fewer = 1 - g * r
        if not (g * r < 1 and lost * r < 1 and 0 <= w * r < TEST * fewer and r > 0):
            return math.inf
        paid = -math.log1p(-w * r / (TEST * fewer)) * counts[4] - math.log1p(-g * r) * pulses * hits
        paid += -math.log1p(-lost * r) * counts[1] + pulses * math.log1p(least * r) + log
        return paid / math.log1p(r / ((1 - TEST) * fewer)) / counts[2]

    def of_two(z: Floats) -> float:
        w, g, lost, least = weights(*np.exp(z[:2]))
        return bound(w, g, lost, least, float(np.exp(z[2])))

    options = {"xatol": 1e-9, "fatol": 1e-13, "maxiter": 4_000, "maxfev": 4_000}
    start = [-1.0, 0.0, -0.5 * math.log(pulses)]
    two = minimize(of_two, start, method="Nelder-Mead", options=options)
    assert parts["phase_error"] == pytest.approx(two.fun, rel=1e-6)
    w, g, lost, least = weights(*np.exp(two.x[:2]))
    assert kappa(C, w, g, lost) == pytest.approx(least, abs=1e-4)

    def of_all(z: Floats) -> float:
        return bound(z[0], z[1], z[2], kappa(C, *z[:3]), float(np.exp(z[3])))

    rng = np.random.default_rng(177)
    for _ in range(300):
        turned = np.array([w, g, lost, two.x[2]]) * (1 + 0.1 * rng.standard_normal(4) * 10.0 ** -rng.integers(0, 4))
        assert of_all(turned) > parts["phase_error"] - 1e-7


@pytest.mark.parametrize("block", [1e4, 1e6, 1e9])
def test_a_rate_is_the_key_of_expected_counts(block: float) -> None:
    line = qkd.B92(Fiber(2.0), 0.9, 1e-6, 0.003, overlap=0.65, test_probability=0.07)
    rate, limit = line.key_rate(block=block), line.key_rate()
    gain, q = limit.parts["gain"], limit.parts["qber"]
    pulses = block / (0.93 * gain)
    assert rate.parts["pulses"] == pytest.approx(pulses, rel=1e-12)
    test, leak = 0.07 * pulses * gain, 1.16 * block * h(q)
    counts = (pulses, pulses * limit.parts["loss"], block, test, test * q)
    found = qkd.b92_key_length(0.65, 0.07, [limit.parts["loss"], gain, gain * q], *counts, leak)
    assert found.parts["phase_error"] == pytest.approx(rate.parts["phase_error"], rel=1e-9)
    assert found.bits == max(0, math.floor(rate.parts["key_bits"]))
    assert dict(found.epsilon) == pytest.approx(dict(rate.epsilon))
    e = rate.parts["phase_error"]
    bits = block * (1 - h(e)) - leak - 2 * math.log2(3 / (2 * 5e-11)) - math.log2(2 / 5e-11)
    assert rate.parts["key_bits"] == pytest.approx(max(bits, 0.0), rel=1e-9)
    assert rate.value == pytest.approx(max(bits, 0.0) / pulses, rel=1e-9)


def test_finite_rates_rise_to_the_asymptotic_one() -> None:
    line = qkd.B92(Fiber(2.0), 0.8, 1e-6, 0.002)
    limit, last = line.optimize().key_rate().value, 0.0
    for block in (1e4, 1e5, 1e6, 1e8, 1e10, 1e12):
        best = line.optimize(block=block)
        value = best.key_rate(block=block).value
        assert last < value < limit
        for turned in ({"overlap": best.overlap + 0.01}, {"test_probability": 1.2 * best.test_probability}):
            other = qkd.B92(**{**{f: getattr(best, f) for f in best.__dataclass_fields__}, **turned})
            assert other.key_rate(block=block).value < value
        last = value
    assert last > 0.99 * limit
    assert 0 < line.max_distance_km(block=1e6) < line.max_distance_km()


# -- runs ---------------------------------------------------------------------------------------------------------

BLOCK = 100_000
LINE = qkd.B92(Fiber(2.0), 0.8, 1e-6, 0.002).optimize(block=BLOCK)
PULSES = int(LINE.key_rate(block=BLOCK).parts["pulses"])


def told_by(session: qkd.Session) -> int:
    return sum(e.disclosed_bits for e in session.ledger.entries if e.purpose != "sample")


def test_a_key_of_two_states_is_that_of_its_counts() -> None:
    session = LINE.run(PULSES, rng=181, epsilon=1e-10)
    assert not session.alarms
    assert np.array_equal(session.alice_key, session.bob_key)
    hits, compared = session.sifted_bits, next(
        e.disclosed_bits for e in session.ledger.entries if e.purpose == "sample"
    )  # fmt: skip
    model, limit = LINE.key_rate(block=BLOCK).parts, LINE.key_rate().parts
    assert deviation(compared, hits, LINE.test_probability) < SIGMA
    assert deviation(session.clicks, PULSES, 1 - model["loss"]) < SIGMA
    assert deviation(hits, PULSES, limit["gain"]) < SIGMA
    wrong = round(session.sample.value * compared)
    expected = [limit["loss"], limit["gain"], limit["gain"] * limit["qber"]]
    counts = (PULSES, PULSES - session.clicks, hits - compared, compared, wrong)
    found = qkd.b92_key_length(LINE.overlap, LINE.test_probability, expected, *counts, told_by(session))
    assert dict(session.parts) == dict(found.parts)
    assert 0 <= len(session.alice_key) - found.bits <= 36
    assert sum(session.epsilon.values()) == pytest.approx(1e-10, rel=1e-12)
    # The model's length, with what was told added again: chance is in four counts.
    rng, lengths, p = np.random.default_rng(182), [], LINE.test_probability
    law = [expected[0], (1 - p) * expected[1], p * expected[2], p * (expected[1] - expected[2])]
    for _ in range(200):
        lost, key, bad, good, _ = rng.multinomial(PULSES, [*law, 1 - sum(law)]).tolist()
        drawn = qkd.b92_key_length(LINE.overlap, p, expected, PULSES, lost, key, bad + good, bad, 0.0)
        lengths.append(drawn.bits)
    asked = model["key_bits"] + model["disclosed_bits"]
    assert abs(len(session.alice_key) + told_by(session) - asked) < SIGMA * np.std(lengths) + 36
    assert np.std(lengths) < 0.1 * asked


def test_who_touches_the_states_leaves_less_key_or_none() -> None:
    quiet = LINE.run(PULSES, rng=183, epsilon=1e-10)
    lengths = [len(quiet.alice_key)]
    for fraction in (0.005, 0.02, 1.0):
        attack = qkd.InterceptResend(fraction)
        session = LINE.run(PULSES, attack, rng=183, epsilon=1e-10, on_alarm="continue")
        lengths.append(len(session.alice_key))
        stopped = LINE.run(PULSES, attack, rng=183, epsilon=1e-10)
        assert (len(stopped.alice_key), stopped.why) == (0, str(stopped.alarms[0]))
    assert lengths[0] > lengths[1] > lengths[2] > lengths[3] == 0


class Discrimination(qkd.Eavesdropper):
    """Tells the states apart without error where that succeeds, 1 - c of the pulses, and drops the others."""

    def photons(self, pulses: qkd.Pulses, rng: np.random.Generator) -> None:
        unknown = rng.random(len(pulses)) < DARK.overlap
        # Those that she knows she sends anew as they were.
        pulses.send(0, "Z", np.zeros(len(pulses), dtype=np.uint8), where=unknown)


#: As much is lost as she would drop.
DARK = qkd.B92(Fiber(0.0), 0.4, overlap=0.6)


def test_loss_of_the_overlap_is_no_key_of_any_length() -> None:
    """What arrives is all known to Eve, without an error; no count says otherwise."""
    session = DARK.run(10**6, rng=184, epsilon=1e-10, on_alarm="continue")
    assert (session.qber.value, len(session.alice_key)) == (0.0, 0)
    assert session.parts["phase_error"] > 0.49
    near = qkd.B92(Fiber(0.0), 0.9, overlap=0.6, test_probability=0.1)
    attacked = near.run(10**6, Discrimination(), rng=185, epsilon=1e-10, on_alarm="continue")
    assert attacked.qber.value == 0.0
    assert attacked.alarms
    assert not len(attacked.alice_key)


def test_states_that_overlap_more_may_err_more() -> None:
    """3.38 % is how much depolarization some overlap bears, not an error rate: hits that are rare err more often."""
    line = qkd.B92(Fiber(0.0), 0.95, misalignment=0.012, overlap=0.85, error_correction=1.0)
    session = line.run(10**7, rng=186, epsilon=1e-10)
    assert session.qber.value > 0.038
    assert not session.alarms
    assert len(session.alice_key) > 50_000


def test_keys_of_two_states_survive_seeds_messages_and_small_blocks() -> None:
    one, two = (LINE.run(PULSES // 4, rng=187, epsilon=1e-10, threads=k) for k in (1, 2))
    assert one.to_dict() == two.to_dict()
    for pulses in (0, 1, 3, 300):
        assert not len(LINE.run(pulses, rng=188, epsilon=1e-10).alice_key)
    short = LINE.run(PULSES // 300, rng=189, epsilon=1e-10)
    assert (len(short.alice_key), short.why) == (0, "the block is too short for a key at this epsilon")
    for kind, column in (("detections", "pulse"), ("kept", "kept"), ("errors", "count")):
        doubted = LINE.run(PULSES // 10, qkd.MessageTampering(kind, column, 1), rng=190, epsilon=1e-10)
        assert f"'{kind}'" in doubted.why
        assert not len(doubted.alice_key)
    between = LINE.run(PULSES, qkd.ManInTheMiddle(), rng=191, epsilon=1e-10, authenticated=False)
    assert between.eve_keys is not None
    assert all(
        np.array_equal(a, b) for a, b in zip(between.eve_keys, (between.alice_key, between.bob_key), strict=True)
    )
    each = LINE.run(PULSES, rng=181, epsilon=qkd.Epsilon(1e-12, secrecy_per_bit=1e-15))
    assert sum(each.epsilon.values()) == pytest.approx(1e-12 + 1e-15 * len(each.alice_key), rel=1e-2)
