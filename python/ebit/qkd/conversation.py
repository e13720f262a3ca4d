"""What the two parties say to each other after the pulses, message by message, with whoever stands between them.

```
    Bob -> Alice   detections     which pulses clicked, and the receiver's axes where the protocol says so
    Alice -> Bob   preparations   what she announces of each, and the intensities
    Bob -> Alice   kept           which of them give a bit
    Bob -> Alice   tests          of sending or not: how often windows that test clicked, and wrongly
    Alice -> Bob   sample         some of her bits, and where they stand
    Bob -> Alice   errors         how many of them are others than his, by announcement and intensity
    Bob -> Alice   monitor        of COW: when and at which port the monitoring line clicked
    ...                           reconciliation and verification, of which ``finish`` keeps the ledger
    Alice -> Bob   amplification  the matrix that shortens the key
```

Each party computes from what it received, and from nothing else: an eavesdropper who changes a message changes what
that party believes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ebit._rng import user_stream
from ebit.qkd._bits import looked_up
from ebit.qkd.alphabets import NOTHING, Alphabet
from ebit.qkd.arrived import checked_rows, plain_message, readable
from ebit.qkd.attacks import Eavesdropper, Message
from ebit.qkd.authentication import Authenticator
from ebit.qkd.lines import Line
from ebit.qkd.transmission import Transmission

__all__ = ["ClassicalChannel", "Rejected", "Sifted", "Tags", "rows_to_compare", "sift"]

Bits = NDArray[np.bool_]
Content = dict[str, NDArray[Any]]


#: Messages that a session's older key is long enough for.
MOST_MESSAGES = 16
TAG_BITS = 64


class Tags:
    """Both parties' authenticators, made from one older key; every message takes a pad of it."""

    def __init__(self, root: int) -> None:
        key = user_stream(root, 5, 0).random(128 + MOST_MESSAGES * TAG_BITS) < 0.5
        self.sides = {name: Authenticator(key, TAG_BITS) for name in ("Alice", "Bob")}

    @property
    def key_bits_used(self) -> int:
        """Bits of the older key spent so far."""
        return self.sides["Bob"].key_bits_used

    def accept(self, sent: Message, arrived: Message) -> bool:
        """Whether the tag of what was sent fits what arrived."""
        words = _plain(sent)
        tag = self.sides[sent.sender].tag(words)
        return self.sides[sent.receiver].accepts(words if arrived is sent else _plain(arrived), tag)


def _plain(message: Message) -> bytes:
    """A message as it is tagged: who speaks about what, then every column with its name, type and shape."""
    parts = [f"{message.sender} {message.receiver} {message.kind}".encode()]
    for name, column in sorted(message.content.items()):
        parts += [f"|{name} {column.dtype.str} {column.shape}|".encode(), np.ascontiguousarray(column).tobytes()]
    return b"".join(parts)


class Rejected(Exception):
    """A message that its receiver does not believe; says which, and ends the conversation."""


@dataclass
class ClassicalChannel:
    """The channel of the messages: everybody hears it, and without authentication everybody may speak on it.

    Parameters
    ----------
    eavesdropper : Eavesdropper, optional
        Gets every message before its receiver does.
    tags : Tags, optional
        By which receivers know who speaks. None: everything is accepted.
    """

    eavesdropper: Eavesdropper | None = None
    tags: Tags | None = None
    messages: int = 0
    bits: int = 0
    kinds: list[str] = field(default_factory=list)

    def send(
        self, sender: str, kind: str, content: Content, rows: int | None = None, below: Mapping[str, int] | None = None
    ) -> Content:
        """Send a message and return what arrives; raises Rejected if the receiver does not accept it.

        ``rows``: how long its columns must be for the receiver, where it knows; ``below``: how many words of a column
        exist.
        """
        receiver = "Alice" if sender == "Bob" else "Bob"
        sent = Message(sender, receiver, kind, content)
        arrived = sent if self.eavesdropper is None else self.eavesdropper.message(sent)
        if arrived is not sent:
            arrived = plain_message(arrived)
        self.messages += 1
        self.bits += sum(_bits(column) for column in content.values())
        self.kinds.append(f"{sender}: {kind}")
        if self.tags is not None and not self.tags.accept(sent, arrived):
            raise Rejected(f"the message '{kind}' from {sender} failed authentication")
        heard = dict(sent.content if arrived is sent else readable(sent, arrived, below or {}))
        if rows is not None:
            checked_rows(kind, heard, rows)
        return heard


def _bits(column: NDArray[Any]) -> int:
    """What a column takes on the line: a bit for a bool, its bytes for anything else."""
    return column.size if column.dtype == np.bool_ else 8 * column.nbytes


@dataclass(frozen=True, eq=False)
class Sifted:
    """What each party holds after sifting.

    ``alice``, ``bob``: bits that make key; ``place``: rows of the transmission they came from, as Bob sees it;
    ``light``, ``announced``: as Bob learnt them, for all rows; ``kept``: which rows gave a bit; ``light_by_alice``,
    ``photons_by_alice``: of the pulses that Alice heard had clicked; ``alice_announced``, ``alice_light``: of her bits.
    """

    alice: Bits
    bob: Bits
    place: NDArray[np.int64]
    light: NDArray[np.uint8]
    announced: NDArray[np.uint8]
    kept: Bits
    light_by_alice: NDArray[np.uint8]
    photons_by_alice: NDArray[np.uint8]
    alice_announced: NDArray[np.uint8]
    alice_light: NDArray[np.uint8]

    @classmethod
    def empty(cls) -> Sifted:
        """Return what is there before anything was said."""
        bits, bytes_ = np.zeros(0, dtype=bool), np.zeros(0, dtype=np.uint8)
        return cls(bits, bits, np.zeros(0, np.int64), bytes_, bytes_, bits, bytes_, bytes_, bytes_, bytes_)


def sift(line: Line, sent: Transmission, channel: ClassicalChannel) -> Sifted:
    """Let the parties find out which clicks give them a bit."""
    alphabet = line.alphabet
    assert alphabet is not None
    public = np.array(alphabet.public, dtype=np.uint8)
    content: Content = {"pulse": sent.pulse, "axis": looked_up(public, sent.bob)}
    heard = channel.send("Bob", "detections", content, below={"pulse": sent.pulses})
    symbols, lights, photons = sent.prepared_at(heard["pulse"])
    announced = looked_up(np.array(alphabet.announced, dtype=np.uint8), symbols)
    words = {"announced": len(alphabet.names), "light": len(line.lights)}
    told = channel.send("Alice", "preparations", {"announced": announced, "light": lights}, len(sent.pulse), words)
    bits = _concluded(alphabet, told["announced"], sent.bob, sent.outcome())
    kept = bits != NOTHING
    if any(alphabet.public):
        # Both know the axes already; nothing is left to say.
        hers = np.array(alphabet.public, dtype=np.uint8)
        believed = _agreeing(alphabet, announced, heard["axis"], hers)
    else:
        believed = channel.send("Bob", "kept", {"kept": kept}, len(announced))["kept"]
    mine = believed & _makes_key(line, lights)
    kept_by_alice = np.flatnonzero(mine)
    alice = looked_up(np.array(alphabet.bits, dtype=bool), symbols[kept_by_alice])
    place = np.flatnonzero(kept & _makes_key(line, told["light"]))
    return Sifted(
        alice, bits[place].view(bool), place, told["light"], told["announced"], kept, lights, photons,
        announced[kept_by_alice], lights[kept_by_alice],
    )  # fmt: skip


def rows_to_compare(
    line: Line, announced: NDArray[np.uint8], names: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return which bits are compared for a finite key, by what was announced of each.

    All that make no key; with ``key_too`` also as many of the key as of the rarest other announcement, at random. With
    a ``test_probability`` each is drawn by itself.
    """
    if line.test_probability is not None:
        return np.flatnonzero(rng.random(len(announced)) < line.test_probability)
    key_names = range(names) if line.key_names is None else line.key_names
    of_key = looked_up(np.isin(np.arange(256), list(key_names)), announced)
    rows = np.flatnonzero(~of_key)
    if not line.key_too:
        return rows
    rarest = min(int(np.count_nonzero(announced == k)) for k in range(names) if k not in key_names)
    key = np.flatnonzero(of_key)
    return np.sort(np.concatenate((rows, rng.choice(key, min(rarest, len(key)), replace=False, shuffle=False))))


def _makes_key(line: Line, lights: NDArray[np.uint8]) -> Bits | np.bool_:
    """Return which intensities make key; one answer where all of them do."""
    if len(line.key_lights) == len(line.lights):
        return np.True_
    makes_key = np.zeros(256, dtype=bool)
    makes_key[list(line.key_lights)] = True
    return looked_up(makes_key, lights)


def _concluded(
    alphabet: Alphabet, announced: NDArray[np.uint8], axis: NDArray[np.uint8], outcome: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    table = alphabet.concluded
    kind: Any = np.uint8 if table.size <= 256 else np.int64
    index = (announced.astype(kind, copy=False) * table.shape[1] + axis) * 2 + outcome
    return looked_up(np.ascontiguousarray(table, dtype=np.uint8).ravel(), index)


def _agreeing(
    alphabet: Alphabet, announced: NDArray[np.uint8], axis: NDArray[np.uint8], public: NDArray[np.uint8]
) -> Bits:
    """Return where an announced axis gives a bit, whatever the outcome."""
    said = int(public.max()) + 1
    gives = np.zeros((len(alphabet.names), said + 1), dtype=bool)
    for k, word in enumerate(public):
        gives[:, word] |= (alphabet.concluded[:, k] != NOTHING).all(axis=1)
    # An axis that nobody has gives nothing.
    known = np.minimum(axis, said).astype(np.uint8, copy=False)
    return looked_up(gives.ravel(), announced * (said + 1) + known)
