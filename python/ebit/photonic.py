"""What link models that send photons share: a channel, a detector, and the numbers that follow from them.

Knows no scheme of heralding; those are in ``links``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from ebit import _core
from ebit._arguments import shown
from ebit._core import BellDiagonal
from ebit._spec import Spec
from ebit.channels import CHANNELS, FrequencyConverter, OpticalChannel, channel_from_plain, number
from ebit.devices import Detector
from ebit.errors import WrongTypeError, complain
from ebit.link_model import LinkModel
from ebit.photon_sources import source_from_plain

__all__ = ["PER_SIDE", "Midway", "PerSide", "Photonic", "photonic_fields"]

PerSide = float | tuple[float, float]

#: The parameters for which a pair (A, B) may stand.
PER_SIDE = ("source_efficiency", "bright_state_population", "memory_efficiency")


class Photonic(LinkModel):
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
        for name in PER_SIDE:
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


class Midway(Photonic):
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
        ((_, fields),) = json.loads(_core.with_converters(json.dumps(self.tagged()), *documents)).items()
        return type(self)(**photonic_fields(fields))


def photonic_fields(plain: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a photonic link model from what a document holds of them."""
    values = {k: number(v) for k, v in plain.items()}
    values["fiber"] = channel_from_plain(values["fiber"])
    values["detector"] = Detector(**{k: number(v) for k, v in values["detector"].items()})
    if values.get("source") is not None:
        values["source"] = source_from_plain(values["source"])
    for side in PER_SIDE:
        if isinstance(values.get(side), list):
            values[side] = tuple(values[side])
    return values
