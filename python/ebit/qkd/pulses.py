"""Pulses of light in the hands of an eavesdropper's program, a batch at a time.

What she does is written into columns, which the native receiver then takes; every number is judged where it comes in.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ebit._arguments import mask_of, shown
from ebit.errors import RangeError, complain
from ebit.qkd._columns import generator, reals, whole

__all__ = ["AXES", "KEPT", "Pulses"]

#: Axes by name, as Bloch vectors.
AXES = {"X": (1.0, 0.0, 0.0), "Y": (0.0, 1.0, 0.0), "Z": (0.0, 0.0, 1.0), "breidbart": (0.5**0.5, 0.0, 0.5**0.5)}
#: Notes from here on say how many photons were kept.
KEPT = 128
#: The most photons that a note of a byte tells kept from each other.
MOST_KEPT = 127
#: The most photons of a pulse: they are counted in 16 bits.
MOST_PHOTONS = 0xFFFF
#: How far from 1 the length of a Bloch vector may be, rounding and typing together.
UNIT_TOLERANCE = 1e-6

_Mask = NDArray[np.bool_]


class Pulses:
    """Pulses in an eavesdropper's hands, a batch at a time.

    She can count photons without disturbing them; the only way to learn more is to measure, which takes a photon.

    ``count`` are the photons of each pulse that are still in it, ``first`` the number of the batch's first pulse. Every
    method takes ``where``, a bool array (n,) that says to which pulses it applies. Axes are unit vectors, bits 0 or 1,
    counts whole numbers: one for all pulses, or one each. Of a pulse she has either kept photons or a note.
    """

    def __init__(
        self, bloch: NDArray[np.float64], photons: NDArray[np.uint16], transmittance: float, first: int
    ) -> None:
        n = len(photons)
        self.first = first
        self._bloch = bloch
        self._photons = photons.astype(np.uint16)
        self._transmittance = np.full(n, transmittance)
        self._factors = np.ones((n, 2))
        self._kind = np.zeros(n, dtype=np.uint8)
        self._note = np.zeros(n, dtype=np.uint8)

    def __len__(self) -> int:
        return len(self._photons)

    @property
    def count(self) -> NDArray[np.int64]:
        """Photons of each pulse: a measurement that leaves the polarisation alone."""
        return self._photons.astype(np.int64)

    def measure(self, axis: str | ArrayLike, rng: np.random.Generator, where: _Mask | None = None) -> NDArray[np.int64]:
        """Measure one photon of each pulse, which is used up; an empty pulse gives a random bit.

        Parameters
        ----------
        axis : {"X", "Y", "Z", "breidbart"} or Bloch vector, or an array (n, 3) of them
            Along what.
        rng : Generator
            Where the outcomes come from.
        where : bool array, optional
            Which pulses; the others give 0.

        Returns
        -------
        int array (n,)
            0: along the axis, 1: against it.
        """
        axes = _vectors("Pulses.measure", axis, len(self))
        chosen = mask_of("Pulses.measure", where, len(self))
        generator("Pulses.measure", rng)
        zero = 0.5 + 0.5 * np.einsum("ij,ij->i", self._bloch, axes)
        zero[self._photons == 0] = 0.5
        bits: NDArray[np.int64] = (rng.random(len(self)) >= zero).astype(np.int64)
        self._photons[chosen & (self._photons > 0)] -= 1
        bits[~chosen] = 0
        return bits

    def keep(self, count: ArrayLike, where: _Mask | None = None) -> None:
        """Take photons out into a memory, to be measured when the bases are announced; noted as such.

        Of a pulse with fewer photons all that there are. What is kept of a pulse at several times adds up, to 127 at
        most.
        """
        chosen = mask_of("Pulses.keep", where, len(self))
        taken = np.minimum(whole("Pulses.keep", "count", count, len(self), MOST_PHOTONS), self._photons)
        taken = np.where(chosen, taken, 0)
        kept = taken > 0
        self._either("Pulses.keep", kept & (self._note > 0) & (self._note < KEPT), "pulses without a note")
        self._photons -= taken.astype(np.uint16)
        before = np.maximum(self._note[kept].astype(np.int64) - KEPT, 0)
        self._note[kept] = KEPT + np.minimum(before + taken[kept], MOST_KEPT)

    def send(self, count: ArrayLike, axis: str | ArrayLike, bits: ArrayLike, where: _Mask | None = None) -> None:
        """Send fresh photons in the place of a pulse: ``count`` of them, pointing to ``bits`` along ``axis``."""
        self._send("Pulses.send", count, axis, bits, where)

    def _send(self, name: str, count: ArrayLike, axis: str | ArrayLike, bits: ArrayLike, where: _Mask | None) -> _Mask:
        n = len(self)
        chosen = mask_of(name, where, n)
        photons = whole(name, "count", count, n, MOST_PHOTONS)[chosen]
        signs = 1.0 - 2.0 * whole(name, "bits", bits, n, 1)[chosen, None]
        self._bloch[chosen] = signs * _vectors(name, axis, n)[chosen]
        self._photons[chosen] = photons
        return chosen

    def block(self, where: _Mask | None = None) -> None:
        """Let nothing go on."""
        self._photons[mask_of("Pulses.block", where, len(self))] = 0

    def channel(self, transmittance: ArrayLike, where: _Mask | None = None) -> None:
        """Replace the rest of the way to the receiver by a channel of this transmittance."""
        chosen = mask_of("Pulses.channel", where, len(self))
        words = "a probability in [0, 1]"
        shares = reals("Pulses.channel", "transmittance", transmittance, (len(self),), words, 0.0, 1.0)
        self._transmittance[chosen] = shares[chosen]

    def shift(self, efficiency_factors: ArrayLike, where: _Mask | None = None) -> None:
        """Let pulses arrive when the two detectors have these shares of their efficiency: (2,) or (n, 2)."""
        chosen = mask_of("Pulses.shift", where, len(self))
        words, shape = "shares in [0, 1]", (len(self), 2)
        factors = reals("Pulses.shift", "efficiency_factors", efficiency_factors, shape, words, 0.0, 1.0)
        self._factors[chosen] = factors[chosen]

    def blind(self, where: _Mask | None = None) -> None:
        """Blind the detectors during these pulses: they count nothing that is not bright."""
        self._kind[mask_of("Pulses.blind", where, len(self))] = 2

    def bright(self, axis: str | ArrayLike, bits: ArrayLike, where: _Mask | None = None) -> None:
        """Send bright pulses onto blinded detectors: they click where the receiver's axis is right."""
        self._kind[self._send("Pulses.bright", 1, axis, bits, where)] = 1

    def note(self, values: ArrayLike, where: _Mask | None = None) -> None:
        """Write something down for each pulse: a number in [0, 127], 0 for nothing; her knowledge is judged by them.

        A number takes the place of the one before; 0 leaves photons kept.
        """
        chosen = mask_of("Pulses.note", where, len(self))
        numbers = whole("Pulses.note", "values", values, len(self), KEPT - 1)
        kept = chosen & (self._note >= KEPT)
        self._either("Pulses.note", kept & (numbers > 0), "pulses of which no photon is kept")
        chosen &= ~kept
        self._note[chosen] = numbers[chosen]

    def _either(self, name: str, both: _Mask, range: str) -> None:
        """Refuse a note and kept photons of one pulse: what they tell together is not what either tells."""
        if both.any():
            first = int(np.flatnonzero(both)[0])
            hint = "a note would take the place of what was kept, or this of a note: write down one of them"
            raise complain(RangeError, name, "where", range, f"pulse {self.first + first}", hint)

    def _columns(self) -> tuple[NDArray[Any], ...]:
        """What reaches the receiver, as the native receiver takes it."""
        bloch, factors = np.ascontiguousarray(self._bloch).ravel(), self._factors.ravel()
        return self._photons, bloch, self._transmittance, factors, self._kind, self._note


def _vectors(name: str, axis: str | ArrayLike, n: int) -> NDArray[np.float64]:
    """Return Bloch vectors of length 1, one for each pulse."""
    words = f"one of {', '.join(AXES)}, or a Bloch vector"
    if isinstance(axis, str):
        if axis not in AXES:
            raise complain(RangeError, name, "axis", words, shown(axis))
        return np.broadcast_to(np.array(AXES[axis]), (n, 3))
    vectors = reals(name, "axis", axis, (n, 3), words)
    length = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    wrong = np.abs(length - 1.0) > UNIT_TOLERANCE
    if wrong.any():
        raise complain(RangeError, name, "axis", "a Bloch vector of length 1", f"length {length[wrong][0]:.6g}")
    return vectors
