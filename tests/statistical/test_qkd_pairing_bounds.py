"""What pairs of clicks say of the photons in the key of mode pairing, beside what these were.

Bounds that spend a secrecy of 0.05 fail with probability 8/15 of that and a little: of 2,000 blocks more than 89 do
with probability 1e-6 at the very most, of 30 more than 8. Each case has its own seeds.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import linprog

import ebit
from ebit import qkd

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SECRECY, PARTS = 0.05, 15.0
#: Photon numbers up to this; beyond, 1e-9 of all pairs.
MOST = 8


@dataclass(frozen=True)
class Sent:
    """What both send: means and shares of signal, weak decoy and nothing, and the slice of phases."""

    means: tuple[float, float, float]
    shares: tuple[float, float, float]
    width: float

    def bounds(self, counts: dict[str, Any], secrecy: float, **said: Any) -> dict[str, float]:
        sent = {"intensities": self.means, "probabilities": self.shares, "phase_slice_rad": self.width} | said
        found = qkd.pairing_key_length(**sent, **counts, disclosed_bits=0.0, epsilon=qkd.Epsilon(1e-15, secrecy))
        return dict(found.parts)

    @property
    def totals(self) -> Floats:
        """How often a side of a pair sent signal or decoy in one round alone, or nothing in both."""
        signal, weak, nothing = self.shares
        return np.array([2 * signal * nothing, 2 * weak * nothing, nothing**2])


#: Of blocks drawn pair by pair, and round by round.
BY_PAIRS = Sent((0.5, 0.03, 0.0), (0.15, 0.35, 0.5), 1.0)
BY_ROUNDS = Sent((0.5, 0.15, 0.0), (0.06, 0.5, 0.44), 1.0)


def photons(mean: float) -> Floats:
    """Probabilities of 0, 1, ... photons."""
    return np.array([math.exp(-mean) * mean**n / math.factorial(n) for n in range(MOST + 1)])


def block(rng: np.random.Generator, honest: bool, size: float = 1e13) -> tuple[dict[str, Any], int, int]:
    """Counts of a block of pairs that a relay makes by photon numbers; single photons in the key, their phase errors.

    The relay answers to n and m photons as it likes, otherwise in Z and in X; the same where there is one or none.
    """
    n = np.arange(MOST + 1)
    if honest:
        error = 0.05
        z = x = 1e-3 * np.outer(n, n) + 1e-6
        turned = 1e-3 * (0.25 * np.add.outer(n, n) ** 2 - 0.45 * np.outer(n, n)) + 5e-7
        x = x + 5e-4 * np.subtract.outer(n, n) ** 2 * (np.minimum.outer(n, n) == 0)
        x[:2, :2] = z[:2, :2]
    else:
        error = 0.5 * rng.random()
        z, x, turned = 1e-3 * rng.random((3, MOST + 1, MOST + 1)) ** 3
        x[:2, :2] = z[:2, :2]
    # Without photons from one side either answer is as often wrong as right.
    turned[0], turned[:, 0] = x[0] / 2, x[:, 0] / 2
    turned[1, 1] = error * z[1, 1]
    each = np.array([photons(mean) for mean in BY_PAIRS.means])
    totals = BY_PAIRS.totals
    drawn = rng.poisson(size * np.einsum("a,b,an,bm->abnm", totals, totals, each, each) * z)
    single = int(drawn[:2, :2, 1, 1].sum())
    twice, weak = photons(2 * BY_PAIRS.means[1]), BY_PAIRS.shares[1] ** 2
    once = size * weak * totals[2] * (twice @ x[:, 0] + twice @ x[0])
    both = size * weak**2 * BY_PAIRS.width / math.pi * (twice @ turned @ twice)
    once, both = rng.poisson([once, both]).tolist()
    counts = {"pair_counts": drawn.sum(axis=(2, 3)), "one_sided_pairs": once, "slice_errors": both}
    return counts, single, int(rng.binomial(single, error))


def failed(found: dict[str, float], single: int, errors: int) -> tuple[bool, bool]:
    """Whether there were fewer single photons, and whether there were more errors."""
    least, phase = found["single_photon_pairs"], found["phase_error"]
    return least > single, phase < 0.5 and phase * least < errors


@pytest.mark.parametrize("honest", [True, False])
def test_bounds_hold_at_epsilon(honest: bool) -> None:
    rng = np.random.default_rng([71, int(honest)])
    wrong, shares, phases = 0, [], []
    for _ in range(2_000):
        counts, single, errors = block(rng, honest)
        found = BY_PAIRS.bounds(counts, SECRECY)
        wrong += any(failed(found, single, errors))
        shares.append(found["single_photon_pairs"] / max(single, 1))
        phases.append(found["phase_error"])
    assert wrong <= 89, wrong
    if honest:
        assert np.mean(shares) > 0.85, np.mean(shares)
        assert np.mean(phases) < 0.2, np.mean(phases)
    else:
        assert np.mean(np.array(shares) > 0.0) > 0.1


#: What is said wrongly, by what it is made of, and which of the two bounds then fails.
MISTAKES: dict[str, tuple[dict[str, Any], int]] = {
    "a slice twice as wide": ({"phase_slice_rad": 2 * BY_PAIRS.width}, 1),
    "a darker decoy": ({"intensities": [0.5, 0.02, 0.0]}, 0),
    "more decoys": ({"probabilities": [0.15, 0.45, 0.4]}, 1),
    "each one-sided pair twice": ({}, 1),
    "no pairs of decoy and nothing": ({}, 0),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_caught(mistake: str) -> None:
    rng = np.random.default_rng(72)
    said, which = MISTAKES[mistake]
    for _ in range(20):
        counts, single, errors = block(rng, honest=True, size=1e14)
        assert not any(failed(BY_PAIRS.bounds(counts, SECRECY), single, errors))
        if mistake.startswith("each"):
            counts["one_sided_pairs"] *= 2
        if mistake.startswith("no pairs"):
            counts["pair_counts"][1, 2] = counts["pair_counts"][2, 1] = 0
        assert failed(BY_PAIRS.bounds(counts, SECRECY, **said), single, errors)[which]


# Rounds, photons and detectors.


def answers(rng: np.random.Generator, counts: Ints, honest: bool) -> tuple[NDArray[np.bool_], Ints]:
    """Return in which rounds the relay says one click, and of which detector, from the photons it counted in both."""
    rounds = counts.shape[1]
    if honest:
        # One in ten photons is lost, 1.5 % of clicks go astray; dark counts.
        seen = rng.binomial(counts, 0.9) + (rng.random(counts.shape) < 1e-3)
        astray = rng.random(rounds) < 0.015
        return (seen[0] > 0) != (seen[1] > 0), ((seen[1] > 0) ^ astray).astype(np.int64)
    # Many photons are told more often, more so in rounds after a bright one; and one detector is more honest.
    all_of = counts.sum(axis=0)
    eager = np.array([0.002, 0.5, 0.7, 0.9])[np.minimum(all_of, 3)]
    after = np.concatenate(([0], all_of[:-1])) > 1
    said = rng.random(rounds) < np.where(after, 0.8 * eager, eager)
    which = (counts[1] > counts[0]) ^ (rng.random(rounds) < np.where(after, 0.1, 0.02))
    return said, which.astype(np.int64)


def paired(clicks: Ints, interval: int) -> tuple[Ints, Ints]:
    """Each click with the next one if that is near enough, then anew."""
    first: list[int] = []
    second: list[int] = []
    last = None
    for click in clicks.tolist():
        if last is not None and click - last <= interval:
            first.append(last)
            second.append(click)
            last = None
        else:
            last = click
    return np.array(first, dtype=np.int64), np.array(second, dtype=np.int64)


def rounds_of(
    rng: np.random.Generator, honest: bool, rounds: int, choosy: bool = False
) -> tuple[dict[str, Any], int, int]:
    """Counts of a block of rounds that are sent, counted, paired and announced; and the truth behind them.

    All photons arrive, so a round in which one alone sent has as many as are counted; of two in a round to which both
    sent it is drawn whose they were. Of a photon each in both rounds the detectors leave A first and B second or the
    reverse, in superposition: phases alike with probability (1 + cos d)/2 where the detectors were.
    """
    sent = rng.choice(3, size=(2, rounds), p=BY_ROUNDS.shares)
    light, phase = np.array(BY_ROUNDS.means)[sent], 2 * math.pi * rng.random(rounds)
    half, cross = light.sum(axis=0) / 2, np.sqrt(light[0] * light[1]) * np.cos(phase)
    count = rng.poisson(np.array([half + cross, np.maximum(half - cross, 0.0)]))
    said, which = answers(rng, count, honest)
    if choosy:
        # Forbidden: the signal is paired less often.
        said &= (rng.random(rounds) < 0.3) | (sent > 0).all(axis=0)
    i, j = paired(np.flatnonzero(said), 40)
    a, b = sent[:, i], sent[:, j]
    # By side: Z or nothing, and its total; X of weak decoys.
    total = np.where(a == 2, b, np.where(b == 2, a, 3))
    crossed = (a == 1) & (b == 1)
    grid = np.zeros((4, 4))
    np.add.at(grid, (total[0], total[1]), 1)
    one_sided = int(((crossed[0] & (total[1] == 2)) | (crossed[1] & (total[0] == 2))).sum())
    change = np.cos(phase[j] - phase[i])
    alike = which[i] == which[j]
    inside = crossed.all(axis=0) & (np.abs(change) >= math.cos(BY_ROUNDS.width / 2))
    wrong = int((inside & ((change > 0) != alike)).sum())
    # The truth.
    key = (total < 2).all(axis=0)
    photons_of = count.sum(axis=0)
    met = key & ((a[0] == 2) == (a[1] == 2))
    apart = key & ~met & (photons_of[i] == 1) & (photons_of[j] == 1)
    bright = np.where(a[0] == 2, j, i)
    two = met & (photons_of[bright] == 2) & (photons_of[i + j - bright] == 0) & (count[0, bright] != 1)
    x, y = light[:, bright]
    # Both to one detector, from either side one: half the time; two from one side: a quarter.
    one_each, from_one = x * y / 2, (x * x + y * y) / 8
    each = two & (rng.random(len(i)) * (one_each + from_one) < one_each)
    seen = (count[1, i] > 0) == (count[1, j] > 0)
    drawn = np.cos(BY_ROUNDS.width * (rng.random(len(i)) - 0.5))
    chance = np.where(apart, 0.5 - 0.5 * drawn * np.where(seen == alike, 1.0, -1.0), 0.5)
    singles = apart | each
    errors = int((singles & (rng.random(len(i)) < chance)).sum())
    counts = {"pair_counts": grid[:3, :3], "one_sided_pairs": one_sided, "slice_errors": wrong}
    return counts, int(singles.sum()), errors


@pytest.mark.parametrize("honest", [True, False])
def test_bounds_hold_in_rounds_that_are_really_paired(honest: bool) -> None:
    rng = np.random.default_rng([73, int(honest)])
    wrong, sums, whole = 0, {"pair_counts": np.zeros((3, 3)), "one_sided_pairs": 0, "slice_errors": 0}, np.zeros(2, int)
    for _ in range(30):
        counts, *truth = rounds_of(rng, honest, 400_000)
        wrong += any(failed(BY_ROUNDS.bounds(counts, SECRECY), *truth))
        sums = {name: sums[name] + counts[name] for name in sums}
        whole += truth
    assert wrong <= 8, wrong
    # All in one block, where the bounds say more; they fail with probability 5e-7.
    found = BY_ROUNDS.bounds(sums, 1e-6)
    assert not any(failed(found, *whole)), (found, whole)
    least = found["single_photon_pairs"] / whole[0]
    assert least > (0.85 if honest else 0.65), least
    assert found["phase_error"] < (0.25 if honest else 0.5), found


def test_pairs_that_look_at_intensities_are_caught() -> None:
    rng = np.random.default_rng(75)
    counts, *truth = rounds_of(rng, True, 4_000_000, choosy=True)
    assert failed(BY_ROUNDS.bounds(counts, SECRECY), *truth)[0]


# The same numbers by other ways.


def root(above: Callable[[float], float], low: float, high: float) -> float:
    """Return where a falling function crosses 0, by bisection."""
    for _ in range(200):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if above(middle) > 0 else (low, middle)
    return 0.5 * (low + high)


def cost(n: float, x: float) -> float:
    """Minus the logarithm of Chernoff's bound on counts as far off x as n."""
    return x - n + (n * math.log(n / x) if n else 0.0)


def expectation(n: float, log: float) -> tuple[float, float]:
    """Least and greatest expectation at a count."""
    low = root(lambda x: cost(n, x) - log, 1e-300, n) if n else 0.0
    return low, root(lambda x: log - cost(n, x), n or 1e-300, 2 * n + 4 * log)


def most_counted(x: float, log: float) -> float:
    return root(lambda n: log - cost(n, x), x, 2 * x + 4 * log)


def entropy(p: float) -> float:
    return -p * math.log2(p) - (1 - p) * math.log2(1 - p)


#: Which pairs are counted together, by the totals of both sides.
TOGETHER = (((0, 0),), ((0, 2), (2, 0)), ((1, 1),), ((1, 2), (2, 1)), ((2, 2),))


def test_bounds_are_those_of_a_linear_program() -> None:
    # The least yield of single photons from both that the five intervals allow.
    rng = np.random.default_rng(74)
    log = math.log(PARTS / 1e-10)
    each, totals = np.array([photons(mean) for mean in BY_PAIRS.means]), BY_PAIRS.totals
    ratios = []
    for honest in [True] * 6 + [False] * 6:
        counts, _, _ = block(rng, honest)
        rows, low, high = [], [], []
        for cells in TOGETHER:
            rows.append(sum(totals[a] * totals[b] * np.outer(each[a], each[b]) for a, b in cells).ravel())
            least, most = expectation(float(sum(counts["pair_counts"][cell] for cell in cells)), log)
            low.append(least)
            high.append(most)
        # Each row by the largest count that it allows.
        scaled = np.array(rows) * 1e13 / np.array(high)[:, None]
        target = np.zeros((MOST + 1, MOST + 1))
        target[1, 1] = 1.0
        limits = np.concatenate([np.ones(len(high)), -np.array(low) / high])
        solved = linprog(target.ravel() * 1e3, np.vstack([scaled, -scaled]), limits, bounds=(0, None))
        assert solved.status == 0, solved.message
        once = (totals[:2] @ each[:2, 1]) ** 2
        least = solved.fun * 1e-3 * 1e13 * once
        found = BY_PAIRS.bounds(counts, 1e-10)["single_photon_pairs"]
        assert found <= least * (1 + 1e-6) + 1.0, (found, least)
        if honest:
            ratios.append(found / least)
    assert min(ratios) > 0.99, ratios


#: Middles of many equal steps: exact for means over a period.
CIRCLE = 2 * math.pi * (np.arange(256) + 0.5) / 256


def alone(x: float, y: float, dark: float, phase: Floats) -> tuple[Floats, Floats]:
    """A click of each of two detectors alone."""
    cross = math.sqrt(x * y) * np.cos(phase)
    left, right = (1 - (1 - dark) * np.exp(-((x + y) / 2 + sign * cross)) for sign in (1, -1))
    return left * (1 - right), right * (1 - left)


def reckoned(line: qkd.ModePairing, size: float, epsilon: float) -> float:
    """Return the key rate by detectors and bisection; nothing shared with the library's formulas but the theory."""
    given = [line.weak, line.signal_probability, line.weak_probability, line.phase_slice_rad]
    v, of_signal, of_weak, width = (float(x) for x in given if x is not None)
    mu, dark, wrongly = line.signal, line.dark_count_probability, line.misalignment
    arm = line.receiver_efficiency * math.sqrt(line.fiber.transmittance)
    choices = [(mu, of_signal), (v, of_weak), (0.0, 1 - of_signal - of_weak)]
    gain = {(a, b): float(np.mean(sum(alone(arm * a, arm * b, dark, CIRCLE)))) for a, _ in choices for b, _ in choices}
    click = sum(p * q * gain[a, b] for a, p in choices for b, q in choices)
    counts: dict[tuple[float, float], float] = {}
    key = errors = one_sided = 0.0
    # All that four rounds of the two may be.
    for (a, p), (b, q), (c, r), (d, s) in itertools.product(choices, repeat=4):
        chance = p * q * r * s * gain[a, c] * gain[b, d] / click**2
        if min(a, b) == 0 and min(c, d) == 0:
            ends = max(a, b), max(c, d)
            counts[ends] = counts.get(ends, 0.0) + chance
            if min(ends) > 0:
                key += chance
                errors += chance * ((a > 0) == (c > 0))
        if (a, b, c, d) in ((v, v, 0, 0), (0, 0, v, v)):
            one_sided += chance
    # Gauss and Legendre over half the slice.
    nodes, weights = np.polynomial.legendre.leggauss(40)
    same = other = 0.0
    for change, weight in zip((nodes + 1) * width / 4, weights / 2, strict=True):
        first, second = (alone(arm * v, arm * v, dark, CIRCLE + turn) for turn in (0.0, float(change)))
        same += weight * float(np.mean(first[0] * second[0] + first[1] * second[1]))
        other += weight * float(np.mean(first[0] * second[1] + first[1] * second[0]))
    wrong = of_weak**4 * width / math.pi * (other * (1 - wrongly) + same * wrongly) / click**2
    pairs = size / key
    # A pair takes a first click and a last one near enough: rounds between renewals.
    near = 1 - (1 - click) ** line.pairing_interval
    rounds = pairs * (1 / click + 1 / (click * near))

    secrecy, correctness = epsilon / 2, epsilon / 2
    log = math.log(PARTS / secrecy)
    nothing = 1 - of_signal - of_weak
    share = {mu: 2 * of_signal * nothing, v: 2 * of_weak * nothing, 0.0: nothing**2}

    def scaled(a: float, b: float, side: int) -> float:
        count = counts[a, b] + (counts[b, a] if a != b else 0.0)
        return expectation(pairs * count, log)[side] * math.exp(a + b) / (share[a] * share[b])

    both_weak = scaled(v, v, 0) - scaled(v, 0.0, 1) + scaled(0.0, 0.0, 0)
    both_bright = scaled(mu, mu, 1) - scaled(mu, 0.0, 0) + scaled(0.0, 0.0, 0)
    once = share[mu] * mu * math.exp(-mu) + share[v] * v * math.exp(-v)
    least = once**2 * (mu / v**2 * both_weak - v / mu**2 * both_bright) / (mu - v)
    sides = expectation(pairs * one_sided, log)[0] * math.exp(2 * v) / (of_weak * nothing) ** 2
    turned = expectation(pairs * wrong, log)[1] * math.exp(4 * v) * math.pi / (of_weak**4 * width)
    rate = (turned - sides / 2 + scaled(0.0, 0.0, 1) / 2) / (2 * v) ** 2
    most = most_counted(once**2 * rate, 2 * log)
    bits = least * (1 - entropy(most / least)) - line.error_correction * size * entropy(errors / key)
    return float(bits - 4 * math.log2(PARTS / secrecy) - math.log2(2 / correctness)) / rounds


@pytest.mark.parametrize(("km", "size", "interval"), [(0.0, 1e7, 50), (200.0, 1e8, 2000), (350.0, 1e10, 10**6)])
def test_key_rates_are_those_of_detectors_and_bisection(km: float, size: float, interval: int) -> None:
    line = qkd.ModePairing(
        ebit.Fiber(km), 0.6, 1e-8, 0.03, signal=0.35, weak=0.04, signal_probability=0.2, weak_probability=0.25,
        phase_slice_rad=0.6, pairing_interval=interval,
    )  # fmt: skip
    rate = line.key_rate(block=size, epsilon=1e-9)
    assert rate.value > 0.0, rate.why_no_key()
    assert rate.value == pytest.approx(reckoned(line, size, 1e-9), rel=1e-6)
    assert rate.parts["key_bits"] == pytest.approx(rate.value * rate.parts["pulses"], rel=1e-12)


LINE = qkd.ModePairing(ebit.Fiber(200.0), 0.5, 1e-9, 0.03, pairing_interval=10**5)


def endless(line: qkd.ModePairing, nothing: float) -> float:
    """Return the rate of decoys without number or share: mu or nothing, this often, single clicks."""
    arm, dark, mu = (
        line.receiver_efficiency * math.sqrt(line.fiber.transmittance), line.dark_count_probability, line.signal
    )  # fmt: skip
    lights = ((0, 0), (mu, 0), (mu, mu))
    none, one, both = (float(np.mean(sum(alone(arm * a, arm * b, dark, CIRCLE)))) for a, b in lights)
    lit = 1 - nothing
    click = nothing**2 * none + 2 * nothing * lit * one + lit**2 * both
    rounds = 1 / click + 1 / (click * (1 - (1 - click) ** line.pairing_interval))
    # One photon, and two that meet: one click if only one arrives, or both and at one detector, as they always do.
    photon = (1 - dark) * (arm + 2 * dark * (1 - arm))
    two = (1 - dark) * (2 * arm * (1 - arm) + arm**2 + 2 * dark * (1 - arm) ** 2)
    wrong, right = none * both, one * one
    made = 2 * (nothing * lit / click) ** 2
    singles = (mu * math.exp(-mu)) ** 2 * (2 * dark * (1 - dark) * two + photon**2)
    right_way = (1 - dark) ** 2 * arm**2 * (1 - 2 * line.misalignment)
    seen = 2 * dark * (1 - dark) * two + photon**2
    phase = 0.5 - 0.5 * right_way / seen
    secret = singles * (1 - entropy(phase)) - line.error_correction * (wrong + right) * entropy(wrong / (wrong + right))
    return made * secret / rounds


def test_finite_keys_approach_the_asymptotic_one() -> None:
    asymptotic = LINE.optimize()
    # The other model of the same: evenly, double clicks for clicks, of which there are few.
    assert endless(asymptotic, 0.5) == pytest.approx(asymptotic.key_rate().value, rel=2e-2)
    most = max(endless(LINE.replace(signal=0.3 + 0.02 * k), 0.4 + 0.02 * j) for k in range(25) for j in range(20))
    assert most > 1.1 * endless(asymptotic, 0.5)
    rates = []
    for size in (1e2, 1e5, 1e6, 1e8, 1e10, 1e12, 1e15):
        best = LINE.optimize(block=size)
        rate = best.key_rate(block=size)
        rates.append(rate.value)
        assert math.isclose(sum(rate.epsilon.values()), 1e-10, rel_tol=1e-12)
        if rate.value == 0.0:
            assert "block" in rate.why_no_key()
            continue
        given = rate.parts
        assert given["phase_slice_rad"] == best.phase_slice_rad
        assert best.replace(signal=best.signal * 1.1).key_rate(block=size).value < rate.value
        # Nor is there more than its own pulses give with decoys beside them that take nothing.
        assert rate.value < endless(best, 1 - given["signal_probability"] - given["weak_probability"])
    assert rates[0] == 0.0
    assert rates == sorted(rates)
    assert 0.75 * most < rates[-1] < most
    # Decoys, slice and the rounds they take still cost a fifth; a test of the core goes on to blocks without end.
    assert rates[-1] > 0.8 * endless(best, 1 - given["signal_probability"] - given["weak_probability"])


@pytest.mark.parametrize(("km", "interval"), [(0.0, 50), (20.0, 100), (100.0, 2000)])
def test_short_lines_pass_the_even_rate_but_not_their_own(km: float, interval: int) -> None:
    line = qkd.ModePairing(ebit.Fiber(km), 0.9, 1e-6, 0.03, pairing_interval=interval)
    best = line.optimize(block=1e15)
    assert best.signal_probability is not None
    assert best.weak_probability is not None
    found = best.key_rate(block=1e15).value
    assert 0.75 < found / endless(best, 1 - best.signal_probability - best.weak_probability) < 1.0
    assert found < line.optimize().key_rate().value * (32 / 27 if km else 32 / 27 * 1.4)


def test_what_is_worse_gives_less() -> None:
    size = 1e8
    best = LINE.optimize(block=size)
    rate = best.key_rate(block=size).value
    worse = [
        best.replace(fiber=ebit.Fiber(220.0)), best.replace(misalignment=0.06), best.replace(receiver_efficiency=0.4),
        best.replace(dark_count_probability=1e-7), best.replace(error_correction=50.0),
        best.replace(pairing_interval=500),
    ]  # fmt: skip
    assert all(line.key_rate(block=size).value < rate for line in worse)
    assert best.key_rate(block=size, epsilon=1e-15).value < rate
    # What is left open is chosen no worse than any choice.
    chosen = LINE.replace(signal=best.signal)
    assert chosen.key_rate(block=size).value == pytest.approx(rate, rel=0.005)
    dark = LINE.replace(receiver_efficiency=0.0, dark_count_probability=0.0)
    assert dark.key_rate(block=size).why_no_key() == "nothing clicks at the relay"
