"""What a line gives when nobody is on it: the exact law of its clicks, which the parties' calibration stands for."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ebit import _core
from ebit.qkd.alphabets import NOTHING
from ebit.qkd.lines import Line

__all__ = ["Honest", "by_blind_sets", "yields"]

Array = NDArray[np.float64]
Bytes = NDArray[np.uint8]


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
    waits : tuple of (float, float), optional
        Mean and variance of the periods that a live detector waits for its click; None: as of independent pulses.
    blind : mapping of int to Honest
        The same while some detectors are blind, by their set (bit d: detector d); empty where none ever is.
    """

    gain: Array
    share: Array
    photon_share: Array
    detector: Array
    bits: Array
    errors: Array
    frame: int
    waits: tuple[tuple[float, float], ...] | None = None
    blind: Mapping[int, Honest] = field(default_factory=dict)

    def among(self, count: int, blind: Bytes, share: Callable[[Honest, int], float], which: int) -> tuple[float, float]:
        """Return mean and variance of how many of ``count`` clicks have a property.

        ``share`` says how many of a line's clicks do, of the one called ``which``; ``blind``, which detectors were at
        each. A detector is blind by what clicked before, of which a pulse knows nothing: given the set a click has the
        law of the live ones, so that what is counted less its mean is a martingale, and variances add up.
        """
        if not self.blind or not len(blind):
            p = share(self, which)
            return count * p, count * p * (1.0 - p)
        mean = variance = 0.0
        for label, n in enumerate(np.bincount(blind)):
            if n > 0:
                p, weight = share(self.blind[label], which), count * float(n) / len(blind)
                mean, variance = mean + weight * p, variance + weight * p * (1.0 - p)
        return mean, variance

    def qber(self, lights: tuple[int, ...], names: tuple[int, ...] | None = None) -> float:
        """Return the error rate of the sifted bits of some intensities, under some announcements or all."""
        cells = np.ix_(lights, range(self.bits.shape[1]) if names is None else names)
        bits = float(self.bits[cells].sum())
        return float(self.errors[cells].sum()) / bits if bits > 0 else math.nan

    def error_share(self, lights: tuple[int, ...], name: int) -> float:
        """Return the error rate of some intensities' bits under one announcement, 0 where there are none."""
        rate = self.qber(lights, (name,))
        return 0.0 if math.isnan(rate) else rate

    @classmethod
    def of(cls, line: Line, attack: str | None = None) -> Honest:
        """Return the law of a line, with a built-in attack if its document is given."""
        return by_blind_sets(line, attack, lambda law: cls._by_law(line, law))

    @classmethod
    def _by_law(cls, line: Line, law: Mapping[str, Any]) -> Honest:
        alphabet = line.alphabet
        assert alphabet is not None
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


def by_blind_sets(line: Line, attack: str | None, of: Callable[[Mapping[str, Any]], Honest]) -> Honest:
    """Return what the law of a line gives, by ``of``; also of each set of blind detectors, if they ever are."""
    law = _core.qkd_law(line.kind, line.json, attack)
    honest, patterns = of(law), law["patterns"]
    if line.document["dead_pulses"] == 0:
        return honest
    blind = {}
    for label in range(patterns.shape[1]):
        seen = np.zeros_like(patterns)
        for pattern in range(patterns.shape[1]):
            seen[:, pattern & ~label] += patterns[:, pattern]
        blind[label] = of({**law, "patterns": seen})
    return replace(honest, blind=blind)


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
