"""To and from NetworkX graphs and GraphML files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ebit._arguments import shown
from ebit.errors import ScenarioError, WrongTypeError, complain
from ebit.interop._package import package

if TYPE_CHECKING:
    from ebit.network import Network


def _networkx() -> Any:
    return package("networkx")


def rows(graph: Any, length: str) -> tuple[list[str], np.ndarray[Any, Any], list[float], list[Any]]:
    """Return names, link ends, fibre lengths in km and positions of a graph."""
    if not isinstance(graph, _networkx().Graph):
        raise complain(WrongTypeError, "Network.from_networkx", "graph", "a networkx.Graph", shown(graph))
    names = [str(node) for node in graph.nodes]
    index = {node: k for k, node in enumerate(graph.nodes)}
    ends, lengths = [], []
    for a, b, data in graph.edges(data=True):
        if isinstance(data.get(length), bool) or not isinstance(data.get(length), (int, float)):
            raise complain(
                WrongTypeError,
                f"edge '{a}-{b}'",
                length,
                "a fibre length in km",
                shown(data.get(length)),
                "name the edge attribute with length=",
            )
        ends.append((index[a], index[b]))
        lengths.append(float(data[length]))
    positions = [data.get("position") for _, data in graph.nodes(data=True)]
    return names, np.array(ends, dtype=np.int64).reshape(-1, 2), lengths, positions


def read_graphml(path: str | Path) -> Any:
    """Return the graph of a GraphML file."""
    networkx = _networkx()
    try:
        return networkx.Graph(networkx.read_graphml(path))
    except FileNotFoundError:
        raise complain(ScenarioError, str(path), "file", "a file that exists", "no such file") from None
    except Exception as error:
        said = " ".join(str(error).split())
        raise complain(ScenarioError, str(path), "file", "a GraphML file", said) from None


def graph(network: Network) -> Any:
    """Return a network as a NetworkX graph."""
    out = _networkx().Graph()
    for node in network.nodes:
        out.add_node(
            node.name, memory=node.memory, swap=node.swap, readout_error=node.readout_error, position=node.position
        )
    for link in network.links:
        out.add_edge(link.a, link.b, model=link.model, length_km=link.length_km)
    return out
