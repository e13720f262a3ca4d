"""What the two parties say to each other after the pulses, message by message, with whoever stands between them.

```
    Bob -> Alice   detections     which pulses clicked, and the receiver's axes where the protocol says so
    Alice -> Bob   preparations   what she announces of each, and the intensities
    Bob -> Alice   kept           which of them give a bit
    Alice -> Bob   sample         some of her bits, and where they stand
    Bob -> Alice   errors         how many of them are others than his
```

Each party computes from what it received, and from nothing else: an eavesdropper who changes a message changes what
that party believes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ebit.qkd.alphabets import NOTHING, Alphabet
from ebit.qkd.attacks import Eavesdropper, Message
from ebit.qkd.lines import Line
from ebit.qkd.transmission import Transmission

__all__ = ["ClassicalChannel", "Rejected", "Sifted", "sift"]

Bits = NDArray[np.bool_]
Content = dict[str, NDArray[Any]]


class Rejected(Exception):
    """A message that its receiver does not believe; says which, and ends the conversation."""


@dataclass
class ClassicalChannel:
    """The channel of the messages: everybody hears it, and without authentication everybody may speak on it.

    Parameters
    ----------
    eavesdropper : Eavesdropper, optional
        Gets every message before its receiver does.
    authenticate : callable, optional
        Is given what was sent and what arrived; returns whether the receiver accepts it. None: everything is accepted.
    """

    eavesdropper: Eavesdropper | None = None
    authenticate: Callable[[Message, Message], bool] | None = None
    messages: int = 0
    bits: int = 0
    kinds: list[str] = field(default_factory=list)

    def send(self, sender: str, kind: str, content: Content) -> Content:
        """Send a message and return what arrives; raises Rejected if the receiver does not accept it."""
        receiver = "Alice" if sender == "Bob" else "Bob"
        sent = Message(sender, receiver, kind, content)
        arrived = sent if self.eavesdropper is None else self.eavesdropper.message(sent)
        self.messages += 1
        self.bits += sum(_bits(column) for column in content.values())
        self.kinds.append(f"{sender}: {kind}")
        if self.authenticate is not None and not self.authenticate(sent, arrived):
            raise Rejected(f"the message '{kind}' from {sender} failed authentication")
        return dict(arrived.content)


def _bits(column: NDArray[Any]) -> int:
    """What a column takes on the line: a bit for a bool, its bytes for anything else."""
    return column.size if column.dtype == np.bool_ else 8 * column.nbytes


@dataclass(frozen=True, eq=False)
class Sifted:
    """What each party holds after sifting.

    ``alice``, ``bob``: bits that make key; ``place``: rows of the transmission they came from, as Bob sees it;
    ``light``, ``announced``: as Bob learnt them, for all rows; ``kept``: which rows gave a bit; ``light_by_alice``,
    ``photons_by_alice``: of the pulses that Alice heard had clicked.
    """

    alice: Bits
    bob: Bits
    place: NDArray[np.int64]
    light: NDArray[np.uint8]
    announced: NDArray[np.uint8]
    kept: Bits
    light_by_alice: NDArray[np.uint8]
    photons_by_alice: NDArray[np.uint8]

    @classmethod
    def empty(cls) -> Sifted:
        """Return what is there before anything was said."""
        bits, bytes_ = np.zeros(0, dtype=bool), np.zeros(0, dtype=np.uint8)
        return cls(bits, bits, np.zeros(0, np.int64), bytes_, bytes_, bits, bytes_, bytes_)


def sift(line: Line, sent: Transmission, channel: ClassicalChannel) -> Sifted:
    """Let the parties find out which clicks give them a bit."""
    alphabet = line.alphabet
    assert alphabet is not None
    public = np.array(alphabet.public, dtype=np.uint8)
    heard = channel.send("Bob", "detections", {"pulse": sent.pulse, "axis": public[sent.bob]})
    symbols, lights, photons = sent.prepared_at(heard["pulse"])
    announced = np.array(alphabet.announced, dtype=np.uint8)[symbols]
    told = channel.send("Alice", "preparations", {"announced": announced, "light": lights})
    bits = _concluded(alphabet, told["announced"], sent.bob, sent.outcome())
    kept = bits != NOTHING
    if any(alphabet.public):
        # Both know the axes already; nothing is left to say.
        hers = np.array(alphabet.public, dtype=np.uint8)
        believed = _agreeing(alphabet, announced, heard["axis"], hers)
    else:
        believed = channel.send("Bob", "kept", {"kept": kept})["kept"]
    mine = believed & _makes_key(line, lights)
    alice = np.array(alphabet.bits, dtype=bool)[symbols[mine]]
    place = np.flatnonzero(kept & _makes_key(line, told["light"]))
    return Sifted(alice, bits[place].astype(bool), place, told["light"], told["announced"], kept, lights, photons)


def _makes_key(line: Line, lights: NDArray[np.uint8]) -> Bits | np.bool_:
    """Return which intensities make key; one answer where all of them do."""
    if len(line.key_lights) == len(line.lights):
        return np.True_
    return np.asarray(np.isin(np.arange(256), line.key_lights)[lights], dtype=bool)


def _concluded(
    alphabet: Alphabet, announced: NDArray[np.uint8], axis: NDArray[np.uint8], outcome: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    table = alphabet.concluded
    # Bytes hold the index of every table here, at an eighth of the memory of words.
    kind: Any = np.uint8 if table.size <= 256 else np.int64
    index = (announced.astype(kind, copy=False) * table.shape[1] + axis) * 2 + outcome
    return np.asarray(table.ravel()[index], dtype=np.uint8)


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
    return np.asarray(gives.ravel()[announced * (said + 1) + known], dtype=bool)
