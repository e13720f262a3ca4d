"""Finite keys of weak pulses without decoys: clicks of one photon and none beside their bounds, and runs.

Blocks of 2,000: a bound that may fail with probability 0.15 fails in more than 378 of them with probability 1e-6. Runs
at 4.9 standard deviations, 1e-6 each.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from qkd_lines import deviation

from ebit import Fiber, qkd

SIGMA = 4.9
BLOCKS, ALLOWED = 2_000, 378
#: Two bounds on pulses of several photons at a ninth of the secrecy, and a sample's at the square of one.
EPSILON = qkd.Epsilon(0.01, secrecy=0.6)
PULSES, SIGNAL, BASIS = 10_000_000, 0.02, 0.7
SEVERAL = 1 - math.exp(-SIGNAL) * (1 + SIGNAL)


def h(p: float) -> float:
    return -p * math.log2(p) - (1 - p) * math.log2(1 - p)


def blocks(seed: int, through: float, error: float) -> NDArray[np.int64]:
    """Clicks of one photon or none and of several, by basis, and phase errors of the former; Eve lets all of the latter
    through without an error, and of the former a share."""
    rng = np.random.default_rng(seed)
    share = np.array([BASIS**2, (1 - BASIS) ** 2])
    several = rng.binomial(PULSES, share * SEVERAL, (BLOCKS, 2))
    single = rng.binomial(PULSES, share * through, (BLOCKS, 2))
    wrong = rng.binomial(single, error)
    return np.concatenate([single, several, wrong], axis=1)


@pytest.mark.parametrize(("through", "error", "seed"), [(2e-3, 0.02, 91), (2e-4, 0.1, 92), (2e-3, 0.0, 93)])
def test_what_is_left_untagged_is_there(through: float, error: float, seed: int) -> None:
    above, by_mean, widths = 0, 0, []
    for one, other, several, more, phase, wrong in blocks(seed, through, error).tolist():
        counts = (PULSES, SIGNAL, BASIS, one + several, other + more, wrong)
        found = qkd.weak_key_length(*counts, 0.0, EPSILON).parts
        above += found["untagged_clicks"] > one or found["phase_error"] < phase / one
        # Without room for chance half of the blocks would have more.
        by_mean += one + several - PULSES * BASIS**2 * SEVERAL > one
        widths.append(one - found["untagged_clicks"])
    assert above < ALLOWED < 800 < by_mean
    assert 1.0 < np.mean(widths) / np.std(widths) < 3.0


@pytest.mark.parametrize("block", [1e6, 1e8, 1e11])
def test_a_rate_is_the_key_of_expected_counts(block: float) -> None:
    line = qkd.WeakBB84(Fiber(2.0), 0.5, signal=0.05, misalignment=0.01, sifting=0.64)
    rate, asymptotic = line.key_rate(block=block), line.key_rate().parts
    pulses, sigma = block / (0.64 * asymptotic["gain"]), 5e-11

    def most(mean: float) -> float:
        """Chernoff's bound on a count, by bisection."""
        low, high = mean, 2 * mean + 1000
        for _ in range(200):
            n = (low + high) / 2
            low, high = (n, high) if mean - n + n * math.log(n / mean) < math.log(9 / sigma) else (low, n)
        return high

    several = 1 - math.exp(-0.05) * 1.05
    single = block - most(0.64 * pulses * several)
    other = 0.04 * pulses * asymptotic["gain"]
    test = other - most(0.04 * pulses * several)
    e = other * asymptotic["qber"] / test

    def unlikely(x: float) -> float:
        """-ln of the chance of a sample with e where the rest has x, by entropies."""
        p = (test * e + single * x) / (test + single)
        return ((test + single) * h(p) - test * h(e) - single * h(x)) * math.log(2)

    low, high = e, 0.5
    for _ in range(200):
        x = (low + high) / 2
        low, high = (x, high) if unlikely(x) < 2 * math.log(9 / sigma) else (low, x)
    phase = high
    leak = 1.16 * block * h(asymptotic["qber"])
    bits = single * (1 - h(phase)) - leak - 4 * math.log2(9 / sigma) - math.log2(2 / 5e-11)
    assert rate.parts["key_bits"] == pytest.approx(max(bits, 0.0), rel=1e-9)
    found = qkd.weak_key_length(pulses, 0.05, 0.8, block, other, other * asymptotic["qber"], leak)
    assert found.bits == math.floor(rate.parts["key_bits"])
    assert found.epsilon == rate.epsilon
    assert found.parts["untagged_clicks"] == pytest.approx(single, rel=1e-9)


@pytest.mark.parametrize(("block", "some"), [(14_205, False), (300_000, True)])
def test_a_line_without_errors_has_the_key_that_a_run_makes(block: int, some: bool) -> None:
    """Less than one error is expected of the sample: it sees none, which is not that there are none."""
    line = qkd.WeakBB84(Fiber(0.0), 0.9, 0.5, background_probability=1e-6, sifting=0.85)
    rate = line.key_rate(block=block)
    run = line.run(round(rate.parts["pulses"]), rng=9, epsilon=1e-10)
    assert (rate.value > 0.0) == some
    assert (len(run.alice_key) > 0) == some
    assert len(run.alice_key) == pytest.approx(rate.parts["key_bits"], rel=0.05)


def test_rates_rise_to_the_asymptotic() -> None:
    line = qkd.WeakBB84(Fiber(10.0), 0.3, signal=0.1, background_probability=1e-6, misalignment=0.01)
    limit = line.replace(sifting=1.0).optimize().key_rate().value
    last = 0.0
    for block in (1e4, 1e5, 1e6, 1e8, 1e11, 1e14):
        best = line.optimize(block=block).key_rate(block=block)
        assert last < best.value < limit
        assert sum(best.epsilon.values()) == pytest.approx(1e-10, rel=1e-12)
        last = best.value
    assert last > 0.98 * limit
    tiny = line.key_rate(block=1e3)
    assert tiny.value == 0.0
    assert tiny.why_no_key()
    assert "photon-number splitting" in line.replace(signal=1.4).key_rate(block=1e9).why_no_key()


# -- runs ---------------------------------------------------------------------------------------------------------

BLOCK = 200_000
LINE = qkd.WeakBB84(Fiber(2.0), 0.5, signal=0.1, background_probability=1e-6, misalignment=0.01).optimize(block=BLOCK)
SENT = int(LINE.key_rate(block=BLOCK).parts["pulses"])


def test_a_key_of_weak_pulses_is_that_of_its_counts() -> None:
    session = LINE.run(SENT, rng=95, epsilon=1e-10)
    assert not session.alarms
    assert np.array_equal(session.alice_key, session.bob_key)
    sent = session.transmission
    key, test = (sent.alice < 2) & (sent.bob == 0), (sent.alice >= 2) & (sent.bob == 1)
    wrong = test & (sent.outcome() != sent.alice % 2)
    told = sum(e.disclosed_bits for e in session.ledger.entries if e.purpose != "sample")
    counts = (SENT, LINE.signal, LINE.sifting**0.5, key.sum(), test.sum(), wrong.sum())
    found = qkd.weak_key_length(*counts, told)
    assert dict(session.parts) == dict(found.parts)
    assert 0 <= len(session.alice_key) - found.bits <= 36
    model = LINE.key_rate(block=BLOCK).parts
    assert deviation(key.sum(), SENT, BLOCK / SENT) < SIGMA
    assert abs(len(session.alice_key) + told - model["key_bits"] - model["disclosed_bits"]) < 0.1 * model["key_bits"]
    assert found.parts["untagged_clicks"] < np.sum(key & (sent.photons < 2))


def test_who_splits_photons_has_what_the_key_leaves_out() -> None:
    # Farther out, where the line's loss leaves her room.
    line = LINE.replace(fiber=Fiber(25.0))
    line = line.optimize(block=20_000)
    pulses = int(line.key_rate(block=20_000).parts["pulses"])
    quiet, split = (
        line.run(pulses, eve, rng=96, epsilon=1e-10, on_alarm="continue") for eve in (None, qkd.PhotonNumberSplitting())
    )
    assert len(quiet.alice_key) > 0
    # All clicks of several photons are hers, and the length never counted on them.
    sent = split.transmission
    hers = np.sum((sent.alice < 2) & (sent.bob == 0) & (sent.photons > 1))
    assert len(split.alice_key) < np.sum((sent.alice < 2) & (sent.bob == 0)) - hers
    assert split.parts["untagged_clicks"] < np.sum((sent.alice < 2) & (sent.bob == 0)) - hers
    bright = line.replace(signal=20 * line.signal)
    none = bright.run(pulses // 10, rng=97, epsilon=1e-10)
    assert (len(none.alice_key), none.parts["untagged_clicks"]) == (0, 0.0)
    assert none.why == "the block is too short for a key at this epsilon"
