"""Link models that send photons, one per scheme of heralding, and any link model from its document.

Equations and limits are in Rust, one file per scheme. Everything here but ``link_from_tagged`` is re-exported by
``ebit.hardware``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ebit._arguments import shown
from ebit._core import BellDiagonal
from ebit._spec import default
from ebit.channels import OpticalChannel, number
from ebit.devices import Detector
from ebit.errors import WrongTypeError, complain
from ebit.link_model import HeraldedLink, LinkModel
from ebit.photon_sources import SOURCES, PhotonSource
from ebit.photonic import Midway, PerSide, Photonic, photonic_fields

__all__ = ["DoubleClick", "MidpointSource", "SenderReceiver", "SingleClick", "link_from_tagged"]


@dataclass(frozen=True)
class DoubleClick(Midway):
    """Two-photon heralding at a station between the nodes (Barrett and Kok, doi:10.1103/PhysRevA.71.060310).

    Parameters
    ----------
    fiber : Fiber, SatelliteDownlink, FreeSpace or Arms
    detector : Detector
    source_efficiency : float or (float, float)
        Emission into the fibre, per side.
    visibility : float
        Hong-Ou-Mandel visibility V of the two photons: F = (1+V)/2 without dark counts.
    emission_fidelity : float
        Fidelity of each emitter's qubit-photon pair, taken as Werner.
    double_excitation_probability : float
        Probability of a second, non-interfering photon in the same bin.
    station : float
        Share of the fibre's decibels and length on side A.
    local_time_s : float
        Preparation time per attempt in seconds.
    modes : int
        Multiplexed modes per attempt: 1 - (1-p)^modes.
    negotiation : {"herald", "two-round"}
        How the nodes learn the outcome; "two-round" is SeQUeNCe's: 4L/c when round 1 fails, 7L/c otherwise.

    Examples
    --------
    >>> link = DoubleClick(fiber=Fiber(20.0), detector=Detector(efficiency=0.9))
    >>> link.attempt_time_s
    0.0001
    """

    fiber: OpticalChannel
    detector: Detector
    source_efficiency: PerSide = default("DoubleClick", "source_efficiency")
    visibility: float = default("DoubleClick", "visibility")
    emission_fidelity: float = default("DoubleClick", "emission_fidelity")
    double_excitation_probability: float = default("DoubleClick", "double_excitation_probability")
    station: float = default("DoubleClick", "station")
    local_time_s: float = default("DoubleClick", "local_time_s")
    modes: int = default("DoubleClick", "modes")
    negotiation: str = default("DoubleClick", "negotiation")


@dataclass(frozen=True)
class SingleClick(Midway):
    """Single-photon heralding at a station between the nodes (Cabrillo et al., doi:10.1103/PhysRevA.59.1025).

    Parameters
    ----------
    fiber : Fiber, SatelliteDownlink, FreeSpace or Arms
    detector : Detector
    bright_state_population : float or (float, float)
        Population of the state that emits, per side.
    source_efficiency : float or (float, float)
        Emission into the fibre, per side.
    visibility : float
        Hong-Ou-Mandel visibility V; the coherence goes with sqrt(V).
    phase_std_rad : float
        Standard deviation of the total phase between A and B in radians; factor exp(-sigma^2/2).
    double_excitation_probability : float
        Probability of a second, non-interfering photon in the same bin.
    station : float
        Share of the fibre's decibels and length on side A.
    local_time_s : float
        Preparation time per attempt in seconds.
    modes : int
        Multiplexed modes per attempt.

    Examples
    --------
    >>> link = SingleClick(fiber=Fiber(0.0), detector=Detector(efficiency=0.1), bright_state_population=0.05,
    ...                    visibility=0.9, local_time_s=1e-6)
    >>> round(link.success_probability, 11)
    0.00997375
    """

    fiber: OpticalChannel
    detector: Detector
    bright_state_population: PerSide
    source_efficiency: PerSide = default("SingleClick", "source_efficiency")
    visibility: float = default("SingleClick", "visibility")
    phase_std_rad: float = default("SingleClick", "phase_std_rad")
    double_excitation_probability: float = default("SingleClick", "double_excitation_probability")
    station: float = default("SingleClick", "station")
    local_time_s: float = default("SingleClick", "local_time_s")
    modes: int = default("SingleClick", "modes")


@dataclass(frozen=True)
class MidpointSource(Midway):
    """A source of photon pairs between two memories (Jones et al. 2016, doi:10.1088/1367-2630/18/8/083015).

    Down-conversion emits n pairs with probability (n+1) (mu/2)^n / (1+mu/2)^(n+2). Emissive memories emit a photon
    each, which meets the source's in a Bell measurement at the node; absorptive ones store the source's photon and
    announce it.

    Parameters
    ----------
    fiber : Fiber, SatelliteDownlink, FreeSpace or Arms
    detector : Detector
        Of the Bell measurements, or of the announcements.
    mean_pairs : float, optional
        Mean number mu of pairs per attempt and mode, both polarisations together, in [0, 100]; this or
        ``pair_probability``.
    memory : {"emissive", "absorptive"}
    memory_efficiency : float or (float, float)
        That a memory's photon reaches its beam splitter, or that an arriving photon is stored; per side.
    source_efficiency : float or (float, float)
        From the pair into the fibre, per side.
    visibility : float
        Hong-Ou-Mandel visibility V of the memory's and the source's photon, at each node: F = (1+V^2)/2 without dark
        counts and second pairs. 1 with absorptive memories.
    station : float
        Share of the fibre's decibels on side A of the source.
    local_time_s : float
        Preparation time per attempt in seconds.
    modes : int
        Multiplexed modes per attempt: 1 - (1-p)^modes.
    pair_probability : float, optional
        Of a source that emits one pair or none, instead of ``mean_pairs``.
    pair_fidelity : float
        Fidelity of the source's pairs, taken as Werner, in [1/4, 1]; it does not change the success probability.

    Examples
    --------
    >>> link = MidpointSource(fiber=Fiber(20.0), detector=Detector(efficiency=0.9), mean_pairs=0.05)
    >>> link.attempt_time_s, round(link.success_probability, 6), round(link.pair.fidelity, 4)
    (0.0001, 0.003307, 0.9687)
    """

    fiber: OpticalChannel
    detector: Detector
    mean_pairs: float | None = default("MidpointSource", "mean_pairs")
    memory: str = default("MidpointSource", "memory")
    memory_efficiency: PerSide = default("MidpointSource", "memory_efficiency")
    source_efficiency: PerSide = default("MidpointSource", "source_efficiency")
    visibility: float = default("MidpointSource", "visibility")
    station: float = default("MidpointSource", "station")
    local_time_s: float = default("MidpointSource", "local_time_s")
    modes: int = default("MidpointSource", "modes")
    pair_probability: float | None = default("MidpointSource", "pair_probability")
    pair_fidelity: float = default("MidpointSource", "pair_fidelity")


@dataclass(frozen=True)
class SenderReceiver(Photonic):
    """An emitter at A, and at B a memory that stores its photon and announces it.

    Parameters
    ----------
    fiber : Fiber, SatelliteDownlink or FreeSpace
    detector : Detector
        Of the announcements.
    source_efficiency : float
        Emission into the fibre.
    memory_efficiency : float
        That an arriving photon is stored.
    emission_fidelity : float
        Fidelity of the emitter's qubit-photon pair, taken as Werner.
    double_excitation_probability : float
        Probability of a second photon, of the same polarisation.
    local_time_s : float
        Preparation time per attempt in seconds.
    modes : int
        Multiplexed modes per attempt: 1 - (1-p)^modes.
    source : WeakCoherentPulse or QuantumDot, optional
        How many photons the sender emits, all of the polarisation that its spin sets; None: one, and a second with
        ``double_excitation_probability``. ``source_efficiency`` is then what lies between source and fibre.

    Examples
    --------
    >>> link = SenderReceiver(fiber=Fiber(20.0), detector=Detector(efficiency=1.0), memory_efficiency=0.5)
    >>> link.attempt_time_s, link.success_probability == 0.5 * 10 ** -0.4, link.pair.fidelity
    (0.0002, True, 1.0)
    """

    fiber: OpticalChannel
    detector: Detector
    source_efficiency: float = default("SenderReceiver", "source_efficiency")
    memory_efficiency: float = default("SenderReceiver", "memory_efficiency")
    emission_fidelity: float = default("SenderReceiver", "emission_fidelity")
    double_excitation_probability: float = default("SenderReceiver", "double_excitation_probability")
    local_time_s: float = default("SenderReceiver", "local_time_s")
    modes: int = default("SenderReceiver", "modes")
    source: PhotonSource | None = default("SenderReceiver", "source")

    def __post_init__(self) -> None:
        if self.source is not None and not isinstance(self.source, PhotonSource):
            raise complain(WrongTypeError, "SenderReceiver", "source", SOURCES, shown(self.source))
        super().__post_init__()

    @property
    def herald_age_s(self) -> tuple[float, float]:
        """How long A's and B's half have been stored at the herald: 2 L/c and L/c, in seconds."""
        a, b = self.physics["herald_age_s"]
        return float(a), float(b)


#: Every link model by name.
LINK_MODELS: dict[str, Any] = {
    kind.__name__: kind for kind in (HeraldedLink, DoubleClick, SingleClick, MidpointSource, SenderReceiver)
}


def link_from_tagged(tagged: Mapping[str, Any]) -> LinkModel:
    """Build a link model from ``{"DoubleClick": {...}}``."""
    kinds: dict[str, Callable[..., LinkModel]] = LINK_MODELS
    ((name, fields),) = tagged.items()
    if name != "HeraldedLink":
        return kinds[name](**photonic_fields(fields))
    values = {k: number(v) for k, v in fields.items()}
    if "pair" in values:
        values["pair"] = BellDiagonal([float(w) for w in values["pair"]])
    return HeraldedLink(**values)
