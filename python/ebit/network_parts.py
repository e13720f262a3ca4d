"""What networks are made of and routed over: nodes, links, and the paths along them."""

from __future__ import annotations

from dataclasses import dataclass

from ebit.devices import Memory, Swap
from ebit.link_model import LinkModel

__all__ = ["Link", "Node", "Route"]


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
