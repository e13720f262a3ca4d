"""What a line gives when nobody is on it: the exact law of its clicks, which the parties' calibration stands for."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ebit import _core
from ebit.qkd.alphabets import NOTHING
from ebit.qkd.lines import Line

__all__ = ["Honest", "renewals"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Honest:
    """The exact law of a line of pulses.

    Parameters
    ----------
    gain : float array (intensities,)
        Clicks per pulse of each intensity, all detectors live.
    share : float array (intensities,)
        Of all clicks.
    photon_share : float array (intensities, 256)
        Clicks by intensity and photons sent, as shares of all clicks.
    detector : float array (2,)
        Clicks per pulse of each detector.
    bits, errors : float array (intensities, announcements)
        Sifted bits, and wrong ones, per pulse.
    frame : int
        Pulses per frame.
    """

    gain: Array
    share: Array
    photon_share: Array
    detector: Array
    bits: Array
    errors: Array
    frame: int

    def qber(self, lights: tuple[int, ...], names: tuple[int, ...] | None = None) -> float:
        """Return the error rate of the sifted bits of some intensities, under some announcements or all."""
        cells = np.ix_(lights, range(self.bits.shape[1]) if names is None else names)
        bits = float(self.bits[cells].sum())
        return float(self.errors[cells].sum()) / bits if bits > 0 else math.nan

    @classmethod
    def of(cls, line: Line, attack: str | None = None) -> Honest:
        """Return the law of a line, with a built-in attack if its document is given."""
        alphabet = line.alphabet
        assert alphabet is not None
        law = _core.qkd_law(line.kind, line.json, attack)
        weight = law["probability"][:, None] * law["patterns"]
        click = weight[:, 1:].sum(axis=1)
        lights = len(line.lights)
        chosen = np.array([each["probability"] for each in line.document["intensities"]])
        by_light: Array = np.bincount(law["light"], click, lights).astype(float)
        total = by_light.sum()
        label = law["light"].astype(np.int64) * 256 + law["photons"]
        by_photons: Array = np.bincount(label, click, 256 * lights).reshape(lights, 256).astype(float)
        announced = np.array(alphabet.announced)[law["alice"]]
        bit = np.array(alphabet.bits)[law["alice"]]
        count = np.zeros((2, lights * len(alphabet.names)))
        place = law["light"].astype(np.int64) * len(alphabet.names) + announced
        for outcome in (0, 1):
            # A double click is either outcome half of the time.
            p = weight[:, 1 + outcome] + 0.5 * weight[:, 3]
            concluded = alphabet.concluded[announced, law["bob"], outcome]
            for k, mask in enumerate((concluded != NOTHING, (concluded != NOTHING) & (concluded != bit))):
                count[k] += np.bincount(place, p * mask, count.shape[1])
        bits, errors = count.reshape(2, lights, -1)
        return cls(
            gain=np.divide(by_light, chosen, out=np.zeros(lights), where=chosen > 0),
            share=by_light / total if total > 0 else by_light,
            photon_share=by_photons / total if total > 0 else by_photons,
            detector=np.array([(weight[:, 1 << d] + weight[:, 3]).sum() for d in (0, 1)]),
            bits=bits,
            errors=errors,
            frame=int(law["frame"]),
        )


def renewals(p: float, dead: int, pulses: int, frame: int) -> tuple[float, float]:
    """Return mean and variance of the clicks of a detector that is blind for ``dead`` pulses after each.

    A frame begins live. Clicks of a detector are a renewal process with steps dead + G, G geometric: of mean
    m = dead + 1/p and variance s^2 = (1-p)/p^2, with (n + dead)/m + (s^2 + m - m^2)/(2 m^2) clicks among n pulses and a
    variance of n s^2/m^3 (Feller, An Introduction to Probability Theory I, XIII.6), up to terms that vanish with n/m.

    >>> renewals(0.01, 0, 10_000, 1 << 20)
    (100.0, 99.0)
    """
    if p <= 0.0 or pulses == 0:
        return 0.0, 0.0
    m, variance = dead + 1.0 / p, (1.0 - p) / p**2
    frames = -(-pulses // frame)
    mean = (pulses + frames * dead) / m + frames * (variance + m - m**2) / (2 * m**2)
    return mean, pulses * variance / m**3


def yields(line: Line, most: int = 64) -> Array:
    """Return the clicks per pulse of each photon number sent, 0 to ``most``, as far as the source sends them.

    Photon numbers that the source never sends have the yield of the largest that it does.
    """
    law = _core.qkd_law(line.kind, line.json)
    click = law["probability"] * law["patterns"][:, 1:].sum(axis=1)
    photons = np.minimum(law["photons"], most)
    clicks = np.bincount(photons, click, most + 1)
    sent = np.bincount(photons, law["probability"], most + 1)
    out: Array = np.divide(clicks, sent, out=np.full(most + 1, np.nan), where=sent > 0)
    last = 0.0
    for n in range(most + 1):
        last = out[n] = last if math.isnan(out[n]) else out[n]
    return out
