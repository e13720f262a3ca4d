"""Devices, link models and cited presets.

A device is data: what it does to a photon is computed once, in Rust, and shown by the properties of a link model
(``success_probability``, ``attempt_time_s``, ``pair``, ``state``, ``false_herald_probability``).
"""

from __future__ import annotations

import dataclasses
import difflib
import functools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ebit import _core
from ebit._arguments import real, shown
from ebit._core import BellDiagonal, DensityMatrix
from ebit._spec import Spec, default
from ebit.channels import (
    CHANNELS,
    Arms,
    ClassicalLight,
    Fiber,
    FreeSpace,
    FrequencyConverter,
    OpticalChannel,
    SatelliteDownlink,
    channel_from_plain,
    number,
    raman_per_km_nm,
)
from ebit.errors import RangeError, UnknownFieldError, WrongTypeError, complain
from ebit.photon_sources import SOURCES, PhotonSource, QuantumDot, WeakCoherentPulse, source_from_plain

__all__ = [
    "Arms",
    "ClassicalLight",
    "Detector",
    "DoubleClick",
    "Fiber",
    "FreeSpace",
    "FrequencyConverter",
    "HeraldedLink",
    "LinkModel",
    "Memory",
    "MidpointSource",
    "OpticalChannel",
    "PhotonSource",
    "Preset",
    "PresetValue",
    "QuantumDot",
    "SatelliteDownlink",
    "SenderReceiver",
    "SingleClick",
    "Swap",
    "WeakCoherentPulse",
    "preset",
    "presets",
    "raman_per_km_nm",
]

PerSide = float | tuple[float, float]


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


class LinkModel(Spec):
    """Any way to herald a pair over one link.

    Examples
    --------
    >>> link = DoubleClick(fiber=Fiber(0.0), detector=Detector(efficiency=0.9), local_time_s=1e-6)
    >>> round(link.success_probability, 12), link.false_herald_probability
    (0.405, 0.0)
    >>> link.state.to_numpy().shape
    (4, 4)
    """

    def tagged(self) -> dict[str, Any]:
        """Return the model under its name, as documents hold it."""
        return {type(self).__name__: self.to_dict()}

    def _document(self) -> str:
        # Said once: to be checked, and for every chain that the link is part of.
        kept: str | None = self.__dict__.get("_said")
        if kept is None:
            kept = super()._document()
            object.__setattr__(self, "_said", kept)
        return kept

    @functools.cached_property
    def physics(self) -> Mapping[str, Any]:
        """What every evaluator uses of this link, computed once."""
        return _core.link_physics(json.dumps(self.tagged()))

    @property
    def state(self) -> DensityMatrix:
        """Exact two-qubit state at the herald, without herald ageing; the node on side A is qubit 0."""
        return DensityMatrix.from_numpy(self.physics["state"])

    @property
    def false_herald_probability(self) -> float:
        """Share of heralds that took dark counts: 1 - P(same clicks from photons alone)/P."""
        return float(self.physics["false_herald_probability"])


@dataclass(frozen=True)
class HeraldedLink(LinkModel):
    """A link described by its outcome.

    Parameters
    ----------
    success_probability : float
        Per attempt.
    attempt_time_s : float
        Seconds from the start of an attempt to its herald.
    pair : BellDiagonal or sequence of 4 floats
        The delivered pair.
    herald_age_s : float
        How long each half has been stored at its herald, in seconds.

    Examples
    --------
    >>> link = HeraldedLink(success_probability=0.1, attempt_time_s=1e-3, pair=BellDiagonal.werner(fidelity=0.985))
    >>> link.false_herald_probability
    0.0
    """

    success_probability: float
    attempt_time_s: float
    pair: BellDiagonal = BellDiagonal([1.0, 0.0, 0.0, 0.0])
    herald_age_s: float = default("HeraldedLink", "herald_age_s")

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.pair, BellDiagonal):
            # Rust has judged the weights.
            object.__setattr__(self, "pair", BellDiagonal(list(self.pair)))
            self.__dict__.pop("_said", None)


#: The parameters for which a pair (A, B) may stand.
_PER_SIDE = ("source_efficiency", "bright_state_population", "memory_efficiency")


class _Photonic(LinkModel):
    """What the photonic link models share."""

    fiber: OpticalChannel
    detector: Detector

    def __post_init__(self) -> None:
        parts: tuple[tuple[str, type[Spec], str], ...] = (
            ("fiber", OpticalChannel, CHANNELS),
            ("detector", Detector, "a Detector"),
        )
        for name, kind, words in parts:
            value = getattr(self, name)
            if not isinstance(value, kind):
                raise complain(
                    WrongTypeError, type(self).__name__, name, words, f"{type(value).__name__} {shown(value)}"
                )
        for name in _PER_SIDE:
            value = getattr(self, name, None)
            if isinstance(value, (list, np.ndarray)):
                # Hashable, as every specification is.
                plain_value = value.tolist() if isinstance(value, np.ndarray) else value
                object.__setattr__(self, name, tuple(plain_value) if isinstance(plain_value, list) else plain_value)
        super().__post_init__()

    @property
    def success_probability(self) -> float:
        """Probability that one attempt, all its modes together, heralds a pair."""
        return float(self.physics["success_probability"])

    @property
    def attempt_time_s(self) -> float:
        """Duration of one attempt in seconds; the mean where attempts differ (two-round negotiation)."""
        return float(self.physics["attempt_time_s"])

    @property
    def pair(self) -> BellDiagonal:
        """Bell-diagonal part (Pauli twirl) of the delivered state."""
        return BellDiagonal(list(self.physics["weights"]))


class _Midway(_Photonic):
    """Photonic link models whose halves are stored equally long."""

    @property
    def herald_age_s(self) -> float:
        """How long a half has been stored at its herald: emission to herald, in seconds."""
        return float(self.physics["herald_age_s"][0])

    def with_converters(self, a: FrequencyConverter, b: FrequencyConverter | None = None) -> LinkModel:
        """Return this link with a frequency converter at each node, between emitter and fibre.

        Each side's source efficiency is multiplied by the converter's; its noise crosses the arm, is split evenly over
        both detectors and joins their dark counts: e (n_A 10^(-dB_A/10) + n_B 10^(-dB_B/10))/2 each.

        Parameters
        ----------
        a, b : FrequencyConverter
            At node A and at node B; without b the same at both.

        Examples
        --------
        >>> link = DoubleClick(fiber=Fiber(0.0), detector=Detector(efficiency=0.8), local_time_s=1e-6)
        >>> converted = link.with_converters(FrequencyConverter(efficiency=0.5, noise_photon_rate_hz=100.0))
        >>> converted.source_efficiency, converted.detector.dark_count_rate_hz
        (0.5, 80.0)
        """
        both = (a, a if b is None else b)
        for name, converter in zip(("a", "b"), both, strict=True):
            if not isinstance(converter, FrequencyConverter):
                object_ = f"{type(self).__name__}.with_converters"
                raise complain(WrongTypeError, object_, name, "a FrequencyConverter", shown(converter))
        documents = (json.dumps(converter.to_dict()) for converter in both)
        return link_from_tagged(json.loads(_core.with_converters(json.dumps(self.tagged()), *documents)))


@dataclass(frozen=True)
class DoubleClick(_Midway):
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
class SingleClick(_Midway):
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
class MidpointSource(_Midway):
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
class SenderReceiver(_Photonic):
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
_LINK_MODELS: dict[str, Any] = {
    kind.__name__: kind for kind in (HeraldedLink, DoubleClick, SingleClick, MidpointSource, SenderReceiver)
}


def link_from_tagged(tagged: Mapping[str, Any]) -> LinkModel:
    """Build a link model from ``{"DoubleClick": {...}}``."""
    kinds: dict[str, Callable[..., LinkModel]] = _LINK_MODELS
    ((name, fields),) = tagged.items()
    values = {k: number(v) for k, v in fields.items()}
    if name == "HeraldedLink":
        if "pair" in values:
            values["pair"] = BellDiagonal([float(w) for w in values["pair"]])
    else:
        values["fiber"] = channel_from_plain(values["fiber"])
        values["detector"] = Detector(**{k: number(v) for k, v in values["detector"].items()})
        if values.get("source") is not None:
            values["source"] = source_from_plain(values["source"])
        for side in _PER_SIDE:
            if isinstance(values.get(side), list):
                values[side] = tuple(values[side])
    return kinds[name](**values)


@dataclass(frozen=True)
class PresetValue:
    """One cited value.

    Parameters
    ----------
    field : str
        As ``memory.t2_s``.
    value : float, int or bool
    unit : str
    kind : str
        "measured", "baseline" or "target"; "own" after ``Preset.override``.
    evidence : str
        How the source is known: "quoted", the line is the source's own words; "transcribed", the line is that of a
        public file that cites the source, which was not read; "" after ``Preset.override``.
    doi, line : str
        The source, and the words or the line of code that the value rests on, verbatim.
    read_in : str
        The public file of a transcribed line, as "owner/repository, path"; "" for the source's own words.
    derivation : str
        How the value follows from the line.
    """

    field: str
    value: float | int | bool
    unit: str
    kind: str
    evidence: str
    doi: str
    line: str
    read_in: str
    derivation: str


@dataclass(frozen=True)
class Preset:
    """A cited set of device values that makes links, memories and swaps.

    Parameters
    ----------
    name, title, horizon, scheme, note : str
        What it is; ``horizon`` is "near-term" or "target", ``scheme`` the link model.
    options : tuple of (str, str)
        Choices of the link model that are no numbers, such as ("memory", "absorptive").
    values : tuple of PresetValue
        Every value with its source. What is not listed keeps its default, which results list as an assumption.

    Examples
    --------
    >>> preset("ion-2023").link(length_km=20.0).fiber.length_km
    20.0
    """

    name: str
    title: str
    horizon: str
    scheme: str
    options: tuple[tuple[str, str], ...]
    note: str
    values: tuple[PresetValue, ...]

    def __getitem__(self, field: str) -> PresetValue:
        """Return the value of a field such as "memory.t2_s"."""
        for value in self.values:
            if value.field == field:
                return value
        raise KeyError(field)

    def override(self, changes: Mapping[str, Any]) -> Preset:
        """Return a copy with other values for some fields, marked as your own.

        Parameters
        ----------
        changes : mapping
            Values by field, as ``{"memory.t2_s": 1.0}``.

        Raises
        ------
        UnknownFieldError
            No such field; the message lists all.

        Examples
        --------
        >>> preset("ion-2023").override({"memory.t2_s": 1.0}).memory.t2_s
        1.0
        """
        if not isinstance(changes, Mapping):
            raise complain(
                WrongTypeError, f"preset '{self.name}'", "override", "a mapping of fields to values", shown(changes)
            )
        values = {v.field: v for v in self.values}
        for field, value in changes.items():
            if field not in _fields(self.scheme):
                known = _fields(self.scheme)
                near = [k for k in known if k.rpartition(".")[2] == field]
                near = near or difflib.get_close_matches(str(field), known, n=1, cutoff=0.6)
                hint = f"did you mean '{near[0]}'?" if near else ""
                raise complain(
                    UnknownFieldError,
                    f"preset '{self.name}'",
                    "override",
                    f"one of {', '.join(known)}",
                    f"'{field}'",
                    hint,
                )
            unit = values[field].unit if field in values else ""
            values[field] = PresetValue(field, value, unit, "own", "", "", "", "", "set by the user")
        return dataclasses.replace(self, values=tuple(values.values()))

    def _part(self, prefix: str) -> dict[str, Any]:
        return {v.field[len(prefix) + 1 :]: v.value for v in self.values if v.field.startswith(prefix + ".")}

    def link(self, length_km: float) -> LinkModel:
        """Return the link model of this hardware on a fibre of the given length in km."""
        own = {v.field: v.value for v in self.values if "." not in v.field and v.field != "readout_error"}
        fiber = Fiber(length_km=length_km, **self._part("fiber"))
        detector = Detector(**self._part("detector"))
        link: LinkModel = _LINK_MODELS[self.scheme](fiber=fiber, detector=detector, **dict(self.options), **own)
        return link

    @property
    def memory(self) -> Memory:
        """The memory of this hardware."""
        return Memory(**self._part("memory"))

    @property
    def swap(self) -> Swap:
        """The entanglement swap of this hardware."""
        return Swap(**self._part("swap"))

    @property
    def readout_error(self) -> float:
        """Probability of a wrong readout; 0 where no source gives one."""
        return next((float(v.value) for v in self.values if v.field == "readout_error"), 0.0)


#: Fields of link models that are devices or choices, no numbers.
_NO_VALUES = ("fiber", "detector", "memory", "source")


def _fields(scheme: str) -> list[str]:
    names = [f.name for f in dataclasses.fields(_LINK_MODELS[scheme]) if f.name not in _NO_VALUES]
    parts: dict[str, Any] = {"fiber": Fiber, "detector": Detector, "memory": Memory, "swap": Swap}
    nested = [
        f"{part}.{f.name}" for part, kind in parts.items() for f in dataclasses.fields(kind) if f.name != "length_km"
    ]
    return names + nested + ["readout_error"]


@functools.cache
def _presets() -> dict[str, Preset]:
    rows = json.loads(_core.presets())["presets"]
    return {
        row["name"]: Preset(
            row["name"],
            row["title"],
            row["horizon"],
            row["scheme"],
            tuple(row["options"].items()),
            row["note"],
            tuple(PresetValue(**value) for value in row["values"]),
        )
        for row in rows
    }


def presets() -> list[str]:
    """Return the names of all cited presets.

    >>> "ion-2023" in presets()
    True
    """
    return list(_presets())


def preset(name: str) -> Preset:
    """Return a cited preset by name.

    Parameters
    ----------
    name : str
        One of ``presets()``.

    Raises
    ------
    RangeError
        No preset has this name.

    Examples
    --------
    >>> preset("ion-2023")["memory.t2_s"].value
    0.062
    """
    known = f"one of {', '.join(presets())}"
    if not isinstance(name, str):
        raise complain(WrongTypeError, "hardware.preset", "name", known, shown(name))
    found = _presets().get(name)
    if found is None:
        near = difflib.get_close_matches(name, presets(), n=1, cutoff=0.5)
        hint = f"did you mean '{near[0]}'?" if near else "ebit.hardware.presets() lists them"
        raise complain(RangeError, "hardware.preset", "name", known, f"'{name}'", hint)
    return found
