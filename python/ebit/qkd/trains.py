"""Light as its amplitudes: a train of coherent pulses, in the hands of whoever is on the line.

Coherent light stays coherent on beam splitters and in phase shifters, and detectors that it falls on count independent
Poisson numbers, so a train of pulses is exactly one complex number a pulse: the square root of its mean photons, with
its phase.

```
    a(k-1)  a(k)  a(k+1)        an interferometer whose arms differ by a pulse:
      |      |      |             slot k, first port   (a(k) + a(k-1))/2
    -------------------> time     slot k, second port  (a(k) - a(k-1))/2
```
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ebit._arguments import mask_of, probability
from ebit.qkd._columns import amplitudes_of, generator, reals, whole

__all__ = ["Train", "ports"]

Light = NDArray[np.complex128]
Ints = NDArray[np.int64]
_Mask = NDArray[np.bool_]

#: Pulses in a row that an eavesdropper touches or leaves alone together.
STRETCH = 1024
#: The brightest pulse that she sends, in photons on a detector: it always clicks.
BRIGHTEST = 50.0


def ports(light: Light, before: complex) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the mean photons behind an interferometer with a delay of a pulse: of equal, and of opposite neighbours.

    >>> ports(np.array([1.0, 1.0, -1.0], dtype=complex), 1.0)
    (array([1., 1., 0.]), array([0., 0., 1.]))
    """
    earlier = np.concatenate(([before], light[:-1]))
    return _power(light + earlier) / 4.0, _power(light - earlier) / 4.0


def _power(light: Light) -> NDArray[np.float64]:
    return light.real**2 + light.imag**2


class Train:
    """Pulses of a train in an eavesdropper's hands, a batch at a time; each batch is a train of its own to her.

    Of DPS a pulse is a period; of COW two pulses, early and late, are one.

    Parameters
    ----------
    light : complex array (n,)
        Amplitudes: their squares are photons on average.
    transmittance : float
        Of the channel ahead.
    kind : {"phases", "slots"}
        Where the bits are: DPS or COW.
    signal : float
        Mean photons of a pulse that is sent.
    efficiency : float
        Of the receiver, for the light that makes bits.

    Examples
    --------
    >>> import numpy as np
    >>> from ebit.qkd import Train
    >>> train = Train(np.array([1.0, -1.0, 1.0], dtype=complex), 0.1, "phases", 1.0, 0.5)
    >>> kept = train.split(0.75)
    >>> [round(float(abs(a) ** 2), 12) for a in kept]
    [0.25, 0.25, 0.25]
    """

    def __init__(self, light: Light, transmittance: float, kind: str, signal: float, efficiency: float) -> None:
        self._light = light
        self._transmittance = np.full(len(light), transmittance)
        self._note = np.zeros(len(light) // self._pulses_per_period(kind), dtype=np.uint8)
        self.transmittance, self.kind, self.signal, self.efficiency = transmittance, kind, signal, efficiency
        # Mean photons of the sender's pulses that go on, nan where they are no longer all hers; and that she holds.
        self._left, self._held = signal, 0.0

    @staticmethod
    def _pulses_per_period(kind: str) -> int:
        return 2 if kind == "slots" else 1

    def __len__(self) -> int:
        return len(self._light)

    def split(self, transmittance: float) -> Light:
        """Put a beam splitter in the way; returns the amplitudes of what does not go on.

        She holds it until the pulses of a bit are named: ``eve_information`` is what its best measurement then gives,
        if it is the sender's light and nothing is noted beside it; else nan.
        """
        transmittance = probability("Train.split", "transmittance", transmittance)
        self._held += (1.0 - transmittance) * self._left
        self._left *= transmittance
        kept = math.sqrt(1.0 - transmittance) * self._light
        self._light = math.sqrt(transmittance) * self._light
        return kept

    def turn(self, phase_rad: ArrayLike, where: _Mask | None = None) -> None:
        """Turn the phases of pulses: one angle, or one a pulse."""
        chosen = mask_of("Train", where, len(self))
        phases = reals("Train.turn", "phase_rad", phase_rad, (len(self),), "finite numbers")
        self._light[chosen] *= np.exp(1j * phases[chosen])

    def count(self, rng: np.random.Generator, where: _Mask | None = None) -> Ints:
        """Count the photons of each pulse, which uses it up; 0 for the others."""
        chosen = mask_of("Train", where, len(self))
        generator("Train.count", rng)
        seen = np.zeros(len(self), dtype=np.int64)
        seen[chosen] = rng.poisson(_power(self._light[chosen]))
        self._use_up(chosen)
        return seen

    def interfere(self, rng: np.random.Generator, where: _Mask | None = None) -> tuple[Ints, Ints]:
        """Count the photons that neighbours of equal, and of opposite, phase give; the pulses are used up.

        Entry k is of pulses k - 1 and k, if both are chosen; entry 0 reaches out of the batch, and sees nothing.
        """
        chosen = mask_of("Train", where, len(self))
        generator("Train.interfere", rng)
        both = chosen.copy()
        both[1:] &= chosen[:-1]
        both[:1] = False
        counts = []
        for mean in ports(self._light, 0.0):
            seen = np.zeros(len(self), dtype=np.int64)
            seen[both] = rng.poisson(mean[both])
            counts.append(seen)
        self._use_up(chosen)
        return counts[0], counts[1]

    def send(self, amplitudes: ArrayLike, where: _Mask | None = None) -> None:
        """Send fresh coherent pulses: one amplitude, or one a pulse."""
        chosen = mask_of("Train", where, len(self))
        values = amplitudes_of("Train.send", "amplitudes", amplitudes, len(self))
        self._use_up(chosen)
        self._light[chosen] = values[chosen]

    def _use_up(self, chosen: _Mask) -> None:
        self._light[chosen] = 0.0
        if chosen.any():
            self._left = math.nan

    def channel(self, transmittance: float, where: _Mask | None = None) -> None:
        """Replace the rest of the way to the receiver by a channel of this transmittance."""
        transmittance = probability("Train.channel", "transmittance", transmittance)
        self._transmittance[mask_of("Train", where, len(self))] = transmittance

    def note(self, values: ArrayLike, where: _Mask | None = None) -> None:
        """Write down a number in [0, 127] for each period; what it tells of the bit is reckoned later."""
        n = len(self._note)
        numbers = whole("Train.note", "values", values, n, 127)
        chosen = mask_of("Train", where, n)
        self._note[chosen] = numbers[chosen].astype(np.uint8)

    def _kept(self) -> float:
        """Return the mean photons of a pulse that she holds; nan where that alone does not say what she knows."""
        return math.nan if self._held != 0.0 and self._note.any() else self._held

    def _arrived(self) -> Light:
        """Take the light through the channel ahead."""
        out: Light = np.sqrt(self._transmittance) * self._light
        return out


def intercept(train: Train, fraction: float, rng: np.random.Generator) -> None:
    """Measure as the receiver would, with perfect instruments, and send light where some was seen.

    As bright as keeps the gain what it was; the channel is replaced by a lossless one.
    """
    stretches = rng.random(-(-len(train) // STRETCH)) < fraction
    touched = np.repeat(stretches, STRETCH)[: len(train)]
    seen = -math.expm1(-train.signal)
    # What a detector is silent with when nobody is on the line.
    silent = math.exp(-train.signal * train.transmittance * train.efficiency)
    if train.kind == "phases":
        _intercept_phases(train, touched, seen, silent, rng)
    else:
        _intercept_slots(train, touched, seen, silent, rng)
    train.channel(1.0, touched)


def _sent(train: Train, detected: float) -> float:
    return math.sqrt(min(detected, BRIGHTEST) / train.efficiency) if train.efficiency > 0.0 else 0.0


def _intercept_phases(train: Train, touched: _Mask, p: float, silent: float, rng: np.random.Generator) -> None:
    """Send pulses k - 1 and k with the phase between them that slot k showed.

    She sees slot k with probability p. Where she does, Bob's slot k gets the mean b of one pulse; where she does not,
    b/2 if one of its pulses was sent for a neighbour's sake (2 p (1-p)), b if both were (p^2), in a random port. With
    z = e^(-b/2): [p + (1-p) p^2] z^2 + 2 p (1-p)^2 z + (1-p)^3 = e^(-mu eta) keeps the gain.
    """
    equal, opposite = train.interfere(rng, touched)
    clicked = (equal > 0) | (opposite > 0)
    wanted = clicked.copy()
    wanted[:-1] |= clicked[1:]
    a, b, c = p + (1.0 - p) * p * p, 2.0 * p * (1.0 - p) ** 2, (1.0 - p) ** 3
    z = (math.sqrt(b * b + 4.0 * a * max(silent - c, 0.0)) - b) / (2.0 * a)
    amplitude = _sent(train, -2.0 * math.log(max(z, 1e-300)))
    # Of a slot that showed nothing she guesses: a fixed phase would favour one port.
    guess = rng.random(len(train)) < 0.5
    phase = np.cumprod(np.where(np.where(clicked, opposite > 0, guess), -1.0, 1.0))
    train.send(amplitude * phase * wanted, touched)
    train.note(1 + (opposite > 0), clicked)


def _intercept_slots(train: Train, touched: _Mask, p: float, silent: float, rng: np.random.Generator) -> None:
    """Send a pulse in every slot where there was light: p e^(-b) + 1 - p = e^(-mu eta) keeps the gain."""
    seen = train.count(rng, touched) > 0
    amplitude = _sent(train, -math.log(max(1.0 - (1.0 - silent) / p, 1e-300)))
    train.send(amplitude * seen, touched)
    early, late = seen[0::2], seen[1::2]
    train.note(1 + late, early != late)
