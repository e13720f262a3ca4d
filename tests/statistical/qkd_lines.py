"""What theory says of the clicks of lines that tests run, by formulas of its own.

A threshold detector that a coherent pulse of mean x falls on, with dark counts p, clicks with 1 - (1 - p) exp(-x); two
of them click independently. Nothing here counts photons, and nothing is shared with what is tested.
"""

from __future__ import annotations

import math
from typing import Any


def clicks(x0: float, x1: float, dark: float) -> tuple[float, float]:
    """P(any click), P(outcome 1) for means x0, x1 on the two detectors; a double click is either half of the time."""
    p0, p1 = 1 - (1 - dark) * math.exp(-x0), 1 - (1 - dark) * math.exp(-x1)
    return 1 - (1 - p0) * (1 - p1), p1 * (1 - p0) + p0 * p1 / 2


def photon(e: float, eta: float, dark: float) -> tuple[float, float]:
    """P(any click), P(outcome 1) for one photon that goes to detector 1 with probability e."""
    any_click = wrong = 0.0
    for probability, sees in ((eta * (1 - e), (1, 0)), (eta * e, (0, 1)), (1 - eta, (0, 0))):
        p0, p1 = max(sees[0], dark), max(sees[1], dark)
        any_click += probability * (1 - (1 - p0) * (1 - p1))
        wrong += probability * (p1 * (1 - p0) + p0 * p1 / 2)
    return any_click, wrong


def dark_of(system: Any) -> float:
    return 1 - (1 - float(system.background_probability)) ** 0.5


def eta_of(system: Any) -> float:
    return float(system.fiber.transmittance) * float(system.receiver_efficiency)


def deviation(count: float, n: float, p: float) -> float:
    """Standard errors between a count and its expectation."""
    return abs(count - n * p) / math.sqrt(max(n * p * (1 - p), 1e-300))
