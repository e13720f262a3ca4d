"""Cited presets, and in one place everything that they are made of: devices, channels and link models.

A device is data: what it does to a photon is computed once, in Rust, and shown by the properties of a link model
(``success_probability``, ``attempt_time_s``, ``pair``, ``state``, ``false_herald_probability``).
"""

from __future__ import annotations

import dataclasses
import difflib
import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ebit import _core
from ebit._arguments import shown
from ebit.channels import (
    Arms,
    ClassicalLight,
    Fiber,
    FreeSpace,
    FrequencyConverter,
    OpticalChannel,
    SatelliteDownlink,
    raman_per_km_nm,
)
from ebit.devices import Detector, Memory, Swap
from ebit.errors import RangeError, UnknownFieldError, WrongTypeError, complain
from ebit.link_model import HeraldedLink, LinkModel
from ebit.links import LINK_MODELS, DoubleClick, MidpointSource, SenderReceiver, SingleClick
from ebit.photon_sources import PhotonSource, QuantumDot, WeakCoherentPulse

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
        link: LinkModel = LINK_MODELS[self.scheme](fiber=fiber, detector=detector, **dict(self.options), **own)
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
    names = [f.name for f in dataclasses.fields(LINK_MODELS[scheme]) if f.name not in _NO_VALUES]
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
