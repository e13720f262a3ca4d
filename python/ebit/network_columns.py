"""The columns of a network, made of nodes and links or of arrays.

One value per node or per link; devices are rows of tables, each told once. What is wrong is said by name here, as long
as it is no value that Rust judges.
"""

from __future__ import annotations

import difflib
import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from ebit._arguments import shown
from ebit.channels import Fiber
from ebit.devices import Memory, Swap
from ebit.errors import RangeError, WrongTypeError, complain
from ebit.link_model import LinkModel
from ebit.network_parts import Link, Node

__all__ = ["MODELS", "columns_of_arrays", "columns_of_objects"]

T = TypeVar("T")


def columns_of_objects(nodes: Iterable[Node], links: Iterable[Link], message_loss_probability: float) -> dict[str, Any]:
    """Return the columns of nodes and links, each judged by its kind and its name."""
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
    return {
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


def columns_of_arrays(
    names: Sequence[str],
    a: Any,
    b: Any,
    length_km: Any,
    *,
    link: LinkModel,
    memory: Memory,
    swap: Swap | None,
    readout_error: float,
    positions: Sequence[tuple[float, float] | None] | None,
    message_loss_probability: float,
) -> dict[str, Any]:
    """Return the columns of a network with one kind of device everywhere; see ``Network.from_arrays``."""
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
    return {
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
    near = difflib.get_close_matches(str(name), known, n=1, cutoff=0.6)
    few = ", ".join(known[:5]) + (", ..." if len(known) > 5 else "")
    hint = f"did you mean '{near[0]}'?" if near else ""
    error = complain(RangeError, object_, "node", f"a node of the network ({few})", shown(name), hint)
    assert isinstance(error, RangeError)
    return error


#: What messages call link models.
MODELS = "a HeraldedLink, DoubleClick, SingleClick, MidpointSource or SenderReceiver"


def _template(model: Any, object_: str) -> LinkModel:
    """Return the model without its own fibre length, so that links of all lengths share one row of the table."""
    if not isinstance(model, LinkModel):
        raise complain(WrongTypeError, object_, "model", MODELS, shown(model))
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
