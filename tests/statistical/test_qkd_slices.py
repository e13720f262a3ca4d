"""Continuous values that become a key: what slices tell against what they must, and runs of GG02 to the end.

What is compared by chance has a false alarm of 1e-6 (4.9 standard errors) and seeds of its own.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from gaussian_values import values
from scipy.stats import norm

import ebit
from ebit import qkd
from ebit.qkd import GG02, EntanglingCloner


@pytest.mark.parametrize(("snr", "least"), [(0.5, 0.4), (1.0, 0.75), (3.0, 0.9), (10.0, 0.92)])
def test_labels_become_equal_and_cost_what_they_must(snr: float, least: float) -> None:
    x, y, slope = values(snr, 100_000, [17, 1])
    told = qkd.slices(x, y, slope, 1.0, 5, efficiency=1.05, block=50_000, rng=1)
    np.testing.assert_array_equal(told.alice, told.bob)
    assert told.found_per_block.all()
    # The account adds up, slice by slice and block by block.
    total = told.ledger.disclosed_bits
    assert total == int(told.disclosed_per_block.sum())
    assert sum(told.slice_disclosed) * told.bob.size == pytest.approx(total)
    # Slepian and Wolf: no less than what Alice lacks.
    assert sum(told.slice_disclosed) >= sum(told.slice_entropy)
    assert least < told.efficiency <= 1.0
    # Bob's labels are his intervals, whatever the codes did.
    edges = np.linspace(-3.0, 3.0, 31)
    scale = np.sqrt(slope**2 * np.mean(x * x) + 1.0)
    np.testing.assert_array_equal(told.bob.ravel(), np.searchsorted(edges, y / scale, "right"))
    assert told.mutual_information == pytest.approx(0.5 * math.log2(1.0 + snr), rel=0.02)


def test_slices_lack_what_the_labels_do() -> None:
    # Chain rule, by an integral of its own: the entropies of all slices add up to that of the label given x.
    x, y, slope = values(2.0, 50_000, [17, 2])
    told = qkd.slices(x, y, slope, 1.0, 4, rng=2)
    scale = math.sqrt(slope**2 * float(np.mean(x * x)) + 1.0)
    edges = np.concatenate([[-np.inf], np.linspace(-3.0, 3.0, 15), [np.inf]]) * scale
    held = np.diff(norm.cdf(edges[None, :] - slope * x[:, None]), axis=1)
    lacks = -np.sum(held * np.log2(np.maximum(held, 1e-300)), axis=1)
    # Each slice's entropy is a mean over labels that were drawn.
    assert sum(told.slice_entropy) == pytest.approx(lacks.mean(), abs=4.9 * 1.5 / math.sqrt(len(x)))
    p = np.diff(norm.cdf(edges / scale))
    assert told.entropy == pytest.approx(-float(np.sum(p * np.log2(p))), rel=1e-12)


def test_a_wrong_line_is_found_out() -> None:
    # Alice believes in less noise than there is: the decoder shows more, or the labels differ.
    x, y, slope = values(3.0, 100_000, [17, 3])
    right = qkd.slices(x, y, slope, 1.0, 5, rng=3)
    wrong = qkd.slices(x, y, slope, 0.6, 5, rng=3)
    assert wrong.ledger.disclosed_bits > right.ledger.disclosed_bits or not wrong.found_per_block.all()
    other = qkd.slices(np.roll(x, 1), y, slope, 1.0, 5, rng=3)
    assert (other.alice != other.bob).any() or other.ledger.disclosed_bits > 4.5 * len(x)


def line(detection: str = "homodyne", km: float = 5.0) -> GG02:
    return GG02(
        ebit.Fiber(km), 0.8, modulation_variance=8.0, excess_noise=0.005, electronic_noise=0.02,
        digitization_bits=5, detection=detection,
    )  # fmt: skip


@pytest.mark.parametrize("detection", ["homodyne", "heterodyne"])
def test_a_run_ends_in_one_key(detection: str) -> None:
    system = line(detection)
    session = system.run(200_000, rng=1)
    key = session.key
    np.testing.assert_array_equal(key.alice, key.bob)
    assert not key.why
    # beta I - chi at the estimates, and at the line itself.
    again = system.replace(reconciliation_efficiency=key.efficiency).key_rate().value * 100_000
    assert len(key.bob) == pytest.approx(again, rel=0.1)
    # Bits of a key are even, and depend on all.
    assert abs(key.bob.mean() - 0.5) < 4.9 * 0.5 / math.sqrt(len(key.bob))
    other = system.run(200_000, rng=2).key.bob
    n = min(len(other), len(key.bob))
    assert abs((key.bob[:n] ^ other[:n]).mean() - 0.5) < 4.9 * 0.5 / math.sqrt(n)


def test_a_finite_key_is_shorter_and_needs_a_block() -> None:
    system = line()
    long, short = (system.run(400_000, rng=1, epsilon=e).key for e in (None, 1e-9))
    assert 0 < len(short.bob) < len(long.bob)
    assert sum(short.epsilon.values()) == pytest.approx(1e-9)
    # What the rate says of such a line, with what was really told in the place of beta.
    parts = short.parts
    signals = 200_000
    wanted = signals * (parts["label_entropy"] - parts["holevo"] - parts["block_penalty"]) - short.ledger.disclosed_bits
    assert len(short.bob) == math.floor(wanted)
    none = system.run(40_000, rng=1, epsilon=1e-9).key
    assert len(none.bob) == 0
    assert "longer block" in none.why


@pytest.mark.parametrize("per_bit", [1e-12, 1e-6])
def test_a_bit_leaks_no_more_than_it_may_of_the_key_that_there_is(per_bit: float) -> None:
    # The model's key is several times as long: labels bring less than beta = 1 promises.
    system = line().replace(reconciliation_efficiency=1.0)
    key = system.run(400_000, rng=1, epsilon=qkd.Epsilon(1e-5, secrecy_per_bit=per_bit)).key
    secrecy = sum(key.epsilon.values()) - 1e-5
    assert len(key.bob) > 1_000
    assert per_bit * len(key.bob) == pytest.approx(secrecy, rel=1e-6)
    # As long as a key with that secrecy is.
    fixed = system.run(400_000, rng=1, epsilon=qkd.Epsilon(1e-5, secrecy=per_bit * len(key.bob))).key
    assert len(fixed.bob) == len(key.bob)
    assert "key_bits" not in key.parts
    none = system.run(400_000, rng=1, epsilon=qkd.Epsilon(1e-5, secrecy_per_bit=0.1)).key
    assert len(none.bob) == 0


def test_a_run_compares_as_many_as_the_system_says() -> None:
    system = line().replace(estimation_share=0.125)
    assert len(system.run(40_000, rng=1, reconcile=False).compared) == 5_000
    assert len(system.run(40_000, rng=1, reconcile=False, sample=0.25).compared) == 10_000


def test_an_eavesdropper_who_is_noticed_gets_no_key() -> None:
    session = line().run(100_000, EntanglingCloner(excess_noise=0.2), rng=1)
    assert session.alarm
    assert session.key.why == "somebody is on the line"
    assert len(session.key.bob) == len(session.key.alice) == 0
    assert "reconciliation" in line().run(1_000, rng=1, reconcile=False).key.why


@pytest.mark.parametrize("n", [1, 2, 7, 130])
def test_few_values_are_values_too(n: int) -> None:
    x, y, slope = values(3.0, n, [17, 4])
    told = qkd.slices(x, y, slope, 1.0, 3, rng=4)
    assert told.alice.shape == told.bob.shape == (1, n)
    assert told.key(0).shape == (3 * n,)
    # Values that do not fill a last block stay out.
    assert qkd.slices(x, y, slope, 1.0, 3, block=max(1, n - 1), rng=4).bob.size == (n if n < 3 else n - 1)
