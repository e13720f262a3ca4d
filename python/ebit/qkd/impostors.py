"""Attacks on the classical messages: a man in the middle, tampering, and several attacks at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ebit._arguments import real, shown
from ebit.errors import RangeError, WrongTypeError, complain
from ebit.qkd.alphabets import NOTHING
from ebit.qkd.attacks import Eavesdropper, Message
from ebit.qkd.conversation import rows_to_compare
from ebit.qkd.pulses import Pulses

if TYPE_CHECKING:
    from ebit.qkd.lines import Line

__all__ = ["ManInTheMiddle", "MessageTampering", "Together"]


class ManInTheMiddle(Eavesdropper):
    """Plays Bob to Alice and Alice to Bob, on both channels; she ends with a key with each of them.

    Towards Alice she measures every pulse as Bob would, and claims as many of each photon number as the line would have
    let through; towards Bob she sends pulses of her own and the honest line does the rest. Every message is answered by
    one of hers. Nothing about photons gives her away: without authentication she succeeds, and with it the first
    message fails.

    Examples
    --------
    >>> ManInTheMiddle().touches_photons()
    True
    """

    def begin(self, line: Line, root: int) -> None:
        """Learn the protocol, and the yields that Alice expects."""
        from ebit.qkd.honest import yields

        assert line.alphabet is not None
        self.alphabet = line.alphabet
        self.lights = line.document["intensities"]
        self.key_lights = line.key_lights
        self.source = line.document["source"]
        self.yields = yields(line)
        self.claimed: list[tuple[NDArray[Any], ...]] = [(np.zeros(0, np.int64),) * 3]
        self.sent: list[tuple[NDArray[Any], ...]] = [(np.zeros(0, np.uint8),) * 2]
        self.rng = np.random.default_rng(root)
        self.bits_with_alice: NDArray[np.bool_] | None = None
        self.bits_with_bob: NDArray[np.bool_] | None = None
        self.names = len(line.alphabet.names)
        self.line = line
        self.errors = np.zeros((self.names, len(self.lights)), np.int64)

    def photons(self, pulses: Pulses, rng: np.random.Generator) -> None:
        """Measure Alice's pulses and send others to Bob."""
        n = len(pulses)
        axes = np.array([v for v, _ in self.alphabet.axes])
        states = np.array([v for v, _ in self.alphabet.states])
        count = pulses.count
        axis = rng.choice(len(axes), n, p=[p for _, p in self.alphabet.axes])
        outcome = pulses.measure(axes[axis], rng)
        claim = np.flatnonzero(rng.random(n) < self.yields[np.minimum(count, len(self.yields) - 1)])
        self.claimed.append((pulses.first + claim, axis[claim], outcome[claim]))
        state = rng.choice(len(states), n, p=[p for _, p in self.alphabet.states])
        light = rng.choice(len(self.lights), n, p=[each["probability"] for each in self.lights])
        mean = np.array([each["mean"] for each in self.lights])[light]
        fresh = rng.random(n) < mean if self.source == "Single" else rng.poisson(mean)
        pulses.send(fresh, states[state], 0)
        self.sent.append((state.astype(np.uint8), light.astype(np.uint8)))

    def message(self, message: Message) -> Message:
        """Answer each party in the other's name."""
        return getattr(self, f"_{message.kind}", lambda m: m)(message)  # type: ignore[no-any-return]

    def _detections(self, message: Message) -> Message:
        self.bob_pulses = message.content["pulse"].astype(np.int64)
        self.bob_axis = message.content["axis"]
        pulse, axis, self.outcome = (np.concatenate(c) for c in zip(*self.claimed, strict=True))
        self.axis = axis
        public = np.array(self.alphabet.public, dtype=np.uint8)
        return message.replace(pulse=pulse.astype(np.uint64), axis=public[axis])

    def _preparations(self, message: Message) -> Message:
        announced, light = message.content["announced"], message.content["light"]
        bits = self.alphabet.concluded[announced, self.axis, self.outcome]
        self.kept = bits != NOTHING
        mine = self.kept & np.isin(light, self.key_lights)
        self.bits_with_alice = bits[mine].astype(bool)
        self.label_with_alice = announced[mine].astype(np.int64) * len(self.lights) + light[mine]
        state, hers = (np.concatenate(c)[self.bob_pulses] for c in zip(*self.sent, strict=True))
        self.state_for_bob, self.light_for_bob = state, hers
        said = self.said_to_bob = np.array(self.alphabet.announced, dtype=np.uint8)[state]
        if any(self.alphabet.public):
            gives = self.alphabet.concluded[said, self.bob_axis, 0] != NOTHING
            self._agree_with_bob(gives)
        return message.replace(announced=said, light=hers)

    def _agree_with_bob(self, kept: NDArray[np.bool_]) -> None:
        bits = np.array(self.alphabet.bits, dtype=bool)[self.state_for_bob]
        mine = kept & np.isin(self.light_for_bob, self.key_lights)
        self.bits_with_bob = bits[mine]
        self.announced_to_bob = self.said_to_bob[mine]

    def _kept(self, message: Message) -> Message:
        self._agree_with_bob(message.content["kept"])
        return message.replace(kept=self.kept)

    def _sample(self, message: Message) -> Message:
        assert self.bits_with_alice is not None
        assert self.bits_with_bob is not None
        place, bits = message.content["place"], message.content["bits"]
        wrong = self.label_with_alice[place][self.bits_with_alice[place] != bits]
        self.errors = np.bincount(wrong, minlength=self.errors.size).reshape(self.errors.shape)
        n = len(self.bits_with_bob)
        size = round(len(place) / max(len(self.bits_with_alice), 1) * n)
        mine = np.sort(self.rng.permutation(n)[:size])
        if self.line.finite:
            mine = rows_to_compare(self.line, self.announced_to_bob, self.names, self.rng)
        said = self.bits_with_bob[mine]
        self.bits_with_alice = np.delete(self.bits_with_alice, place)
        self.bits_with_bob = np.delete(self.bits_with_bob, mine)
        return message.replace(length=np.array([n]), place=mine, bits=said)

    def _errors(self, message: Message) -> Message:
        return message.replace(count=self.errors)

    def stand_in(self, party: str) -> NDArray[np.bool_] | None:
        """Return the bits that she shares with the other party."""
        return self.bits_with_alice if party == "Bob" else self.bits_with_bob


class MessageTampering(Eavesdropper):
    """Replaces one column of one kind of message: without authentication its receiver believes her.

    Parameters
    ----------
    kind : str
        Which messages: ``detections``, ``preparations``, ``kept``, ``sample``, ``errors``, ``monitor`` (of COW),
        ``test`` (of boxes), ``tests`` (of sending or not) or ``amplification``.
    column : str
        Which part of their content; refused where such a message has none of this name.
    value : int, float or bool
        What every entry of it becomes; refused where the column cannot hold it.

    Examples
    --------
    Whatever Bob counted, Alice hears of no errors:

    >>> import numpy as np
    >>> tampering = MessageTampering("errors", "count", 0)
    >>> tampering.message(Message("Bob", "Alice", "errors", {"count": np.array([17])})).content["count"]
    array([0])
    """

    KINDS = ("amplification", "detections", "errors", "kept", "monitor", "preparations", "sample", "test", "tests")

    def __init__(self, kind: str = "errors", column: str = "count", value: float = 0) -> None:
        if kind not in self.KINDS:
            words = f"one of {', '.join(self.KINDS)}"
            raise complain(WrongTypeError, "MessageTampering", "kind", words, shown(kind))
        if not isinstance(column, str):
            raise complain(WrongTypeError, "MessageTampering", "column", "a string", shown(column))
        if not isinstance(value, (bool, np.bool_)):
            real("MessageTampering", "value", value)
        self.kind, self.column, self.value = kind, column, value

    def message(self, message: Message) -> Message:
        """Put the value in every entry of the column."""
        if message.kind != self.kind:
            return message
        column = message.content.get(self.column)
        if column is None:
            words = f"one of {', '.join(message.content)} in a message '{self.kind}'"
            raise complain(RangeError, "MessageTampering", "column", words, shown(self.column))
        return message.replace(**{self.column: np.full(column.shape, self._fitting(column.dtype), column.dtype)})

    def _fitting(self, dtype: np.dtype[Any]) -> int | float:
        """Return the value as a column of this type holds it."""
        if dtype.kind == "f":
            return float(self.value)
        low, high = (0, 1) if dtype.kind == "b" else (int(np.iinfo(dtype).min), int(np.iinfo(dtype).max))
        if self.value != int(self.value) or not low <= self.value <= high:
            words = f"an integer in [{low}, {high}] in the column {self.column}"
            raise complain(RangeError, "MessageTampering", "value", words, shown(self.value))
        return int(self.value)


class Together(Eavesdropper):
    """Several attacks at once: what is sent meets the one that touches it, messages meet all in order.

    Parameters
    ----------
    *attacks : Eavesdropper
        At most one of them acts on photons.

    Examples
    --------
    >>> from ebit.qkd.attacks import InterceptResend
    >>> both = Together(InterceptResend(fraction=0.5), MessageTampering("errors", "count", 0))
    """

    #: What else than ``photons`` acts on what is sent, or says what is known of it.
    ACTS = ("document", "train", "boxes", "quadratures", "relay", "holevo")

    def __init__(self, *attacks: Eavesdropper) -> None:
        for attack in attacks:
            if not isinstance(attack, Eavesdropper):
                hint = "attacks themselves, not their classes: InterceptResend()"
                raise complain(WrongTypeError, "Together", "attacks", "Eavesdroppers", shown(attack), hint)
        on_photons = [a for a in attacks if a.touches_photons() or any(hasattr(a, name) for name in self.ACTS)]
        if len(on_photons) > 1:
            words = "attacks of which at most one acts on photons"
            raise complain(WrongTypeError, "Together", "attacks", words, shown(attacks))
        self.attacks = attacks
        for attack in on_photons:
            for method in self.ACTS:
                if hasattr(attack, method):
                    setattr(self, method, getattr(attack, method))
        self._program = next((a for a in on_photons if a.touches_photons()), None)

    def begin(self, line: Line, root: int) -> None:
        """Let each meet the line."""
        for attack in self.attacks:
            attack.begin(line, root)

    def touches_photons(self) -> bool:
        """Return whether one of them is a program that acts on photons."""
        return self._program is not None

    def photons(self, pulses: Pulses, rng: np.random.Generator) -> None:
        """Let the one that touches photons do so."""
        if self._program is not None:
            self._program.photons(pulses, rng)

    def message(self, message: Message) -> Message:
        """Let each have the message in turn."""
        for attack in self.attacks:
            message = attack.message(message)
        return message

    def stand_in(self, party: str) -> NDArray[np.bool_] | None:
        """Return the bits of the first that stands in."""
        return next((bits for a in self.attacks if (bits := a.stand_in(party)) is not None), None)

    def monitors(self) -> dict[str, float]:
        """Return the largest reading of each monitor."""
        out: dict[str, float] = {}
        for attack in self.attacks:
            for name, seen in attack.monitors().items():
                out[name] = max(out.get(name, 0.0), seen)
        return out
