"""The end of a session: from bits that differ here and there to one secret key.

```
    left over from comparison --> reconciliation --> verification --> privacy amplification --> key
                                  parities told      a tag told        as long as the ledger allows
```

What was compared in public has been thrown away before; every bit that is told from here on shortens the key.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ebit._arguments import shown
from ebit._rng import user_stream
from ebit.bounds import binary_entropy
from ebit.errors import WrongTypeError, complain
from ebit.qkd.conversation import ClassicalChannel
from ebit.qkd.evidence import Evidence, finite_length
from ebit.qkd.games import Played, likeliest_collision
from ebit.qkd.ledger import Ledger, LedgerEntry
from ebit.qkd.lines import Line
from ebit.qkd.privacy import secret_length, toeplitz, verify
from ebit.qkd.protocol import Epsilon
from ebit.qkd.reconciliation import Reconciled, cascade, ldpc, winnow

__all__ = ["RECONCILIATIONS", "Finished", "Rules", "finish", "spent"]

Bits = NDArray[np.bool_]
Reconciliation = Callable[..., Reconciled]

#: Ways to correct errors, by name.
RECONCILIATIONS: Mapping[str, Reconciliation] = {"cascade": cascade, "ldpc": ldpc, "winnow": winnow}
#: Share of wrong bits beyond which nobody tries to correct: no protocol gives a key there.
MOST_ERRORS = 0.25
#: How often keys that differ are corrected, each time for so many times the errors.
TRIES, MORE_ERRORS = 3, 4.0
#: Bits of the longest tag, and what there is to say where it is too short.
LONGEST_TAG = 128
WHY_NO_TAG = f"no tag of {LONGEST_TAG} bits tells keys apart so surely: epsilon.{{}} is too small"
#: Distance from uniform of an asymptotic key, and the chance that its two copies differ.
ASYMPTOTIC_EPSILON = 1e-10


def _no_bits() -> Bits:
    return np.zeros(0, dtype=bool)


@dataclass(frozen=True, eq=False)
class Finished:
    """What came of it.

    Parameters
    ----------
    alice, bob : bool arrays
        The keys; empty where there is none.
    ledger : Ledger
        What reconciliation and verification told.
    why : str
        Why there is no key; empty where there is one.
    parts, epsilon : Mapping[str, float]
        The bounds that the length rests on, and the parts of epsilon.
    assumptions : tuple of str
    eve : tuple of two bool arrays, optional
        The keys that an impostor shares with Alice, and with Bob.
    """

    alice: Bits = field(default_factory=_no_bits)
    bob: Bits = field(default_factory=_no_bits)
    ledger: Ledger = field(default_factory=Ledger)
    why: str = ""
    parts: Mapping[str, float] = field(default_factory=dict)
    epsilon: Mapping[str, float] = field(default_factory=dict)
    assumptions: tuple[str, ...] = ()
    eve: tuple[Bits, Bits] | None = None


@dataclass(frozen=True)
class Rules:
    """By what keys are made: of which protocol, how they are corrected, how secret they shall be.

    Parameters
    ----------
    system : Protocol
    line : Line
    reconcile : callable
        As ``cascade``: keys, error rate, ``rng``.
    epsilon : Epsilon, optional
        Of a finite key; None: asymptotic.
    root : int
        Of all random streams.
    unknown : float, optional
        Share of each bit that nobody else knows, where that was measured; None: as the protocol's rate says.
    """

    system: Any
    line: Line
    reconcile: Reconciliation
    epsilon: Epsilon | None
    root: int
    unknown: float | None = None


def finish(
    rules: Rules,
    left: tuple[Bits, Bits],
    stand_in: tuple[Bits | None, Bits | None],
    rates: tuple[float, float],
    counts: tuple[Evidence | None, Evidence | None],
    channel: ClassicalChannel,
) -> Finished:
    """Correct, verify and shorten what is left of both parties' bits.

    ``rates``, ``counts``: what was compared, as Alice and as Bob know it. ``stand_in``: the bits with which an impostor
    answers Alice, and Bob, in the other's place; then there are two conversations, and she has a key with each of them.
    """
    alice, bob = left
    for_alice, for_bob = stand_in
    if rules.line.kind == "BoxLine":
        # S bounds what is known of Bob's answers; Alice is the one who corrects, and counts lost games.
        done = _converse(rules, bob, alice, rates[0], counts[0], channel)
        return dataclasses.replace(done, alice=done.bob, bob=done.alice)
    if for_alice is None or for_bob is None:
        return _converse(rules, alice, bob, rates[0], counts[0], channel)
    first = _converse(rules, alice, for_alice, rates[0], counts[0], None)
    second = _converse(rules, for_bob, bob, rates[1], counts[1], None)
    return dataclasses.replace(first, bob=second.bob, eve=(first.bob, second.alice))


def _converse(
    rules: Rules,
    alice: Bits,
    bob: Bits,
    qber: float,
    counts: Evidence | None,
    channel: ClassicalChannel | None,
) -> Finished:
    """Make one key of two that differ here and there; the first is taken to be right, whoever has it."""
    if not len(alice) or not len(bob):
        return Finished(why="no bits are left")
    if len(alice) != len(bob):
        return Finished(why="the sifted keys have different lengths")
    if not qber <= MOST_ERRORS:
        return Finished(why=f"{100 * qber:.3g} % errors: too many to correct")
    correctness, asked = ASYMPTOTIC_EPSILON if rules.epsilon is None else rules.epsilon.correctness, "correctness"
    if isinstance(counts, Played) and rules.epsilon is not None:
        correctness, asked = likeliest_collision(rules.epsilon)
    # Any of the tries may end in equal tags of keys that differ.
    tag_bits = _tag_bits(correctness / TRIES, len(bob))
    if tag_bits > LONGEST_TAG:
        return Finished(why=WHY_NO_TAG.format(asked))
    corrected, ledger = bob, Ledger()
    for attempt in range(TRIES):
        # A small sample may have seen fewer errors than there are: what is left is looked for as if there were more.
        rate = min(max(qber, 0.5 / len(alice)) * MORE_ERRORS**attempt, MOST_ERRORS)
        told = _reconciled(rules, alice, corrected, rate, attempt)
        same = verify(alice, told.corrected, tag_bits, rng=user_stream(rules.root, 4, attempt))
        corrected, ledger = told.corrected, ledger + told.ledger + same.ledger
        if same:
            break
    else:
        # Of a few bits it happens with nobody on the line: no key, and no alarm.
        return Finished(ledger=ledger, why="verification: the keys differ")
    parts: Mapping[str, float] = {}
    spent: Mapping[str, float] = {}
    if counts is None or rules.epsilon is None:
        if rules.unknown is not None:
            unknown, why = rules.unknown, "" if rules.unknown > 0.0 else "the measured S leaves nothing secret"
        else:
            unknown, why = _unknown(rules.system, rules.line)
        length = secret_length(len(bob) * unknown, ledger, ASYMPTOTIC_EPSILON) if unknown > 0.0 else 0
        why = why or ("" if length else "more was told than is unknown to an eavesdropper: too few bits")
        notes: tuple[str, ...] = ("no terms of finite size in the length of the key",)
    else:
        length, why, parts, spent = _finite(rules, counts, corrected != bob, ledger, tag_bits)
        notes = ()
    if length == 0:
        return Finished(ledger=ledger, why=why, parts=parts, epsilon=spent)
    # The matrix is Alice's choice and travels in the open, after the keys are fixed.
    seed = user_stream(rules.root, 2, 0).integers(0, 256, (len(bob) + length + 6) // 8, dtype=np.uint8)
    heard = seed if channel is None else channel.send("Alice", "amplification", {"seed": seed})["seed"]
    keys = [
        toeplitz(bits, np.unpackbits(matrix, count=len(bits) + length - 1, bitorder="little") == 1, length)
        for bits, matrix in ((alice, seed), (corrected, heard))
    ]
    return Finished(keys[0], keys[1], ledger, parts=parts, epsilon=spent, assumptions=notes)


def _reconciled(rules: Rules, alice: Bits, bob: Bits, rate: float, attempt: int) -> Reconciled:
    """Correct errors, by a function of the user's own too: of which it is judged what it returns."""
    told = rules.reconcile(alice, bob, rate, rng=user_stream(rules.root, 3, attempt))
    name, words = f"{type(rules.system).__name__}.run", "a callable that returns a Reconciled"
    if not isinstance(told, Reconciled):
        raise complain(WrongTypeError, name, "reconciliation", words, shown(told), "as cascade does")
    key = told.corrected
    if not isinstance(key, np.ndarray) or key.dtype != np.bool_ or key.shape != bob.shape:
        words += f" whose corrected is a bool array of shape {bob.shape}"
        found = f"{key.dtype}, shape {key.shape}" if isinstance(key, np.ndarray) else shown(key)
        raise complain(WrongTypeError, name, "reconciliation", words, found)
    if not isinstance(told.ledger, Ledger):
        raise complain(WrongTypeError, name, "reconciliation", f"{words} with a Ledger", shown(told.ledger))
    return told


def _tag_bits(correctness: float, bits: int) -> int:
    """Return how long a tag must be so that different keys have equal ones with at most this probability."""
    return math.ceil(math.log2(math.ceil(bits / 128) + 1) - math.log2(correctness))


def _unknown(system: Any, line: Line) -> tuple[float, str]:
    """Return what of a sifted bit nobody else knows by the protocol's asymptotic rate; or why there is no key.

    The rate is q G (s - f h(E)) with G the gain and E the error rate: s bits of every sifted one are unknown to her.
    """
    rate = system.key_rate()
    if rate.value <= 0.0:
        return 0.0, rate.why_no_key()
    name = type(system).__name__
    sifted = {"E91": 2 / 9}.get(name, float(getattr(system, "sifting", 1.0))) * rate.parts["gain"]
    if name == "ModePairing":
        sifted = rate.parts["pairs_per_round"] * rate.parts["sifted"]
    if name == "COW":
        sifted *= 1.0 - system.decoy_fraction
    return rate.value / sifted + line.error_correction * binary_entropy(rate.parts["qber"]), ""


def _finite(
    rules: Rules, counts: Evidence, wrong_bits: Bits, ledger: Ledger, tag_bits: int
) -> tuple[int, str, Mapping[str, float], Mapping[str, float]]:
    """Return the length that a proof for finite keys allows, why there is none, its bounds and parts of epsilon."""
    epsilon = rules.epsilon
    assert epsilon is not None
    # The proofs count log2(2 / correctness) for the tag themselves; a polynomial's is a few bits longer.
    told = ledger.disclosed_bits - min(tag_bits, math.floor(math.log2(2.0 / epsilon.correctness)))
    found, why = finite_length(rules.system, rules.line, counts, wrong_bits, told, epsilon)
    return found.bits, why, found.parts, found.epsilon


def spent(key_bits: int, messages: int) -> Ledger:
    """Return what the conversation before cost: rounds, and key for tags."""
    rounds = LedgerEntry("sifting", 0, 0, math.ceil(messages / 2))
    return Ledger((rounds, LedgerEntry("authentication", 0, key_bits, 0)) if key_bits else (rounds,))
