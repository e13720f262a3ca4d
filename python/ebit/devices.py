"""Devices of a node: what detects a photon, what stores a qubit, what joins two pairs.

Data only: what a device does is computed in Rust. Everything here is re-exported by ``ebit.hardware``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from ebit import _core
from ebit._arguments import real, shown
from ebit._spec import Spec, default
from ebit.errors import WrongTypeError, complain
from ebit.photon_sources import SOURCES, PhotonSource

__all__ = ["Detector", "Memory", "Swap"]


@dataclass(frozen=True)
class Detector(Spec):
    """A single-photon detector.

    Parameters
    ----------
    efficiency : float
        Probability that a photon clicks, in [0, 1].
    dark_count_rate_hz : float
        Dark counts per second and detector; p_d = 1 - exp(-rate x window).
    window_s : float
        Length in seconds of one detection window (one time bin or polarisation).
    number_resolving : bool
        Whether one photon can be told from two.

    Examples
    --------
    >>> Detector(efficiency=0.9, dark_count_rate_hz=10.0).number_resolving
    False
    """

    efficiency: float
    dark_count_rate_hz: float = default("Detector", "dark_count_rate_hz")
    window_s: float = default("Detector", "window_s")
    number_resolving: bool = default("Detector", "number_resolving")

    def with_background(self, photon_rate_hz: float) -> Detector:
        """Return this detector with so many more photons per second on it: dark counts + efficiency x rate.

        Raman noise, converter noise, daylight. Behind a beam splitter each detector gets its share.

        Examples
        --------
        >>> Detector(efficiency=0.5, dark_count_rate_hz=10.0).with_background(1e3).dark_count_rate_hz
        510.0
        """
        rate = real("Detector.with_background", "photon_rate_hz", photon_rate_hz)
        return Detector(**json.loads(_core.detector_with_background(json.dumps(self.to_dict()), rate)))

    def with_jitter(self, fwhm_s: float) -> Detector:
        """Return this detector with a timing jitter: efficiency x erf(sqrt(ln 2) window/fwhm).

        The share of a Gaussian scatter of clicks that falls into the window around it, for a photon short against
        both and windows farther apart than window and jitter together.

        Examples
        --------
        >>> round(Detector(efficiency=1.0, window_s=1e-9).with_jitter(1e-9).efficiency, 3)
        0.761
        """
        width = real("Detector.with_jitter", "fwhm_s", fwhm_s)
        return Detector(**json.loads(_core.detector_with_jitter(json.dumps(self.to_dict()), width)))

    def under_load(
        self, photon_rate_hz: float, *, dead_time_s: float = 0.0, afterpulse_probability: float = 0.0
    ) -> Detector:
        """Return what dead time and afterpulses leave of this detector under a steady load.

        The recorded rate solves R = (r + p R)(1 - R tau), r = efficiency x photons + dark counts; the detector sees
        the share 1 - R tau of the time, which multiplies efficiency and dark counts, and p R afterpulses join these.
        Poisson load, non-paralysable; tau short against the spacing of an attempt's bins.

        Parameters
        ----------
        photon_rate_hz : float
            Photons per second on the detector, signal and noise, dark counts besides.
        dead_time_s : float
            Blind time tau after each recorded count.
        afterpulse_probability : float
            Probability p of another count per recorded one, long after on the scale of the dead time.

        Examples
        --------
        >>> Detector(efficiency=0.5).under_load(2e6, dead_time_s=1e-6).efficiency
        0.25
        """
        object_ = "Detector.under_load"
        numbers = [
            real(object_, name, value)
            for name, value in (
                ("photon_rate_hz", photon_rate_hz),
                ("dead_time_s", dead_time_s),
                ("afterpulse_probability", afterpulse_probability),
            )
        ]
        return Detector(**json.loads(_core.detector_under_load(json.dumps(self.to_dict()), *numbers)))

    def click_probability(self, source: PhotonSource, *, transmittance: float = 1.0) -> float:
        """Return the probability that this detector clicks in its one window behind a source and a lossy channel.

        Without number resolution a photon or more, or a dark count; with it exactly one count. It sees G(1 - e eta) of
        silence, G the generating function of the source's photon numbers.

        Parameters
        ----------
        source : WeakCoherentPulse or QuantumDot
        transmittance : float
            Probability that a photon comes through the channel, in [0, 1].

        Examples
        --------
        >>> round(Detector(efficiency=0.8).click_probability(WeakCoherentPulse(0.5), transmittance=0.5), 6)
        0.181269
        """
        object_ = "Detector.click_probability"
        if not isinstance(source, PhotonSource):
            raise complain(WrongTypeError, object_, "source", SOURCES, shown(source))
        passes = real(object_, "transmittance", transmittance)
        documents = json.dumps(self.to_dict()), json.dumps(source.nested())
        return _core.photon_click_probability(*documents, passes)


@dataclass(frozen=True)
class Memory(Spec):
    """Quantum memory of a node: slots per link end, and how a stored qubit decays.

    Bloch x, y decay as exp(-t/T2), z towards \\|0> as exp(-t/T1); or all three as exp(-t/T) when depolarizing.

    Parameters
    ----------
    slots : int
        Qubits per link end, >= 1.
    t1_s, t2_s : float, optional
        Relaxation and total coherence time in seconds, T2 <= 2 T1; None: no relaxation, no dephasing beyond
        relaxation's own (T2 = 2 T1).
    depolarizing_time_s : float, optional
        Depolarizing time in seconds, instead of T1 and T2.

    Examples
    --------
    >>> Memory(slots=4, t1_s=10.0, t2_s=1.0).slots
    4
    """

    slots: int = default("Memory", "slots")
    t1_s: float | None = default("Memory", "t1_s")
    t2_s: float | None = default("Memory", "t2_s")
    depolarizing_time_s: float | None = default("Memory", "depolarizing_time_s")

    @classmethod
    def perfect(cls, slots: int = 1) -> Memory:
        """Return a memory that never decays, with so many slots per link end."""
        return cls(slots=slots)


@dataclass(frozen=True)
class Swap(Spec):
    """Entanglement swap (Bell measurement) of a node.

    Parameters
    ----------
    success_probability : float
        Probability that the measurement heralds, in [0, 1].
    fidelity : float
        Fidelity of the swap of two perfect pairs, in [1/4, 1]: rho -> v rho + (1-v) I/4, v = (4 fidelity - 1)/3.
    duration_s : float
        Seconds from start to outcome.

    Examples
    --------
    >>> Swap(success_probability=0.5, fidelity=0.99).duration_s
    0.0
    """

    success_probability: float = default("Swap", "success_probability")
    fidelity: float = default("Swap", "fidelity")
    duration_s: float = default("Swap", "duration_s")

    @classmethod
    def perfect(cls) -> Swap:
        """Return a swap that always works, perfectly and at once."""
        return cls()
