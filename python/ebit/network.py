"""Networks: where they come from, what is in them, and the ways through them.

A network is columns that point into tables of distinct devices, so that a million nodes cost no objects; ``Node`` and
``Link`` objects are made when somebody looks at one.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ebit import _core, maps
from ebit._arguments import integer, shown
from ebit.channels import Fiber
from ebit.devices import Memory, Swap
from ebit.errors import SpecError, WrongTypeError, complain, located
from ebit.hardware import Preset, preset
from ebit.link_model import LinkModel
from ebit.network_columns import MODELS, columns_of_arrays, columns_of_objects
from ebit.network_document import columns_of_document, document_of
from ebit.network_parts import Link, Node, Route

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["Link", "Network", "Node", "Route"]


class Network:
    """A quantum network.

    Parameters
    ----------
    nodes : iterable of Node
    links : iterable of Link
    message_loss_probability : float
        Probability that a classical message never arrives.

    Raises
    ------
    SpecError
        Duplicate or unknown nodes, self-loops, values out of range; each names the node or link.

    Examples
    --------
    >>> link = HeraldedLink(success_probability=0.1, attempt_time_s=1e-3)
    >>> net = Network([Node(n, Memory.perfect()) for n in "ab"], [Link("a", "b", link)])
    >>> len(net.nodes), len(net.links)
    (2, 1)
    """

    def __init__(
        self, nodes: Iterable[Node] = (), links: Iterable[Link] = (), *, message_loss_probability: float = 0.0
    ) -> None:
        self._set(columns_of_objects(nodes, links, message_loss_probability))

    def _set(self, columns: dict[str, Any]) -> None:
        """Take over columns whose device tables hold objects, after Rust has judged them."""
        self._columns = columns
        #: Models on their own fibres by row and length: equal links share theirs, and its numbers.
        self._models: dict[tuple[int, float | None], LinkModel] = {}
        self._json = json.dumps(document_of(columns))
        _core.check("Network", self._json)

    # -- where networks come from ----------------------------------------------------------------------------------

    @classmethod
    def chain(
        cls,
        nodes: int,
        link: LinkModel,
        memory: Memory,
        swap: Swap | None = None,
        readout_error: float = 0.0,
        length_km: float | None = None,
        message_loss_probability: float = 0.0,
    ) -> Network:
        """Return a chain of equal links: nodes ``n0`` to ``n{nodes-1}``.

        Parameters
        ----------
        nodes : int
            At least 2.
        link : LinkModel
            Used for every hop.
        memory : Memory
        swap : Swap, optional
            Perfect when left out; results list that as an assumption.
        readout_error : float
        length_km : float, optional
            Fibre length of each hop of a ``HeraldedLink``.
        message_loss_probability : float

        Examples
        --------
        >>> link = HeraldedLink(success_probability=0.1, attempt_time_s=1e-3)
        >>> Network.chain(nodes=5, link=link, memory=Memory.perfect()).names
        ('n0', 'n1', 'n2', 'n3', 'n4')
        """
        nodes = integer("Network.chain", "nodes", nodes, 2)
        if not isinstance(memory, Memory):
            raise complain(WrongTypeError, "Network.chain", "memory", "a Memory", shown(memory))
        if not isinstance(link, LinkModel):
            raise complain(WrongTypeError, "Network.chain", "link", MODELS, shown(link))
        swap = Swap.perfect() if swap is None else swap
        names = [f"n{k}" for k in range(nodes)]
        rows = [Node(name, memory, swap, readout_error) for name in names]
        edges = [Link(x, y, link, length_km) for x, y in itertools.pairwise(names)]
        return cls(rows, edges, message_loss_probability=message_loss_probability)

    @classmethod
    def from_topohub(cls, name: str, hardware: str | Preset, *, fiber_length_factor: float | None = None) -> Network:
        """Return a real topology by its name in the package topohub, with one hardware everywhere.

        Parameters
        ----------
        name : str
            As in ``topozoo/Surfnet``.
        hardware : str or Preset
            A cited preset or its name.
        fiber_length_factor : float, optional
            Fibre length over great-circle distance; None: 1.5 below 1000 km (see ``maps.fiber_length_km``).

        Examples
        --------
        >>> net = Network.from_topohub("topozoo/Surfnet", hardware="ion-2023")
        >>> len(net.nodes), len(net.links)
        (50, 68)
        """
        top = maps.topology(name)
        ends = np.array(top.links, dtype=np.int64).reshape(-1, 2)
        lengths = [maps.fiber_length_km(top.great_circle_km(k), fiber_length_factor) for k in range(len(top.links))]
        return cls._on_hardware(top.nodes, ends, lengths, hardware, top.positions)

    @classmethod
    def _on_hardware(
        cls,
        names: Sequence[str],
        ends: np.ndarray[Any, Any],
        lengths_km: Sequence[float],
        hardware: str | Preset,
        positions: Sequence[tuple[float, float] | None] | None = None,
    ) -> Network:
        device = preset(hardware) if isinstance(hardware, str) else hardware
        if not isinstance(device, Preset):
            raise complain(WrongTypeError, "Network", "hardware", "a preset or its name", shown(hardware))
        return cls.from_arrays(
            names,
            ends[:, 0],
            ends[:, 1],
            lengths_km,
            link=device.link(1.0),
            memory=device.memory,
            swap=device.swap,
            readout_error=device.readout_error,
            positions=positions,
        )

    @classmethod
    def from_arrays(
        cls,
        names: Sequence[str],
        a: Any,
        b: Any,
        length_km: Any,
        *,
        link: LinkModel,
        memory: Memory,
        swap: Swap | None = None,
        readout_error: float = 0.0,
        positions: Sequence[tuple[float, float] | None] | None = None,
        message_loss_probability: float = 0.0,
    ) -> Network:
        """Return a network from columns, with one kind of device everywhere.

        Parameters
        ----------
        names : sequence of str, length n
        a, b : int arrays, length m
            Node indices of each link.
        length_km : float array, length m
            Fibre length of each link; replaces the one in ``link``.
        link, memory, swap, readout_error
            Devices of every link and node.
        positions : sequence of (longitude, latitude), optional
            In degrees.
        message_loss_probability : float

        Examples
        --------
        >>> link = HeraldedLink(success_probability=0.1, attempt_time_s=1e-3)
        >>> Network.from_arrays(["a", "b"], [0], [1], [10.0], link=link, memory=Memory.perfect()).names
        ('a', 'b')
        """
        net = cls.__new__(cls)
        net._set(
            columns_of_arrays(
                names,
                a,
                b,
                length_km,
                link=link,
                memory=memory,
                swap=swap,
                readout_error=readout_error,
                positions=positions,
                message_loss_probability=message_loss_probability,
            )
        )
        return net

    @classmethod
    def from_networkx(cls, graph: nx.Graph[Any], hardware: str | Preset, *, length: str = "length_km") -> Network:
        """Return a network from a NetworkX graph whose edges carry their fibre length in km.

        Parameters
        ----------
        graph : networkx.Graph
        hardware : str or Preset
        length : str
            Name of the edge attribute with the fibre length in km.

        Raises
        ------
        WrongTypeError
            An edge without a length.
        MissingExtraError
            networkx is not installed.
        """
        from ebit.interop.networkx import rows

        names, ends, lengths, positions = rows(graph, length)
        return cls._on_hardware(names, ends, lengths, hardware, positions)

    @classmethod
    def from_graphml(cls, path: str | Path, hardware: str | Preset, *, length: str = "length_km") -> Network:
        """Return a network from a GraphML file whose edges carry their fibre length in km."""
        from ebit.interop.networkx import read_graphml

        return cls.from_networkx(read_graphml(path), hardware, length=length)

    @classmethod
    def load(cls, path: str | Path) -> Network:
        """Return the network of a file written by ``save`` (JSON), or of a TOML file of nodes and links.

        Parameters
        ----------
        path : str or Path
            JSON if it ends so, else TOML.

        Raises
        ------
        ScenarioError
            The file is missing or unreadable; names the file and the line.
        """
        from ebit.files import read_network

        net = cls.__new__(cls)
        document = read_network(path)
        try:
            net._set(columns_of_document(document))
        except SpecError as error:
            raise located(error, str(path)) from None
        return net

    def save(self, path: str | Path) -> None:
        """Write the network as JSON, whole or not at all."""
        from ebit.files import write_whole

        write_whole(path, json.dumps(self.to_dict(), indent=1) + "\n")

    # -- what a network is -----------------------------------------------------------------------------------------

    @property
    def names(self) -> tuple[str, ...]:
        """Node names in order."""
        return tuple(self._columns["nodes"]["name"])

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All nodes, as objects."""
        columns, devices = self._columns["nodes"], self._columns["devices"]
        lon, lat = columns["longitude_deg"], columns["latitude_deg"]
        return tuple(
            Node(
                name,
                devices["memories"][columns["memory"][k]],
                devices["swaps"][columns["swap"][k]],
                columns["readout_error"][k],
                (lon[k], lat[k]) if lon and lon[k] is not None and lat[k] is not None else None,
            )
            for k, name in enumerate(columns["name"])
        )

    @property
    def links(self) -> tuple[Link, ...]:
        """All links, as objects."""
        return tuple(self.link(k) for k in range(len(self._columns["links"]["a"])))

    def link(self, index: int) -> Link:
        """Return one link as an object."""
        columns, names = self._columns["links"], self._columns["nodes"]["name"]
        return Link(
            names[columns["a"][index]], names[columns["b"][index]], self._model(index), columns["length_km"][index]
        )

    def _model(self, index: int) -> LinkModel:
        row, length = self._columns["links"]["model"][index], self._columns["links"]["length_km"][index]
        model = self._models.get((row, length))
        if model is None:
            model = self._columns["devices"]["links"][row]
            fiber = getattr(model, "fiber", None)
            if length is not None and isinstance(fiber, Fiber):
                model = model.replace(fiber=fiber.replace(length_km=length))
            self._models[row, length] = model
        return model

    def route(self, source: str, target: str) -> Route:
        """Return the shortest path in fibre length, or in hops if any link of the network does not know its length.

        Parameters
        ----------
        source, target : str
            Node names.

        Raises
        ------
        NoRouteError
            No path; the value names both components.
        RangeError
            A name is no node of this network.

        Examples
        --------
        >>> Network.from_topohub("topozoo/Surfnet", hardware="ion-2023").route("Delft", "Amsterdam").nodes
        ('Delft', 'Amsterdam')
        """
        for name, value in (("source", source), ("target", target)):
            if not isinstance(value, str):
                raise complain(WrongTypeError, "Network.route", name, "a node name", shown(value))
        document = json.dumps(
            {
                "network": self.to_dict(),
                "requests": [{"source": source, "target": target, "pairs": 1}],
                "options": {"seed": "0"},
            }
        )
        ((nodes, links),) = _core.routes(document)
        return self.describe_route(nodes, links)

    def describe_route(self, nodes: Sequence[int], links: Sequence[int]) -> Route:
        """Return a route from node and link indices."""
        lengths = [self._columns["links"]["length_km"][k] for k in links]
        known = [x for x in lengths if x is not None]
        fibres = [getattr(self._model(k), "fiber", None) for k in links]
        of = {id(f): f.loss_db for f in {id(f): f for f in fibres if f is not None}.values()}
        loss = [of[id(f)] for f in fibres if f is not None]
        names = self._columns["nodes"]["name"]
        return Route(
            tuple(names[k] for k in nodes),
            tuple(links),
            sum(known) if len(known) == len(lengths) else None,
            sum(loss) if len(loss) == len(fibres) else None,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the document that crosses to Rust and that ``save`` writes."""
        document: dict[str, Any] = json.loads(self._json)
        return document

    def to_networkx(self) -> nx.Graph[str]:
        """Return a NetworkX graph; edges carry ``length_km`` and ``model``, nodes ``position``."""
        from ebit.interop.networkx import graph

        return graph(self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Network):
            return NotImplemented
        # 20 and 20.0 are the same length, and no text says so.
        return self._json == other._json or self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        links = self._columns["links"]
        return hash((self.names, tuple(links["a"]), tuple(links["b"])))

    def __reduce__(self) -> tuple[Callable[[str], Network], tuple[str]]:
        return _from_json, (self._json,)

    def __repr__(self) -> str:
        return f"Network({len(self.names)} nodes, {len(self._columns['links']['a'])} links)"


def _from_json(text: str) -> Network:
    net = Network.__new__(Network)
    net._set(columns_of_document(json.loads(text)))
    return net
