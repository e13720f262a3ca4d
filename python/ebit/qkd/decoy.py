"""BB84 with weak coherent pulses and decoy states."""

from __future__ import annotations

from dataclasses import dataclass

from ebit._spec import default
from ebit.channels import OpticalChannel
from ebit.qkd.protocol import Protocol

__all__ = ["DecoyBB84"]

_NAME = "DecoyBB84"


@dataclass(frozen=True)
class DecoyBB84(Protocol):
    """BB84 with phase-randomized weak pulses and decoys.

    Asymptotic: R = q {mu e^-mu Y1 [1 - h(e1)] - Q f h(E)}, Y1 and e1 bounded by the decoys (Lo, Ma and Chen 2005,
    doi:10.1103/PhysRevLett.94.230504; Ma et al. 2005, doi:10.1103/PhysRevA.72.012326). Finite keys: Lim et al. 2014
    (doi:10.1103/PhysRevA.89.022307), with one decoy Rusca et al. 2018 (doi:10.1063/1.5023340); both measure the key
    basis with probability sqrt(q), and all intensities make key.

    Parameters
    ----------
    fiber : Fiber, SatelliteDownlink, FreeSpace or Arms
        From sender to receiver.
    receiver_efficiency : float
        Of the receiver, detectors included.
    background_probability : float
        Y0: clicks per pulse without light, all detectors together.
    misalignment : float
        e_d: share of photons that click in the wrong detector.
    error_correction : float
        f: bits disclosed over those of the Shannon limit, >= 1.
    sifting : float
        q: share of pulses whose bits make key, for which both take the same basis, from a half on; below that, and of
        a finite key, for which both take the key basis. A finite key needs < 1, to test in the other.
    signal : float
        mu: mean photons of a signal pulse.
    decoys : "infinite", float or tuple
        Intensities: (weak, vacuum), one weak decoy, or as many as it takes. A finite key takes two for "infinite", the
        best weak one and vacuum.
    signal_probability, weak_probability : float, optional
        Shares of the pulses, for finite keys; None: those that give the most key.
    afterpulse_probability : float
        Afterpulses per click.
    gain : {"sum", "union"}
        Clicks of a pulse: Y0 + 1 - e^(-eta mu) (Ma et al.), or 1 - (1 - Y0) e^(-eta mu) (Lim et al.).
    repetition_rate_hz : float
        Pulses per second.

    Examples
    --------
    The system of Gobby, Yuan and Shields, as in Ma et al. 2005:

    >>> from ebit import Fiber
    >>> gys = DecoyBB84(fiber=Fiber(100.0, loss_db_per_km=0.21), receiver_efficiency=0.045, misalignment=0.033,
    ...                 background_probability=1.7e-6, error_correction=1.22, signal=0.48)
    >>> f"{gys.key_rate().value:.4g} bits per pulse, as far as {gys.max_distance_km():.0f} km"
    '1.718e-05 bits per pulse, as far as 142 km'
    """

    fiber: OpticalChannel
    receiver_efficiency: float
    background_probability: float = default(_NAME, "background_probability")
    misalignment: float = default(_NAME, "misalignment")
    error_correction: float = default(_NAME, "error_correction")
    sifting: float = default(_NAME, "sifting")
    signal: float = default(_NAME, "signal")
    decoys: str | float | tuple[float, ...] = default(_NAME, "decoys")
    signal_probability: float | None = default(_NAME, "signal_probability")
    weak_probability: float | None = default(_NAME, "weak_probability")
    afterpulse_probability: float = default(_NAME, "afterpulse_probability")
    gain: str = default(_NAME, "gain")
    repetition_rate_hz: float = default(_NAME, "repetition_rate_hz")
