"""Networks of keys: links that fill key stores, and sites that draw keys through nodes between them.

Each link of an ``ebit.Network`` runs a protocol of this package and fills a store. A key for two distant sites is
relayed: every node on the way publishes the XOR of the keys of its two links. Whoever must not be trusted with a whole
key can be given a share of it: the XOR of shares over paths that have no node in common.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ebit import _core
from ebit._arguments import integer, real, shown
from ebit._rng import root_seed
from ebit.channels import Fiber
from ebit.errors import NoRouteError, RangeError, WrongTypeError, complain
from ebit.network import Network
from ebit.simulate import Progress, progress_bar

__all__ = ["KeyDay", "KeyDemand", "KeyNetwork", "Outage", "relay_key"]

Bits = NDArray[np.bool_]

#: Keys that a run may deliver: a column of 24 bytes each.
MOST_KEYS = 10**8


def relay_key(keys: Sequence[ArrayLike]) -> tuple[Bits, list[Bits]]:
    """Carry the key of the first link of a path to its last node.

    Node ``i`` publishes k_i XOR k_(i+1); the last node takes its own link's key and XORs all announcements to it.

    Parameters
    ----------
    keys : list of bool arrays
        The key of each link along the path, all of one length.

    Returns
    -------
    (bool array, list of bool arrays)
        The key as the last node recovers it, and what the nodes between published.

    Examples
    --------
    >>> key, published = relay_key([[True, False], [True, True], [False, True]])
    >>> key, published
    (array([ True, False]), [array([False,  True]), array([ True, False])])
    """
    rows = [np.asarray(key) for key in keys]
    if not rows:
        raise complain(RangeError, "relay_key", "keys", "one key a link, at least one", "none")
    for k, row in enumerate(rows):
        if row.dtype != np.bool_ or row.ndim != 1:
            raise complain(
                WrongTypeError, "relay_key", f"keys[{k}]", "a bool array", f"{row.dtype} of shape {row.shape}"
            )
        if len(row) != len(rows[0]):
            words = f"{len(rows[0])} bits long, as keys[0]"
            raise complain(RangeError, "relay_key", f"keys[{k}]", words, f"{len(row)} bits")
    published = [a ^ b for a, b in itertools.pairwise(rows)]
    key = rows[-1].copy()
    for announcement in published:
        key ^= announcement
    return key, published


@dataclass(frozen=True)
class KeyDemand:
    """Two sites that want keys again and again.

    Parameters
    ----------
    source, target : str
        Node names.
    bits : float
        Of each key.
    every_s : float
        Mean time between two keys.
    random : bool
        At random times (Poisson) instead of by the clock.
    reserve : float
        Share of every store that is left to others: 0 for the most important, more for those who may wait.
    patience_s : float
        How long a key that cannot be had at once is waited for, before it is refused.
    paths : int
        Node-disjoint paths that each carry a share of every key.
    alternatives : int
        Further sets of paths, tried in order when the first lacks key.

    Examples
    --------
    A line that rekeys AES-256 once a minute, and a document a second under a one-time pad:

    >>> KeyDemand.aes("a", "b", every_s=60.0).bits, KeyDemand.one_time_pad("a", "b", bits_per_s=1e4).bits
    (256, 10000.0)
    """

    source: str
    target: str
    bits: float
    every_s: float
    random: bool = False
    reserve: float = 0.0
    patience_s: float = 0.0
    paths: int = 1
    alternatives: int = 0

    @classmethod
    def aes(cls, source: str, target: str, every_s: float = 60.0, bits: int = 256, **options: Any) -> KeyDemand:
        """Return the demand of a cipher that takes a fresh key by the clock.

        Parameters
        ----------
        source, target : str
        every_s : float
            Between two keys.
        bits : int
            Of each.
        **options
            As of the class.
        """
        return cls(source, target, bits, every_s, **options)

    @classmethod
    def one_time_pad(
        cls, source: str, target: str, bits_per_s: float, every_s: float = 1.0, **options: Any
    ) -> KeyDemand:
        """Return the demand of a one-time pad: as many bits of key as of data, drawn by the message.

        Parameters
        ----------
        source, target : str
        bits_per_s : float
            Data on average.
        every_s : float
            Mean time between two messages, which come at random.
        **options
            As of the class.
        """
        return cls(source, target, bits_per_s * every_s, every_s, **({"random": True} | options))


@dataclass(frozen=True)
class Outage:
    """A link that makes no key, or a node that relays none, for a while; a link's stored key stays usable.

    Parameters
    ----------
    from_s, to_s : float
        When it begins and ends.
    link : int, optional
        Index of the link.
    node : str, optional
        Name of the node.

    Examples
    --------
    >>> Outage(60.0, 120.0, node="hub").link is None
    True
    """

    from_s: float
    to_s: float
    link: int | None = None
    node: str | None = None


@dataclass(frozen=True, eq=False)
class KeyDay:
    """What a run of a network of keys gave.

    Parameters
    ----------
    demands : tuple of KeyDemand
    requests, served, refused : int arrays (demands,)
        Keys asked for, delivered, and refused; the others were still waiting at the end.
    routes : list
        For each demand its sets of paths; a set is a list of paths, a path a tuple of node names.
    keys : dict of arrays
        The keys delivered, in the order of time: ``time_s``, ``demand``, ``route`` (which set), ``waited_s``.
    links : dict of arrays (links,)
        ``supplied_bits``, ``drawn_bits``, ``spilt_bits`` (found the store full), ``level_bits`` at the end, and
        ``lowest_bits``.
    seed : int
    until_s : float
        Simulated time.
    """

    demands: tuple[KeyDemand, ...]
    requests: NDArray[np.uint64]
    served: NDArray[np.uint64]
    refused: NDArray[np.uint64]
    routes: list[list[list[tuple[str, ...]]]]
    keys: dict[str, NDArray[Any]]
    links: dict[str, NDArray[np.float64]]
    seed: int
    until_s: float
    method: str = "event-driven (stores filled between draws)"

    def trusted(self, demand: int, route: int = 0) -> list[frozenset[str]]:
        """Return who must be trusted for a demand's keys: of these groups, one must be honest as a whole.

        A key with one path has one group: every node on it knows the key. Of a key in shares over several paths nobody
        learns anything as long as one path has no dishonest node. An empty group: a direct link, nobody is needed.

        Parameters
        ----------
        demand : int
            Index of the demand.
        route : int
            Which of its sets of paths; ``keys["route"]`` says it for each key.
        """
        return [frozenset(path[1:-1]) for path in self.routes[demand][route]]

    def _groups(self) -> list[list[list[frozenset[str]]]]:
        """Whom to trust, by demand and set of paths."""
        return [[self.trusted(d, r) for r in range(len(sets))] for d, sets in enumerate(self.routes)]

    def exposed(self, dishonest: Iterable[str]) -> NDArray[np.bool_]:
        """Return which of the delivered keys a coalition of nodes knows: those with a member on every path.

        Parameters
        ----------
        dishonest : iterable of str
            Node names.
        """
        bad = frozenset(dishonest)
        known = [
            [all(g & bad for g in self.trusted(d, r)) for r in range(len(sets))] for d, sets in enumerate(self.routes)
        ]
        width = max((len(row) for row in known), default=1)
        table = np.array([row + [False] * (width - len(row)) for row in known], dtype=bool).reshape(len(known), width)
        return np.asarray(table[self.keys["demand"], self.keys["route"]], dtype=bool)

    def to_dict(self) -> dict[str, Any]:
        """Return everything but the columns as plain values."""
        return {
            "requests": self.requests.tolist(),
            "served": self.served.tolist(),
            "refused": self.refused.tolist(),
            "until_s": self.until_s,
            "seed": self.seed,
            "method": self.method,
            "trusted": [
                [[sorted(g) for g in self.trusted(d, r)] for r in range(len(sets))]
                for d, sets in enumerate(self.routes)
            ],
        }

    def __repr__(self) -> str:
        return (
            f"KeyDay({len(self.demands)} demands: {int(self.requests.sum())} keys asked for, {int(self.served.sum())} "
            f"served, {int(self.refused.sum())} refused in {self.until_s:.6g} s)"
        )


class KeyNetwork:
    """A network whose links make keys.

    Parameters
    ----------
    network : Network
        Its nodes and links, with their fibre lengths.
    system : protocol, float or sequence of float
        What every link runs, on its own fibre: a protocol of ``ebit.qkd``; or secret bits per second, for all links or
        for each.
    capacity_bits : float
        Of each link's key store.
    initial_bits : float
        In each store at the beginning.

    Examples
    --------
    >>> from ebit import HeraldedLink, Memory
    >>> link = HeraldedLink(success_probability=0.1, attempt_time_s=1e-3)
    >>> net = Network.chain(nodes=4, link=link, memory=Memory.perfect(), length_km=25.0)
    >>> day = KeyNetwork(net, 1000.0).simulate([KeyDemand.aes("n0", "n3")], until_s=3600.0, rng=1)
    >>> int(day.served[0]), sorted(day.trusted(0)[0])
    (59, ['n1', 'n2'])
    """

    def __init__(self, network: Network, system: Any, *, capacity_bits: float = 1e9, initial_bits: float = 0.0) -> None:
        if not isinstance(network, Network):
            raise complain(WrongTypeError, "KeyNetwork", "network", "a Network", shown(network))
        self.network = network
        self.capacity_bits = real("KeyNetwork", "capacity_bits", capacity_bits, "finite and >= 0")
        self.initial_bits = real("KeyNetwork", "initial_bits", initial_bits, "finite and >= 0")
        document = network.to_dict()["links"]
        self._ends = list(zip(document["a"], document["b"], strict=True))
        self._lengths = document["length_km"]
        self.bits_per_s = self._rates(system)

    def _rates(self, system: Any) -> NDArray[np.float64]:
        count = len(self._ends)
        if hasattr(system, "key_rate_hz"):
            missing = [k for k, length in enumerate(self._lengths) if length is None]
            if missing:
                words = "given for every link: a protocol runs on its fibre"
                raise complain(WrongTypeError, f"links[{missing[0]}]", "length_km", words, "None")
            if not isinstance(system.fiber, Fiber):
                raise complain(WrongTypeError, "KeyNetwork", "system.fiber", "a Fiber", shown(system.fiber))
            rate = {}
            for length in set(self._lengths):
                fiber = system.fiber.replace(length_km=length)
                rate[length] = float(system.replace(fiber=fiber).key_rate_hz().value)
            return np.array([rate[length] for length in self._lengths], dtype=float)
        try:
            rates = np.asarray(system, dtype=float)
        except (TypeError, ValueError):
            rates = np.zeros((2, 2))
        if rates.shape not in ((), (count,)):
            words = f"a protocol, a number of bits per second, or {count} of them"
            raise complain(WrongTypeError, "KeyNetwork", "system", words, shown(system))
        if not np.isfinite(rates).all() or (rates < 0).any():
            raise complain(RangeError, "KeyNetwork", "system", "finite and >= 0 bits per second", shown(system))
        return np.broadcast_to(rates, (count,)).copy()

    def simulate(
        self,
        demands: Iterable[KeyDemand],
        until_s: float = 86_400.0,
        *,
        outages: Iterable[Outage] = (),
        mean_time_to_failure_s: float = math.inf,
        mean_time_to_repair_s: float = 0.0,
        rng: object = None,
        progress: Progress = None,
    ) -> KeyDay:
        """Run the network: keys are asked for, drawn along their paths, waited for, or refused.

        A key of n bits takes n bits from every link of every path that carries a share of it, at one instant.

        Parameters
        ----------
        demands : iterable of KeyDemand
        until_s : float
            Simulated time.
        outages : iterable of Outage
            That are known.
        mean_time_to_failure_s, mean_time_to_repair_s : float
            Links also fail at random, exponentially.
        rng : int, SeedSequence, Generator or None
        progress : bool or callable, optional

        Returns
        -------
        KeyDay

        Raises
        ------
        NoRouteError
            A demand whose sites have fewer node-disjoint paths than it asks for.
        """
        wanted = list(demands)
        for k, demand in enumerate(wanted):
            if not isinstance(demand, KeyDemand):
                raise complain(WrongTypeError, "KeyNetwork.simulate", f"demands[{k}]", "a KeyDemand", shown(demand))
        horizon = real("KeyNetwork.simulate", "until_s", until_s, "finite and >= 0")
        expected = sum(horizon / max(float(d.every_s), 1e-9) for d in wanted if isinstance(d.every_s, (int, float)))
        if expected > MOST_KEYS:
            words = f"fewer than {MOST_KEYS} keys in all"
            raise complain(RangeError, "KeyNetwork.simulate", "demands", words, f"{expected:.3g}", "ask less often")
        document = {
            "nodes": len(self.network.names),
            "links": [
                {
                    "a": a,
                    "b": b,
                    "bits_per_s": float(rate),
                    "capacity_bits": self.capacity_bits,
                    "initial_bits": self.initial_bits,
                    "length_km": 1.0 if length is None else length,
                }
                for (a, b), rate, length in zip(self._ends, self.bits_per_s, self._lengths, strict=True)
            ],
            "demands": [self._demand(k, d) for k, d in enumerate(wanted)],
            "failures": [self._failure(k, o) for k, o in enumerate(outages)],
            "mean_time_to_failure_s": _number("mean_time_to_failure_s", mean_time_to_failure_s),
            "mean_time_to_repair_s": _number("mean_time_to_repair_s", mean_time_to_repair_s),
            "horizon_s": horizon,
        }
        root = root_seed(rng, "KeyNetwork.simulate")
        with progress_bar(progress, "keys") as report:
            raw = _core.qkd_key_network(json.dumps(document), root, report)
        names = self.network.names
        routes = [[[tuple(names[n] for n in path) for path in paths] for paths in sets] for sets in raw["routes"]]
        for k, (demand, sets) in enumerate(zip(wanted, routes, strict=True)):
            if not sets:
                words = f"joined by {demand.paths} paths without a common node"
                value = f"'{demand.source}' and '{demand.target}'"
                raise complain(NoRouteError, f"demands[{k}]", "sites", words, value)
        columns = ("time_s", "demand", "route", "waited_s")
        stores = ("supplied_bits", "drawn_bits", "spilt_bits", "level_bits", "lowest_bits")
        return KeyDay(
            tuple(wanted), raw["requests"], raw["served"], raw["refused"], routes,
            {name: raw[name] for name in columns}, {name: raw[name] for name in stores}, root, raw["until_s"],
        )  # fmt: skip

    def _node(self, place: str, parameter: str, name: object) -> int:
        names = self.network.names
        if name not in names:
            few = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
            raise complain(RangeError, place, parameter, f"a node of the network ({few})", shown(name))
        return names.index(name)

    def _demand(self, k: int, demand: KeyDemand) -> Mapping[str, Any]:
        place = f"demands[{k}]"
        return {
            "source": self._node(place, "source", demand.source),
            "target": self._node(place, "target", demand.target),
            **{n: real(place, n, getattr(demand, n)) for n in ("bits", "every_s", "reserve", "patience_s")},
            "random": bool(demand.random),
            "paths": integer(place, "paths", demand.paths, 1, 16),
            "alternatives": integer(place, "alternatives", demand.alternatives, 0, 16),
        }

    def _failure(self, k: int, outage: Outage) -> Mapping[str, Any]:
        place = f"outages[{k}]"
        if not isinstance(outage, Outage):
            raise complain(WrongTypeError, "KeyNetwork.simulate", place, "an Outage", shown(outage))
        if outage.link is not None:
            integer(place, "link", outage.link, 0, len(self._ends) - 1)
        node = None if outage.node is None else self._node(place, "node", outage.node)
        times = {n: real(place, n, getattr(outage, n)) for n in ("from_s", "to_s")}
        return {"link": outage.link, "node": node, **times}


def _number(name: str, value: object) -> float | str:
    """A number that may be infinite, as documents spell it."""
    if value == math.inf:
        return "Infinity"
    return real("KeyNetwork.simulate", name, value)
