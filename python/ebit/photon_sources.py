"""Sources of light that holds about one photon: how many there are, and what a detector makes of them.

A source is data; its numbers are computed in Rust. Everything here is re-exported by ``ebit.hardware``.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ebit import _core
from ebit._arguments import integer
from ebit._spec import Spec, default
from ebit.channels import number

__all__ = ["PhotonSource", "QuantumDot", "WeakCoherentPulse"]


class PhotonSource(Spec):
    """Any source whose pulses hold a random number of photons.

    Examples
    --------
    >>> QuantumDot(efficiency=0.5).mean_photons
    0.5
    """

    def nested(self) -> dict[str, Any]:
        """Return the source under its name, as documents hold it."""
        return {type(self).__name__: self.to_dict()}

    @functools.cached_property
    def _moments(self) -> tuple[float, float]:
        return _core.photon_moments(json.dumps(self.nested()))

    def probabilities(self, count: int = 10) -> npt.NDArray[np.float64]:
        """Return the probabilities of 0, 1, .. ``count`` - 1 photons.

        Examples
        --------
        >>> QuantumDot(efficiency=0.25).probabilities(3).tolist()
        [0.75, 0.25, 0.0]
        """
        wanted = integer(f"{type(self).__name__}.probabilities", "count", count, 1, 100_000)
        return _core.photon_probabilities(json.dumps(self.nested()), wanted)


@dataclass(frozen=True)
class WeakCoherentPulse(PhotonSource):
    """A laser pulse of unknown phase: p_n = exp(-mu) mu^n/n!, g2 = 1 (doi:10.1103/PhysRev.131.2766).

    Parameters
    ----------
    mean_photons : float
        Mean number mu of photons, in [0, 100].

    Examples
    --------
    >>> WeakCoherentPulse(0.5).probabilities(3).round(4).tolist()
    [0.6065, 0.3033, 0.0758]
    """

    mean_photons: float

    @property
    def g2(self) -> float:
        """Second-order correlation at zero delay, <n(n-1)>/<n>^2: 1."""
        return self._moments[1]


@dataclass(frozen=True)
class QuantumDot(PhotonSource):
    """A quantum dot excited once per attempt: one photon, and by a second excitation another one.

    The second has probability r with g2 = 2 r/(1+r)^2; each photon leaves with the efficiency s. Loss keeps g2.
    Neglected: third photons, and excitations that fail.

    Parameters
    ----------
    efficiency : float
        Probability s that an emitted photon leaves the source.
    g2 : float
        Second-order correlation at zero delay, in [0, 0.5].

    Examples
    --------
    >>> dot = QuantumDot(efficiency=0.57, g2=0.02)
    >>> round(dot.mean_photons, 4), round(dot.double_excitation_probability, 4)
    (0.5758, 0.0102)

    The dot in a link between two emitters:

    >>> from ebit.hardware import Detector, DoubleClick, Fiber
    >>> link = DoubleClick(fiber=Fiber(20.0), detector=Detector(0.9), source_efficiency=dot.efficiency,
    ...                    double_excitation_probability=dot.double_excitation_probability)
    >>> round(link.pair.fidelity, 3)
    0.985
    """

    efficiency: float
    g2: float = default("QuantumDot", "g2")

    @property
    def mean_photons(self) -> float:
        """Mean number of photons: s (1 + r)."""
        return self._moments[0]

    @property
    def double_excitation_probability(self) -> float:
        """Probability r of a second photon whenever there is a first, as link models with emitters have it."""
        return _core.double_excitation_probability(json.dumps(self.to_dict()))


#: What messages call them.
SOURCES = "a WeakCoherentPulse or QuantumDot"


def source_from_plain(fields: Mapping[str, Any]) -> PhotonSource:
    """Build a source from what a document holds: ``{"QuantumDot": {...}}``."""
    kinds: dict[str, type[PhotonSource]] = {k.__name__: k for k in (WeakCoherentPulse, QuantumDot)}
    ((name, values),) = fields.items()
    return kinds[name](**{k: number(v) for k, v in values.items()})
