"""Every mistake names the object, the parameter, the allowed range, the value, and helps where it can."""

# Tables read best with a mistake per line.
# ruff: noqa: E501

from __future__ import annotations

import dataclasses
import json
import math
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import networkx
import numpy as np
import pytest

import ebit
from ebit.errors import (
    FormalismError,
    NeverSucceedsError,
    NoRouteError,
    RangeError,
    ScenarioError,
    SpecError,
    TooLargeError,
    UnknownFieldError,
    WrongTypeError,
)
from ebit.scenario import Scenario

NAN, INF = math.nan, math.inf
LINK = ebit.HeraldedLink(success_probability=0.1, attempt_time_s=1e-3)
MEMORY = ebit.Memory.perfect()
FIBER, DETECTOR = ebit.Fiber(20.0), ebit.Detector(0.9)
NET = ebit.Network.chain(nodes=3, link=LINK, memory=MEMORY)
REQUEST = ebit.Request("n0", "n2", pairs=5)


@dataclasses.dataclass(frozen=True)
class Case:
    """A mistake and what must be said about it: exact object and parameter, parts of the rest."""

    name: str
    call: Callable[[], object]
    kind: type[SpecError]
    object: str
    parameter: str
    range: str
    value: str
    hint: str = ""


def ids(case: Any) -> str:
    return str(case.name)


def run(*requests: Any, net: Any = NET, **options: Any) -> Any:
    return ebit.simulate(net, list(requests) or [REQUEST], **({"rng": 1} | options))


def nodes(*names: str, **fields: Any) -> list[ebit.Node]:
    return [ebit.Node(n, MEMORY, **fields) for n in names]


def double(**fields: Any) -> ebit.DoubleClick:
    return ebit.DoubleClick(**({"fiber": FIBER, "detector": DETECTOR} | fields))


def single(**fields: Any) -> ebit.SingleClick:
    start = {"fiber": FIBER, "detector": DETECTOR, "bright_state_population": 0.05}
    return ebit.SingleClick(**(start | fields))


def midpoint(**fields: Any) -> ebit.MidpointSource:
    start = {"fiber": FIBER, "detector": DETECTOR, "mean_pairs": 0.05}
    return ebit.MidpointSource(**(start | fields))


def sender(**fields: Any) -> ebit.SenderReceiver:
    return ebit.SenderReceiver(**({"fiber": FIBER, "detector": DETECTOR} | fields))


def arrays(
    names: Any = ("a", "b"), a: Any = (0,), b: Any = (1,), length_km: Any = (1.0,), **options: Any
) -> ebit.Network:
    return ebit.Network.from_arrays(names, a, b, length_km, **({"link": LINK, "memory": MEMORY} | options))


def document(**changes: Any) -> dict[str, Any]:
    """A network document with some columns replaced, named by their path with underscores twice."""
    out = NET.to_dict()
    for path, value in changes.items():
        *parents, last = path.split("__")
        place = out
        for key in parents:
            place = place[key]
        place[last] = value
    return out


def loaded(out: Any, folder: Path) -> ebit.Network:
    file = folder / "net.json"
    file.write_text(json.dumps(out))
    return ebit.Network.load(file)


def rho(qubits: int = 2) -> ebit.DensityMatrix:
    return ebit.DensityMatrix(qubits, rng=1)


def graph(length: Any) -> Any:
    out = networkx.Graph()
    out.add_edge("a", "b", length_km=length)
    return out


def link_graph(p: float, swap: float = 1.0) -> ebit.Network:
    link = ebit.HeraldedLink(success_probability=p, attempt_time_s=1e-3)
    return ebit.Network.chain(nodes=3, link=link, memory=MEMORY, swap=ebit.Swap(success_probability=swap))


ISLANDS = ebit.Network(nodes("a", "b", "c", "d"), [ebit.Link("a", "b", LINK), ebit.Link("c", "d", LINK)])
DOWN = ebit.SatelliteDownlink(
    height_km=500.0, divergence_rad=5e-6, receiver_radius_m=0.6, pointing_jitter_rad=2e-6, zenith_transmittance=0.75
)
LIGHT = ebit.hardware.ClassicalLight(power_dbm=0.0, raman_per_km_nm=3e-9, loss_db_per_km=0.2, direction="co")
CONVERTER = ebit.hardware.FrequencyConverter(efficiency=0.5, noise_photon_rate_hz=0.0)
RELAXING = ebit.Network.chain(nodes=3, link=LINK, memory=ebit.Memory(t1_s=1.0))
SHARED = [ebit.Request("n0", "n2", pairs=5, restart=True), ebit.Request("n1", "n2", pairs=5)]
HALF = np.eye(2) / 2
PAIR = ebit.BellDiagonal.werner(0.9)
ROWS = np.array([[1.0, 0, 0, 0], [1.0, 0, 0, 0]])
R, W, U, S, F = RangeError, WrongTypeError, UnknownFieldError, ScenarioError, FormalismError
BRIGHT = {"bright_state_population": 0.05}

# fmt: off
DEVICES = [
    Case("length negative", lambda: ebit.Fiber(-1.0), R, "Fiber", "length_km", "finite and >= 0", "-1", "kilometres"),
    Case("length nan", lambda: ebit.Fiber(NAN), R, "Fiber", "length_km", "finite and >= 0", "nan"),
    Case("length inf", lambda: ebit.Fiber(INF), R, "Fiber", "length_km", "finite and >= 0", "inf"),
    Case("length -inf", lambda: ebit.Fiber(-INF), R, "Fiber", "length_km", "finite and >= 0", "-inf"),
    Case("length string", lambda: ebit.Fiber("20"), W, "Fiber", "length_km", "a number", "'20'"),
    Case("length spelled nan", lambda: ebit.Fiber("NaN"), W, "Fiber", "length_km", "a number", "'NaN'"),
    Case("length True", lambda: ebit.Fiber(True), W, "Fiber", "length_km", "a number", "True"),
    Case("length None", lambda: ebit.Fiber(None), W, "Fiber", "length_km", "a number", "None"),
    Case("length list", lambda: ebit.Fiber([20.0]), W, "Fiber", "length_km", "a number", "a list"),
    Case("length object", lambda: ebit.Fiber(object()), W, "Fiber", "length_km", "documented type", "object"),
    Case("length complex", lambda: ebit.Fiber(1j), W, "Fiber", "length_km", "documented type", "complex 1j"),
    Case("length beyond a double", lambda: ebit.Fiber(10**400), R, "Fiber", "length_km", "finite and >= 0", "inf"),
    Case("loss negative", lambda: ebit.Fiber(1.0, loss_db_per_km=-0.2), R, "Fiber", "loss_db_per_km", ">= 0", "-0.2"),
    Case("insertion loss", lambda: ebit.Fiber(1.0, insertion_loss_db=-1), R, "Fiber", "insertion_loss_db", ">= 0", "-1"),
    Case("faster than light", lambda: ebit.Fiber(1.0, speed_m_per_s=3e8), R, "Fiber", "speed_m_per_s", "299792458", "3"),
    Case("speed zero", lambda: ebit.Fiber(1.0, speed_m_per_s=0), R, "Fiber", "speed_m_per_s", "in [1", "0"),
    Case("efficiency 1.2", lambda: ebit.Detector(1.2), R, "Detector", "efficiency", "a probability in [0, 1]", "1.2"),
    Case("dark counts", lambda: ebit.Detector(0.9, -1.0), R, "Detector", "dark_count_rate_hz", ">= 0", "-1"),
    Case("window inf", lambda: ebit.Detector(0.9, window_s=INF), R, "Detector", "window_s", "finite", "inf"),
    Case("number_resolving 1", lambda: ebit.Detector(0.9, number_resolving=1), W, "Detector", "number_resolving", "True or False", "1"),
    Case("slots 0", lambda: ebit.Memory(slots=0), R, "Memory", "slots", "an integer in [1, 65536]", "0", "per link end"),
    Case("slots -1", lambda: ebit.Memory(slots=-1), R, "Memory", "slots", "an integer in [1, 65536]", "-1"),
    Case("slots 1.5", lambda: ebit.Memory(slots=1.5), W, "Memory", "slots", "an integer", "1.5"),
    Case("slots 4.0", lambda: ebit.Memory(slots=4.0), W, "Memory", "slots", "an integer", "4.0"),
    Case("slots '4'", lambda: ebit.Memory(slots="4"), W, "Memory", "slots", "an integer", "'4'"),
    Case("slots True", lambda: ebit.Memory(slots=True), W, "Memory", "slots", "an integer", "True"),
    Case("slots numpy True", lambda: ebit.Memory(slots=np.True_), W, "Memory", "slots", "an integer", "True"),
    Case("slots 10**30", lambda: ebit.Memory(slots=10**30), R, "Memory", "slots", "an integer below 2^63", "1e+30"),
    Case("t2 above 2 t1", lambda: ebit.Memory(t1_s=1.0, t2_s=3.0), R, "Memory", "t2_s", "<= 2 t1_s = 2", "3", "relaxation bounds"),
    Case("t1 zero", lambda: ebit.Memory(t1_s=0.0), R, "Memory", "t1_s", "> 0", "0", "leave it out"),
    Case("t2 nan", lambda: ebit.Memory(t2_s=NAN), R, "Memory", "t2_s", "> 0", "nan"),
    Case("t2 spelled inf", lambda: ebit.Memory(t2_s="Infinity"), W, "Memory", "t2_s", "a number", "'Infinity'"),
    Case("both decays", lambda: ebit.Memory(t2_s=1.0, depolarizing_time_s=1.0), R, "Memory", "depolarizing_time_s", "given alone", "1", "not both"),
    Case("swap probability", lambda: ebit.Swap(success_probability=-0.1), R, "Swap", "success_probability", "[0, 1]", "-0.1"),
    Case("swap fidelity", lambda: ebit.Swap(fidelity=0.1), R, "Swap", "fidelity", "in [0.25, 1]", "0.1", "white noise"),
    Case("swap duration", lambda: ebit.Swap(duration_s=-1e-9), R, "Swap", "duration_s", ">= 0", "-1e-9"),
]

CHANNELS = [
    Case("connectors -1", lambda: ebit.Fiber(1.0, connectors=-1), R, "Fiber", "connectors", "an integer in [0, 1000000]", "-1", "mated pairs"),
    Case("connectors 1.5", lambda: ebit.Fiber(1.0, connectors=1.5), W, "Fiber", "connectors", "an integer", "1.5"),
    Case("connector loss", lambda: ebit.Fiber(1.0, connector_loss_db=-0.1), R, "Fiber", "connector_loss_db", ">= 0", "-0.1"),
    Case("wavelength of the visible", lambda: ebit.Fiber.at_wavelength(1.0, 637.0), R, "Fiber.at_wavelength", "wavelength_nm", "in [1260, 1675]", "637", "O to the U band"),
    Case("wavelength a string", lambda: ebit.Fiber.at_wavelength(1.0, "1550"), W, "Fiber.at_wavelength", "wavelength_nm", "a finite number", "'1550'"),
    Case("wavelength nan", lambda: ebit.Fiber.at_wavelength(1.0, NAN), R, "Fiber.at_wavelength", "wavelength_nm", "a finite number", "nan"),
    Case("wavelength and loss", lambda: ebit.Fiber.at_wavelength(-1.0, 1550.0), R, "Fiber", "length_km", ">= 0", "-1"),
    Case("linewidth", lambda: FIBER.dispersion_visibility(-1.0), R, "Fiber.dispersion_visibility", "linewidth_hz", ">= 0", "-1"),
    Case("dispersion station", lambda: FIBER.dispersion_visibility(1e9, station=2.0), R, "Fiber.dispersion_visibility", "station", "[0, 1]", "2"),
    Case("dispersion True", lambda: FIBER.dispersion_visibility(1e9, dispersion_ps_per_nm_km=True), W, "Fiber.dispersion_visibility", "dispersion_ps_per_nm_km", "a finite number", "True"),
    Case("satellite on the ground", lambda: DOWN.replace(height_km=0.0), R, "SatelliteDownlink", "height_km", "finite and > 0", "0", "orbit"),
    Case("satellite at infinity", lambda: DOWN.replace(height_km=INF), R, "SatelliteDownlink", "height_km", "finite and > 0", "inf"),
    Case("satellite below the horizon", lambda: DOWN.replace(elevation_deg=-10.0), R, "SatelliteDownlink", "elevation_deg", "in [5, 90]", "-10", "air mass"),
    Case("divergence in degrees", lambda: DOWN.replace(divergence_rad=1.0), R, "SatelliteDownlink", "divergence_rad", "in [1e-9, 0.1]", "1", "half-angle"),
    Case("divergence nan", lambda: DOWN.replace(divergence_rad=NAN), R, "SatelliteDownlink", "divergence_rad", "in [1e-9, 0.1]", "nan"),
    Case("no telescope", lambda: DOWN.replace(receiver_radius_m=0.0), R, "SatelliteDownlink", "receiver_radius_m", "finite and > 0", "0"),
    Case("pointing jitter", lambda: DOWN.replace(pointing_jitter_rad=-1e-6), R, "SatelliteDownlink", "pointing_jitter_rad", ">= 0", "-1e-6"),
    Case("atmosphere in dB", lambda: DOWN.replace(zenith_transmittance=1.5), R, "SatelliteDownlink", "zenith_transmittance", "[0, 1]", "1.5"),
    Case("wavelength in metres", lambda: DOWN.replace(wavelength_nm=780e-9), R, "SatelliteDownlink", "wavelength_nm", "in [100, 100000]", "7.8e-7", "nanometres"),
    Case("satellite a string", lambda: DOWN.replace(height_km="LEO"), W, "SatelliteDownlink", "height_km", "a number", "'LEO'"),
    Case("fog that amplifies", lambda: ebit.FreeSpace(1.0, 1e-5, 0.1, 0.0, -1.0), R, "FreeSpace", "loss_db_per_km", ">= 0", "-1"),
    Case("beam length", lambda: ebit.FreeSpace(-1.0, 1e-5, 0.1, 0.0, 0.0), R, "FreeSpace", "length_km", ">= 0", "-1"),
    Case("arm a number", lambda: ebit.Arms(FIBER, 5), W, "Arms", "b", "a Fiber, SatelliteDownlink", "int 5"),
    Case("arms of arms", lambda: ebit.Arms(ebit.Arms(FIBER, FIBER), FIBER), R, "Arms", "a", "one channel", "Arms", "two arms"),
    Case("station in a beam", lambda: double(fiber=DOWN), R, "DoubleClick", "station", "0 or 1 at the end of a beam", "0.5", "Arms(a, b)"),
    Case("station off two arms", lambda: double(fiber=ebit.Arms(FIBER, DOWN), station=0.3), R, "DoubleClick", "station", "0.5", "0.3"),
    Case("two rounds over arms", lambda: double(fiber=ebit.Arms(FIBER, FIBER), negotiation="two-round"), R, "DoubleClick", "fiber.length_km", "of a Fiber", "0"),
    Case("arrays of satellites", lambda: arrays(link=double(fiber=DOWN, station=1.0)), W, "Network.from_arrays", "link", "a model on a Fiber", "SatelliteDownlink", "own length"),
    Case("receiver over two arms", lambda: ebit.SenderReceiver(fiber=ebit.Arms(FIBER, FIBER), detector=DETECTOR), R, "SenderReceiver", "fiber", "one channel", "Arms", "from A to B"),
    Case("other downlink length", lambda: ebit.Network(nodes("a", "b"), [ebit.Link("a", "b", double(fiber=DOWN, station=1.0), 3.0)]), R, "links[0] 'a-b'", "length_km", "500.0", "3.0"),
    Case("light too bright", lambda: LIGHT.replace(power_dbm=100.0), R, "ClassicalLight", "power_dbm", "in [-300, 60]", "100", "1 mW"),
    Case("light both ways", lambda: LIGHT.replace(direction="both"), R, "ClassicalLight", "direction", "one of co, counter", "'both'"),
    Case("Raman cross section", lambda: LIGHT.replace(raman_per_km_nm=-1e-9), R, "ClassicalLight", "raman_per_km_nm", ">= 0", "-1e-9"),
    Case("Raman of a downlink", lambda: LIGHT.raman_photon_rate_hz(DOWN, wavelength_nm=1550.0, filter_nm=0.1), W, "ClassicalLight.raman_photon_rate_hz", "fiber", "a Fiber", "SatelliteDownlink"),
    Case("Raman filter", lambda: LIGHT.raman_photon_rate_hz(FIBER, wavelength_nm=1550.0, filter_nm=-0.1), R, "ClassicalLight.raman_photon_rate_hz", "filter_nm", ">= 0", "-0.1"),
    Case("Raman wavelength", lambda: ebit.hardware.raman_per_km_nm(850.0, 1550.0), R, "hardware.raman_per_km_nm", "classical_nm", "in [1260, 1675]", "850"),
    Case("Raman too near", lambda: ebit.hardware.raman_per_km_nm(1550.0, 1550.0), R, "hardware.raman_per_km_nm", "quantum_nm", "0.1 to 42 THz", "0.000 THz", "as measured"),
    Case("Raman too far", lambda: ebit.hardware.raman_per_km_nm(1260.0, 1675.0), R, "hardware.raman_per_km_nm", "quantum_nm", "0.1 to 42 THz", "58.95", "table ends"),
    Case("Raman in the cold", lambda: ebit.hardware.ClassicalLight.at_wavelength(0.0, 1550.0, 1310.0, "co", temperature_k=0.0), R, "ClassicalLight.at_wavelength", "temperature_k", "in [0.001, 1000]", "0"),
    Case("Raman text", lambda: ebit.hardware.raman_per_km_nm("1550", 1310.0), W, "hardware.raman_per_km_nm", "classical_nm", "a finite number", "'1550'"),
    Case("bright pulse", lambda: ebit.hardware.WeakCoherentPulse(101.0), R, "WeakCoherentPulse", "mean_photons", "in [0, 100]", "101"),
    Case("classical dot", lambda: ebit.hardware.QuantumDot(0.5, g2=1.0), R, "QuantumDot", "g2", "in [0, 0.5]", "1", "at most a second"),
    Case("dot's efficiency", lambda: ebit.hardware.QuantumDot(efficiency=1.5), R, "QuantumDot", "efficiency", "[0, 1]", "1.5"),
    Case("photons without end", lambda: ebit.hardware.QuantumDot(0.5).probabilities(0), R, "QuantumDot.probabilities", "count", "an integer in [1, 100000]", "0"),
    Case("click of a number", lambda: DETECTOR.click_probability(0.5), W, "Detector.click_probability", "source", "a WeakCoherentPulse or QuantumDot", "0.5"),
    Case("click beyond loss", lambda: DETECTOR.click_probability(ebit.hardware.QuantumDot(0.5), transmittance=1.5), R, "Detector.click_probability", "transmittance", "[0, 1]", "1.5"),
    Case("sender of numbers", lambda: sender(source=0.5), W, "SenderReceiver", "source", "a WeakCoherentPulse or QuantumDot", "0.5"),
    Case("sender's second photon", lambda: sender(source=ebit.hardware.QuantumDot(0.5), double_excitation_probability=0.1), R, "SenderReceiver", "double_excitation_probability", "0 with a source", "0.1"),
    Case("converter gain", lambda: CONVERTER.replace(efficiency=1.2), R, "FrequencyConverter", "efficiency", "[0, 1]", "1.2"),
    Case("converter noise", lambda: CONVERTER.replace(noise_photon_rate_hz=INF), R, "FrequencyConverter", "noise_photon_rate_hz", ">= 0", "inf"),
    Case("converter a number", lambda: double().with_converters(0.5), W, "DoubleClick.with_converters", "a", "a FrequencyConverter", "0.5"),
    Case("background negative", lambda: DETECTOR.with_background(-1.0), R, "Detector.with_background", "photon_rate_hz", ">= 0", "-1"),
    Case("background nan", lambda: DETECTOR.with_background(NAN), R, "Detector.with_background", "photon_rate_hz", "a finite number", "nan"),
    Case("jitter negative", lambda: DETECTOR.with_jitter(-1e-12), R, "Detector.with_jitter", "fwhm_s", ">= 0", "-1e-12"),
    Case("dead time", lambda: DETECTOR.under_load(1e6, dead_time_s=-1e-9), R, "Detector.under_load", "dead_time_s", ">= 0", "-1e-9"),
    Case("afterpulse for ever", lambda: DETECTOR.under_load(1e6, afterpulse_probability=1.0), R, "Detector.under_load", "afterpulse_probability", "in [0, 0.999]", "1"),
    Case("load a string", lambda: DETECTOR.under_load("1e6"), W, "Detector.under_load", "photon_rate_hz", "a finite number", "'1e6'"),
]

LINKS = [
    Case("probability 1.2", lambda: ebit.HeraldedLink(1.2, 1e-3), R, "HeraldedLink", "success_probability", "a probability in [0, 1]", "1.2"),
    Case("attempt time 0", lambda: ebit.HeraldedLink(0.1, 0.0), R, "HeraldedLink", "attempt_time_s", "> 0", "0"),
    Case("herald age", lambda: ebit.HeraldedLink(0.1, 1.0, herald_age_s=-1), R, "HeraldedLink", "herald_age_s", ">= 0", "-1"),
    Case("pair of three", lambda: ebit.HeraldedLink(0.1, 1.0, pair=[1, 0, 0]), W, "HeraldedLink", "pair", "four numbers", "3 values"),
    Case("pair of five", lambda: ebit.HeraldedLink(0.1, 1.0, pair=[1, 0, 0, 0, 0]), W, "HeraldedLink", "pair", "", ""),
    Case("pair sum", lambda: ebit.HeraldedLink(0.1, 1.0, pair=[0.5, 0, 0, 0]), R, "HeraldedLink", "pair", "sum to 1", "0.5", "divide"),
    Case("pair a number", lambda: ebit.HeraldedLink(0.1, 1.0, pair=1.0), W, "HeraldedLink", "pair", "four numbers", "1"),
    Case("station 1.5", lambda: double(station=1.5), R, "DoubleClick", "station", "[0, 1]", "1.5", "0.5 is the middle"),
    Case("modes 0", lambda: double(modes=0), R, "DoubleClick", "modes", "an integer in [1,", "0"),
    Case("modes True", lambda: single(modes=True), W, "SingleClick", "modes", "an integer", "True"),
    Case("two-round modes", lambda: double(modes=2, negotiation="two-round"), R, "DoubleClick", "modes", "two-round", "2"),
    Case("two-round station", lambda: double(station=0.4, negotiation="two-round"), R, "DoubleClick", "station", "0.5 with", "0.4"),
    Case("unknown negotiation", lambda: double(negotiation="two-rounds"), R, "DoubleClick", "negotiation", "one of herald, two-round", "'two-rounds'", "did you mean 'two-round'?"),
    Case("nested fibre", lambda: double(fiber={"length_km": 20.0}), W, "DoubleClick", "fiber", "a Fiber", "dict"),
    Case("fibre a number", lambda: double(fiber=20.0), W, "DoubleClick", "fiber", "a Fiber", "float 20.0"),
    Case("detector a fibre", lambda: single(detector=FIBER), W, "SingleClick", "detector", "a Detector", "Fiber"),
    Case("side B", lambda: double(source_efficiency=(0.5, 1.5)), R, "DoubleClick", "source_efficiency of side B", "[0, 1]", "1.5"),
    Case("three sides", lambda: double(source_efficiency=(0.5, 0.5, 0.5)), W, "DoubleClick", "source_efficiency", "pair of numbers", "3 values"),
    Case("bright population", lambda: single(bright_state_population=-0.1), R, "SingleClick", "bright_state_population", "[0, 1]", "-0.1"),
    Case("phase", lambda: single(phase_std_rad=NAN), R, "SingleClick", "phase_std_rad", ">= 0", "nan"),
    Case("no time at all", lambda: double(fiber=ebit.Fiber(0.0)), R, "DoubleClick", "local_time_s", "> 0 when the fibre has no length", "0"),
    Case("pairs twice", lambda: midpoint(pair_probability=0.1), R, "MidpointSource", "mean_pairs", "given, or pair_probability instead", "0.05 and pair_probability too"),
    Case("no pairs", lambda: midpoint(mean_pairs=None), R, "MidpointSource", "mean_pairs", "given, or pair_probability instead", "neither"),
    Case("mean pairs", lambda: midpoint(mean_pairs=-0.1), R, "MidpointSource", "mean_pairs", "[0, 100]", "-0.1", "both polarisations"),
    Case("bright source", lambda: midpoint(mean_pairs=INF), R, "MidpointSource", "mean_pairs", "[0, 100]", "inf"),
    Case("mean pairs a pair", lambda: midpoint(mean_pairs=(0.1, 0.1)), W, "MidpointSource", "mean_pairs", "a number", "a list"),
    Case("pair fidelity", lambda: midpoint(pair_fidelity=0.2), R, "MidpointSource", "pair_fidelity", "in [0.25, 1]", "0.2", "white noise"),
    Case("pair probability", lambda: midpoint(mean_pairs=None, pair_probability=1.5), R, "MidpointSource", "pair_probability", "[0, 1]", "1.5"),
    Case("unknown memory", lambda: midpoint(memory="x"), R, "MidpointSource", "memory", "one of emissive, absorptive", "'x'"),
    Case("memory misspelt", lambda: midpoint(memory="absorbtive"), R, "MidpointSource", "memory", "one of emissive, absorptive", "'absorbtive'", "did you mean 'absorptive'?"),
    Case("memory efficiency", lambda: midpoint(memory_efficiency=(0.5, -0.5)), R, "MidpointSource", "memory_efficiency of side B", "[0, 1]", "-0.5"),
    Case("absorptive visibility", lambda: midpoint(memory="absorptive", visibility=0.9), R, "MidpointSource", "visibility", "1 with memory=", "0.9", "nothing interferes"),
    Case("midpoint without time", lambda: midpoint(fiber=ebit.Fiber(0.0)), R, "MidpointSource", "local_time_s", "> 0 when the fibre has no length", "0"),
    Case("midpoint nested fibre", lambda: midpoint(fiber=20.0), W, "MidpointSource", "fiber", "a Fiber", "float 20.0"),
    Case("receiver", lambda: sender(memory_efficiency=1.1), R, "SenderReceiver", "memory_efficiency", "[0, 1]", "1.1"),
    Case("receiver's sides", lambda: sender(memory_efficiency=(0.5, 0.6)), W, "SenderReceiver", "memory_efficiency", "a number", "a list"),
    Case("sender", lambda: sender(source_efficiency=NAN), R, "SenderReceiver", "source_efficiency", "[0, 1]", "nan"),
    Case("sender's fidelity", lambda: sender(emission_fidelity=0.2), R, "SenderReceiver", "emission_fidelity", "in [0.25, 1]", "0.2"),
    Case("sender's modes", lambda: sender(modes=0), R, "SenderReceiver", "modes", "an integer in [1,", "0"),
    Case("visibility", lambda: double(visibility=1.01), R, "DoubleClick", "visibility", "[0, 1]", "1.01"),
    Case("unknown preset", lambda: ebit.hardware.preset("ion-2032"), R, "hardware.preset", "name", "one of", "'ion-2032'", "did you mean 'ion-"),
    Case("preset list", lambda: ebit.hardware.preset(["ion-2023"]), W, "hardware.preset", "name", "one of", "['ion-2023']"),
    Case("override unknown", lambda: ebit.hardware.preset("ion-2023").override({"memory.t3_s": 1}), U, "preset 'ion-2023'", "override", "memory.t2_s", "'memory.t3_s'", "did you mean 'memory.t"),
    Case("override leaf", lambda: ebit.hardware.preset("ion-2023").override({"slots": 1}), U, "preset 'ion-2023'", "override", "memory.slots", "'slots'", "did you mean 'memory.slots'?"),
    Case("override text", lambda: ebit.hardware.preset("ion-2023").override("memory"), W, "preset 'ion-2023'", "override", "mapping", "'memory'"),
]

NETWORKS = [
    Case("duplicate node", lambda: ebit.Network(nodes("a", "a")), R, "nodes[1] 'a'", "name", "unique", "'a'", "nodes[0] has the same name"),
    Case("empty name", lambda: ebit.Network(nodes("a", "")), R, "nodes[1] ''", "name", "at least one letter", "''"),
    Case("unknown node", lambda: ebit.Network(nodes("Delft", "Gouda"), [ebit.Link("Delft", "Guoda", LINK)]), R, "links[0] 'Delft-Guoda'", "node", "a node of the network (Delft, Gouda)", "'Guoda'", "did you mean 'Gouda'?"),
    Case("self-loop", lambda: ebit.Network(nodes("a", "b"), [ebit.Link("a", "a", LINK)]), R, "links[0] 'a-a'", "nodes", "two different nodes", "'a' twice"),
    Case("duplicate link", lambda: ebit.Network(nodes("a", "b"), [ebit.Link("a", "b", LINK), ebit.Link("b", "a", LINK)]), R, "links[1] 'b-a'", "nodes", "not yet joined", "'b' and 'a'", "links[0]"),
    Case("node a string", lambda: ebit.Network(["a"]), W, "Network", "nodes[0]", "a Node", "'a'"),
    Case("nodes a number", lambda: ebit.Network(5), W, "Network", "nodes", "a list of Nodes", "5"),
    Case("link a tuple", lambda: ebit.Network(nodes("a"), [("a", "b")]), W, "Network", "links[0]", "a Link", "('a', 'b')"),
    Case("link model", lambda: ebit.Network(nodes("a", "b"), [ebit.Link("a", "b", 5)]), W, "links[0] 'a-b'", "model", "a HeraldedLink", "5"),
    Case("link end", lambda: ebit.Network(nodes("a", "b"), [ebit.Link(["a"], "b", LINK)]), W, "links[0]", "node", "a node name", "['a']"),
    Case("node name", lambda: ebit.Network([ebit.Node(5, MEMORY)]), W, "nodes[0]", "name", "a string", "5"),
    Case("node memory", lambda: ebit.Network([ebit.Node("a", 5)]), W, "nodes[0] 'a'", "memory", "a Memory", "5"),
    Case("node swap", lambda: ebit.Network([ebit.Node("a", MEMORY, "perfect")]), W, "nodes[0] 'a'", "swap", "a Swap", "'perfect'"),
    Case("readout 0.7", lambda: ebit.Network(nodes("a", readout_error=0.7)), R, "nodes[0] 'a'", "readout_error", "in [0, 0.5]", "0.7"),
    Case("readout True", lambda: ebit.Network(nodes("a", readout_error=True)), W, "Network.nodes", "readout_error[0]", "a number", "True"),
    Case("position a number", lambda: ebit.Network(nodes("a", position=5)), W, "nodes[0] 'a'", "position", "(longitude, latitude)", "5"),
    Case("latitude 120", lambda: ebit.Network(nodes("a", position=(5.0, 120.0))), R, "nodes[0] 'a'", "latitude_deg", "in [-90, 90]", "120"),
    Case("longitude nan", lambda: ebit.Network(nodes("a", position=(NAN, 5.0))), R, "nodes[0] 'a'", "longitude_deg", "in [-180, 180]", "nan"),
    Case("message loss", lambda: ebit.Network(nodes("a"), message_loss_probability=1.2), R, "Network", "message_loss_probability", "[0, 1]", "1.2"),
    Case("other fibre length", lambda: ebit.Network(nodes("a", "b"), [ebit.Link("a", "b", double(), 3.0)]), R, "links[0] 'a-b'", "length_km", "20.0", "3.0", "leave it out"),
    Case("link length", lambda: ebit.Network(nodes("a", "b"), [ebit.Link("a", "b", LINK, -3.0)]), R, "links[0] 'a-b'", "length_km", ">= 0", "-3"),
    Case("chain of one", lambda: ebit.Network.chain(nodes=1, link=LINK, memory=MEMORY), R, "Network.chain", "nodes", "an integer >= 2", "1"),
    Case("chain of True", lambda: ebit.Network.chain(nodes=True, link=LINK, memory=MEMORY), W, "Network.chain", "nodes", "an integer >= 2", "True"),
    Case("chain memory", lambda: ebit.Network.chain(nodes=2, link=LINK, memory=4), W, "Network.chain", "memory", "a Memory", "4"),
    Case("chain link", lambda: ebit.Network.chain(nodes=2, link=0.1, memory=MEMORY), W, "Network.chain", "link", "a HeraldedLink", "0.1"),
    Case("unknown topology", lambda: ebit.Network.from_topohub("topozoo/Surfnett", "ion-2023"), R, "Network.from_topohub", "name", "of topohub", "'topozoo/Surfnett'", "did you mean 'topozoo/Surfnet'"),
    Case("topology in a plane", lambda: ebit.Network.from_topohub("gabriel/25/0", "ion-2023"), R, "Network.from_topohub", "name", "longitudes and latitudes", "'gabriel/25/0'", "km are not known"),
    Case("topology number", lambda: ebit.Network.from_topohub(5, "ion-2023"), W, "Network.from_topohub", "name", "a name", "5"),
    Case("topology hardware", lambda: ebit.Network.from_topohub("topozoo/Surfnet", 5), W, "Network", "hardware", "a preset or its name", "5"),
    Case("fibre factor", lambda: ebit.Network.from_topohub("topozoo/Surfnet", "ion-2023", fiber_length_factor=0.5), R, "maps.fiber_length_km", "factor", "in [1, 100]", "0.5", "great circle"),
    Case("array index", lambda: arrays(b=[2]), R, "Network.from_arrays", "b", "node indices in [0, 2)", "2"),
    Case("array of floats", lambda: arrays(a=[0.0]), W, "Network.from_arrays", "a", "array of integers", "float64"),
    Case("array of words", lambda: arrays(length_km=["far"]), W, "Network.links", "length_km[0]", "a number", "'far'"),
    Case("array lengths differ", lambda: arrays(length_km=[1.0, 2.0]), R, "links", "length_km", "1 values", "2 values"),
    Case("array scalar", lambda: arrays(length_km=1.0), W, "Network.from_arrays", "length_km", "a list", "1.0"),
    Case("array names", lambda: arrays(names="ab"), W, "Network.from_arrays", "names", "a list", "'ab'"),
    Case("array name number", lambda: arrays(names=["a", 2]), W, "Network.nodes", "name[1]", "a string", "2"),
    Case("array positions", lambda: arrays(positions=[(1.0, 2.0)]), R, "Network.from_arrays", "positions", "2 values", "1 values"),
    Case("graph attribute", lambda: ebit.Network.from_networkx(graph(None), "ion-2023"), W, "edge 'a-b'", "length_km", "km", "None", "length="),
    Case("graph True", lambda: ebit.Network.from_networkx(graph(True), "ion-2023"), W, "edge 'a-b'", "length_km", "km", "True"),
    Case("graph negative", lambda: ebit.Network.from_networkx(graph(-1.0), "ion-2023"), R, "links[0] 'a-b'", "length_km", ">= 0", "-1"),
    Case("graph a list", lambda: ebit.Network.from_networkx([("a", "b")], "ion-2023"), W, "Network.from_networkx", "graph", "networkx.Graph", "[('a', 'b')]"),
]

RUNS = [
    Case("seed -1", lambda: run(rng=-1), R, "simulate", "rng", "an integer in [0, 2^128)", "-1"),
    Case("seed 2**200", lambda: run(rng=2**200), R, "simulate", "rng", "an integer in [0, 2^128)", str(2**200)[:40]),
    Case("seed enormous", lambda: run(rng=1 << 100_000), R, "simulate", "rng", "an integer in [0, 2^128)", "100001 bits"),
    Case("seed 1.5", lambda: run(rng=1.5), W, "simulate", "rng", "an int, a SeedSequence", "1.5"),
    Case("seed True", lambda: run(rng=True), W, "simulate", "rng", "an int, a SeedSequence", "True"),
    Case("seed '7'", lambda: run(rng="7"), W, "simulate", "rng", "an int, a SeedSequence", "'7'"),
    Case("1e12 pairs", lambda: run(ebit.Request("n0", "n2", pairs=10**12)), TooLargeError, "requests[0] 'n0-n2'", "pairs", "with 1 replicas (4 GiB", "1000000000000 (about 4.470e4 GiB", "relative error"),
    Case("pairs 0", lambda: ebit.Request("n0", "n2", pairs=0), R, "Request", "pairs", "an integer >= 1", "0"),
    Case("pairs 1e3", lambda: ebit.Request("n0", "n2", pairs=1e3), W, "Request", "pairs", "an integer", "1000.0"),
    Case("pairs True", lambda: ebit.Request("n0", "n2", pairs=True), W, "Request", "pairs", "an integer", "True"),
    Case("pairs 2**80", lambda: ebit.Request("n0", "n2", pairs=2**80), R, "Request", "pairs", "below 2^63", "e+24"),
    Case("replicas 0", lambda: run(replicas=0), R, "simulate", "replicas", "an integer in [1, 4294967296]", "0"),
    Case("replicas 1e13", lambda: run(replicas=10**13), R, "simulate", "replicas", "an integer in [1, 4294967296]", "10000000000000"),
    Case("replicas 1.5", lambda: run(replicas=1.5), W, "simulate", "replicas", "an integer", "1.5"),
    Case("replicas that do not fit", lambda: run(replicas=2**32), TooLargeError, "simulate", "replicas", "4 GiB", "4294967296"),
    Case("first replica -1", lambda: run(first_replica=-1), R, "simulate", "first_replica", "an integer in [0,", "-1"),
    Case("threads 0", lambda: run(threads=0), R, "simulate", "threads", "an integer in [1, 1024]", "0"),
    Case("threads True", lambda: run(threads=True), W, "simulate", "threads", "an integer in [1, 1024]", "True"),
    Case("threads 2.0", lambda: run(threads=2.0), W, "simulate", "threads", "an integer in [1, 1024]", "2.0"),
    Case("threads 2**70", lambda: run(threads=2**70), R, "simulate", "threads", "an integer in [1, 1024]", "1180591620717411303424"),
    Case("progress", lambda: run(progress="yes"), W, "simulate", "progress", "callable", "'yes'"),
    Case("until -1", lambda: run(until_s=-1.0), R, "simulate", "until_s", "finite and > 0", "-1", "None to run"),
    Case("until nan", lambda: run(until_s=NAN), R, "simulate", "until_s", "finite and > 0", "nan"),
    Case("until inf", lambda: run(until_s=INF), R, "simulate", "until_s", "finite and > 0", "inf"),
    Case("until word", lambda: run(until_s="1"), W, "simulate", "until_s", "a number", "'1'"),
    Case("until beyond any clock", lambda: run(until_s=1e300), TooLargeError, "simulate", "until_s", "representable", "1e300"),
    Case("unknown method", lambda: run(method="skipp"), R, "simulate", "method", "one of auto, skip, per-attempt", "'skipp'", "did you mean 'skip'?"),
    Case("unknown formalism", lambda: run(formalism="density"), R, "simulate", "formalism", "density-matrix", "'density'", "did you mean 'density-matrix'?"),
    Case("unknown assign", lambda: run(assign="oldst"), R, "simulate", "assign", "one of oldest, fewest-pairs", "'oldst'", "did you mean 'oldest'?"),
    Case("unknown match", lambda: run(match="longst"), R, "simulate", "match", "one of oldest, longest", "'longst'", "did you mean 'longest'?"),
    Case("method number", lambda: run(method=1), W, "simulate", "method", "one of the names it knows", "1"),
    Case("trace number", lambda: run(trace=1), W, "simulate", "trace", "True or False", "1"),
    Case("network a number", lambda: run(net=5), W, "simulate", "network", "a Network", "5"),
    Case("request a tuple", lambda: run(("n0", "n2")), W, "simulate", "requests[0]", "a Request", "('n0', 'n2')"),
    Case("requests a number", lambda: ebit.simulate(NET, 5), W, "simulate", "requests", "a list of Requests", "5"),
    Case("no requests", lambda: ebit.simulate(NET, []), R, "simulate", "requests", "at least one Request", "none"),
    Case("no end", lambda: run(ebit.Request("n0", "n2")), R, "requests[0] 'n0-n2'", "pairs", "given when until_s is not", "None", "needs an end"),
    Case("unknown source", lambda: run(ebit.Request("n9", "n2", pairs=5)), R, "requests[0] 'n9-n2'", "source", "a node of the network (n0, n1, n2)", "'n9'"),
    Case("same ends", lambda: ebit.Request("n0", "n0", pairs=5), R, "Request", "target", "another node", "'n0'"),
    Case("source number", lambda: ebit.Request(0, "n0", pairs=5), W, "Request", "source", "a string", "0"),
    Case("no path", lambda: run(ebit.Request("a", "c", pairs=5), net=ISLANDS), NoRouteError, "requests[0] 'a-c'", "route", "connected", "{'a', 'b'} and {'c', 'd'}", "add a link"),
    Case("route unknown node", lambda: ISLANDS.route("a", "e"), R, "requests[0] 'a-e'", "target", "a node", "'e'"),
    Case("route not a path", lambda: run(ebit.Request("n0", "n2", pairs=5, route=["n0", "n2"])), NoRouteError, "requests[0] 'n0-n2'", "route", "a path along links", "'n0' then 'n2'"),
    Case("route of others", lambda: ebit.Request("n0", "n2", pairs=5, route=["n0", "n1"]), R, "Request", "route", "a path from 'n0' to 'n2'", "n1"),
    Case("route empty", lambda: ebit.Request("n0", "n2", pairs=5, route=[]), R, "Request", "route", "a path from 'n0' to 'n2'", "[]"),
    Case("route a string", lambda: ebit.Request("n0", "n2", pairs=5, route="n0"), W, "Request", "route", "a list", "'n0'"),
    Case("start", lambda: ebit.Request("n0", "n2", pairs=5, start_s=-1), R, "Request", "start_s", ">= 0", "-1"),
    Case("restart number", lambda: ebit.Request("n0", "n2", pairs=5, restart=1), W, "Request", "restart", "True or False", "1"),
    Case("schedule name", lambda: ebit.Request("n0", "n2", pairs=5, schedule="asap"), W, "Request", "schedule", "a schedule", "'asap'"),
    Case("cut-off 0", lambda: ebit.schedules.SwapAsap(cutoff_s=0.0), R, "SwapAsap", "cutoff_s", "> 0", "0", "None for no cut-off"),
    Case("restart shared", lambda: run(*SHARED), R, "requests[0] 'n0-n2'", "restart", "False on a shared link", "2 requests over links[1] 'n1-n2'", "leave it out"),
    Case("p = 0", lambda: run(net=link_graph(0.0)), NeverSucceedsError, "links[0] 'n0-n1'", "success_probability", "> 0", "0", "would wait for ever"),
    Case("swap 0", lambda: run(net=link_graph(0.5, 0.0)), NeverSucceedsError, "nodes[1] 'n1'.swap", "success_probability", "> 0", "0", "would wait for ever"),
    Case("p = 1e-300", lambda: run(net=link_graph(1e-300)), NeverSucceedsError, "requests[0] 'n0-n2'", "pairs", "come within", "5 (about", "give until_s"),
    Case("bell-diagonal with t1", lambda: run(net=RELAXING, formalism="bell-diagonal"), R, "simulate", "formalism", "exact for the memories", "nodes[0] 'n0'", "density-matrix"),
    Case("as many as come, too many", lambda: run(ebit.Request("n0", "n2"), until_s=1e12), TooLargeError, "requests[0] 'n0-n2'", "pairs", "4 GiB", "None: "),
]

STATES = [
    Case("weights sum", lambda: ebit.BellDiagonal([0.5, 0.1, 0.1, 0.1]), R, "BellDiagonal", "weights", "sum to 1", "a sum of 0.79", "divide"),
    Case("weight negative", lambda: ebit.BellDiagonal([1.1, -0.1, 0, 0]), R, "BellDiagonal", "weights[0]", "[0, 1]", "1.1"),
    Case("weights three", lambda: ebit.BellDiagonal([0.5, 0.25, 0.25]), R, "BellDiagonal", "weights", "four weights", "3 values"),
    Case("weights word", lambda: ebit.BellDiagonal("abcd"), W, "BellDiagonal", "weights[0]", "a number", "'a'"),
    Case("weights number", lambda: ebit.BellDiagonal(1.0), W, "BellDiagonal", "weights", "four weights", "1.0"),
    Case("weights True", lambda: ebit.BellDiagonal([True, 0, 0, 0]), W, "BellDiagonal", "weights[0]", "a number", "True"),
    Case("weights nan", lambda: ebit.BellDiagonal([NAN, 0, 0, 0]), R, "BellDiagonal", "weights[0]", "[0, 1]", "nan"),
    Case("werner 1.5", lambda: ebit.BellDiagonal.werner(1.5), R, "BellDiagonal", "fidelity", "[0, 1]", "1.5"),
    Case("werner word", lambda: ebit.BellDiagonal.werner("high"), W, "BellDiagonal", "fidelity", "a number", "'high'"),
    Case("pair depolarize", lambda: ebit.BellDiagonal.werner(0.9).depolarize(2), R, "BellDiagonal", "p", "[0, 1]", "2"),
    Case("pair swap", lambda: ebit.BellDiagonal.werner(0.9).swap([1, 0, 0, 0]), W, "BellDiagonal", "other", "a BellDiagonal", "[1, 0, 0, 0]"),
    Case("distill protocol", lambda: ebit.BellDiagonal.werner(0.9).distill(ebit.BellDiagonal.werner(0.9), "dejmp"), R, "BellDiagonal", "protocol", "one of dejmps, bbpssw", "'dejmp'", "did you mean 'dejmps'?"),
    Case("many of three", lambda: ebit.BellDiagonal.swap_many(np.ones((2, 3)), np.ones((2, 3))), R, "BellDiagonal", "a", "(n, 4)", "(2, 3)"),
    Case("many differ", lambda: ebit.BellDiagonal.swap_many([[1, 0, 0, 0]] * 2, [[1, 0, 0, 0]]), R, "BellDiagonal", "b", "2 rows", "1"),
    Case("many row", lambda: ebit.BellDiagonal.depolarize_many([[1, 0, 0, 0], [1, 1, 0, 0]], 0.1), R, "BellDiagonal", "a[1]", "sum to 1", "2"),
    Case("many flat", lambda: ebit.BellDiagonal.depolarize_many([1, 0, 0, 0], 0.1), R, "BellDiagonal", "a", "(n, 4)", "shape (4,)"),
    Case("many nan", lambda: ebit.BellDiagonal.swap_many([[1, 0, 0, 0]] * 3, [[1, 0, 0, 0], [NAN, 0, 0, 0], [1, 0, 0, 0]]), R, "BellDiagonal", "b[1][0]", "[0, 1]", "nan"),
    Case("many negative", lambda: ebit.BellDiagonal.dephase_many([[1, 0, 0, 0], [1.1, -0.1, 0, 0]], 0.1), R, "BellDiagonal", "a[1][0]", "[0, 1]", "1.1"),
    Case("many inf", lambda: ebit.BellDiagonal.distill_many([[INF, 0, 0, 0]], [[1, 0, 0, 0]]), R, "BellDiagonal", "a[0][0]", "[0, 1]", "inf"),
    Case("many p row", lambda: ebit.BellDiagonal.depolarize_many([[1, 0, 0, 0]] * 2, [0.1, 2.0]), R, "BellDiagonal", "p[1]", "[0, 1]", "2"),
    Case("many p rows", lambda: ebit.BellDiagonal.depolarize_many([[1, 0, 0, 0]] * 2, [0.1]), R, "BellDiagonal", "p", "one number or 2", "1"),
    Case("many p word", lambda: ebit.BellDiagonal.swap_many([[1, 0, 0, 0]], [[1, 0, 0, 0]], depolarize="much"), W, "BellDiagonal", "p", "a number", "'much'"),
    Case("many words", lambda: ebit.BellDiagonal.swap_many([["a"] * 4], [[1, 0, 0, 0]]), W, "BellDiagonal", "a", "(n, 4)", "[['a', 'a', 'a', 'a']]"),
    Case("many out", lambda: ebit.BellDiagonal.swap_many([[1, 0, 0, 0]], [[1, 0, 0, 0]], out=np.empty((2, 4))), R, "BellDiagonal", "out", "(1, 4)", "(2, 4)"),
    Case("many out list", lambda: ebit.BellDiagonal.swap_many([[1, 0, 0, 0]], [[1, 0, 0, 0]], out=[0.0] * 4), W, "BellDiagonal", "out", "(1, 4)", "[0.0, 0.0, 0.0, 0.0]"),
    Case("many out shared", lambda: ebit.BellDiagonal.depolarize_many(ROWS, 0.1, out=ROWS), R, "BellDiagonal", "out", "(2, 4)", "in use", "share memory"),
    Case("werner many", lambda: ebit.BellDiagonal.werner_many([0.5, -0.1]), R, "BellDiagonal", "fidelity[1]", "[0, 1]", "-0.1"),
    Case("pair damped", lambda: ebit.BellDiagonal.werner(0.9).amplitude_damp(0.1), F, "BellDiagonal", "noise", "Bell-diagonal", "amplitude_damp(gamma=0.1)", "twirled()"),
    Case("pair apply where", lambda: ebit.BellDiagonal.werner(0.9).apply(ebit.Noise.dephase(0.1)), R, "BellDiagonal", "on", "left, right, both", "None", "one half"),
    Case("pair apply there", lambda: ebit.BellDiagonal.werner(0.9).apply(ebit.Noise.dephase(0.1), "middle"), R, "BellDiagonal", "on", "left, right, both", "'middle'"),
    Case("pair apply two on one", lambda: ebit.BellDiagonal.werner(0.9).apply(ebit.Noise.depolarize(0.1, 2), "left"), R, "BellDiagonal", "noise", "on one qubit", "2"),
    Case("pair apply word", lambda: ebit.BellDiagonal.werner(0.9).apply("dephase", "left"), W, "BellDiagonal", "noise", "a Noise", "'dephase'"),
    Case("pair outcomes", lambda: ebit.BellDiagonal.werner(0.9).outcomes("x"), R, "BellDiagonal", "basis", "one of X, Y, Z", "'x'"),
    Case("pair of a product", lambda: ebit.BellDiagonal.from_density_matrix(rho()), F, "BellDiagonal", "rho", "Bell-diagonal", "outside XX, YY, ZZ", "twirl=True"),
    Case("pair of three qubits", lambda: ebit.BellDiagonal.from_density_matrix(rho(3)), R, "BellDiagonal", "rho", "two qubits", "64 entries"),
    Case("circuit keeps two", lambda: ebit.BellDiagonal.distill_circuit([PAIR] * 3, ebit.Circuit("M 0")), R, "BellDiagonal", "circuit", "one pair unmeasured", "2"),
    Case("circuit resets", lambda: ebit.BellDiagonal.distill_circuit([PAIR] * 2, ebit.Circuit("R 0")), R, "BellDiagonal", "circuit", "Clifford", "R"),
    Case("circuit text", lambda: ebit.BellDiagonal.distill_circuit([PAIR] * 2, "M 0"), W, "BellDiagonal", "circuit", "a Circuit", "'M 0'"),
    Case("circuit one pair", lambda: ebit.BellDiagonal.distill_circuit([PAIR], ebit.Circuit("M 0")), R, "BellDiagonal", "pairs", "2 to 10", "1"),
    Case("circuit beyond", lambda: ebit.BellDiagonal.distill_circuit([PAIR] * 2, ebit.Circuit("CX 0 2\nM 0")), R, "BellDiagonal", "steps[0]", "[0, 1]", "2"),
    Case("circuit pairs word", lambda: ebit.BellDiagonal.distill_circuit([PAIR, "x"], ebit.Circuit("M 0")), W, "BellDiagonal", "pairs[1]", "a BellDiagonal", "'x'"),
    Case("noise p", lambda: ebit.Noise.dephase(1.1), R, "Noise", "p", "[0, 1]", "1.1"),
    Case("noise p word", lambda: ebit.Noise.depolarize("0.1"), W, "Noise", "p", "a number", "'0.1'"),
    Case("noise qubits", lambda: ebit.Noise.depolarize(0.1, qubits=5), R, "Noise", "qubits", "[1, 4]", "5"),
    Case("noise qubits -1", lambda: ebit.Noise.depolarize(0.1, qubits=-1), R, "Noise", "qubits", "[1, 4]", "-1"),
    Case("noise pauli sum", lambda: ebit.Noise.pauli({"X": 0.6, "Y": 0.6}), R, "Noise", "probabilities", "sum to 1", "1.2"),
    Case("noise pauli letter", lambda: ebit.Noise.pauli({"A": 0.6}), R, "Noise", "probabilities", "I _ X Y Z", "'A'"),
    Case("noise pauli lengths", lambda: ebit.Noise.pauli({"X": 0.1, "XX": 0.1}), R, "Noise", "probabilities", "the same length", "'XX'"),
    Case("noise pauli twice", lambda: ebit.Noise.pauli({"I": 0.1, "_": 0.1}), R, "Noise", "probabilities", "different words", "'_'"),
    Case("noise pauli list", lambda: ebit.Noise.pauli([0.1, 0.1, 0.1]), W, "Noise", "probabilities", "a dictionary", "[0.1, 0.1, 0.1]"),
    Case("noise pauli none", lambda: ebit.Noise.pauli({}), R, "Noise", "probabilities", "at least one", "{}"),
    Case("noise t2", lambda: ebit.Noise.thermal_relaxation(1.0, 1.0, 2.5), R, "Noise", "t2_s", "<= 2 T1", "2.5"),
    Case("noise time", lambda: ebit.Noise.thermal_relaxation(-1.0, 1.0, 1.0), R, "Noise", "time_s", ">= 0", "-1"),
    Case("noise t1", lambda: ebit.Noise.thermal_relaxation(1.0, 0.0, 1.0), R, "Noise", "t1_s", "> 0", "0"),
    Case("noise unitary", lambda: ebit.Noise.unitary([[1, 0], [0, 2]]), R, "Noise", "matrix", "unitary", "of size 3"),
    Case("noise unitary size", lambda: ebit.Noise.unitary(np.eye(3)), R, "Noise", "matrix", "2^k x 2^k", "9 entries"),
    Case("noise kraus", lambda: ebit.Noise.kraus([HALF]), R, "Noise", "kraus", "complete", "0.75"),
    Case("noise kraus sizes", lambda: ebit.Noise.kraus([np.eye(2), np.eye(4)]), R, "Noise", "kraus[1]", "as large", "16 entries"),
    Case("noise kraus none", lambda: ebit.Noise.kraus([]), R, "Noise", "kraus", "at least one", "none"),
    Case("noise then", lambda: ebit.Noise.dephase(0.1).then(ebit.Noise.depolarize(0.1, 2)), R, "Noise", "next", "on 1 qubit(s)", "2"),
    Case("noise stim", lambda: ebit.Noise.amplitude_damp(0.1).to_stim(), F, "Noise", "noise", "a Pauli channel", "amplitude_damp(gamma=0.1)", "twirled()"),
    Case("noise stim targets", lambda: ebit.Noise.dephase(0.1).to_stim([0, 1]), R, "Noise", "targets", "1 qubit(s)", "2"),
    Case("0 qubits", lambda: ebit.DensityMatrix(0), R, "DensityMatrix", "qubits", "an integer in [1, 13]", "0"),
    Case("-1 qubits", lambda: ebit.DensityMatrix(-1), R, "DensityMatrix", "qubits", "an integer in [1, 13]", "-1"),
    Case("99 qubits", lambda: ebit.DensityMatrix(99), R, "DensityMatrix", "qubits", "an integer in [1, 13]", "99", "4^n"),
    Case("2**70 qubits", lambda: ebit.DensityMatrix(2**70), R, "DensityMatrix", "qubits", "integer", "1180591620717411303424"),
    Case("True qubits", lambda: ebit.DensityMatrix(True), W, "DensityMatrix", "qubits", "integer", "True"),
    Case("1.0 qubits", lambda: ebit.DensityMatrix(1.0), W, "DensityMatrix", "qubits", "integer", "1.0"),
    Case("state rng", lambda: ebit.DensityMatrix(1, rng="7"), W, "DensityMatrix", "rng", "SeedSequence", "'7'"),
    Case("not unitary", lambda: rho().apply([[1, 0], [0, 2]], [0]), R, "DensityMatrix", "unitary", "unitary", "", "apply_kraus"),
    Case("unitary size", lambda: rho().apply(np.eye(2), [0, 1]), R, "DensityMatrix", "unitary", "4 x 4", "4 entries"),
    Case("unitary not square", lambda: rho().apply(np.ones((2, 3)), [0]), R, "DensityMatrix", "unitary", "a square matrix", "(2, 3)"),
    Case("unitary word", lambda: rho().apply("h", [0]), W, "DensityMatrix", "unitary", "a square matrix", "'h'"),
    Case("kraus incomplete", lambda: rho().apply_kraus([HALF], [0]), R, "DensityMatrix", "kraus", "complete", "", "sum to 1"),
    Case("kraus none", lambda: rho().apply_kraus([], [0]), R, "DensityMatrix", "kraus", "", ""),
    Case("kraus number", lambda: rho().apply_kraus(1, [0]), W, "DensityMatrix", "kraus", "a list of matrices", "1"),
    Case("target beyond", lambda: rho().dephase(0.1, [2]), R, "DensityMatrix", "targets[0]", "in [0, 1]", "2", "counted from 0"),
    Case("target negative", lambda: rho().dephase(0.1, [-1]), R, "DensityMatrix", "targets[0]", "in [0, 1]", "-1", "numbered from 0"),
    Case("target twice", lambda: rho().depolarize(0.1, [1, 1]), R, "DensityMatrix", "targets[1]", "not named before", "1"),
    Case("target alone", lambda: rho().dephase(0.1, 0), W, "DensityMatrix", "targets", "a list of qubits", "0", "as [0, 1]"),
    Case("target True", lambda: rho().dephase(0.1, [True]), W, "DensityMatrix", "targets[0]", "in [0, 1]", "True"),
    Case("targets none", lambda: rho().dephase(0.1, []), R, "DensityMatrix", "targets", "at least one", "none"),
    Case("gate negative", lambda: rho().h(-1), R, "DensityMatrix", "qubit", "in [0, 1]", "-1"),
    Case("gate word", lambda: rho().cx(0, "b"), W, "DensityMatrix", "target", "in [0, 1]", "'b'"),
    Case("gate on itself", lambda: rho().cz(1, 1), R, "DensityMatrix", "targets[1]", "not named before", "1"),
    Case("damping", lambda: rho().amplitude_damp(1.5, [0]), R, "DensityMatrix", "gamma", "[0, 1]", "1.5"),
    Case("p word", lambda: rho().dephase("0.1", [0]), W, "DensityMatrix", "p", "a number", "'0.1'"),
    Case("postselect 2", lambda: rho().postselect(0, 2), R, "DensityMatrix", "outcome", "0 or 1", "2"),
    Case("postselect impossible", lambda: rho().postselect(0, 1), ebit.errors.ImpossibleOutcomeError, "DensityMatrix", "outcome", "0", "1", "certain"),
    Case("measure 1.0", lambda: rho().measure(1.0), W, "DensityMatrix", "qubit", "in [0, 1]", "1.0"),
    Case("keep twice", lambda: rho().partial_trace(keep=[0, 0]), R, "DensityMatrix", "targets[1]", "not named before", "0"),
    Case("fidelity of numbers", lambda: rho().fidelity(np.eye(4)), W, "DensityMatrix", "other", "a DensityMatrix", "array"),
    Case("not hermitian", lambda: ebit.DensityMatrix.from_numpy([[0.5, 0.5], [0, 0.5]]), R, "DensityMatrix", "matrix[1][0]", "conjugate", "0", "Hermitian"),
    Case("trace 2", lambda: ebit.DensityMatrix.from_numpy(np.eye(2)), R, "DensityMatrix", "matrix", "of trace 1", "2", "divide"),
    Case("not positive", lambda: ebit.DensityMatrix.from_numpy(np.diag([1.5, -0.5])), R, "DensityMatrix", "matrix", "positive", "negative eigenvalue"),
    Case("matrix 3 x 3", lambda: ebit.DensityMatrix.from_numpy(np.eye(3) / 3), R, "DensityMatrix", "matrix", "4^n", "9 entries"),
    Case("matrix nan", lambda: ebit.DensityMatrix.from_numpy(np.full((2, 2), NAN)), R, "DensityMatrix", "matrix", "finite", "NaN"),
    Case("matrix of bools", lambda: ebit.DensityMatrix.from_numpy([[True, False], [False, False]]), W, "DensityMatrix", "a", "a square matrix", "[[True"),
    Case("plob of 1", lambda: ebit.bounds.plob(1.0), R, "bounds.plob", "eta", "a transmission in [0, 1)", "1.0"),
    Case("plob of a word", lambda: ebit.bounds.plob("1"), W, "bounds.plob", "eta", "a transmission in [0, 1)", "'1'"),
    Case("gain", lambda: ebit.units.transmission_from_db(-3.0), R, "units.transmission_from_db", "loss_db", ">= 0", "-3.0"),
    Case("distance of numbers", lambda: ebit.maps.great_circle_km(1.0, 2.0), W, "maps.great_circle_km", "a", "(longitude, latitude)", "1.0"),
    Case("load a number", lambda: ebit.Network.load(5), W, "file", "path", "a string or a Path", "5"),
    Case("save to a number", lambda: NET.save(5), W, "file", "path", "a string or a Path", "5"),
    Case("route of a number", lambda: NET.route(0, "n2"), W, "Network.route", "source", "a node name", "0"),
    Case("entropy", lambda: ebit.bounds.binary_entropy(1.5), R, "bounds.binary_entropy", "q", "[0, 1]", "1.5"),
    Case("secret fraction", lambda: ebit.bounds.secret_fraction(0.1, NAN), R, "bounds.secret_fraction", "qber_z", "[0, 1]", "nan"),
    Case("decibels of nothing", lambda: ebit.units.db_from_transmission(0.0), R, "units.db_from_transmission", "transmission", "(0, 1]", "0.0"),
    Case("light at rest", lambda: ebit.units.light_time_s(1.0, 0.0), R, "units.light_time_s", "speed_m_per_s", "> 0", "0.0"),
]

# fmt: on


def judge(error: SpecError, case: Case) -> None:
    assert type(error) is case.kind
    assert isinstance(error, ebit.EbitError)
    assert isinstance(error, ValueError)
    assert (error.object, error.parameter) == (case.object, case.parameter)
    assert case.range in error.range
    assert case.value in error.value
    assert case.hint in error.hint
    tail = f" ({error.hint})" if error.hint else ""
    assert str(error) == f"{error.object}: {error.parameter} must be {error.range}, got {error.value}{tail}"
    assert "\n" not in str(error)
    assert len(str(error)) < 600


@pytest.mark.parametrize("case", [*DEVICES, *LINKS, *NETWORKS, *RUNS, *STATES], ids=ids)
def test_mistake_is_named(case: Case) -> None:
    with pytest.raises(SpecError) as caught:
        case.call()
    judge(caught.value, case)


def test_unknown_keyword_is_pythons_own_error() -> None:
    with pytest.raises(TypeError, match="lenght_km"):
        ebit.Fiber(lenght_km=3.0)  # type: ignore[call-arg]


# -- network documents ---------------------------------------------------------------------------------------------------

# fmt: off
DOCUMENTS = [
    ("unknown top", {"color": 1}, U, "Network", "field", "one of format, devices", "'color'", ""),
    ("unknown memory field", {"devices__memories": [{"slot": 1}]}, U, "Network.devices.memories[0]", "field", "slots", "'slot'", "did you mean 'slots'?"),
    ("unknown link model", {"devices__links": [{"DoubleClik": {}}]}, R, "Network.devices", "links[0]", "DoubleClick", "'DoubleClik'", "did you mean 'DoubleClick'?"),
    ("missing nodes", {"nodes": {}}, W, "Network.nodes", "name", "given", "nothing", "no default"),
    ("format", {"format": 2}, R, "Network", "format", "1", "2", "another version"),
    ("index", {"links__a": [7, 1]}, R, "links[0]", "a", "an index < 3", "7", ""),
    ("negative index", {"links__a": [-1, 1]}, R, "Network.links", "a[0]", "an integer >= 0", "-1", ""),
    ("column length", {"nodes__swap": [0]}, R, "nodes", "swap", "3 values", "1 values", ""),
    ("memory value", {"devices__memories": [{"t2_s": "NaN"}]}, R, "nodes[0] 'n0'.memory", "t2_s", "> 0", "nan", ""),
    ("devices a list", {"devices": []}, W, "Network", "devices", "a table", "[]", ""),
    ("loss", {"message_loss_probability": 1.2}, R, "Network", "message_loss_probability", "[0, 1]", "1.2", ""),
    ("photonic link without length", {"devices__links": [double().tagged()]}, R, "links[0] 'n0-n1'", "length_km", "given", "null", ""),
]

# fmt: on


@pytest.mark.parametrize("row", DOCUMENTS, ids=lambda row: row[0])
def test_network_document(row: Any, tmp_path: Path) -> None:
    name, changes, kind, object_, parameter, range_, value, hint = row
    with pytest.raises(SpecError) as caught:
        loaded(document(**changes), tmp_path)
    judge(
        caught.value,
        Case(name, lambda: None, kind, f"{tmp_path / 'net.json'}: {object_}", parameter, range_, value, hint),
    )


NETWORK_TOML = """
[memories.good]
slots = 2
[models.metro.HeraldedLink]
success_probability = 0.1
attempt_time_s = 1e-3
[[nodes]]
name = "Delft"
memory = "good"
[[nodes]]
name = "Gouda"
memory = "good"
[[links]]
a = "Delft"
b = "Gouda"
model = "metro"
"""

# fmt: off
TOMLS = [
    ("unknown table", "[[nodes]]", "[[knots]]", U, "", "table", "nodes", "'knots'", ""),
    ("unknown node field", 'memory = "good"', 'memori = "good"', U, "nodes[0]", "field", "memory", "'memori'", "did you mean 'memory'?"),
    ("unknown memory", 'memory = "good"', 'memory = "goood"', S, "nodes[0]", "memory", "one of good", "'goood'", "did you mean 'good'?"),
    ("no memory", 'memory = "good"', "", S, "nodes[0]", "memory", "given", "nothing", ""),
    ("unknown end", 'b = "Gouda"', 'b = "Guoda"', S, "links[0]", "b", "the name of a node", "'Guoda'", "did you mean 'Gouda'?"),
    ("memory field", "slots = 2", "slot = 2", U, "memories.good: Memory", "field", "slots", "'slot'", "did you mean 'slots'?"),
    ("memory value", "slots = 2", "slots = 0", R, "memories.good: Memory", "slots", "[1, 65536]", "0", ""),
    ("model name", "metro.HeraldedLink", "metro.Heralded", R, "models.metro: LinkModel", "value", "HeraldedLink", "'Heralded'", "did you mean 'HeraldedLink'?"),
    ("model value", "0.1", "1.2", R, "models.metro: LinkModel", "success_probability", "[0, 1]", "1.2", ""),
    ("name a number", 'name = "Delft"', "name = 5", S, "nodes[0]", "name", "a string", "5", ""),
    ("position", 'name = "Delft"', 'name = "Delft"\nposition = 5', S, "nodes[0] 'Delft'", "position", "[longitude, latitude]", "5", ""),
    ("twice", "[[links]]", '[[nodes]]\nname = "Delft"\nmemory = "good"\n[[links]]', R, "nodes[2] 'Delft'", "name", "unique", "'Delft'", "nodes[0]"),
]

# fmt: on


@pytest.mark.parametrize("row", TOMLS, ids=lambda row: row[0])
def test_network_toml(row: Any, tmp_path: Path) -> None:
    name, old, new, kind, object_, parameter, range_, value, hint = row
    file = tmp_path / "net.toml"
    file.write_text(NETWORK_TOML)
    assert ebit.Network.load(file).names == ("Delft", "Gouda")
    assert old in NETWORK_TOML
    file.write_text(NETWORK_TOML.replace(old, new, 1))
    if name == "unknown end":
        file.write_text(NETWORK_TOML.replace(old, new))
    with pytest.raises(SpecError) as caught:
        ebit.Network.load(file)
    place = f"{file}: {object_}" if object_ else str(file)
    judge(caught.value, Case(name, lambda: None, kind, place, parameter, range_, value, hint))


# -- the command line ----------------------------------------------------------------------------------------------------

SCENARIO = """title = "two cities"

[network]
topohub = "topozoo/Surfnet"
fiber_length_factor = 1.5

[[hardware]]
preset = "ion-target-2022"

[run]
pairs = 3
replicas = 1
seed = 1

[[requests]]
source = "Delft"
target = "Den Haag"
"""

# fmt: off
#: What changes in the file (old, new), or flags; and what the line must contain.
FILES: list[tuple[str, str, str, list[str]]] = [
    ("bad TOML", "[run]", "[run", ["s.toml:10:", "valid TOML", "[run"]),
    ("unknown table", "[run]\n", "[runs]\n", ["scenario: field must be one of title, network", "'runs'", "did you mean 'run'?"]),
    ("unknown field", "replicas = 1", "replica = 1", ["s.toml: scenario.run: field", "'replica'", "did you mean 'replicas'?"]),
    ("unknown request field", 'source = "Delft"', 'sauce = "Delft"', ["scenario.requests[0]: field", "'sauce'", "did you mean 'source'?"]),
    ("no requests", '[[requests]]\nsource = "Delft"\ntarget = "Den Haag"', "", ["scenario: requests must be given, got nothing"]),
    ("empty requests", '[[requests]]\nsource = "Delft"\ntarget = "Den Haag"', "", ["requests"]),
    ("both sources", "fiber_length_factor = 1.5", 'file = "net.json"', ["scenario.network: topohub", "both"]),
    ("no source", 'topohub = "topozoo/Surfnet"', "", ["scenario.network: topohub", "neither"]),
    ("factor 0.5", "factor = 1.5", "factor = 0.5", ["scenario.network: fiber_length_factor must be in [1, 100], got 0.5"]),
    ("factor with file", 'topohub = "topozoo/Surfnet"', 'file = "net.json"', ["fiber_length_factor must be absent with file"]),
    ("unknown topology", "topozoo/Surfnet", "topozoo/Surfnett", ["'topozoo/Surfnett'", "did you mean 'topozoo/Surfnet'"]),
    ("unknown preset", "ion-target-2022", "ion-target-2202", ["'ion-target-2202'", "did you mean 'ion-target-2022'?"]),
    ("no hardware", '[[hardware]]\npreset = "ion-target-2022"', "", ["hardware must be at least one [[hardware]] table"]),
    ("label twice", '[[hardware]]\npreset = "ion-target-2022"', '[[hardware]]\npreset = "ion-2023"\n[[hardware]]\npreset = "ion-2023"', ["hardware[1]: label must be unique", "'ion-2023'"]),
    ("override field", 'preset = "ion-target-2022"', 'preset = "ion-target-2022"\noverride = {"memory.t3_s" = 1.0}', ["preset 'ion-target-2022': override", "'memory.t3_s'", "did you mean"]),
    ("override value", 'preset = "ion-target-2022"', 'preset = "ion-target-2022"\noverride = {"memory.slots" = "4"}', ["slots must be an integer", "'4'"]),
    ("pairs 0", "pairs = 3", "pairs = 0", ["scenario.run: pairs must be an integer >= 1, got 0"]),
    ("pairs 1.5", "pairs = 3", "pairs = 1.5", ["scenario.run: pairs must be an integer, got 1.5"]),
    ("pairs 1e12", "pairs = 3", "pairs = 1000000000000", ["requests[0] 'Delft-Den Haag': pairs must be <=", "GiB"]),
    ("no end", "pairs = 3", "", ["requests[0] 'Delft-Den Haag': pairs must be given", "needs an end"]),
    ("replicas 0", "replicas = 1", "replicas = 0", ["scenario.run: replicas must be an integer in [1, 4294967296], got 0"]),
    ("replicas 1e13", "replicas = 1", "replicas = 10000000000000", ["replicas must be an integer in", "got 10000000000000"]),
    ("replicas true", "replicas = 1", "replicas = true", ["replicas must be an integer, got True"]),
    ("until nan", "pairs = 3", "until_s = nan", ["scenario.run: until_s must be finite and > 0, got nan"]),
    ("until a date", "pairs = 3", "until_s = 2026-01-01", ["scenario.run: until_s must be", "date"]),
    ("seed -1", "seed = 1", "seed = -1", ["scenario.run: seed must be an integer in [0, 2^128), got -1"]),
    ("seed 2**200", "seed = 1", f"seed = {2**200}", ["scenario.run: seed must be an integer in [0, 2^128)"]),
    ("seed 1.5", "seed = 1", "seed = 1.5", ["scenario.run: seed must be an integer, got 1.5"]),
    ("seed true", "seed = 1", "seed = true", ["scenario.run: seed must be an integer, got True"]),
    ("seed '7'", "seed = 1", 'seed = "7"', ["scenario.run: seed must be an integer, got '7'"]),
    ("cut-off 0", "pairs = 3", "pairs = 3\ncutoff_s = 0", ["scenario.run: cutoff_s must be finite and > 0, got 0"]),
    ("unknown method", "pairs = 3", 'pairs = 3\nmethod = "skipp"', ["scenario.run: method must be one of", "did you mean 'skip'?"]),
    ("unknown formalism", "pairs = 3", 'pairs = 3\nformalism = "densty"', ["formalism must be one of", "'densty'"]),
    ("unknown city", "Den Haag", "Den Hag", ["requests[0] 'Delft-Den Hag': target", "did you mean 'Den Haag'?"]),
    ("same city", "Den Haag", "Delft", ["target must be another node than source"]),
    ("city number", 'source = "Delft"', "source = 5", ["scenario.requests[0]: source must be a string, got 5"]),
    ("unknown schedule", 'source = "Delft"', 'source = "Delft"\nschedule = {SwapAsapp = {}}', ["schedule must be one of SwapAsap", "did you mean 'SwapAsap'?"]),
    ("output a list", 'title = "two cities"', 'output = ["results"]', ["scenario: output must be a table, got ['results']"]),
    ("network a list", '[network]\ntopohub = "topozoo/Surfnet"\nfiber_length_factor = 1.5', 'network = ["topozoo/Surfnet"]', ["scenario: network must be a table"]),
    ("title number", 'title = "two cities"', "title = 2", ["scenario: title must be a string, got 2"]),
    ("run a number", "[run]\npairs = 3\nreplicas = 1\nseed = 1", "", ["run must be given"]),
    ("missing network file", 'topohub = "topozoo/Surfnet"\nfiber_length_factor = 1.5\n\n[[hardware]]\npreset = "ion-target-2022"', 'file = "absent.json"', ["absent.json: file must be a file that exists"]),
    ("hardware with file", 'topohub = "topozoo/Surfnet"\nfiber_length_factor = 1.5', 'file = "absent.json"', ["hardware must be absent with network.file"]),
]

FLAGS: list[tuple[str, list[str], list[str]]] = [
    ("replicas 0", ["--replicas", "0"], ["scenario.run: replicas must be an integer in [1,", "got 0"]),
    ("replicas word", ["--replicas", "many"], ["--replicas", "'many'"]),
    ("seed -1", ["--seed", "-1"], ["scenario.run: seed must be an integer in [0, 2^128), got -1"]),
    ("seed 2**200", ["--seed", str(2**200)], ["scenario.run: seed must be an integer in [0, 2^128)"]),
    ("seed 1.5", ["--seed", "1.5"], ["--seed", "'1.5'"]),
    ("threads 0", ["--threads", "0"], ["simulate: threads must be an integer in [1, 1024], got 0"]),
    ("threads -4", ["--threads", "-4"], ["simulate: threads must be an integer in [1, 1024], got -4"]),
    ("unknown flag", ["--replica-count", "3"], ["unrecognized arguments"]),
    ("set unknown field", ["--set", "run.pears=5"], ["s.toml: scenario.run: field", "'pears'", "did you mean 'pairs'?"]),
    ("set unknown table", ["--set", "walk.pairs=5"], ["scenario: field", "'walk'"]),
    ("set unknown row", ["--set", "requests.9.pairs=5"], ["override must be the path of a field, got 'requests.9.pairs'", "count from 0"]),
    ("set into a value", ["--set", "title.x=5"], ["override must be the path of a field, got 'title.x'"]),
    ("set without value", ["--set", "run.pairs"], ["--set must be FIELD=VALUE, got 'run.pairs'"]),
    ("set without field", ["--set", "=5"], ["--set must be FIELD=VALUE, got '=5'"]),
    ("set word", ["--set", "run.pairs=many"], ["scenario.run: pairs must be an integer, got 'many'"]),
    ("set preset field", ["--set", "hardware.0.override.nothing=5"], ["override must be one of", "'nothing'"]),
    ("picture ending", ["--plot", "picture.xyz"], ["plot: path must be a file ending in one of", "'picture.xyz'"]),
    ("output under a file", ["--out", "{file}/results"], ["file must be writable", "Not a directory"]),
    ("picture under a file", ["--plot", "{file}/picture.png"], ["file must be writable", "Not a directory"]),
    ("picture a folder", ["--plot", "{folder}"], ["must be writable, got a folder"]),
]

WORDS: list[tuple[str, list[str], list[str]]] = [
    ("missing file", ["run", "{folder}/absent.toml"], ["absent.toml: file must be a file that exists", "this folder has s.toml"]),
    ("folder", ["run", "{folder}"], ["a readable text file", "Is a directory"]),
    ("no file", ["run"], ["file"]),
    ("no command", [], ["COMMAND"]),
    ("unknown command", ["walk"], ["'walk'"]),
    ("unknown hardware", ["hardware", "ion-2032"], ["hardware.preset: name must be one of", "'ion-2032'", "did you mean"]),
    ("binary file", ["run", "{folder}/binary.toml"], ["UTF-8 text"]),
]
# fmt: on


def failing(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Run the command line on something bad; return its one line."""
    from ebit.cli import main

    try:
        code = main(arguments)
    except SystemExit as stop:
        code = stop.code
    out, err = capsys.readouterr()
    assert code == 2, err
    assert out == ""
    assert err.startswith("ebit: ")
    assert err.count("\n") == 1
    assert err.endswith("\n")
    assert "Traceback" not in err
    return err


def check_line(line: str, parts: list[str]) -> None:
    for part in parts:
        assert part in line


@pytest.mark.parametrize("row", FILES, ids=lambda row: row[0])
def test_scenario_file(row: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name, old, new, parts = row
    file = tmp_path / "s.toml"
    assert old in SCENARIO
    text = SCENARIO.replace(old, new, 1)
    file.write_text(f"requests = []\n{text}" if name == "empty requests" else text)
    check_line(failing(["run", str(file)], capsys), parts)


@pytest.mark.parametrize("row", FLAGS, ids=lambda row: row[0])
def test_flags(row: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, flags, parts = row
    file = tmp_path / "s.toml"
    file.write_text(SCENARIO)
    flags = [flag.format(file=file, folder=tmp_path) for flag in flags]
    check_line(failing(["run", str(file), *flags], capsys), parts)
    assert [p.name for p in tmp_path.iterdir()] == ["s.toml"]


@pytest.mark.parametrize("row", WORDS, ids=lambda row: row[0])
def test_words(row: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, words, parts = row
    (tmp_path / "s.toml").write_text(SCENARIO)
    if "binary" in str(words):
        (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    check_line(failing([w.format(folder=tmp_path) for w in words], capsys), parts)


def test_traceback_is_shown_on_demand(tmp_path: Path) -> None:
    from ebit.cli import main

    file = tmp_path / "s.toml"
    file.write_text(SCENARIO.replace("pairs = 3", "pairs = 0"))
    for arguments in (["--traceback", "run", str(file)], ["run", str(file), "--traceback"]):
        with pytest.raises(RangeError, match="pairs must be an integer"):
            main(arguments)


def test_internal_error_is_one_line_and_exit_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from ebit.cli import main

    def broken() -> None:
        raise KeyError("a\nb")

    monkeypatch.setattr(ebit, "build_info", broken)
    assert main(["info"]) == 1
    assert capsys.readouterr().err == "ebit: internal error: KeyError: 'a\\nb'\n"


def test_failed_run_is_exit_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from ebit.cli import main
    from ebit.errors import StuckError

    def stuck(*_: object, **__: object) -> None:
        raise StuckError("everyone waits")

    file = tmp_path / "s.toml"
    file.write_text(SCENARIO)
    monkeypatch.setattr(Scenario, "run", stuck)
    assert main(["run", str(file)]) == 1
    assert capsys.readouterr().err == "ebit: everyone waits\n"


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [("{", ":1:2", "valid JSON"), ('{\n"a": }', ":2:6", "valid JSON"), ("[1]", "", "a JSON object"),
     ("[" * 100_000, "", "valid JSON"), ("1" * 5000, "", "valid JSON"), ("", ":1:1", "valid JSON")],
    ids=["open", "line 2", "list", "deep", "long number", "empty"],
)  # fmt: skip
def test_bad_json(text: str, where: str, what: str, tmp_path: Path) -> None:
    file = tmp_path / "net.json"
    file.write_text(text)
    with pytest.raises(ScenarioError) as caught:
        ebit.Network.load(file)
    assert caught.value.object == f"{file}{where}"
    assert what in caught.value.range


@pytest.mark.parametrize("text", ["<graphml", "", "<a/>"])
def test_bad_graphml(text: str, tmp_path: Path) -> None:
    file = tmp_path / "net.graphml"
    file.write_text(text)
    with pytest.raises(ScenarioError, match="must be a GraphML file"):
        ebit.Network.from_graphml(file, "ion-2023")
    with pytest.raises(ScenarioError, match="a file that exists"):
        ebit.Network.from_graphml(tmp_path / "absent.graphml", "ion-2023")


@pytest.mark.parametrize("options", [{}, {"replicas": 10_000}], ids=["one replica", "many"])
def test_refusal_comes_before_allocation(options: dict[str, int]) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    with pytest.raises(TooLargeError, match=r"GiB and .* simulated seconds") as caught:
        run(ebit.Request("n0", "n2", pairs=10**12), **options)
    assert time.perf_counter() - start < 0.5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000
    assert isinstance(caught.value, MemoryError)


def test_rare_success_is_fine_with_a_horizon() -> None:
    with pytest.warns(ebit.errors.NoPairsWarning, match="no pair"):
        r = run(net=link_graph(1e-300), until_s=1.0)[0]
    assert r.rate_hz.value == 0.0
    assert r.rate_hz.high == pytest.approx(3.0)
    assert math.isnan(r.fidelity.value)


def test_scenario_override_in_python() -> None:
    data = {"network": {"topohub": "topozoo/Surfnet"}, "hardware": [{"preset": "ion-2023"}], "run": {"pairs": 1},
            "requests": [{"source": "Delft", "target": "Amsterdam"}]}  # fmt: skip
    with pytest.raises(WrongTypeError, match="data must be a mapping"):
        Scenario("file.toml")  # type: ignore[arg-type]
    with pytest.raises(WrongTypeError, match="override must be a mapping"):
        Scenario(data).override("run.pairs=3")  # type: ignore[arg-type]
    with pytest.raises(WrongTypeError, match="override must be the path"):
        Scenario(data).override({5: 3})  # type: ignore[dict-item]
    assert Scenario(data).override({"run.seed": 2**127 + 1}).data["run"]["seed"] == 2**127 + 1
