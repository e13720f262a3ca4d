"""Pulses sent over a line: natively where the eavesdropper is built in, else a batch at a time through her program."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ebit import _core
from ebit._arguments import integer, shown
from ebit._rng import user_stream
from ebit.errors import RangeError, WrongTypeError, complain
from ebit.qkd.attacks import Eavesdropper
from ebit.qkd.lines import Line
from ebit.qkd.pulses import Pulses

if TYPE_CHECKING:
    from ebit.qkd.visibility import Monitor

__all__ = ["WHERE", "Transmission", "check_suits", "methods_of", "touches", "transmit"]

#: Pulses that a program sees at a time.
BATCH = 1 << 18
#: Pulses of which a program's run keeps what the sender did: 2 bytes each.
MOST_KEPT = 1 << 31
#: What acts on the light of each kind of line; native attacks, which have a document, are judged once more natively.
SUITS = {
    "PulseLine": ("photons", "document"),
    "PairLine": ("document",),
    "RelayLine": ("document", "relay"),
    "TrainLine": ("train",),
    "BoxLine": ("boxes",),
}
#: Where an eavesdropper's methods act.
WHERE = {
    "train": "a method train acts on DPS and COW",
    "boxes": "a method boxes acts on the boxes of DeviceIndependent",
    "relay": "a method relay acts on MDI, twin field, sending or not, and mode pairing",
    "quadratures": "a method quadratures acts on GG02",
    "document": "",
}
#: Lines on whose photons no program acts, and what suits them.
NO_PROGRAM = {
    "PairLine": "None on this line, or InterceptResend without a program",
    "RelayLine": "None on this line, or one that acts on what the relay says",
}
PHOTONS = "attacks on photons act on pulses from one sender to one receiver"


@dataclass(frozen=True, eq=False)
class Transmission:
    """What was sent and which detectors clicked, a column each, in the order of pulses.

    Parameters
    ----------
    pulses : int
        How many were sent.
    pulse : uint64 array
        Number of each pulse with a recorded click.
    alice, bob, light, photons, note, pattern, coins, blind : uint8 arrays
        Symbols of the two parties, intensity, photons sent, the eavesdropper's note, which detectors clicked (bit d:
        detector d), a random bit for each station with a double click, and which detectors were blind.
    detections : uint64 array (4,)
        Clicks of each detector.
    prepared : tuple of three uint8 arrays, optional
        The sender's symbol, intensity and photon number of every pulse, where a program saw them all.
    monitor : Monitor, optional
        Clicks of a monitoring line.
    held : float
        Mean photons of each pulse of a train that an eavesdropper took and holds; nan where she did more to it.
    """

    pulses: int
    pulse: NDArray[np.uint64]
    alice: NDArray[np.uint8]
    bob: NDArray[np.uint8]
    light: NDArray[np.uint8]
    photons: NDArray[np.uint8]
    note: NDArray[np.uint8]
    pattern: NDArray[np.uint8]
    coins: NDArray[np.uint8]
    blind: NDArray[np.uint8]
    detections: NDArray[np.uint64]
    prepared: tuple[NDArray[np.uint8], ...] | None = None
    monitor: Monitor | None = None
    held: float = 0.0

    def outcome(self, station: int = 0) -> NDArray[np.uint8]:
        """Return the outcome at a station of two detectors: which one clicked, or a random bit if both did."""
        clicks = self.pattern >> (2 * station) & 3
        return np.where(clicks == 3, self.coins >> station & 1, clicks >> 1).astype(np.uint8)

    def prepared_at(self, pulse: NDArray[np.uint64]) -> tuple[NDArray[np.uint8], ...]:
        """Return what the sender did in the named pulses: symbols, intensities, photon numbers."""
        if self.prepared is not None:
            return tuple(column[pulse] for column in self.prepared)
        if pulse is self.pulse or np.array_equal(pulse, self.pulse):
            return self.alice, self.light, self.photons
        place = np.minimum(np.searchsorted(self.pulse, pulse), max(len(self.pulse) - 1, 0))
        if len(self.pulse) == 0 or not np.array_equal(self.pulse[place], pulse):
            words = "pulses that clicked, where no program saw the photons"
            hint = "give the eavesdropper a method photons; then every pulse is kept"
            raise complain(RangeError, "detections", "pulse", words, "others", hint)
        return self.alice[place], self.light[place], self.photons[place]


def methods_of(place: str, eavesdropper: Eavesdropper | None) -> set[str]:
    """Return which of an eavesdropper's methods act on what is sent."""
    has = set()
    for name in WHERE:
        method = getattr(eavesdropper, name, None)
        if method is not None and not callable(method):
            words = f"an Eavesdropper whose {name} is a method"
            raise complain(WrongTypeError, place, "eavesdropper", words, f"{name} = {shown(method)}")
        if method is not None:
            has.add(name)
    return has | {"photons"} if eavesdropper is not None and eavesdropper.touches_photons() else has


def touches(line: Line, eavesdropper: Eavesdropper | None) -> bool:
    """Return whether an eavesdropper acts on what is sent here."""
    return not methods_of("run", eavesdropper).isdisjoint(SUITS[line.kind])


def check_suits(place: str, line: Line, eavesdropper: Eavesdropper | None) -> None:
    """Refuse an eavesdropper whose methods all act on something else than is sent here.

    Or a program that acts on photons where none does: a native attack that it extends would run without it.
    """
    has = methods_of(place, eavesdropper)
    if "photons" in has and line.kind in NO_PROGRAM:
        advice = f"leave out its method photons: {PHOTONS}"
        raise complain(WrongTypeError, place, "eavesdropper", NO_PROGRAM[line.kind], shown(eavesdropper), advice)
    if not has or has & set(SUITS[line.kind]):
        return
    range_ = {"TrainLine": "one that acts on a train", "BoxLine": "one that acts on boxes"}.get(line.kind)
    hint = {"TrainLine": "InterceptResend, BeamSplitting, or a class with a method train",
            "BoxLine": "LocalAnswers, or a class with a method boxes"}.get(line.kind)  # fmt: skip
    words = next((words for name, words in WHERE.items() if name in has and words), PHOTONS)
    raise complain(
        WrongTypeError, place, "eavesdropper", range_ or "None on this line", shown(eavesdropper), hint or words
    )


def transmit(
    line: Line,
    pulses: int,
    eavesdropper: Eavesdropper | None,
    root: int,
    threads: int,
    report: Callable[[float], object] | None = None,
    per_pulse: bool = False,
) -> Transmission:
    """Send pulses and return the clicks.

    Parameters
    ----------
    line : Line
    pulses : int
    eavesdropper : Eavesdropper, optional
        Built in, or with a method ``photons`` (of a train, ``train``); then every pulse goes through it.
    root : int
        Of all random streams.
    threads : int
        Changes no bit.
    report : callable, optional
        Called with the share that is done.
    per_pulse : bool
        Send every pulse, each photon by itself, instead of skipping to the clicks: slow, and the same law.
    """
    act = getattr(eavesdropper, "train", None)
    if line.kind == "TrainLine":
        from ebit.qkd.train_run import transmit_train

        if act is not None or per_pulse:
            integer("run", "pulses", pulses, 0, MOST_KEPT, "every pulse is sent, and all are kept")
        return transmit_train(line, pulses, act, root, report, per_pulse)
    if line.kind == "BoxLine":
        from ebit.qkd.box_run import transmit_boxes

        return transmit_boxes(line, pulses, getattr(eavesdropper, "boxes", None), root, report, per_pulse)
    program = eavesdropper is not None and eavesdropper.touches_photons()
    if program:
        assert eavesdropper is not None
        return _programmed(line, pulses, eavesdropper, root, report)
    document = getattr(eavesdropper, "document", None)
    attack = document() if document is not None else None
    raw = _core.qkd_run(line.kind, line.json, attack, pulses, root, threads, per_pulse, report)
    return Transmission(**raw)


def _programmed(
    line: Line, pulses: int, eavesdropper: Eavesdropper, root: int, report: Callable[[float], object] | None
) -> Transmission:
    integer("run", "pulses", pulses, 0, MOST_KEPT, "a program sees every pulse, and all are kept")
    length = int(_core.qkd_law(line.kind, line.json)["frame"])
    vectors = np.array([state["bloch"] for state in line.document["states"]], dtype=float)
    parts: list[dict[str, Any]] = []
    prepared: list[tuple[NDArray[np.uint8], ...]] = []
    sent = 0
    for number in range(-(-pulses // length)):
        frame = _core.PulseFrame(line.json, root, number, length)
        rng = user_stream(root, 0, number)
        end = min(pulses, (number + 1) * length)
        while sent < end:
            count = min(BATCH, end - sent)
            state, light, photons = frame.emit(count)
            batch = Pulses(vectors[state], photons, line.document["transmittance"], sent)
            eavesdropper.photons(batch, rng)
            frame.detect(*batch._columns())
            prepared.append((state, light, np.minimum(photons, 255).astype(np.uint8)))
            sent += count
            if report is not None:
                report(sent / pulses)
        parts.append(frame.take())
    if not parts:
        parts.append(_core.qkd_run(line.kind, line.json, None, 0, root, 1, False, None))
    columns: dict[str, Any] = {
        f.name: np.concatenate([part[f.name] for part in parts])
        for f in dataclasses.fields(Transmission)
        if f.name not in ("pulses", "detections", "prepared", "monitor", "held")
    }
    kept = tuple(np.concatenate([p[k] for p in prepared]) if prepared else np.zeros(0, np.uint8) for k in range(3))
    detections = np.stack([part["detections"] for part in parts]).sum(axis=0).astype(np.uint64)
    return Transmission(pulses=sent, detections=detections, prepared=kept, **columns)
