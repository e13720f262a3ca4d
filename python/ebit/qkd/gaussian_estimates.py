"""What a sample of continuous values says of the line: slope and noise, what they deviate from, what they allow."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ebit.estimates import Estimate
from ebit.qkd.attacks import Eavesdropper
from ebit.qkd.conversation import Rejected
from ebit.qkd.gaussian_key import measured
from ebit.qkd.judgement import ALARM_SIGMA, Alarm

if TYPE_CHECKING:
    from ebit.qkd.gaussian import GG02

__all__ = ["deviations", "estimates", "knowledge", "rates", "regression"]

Reals = NDArray[np.float64]


def regression(a: Reals, b: Reals) -> tuple[float, float]:
    """Return slope and noise of b on a by maximum likelihood.

    Leverrier, Grosshans and Grangier 2010, doi:10.1103/PhysRevA.81.062343.
    """
    a, b = a.ravel(), b.ravel()
    with np.errstate(over="ignore"):
        power = float(a @ a)
    # Whoever is not asked for a tag may have said anything.
    if not 0.0 < power < math.inf:
        raise Rejected("the values compared are none that were sent")
    t = float(a @ b) / power
    return t, float(np.mean((b - t * a) ** 2))


def estimates(system: GG02, a: Reals, t: float, noise: float) -> tuple[Estimate, Estimate]:
    """Return transmittance and excess noise from slope and noise."""
    error_t, error_noise = math.sqrt(noise / float(np.sum(a * a))), noise * math.sqrt(2.0 / a.size)
    # Of heterodyne detection half the light falls on either quadrature.
    eta = system.receiver_efficiency / (2.0 if system.detection == "heterodyne" else 1.0)
    transmittance = _estimate(t * t / eta, 2 * abs(t) * error_t / eta)
    scale = max(t * t, 1e-300)
    xi = (noise - 1.0 - system.electronic_noise) / scale
    # An error of the transmittance counts twice over in what is divided by it.
    error = math.hypot(error_noise / scale, 2.0 * xi * error_t / max(abs(t), 1e-300))
    return transmittance, _estimate(xi, error)


def _estimate(value: float, error: float) -> Estimate:
    return Estimate(value, error, value - 1.96 * error, value + 1.96 * error)


def deviations(system: GG02, a: Reals, slope: float, noise: float, seen: tuple[Estimate, Estimate]) -> list[Alarm]:
    """Compare what was measured with the calibrated line: a wrong transmittance, or more noise than it has.

    Given what Alice sent, and with nobody on the line, the slope is normal and n noise/sigma^2 is chi-square with n - 1
    degrees of freedom, exactly, however few values there are; that as a normal deviate (Wilson and Hilferty 1931).
    """
    eta = system.receiver_efficiency / (2.0 if system.detection == "heterodyne" else 1.0)
    honest = math.sqrt(eta * system.fiber.transmittance)
    variance = 1.0 + system.electronic_noise + honest * honest * system.excess_noise
    apart = abs(slope - honest) * math.sqrt(float(np.sum(a * a)) / variance)
    degrees = max(a.size - 1, 1)
    spread = 2.0 / (9.0 * degrees)
    above = (math.cbrt(a.size * noise / variance / degrees) - 1.0 + spread) / math.sqrt(spread)
    out = []
    for what, value, expected, sigma in (
        ("transmittance", seen[0].value, system.fiber.transmittance, apart),
        ("excess noise", seen[1].value, system.excess_noise, above),
    ):
        if sigma > ALARM_SIGMA:
            out.append(Alarm(what, value, expected, sigma))
    return out


def rates(system: GG02, t: Estimate, xi: Estimate) -> tuple[Estimate, Estimate]:
    """Return mutual information and key rate at the estimates, and at the worst and best ends of their intervals."""

    def at(transmittance: float, noise: float) -> tuple[float, float]:
        rate = measured(system, transmittance, noise).key_rate()
        return float(rate.parts.get("mutual_information", 0.0)), rate.value

    middle, worst, best = at(t.value, xi.value), at(t.low, xi.high), at(t.high, xi.low)
    return tuple(  # type: ignore[return-value]
        Estimate(m, (b - w) / (2 * 1.96), min(w, m), max(b, m)) for m, w, b in zip(middle, worst, best, strict=True)
    )


def knowledge(system: GG02, eavesdropper: Eavesdropper | None) -> Estimate:
    """Return what she may know, where it is known what she does."""
    if not hasattr(eavesdropper, "quadratures"):
        return Estimate(0.0, 0.0, 0.0, 0.0)
    holevo = getattr(eavesdropper, "holevo", None)
    if holevo is None:
        return Estimate(math.nan, math.inf, 0.0, math.inf)
    both, eta = system.detection == "heterodyne", system.receiver_efficiency
    split = 2.0 if both else 1.0
    noise = (split - eta + split * system.electronic_noise) / eta
    value = holevo(system.modulation_variance + 1.0, system.fiber.transmittance, system.excess_noise, noise, both)
    return Estimate(value, 0.0, value, value)
