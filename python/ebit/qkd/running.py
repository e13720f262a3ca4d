"""A protocol is run: pulses are sent, the parties talk, judge what they saw, and make keys of it."""

from __future__ import annotations

import dataclasses
import math
import os
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ebit import _core
from ebit._arguments import flag, integer, real, shown
from ebit._rng import root_seed
from ebit.errors import RangeError, WrongTypeError, complain
from ebit.estimates import Estimate
from ebit.qkd.attacks import Eavesdropper
from ebit.qkd.box_run import boxes_of, expected_boxes, unknown_to_eve, watch_boxes
from ebit.qkd.conversation import ClassicalChannel, Rejected, Sifted, Tags, sift
from ebit.qkd.decoy_pairs import DecoyPairing, Totals, expected_decoy_pairs, sift_decoy_pairs
from ebit.qkd.evidence import finite_budget
from ebit.qkd.finish import RECONCILIATIONS, Finished, Reconciliation, Rules, finish, spent
from ebit.qkd.games import Game, Played, apart, games_of, sift_games
from ebit.qkd.honest import Honest
from ebit.qkd.judgement import Alarm, Compared, compare, deviations, gains, share_of, with_grid, with_slice
from ebit.qkd.knowledge import entropy, kept_light, known_bits
from ebit.qkd.ledger import Ledger, LedgerEntry
from ebit.qkd.lines import Line, line_of
from ebit.qkd.meeting_lines import meeting_of
from ebit.qkd.meetings import Meeting, expected, sift_meeting
from ebit.qkd.monitors import limits_of, too_much
from ebit.qkd.pairings import Pairing, expected_pairs, sift_pairs
from ebit.qkd.protocol import Epsilon
from ebit.qkd.relay_lies import announce
from ebit.qkd.sending import sending_of
from ebit.qkd.session import Session
from ebit.qkd.train_line import expected_train, train_line_of
from ebit.qkd.train_run import stretches
from ebit.qkd.transmission import Transmission, check_suits, touches, transmit
from ebit.qkd.visibility import watch
from ebit.qkd.windows import Tested, Windows, sift_windows
from ebit.simulate import MAX_THREADS, Progress, progress_bar

__all__ = ["run"]

Bits = NDArray[np.bool_]

#: What is carried, where it is not photon numbers.
FORMALISMS: Mapping[str, str] = {"TrainLine": "coherent amplitudes and clicks", "BoxLine": "questions and answers"}
#: The most pulses: their numbers are counted in 64 bits.
MOST_PULSES = 2**62


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
        Built in, or a class of one's own: with a method ``photons``, of DPS and COW ``train``, or ``message``.
    rng : int, SeedSequence, Generator or None
        Root of all random streams.
    threads : int, optional
        None: one per core; changes no bit.
    progress : bool or callable, optional
    sample : float
        Share of the sifted bits that is compared in public, in [0, 1); a finite key compares its test basis instead.
    dead_time_s : float
        How long a detector is blind after a click, at most 1 s; in whole pulses.
    authenticated : bool
        Whether the receiver of a message checks who sent it.
    monitors : mapping of str to float, optional
        Limits of the devices' monitors, by name: ``sender_photons`` (1e3), ``receiver_power_w`` (1e-9), or one that
        an eavesdropper of one's own has. Infinity switches one off.
    on_alarm : {"stop", "continue"}
        Whether an alarm ends the session without a key.
    epsilon : float or Epsilon, optional
        Of a finite key from the counts of the run. One basis makes the key and the others are compared: BB84, BBM92
        (``uncertainty_key_length``), WeakBB84 (``weak_key_length``), DecoyBB84 with one or two decoys
        (``decoy_key_length``), SixState (``six_state_key_length``), MDI with two, whose intensities all make key
        (``relay_key_length``). B92, and SARG04 with two decoys: each hit is compared with ``test_probability``
        (``b92_key_length``, ``sarg_key_length``). E91: equal directions make the key, others are games
        (``ekert_key_length``). SendingOrNotSending: some windows make the key, others test (``sending_key_length``).
        DeviceIndependent: some rounds test, all make the key, at an S agreed on beforehand
        (``device_independent_key_length``). None: the protocol's asymptotic rate, with what reconciliation really told.
    reconciliation : {"cascade", "ldpc", "winnow"} or callable
        How errors are corrected; a callable is called as ``cascade``: keys, error rate, ``rng``.
    per_pulse : bool
        Send every pulse, each photon by itself, instead of skipping to the clicks: the oracle.

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
    checked = flag(name, "authenticated", authenticated)
    every = flag(name, "per_pulse", per_pulse)
    root = root_seed(rng, name)
    dead = real(name, "dead_time_s", dead_time_s, "in [0, 1]")
    if not 0.0 <= dead <= 1.0:
        raise complain_range(name, "dead_time_s", "in [0, 1]", dead_time_s)
    corrector = RECONCILIATIONS.get(reconciliation) if isinstance(reconciliation, str) else reconciliation
    if not callable(corrector):
        words = f"one of {', '.join(RECONCILIATIONS)}, or a callable like cascade"
        raise complain(WrongTypeError, name, "reconciliation", words, shown(reconciliation))
    parts = None if epsilon is None else finite_budget(system, name, epsilon, dead)
    line, meeting = _line_of(system, dead, parts is not None)
    if parts is not None and line.kind == "BoxLine" and meeting is not None:
        line, meeting = games_of(system, line, meeting, count)
    check_suits(name, line, eavesdropper)
    if eavesdropper is not None:
        eavesdropper.begin(line, root)
    limits = limits_of(name, monitors, eavesdropper)
    with progress_bar(progress, "pulses") as report:
        sent = transmit(line, count, eavesdropper, root, workers, report, every)
    if isinstance(meeting, (Windows, DecoyPairing)):
        meeting = meeting.after(sent, root)
    sent = announce(line, sent, eavesdropper, root)
    rules = Rules(system, line, corrector, parts, root)
    return _conclude(line, meeting, sent, eavesdropper, rules, share, checked, limits, on_alarm, every)


def _line_of(system: Any, dead_time_s: float, finite: bool) -> tuple[Line, Meeting | None]:
    """Return a protocol's line, and what its symbols mean where both parties measure or both send."""
    dead = round(dead_time_s * float(getattr(system, "repetition_rate_hz", 1e9)))
    found = meeting_of(system, dead, finite) or sending_of(system, dead, finite) or boxes_of(system, dead)
    if found is not None:
        return found
    train = train_line_of(system, dead)
    return (line_of(system, dead_time_s, finite) if train is None else train), None


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
    honest = _honest(line, meeting)
    names = meeting.names if meeting is not None else line.alphabet.names if line.alphabet is not None else ()
    alarms: list[Alarm] = []
    sifted = Sifted.empty()
    compared = Compared(Estimate(math.nan, math.inf, 0.0, 1.0))
    visibilities: dict[str, Estimate] = {}
    try:
        sifted, tested, played = _sift(line, meeting, sent, channel)
        compared = compare(sifted, channel, root, share, line, len(names), sent.pulses)
        if isinstance(meeting, (Windows, DecoyPairing)) and tested is not None:
            compared = with_slice(compared, meeting, tested)
        elif line.finite and type(rules.system).__name__ == "TwinField":
            compared = with_grid(compared, sifted)
        alarms += compared.alarms
        visibilities, broken = watch(line, sent, channel)
        alarms += broken
        if played is not None:
            compared = dataclasses.replace(compared, counts=played)
            errors = honest.qber((0,), (0,)), honest.qber((0,), (1,))
            rules = dataclasses.replace(rules, reconcile=apart(rules.reconcile, played[0].test, errors))
        elif line.kind == "BoxLine":
            bell, broken = watch_boxes(line, sent, channel)
            alarms += broken
            # Where nothing was asked for the test, nothing is known.
            rules = dataclasses.replace(rules, unknown=unknown_to_eve(bell.low) if bell.low > 2.0 else 0.0)
    except Rejected as error:
        alarms.append(Alarm(str(error), math.nan, math.nan, math.inf))
    monitors, broken = too_much(eavesdropper, limits)
    alarms += broken
    n = min(len(sifted.alice), len(sifted.bob))
    wrong, qber = _errors(line, sifted, compared.estimate, eavesdropper)
    alarms += deviations(line, names, sent, sifted, wrong, honest, _blind(honest, meeting, sent, sifted))
    stand_in = (None, None) if eavesdropper is None else (eavesdropper.stand_in("Bob"), eavesdropper.stand_in("Alice"))
    done = Finished(why=str(alarms[0]) if alarms else compared.why)
    if not done.why or on_alarm == "continue":
        try:
            guess = honest.qber(line.key_lights, line.key_names)
            # Where the other basis errs by itself it says nothing of the key's.
            said = compared.bits and not (line.finite and line.threshold >= 0.5)
            rates = compared.rates if said else (guess, guess)
            done = finish(rules, compared.left, stand_in, rates, compared.counts, channel)
        except Rejected as error:
            alarms.append(Alarm(str(error), math.nan, math.nan, math.inf))
            done = Finished(why=str(error))
    notes = sent.note[sifted.place]
    announced = sifted.announced[sifted.place]
    watched = touches(line, eavesdropper)
    if math.isnan(sent.held):
        knowledge = Estimate(math.nan, math.inf, 0.0, 1.0)
    elif sent.held > 0.0:
        known = kept_light(line.document["train"], sent.held) if n else 0.0
        knowledge = Estimate(known, 0.0, known, known)
    elif line.alphabet is not None:
        truth = np.array(line.alphabet.bits, dtype=bool)[sent.alice[sifted.place]]
        stretch = stretches(line, sent.pulse[sifted.place])
        knowledge = known_bits(truth, announced, notes, len(names), line.alphabet.overlap, stretch, watched)
    elif line.kind in ("PairLine", "BoxLine"):
        # Of pairs a bit is what Alice saw; of boxes what Bob's said.
        answers = sent.outcome(int(line.kind == "BoxLine"))[sifted.place]
        knowledge = known_bits(answers.astype(bool), announced, notes, len(names), watched=watched)
    else:
        # At a relay she sees clicks, which tell whether two bits are alike and nothing of either; lies or silence about
        # them teach her no more.
        knowledge = Estimate(0.0, 0.0, 0.0, 0.0)
    if stand_in[0] is not None and len(stand_in[0]) == len(compared.left[0]):
        knowledge = _agreement(stand_in[0], compared.left[0])
    qbers = {}
    for k, word in enumerate(names):
        mask = announced[: len(wrong)] == k
        qbers[word] = share_of(int(np.count_nonzero(wrong & mask)), int(np.count_nonzero(mask)))
    spoiled = ("a key made in spite of an alarm is not secret",) if alarms and len(done.alice) else ()
    return Session(
        system=rules.system,
        line=line,
        pulses=sent.pulses,
        clicks=len(sent.pulse),
        sifted_bits=n,
        qber=qber,
        sample=compared.estimate,
        gains=gains(line, sent, sifted),
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
        formalism=FORMALISMS.get(line.kind, Session.formalism),
        visibilities=visibilities,
    )


def _honest(line: Line, meeting: Meeting | None) -> Honest:
    """Return what a line gives when nobody is on it."""
    if line.kind == "TrainLine":
        return expected_train(line)
    if line.kind == "BoxLine":
        return expected_boxes(line)
    if isinstance(meeting, DecoyPairing):
        return expected_decoy_pairs(line, meeting)
    if isinstance(meeting, Pairing):
        return expected_pairs(line, meeting)
    return Honest.of(line) if meeting is None else expected(line, meeting)


def _blind(honest: Honest, meeting: Meeting | None, sent: Transmission, sifted: Sifted) -> NDArray[np.uint8]:
    """Return which detectors were blind at the clicks of the sifted bits, where any ever is."""
    if not honest.blind:
        return sent.blind[:0]
    return sent.blind[sifted.place] if meeting is None else meeting.blind(sent, sifted.place)


def _sift(
    line: Line, meeting: Meeting | None, sent: Transmission, channel: ClassicalChannel
) -> tuple[Sifted, tuple[Tested, Tested] | tuple[Totals, Totals] | None, tuple[Played, Played] | None]:
    """Let the parties find out which clicks give them a bit, count windows that test, and see which rounds do."""
    if isinstance(meeting, Game):
        sifted, played = sift_games(meeting, sent, channel)
        return sifted, None, played
    if isinstance(meeting, DecoyPairing):
        return *sift_decoy_pairs(meeting, sent, channel), None
    if isinstance(meeting, Windows):
        return *sift_windows(meeting, sent, channel), None
    if isinstance(meeting, Pairing):
        return sift_pairs(meeting, sent, channel), None, None
    return (sift(line, sent, channel) if meeting is None else sift_meeting(meeting, sent, channel)), None, None


def _errors(line: Line, sifted: Sifted, compared: Estimate, eavesdropper: Eavesdropper | None) -> tuple[Bits, Estimate]:
    """Return which sifted bits are wrong, as the parties find out, and the error rate.

    Whoever stands in for a party corrects the other's key; all that the two then know of errors is the sample.
    """
    n = min(len(sifted.alice), len(sifted.bob))
    wrong = sifted.alice[:n] != sifted.bob[:n]
    if eavesdropper is not None and eavesdropper.stand_in("Bob") is not None:
        return wrong[:0], compared
    if line.by_name and line.threshold >= 0.5:
        # Games are lost by themselves; errors are those of the key.
        key = np.isin(sifted.announced[sifted.place][:n], line.key_names or ())
        return wrong, share_of(int(wrong[key].sum()), int(key.sum()))
    return wrong, share_of(int(wrong.sum()), n)


def _agreement(hers: Bits, theirs: Bits) -> Estimate:
    """Return the information per bit of somebody who holds a copy with errors: 1 - h(share of errors)."""
    wrong = share_of(int((hers != theirs).sum()), len(hers))
    value, low = (1.0 - float(entropy(np.array([min(q, 0.5)]))[0]) for q in (wrong.value, wrong.high))
    return Estimate(value, abs(value - low) / 1.96, low, min(1.0, 2 * value - low))
