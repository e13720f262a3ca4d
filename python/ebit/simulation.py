"""Protocols of your own: one coroutine per node, a network that does the physics, and simulated time.

A protocol is an ``async def`` that is given its node. It awaits pairs, messages, times and the ends of what it began;
there is no asyncio. Identity of pairs, Pauli frames, ageing, the news of swaps and their light time are the network's
business.
"""

from __future__ import annotations

import functools
import inspect
import json
import warnings
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec

from ebit import _core
from ebit._arguments import shown
from ebit._core import HeldPair, ProtocolNode, SwapOutcome, Waiting, all_of, first
from ebit._rng import root_seed
from ebit._spec import plain
from ebit.errors import RangeError, StuckWarning, WrongTypeError, complain
from ebit.network import Network
from ebit.results import EventLog, Results
from ebit.simulate import Request, collect

__all__ = ["HeldPair", "ProtocolNode", "Simulation", "SwapOutcome", "Waiting", "all_of", "first", "protocol"]

P = ParamSpec("P")
Body = Callable[P, Coroutine[Any, Any, object]]


def protocol(function: Body[P]) -> Body[P]:
    """Mark an ``async def`` as a protocol: a program that runs on one node.

    Parameters
    ----------
    function : coroutine function
        Its first parameter is its node, a ``ProtocolNode``.

    Raises
    ------
    WrongTypeError
        It is no ``async def``, or takes no node.

    Examples
    --------
    >>> @protocol
    ... async def repeater(node, left, right):
    ...     while True:
    ...         a, b = await all_of(node.pair(left), node.pair(right))
    ...         node.swap(a, b)
    >>> repeater.__name__
    'repeater'
    """
    if not inspect.iscoroutinefunction(function):
        raise complain(
            WrongTypeError, "protocol", "function", "an async def", shown(function), "async def name(node): ..."
        )
    parameters = inspect.signature(function).parameters.values()
    if not any(p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD, p.VAR_POSITIONAL) for p in parameters):
        raise complain(
            WrongTypeError, "protocol", "function", "an async def with a parameter for its node", shown(function)
        )

    @functools.wraps(function)
    def started(*args: P.args, **kwargs: P.kwargs) -> Coroutine[Any, Any, object]:
        return function(*args, **kwargs)

    started.__ebit_protocol__ = True  # type: ignore[attr-defined]
    return started


class Simulation:
    """A network in motion, driven by protocols.

    A link attempts whenever both its ends have a free slot, from the start of the first protocol on one of them.
    Failed attempts are skipped, as in ``simulate``; the streams are the same.

    Parameters
    ----------
    network : Network
    rng : int, SeedSequence, Generator or None
        Root of all random streams.
    classical_delay : bool, optional
        Whether knowledge, and messages, travel at the speed of light; None: True, but False with ``restart``.
    restart : bool
        One slot per link end, and all links under a pair start anew together, when it is gone.
    formalism : {"auto", "bell-diagonal", "density-matrix"}
    replica : int
        Index of the replica: other streams under the same root.
    horizon_s : float, optional
        Longest time to be reached, in seconds; None: 100 days, which ticks of 1 ps count.
    trace : bool
        Record every event, for ``events``.

    Examples
    --------
    >>> import ebit
    >>> link = ebit.HeraldedLink(success_probability=0.1, attempt_time_s=1e-3)
    >>> net = ebit.Network.chain(nodes=3, link=link, memory=ebit.Memory.perfect())
    >>> @ebit.protocol
    ... async def keeper(node):
    ...     left = await node.pair("n0")
    ...     right = await node.pair("n2")
    ...     outcome = await node.swap(left, right)
    ...     print(outcome.ok)
    >>> sim = ebit.Simulation(net, rng=1)
    >>> sim.spawn("n1", keeper)
    >>> sim.run(until_s=1.0)
    True
    >>> sim.now_s
    1.0
    """

    def __init__(
        self,
        network: Network,
        *,
        rng: object = None,
        classical_delay: bool | None = None,
        restart: bool = False,
        formalism: str = "auto",
        replica: int = 0,
        horizon_s: float | None = None,
        trace: bool = True,
    ) -> None:
        if not isinstance(network, Network):
            raise complain(WrongTypeError, "Simulation", "network", "a Network", shown(network))
        self.network = network
        self.seed = root_seed(rng, "Simulation")
        options: dict[str, Any] = {
            "seed": str(self.seed),
            "replica": replica,
            "formalism": formalism,
            "classical_delay": classical_delay,
            "restart": restart,
            "horizon_s": horizon_s,
            "trace": trace,
        }
        options = {k: plain(v, f"Simulation.{k}") for k, v in options.items()}
        fields = ", ".join(f'"{k}": {json.dumps(v)}' for k, v in options.items())
        self._core = _core.Simulation(f'{{"network": {network._json}, {fields}}}')
        self._options = options
        self._nodes: dict[str, ProtocolNode] = {}

    def spawn(self, node: str, protocol: Body[Any], *args: object, background: bool = False, **kwargs: object) -> None:
        """Start a protocol on a node; it begins when the simulation next runs.

        Parameters
        ----------
        node : str
        protocol : protocol
            Called with the node, then ``args`` and ``kwargs``.
        background : bool
            Whether it may go on for ever: ``run()`` does not wait for it.

        Raises
        ------
        RangeError
            No such node.
        WrongTypeError
            Not a protocol.
        """
        if not isinstance(node, str):
            raise complain(WrongTypeError, "Simulation.spawn", "node", "the name of a node", shown(node))
        if not isinstance(background, bool):
            raise complain(WrongTypeError, "Simulation.spawn", "background", "True or False", shown(background))
        if not getattr(protocol, "__ebit_protocol__", False):
            hint = "write @ebit.protocol above its async def" if callable(protocol) else ""
            raise complain(WrongTypeError, "Simulation.spawn", "protocol", "a protocol", shown(protocol), hint)
        if node not in self._nodes:
            self._nodes[node] = self._core.node(node)
        here = self._nodes[node]
        self._core.spawn(here, protocol(here, *args, **kwargs), protocol.__name__, background)

    def record(self, source: str, target: str) -> None:
        """Deliver every pair between two nodes as soon as both know of it.

        It goes into ``results`` and leaves its memories. What a protocol holds can be delivered one by one:
        ``node.deliver``.

        Parameters
        ----------
        source, target : str
            Node names; the order is that of the results.
        """
        for name, value in (("source", source), ("target", target)):
            if not isinstance(value, str):
                raise complain(WrongTypeError, "Simulation.record", name, "the name of a node", shown(value))
        if source == target:
            raise complain(RangeError, "Simulation.record", "target", "another node than source", f"'{target}'")
        self._core.record(source, target)

    def run(self, until_s: float | None = None) -> None:
        """Run until every protocol that is not in the background has ended, or to a time; call it again to continue.

        Parameters
        ----------
        until_s : float, optional
            Time since the start, in seconds; the simulation is then at that time, whoever has ended.

        Raises
        ------
        StuckError
            Everyone waits, and no ``until_s`` ends the wait; names who waits for what. With ``until_s``: a warning.
        RangeError
            Nothing would end the run, or ``until_s`` has passed.
        Exception
            Whatever a protocol raises, with a note on its node and the time.
        """
        if until_s is None and not self._core.has_goal:
            hint = "spawn a protocol that is not in the background"
            raise complain(RangeError, "Simulation.run", "until_s", "given where no protocol is to end", "None", hint)
        waits = self._core.run(until_s)
        if waits is not None:
            warnings.warn(f"everyone waited for ever before until_s: {waits}", StuckWarning, stacklevel=2)

    @property
    def now_s(self) -> float:
        """Simulated seconds since the start."""
        return self._core.now_s

    @property
    def events(self) -> EventLog:
        """What happened so far, in the form of ``Results.events``."""
        raw = self._core.raw()
        return EventLog(raw["log"], raw["counts"])

    @property
    def results(self) -> Results:
        """Delivered pairs so far, one entry per pair of nodes, with the estimates of ``simulate``."""
        raw = self._core.raw()
        names = self.network.names
        ends = [(names[row["nodes"][0]], names[row["nodes"][-1]]) for row in raw["requests"]]
        delay, restart = self._options["classical_delay"], self._options["restart"]
        asked = [Request(a, b, restart=restart, classical_delay=delay) for a, b in ends]
        return collect(self.network, asked, self._options | {"method": "protocols"}, raw)

    def __repr__(self) -> str:
        return f"Simulation({len(self.network.names)} nodes, seed {self.seed}, at {self.now_s} s)"
