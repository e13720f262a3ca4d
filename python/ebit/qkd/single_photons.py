"""Protocols whose pulses are single photons: BB84, six states, B92."""

from __future__ import annotations

from dataclasses import dataclass

from ebit import _core
from ebit._arguments import shown
from ebit._spec import default
from ebit.channels import OpticalChannel
from ebit.errors import WrongTypeError, complain
from ebit.qkd.protocol import Protocol

__all__ = ["B92", "BB84", "SixState", "qber_threshold"]


def qber_threshold(protocol: str) -> float:
    """Return the error rate at which a protocol's key vanishes, with error correction at the Shannon limit.

    Parameters
    ----------
    protocol : str
        "BB84", "BBM92", "E91", "SixState", "SARG04" (single photons) or "DeviceIndependent".

    Returns
    -------
    float

    Raises
    ------
    RangeError
        A protocol whose key does not depend on its error rate alone.
    WrongTypeError
        No name.

    Examples
    --------
    >>> [round(qber_threshold(name), 10) for name in ("BB84", "SixState")]
    [0.1100278644, 0.1261930833]
    """
    if not isinstance(protocol, str):
        hint = "as 'BB84' or 'SixState'"
        raise complain(WrongTypeError, "qber_threshold", "protocol", "the name of a protocol", shown(protocol), hint)
    return _core.qkd_threshold(protocol)


@dataclass(frozen=True)
class BB84(Protocol):
    """BB84 with single photons.

    Asymptotic: R = q Y1 [1 - h(e) - f h(e)] (Shor and Preskill 2000, doi:10.1103/PhysRevLett.85.441). Finite keys:
    Tomamichel et al. 2012, doi:10.1038/ncomms1631. Every pulse is exactly one photon.

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
    sifting : float
        Share of pulses whose bits make key: for which both take the same basis, from a half on; below that, and of a
        finite key, for which both take the key basis. A finite key needs < 1, to test in the other.
    repetition_rate_hz : float
        Pulses per second.

    Examples
    --------
    >>> from ebit import Fiber
    >>> BB84(fiber=Fiber(0.0), receiver_efficiency=1.0).key_rate().value
    0.5
    >>> BB84(fiber=Fiber(0.0), receiver_efficiency=1.0, misalignment=0.12).key_rate().why_no_key()[:12]
    'QBER 0.1200 '
    """

    fiber: OpticalChannel
    receiver_efficiency: float
    background_probability: float = default("BB84", "background_probability")
    misalignment: float = default("BB84", "misalignment")
    error_correction: float = default("BB84", "error_correction")
    sifting: float = default("BB84", "sifting")
    repetition_rate_hz: float = default("BB84", "repetition_rate_hz")


@dataclass(frozen=True)
class SixState(Protocol):
    """The six-state protocol with single photons: three bases bound what Eve knows more tightly.

    R = q Y1 {1 - [H(1 - 3e/2, e/2, e/2, e/2) - h(e)] - f h(e)} (Lo 2001, arXiv:quant-ph/0102138). Every pulse is
    exactly one photon; the error rate is the same in the three bases.

    Finite keys against general attacks by postselection: Tupkary, Tan and Lutkenhaus 2024
    (doi:10.48550/arXiv.2311.01600), lifted as by Nahar et al. 2024 (doi:10.48550/arXiv.2403.11851).

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
    sifting : float
        Share of pulses whose bits make key: for which both take the same basis, from a third on, which equally likely
        bases have; the other two are equally likely. Below that, and of a finite key in (1/9, 1), for which both take
        the key basis.
    repetition_rate_hz : float
        Pulses per second.

    Examples
    --------
    >>> from ebit import Fiber
    >>> line = SixState(fiber=Fiber(0.0), receiver_efficiency=1.0, misalignment=0.12, error_correction=1.0)
    >>> line.key_rate().value > 0
    True
    >>> block = 1e12
    >>> f"{line.optimize(block=block).key_rate(block=block).value:.4f}"
    '0.0278'
    """

    fiber: OpticalChannel
    receiver_efficiency: float
    background_probability: float = default("SixState", "background_probability")
    misalignment: float = default("SixState", "misalignment")
    error_correction: float = default("SixState", "error_correction")
    sifting: float = default("SixState", "sifting")
    repetition_rate_hz: float = default("SixState", "repetition_rate_hz")


@dataclass(frozen=True)
class B92(Protocol):
    """B92 with single photons: two states that are not orthogonal.

    R = G [1 - f h(e) - h(e_p)]: G the hits, e their errors, e_p the greatest phase error that hits, errors and loss
    allow (Tamaki and Lutkenhaus 2004, doi:10.1103/PhysRevA.69.032316). Where the loss reaches the overlap, Eve may tell
    the states apart.

    Finite keys against general attacks by the same argument with counts (``b92_key_length``), where the receiver gets
    one photon or none.

    Parameters
    ----------
    fiber : Fiber, SatelliteDownlink, FreeSpace or Arms
        From sender to receiver.
    receiver_efficiency : float
        Of the receiver, detectors included.
    background_probability : float
        Clicks per pulse without light, all detectors together.
    misalignment : float
        Share of photons that click in the wrong detector: depolarization of 3/2 times it.
    error_correction : float
        Bits disclosed over those of the Shannon limit, >= 1.
    overlap : float
        Of the two states, in (0, 1).
    repetition_rate_hz : float
        Pulses per second.
    test_probability : float
        How often a hit of a finite key is compared, in [1e-9, 1).

    Examples
    --------
    >>> from ebit import Fiber
    >>> best = B92(fiber=Fiber(0.0), receiver_efficiency=0.9, misalignment=0.005).optimize()
    >>> 0.3 < best.overlap < 0.95, best.key_rate().value > 0
    (True, True)
    >>> finite = best.optimize(block=1e8).key_rate(block=1e8)
    >>> 0.8 < finite.value / best.key_rate().value < 1.0
    True
    """

    fiber: OpticalChannel
    receiver_efficiency: float
    background_probability: float = default("B92", "background_probability")
    misalignment: float = default("B92", "misalignment")
    error_correction: float = default("B92", "error_correction")
    overlap: float = default("B92", "overlap")
    repetition_rate_hz: float = default("B92", "repetition_rate_hz")
    test_probability: float = default("B92", "test_probability")
