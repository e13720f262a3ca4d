"""Eavesdroppers: what they do to photons and to messages, built in or written by a user.

An attack is a class with up to two methods. ``photons`` gets the pulses of a batch and may count, measure, keep, hold
back and replace them; ``message`` gets each classical message on its way and may change it. The built-in attacks on
photons run natively, skipping to the clicks; one written in Python sees every pulse.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ebit import _core
from ebit._arguments import shown
from ebit._spec import plain
from ebit.errors import RangeError, complain
from ebit.qkd.pulses import Pulses

if TYPE_CHECKING:
    from ebit.qkd.lines import Line
    from ebit.qkd.trains import Train

__all__ = [
    "BeamSplitting",
    "DetectorBlinding",
    "Eavesdropper",
    "EfficiencyMismatch",
    "InterceptResend",
    "Message",
    "PhotonNumberSplitting",
    "Pulses",
    "TimeShift",
    "TrojanHorse",
]


@dataclass(frozen=True, eq=False)
class Message:
    """A classical message on its way between the two parties.

    Parameters
    ----------
    sender, receiver : {"Alice", "Bob"}
        Who speaks to whom.
    kind : str
        ``detections``, ``preparations``, ``kept``, ``sample``, ``errors``: what it is about.
    content : mapping of str to array
        What it says.

    Examples
    --------
    >>> import numpy as np
    >>> Message("Bob", "Alice", "errors", {"count": np.array([3])}).replace(count=np.array([0])).content["count"]
    array([0])
    """

    sender: str
    receiver: str
    kind: str
    content: Mapping[str, NDArray[Any]]

    def replace(self, **content: NDArray[Any]) -> Message:
        """Return the message with some of its content changed."""
        return Message(self.sender, self.receiver, self.kind, {**self.content, **content})


class Eavesdropper:
    """Somebody on the line; subclass it and give it ``photons``, ``message``, or both.

    Examples
    --------
    An eavesdropper who measures every pulse in Z and sends on what she saw:

    >>> class InZ(Eavesdropper):
    ...     def photons(self, pulses, rng):
    ...         seen = pulses.count > 0
    ...         number = pulses.count
    ...         bits = pulses.measure("Z", rng, where=seen)
    ...         pulses.send(number, "Z", bits, where=seen)
    ...         pulses.note(1 + bits, where=seen)
    """

    def begin(self, line: Line, root: int) -> None:
        """Meet the line before the first pulse: what every eavesdropper knows, the protocol and its devices."""

    def photons(self, pulses: Pulses, rng: np.random.Generator) -> None:
        """Act on a batch of pulses; by default not at all."""

    def message(self, message: Message) -> Message:
        """Return what the receiver gets in the place of a message; by default the message."""
        return message

    def stand_in(self, party: str) -> NDArray[np.bool_] | None:
        """Return the bits with which she answers in a party's place when keys are corrected; None: she does not."""
        return None

    def monitors(self) -> dict[str, float]:
        """Return what watchers of the devices see of her beyond the signal: by name, in the unit of the name.

        Limits may be set for the names that are there after ``begin``.
        """
        return {}

    def touches_photons(self) -> bool:
        """Return whether ``photons`` does anything."""
        return type(self).photons is not Eavesdropper.photons


@dataclass(frozen=True)
class _BuiltIn(Eavesdropper):
    """An attack on photons that the native sampler knows."""

    #: Names of the fields that the native attack takes.
    NATIVE: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        _core.qkd_check_attack(self.document())

    def document(self) -> str:
        """Return the attack as the sampler reads it."""
        fields = [f.name for f in dataclasses.fields(self) if not self.NATIVE or f.name in self.NATIVE]
        name = next(c.__name__ for c in type(self).__mro__ if c.__module__ == __name__)
        return json.dumps({name: {f: plain(getattr(self, f), f"{name}.{f}") for f in fields}})


@dataclass(frozen=True)
class InterceptResend(_BuiltIn):
    """Measure a fraction of the pulses and send on what was seen, as many photons as there were.

    No gain moves. BB84's error rate of what she touches becomes 1/4 and she knows half of its bits; along Breidbart's
    axis 1/4 too, and each bit with probability cos^2(pi/8); in the six-state protocol 1/3 (Bennett et al. 1992,
    doi:10.1007/BF00191318). Of E91 it is 5/24: two of her three directions are not those of the pair. B92 and SARG04,
    two states of overlap o apart (o^2 is 1/2 of SARG04), keep more bits where she was, 1 + f o^2 times as many in all
    for a fraction f, and of these f o^2/(1 + f o^2) are wrong. The line's own errors come on top.

    Of a train (DPS, COW) she measures phases or slots as the receiver does, with perfect instruments, and sends light
    where she saw some, as bright as keeps the gain. She breaks what is between the pulses: with p = 1 - exp(-mu) DPS's
    error rate becomes (1-p)/(4-2p) where clicks are few, 1/4 for weak pulses (Inoue, Waks and Yamamoto 2002,
    doi:10.1103/PhysRevLett.89.037902), and COW's visibility p.

    Parameters
    ----------
    fraction : float
        Share of the pulses she measures, in [0, 1]; of a train, of its stretches of 1024 pulses.
    basis : {"random", "X", "Y", "Z", "breidbart"}
        Along what: one of the receiver's axes, always the same, or half-way between Z and X. A train has none.

    Examples
    --------
    >>> InterceptResend(fraction=0.2).basis
    'random'
    """

    fraction: float = 1.0
    basis: str = "random"

    def train(self, train: Train, rng: np.random.Generator) -> None:
        """Measure stretches of a train and send on what was seen."""
        from ebit.qkd.trains import intercept

        if self.basis != "random":
            hint = "a train is measured as the receiver does"
            raise complain(RangeError, "InterceptResend", "basis", "'random' on a train", shown(self.basis), hint)
        intercept(train, self.fraction, rng)


@dataclass(frozen=True)
class PhotonNumberSplitting(_BuiltIn):
    """Keep one photon of every pulse that has more, let the rest go on without loss, and hold single photons back.

    As many are held back as keep the gain of the signal what it was (Brassard, Lütkenhaus, Mor and Sanders 2000,
    doi:10.1103/PhysRevLett.85.1330). The error rate stays; the gains of other intensities do not.

    Parameters
    ----------
    fraction : float
        Share of the pulses she touches, in [0, 1].

    Examples
    --------
    >>> PhotonNumberSplitting().fraction
    1.0
    """

    fraction: float = 1.0


@dataclass(frozen=True)
class BeamSplitting(_BuiltIn):
    """Take out of the beam what the channel would have lost, and let the rest go on without loss: nothing moves.

    Of a laser pulse she holds a photon with probability 1 - exp(-mu (1 - eta)), whatever the receiver gets, and then
    knows its bit once the basis is announced (Lütkenhaus 2000, doi:10.1103/PhysRevA.61.052304).

    Parameters
    ----------
    fraction : float
        Share of the pulses she touches, in [0, 1].

    Examples
    --------
    >>> BeamSplitting().fraction
    1.0
    """

    fraction: float = 1.0

    def train(self, train: Train, rng: np.random.Generator) -> None:
        """Keep what the channel would have lost of every pulse; of a train ``fraction`` is 1."""
        if self.fraction != 1.0:
            hint = "split off what she wants in a method train of her own"
            raise complain(RangeError, "BeamSplitting", "fraction", "1 on a train", shown(self.fraction), hint)
        train.split(train.transmittance)
        train.channel(1.0)


@dataclass(frozen=True)
class TrojanHorse(_BuiltIn):
    """Send light into the sender and read its setting off the reflection: nothing moves but the sender's monitor.

    She holds a photon of the reflection with probability 1 - exp(-mean) (Gisin et al. 2006,
    doi:10.1103/PhysRevA.73.022320). The monitor ``sender_photons`` sees what she sends in: the mean over the isolation.

    Parameters
    ----------
    reflected_photons : float
        Mean photons that come back per pulse.
    isolation_db : float
        Attenuation of the way into the sender and out of it again, in dB.

    Examples
    --------
    >>> TrojanHorse(reflected_photons=0.1, isolation_db=100.0).monitors()
    {'sender_photons': 1000000000.0}
    """

    reflected_photons: float = 1.0
    isolation_db: float = 60.0

    def monitors(self) -> dict[str, float]:
        """Return the photons that enter the sender per pulse."""
        return {"sender_photons": self.reflected_photons * 10 ** (self.isolation_db / 10)}


@dataclass(frozen=True)
class DetectorBlinding(_BuiltIn):
    """Blind the detectors with bright light and make them click as she likes; the receiver's monitor sees the light.

    She measures each pulse and sends a bright copy, which is heard only along her axis (Lydersen et al. 2010,
    doi:10.1038/nphoton.2010.214): of m axes of the receiver, once in m times. A pulse of n photons, which clicks with
    Y_n on the honest line, then clicks with min(Y_n, 1/m), with the honest errors. Where no Y_n exceeds 1/m nothing
    else moves but double clicks, of which there are none; else gains fall: with a signal of 0.5 photons and half of the
    light detected from 0.146 to 0.141 over 10 km, with all of it at 0 km from 0.393 to 0.197.

    Parameters
    ----------
    blinding_power_w : float
        Light on the detectors, which the monitor ``receiver_power_w`` sees.

    Examples
    --------
    >>> DetectorBlinding(blinding_power_w=1e-3).monitors()
    {'receiver_power_w': 0.001}
    """

    blinding_power_w: float = 1e-3

    def monitors(self) -> dict[str, float]:
        """Return the light on the receiver's detectors."""
        return {"receiver_power_w": self.blinding_power_w}


@dataclass(frozen=True)
class EfficiencyMismatch(_BuiltIn):
    """Fake states for detectors whose efficiencies differ at some times of arrival.

    She measures, and sends the opposite outcome in the other basis, when the detector of that outcome is weak. For
    single photons in BB84 the error rate is 2r/(1+3r), the gain (1+3r)/4 of the honest one (Makarov, Anisimov and Skaar
    2006, doi:10.1103/PhysRevA.74.022313). She sends as many photons as there were: where several of a pulse arrive both
    are somewhat more, 0.158 instead of 0.154 for r = 0.1 with pulses of one photon on average, half of the light
    detected, at 10 km.

    Parameters
    ----------
    ratio : float
        The weak detector's efficiency over the strong one's, r in [0, 1].

    Examples
    --------
    >>> EfficiencyMismatch(ratio=0.1).ratio
    0.1
    """

    ratio: float = 0.0


@dataclass(frozen=True)
class TimeShift(_BuiltIn):
    """Make each pulse early or late, where one of the detectors is weak: photons make no error, their gain is (1+r)/2.

    Of a click she knows the bit with probability 1/(1+r) (Qi, Fung, Lo and Ma 2007, quant-ph/0512080). Dark counts
    stay, so that their errors weigh 2/(1+r) times as much; of pulses of which several photons arrive more than (1+r)/2
    click.

    Parameters
    ----------
    ratio : float
        The weak detector's efficiency over the strong one's, r in [0, 1].

    Examples
    --------
    >>> TimeShift(ratio=0.5).ratio
    0.5
    """

    ratio: float = 0.0
