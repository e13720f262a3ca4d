"""What the parties compare in public, and whether what they saw is what the line gives when nobody is on it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from ebit._rng import user_stream
from ebit.estimates import Estimate
from ebit.qkd._bits import looked_up
from ebit.qkd.conversation import ClassicalChannel, Sifted, rows_to_compare
from ebit.qkd.decoy_pairs import DecoyPairing, Totals
from ebit.qkd.evidence import Bases, Counts, Evidence, Grid
from ebit.qkd.honest import Honest
from ebit.qkd.lines import Line
from ebit.qkd.renewals import renewals
from ebit.qkd.transmission import Transmission
from ebit.qkd.two_states import Hits
from ebit.qkd.windows import Tested, Windows

__all__ = [
    "ALARM_SIGMA",
    "Alarm",
    "Compared",
    "compare",
    "deviations",
    "gains",
    "rate",
    "share_of",
    "surprise",
    "with_grid",
    "with_slice",
]

Bits = NDArray[np.bool_]

#: A quantity that is this many standard errors off raises the alarm: false alarms 1e-6.
ALARM_SIGMA = 4.9


def surprise(apart: float, variance: float) -> float:
    """Return how many standard errors a count is off, of as small a chance as that many are of a normal number.

    Bennett's inequality (doi:10.1080/01621459.1962.10482149): the chance is at most exp(-v ((1+u) ln(1+u) - u)) with
    u = apart/v, and exp(-s^2/2) of a normal number. Small counts have longer tails than their variance says.

    >>> round(surprise(490.0, 1e4), 2), round(surprise(4.9, 1.0), 2)
    (4.86, 3.34)
    """
    if apart <= 0.0 or variance <= 0.0:
        return 0.0 if apart <= 0.0 else math.inf
    u = apart / variance
    return math.sqrt(2.0 * variance * max((1.0 + u) * math.log1p(u) - u, 0.0))


@dataclass(frozen=True)
class Alarm:
    """Something the parties noticed.

    Parameters
    ----------
    what : str
        The quantity, or the message.
    seen, expected : float
        Its value, and what the line gives when nobody is on it.
    sigma : float
        How many standard errors they are apart; infinite where no chance is involved.

    Examples
    --------
    >>> print(Alarm("qber", 0.25, 0.02, 40.0))
    qber: 0.25, expected 0.02 (40 standard errors)
    """

    what: str
    seen: float
    expected: float
    sigma: float

    def __str__(self) -> str:
        if math.isnan(self.seen):
            return self.what
        apart = f"{self.sigma:.3g} standard errors" if math.isfinite(self.sigma) else "no chance involved"
        return f"{self.what}: {self.seen:.4g}, expected {self.expected:.4g} ({apart})"


@dataclass(frozen=True, eq=False)
class Compared:
    """What came of comparing bits in public: the error rate, what is left of both keys, and the counts of it.

    ``rates``, ``counts``: as Alice heard, and as Bob counted; the same unless somebody stands between them. ``why``:
    too many errors for a key, where chance may still be all there is to it.
    """

    estimate: Estimate
    bits: int = 0
    rates: tuple[float, float] = (math.nan, math.nan)
    left: tuple[Bits, Bits] = field(default_factory=lambda: (np.zeros(0, dtype=bool), np.zeros(0, dtype=bool)))
    counts: tuple[Evidence | None, Evidence | None] = (None, None)
    alarms: tuple[Alarm, ...] = ()
    why: str = ""


def compare(
    sifted: Sifted, channel: ClassicalChannel, root: int, share: float, line: Line, names: int, pulses: int
) -> Compared:
    """Disclose a random sample of Alice's bits, or for a finite key all of the test bases."""
    alarms = []
    n, lights = len(sifted.alice), len(line.lights)
    makes_key = np.zeros(256, dtype=bool)
    makes_key[np.arange(names) if line.key_names is None else list(line.key_names)] = True
    hers, his = sifted.alice_announced, sifted.announced[sifted.place]
    if line.finite:
        place = rows_to_compare(line, hers, names, user_stream(root, 1, 0))
    elif n:
        place = np.sort(user_stream(root, 1, 0).choice(n, round(share * n), replace=False, shuffle=False))
    else:
        place = np.zeros(0, np.int64)
    said = channel.send("Alice", "sample", {"length": np.array([n]), "place": place, "bits": sifted.alice[place]})
    # Bob hears from the same message how long her key is.
    if int(said["length"][0]) != len(sifted.bob):
        alarms.append(Alarm("sifted keys of different lengths", int(said["length"][0]), len(sifted.bob), math.inf))
    inside = said["place"] < len(sifted.bob)
    heard, bits = said["place"][inside], said["bits"][inside]
    if line.finite and line.test_probability is None:
        wanted = rows_to_compare(line, his, names, user_stream(root, 1, 0))
        # Which ones of the key are compared is Alice's choice, how many both know.
        tests, his_tests = (rows[~makes_key[his[rows]]] for rows in (heard, wanted))
        if len(heard) != len(wanted) or not np.array_equal(tests, his_tests):
            words = "bits that were compared are not those of the test basis"
            alarms.append(Alarm(words, math.nan, math.nan, math.inf))
    wrong = sifted.bob[heard] != bits
    label_of_bob = his[heard].astype(np.int64) * lights + sifted.light[sifted.place[heard]]
    count = np.bincount(label_of_bob[wrong], minlength=names * lights).reshape(names, lights)
    label = hers[place].astype(np.int64) * lights + sifted.alice_light[place]
    total = np.bincount(label, minlength=names * lights).reshape(names, lights)
    # Whoever is not asked for a tag may have said anything.
    errors = np.clip(channel.send("Bob", "errors", {"count": count})["count"], 0, total)
    # For a finite key all that was compared judges; else what is judged is what makes the key.
    judged = (makes_key[:names] != line.finite) | line.key_too
    found_wrong, looked_at = int(errors[judged].sum()), int(total[judged].sum())
    compared = share_of(found_wrong, looked_at)
    most = looked_at * line.threshold
    sigma = surprise(found_wrong - most, most * (1.0 - line.threshold))
    above = "error rate of the sample above the threshold"
    if sigma > ALARM_SIGMA:
        alarms.append(Alarm(above, compared.value, line.threshold, sigma))
    why = f"{above}: {compared.value:.4g}, at most {line.threshold:.4g}" if compared.low > line.threshold else ""
    by_bob = np.bincount(label_of_bob, minlength=names * lights).reshape(names, lights)
    left: list[Bits] = []
    counts: list[Counts | Bases | Hits | None] = []
    rates: list[float] = []
    # Where bits of the key were compared, they say best what is wrong in the rest of it.
    alike = makes_key[:names] if line.key_too else judged
    for party, gone, announced, light, pairs, tested, found in (
        (sifted.alice, place, hers, sifted.alice_light, len(sifted.light_by_alice), total, errors),
        (sifted.bob, heard, his, sifted.light[sifted.place], len(sifted.announced), by_bob, count),
    ):
        mask = looked_up(makes_key, announced)
        mask[gone] = False
        left.append(party[mask])
        of_key = light[mask]
        if line.test_probability is not None and lights == 1:
            counts.append(Hits(pulses, pulses - pairs, int(tested.sum()), int(found.sum())))
        elif line.finite and line.by_name:
            counts.append(Bases(pairs, tested.sum(axis=1), found.sum(axis=1)))
        elif line.finite:
            by_light = np.bincount(of_key, minlength=lights)
            counts.append(Counts(pulses, by_light, tested[judged].sum(axis=0), found[judged].sum(axis=0), of_key))
        else:
            counts.append(None)
        # No error seen in a small sample is not none in the rest: as if half of one had been.
        rates.append(max(int(found[alike].sum()), 0.5) / max(int(tested[alike].sum()), 1))
    return Compared(
        compared, len(place), (rates[0], rates[1]), (left[0], left[1]), (counts[0], counts[1]), tuple(alarms), why
    )


def with_grid(compared: Compared, sifted: Sifted) -> Compared:
    """Add the clicks of test windows by both intensities, as Alice heard of them and as Bob did."""
    by_alice, by_bob = (
        Grid(np.bincount(light, minlength=11)[1:10].reshape(3, 3)) for light in (sifted.light_by_alice, sifted.light)
    )
    return replace(compared, counts=(by_alice, by_bob))


def with_slice(
    compared: Compared, meeting: Windows | DecoyPairing, tested: tuple[Tested, Tested] | tuple[Totals, Totals]
) -> Compared:
    """Add the counts of what tests: what was compared is the slice of phases."""
    wrong, inside, p = tested[1].wrong, tested[1].inside, meeting.mistaken()
    # One count of slack, as elsewhere.
    sigma = surprise(wrong - inside * p - 1.0, max(inside * p * (1.0 - p), 1.0))
    seen = share_of(wrong, inside)
    alarm = (Alarm("errors in the slice of phases", seen.value, p, sigma),) if sigma > ALARM_SIGMA else ()
    return replace(compared, estimate=seen, counts=tested, alarms=compared.alarms + alarm)


def deviations(
    line: Line,
    names: tuple[str, ...],
    sent: Transmission,
    sifted: Sifted,
    wrong: Bits,
    honest: Honest,
    blind: NDArray[np.uint8],
) -> list[Alarm]:
    """Compare what was seen with what the calibrated line gives: clicks, their intensities, their errors.

    ``blind``: which detectors were, at the clicks of the sifted bits.
    """
    out = []

    def judge(what: str, seen: float, expected: float, variance: float, scale: float, above_only: bool = False) -> None:
        # One count of slack for what the expectation rounds.
        apart = surprise(abs(seen - expected) - 1.0, max(variance, 1.0))
        if apart > ALARM_SIGMA and not (above_only and seen < expected):
            out.append(Alarm(what, seen / scale, expected / scale, apart))

    dead = int(line.document["dead_pulses"])
    for d in range(len(honest.detector)):
        wait = None if honest.waits is None else honest.waits[d]
        mean, variance = renewals(float(honest.detector[d]), dead, sent.pulses, honest.frame, wait)
        judge(f"clicks per pulse of detector {d}", float(sent.detections[d]), mean, variance, max(sent.pulses, 1))
    clicks = max(len(sifted.light_by_alice), 1)
    seen = tally(sifted.light_by_alice, len(line.lights))
    for k, word in enumerate(line.lights):
        mean, variance = honest.among(clicks, sent.blind, lambda law, k: float(law.share[k]), k)
        judge(f"share of {word} among the clicks", float(seen[k]), mean, variance, clicks)
    if line.infinite_decoys:
        photons = np.bincount(sifted.photons_by_alice, minlength=256)
        for n in (0, 1, 2):
            mean, variance = honest.among(clicks, sent.blind, lambda law, n: float(law.photon_share[0, n]), n)
            judge(f"share of {n}-photon pulses among the clicks", float(photons[n]), mean, variance, clicks)
    # A session that ended early has no messages to judge.
    if not len(sifted.light_by_alice):
        return out
    announced = sifted.announced[sifted.place][: len(wrong)]
    rows = line.key_lights
    for k, word in enumerate(names):
        mask = announced == k
        n = int(np.count_nonzero(mask))
        among = blind[: len(mask)][mask] if honest.blind else blind
        mean, variance = honest.among(n, among, lambda law, k: law.error_share(rows, k), k)
        errors = float(np.count_nonzero(wrong & mask)) if len(wrong) else 0.0
        judge(f"qber in {word}", errors, mean, variance, max(n, 1), above_only=True)
    return out


def tally(column: NDArray[np.uint8], size: int) -> NDArray[np.int64]:
    """Return how often each of the numbers below ``size`` comes; for few of them faster than bincount.

    >>> tally(np.array([0, 2, 2], dtype=np.uint8), 3)
    array([1, 0, 2])
    """
    return np.array([np.count_nonzero(column == k) for k in range(size)], dtype=np.int64)


def gains(line: Line, sent: Transmission, sifted: Sifted) -> dict[str, Estimate]:
    """Return clicks per pulse of each intensity."""
    counts = tally(sifted.light_by_alice, len(line.lights))
    stated = [each["probability"] for each in line.document.get("intensities", [{"probability": 1.0}])]
    shares = line.light_shares or stated
    return {
        word: rate(int(count), share * sent.pulses)
        for word, count, share in zip(line.lights, counts, shares, strict=False)
    }


def share_of(count: int, n: int) -> Estimate:
    """Return a proportion with Wilson's interval (doi:10.1080/01621459.1927.10502953)."""
    if n == 0:
        return Estimate(math.nan, math.inf, 0.0, 1.0)
    p, z2 = count / n, 1.96**2
    centre, half = (
        (p + z2 / (2 * n)) / (1 + z2 / n),
        1.96 / (1 + z2 / n) * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n)),
    )
    return Estimate(p, math.sqrt(p * (1 - p) / n), max(centre - half, 0.0), min(centre + half, 1.0))


def rate(count: int, n: float) -> Estimate:
    """Return a rate of a count among an expected number of trials."""
    if n <= 0:
        return Estimate(math.nan, math.inf, 0.0, 1.0)
    p, error = count / n, math.sqrt(max(count, 1)) / n
    return Estimate(p, error, max(p - 1.96 * error, 0.0), min(p + 1.96 * error, 1.0))
