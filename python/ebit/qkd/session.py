"""A session: pulses, sifting, what the parties estimate, whether they raise the alarm, and their keys."""

from __future__ import annotations

import dataclasses
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ebit import _core
from ebit._arguments import integer, real, shown
from ebit._rng import root_seed, user_stream
from ebit.errors import RangeError, WrongTypeError, complain
from ebit.qkd.attacks import Eavesdropper
from ebit.qkd.conversation import ClassicalChannel, Rejected, Sifted, Tags, sift
from ebit.qkd.finish import FINITE, RECONCILIATIONS, Counts, Finished, Reconciliation, Rules, finish, spent
from ebit.qkd.honest import Honest, renewals
from ebit.qkd.knowledge import entropy, known_bits
from ebit.qkd.ledger import Ledger, LedgerEntry
from ebit.qkd.lines import Line, line_of
from ebit.qkd.meetings import Meeting, chsh_of, expected, meeting_of, sift_meeting
from ebit.qkd.protocol import Epsilon, budget
from ebit.qkd.transmission import Transmission, transmit
from ebit.results import Estimate
from ebit.simulate import MAX_THREADS, Progress, progress_bar

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Alarm", "Session", "run"]

Bits = NDArray[np.bool_]

#: A quantity that is this many standard errors off raises the alarm: false alarms 1e-6.
ALARM_SIGMA = 4.9
#: What monitors tolerate: photons into the sender per pulse, light on the receiver's detectors in watts.
MONITOR_LIMITS: Mapping[str, float] = {"sender_photons": 1e3, "receiver_power_w": 1e-9}
#: The most pulses: their numbers are counted in 64 bits.
MOST_PULSES = 2**62


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
class Session:
    """What a run of a protocol gave.

    Parameters
    ----------
    pulses : int
        How many were sent.
    clicks : int
        Recorded clicks, double clicks counted once.
    sifted_bits : int
        Bits that both parties kept, before any is disclosed.
    qber : Estimate
        Share of wrong bits among them.
    sample : Estimate
        The same among the bits that were compared in public.
    gains : dict of str to Estimate
        Clicks per pulse of each intensity.
    qbers : dict of str to Estimate
        Error rate by announcement: by basis, where a basis is announced.
    alarm : bool
        Whether anything was noticed: ``alarms`` says what.
    alarms : tuple of Alarm
    eve_information : Estimate
        What the eavesdropper knows of each sifted bit, in bits, after the announcements.
    monitors : dict of str to float
        What watchers of the devices saw.
    alice_key, bob_key : bool arrays
        The parties' secret keys, corrected, verified and shortened; empty after an alarm, unless the run went on.
    eve_keys : tuple of two bool arrays, optional
        The keys that somebody who stood in for both has with Alice, and with Bob.
    why : str
        Why there is no key; empty where there is one.
    parts, epsilon : mapping of str to float
        Of a finite key: the bounds that its length rests on, and the parts of epsilon.
    ledger : Ledger
        Every disclosed bit, older key spent on tags, and rounds. Bits compared (``sample``) are in no key any more.
    alice_sifted, bob_sifted : bool arrays
        Their bits after sifting, before any is disclosed.
    transmission : Transmission
        The clicks, a column each.
    seed, version, method, formalism, assumptions
        As of every result.
    """

    system: Any
    line: Line
    pulses: int
    clicks: int
    sifted_bits: int
    qber: Estimate
    sample: Estimate
    gains: dict[str, Estimate]
    qbers: dict[str, Estimate]
    alarms: tuple[Alarm, ...]
    eve_information: Estimate
    monitors: dict[str, float]
    alice_key: Bits
    bob_key: Bits
    eve_keys: tuple[Bits, Bits] | None
    why: str
    parts: Mapping[str, float]
    epsilon: Mapping[str, float]
    ledger: Ledger
    alice_sifted: Bits
    bob_sifted: Bits
    transmission: Transmission
    honest: Honest
    messages: int
    seed: int
    version: str
    method: str
    assumptions: tuple[str, ...]
    formalism: str = "photon numbers and clicks"

    @property
    def chsh(self) -> Estimate:
        """S of Ekert's directions, for a protocol that measures along them."""
        s, error = chsh_of(self.transmission)
        return Estimate(s, error, s - 1.96 * error, s + 1.96 * error)

    @property
    def alarm(self) -> bool:
        """Whether anything was noticed."""
        return bool(self.alarms)

    @property
    def key_rate_hz(self) -> float:
        """Secret bits per second, less the older key that tags cost, 0 at least.

        Over the time in which the pulses were sent or that the messages took there and back, whichever is longer: the
        next block is sent while the last one's messages travel. A channel without a length counts as short.
        """
        sending = self.pulses / self.line.repetition_rate_hz
        longest = max(sending, self.ledger.light_time_s(self.line.length_km or 0.0))
        return max(0.0, float(len(self.alice_key) - self.ledger.key_bits)) / longest if longest > 0.0 else 0.0

    def photon_yields(self, light: str = "signal") -> dict[int, Estimate]:
        """Return clicks per pulse sent with each photon number: what decoys try to find out, counted.

        The numbers of pulses with ``n`` photons are taken from the law of the source; photon numbers that never clicked
        are left out.
        """
        k = self.line.lights.index(light)
        intensity = self.line.document["intensities"][k]
        law = _photon_law(self.line.document["source"], intensity["mean"], intensity["probability"])
        mask = self.transmission.light == k
        counts = np.bincount(self.transmission.photons[mask], minlength=2)
        sent = [law(n) * self.pulses for n in range(len(counts))]
        return {n: _rate(int(c), sent[n]) for n, c in enumerate(counts) if c > 0 and sent[n] > 0}

    def to_dict(self) -> dict[str, Any]:
        """Return everything but the columns as plain values."""
        estimates = {k: v.to_dict() for k, v in self.gains.items()}
        return {
            "pulses": self.pulses,
            "clicks": self.clicks,
            "sifted_bits": self.sifted_bits,
            "qber": self.qber.to_dict(),
            "gains": estimates,
            "qbers": {k: v.to_dict() for k, v in self.qbers.items()},
            "alarms": [str(a) for a in self.alarms],
            "eve_information": self.eve_information.to_dict(),
            "monitors": self.monitors,
            "key_bits": len(self.alice_key),
            "key_rate_hz": self.key_rate_hz,
            "why": self.why,
            "parts": dict(self.parts),
            "epsilon": dict(self.epsilon),
            "ledger": [dataclasses.asdict(entry) for entry in self.ledger.entries],
            "method": self.method,
            "formalism": self.formalism,
            "seed": self.seed,
            "version": self.version,
            "assumptions": list(self.assumptions),
        }

    def plot(self, path: str | None = None) -> Figure:
        """Draw gains and error rates beside what the line gives when nobody is on it.

        Parameters
        ----------
        path : str, optional
            Where to save the picture; its ending chooses the format.
        """
        from ebit.qkd.picture import plot_session

        return plot_session(self, path)

    def __repr__(self) -> str:
        heard = "; ".join(str(a) for a in self.alarms) or "no alarm"
        return (
            f"Session({type(self.system).__name__}: {self.pulses} pulses, {self.clicks} clicks, "
            f"{self.sifted_bits} sifted bits, QBER {self.qber}, {heard})"
        )


def run(
    system: Any,
    pulses: int,
    eavesdropper: Eavesdropper | None = None,
    *,
    rng: object = None,
    threads: int | None = None,
    progress: Progress = None,
    sample: float = 0.1,
    dead_time_s: float = 0.0,
    authenticated: bool = True,
    monitors: Mapping[str, float] | None = None,
    on_alarm: str = "stop",
    epsilon: float | Epsilon | None = None,
    reconciliation: str | Reconciliation = "cascade",
    per_pulse: bool = False,
) -> Session:
    """Run a protocol pulse by pulse, from the source to the secret keys.

    The parties sift, compare bits in public, judge what they saw by what the line gives when nobody is on it, correct
    their keys, verify them and shorten them by all that the ledger says.

    Parameters
    ----------
    system : Protocol
        What is run.
    pulses : int
        How many are sent.
    eavesdropper : Eavesdropper, optional
        Built in, or a class of one's own.
    rng : int, SeedSequence, Generator or None
        Root of all random streams.
    threads : int, optional
        None: one per core; changes no bit.
    progress : bool or callable, optional
    sample : float
        Share of the sifted bits that is compared in public, in [0, 1); a finite key compares its test basis instead.
    dead_time_s : float
        How long a detector is blind after a click; in whole pulses.
    authenticated : bool
        Whether the receiver of a message checks who sent it.
    monitors : mapping of str to float, optional
        Limits of the devices' monitors, by name.
    on_alarm : {"stop", "continue"}
        Whether an alarm ends the session without a key.
    epsilon : float or Epsilon, optional
        Of a finite key of BB84, DecoyBB84 (one or two decoys) or BBM92: one basis makes the key, the other is compared,
        and the length is that of ``uncertainty_key_length`` or ``decoy_key_length``. None: the protocol's asymptotic
        rate, with what reconciliation really told.
    reconciliation : {"cascade", "ldpc", "winnow"} or callable
        How errors are corrected; a callable is called as ``cascade``: keys, error rate, ``rng``.
    per_pulse : bool
        Send every pulse instead of skipping to the clicks: the oracle.

    Returns
    -------
    Session
    """
    name = f"{type(system).__name__}.run"
    count = integer(name, "pulses", pulses, 0, MOST_PULSES)
    if eavesdropper is not None and not isinstance(eavesdropper, Eavesdropper):
        hint = "subclass ebit.qkd.Eavesdropper, or take one of ebit.qkd.attacks"
        raise complain(WrongTypeError, name, "eavesdropper", "an Eavesdropper or None", shown(eavesdropper), hint)
    share = real(name, "sample", sample, "a share in [0, 1)")
    if not 0.0 <= share < 1.0:
        raise complain_range(name, "sample", "a share in [0, 1)", sample)
    if on_alarm not in ("stop", "continue"):
        raise complain_range(name, "on_alarm", "'stop' or 'continue'", on_alarm)
    workers = integer(
        name, "threads", min(os.cpu_count() or 1, MAX_THREADS) if threads is None else threads, 1, MAX_THREADS,
        "None for one per core",
    )  # fmt: skip
    root = root_seed(rng, name)
    dead = real(name, "dead_time_s", dead_time_s, "finite and >= 0")
    if dead < 0.0:
        raise complain_range(name, "dead_time_s", "finite and >= 0", dead_time_s)
    corrector = RECONCILIATIONS.get(reconciliation) if isinstance(reconciliation, str) else reconciliation
    if not callable(corrector):
        words = f"one of {', '.join(RECONCILIATIONS)}, or a callable like cascade"
        raise complain(WrongTypeError, name, "reconciliation", words, shown(reconciliation))
    parts = None if epsilon is None else _budget(system, name, epsilon)
    line, meeting = _line_of(system, dead, parts is not None)
    limits = {**MONITOR_LIMITS, **(monitors or {})}
    if eavesdropper is not None:
        eavesdropper.begin(line, root)
    with progress_bar(progress, "pulses") as report:
        sent = transmit(line, count, eavesdropper, root, workers, report, per_pulse)
    rules = Rules(system, line, corrector, parts, root)
    return _conclude(line, meeting, sent, eavesdropper, rules, share, authenticated, limits, on_alarm, per_pulse)


def _budget(system: Any, name: str, epsilon: float | Epsilon) -> Epsilon:
    """Return epsilon by its parts, where the protocol has a proof for finite keys."""
    kind = type(system).__name__
    if kind not in FINITE or (kind == "DecoyBB84" and isinstance(system.decoys, str)):
        words = f"None for a protocol without a proof for finite keys, of which {', '.join(FINITE)} have one"
        hint = "one decoy, or a pair of decoys" if kind == "DecoyBB84" else "leave it out for the asymptotic key"
        raise complain(RangeError, name, "epsilon", words, shown(epsilon), hint)
    if float(getattr(system, "sifting", 0.5)) >= 1.0:
        hint = "its square root is the probability of the key basis; the other basis is needed to test"
        raise complain(RangeError, name, "sifting", "< 1 for a finite key", shown(system.sifting), hint)
    return budget(name, epsilon)


def _line_of(system: Any, dead_time_s: float, finite: bool) -> tuple[Line, Meeting | None]:
    """Return a protocol's line, and what its symbols mean where both parties measure or both send."""
    dead = round(dead_time_s * float(getattr(system, "repetition_rate_hz", 1e9)))
    found = meeting_of(system, dead, finite)
    return (line_of(system, dead_time_s, finite), None) if found is None else found


def complain_range(object_: str, parameter: str, range_: str, value: object) -> Exception:
    """Build a RangeError."""
    return complain(RangeError, object_, parameter, range_, shown(value))


def _conclude(
    line: Line,
    meeting: Meeting | None,
    sent: Transmission,
    eavesdropper: Eavesdropper | None,
    rules: Rules,
    share: float,
    authenticated: bool,
    limits: Mapping[str, float],
    on_alarm: str,
    per_pulse: bool,
) -> Session:
    """Sift, estimate, judge; then make keys."""
    root = rules.root
    channel = ClassicalChannel(eavesdropper, Tags(root) if authenticated else None)
    honest = Honest.of(line) if meeting is None else expected(line, meeting)
    names = meeting.names if meeting is not None else line.alphabet.names if line.alphabet is not None else ()
    alarms: list[Alarm] = []
    sifted = Sifted.empty()
    compared = _Compared(Estimate(math.nan, math.inf, 0.0, 1.0))
    try:
        sifted = sift(line, sent, channel) if meeting is None else sift_meeting(meeting, sent, channel)
        compared = _compare(sifted, channel, root, share, line, len(names))
        alarms += compared.alarms
    except Rejected as error:
        alarms.append(Alarm(str(error), math.nan, math.nan, math.inf))
    monitors = {} if eavesdropper is None else eavesdropper.monitors()
    for name, seen in monitors.items():
        limit = limits.get(name, math.inf)
        if seen > limit:
            alarms.append(Alarm(f"monitor {name}", seen, limit, math.inf))
    n = min(len(sifted.alice), len(sifted.bob))
    wrong, qber = _errors(sifted, compared.estimate, eavesdropper)
    alarms += _deviations(line, names, sent, sifted, wrong, honest)
    stand_in = (None, None) if eavesdropper is None else (eavesdropper.stand_in("Bob"), eavesdropper.stand_in("Alice"))
    done = Finished(why=str(alarms[0])) if alarms else Finished()
    if not alarms or on_alarm == "continue":
        try:
            guess = honest.qber(line.key_lights)
            rates = compared.rates if compared.bits else (guess, guess)
            done = finish(rules, compared.left, stand_in, rates, compared.counts, channel)
        except Rejected as error:
            alarms.append(Alarm(str(error), math.nan, math.nan, math.inf))
            done = Finished(why=str(error))
        if done.differ:
            alarms.append(Alarm(done.why, math.nan, math.nan, math.inf))
    notes = sent.note[sifted.place]
    announced = sifted.announced[sifted.place]
    if line.alphabet is not None:
        truth = np.array(line.alphabet.bits, dtype=bool)[sent.alice[sifted.place]]
        knowledge = known_bits(truth, announced, notes, len(names), line.alphabet.overlap)
    else:
        # Of pairs Alice's bit is what she saw; nobody acts on the pulses that two senders send.
        knowledge = known_bits(sent.outcome(0)[sifted.place].astype(bool), announced, notes, len(names))
    if stand_in[0] is not None and len(stand_in[0]) == len(compared.left[0]):
        knowledge = _agreement(stand_in[0], compared.left[0])
    qbers = {}
    for k, word in enumerate(names):
        mask = announced[: len(wrong)] == k
        qbers[word] = _share(int(np.count_nonzero(wrong & mask)), int(np.count_nonzero(mask)))
    spoiled = ("a key made in spite of an alarm is not secret",) if alarms and len(done.alice) else ()
    return Session(
        system=rules.system,
        line=line,
        pulses=sent.pulses,
        clicks=len(sent.pulse),
        sifted_bits=n,
        qber=qber,
        sample=compared.estimate,
        gains=_gains(line, sent, sifted),
        qbers=qbers,
        alarms=tuple(alarms),
        eve_information=knowledge,
        monitors=monitors,
        alice_key=done.alice,
        bob_key=done.bob,
        eve_keys=done.eve,
        why=done.why,
        parts=done.parts,
        epsilon=done.epsilon,
        ledger=Ledger((LedgerEntry("sample", compared.bits, 0, 1),) if compared.bits else ())
        + done.ledger
        + spent(0 if channel.tags is None else channel.tags.key_bits_used, channel.messages),
        alice_sifted=sifted.alice,
        bob_sifted=sifted.bob,
        transmission=sent,
        honest=honest,
        messages=channel.messages,
        seed=root,
        version=dict(_core.build_info())["version"],
        method="sampled (every pulse)" if per_pulse or sent.prepared is not None else "sampled (skip)",
        assumptions=line.assumptions + done.assumptions + spoiled,
    )


def _errors(sifted: Sifted, compared: Estimate, eavesdropper: Eavesdropper | None) -> tuple[Bits, Estimate]:
    """Return which sifted bits are wrong, as the parties find out, and the error rate.

    Whoever stands in for a party corrects the other's key; all that the two then know of errors is the sample.
    """
    n = min(len(sifted.alice), len(sifted.bob))
    wrong = sifted.alice[:n] != sifted.bob[:n]
    if eavesdropper is not None and eavesdropper.stand_in("Bob") is not None:
        return wrong[:0], compared
    return wrong, _share(int(wrong.sum()), n)


def _agreement(hers: Bits, theirs: Bits) -> Estimate:
    """Return the information per bit of somebody who holds a copy with errors: 1 - h(share of errors)."""
    wrong = _share(int((hers != theirs).sum()), len(hers))
    value, low = (1.0 - float(entropy(np.array([min(q, 0.5)]))[0]) for q in (wrong.value, wrong.high))
    return Estimate(value, abs(value - low) / 1.96, low, min(1.0, 2 * value - low))


@dataclass(frozen=True, eq=False)
class _Compared:
    """What came of comparing bits in public: the error rate, what is left of both keys, and the counts of it.

    ``rates``, ``counts``: as Alice heard, and as Bob counted; the same unless somebody stands between them.
    """

    estimate: Estimate
    bits: int = 0
    rates: tuple[float, float] = (math.nan, math.nan)
    left: tuple[Bits, Bits] = field(default_factory=lambda: (np.zeros(0, dtype=bool), np.zeros(0, dtype=bool)))
    counts: tuple[Counts | None, Counts | None] = (None, None)
    alarms: tuple[Alarm, ...] = ()


def _compare(sifted: Sifted, channel: ClassicalChannel, root: int, share: float, line: Line, names: int) -> _Compared:
    """Disclose a random sample of Alice's bits, or for a finite key all of the test basis."""
    alarms = []
    n, lights = len(sifted.alice), len(line.lights)
    makes_key = np.zeros(256, dtype=bool)
    makes_key[np.arange(names) if line.key_names is None else list(line.key_names)] = True
    hers, his = sifted.alice_announced, sifted.announced[sifted.place]
    if line.finite:
        place = np.flatnonzero(~makes_key[hers])
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
    if line.finite and not np.array_equal(heard, np.flatnonzero(~makes_key[his])):
        alarms.append(Alarm("bits that were compared are not those of the test basis", math.nan, math.nan, math.inf))
    wrong = sifted.bob[heard] != bits
    label_of_bob = his[heard].astype(np.int64) * lights + sifted.light[sifted.place[heard]]
    count = np.bincount(label_of_bob[wrong], minlength=names * lights).reshape(names, lights)
    errors = channel.send("Bob", "errors", {"count": count})["count"]
    label = hers[place].astype(np.int64) * lights + sifted.alice_light[place]
    total = np.bincount(label, minlength=names * lights).reshape(names, lights)
    # For a finite key the test basis judges; else what is judged is what makes the key.
    judged = makes_key[:names] != line.finite
    compared = _share(int(errors[judged].sum()), int(total[judged].sum()))
    if compared.low > line.threshold:
        alarms.append(Alarm("error rate of the sample above the threshold", compared.value, line.threshold, math.inf))
    own = label_of_bob[judged[label_of_bob // lights]]
    by_bob = _share(int(count[judged].sum()), len(own))
    left, counts = [], []
    for party, gone, announced, light, tested, found in (
        (sifted.alice, place, hers, sifted.alice_light, total[judged].sum(axis=0), errors[judged].sum(axis=0)),
        (sifted.bob, heard, his, sifted.light[sifted.place], np.bincount(own % lights, minlength=lights),
         count[judged].sum(axis=0)),
    ):  # fmt: skip
        mask = makes_key[announced]
        mask[gone] = False
        left.append(party[mask])
        key = np.bincount(light[mask], minlength=lights)
        counts.append(Counts(key, tested, found, light[mask]) if line.finite else None)
    rates = (compared.value, by_bob.value)
    return _Compared(compared, len(place), rates, (left[0], left[1]), (counts[0], counts[1]), tuple(alarms))


def _deviations(
    line: Line, names: tuple[str, ...], sent: Transmission, sifted: Sifted, wrong: Bits, honest: Honest
) -> list[Alarm]:
    """Compare what was seen with what the calibrated line gives: clicks, their intensities, their errors."""
    out = []

    def judge(what: str, seen: float, expected: float, variance: float, scale: float, above_only: bool = False) -> None:
        # One count of slack: the law of small counts is not normal.
        apart = (abs(seen - expected) - 1.0) / math.sqrt(max(variance, 1.0))
        if apart > ALARM_SIGMA and not (above_only and seen < expected):
            out.append(Alarm(what, seen / scale, expected / scale, apart))

    dead = int(line.document["dead_pulses"])
    for d in range(len(honest.detector)):
        mean, variance = renewals(float(honest.detector[d]), dead, sent.pulses, honest.frame)
        judge(f"clicks per pulse of detector {d}", float(sent.detections[d]), mean, variance, max(sent.pulses, 1))
    clicks = max(len(sifted.light_by_alice), 1)
    seen = tally(sifted.light_by_alice, len(line.lights))
    for k, word in enumerate(line.lights):
        p = float(honest.share[k])
        judge(f"share of {word} among the clicks", float(seen[k]), clicks * p, clicks * p * (1 - p), clicks)
    if line.infinite_decoys:
        photons = np.bincount(sifted.photons_by_alice, minlength=256)
        for n in (0, 1, 2):
            p = float(honest.photon_share[0, n])
            what = f"share of {n}-photon pulses among the clicks"
            judge(what, float(photons[n]), clicks * p, clicks * p * (1 - p), clicks)
    # A session that ended early has no messages to judge.
    if not len(sifted.light_by_alice):
        return out
    announced = sifted.announced[sifted.place][: len(wrong)]
    rows = list(line.key_lights)
    for k, word in enumerate(names):
        mask = announced == k
        n = int(np.count_nonzero(mask))
        bits = float(honest.bits[rows, k].sum())
        p = float(honest.errors[rows, k].sum()) / bits if bits > 0 else 0.0
        errors = float(np.count_nonzero(wrong & mask)) if len(wrong) else 0.0
        judge(f"qber in {word}", errors, n * p, n * p * (1 - p), max(n, 1), above_only=True)
    return out


def tally(column: NDArray[np.uint8], size: int) -> NDArray[np.int64]:
    """Return how often each of the numbers below ``size`` comes; for few of them faster than bincount.

    >>> tally(np.array([0, 2, 2], dtype=np.uint8), 3)
    array([1, 0, 2])
    """
    return np.array([np.count_nonzero(column == k) for k in range(size)], dtype=np.int64)


def _gains(line: Line, sent: Transmission, sifted: Sifted) -> dict[str, Estimate]:
    counts = tally(sifted.light_by_alice, len(line.lights))
    shares = [each["probability"] for each in line.document.get("intensities", [{"probability": 1.0}])]
    return {
        word: _rate(int(count), share * sent.pulses)
        for word, count, share in zip(line.lights, counts, shares, strict=False)
    }


def _share(count: int, n: int) -> Estimate:
    """Return a proportion with Wilson's interval (doi:10.1080/01621459.1927.10502953)."""
    if n == 0:
        return Estimate(math.nan, math.inf, 0.0, 1.0)
    p, z2 = count / n, 1.96**2
    centre, half = (
        (p + z2 / (2 * n)) / (1 + z2 / n),
        1.96 / (1 + z2 / n) * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n)),
    )
    return Estimate(p, math.sqrt(p * (1 - p) / n), max(centre - half, 0.0), min(centre + half, 1.0))


def _rate(count: int, n: float) -> Estimate:
    """Return a rate of a count among an expected number of trials."""
    if n <= 0:
        return Estimate(math.nan, math.inf, 0.0, 1.0)
    p, error = count / n, math.sqrt(max(count, 1)) / n
    return Estimate(p, error, max(p - 1.96 * error, 0.0), min(p + 1.96 * error, 1.0))


def _photon_law(source: str, mean: float, probability: float) -> Any:
    if source == "Single":
        return lambda n: probability * (mean if n == 1 else 1.0 - mean if n == 0 else 0.0)
    return lambda n: probability * math.exp(-mean) * mean**n / math.factorial(n)
