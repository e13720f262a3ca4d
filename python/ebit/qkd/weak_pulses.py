"""Weak coherent pulses: BB84 without decoys, and SARG04."""

from __future__ import annotations

from dataclasses import dataclass

from ebit._spec import default
from ebit.channels import OpticalChannel
from ebit.qkd.protocol import Protocol

__all__ = ["SARG04", "WeakBB84"]


@dataclass(frozen=True)
class WeakBB84(Protocol):
    """BB84 with weak pulses and no decoys: every pulse of two photons and more may be Eve's.

    R = q Q {(1 - D)[1 - h(E/(1 - D))] - f h(E)}, D = P(n >= 2)/Q (Gottesman, Lo, Lutkenhaus and Preskill 2004,
    arXiv:quant-ph/0212066). The best signal goes with the transmittance, the rate with its square.

    Finite keys by the same argument with counts (``weak_key_length``); ``sifting`` is then the share of pulses that
    both have in the key basis.

    Parameters
    ----------
    fiber : Fiber, SatelliteDownlink, FreeSpace or Arms
        From sender to receiver.
    receiver_efficiency : float
        Of the receiver, detectors included.
    signal : float
        Mean photons of a pulse.
    background_probability : float
        Clicks per pulse without light, all detectors together.
    misalignment : float
        Share of photons that click in the wrong detector.
    error_correction : float
        Bits disclosed over those of the Shannon limit, >= 1.
    sifting : float
        Share of pulses whose bits make key: for which both take the same basis, from a half on; below that, and of a
        finite key, for which both take the key basis. A finite key needs < 1, to test in the other.
    repetition_rate_hz : float
        Pulses per second.

    Examples
    --------
    >>> from ebit import Fiber
    >>> line = WeakBB84(fiber=Fiber(25.0), receiver_efficiency=0.1, signal=0.5)
    >>> line.key_rate().value, line.optimize().key_rate().value > 0
    (0.0, True)
    """

    fiber: OpticalChannel
    receiver_efficiency: float
    signal: float
    background_probability: float = default("WeakBB84", "background_probability")
    misalignment: float = default("WeakBB84", "misalignment")
    error_correction: float = default("WeakBB84", "error_correction")
    sifting: float = default("WeakBB84", "sifting")
    repetition_rate_hz: float = default("WeakBB84", "repetition_rate_hz")


@dataclass(frozen=True)
class SARG04(Protocol):
    """SARG04 with weak pulses and decoys: pulses of one photon make key, with infinitely many decoys those of two, too.

    R = Q1 [1 - H(Z|X)] + Q2 [1 - h(e_p2)] - Q f h(E) (Fung, Tamaki and Lo 2006, doi:10.1103/PhysRevA.73.012337); gains
    are of conclusive clicks, so that sifting is within. Finite keys rest on single photons and two decoys
    (``sarg_key_length``); all intensities make key.

    Parameters
    ----------
    fiber : Fiber, SatelliteDownlink, FreeSpace or Arms
        From sender to receiver.
    receiver_efficiency : float
        Of the receiver, detectors included.
    background_probability : float
        Clicks per pulse without light, all detectors together.
    misalignment : float
        Share of photons that click in the wrong detector.
    error_correction : float
        Bits disclosed over those of the Shannon limit, >= 1.
    signal : float
        Mean photons of a signal pulse.
    decoys : "infinite" or tuple
        Intensities (weak, vacuum), or as many as it takes. A finite key takes two for "infinite", the best weak one and
        vacuum.
    signal_probability, weak_probability : float, optional
        Shares of the pulses, for finite keys; None: those that give the most key.
    test_probability : float
        Of a finite key: how likely a conclusive click is compared in public, in [1e-9, 1); the others make key.
    repetition_rate_hz : float
        Pulses per second.

    Examples
    --------
    >>> from ebit import Fiber
    >>> gys = SARG04(fiber=Fiber(50.0, loss_db_per_km=0.21), receiver_efficiency=0.045, misalignment=0.033,
    ...              background_probability=1.7e-6, error_correction=1.22)
    >>> gys.optimize().key_rate().value > 0
    True
    """

    fiber: OpticalChannel
    receiver_efficiency: float
    background_probability: float = default("SARG04", "background_probability")
    misalignment: float = default("SARG04", "misalignment")
    error_correction: float = default("SARG04", "error_correction")
    signal: float = default("SARG04", "signal")
    decoys: str | tuple[float, ...] = default("SARG04", "decoys")
    signal_probability: float | None = default("SARG04", "signal_probability")
    weak_probability: float | None = default("SARG04", "weak_probability")
    test_probability: float = default("SARG04", "test_probability")
    repetition_rate_hz: float = default("SARG04", "repetition_rate_hz")
