"""Rounds of device-independent QKD for a finite key: games of CHSH among them, and what is agreed on beforehand.

```
    with probability gamma   a test: both are asked one of two questions (Alice 1, 2; Bob 0, 1); a game, lost where
                             the answers differ, or agree with the questions (2, 1)
    else                     key: both are asked 0
```

Bob's answers of all rounds make the key: Alice corrects hers, those of the games by what she guesses of his, and then
knows how many games were lost. No answer is told. Before the first round the two agree on the number of rounds, on
gamma, and on the S that the test asks for; if more games are lost than that allows, there is no key (Nadlinger et al.
2022, doi:10.1038/s41586-022-04941-5, whose Alice is Bob here: S bounds what is known of answers that tests ask for).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ebit.qkd.boxes import TERMS
from ebit.qkd.conversation import ClassicalChannel, Sifted
from ebit.qkd.honest import Honest
from ebit.qkd.key_length import KeyLength
from ebit.qkd.ledger import Ledger
from ebit.qkd.lines import Line
from ebit.qkd.meetings import Meeting
from ebit.qkd.pair_lengths import device_independent_key_length
from ebit.qkd.protocol import Epsilon
from ebit.qkd.reconciliation import Reconciled
from ebit.qkd.transmission import Transmission

__all__ = [
    "Game", "Played", "apart", "expected_games", "game_length", "games_of", "likeliest_collision", "sift_games"
]  # fmt: skip

Bits = NDArray[np.bool_]

#: So many standard deviations fewer heralds than expected are agreed on as rounds: too few come with 1e-6.
FEWER = 4.9
#: Of the secrecy, what bits may cost at most that were corrected wrongly and verified, as the length has it.
VERIFICATION = 0.01
#: Nobody looks for more wrong bits than these.
MOST_ERRORS = 0.25


@dataclass(frozen=True, eq=False)
class Game(Meeting):
    """What the questions mean, and what was agreed on.

    Parameters
    ----------
    rounds : int
        How many count; later ones are dropped.
    asked : float
        S that the test asks for.
    """

    rounds: int = 0
    asked: float = 0.0


@dataclass(frozen=True, eq=False)
class Played:
    """What a key of games rests on.

    Parameters
    ----------
    rounds : int
        Agreed on.
    asked : float
        S, agreed on.
    test : bool array
        Which of the rounds played were games.
    """

    rounds: int
    asked: float
    test: Bits


def games_of(system: Any, line: Line, meeting: Meeting, pulses: int) -> tuple[Line, Game]:
    """Return the line and the meeting of a finite key, all agreed on for so many pulses."""
    share, gamma = line.document["heralds"], float(system.test_probability)
    mean = share * pulses
    rounds = pulses if share == 1.0 else max(math.floor(mean - FEWER * math.sqrt(mean * (1.0 - share))), 0)
    asked = float(system.key_rate(block=rounds).parts["chsh_asked"]) if rounds else 0.0
    heading = np.full(meeting.heading.shape, 1)
    heading[0, 0] = 0
    notes = (
        "one question after the other; every round makes key, those of the test too",
        f"agreed on before the first round: {rounds} rounds, S = {asked:.4f}",
    )
    document = line.document | {"test_probability": gamma}
    line = dataclasses.replace(line, document=document, finite=True, assumptions=notes)
    own = (meeting.said, heading, ("key", "test"), None, np.zeros((2, 16), np.int64))
    return line, Game(*own, rounds=rounds, asked=asked)


def expected_games(line: Line, honest: Honest, chsh: float) -> Honest:
    """Return what honest boxes give in both kinds of rounds, from what they give of the key and their S."""
    share, gamma = float(honest.gain[0]), line.document["test_probability"]
    rounds = share * np.array([1.0 - gamma, gamma])
    bits = float(honest.bits[0, 0])
    wrong = float(honest.errors[0, 0]) / bits if bits > 0.0 else 0.0
    return dataclasses.replace(honest, bits=rounds[None], errors=(rounds * [wrong, 0.5 - chsh / 8.0])[None])


def sift_games(meeting: Game, sent: Transmission, channel: ClassicalChannel) -> tuple[Sifted, tuple[Played, Played]]:
    """Let both say what they asked, and take every answer of the rounds agreed on.

    Bob chose which rounds are tests; said of each before it is asked, or of all of them at the end, it is the same.
    """
    place = np.arange(min(meeting.rounds, len(sent.pulse)))
    asked, axes = sent.alice[place], sent.bob[place]
    heard = channel.send("Bob", "detections", {"pulse": sent.pulse[place], "axis": axes}, len(place))
    told = channel.send("Alice", "preparations", {"announced": asked}, len(place))
    turned = np.zeros(len(place), dtype=bool)
    for a, b, sign in TERMS:
        turned |= (sign < 0) & (asked == a) & (heard["axis"] == b)
    zeros = np.zeros(len(sent.pulse), dtype=np.uint8)
    announced, kept = zeros.copy(), np.zeros(len(sent.pulse), dtype=bool)
    announced[place], kept[place] = told["announced"] > 0, True
    hers = asked > 0
    alice, bob = (sent.outcome(side)[place].astype(bool) for side in (0, 1))
    sifted = Sifted(
        alice ^ turned, bob, place, zeros, announced, kept, zeros, sent.photons, hers.astype(np.uint8), zeros[place]
    )
    own, his = (Played(meeting.rounds, meeting.asked, test) for test in (hers, announced[place] > 0))
    return sifted, (own, his)


def apart(reconcile: Callable[..., Reconciled], test: Bits, rates: tuple[float, float]) -> Callable[..., Reconciled]:
    """Return a way to correct that takes rounds of the key and games one after the other: their errors differ much.

    ``rates``: of the one and of the other; the rate that is asked for, over that of both together, goes with them.
    """
    mean = max((1.0 - test.mean()) * rates[0] + test.mean() * rates[1], 1e-300) if len(test) else 1.0

    def corrected(right: Bits, other: Bits, rate: float, *, rng: object) -> Reconciled:
        out, told = other.copy(), []
        for mask, own in ((~test, rates[0]), (test, rates[1])):
            if mask.any():
                expected = min(max(own * rate / mean, 0.5 / int(mask.sum())), MOST_ERRORS)
                told.append(reconcile(right[mask], other[mask], expected, rng=rng))
                if not isinstance(told[-1], Reconciled):
                    # Whoever asked for both says what is wrong.
                    return told[-1]
                out[mask] = told[-1].corrected
        return dataclasses.replace(told[-1], corrected=out, ledger=sum((each.ledger for each in told), Ledger()))

    return corrected


def likeliest_collision(epsilon: Epsilon) -> tuple[float, str]:
    """Return how likely a tag may fit other bits, and what asks for that: with games it counts for the secrecy, too."""
    name = "secrecy_per_bit" if epsilon.secrecy is None else "secrecy"
    secrecy = getattr(epsilon, name)
    asked = {"correctness": epsilon.correctness, name: VERIFICATION * (1e-15 if secrecy is None else secrecy)}
    least = min(asked, key=lambda each: asked[each])
    return asked[least], least


def game_length(
    system: Any, played: Played, lost: Bits, disclosed_bits: float, epsilon: Epsilon
) -> tuple[KeyLength, str]:
    """Return how long a key these games allow, and why there is none; ``lost``: which bits were corrected."""
    rounds, games = len(lost), int(np.count_nonzero(lost & played.test))
    if rounds < played.rounds:
        return KeyLength(0, {}, {}), f"{rounds} rounds, and {played.rounds} were agreed on"
    gamma = float(system.test_probability)
    found = device_independent_key_length(rounds, gamma, max(played.asked, 0.0), disclosed_bits, epsilon)
    found = dataclasses.replace(found, parts={**found.parts, "lost_games": float(games), "chsh_asked": played.asked})
    most = found.parts["most_losses"]
    if games > most:
        why = f"the test asks for S = {played.asked:.4f}: at most {most:.0f} games lost, and {games} were"
        return dataclasses.replace(found, bits=0), why
    return found, "" if found.bits else "the block is too short for a key at this epsilon"
