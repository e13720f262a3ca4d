"""ebit simulates and plans the quantum internet.

>>> import ebit
>>> net = ebit.Network.from_topohub("topozoo/Surfnet", hardware="ion-target-2022")
>>> results = ebit.simulate(net, [ebit.Request("Delft", "Amsterdam", pairs=1_000)], rng=1)
>>> results[0].route.nodes[0], results[0].route.nodes[-1]
('Delft', 'Amsterdam')
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ebit import bounds, codes, errors, hardware, maps, schedules, units
from ebit.chain import RepeaterChain
from ebit.codes import CSSCode, Encoding
from ebit.cost import cost_coefficient
from ebit.encoded import EncodedChain, ParityCode
from ebit.ensembles import AbsorptiveMemory, EnsembleChain
from ebit.errors import EbitError, Interrupted
from ebit.hardware import (
    Arms,
    Detector,
    DoubleClick,
    Fiber,
    FreeSpace,
    HeraldedLink,
    Memory,
    MidpointSource,
    SatelliteDownlink,
    SenderReceiver,
    SingleClick,
    Swap,
)
from ebit.network import Link, Network, Node
from ebit.processors import ProcessorChain
from ebit.results import Estimate, Results
from ebit.sampling import sample, sample_detectors
from ebit.simulate import Request, simulate
from ebit.simulation import ProtocolNode, Simulation, all_of, first, protocol
from ebit.states import (
    BellDiagonal,
    Channel,
    Circuit,
    DensityMatrix,
    Noise,
    PauliString,
    StabilizerState,
    StateVector,
    Tableau,
    prepare,
)

if TYPE_CHECKING:
    from ebit import qkd

__all__ = [
    "AbsorptiveMemory",
    "Arms",
    "BellDiagonal",
    "CSSCode",
    "Channel",
    "Circuit",
    "DensityMatrix",
    "Detector",
    "DoubleClick",
    "EbitError",
    "EncodedChain",
    "Encoding",
    "EnsembleChain",
    "Estimate",
    "Fiber",
    "FreeSpace",
    "HeraldedLink",
    "Interrupted",
    "Link",
    "Memory",
    "MidpointSource",
    "Network",
    "Node",
    "Noise",
    "ParityCode",
    "PauliString",
    "ProcessorChain",
    "ProtocolNode",
    "RepeaterChain",
    "Request",
    "Results",
    "SatelliteDownlink",
    "SenderReceiver",
    "Simulation",
    "SingleClick",
    "StabilizerState",
    "StateVector",
    "Swap",
    "Tableau",
    "__version__",
    "all_of",
    "bounds",
    "build_info",
    "codes",
    "cost_coefficient",
    "errors",
    "first",
    "hardware",
    "maps",
    "prepare",
    "protocol",
    "qkd",
    "sample",
    "sample_detectors",
    "schedules",
    "simulate",
    "units",
]


def build_info() -> dict[str, str]:
    """Return version, build profile, target and CPU features of the native module.

    >>> build_info()["version"] == __version__
    True
    """
    from ebit import _core

    return dict(_core.build_info())


__version__ = build_info()["version"]


def __getattr__(name: str) -> Any:
    """Import `ebit.qkd` when it is first asked for: most scripts need no keys, and it takes a third of the time."""
    if name == "qkd":
        return import_module("ebit.qkd")
    raise AttributeError(f"module 'ebit' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
