"""Continuous variables: Gaussian-modulated coherent states."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ebit._spec import default
from ebit.channels import OpticalChannel
from ebit.qkd.protocol import Protocol

if TYPE_CHECKING:
    from ebit.qkd.attacks import Eavesdropper
    from ebit.qkd.gaussian_session import GaussianSession

__all__ = ["GG02"]


@dataclass(frozen=True)
class GG02(Protocol):
    """GG02: Gaussian modulation, homodyne or heterodyne detection, reverse reconciliation.

    R = q (beta I_AB - chi_BE), Eve bounded by Holevo's chi of the covariance matrix (Lodewyck et al. 2007,
    doi:10.1103/PhysRevA.76.042305; heterodyne: Fossier et al. 2009, doi:10.1088/0953-4075/42/11/114014).
    Collective attacks; all noises in shot-noise units. Finite keys against collective Gaussian attacks: Mountogiannakis
    et al. 2022 (doi:10.48550/arXiv.2103.16589), with Eve's information at its greatest in the confidence region.

    Parameters
    ----------
    fiber : Fiber, SatelliteDownlink, FreeSpace or Arms
        From sender to receiver.
    receiver_efficiency : float
        eta of the detector.
    modulation_variance : float
        V_A.
    excess_noise : float
        xi, at the channel's input.
    electronic_noise : float
        v_el of the detector.
    reconciliation_efficiency : float
        beta: share of the mutual information that reconciliation gets.
    detection : {"homodyne", "heterodyne"}
        One quadrature, or both with half the light each.
    trusted_detector : bool
        Whether the detector's loss and noise are out of Eve's reach.
    estimation_share : float
        Share of the sifted signals that is compared to estimate the channel, in (0, 1): by a run, and of rates only by
        those of finite keys, as the next two.
    digitization_bits : int
        p: bits to which an outcome is rounded, per quadrature, in [1, 16].
    frame_success_probability : float
        p_ec: how often a block is reconciled and verified, in (0, 1].
    sifting : float
        Share of pulses that make key.
    repetition_rate_hz : float
        Pulses per second.

    Examples
    --------
    >>> from ebit import Fiber
    >>> line = GG02(fiber=Fiber(25.0), receiver_efficiency=0.6, excess_noise=0.01, electronic_noise=0.01)
    >>> f"{line.key_rate().value:.7f} {line.replace(trusted_detector=False).key_rate().value:.4f}"
    '0.0916266 0.0339'
    >>> f"{line.optimize(block=1e9).key_rate(block=1e9).value:.3f}"
    '0.082'
    """

    fiber: OpticalChannel
    receiver_efficiency: float
    modulation_variance: float = default("GG02", "modulation_variance")
    excess_noise: float = default("GG02", "excess_noise")
    electronic_noise: float = default("GG02", "electronic_noise")
    reconciliation_efficiency: float = default("GG02", "reconciliation_efficiency")
    detection: str = default("GG02", "detection")
    trusted_detector: bool = default("GG02", "trusted_detector")
    estimation_share: float = default("GG02", "estimation_share")
    digitization_bits: int = default("GG02", "digitization_bits")
    frame_success_probability: float = default("GG02", "frame_success_probability")
    sifting: float = default("GG02", "sifting")
    repetition_rate_hz: float = default("GG02", "repetition_rate_hz")

    def run(  # type: ignore[override]
        self, pulses: int, eavesdropper: Eavesdropper | None = None, **options: Any
    ) -> GaussianSession:
        """Send modulated light, measure it, estimate the channel from a share that is compared, and make one key.

        Values that were not compared are labels of ``digitization_bits`` (8 at most) that ``slices`` makes equal;
        blocks are verified, and the key is as long as the estimates and what was told allow.

        Parameters
        ----------
        pulses : int
            How many are sent, in [2, 2^28].
        eavesdropper : Eavesdropper, optional
            ``EntanglingCloner``, ``HeterodyneResend``, or a class with a method ``quadratures(modes, rng)``.
        **options
            ``rng``; ``sample``, the share that is compared, in (0, 1], if not ``estimation_share``; ``authenticated``;
            ``reconcile``, False for the estimates alone; ``epsilon`` of a finite key; ``progress``.

        Returns
        -------
        GaussianSession

        Examples
        --------
        >>> from ebit import Fiber
        >>> from ebit.qkd import EntanglingCloner
        >>> line = GG02(fiber=Fiber(25.0), receiver_efficiency=0.6, excess_noise=0.01, electronic_noise=0.01)
        >>> session = line.run(10**6, EntanglingCloner(excess_noise=0.1), rng=1)
        >>> print(session.excess_noise, session.alarm, session.why)
        0.09 ± 0.01 True somebody is on the line
        """
        from ebit.qkd.gaussian_run import run_gaussian

        return run_gaussian(self, pulses, eavesdropper, **options)
