"""Networks: nodes, links, and the files they come from.

A network is columns that point into tables of distinct devices, so that a million nodes cost no objects; ``Node`` and
``Link`` objects are made when somebody looks at one.
"""

from __future__ import annotations

import functools
import itertools
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ebit import _core, maps
from ebit._arguments import integer, shown, table
from ebit._spec import plain
from ebit.channels import Fiber, number
from ebit.devices import Memory, Swap
from ebit.errors import RangeError, SpecError, WrongTypeError, complain, located
from ebit.hardware import Preset, preset
from ebit.link_model import LinkModel
from ebit.links import link_from_tagged

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["Link", "Network", "Node", "Route"]

T = TypeVar("T")


@dataclass(frozen=True)
class Node:
    """A place with quantum memory.

    Parameters
    ----------
    name : str
        Unique in its network.
    memory : Memory
        Slots are counted per link end.
    swap : Swap
        How the node joins two pairs.
    readout_error : float
        Probability of a wrong measurement outcome at this node, in [0, 1/2].
    position : (float, float), optional
        Longitude and latitude in degrees, for maps.

    Examples
    --------
    >>> Node("Delft", memory=Memory(slots=4, t2_s=1.0)).swap.fidelity
    1.0
    """

    name: str
    memory: Memory
    swap: Swap = Swap()
    readout_error: float = 0.0
    position: tuple[float, float] | None = None


@dataclass(frozen=True)
class Link:
    """Two nodes and the way they make pairs.

    Parameters
    ----------
    a, b : str
        Node names: side A and side B of the model.
    model : LinkModel
        ``HeraldedLink``, ``DoubleClick``, ``SingleClick``, ``MidpointSource`` or ``SenderReceiver``.
    length_km : float, optional
        Fibre length of a ``HeraldedLink``, for the light time of messages; photonic models know theirs.

    Examples
    --------
    >>> Link("Delft", "Gouda", HeraldedLink(success_probability=0.1, attempt_time_s=1e-3), length_km=30.0).length_km
    30.0
    """

    a: str
    b: str
    model: LinkModel
    length_km: float | None = None


@dataclass(frozen=True)
class Route:
    """A path through a network.

    Parameters
    ----------
    nodes : tuple of str
        Node names from source to target.
    links : tuple of int
        Index of each link.
    length_km : float or None
        Fibre length; None if a link does not know its own.
    loss_db : float or None
        Loss of all fibres; None if a link has no fibre.
    """

    nodes: tuple[str, ...]
    links: tuple[int, ...]
    length_km: float | None
    loss_db: float | None

    @property
    def hops(self) -> int:
        """Number of links."""
        return len(self.links)


class _Table:
    """Distinct devices in order of first use."""

    def __init__(self) -> None:
        self.items: list[Any] = []
        self._index: dict[Any, int] = {}
        #: Rows by object: most nodes and links share theirs, and need not be compared.
        self._known: dict[int, int] = {}

    def add(self, item: Any, made: Callable[[], Any] | None = None) -> int:
        """Return the row of ``item``, or of what ``made`` makes of it; the caller keeps the object alive."""
        row = self._known.get(id(item))
        if row is None:
            device = item if made is None else made()
            row = self._index.setdefault(device, len(self.items))
            if row == len(self.items):
                self.items.append(device)
            self._known[id(item)] = row
        return row


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
        rows, edges = _typed("nodes", nodes, Node), _typed("links", links, Link)
        for k, node in enumerate(rows):
            if not isinstance(node.name, str):
                raise complain(WrongTypeError, f"nodes[{k}]", "name", "a string", shown(node.name))
        places = [_position(k, node) for k, node in enumerate(rows)]
        index: dict[str, int] = {}
        for k, node in enumerate(rows):
            index.setdefault(node.name, k)
        memories, swaps, models = _Table(), _Table(), _Table()
        a, b, model, length = [], [], [], []
        for k, edge in enumerate(edges):
            for end in (edge.a, edge.b):
                if not isinstance(end, str):
                    raise complain(WrongTypeError, f"links[{k}]", "node", "a node name", shown(end))
            for name in (edge.a, edge.b):
                if name not in index:
                    raise _unknown_node(_label(k, edge), name, list(index))
            a.append(index[edge.a])
            b.append(index[edge.b])
            model.append(models.add(edge.model, functools.partial(_template, edge.model, _label(k, edge))))
            length.append(_length_km(k, edge))
        self._set(
            {
                "format": 1,
                "devices": {"memories": memories.items, "swaps": swaps.items, "links": models.items},
                "nodes": {
                    "name": [node.name for node in rows],
                    "memory": [memories.add(_instance(k, n, "memory", n.memory, Memory)) for k, n in enumerate(rows)],
                    "swap": [swaps.add(_instance(k, n, "swap", n.swap, Swap)) for k, n in enumerate(rows)],
                    "readout_error": [node.readout_error for node in rows],
                    "longitude_deg": [place[0] for place in places],
                    "latitude_deg": [place[1] for place in places],
                },
                "links": {"a": a, "b": b, "model": model, "length_km": length},
                "message_loss_probability": message_loss_probability,
            }
        )

    def _set(self, columns: dict[str, Any]) -> None:
        """Take over columns whose device tables hold objects, after Rust has judged them."""
        self._columns = columns
        #: Models on their own fibres by row and length: equal links share theirs, and its numbers.
        self._models: dict[tuple[int, float | None], LinkModel] = {}
        self._json = json.dumps(_document(columns))
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
            raise complain(WrongTypeError, "Network.chain", "link", _LINK_MODELS, shown(link))
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
        names = _sequence("names", names)
        n = len(names)
        if not isinstance(memory, Memory):
            raise complain(WrongTypeError, "Network.from_arrays", "memory", "a Memory", shown(memory))
        if swap is not None and not isinstance(swap, Swap):
            raise complain(WrongTypeError, "Network.from_arrays", "swap", "a Swap", shown(swap))
        ends = [_indices(name, column, n) for name, column in (("a", a), ("b", b))]
        lengths = _sequence("length_km", length_km)
        place = _sequence("positions", positions) if positions is not None else [None] * n
        pairs = [_degrees(f"nodes[{k}] '{name}'", p) for k, (name, p) in enumerate(zip(names, place, strict=False))]
        if len(place) != n:
            raise complain(
                RangeError, "Network.from_arrays", "positions", f"{n} values, one per node", f"{len(place)} values"
            )
        channel = getattr(link, "fiber", None)
        if channel is not None and not isinstance(channel, Fiber):
            words = "a model on a Fiber, or a HeraldedLink"
            hint = "other channels have their own length; give Network the links"
            raise complain(WrongTypeError, "Network.from_arrays", "link", words, shown(channel), hint)
        net = cls.__new__(cls)
        net._set(
            {
                "format": 1,
                "devices": {
                    "memories": [memory],
                    "swaps": [Swap.perfect() if swap is None else swap],
                    "links": [_template(link, "Network.from_arrays")],
                },
                "nodes": {
                    "name": names,
                    "memory": [0] * n,
                    "swap": [0] * n,
                    "readout_error": [readout_error] * n,
                    "longitude_deg": [p[0] for p in pairs],
                    "latitude_deg": [p[1] for p in pairs],
                },
                "links": {"a": ends[0], "b": ends[1], "model": [0] * len(ends[0]), "length_km": lengths},
                "message_loss_probability": message_loss_probability,
            }
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
            net._set(_columns(document))
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
    net._set(_columns(json.loads(text)))
    return net


def _typed(parameter: str, values: Iterable[Any], kind: type[T]) -> list[T]:
    try:
        rows = list(values)
    except TypeError:
        raise complain(WrongTypeError, "Network", parameter, f"a list of {kind.__name__}s", shown(values)) from None
    for k, value in enumerate(rows):
        if not isinstance(value, kind):
            raise complain(WrongTypeError, "Network", f"{parameter}[{k}]", f"a {kind.__name__}", shown(value))
    return rows


def _label(k: int, edge: Link) -> str:
    return f"links[{k}] '{edge.a}-{edge.b}'"


def _position(k: int, node: Node) -> tuple[Any, Any]:
    return _degrees(f"nodes[{k}] '{node.name}'", node.position)


def _degrees(object_: str, position: Any) -> tuple[Any, Any]:
    """Longitude and latitude, or twice None."""
    if position is None:
        return None, None
    if isinstance(position, (str, Mapping)) or np.shape(position) != (2,):
        raise complain(WrongTypeError, object_, "position", "(longitude, latitude) in degrees", shown(position))
    return position[0], position[1]


def _sequence(parameter: str, values: Any) -> list[Any]:
    """A column as a list of plain values."""
    if isinstance(values, np.ndarray) and values.ndim == 1:
        return list(values.tolist())
    if isinstance(values, (str, bytes, Mapping)) or not isinstance(values, Iterable) or isinstance(values, np.ndarray):
        raise complain(
            WrongTypeError, "Network.from_arrays", parameter, "a list or a one-dimensional array", shown(values)
        )
    return list(values)


def _instance(k: int, node: Node, parameter: str, value: Any, kind: type[T]) -> T:
    if not isinstance(value, kind):
        object_ = f"nodes[{k}] '{node.name}'"
        raise complain(WrongTypeError, object_, parameter, f"a {kind.__name__}", shown(value))
    return value


def _unknown_node(object_: str, name: str, known: list[str]) -> RangeError:
    import difflib

    near = difflib.get_close_matches(str(name), known, n=1, cutoff=0.6)
    few = ", ".join(known[:5]) + (", ..." if len(known) > 5 else "")
    hint = f"did you mean '{near[0]}'?" if near else ""
    error = complain(RangeError, object_, "node", f"a node of the network ({few})", shown(name), hint)
    assert isinstance(error, RangeError)
    return error


_LINK_MODELS = "a HeraldedLink, DoubleClick, SingleClick, MidpointSource or SenderReceiver"


def _template(model: Any, object_: str) -> LinkModel:
    """Return the model without its own fibre length, so that links of all lengths share one row of the table."""
    if not isinstance(model, LinkModel):
        raise complain(WrongTypeError, object_, "model", _LINK_MODELS, shown(model))
    fiber = getattr(model, "fiber", None)
    if not isinstance(fiber, Fiber):
        return model
    shared: LinkModel = model.replace(fiber=fiber.replace(length_km=1.0))
    return shared


def _length_km(k: int, edge: Link) -> float | None:
    fiber = getattr(edge.model, "fiber", None)
    if fiber is None or edge.length_km is None:
        return fiber.length_km if fiber is not None else edge.length_km
    if edge.length_km != fiber.length_km:
        object_ = f"links[{k}] '{edge.a}-{edge.b}'"
        raise complain(
            RangeError,
            object_,
            "length_km",
            f"{fiber.length_km}, the length of its channel",
            str(edge.length_km),
            "leave it out for a photonic link",
        )
    return edge.length_km


def _indices(name: str, column: Any, n: int) -> list[int]:
    try:
        array = np.asarray(column)
    except ValueError:
        array = np.asarray(column, dtype=object)
    if array.ndim != 1 or (array.size and not np.issubdtype(array.dtype, np.integer)):
        raise complain(
            WrongTypeError,
            "Network.from_arrays",
            name,
            "a one-dimensional array of integers",
            f"{array.dtype} of shape {array.shape}",
        )
    if array.size and (array.min() < 0 or array.max() >= n):
        bad = array[(array < 0) | (array >= n)][0]
        raise complain(RangeError, "Network.from_arrays", name, f"node indices in [0, {n})", str(bad))
    return [int(x) for x in array]


def _document(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Columns with devices as plain values."""
    devices = columns["devices"]
    document = {k: plain(v, f"Network.{k}") for k, v in columns.items() if k != "devices"}
    document["devices"] = {
        "memories": [m.to_dict() for m in devices["memories"]],
        "swaps": [s.to_dict() for s in devices["swaps"]],
        "links": [m.tagged() for m in devices["links"]],
    }
    return document


def _columns(document: Mapping[str, Any]) -> dict[str, Any]:
    """Columns with devices as objects, from a document that Rust will judge."""
    for name in ("devices", "nodes", "links"):
        if name in document:
            table("Network", name, document[name])
    for name in ("memories", "swaps", "links"):
        rows = document.get("devices", {}).get(name)
        for k, row in enumerate(rows if isinstance(rows, list) else ()):
            table("Network.devices", f"{name}[{k}]", row)
    _core.check("Network", json.dumps(plain(document)))
    devices = document["devices"]

    def fields(row: Mapping[str, Any]) -> dict[str, Any]:
        return {k: number(v) for k, v in row.items()}

    columns = dict(document)
    nodes = document["nodes"]
    columns["nodes"] = {**nodes, **{k: nodes.get(k, []) for k in ("longitude_deg", "latitude_deg")}}
    columns["devices"] = {
        "memories": [Memory(**fields(row)) for row in devices["memories"]],
        "swaps": [Swap(**fields(row)) for row in devices["swaps"]],
        "links": [link_from_tagged(row) for row in devices["links"]],
    }
    return columns
