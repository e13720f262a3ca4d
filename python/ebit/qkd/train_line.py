"""Lines of trains of pulses: differential phase shift and coherent one-way, and the exact law of their clicks.

What a period of the train gives depends on its own symbol and on the one before, as far as the light of both meets in
an interferometer. Windows in which a detector may click, by their bits in a pattern:

```
    DPS   0, 1: the two ports of the interferometer, for equal and opposite phases of pulses k - 1 and k
    COW   0, 1: early and late slot of the data line
          2, 3: the monitor's bright and dark port at the early slot, where it meets the late slot before
          4, 5: the same at the late slot, where it meets the early one
```

COW was proposed by Stucki, Brunner, Gisin, Scarani and Zbinden 2005 (doi:10.1063/1.2126792), DPS by Inoue, Waks and
Yamamoto 2002 (doi:10.1103/PhysRevLett.89.037902).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ebit.qkd.alphabets import Alphabet
from ebit.qkd.honest import Honest
from ebit.qkd.lines import Line

__all__ = ["TrainLaw", "expected_train", "train_line_of"]

Floats = NDArray[np.float64]

#: Which slots of a period hold light, by symbol of COW: bit 0, bit 1, decoy.
FILLED = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])


def _alphabet(name: str, symbols: int) -> Alphabet:
    """Nothing is announced of a bit but that it was detected; which port or slot clicked is the bit."""
    return Alphabet((), tuple(k % 2 for k in range(symbols)), (0,) * symbols, (), (0,),
                    np.array([[[0, 1]]], dtype=np.uint8), (name,))  # fmt: skip


def train_line_of(system: Any, dead_pulses: int) -> Line | None:
    """Return the line of DPS or COW; None for any other protocol."""
    name = type(system).__name__
    if name not in ("DPS", "COW"):
        return None
    signal, fiber = float(system.signal), system.fiber
    document = {
        "train": "slots" if name == "COW" else "phases",
        "signal": signal,
        "transmittance": fiber.transmittance,
        "efficiency": float(system.receiver_efficiency),
        # Two windows a period, which together have the background.
        "dark_probability": -math.expm1(0.5 * math.log1p(-float(system.background_probability))),
        "misalignment": float(system.misalignment),
        "decoys": float(getattr(system, "decoy_fraction", 0.0)),
        "monitoring": float(getattr(system, "monitoring", 0.0)),
        "dead_pulses": dead_pulses,
    }
    decoys, notes = document["decoys"], [system.key_rate().security]
    document["intensities"] = [{"mean": signal, "probability": 1.0 - decoys}]
    if decoys > 0.0:
        document["intensities"].append({"mean": 2.0 * signal, "probability": decoys})
    if name == "COW" and document["monitoring"] == 0.0:
        notes.append("no light is monitored: nobody sees whether the train is coherent")
    return Line(
        "TrainLine",
        document,
        _alphabet("slots", 3) if name == "COW" else _alphabet("phases", 2),
        ("signal", "decoy")[: len(document["intensities"])],
        error_correction=float(system.error_correction),
        threshold=_threshold(system),
        assumptions=tuple(notes),
        repetition_rate_hz=float(system.repetition_rate_hz),
        length_km=getattr(fiber, "length_km", None),
    )


def _threshold(system: Any) -> float:
    """Return the error rate above which no key is left, error correction ideal; 1/2 where there never is one."""
    ideal = system.replace(background_probability=0.0, error_correction=1.0, misalignment=0.0)
    low, high = 0.0, 0.5
    if ideal.key_rate().value <= 0.0:
        return high
    for _ in range(20):
        middle = (low + high) / 2
        low, high = (middle, high) if ideal.replace(misalignment=middle).key_rate().value > 0.0 else (low, middle)
    return high


@dataclass(frozen=True, eq=False)
class TrainLaw:
    """The law of a line's clicks.

    Parameters
    ----------
    weights : float array (symbols,)
        How often each symbol is sent.
    patterns : float array (symbols, symbols, patterns)
        Probability of each pattern of windows, by the symbol before and the period's own.
    windows : tuple of int
        The detector of each window.
    """

    weights: Floats
    patterns: Floats
    windows: tuple[int, ...]

    @classmethod
    def of(cls, line: Line) -> TrainLaw:
        """Return the law of a line when nobody is on it.

        >>> from ebit import Fiber
        >>> from ebit.qkd import DPS
        >>> law = TrainLaw.of(train_line_of(DPS(Fiber(0.0), 1.0, signal=0.2), 0))
        >>> round(float(law.patterns[0, 0, 1]), 12) == round(1 - math.exp(-0.2), 12)
        True
        """
        d = line.document
        e, mean = d["misalignment"], d["signal"] * d["transmittance"] * d["efficiency"]
        if d["train"] == "phases":
            light = np.zeros((2, 2, 2))
            light[:, 0], light[:, 1] = ((1 - e) * mean, e * mean), (e * mean, (1 - e) * mean)
            return cls(np.array([0.5, 0.5]), _patterns(light, d["dark_probability"]), (0, 1))
        weights = np.array([(1 - d["decoys"]) / 2, (1 - d["decoys"]) / 2, d["decoys"]])
        data = (1 - d["monitoring"]) * mean * (FILLED @ np.array([[1 - e, e], [e, 1 - e]]))
        light = np.broadcast_to(data[None], (3, 3, 2))
        windows: tuple[int, ...] = (0, 0)
        if d["monitoring"] > 0.0:
            before = np.broadcast_to(FILLED[:, None, 1], (3, 3))
            early, late = (np.broadcast_to(FILLED[None, :, k], (3, 3)) for k in (0, 1))
            meet = [early + before, early - before, late + early, late - early]
            monitor = d["monitoring"] * mean * np.stack(meet, axis=-1) ** 2 / 4
            light, windows = np.concatenate((light, monitor), axis=-1), (0, 0, 1, 2, 1, 2)
        return cls(weights, _patterns(light, d["dark_probability"]), windows)

    def clicks(self, window_mask: int) -> Floats:
        """Return the probability of a click in any of some windows, by the symbol before and the own."""
        hit = np.array([bool(k & window_mask) for k in range(self.patterns.shape[-1])])
        out: Floats = self.patterns[..., hit].sum(axis=-1)
        return out

    def wait(self, window_mask: int) -> tuple[float, float]:
        """Return mean and variance of the periods that a detector with these windows waits for its click.

        Neighbours share a symbol, so that the wait is not geometric: P(longer than k) is the weight of k periods of a
        Markov chain over symbols in which none clicked. It begins with a symbol that nothing is known of.
        """
        silent = (1.0 - self.clicks(window_mask)) * self.weights
        rest = np.eye(len(silent)) - silent
        if np.linalg.det(rest) <= 0.0:
            return math.inf, math.inf
        longer = np.linalg.solve(rest, np.ones(len(silent)))
        mean = float(self.weights @ longer)
        square = mean + 2.0 * float(self.weights @ silent @ np.linalg.solve(rest, longer))
        return mean, square - mean**2

    @property
    def pairs(self) -> Floats:
        """How often each symbol follows each."""
        return np.outer(self.weights, self.weights)


def _patterns(light: Floats, dark: float) -> Floats:
    """Return the probability of each pattern from the mean photons in each window; windows click independently."""
    silent = (1.0 - dark) * np.exp(-light)
    out = np.ones((*light.shape[:-1], 1))
    for w in range(light.shape[-1]):
        out = np.concatenate((out * silent[..., w, None], out * (1.0 - silent[..., w, None])), axis=-1)
    return out


def expected_train(line: Line) -> Honest:
    """Return what a line gives when nobody is on it."""
    law = TrainLaw.of(line)
    own = law.patterns.reshape(*law.patterns.shape[:2], -1, 4).sum(axis=2)
    if line.document["dead_pulses"] == 0:
        return _expected(line, law, own)
    if law.windows[0] == law.windows[1]:
        # The early click of a period blinds the detector for the late one.
        once = own * [1.0, 1.0, 1.0, 0.0]
        once[..., 1] += own[..., 3]
        return replace(_expected(line, law, once), blind={0: _expected(line, law, once)})
    blind = {}
    for label in range(4):
        seen = np.zeros_like(own)
        for pattern in range(4):
            seen[..., pattern & ~label] += own[..., pattern]
        blind[label] = _expected(line, law, seen)
    return replace(blind[0], blind=blind)


def _expected(line: Line, law: TrainLaw, own: Floats) -> Honest:
    """Return what the data windows' patterns give, by the symbol before and the own."""
    pairs = law.pairs
    by_symbol = (law.weights[:, None, None] * own).sum(axis=0)
    lights = len(line.lights)
    light = np.array([0, 0, lights - 1])[: len(law.weights)]
    chosen = np.bincount(light, law.weights, lights).astype(float)
    clicks = np.bincount(light, law.weights * by_symbol[:, 1:].sum(axis=1), lights).astype(float)
    # A double click is either outcome half of the time.
    wrong = np.array([by_symbol[k, 2 - k] + 0.5 * by_symbol[k, 3] for k in (0, 1)]) @ law.weights[:2]
    errors = np.zeros((lights, 1))
    errors[0] = wrong
    detectors = sorted(set(law.windows))
    masks = [sum(1 << w for w, d in enumerate(law.windows) if d == detector) for detector in detectors]
    total = clicks.sum()
    return Honest(
        gain=np.divide(clicks, chosen, out=np.zeros(lights), where=chosen > 0),
        share=clicks / total if total > 0 else clicks,
        photon_share=np.zeros((lights, 256)),
        detector=np.array([float((pairs * law.clicks(mask)).sum()) for mask in masks]),
        bits=clicks[:, None],
        errors=errors,
        frame=1 << 62,
        waits=tuple(law.wait(mask) for mask in masks),
    )
