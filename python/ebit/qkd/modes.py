"""Light as its quadratures: coherent states through Gaussian channels, drawn from their Wigner functions.

The Wigner function of a Gaussian state is a probability density, and homodyne and heterodyne detection read it off, so
a draw from it passes through beam splitters as numbers do, exactly. Units of shot noise: vacuum has variance 1.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ebit._arguments import probability, real, shown
from ebit.errors import RangeError, complain
from ebit.qkd._columns import reals
from ebit.qkd.attacks import Eavesdropper

__all__ = ["EntanglingCloner", "HeterodyneResend", "Modes", "symplectic_entropy"]

Reals = NDArray[np.float64]


class Modes:
    """Pulses of light in an eavesdropper's hands, a batch at a time.

    Parameters
    ----------
    light : array (n, 2)
        Quadratures x and p of each pulse.
    transmittance, excess_noise : float
        Of the channel that lies ahead of them; an eavesdropper may replace it by one of her own.

    Examples
    --------
    >>> modes = Modes(np.zeros((3, 2)), transmittance=0.5, excess_noise=0.01)
    >>> modes.channel(1.0)
    >>> modes.transmittance, modes.excess_noise
    (1.0, 0.0)
    """

    def __init__(self, light: Reals, transmittance: float, excess_noise: float) -> None:
        self._light = light
        self.transmittance, self.excess_noise = transmittance, excess_noise

    def __len__(self) -> int:
        return len(self._light)

    def heterodyne(self, rng: np.random.Generator) -> Reals:
        """Measure both quadratures, which uses the light up; returns them as they were, with two units of noise.

        Parameters
        ----------
        rng : Generator

        Returns
        -------
        float array (n, 2)
        """
        vacuum = rng.standard_normal(self._light.shape)
        seen: Reals = self._light + vacuum
        self._light = rng.standard_normal(self._light.shape)
        return seen

    def send(self, mean: ArrayLike, rng: np.random.Generator) -> None:
        """Send fresh coherent states with these mean quadratures, (n, 2)."""
        centre = reals("Modes.send", "mean", mean, self._light.shape, "finite numbers")
        self._light = centre + rng.standard_normal(self._light.shape)

    def mix(self, transmittance: float, other: Reals) -> Reals:
        """Mix with other light on a beam splitter; what does not go on is returned."""
        transmittance = probability("Modes.mix", "transmittance", transmittance)
        other = reals("Modes.mix", "other", other, self._light.shape, "finite numbers")
        t, r = math.sqrt(transmittance), math.sqrt(1.0 - transmittance)
        light, self._light = self._light, t * self._light + r * other
        return t * other - r * light

    def channel(self, transmittance: float, excess_noise: float = 0.0) -> None:
        """Replace the channel ahead: its transmittance, and its excess noise at the input."""
        share = probability("Modes.channel", "transmittance", transmittance)
        noise = real("Modes.channel", "excess_noise", excess_noise, "finite and >= 0")
        if noise < 0.0:
            raise complain(RangeError, "Modes.channel", "excess_noise", "finite and >= 0", shown(excess_noise))
        self.transmittance, self.excess_noise = share, noise


class HeterodyneResend(Eavesdropper):
    """Measures both quadratures of a share of the pulses and sends on what she saw: two units of noise at the input.

    Parameters
    ----------
    fraction : float
        Share of the pulses she measures, in [0, 1].

    Examples
    --------
    >>> HeterodyneResend(fraction=0.5).fraction
    0.5
    """

    def __init__(self, fraction: float = 1.0) -> None:
        self.fraction = probability("HeterodyneResend", "fraction", fraction)

    def quadratures(self, modes: Modes, rng: np.random.Generator) -> None:
        """Measure and send."""
        touched = rng.random(len(modes)) < self.fraction
        kept = modes._light[~touched]
        seen = modes.heterodyne(rng)
        modes.send(seen, rng)
        modes._light[~touched] = kept


class EntanglingCloner(Eavesdropper):
    """Puts a beam splitter in the channel's place, half of an entangled pair on its other side, and keeps the rest.

    With W = 1 + T xi/(1 - T) the variance of each half, what arrives is what the channel of transmittance T and excess
    noise xi would have given: nothing moves (Grosshans et al. 2003, doi:10.1038/nature01289). What she may learn of the
    receiver's data is then all that Holevo's bound allows.

    Parameters
    ----------
    excess_noise : float, optional
        xi that she makes; None: as much as the line is known to have.

    Examples
    --------
    >>> EntanglingCloner(excess_noise=0.1).excess_noise
    0.1
    """

    def __init__(self, excess_noise: float | None = None) -> None:
        words = "None, or finite and >= 0"
        if excess_noise is not None and not real("EntanglingCloner", "excess_noise", excess_noise, words) >= 0.0:
            raise complain(RangeError, "EntanglingCloner", "excess_noise", words, shown(excess_noise))
        self.excess_noise = excess_noise

    def quadratures(self, modes: Modes, rng: np.random.Generator) -> None:
        """Mix each pulse with half of a pair."""
        t = modes.transmittance
        xi = modes.excess_noise if self.excess_noise is None else self.excess_noise
        if t >= 1.0:
            return
        w = 1.0 + t * xi / (1.0 - t)
        modes.mix(t, math.sqrt(w) * rng.standard_normal((len(modes), 2)))
        modes.channel(1.0)

    def holevo(self, variance: float, transmittance: float, excess_noise: float, noise: float, both: bool) -> float:
        """Return what her two modes tell of the receiver's data, in bits per pulse: S(E) - S(E|b).

        Parameters
        ----------
        variance : float
            V of what is sent, the vacuum's 1 included.
        transmittance, excess_noise : float
            T and xi of the channel that she stands for.
        noise : float
            Of a trusted detector, at its input.
        both : bool
            Whether the receiver measures both quadratures.

        Examples
        --------
        >>> EntanglingCloner().holevo(variance=5.0, transmittance=1.0, excess_noise=0.0, noise=0.0, both=False)
        0.0
        """
        t, xi = transmittance, excess_noise if self.excess_noise is None else self.excess_noise
        if t >= 1.0:
            return 0.0
        w = 1.0 + t * xi / (1.0 - t)
        # Her kept half, and what left the beam splitter by the other port; x of a pair agree, p are opposite.
        cross = math.sqrt(w * w - 1.0)
        own, left = w, t * w + (1.0 - t) * variance
        between = math.sqrt(t) * cross
        to_bob = np.array([math.sqrt(1.0 - t) * cross, math.sqrt(t * (1.0 - t)) * (w - variance)])
        bob = t * variance + (1.0 - t) * w + noise
        x = np.array([[own, between], [between, left]])
        p = np.array([[own, -between], [-between, left]])
        before = symplectic_entropy(x, p)
        signs = np.array([-1.0, 1.0])
        x_after = x - np.outer(to_bob, to_bob) / bob
        p_after = p - np.outer(signs * to_bob, signs * to_bob) / bob if both else p
        return before - symplectic_entropy(x_after, p_after)


def symplectic_entropy(x: Reals, p: Reals) -> float:
    """Return the entropy in bits of a Gaussian state without correlations between x and p, from their covariances.

    Symplectic eigenvalues l are roots of the eigenvalues of x p; each gives g((l - 1)/2) with
    g(y) = (y + 1) log2(y + 1) - y log2 y.

    >>> symplectic_entropy(np.eye(2), np.eye(2))
    0.0
    """
    total = 0.0
    for square in np.linalg.eigvals(x @ p).real:
        y = max(0.5 * (math.sqrt(max(square, 1.0)) - 1.0), 0.0)
        if y > 1e-15:
            total += (y + 1.0) * math.log2(y + 1.0) - y * math.log2(y)
    return total
